"""Inside an .xlsx file: its package, its styles, its cells as they are read, and how they are written.

The parts are read as a stream by expat rather than through a spreadsheet library, because what decides between the
right value and a guess (an error cell, a formula that was never calculated, a percent format, a date format without a
day, a merged range) is lost there, and because a library builds the whole rectangle of a sheet, which one stray cell
in the last corner of it makes larger than any memory.
"""
