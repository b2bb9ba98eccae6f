"""What patients can be divided by: the factors of the consensus, and plain columns that are settled early enough."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from analytics.consensus.episodes import Episodes, boolean
from analytics.consensus.factors import FACTORS, Fixed
from analytics.irlm import GROUPS, irlm_group
from analytics.origins import LOCAL_MODALITIES
from registry.errors import UsageError
from registry.identifiers import positions
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


_SCORES: dict[str, dict[str, float]] = {
    "c_t": {"T0": 0, "Tis": 0, "T1": 1, "T2": 2, "T3": 3, "T4": 4, "T4a": 4, "T4b": 4},
    "c_n": {"N0": 0, "N1": 1, "N1a": 1, "N1b": 1, "N1c": 1, "N2": 2, "N2a": 2, "N2b": 2},
    "grade": {"well": 1, "moderate": 2, "poor": 3, "undifferentiated": 4},
    "zone": {"outer": 1, "middle": 2, "inner": 3},
    "resectability": {"resectable": 1, "potentially_resectable": 2, "unresectable": 3},
    "ecog": {"0": 0, "1": 1, "2": 2, "3": 3, "4": 4},
}
"""The columns whose groups have an order, and the place of each."""


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
        scores: label -> its place in an order, for tests for trend; None where the groups have no order. A label
            without a score (TX) has no place in it.
        applies: which rows of the table can be divided at all; None: all of them.
    """

    name: str
    sentence: str
    words: dict[str, str]
    fixed: Fixed
    table: str
    of: Callable[[Episodes], pd.Series]
    scores: dict[str, float] | None = None
    applies: Callable[[Episodes], pd.Series] | None = None

    @property
    def of_treatments(self) -> bool:
        """Whether it divides treatments and not patients."""
        return self.table == "local_treatment"

    def order(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Labels in the order in which groups are shown."""
        return tuple(sorted(labels, key=lambda label: (list(self.words).index(label) if self.words else 0, label)))


def grouping(name: str) -> Grouping:
    """The grouping of patients of that name; UsageError where there is none."""
    if name in TREATMENT_GROUPINGS:
        raise UsageError(
            "This divides treatments, not patients", got=name, remedy="Take it with the endpoint local_failure"
        )
    return _named(name, GROUPINGS)


def treatment_grouping(name: str) -> Grouping:
    """The grouping of treatments of that name, a property of the patient too; UsageError where there is none."""
    return _named(name, TREATMENT_GROUPINGS | GROUPINGS)


def _named(name: str, known: dict[str, Grouping]) -> Grouping:
    found = known.get(name)
    if found is None:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError("There is no such factor", got=name, remedy=f"{hint}Take one of {', '.join(known)}")
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
    rows = positions(episodes.frames[grouping.table]["patient_id"], episodes.frames["patient"]["patient_id"])
    return labels.reindex(rows).reset_index(drop=True)


def labels_of_units(grouping: Grouping, episodes: Episodes, units: pd.DataFrame) -> pd.Series:
    """The group of each unit of ``analytics.units``."""
    if grouping.table == "local_treatment":
        return grouping.of(episodes).reindex(units["treatment"].astype("int64")).reset_index(drop=True)
    if grouping.table == "episode":
        return grouping.of(episodes).reindex(units["at"].fillna(-1).astype("int64")).reset_index(drop=True)
    patients = pd.Series(pd.NA, index=episodes.frames["patient"].index, dtype="Int64")
    return labels_of_patients(grouping, episodes, patients).take(units["patient"]).reset_index(drop=True)


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

    return Grouping(name, field.sentence, words, fixed, table, of, _SCORES.get(name))


IRLM = Grouping(
    "irlm",
    "Groups of the International Registry of Lung Metastases (resection, interval of 36 months, number)",
    GROUPS,
    Fixed.AT_OPERATION,
    "episode",
    irlm_group,
    {group: place for place, group in enumerate(GROUPS, start=1)},
)

GROUPINGS: dict[str, Grouping] = {
    made.name: made
    for made in (*(_of_column(*column) for column in _COLUMNS), *(_of_factor(name) for name in FACTORS), IRLM)
}
"""All groupings by name. A factor of the consensus stands before a column of the same name."""


ALPHA_BETA_GY = 10
"""The ratio of alpha to beta that is taken for tumors."""

BED10_GY = 100
"""The biologically effective dose that parts two groups (Onishi H et al. Cancer 2004;101:1623-1631)."""


def bed10(dose_gy: pd.Series, fractions: pd.Series) -> pd.Series:
    """The biologically effective dose in Gy of a dose given in equal fractions: D (1 + (D / n) / 10).

    Fowler JF. Br J Radiol 1989;62:679-694. NA where the dose or the number of fractions is missing.
    """
    return dose_gy * (1 + dose_gy / fractions / ALPHA_BETA_GY)


def _bed10(episodes: Episodes) -> pd.Series:
    treatment = episodes.frames["local_treatment"]
    dose = bed10(treatment["dose_gy"], treatment["fractions"])
    words = (dose >= BED10_GY).map({False: "below", True: "above"})
    return pd.Series(pd.Categorical(words, categories=["below", "above"]), index=treatment.index)


def _modality(episodes: Episodes) -> pd.Series:
    values = episodes.frames["local_treatment"]["modality"]
    return pd.Series(pd.Categorical(values.astype("string"), categories=list(LOCAL_MODALITIES)), index=values.index)


TREATMENT_GROUPINGS: dict[str, Grouping] = {
    made.name: made
    for made in (
        Grouping(
            "modality",
            "Modality of the treatment",
            {code: code.replace("_", " ") for code in LOCAL_MODALITIES} | {"sbrt": "SBRT"},
            Fixed.AT_DETECTION,
            "local_treatment",
            _modality,
        ),
        Grouping(
            "bed10",
            "Biologically effective dose (α/β = 10 Gy) of stereotactic radiotherapy",
            {"below": f"BED10 < {BED10_GY} Gy", "above": f"BED10 ≥ {BED10_GY} Gy"},
            Fixed.AT_DETECTION,
            "local_treatment",
            _bed10,
            {"below": 0, "above": 1},
            lambda episodes: episodes.frames["local_treatment"]["modality"] == "sbrt",
        ),
    )
}
"""Groupings of local treatments by name."""
