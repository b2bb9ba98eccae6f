"""A form while it is filled in: what was typed, as its declarations read it; what applies, what is wrong, what changed.

Nothing here shows or stores anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pandas as pd

from registry import cells, checks
from registry.checks import Check
from registry.drafts import NEW, REASON, Place, Typed
from registry.fields import MISSING_CODES, CellProblem, Field
from registry.frames import Frames
from registry.store import Stored
from registry.tables import TABLES

REQUIRED = CellProblem("a value is required", "write one, or UNK where it is not known")
ALONE = CellProblem("a missing-data code stands alone", "take it away, or the codes beside it")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the record as it is stored.

    Args:
        cells: of every field, "" where blank; empty where it is not stored.
        version: 0 where it is not stored.
    """

    place: Place
    cells: Mapping[str, str]
    version: int

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")


def row_of(stored: Stored, place: Place) -> Row:
    """The row of a place among the stored rows of its owner; an empty one where it is not stored."""
    keys = TABLES[place.table].keys
    for at in range(len(stored)):
        if "".join(str(stored.columns[name][at]) for name in keys[1:]) == place.record_key and len(keys) > 1:
            return _row(stored, place, at)
    single = len(keys) == 1 and len(stored) == 1 and place.record_key != NEW
    return _row(stored, place, 0) if single else Row(place, {}, 0)


def _row(stored: Stored, place: Place, at: int) -> Row:
    return Row(place, {name: str(column[at]) for name, column in stored.columns.items()}, int(stored.versions[at]))


def fields_of(table: str) -> tuple[Field, ...]:
    """The fields of a form that a person fills in: all but the key."""
    return tuple(field for field in TABLES[table].fields.values() if not field.key)


@dataclass(frozen=True)
class Entry:
    """A row with what stands in the fields of its form.

    Args:
        fields: that the form has, in their order.
        texts: column -> text as it was typed; a column that is not in it holds what is stored.
        today: no date lies behind it.
    """

    row: Row
    fields: tuple[Field, ...]
    texts: Mapping[str, str]
    today: dt.date

    @cached_property
    def _read(self) -> tuple[dict[str, str], dict[str, CellProblem]]:
        found, problems = {}, {}
        for field in self.fields:
            text = self.texts.get(field.name, self.row.cell(field.name))
            try:
                found[field.name] = read(field, text, self.today)
            except CellProblem as problem:
                problems[field.name] = problem
        return found, problems

    @property
    def cells(self) -> dict[str, str]:
        """The canonical cells, of the columns whose text could be read."""
        return self._read[0]

    @property
    def problems(self) -> dict[str, CellProblem]:
        """The columns whose text no cell can be made of."""
        return self._read[1]

    @property
    def blanks(self) -> list[str]:
        """The required columns that are blank."""
        return [field.name for field in self.fields if field.required and self.cells.get(field.name) == ""]

    @property
    def changed(self) -> list[str]:
        """The columns that are not as they are stored."""
        return [f.name for f in self.fields if self.cells.get(f.name) != self.row.cell(f.name)]

    def applies(self, field: Field) -> bool:
        """Whether the answers so far give a field a meaning."""
        if field.only_where is None:
            return True
        question, answers = field.only_where
        asked = next((f for f in self.fields if f.name == question), None)
        return asked is not None and self.applies(asked) and self.cells.get(question) in answers

    def shows(self, field: Field) -> bool:
        """Whether a field stands in the form: where it applies, or holds something all the same."""
        return self.applies(field) or bool(self.texts.get(field.name, self.row.cell(field.name)))

    @property
    def answered(self) -> tuple[int, int]:
        """How many of the fields that apply hold a value or a missing-data code, and how many apply."""
        open_now = [field for field in self.fields if self.applies(field)]
        return sum(bool(self.cells.get(field.name)) for field in open_now), len(open_now)


