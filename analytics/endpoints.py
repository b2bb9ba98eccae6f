"""The endpoints: who is analyzed, from when to when, with which event, and who is left out and why.

The unit is the patient, with the first episode that has the origin, or a local treatment. Time is counted in days. A
patient enrolled on or before the origin is at risk from it; one enrolled later enters the risk set on enrollment, since
a patient who died before could not have been enrolled (left truncation; Andersen PK, Gill RD. Ann Stat
1982;10:1100-1120).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.episodes import days_after
from analytics.differencing import Choice
from analytics.flow import (
    ENDS_BEFORE_ENTRY,
    ENDS_BEFORE_LANDMARK,
    ENDS_BEFORE_ORIGIN,
    FACTOR_FIXED_LATER,
    FACTOR_MISSING,
    FACTOR_NOT_APPLICABLE,
    NOT_DISEASE_FREE,
    STRATUM_MISSING,
    WITHDRAWN,
    Flow,
    known_labels,
    of_center,
    refuse_immortal_time,
    withdrew,
)
from analytics.grouping import Grouping, grouping, treatment_grouping
from analytics.narrowing import Where, narrow, require_chosen_in_time, where_of, where_words
from analytics.origins import ORIGINS, TREATMENT, Origin, operations_at
from analytics.survival import DAYS_PER_MONTH, SurvivalTimes, survival_times
from analytics.units import (
    DEATH_DATE_UNKNOWN,
    FAILURE_UNKNOWN,
    LAST_CONTACT_UNKNOWN,
    VITAL_STATUS_UNKNOWN,
    ends_of,
    patients_from,
    treatments_from,
)
from registry.errors import UsageError
from registry.identifiers import is_in

__all__ = [
    "COMPETING",
    "DEATH_DATE_UNKNOWN",
    "ENDPOINTS",
    "ENDS_BEFORE_ENTRY",
    "ENDS_BEFORE_LANDMARK",
    "ENDS_BEFORE_ORIGIN",
    "FACTOR_FIXED_LATER",
    "FACTOR_MISSING",
    "FACTOR_NOT_APPLICABLE",
    "FAILURE_UNKNOWN",
    "LAST_CONTACT_UNKNOWN",
    "NOT_DISEASE_FREE",
    "STRATUM_MISSING",
    "TABLES_READ",
    "VITAL_STATUS_UNKNOWN",
    "WITHDRAWN",
    "AnalysisSet",
    "Chosen",
    "Endpoint",
    "analysis_set",
]

Named = TypeVar("Named")

TABLES_READ = ("patient", "primary_tumor", "episode", "metastasis", "local_treatment", "disease_event")
"""The tables that an analysis of survival needs."""


@dataclass(frozen=True)
class Endpoint:
    """What is waited for.

    Attributes:
        name: as in the interface.
        title, words: for figures and tables.
        kinds: the kinds of disease_event that count.
        needs_clearance: patients whose operation at the origin was R1 or R2 were never free of disease.
        death_competes: death is no event but ends the chance of one; a Kaplan-Meier curve would overstate the endpoint.
        of_treatments: the unit is a radical local treatment of a metastasis, from its start.
    """

    name: str
    title: str
    words: str
    kinds: tuple[str, ...]
    needs_clearance: bool = False
    death_competes: bool = False
    of_treatments: bool = False

    @property
    def unit(self) -> str:
        """What is counted."""
        return "treatment" if self.of_treatments else "patient"


ENDPOINTS: dict[str, Endpoint] = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("os", "Overall survival", "death from any cause", ()),
        Endpoint(
            "rfs",
            "Recurrence-free survival",
            "recurrence or death from any cause",
            ("recurrence",),
            needs_clearance=True,
        ),
        Endpoint(
            "pfs",
            "Progression-free survival",
            "progression, recurrence or death from any cause",
            ("progression", "recurrence"),
        ),
        Endpoint(
            "recurrence",
            "Cumulative incidence of recurrence",
            "recurrence; death without it competes",
            ("recurrence",),
            needs_clearance=True,
            death_competes=True,
        ),
        Endpoint(
            "local_failure",
            "Cumulative incidence of local failure",
            "progression or recurrence at the treated site; death without it competes",
            (),
            death_competes=True,
            of_treatments=True,
        ),
    )
}
"""The endpoints by name; the first one is the default."""

COMPETING = tuple(endpoint.name for endpoint in ENDPOINTS.values() if endpoint.death_competes)
"""Endpoints with which death competes: their curves are cumulative incidences."""

STRATA = ("center",)
"""What the tests can be stratified by."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Chosen:
    """What is analyzed, and the way to those who are.

    Attributes:
        endpoint, origin: what is analyzed.
        grouping: how the units are divided; None: not at all.
        patients: how many the cohort has, in the center where one was asked for.
        excluded: reason -> units left out for it; each unit counts for the first reason that holds. With patients as
            units, ``patients`` is those analyzed and all of these.
        enrollment_unknown: units taken as at risk from the origin because the enrollment has no date; None where a
            shared table does not say.
        delayed_entry: whether those enrolled after the origin enter late.
        landmark_months, landmark_day: the landmark that time is counted from; None without one.
        center: the center that was asked for; None for all of them.
        stratify: what the tests are stratified by; None: nothing.
        where: by what the patients were chosen.
    """

    endpoint: Endpoint
    origin: Origin
    grouping: Grouping | None
    patients: int
    excluded: dict[str, int]
    enrollment_unknown: int | None
    delayed_entry: bool
    landmark_months: float | None
    landmark_day: int | None
    center: str | None
    stratify: str | None = None
    where: Where = ()

    def summary(self) -> Chosen:
        """The same without the units themselves, where they are among it: what may be kept for long."""
        return Chosen(**{each.name: getattr(self, each.name) for each in fields(Chosen)})

    @property
    def where_words(self) -> str:
        """By what the patients were chosen, in words; "" where all were taken."""
        return where_words(self.where)

    @property
    def start_words(self) -> str:
        """The day from which time is counted, in words."""
        if self.landmark_months is None:
            return self.origin.words
        return f"the landmark {self.landmark_months:g} months after {self.origin.words}"


