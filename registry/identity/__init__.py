"""Names and hospital numbers, where a center wants them: encrypted, in a database of their own, for that center only.

They are no part of the record: nothing of them is in the registry's database, in an export, in the trail or in a log.
"""
