"""The audit trail: revisions of the record and events beside it, chained by their hashes, and their verification.

A revision says who wrote, when, why and from where, and holds every changed row with its old and new cells. Its hash
covers all of that and the hash of the revision before it, so that nothing in the trail can be edited, inserted,
removed or reordered without breaking the chain at that place. The rows of the record can be replayed from the trail:
a row that was changed behind its back differs from its replay. Triggers of the database reject every change of the
trail (see the migrations). The tables hold no foreign keys: the trail outlives what it speaks of.

Signing in, looking at a patient or taking an export writes no row of the record, yet stands in the trail: as a revision
that says which ``Event`` it is and what it is about.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from registry.database import is_sqlite
from registry.store import insert
from registry.tables import PATIENT_TABLES, TABLES, Base

GENESIS = "0" * 64
"""The previous hash of the first revision."""

Progress = Callable[[float], None]

_TOLD_EVERY = 2000
"""Changes from one word about the progress of a verification to the next."""

_CHAIN_LOCK = 0x0116037  # names the advisory lock of the chain on PostgreSQL; any constant will do


class Event(StrEnum):
    """What happened beside the record; ``about`` of its revision names whom or what."""

    ACCOUNT = "account"
    BACKUP = "backup"
    EXPORT = "export"
    IDENTITY = "identity"
    READINGS = "readings"
    RESTORE = "restore"
    SIGN_IN = "sign-in"
    SIGN_IN_REFUSED = "sign-in refused"
    SIGN_OUT = "sign-out"
    VIEW = "view"


class Revision(Base):
    """One transaction that changed the record, or an event beside it."""

    __tablename__ = "revision"
    __table_args__ = (
        sa.CheckConstraint("(event IS NULL) = (about IS NULL)", name="event_about"),
        sa.Index(
            "ix_revision_record",
            "number",
            sqlite_where=sa.text("event IS NULL"),
            postgresql_where=sa.text("event IS NULL"),
        ),
        sa.Index(
            "ix_revision_about",
            "about",
            sqlite_where=sa.text("about IS NOT NULL"),
            postgresql_where=sa.text("about IS NOT NULL"),
        ),
        sa.CheckConstraint("length(reason) > 0", name="reason_given"),
        sa.CheckConstraint("length(hash) = 64", name="hash_length"),
        sa.CheckConstraint("changes >= 0", name="changes_counted"),
        sa.UniqueConstraint("revision_id"),
        sa.UniqueConstraint("previous_hash"),
        sa.UniqueConstraint("hash"),
    )

    number: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    revision_id: Mapped[int] = mapped_column(sa.BigInteger)
    written_at: Mapped[str]
    written_by: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    changes: Mapped[int]
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))
    event: Mapped[str | None]
    about: Mapped[str | None]


class ChangeRow(Base):
    """One row that a revision wrote: its cells before and after (all of a new row, the changed ones of another)."""

    __tablename__ = "change"
    __table_args__ = (
        sa.CheckConstraint("action = 'insert' OR action = 'update' OR action = 'delete'", name="action_codes"),
        sa.Index("ix_change_owner", "owner"),
        {"sqlite_with_rowid": False},
    )

    revision_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    table_name: Mapped[str]
    owner: Mapped[str]
    record_key: Mapped[str]
    action: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]


TABLE_NAMES = (*TABLES, "data_query", "data_query_message", "sign_off", "account")
"""The tables whose changes the trail holds."""


@dataclass(frozen=True, slots=True)
class Change:
    """A changed row: where it stands, and its cells as JSON objects of non-blank (new row) or changed cells.

    Args:
        owner: the patient (or center) that the row belongs to.
        record_key: the rest of its key, "" for a table with one row an owner.
    """

    table: str
    owner: str
    record_key: str
    action: str
    old: str | None
    new: str | None

    def line(self) -> str:
        """The text that the hash covers."""
        return _line(self.table, self.owner, self.record_key, self.action, self.old, self.new)


def _line(*parts: str | None) -> str:
    # Six parts, five separators: a separator or a line's end inside a part would make one more of them than there are,
    # and the number of lines is covered by the hash too. No stored text holds a control character.
    return "\x1f".join(["-" if part is None else part for part in parts]) + "\n"


CHANGE_COLUMNS = ("revision_id", "position", "table_name", "owner", "record_key", "action", "old", "new")


class Writer:
    """Collects the changes of one revision and closes it with its place in the chain.

    The changes go to the database as they come; the chain is taken only at the end, so that on a server others can
    write while a long import is under way.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        # Ordered by time, so that the rows of a revision lie together; unique by its random part.
        self.revision_id = (time.time_ns() // 1000 << 11) | secrets.randbits(11)
        self._content = hashlib.sha256()
        self.changes = 0

    def add(self, changes: Sequence[Change]) -> None:
        """Writes changed rows into the revision."""
        first = self.changes
        self._content.update("".join([change.line() for change in changes]).encode())
        insert(
            self._connection,
            "change",
            CHANGE_COLUMNS,
            [
                (self.revision_id, first + i, c.table, c.owner, c.record_key, c.action, c.old, c.new)
                for i, c in enumerate(changes)
            ],
        )
        self.changes += len(changes)

    def take_turn(self) -> None:
        """Waits until nobody else is at the end of the chain, and keeps others from it until the transaction ends.

        What was committed before is seen from then on, and nothing is committed beside.
        """
        if not is_sqlite(self._connection):
            self._connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))

    def close(self, *, by: str, reason: str, source: str, event: Event | None = None, about: str | None = None) -> int:
        """Appends the revision to the chain; returns its number.

        Args:
            event, about: what happened beside the record, and to whom; None where the record was changed.

        On PostgreSQL the chain is locked until the transaction ends; SQLite has one writer at a time.
        """
        self.take_turn()
        last = self._connection.execute(
            sa.select(Revision.number, Revision.hash).order_by(Revision.number.desc()).limit(1)
        ).one_or_none()
        number = int(last.number) + 1 if last else 1
        revision = {
            "number": number,
            "revision_id": self.revision_id,
            "written_at": dt.datetime.now(dt.UTC).isoformat(timespec="microseconds"),
            "written_by": by,
            "reason": reason,
            "source": source,
            "changes": self.changes,
            "content_hash": self._content.hexdigest(),
            "previous_hash": last.hash if last else GENESIS,
            "event": event.value if event else None,
            "about": about,
        }
        revision["hash"] = _revision_hash(revision)
        self._connection.execute(sa.insert(Revision).values(revision))
        return number