@dataclass(frozen=True, eq=False, kw_only=True)
class AnalysisSet(Chosen):
    """The units of one analysis.

    Attributes:
        times: the checked times of those who are analyzed, in the order of the patient (or treatment) frame.
        patient_id: who they are, in the same order.
        choice: those who could have been chosen; None where the set was made of something else than a cohort.
        strata: the center of each, in the same order; None where the tests are not stratified.
    """

    times: SurvivalTimes
    patient_id: pd.Series
    choice: Choice | None = None
    strata: pd.Series | None = None


def analysis_set(
    cohort: Cohort,
    *,
    endpoint: str = "os",
    origin: str = "lung_resection",
    by: str | None = None,
    landmark_months: float | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
    stratify: str | None = None,
    where: Mapping[str, Iterable[str]] | Where = (),
) -> AnalysisSet:
    """Take the units, times and groups of an analysis from a cohort.

    Args:
        cohort: the registry at a data cut; the tables of :data:`TABLES_READ`.
        endpoint, origin: names of :data:`ENDPOINTS` and of ``analytics.origins.ORIGINS``; treatments are counted from
            their own start, whatever the origin.
        by: a name of ``analytics.grouping.GROUPINGS``, or for treatments also of ``TREATMENT_GROUPINGS``; those whose
            value is missing are left out and counted.
        landmark_months: analyze those who are event-free and under follow-up so many months (of 30.4375 days) after
            the origin, by what is known then, with time counted from there (Anderson JR et al. J Clin Oncol
            1983;1:710-719).
        delayed_entry: whether those enrolled after the origin enter the risk set on enrollment.
        center: only the patients of this center.
        stratify: "center" to keep the center of each for stratified tests.
        where: names of ``analytics.narrowing.FILTERS`` with the labels of the units that are kept; the others are left
            out and counted. Names that are settled by treatments need the tables of the classification too.

    Raises:
        UsageError: an unknown name, label or center, or a landmark that is not after the origin.
        AnalysisRefused: groups or choices that are settled after the origin, without a landmark (immortal-time bias).
    """
    wanted, start = _named(endpoint, ENDPOINTS, "endpoint"), _named(origin, ORIGINS, "origin")
    if wanted.of_treatments:
        # Under the name that was asked for: each treatment has its own start, whatever the origin.
        start = replace(TREATMENT, name=start.name)
    division = None if by is None else treatment_grouping(by) if wanted.of_treatments else grouping(by)
    if landmark_months is not None and not 0 < landmark_months < 1200:
        raise UsageError("A landmark lies after the origin", got=landmark_months, remedy="Give months above 0")
    if division is not None and landmark_months is None:
        refuse_immortal_time(division.name, division.fixed, start)
    asked = where_of(where)
    if landmark_months is None:
        require_chosen_in_time(asked, start)
    if stratify is not None:
        _named(stratify, dict.fromkeys(STRATA, stratify), "stratum")
    landmark = None if landmark_months is None else round(landmark_months * DAYS_PER_MONTH)

    frames = cohort.frames
    units = (treatments_from if wanted.of_treatments else patients_from)(frames, start)
    patient = frames["patient"].take(units["patient"]).reset_index(drop=True)
    flow = Flow(of_center(cohort, patient, center))
    flow.leave_out_known(units["reason"])
    if wanted.needs_clearance:
        residual = operations_at(frames, start, units.rename(columns={"on": "origin_on"}))
        incomplete = residual.loc[residual["residual_tumor"].isin(["R1", "R2"]), "patient_id"]
        flow.leave_out(pd.Series(is_in(patient["patient_id"], incomplete)), NOT_DISEASE_FREE)

    ends = ends_of(cohort, wanted, units)
    flow.leave_out_known(ends["reason"])
    end = days_after(ends["on"], units["on"])
    flow.leave_out(end < 0, ENDS_BEFORE_ORIGIN)
    enrolled = days_after(patient["enrolled_on"], units["on"])
    entry = enrolled.clip(lower=0).fillna(0) if delayed_entry else enrolled.mask(enrolled.notna(), 0).fillna(0)
    flow.leave_out((entry > 0) & (end <= entry), ENDS_BEFORE_ENTRY)
    if landmark is not None:
        flow.leave_out(end <= landmark, ENDS_BEFORE_LANDMARK)
        entry, end = (entry - landmark).clip(lower=0), end - landmark
    candidates = flow.left.to_numpy()
    had = narrow(cohort, asked, units, landmark, flow)
    labels = known_labels(cohort, division, units, landmark, flow)
    if stratify is not None:
        flow.leave_out(patient["center_id"].isna(), STRATUM_MISSING)

    withdrawn = withdrew(cohort, center)
    keep = flow.left.to_numpy()
    times = survival_times(
        end[keep],
        ends["event"][keep],
        entry=entry[keep],
        group=None if labels is None else labels[keep],
        competing=ends["competing"][keep] if wanted.death_competes else None,
        cluster=units["patient"][keep] if wanted.of_treatments else None,
    )
    # The treatments of those who withdrew are gone with their rows, so there is no number of them.
    reasons = {WITHDRAWN: withdrawn} if withdrawn and not wanted.of_treatments else {}
    return AnalysisSet(
        endpoint=wanted,
        origin=start,
        grouping=division,
        patients=int(of_center(cohort, frames["patient"], center).sum()) + withdrawn,
        excluded=reasons | flow.excluded,
        enrollment_unknown=int(enrolled[keep].isna().sum()) if delayed_entry else 0,
        delayed_entry=delayed_entry,
        landmark_months=landmark_months,
        landmark_day=landmark,
        center=center,
        stratify=stratify,
        where=asked,
        choice=Choice(
            asked,
            patient.loc[candidates, "patient_id"],
            had[candidates],
            None if labels is None else labels[candidates],
        ),
        times=times,
        patient_id=patient.loc[keep, "patient_id"].reset_index(drop=True),
        strata=patient.loc[keep, "center_id"].reset_index(drop=True) if stratify else None,
    )


def _named(name: str, known: Mapping[str, Named], what: str) -> Named:
    if name not in known:
        raise UsageError(f"There is no such {what}", got=name, remedy=f"Take one of {', '.join(known)}")
    return known[name]
