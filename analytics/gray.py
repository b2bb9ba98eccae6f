"""Gray's test that the cumulative incidence is the same in all groups, on the day table.

Gray RJ. Ann Stat 1988;16:1141-1154, with rho = 0; the numbers are those of ``cuminc`` of R's cmprsk. The names below
follow the paper where it has one: h is at risk / S(t-), R is h (1 - F(t-)).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analytics.daytable import DayTable
from analytics.limits import Floats
from analytics.logrank import LogRank, chi_squared


def gray(strata: Sequence[DayTable]) -> LogRank | None:
    """Gray's test on one day table, or on one for each stratum, all with the same groups.

    Returns:
        The test, with None for its numbers where there is nothing to compare; None itself where somebody enters late:
        the test is not defined for late entries.
    """
    if any(table.entered_late for table in strata):
        return None
    parts = [_score(table) for table in strata]
    score = np.sum([score for score, _ in parts], axis=0)
    return chi_squared(score, np.sum([variance for _, variance in parts], axis=0), whole=True)


def _score(table: DayTable) -> tuple[Floats, Floats]:
    """The score of each group and its variance, shapes (groups,) and (groups, groups)."""
    assert table.competing is not None
    groups = len(table.labels)
    days = np.flatnonzero((table.events + table.competing).sum(axis=0))
    d, others, y = (part[:, days].astype(np.float64) for part in (table.events, table.competing, table.at_risk))
    staying = np.divide(y - d - others, y, out=np.ones_like(y), where=y > 0)
    survival: Floats = np.cumprod(staying, axis=1, dtype=np.float64)
    before = _before(survival, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(y > 0, y / before, 0.0)
        incidence = np.cumsum(np.where(y > 0, d * before / y, 0.0), axis=1)
        r = h * (1 - _before(incidence, 0.0))
        all_d, all_h = d.sum(axis=0), h.sum(axis=0)
        # The incidence of all groups under the hypothesis that it is the same.
        step = all_d / all_h
        pooled = np.cumsum(step)
        score = (d - all_d * r / r.sum(axis=0)).sum(axis=1)
        a = np.einsum("it,ij->ijt", h, np.eye(groups)) - h[:, None] * h[None] / all_h
        c = np.cumsum(a * (step / (1 - _before(pooled, 0.0))), axis=2)
        later = c[:, :, -1:] - c if len(days) else c
        # The two kinds of events bring independent parts; each has a factor for ties.
        share = (1 - pooled) / survival
        own = np.where(survival > 0, 1 - share, 1.0)
        ties = np.where(all_d > 1, 1 - (all_d - 1) / (all_h * before - 1), 1.0)
        spread = np.where((y > 0) & (all_d > 0), ties * before * all_d / (all_h * y), 0.0)
        by_events = a + own * later
        ties = np.where(others > 1, 1 - (others - 1) / (y - 1), 1.0)
        other_spread = np.where((survival > 0) & (others > 0), ties * before**2 * others / y**2, 0.0)
        by_others = np.where(survival > 0, share, 0.0) * later
    variance: Floats = np.einsum("ikt,jkt,kt->ij", by_events, by_events, spread)
    variance += np.einsum("ikt,jkt,kt->ij", by_others, by_others, other_spread)
    return score, variance


def _before(values: Floats, first: float) -> Floats:
    """The values just before each step."""
    start = np.full((*values.shape[:-1], 1), first)
    return np.concatenate((start, values[..., :-1]), axis=-1)