def happened(connection: Connection, event: Event, about: str, *, by: str, reason: str, source: str) -> int:
    """Appends an event that changed no row; returns the number of its revision."""
    return Writer(connection).close(by=by, reason=reason, source=source, event=event, about=about)


def _revision_hash(revision: dict[str, object]) -> str:
    # What a revision does not say is not covered: those from before there were events keep their hashes.
    covered = {name: value for name, value in revision.items() if name != "hash" and value is not None}
    return hashlib.sha256(json.dumps(covered, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """The first place at which the trail, or the record against it, is not what was written."""

    revision: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last revision of a trail: with it, an earlier state of the trail can be recognized."""

    number: int
    hash: str


def head(connection: Connection) -> Head:
    """The last revision; number 0 for an empty trail."""
    return _last(connection, sa.select(Revision.number, Revision.hash))


def record_head(connection: Connection) -> Head:
    """The last revision that changed the record: it names the state of the data, whoever looks at them meanwhile."""
    return _last(connection, sa.select(Revision.number, Revision.hash).where(Revision.event.is_(None)))


def _last(connection: Connection, revisions: sa.Select[tuple[int, str]]) -> Head:
    last = connection.execute(revisions.order_by(Revision.number.desc()).limit(1)).one_or_none()
    return Head(last.number, last.hash) if last else Head(0, GENESIS)


def verify_chain(
    connection: Connection, *, known: Head | None = None, progress: Progress = lambda share: None
) -> Break | None:
    """The first break of the chain, None where it is whole.

    Args:
        known: a head that was seen earlier; the trail must still hold it.
        progress: is told the share of the trail that was read.
    """
    previous, expected = GENESIS, 1
    done, total = 0, _length(connection)

    def told(before: int, rows: int) -> None:
        progress(min(1.0, (before + rows) / total))

    for revision in _rows(connection, sa.select(Revision.__table__).order_by(Revision.number)):
        number = revision["number"]
        if number != expected:
            return Break(expected, f"revision {expected} is missing: the next one in the trail is {number}")
        if revision["previous_hash"] != previous:
            return Break(number, f"revision {number} does not follow on the one before it")
        if revision["hash"] != _revision_hash(revision):
            return Break(number, f"revision {number} was edited: its hash does not cover what it says")
        if known is not None and number == known.number and revision["hash"] != known.hash:
            return Break(number, f"revision {number} is another one than at the last verification")
        problem = _verify_changes(connection, revision, partial(told, done))
        if problem:
            return Break(number, problem)
        previous, expected = revision["hash"], expected + 1
        done += 1 + int(revision["changes"])
    if known is not None and expected <= known.number:
        return Break(expected, f"revisions {expected} to {known.number} are missing: they were there before")
    stray = connection.execute(
        sa.select(ChangeRow.revision_id)
        .where(~sa.exists().where(Revision.revision_id == ChangeRow.revision_id))
        .limit(1)
    ).one_or_none()
    return Break(None, "the trail holds a change that belongs to no revision") if stray else None


def _length(connection: Connection) -> int:
    """How many lines the trail has: its revisions and what they wrote."""
    lines = sa.select(sa.func.coalesce(sa.func.sum(Revision.changes), 0) + sa.func.count())
    return max(1, int(connection.execute(lines).scalar_one()))


def _verify_changes(connection: Connection, revision: dict[str, Any], read: Callable[[int], None]) -> str | None:
    content, count = hashlib.sha256(), 0
    table = ChangeRow.__table__
    query = sa.select(table).where(table.c.revision_id == revision["revision_id"]).order_by(table.c.position)
    for change in _rows(connection, query):
        if change["position"] != count:
            return f"revision {revision['number']}: change {count} is missing or out of its place"
        content.update(_line(*(change[name] for name in CHANGE_COLUMNS[2:])).encode())
        count += 1
        if count % _TOLD_EVERY == 0:
            read(count)
    read(count)
    if count != revision["changes"]:
        return f"revision {revision['number']}: it wrote {revision['changes']} rows, the trail holds {count}"
    if content.hexdigest() != revision["content_hash"]:
        return f"revision {revision['number']}: one of its changes was edited"
    return None


def _rows(connection: Connection, query: sa.Select[Any]) -> Iterator[dict[str, Any]]:
    """Rows as they are read, some at a time, so that a trail of any length fits."""
    with connection.execute(query, execution_options={"yield_per": 2000}) as result:
        for row in result:
            yield dict(row._mapping)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the audit log: a changed row with its revision, or an event.

    An event that changed no row has the name of the event as its action and what it is about as its owner.
    """

    number: int
    written_at: str
    written_by: str
    reason: str
    source: str
    table: str
    owner: str
    record_key: str
    action: str
    old: dict[str, str] | None
    new: dict[str, str] | None
    event: str | None = None

    @property
    def key(self) -> str:
        """The key of the row in one text."""
        return f"{self.owner}/{self.record_key}" if self.record_key else self.owner

    def cells(self) -> Iterator[tuple[str, str, str]]:
        """The changed cells: column, before, after."""
        old, new = self.old or {}, self.new or {}
        for column in dict.fromkeys((*old, *new)):
            yield column, old.get(column, ""), new.get(column, "")


Entries = Iterator[Entry]


def log(
    connection: Connection,
    *,
    patient: str | None = None,
    by: str | None = None,
    since: str | None = None,
    until: str | None = None,
    table: str | None = None,
    revision_number: int | None = None,
    center: str | None = None,
    events: bool = True,
    event: Event | None = None,
    newest: int | None = None,
    skipped: int = 0,
) -> Entries:
    """The entries of the trail in their order, narrowed by patient, user (a part of the name), time and table.

    Args:
        since, until: UTC times or days in ISO form; a day as ``until`` includes that day.
        events: also what happened beside the record; of a patient, who looked at the record, or at who it is.
        event: only what happened of this kind; of a patient, only views.
        center: only the changes of this row of the centers' table.
        newest: only so many, the newest first.
        skipped: with ``newest``, so many of the newest are left out.
    """
    change, revision = ChangeRow.__table__, Revision.__table__
    order = (revision.c.number, change.c.position)
    query = (
        sa.select(revision, *(change.c[name] for name in CHANGE_COLUMNS[1:]))
        .join(change, change.c.revision_id == revision.c.revision_id, isouter=events)
        .order_by(*(order if newest is None else (column.desc() for column in order)))
        .limit(newest)
        .offset(skipped or None)
    )
    if not events:
        query = query.where(revision.c.event.is_(None))
    if patient is not None:
        others = [name for name in TABLES if name not in PATIENT_TABLES]
        of_patient = sa.and_(change.c.owner == patient, change.c.table_name.not_in(others), revision.c.event.is_(None))
        wrote = revision.c.revision_id.in_(sa.select(change.c.revision_id).where(change.c.owner == patient))
        looked_at = revision.c.event.in_([Event.VIEW.value, Event.IDENTITY.value])
        viewed = sa.and_(revision.c.about == patient, looked_at)
        query = query.where(sa.or_(sa.and_(wrote, of_patient), viewed) if events else of_patient)
    if center is not None:
        query = query.where(change.c.owner == center, change.c.table_name == "center")
    if by is not None:
        query = query.where(revision.c.written_by.contains(by, autoescape=True))
    if since is not None:
        query = query.where(revision.c.written_at >= since)
    if until is not None:
        query = query.where(revision.c.written_at <= until + "~")  # after every time of that day or second
    if table is not None:
        query = query.where(change.c.table_name == table)
    if revision_number is not None:
        query = query.where(revision.c.number == revision_number)
    if event is not None:
        query = query.where(revision.c.event == event.value)
    for row in _rows(connection, query):
        bare = row["action"] is None
        yield Entry(
            row["number"],
            row["written_at"],
            row["written_by"],
            row["reason"],
            row["source"],
            "" if bare else row["table_name"],
            row["about"] or "" if bare else row["owner"],
            "" if bare else row["record_key"],
            row["event"] or "" if bare else row["action"],
            json.loads(row["old"]) if row["old"] else None,
            json.loads(row["new"]) if row["new"] else None,
            row["event"],
        )


def versions(connection: Connection, entries: Sequence[Entry]) -> list[int | None]:
    """The version that each changed row had after the change, or had when it was removed; None for events."""
    change, revision = ChangeRow.__table__, Revision.__table__
    owners = sorted({entry.owner for entry in entries if entry.table in TABLES})
    query = (
        sa.select(revision.c.number, change.c.table_name, change.c.owner, change.c.record_key, change.c.action)
        .join(revision, revision.c.revision_id == change.c.revision_id)
        .where(change.c.owner.in_(owners))
        .order_by(revision.c.number, change.c.position)
    )
    now: dict[tuple[str, str, str], int] = {}
    found: dict[tuple[int, str, str, str], int] = {}
    for row in connection.execute(query) if owners else ():
        place = (row.table_name, row.owner, row.record_key)
        before = now.get(place, 0)
        now[place] = 1 if row.action == "insert" else before if row.action == "delete" else before + 1
        found[row.number, *place] = now[place]
    return [found.get((entry.number, entry.table, entry.owner, entry.record_key)) for entry in entries]
