"""Cox's model fitted by Newton-Raphson, with Firth's penalty where it is asked for.

Cox DR. J R Stat Soc B 1972;34:187-220. Penalty: Firth D. Biometrika 1993;80:27-38; Heinze G, Schemper M. Biometrics
2001;57:114-119. Coefficients and variances agree with ``coxph`` of R's survival, ``ties = "efron"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.cox_risk import EfronSums, Floats, RiskSets, efron_sums, risk_sets
from analytics.kaplan_meier import Z
from analytics.survival import SurvivalTimes
from registry.errors import AnalysisRefused

NO_EVENTS = "there is no event"
CONSTANT = "everybody has the same value"
COLLINEAR = "it is determined by the other factors"
SEPARATION = "the factor separates those with the event from those without: the likelihood has no maximum"

_ITERATIONS = 60
_CONVERGED = 1e-18
"""Twice the gain in log likelihood that a further step promises."""
_FLAT, _FAR = 1e-9, 0.1
"""A step that gains less than the first and still moves a hazard ratio between the extremes of a covariate by more than
the second (on the log scale) walks along a flat likelihood: its standard error there is above 3000."""


@dataclass(frozen=True)
class GlobalTest:
    """A test that all coefficients are 0."""

    statistic: float | None
    df: int
    p: float | None

    def to_dict(self) -> dict[str, Any]:
        """The test as a document."""
        return {"statistic": self.statistic, "df": self.df, "p": self.p}


@dataclass(frozen=True, eq=False)
class CoxFit:
    """A fitted model of p coefficients.

    Attributes:
        names: of the coefficients.
        sets: the risk sets; their covariates are centered.
        coefficients, se, ci_low, ci_high, p: shape (p,), on the log scale; NaN where a coefficient is not estimable.
        reasons: why a coefficient is not estimable, None where it is.
        position: where the likelihood was left, shape (p,): as ``coefficients``, far out along a separation, 0 where a
            covariate was left out.
        covariance: of the estimable coefficients, NaN elsewhere, shape (p, p).
        log_likelihood, log_likelihood_null: at the estimate and at 0; penalized where ``firth``.
        score_statistic: of the score test.
        firth: whether the likelihood is penalized. Limits and p are then those of the profile likelihood.
        times, x: what the model was fitted to.
    """

    names: tuple[str, ...]
    sets: RiskSets
    coefficients: Floats
    se: Floats
    ci_low: Floats
    ci_high: Floats
    p: Floats
    reasons: tuple[str | None, ...]
    position: Floats
    covariance: Floats
    log_likelihood: float
    log_likelihood_null: float
    score_statistic: float
    firth: bool
    times: SurvivalTimes
    x: npt.NDArray[Any]

    @property
    def estimable(self) -> npt.NDArray[np.bool_]:
        """Which coefficients have an estimate, shape (p,)."""
        return np.array([reason is None for reason in self.reasons], dtype=bool)

    @property
    def df(self) -> int:
        """Coefficients that were in the model: all but those that the data do not let vary."""
        return sum(reason in (None, SEPARATION) for reason in self.reasons)

    @cached_property
    def sums(self) -> EfronSums:
        """The sums at the estimate."""
        return efron_sums(self.sets, self.position)

    @cached_property
    def predictor(self) -> Floats:
        """The linear predictor of each pattern, shape (G,)."""
        return np.asarray(self.sets.x @ self.position)

    @property
    def likelihood_ratio(self) -> GlobalTest:
        """The likelihood ratio test that all coefficients are 0."""
        return _chi2(2 * (self.log_likelihood - self.log_likelihood_null), self.df)

    @property
    def score_test(self) -> GlobalTest:
        """The score test that all coefficients are 0."""
        return _chi2(self.score_statistic, self.df)

    @property
    def wald(self) -> GlobalTest:
        """The Wald test that all estimable coefficients are 0."""
        return self.wald_of(np.flatnonzero(self.estimable))

    def wald_of(self, which: Sequence[int] | npt.NDArray[np.intp]) -> GlobalTest:
        """The Wald test that some coefficients are 0; no statistic where one of them is not estimable."""
        at = np.asarray(which, dtype=np.intp)
        covariance = self.covariance[np.ix_(at, at)]
        if not len(at) or not self.estimable[at].all():
            return GlobalTest(None, len(at), None)
        se = np.sqrt(np.diag(covariance))
        # A robust covariance from no more clusters than coefficients has no inverse.
        if np.linalg.matrix_rank(covariance / np.outer(se, se), tol=1e-10, hermitian=True) < len(at):
            return GlobalTest(None, len(at), None)
        z = self.coefficients[at] / se
        return _chi2(float(z @ np.linalg.solve(covariance / np.outer(se, se), z)), len(at))


def cox_fit(times: SurvivalTimes, x: Any, names: Sequence[str] | None = None, *, firth: bool = False) -> CoxFit:
    """Fit Cox's model.

    Args:
        times: the checked times; their groups are strata, each with a baseline hazard of its own.
        x: covariates, shape (n, p), without missing values.
        names: of the covariates.
        firth: maximize the likelihood times the root of the determinant of the information, whose maximum is finite
            under separation too.

    Raises:
        AnalysisRefused: a covariate is missing or not finite, or the lengths differ.
    """
    covariates = np.asarray(x)
    if covariates.ndim != 2 or len(covariates) != len(times):
        raise AnalysisRefused(
            "Covariates need a row for each subject", got=covariates.shape, remedy=f"Give {len(times)} rows"
        )
    if covariates.dtype.kind == "f" and not np.isfinite(covariates).all():
        raise AnalysisRefused(
            "A covariate is missing or not finite", remedy="Leave such subjects out and count them, or impute"
        )
    labels = tuple(names) if names is not None else tuple(f"x{at}" for at in range(covariates.shape[1]))
    sets = centered(risk_sets(times, covariates))
    start = efron_sums(sets, np.zeros(len(labels)))
    reasons = _left_out(start)
    inside = np.array([reason is None for reason in reasons], dtype=bool)
    if firth:
        from analytics.cox_firth import firth_fit

        return firth_fit(times, covariates, labels, sets, start, reasons)
    position, flat = _maximum(sets, start, inside)
    reasons = [SEPARATION if at_flat else reason for reason, at_flat in zip(reasons, flat, strict=True)]
    end = efron_sums(sets, position)
    kept = inside & ~flat
    covariance = inverse(end.information(), kept)
    se = np.sqrt(np.diag(covariance))
    beta = np.where(kept, position, np.nan)
    return CoxFit(
        names=labels,
        sets=sets,
        coefficients=beta,
        se=se,
        ci_low=beta - Z * se,
        ci_high=beta + Z * se,
        p=_two_sided(beta / se),
        reasons=tuple(reasons),
        position=position,
        covariance=covariance,
        log_likelihood=float(end.log_likelihood),
        log_likelihood_null=float(start.log_likelihood),
        score_statistic=quadratic(start.score(), start.information(), inside),
        firth=False,
        times=times,
        x=covariates,
    )


def inverse(information: Floats, kept: npt.NDArray[np.bool_]) -> Floats:
    """The inverse of the kept part of an information matrix, NaN elsewhere."""
    found = np.full_like(information, np.nan)
    at = np.flatnonzero(kept)
    if len(at):
        scale = np.sqrt(np.diag(information)[at])
        found[np.ix_(at, at)] = np.linalg.inv(information[np.ix_(at, at)] / np.outer(scale, scale)) / np.outer(
            scale, scale
        )
    return found


def quadratic(score: Floats, information: Floats, kept: npt.NDArray[np.bool_]) -> float:
    """The score test statistic of the kept coefficients."""
    at = np.flatnonzero(kept)
    return float(score[at] @ np.nan_to_num(inverse(information, kept))[np.ix_(at, at)] @ score[at])


def centered(sets: RiskSets) -> RiskSets:
    """The same risk sets with covariates around their mean over the events, so that variances keep their digits."""
    from dataclasses import replace

    middle = sets.event_x.sum(axis=0) / max(sets.events, 1)
    return replace(sets, x=sets.x - middle, event_x=sets.event_x - sets.count[:, None] * middle)


def _left_out(start: EfronSums) -> list[str | None]:
    """Why a covariate cannot be in the model: it does not vary, or it is a sum of those before it."""
    x, events = start.of.x, start.of.events
    if not events:
        return [NO_EVENTS] * x.shape[1]
    information = start.information()
    spread = np.ptp(x, axis=0) if len(x) else np.zeros(x.shape[1])
    reasons: list[str | None] = []
    kept: list[int] = []
    for at in range(x.shape[1]):
        own = information[at, at]
        if spread[at] == 0 or own <= 1e-12 * events * spread[at] ** 2:
            reasons.append(CONSTANT)
            continue
        others = information[np.ix_(kept, kept)]
        explained = information[at, kept] @ np.linalg.solve(others, information[kept, at]) if kept else 0.0
        if own - explained <= 1e-10 * own:
            reasons.append(COLLINEAR)
            continue
        reasons.append(None)
        kept.append(at)
    return reasons


def _maximum(sets: RiskSets, start: EfronSums, inside: npt.NDArray[np.bool_]) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Where the likelihood is largest, and along which coefficients it is flat there."""
    position, here = np.zeros(len(inside)), start
    flat = np.zeros(len(inside), dtype=bool)
    spread = np.ptp(sets.x, axis=0) if len(sets.x) else np.zeros(len(inside))
    for _ in range(_ITERATIONS if inside.any() else 0):
        score, information = here.score(), here.information()
        spent = inside & ~(np.diag(information) > 0)
        if spent.any():
            # So far out along a separation that rounding leaves no information.
            flat = spent
            break
        step = np.where(inside, np.nan_to_num(inverse(information, inside)) @ np.where(inside, score, 0), 0.0)
        gain = float(score @ step)
        far = np.abs(step) * spread > _FAR
        if gain < _FLAT and far.any():
            flat = far
            break
        there = efron_sums(sets, position + step)
        while not there.log_likelihood >= here.log_likelihood - 1e-10 * abs(here.log_likelihood):
            step = step / 2
            there = efron_sums(sets, position + step)
        position, here = position + step, there
        if gain < _CONVERGED:
            break
    return position, flat


def _chi2(statistic: float, df: int) -> GlobalTest:
    # The whole of scipy.stats takes a second to import.
    from scipy.special import chdtrc

    if not df:
        return GlobalTest(None, 0, None)
    return GlobalTest(statistic, df, float(chdtrc(df, statistic)))


def _two_sided(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)))
