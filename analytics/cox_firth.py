"""Firth's penalty for Cox's model: finite estimates under separation, with limits of the profile likelihood.

Firth D. Biometrika 1993;80:27-38; Heinze G, Schemper M. Biometrics 2001;57:114-119. The penalized log likelihood is
l + log|I| / 2. The derivatives of I are exact: the information at coefficients with a tiny imaginary part holds them
in its own imaginary part (Squire W, Trapp G. SIAM Rev 1998;40:110-112).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analytics.cox_risk import EfronSums, Floats, RiskSets, efron_sums
from analytics.survival import SurvivalTimes
from registry.errors import AnalysisRefused

if TYPE_CHECKING:
    from analytics.cox_fit import CoxFit

_IMAGINARY = 1e-100
_ITERATIONS = 200
_CHI2_95 = 3.841458820694124
"""The 95 % quantile of the chi-squared distribution with one degree of freedom."""


def firth_fit(
    times: SurvivalTimes,
    x: npt.NDArray[Any],
    names: tuple[str, ...],
    sets: RiskSets,
    start: EfronSums,
    reasons: list[str | None],
) -> CoxFit:
    """The penalized fit; called by :func:`analytics.cox_fit.cox_fit`."""
    from scipy.special import chdtrc

    from analytics.cox_fit import CoxFit, inverse, quadratic

    inside = np.array([reason is None for reason in reasons], dtype=bool)
    null = _Penalized(sets, inside, start)
    best = _climb(sets, inside, np.zeros(len(names)))
    limits = np.full((3, len(names)), np.nan)
    for at in np.flatnonzero(inside).tolist():
        limits[0, at] = _limit(sets, inside, best, at, -1)
        limits[1, at] = _limit(sets, inside, best, at, 1)
        without = _climb(sets, inside, np.where(np.arange(len(names)) == at, 0.0, best.position), held=at)
        limits[2, at] = chdtrc(1, max(2 * (best.value - without.value), 0.0))
    covariance = inverse(best.sums.information(), inside)
    return CoxFit(
        names=names,
        sets=sets,
        coefficients=np.where(inside, best.position, np.nan),
        se=np.sqrt(np.diag(covariance)),
        ci_low=limits[0],
        ci_high=limits[1],
        p=limits[2],
        reasons=tuple(reasons),
        position=best.position,
        covariance=covariance,
        log_likelihood=best.value,
        log_likelihood_null=null.value,
        score_statistic=quadratic(null.score, start.information(), inside),
        firth=True,
        times=times,
        x=x,
    )


class _Penalized:
    """The penalized log likelihood at one place, with its score and information.

    Args:
        inside: the coefficients that are in the model; the others are 0 and not in the penalty.
    """

    def __init__(self, sets: RiskSets, inside: npt.NDArray[np.bool_], sums: EfronSums, position: Any = None) -> None:
        self.inside, self.sums = inside, sums
        self.position = np.zeros(len(inside)) if position is None else position
        at = np.flatnonzero(inside)
        self.information = sums.information()
        within = np.ix_(at, at)
        sign, log_determinant = np.linalg.slogdet(self.information[within]) if len(at) else (1.0, 0.0)
        self.value = float(sums.log_likelihood) + log_determinant / 2 if sign > 0 else -np.inf
        self._sets, self._within, self._at = sets, within, at

    @property
    def score(self) -> Floats:
        """Its derivative by each coefficient, 0 for those that are not in the model."""
        found = np.where(self.inside, self.sums.score(), 0.0)
        if len(self._at):
            covariance = np.linalg.inv(self.information[self._within])
            for at in self._at:
                aside = self.position.astype(np.complex128)
                aside[at] += 1j * _IMAGINARY
                slope = efron_sums(self._sets, aside).information().imag / _IMAGINARY
                found[at] += np.sum(covariance * slope[self._within].T) / 2
        return found


def _climb(sets: RiskSets, inside: npt.NDArray[np.bool_], position: Floats, held: int | None = None) -> _Penalized:
    """The maximum, from a position, with one coefficient held where it is."""
    here = _Penalized(sets, inside, efron_sums(sets, position), position)
    free = np.flatnonzero(inside & (np.arange(len(inside)) != (-1 if held is None else held)))
    for _ in range(_ITERATIONS if len(free) else 0):
        score = here.score[free]
        step = np.zeros(len(inside))
        step[free] = np.linalg.solve(here.information[np.ix_(free, free)], score)
        longest = float(np.max(np.abs(step) * np.ptp(sets.x, axis=0)))
        if longest > 5:
            step *= 5 / longest
        if float(score @ step[free]) < 1e-18 or longest < 1e-11:
            return here
        there = _Penalized(sets, inside, efron_sums(sets, here.position + step), here.position + step)
        while not there.value >= here.value - 1e-12 * abs(here.value):
            step = step / 2
            there = _Penalized(sets, inside, efron_sums(sets, here.position + step), here.position + step)
        here = there
    if not len(free):
        return here
    raise AnalysisRefused("The penalized likelihood did not converge", remedy="Leave out a factor with few events")


def _limit(sets: RiskSets, inside: npt.NDArray[np.bool_], best: _Penalized, at: int, sign: int) -> float:
    """Where the profile of the penalized likelihood has fallen by half of the 95 % quantile."""
    from scipy.optimize import brentq

    spread = float(np.ptp(sets.x[:, at]))
    nearest = [best.position]

    def fall(distance: float) -> float:
        position = nearest[0].copy()
        position[at] = best.position[at] + sign * distance
        found = _climb(sets, inside, position, held=at)
        nearest[0] = found.position
        return 2 * (best.value - found.value) - _CHI2_95

    width = 2 / np.sqrt(best.information[at, at])
    while fall(width) < 0:
        width *= 2
        if width * spread > 500:
            return float("nan")
    return float(best.position[at] + sign * brentq(fall, 0.0, width, xtol=1e-10, rtol=1e-12))
