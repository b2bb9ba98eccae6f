"""The whole registry as typed frames, read column by column through Arrow; one patient's through the same types.

What a typed frame is, is said in ``registry.cells``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import store, turns
from registry.cells import ABSENT, TEXT, dtype, frame
from registry.database import BUSY_SECONDS, is_sqlite, sqlite_file
from registry.errors import EnvironmentRefused
from registry.fields import Absent, Field
from registry.store import Stored
from registry.tables import PATIENT_TABLES, TABLES

Frames = dict[str, pd.DataFrame]


class ArrowReader:
    """Reads results of queries as Arrow tables."""

    def __init__(self, cursor: Any, *, sqlite: bool) -> None:
        self._cursor, self._sqlite = cursor, sqlite

    def read(self, table: str, query: str) -> pa.Table:
        """The result of a query that gives all rows of a table, or of a table with a condition."""
        if self._sqlite:
            # The driver takes the type of a column from its first batch: let that be the whole table. It reserves the
            # memory of a batch beforehand, so the number of rows has to be the true one.
            self._cursor.execute(f"SELECT count(*) FROM {table}")
            (count,) = self._cursor.fetchone()
            self._cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(max(1, count))})
        self._cursor.execute(query)
        return self._cursor.fetch_arrow_table()


def read_frames(engine: Engine, tables: Iterable[str] | None = None, *, center: str | None = None) -> Frames:
    """Typed frames of the tables (all of them where none is named), in the order of their keys, at one moment.

    Args:
        engine: the registry.
        tables: their names.
        center: only this center, its screening log and its patients; None for all.

    Raises EnvironmentRefused where the database cannot be read.
    """
    with arrow_reader(engine) as reader:
        return {name: _read(reader, name, _of_center(name, center)) for name in tables or TABLES}


def _of_center(table: str, center: str | None) -> str:
    """The condition that a row belongs to a center, "" where any does."""
    if center is None:
        return ""
    own = f"center_id = {_quoted(center)}"
    if table in PATIENT_TABLES and table != "patient":
        return f"patient_id IN (SELECT patient_id FROM patient WHERE {own})"
    return own


def read_parts(
    engine: Engine, tables: Iterable[str], patients: int, once: Iterable[str] = ()
) -> Iterator[tuple[float, Frames]]:
    """Typed frames of so many patients after the other, all at one moment, so that memory does not grow with them.

    Args:
        engine: the registry.
        tables: of patients.
        patients: in a part, the last has the rest.
        once: tables of centers, which come in full with the first part.

    Yields:
        The share of the patients that is read with the part, and its frames.

    Raises EnvironmentRefused where the database cannot be read.
    """
    names = tuple(tables)
    with arrow_reader(engine) as reader:
        of_centers = {name: _read(reader, name) for name in once}
        found = reader.read("patient", "SELECT patient_id FROM patient ORDER BY patient_id").column(0)
        starts = range(0, len(found), patients) or range(1)
        for start in starts:
            condition = _between(found, start, start + patients)
            frames = {name: _read(reader, name, condition) for name in names}
            yield min(1.0, (start + patients) / max(len(found), 1)), frames | of_centers
            of_centers = {}


def _between(patients: pa.ChunkedArray, start: int, end: int) -> str:
    """The condition that a row belongs to the patients of some positions, open at both ends of the list."""
    limits = [(">=", start)] if start else []
    limits += [("<", end)] if end < len(patients) else []
    texts = [(sign, _quoted(str(patients[at].as_py()))) for sign, at in limits]
    return " AND ".join(f"patient_id {sign} {text}" for sign, text in texts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def patient_frames(connection: Connection, patient_id: str, *, center: str | None = None) -> Frames:
    """Typed frames of one patient's rows, and of the patient's center.

    Args:
        connection: on the registry.
        patient_id: whose rows.
        center: a patient of another center is read as one who is not there; None for any.
    """
    return frames_of(patient_stored(connection, patient_id, center=center))


def patient_stored(connection: Connection, patient_id: str, *, center: str | None = None) -> dict[str, Stored]:
    """One patient's rows as they are stored, and the patient's center, by table; as ``patient_frames``."""
    patient = TABLES["patient"].__table__
    own = sa.select(patient.c.patient_id).where(patient.c.patient_id == patient_id)
    if center is not None:
        own = own.where(patient.c.center_id == center)
    ids = [str(found) for found in connection.execute(own).scalars()]
    found = {name: store.load(connection, name, ids) for name in PATIENT_TABLES}
    centers = [str(center) for center in found["patient"].columns["center_id"]]
    found["center"] = store.load(connection, "center", centers)
    found["screening_log"] = store.nothing_stored("screening_log")
    return found


def frames_of(stored: Mapping[str, Stored]) -> Frames:
    """Typed frames of stored rows of all tables."""
    return {name: frame(name, stored[name].columns, len(stored[name])) for name in TABLES}


def _read(reader: ArrowReader, name: str, condition: str = "") -> pd.DataFrame:
    fields = TABLES[name].fields.values()
    columns = [column for field in fields for column in _columns(field)]
    rows = f"{name} WHERE {condition}" if condition else name
    arrow = reader.read(rows, f"SELECT {', '.join(columns)} FROM {rows} ORDER BY {', '.join(TABLES[name].keys)}")
    found = {}
    for field in fields:
        found[field.name] = _typed(field, arrow.column(field.name))
        if not field.key:
            found[field.absent_name] = _categories(arrow.column(field.absent_name), list(Absent), ABSENT)
    return pd.DataFrame(found, copy=False)


def _columns(field: Field) -> tuple[str, ...]:
    return (field.name,) if field.key else (field.name, field.absent_name)


def _typed(field: Field, column: pa.ChunkedArray) -> Any:
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    match field.type:
        case "code":
            return _categories(column, list(field.codes), dtype(field))
        case "date":
            days = pc.cast(pc.cast(array, pa.string()) if pa.types.is_integer(array.type) else array, pa.date32())
            numbers = pc.fill_null(pc.cast(days, pa.int32()), 0).to_numpy()
            found = numbers.astype("datetime64[D]").astype("datetime64[s]")
            found[_nulls(array)] = np.datetime64("NaT")
            return found
        case "boolean":
            return pd.arrays.BooleanArray(_numbers(array, pa.int8()).astype(bool), _nulls(array))
        case "integer":
            return pd.arrays.IntegerArray(_numbers(array, pa.int64()), _nulls(array))
        case "number":
            return pd.arrays.FloatingArray(_numbers(array, pa.float64()), _nulls(array))
        case _:
            return pd.array(pc.cast(array, pa.large_string()), dtype=TEXT)


def _numbers(array: pa.Array, kind: pa.DataType) -> Any:
    numbers = pc.fill_null(pc.cast(array, kind), 0).to_numpy()
    return numbers if numbers.flags.writeable else numbers.copy()


def _nulls(array: pa.Array) -> Any:
    nulls: Any = pc.is_null(array).to_numpy(zero_copy_only=False)
    return nulls


def _categories(column: pa.ChunkedArray, codes: list[str], kind: Any) -> pd.Categorical:
    if pa.types.is_null(column.type) or column.null_count == len(column):
        return pd.Categorical.from_codes(np.full(len(column), -1, dtype=np.int8), dtype=kind)
    array = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    at = pc.fill_null(pc.index_in(array, value_set=pa.array([str(code) for code in codes], array.type)), -1)
    return pd.Categorical.from_codes(at.to_numpy().astype(np.int8), dtype=kind)


@contextmanager
def arrow_reader(engine: Engine) -> Iterator[ArrowReader]:
    """A reader of whole tables, in one transaction that sees one state of the registry."""
    if is_sqlite(engine):
        with turns.arrow(), _opened(engine) as cursor:
            yield ArrowReader(cursor, sqlite=True)
    else:
        with _opened(engine) as cursor:
            yield ArrowReader(cursor, sqlite=False)


@contextmanager
def _opened(engine: Engine) -> Iterator[Any]:
    try:
        if is_sqlite(engine):
            connection = adbc_driver_sqlite.dbapi.connect(str(sqlite_file(engine)))
        else:
            address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            connection = adbc_driver_postgresql.dbapi.connect(address)
        with connection, connection.cursor() as cursor:
            if is_sqlite(engine):
                cursor.execute(f"PRAGMA busy_timeout = {1000 * BUSY_SECONDS}")
            else:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield cursor
    except adbc_driver_manager.Error as error:
        raise EnvironmentRefused(
            "The database cannot be read", remedy="Check that it is there, and OLIGOMET_DATABASE_URL"
        ) from error
