"""Observed and expected events of each center, with allowance for whom it treats (case-mix).

Cox's model of all centers together, without the center, gives each patient a cumulative hazard over the time in which
he or she was observed: the number of events expected of such a patient in this registry. Their sum over a center stands
beside what was observed there (indirect standardization; the reference is the registry itself, so that both sums are
equal over all centers). Berry G. Biometrics 1983;39:173-184; Therneau TM, Grambsch PM. Modeling Survival Data. 2000,
chapter 10.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.casemix_factors import CASE_MIX, INTERVAL
from analytics.cohort import Cohort
from analytics.cox import ENOUGH_EVENTS, CoxResult, cox_of
from analytics.cox_covariates import Covariate, Values, covariate, of_grouping, require_settled, values_at
from analytics.cox_design import complete_cases
from analytics.cox_fit import CoxFit
from analytics.endpoints import analysis_set
from analytics.grouping import grouping
from analytics.poisson import control_limits, ratio_limits
from registry.errors import AnalysisRefused, UsageError

Floats = npt.NDArray[np.float64]
Place = Literal["inside", "alert", "alarm"]

ALERT, ALARM = 0.025, 0.001
"""The tails beyond the 95 % and the 99.8 % limits, on each side."""

SMALL = 5
"""Expected events below which the ratio of a center says little."""

_NEARBY = 1e-9
"""A ratio on a limit is inside, whatever rounding says."""


CAUTIONS = (
    "A center outside the limits differs by more than chance explains; that says nothing yet on its care. Check its "
    "data and its follow-up first, then whom it treats.",
    "The model knows the factors named and no others; patients differ in more than these.",
    "Limits take the expected number as known, although it is estimated from the same patients.",
    "Centers are listed by volume. The ratios of two centers are not comparable with each other, only each with the "
    "registry: this is no ranking.",
)


@dataclass(frozen=True)
class CenterOutcome:
    """A center beside the registry.

    Attributes:
        label: its code.
        n: its complete cases.
        incomplete: its patients who are left out because a factor is missing.
        observed, expected: events.
        ratio, ci_low, ci_high: observed / expected with exact Poisson limits at 95 %; None where nothing is expected.
        low_95, high_95, low_998, high_998: the control limits of the ratio at its expected number.
        place: inside the control limits, beyond those at 95 % (alert) or at 99.8 % (alarm).
    """

    label: str
    n: int
    incomplete: int
    observed: int
    expected: float
    ratio: float | None
    ci_low: float | None
    ci_high: float | None
    low_95: float | None
    high_95: float | None
    low_998: float | None
    high_998: float | None
    place: Place

    def to_dict(self) -> dict[str, Any]:
        """The center as a document."""
        return dict(vars(self))


@dataclass(frozen=True, eq=False)
class CaseMix:
    """The centers beside the registry.

    Attributes:
        model: of all centers together.
        centers: those with complete cases, the largest expected number first.
        statistic, df, p: of the test that all centers have the ratio 1, sum of (O - E)² / E; None with one center.
    """

    model: CoxResult
    centers: tuple[CenterOutcome, ...]
    statistic: float | None
    df: int | None
    p: float | None

    @property
    def data_cut(self) -> dt.date:
        """The last day that exists."""
        return self.model.data_cut

    @property
    def few_events(self) -> bool:
        """Whether there are fewer events for each coefficient than a steady model needs."""
        per_variable = self.model.events_per_variable
        return per_variable is not None and per_variable < ENOUGH_EVENTS

    def cautions(self) -> list[str]:
        """What to think of before a center is judged."""
        return [*CAUTIONS, *self.own_cautions()]

    def own_cautions(self) -> list[str]:
        """Those that hold of this comparison."""
        found = []
        small = sum(center.expected < SMALL for center in self.centers)
        if small:
            found.append(f"{small} of {len(self.centers)} centers expect fewer than {SMALL} events: they say little.")
        if self.few_events:
            found.append(
                f"{self.model.events_per_variable:.1f} events for each coefficient, fewer than {ENOUGH_EVENTS}: the "
                "adjustment is unsteady."
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """The document that ``oligomet casemix --json`` prints."""
        model = self.model
        return {
            "endpoint": model.chosen.endpoint.name,
            "origin": model.chosen.origin.name,
            "factors": list(model.factors),
            "strata": model.strata.name if model.strata else None,
            "data_cut": self.data_cut.isoformat(),
            "landmark_months": model.chosen.landmark_months,
            "delayed_entry": model.chosen.delayed_entry,
            "patients": model.chosen.patients,
            "n": model.n,
            "events": model.events,
            "excluded": model.excluded,
            "missing": model.missing,
            "events_per_variable": model.events_per_variable,
            "concordance": model.concordance,
            "terms": [term.to_dict() for term in model.terms],
            "centers": [center.to_dict() for center in self.centers],
            "test": {"statistic": self.statistic, "df": self.df, "p": self.p},
            "cautions": self.cautions(),
        }

    def frame(self) -> pd.DataFrame:
        """A line for each center."""
        return pd.DataFrame([center.to_dict() for center in self.centers])


def expected_events(fit: CoxFit) -> Floats:
    """The cumulative hazard of each subject over its time at risk, shape (n,): predict(coxph, type = "expected") of R.

    With Efron's ties those with an event see less of the hazard of their day, so that the sum is the number of events.
    """
    sets, sums = fit.sets, fit.sums
    hazard = np.concatenate(([0.0], np.cumsum(sums.a)))
    found = hazard[sets.last] - hazard[np.minimum(sets.first, sets.last)]
    who = np.flatnonzero(fit.times.event)
    found[who] -= sums.b[sets.last[who] - 1]
    return np.asarray(found * sums.risk[sets.pattern])


def casemix(
    cohort: Cohort,
    *,
    endpoint: str = "os",
    origin: str = "lung_resection",
    factors: Sequence[str] = CASE_MIX,
    stratify: str | None = None,
    landmark_months: float | None = None,
    delayed_entry: bool = True,
) -> CaseMix:
    """Compare the centers of a cohort with the registry.

    Args:
        cohort: the registry at a data cut.
        endpoint, origin, landmark_months, delayed_entry: as for :func:`analytics.endpoints.analysis_set`.
        factors: of the model; names as for a regression, and ``interval``.
        stratify: a grouping whose groups have baseline hazards of their own.

    Raises:
        UsageError: an unknown name, or the center as a factor.
        AnalysisRefused: an endpoint with which death competes, factors that are settled after the origin, nobody with
            all factors, no event, or a single center.
    """
    names = list(dict.fromkeys(factors))
    if not names:
        raise UsageError("A comparison of centers needs a factor", remedy="Give --factors A,B,…")
    if "center_id" in names or stratify in ("center", "center_id"):
        raise UsageError(
            "The center cannot be a factor or a stratum: it is what is compared", remedy="Leave the center out"
        )
    chosen = analysis_set(
        cohort, endpoint=endpoint, origin=origin, landmark_months=landmark_months, delayed_entry=delayed_entry
    )
    if chosen.endpoint.death_competes:
        raise AnalysisRefused("Death competes with this endpoint", got=endpoint, remedy="Take os, rfs or pfs")
    wanted = [_covariate(name) for name in names]
    others = [of_grouping(grouping(stratify))] if stratify else []
    require_settled([*wanted, *others], chosen)
    given = values_at(cohort, chosen, [*wanted, *others, covariate("center_id")])
    centers, strata = given[-1], given[len(wanted)] if stratify else None
    model = cox_of(chosen, cohort.data_cut, given[: len(wanted)], strata=strata, cluster=centers)
    _require_comparable(model, centers)
    left, _ = complete_cases([*given[: len(wanted)], centers, *([strata] if strata else [])])
    made = _outcomes(model.fit, centers.values, left)
    statistic, df, p = _test(made)
    return CaseMix(model, made, statistic, df, p)


def _covariate(name: str) -> Covariate:
    return of_grouping(INTERVAL) if name == INTERVAL.name else covariate(name)


def _require_comparable(model: CoxResult, centers: Values) -> None:
    if not len(model.chosen.times):
        raise AnalysisRefused(
            f"Nobody can be analyzed from the {model.chosen.start_words}", remedy="Take another origin"
        )
    if centers.values.nunique() < 2:
        raise AnalysisRefused(
            "There is a single center: what is expected of it is what was observed",
            remedy="Compare centers where there are two or more",
        )
    if not model.n:
        raise AnalysisRefused(
            "No patient has a value of every factor",
            got=f"{len(model.chosen.times)} patients analyzed",
            remedy="Take fewer factors, or complete the records",
        )
    if not model.events:
        raise AnalysisRefused("Nobody had the event: nothing is expected", remedy="Compare later")


def _outcomes(fit: CoxFit, centers: pd.Series, left: npt.NDArray[np.bool_]) -> tuple[CenterOutcome, ...]:
    names = centers.astype("string")
    of_complete = names[left].to_numpy(dtype=object)
    expected, events = expected_events(fit), fit.times.event
    dropped = names[~left].value_counts()
    found = []
    for label in sorted(set(of_complete)):
        own = of_complete == label
        found.append(_center(label, int(own.sum()), int(dropped.get(label, 0)), int(events[own].sum()), expected[own]))
    return tuple(sorted(found, key=lambda center: (-center.expected, center.label)))


def _center(label: str, n: int, incomplete: int, observed: int, hazards: Floats) -> CenterOutcome:
    expected = float(hazards.sum())
    if expected <= 0:
        return CenterOutcome(label, n, incomplete, observed, expected, *(None,) * 7, place="inside")
    ratio = observed / expected
    low, high = (float(limit) for limit in ratio_limits(observed, expected))
    (low_95, high_95), (low_998, high_998) = (
        tuple(float(limit) for limit in control_limits(expected, tail)) for tail in (ALERT, ALARM)
    )
    place: Place = "inside"
    if not low_95 - _NEARBY <= ratio <= high_95 + _NEARBY:
        place = "alert" if low_998 - _NEARBY <= ratio <= high_998 + _NEARBY else "alarm"
    return CenterOutcome(
        label, n, incomplete, observed, expected, ratio, low, high, low_95, high_95, low_998, high_998, place
    )


def _test(centers: Sequence[CenterOutcome]) -> tuple[float | None, int | None, float | None]:
    from scipy.special import chdtrc

    compared = [center for center in centers if center.expected > 0]
    if len(compared) < 2:
        return None, None, None
    statistic = sum((center.observed - center.expected) ** 2 / center.expected for center in compared)
    df = len(compared) - 1
    return statistic, df, float(chdtrc(df, statistic))
