"""The time origins: from which day of a patient time is counted, and which episode that day belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.cohort import Frames
from analytics.consensus.episodes import among, boolean, episode_of
from analytics.consensus.factors import Fixed
from registry.identifiers import positions
from registry.tables.local_treatment import LocalTreatment

METASTASIS_TARGETS = tuple(
    code for code in LocalTreatment.fields["target"].codes if code not in ("primary", "local_recurrence")
)
LOCAL_MODALITIES = ("resection", "sbrt", "radiofrequency_ablation", "microwave_ablation", "cryoablation")
"""Modalities of a radical local treatment, when its intent is radical."""

_LAST = np.iinfo(np.int64).max
"""Stands for no episode, behind all of them."""

NOT_REACHED, DATE_UNKNOWN, UNDETERMINED = "origin_not_reached", "origin_date_unknown", "origin_undetermined"


@dataclass(frozen=True)
class Origin:
    """A day from which time is counted.

    Attributes:
        name: as in the interface.
        words: for figures and tables.
        settled: the latest property of a patient that is settled on that day; groups by later ones need a landmark.
        candidates: its possible days, one row each: patient_id, on, is_so (three-valued), at (row of episode or NA).
    """

    name: str
    words: str
    settled: Fixed
    candidates: Callable[[Frames], pd.DataFrame]


def origin_days(frames: Frames, origin: Origin) -> pd.DataFrame:
    """The first day of each patient with that origin, a row for each row of ``frames["patient"]``.

    Returns:
        Columns: origin_on (NaT where there is none), at (the row of the episode frame that it belongs to, or NA) and
        reason (why there is no day: not reached, reached on an unknown date, or not decidable; NA where there is one).
    """
    rows = origin.candidates(frames)
    patient = positions(frames["patient"]["patient_id"], rows["patient_id"])
    there = patient >= 0
    certain = there & rows["is_so"].fillna(False).to_numpy(bool)
    undecided = there & rows["is_so"].isna().to_numpy()
    on, at = rows["on"].to_numpy("datetime64[s]"), rows["at"].to_numpy(np.int64, na_value=_LAST)
    dated = np.flatnonzero(certain & ~np.isnat(on))
    order = dated[np.lexsort((at[dated], on[dated], patient[dated]))]
    first = order[np.diff(patient[order], prepend=-1) > 0]

    count = len(frames["patient"])
    reason = np.full(count, NOT_REACHED, dtype=object)
    reason[patient[undecided]] = UNDETERMINED
    reason[patient[certain]] = DATE_UNKNOWN
    reason[patient[first]] = np.nan
    origin_on = np.full(count, np.datetime64("NaT", "s"))
    origin_on[patient[first]] = on[first]
    found_at = np.full(count, _LAST)
    found_at[patient[first]] = at[first]
    episodes = pd.arrays.IntegerArray(found_at, found_at == _LAST)
    return pd.DataFrame({"origin_on": origin_on, "at": episodes, "reason": reason})


def operations_at(frames: Frames, origin: Origin, days: pd.DataFrame) -> pd.DataFrame:
    """The rows of local_treatment that are the origin of the patients of :func:`origin_days`; empty for a diagnosis."""
    rows = origin.candidates(frames)
    if "treatment" not in rows:
        return frames["local_treatment"].iloc[:0]
    patient = positions(frames["patient"]["patient_id"], rows["patient_id"])
    that_day = (patient >= 0) & (rows["on"].to_numpy() == days["origin_on"].to_numpy()[patient])
    certain = rows["is_so"].fillna(False).to_numpy(bool)
    return frames["local_treatment"].loc[rows["treatment"].to_numpy()[certain & that_day]]


def _radical(targets: tuple[str, ...], modalities: tuple[str, ...]) -> Callable[[Frames], pd.DataFrame]:
    def candidates(frames: Frames) -> pd.DataFrame:
        treatment = frames["local_treatment"]
        is_so = _is(treatment["target"], targets) & _is(treatment["modality"], modalities)
        is_so &= _is(treatment["intent"], ("radical",))
        possible = is_so.fillna(True).astype(bool)
        rows = treatment[possible]
        return pd.DataFrame(
            {
                "patient_id": rows["patient_id"],
                "on": rows["started_on"],
                "is_so": is_so[possible],
                "at": episode_of(rows, frames["episode"]),
                "treatment": rows.index,
            }
        )

    return candidates


def _is(values: pd.Series, codes: tuple[str, ...]) -> pd.Series:
    return among(values, codes, tuple(code for code in values.cat.categories if code not in codes))


def _no_evidence_of_disease(frames: Frames) -> pd.DataFrame:
    episode = frames["episode"]
    reached = episode["ned_on"].notna() | (episode["ned_on__absent"] == "UNK")
    return _episodes(episode, episode["ned_on"], reached.astype("boolean"))


def _lung_diagnosis(frames: Frames) -> pd.DataFrame:
    episode = frames["episode"]
    return _episodes(episode, episode["detected_on"], boolean(episode, "lung_involved"))


def _metastasis_diagnosis(frames: Frames) -> pd.DataFrame:
    episode, metastasis = frames["episode"], frames["metastasis"]
    found = _episodes(episode, episode["detected_on"], pd.Series(True, index=episode.index, dtype="boolean"))
    first = found.sort_values(["on", "at"]).drop_duplicates("patient_id").set_index("patient_id")["at"]
    elsewhere = pd.DataFrame(
        {
            "patient_id": metastasis["patient_id"],
            "on": metastasis["detected_on"],
            "is_so": pd.Series(True, index=metastasis.index, dtype="boolean"),
            "at": first.reindex(metastasis["patient_id"]).array,
        }
    )
    return pd.concat([found, elsewhere], ignore_index=True)


def _primary_diagnosis(frames: Frames) -> pd.DataFrame:
    primary = frames["primary_tumor"]
    episode = frames["episode"]
    found = _episodes(episode, episode["detected_on"], pd.Series(True, index=episode.index, dtype="boolean"))
    first = found.sort_values(["on", "at"]).drop_duplicates("patient_id").set_index("patient_id")["at"]
    return pd.DataFrame(
        {
            "patient_id": primary["patient_id"],
            "on": primary["diagnosed_on"],
            "is_so": pd.Series(True, index=primary.index, dtype="boolean"),
            "at": first.reindex(primary["patient_id"]).array,
        }
    )


def _episodes(episode: pd.DataFrame, on: pd.Series, is_so: pd.Series) -> pd.DataFrame:
    at = pd.Series(episode.index, index=episode.index, dtype="Int64")
    rows = pd.DataFrame({"patient_id": episode["patient_id"], "on": on, "is_so": is_so, "at": at})
    return rows[rows["is_so"].fillna(True).astype(bool)]


TREATED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lung_resection": (("lung",), ("resection",)),
    "lung_local_treatment": (("lung",), LOCAL_MODALITIES),
    "metastasis_resection": (METASTASIS_TARGETS, ("resection",)),
}
"""The origins that are treatments: targets and modalities of those that count, when their intent is radical."""

TREATMENT = Origin(
    "treatment",
    "the start of a radical local treatment",
    Fixed.AT_DETECTION,
    _radical(METASTASIS_TARGETS, LOCAL_MODALITIES),
)
"""The start of each treatment where treatments are the units; no origin of patients."""

ORIGINS: dict[str, Origin] = {
    origin.name: origin
    for origin in (
        Origin(
            "lung_resection", "first radical lung resection", Fixed.AT_OPERATION, _radical(*TREATED["lung_resection"])
        ),
        Origin(
            "lung_local_treatment",
            "first radical local treatment of the lung",
            Fixed.AT_DETECTION,
            _radical(*TREATED["lung_local_treatment"]),
        ),
        Origin(
            "metastasis_resection",
            "first radical resection of a metastasis",
            Fixed.AT_DETECTION,
            _radical(*TREATED["metastasis_resection"]),
        ),
        Origin("ned", "no evidence of disease", Fixed.AT_OPERATION, _no_evidence_of_disease),
        Origin("lung_diagnosis", "diagnosis of lung metastases", Fixed.AT_DETECTION, _lung_diagnosis),
        Origin("metastasis_diagnosis", "diagnosis of metastases", Fixed.AT_DETECTION, _metastasis_diagnosis),
        Origin("primary_diagnosis", "diagnosis of the primary tumor", Fixed.AT_PRIMARY, _primary_diagnosis),
    )
}
"""The origins by name; the first one is the default."""
