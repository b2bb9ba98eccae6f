"""Standardized differences between groups: how far apart they are, whatever their size.

Of numbers the difference of the means over the root of the mean variance, of shares the same with p (1 - p) as the
variance (Austin PC. Stat Med 2009;28:3083-3107), of several levels its multivariate form, the Mahalanobis distance of
the shares (Yang D, Dalton JE. SAS Global Forum 2012, paper 335). All are absolute: the sign of several levels has no
meaning. None where there is none: a group without two values, or groups that share nothing and do not vary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from analytics.limits import finite

Floats = npt.NDArray[np.float64]
Group = TypeVar("Group")

NOTABLE = 0.1
"""A difference that is usually taken as worth a look."""


def of_numbers(first: Floats, second: Floats) -> float | None:
    """The difference of two groups of numbers, shapes (n1,) and (n2,)."""
    if min(len(first), len(second)) < 2:
        return None
    apart = abs(float(first.mean() - second.mean()))
    spread = float(np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / 2))
    if spread == 0:
        return 0.0 if apart == 0 else None
    return finite(apart / spread)


def of_counts(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> float | None:
    """The difference of two groups by the counts of their levels, shape (levels,) each; two levels or more."""
    if first.sum() == 0 or second.sum() == 0:
        return None
    used = (first + second) > 0
    p, q = first[used] / first.sum(), second[used] / second.sum()
    if not np.any((p > 0) & (q > 0)):
        return None  # the groups share no level: the distance has no bound
    # The shares add up to one, so one level tells nothing new.
    p, q = p[1:], q[1:]
    covariance = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    apart = p - q
    return finite(np.sqrt(max(0.0, float(apart @ np.linalg.solve(covariance, apart))))) if len(p) else 0.0


def pairs(
    groups: Sequence[Group], difference: Callable[[Group, Group], float | None]
) -> dict[tuple[int, int], float | None]:
    """The difference of each two groups, by their positions."""
    return {(i, j): difference(groups[i], groups[j]) for i, j in combinations(range(len(groups)), 2)}


def largest(found: dict[tuple[int, int], float | None]) -> float | None:
    """The largest difference; None where there is none, or where that of a pair has no bound."""
    values = list(found.values())
    return max((value for value in values if value is not None), default=None) if None not in values else None
