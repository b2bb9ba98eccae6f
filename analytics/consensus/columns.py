"""Tables as plain arrays, and what can be asked of their columns: days, codes, yes and no, numbers, with their texts.

Every answer is three-valued and knows the columns it was read from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from typing import Any, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Leaf, Mask, Rows, Term
from registry.cells import ABSENT
from registry.tables import TABLES

Dates = npt.NDArray[np.int32]
MISSING = np.int32(-(2**31))
"""A day that is not there."""
NEVER = np.int32(2**30)
"""A day after every other."""

_ABSENT_CODES = list(ABSENT.categories)
_NOT_DONE, _NOT_APPLICABLE = _ABSENT_CODES.index("ND"), _ABSENT_CODES.index("NAP")


_NO_FREE_TEXT = ("rule_id", "regimen", "variant")
"""Columns of text that hold a name. Of the others it is only said that something is recorded."""


class Column(Protocol):
    """A column as seen from some rows."""

    @property
    def name(self) -> str:
        """Table and column."""

    def text(self, row: int) -> str:
        """What is recorded in a row; empty where nothing is."""

    def missing(self, row: int) -> bool:
        """Whether there is no value in a row."""


class TableArrays:
    """A typed frame as arrays; each column is turned into one when it is first asked for.

    Args:
        name: of the table.
        frame: typed, see ``registry.cells``.
    """

    def __init__(self, name: str, frame: pd.DataFrame) -> None:
        self.name, self.frame = name, frame
        self._found: dict[tuple[str, str], Any] = {}

    def __len__(self) -> int:
        return len(self.frame)

    def _once(self, kind: str, column: str, make: Callable[[Any], Any]) -> Any:
        key = (kind, column)
        if key not in self._found:
            self._found[key] = make(self.frame[column])
        return self._found[key]

    def days(self, column: str) -> Dates:
        """A date column as days since 1970, MISSING where there is none."""

        def make(values: pd.Series) -> Dates:
            dates = values.to_numpy()
            days = dates.astype("datetime64[D]").view(np.int64)
            return np.where(np.isnat(dates), MISSING, days).astype(np.int32)

        days: Dates = self._once("days", column, make)
        return days

    def codes(self, column: str) -> Codes:
        """A code column as positions among the codes of its declaration, -1 where there is none."""
        codes: Codes = self._once("codes", column, lambda values: values.array.codes)
        return codes

    def flags(self, column: str) -> Codes:
        """A yes/no column; not applicable is no, every other missing value unknown."""

        def make(values: pd.Series) -> Codes:
            array = values.array
            codes: Codes = (array.to_numpy(dtype=bool, na_value=False) * np.int8(YES)).astype(np.int8)
            codes[array.isna()] = UNKNOWN
            codes[self.absent(column) == _NOT_APPLICABLE] = NO
            return codes

        flags: Codes = self._once("flags", column, make)
        return flags

    def numbers(self, column: str) -> npt.NDArray[np.float64]:
        """A number column, NaN where there is none."""
        numbers: npt.NDArray[np.float64] = self._once(
            "numbers", column, lambda values: values.array.to_numpy(dtype=np.float64, na_value=np.nan)
        )
        return numbers

    def absent(self, column: str) -> Codes:
        """The missing-data codes of a column as positions in ``registry.cells.ABSENT``, -1 where there is none."""
        if f"{column}__absent" not in self.frame:
            return np.full(len(self), -1, dtype=np.int8)
        absent: Codes = self._once("absent", f"{column}__absent", lambda values: values.array.codes)
        return absent

    def missing(self, column: str) -> Mask:
        """Where a column has no value."""
        blank: Mask = self._once("missing", column, lambda values: np.asarray(values.array.isna(), dtype=bool))
        return blank

    def values(self, column: str) -> npt.NDArray[np.int64]:
        """A number for each distinct value of a column, -1 where there is none; the case of letters does not matter."""

        def make(values: pd.Series) -> npt.NDArray[np.int64]:
            rows, distinct = pd.factorize(values.array)
            of_text = pd.factorize(pd.Series(distinct).astype("string").str.strip().str.casefold())[0]
            numbers: npt.NDArray[np.int64] = np.append(of_text.astype(np.int64), -1)[rows]
            return numbers

        numbers: npt.NDArray[np.int64] = self._once("values", column, make)
        return numbers

    def holds(self, column: str, code: str) -> Mask:
        """Where a column of several codes holds one."""

        def make(values: pd.Series) -> Mask:
            numbers, distinct = pd.factorize(values.array)
            answers = np.array([code in str(text).split(";") for text in distinct] + [False])
            held: Mask = answers[numbers]
            return held

        held: Mask = self._once(f"holds {code}", column, make)
        return held

    def text(self, column: str, row: int) -> str:
        """What a cell holds, as text: its missing-data code without a value, empty where it is blank."""
        if self.missing(column)[row]:
            absent = int(self.absent(column)[row])
            return _ABSENT_CODES[absent] if absent >= 0 else ""
        if TABLES[self.name].fields[column].type == "text" and column not in _NO_FREE_TEXT:
            return "recorded"
        value = self.frame[column].array[row]
        if isinstance(value, (bool, np.bool_)):
            return "yes" if value else "no"
        if isinstance(value, (pd.Timestamp, np.datetime64)):
            return str(pd.Timestamp(value).date())
        return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, eq=False)
class Cell:
    """A column of a table, seen from rows each of which has a row of the table or, at -1, none."""

    table: TableArrays
    column: str
    rows: Rows | None = None

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column}"

    def _row(self, row: int) -> int:
        return row if self.rows is None else int(self.rows[row])

    def text(self, row: int) -> str:
        at = self._row(row)
        return "" if at < 0 else self.table.text(self.column, at)

    def missing(self, row: int) -> bool:
        at = self._row(row)
        return at < 0 or bool(self.table.missing(self.column)[at])


@dataclass(frozen=True, eq=False)
class Lifted:
    """A column of episodes, seen from rows that belong to them."""

    column: Column
    at: Rows

    @property
    def name(self) -> str:
        return self.column.name

    def text(self, row: int) -> str:
        return self.column.text(int(self.at[row]))

    def missing(self, row: int) -> bool:
        return self.column.missing(int(self.at[row]))


@dataclass(frozen=True, eq=False)
class Days:
    """A day in each row, with the columns it was read from; comparisons are terms.

    Attributes:
        days: the day; MISSING where there is none or it is not known.
        columns: what it was read from.
        low, high: of a day that was picked among rows some of which have no day: the earliest and the latest that it
            can be; NEVER in both where there is no row to pick. None: the day itself.
    """

    days: Dates
    columns: tuple[Column, ...]
    low: Dates | None = None
    high: Dates | None = None

    @property
    def bounds(self) -> tuple[Dates, Dates]:
        """The earliest and the latest day that it can be."""
        missing = self.days == MISSING
        if self.low is None or self.high is None:
            if not missing.any():
                return self.days, self.days
            return np.where(missing, _FIRST, self.days), np.where(missing, _LAST, self.days)
        none = missing & (self.low == NEVER)
        return np.where(none, _FIRST, self.low), np.where(none, _LAST, self.high)

    def _compare(self, other: Days, *, or_same: bool) -> Term:
        """Whether this day is before another."""
        (low, high), (other_low, other_high) = self.bounds, other.bounds
        yes = high <= other_low if or_same else high < other_low
        no = low > other_high if or_same else low >= other_high
        codes = np.where(yes, np.int8(YES), np.where(no, np.int8(NO), np.int8(UNKNOWN)))
        return Leaf(codes, (*self.columns, *(c for c in other.columns if c not in self.columns)))

    def __le__(self, other: Days) -> Term:
        return self._compare(other, or_same=True)

    def __lt__(self, other: Days) -> Term:
        return self._compare(other, or_same=False)

    def __ge__(self, other: Days) -> Term:
        return other._compare(self, or_same=True)

    def __gt__(self, other: Days) -> Term:
        return other._compare(self, or_same=False)

    def _moved(self, move: Callable[[Dates], Dates]) -> Days:
        low, high = (None if one is None else move(one) for one in (self.low, self.high))
        return Days(move(self.days), self.columns, low, high)

    def __add__(self, days: int) -> Days:
        return self._moved(lambda all_days: np.where(_real(all_days), all_days + np.int32(days), all_days))

    def __sub__(self, days: int) -> Days:
        return self + -days

    def plus_months(self, months: int) -> Days:
        """So many calendar months later, on the last day of the month where the day does not exist in it."""
        return self._moved(lambda days: _months_later(days, months))

    def or_else(self, other: Days) -> Days:
        """This day, or another where there is none."""
        none = self._none
        (low, high), (other_low, other_high) = self.bounds, other.bounds
        # Where it is open whether there is a day it may be the other one.
        either = ~none & (self.days == MISSING)
        return Days(
            np.where(none, other.days, self.days),
            (*self.columns, *other.columns),
            np.where(none, other_low, np.where(either, np.minimum(low, other_low), low)),
            np.where(none, other_high, np.where(either, np.maximum(high, other_high), high)),
        )

    @property
    def _none(self) -> Mask:
        none: Mask = self.days == MISSING
        return none if self.low is None else none & (self.low == NEVER)

    @property
    def known(self) -> Term:
        """Whether there is a day: yes or no; unknown of one that was picked where no row has one for sure."""
        codes = np.where(self.days != MISSING, np.int8(YES), np.where(self._none, np.int8(NO), np.int8(UNKNOWN)))
        return Leaf(codes, self.columns)

    @property
    def shown(self) -> Term:
        """True in every row: it only shows the day."""
        return Leaf(np.full(len(self.days), YES, dtype=np.int8), self.columns)

    @property
    def dated(self) -> Term:
        """That there is a day; unknown without one."""
        return Leaf(np.where(self.days == MISSING, np.int8(UNKNOWN), np.int8(YES)), self.columns)

    def at(self, rows: Rows) -> Days:
        """The day of other rows, each of which has one of these."""
        low, high = (None if one is None else one[rows] for one in (self.low, self.high))
        return Days(self.days[rows], tuple(Lifted(column, rows) for column in self.columns), low, high)


_FIRST, _LAST = np.int32(-(2**30)), np.int32(2**30 + 1)


def _real(days: Dates) -> Mask:
    real: Mask = (days != MISSING) & (days != NEVER) & (days != _FIRST) & (days != _LAST)
    return real


def _months_later(days: Dates, months: int) -> Dates:
    real = _real(days)
    if not real.any():
        return days
    first, last = days[real].min(), days[real].max()
    if last - first < len(days):
        # The days lie in some decades: to move each of these once is faster than to move every row.
        every = _moved_by_months(np.arange(first, last + 1, dtype=np.int32), months)
        moved = every[np.where(real, days - first, 0)]
    else:
        moved = _moved_by_months(np.where(real, days, np.int32(0)), months)
    later: Dates = np.where(real, moved, days)
    return later


def _moved_by_months(days: Dates, months: int) -> Dates:
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    of_month = (day - month.astype("datetime64[D]")).astype(np.int32)
    target = month + months
    first = target.astype("datetime64[D]")
    last = ((target + 1).astype("datetime64[D]") - first).astype(np.int32) - 1
    moved: Dates = (first.astype(np.int64) + np.minimum(of_month, last)).astype(np.int32)
    return moved


def earliest(days: Sequence[Days]) -> Days:
    """The earliest of several days of each row, of those that there are."""

    def least(which: Callable[[Days], Dates | None]) -> Dates:
        given = [one.days if (bound := which(one)) is None else bound for one in days]
        return np.asarray(np.stack([np.where(one == MISSING, NEVER, one) for one in given]).min(axis=0), dtype=np.int32)

    low, high = least(lambda one: one.low), least(lambda one: one.high)
    found = np.where(high == NEVER, MISSING, high)
    return Days(found, tuple(column for one in days for column in one.columns), low, high)


def latest(days: Sequence[Days]) -> Days:
    """The latest of several days of each row, where all of them are there."""
    bounds = [one.bounds for one in days]
    low = np.stack([low for low, _ in bounds]).max(axis=0)
    high = np.stack([high for _, high in bounds]).max(axis=0)
    return Days(
        np.where(low == high, high, MISSING), tuple(column for one in days for column in one.columns), low, high
    )


_Asked = TypeVar("_Asked", bound=Callable[..., Any])


def _once(method: _Asked) -> _Asked:
    """A method of a view that answers the same question from memory."""

    @wraps(method)
    def answered(self: View, *arguments: Any, **options: Any) -> Any:
        question = (method.__name__, arguments, tuple(options.items()))
        if question not in self.answers:
            self.answers[question] = method(self, *arguments, **options)
        return self.answers[question]

    return cast(_Asked, answered)


class View:
    """The columns of a table, seen from rows each of which has a row of it or, at -1, none.

    Args:
        table: whose columns.
        rows: the row of the table for each row here; None: the rows of the table itself.
    """

    def __init__(self, table: TableArrays, rows: Rows | None = None) -> None:
        self.table, self.rows = table, rows
        self.length = len(table) if rows is None else len(rows)
        self._no_row = None if rows is None or len(rows) == 0 or rows.min() >= 0 else rows < 0
        self.answers: dict[Any, Any] = {}

    def _taken(self, values: npt.NDArray[Any], without: Any) -> npt.NDArray[Any]:
        if self.rows is None:
            return values
        if self._no_row is None:
            return values[self.rows]
        taken = np.full(self.length, without, dtype=values.dtype)
        taken[~self._no_row] = values[self.rows[~self._no_row]]
        return taken

    def cell(self, column: str) -> Cell:
        """A column, for showing."""
        return Cell(self.table, column, self.rows)

    @_once
    def day(self, column: str) -> Days:
        """A date."""
        return Days(self._taken(self.table.days(column), MISSING), (self.cell(column),))

    @_once
    def end(self, column: str) -> Days:
        """A date that is left open on purpose: blank or not applicable says that there is none, so it is NEVER."""
        days = self.day(column)
        absent = self._absent(column)
        never = (days.days == MISSING) & ((absent < 0) | (absent == _NOT_APPLICABLE))
        return Days(np.where(never, NEVER, days.days), days.columns)

    def _absent(self, column: str) -> Codes:
        return self._taken(self.table.absent(column), -1)

    @_once
    def flag(self, column: str, *, not_done: int = UNKNOWN) -> Term:
        """A yes/no column; ``not_done`` says what the missing-data code ND means: NO of a study or an assessment."""
        codes = self._taken(self.table.flags(column), UNKNOWN)
        if not_done != UNKNOWN:
            codes = np.where(self._absent(column) == _NOT_DONE, np.int8(not_done), codes)
        return Leaf(codes, (self.cell(column),))

    def says_no(self, column: str) -> Term:
        """Whether a yes/no column is a recorded no; whatever is missing is none."""
        missing = self._taken(self.table.missing(column), True)
        no = (self._taken(self.table.flags(column), UNKNOWN) == NO) & ~missing
        return Leaf(np.where(no, np.int8(YES), np.int8(NO)), (self.cell(column),))

    @_once
    def among(
        self, column: str, yes: Iterable[str], no: Iterable[str] | None = None, *, not_done: int = UNKNOWN
    ) -> Term:
        """Whether a code is one of some; unknown where it is missing, and where it is in neither of two lists."""
        answers = _answers(self.table.name, column, tuple(yes), None if no is None else tuple(no))
        codes = answers[self._taken(self.table.codes(column), -1)]
        if not_done != UNKNOWN:
            codes[self._absent(column) == _NOT_DONE] = not_done
        return Leaf(codes, (self.cell(column),))

    @_once
    def holds(self, column: str, *codes: str) -> Term:
        """Whether a column of several codes holds one of some; unknown where it is missing."""
        missing = self._taken(self.table.missing(column), True)
        found = np.where(missing, np.int8(UNKNOWN), np.int8(NO))
        for code in codes:
            found[self._taken(self.table.holds(column, code), False)] = YES
        return Leaf(found, (self.cell(column),))

    @_once
    def recorded(self, column: str) -> Term:
        """Whether an assessment is recorded: no where it is ND, unknown where it is missing otherwise."""
        missing = self._taken(self.table.missing(column), True)
        found = np.where(missing, np.int8(UNKNOWN), np.int8(YES))
        found[self._absent(column) == _NOT_DONE] = NO
        return Leaf(found, (self.cell(column),))

    def not_recorded_as_done(self, column: str) -> Term:
        """Whether a column has no value, and not because it is recorded as not done."""
        missing = self._taken(self.table.missing(column), True) & (self._absent(column) != _NOT_DONE)
        return Leaf(np.where(missing, np.int8(YES), np.int8(NO)), (self.cell(column),))

    def flag_or_blank(self, column: str) -> Term:
        """A yes/no column of which a blank cell means no; a missing-data code is unknown as ever."""
        codes = self._taken(self.table.flags(column), UNKNOWN)
        blank = self._taken(self.table.missing(column), True) & (self._absent(column) < 0)
        return Leaf(np.where(blank, np.int8(NO), codes), (self.cell(column),))

    def among_or_blank(self, column: str, yes: Iterable[str]) -> Term:
        """Whether a code is one of some; a blank cell means none, a missing-data code is unknown as ever."""
        blank = self._taken(self.table.missing(column), True) & (self._absent(column) < 0)
        codes = np.where(blank, np.int8(NO), self.among(column, yes).codes)
        return Leaf(codes, (self.cell(column),))

    @_once
    def filled(self, column: str) -> Term:
        """Whether a column has a value, yes or no."""
        missing = self._taken(self.table.missing(column), True)
        return Leaf(np.where(missing, np.int8(NO), np.int8(YES)), (self.cell(column),))

    def above(self, column: str, limit: float) -> Term:
        """Whether a number is larger than a limit."""
        return self._numbers(column, lambda numbers: numbers > limit)

    def below(self, column: str, limit: float) -> Term:
        """Whether a number is smaller than a limit."""
        return self._numbers(column, lambda numbers: numbers < limit)

    def equals(self, column: str, number: float) -> Term:
        """Whether a number is a certain one."""
        return self._numbers(column, lambda numbers: numbers == number)

    @_once
    def number(self, column: str) -> npt.NDArray[np.float64]:
        """A number, NaN where there is none."""
        return self._taken(self.table.numbers(column), np.nan)

    def _numbers(self, column: str, compare: Callable[[npt.NDArray[np.float64]], Mask]) -> Term:
        numbers = self.number(column)
        codes = np.where(compare(numbers), np.int8(YES), np.int8(NO))
        codes[np.isnan(numbers)] = UNKNOWN
        return Leaf(codes, (self.cell(column),))


@lru_cache(maxsize=8)
def day_number(date: Any) -> np.int32:
    """A date as days since 1970."""
    return np.int32(np.datetime64(date, "D").astype(np.int64))


@cache
def _answers(table: str, column: str, yes: tuple[str, ...], no: tuple[str, ...] | None) -> Codes:
    """For each code of a column, and for none as the last, whether it is one of some."""
    names = list(TABLES[table].fields[column].codes)
    answers = np.full(len(names) + 1, NO if no is None else UNKNOWN, dtype=np.int8)
    for listed, answer in ((no or (), NO), (yes, YES)):
        for code in listed:
            answers[names.index(code)] = answer
    answers[-1] = UNKNOWN
    return answers
