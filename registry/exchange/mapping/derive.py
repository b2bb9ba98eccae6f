"""How a cell of the registry follows from a row of a center's spreadsheet."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from registry.exchange.mapping.dates import DateFormat, shifted
from registry.exchange.mapping.spreadsheet import Content, Garbled
from registry.fields import CLEAR, MISSING_CODES, CellProblem, Field


class SourceProblem(CellProblem):
    """A cell of the spreadsheet that cannot be read as the mapping says.

    Args:
        columns: the source columns that it stands in, or follows from.
        value: what stands there.
    """

    def __init__(self, columns: tuple[str, ...], value: str, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.columns, self.value = columns, value


class Unreadable(Exception):
    """A cell follows from a named date that could not be read, which is reported already."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of the spreadsheet.

    Args:
        contents: what stands in each column.
        dates: the cell of each named date of the mapping; None where it could not be read.
    """

    line: int
    contents: Mapping[str, Content]
    dates: dict[str, str | None]

    def text(self, column: str) -> str:
        """The text of a column; raises SourceProblem where the cell does not say what was meant."""
        content = self.contents[column]
        if isinstance(content, Garbled):
            raise SourceProblem((column,), content.shown, content.problem, content.remedy)
        return content

    def shown(self, columns: Iterable[str]) -> str:
        """What a person sees in some columns."""
        contents = [self.contents[name] for name in columns]
        return ", ".join(content.shown if isinstance(content, Garbled) else content for content in contents)


class Converter(Protocol):
    """Turns the text of a source cell, which is neither blank nor missing, into the text of a registry's cell."""

    def __call__(self, text: str, row: SourceRow) -> str: ...


class Rule(Protocol):
    """Where a cell comes from."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns that it is read from."""
        ...

    def derive(self, row: SourceRow) -> str:
        """The cell as text; raises SourceProblem, CellProblem or Unreadable."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The same cell in every row."""

    cell: str
    columns: tuple[str, ...] = ()

    def derive(self, row: SourceRow) -> str:
        return self.cell


@dataclass(frozen=True, slots=True)
class NamedDate:
    """A date of the section [dates]."""

    name: str
    columns: tuple[str, ...]

    def derive(self, row: SourceRow) -> str:
        return _named(row, self.name)


@dataclass(frozen=True, slots=True)
class Read:
    """A source column, read through a converter.

    Args:
        columns: the column itself, and those of the date that the converter counts from.
        codes: what each text of the file means; nothing else may stand there. None where it is not coded.
        missing: which texts are no value, and the missing-data code (or blank) that each means.
        split: what separates several texts in one cell, "" where there is only one.
    """

    columns: tuple[str, ...]
    codes: Mapping[str, str] | None
    missing: Mapping[str, str]
    split: str
    convert: Converter

    def derive(self, row: SourceRow) -> str:
        text = row.text(self.columns[0])
        try:
            if not self.split:
                return self._read(text, row)
            parts = [part.strip() for part in text.split(self.split) if part.strip()]
            return joined([self._read(part, row) for part in parts or [""]])
        except CellProblem as problem:
            raise SourceProblem(self.columns, text, problem.problem, problem.remedy) from None

    def _read(self, text: str, row: SourceRow) -> str:
        if self.codes is not None and text in self.codes:
            return self.codes[text]
        if text in self.missing or text == "":
            return self.missing.get(text, "")
        if self.codes is not None:
            known = ", ".join(repr(code) for code in self.codes)
            raise CellProblem(f"a value that the mapping does not list ({known})", "list it under codes, or correct it")
        if text in MISSING_CODES or text == CLEAR:
            raise CellProblem("reads like a code of the registry", "say under missing what it means here")
        return self.convert(text, row)


def joined(cells: list[str]) -> str:
    """Several codes as one cell; a missing-data code only where there is no other, blank where there is nothing."""
    found = [cell for cell in cells if cell and cell not in MISSING_CODES]
    return ";".join(found) if found else next((cell for cell in cells if cell), "")


def first(cells: list[str]) -> str:
    """The first cell with a value; else the first missing-data code; else blank."""
    return next((cell for cell in cells if cell and cell not in MISSING_CODES), next(filter(None, cells), ""))


