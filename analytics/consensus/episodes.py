"""What the factors read of an episode: its primary, its metastases, its operations, and how long after the primary.

Section and table numbers are those of the consensus: J Hematol Oncol 2019;12:16.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from analytics.consensus.readings import DEFAULT, Readings
from registry.identifiers import is_in, numbered, positions


class Episodes:
    """Episodes as columns: every property has a value for each row of ``frames["episode"]``, in its order.

    Args:
        frames: typed frames at a data cut, as :mod:`analytics.cohort` makes them.
        operated_until: for each episode the last day whose operations are known (NaT: none is); absent: all of them.
            A comparison from an origin must not know of operations after it.
        readings: of the definitions that columns rest on.
    """

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame],
        operated_until: pd.Series | None = None,
        readings: Readings = DEFAULT,
    ) -> None:
        self.frames = frames
        self.operated_until = operated_until
        self.readings = readings
        self.rows = frames["episode"]

    @cached_property
    def detected_on(self) -> pd.Series:
        """Day on which the metastases of the episode were found."""
        return self.rows["detected_on"]

    @cached_property
    def lung_involved(self) -> pd.Series:
        """Whether there are lung metastases; unknown where neither yes nor no is recorded."""
        return boolean(self.rows, "lung_involved")

    def of_primary(self, column: str) -> pd.Series:
        """A column of primary_tumor, for the patient of each episode."""
        return self._of_patient("primary_tumor", column)

    def of_patient(self, column: str) -> pd.Series:
        """A column of patient, for the patient of each episode."""
        return self._of_patient("patient", column)

    def _of_patient(self, table: str, column: str) -> pd.Series:
        return self.frames[table][column].reindex(self._rows_in[table]).reset_index(drop=True)

    @cached_property
    def _rows_in(self) -> dict[str, np.ndarray]:
        """For each episode the row of its patient in the tables that have one row a patient, -1 without one."""
        tables = ("patient", "primary_tumor")
        return {name: positions(self.frames[name]["patient_id"], self.rows["patient_id"]) for name in tables}

    @cached_property
    def synchronous(self) -> pd.Series:
        """Found during the work-up of the primary, three-valued (definition of synchronous lung metastases).

        The limit is the last staging study ordered before the first treatment, or that treatment where it is blank;
        by another reading a time after the diagnosis of the primary.
        """
        match self.readings.synchronous_limit:
            case "six_months":
                limit = self.of_primary("diagnosed_on") + pd.DateOffset(months=6)
            case "ninety_days":
                limit = self.of_primary("diagnosed_on") + pd.Timedelta(days=90)
            case _:
                limit = self.of_primary("workup_completed_on").fillna(self.of_primary("first_treated_on"))
        known = self.detected_on.notna() & limit.notna()
        return (self.detected_on <= limit).astype("boolean").where(known)

    @cached_property
    def primary_resected_on(self) -> pd.Series:
        """Day of the first resection after which the primary is no longer in situ; NaT where none is dated.

        Any resection of it, an emergency one too, except an R2 and a palliative one.
        """
        resections = self._primary_resections
        number, of_episode = numbered(resections["patient_id"], self.rows["patient_id"])
        first = resections["started_on"].groupby(number).min()
        return first.reindex(of_episode).reset_index(drop=True)

    @cached_property
    def primary_in_situ(self) -> pd.Series:
        """Whether the primary is in situ when the episode is detected, three-valued.

        Unknown where its only resections have no date, or the episode has none.
        """
        resected = self.primary_resected_on <= self.detected_on
        undated = self._primary_resections["started_on"].isna()
        some_undated = is_in(self.rows["patient_id"], self._primary_resections.loc[undated, "patient_id"])
        known = self.detected_on.notna() & (resected | ~some_undated)
        return (~resected).astype("boolean").where(known)

    @cached_property
    def _primary_resections(self) -> pd.DataFrame:
        treatment = self.frames["local_treatment"]
        resection = (treatment["target"] == "primary") & (treatment["modality"] == "resection")
        leaves_it = (treatment["residual_tumor"] == "R2") | (treatment["intent"] == "palliative")
        return treatment[resection & ~leaves_it]

    @cached_property
    def dfi_days(self) -> pd.Series:
        """Disease-free interval: days from the resection of the primary to the detection.

        NA where the metastases are synchronous or the primary is in situ, and where either is not known.
        """
        days = (self.detected_on - self.interval_from).dt.days.astype("Int64").where(self._has_interval)
        return days.mask(self._counts_as_no_interval, 0)

    @cached_property
    def interval_from(self) -> pd.Series:
        """Day from which the disease-free interval runs: the resection of the primary, or as the reading has it."""
        if self.readings.dfi_start == "primary_resection":
            return self.primary_resected_on
        systemic = self.frames["systemic_therapy"]
        adjuvant = systemic.loc[systemic["intent"] == "postoperative", ["patient_id", "started_on", "ended_on"]]
        episode = pd.DataFrame({"patient_id": self.rows["patient_id"], "found": self.detected_on})
        episode["resected"] = self.primary_resected_on
        pairs = pairs_of(episode.rename_axis("at").reset_index(), adjuvant)
        between = (pairs["started_on"] >= pairs["resected"]) & (pairs["ended_on"] <= pairs["found"])
        last = pairs[between].groupby("at")["ended_on"].max().reindex(self.rows.index)
        return last.fillna(self.primary_resected_on)

    @cached_property
    def _counts_as_no_interval(self) -> pd.Series:
        """Where the reading gives synchronous metastases an interval of 0 days."""
        zero = self.readings.dfi_of_synchronous == "zero"
        return self.synchronous.fillna(False).astype(bool) & zero

    @cached_property
    def _has_interval(self) -> pd.Series:
        return (~self.synchronous & ~self.primary_in_situ).fillna(False).astype(bool)

    def interval_shorter_than(self, months: int) -> pd.Series:
        """Whether the disease-free interval is shorter than so many calendar months, three-valued."""
        short = self.detected_on < self.interval_from + pd.DateOffset(months=months)
        return short.astype("boolean").where(self._has_interval).mask(self._counts_as_no_interval, months > 0)

    @cached_property
    def lesion_count(self) -> pd.Series:
        """Number of lung lesions; in an episode without lung metastases that of its other metastases."""
        counts = self._active_sites["lesion_count"].groupby(self._active_sites["at"])
        return self._of_lung_or_sites("lesion_count", counts.sum())

    @cached_property
    def largest_mm(self) -> pd.Series:
        """Largest diameter of the lung lesions in mm; in an episode without lung metastases that of the others."""
        diameters = self._active_sites["largest_mm"].groupby(self._active_sites["at"])
        return self._of_lung_or_sites("largest_mm", diameters.max())

    def _of_lung_or_sites(self, column: str, of_sites: pd.Series) -> pd.Series:
        sites = self._active_sites
        blank = sites.loc[sites[column].isna(), "at"].unique()
        of_sites = of_sites.drop(blank).reindex(self.rows.index)
        elsewhere = (~self.lung_involved).fillna(False).astype(bool)
        return self.rows[column].where(~elsewhere, of_sites)

    @cached_property
    def _active_sites(self) -> pd.DataFrame:
        """Metastases outside the lung that were active at the detection: rows of metastasis with their episode, at."""
        sites = self.frames["metastasis"].drop(columns=["record_no"])
        episode = self.rows[["patient_id", "detected_on"]].rename(columns={"detected_on": "episode_on"})
        pairs = pairs_of(episode.rename_axis("at").reset_index(), sites)
        found = pairs["detected_on"] <= pairs["episode_on"] + pd.Timedelta(days=self.readings.same_episode_days)
        still = pairs["resolved_on"].isna() | (pairs["resolved_on"] >= pairs["episode_on"])
        return pairs[found & still]

    @cached_property
    def lung_operations(self) -> pd.DataFrame:
        """Resections of the lung with the episode that they belong to, at (a row of the episode frame)."""
        treatment = self.frames["local_treatment"]
        operations = treatment[(treatment["target"] == "lung") & (treatment["modality"] == "resection")]
        if self.operated_until is not None:
            operations = operations[operations["started_on"].notna()]
        at = episode_of(operations, self.rows)
        operations = operations.assign(at=at)[at.notna()]
        if self.operated_until is not None:
            known = self.operated_until.reindex(operations["at"]).to_numpy()
            operations = operations[operations["started_on"].to_numpy() <= known]
        return operations

    @cached_property
    def first_lung_operation_on(self) -> pd.Series:
        """Day of the first lung operation of the episode; NaT without a dated one."""
        return self.lung_operations.groupby("at")["started_on"].min().reindex(self.rows.index)

    def any_lung_operation(self, is_so: pd.Series) -> pd.Series:
        """Whether a three-valued fact holds for any lung operation of the episode; unknown without an operation.

        Args:
            is_so: the fact, for each row of :attr:`lung_operations`.
        """
        at = self.lung_operations["at"]
        yes = is_so.fillna(False).astype(bool).groupby(at).any().reindex(self.rows.index, fill_value=False)
        all_no = (~is_so).fillna(False).astype(bool).groupby(at).all().reindex(self.rows.index, fill_value=False)
        return yes.astype("boolean").where(yes | all_no)

    def completed_years(self, on: pd.Series) -> pd.Series:
        """Age in completed years on a day of each episode."""
        birth = self.of_patient("birth_date")
        before_birthday = (on.dt.month * 100 + on.dt.day) < (birth.dt.month * 100 + birth.dt.day)
        return (on.dt.year - birth.dt.year - before_birthday).astype("Int64").where(on.notna() & birth.notna())


def boolean(frame: pd.DataFrame, column: str) -> pd.Series:
    """A yes/no column, three-valued: not applicable counts as no, every other missing value as unknown."""
    return frame[column].mask((frame[f"{column}__absent"] == "NAP").to_numpy(), False)


def among(values: pd.Series, yes: tuple[str, ...], no: tuple[str, ...]) -> pd.Series:
    """Whether a code is one of several, three-valued: unknown where it is blank or in neither list."""
    return values.isin(yes).astype("boolean").where(values.isin(yes + no))


def pairs_of(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Each row of a table beside each of the same patient in another one, in the order of the first."""
    patient, others = numbered(one["patient_id"], other["patient_id"])
    right = other.drop(columns="patient_id").assign(_patient=others)
    return one.assign(_patient=patient).merge(right, on="_patient").drop(columns="_patient")


