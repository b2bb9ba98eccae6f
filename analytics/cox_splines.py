"""Restricted cubic splines: continuous factors whose effect may bend.

Stone CJ, Koo CY. Proc Stat Comput Sect ASA 1985:45-48; knots and scale by Harrell FE, Regression Modeling Strategies,
2nd ed., 2015, section 2.4.5: linear beyond the outer knots, the first column the value itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.cox_risk import Floats
from registry.errors import AnalysisRefused, UsageError

KNOT_LEVELS: dict[int, tuple[float, ...]] = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
}
"""Quantiles at which so many knots stand (Harrell, table 2.3)."""


def knots_of(values: Any, number: int) -> Floats:
    """The knots for some values: their quantiles; where several fall together, those of the distinct values.

    Args:
        values: shape (n,), without missing values.
        number: 3, 4 or 5.

    Raises:
        UsageError: another number.
        AnalysisRefused: too few distinct values.
    """
    if number not in KNOT_LEVELS:
        raise UsageError("A spline does not have so many knots", got=number, remedy="Take 3, 4 or 5")
    given = np.asarray(values, dtype=np.float64)
    distinct = np.unique(given)
    if len(distinct) < number:
        raise AnalysisRefused(
            f"A spline with {number} knots needs as many different values",
            got=len(distinct),
            remedy="Take the factor as it is, without a spline",
        )
    found = np.quantile(given, KNOT_LEVELS[number])
    return found if len(np.unique(found)) == number else np.quantile(distinct, KNOT_LEVELS[number])


def spline_basis(values: Any, knots: Floats) -> Floats:
    """The columns of the spline, shape (n, knots - 1): the value, and one for each knot but the last two."""
    x = np.asarray(values, dtype=np.float64)[:, None]
    inner, before, last = knots[:-2], knots[-2], knots[-1]

    def cube(at: Any) -> Floats:
        return np.asarray(np.maximum(x - at, 0) ** 3)

    width = last - before
    bends = cube(inner) - cube(before) * (last - inner) / width + cube(last) * (before - inner) / width
    return np.column_stack((x, bends / (last - knots[0]) ** 2))
