"""Grouping and searching in plain numpy arrays: the joins of the checks without the cost of a frame for each.

Groups are whole numbers from 0, and -1 for a row that belongs to none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.float64]
"""Dates as days since 1970-01-01, or other numbers; NaN where unknown, so that a comparison with it is False."""
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]
"""Positions of rows or numbers of groups, -1 for none."""

SPAN = float(2**20)
"""Days that one patient takes on the common time line of all; far more than lie between the earliest and the latest
date of the database."""


def take(values: Days, rows: Rows) -> Days:
    """The values of the given rows; NaN for none."""
    return np.append(values, np.nan)[rows]


def take_flags(flags: Flags, rows: Rows) -> Flags:
    """The flags of the given rows; False for none."""
    return np.append(flags, False)[rows]


def earliest(groups: Rows, values: Days, size: int) -> Days:
    """The smallest known value of each of size groups; NaN where there is none."""
    found = np.full(size, np.inf)
    usable = (groups >= 0) & ~np.isnan(values)
    np.minimum.at(found, groups[usable], values[usable])
    return np.where(found == np.inf, np.nan, found)


def count(groups: Rows, size: int) -> Days:
    """How many rows each of size groups has."""
    return np.bincount(groups[groups >= 0], minlength=size).astype(np.float64)


def previous(groups: Rows, *order: Days) -> Rows:
    """For each row the row before it in its group, in the order of the first of order, then the next."""
    sorted_rows = np.lexsort((*reversed(order), groups))
    found = np.full(len(groups), -1, dtype=np.int64)
    before, after = sorted_rows[:-1], sorted_rows[1:]
    same = (groups[before] == groups[after]) & (groups[after] >= 0)
    found[after[same]] = before[same]
    return found


def repeats(groups: Rows, keys: tuple[Days, ...], order: Days) -> Flags:
    """True for each row whose group has an earlier row with the same known keys."""
    known = groups >= 0
    for key in keys:
        known &= ~np.isnan(key)
    rows = np.flatnonzero(known)
    rows = rows[np.lexsort((order[rows], *(key[rows] for key in keys), groups[rows]))]
    before, after = rows[:-1], rows[1:]
    same = groups[before] == groups[after]
    for key in keys:
        same &= key[before] == key[after]
    found = np.zeros(len(groups), dtype=np.bool_)
    found[after[same]] = True
    return found


def moments(groups: Rows, days: Days) -> Days:
    """Each row's place on the common time line of all patients; NaN where its date is unknown."""
    return np.asarray(groups * SPAN + days, dtype=np.float64)
