"""Small numbers, for who may see outcomes but no records: they could point to a person, so they are not shown.

Counts of patients from 1 to 4 are shown as "< 5", and all others to the nearest five, so that no small one can be had
by subtracting. Groups of fewer than five patients are not analyzed.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from analytics.outcomes import SurvivalResult
from analytics.table1 import FactorRow, Table1
from dashboard.glance import CenterCounts, Glance
from registry.errors import AnalysisRefused

SMALLEST = 5

TOO_SMALL = "group_too_small"
"""Why a factor is not in Table 1, beside the reasons of the analysis."""


class Protected(int):
    """A count that adds up as it is, and shows and divides as it may be seen.

    A sum of such counts is rounded once, after adding: sums of what is shown would be too low where much is hidden.
    """

    @property
    def seen(self) -> float:
        """What is shown of it; for one that is too small, the middle of what it can be."""
        if 0 < int(self) < SMALLEST:
            return SMALLEST / 2
        return SMALLEST * ((int(self) + SMALLEST // 2) // SMALLEST)

    def __add__(self, other: int) -> Protected:
        return Protected(int(self) + int(other))

    __radd__ = __add__

    def __mul__(self, other: float) -> float:  # type: ignore[override]
        return self.seen * other

    __rmul__ = __mul__  # type: ignore[assignment]

    def __truediv__(self, other: float) -> float:
        return self.seen / (other.seen if isinstance(other, Protected) else other)

    def __rtruediv__(self, other: float) -> float:
        return other / self.seen

    def __eq__(self, other: object) -> bool:
        return self.seen == (other.seen if isinstance(other, Protected) else other)

    __hash__ = int.__hash__

    def __format__(self, spec: str) -> str:
        return f"< {SMALLEST}" if 0 < int(self) < SMALLEST else format(int(self.seen), spec)

    def __str__(self) -> str:
        return format(self, "")


def protected_glance(glance: Glance) -> Glance:
    """The registry at a glance without small numbers."""
    return dataclasses.replace(
        glance,
        centers=tuple(_center(center) for center in glance.centers),
        enrolled={place: Protected(count) for place, count in glance.enrolled.items()},
        undated=Protected(glance.undated),
        withdrawn=Protected(glance.withdrawn),
    )


def _center(center: CenterCounts) -> CenterCounts:
    counts: dict[str, Any] = {
        field.name: Protected(getattr(center, field.name))
        for field in dataclasses.fields(center)
        if isinstance(getattr(center, field.name), int)
    }
    if 0 < center.patients < SMALLEST:
        counts |= {"entry_delay_days": None, "answered": None}
    return dataclasses.replace(center, **counts)


def protected_survival(result: SurvivalResult) -> SurvivalResult:
    """A survival analysis without small numbers in its flow; raises AnalysisRefused where a group is too small."""
    if any(0 < curve.n < SMALLEST for curve in result.curves):
        raise AnalysisRefused(
            f"A group has fewer than {SMALLEST} patients, which could point to a person",
            remedy="Choose another factor, origin or center",
        )
    excluded: dict[str, int] = {reason: Protected(count) for reason, count in result.chosen.excluded.items()}
    chosen = dataclasses.replace(result.chosen, patients=Protected(result.chosen.patients), excluded=excluded)
    return dataclasses.replace(result, chosen=chosen)


def protected_table1(made: Table1) -> Table1:
    """Table 1 without the factors of which a group is too small; raises AnalysisRefused where all together are."""
    if 0 < len(made.chosen.times) < SMALLEST:
        raise AnalysisRefused(
            f"Fewer than {SMALLEST} patients, who could be recognized", remedy="Choose another origin or center"
        )
    excluded: dict[str, int] = {reason: Protected(count) for reason, count in made.chosen.excluded.items()}
    chosen = dataclasses.replace(made.chosen, patients=Protected(made.chosen.patients), excluded=excluded)
    small = {row.covariate.name: TOO_SMALL for row in (*made.rows, *made.further) if not _is_large(row)}
    rows, further = (tuple(_row(row) for row in part if _is_large(row)) for part in (made.rows, made.further))
    left_out = made.left_out | small
    return dataclasses.replace(made, chosen=chosen, rows=rows, further=further, left_out=left_out)


def _is_large(row: FactorRow) -> bool:
    return not any(0 < curve.n < SMALLEST for curve in row.curves)


def _row(row: FactorRow) -> FactorRow:
    return dataclasses.replace(row, missing=Protected(row.missing))
