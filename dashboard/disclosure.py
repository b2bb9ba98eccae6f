"""Small numbers, for who may see outcomes but no records: they could point to a person, so they are not shown.

Counts of patients from 1 to 4 are shown as "< 5", and all others to the nearest five, so that no small one can be had
by subtracting. Groups of fewer than five patients are not analyzed.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from analytics.outcomes import SurvivalResult
from dashboard.glance import CenterCounts, Glance
from registry.errors import AnalysisRefused

SMALLEST = 5


class Few(int):
    """Some, but too few to say how many; in a sum with others it counts as none."""

    def __bool__(self) -> bool:
        return True

    def __add__(self, other: int) -> int:
        if isinstance(other, Few):
            return SMALLEST
        return int(other) if other else self

    __radd__ = __add__

    def __str__(self) -> str:
        return f"< {SMALLEST}"

    def __format__(self, _spec: str) -> str:
        return str(self)


FEW = Few()


def rounded(count: int) -> int:
    """A count that can be shown."""
    if 0 < count < SMALLEST or isinstance(count, Few):
        return FEW
    return SMALLEST * ((count + SMALLEST // 2) // SMALLEST)


def protected_glance(glance: Glance) -> Glance:
    """The registry at a glance without small numbers."""
    return dataclasses.replace(
        glance,
        centers=tuple(_center(center) for center in glance.centers),
        enrolled={place: rounded(count) for place, count in glance.enrolled.items()},
        undated=rounded(glance.undated),
        withdrawn=rounded(glance.withdrawn),
    )


def _center(center: CenterCounts) -> CenterCounts:
    counts: dict[str, Any] = {
        field.name: rounded(getattr(center, field.name))
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
    excluded = {reason: rounded(count) for reason, count in result.chosen.excluded.items()}
    chosen = dataclasses.replace(result.chosen, patients=rounded(result.chosen.patients), excluded=excluded)
    return dataclasses.replace(result, chosen=chosen)
