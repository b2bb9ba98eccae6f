"""Kaplan-Meier and Nelson-Aalen on the day table: curves, quantiles, restricted means and median follow-up.

Kaplan EL, Meier P. J Am Stat Assoc 1958;53:457-481. Variance by Greenwood. Numbers agree with ``survfit`` of R's
survival.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from analytics.curve import RATE_MONTHS, Curve, Quantile, Rate, first_time
from analytics.daytable import DayTable
from analytics.limits import ConfType, Floats, Z, limits
from analytics.restricted_mean import RestrictedMean
from analytics.survival import Days

__all__ = [
    "RATE_MONTHS",
    "KaplanMeier",
    "NelsonAalen",
    "Quantile",
    "Rate",
    "RestrictedMean",
    "Z",
    "kaplan_meier",
    "median_follow_up",
    "nelson_aalen",
]


@dataclass(frozen=True, eq=False)
class KaplanMeier(Curve):
    """The survival curve of one group.

    Attributes:
        greenwood: Greenwood's sum up to the day, the variance of log S; infinite where survival is 0.
    """

    greenwood: Floats
    start: ClassVar[float] = 1.0

    def survival_at(self, days: float) -> float | None:
        """Survival at a time in days; None beyond follow-up."""
        return self.estimate_at(days)

    def quantile(self, level: float = 0.5) -> Quantile:
        """The time at which survival has come down to a level (0.5: the median), by the rule of R's survfit.

        The first day with S(t) <= level within a rounding tolerance; where S equals the level on an interval, its
        midpoint. The limits are those times for the lower and upper confidence limits of the curve.
        """
        return Quantile(
            level,
            first_time(self.day, self.estimate, level),
            first_time(self.day, self.ci_low, level),
            first_time(self.day, self.ci_high, level),
        )

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


@dataclass(frozen=True, eq=False)
class NelsonAalen:
    """The cumulative hazard of one group, with a row for each day on which somebody left.

    Attributes:
        label: the group.
        day: days from the origin, shape (rows,).
        hazard, se: the estimate just after the day and its standard error, shape (rows,).
        ci_low, ci_high: limits on the log scale, so that they stay above 0; NaN before the first event.
    """

    label: str
    day: Days
    hazard: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats


def kaplan_meier(table: DayTable, scale: ConfType = "log-log") -> tuple[KaplanMeier, ...]:
    """The Kaplan-Meier curve of each group of a day table, with limits on a scale."""
    return tuple(_curve(table, row, scale) for row in range(len(table.labels)))


def nelson_aalen(table: DayTable) -> tuple[NelsonAalen, ...]:
    """The Nelson-Aalen estimate of each group of a day table.

    H = sum of d / Y with variance sum of d / Y^2 (Nelson W. Technometrics 1972;14:945-966; Aalen O. Ann Stat
    1978;6:701-726), as survfit's ``cumhaz`` and ``std.chaz``; limits H exp(± z se / H) (Klein and Moeschberger,
    section 4.3).
    """
    return tuple(_hazard(table, row) for row in range(len(table.labels)))


def median_follow_up(table: DayTable) -> Quantile:
    """Median follow-up of all groups together, by the reverse Kaplan-Meier method.

    Schemper M, Smith TL. Control Clin Trials 1996;17:343-346.
    """
    return kaplan_meier(table.together().reversed())[0].median


def _curve(table: DayTable, row: int, scale: ConfType) -> KaplanMeier:
    events, left, at_risk = table.events[row], table.left[row], table.at_risk[row]
    day = np.flatnonzero(left)
    d, y = events[day], at_risk[day]
    staying = (y - d).astype(np.float64)
    estimate = np.cumprod(staying / y)
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0/0 stands after the curve has reached 0 and nobody was at risk: the sum is infinite there already.
        greenwood = np.cumsum(np.where(d > 0, d / (y * staying), 0.0))
    low, high = limits(estimate, np.sqrt(greenwood), scale)
    last = int(day[-1]) if len(day) else -1
    return KaplanMeier(
        label=table.labels[row],
        day=day,
        at_risk=y,
        events=d,
        censored=left[day] - d,
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        daily_at_risk=at_risk[: last + 1],
        greenwood=greenwood,
    )


def _hazard(table: DayTable, row: int) -> NelsonAalen:
    day = np.flatnonzero(table.left[row])
    d, y = table.events[row, day], table.at_risk[row, day].astype(np.float64)
    hazard, se = np.cumsum(d / y), np.sqrt(np.cumsum(d / y**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(hazard > 0, np.exp(Z * se / hazard), np.nan)
    return NelsonAalen(table.labels[row], day, hazard, se, hazard / factor, hazard * factor)
