"""Rows between the database and the program: read as cells, written as they stand, fast on both engines.

Nothing here decides anything, and nothing but the action layer calls the functions that write.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.cells import Cells
from registry.database import is_sqlite
from registry.fields import Field
from registry.tables import PATIENT_TABLES, TABLES

_OWNER_LOCK = 0x0116038  # names the advisory locks of owners on PostgreSQL; any constant will do


@dataclass(frozen=True, slots=True)
class Stored:
    """Rows of one table as they are in the database: a column of cells for each field, and their versions."""

    table: str
    columns: dict[str, Cells]
    versions: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.versions)


def load(connection: Connection, table: str, owners: Sequence[str]) -> Stored:
    """The rows of a table that belong to some patients (or centers), in the order of their keys."""
    column = TABLES[table].keys[0]
    if is_sqlite(connection):
        return _load(connection, table, f"{column} IN (SELECT value FROM json_each(?))", (json.dumps(list(owners)),))
    return _load(connection, table, f"{column} = ANY(%s)", (list(owners),))


def load_keys(connection: Connection, table: str, keys: Sequence[tuple[str, ...]]) -> Stored:
    """The rows of a table with two-part keys that have one of some keys."""
    names = ", ".join(TABLES[table].keys)
    pairs = [(owner, int(number)) for owner, number in keys]
    if is_sqlite(connection):
        wanted = "SELECT value ->> 0, value ->> 1 FROM json_each(?)"
        return _load(connection, table, f"({names}) IN ({wanted})", (json.dumps(pairs),))
    wanted = "SELECT * FROM unnest(%s::varchar[], %s::integer[])"
    parameters = ([owner for owner, _ in pairs], [number for _, number in pairs])
    return _load(connection, table, f"({names}) IN ({wanted})", parameters)


def _load(connection: Connection, table: str, condition: str, parameters: tuple[object, ...]) -> Stored:
    declared = TABLES[table]
    names = [name for field in declared.fields.values() for name in _columns(field)]
    order = ", ".join(declared.keys)
    query = f"SELECT {', '.join(names)}, version FROM {table} WHERE {condition} ORDER BY {order}"
    return _stored(table, connection.exec_driver_sql(query, parameters).fetchall())


def center_of(connection: Connection, patient_id: str) -> str | None:
    """The center of a patient; None where it is not known, or there is no such patient."""
    patient = TABLES["patient"].__table__
    query = sa.select(patient.c.center_id).where(patient.c.patient_id == patient_id)
    return connection.execute(query).scalar_one_or_none()


def take_turn(connection: Connection, owner: str) -> None:
    """Waits until no other form is being saved for an owner, and keeps others from it until the transaction ends.

    What they decide on (rows, data queries) does not change under them. SQLite has one writer at a time.
    """
    if not is_sqlite(connection):
        lock = sa.func.pg_advisory_xact_lock(sa.cast(_OWNER_LOCK, sa.Integer), sa.func.hashtext(owner))
        connection.execute(sa.select(lock))


def nothing_stored(table: str) -> Stored:
    """No row of a table."""
    return _stored(table, [])


def count(connection: Connection, table: str, center: str | None = None) -> int:
    """How many rows a table has; with a center only of what belongs to it."""
    condition, parameters = _of_center(table, center, _mark(connection))
    where = f"WHERE {condition}" if condition else ""
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table} {where}", parameters).scalar_one())


def _of_center(table: str, center: str | None, mark: str) -> tuple[str, tuple[str, ...]]:
    """The condition that a row belongs to a center, and its parameters; "" where any does."""
    if center is None:
        return "", ()
    own = f"center_id = {mark}"
    if table in PATIENT_TABLES and table != "patient":
        own = f"patient_id IN (SELECT patient_id FROM patient WHERE {own})"
    return own, (center,)


def _mark(connection: Connection) -> str:
    return "?" if is_sqlite(connection) else "%s"


def load_after(
    connection: Connection, table: str, after: tuple[Any, ...] | None, most: int, *, center: str | None = None
) -> Stored:
    """The next rows of a table in the order of its key, from the one behind ``after`` on; for reading all of it.

    Args:
        connection: on the registry.
        table: which one.
        after: the key of the last row that was read; None for the beginning.
        most: how many rows.
        center: only what belongs to this center; None for all.
    """
    declared = TABLES[table]
    names = [name for field in declared.fields.values() for name in _columns(field)]
    keys = ", ".join(declared.keys)
    mark = _mark(connection)
    own, parameters = _of_center(table, center, mark)
    behind = f"({keys}) > ({', '.join([mark] * len(declared.keys))})" if after else ""
    where = " AND ".join(filter(None, (own, behind)))
    condition = f"WHERE {where}" if where else ""
    query = f"SELECT {', '.join(names)}, version FROM {table} {condition} ORDER BY {keys} LIMIT {most}"
    return _stored(table, connection.exec_driver_sql(query, (*parameters, *(after or ()))).fetchall())


def _columns(field: Field) -> tuple[str, ...]:
    return (field.name,) if field.key else (field.name, field.absent_name)


def _stored(table: str, rows: Sequence[Any]) -> Stored:
    fields = TABLES[table].fields
    width = sum(len(_columns(field)) for field in fields.values()) + 1
    raw = [np.array(column, dtype=object) for column in zip(*rows, strict=True)] if rows else [_none()] * width
    columns, at = {}, 0
    for field in fields.values():
        absent = None if field.key else raw[at + 1]
        columns[field.name] = _cells(field, raw[at], absent)
        at += len(_columns(field))
    return Stored(table, columns, raw[-1].astype(np.int64))


def _none() -> Cells:
    return np.empty(0, dtype=object)


def _cells(field: Field, raw: Cells, absent: Cells | None) -> Cells:
    cells = np.full(len(raw), "", dtype=object)
    filled = _filled(raw)
    if filled.any():
        spelled = {value: field.cell(value) for value in set(raw[filled])}
        cells[filled] = [spelled[value] for value in raw[filled]]
    if absent is not None:
        missing = _filled(absent)
        cells[missing] = absent[missing]
    return cells


def _filled(raw: Cells) -> npt.NDArray[np.bool_]:
    return np.array([value is not None for value in raw], dtype=bool)


def insert(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> None:
    """Writes rows of driver values; a violated constraint raises IntegrityError."""
    if not rows:
        return
    names = ", ".join(columns)
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(statement, list(rows))
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def update(connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[object, ...]]) -> int:
    """Sets columns of rows whose version is still the one that was seen; returns how many those were.

    Args:
        rows: the values of the columns, then those of the key, then the version seen; the new one is one more.
    """
    mark = _mark(connection)
    sets = ", ".join([f"{name} = {mark}" for name in columns] + ["version = version + 1"])
    statement = f"UPDATE {table} SET {sets} WHERE {_key(table, mark)}"
    # Row by row: a driver's count for many rows at once is not certain, and a lost update must not go unseen.
    return sum(connection.exec_driver_sql(statement, row).rowcount for row in rows)


def delete(connection: Connection, table: str, row: tuple[object, ...]) -> int:
    """Removes the row of a key whose version is still the one that was seen; returns 0 where it is not."""
    mark = _mark(connection)
    return connection.exec_driver_sql(f"DELETE FROM {table} WHERE {_key(table, mark)}", row).rowcount


def _key(table: str, mark: str) -> str:
    return " AND ".join(f"{name} = {mark}" for name in (*TABLES[table].keys, "version"))
