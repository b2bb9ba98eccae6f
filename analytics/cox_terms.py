"""What a model says of its factors: coefficients with limits, and the effects of splines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.cox_design import Column
from analytics.cox_fit import GlobalTest
from analytics.cox_risk import Floats
from analytics.limits import finite


@dataclass(frozen=True)
class Term:
    """A coefficient of a model, None where it has none and ``reason`` says why.

    Attributes:
        column: what it is of.
        events: of the patients of the level; all of them for a number.
        coef, se, ci_low, ci_high: on the log scale; se is robust where robust errors were asked for.
        p: of the Wald test; with Firth's penalty of the likelihood ratio test.
    """

    column: Column
    events: int
    coef: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None
    reason: str | None

    @property
    def hazard_ratio(self) -> tuple[float | None, float | None, float | None]:
        """The hazard ratio with its limits."""
        with np.errstate(over="ignore"):  # a limit beyond all numbers is none
            found = [None if one is None else finite(np.exp(one)) for one in (self.coef, self.ci_low, self.ci_high)]
        return found[0], found[1], found[2]

    def to_dict(self) -> dict[str, Any]:
        """The term as the interface prints it."""
        hr, low, high = self.hazard_ratio
        column = self.column
        return {
            "factor": column.factor,
            "level": column.level,
            "reference": column.reference,
            "unit": column.unit,
            "bend": column.bend or None,
            "words": column.words,
            "against": column.against,
            "n": column.n,
            "events": self.events,
            "coef": self.coef,
            "se": self.se,
            "hr": hr,
            "ci_low": low,
            "ci_high": high,
            "p": self.p,
            "reason": self.reason,
        }


@dataclass(frozen=True, eq=False)
class Bend:
    """The effect of a spline.

    Attributes:
        factor, unit: what bends.
        knots: where.
        overall, nonlinearity: Wald tests that the factor has no effect, and that its effect is linear.
        at: values, shape (points,), from the first to the last percentile.
        hazard_ratio, ci_low, ci_high: against ``reference``, the median.
        quartiles: the values of which ``between`` compares the upper with the lower: hazard ratio and limits.
    """

    factor: str
    unit: str | None
    knots: Floats
    overall: GlobalTest
    nonlinearity: GlobalTest
    reference: float
    at: Floats
    hazard_ratio: Floats
    ci_low: Floats
    ci_high: Floats
    quartiles: tuple[float, float]
    between: tuple[float, float, float]

    def to_dict(self) -> dict[str, Any]:
        """The effect as a document."""
        columns = {"value": self.at, "hr": self.hazard_ratio, "ci_low": self.ci_low, "ci_high": self.ci_high}
        rows = zip(*([finite(value) for value in column] for column in columns.values()), strict=True)
        return {
            "factor": self.factor,
            "unit": self.unit,
            "knots": self.knots.tolist(),
            "overall": self.overall.to_dict(),
            "nonlinearity": self.nonlinearity.to_dict(),
            "quartiles": list(self.quartiles),
            "between_quartiles": dict(zip(("hr", "ci_low", "ci_high"), map(finite, self.between), strict=True)),
            "reference": self.reference,
            "curve": [dict(zip(columns, row, strict=True)) for row in rows],
        }
