"""What is asked of a fitted Cox model: proportional hazards, residuals, robust errors.

Numbers agree with ``cox.zph``, ``residuals`` and ``coxph(..., cluster)`` of R's survival.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from analytics.cox_fit import CoxFit, inverse
from analytics.cox_risk import Floats
from analytics.daytable import day_table
from analytics.kaplan_meier import kaplan_meier

Transform = Literal["km", "identity"]
GLOBAL = "GLOBAL"


@dataclass(frozen=True)
class ProportionalHazardsTest:
    """A test that coefficients do not change with time; None where it cannot be made."""

    factor: str
    statistic: float | None
    df: int
    p: float | None

    def to_dict(self) -> dict[str, Any]:
        """The test as the interface prints it."""
        return {"factor": self.factor, "statistic": self.statistic, "df": self.df, "p": self.p}


def proportional_hazards(
    fit: CoxFit, terms: Mapping[str, Sequence[int]] | None = None, transform: Transform = "km"
) -> tuple[ProportionalHazardsTest, ...]:
    """The score tests that coefficients do not change with a function of time, of each term and of all together.

    The exact test (Grambsch PM, Therneau TM. Biometrika 1994;81:515-526, as in R's survival from 3.0 on): the score
    test of the model with each covariate times g(t) added.

    Args:
        fit: the model, without Firth's penalty or with it: the test is at its estimate.
        terms: name -> positions of its coefficients; absent: each coefficient is a term.
        transform: g(t): 1 less the Kaplan-Meier estimate just before t, or t itself.
    """
    chosen = terms if terms is not None else {name: [at] for at, name in enumerate(fit.names)}
    kept = np.flatnonzero(fit.estimable)
    g = time_transform(fit, transform)
    score = fit.sums.score(g)
    plain, once, twice = (fit.sums.information(weight)[np.ix_(kept, kept)] for weight in (1.0, g, g * g))
    # Within a model at its estimate the tests need the added coefficients given the others only.
    added = twice - once @ np.linalg.solve(plain, once) if len(kept) else plain

    def test(name: str, positions: Sequence[int]) -> ProportionalHazardsTest:
        from scipy.special import chdtrc

        at = np.searchsorted(kept, [position for position in positions if position in kept])
        variance = added[np.ix_(at, at)]
        if not len(at) or np.linalg.matrix_rank(variance, hermitian=True) < len(at):
            return ProportionalHazardsTest(name, None, len(at), None)
        statistic = float(score[kept[at]] @ np.linalg.solve(variance, score[kept[at]]))
        return ProportionalHazardsTest(name, statistic, len(at), float(chdtrc(len(at), statistic)))

    tests = [test(name, positions) for name, positions in chosen.items()]
    return (*tests, test(GLOBAL, [int(at) for at in kept]))


def time_transform(fit: CoxFit, transform: Transform) -> Floats:
    """The function of time of each event day, less its mean over the events, shape (D,)."""
    day = fit.sets.day
    if transform == "km":
        curve = kaplan_meier(day_table(fit.times).together())[0]
        before = np.searchsorted(curve.day, day, side="left")
        g = 1 - np.concatenate(([1.0], curve.estimate))[before]
    else:
        g = day.astype(np.float64)
    events = max(fit.sets.events, 1)
    return np.asarray(g - np.sum(g * fit.sets.count) / events)


def schoenfeld(fit: CoxFit) -> tuple[npt.NDArray[np.int64], Floats]:
    """Schoenfeld residuals: the days of the events, shape (events,), and covariates less those expected, (events, p).

    In the order of strata and days. Schoenfeld D. Biometrika 1982;69:239-241.
    """
    who = np.flatnonzero(fit.times.event)
    number = fit.sets.last[who] - 1
    order = np.argsort(number, kind="stable")
    expected = fit.sums.mean_x[number]
    return fit.times.day[who[order]], np.asarray((fit.sets.x[fit.sets.pattern[who]] - expected)[order])


def scaled_schoenfeld(fit: CoxFit) -> tuple[npt.NDArray[np.int64], Floats]:
    """Schoenfeld residuals on the scale of the coefficients, around them: what a plot of beta(t) shows.

    Residuals times the covariance times the number of events, plus the coefficients (Grambsch and Therneau 1994); NaN
    for coefficients that are not estimable.
    """
    day, residuals = schoenfeld(fit)
    kept = np.flatnonzero(fit.estimable)
    scaled = np.full(residuals.shape, np.nan)
    covariance = inverse(fit.sums.information(), fit.estimable)[np.ix_(kept, kept)]
    scaled[:, kept] = fit.coefficients[kept] + fit.sets.events * residuals[:, kept] @ covariance
    return day, scaled


def score_residuals(fit: CoxFit) -> Floats:
    """What each subject adds to the score, shape (n, p).

    Therneau TM, Grambsch PM, Fleming TR. Biometrika 1990;77:147-160, with Efron's ties.
    """
    sets, sums = fit.sets, fit.sums
    x, risk = sets.x[sets.pattern], sums.risk[sets.pattern][:, None]
    # Hazard, and hazard times the expected covariates, over the days at risk; the events of a day see less of it.
    hazard = _sum_over_days(fit, sums.a[:, None])
    with_mean = _sum_over_days(fit, sums.s1 * sums.c[:, None] - sums.t1 * sums.d[:, None])
    found = -risk * (x * hazard - with_mean)
    who = np.flatnonzero(fit.times.event)
    number = sets.last[who] - 1
    less = x[who] * sums.b[number, None] - (sums.s1 * sums.d[:, None] - sums.t1 * sums.e[:, None])[number]
    found[who] += x[who] - sums.mean_x[number] + risk[who] * less
    return np.asarray(found)


def _sum_over_days(fit: CoxFit, by_day: Floats) -> Floats:
    """Sums of a quantity of the event days over the days at risk of each subject."""
    sets = fit.sets
    sums = np.concatenate((np.zeros((1, by_day.shape[1])), np.cumsum(by_day, axis=0)))
    return np.asarray(sums[sets.last] - sums[np.minimum(sets.first, sets.last)])


def robust_covariance(fit: CoxFit, cluster: npt.NDArray[Any] | None = None) -> Floats:
    """The sandwich estimate of the covariance, NaN where a coefficient is not estimable, shape (p, p).

    Lin DY, Wei LJ. J Am Stat Assoc 1989;84:1074-1078.

    Args:
        fit: the model.
        cluster: whom the subjects belong to, such as their center, shape (n,); absent: each to itself.
    """
    kept = np.flatnonzero(fit.estimable)
    change = score_residuals(fit)[:, kept] @ fit.covariance[np.ix_(kept, kept)]
    if cluster is not None:
        names, at = np.unique(cluster, return_inverse=True)
        sums = np.zeros((len(names), len(kept)))
        np.add.at(sums, at, change)
        change = sums
    found = np.full(fit.covariance.shape, np.nan)
    found[np.ix_(kept, kept)] = change.T @ change
    return found
