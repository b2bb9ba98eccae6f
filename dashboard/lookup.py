"""What pages ask the database for beside typed frames: a search, the trail's latest revisions, open data queries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.access import Actor, Permission
from registry.audit import Revision
from registry.database import is_sqlite
from registry.queries import DataQuery
from registry.tables import PATIENT_TABLES, TABLES


@dataclass(frozen=True, slots=True)
class Hit:
    """A patient in a list."""

    patient_id: str
    center_id: str
    sex: str
    enrolled_on: str
    vital_status: str
    last_contact_on: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a longer list.

    Args:
        total: how many rows the list has.
        first: the position of the first of these rows, from 0.
    """

    rows: Sequence[Hit]
    total: int
    first: int


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """A revision of the trail, without its changes."""

    number: int
    written_at: str
    written_by: str
    reason: str
    source: str
    changes: int


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a list of patients is narrowed to.

    Args:
        center: only of this center; None for all that the reader may see.
        asked: only those with data queries that are not closed.
        among: only these patients, in any order; None for all.
    """

    center: str | None = None
    asked: bool = False
    among: Sequence[str] | None = None


def search_patients(
    connection: Connection, text: str, *, by: Actor, first: int, count: int, narrowed: Narrowed | None = None
) -> Page:
    """The patients that somebody may see and whose id holds a text, in the order of their ids, some at a time."""
    by.require(Permission.READ_RECORDS)
    patient = TABLES["patient"].__table__
    conditions = [_holds(connection, patient.c.patient_id, text)] if text else []
    if by.center_id is not None:
        conditions.append(patient.c.center_id == by.center_id)
    if narrowed is not None:
        conditions += _narrowing(connection, patient, narrowed)
    shown = [
        patient.c.patient_id,
        *(
            sa.func.coalesce(sa.cast(patient.c[name], sa.String), patient.c[f"{name}__absent"], "").label(name)
            for name in ("center_id", "sex", "enrolled_on", "vital_status", "last_contact_on")
        ),
    ]
    if not text:  # the number of all is sooner counted than carried along with each
        total = connection.execute(sa.select(sa.func.count()).select_from(patient).where(*conditions)).scalar_one()
        first = min(first, max(0, (total - 1) // count * count))
    query = sa.select(*shown).where(*conditions).order_by(patient.c.patient_id).limit(count).offset(first)
    if not text:
        return Page([Hit(*row) for row in connection.execute(query)], total, first)
    # A text inside of ids is looked for in all of them: once for the rows and for their number.
    rows = connection.execute(query.add_columns(sa.func.count().over())).all()
    if not rows and first:
        return search_patients(connection, text, by=by, first=0, count=count, narrowed=narrowed)
    return Page([Hit(*row[:-1]) for row in rows], rows[0][-1] if rows else 0, first)


def _holds(connection: Connection, column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether a column holds a text, whatever the case of its letters from A to Z."""
    if is_sqlite(connection):  # whose LIKE is that
        return column.contains(text, autoescape=True)
    # In the order of bytes PostgreSQL compares a hundred thousand ids in a quarter of the time of ILIKE.
    folded = "".join(letter.lower() if letter.isascii() else letter for letter in text)
    return sa.func.lower(sa.collate(column, "C")).contains(folded, autoescape=True)


def _narrowing(connection: Connection, patient: sa.FromClause, to: Narrowed) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if to.center is not None:
        found.append(patient.c.center_id == to.center)
    if to.asked:
        query = DataQuery.__table__
        found.append(sa.exists().where(query.c.owner == patient.c.patient_id, query.c.state != "closed"))
    if to.among is not None:
        # One parameter, whatever the number of patients.
        ids: sa.Select[Any] = sa.select(sa.func.unnest(sa.cast(list(to.among), sa.ARRAY(sa.String))))
        if is_sqlite(connection):
            each = sa.func.json_each(json.dumps(list(to.among)))
            ids = sa.select(sa.column("value")).select_from(each)
        found.append(patient.c.patient_id.in_(ids))
    return found


@dataclass(frozen=True, slots=True)
class QueryLine:
    """A data query."""

    owner: str
    check_id: str
    table: str
    record_key: str
    column: str
    question: str
    state: str
    opened_at: str


def open_queries(connection: Connection, *, by: Actor) -> list[QueryLine]:
    """The data queries of patients that somebody may see and that are not closed, the oldest first."""
    found = _queries(by, [getattr(DataQuery, name) for name in _QUERY]).where(DataQuery.state != "closed")
    return [QueryLine(*row) for row in connection.execute(found.order_by(DataQuery.opened_at, *_PLACE))]


_QUERY = ("owner", "check_id", "table_name", "record_key", "column_name", "question", "state", "opened_at")
_PLACE = [getattr(DataQuery, name) for name in _QUERY[:5]]


def _queries(by: Actor, columns: Sequence[Any]) -> sa.Select[Any]:
    """The data queries of patients that somebody may see."""
    by.require(Permission.READ_RECORDS)
    patient = TABLES["patient"].__table__
    found = (
        sa.select(*columns)
        .join_from(DataQuery, patient, patient.c.patient_id == DataQuery.owner)
        .where(DataQuery.table_name.in_(PATIENT_TABLES))
    )
    return found if by.center_id is None else found.where(patient.c.center_id == by.center_id)


def queries_by_state(connection: Connection, *, by: Actor) -> dict[tuple[str, str], int]:
    """Center and state -> how many data queries; "" where the center is not known."""
    center = TABLES["patient"].__table__.c.center_id
    counted = _queries(by, [sa.func.coalesce(center, ""), DataQuery.state, sa.func.count()])
    rows = connection.execute(counted.group_by(center, DataQuery.state))
    return {(str(of), str(state)): int(count) for of, state, count in rows}


def query_page(
    connection: Connection, *, by: Actor, state: str, center: str | None, first: int, count: int
) -> list[QueryLine]:
    """Some of the data queries of a state and a center (None: all that somebody sees), the oldest first."""
    found = _queries(by, [getattr(DataQuery, name) for name in _QUERY]).where(DataQuery.state == state)
    if center is not None:
        found = found.where(TABLES["patient"].__table__.c.center_id == center)
    rows = connection.execute(found.order_by(DataQuery.opened_at, *_PLACE).limit(count).offset(first))
    return [QueryLine(*row) for row in rows]


def latest_revisions(connection: Connection, count: int) -> list[RevisionLine]:
    """The last revisions of the record, the newest first."""
    columns = [getattr(Revision, field.name) for field in fields(RevisionLine)]
    query = sa.select(*columns).where(Revision.event.is_(None)).order_by(Revision.number.desc()).limit(count)
    return [RevisionLine(*row) for row in connection.execute(query)]


def open_queries_by_center(connection: Connection) -> dict[str, int]:
    """The number of data queries that are not closed, by center."""
    patient, query = TABLES["patient"].__table__, DataQuery.__table__
    center = sa.func.coalesce(patient.c.center_id, query.c.owner)  # a query about a center is owned by it
    counted = (
        sa.select(center, sa.func.count())
        .select_from(query.outerjoin(patient, patient.c.patient_id == query.c.owner))
        .where(query.c.state != "closed")
        .group_by(center)
    )
    return {str(name): int(number) for name, number in connection.execute(counted)}
