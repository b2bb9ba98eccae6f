"""What pages ask the database for beside typed frames: a search, the trail's latest revisions, open data queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.access import Actor, Permission
from registry.audit import Revision
from registry.queries import DataQuery
from registry.tables import TABLES


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


def search_patients(connection: Connection, text: str, *, by: Actor, first: int, count: int) -> Page:
    """The patients that somebody may see and whose id holds a text, in the order of their ids, some at a time."""
    by.require(Permission.READ_RECORDS)
    patient = TABLES["patient"].__table__
    conditions = [patient.c.patient_id.icontains(text, autoescape=True)] if text else []
    if by.center_id is not None:
        conditions.append(patient.c.center_id == by.center_id)
    total = connection.execute(sa.select(sa.func.count()).select_from(patient).where(*conditions)).scalar_one()
    first = min(first, max(0, (total - 1) // count * count))
    shown = [
        patient.c.patient_id,
        *(
            sa.func.coalesce(sa.cast(patient.c[name], sa.String), patient.c[f"{name}__absent"], "").label(name)
            for name in ("center_id", "sex", "enrolled_on", "vital_status", "last_contact_on")
        ),
    ]
    query = sa.select(*shown).where(*conditions).order_by(patient.c.patient_id).limit(count).offset(first)
    return Page([Hit(*row) for row in connection.execute(query)], total, first)


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
