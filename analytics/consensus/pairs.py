"""Rows of a patient beside the patient's episodes, compared in three-valued logic."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.columns import Mask
from analytics.consensus.episodes import Episodes

Positions = npt.NDArray[np.intp]

RULED_OUT = ("NAP",)
"""Of a date that ends something: not applicable says that there is no such date, as a blank does."""


class Pairs:
    """Every row of a table beside every episode of its patient.

    Attributes:
        row: for each pair the row of the table.
        at: for each pair the row of the episode frame.
        length: the number of episodes.
    """

    def __init__(self, episodes: Episodes, table: str) -> None:
        self.frame = episodes.frames[table]
        self.length = len(episodes.rows)
        self._detected_on = episodes.detected_on
        codes, patients = pd.factorize(episodes.rows["patient_id"])
        # Sorted by patient, the episodes of a row stand side by side: no join of texts is needed.
        order = np.argsort(codes, kind="stable")
        count = np.bincount(codes, minlength=len(patients))
        first = np.cumsum(count) - count
        patient = pd.Index(patients).get_indexer(pd.Index(self.frame["patient_id"]))
        known = np.flatnonzero(patient >= 0)
        repeats = count[patient[known]]
        self.row: Positions = np.repeat(known, repeats)
        within = np.arange(len(self.row)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
        self.at: Positions = order[np.repeat(first[patient[known]], repeats) + within]

    def __getitem__(self, column: str) -> pd.Series:
        """A column of the table, for each pair."""
        return pd.Series(self.frame[column].array.take(self.row))

    @property
    def detected_on(self) -> pd.Series:
        """The detection of the episode, for each pair."""
        return self.of_episode(self._detected_on)

    def of_episode(self, values: pd.Series) -> pd.Series:
        """A column of episodes, for each pair."""
        return pd.Series(values.array.take(self.at))

    def never(self, column: str) -> pd.Series:
        """Whether a date is left open on purpose, for each pair: blank or not applicable.

        UNK, ND and NASK say that the day is not known: whether there is one stays open.
        """
        absent = self[f"{column}__absent"]
        return self[column].isna() & (absent.isna() | absent.isin(RULED_OUT))

    def any(self, holds: pd.Series) -> pd.Series:
        """Whether a three-valued fact holds for any of an episode's rows; false without one."""
        return any_of(holds, self.at, self.length)

    def where(self, holds: pd.Series) -> Mask:
        """Which episodes have a row of which it is true."""
        found: Mask = np.zeros(self.length, dtype=bool)
        found[self.at[holds.fillna(False).to_numpy(dtype=bool)]] = True
        return found


def any_of(holds: pd.Series, at: Positions, length: int) -> pd.Series:
    """Whether a three-valued fact holds for any of the rows at each position; false where there is none."""
    yes, unknown = np.zeros(length, dtype=bool), np.zeros(length, dtype=bool)
    yes[at[holds.fillna(False).to_numpy(dtype=bool)]] = True
    unknown[at[holds.isna().to_numpy(dtype=bool)]] = True
    return pd.Series(pd.arrays.BooleanArray(yes, unknown & ~yes))


def before(earlier: pd.Series, later: pd.Series, *, or_same: bool = True) -> pd.Series:
    """Whether one day is on or before another, three-valued: unknown where either is missing."""
    known = earlier.notna() & later.notna()
    return ((earlier <= later) if or_same else (earlier < later)).astype("boolean").where(known)
