"""The endpoints: who is analyzed, from when to when, with which event, and who is left out and why.

The unit is the patient, with the first episode that has the origin. Time is counted in days. A patient enrolled on or
before the origin is at risk from it; one enrolled later enters the risk set on enrollment, since a patient who died
before could not have been enrolled (left truncation; Andersen PK, Gill RD. Ann Stat 1982;10:1100-1120).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.episodes import SAME_EPISODE_DAYS, Episodes, days_after
from analytics.consensus.factors import Fixed
from analytics.grouping import Grouping, grouping, labels_of_patients
from analytics.origins import ORIGINS, Origin, operations_at, origin_days
from analytics.survival import DAYS_PER_MONTH, SurvivalTimes, survival_times
from registry.errors import AnalysisRefused, UsageError

TABLES_READ = ("patient", "primary_tumor", "episode", "metastasis", "local_treatment", "disease_event")
"""The tables that an analysis of survival needs."""


@dataclass(frozen=True)
class Endpoint:
    """What is waited for.

    Attributes:
        name: as in the interface.
        title, words: for figures and tables.
        kinds: the kinds of disease_event that count, beside death.
        needs_clearance: patients whose operation at the origin was R1 or R2 were never free of disease.
    """

    name: str
    title: str
    words: str
    kinds: tuple[str, ...]
    needs_clearance: bool = False


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
    )
}
"""The endpoints by name; the first one is the default."""

COMPETING = ("recurrence", "local_failure")
"""Endpoints with which death competes: a Kaplan-Meier curve would overstate them, so none is given."""

WITHDRAWN = "consent_withdrawn"
NOT_DISEASE_FREE = "not_disease_free"
VITAL_STATUS_UNKNOWN = "vital_status_unknown"
DEATH_DATE_UNKNOWN = "death_date_unknown"
LAST_CONTACT_UNKNOWN = "last_contact_unknown"
ENDS_BEFORE_ORIGIN = "ends_before_origin"
ENDS_BEFORE_ENTRY = "ends_before_entry"
ENDS_BEFORE_LANDMARK = "ends_before_landmark"
FACTOR_FIXED_LATER = "factor_fixed_later"
FACTOR_MISSING = "factor_missing"


@dataclass(frozen=True, eq=False)
class AnalysisSet:
    """The patients of one analysis and the way to them.

    Attributes:
        endpoint, origin: what is analyzed.
        grouping: how patients are divided; None: not at all.
        times: the checked times of those who are analyzed, in the order of the patient frame.
        patient_id: who they are, in the same order.
        patients: how many the cohort has, in the center where one was asked for; n of ``times`` + all of ``excluded``.
        excluded: reason -> patients left out for it; each patient counts for the first reason that holds.
        enrollment_unknown: patients taken as at risk from the origin because their enrollment has no date.
        delayed_entry: whether those enrolled after the origin enter late.
        landmark_months, landmark_day: the landmark that time is counted from; None without one.
        center: the center that was asked for; None for all of them.
    """

    endpoint: Endpoint
    origin: Origin
    grouping: Grouping | None
    times: SurvivalTimes
    patient_id: pd.Series
    patients: int
    excluded: dict[str, int]
    enrollment_unknown: int
    delayed_entry: bool
    landmark_months: float | None
    landmark_day: int | None
    center: str | None


def analysis_set(
    cohort: Cohort,
    *,
    endpoint: str = "os",
    origin: str = "lung_resection",
    by: str | None = None,
    landmark_months: float | None = None,
    delayed_entry: bool = True,
    center: str | None = None,
) -> AnalysisSet:
    """Take the patients, times and groups of an analysis from a cohort.

    Args:
        cohort: the registry at a data cut; the tables of :data:`TABLES_READ`.
        endpoint, origin: names of :data:`ENDPOINTS` and of ``analytics.origins.ORIGINS``.
        by: a name of ``analytics.grouping.GROUPINGS``; those whose value is missing are left out and counted.
        landmark_months: analyze those who are event-free and under follow-up so many months (of 30.4375 days) after
            the origin, by what is known then, with time counted from there (Anderson JR et al. J Clin Oncol
            1983;1:710-719).
        delayed_entry: whether those enrolled after the origin enter the risk set on enrollment.
        center: only the patients of this center.

    Raises:
        UsageError: an unknown name or center, or a landmark that is not after the origin.
        AnalysisRefused: an endpoint with which death competes; groups that are settled after the origin, without a
            landmark (immortal-time bias).
    """
    wanted, start = _endpoint(endpoint), _origin(origin)
    division = grouping(by) if by is not None else None
    if landmark_months is not None and not 0 < landmark_months < 1200:
        raise UsageError("A landmark lies after the origin", got=landmark_months, remedy="Give months above 0")
    if division is not None and landmark_months is None:
        _refuse_immortal_time(division, start)
    landmark = None if landmark_months is None else round(landmark_months * DAYS_PER_MONTH)

    frames = cohort.frames
    patient = frames["patient"]
    days = origin_days(frames, start)
    flow = _Flow(_of_center(cohort, center))
    flow.leave_out_known(days["reason"])
    if wanted.needs_clearance:
        residual = operations_at(frames, start, days)
        incomplete = residual.loc[residual["residual_tumor"].isin(["R1", "R2"]), "patient_id"]
        flow.leave_out(patient["patient_id"].isin(incomplete), NOT_DISEASE_FREE)

    ends = _ends(cohort, wanted, days["origin_on"])
    flow.leave_out_known(ends["reason"])
    end = days_after(ends["on"], days["origin_on"])
    flow.leave_out(end < 0, ENDS_BEFORE_ORIGIN)
    enrolled = days_after(patient["enrolled_on"], days["origin_on"])
    entry = enrolled.clip(lower=0).fillna(0) if delayed_entry else enrolled.mask(enrolled.notna(), 0).fillna(0)
    flow.leave_out((entry > 0) & (end <= entry), ENDS_BEFORE_ENTRY)
    if landmark is not None:
        flow.leave_out(end <= landmark, ENDS_BEFORE_LANDMARK)
        entry, end = (entry - landmark).clip(lower=0), end - landmark
    labels = _labels(cohort, division, days, landmark, flow)

    withdrawn = _withdrawn(cohort, center)
    keep = flow.left.to_numpy()
    times = survival_times(
        end[keep],
        ends["event"][keep],
        entry=entry[keep],
        group=None if labels is None else labels[keep],
    )
    return AnalysisSet(
        endpoint=wanted,
        origin=start,
        grouping=division,
        times=times,
        patient_id=patient.loc[keep, "patient_id"].reset_index(drop=True),
        patients=flow.patients + withdrawn,
        excluded=({WITHDRAWN: withdrawn} if withdrawn else {}) | flow.excluded,
        enrollment_unknown=int(enrolled[keep].isna().sum()) if delayed_entry else 0,
        delayed_entry=delayed_entry,
        landmark_months=landmark_months,
        landmark_day=landmark,
        center=center,
    )


class _Flow:
    """Patients still in the analysis, and how many were left out for each reason."""

    def __init__(self, left: pd.Series) -> None:
        self.left = left
        self.patients = int(left.sum())
        self.excluded: dict[str, int] = {}

    def leave_out(self, who: pd.Series, reason: str) -> None:
        """Leave out those of whom it is known; each patient counts once, for the first reason."""
        out = self.left & who.fillna(False).astype(bool)
        if out.any():
            self.excluded[reason] = int(out.sum())
            self.left = self.left & ~out

    def leave_out_known(self, reasons: pd.Series) -> None:
        """Leave out those who have a reason."""
        for reason in sorted(reasons.dropna().unique()):
            self.leave_out(reasons == reason, reason)


def _endpoint(name: str) -> Endpoint:
    if name in COMPETING:
        raise AnalysisRefused(
            "Death competes with this endpoint, and this version gives no cumulative incidence",
            got=name,
            remedy="Take rfs or pfs, in which death counts as an event",
        )
    _require_known(name, ENDPOINTS, "endpoint")
    return ENDPOINTS[name]


def _origin(name: str) -> Origin:
    _require_known(name, ORIGINS, "origin")
    return ORIGINS[name]


def _require_known(name: str, known: Iterable[str], what: str) -> None:
    if name not in known:
        raise UsageError(f"There is no such {what}", got=name, remedy=f"Take one of {', '.join(known)}")


def _refuse_immortal_time(division: Grouping, origin: Origin) -> None:
    if division.fixed <= origin.settled:
        return
    settled = {
        Fixed.AT_DETECTION: "when metastases are found",
        Fixed.AT_OPERATION: "at an operation of the lung",
    }[division.fixed]
    later = "lung_resection" if division.fixed is Fixed.AT_OPERATION else "lung_diagnosis"
    raise AnalysisRefused(
        f"{division.name} is settled {settled}, after the origin ({origin.words}): whoever is in its groups has "
        "survived until then, which would be counted as a benefit (immortal-time bias)",
        remedy="Give --landmark-months M to compare those event-free M months after the origin by what is known then, "
        f"or start from {later}",
    )


def _of_center(cohort: Cohort, center: str | None) -> pd.Series:
    patient = cohort.frames["patient"]
    if center is None:
        return pd.Series(True, index=patient.index)
    centers = sorted({*patient["center_id"].dropna(), *cohort.withdrawn["center_id"].dropna()})
    if center not in centers:
        raise UsageError("No patient is of this center", got=center, remedy=f"Take one of {', '.join(centers)}")
    return (patient["center_id"] == center).fillna(False).astype(bool)


def _withdrawn(cohort: Cohort, center: str | None) -> int:
    rows = cohort.withdrawn
    return len(rows) if center is None else int((rows["center_id"] == center).sum())


def _ends(cohort: Cohort, endpoint: Endpoint, origin_on: pd.Series) -> pd.DataFrame:
    """The last day of each patient (on), whether it is an event, and the reason where it is not known."""
    patient, last = cohort.frames["patient"], np.datetime64(cohort.data_cut, "s")
    died_on = patient["death_on"]
    dead = (patient["vital_status"] == "dead") | died_on.notna()
    event_on = died_on
    if endpoint.kinds:
        found_on = _first_event(cohort, endpoint.kinds, origin_on)
        event_on = pd.Series(np.fmin(found_on.to_numpy(), died_on.to_numpy()), index=patient.index)
    seen_on = patient["last_contact_on"].where(~(patient["last_contact_on"] > last), last)
    event = event_on.notna()
    reason = pd.Series(np.nan, index=patient.index, dtype="object")
    reason = reason.mask(seen_on.isna(), LAST_CONTACT_UNKNOWN)
    reason = reason.mask(patient["vital_status"].isna(), VITAL_STATUS_UNKNOWN)
    reason = reason.mask(dead, DEATH_DATE_UNKNOWN).mask(event)
    return pd.DataFrame({"on": event_on.fillna(seen_on), "event": event, "reason": reason})


def _first_event(cohort: Cohort, kinds: tuple[str, ...], origin_on: pd.Series) -> pd.Series:
    """The first disease event of those kinds on or after the origin of each patient; NaT without one."""
    patients = pd.Index(cohort.frames["patient"]["patient_id"])
    rows = cohort.frames["disease_event"]
    rows = rows[rows["kind"].isin(kinds)]
    since = pd.Series(origin_on.to_numpy(), index=patients).reindex(rows["patient_id"]).to_numpy()
    first = rows[rows["occurred_on"].to_numpy() >= since].groupby("patient_id")["occurred_on"].min()
    return first.reindex(patients).reset_index(drop=True)


def _labels(
    cohort: Cohort, division: Grouping | None, days: pd.DataFrame, landmark: int | None, flow: _Flow
) -> pd.Series | None:
    """The group of each patient by what is known at the origin or the landmark; the others leave the flow."""
    if division is None:
        return None
    frames = cohort.frames
    start = days["origin_on"] + pd.Timedelta(days=landmark or 0)
    episode = frames["episode"]
    has_episode = days["at"].notna()
    known_until = pd.Series(
        start[has_episode].to_numpy(), index=days.loc[has_episode, "at"].astype("int64"), dtype="datetime64[s]"
    ).reindex(episode.index)
    labels = labels_of_patients(division, Episodes(frames, operated_until=known_until), days["at"])
    if division.fixed >= Fixed.AT_DETECTION:
        # At an origin itself two sites of one staging episode count as found together.
        tolerance = pd.Timedelta(days=SAME_EPISODE_DAYS if landmark is None else 0)
        detected_on = episode["detected_on"].reindex(days["at"].fillna(-1).astype("int64")).reset_index(drop=True)
        flow.leave_out(detected_on > start + tolerance, FACTOR_FIXED_LATER)
    flow.leave_out(labels.isna(), FACTOR_MISSING)
    return labels
