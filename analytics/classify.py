"""The classification of every episode at a data cut, and why each came out so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.definitions import Definitions
from analytics.consensus.factors import FACTORS
from analytics.consensus.facts import Facts

TABLES_READ = ("patient", "primary_tumor", "episode", "metastasis", "systemic_therapy", "local_treatment")
_ROWS_AT_ONCE = 10_000
_BESIDE = ("converted",)
"""Columns of the frame that the documents say in their reasons only."""


def classify(cohort: Cohort) -> pd.DataFrame:
    """What each episode is.

    Args:
        cohort: the registry at a data cut; the tables of :data:`TABLES_READ`.

    Returns a frame with a row for each row of ``cohort.frames["episode"]``: patient_id, episode_no, the definitions
    (categories, nullable booleans and integers) and the factors; ``attrs["readings"]`` says how the text was read.
    """
    frame = _frame(Definitions(Facts(cohort.frames, cohort.readings)))
    frame.attrs["readings"] = cohort.readings.to_dict()
    return frame


def to_documents(cohort: Cohort) -> Iterator[dict[str, Any]]:
    """The classification as JSON objects, one an episode, with the facts that decided each definition."""
    definitions = Definitions(Facts(cohort.frames, cohort.readings))
    frame = _frame(definitions).drop(columns=list(_BESIDE))
    plain, readings = frame.drop(columns=list(FACTORS)), cohort.readings.stated()
    for first in range(0, len(frame), _ROWS_AT_ONCE):
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, len(frame)))
        factors = _records(frame[list(FACTORS)], rows)
        because = zip(*(decision.because(rows) for decision in definitions.decisions()), strict=True)
        for document, of_factors, reasons in zip(_records(plain, rows), factors, because, strict=True):
            yield {**document, "factors": of_factors, "because": list(reasons), "readings": readings}


def _frame(definitions: Definitions) -> pd.DataFrame:
    episodes = definitions.facts.episodes
    columns = {"patient_id": episodes.rows["patient_id"], "episode_no": episodes.rows["record_no"]}
    columns |= {decision.name: decision.values for decision in definitions.decisions()}
    columns |= {name: factor.of(episodes) for name, factor in FACTORS.items()}
    return pd.DataFrame(columns)


def _records(frame: pd.DataFrame, rows: npt.NDArray[np.intp]) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain Python values, None where there is none."""
    part = frame.iloc[rows].astype(object)
    return part.where(part.notna(), None).to_dict("records")  # type: ignore[no-any-return]
