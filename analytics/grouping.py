"""What patients can be divided by: the factors of the consensus, and plain columns that are settled early enough."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analytics.consensus.episodes import Episodes, boolean
from analytics.consensus.factors import FACTORS, Fixed
from registry.errors import UsageError
from registry.tables import TABLES

_COLUMNS: tuple[tuple[str, str, Fixed], ...] = (
    ("patient", "sex", Fixed.AT_PRIMARY),
    ("patient", "center_id", Fixed.AT_PRIMARY),
    ("primary_tumor", "site", Fixed.AT_PRIMARY),
    ("primary_tumor", "c_t", Fixed.AT_PRIMARY),
    ("primary_tumor", "c_n", Fixed.AT_PRIMARY),
    ("primary_tumor", "histology", Fixed.AT_PRIMARY),
    ("primary_tumor", "grade", Fixed.AT_PRIMARY),
    ("episode", "laterality", Fixed.AT_DETECTION),
    ("episode", "zone", Fixed.AT_DETECTION),
    ("episode", "near_vessel", Fixed.AT_DETECTION),
    ("episode", "symptomatic", Fixed.AT_DETECTION),
    ("episode", "lymphangitic", Fixed.AT_DETECTION),
    ("episode", "resectability", Fixed.AT_DETECTION),
    ("episode", "ecog", Fixed.AT_DETECTION),
    ("episode", "prior_polymetastatic", Fixed.AT_DETECTION),
    ("episode", "progressing_lesion", Fixed.AT_DETECTION),
    ("episode", "local_recurrence", Fixed.AT_DETECTION),
)
"""Columns that make groups as they stand. Those that are settled by treatment or by the outcome are not among them."""


@dataclass(frozen=True)
class Grouping:
    """A division of patients into groups.

    Attributes:
        name: as given to ``--by``.
        sentence: what it divides by.
        words: label -> the group in words, in the order in which groups are shown.
        fixed: when it is settled.
        table: the table whose rows ``of`` labels.
        of: the label of each row of the table, a category; NA where it is missing.
    """

    name: str
    sentence: str
    words: dict[str, str]
    fixed: Fixed
    table: str
    of: Callable[[Episodes], pd.Series]


def grouping(name: str) -> Grouping:
    """The grouping of that name; UsageError where there is none."""
    found = GROUPINGS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, GROUPINGS, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError("There is no such factor", got=name, remedy=f"{hint}Take one of {', '.join(GROUPINGS)}")
    return found


def labels_of_patients(grouping: Grouping, episodes: Episodes, at: pd.Series) -> pd.Series:
    """The group of each row of ``frames["patient"]``.

    Args:
        grouping: how to divide.
        episodes: the episodes, with the operations that may be known.
        at: for each patient the row of the episode frame that counts; NA where there is none.
    """
    labels = grouping.of(episodes)
    if grouping.table == "patient":
        return labels
    if grouping.table == "episode":
        return labels.reindex(at.fillna(-1).astype("int64")).reset_index(drop=True)
    rows = pd.Index(episodes.frames[grouping.table]["patient_id"])
    return labels.reindex(rows.get_indexer(pd.Index(episodes.frames["patient"]["patient_id"]))).reset_index(drop=True)


def _labels(values: pd.Series) -> pd.Series:
    """yes and no for a nullable boolean."""
    words = values.map({False: "no", True: "yes"})
    return pd.Series(pd.Categorical(words, categories=["no", "yes"]), index=values.index)


def _of_factor(name: str) -> Grouping:
    factor = FACTORS[name]
    sentence = (factor.of.__doc__ or "").split("(")[0].split("\n")[0].strip().rstrip(".")
    words = {"no": factor.no, "yes": factor.yes}
    return Grouping(name, sentence, words, factor.fixed, "episode", lambda episodes: _labels(factor.of(episodes)))


def _of_column(table: str, name: str, fixed: Fixed) -> Grouping:
    field = TABLES[table].fields[name]
    words = {code: code.replace("_", " ") for code in field.codes}
    if field.type == "boolean":
        words = {"no": f"{name.replace('_', ' ')}: no", "yes": f"{name.replace('_', ' ')}: yes"}

    def of(episodes: Episodes) -> pd.Series:
        frame = episodes.frames[table]
        if field.type == "boolean":
            return _labels(boolean(frame, name))
        values = frame[name].astype("string")
        return pd.Series(pd.Categorical(values, categories=list(words) or sorted(values.dropna().unique())))

    return Grouping(name, field.sentence, words, fixed, table, of)


GROUPINGS: dict[str, Grouping] = {
    made.name: made for made in (*(_of_column(*column) for column in _COLUMNS), *(_of_factor(name) for name in FACTORS))
}
"""All groupings by name. A factor of the consensus stands before a column of the same name."""
