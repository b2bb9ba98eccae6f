"""Data queries: what an edit check found implausible or an auditor asked about, until it is answered and closed.

A finding of a check on a cell is one query for as long as the record lives. It is closed by itself when the finding
is gone (``corrected``) and stays closed when a person has confirmed the value (``confirmed``), until the value changes.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from registry.audit import Change, Writer
from registry.store import insert
from registry.tables import Base

KEY = ("owner", "check_id", "table_name", "record_key", "column_name")


MANUAL = "MANUAL"
"""The check_id of a question that a person asks."""


class DataQuery(Base):
    """A question about one cell of the record."""

    __tablename__ = "data_query"
    __table_args__ = (
        sa.CheckConstraint("state = 'open' OR state = 'answered' OR state = 'closed'", name="state_codes"),
        sa.CheckConstraint(
            "resolution = '' OR resolution = 'corrected' OR resolution = 'confirmed'", name="resolution_codes"
        ),
        sa.CheckConstraint("(state = 'closed') = (resolution <> '')", name="closed_with_resolution"),
    )

    owner: Mapped[str] = mapped_column(primary_key=True)
    check_id: Mapped[str] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    record_key: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    question: Mapped[str]
    state: Mapped[str]
    resolution: Mapped[str]
    opened_at: Mapped[str]
    version: Mapped[int]


class QueryMessage(Base):
    """What somebody wrote about a data query; a thread is its messages in their order."""

    __tablename__ = "data_query_message"
    __table_args__ = (
        sa.ForeignKeyConstraint([*KEY], [f"data_query.{name}" for name in KEY], name="fk_data_query_message_query"),
        sa.CheckConstraint("length(message) BETWEEN 1 AND 10000", name="message_length"),
    )

    owner: Mapped[str] = mapped_column(primary_key=True)
    check_id: Mapped[str] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    record_key: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    written_at: Mapped[str]
    written_by: Mapped[str]
    message: Mapped[str]


@dataclass(frozen=True, slots=True)
class QueryKey:
    """The cell and the check that a query is about; ``check_id`` is MANUAL where a person asks."""

    owner: str
    check_id: str
    table: str
    record_key: str
    column: str

    def as_tuple(self) -> tuple[str, str, str, str, str]:
        return self.owner, self.check_id, self.table, self.record_key, self.column

    def where(self, table: sa.FromClause) -> sa.ColumnElement[bool]:
        """The condition that selects the rows of this query."""
        return sa.and_(*(table.c[name] == part for name, part in zip(KEY, self.as_tuple(), strict=True)))

    def change(self, action: str, old: str | None, new: str | None) -> Change:
        """The query as a line of the trail, under its patient."""
        return Change("data_query", self.owner, "/".join(self.as_tuple()[1:]), action, old, new)


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: the query it asks for."""

    key: QueryKey
    value: str
    question: str


def stored(connection: Connection, owners: Sequence[str] | None = None) -> dict[QueryKey, sa.Row[tuple[object, ...]]]:
    """The queries of some patients, or all of them."""
    table = DataQuery.__table__
    found: dict[QueryKey, sa.Row[tuple[object, ...]]] = {}
    parts: Iterable[Sequence[str] | None] = (
        [None] if owners is None else (owners[at : at + 500] for at in range(0, len(owners), 500))
    )
    for part in parts:
        query = sa.select(table) if part is None else sa.select(table).where(table.c.owner.in_(part))
        for row in connection.execute(query):
            found[QueryKey(row.owner, row.check_id, row.table_name, row.record_key, row.column_name)] = row
    return found


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody wrote about a data query."""

    written_at: str
    written_by: str
    message: str


def messages(connection: Connection, owner: str) -> dict[QueryKey, list[Message]]:
    """The threads of a patient's (or a center's) data queries, each in its order."""
    table = QueryMessage.__table__
    query = sa.select(table).where(table.c.owner == owner).order_by(table.c.number)
    found: dict[QueryKey, list[Message]] = {}
    for row in connection.execute(query):
        key = QueryKey(row.owner, row.check_id, row.table_name, row.record_key, row.column_name)
        found.setdefault(key, []).append(Message(row.written_at, row.written_by, row.message))
    return found


def settle(
    known: dict[QueryKey, sa.Row[tuple[object, ...]]], findings: Iterable[Found]
) -> tuple[list[Found], list[tuple[QueryKey, dict[str, str]]]]:
    """What has to change so that the stored queries say what the checks find.

    Returns the findings that need a new query, and for stored queries the columns to set.
    """
    new: list[Found] = []
    changes: list[tuple[QueryKey, dict[str, str]]] = []
    present = set()
    for finding in findings:
        present.add(finding.key)
        row = known.get(finding.key)
        if row is None:
            new.append(finding)
        elif row.state == "closed" and (row.resolution == "corrected" or row.value != finding.value):
            changes.append((finding.key, {"state": "open", "resolution": "", "value": finding.value}))
        elif row.value != finding.value:
            changes.append((finding.key, {"value": finding.value}))
    for key, row in known.items():
        if key not in present and row.state != "closed" and key.check_id != MANUAL:
            changes.append((key, {"state": "closed", "resolution": "corrected"}))
    return new, changes


def now() -> str:
    """The time of a message or a query: UTC, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def write(
    connection: Connection,
    writer: Writer,
    new: Sequence[Found],
    changes: Sequence[tuple[QueryKey, dict[str, str]]],
    known: dict[QueryKey, sa.Row[tuple[object, ...]]],
) -> None:
    """Stores what ``settle`` asks for, with its lines in the trail."""
    at = now()
    insert(
        connection,
        "data_query",
        [*KEY, "value", "question", "state", "resolution", "opened_at", "version"],
        [(*found.key.as_tuple(), found.value, found.question, "open", "", at, 1) for found in new],
    )
    writer.add([found.key.change("insert", None, to_json({"state": "open", "value": found.value})) for found in new])
    table = DataQuery.__table__
    for key, columns in changes:
        row = known[key]
        connection.execute(sa.update(DataQuery).where(key.where(table)).values(**columns, version=row.version + 1))
        old = {name: str(getattr(row, name)) for name in columns}
        writer.add([key.change("update", to_json(old), to_json(columns))])


def to_json(cells: dict[str, str]) -> str:
    """Cells as the trail keeps them."""
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
