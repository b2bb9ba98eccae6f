"""How forms, columns and cells are written on the pages."""

from __future__ import annotations

import functools
import re

from registry.fields import Absent, Field
from registry.tables import TABLES

FORMS = {
    "center": "Center",
    "patient": "Patient",
    "screening_log": "Screening log",
    "primary_tumor": "Primary tumor",
    "episode": "Episodes",
    "metastasis": "Metastases outside the lung",
    "study": "Imaging and other studies",
    "pathology": "Immunohistochemistry",
    "molecular_test": "Molecular tests",
    "mdt_meeting": "MDT meetings",
    "systemic_therapy": "Systemic therapy",
    "local_treatment": "Local treatment",
    "follow_up": "Follow-up",
    "disease_event": "Progressions and recurrences",
    "rule_exception": "Consensus exceptions",
}
"""The title of each form."""

_CAPITALS = (
    *("BRAF", "CEA", "CK20", "CK7", "CT", "DFI", "ECOG", "FISH", "HER2", "ID", "IHC", "KRAS", "MDT", "MMR", "MRI"),
    *("MSI", "NED", "NGS", "NRAS", "PCR", "PET", "SATB2", "SBRT"),
)
_SPELLED = {word.lower(): word for word in _CAPITALS}
_SPELLED |= {"cdx2": "CDX-2", "ctdna": "ctDNA", "dindo": "Dindo", "ttf1": "TTF-1"}
_STAGES = {"c_t": "cT", "c_n": "cN", "p_t": "pT", "p_n": "pN", "record_no": "No.", "episode_no": "Episode"}
_UNIT_SUFFIX = re.compile(r"_(ng_ml|mm|cm|gy)$")

NOTHING = "–"
"""What stands for no value at all."""


def column_title(field: Field, *, unit: bool = True) -> str:
    """A column in words, with its unit."""
    if field.name in _STAGES:
        return _STAGES[field.name]
    words = _spelled(_UNIT_SUFFIX.sub("", field.name))
    shown = words[0].upper() + words[1:]
    return f"{shown} ({field.unit})" if unit and field.unit and field.unit != "months" else shown


@functools.cache
def _titles() -> tuple[re.Pattern[str], dict[str, str]]:
    fields = {field.name: field for table in TABLES.values() for field in table.fields.values() if "_" in field.name}
    names = sorted(fields, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.])(?:{'|'.join(TABLES)})\.(\w+)|\b({'|'.join(names)})\b")
    return pattern, {name: column_title(field, unit=False) for name, field in fields.items()}


def in_words(text: str) -> str:
    """A sentence about columns with their titles for their names."""
    pattern, titles = _titles()
    return pattern.sub(lambda found: f"“{titles.get(found[1] or found[2], found[0])}”", text)


def _spelled(name: str) -> str:
    return " ".join(_SPELLED.get(part, part) for part in name.split("_"))


def upper_first(text: str) -> str:
    """A sentence with its capital."""
    return text[:1].upper() + text[1:]


def factor_title(name: str) -> str:
    """A factor or column that patients are divided by."""
    if name in _STAGES:
        return _STAGES[name]
    words = _spelled(name.removesuffix("_id"))
    return words[0].upper() + words[1:]


def cell_words(field: Field, cell: str) -> str:
    """A canonical cell as a person reads it; a missing-data code with its meaning."""
    if cell in Absent.__members__:
        return f"{cell} ({Absent(cell).sentence})"
    if field.type in ("code", "codes"):
        return ", ".join(_spelled(code) for code in cell.split(";"))
    return cell


def counted(count: int, one: str, many: str | None = None) -> str:
    """A count with its word: 1 patient, 1 200 patients."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def number(count: int) -> str:
    """A whole number with thin spaces between its thousands."""
    return f"{count:,}".replace(",", "\u2009")


def percent(share: float | None) -> str:
    """A share of 1 in percent; never rounded to all or to nothing."""
    if share is None:
        return NOTHING
    if 0 < share < 0.01:
        return "< 1 %"
    if 0.99 < share < 1:
        return "> 99 %"
    return f"{100 * share:.0f} %"


def moment_words(written_at: str) -> str:
    """A time of the trail to the minute; the trail is in UTC."""
    return written_at[:16].replace("T", " ")
