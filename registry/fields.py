"""One declaration of a column: its type, unit, range, codes and sentence, and how a cell of it is read and written.

A *cell* is the text of a value as it stands in a data file, in a form and in the audit trail: ``""`` (blank), a
missing-data code, or the value in its one canonical spelling (``2019-03-07``, ``7.4``, ``yes``, ``lung;liver``).
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

FieldType = Literal["text", "ref", "code", "codes", "date", "boolean", "integer", "number"]
Value = str | int | float | bool | dt.date

CLEAR = "<clear>"
"""The cell that empties a stored value; a blank cell leaves it as it is."""

EARLIEST = dt.date(1900, 1, 1)
LATEST = dt.date(2199, 12, 31)
"""The dates that the database holds; an entry is also refused when it lies after today."""

LONGEST_KEY, LONGEST_TEXT = 64, 10_000


class Absent(StrEnum):
    """Why there is no value: a missing-data code, kept apart from a blank cell from entry to figure."""

    UNK = "UNK"
    ND = "ND"
    NAP = "NAP"
    NASK = "NASK"

    @property
    def sentence(self) -> str:
        return {"UNK": "looked for, not known", "ND": "not done", "NAP": "not applicable", "NASK": "not asked"}[self]


MISSING_CODES = frozenset(code.value for code in Absent)


class CellProblem(ValueError):
    """A cell that its field cannot hold, with the way to mend it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


@dataclass(frozen=True, slots=True)
class Field:
    """The declaration of one column, from which all that concerns it follows.

    Args:
        table, name: where it stands.
        type: one of the eight types of the data dictionary.
        sentence: what it means, in one sentence.
        unit: of a number, as printed beside it.
        codes: the permitted codes of a code, codes or coded integer column, in their order.
        low, high: the inclusive range of a number.
        required: a row has a value or a missing-data code here.
        key: part of the key of its row; it can hold no missing-data code.
        refers_to: the table that a ``ref`` names a row of.
        identifying: left out of, or coarsened in, every de-identified output.
        only_where: (column of the same row, codes of it) outside which the column has no meaning: its part of a form
            opens only there, and a value elsewhere contradicts the row.
    """

    table: str
    name: str
    type: FieldType
    sentence: str
    unit: str = ""
    codes: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    required: bool = False
    key: bool = False
    refers_to: str | None = None
    identifying: bool = False
    only_where: tuple[str, tuple[str, ...]] | None = None

    @property
    def absent_name(self) -> str:
        """The database column that holds the missing-data code of this one."""
        return f"{self.name}__absent"

    @property
    def is_free(self) -> bool:
        """Whether a cell holds words of a person, not one of known shapes: such text is guarded in files and pages."""
        return self.type in ("text", "ref")

    @property
    def form(self) -> str:
        """How a cell is written, in words for a person."""
        match self.type:
            case "date":
                return "a date as YYYY-MM-DD"
            case "boolean":
                return "yes or no"
            case "code":
                return "one of " + ", ".join(self.codes)
            case "codes":
                return "codes joined by ';' of " + ", ".join(self.codes)
            case "integer" | "number":
                if self.codes:
                    return "one of " + ", ".join(self.codes)
                kind = "a whole number" if self.type == "integer" else "a number with a decimal point"
                return f"{kind} from {self.low:.15g} to {self.high:.15g}" + (f" {self.unit}" if self.unit else "")
            case "ref":
                return f"the key of a row of {self.refers_to}"
            case _:
                return "a short identifier" if self.key else "text"

    def parse(self, text: str, *, today: dt.date | None = None) -> str:
        """The canonical cell of a text as entered; raises CellProblem where the field cannot hold it.

        A blank stays blank, a missing-data code and ``<clear>`` stay what they are; whether the column may be blank
        is a question about its row, not about the cell.
        """
        text = unicodedata.normalize("NFC", text).strip()
        if text == "":
            if self.key:
                raise CellProblem("the key is blank", f"write {self.form}")
            return ""
        if text in MISSING_CODES or text == CLEAR:
            if self.key:
                raise CellProblem("a key cannot be missing", f"write {self.form}")
            if text == CLEAR and self.required:
                raise CellProblem("a required column cannot be emptied", f"write {self.form}, or a missing-data code")
            return text
        return _PARSERS[self.type](self, text, today or dt.date.today())

    def value(self, cell: str) -> Value | None:
        """The typed value of a canonical cell; None for a blank and for a missing-data code.

        Codes joined by ``;`` stay text, in the order of their declaration.
        """
        if cell == "" or cell in MISSING_CODES:
            return None
        match self.type:
            case "date":
                return dt.date.fromisoformat(cell)
            case "boolean":
                return cell == "yes"
            case "integer":
                return int(cell)
            case "number":
                return float(cell)
            case _:
                return cell

    def cell(self, value: object, absent: object = None) -> str:
        """The canonical cell of a typed value, or of its missing-data code."""
        if absent is not None:
            return str(absent)
        if value is None:
            return ""
        match self.type:
            case "boolean":
                return "yes" if value else "no"
            case "number":
                return _number_text(float(value))  # type: ignore[arg-type]
            case "date" if isinstance(value, dt.date):
                return value.isoformat()
            case _:
                return str(value)


