"""Drafts: what somebody typed into a form and has not saved yet, field by field, until it is saved or discarded.

A draft is the text as it was typed, also where no field could hold it, with the cell and the version of the row that
the writer saw when the typing began. It belongs to one account, is no part of the record, and is never exported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from registry import store, times
from registry.access import Actor, Permission
from registry.fields import LONGEST_TEXT
from registry.tables import PATIENT_TABLES, TABLES, Base

NEW = "new"
"""The record key of a row that is not stored yet."""

REASON = "@reason"
"""The column under which the reason for a change is kept; no field is named so."""

MESSAGES = "data_query_message"
"""The table under which the message is kept that somebody writes into the thread of a data query."""

LONGEST = 2 * LONGEST_TEXT
"""Characters that are kept of a field: more than it can hold, so that a text can be shortened."""


class Draft(Base):
    """The text of one field."""

    __tablename__ = "draft"
    __table_args__ = (
        sa.CheckConstraint(f"length(typed) <= {LONGEST}", name="typed_length"),
        sa.CheckConstraint("base_version >= 0", name="base_version_counted"),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(primary_key=True)
    table_name: Mapped[str] = mapped_column(primary_key=True)
    record_key: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    typed: Mapped[str]
    began: Mapped[str]
    base_version: Mapped[int]
    saved_at: Mapped[str]


_TABLE = Draft.__table__


@dataclass(frozen=True, slots=True)
class Place:
    """The form that a draft is of.

    Args:
        owner: the patient, or the center of a form of centers; of a patient who is being enrolled, the center.
        table: of the form.
        record_key: the number of the row; "" in a table with one row an owner; NEW for a row that is not stored yet.
    """

    owner: str
    table: str
    record_key: str

    @property
    def is_enrolling(self) -> bool:
        """Whether the form is of a patient who is not enrolled yet."""
        return self.table == "patient" and self.record_key == NEW

    def where(self, by: Actor) -> sa.ColumnElement[bool]:
        """The condition that selects what somebody typed into this form."""
        place = {"account": by.name, "owner": self.owner, "table_name": self.table, "record_key": self.record_key}
        return sa.and_(*(_TABLE.c[name] == value for name, value in place.items()))


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into one field.

    Args:
        text: as it was typed.
        began: the stored cell when the typing began.
        version: of the row at that time; 0 where there was none.
    """

    text: str
    began: str
    version: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A form with a draft.

    Args:
        fields: how many of its fields were typed into.
        version: of the row when the typing began.
        stored_version: of the row now; 0 where it is not stored.
        saved_at: when the last of it was kept, as text in UTC.
    """

    place: Place
    fields: int
    version: int
    stored_version: int
    saved_at: str

    @property
    def is_stale(self) -> bool:
        """Whether the row was changed or removed since the typing began."""
        return self.version != self.stored_version


def keep(
    connection: Connection,
    place: Place,
    typed: Mapping[str, str],
    *,
    by: Actor,
    began: Mapping[str, str],
    version: int,
) -> None:
    """Keeps what was typed into some fields.

    Args:
        typed: column -> text.
        began: column -> stored cell that the form showed; kept from the first time on.
        version: of the row that the form shows, 0 where it is not stored.

    Raises PermissionRefused where the writer may not write this record.
    """
    _require(connection, place, by)
    columns = ("account", "owner", "table_name", "record_key", "column_name")
    insertion = sa.text(
        f"INSERT INTO draft ({', '.join(columns)}, typed, began, base_version, saved_at) "
        f"VALUES ({', '.join(f':{name}' for name in columns)}, :typed, :began, :base_version, :saved_at) "
        f"ON CONFLICT ({', '.join(columns)}) DO UPDATE SET typed = excluded.typed, saved_at = excluded.saved_at"
    )
    key = (by.name, place.owner, place.table, place.record_key)
    now = times.text(times.now())
    for column, text in typed.items():
        row = dict(zip(columns, (*key, column), strict=True))
        told = {"typed": storable(text), "began": began.get(column, ""), "base_version": version, "saved_at": now}
        connection.execute(insertion, row | told)


def storable(text: str) -> str:
    """A text that both databases take: whatever was pasted must not lose the rest of a draft."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:LONGEST]


