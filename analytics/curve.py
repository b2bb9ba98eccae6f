"""What every curve over time has, whether it falls (survival) or rises (cumulative incidence)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from analytics.limits import Floats, finite
from analytics.survival import DAYS_PER_MONTH, Days

RATE_MONTHS = (12, 36, 60, 120)
_TOLERANCE = math.sqrt(np.finfo(np.float64).eps)
"""How near to a level a computed curve counts as equal to it, as in R."""


@dataclass(frozen=True)
class Quantile:
    """A time in days with its limits; None where the curve, or a limit of it, does not reach the level."""

    level: float
    days: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Rate:
    """The curve at a time; all None where follow-up ends before it."""

    months: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    at_risk: int | None

    def to_dict(self) -> dict[str, Any]:
        """The rate as the interface prints it."""
        return {
            "months": self.months,
            "estimate": self.estimate,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "at_risk": self.at_risk,
        }


@dataclass(frozen=True, eq=False)
class Curve:
    """The curve of one group, with a row for each day on which somebody left.

    Attributes:
        label: the group.
        day, at_risk, events, censored: days from the origin and counts, shape (rows,).
        estimate: the curve just after the day, shape (rows,).
        ci_low, ci_high: its limits, NaN where there are none.
        daily_at_risk: subjects at risk on each day 0 … last day of follow-up.
    """

    label: str
    day: Days
    at_risk: Days
    events: Days
    censored: Days
    estimate: Floats
    ci_low: Floats
    ci_high: Floats
    daily_at_risk: Days

    start: ClassVar[float]
    """Where the curve starts."""

    @property
    def n(self) -> int:
        """Subjects in the group: each of them leaves exactly once."""
        return int(self.events.sum() + self.censored.sum())

    @property
    def event_count(self) -> int:
        """Subjects with the event."""
        return int(self.events.sum())

    @property
    def last_day(self) -> int:
        """The day on which follow-up of the group ends."""
        return int(self.day[-1]) if len(self.day) else 0

    def row_at(self, days: float) -> int:
        """The position of the last row on or before a time; -1 before the first."""
        return int(np.searchsorted(self.day, days, side="right")) - 1

    def at_risk_at(self, days: float) -> int:
        """Subjects at risk just before a time in days: entered before it, gone on it or later."""
        first = math.ceil(days)
        return int(self.daily_at_risk[first]) if first < len(self.daily_at_risk) else 0

    def estimate_at(self, days: float) -> float | None:
        """The curve at a time in days; None beyond follow-up."""
        if days > self.last_day:
            return None
        row = self.row_at(days)
        return float(self.estimate[row]) if row >= 0 else self.start

    def rates(self, months: Sequence[int] = RATE_MONTHS) -> tuple[Rate, ...]:
        """The curve at times in months of 30.4375 days."""
        return tuple(self._rate(month) for month in months)

    def _rate(self, months: int) -> Rate:
        days = months * DAYS_PER_MONTH
        estimate = self.estimate_at(days)
        if estimate is None:
            return Rate(months, None, None, None, None)
        row = self.row_at(days)
        low, high = (finite(self.ci_low[row]), finite(self.ci_high[row])) if row >= 0 else (None, None)
        return Rate(months, estimate, low, high, self.at_risk_at(days))

    def quantile(self, level: float = 0.5) -> Quantile:
        """The time at which the curve has come to a level, with limits, by the rule of R's survfit."""
        raise NotImplementedError

    @property
    def median(self) -> Quantile:
        """The median time."""
        return self.quantile(0.5)

    def columns(self) -> dict[str, Any]:
        """The columns of the curve by name."""
        names = ("day", "at_risk", "events", "censored", "estimate", "ci_low", "ci_high")
        return {name: getattr(self, name) for name in names}

    def to_rows(self) -> list[dict[str, Any]]:
        """The curve as the interface prints it."""
        columns = {
            name: [finite(value) for value in values] if values.dtype.kind == "f" else values.tolist()
            for name, values in self.columns().items()
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def first_time(day: Days, curve: Floats, level: float) -> float | None:
    """The first day on which a falling curve is at or below a level, by the rule of R's survfit.

    A rounding tolerance applies; where the curve equals the level on an interval, its midpoint.
    """
    reached = np.flatnonzero(curve < level + _TOLERANCE)
    if not len(reached):
        return None
    first = int(reached[0])
    lower = reached[curve[reached] < curve[first]]
    if abs(float(curve[first]) - level) < _TOLERANCE and len(lower):
        return float(day[first] + day[lower[0]]) / 2
    return float(day[first])
