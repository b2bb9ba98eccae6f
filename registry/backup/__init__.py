"""Backups of a registry: its database as of one moment, what lies beside it, and a manifest that both are held against.

A backup is a folder that is written beside its place and then moved there: it is there as a whole or not at all, and
never over another. It holds records of patients, so its files are readable by their owner only. Keys are left out
unless somebody asks for them: what is encrypted is worth nothing to who finds the backup.
"""

from registry.backup.make import make_backup
from registry.backup.manifest import Manifest, backups_in, read_manifest
from registry.backup.restore import Restored, restore_backup, what_is_there

__all__ = ["Manifest", "Restored", "backups_in", "make_backup", "read_manifest", "restore_backup", "what_is_there"]
