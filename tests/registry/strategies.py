"""Cells of every field for generative tests: those that it holds, and whatever else may be written there."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from registry.fields import CLEAR, MISSING_CODES, CellProblem, Field
from registry.tables import TABLES

FIELDS = [field for table in TABLES.values() for field in table.fields.values()]
TODAY = dt.date(2024, 6, 30)

NASTY = (
    "\x00",
    "a\x00b",
    "\ud800",
    "x\udfff",
    "\u202eevil",
    "\u200b",
    "UN\u212a",  # the Kelvin sign, which Unicode takes for a K
    "\ufeffP1",
    "a\x1fb",
    "x\x85y",
    "x\u2028y",
    "e\u0301",
    "\u0344",
    "٣",
    "１２",
    "1e999",
    "-0",
    "00012",
    "1_000",
    " 7 ",
    "7,4",
    "0x10",
    "nan",
    "inf",
    "1e-999",
    "99999999999999999999",
    "2024-02-30",
    "2024-06-31",
    "9999-12-31",
    "0000-00-00",
    "２０２４-01-01",
    "2024-01-01T00:00:00Z",
    ";",
    ";;lung;;",
    "yes ",
    "TRUE",
    "unk",
    CLEAR,
    "<CLEAR>",
    "'=1",
    "=1+1",
    '"',
    "\r",
    "\r\n",
    "🫁",
    "x" * 10_001,
)


def anything() -> st.SearchStrategy[str]:
    """Any text at all, and what parsers trip over."""
    return st.text(max_size=30) | st.sampled_from(NASTY) | st.sampled_from(sorted(MISSING_CODES))


def canonical(field: Field) -> st.SearchStrategy[str]:
    """Cells as the field spells them, blanks and missing-data codes among them."""
    if field.key:
        return _values(field)
    return st.just("") | st.sampled_from(sorted(MISSING_CODES)) | _values(field) | _values(field)


def _values(field: Field) -> st.SearchStrategy[str]:
    match field.type:
        case "date":
            return st.dates(dt.date(1900, 1, 1), TODAY).map(dt.date.isoformat)
        case "boolean":
            return st.sampled_from(["yes", "no"])
        case "code":
            return st.sampled_from(field.codes)
        case "codes":
            chosen = st.sets(st.sampled_from(field.codes), min_size=1)
            return chosen.map(lambda codes: ";".join(code for code in field.codes if code in codes))
        case "integer" if field.codes:
            return st.sampled_from(field.codes)
        case "integer":
            return st.integers(int(field.low or 0), int(field.high or 0)).map(str)
        case "number":
            return st.floats(field.low, field.high).map(field.cell)
        case _:
            return st.text(min_size=1, max_size=40).map(lambda text: _text(field, text))


def _text(field: Field, text: str) -> str:
    """The text as the field takes it, a plain one where it does not."""
    try:
        cell = field.parse(text, today=TODAY)
    except CellProblem:
        return "plain"
    return "plain" if cell == CLEAR or (field.key and not cell) else cell
