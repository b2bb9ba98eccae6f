"""Kaplan-Meier on the day table: curves, quantiles, rates, restricted means and median follow-up.

Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. Variance by Greenwood; limits at 95 % on the log(-log) scale
(Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data). Numbers agree with ``survfit`` of R's
survival with ``conf.type = "log-log"``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.daytable import DayTable
from analytics.survival import DAYS_PER_MONTH, Days

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""

RATE_MONTHS = (12, 36, 60, 120)
_TOLERANCE = math.sqrt(np.finfo(np.float64).eps)
"""How near to a level a computed survival counts as equal to it, as in R."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Quantile:
    """A time in days with its limits; None where the curve, or a limit of it, does not come down to the level."""

    level: float
    days: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class Rate:
    """Survival at a time; all None where follow-up ends before it."""

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


@dataclass(frozen=True)
class RestrictedMean:
    """Mean survival up to a horizon in days, with standard error and limits; None beyond follow-up."""

    horizon_days: float
    days: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """The curve of one group, with a row for each day on which somebody had the event or was censored.

    Attributes:
        label: the group.
        day, at_risk, events, censored: days from the origin and counts, shape (rows,).
        estimate: survival just after the day, shape (rows,).
        ci_low, ci_high: limits; NaN where survival is 1 or 0, as in R.
        daily_at_risk: subjects at risk on each day 0 … last day of follow-up.
        greenwood: Greenwood's sum up to the day, the variance of log S; infinite where survival is 0.
    """

    label: str
    day: Days
    at_risk: Days
    events: Days
    censored: Days
    estimate: Floats
    ci_low: Floats
    ci_high: Floats
    greenwood: Floats
    daily_at_risk: Days

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

    def survival_at(self, days: float) -> float | None:
        """Survival at a time in days; None beyond follow-up."""
        if days > self.last_day:
            return None
        row = self.row_at(days)
        return float(self.estimate[row]) if row >= 0 else 1.0

    def rates(self, months: Sequence[int] = RATE_MONTHS) -> tuple[Rate, ...]:
        """Survival at times in months of 30.4375 days."""
        return tuple(self._rate(month) for month in months)

    def _rate(self, months: int) -> Rate:
        days = months * DAYS_PER_MONTH
        estimate = self.survival_at(days)
        if estimate is None:
            return Rate(months, None, None, None, None)
        row = self.row_at(days)
        low, high = (_finite(self.ci_low[row]), _finite(self.ci_high[row])) if row >= 0 else (None, None)
        return Rate(months, estimate, low, high, self.at_risk_at(days))

    def quantile(self, level: float = 0.5) -> Quantile:
        """The time at which survival has come down to a level (0.5: the median), by the rule of R's survfit.

        The first day with S(t) <= level within a rounding tolerance; where S equals the level on an interval, its
        midpoint. The limits are those times for the upper and lower confidence limits of the curve.
        """
        return Quantile(
            level,
            _first_time(self.day, self.estimate, level),
            _first_time(self.day, self.ci_low, level),
            _first_time(self.day, self.ci_high, level),
        )

    @property
    def median(self) -> Quantile:
        """The median survival time."""
        return self.quantile(0.5)

    def restricted_mean(self, horizon_days: float) -> RestrictedMean:
        """The area under the curve up to a horizon, with the variance of Klein and Moeschberger.

        Var = sum over event days of (area from the day to the horizon)^2 d / (Y (Y - d)); Klein JP, Moeschberger ML.
        Survival Analysis, 2nd ed., 2003, section 4.5.
        """
        if horizon_days <= 0 or horizon_days > self.last_day:
            return RestrictedMean(horizon_days, None, None, None, None)
        within = self.day <= horizon_days
        widths = np.diff(np.concatenate(([0.0], self.day[within], [horizon_days])))
        areas = widths * np.concatenate(([1.0], self.estimate[within]))
        after = np.cumsum(areas[:0:-1])[::-1]
        d, y = self.events[within], self.at_risk[within]
        left = y - d
        terms = np.divide(d, y * left.astype(np.float64), out=np.zeros(len(d)), where=left > 0)
        mean, se = float(areas.sum()), math.sqrt(float((after**2 * terms).sum()))
        return RestrictedMean(horizon_days, mean, se, mean - Z * se, mean + Z * se)

    def to_rows(self) -> list[dict[str, Any]]:
        """The curve as the interface prints it."""
        columns = {
            "day": self.day.tolist(),
            "at_risk": self.at_risk.tolist(),
            "events": self.events.tolist(),
            "censored": self.censored.tolist(),
            "estimate": self.estimate.tolist(),
            "ci_low": [_finite(limit) for limit in self.ci_low],
            "ci_high": [_finite(limit) for limit in self.ci_high],
        }
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def kaplan_meier(table: DayTable) -> tuple[KaplanMeier, ...]:
    """The Kaplan-Meier curve of each group of a day table."""
    return tuple(_curve(table, row) for row in range(len(table.labels)))


def median_follow_up(table: DayTable) -> Quantile:
    """Median follow-up of all groups together, by the reverse Kaplan-Meier method.

    Schemper M, Smith TL. Control Clin Trials 1996;17:343-346.
    """
    return kaplan_meier(table.together().reversed())[0].median


def _curve(table: DayTable, row: int) -> KaplanMeier:
    events, censored, at_risk = table.events[row], table.censored[row], table.at_risk[row]
    day = np.flatnonzero(events + censored)
    d, y = events[day], at_risk[day]
    left = (y - d).astype(np.float64)
    estimate = np.cumprod(left / y)
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0/0 stands after the curve has reached 0 and nobody was at risk: the sum is infinite there already.
        greenwood = np.cumsum(np.where(d > 0, d / (y * left), 0.0))
        # log(-log S) does not exist at 1 and 0: both give NaN, as in R.
        inside = np.where((estimate > 0) & (estimate < 1), estimate, np.nan)
        half = Z * np.sqrt(greenwood) / np.log(inside)
        middle = np.log(-np.log(inside))
        low, high = np.exp(-np.exp(middle - half)), np.exp(-np.exp(middle + half))
    last = int(day[-1]) if len(day) else -1
    return KaplanMeier(table.labels[row], day, y, d, censored[day], estimate, low, high, greenwood, at_risk[: last + 1])


def _first_time(day: Days, curve: Floats, level: float) -> float | None:
    reached = np.flatnonzero(curve < level + _TOLERANCE)
    if not len(reached):
        return None
    first = int(reached[0])
    lower = reached[curve[reached] < curve[first]]
    if abs(float(curve[first]) - level) < _TOLERANCE and len(lower):
        return float(day[first] + day[lower[0]]) / 2
    return float(day[first])


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
