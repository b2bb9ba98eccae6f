"""The record as the checks see it: columns of typed frames as arrays, and what lies in other tables beside a row.

Everything works on any number of patients at once; one patient is the case of one. Dates are days since 1970-01-01.
Unknown is NaN in a column of dates or numbers and False in every answer, so that it never violates a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import update_wrapper
from typing import Concatenate, Literal, ParamSpec, TypeVar, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from registry import cells
from registry.checks import arrays
from registry.checks.arrays import SPAN, Days, Flags, Rows
from registry.fields import Absent
from registry.tables import TABLES

By = Literal["patient", "episode"]

EPISODE_LEAD_DAYS = {"study": 90.0, "pathology": 90.0, "mdt_meeting": 90.0}
"""How long before its detection an episode may own a row without an episode number: the work-up runs ahead of it."""

_NUMBERS = 2_000_000
"""More than the largest record number: patient and number make one key."""

P = ParamSpec("P")
R = TypeVar("R")


def _once(method: Callable[Concatenate[Table, P], R]) -> Callable[Concatenate[Table, P], R]:
    """Keeps the answer of a method that is asked for names, so that many checks share it."""

    def kept(self: Table, /, *args: P.args, **kwargs: P.kwargs) -> R:
        key = (method.__name__, *args, *kwargs.items())
        if key not in self.answers:
            self.answers[key] = method(self, *args, **kwargs)
        return cast(R, self.answers[key])

    update_wrapper(kept, method)
    return kept


class Data:
    """The typed frames of any number of patients and of their centers.

    Args:
        frames: table -> typed frame (registry/cells.py). A table may be absent or empty, and a row may lack its
            patient: what cannot be known then violates nothing.
        today: the day on which a treatment without an end is still under way.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], *, today: dt.date) -> None:
        self.frames = {name: frames[name] if name in frames else cells.frame(name, {}, 0) for name in TABLES}
        self.today = float(today.toordinal() - dt.date(1970, 1, 1).toordinal())
        self._tables = {name: Table(self, name) for name in TABLES}
        self.patients_of, self.patients = self._number_the_patients()

    def __getitem__(self, table: str) -> Table:
        return self._tables[table]

    def _number_the_patients(self) -> tuple[dict[str, Rows], int]:
        """A number for each patient named anywhere, and the numbers of each table's rows."""
        owned = [name for name, frame in self.frames.items() if "patient_id" in frame]
        ids = [self.frames[name]["patient_id"].to_numpy(dtype=object, na_value=None) for name in owned]
        numbers, distinct = pd.factorize(np.concatenate(ids))
        ends = np.cumsum([len(part) for part in ids])[:-1]
        return dict(zip(owned, np.split(numbers.astype(np.int64), ends), strict=True)), len(distinct)


