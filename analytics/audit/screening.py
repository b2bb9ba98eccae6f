"""The completeness of enrollment (GEN7): cases that a center's MDT listed, and whether each was enrolled in time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from analytics.consensus.columns import MISSING, day_number
from analytics.consensus.verdicts import Outcome, Outcomes

SCREENING = "screening_log"


def judge_screening(
    log: pd.DataFrame, patients: pd.DataFrame, episodes: pd.DataFrame, data_cut: dt.date
) -> tuple[Outcomes, pd.DataFrame]:
    """The outcome of each listed case.

    In the denominator: lung metastases were listed. Excluded: recorded as ineligible. Met: enrolled on or before the
    first treatment of the patient's first episode, and by the data cut; before any treatment, any enrollment is in
    time. Undetermined: the patient, the day of the enrollment or the first episode is not known.

    Args:
        log: rows of screening_log at the data cut.
        patients: patient_id and enrolled_on of the cohort.
        episodes: patient_id, episode_no, detected_on, and first_treated as days since 1970 or MISSING.
        data_cut: the last day that exists.

    Returns:
        The outcomes, shape (listed cases,), and a frame of the same length with center, day and patient (code).
    """
    row = pd.Index(patients["patient_id"]).get_indexer(pd.Index(log["patient_id"]))
    first = episodes.sort_values(["detected_on", "episode_no"], kind="stable").drop_duplicates("patient_id")
    treated = first.set_index("patient_id")["first_treated"].reindex(log["patient_id"])
    enrolled = patients["enrolled_on"].reindex(pd.Index(row)).to_numpy().astype("datetime64[D]")
    unknown = np.isnat(enrolled) | treated.isna().to_numpy()
    last = treated.fillna(MISSING).to_numpy().astype(np.int64)
    last = np.where(last == MISSING, day_number(data_cut), np.minimum(last, day_number(data_cut)))
    in_time = enrolled.astype(np.int64) <= last

    found = np.where(in_time, np.int8(Outcome.ADHERENT), np.int8(Outcome.NON_ADHERENT))
    found[unknown] = Outcome.UNDETERMINED_NUMERATOR
    found[row < 0] = Outcome.NON_ADHERENT
    named_unknown = log["patient_id"].isna() & log["patient_id__absent"].isin(["UNK", "NASK"])
    found[named_unknown.to_numpy(dtype=bool)] = Outcome.UNDETERMINED_NUMERATOR
    found[(log["not_enrolled_reason"] == "ineligible").to_numpy(dtype=bool)] = Outcome.EXCLUDED
    listed = log["lung_metastases"]
    found[listed.isna().to_numpy()] = Outcome.UNDETERMINED_DENOMINATOR
    no = (listed == False).fillna(False) | (log["lung_metastases__absent"] == "NAP")  # noqa: E712
    found[no.to_numpy(dtype=bool)] = Outcome.NOT_APPLICABLE
    codes = np.where(row >= 0, row, len(patients) + np.arange(len(log)))
    units = pd.DataFrame({"center": log["center_id"].array, "day": log["listed_on"].array, "patient": codes})
    return found, units
