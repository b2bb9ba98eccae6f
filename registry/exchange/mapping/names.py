"""What centers call the columns of the registry: by what their names say, a draft guesses where they belong."""

from __future__ import annotations

import difflib
import re

from registry.exchange.mapping.report import OPEN
from registry.tables import TABLES

GUESSED = ("patient", "primary_tumor", "episode")
"""The tables with about one row a patient, to which the columns of a flat file are matched."""

SYNONYMS = {
    "age": ("patient", "birth_date"),
    "gender": ("patient", "sex"),
    "dob": ("patient", "birth_date"),
    "date of birth": ("patient", "birth_date"),
    "birthdate": ("patient", "birth_date"),
    "status": ("patient", "vital_status"),
    "dead": ("patient", "vital_status"),
    "death date": ("patient", "death_on"),
    "date of death": ("patient", "death_on"),
    "last follow up": ("patient", "last_contact_on"),
    "last contact": ("patient", "last_contact_on"),
    "center": ("patient", "center_id"),
    "hospital": ("patient", "center_id"),
    "location": ("primary_tumor", "site"),
    "tumor site": ("primary_tumor", "site"),
    "ct": ("primary_tumor", "c_t"),
    "cn": ("primary_tumor", "c_n"),
    "pt": ("primary_tumor", "p_t"),
    "pn": ("primary_tumor", "p_n"),
    "cea": ("episode", "cea_ng_ml"),
    "carcinoembryonic antigen": ("episode", "cea_ng_ml"),
    "number of lesions": ("episode", "lesion_count"),
    "number of metastases": ("episode", "lesion_count"),
    "largest diameter": ("episode", "largest_mm"),
    "max tumor size": ("episode", "largest_mm"),
    "side": ("episode", "laterality"),
    "ps": ("episode", "ecog"),
}
DURATIONS = ("os", "overall survival", "survival", "survival time", "follow up", "followup", "follow up time")
"""Columns that lead from an origin to the last contact, a unit of time left away from their names."""

UNITS = {"d": "days", "day": "days", "week": "weeks", "wk": "weeks", "month": "months", "mo": "months", "year": "years"}
IDENTIFIERS = ("patient id", "patient", "id", "study id", "record id", "case", "mrn", "subject")
YES = {"1": "yes", "0": "no", "y": "yes", "n": "no", "true": "yes", "false": "no", "yes": "yes", "no": "no"}


def words(name: str) -> str:
    """A name as words in small letters: "Max. Tumor_Size" is "max tumor size"."""
    return " ".join(re.findall(r"[a-z]+|\d+", name.lower()))


def duration(name: str) -> str | None:
    """The unit of a column with the time to the last contact, open where its name has none; None for any other."""
    parts = [word for word in words(name).split() if word != "in"]
    units = [UNITS[word.rstrip("s")] for word in parts if word.rstrip("s") in UNITS]
    rest = " ".join(word for word in parts if word.rstrip("s") not in UNITS)
    return (units[0] if units else OPEN) if rest in DURATIONS else None


def match(name: str) -> tuple[str, str] | None:
    """The table and column of the registry that a name is likely to mean."""
    spelled = words(name)
    if spelled in SYNONYMS:
        return SYNONYMS[spelled]
    if duration(name):
        return "patient", "last_contact_on"
    known = {words(column): (table, column) for table in GUESSED for column in TABLES[table].fields}
    near = difflib.get_close_matches(spelled, known, n=1, cutoff=0.8)
    return known[near[0]] if near and known[near[0]][1] != "patient_id" else None