class Table:
    """The rows of one table: their columns, and what the rest of the record says of their patients and episodes."""

    def __init__(self, data: Data, name: str) -> None:
        self.data, self.name, self.frame, self.fields = data, name, data.frames[name], TABLES[name].fields
        self.answers: dict[tuple[object, ...], object] = {}

    # Columns of the row itself

    @_once
    def days(self, column: str) -> Days:
        """A column of dates."""
        dates: npt.NDArray[np.datetime64] = self.frame[column].to_numpy(dtype="datetime64[s]")
        return np.where(np.isnat(dates), np.nan, dates.astype(np.int64) / 86400.0)

    @_once
    def number(self, column: str) -> Days:
        """A column of numbers; yes is 1 and no is 0."""
        return np.asarray(self.frame[column].to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)

    def value(self, column: str) -> Days:
        """A column of dates, numbers or answers, or the position of a code among the declared ones."""
        kind = self.fields[column].type
        if kind == "code":
            positions = self._positions(column)
            return np.where(positions < 0, np.nan, positions.astype(np.float64))
        return self.days(column) if kind == "date" else self.number(column)

    def exactly(self, column: str, number: float) -> Flags:
        """The column holds this number."""
        return np.asarray(self.value(column) == number, dtype=np.bool_)

    def yes(self, column: str) -> Flags:
        return self.exactly(column, 1)

    def no(self, column: str) -> Flags:
        return self.exactly(column, 0)

    @_once
    def one_of(self, column: str, *codes: str) -> Flags:
        """The column holds one of the codes."""
        declared = self.fields[column].codes
        wanted = np.zeros(len(declared) + 1, dtype=np.bool_)
        wanted[[declared.index(code) for code in codes]] = True
        return np.asarray(wanted[self._positions(column)], dtype=np.bool_)

    def other_than(self, column: str, *codes: str) -> Flags:
        """The column holds a code, and none of these."""
        return self.known(column) & ~self.one_of(column, *codes)

    @_once
    def _positions(self, column: str) -> npt.NDArray[np.int64]:
        """The position of each code among the declared ones; -1 where there is none."""
        stored = self.frame[column].array
        if isinstance(stored, pd.Categorical) and tuple(stored.categories) == self.fields[column].codes:
            return np.asarray(stored.codes, dtype=np.int64)
        return np.asarray(pd.Index(self.fields[column].codes).get_indexer(stored), dtype=np.int64)

    @_once
    def _texts(self, column: str) -> tuple[Rows, npt.NDArray[np.object_]]:
        numbers, distinct = pd.factorize(self.frame[column].to_numpy(dtype=object, na_value=None))
        return numbers.astype(np.int64), np.asarray(distinct, dtype=object)

    def text(self, column: str) -> Days:
        """A number for each distinct text of a column; NaN where there is none."""
        numbers, _ = self._texts(column)
        return np.where(numbers < 0, np.nan, numbers.astype(np.float64))

    def each_list(self, column: str, question: Callable[[list[str]], bool]) -> Flags:
        """The answer to a question about the codes of a column that holds several; False where it holds none."""
        numbers, distinct = self._texts(column)
        answers = np.array([question(text.split(";")) for text in distinct] + [False], dtype=np.bool_)
        return np.asarray(answers[numbers], dtype=np.bool_)

    def lists(self, column: str, code: str) -> Flags:
        """The column holds the code, alone or among others."""
        return self.each_list(column, lambda codes: code in codes)

    @_once
    def known(self, column: str) -> Flags:
        """The column has a value."""
        if self.fields[column].type in ("text", "ref", "codes"):
            return self._texts(column)[0] >= 0
        return ~np.isnan(self.value(column))

    @_once
    def blank(self, column: str) -> Flags:
        """The column has neither a value nor a missing-data code."""
        unmarked = np.asarray(self.frame[self.fields[column].absent_name].isna(), dtype=np.bool_)
        return unmarked & ~self.known(column)

    def not_applicable(self, column: str) -> Flags:
        """The column says that it does not apply (NAP)."""
        absent = self.frame[self.fields[column].absent_name].to_numpy(dtype=object)
        return np.asarray(absent == Absent.NAP.value, dtype=np.bool_)

    # The one patient, primary and episode that a row belongs to

    @property
    def patients(self) -> Rows:
        return self.data.patients_of[self.name]

    def of_patient(self, column: str) -> Days:
        """A date or number of the row's patient."""
        return self._of("patient", column)

    def of_primary(self, column: str) -> Days:
        """A date or number of the primary of the row's patient."""
        return self._of("primary_tumor", column)

    def of_episode(self, column: str) -> Days:
        """A date or number of the row's episode."""
        return arrays.take(self.data["episode"].value(column), self.episodes())

    def patient_is(self, column: str, *codes: str) -> Flags:
        """The row's patient has one of the codes."""
        return self._is("patient", column, codes)

    def primary_is(self, column: str, *codes: str) -> Flags:
        """The primary of the row's patient has one of the codes."""
        return self._is("primary_tumor", column, codes)

    def episode_is(self, column: str, *codes: str) -> Flags:
        """The row's episode has one of the codes."""
        return arrays.take_flags(self.data["episode"].one_of(column, *codes), self.episodes())

    @_once
    def _of(self, single: str, column: str) -> Days:
        return arrays.take(self.data[single].value(column), self._row_in(single))

    def _is(self, single: str, column: str, codes: tuple[str, ...]) -> Flags:
        return arrays.take_flags(self.data[single].one_of(column, *codes), self._row_in(single))

    @_once
    def _row_in(self, single: str) -> Rows:
        """The row of a table with one row a patient; none where it is not among the frames."""
        owners = self.data[single].patients
        rows = np.full(self.data.patients + 1, -1, dtype=np.int64)
        rows[owners] = np.arange(len(owners))
        rows[-1] = -1
        return rows[self.patients]

    @_once
    def given_episodes(self) -> Rows:
        """The row of the episode that a row names; none where it names none."""
        episode = self.data["episode"]
        keys = episode.patients * _NUMBERS + episode.number("record_no").astype(np.int64)
        order = np.argsort(keys)
        number = self.number("episode_no")
        named = np.where(np.isnan(number) | (self.patients < 0), -1.0, self.patients * float(_NUMBERS) + number)
        return _exact(keys[order], order, named.astype(np.int64))

    @_once
    def episodes(self) -> Rows:
        """The row of the episode that a row belongs to: the one it names, else the last one found by its date."""
        if self.name == "episode":
            return np.arange(len(self.frame))
        by_date = self._last_row_until(self._due(), "episode", "detected_on", None)
        by_date[self._undecided()] = -1
        if "episode_no" not in self.fields:
            return by_date
        return np.where(self._unnumbered(), by_date, self.given_episodes())

    def _due(self) -> Days:
        """The day on which an episode must have been found to own the row."""
        dated_by = TABLES[self.name].dated_by
        assert dated_by is not None, f"{self.name} has no date and so no episode"
        return self.days(dated_by) + EPISODE_LEAD_DAYS.get(self.name, 0.0)

    def _unnumbered(self) -> Flags:
        """The row names no episode."""
        if "episode_no" not in self.fields:
            return np.ones(len(self.frame), dtype=np.bool_)
        return ~self.known("episode_no")

    @_once
    def _undecided(self) -> Flags:
        """Dates cannot tell the episode of the row: its own is not known, or that of one of the patient's episodes."""
        undated = self.has("episode", ~self.data["episode"].known("detected_on"))
        return self._unnumbered() & (np.isnan(self._due()) | undated)

    def episode_denies(self, column: str) -> Flags:
        """The row's episode answers no."""
        return arrays.take_flags(self.data["episode"].no(column), self.episodes())

    # Rows of another table of the same patient or episode

    def earliest(self, table: str, column: str, where: Flags | None = None, by: By = "patient") -> Days:
        """The earliest date of a column of another table."""
        other = self.data[table]
        found = arrays.earliest(other._groups(by, where), other.value(column), self._size(by))
        return arrays.take(found, self._groups(by))

    def latest(self, table: str, column: str, where: Flags | None = None, by: By = "patient") -> Days:
        """The latest date of a column of another table."""
        other = self.data[table]
        found = -arrays.earliest(other._groups(by, where), -other.value(column), self._size(by))
        return arrays.take(found, self._groups(by))

    def count(self, table: str, where: Flags | None = None, by: By = "patient") -> Days:
        """The number of rows of another table."""
        found = arrays.count(self.data[table]._groups(by, where), self._size(by))
        return np.append(found, 0.0)[self._groups(by)]

    def has(self, table: str, where: Flags | None = None, by: By = "patient") -> Flags:
        """There is a row of another table."""
        return self.count(table, where, by) > 0

    def lacks(self, table: str, where: Flags | None = None) -> Flags:
        """The episode certainly has no row of another table: none of its own, and none that may be its own."""
        undecided = self.data[table]._undecided()
        perhaps = self.has(table, undecided if where is None else undecided & where)
        return ~self.has(table, where, by="episode") & ~perhaps

    def last_until(self, days: Days, table: str, column: str, where: Flags | None = None) -> Days:
        """The patient's last date of a column of another table on or before each row's day."""
        return arrays.take(self.data[table].days(column), self._last_row_until(days, table, column, where))

    def first_after(self, days: Days, table: str, column: str, where: Flags | None = None) -> Days:
        """The patient's first date of a column of another table after each row's day."""
        rows, line = self.data[table]._time_line(column, where)
        places = np.searchsorted(line, arrays.moments(self.patients, days), side="right")
        found = np.append(rows, -1)[places]
        return arrays.take(self.data[table].days(column), self._if_of_same_patient(found, days, table))

    def count_until(self, days: Days, table: str, column: str, where: Flags | None = None) -> Days:
        """The number of the patient's rows of another table dated on or before each row's day; NaN without a day."""
        _, line = self.data[table]._time_line(column, where)
        until = np.searchsorted(line, arrays.moments(self.patients, days), side="right")
        before_patient = np.searchsorted(line, (self.patients - 0.5) * SPAN)
        return np.where(np.isnan(days), np.nan, until - before_patient)

    def none_until(self, days: Days, table: str, column: str, where: Flags | None = None) -> Flags:
        """The patient certainly has no row of another table dated on or before each row's day.

        A row without a known date may lie before it: then the answer is False, as it is without a day.
        """
        undated = self._undated(table, column, where)
        return ~np.isnan(days) & np.isnan(self.last_until(days, table, column, where)) & ~undated

    def none_between(self, after: Days, until: Days, table: str, column: str, where: Flags | None = None) -> Flags:
        """The patient certainly has no row of another table dated after the one day and on or before the other."""
        found = self.last_until(until, table, column, where) > after
        return ~np.isnan(after) & ~np.isnan(until) & ~found & ~self._undated(table, column, where)

    def _undated(self, table: str, column: str, where: Flags | None) -> Flags:
        undated = ~self.data[table].known(column)
        return self.count(table, undated if where is None else undated & where) > 0

    # Rows beside a row in its own table

    @_once
    def previous(self, column: str) -> Rows:
        """The patient's row before each row, in the order of a column, then of the record number."""
        return arrays.previous(self.patients, self.value(column), self.number("record_no"))

    @_once
    def following(self, column: str) -> Rows:
        """The patient's row after each row, in the order of a column, then of the record number."""
        before = self.previous(column)
        found = np.full(len(before) + 1, -1, dtype=np.int64)
        found[before] = np.arange(len(before))
        return found[:-1]

    def repeats(self, *columns: str) -> Flags:
        """The patient has a row with a lower record number and the same values in these columns."""
        return self.repeats_in(*(self.value(column) for column in columns))

    def repeats_in(self, *keys: Days) -> Flags:
        """The patient has a row with a lower record number and the same known keys."""
        return arrays.repeats(self.patients, keys, self.number("record_no"))

    # Searching

    def _size(self, by: By) -> int:
        return self.data.patients if by == "patient" else len(self.data["episode"].frame)

    def _groups(self, by: By, where: Flags | None = None) -> Rows:
        groups = self.patients if by == "patient" else self.episodes()
        return groups if where is None else np.where(where, groups, -1)

    @_once
    def _sorted(self, column: str) -> tuple[Rows, Days]:
        """The dated rows in the order of patient, date and record number, and their places on the time line."""
        line = arrays.moments(self.patients, self.days(column))
        rows = np.flatnonzero(~np.isnan(line) & (self.patients >= 0))
        numbers = self.number("record_no")[rows] if "record_no" in self.fields else np.zeros(len(rows))
        rows = rows[np.lexsort((numbers, line[rows]))]
        return rows, line[rows]

    def _time_line(self, column: str, where: Flags | None) -> tuple[Rows, Days]:
        rows, line = self._sorted(column)
        return (rows, line) if where is None else (rows[where[rows]], line[where[rows]])

    def _last_row_until(self, days: Days, table: str, column: str, where: Flags | None) -> Rows:
        rows, line = self.data[table]._time_line(column, where)
        places = np.searchsorted(line, arrays.moments(self.patients, days), side="right")
        return self._if_of_same_patient(np.append(rows, -1)[places - 1], days, table)

    def _if_of_same_patient(self, found: Rows, days: Days, table: str) -> Rows:
        owners = np.append(self.data[table].patients, -1)[found]
        return np.where((owners == self.patients) & (owners >= 0) & ~np.isnan(days), found, -1)


def _exact(keys: Rows, rows: Rows, wanted: Rows) -> Rows:
    """The rows whose sorted key equals the wanted one."""
    places = np.searchsorted(keys, wanted)
    found = np.append(keys, -1)[places] == wanted
    return np.where(found & (wanted >= 0), np.append(rows, -1)[places], -1)
