"""A regression as one result: Cox's model of a cohort, its tests and the flow of patients, and what is printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from analytics.cohort import Cohort
from analytics.cox_concordance import concordance
from analytics.cox_covariates import Values, covariate, of_grouping, require_settled, values_at
from analytics.cox_design import Design, complete_cases, design
from analytics.cox_fit import CoxFit, cox_fit
from analytics.cox_risk import Floats
from analytics.cox_splines import spline_basis
from analytics.cox_terms import Bend, Term
from analytics.cox_tests import ProportionalHazardsTest, Transform, proportional_hazards, robust_covariance
from analytics.endpoints import AnalysisSet, analysis_set
from analytics.grouping import Grouping, grouping
from analytics.limits import Z, finite
from analytics.narrowing import Where
from analytics.survival import SurvivalTimes, survival_times
from registry.errors import UsageError

Robust = Literal["patient", "center"]
ENOUGH_EVENTS = 10
"""Events for each coefficient below which estimates are shaky: Peduzzi P et al. J Clin Epidemiol 1995;48:1503-1510."""
_CURVE_POINTS = 101


@dataclass(frozen=True, eq=False)
class CoxResult:
    """What a regression gives.

    Attributes:
        chosen: the patients that could be analyzed, before those with a missing factor left.
        data_cut: the last day that exists.
        given: the covariates of ``chosen``, missing values included.
        excluded: reason -> patients left out, those with a missing factor too; the first reason counts.
        fit: the fitted model of the complete cases.
        covariance: of the coefficients, robust where that was asked for.
        columns: the columns of the model.
        strata: the grouping whose groups have baseline hazards of their own.
        robust: what the robust errors take as independent; None: the errors are those of the model.
        transform: the function of time of the proportional-hazards test.
    """

    chosen: AnalysisSet
    data_cut: dt.date
    given: tuple[Values, ...]
    excluded: dict[str, int]
    fit: CoxFit
    covariance: Floats
    columns: Design
    strata: Grouping | None
    robust: Robust | None
    transform: Transform

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the covariates."""
        return tuple(one.covariate.name for one in self.given)

    @property
    def missing(self) -> dict[str, int]:
        """Covariate -> patients of ``chosen`` without a value."""
        return {one.covariate.name: int(one.values.isna().sum()) for one in self.given}

    @property
    def n(self) -> int:
        """Complete cases."""
        return len(self.fit.times)

    @property
    def events(self) -> int:
        """Complete cases with the event."""
        return int(self.fit.times.event.sum())

    @property
    def events_per_variable(self) -> float | None:
        """Events for each coefficient; None without a coefficient."""
        return self.events / self.fit.df if self.fit.df else None

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The coefficients."""
        fit = self.fit
        low, high, p, se = fit.ci_low, fit.ci_high, fit.p, fit.se
        if self.robust is not None:
            from scipy.special import ndtr

            se = np.sqrt(np.diag(self.covariance))
            low, high = fit.coefficients - Z * se, fit.coefficients + Z * se
            with np.errstate(invalid="ignore", divide="ignore"):
                p = 2 * ndtr(-np.abs(fit.coefficients / se))
        events = fit.times.event
        return tuple(
            Term(
                column=column,
                events=int((self.columns.x[:, at] != 0)[events].sum()) if column.level is not None else self.events,
                coef=finite(fit.coefficients[at]),
                se=finite(se[at]),
                ci_low=finite(low[at]),
                ci_high=finite(high[at]),
                p=finite(p[at]),
                reason=fit.reasons[at],
            )
            for at, column in enumerate(self.columns.columns)
        )

    @cached_property
    def concordance(self) -> float | None:
        """How often the one with the event first had the higher predicted risk."""
        return concordance(self.fit)

    @cached_property
    def proportional_hazards(self) -> tuple[ProportionalHazardsTest, ...]:
        """The tests of proportional hazards, GLOBAL last."""
        return proportional_hazards(self.fit, self.columns.positions(), self.transform)

    @cached_property
    def bends(self) -> tuple[Bend, ...]:
        """The effects of the splines."""
        return tuple(self._bend(name) for name in self.columns.knots)

    def _bend(self, name: str) -> Bend:
        at = self.columns.positions()[name]
        values, knots = self.columns.values[name], self.columns.knots[name]
        reference = float(np.median(values))
        grid = np.linspace(float(np.quantile(values, 0.01)), float(np.quantile(values, 0.99)), _CURVE_POINTS)
        low, high = (float(np.quantile(values, level)) for level in (0.25, 0.75))
        fit = replace(self.fit, covariance=self.covariance)

        def ratios(upper: Any, lower: float) -> tuple[Floats, Floats, Floats]:
            rise = spline_basis(upper, knots) - spline_basis([lower], knots)
            effect = rise @ self.fit.coefficients[at]
            se = np.sqrt(np.einsum("ij,jk,ik->i", rise, self.covariance[np.ix_(at, at)], rise))
            return np.exp(effect), np.exp(effect - Z * se), np.exp(effect + Z * se)

        hr, ci_low, ci_high = ratios(grid, reference)
        between = [float(one[0]) for one in ratios([high], low)]
        return Bend(
            factor=name,
            unit=self.columns.columns[at[0]].unit,
            knots=knots,
            overall=fit.wald_of(at),
            nonlinearity=fit.wald_of(at[1:]),
            reference=reference,
            at=grid,
            hazard_ratio=hr,
            ci_low=ci_low,
            ci_high=ci_high,
            quartiles=(low, high),
            between=(between[0], between[1], between[2]),
        )

    def frame(self) -> pd.DataFrame:
        """The coefficients, a row each."""
        return pd.DataFrame([term.to_dict() for term in self.terms])

    def to_dict(self) -> dict[str, Any]:
        """The document that ``oligomet cox --json`` prints."""
        chosen, fit = self.chosen, self.fit
        return {
            "endpoint": chosen.endpoint.name,
            "origin": chosen.origin.name,
            "factors": list(self.factors),
            "data_cut": self.data_cut.isoformat(),
            "center": chosen.center,
            "where": {name: list(labels) for name, labels in chosen.where},
            "landmark_months": chosen.landmark_months,
            "delayed_entry": chosen.delayed_entry,
            "patients": chosen.patients,
            "n": self.n,
            "events": self.events,
            "excluded": self.excluded,
            "missing": self.missing,
            "enrollment_unknown": chosen.enrollment_unknown,
            "hazard": "cause-specific" if chosen.endpoint.death_competes else "all",
            "ties": "efron",
            "strata": self.strata.name if self.strata else None,
            "errors": self.robust or "model",
            "firth": fit.firth,
            "terms": [term.to_dict() for term in self.terms],
            "events_per_variable": self.events_per_variable,
            "concordance": self.concordance,
            "log_likelihood": fit.log_likelihood,
            "tests": {
                "likelihood_ratio": fit.likelihood_ratio.to_dict(),
                "score": fit.score_test.to_dict(),
                "wald": replace(fit, covariance=self.covariance).wald.to_dict(),
            },
            "ph_transform": self.transform,
            "ph_test": [test.to_dict() for test in self.proportional_hazards],
            "splines": [bend.to_dict() for bend in self.bends],
        }


def cox_analysis(
    cohort: Cohort,
    *,
    factors: Sequence[str],
    endpoint: str = "os",
    origin: str = "lung_resection",
    landmark_months: float | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
    where: Mapping[str, Iterable[str]] | Where = (),
    stratify: str | None = None,
    robust: str | None = None,
    firth: bool = False,
    splines: Sequence[str] = (),
    knots: int = 4,
    transform: Transform = "km",
) -> CoxResult:
    """Fit Cox's model to the complete cases of a cohort.

    Args:
        cohort: the registry at a data cut.
        factors: names of groupings (``analytics.grouping.GROUPINGS``) and of
            ``analytics.cox_covariates.CONTINUOUS``.
        endpoint, origin, landmark_months, delayed_entry, center, where: as for
            :func:`analytics.endpoints.analysis_set`.
        stratify: ``center`` or a grouping, whose groups get baseline hazards of their own.
        robust: ``patient`` or ``center``: errors that stay right where the model is not, with those as independent.
        firth: Firth's penalty.
        splines: the factors that are restricted cubic splines with so many ``knots``.
        transform: km or identity, for the test of proportional hazards.

    Raises:
        UsageError: an unknown name, or options that do not go together.
        AnalysisRefused: factors that are settled after the origin, without a landmark; too few values for a spline.
    """
    if robust not in (None, "patient", "center"):
        raise UsageError("There are no such errors", got=robust, remedy="Take patient or center")
    if robust and firth:
        raise UsageError("Robust errors do not go with Firth's penalty", remedy="Take one of them")
    names = list(dict.fromkeys(factors))
    if not names:
        raise UsageError("A regression needs a factor", remedy="Give --factors A,B,…")
    chosen = analysis_set(
        cohort,
        endpoint=endpoint,
        origin=origin,
        landmark_months=landmark_months,
        delayed_entry=delayed_entry,
        center=center,
        where=where,
    )
    divided = grouping("center_id" if stratify == "center" else stratify) if stratify else None
    wanted = [covariate(name) for name in names]
    others = [of_grouping(divided)] if divided else []
    require_settled([*wanted, *others], chosen)
    given = values_at(cohort, chosen, [*wanted, *others, *([covariate("center_id")] if robust == "center" else [])])
    return cox_of(
        chosen,
        cohort.data_cut,
        given[: len(wanted)],
        strata=given[len(wanted)] if divided else None,
        cluster=given[-1] if robust == "center" else None,
        robust="center" if robust == "center" else "patient" if robust else None,
        firth=firth,
        splines=splines,
        knots=knots,
        transform=transform,
    )


def cox_of(
    chosen: AnalysisSet,
    data_cut: dt.date,
    given: Sequence[Values],
    *,
    strata: Values | None = None,
    cluster: Values | None = None,
    robust: Robust | None = None,
    firth: bool = False,
    splines: Sequence[str] = (),
    knots: int = 4,
    transform: Transform = "km",
) -> CoxResult:
    """Fit Cox's model to an analysis set with the covariates that were read for it; see :func:`cox_analysis`."""
    needed = [*given, *(part for part in (strata, cluster) if part is not None)]
    left, reasons = complete_cases(needed)
    excluded = dict(chosen.excluded)
    for reason, count in reasons.items():
        excluded[reason] = excluded.get(reason, 0) + count
    complete = [replace(one, values=one.values[left].reset_index(drop=True)) for one in given]
    made = design(complete, splines=splines, knots=knots)
    times = _stratified(chosen.times, left, None if strata is None else strata.values[left])
    fit = cox_fit(times, made.x, [column.name for column in made.columns], firth=firth)
    covariance = fit.covariance
    if robust is not None:
        own = chosen.patient_id if cluster is None else cluster.values
        covariance = robust_covariance(fit, pd.factorize(own[left])[0])
    return CoxResult(
        chosen=chosen,
        data_cut=data_cut,
        given=tuple(given),
        excluded=excluded,
        fit=fit,
        covariance=covariance,
        columns=made,
        strata=None if strata is None else strata.covariate.grouping,
        robust=robust,
        transform=transform,
    )


def _stratified(times: SurvivalTimes, left: np.ndarray, strata: pd.Series | None) -> SurvivalTimes:
    """The times of the complete cases with their strata as groups."""
    return survival_times(times.day[left], times.event[left], entry=times.entry[left], group=strata)