def read(field: Field, text: str, today: dt.date) -> str:
    """The cell of a text; raises CellProblem where the field cannot hold it."""
    parts = [part.strip() for part in text.split(";")] if field.type == "codes" else []
    if len(parts) > 1 and MISSING_CODES.intersection(parts):
        raise ALONE
    return field.parse(text, today=today)


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that somebody else changed since the typing began.

    Args:
        began: the cell when the typing began.
        now: the cell that is stored now.
        mine: what was typed.
    """

    field: Field
    began: str
    now: str
    mine: str


def conflicts(row: Row, drafted: Mapping[str, Typed], today: dt.date) -> list[Conflict]:
    """The fields that both the writer and somebody else changed to something different."""
    found = []
    for field in fields_of(row.place.table):
        draft = drafted.get(field.name)
        now = row.cell(field.name)
        if draft is None or draft.version == row.version or draft.began == now:
            continue
        if _as_stored(field, draft.text, today) != now:
            found.append(Conflict(field, draft.began, now, draft.text))
    return found


def _as_stored(field: Field, text: str, today: dt.date) -> str | None:
    try:
        return read(field, text, today)
    except CellProblem:
        return None


def is_behind(row: Row, drafted: Mapping[str, Typed]) -> bool:
    """Whether a draft was begun on another version of the row than is stored now."""
    return any(draft.version != row.version for column, draft in drafted.items() if column != REASON)


@dataclass(frozen=True, slots=True)
class Questioned:
    """What an edit check says about a form as it is filled in.

    Args:
        column: of the form; "" where another row of the patient is questioned because of it.
        where: that other row, its table and number; "" for the form's own.
        is_stored: the same is found in what is stored.
    """

    check: Check
    column: str
    where: str
    is_stored: bool


Known = frozenset[tuple[str, str, int, str]]
"""What the checks find in the stored record: check, table, position of the row, column."""


def known(frames: Frames, today: dt.date) -> Known:
    """What the checks find in a patient's stored rows."""
    return frozenset(_found(frames, today, checks.CHECKS))


def questioned(entry: Entry, stored: Stored, frames: Frames, already: Known) -> list[Questioned]:
    """What the edit checks find in the row as it is typed, and newly in other rows because of it.

    Args:
        stored: the rows of the form's table and owner.
        frames: of the patient, as stored.
        already: what is found in them.
    """
    table, declared = entry.row.place.table, TABLES[entry.row.place.table]
    frame, own = _with(entry, stored)
    found = []
    for check_id, of_table, row, column in _found({**frames, table: frame}, entry.today, concerning(table)):
        check, is_stored = _BY_ID[check_id], (check_id, of_table, row, column) in already
        if of_table == table and row == own:
            # What is questioned about the key alone concerns the form as a whole.
            found.append(Questioned(check, "" if declared.fields[column].key else column, "", is_stored))
        elif not is_stored:
            where = _named(of_table, frames, frame if of_table == table else None, row)
            found.append(Questioned(check, "", where, is_stored))
    return found


_BY_ID = {check.id: check for check in checks.CHECKS}


@cache
def concerning(table: str) -> tuple[Check, ...]:
    """The checks that read a table."""
    prefix = f"{table}."
    return tuple(
        check
        for check in checks.CHECKS
        if check.table == table or any(column.startswith(prefix) for column in check.columns)
    )


def _found(frames: Frames, today: dt.date, of: tuple[Check, ...]) -> Iterator[tuple[str, str, int, str]]:
    found = checks.run(frames, today=today, checks=of)
    yield from zip(found["check_id"], found["table"], (int(row) for row in found["row"]), found["column"], strict=True)


def _with(entry: Entry, stored: Stored) -> tuple[pd.DataFrame, int]:
    """The frame of the form's table with the row as it is typed, and where that stands in it."""
    table, key = entry.row.place.table, _key(entry)
    names = TABLES[table].keys
    keys = list(zip(*(stored.columns[name] for name in names), strict=True))
    own = keys.index(key) if key in keys else len(stored)
    length = max(len(stored), own + 1)
    typed = {**entry.row.cells, **dict(zip(names, key, strict=True)), **entry.cells}
    columns = {}
    for name in TABLES[table].fields:
        column = np.full(length, "", dtype=object)
        column[: len(stored)] = stored.columns[name]
        column[own] = "" if name in entry.problems else typed.get(name, "")
        columns[name] = column
    return cells.frame(table, columns, length), own


_NUMBER_OF_NEW = "1000000"
"""Stands for the number of a row that has none yet: the last that there is."""


def _key(entry: Entry) -> tuple[str, ...]:
    place = entry.row.place
    if len(TABLES[place.table].keys) == 1:
        return (entry.texts.get("patient_id", place.owner) or place.owner,)
    return place.owner, _NUMBER_OF_NEW if place.record_key == NEW else place.record_key


def _named(table: str, frames: Frames, changed: pd.DataFrame | None, row: int) -> str:
    frame = frames[table] if changed is None else changed
    numbers = [str(frame[name].iloc[row]) for name in TABLES[table].keys[1:]]
    return " ".join((table, *numbers))


def submitted(entry: Entry, number: str | None = None) -> dict[str, str]:
    """The cells to save: the key and what was changed.

    Args:
        number: of a new row.
    """
    place, changed = entry.row.place, {name: entry.cells[name] for name in entry.changed}
    if place.is_enrolling:  # the key is typed
        return changed
    names = TABLES[place.table].keys
    key = (place.owner, number or place.record_key)[: len(names)]
    return {**dict(zip(names, key, strict=True)), **changed}
