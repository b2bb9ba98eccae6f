"""The record beside its episodes: each table with the episode that its rows belong to.

Assignment: a row that names an episode belongs to it. Otherwise a treatment belongs to the last episode detected on or
before its start, or on whose detection it was under way; a study, a meeting or a specimen to the last one whose
detection is at most the staging time after it. A row whose dates leave it open may belong to any of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.consensus.columns import Column, Days, Lifted, TableArrays, View, day_number
from analytics.consensus.links import Belongs, Links
from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Leaf, Mask, Rows, Term
from analytics.consensus.readings import DEFAULT, Readings


class Record:
    """The rows of a cohort, seen from each row of ``frames["episode"]``.

    Args:
        frames: typed frames at a data cut, as :mod:`analytics.cohort` makes them.
        readings: of the definitions.
        data_cut: the last day that exists; needed by what asks for it.
    """

    def __init__(
        self, frames: Mapping[str, pd.DataFrame], readings: Readings = DEFAULT, data_cut: dt.date | None = None
    ) -> None:
        self.frames, self.readings, self.data_cut = frames, readings, data_cut
        self.episode = View(self.table("episode"))
        self.length = self.episode.length
        self._pairs: dict[str, Links] = {}

    def table(self, name: str) -> TableArrays:
        """A table as arrays."""
        return TableArrays(name, self.frames[name])

    @cached_property
    def detected_on(self) -> Days:
        """Day on which the metastases of the episode were found."""
        return self.episode.day("detected_on")

    @cached_property
    def cut(self) -> Days:
        """The data cut, beside each episode."""
        if self.data_cut is None:
            raise ValueError("no data cut was given")
        return Days(np.full(self.length, day_number(self.data_cut), dtype=np.int32), ())

    @cached_property
    def _patients(self) -> tuple[pa.Array, Rows]:
        """The patients that have an episode, and the position of each episode's among them."""
        encoded = pc.dictionary_encode(_texts(self.frames["episode"]["patient_id"]))
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        return encoded.dictionary, encoded.indices.to_numpy(zero_copy_only=False).astype(np.intp)

    @cached_property
    def _episodes_by_patient(self) -> tuple[Rows, Rows, Rows]:
        """Episodes in the order of their patients; of each patient the first of them, and how many there are."""
        patients, of_episode = self._patients
        count = np.bincount(of_episode, minlength=len(patients))
        return np.argsort(of_episode, kind="stable"), np.cumsum(count) - count, count

    def _patient_of(self, name: str) -> Rows:
        """For each row of a table the position of its patient, -1 where that patient has no episode."""
        patients, _ = self._patients
        found = pc.index_in(_texts(self.frames[name]["patient_id"]), value_set=patients)
        positions: Rows = pc.fill_null(found, -1).to_numpy().astype(np.intp)
        return positions

    def of_patient(self, name: str) -> View:
        """A table with one row a patient, seen from the episodes."""
        row = np.full(len(self._patients[0]) + 1, -1, dtype=np.intp)
        of_row = self._patient_of(name)
        row[of_row[of_row >= 0]] = np.flatnonzero(of_row >= 0)
        return View(self.table(name), row[self._patients[1]])

    @cached_property
    def patient(self) -> View:
        """The patient of each episode."""
        return self.of_patient("patient")

    @cached_property
    def primary(self) -> View:
        """The primary of each episode's patient."""
        return self.of_patient("primary_tumor")

    def pairs(self, name: str) -> Links:
        """Every row of a table beside every episode of its patient."""
        if name not in self._pairs:
            order, first, count = self._episodes_by_patient
            patient = self._patient_of(name)
            known = np.flatnonzero(patient >= 0)
            repeats = count[patient[known]]
            rows = np.repeat(known, repeats)
            within = np.arange(len(rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
            at = order[np.repeat(first[patient[known]], repeats) + within]
            self._pairs[name] = Links(self.table(name), rows, at, self.length)
        return self._pairs[name]

    def names_the_episode(self, pairs: Links) -> Mask:
        """Whether the row of each pair names the episode of the pair."""
        named: Mask = pairs.number("episode_no") == self.episode.number("record_no")[pairs.at]
        return named

    def assigned(self, pairs: Links, candidate: Term, dated_by: str, also: Term | None = None) -> Links:
        """The pairs of rows and the episodes that they belong to.

        Args:
            pairs: of a table that can name an episode.
            candidate: of a row that names none, whether it may be assigned to the episode of the pair.
            dated_by: the column that dates a row.
            also: pairs that belong together besides, whatever the dates say.
        """
        named = self.names_the_episode(pairs)
        unnamed = np.isnan(pairs.number("episode_no"))
        codes = np.where(unnamed, candidate.codes, np.int8(NO))
        # Of several candidates the last is the one: by detection, then by number.
        rank = self._rank
        best = np.full(len(pairs.table), -1, dtype=np.int64)
        np.maximum.at(best, pairs.rows, np.where(codes == YES, rank[pairs.at], -1))
        left_open = np.zeros(len(pairs.table), dtype=bool)
        left_open[pairs.rows[codes == UNKNOWN]] = True
        belongs: Codes = np.where(
            named | ((codes == YES) & (rank[pairs.at] == best[pairs.rows])), np.int8(YES), np.int8(NO)
        )
        belongs[left_open[pairs.rows] & (codes != NO)] = UNKNOWN
        if also is not None:
            belongs = np.maximum(belongs, also.codes)
        kept = np.flatnonzero(belongs != NO)
        at = pairs.at[kept]
        found = Links(pairs.table, pairs.rows[kept], at, self.length)
        detected = tuple(Lifted(column, at) for column in self.detected_on.columns)
        columns: tuple[Column, ...] = (found.cell("episode_no"), found.cell(dated_by), *detected)
        found.condition = Belongs(belongs[kept], columns)
        return found

    def assigned_by_date(self, pairs: Links, days: Days) -> Term:
        """Whether the episode of each pair is the last one detected on or before a day of the row."""
        candidate = pairs.lift(self.detected_on) <= days
        rank = self._rank[pairs.at]
        best = np.full(len(pairs.table), -1, dtype=np.int64)
        np.maximum.at(best, pairs.rows, np.where(candidate.codes == YES, rank, -1))
        later = (candidate.codes == YES) & (rank < best[pairs.rows])
        return candidate & ~Leaf(np.where(later, np.int8(YES), np.int8(NO)), days.columns)

    @cached_property
    def _rank(self) -> Rows:
        """Place of each episode by detection, then by number."""
        rank = np.empty(self.length, dtype=np.intp)
        rank[np.lexsort((self.episode.number("record_no"), self.detected_on.days))] = np.arange(self.length)
        return rank

    def treatments(self, name: str, also: Term | None = None) -> Links:
        """systemic_therapy or local_treatment, beside the episodes that each row belongs to."""
        pairs = self.pairs(name)
        started, detected = pairs.day("started_on"), pairs.lift(self.detected_on)
        if name == "systemic_therapy":
            # Without an end it is under way.
            under_way = (started <= detected) & (detected <= pairs.end("ended_on"))
        else:
            # A local treatment is over in a day unless it says otherwise; an operation of the primary always is.
            operation = pairs.among("target", ("primary",)) & pairs.among("modality", ("resection",))
            ended = pairs.day("ended_on").or_else(started)
            under_way = (started <= detected) & (detected <= ended) & ~operation
        return self.assigned(pairs, (detected <= started) | under_way, "started_on", also)

    def dated(self, name: str, dated_by: str, also: Term | None = None) -> Links:
        """study, mdt_meeting or pathology, beside the episodes that each row belongs to."""
        pairs = self.pairs(name)
        from_on = pairs.lift(self.detected_on - self.readings.staging_days_before)
        return self.assigned(pairs, from_on <= pairs.day(dated_by), dated_by, also)


def _texts(column: pd.Series) -> pa.Array:
    found = pa.array(column.array)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
