"""The imaging and other studies of each episode, and whether the record of them is complete."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from analytics.consensus.columns import Days
from analytics.consensus.links import Links
from analytics.consensus.logic import NO, UNKNOWN, Leaf, Term
from analytics.consensus.record import Record

CHEST_CT = ("chest_ct_plain", "chest_ct_high_resolution", "chest_ct_contrast")
CHEST = (*CHEST_CT, "chest_xray", "chest_mri", "pet_ct")


class Studies:
    """The studies of each episode.

    A study that is absent was not done only where the log is recorded as complete.

    Args:
        record: the cohort's.
        first_treatment: of each episode; the staging time ends with it, or with the data cut.
    """

    def __init__(self, record: Record, first_treatment: Days) -> None:
        self.record = record
        self.rows = record.dated("study", "performed_on")
        self.until = first_treatment.or_else(record.cut)

    def _log(self, column: str) -> Term:
        """Unknown where the log is not recorded as complete, else no."""
        complete = self.record.episode.flag(column).yes
        codes = np.where(complete, np.int8(NO), np.int8(UNKNOWN))
        return Leaf(codes, (self.record.episode.cell(column),))

    @cached_property
    def workup_log(self) -> Term:
        """Unknown where a staging study may be missing in the record."""
        return self._log("workup_log_complete")

    @cached_property
    def surveillance_log(self) -> Term:
        """Unknown where a chest study of the surveillance may be missing in the record."""
        return self._log("surveillance_log_complete")

    @cached_property
    def performed_on(self) -> Days:
        """Day of each study."""
        return self.rows.day("performed_on")

    def modality(self, *modalities: str) -> Term:
        """Of each study: one of some modalities."""
        return self.rows.among("modality", modalities)

    @cached_property
    def staging_rows(self) -> Links:
        """The staging studies: from some days before the detection to the first treatment, or the data cut (P-HRCT)."""
        rows, before = self.rows, self.record.readings.staging_days_before
        since = rows.lift(self.record.detected_on - before) <= self.performed_on
        return rows.only(since & (self.performed_on <= rows.lift(self.until)))

    def staged(self, *modalities: str) -> Term:
        """Whether a staging study of one of some modalities was done."""
        return self.staging_rows.any(self.modality(*modalities)) | self.workup_log

    def done_by(self, days: Days, *modalities: str, or_same: bool = True) -> Term:
        """Whether a study of one of some modalities was done by a day."""
        until = self.rows.lift(days)
        timely = self.performed_on <= until if or_same else self.performed_on < until
        return self.rows.any(timely & self.modality(*modalities)) | self.workup_log

    @cached_property
    def of_patient(self) -> Links:
        """Every study of the patient."""
        return self.record.pairs("study")
