"""The log-rank test on day tables: of all groups, stratified, for trend, and pair by pair; late entries included."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.daytable import DayTable
from analytics.limits import Floats


@dataclass(frozen=True)
class LogRank:
    """A test statistic, its degrees of freedom and p; all None where there is nothing to compare."""

    statistic: float | None
    df: int | None
    p: float | None

    def to_dict(self) -> dict[str, Any]:
        """The test as the interface prints it."""
        return {"statistic": self.statistic, "df": self.df, "p": self.p}


NOTHING = LogRank(None, None, None)
"""No test: there is nothing to compare."""


@dataclass(frozen=True)
class Pair:
    """The comparison of two groups, with p before and after Holm's correction over all pairs."""

    labels: tuple[str, str]
    test: LogRank
    p_holm: float | None

    def to_dict(self) -> dict[str, Any]:
        """The comparison as the interface prints it."""
        return {"labels": list(self.labels), **self.test.to_dict(), "p_holm": self.p_holm}


def logrank(table: DayTable) -> LogRank:
    """The log-rank test that all groups of a day table have the same hazard.

    Observed less expected events on the risk sets of each day, with the hypergeometric variance (Mantel N. Cancer
    Chemother Rep 1966;50:163-170; Peto R, Peto J. J R Stat Soc A 1972;135:185-207). With late entries the risk set
    of a day holds those who entered before it; the statistic is then the score test of a Cox model with exact ties.
    The degrees of freedom are the rank of the variance, so a group that is never at risk when events happen adds none.
    """
    return stratified_logrank([table])


def stratified_logrank(strata: Sequence[DayTable]) -> LogRank:
    """The log-rank test within strata: scores and variances of their day tables are added.

    The strata have the same groups. As ``survdiff(… + strata())`` of R's survival (Kalbfleisch and Prentice, 2nd ed.,
    section 1.5).
    """
    return chi_squared(*_added(strata))


def trend(strata: Sequence[DayTable], scores: Mapping[str, float]) -> LogRank:
    """The log-rank test for trend over ordered groups, with one degree of freedom.

    (sum of score (observed - expected))^2 / its variance: Tarone RE. Biometrika 1975;62:679-682; Klein and
    Moeschberger, section 7.4. It is the score test of a Cox model with the score as covariate and exact ties. Groups
    without a score are left out.
    """
    labels = [label for label in strata[0].labels if label in scores]
    score, variance = _added([table.of(labels) for table in strata])
    weights = np.array([scores[label] for label in labels])
    if len(set(weights.tolist())) < 2:
        return NOTHING
    spread = weights @ variance @ weights
    if not spread > 1e-10 * float(weights**2 @ np.diag(variance)):
        return NOTHING
    return _tested(float((weights @ score) ** 2 / spread), 1)


def pairwise(strata: Sequence[DayTable], test: Callable[[Sequence[DayTable]], LogRank | None]) -> tuple[Pair, ...]:
    """Each two groups compared by a test on their own, with Holm's correction; nothing for fewer than three groups."""
    labels = strata[0].labels
    if len(labels) < 3:
        return ()
    pairs = list(itertools.combinations(labels, 2))
    tests = [test([table.of(pair) for table in strata]) or NOTHING for pair in pairs]
    corrected = holm([found.p for found in tests])
    return tuple(Pair(*row) for row in zip(pairs, tests, corrected, strict=True))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """P values after Holm's correction (Holm S. Scand J Stat 1979;6:65-70); None is no comparison."""
    order = sorted((p, at) for at, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, at) in enumerate(order):
        highest = max(highest, min(1.0, p * (len(order) - rank)))
        corrected[at] = highest
    return corrected


def chi_squared(score: Floats, variance: Floats, *, whole: bool = False) -> LogRank:
    """The test of scores that add up to 0, with the rank of their variance as degrees of freedom.

    Args:
        score, variance: of all groups, shapes (groups,) and (groups, groups).
        whole: no test unless the rank is the number of groups less one.
    """
    if len(score) < 2 or not np.isfinite(variance).all():
        return NOTHING
    solution, _, rank, _ = np.linalg.lstsq(variance[1:, 1:], score[1:], rcond=1e-10)
    if rank == 0 or (whole and rank < len(score) - 1):
        return NOTHING
    return _tested(float(score[1:] @ solution), int(rank))


def _tested(statistic: float, df: int) -> LogRank:
    # The whole of scipy.stats takes a second to import.
    from scipy.special import chdtrc

    return LogRank(statistic, df, float(chdtrc(df, statistic)))


def _added(strata: Sequence[DayTable]) -> tuple[Floats, Floats]:
    parts = [_score(table) for table in strata]
    return np.sum([score for score, _ in parts], axis=0), np.sum([variance for _, variance in parts], axis=0)


def _score(table: DayTable) -> tuple[Floats, Floats]:
    """Observed less expected events of each group and their variance, shapes (groups,) and (groups, groups)."""
    days = np.flatnonzero(table.events.sum(axis=0))
    d, y = table.events[:, days].astype(np.float64), table.at_risk[:, days].astype(np.float64)
    all_d, all_y = d.sum(axis=0), y.sum(axis=0)
    difference = (d - y * (all_d / all_y)).sum(axis=1)
    per_pair = np.divide(all_d * (all_y - all_d), (all_y - 1) * all_y**2, out=np.zeros(len(days)), where=all_y > 1)
    return difference, np.diag((y * all_y) @ per_pair) - (y * per_pair) @ y.T
