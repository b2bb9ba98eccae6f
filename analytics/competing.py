"""Cumulative incidence where another event competes: the exact Aalen-Johansen estimate, with robust limits.

Aalen OO, Johansen S. Scand J Stat 1978;5:141-150. On day counts, so tied days need no random shifts. The variance is
the infinitesimal jackknife, summed over clusters: the numbers are those of ``survfit(Surv(entry, time, state))`` of
R's survival (Therneau TM, Grambsch PM. Modeling Survival Data. 2000; the package's vignette on variances).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from analytics.curve import Curve, Quantile, first_time
from analytics.daytable import day_table
from analytics.limits import ConfType, Floats, limits
from analytics.survival import Days, SurvivalTimes


@dataclass(frozen=True, eq=False)
class CumulativeIncidence(Curve):
    """The cumulative incidence of one group.

    Attributes:
        competing: subjects with the competing event on each day of the curve, shape (rows,).
        se: standard error of the estimate, shape (rows,).
    """

    competing: Days
    se: Floats
    start: ClassVar[float] = 0.0

    @property
    def n(self) -> int:
        """Subjects in the group."""
        return super().n + self.competing_count

    @property
    def competing_count(self) -> int:
        """Subjects with the competing event."""
        return int(self.competing.sum())

    def quantile(self, level: float = 0.5) -> Quantile:
        """The time at which the incidence has risen to a level, by the rule of R's survfit for 1 - the curve."""
        return Quantile(
            level,
            first_time(self.day, 1 - self.estimate, 1 - level),
            first_time(self.day, 1 - self.ci_high, 1 - level),
            first_time(self.day, 1 - self.ci_low, 1 - level),
        )

    def columns(self) -> dict[str, Any]:
        """The columns of the curve by name."""
        columns = super().columns()
        return {**columns, "competing": self.competing}


def cumulative_incidence(times: SurvivalTimes, scale: ConfType = "log-log") -> tuple[CumulativeIncidence, ...]:
    """The cumulative incidence in each group, with limits on a scale.

    Args:
        times: with ``competing``; its clusters are taken into account in the limits.
        scale: as for survival; the limits are those of the incidence itself, as in R.
    """
    if times.competing is None:
        raise ValueError("nothing competes: use kaplan_meier")
    return tuple(_curve(times.of(times.group == at), label, scale) for at, label in enumerate(times.labels))


def _curve(times: SurvivalTimes, label: str, scale: ConfType) -> CumulativeIncidence:
    table = day_table(times).together()
    assert table.competing is not None
    d, others, left, y = (part[0] for part in (table.events, table.competing, table.left, table.at_risk))
    steps = _Steps.of(d, d + others, y)
    # While nothing has competed it is 1 - S, which is exactly 1 where S is 0.
    incidence = np.where(np.cumsum(others) > 0, steps.incidence, 1 - steps.survival)
    day = np.flatnonzero(left)
    variance = _jackknife(times, steps)[day]
    estimate, se = incidence[day], np.sqrt(np.maximum(variance, 0))
    # As R does: no incidence yet has no error, and log(-log) no limits.
    relative = np.divide(se, estimate, out=np.zeros(len(day)), where=se > 0)
    low, high = limits(estimate, relative, scale)
    return CumulativeIncidence(
        label=label,
        day=day,
        at_risk=y[day],
        events=d[day],
        censored=(left - d - others)[day],
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        daily_at_risk=y,
        competing=others[day],
        se=se,
    )


@dataclass(frozen=True, eq=False)
class _Steps:
    """The estimate on each day, and the sums from which everybody's influence on it follows; each of shape (days,).

    Attributes:
        survival, incidence: free of both events, and the incidence, just after the day.
        weight: S(t-) / Y(t), what one subject at risk counts.
        inverse: 1 / S(t); 0 where S is 0, after which nothing can change.
        drift: cumulated influence of being at risk without an event: sum of weight (dA1 + dA F / S).
        slope: the same, of what depends on the later incidence: sum of weight dA / S.
    """

    survival: Floats
    incidence: Floats
    weight: Floats
    inverse: Floats
    drift: Floats
    slope: Floats

    @classmethod
    def of(cls, events: Days, all_events: Days, at_risk: Days) -> _Steps:
        y = np.maximum(at_risk, 1).astype(np.float64)
        survival: Floats = np.cumprod(1 - all_events / y, dtype=np.float64)
        before = np.concatenate(([1.0], survival[:-1]))
        incidence = np.cumsum(before * events / y)
        weight = before / y
        inverse = np.divide(1.0, survival, out=np.zeros(len(y)), where=survival > 0)
        lasting = weight * (all_events / y) * inverse
        drift = np.cumsum(weight * (events / y) + lasting * incidence)
        return cls(survival, incidence, weight, inverse, drift, np.cumsum(lasting))


