"""Whose time is counted, from when to when: patients from an origin, or local treatments from their start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.cohort import Cohort, Frames
from analytics.origins import DATE_UNKNOWN, UNDETERMINED, Origin, origin_days
from registry.identifiers import positions

if TYPE_CHECKING:
    from analytics.endpoints import Endpoint

VITAL_STATUS_UNKNOWN = "vital_status_unknown"
DEATH_DATE_UNKNOWN = "death_date_unknown"
LAST_CONTACT_UNKNOWN = "last_contact_unknown"
FAILURE_UNKNOWN = "failure_unknown"


def patients_from(frames: Frames, origin: Origin) -> pd.DataFrame:
    """Each patient from an origin, in the order of ``frames["patient"]``.

    Returns:
        Columns: patient (row of the patient frame), on (the origin; NaT without one), at (row of the episode frame, or
        NA), reason (why there is no origin, or NA) and treatment (NA).
    """
    days = origin_days(frames, origin).rename(columns={"origin_on": "on"})
    return days.assign(patient=np.arange(len(days)), treatment=pd.array([pd.NA] * len(days), dtype="Int64"))


def treatments_from(frames: Frames, origin: Origin) -> pd.DataFrame:
    """Each treatment that is the origin, or may be, from its start, with the columns of :func:`patients_from`.

    The treatment is a row of the frame of local treatments; a patient can have several.
    """
    rows = origin.candidates(frames)
    reason = pd.Series(np.nan, index=rows.index, dtype="object")
    reason = reason.mask(rows["on"].isna(), DATE_UNKNOWN).mask(rows["is_so"].isna(), UNDETERMINED)
    units = pd.DataFrame(
        {
            "on": rows["on"],
            "at": rows["at"],
            "reason": reason,
            "patient": positions(frames["patient"]["patient_id"], rows["patient_id"]),
            "treatment": rows["treatment"].astype("Int64"),
        }
    )
    return units.reset_index(drop=True)


def ends_of(cohort: Cohort, endpoint: Endpoint, units: pd.DataFrame) -> pd.DataFrame:
    """The last day of each unit.

    Returns:
        Columns: on (NaT where it is not known), event (the endpoint happened then), competing (death came first), and
        reason (why the end is not known, or NA). Of an event and a death on the same day the event counts.
    """
    last = np.datetime64(cohort.data_cut, "s")
    patient = cohort.frames["patient"].take(units["patient"]).reset_index(drop=True)
    died_on = patient["death_on"]
    dead = (patient["vital_status"] == "dead") | died_on.notna()
    found_on, unknown = _found(cohort, endpoint, units)
    first_on = pd.Series(np.fmin(found_on.to_numpy(), died_on.to_numpy()), index=units.index)
    happened = first_on.notna()
    competing = happened & (found_on.isna() | (found_on > died_on)) & endpoint.death_competes
    seen_on = patient["last_contact_on"].where(~(patient["last_contact_on"] > last), last)
    reason = pd.Series(np.nan, index=units.index, dtype="object")
    reason = reason.mask(seen_on.isna(), LAST_CONTACT_UNKNOWN)
    reason = reason.mask(patient["vital_status"].isna(), VITAL_STATUS_UNKNOWN)
    reason = reason.mask(dead, DEATH_DATE_UNKNOWN).mask(happened).mask(unknown, FAILURE_UNKNOWN)
    return pd.DataFrame(
        {"on": first_on.fillna(seen_on), "event": happened & ~competing, "competing": competing, "reason": reason}
    )


def _found(cohort: Cohort, endpoint: Endpoint, units: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The day on which what the endpoint waits for beside death was found (NaT: not), and where that is not known."""
    known = pd.Series(False, index=units.index)
    if endpoint.of_treatments:
        rows = cohort.frames["local_treatment"].reindex(units["treatment"].astype("int64"))
        # A blank is no failure; a missing code other than "not applicable" leaves open whether there was one.
        unknown = rows["local_failure_on__absent"].isin(["UNK", "ND", "NASK"])
        return rows["local_failure_on"].reset_index(drop=True), unknown.reset_index(drop=True)
    if not endpoint.kinds:
        return pd.Series(np.datetime64("NaT", "s"), index=units.index), known
    return _first_event(cohort, endpoint.kinds, units["on"]), known


def _first_event(cohort: Cohort, kinds: tuple[str, ...], origin_on: pd.Series) -> pd.Series:
    """The first disease event of those kinds on or after the origin of each patient; NaT without one."""
    patients = cohort.frames["patient"]["patient_id"]
    rows = cohort.frames["disease_event"]
    rows = rows[rows["kind"].isin(kinds)]
    patient = positions(patients, rows["patient_id"])
    occurred_on = rows["occurred_on"].to_numpy("datetime64[s]")
    after = (patient >= 0) & (occurred_on >= origin_on.to_numpy("datetime64[s]")[patient])
    first = np.full(len(patients), np.datetime64("NaT", "s"))
    np.fmin.at(first, patient[after], occurred_on[after])
    return pd.Series(first)