def load(connection: Connection, place: Place, *, by: Actor) -> dict[str, Typed]:
    """What somebody typed into a form: column -> text; nothing where it was saved or discarded.

    Raises PermissionRefused where the reader may not write this record.
    """
    _require(connection, place, by)
    query = sa.select(_TABLE.c.column_name, _TABLE.c.typed, _TABLE.c.began, _TABLE.c.base_version)
    rows = connection.execute(query.where(place.where(by)))
    return {row.column_name: Typed(row.typed, row.began, row.base_version) for row in rows}


def forget(connection: Connection, place: Place, *, by: Actor, columns: Iterable[str] | None = None) -> int:
    """Removes what somebody typed into a form, or into some of its fields; returns how many fields those were.

    A draft is removed once: of two who ask at the same time, the second waits and then finds nothing.
    """
    condition = place.where(by)
    if columns is not None:
        condition = sa.and_(condition, _TABLE.c.column_name.in_(list(columns)))
    return connection.execute(sa.delete(Draft).where(condition)).rowcount


def take(connection: Connection, place: Place, columns: Iterable[str], *, by: Actor) -> bool:
    """Removes what was typed into the fields that are being saved, and the reason; False where it was gone already.

    What another window of the same writer typed into other fields stays.
    """
    taken = forget(connection, place, by=by, columns=columns)
    forget(connection, place, by=by, columns=[REASON])
    return taken > 0


def listed(connection: Connection, *, by: Actor) -> list[Summary]:
    """The forms with drafts of somebody, the latest first; those of a center that is no longer theirs are left out."""
    place = (_TABLE.c.owner, _TABLE.c.table_name, _TABLE.c.record_key)
    fields = sa.func.sum(sa.case((_TABLE.c.column_name == REASON, 0), else_=1))
    query = (
        sa.select(*place, fields, sa.func.min(_TABLE.c.base_version), sa.func.max(_TABLE.c.saved_at))
        .where(_TABLE.c.account == by.name)
        .group_by(*place)
        .order_by(sa.func.max(_TABLE.c.saved_at).desc(), *place)
    )
    found = []
    for owner, table, record_key, count, version, saved_at in connection.execute(query).all():
        place_of = Place(owner, table, record_key)
        if table in TABLES and by.may_write(table) and by.center_id in (None, _center(connection, place_of)):
            stored = _stored_version(connection, place_of)
            found.append(Summary(place_of, int(count), int(version), stored, saved_at))
    return found


def _require(connection: Connection, place: Place, by: Actor) -> None:
    asks = place.table == MESSAGES and by.may(Permission.RAISE_QUERIES)
    answers = place.table == MESSAGES and by.may(Permission.ANSWER_QUERIES)
    if not (asks or answers):
        by.require_writing(place.table)
    by.require_center(_center(connection, place))


def _center(connection: Connection, place: Place) -> str | None:
    of_patient = place.table == MESSAGES or (place.table in PATIENT_TABLES and not place.is_enrolling)
    return store.center_of(connection, place.owner) if of_patient else place.owner


def _stored_version(connection: Connection, place: Place) -> int:
    declared = TABLES[place.table]
    table = declared.__table__
    if place.record_key == NEW:
        return 0
    key = (place.owner, place.record_key) if place.record_key else (place.owner,)
    typed = [declared.fields[name].value(part) for name, part in zip(declared.keys, key, strict=True)]
    conditions = [table.c[name] == value for name, value in zip(declared.keys, typed, strict=True)]
    return int(connection.execute(sa.select(table.c.version).where(*conditions)).scalar_one_or_none() or 0)