def _parse_date(field: Field, text: str, today: dt.date) -> str:
    stamp = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?", text, re.ASCII)
    if not stamp:
        raise CellProblem("not a date", "write the date as YYYY-MM-DD")
    try:
        day = dt.date.fromisoformat(stamp[1])
    except ValueError:
        raise CellProblem("no such day in the calendar", "write an existing date as YYYY-MM-DD") from None
    if day > today:
        raise CellProblem(
            f"a date after today ({today.isoformat()})", "write a date that has passed, or leave it blank"
        )
    if day < EARLIEST:
        raise CellProblem(f"a date before {EARLIEST.isoformat()}", "write the year with its four digits")
    return day.isoformat()


def _parse_boolean(field: Field, text: str, today: dt.date) -> str:
    if text not in ("yes", "no"):
        raise CellProblem("neither yes nor no", "write yes or no")
    return text


def _parse_code(field: Field, text: str, today: dt.date) -> str:
    if text not in field.codes:
        raise CellProblem("an unknown code", f"write {_did_you_mean(text, field.codes)}{field.form}")
    return text


def _parse_codes(field: Field, text: str, today: dt.date) -> str:
    parts = [part.strip() for part in text.split(";")]
    parts = [part for part in parts if part]
    for part in parts:
        if part not in field.codes:
            raise CellProblem(f"an unknown code {part!r}", f"write {_did_you_mean(part, field.codes)}{field.form}")
    if not parts:
        raise CellProblem("no code at all", f"write {field.form}, or leave it blank")
    return ";".join(code for code in field.codes if code in parts)


def _parse_integer(field: Field, text: str, today: dt.date) -> str:
    whole = re.fullmatch(r"([+-]?\d{1,15})(?:\.0*)?", text, re.ASCII)
    if not whole:
        raise CellProblem("not a whole number", f"write {field.form}")
    cell = str(int(whole[1]))
    if field.codes and cell not in field.codes:
        raise CellProblem("an unknown code", f"write {field.form}")
    _in_range(field, int(cell))
    return cell


def _parse_number(field: Field, text: str, today: dt.date) -> str:
    if not re.fullmatch(r"[+-]?(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,3})?", text, re.ASCII):
        remedy = "write a decimal point, no comma" if "," in text else f"write {field.form}"
        raise CellProblem("not a number", remedy)
    number = float(text)
    if not math.isfinite(number):
        raise CellProblem("not a finite number", f"write {field.form}")
    _in_range(field, number)
    return _number_text(number)


def _parse_text(field: Field, text: str, today: dt.date) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    names_row = field.key or field.type == "ref"
    longest = LONGEST_KEY if names_row else LONGEST_TEXT
    if len(text) > longest:
        raise CellProblem(f"longer than {longest} characters", "shorten it")
    if text.isprintable():
        return text
    if names_row:  # two keys that look the same would be two patients
        raise CellProblem("holds invisible or control characters", "remove them")
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text):
        raise CellProblem("holds control characters", "remove them")
    return text


_PARSERS = {
    "text": _parse_text,
    "ref": _parse_text,
    "code": _parse_code,
    "codes": _parse_codes,
    "date": _parse_date,
    "boolean": _parse_boolean,
    "integer": _parse_integer,
    "number": _parse_number,
}


def _in_range(field: Field, number: float) -> None:
    if field.low is not None and field.high is not None and not field.low <= number <= field.high:
        raise CellProblem("a number outside its range", f"write {field.form}, or UNK where it is not known")


def _number_text(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _did_you_mean(text: str, codes: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(text.lower(), [code.lower() for code in codes], n=1, cutoff=0.75)
    match = next((code for code in codes if near and code.lower() == near[0]), None)
    return f"{match}? Or " if match else ""
