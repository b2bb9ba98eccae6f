"""Columns of cells turned into typed columns and back, one distinct cell at a time.

A registry's column repeats itself: a hundred thousand dates are a few thousand days. Every function here therefore
looks at each distinct cell once and spreads the answers over the rows.

A *typed frame* of a table has a column for each field (text, ref and codes: ``string``; code: ``category`` in the
declared order; date: ``datetime64[s]``; boolean: ``boolean``; integer: ``Int64``; number: ``Float64``), NA where there
is no value, and for each field that is not a key a ``<column>__absent`` (category of the missing-data codes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from registry.fields import MISSING_CODES, Absent, Field, Value
from registry.tables import TABLES

Cells = npt.NDArray[np.object_]
"""One column: an object array of canonical cells (str), "" where blank."""

TEXT = pd.StringDtype("pyarrow")
ABSENT = pd.CategoricalDtype([code.value for code in Absent])


def dtype(field: Field) -> object:
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


def values(field: Field, cells: Cells) -> pd.Series:
    """The typed column of canonical cells."""
    codes, distinct = pd.factorize(cells)
    typed: list[Value | None] = [field.value(cell) for cell in distinct]
    kind = dtype(field)
    if field.type == "date":
        days = np.array([day if day is not None else "NaT" for day in typed], dtype="datetime64[s]")
        return pd.Series(days[codes] if len(days) else days, dtype=kind)
    return pd.Series(pd.array(typed, dtype=kind).take(codes), dtype=kind)  # type: ignore[call-overload]


def missing(cells: Cells) -> pd.Series:
    """The missing-data codes of a column of cells, NA where there is a value or a blank."""
    codes, distinct = pd.factorize(cells)
    typed = pd.Categorical([cell if cell in MISSING_CODES else None for cell in distinct], dtype=ABSENT)
    return pd.Series(typed.take(codes))


def storage(field: Field, cells: Cells) -> npt.NDArray[np.object_]:
    """What a database driver takes for each cell; None for a blank and a missing-data code. Dates go as ISO text."""
    if field.type in ("text", "ref", "code", "codes", "date"):
        return by_distinct(cells, lambda cell: None if cell == "" or cell in MISSING_CODES else cell)
    return by_distinct(cells, field.value)


def frame(table: str, columns: Mapping[str, Cells], length: int) -> pd.DataFrame:
    """The typed frame of a table from those of its columns that there are; the others are blank.

    Raises KeyError for a column that the table does not have.
    """
    fields = TABLES[table].fields
    unknown = set(columns) - set(fields)
    if unknown:
        raise KeyError(f"{table} has no column {sorted(unknown)}")
    found: dict[str, pd.Series] = {}
    for name, field in fields.items():
        cells = columns.get(name)
        if cells is None:
            found[name] = pd.Series(index=range(length), dtype=dtype(field))  # type: ignore[call-overload]
            blank = pd.Series(index=range(length), dtype=ABSENT)
        else:
            found[name] = values(field, cells)
            blank = missing(cells) if not field.key else pd.Series(dtype=object)
        if not field.key:
            found[field.absent_name] = blank
    return pd.DataFrame(found)


def frames(rows: Mapping[str, list[Mapping[str, str]]]) -> dict[str, pd.DataFrame]:
    """Typed frames of all tables from rows of cells, such as one patient's: {"patient": [{"patient_id": "P1"}]}."""
    built = {}
    for table in TABLES:
        given = rows.get(table, [])
        names = dict.fromkeys(name for row in given for name in row)
        columns = {name: np.array([row.get(name, "") for row in given], dtype=object) for name in names}
        built[table] = frame(table, columns, len(given))
    return built
