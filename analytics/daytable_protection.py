"""Small-cell protection of day tables: counts below a limit are merged over adjacent days, with totals unchanged.

Events and censorings of a group move to a later day and late entries to an earlier one, so that whoever is counted
stays at risk for as long as was observed or longer; the steps of a curve come later by at most the days merged.
"""

from __future__ import annotations

import numpy as np

from analytics.daytable import DayTable
from analytics.survival import Days
from registry.errors import AnalysisRefused, UsageError


def protected(table: DayTable, min_cell: int) -> DayTable:
    """The table without counts from 1 to min_cell - 1.

    Raises:
        UsageError: a limit below 2.
        AnalysisRefused: a group has fewer than min_cell of something in total, which no merging hides.
    """
    if min_cell < 2:
        raise UsageError("A limit for small cells is at least 2", got=min_cell, remedy="Give 5 or 10, as is usual")
    for what, counts in (
        ("events", table.events),
        ("competing events", table.competing),
        ("censorings", table.censored),
    ):
        for at, label in enumerate(table.labels):
            total = 0 if counts is None else int(counts[at].sum())
            if 0 < total < min_cell:
                raise AnalysisRefused(
                    f"The group {label} has fewer than {min_cell} {what} in all, which merging days cannot hide",
                    remedy="Take a coarser grouping or none, or a lower limit",
                )
    return DayTable(
        table.labels,
        _merged(table.entered[:, ::-1], min_cell)[:, ::-1],
        _merged(table.events, min_cell),
        _merged(table.censored, min_cell),
        None if table.competing is None else _merged(table.competing, min_cell),
    )


def protected_flow(excluded: dict[str, int], min_cell: int) -> dict[str, int]:
    """The reasons for which patients are left out, the small ones together as ``other``, or nowhere if still small."""
    large = {reason: count for reason, count in excluded.items() if count >= min_cell}
    small = sum(excluded.values()) - sum(large.values())
    return large | ({"other": small} if small >= min_cell else {})


def _merged(counts: Days, min_cell: int) -> Days:
    """Counts of each row gathered on the first day on which they add up to the limit; the rest joins the last such."""
    merged = np.zeros_like(counts)
    for row, target in zip(counts, merged, strict=True):
        waiting, last = 0, None
        for day in np.flatnonzero(row):
            waiting += int(row[day])
            if waiting >= min_cell:
                target[day], waiting, last = waiting, 0, day
        if waiting:
            end = np.flatnonzero(row)[-1]
            target[end] = waiting + (0 if last is None else target[last])
            if last is not None:
                target[last] = 0
    return merged
