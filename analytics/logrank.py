"""The log-rank test of two or more groups on the day table, late entries included."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.daytable import DayTable


@dataclass(frozen=True)
class LogRank:
    """A test statistic, its degrees of freedom and p; all None where there is nothing to compare."""

    statistic: float | None
    df: int | None
    p: float | None

    def to_dict(self) -> dict[str, Any]:
        """The test as the interface prints it."""
        return {"statistic": self.statistic, "df": self.df, "p": self.p}


def logrank(table: DayTable) -> LogRank:
    """The log-rank test that all groups of a day table have the same hazard.

    Observed less expected events on the risk sets of each day, with the hypergeometric variance (Mantel N. Cancer
    Chemother Rep 1966;50:163-170; Peto R, Peto J. J R Stat Soc A 1972;135:185-207). With late entries the risk set
    of a day holds those who entered before it; the statistic is then the score test of a Cox model with exact ties.
    The degrees of freedom are the rank of the variance, so a group that is never at risk when events happen adds none.
    """
    days = np.flatnonzero(table.events.sum(axis=0))
    d, y = table.events[:, days].astype(np.float64), table.at_risk[:, days].astype(np.float64)
    all_d, all_y = d.sum(axis=0), y.sum(axis=0)
    difference = (d - y * (all_d / all_y)).sum(axis=1)
    per_pair = np.divide(all_d * (all_y - all_d), (all_y - 1) * all_y**2, out=np.zeros(len(days)), where=all_y > 1)
    variance = np.diag((y * all_y) @ per_pair) - (y * per_pair) @ y.T
    if len(table.labels) < 2:
        return LogRank(None, None, None)
    solution, _, rank, _ = np.linalg.lstsq(variance[1:, 1:], difference[1:], rcond=1e-10)
    if rank == 0:
        return LogRank(None, None, None)
    from scipy.stats import chi2

    statistic = float(difference[1:] @ solution)
    return LogRank(statistic, int(rank), float(chi2.sf(statistic, rank)))
