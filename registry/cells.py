"""Columns of cells turned into typed columns and back, one distinct cell at a time.

A registry's column repeats itself: a hundred thousand dates are a few thousand days. Every function here therefore
looks at each distinct cell once and spreads the answers over the rows.

A *typed frame* of a table has a column for each field (text, ref and codes: ``string``; code: ``category`` in the
declared order; date: ``datetime64[s]``; boolean: ``boolean``; integer: ``Int64``; number: ``Float64``), NA where there
is no value, and for each field that is not a key a ``<column>__absent`` (category of the missing-data codes).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from registry.fields import MISSING_CODES, Absent, Field, Value
from registry.tables import TABLES

Cells = npt.NDArray[np.object_]
"""One column: an object array of canonical cells (str), "" where blank."""

TEXT = pd.StringDtype("pyarrow")
ABSENT = pd.CategoricalDtype([code.value for code in Absent])


@functools.cache
def dtype(field: Field) -> Any:
    """The pandas dtype of a field's column in a typed frame."""
    match field.type:
        case "code":
            return pd.CategoricalDtype(list(field.codes))
        case "date":
            return np.dtype("datetime64[s]")
        case "boolean":
            return pd.BooleanDtype()
        case "integer":
            return pd.Int64Dtype()
        case "number":
            return pd.Float64Dtype()
        case _:
            return TEXT


def by_distinct(cells: Cells, function: Callable[[str], object]) -> npt.NDArray[np.object_]:
    """function of every cell, called once for each distinct one."""
    codes, distinct = pd.factorize(cells)
    answers = np.empty(len(distinct), dtype=object)
    answers[:] = [function(cell) for cell in distinct]
    return np.asarray(answers[codes])


def values(field: Field, cells: Cells) -> Any:
    """The typed array of canonical cells."""
    codes, distinct = pd.factorize(cells)
    typed = [field.value(cell) for cell in distinct]
    match field.type:
        case "code":
            at = {code: number for number, code in enumerate(field.codes)}
            return _categorical([at.get(value, -1) for value in typed], codes, dtype(field))  # type: ignore[arg-type]
        case "date":
            days = np.array([value if value is not None else "NaT" for value in typed], dtype="datetime64[s]")
            return days[codes]
        case "boolean":
            return pd.arrays.BooleanArray(*_masked(typed, codes, bool))
        case "integer":
            return pd.arrays.IntegerArray(*_masked(typed, codes, np.int64))
        case "number":
            return pd.arrays.FloatingArray(*_masked(typed, codes, np.float64))
        case _:
            return pd.array(typed, dtype=TEXT).take(codes)


def _masked(typed: Sequence[Value | None], codes: Any, kind: type) -> tuple[Any, Any]:
    filled: Any = np.array([value if value is not None else 0 for value in typed], dtype=kind)
    return filled[codes], np.array([value is None for value in typed], dtype=bool)[codes]


def _categorical(numbers: list[int], codes: Any, kind: Any) -> pd.Categorical:
    return pd.Categorical.from_codes(np.array(numbers, dtype=np.int8)[codes], dtype=kind, validate=False)


_ABSENT_NUMBERS = {code.value: number for number, code in enumerate(Absent)}


def missing(cells: Cells) -> pd.Categorical:
    """The missing-data codes of a column of cells, NA where there is a value or a blank."""
    codes, distinct = pd.factorize(cells)
    return _categorical([_ABSENT_NUMBERS.get(cell, -1) for cell in distinct], codes, ABSENT)


def storage(field: Field, cells: Cells) -> npt.NDArray[np.object_]:
    """What a database driver takes for each cell; None for a blank and a missing-data code. Dates go as ISO text."""
    if field.type in ("text", "ref", "code", "codes", "date"):
        return by_distinct(cells, lambda cell: None if cell == "" or cell in MISSING_CODES else cell)
    return by_distinct(cells, field.value)


def frame(table: str, columns: Mapping[str, Cells], length: int) -> pd.DataFrame:
    """The typed frame of a table from those of its columns that there are; the others are blank.

    Raises KeyError for a column that the table does not have.
    """
    if length == 0:
        return _empty(table)
    fields = TABLES[table].fields
    unknown = set(columns) - set(fields)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    blank = np.full(length, "", dtype=object)
    found: dict[str, Any] = {}
    for name, field in fields.items():
        cells = columns.get(name, blank)
        found[name] = values(field, cells)
        if not field.key:
            found[field.absent_name] = missing(cells)
    return pd.DataFrame(found, copy=False)


@functools.cache
def _empty(table: str) -> pd.DataFrame:
    found: dict[str, Any] = {}
    none = np.empty(0, dtype=object)
    for name, field in TABLES[table].fields.items():
        found[name] = values(field, none)
        if not field.key:
            found[field.absent_name] = missing(none)
    return pd.DataFrame(found)


Plain = dict[str, Value | None]
"""A row of plain values, such as dates, by column and ``<column>__absent``; None where there is none."""


def plain_rows(table: str, columns: Mapping[str, Cells]) -> list[Plain]:
    """The rows of a table from its columns of cells: for one patient much sooner made than a typed frame."""
    found: dict[str, list[Value | None]] = {}
    for name, cells in columns.items():
        field = TABLES[table].fields[name]
        found[name] = [field.value(cell) for cell in cells]
        if not field.key:
            found[field.absent_name] = [cell if cell in MISSING_CODES else None for cell in cells]
    return [dict(zip(found, row, strict=True)) for row in zip(*found.values(), strict=True)]


def plain_rows_of(frame: pd.DataFrame) -> list[Plain]:
    """The rows of a typed frame."""
    # Column by column: pandas' own records take most of a patient's time.
    columns = {str(name): _plain(frame[name]) for name in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(values: pd.Series) -> list[Any]:
    array = values.array
    if isinstance(array, pd.Categorical):
        codes = array.categories.tolist()
        return [codes[at] if at >= 0 else None for at in array.codes.tolist()]
    if values.dtype.kind == "M":
        return list(values.to_numpy("datetime64[D]").tolist())
    return [None if value is pd.NA else value for value in array.tolist()]


def frames(rows: Mapping[str, list[Mapping[str, str]]]) -> dict[str, pd.DataFrame]:
    """Typed frames of all tables from rows of cells, such as one patient's: {"patient": [{"patient_id": "P1"}]}."""
    built = {}
    for table in TABLES:
        given = rows.get(table, [])
        names = dict.fromkeys(name for row in given for name in row)
        columns = {name: np.array([row.get(name, "") for row in given], dtype=object) for name in names}
        built[table] = frame(table, columns, len(given))
    return built