def episode_of(treatments: pd.DataFrame, episode: pd.DataFrame) -> pd.Series:
    """The episode that each treatment belongs to, as a position in the episode frame; NA where it has none.

    The one that the row names; else the patient's last one that was detected on or before the start of the
    treatment, or on whose detection it was under way. A treatment without an end is not taken as under way.
    """
    treatment = treatments[["patient_id", "episode_no", "started_on", "ended_on"]].rename_axis("row").reset_index()
    pairs = pairs_of(treatment, episode[["patient_id", "record_no", "detected_on"]].rename_axis("at").reset_index())
    named = (pairs["record_no"] == pairs["episode_no"]).fillna(False).astype(bool)
    under_way = (pairs["started_on"] <= pairs["detected_on"]) & (pairs["detected_on"] <= pairs["ended_on"])
    dated = pairs["episode_no"].isna() & ((pairs["detected_on"] <= pairs["started_on"]) | under_way)
    last = pairs[named | dated].sort_values(["detected_on", "record_no"]).drop_duplicates("row", keep="last")
    return last.set_index("row")["at"].reindex(treatments.index).astype("Int64")


def days_after(days: pd.Series, origin: pd.Series) -> pd.Series:
    """Whole days from an origin to a day; NA where either is missing."""
    return ((days - origin) / np.timedelta64(1, "D")).round().astype("Int64")