def _jackknife(times: SurvivalTimes, steps: _Steps) -> Floats:
    """The variance of the incidence on each day: the sum over clusters of their squared influence, shape (days,).

    The influence of a subject on F(t) is p + q F(t) + n (F(t) slope(t) - drift(t)), where n says whether it is at risk
    and p and q change on the days of its entry and of its end only. So the sums over clusters of all products of p, q
    and n are kept by day, and nothing is kept by subject and day.
    """
    entry, end, event, other, count, cluster = _members(times)
    # Who enters on day k > 0 is at risk after it; who is at risk from the origin also is on day 0.
    drift_before = np.where(entry > 0, steps.drift[entry], 0.0)
    slope_before = np.where(entry > 0, steps.slope[entry], 0.0)
    stake = np.where(event | other, steps.weight[end], 0.0)
    p_end = drift_before - steps.drift[end] + stake * (event + steps.incidence[end] * steps.inverse[end])
    q_end = steps.slope[end] - slope_before - stake * steps.inverse[end]
    day = np.concatenate((entry, end))
    p = np.concatenate((drift_before, p_end - drift_before))
    q = np.concatenate((-slope_before, q_end + slope_before))
    n = np.repeat([1.0, -1.0], len(entry))
    pp, pq, pn, qq, qn, nn = _products_by_day(
        day, np.tile(cluster, 2), np.tile(count, 2), (p, q, n), len(steps.survival)
    )
    f = steps.incidence
    at_risk = f * steps.slope - steps.drift
    variance: Floats = pp + 2 * f * pq + f**2 * qq + at_risk * (2 * pn + 2 * f * qn + at_risk * nn)
    return variance


def _members(times: SurvivalTimes) -> tuple[npt.NDArray[Any], ...]:
    """Entry, end, event, competing event, count and cluster: of each subject, or of all alike where each stands alone.

    Who is alike has the same influence, so that only counts are needed.
    """
    assert times.competing is not None
    if times.cluster is not None:
        return times.entry, times.day, times.event, times.competing, np.ones(len(times)), times.cluster
    width = int(times.day.max(initial=0)) + 1
    key = (times.entry * width + times.day) * 3 + times.event + 2 * times.competing
    if times.entered_late:
        cells, count = np.unique(key, return_counts=True)
    else:
        cells = np.flatnonzero(counts := np.bincount(key))
        count = counts[cells]
    state = cells % 3
    return cells // 3 // width, cells // 3 % width, state == 1, state == 2, count, np.arange(len(cells))


def _products_by_day(
    day: Days, cluster: Days, count: Days, changes: Sequence[Floats], width: int
) -> list[npt.NDArray[Any]]:
    """The sums over clusters of the products of each two cumulated changes, up to each day; each of shape (days,).

    Args:
        day, cluster, count: of each change; a cluster with count c stands for c of its kind.
        changes: what is cumulated within each cluster.
        width: the number of days.
    """
    order = np.lexsort((day, cluster))
    day, cluster, count = day[order], cluster[order], count[order]
    starts = np.concatenate(([True], cluster[1:] != cluster[:-1]))[: len(day)]
    lengths = np.diff(np.append(np.flatnonzero(starts), len(day)))
    after = []
    for change in changes:
        total = np.cumsum(change[order])
        after.append(total - np.repeat((total - change[order])[starts], lengths))
    before = [np.where(starts, 0.0, np.roll(part, 1)) for part in after]
    sums = []
    for i in range(len(changes)):
        for j in range(i, len(changes)):
            change = count * (after[i] * after[j] - before[i] * before[j])
            sums.append(np.cumsum(np.bincount(day, weights=change, minlength=width)))
    return sums
