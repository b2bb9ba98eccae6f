"""The patients that an analysis may use, at a data cut."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analytics.consensus.readings import DEFAULT, Readings
from registry.cut import cut_frames, rows_of
from registry.frames import Frames
from registry.tables import PATIENT_TABLES

__all__ = ["Cohort", "Frames", "cohort_at"]


@dataclass(frozen=True, eq=False)
class Cohort:
    """The patients that an analysis may use, at a data cut.

    Attributes:
        frames: typed frames by table, of patients whose consent is not withdrawn.
        data_cut: the last day that exists.
        withdrawn: the rows of patient that were left out because consent was withdrawn.
        readings: of the consensus, which decide what its definitions and factors are.
    """

    frames: Frames
    data_cut: dt.date
    withdrawn: pd.DataFrame
    readings: Readings = DEFAULT

    def of(self, patients: Iterable[str]) -> Cohort:
        """Some of its patients, without the tables of centers."""
        own = set(patients)
        frames = {
            name: rows_of(frame, frame["patient_id"].isin(own).to_numpy(dtype=bool))
            for name, frame in self.frames.items()
            if name in PATIENT_TABLES
        }
        return Cohort(frames, self.data_cut, self.withdrawn, self.readings)

    def read_by(self, readings: Readings) -> Cohort:
        """The same patients, read otherwise."""
        return dataclasses.replace(self, readings=readings)


def cohort_at(frames: Mapping[str, pd.DataFrame], data_cut: dt.date, readings: Readings = DEFAULT) -> Cohort:
    """The cohort of typed frames at a data cut, without patients who withdrew their consent.

    Args:
        frames: typed frames by table, as ``registry.frames.read_frames`` gives them; ``patient`` at least.
        data_cut: the last day that exists.
        readings: of the consensus.
    """
    cut = cut_frames(frames, data_cut)
    patient = cut["patient"]
    gone = (patient["consent_status"] == "withdrawn").to_numpy(dtype=bool)
    if gone.any():
        left = patient.loc[gone, "patient_id"]
        for name, frame in cut.items():
            if "patient_id" in frame:
                cut[name] = rows_of(frame, ~frame["patient_id"].isin(left).to_numpy(dtype=bool))
    return Cohort(cut, data_cut, patient[gone].reset_index(drop=True), readings)
