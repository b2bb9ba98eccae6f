"""What the table of patients describes, and what it can be divided by, declared as data.

No two variables count the same thing by different limits: where small cells are hidden, one would give away the other.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from analytics.consensus.episodes import Episodes, boolean
from analytics.consensus.factors import Fixed
from analytics.cox_covariates import CONTINUOUS, Covariate, of_grouping
from analytics.defined_groups import DEFINED
from analytics.grouping import GROUPINGS, Grouping
from registry.errors import UsageError
from registry.fields import Absent
from registry.tables import TABLES

PERIOD = "period"


@dataclass(frozen=True)
class Variable:
    """A row of the table.

    Attributes:
        label: for people, with the unit of a number.
        values: its levels or numbers.
        why: of those without a value, the missing-data code that says why, where one does.
        follows: another variable whose counts this one's missing values would give away: where that has hidden
            counts, this one shows none.
    """

    label: str
    values: Covariate
    why: Covariate | None = None
    follows: str | None = None

    @property
    def name(self) -> str:
        """The name of its values."""
        return self.values.name

    @property
    def is_number(self) -> bool:
        """Whether it has medians and not levels."""
        return self.values.number is not None


def _levels(
    name: str, table: str, fixed: Fixed, words: dict[str, str], of: Callable[[Episodes], pd.Series]
) -> Grouping:
    return Grouping(name, name.replace("_", " "), words, fixed, table, of)


def _why(table: str, column: str, fixed: Fixed) -> Covariate:
    """The missing-data codes of a column."""
    name = TABLES[table].fields[column].absent_name
    words = {code.value: code.sentence for code in Absent}
    return of_grouping(_levels(name, table, fixed, words, lambda episodes: episodes.frames[table][name]))


def _column(label: str, table: str, column: str, fixed: Fixed, joined: dict[str, str] | None = None) -> Variable:
    """A coded column as it stands, or with codes joined under one word."""
    codes = TABLES[table].fields[column].codes
    word = {code: (joined or {}).get(code, code.replace("_", " ")) for code in codes}
    # What cannot be assessed (TX) stands at the end.
    words = {each: each for each in sorted(dict.fromkeys(word.values()), key=lambda each: each.endswith("X"))}

    def of(episodes: Episodes) -> pd.Series:
        values = episodes.frames[table][column].astype("string").map(word)
        return pd.Series(pd.Categorical(values, categories=list(words)), index=values.index)

    return Variable(label, of_grouping(_levels(column, table, fixed, words, of)), _why(table, column, fixed))


def _yes_no(label: str, table: str, column: str, fixed: Fixed) -> Variable:
    """A yes/no column; not applicable counts as no, as everywhere."""
    words = {"no": "no", "yes": "yes"}

    def of(episodes: Episodes) -> pd.Series:
        values = boolean(episodes.frames[table], column).map({False: "no", True: "yes"})
        return pd.Series(pd.Categorical(values, categories=list(words)), index=values.index)

    return Variable(label, of_grouping(_levels(column, table, fixed, words, of)), _why(table, column, fixed))


def _factor(name: str, label: str) -> Variable:
    """A factor of the consensus."""
    return Variable(label, of_grouping(GROUPINGS[name]))


def _number(name: str, label: str, why: Covariate | None = None, follows: str | None = None) -> Variable:
    """A continuous factor."""
    return Variable(label, CONTINUOUS[name], why, follows)


def _definition(name: str, label: str) -> Variable:
    """A definition of the consensus."""
    return Variable(label, of_grouping(DEFINED[name]))


_SIDES = {
    code: side
    for side, codes in {
        "right colon": ("cecum", "ascending_colon", "hepatic_flexure", "transverse_colon"),
        "left colon": ("splenic_flexure", "descending_colon", "sigmoid_colon", "rectosigmoid_junction"),
        "colon, side not recorded": ("colon_unspecified",),
    }.items()
    for code in codes
}
_T = {"T0": "T0-T2", "Tis": "T0-T2", "T1": "T0-T2", "T2": "T0-T2", "T4a": "T4", "T4b": "T4"}
_PRIMARY, _DETECTION = Fixed.AT_PRIMARY, Fixed.AT_DETECTION

VARIABLES: tuple[Variable, ...] = (
    _number("age", "Age, years"),
    _column("Sex", "patient", "sex", _PRIMARY),
    _column("ECOG performance status", "episode", "ecog", _DETECTION),
    _column("Site of the primary", "primary_tumor", "site", _PRIMARY, _SIDES),
    _column("Clinical T of the primary", "primary_tumor", "c_t", _PRIMARY, _T),
    _factor("advanced_primary", "Nodes of the primary, pathological, else clinical"),
    _column("Histology", "primary_tumor", "histology", _PRIMARY),
    _column("Differentiation", "primary_tumor", "grade", _PRIMARY),
    _definition("timing", "Timing of the lung metastases"),
    _definition("sequence", "Sequence"),
    _definition("extent", "Extent"),
    _number("dfi_months", "Disease-free interval, months", follows="timing"),
    _number("lesion_count", "Number of lesions", _why("episode", "lesion_count", _DETECTION)),
    _number("tumor_diameter", "Largest diameter, mm", _why("episode", "largest_mm", _DETECTION)),
    _column("Lungs involved", "episode", "laterality", _DETECTION),
    _number("cea", "CEA before treatment, ng/ml", _why("episode", "cea_ng_ml", _DETECTION)),
    _column("Hilar or mediastinal nodes", "episode", "thoracic_nodes", _DETECTION),
    _yes_no("Symptoms", "episode", "symptomatic", _DETECTION),
    _column("Resectability", "episode", "resectability", _DETECTION),
    _factor("incomplete_resection", "Residual tumor of the lung operation"),
    _factor("lobectomy", "Lung operation"),
)
"""The rows of the table, in their order."""


def division(name: str) -> Covariate | None:
    """What a name divides by; None for the period of the origin, which is not read from an episode.

    Raises UsageError for a name that divides nothing.
    """
    if name == PERIOD:
        return None
    name = {"center": "center_id"}.get(name, name)
    if name in DEFINED:
        return of_grouping(DEFINED[name])
    if name in GROUPINGS:
        return of_grouping(GROUPINGS[name])
    known = [*DEFINED, PERIOD, "center", *GROUPINGS]
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise UsageError("There is no such grouping", got=name, remedy=f"{hint}Take one of {', '.join(known)}")