@dataclass(frozen=True, slots=True)
class Words:
    """The text itself, behind a prefix."""

    prefix: str

    def __call__(self, text: str, row: SourceRow) -> str:
        return self.prefix + text


@dataclass(frozen=True, slots=True)
class Number:
    """A number in another unit, or with a decimal comma."""

    factor: Decimal
    decimal_mark: str

    def __call__(self, text: str, row: SourceRow) -> str:
        number = read_number(text, self.decimal_mark) * self.factor
        return f"{number.normalize() if self.factor != 1 else number:f}"


@dataclass(frozen=True, slots=True)
class DateText:
    """A date in the spelling of the center."""

    format: DateFormat

    def __call__(self, text: str, row: SourceRow) -> str:
        return self.format.iso(text)


@dataclass(frozen=True, slots=True)
class Shift:
    """A number of units after (sign 1) or before (-1) a named date."""

    date: str
    sign: int
    unit: str
    month_days: Decimal
    decimal_mark: str

    def __call__(self, text: str, row: SourceRow) -> str:
        number = read_number(text, self.decimal_mark)
        if number < 0:
            raise CellProblem("a duration below zero", "correct it, or say under missing what it means")
        cell = _named(row, self.date)
        if cell == "" or cell in MISSING_CODES:
            return cell
        return shifted(dt.date.fromisoformat(cell), number, self.unit, self.sign, self.month_days).isoformat()


def read_number(text: str, decimal_mark: str) -> Decimal:
    """The number of a text; raises CellProblem. There is no separator of thousands: 1.234 would be a guess."""
    mark = re.escape(decimal_mark)
    if not re.fullmatch(rf"[+-]?(\d{{1,30}}({mark}\d{{0,30}})?|{mark}\d{{1,30}})([eE][+-]?\d{{1,2}})?", text, re.ASCII):
        other = {".": ",", ",": "."}[decimal_mark]
        hint = f"; the mapping says decimal = {decimal_mark!r}" if other in text else ""
        raise CellProblem(f"not a number{hint}", "correct it, or say under missing what it means")
    return Decimal(text.replace(",", "."))


def _named(row: SourceRow, name: str) -> str:
    cell = row.dates[name]
    if cell is None:
        raise Unreadable
    return cell


@dataclass(frozen=True, slots=True)
class Condition:
    """Whether a row, or a cell, is made: by what stands in a source column.

    Args:
        yes, no: the texts that make it and those that do not; no is None where every other text does not.
        filled: whether any value (or none) makes it; None where the texts decide.
        missing: texts that are no value: they make nothing, unless they are listed.
    """

    column: str
    yes: frozenset[str]
    no: frozenset[str] | None
    filled: bool | None
    missing: Mapping[str, str]

    def holds(self, row: SourceRow) -> bool:
        """Whether it is so; raises SourceProblem for a text that is listed nowhere."""
        text = row.text(self.column)
        absent = text == "" or text in self.missing
        if self.filled is not None:
            return self.filled is not absent
        if text in self.yes:
            return True
        if absent or self.no is None or text in self.no:
            return False
        raise SourceProblem(
            (self.column,), text, "a value that the condition does not list", "list it under yes or no, or correct it"
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A rule under its conditions: one of those that a cell may come from."""

    rule: Rule
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class CellRules:
    """Where the cells of one column of the registry come from.

    Args:
        candidates: all that give codes, for a column of several codes; else the first that gives a value.
    """

    field: Field
    candidates: tuple[Candidate, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The source columns that the cell may come from, without those of conditions."""
        return tuple(dict.fromkeys(name for candidate in self.candidates for name in candidate.rule.columns))

    def derive(self, row: SourceRow, today: dt.date) -> str:
        """The canonical cell; raises SourceProblem, or Unreadable."""
        chosen = [one.rule for one in self.candidates if all(condition.holds(row) for condition in one.conditions)]
        cells = [rule.derive(row) for rule in chosen]
        cell = joined(cells) if self.field.type == "codes" else first(cells)
        try:
            return self.field.parse(cell, today=today)
        except CellProblem as problem:
            columns = tuple(dict.fromkeys(name for rule in chosen for name in rule.columns))
            shown = row.shown(columns)
            derived = f" ({cell})" if cell != shown else ""
            raise SourceProblem(columns, shown, problem.problem + derived, problem.remedy) from None
