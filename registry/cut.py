"""The registry as it stood on a data cut: what is dated later does not exist."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from registry.frames import Frames
from registry.tables import PATIENT_TABLES, TABLES

_KNOWN_WITH: dict[tuple[str, str], tuple[str, ...]] = {
    ("patient", "death_on"): ("cause_of_death",),
    ("episode", "emergency_on"): ("emergency",),
    ("systemic_therapy", "ended_on"): ("stop_reason",),
    ("systemic_therapy", "response_assessed_on"): ("best_response",),
}
"""(table, date column) -> the columns that say what was found on that date: blank where it is."""

_KEPT_LATER = frozenset({("patient", "enrolled_on"), ("patient", "consent_on"), ("patient", "last_contact_on")})
"""Dates that a cut does not blank: a late enrollment still delays entry, a withdrawal holds whenever it was said,
and the last contact is set to the cut."""


def cut_frames(frames: Mapping[str, pd.DataFrame], data_cut: dt.date) -> Frames:
    """Typed frames in which nothing is dated after the cut; the frames given are left as they are.

    Rows whose dating column is later are dropped; a row without a date stays, a row of a table without a dating column
    goes with its episode. Later dates in other columns are blanked, with what was found on them: a treatment that
    ends later is under way. A patient who died later is alive, with the last contact on the cut.
    """
    last = np.datetime64(data_cut, "s")
    cut = {name: _cut(name, frame, last) for name, frame in frames.items()}
    if "episode" in cut:
        for name, frame in cut.items():
            if "episode_no" in frame and TABLES[name].dated_by is None:
                cut[name] = _with_their_episode(frame, cut["episode"])
    return cut


def _cut(name: str, frame: pd.DataFrame, last: np.datetime64) -> pd.DataFrame:
    table = TABLES[name]
    if table.dated_by is not None:
        frame = rows_of(frame, ~(frame[table.dated_by] > last).to_numpy(dtype=bool))
    changed: dict[str, pd.Series] = {}
    if name == "systemic_therapy":
        # A response without a date of its own is dated by the end of the treatment.
        later = (frame["response_assessed_on"].isna() & (frame["ended_on"] > last)).to_numpy(dtype=bool)
        if later.any():
            changed["best_response"] = frame["best_response"].mask(later)
    for field in table.fields.values():
        if field.type != "date" or field.name == table.dated_by or (name, field.name) in _KEPT_LATER:
            continue
        later = (frame[field.name] > last).to_numpy(dtype=bool)
        if later.any():
            for column in (field.name, *_KNOWN_WITH.get((name, field.name), ())):
                changed[column] = changed.get(column, frame[column]).mask(later)
    if name == "patient":
        changed |= _alive_at_the_cut(frame, last)
    return frame.assign(**changed) if changed else frame


def _alive_at_the_cut(patient: pd.DataFrame, last: np.datetime64) -> dict[str, pd.Series]:
    died_later = (patient["death_on"] > last).to_numpy(dtype=bool)
    # Who is heard of after the cut was alive on it.
    heard_later = died_later | (patient["last_contact_on"] > last).to_numpy(dtype=bool)
    changed = {"last_contact_on": patient["last_contact_on"].mask(heard_later, last)}
    if died_later.any():
        changed["vital_status"] = patient["vital_status"].mask(died_later, "alive")
        changed["vital_status__absent"] = patient["vital_status__absent"].mask(died_later)
    if heard_later.any():
        changed["last_contact_on__absent"] = patient["last_contact_on__absent"].mask(heard_later)
    return changed


def _with_their_episode(frame: pd.DataFrame, episode: pd.DataFrame) -> pd.DataFrame:
    known = pd.MultiIndex.from_frame(episode[["patient_id", "record_no"]])
    named = frame["episode_no"].notna().to_numpy(dtype=bool)
    there = pd.MultiIndex.from_frame(frame[["patient_id", "episode_no"]]).isin(known)
    return rows_of(frame, ~named | there)


def enrolled_by(frames: Mapping[str, pd.DataFrame], data_cut: dt.date) -> Frames:
    """The frames without the patients who were enrolled after the cut, whose records were not begun on it.

    An analysis keeps them, since they enter its risk sets late; whether a record is complete is asked of those there
    were. A patient whose enrollment is not dated stays.
    """
    patient = frames["patient"]
    later = (patient["enrolled_on"] > np.datetime64(data_cut, "s")).to_numpy(dtype=bool)
    if not later.any():
        return dict(frames)
    unknown = set(patient["patient_id"][later])

    def begun(name: str, frame: pd.DataFrame) -> pd.DataFrame:
        if name not in PATIENT_TABLES:
            return frame
        return rows_of(frame, ~frame["patient_id"].isin(unknown).to_numpy(dtype=bool))

    return {name: begun(name, frame) for name, frame in frames.items()}


def rows_of(frame: pd.DataFrame, keep: np.ndarray) -> pd.DataFrame:
    """The rows of a frame that a mask keeps, numbered anew; the frame itself where it keeps all."""
    return frame if keep.all() else frame[keep].reset_index(drop=True)
