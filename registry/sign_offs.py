"""Sign-off: somebody's word that a patient's record is right as it stands. It locks the record until it is lifted.

A signed record takes no change by forms, imports or programs; rows that come in as they are stored change nothing and
are fine. Data queries about it can still be asked and answered. Lifting a lock needs a reason, and what is changed
afterwards shows as changed since the sign-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Mapped, mapped_column

from registry import store, times
from registry.access import Actor, Permission
from registry.audit import Change, ChangeRow, Revision, Writer
from registry.database import is_sqlite, writing
from registry.errors import InputRefused, StaleVersion
from registry.queries import to_json
from registry.reasons import checked
from registry.tables import PATIENT_TABLES, Base

REMEDY = "have the lock lifted by a clinician of the center, with a reason, or leave the record as it is"
_OWNERS = 500


class SignOff(Base):
    """The last sign-off of a patient's record; earlier ones are in the trail."""

    __tablename__ = "sign_off"
    __table_args__ = (
        sa.CheckConstraint("revision >= 1", name="revision_counted"),
        sa.CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
    )

    owner: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(sa.BigInteger)
    signed_at: Mapped[str]
    signed_by: Mapped[str]
    lifted_at: Mapped[str | None]
    lifted_by: Mapped[str | None]


_TABLE = SignOff.__table__
COLUMNS = ("revision", "signed_at", "signed_by", "lifted_at", "lifted_by")


@dataclass(frozen=True, slots=True)
class Signed:
    """A sign-off of a record.

    Args:
        revision: the last one that had changed the record when it was signed.
        lifted_at, lifted_by: when and by whom its lock was lifted; None where the record is locked.
    """

    revision: int
    signed_at: str
    signed_by: str
    lifted_at: str | None
    lifted_by: str | None

    @property
    def is_locked(self) -> bool:
        return self.lifted_at is None

    @property
    def problem(self) -> str:
        """Why the record takes no change, in words."""
        return f"the record was signed off by {self.signed_by} on {self.signed_at[:10]} and is locked"

    def cells(self) -> dict[str, str]:
        """As the trail keeps it: what is not blank."""
        found = {name: getattr(self, name) for name in COLUMNS}
        return {name: str(value) for name, value in found.items() if value is not None}


def of_patients(connection: Connection, owners: Sequence[str]) -> dict[str, Signed]:
    """The last sign-offs of some patients; those who have none are left out."""
    found: dict[str, Signed] = {}
    columns = [_TABLE.c[name] for name in COLUMNS]
    for at in range(0, len(owners), _OWNERS):
        query = sa.select(_TABLE.c.owner, *columns).where(_TABLE.c.owner.in_(owners[at : at + _OWNERS]))
        found |= {owner: Signed(*rest) for owner, *rest in connection.execute(query)}
    return found


def of_patient(connection: Connection, patient_id: str) -> Signed | None:
    """The last sign-off of a patient's record; None where there was none."""
    return of_patients(connection, [patient_id]).get(patient_id)


def cells(connection: Connection, owners: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Owner and cells of the stored sign-offs, to be compared with the trail."""
    yield from ((owner, signed.cells()) for owner, signed in of_patients(connection, owners).items())


def last_change(connection: Connection, patient_id: str) -> int:
    """The number of the last revision that changed a row of a patient's record; 0 where there is none."""
    query = (
        sa.select(sa.func.max(Revision.number))
        .join(ChangeRow, ChangeRow.revision_id == Revision.revision_id)
        .where(ChangeRow.owner == patient_id, ChangeRow.table_name.in_(PATIENT_TABLES))
    )
    return int(connection.execute(query).scalar() or 0)


def sign(engine: Engine, patient_id: str, *, by: Actor, seen_revision: int, source: str = "form") -> int:
    """Signs a record off as it stands, and locks it; returns the number of the revision.

    Args:
        seen_revision: the last revision that had changed the record when it was looked at.

    Raises:
        StaleVersion: somebody changed the record since.
        InputRefused: it is signed off already, or there is no such patient.
        PermissionRefused: where the actor may not.
    """
    by.require(Permission.SIGN_OFF)
    with writing(engine) as connection:
        _require_patient(connection, patient_id, by)
        writer = Writer(connection)
        writer.take_turn()  # nobody else writes from here on: what is signed is what was seen
        if last_change(connection, patient_id) != seen_revision:
            raise StaleVersion(
                "Somebody changed the record since it was opened",
                stored={},
                submitted={},
                remedy="Look at it again, then sign it off",
            )
        before = of_patient(connection, patient_id)
        if before is not None and before.is_locked:
            raise InputRefused(f"Nothing was done: {before.problem}", remedy="Read the record again")
        after = Signed(seen_revision, times.text(times.now()), by.name, None, None)
        return _write(connection, writer, patient_id, before, after, by=by, reason="record signed off", source=source)


def lift(engine: Engine, patient_id: str, *, by: Actor, reason: str, source: str = "form") -> int:
    """Lifts the lock of a record, so that it can be changed; returns the number of the revision.

    Raises InputRefused where there is no lock or no reason, and PermissionRefused where the actor may not.
    """
    by.require(Permission.SIGN_OFF)
    reason = checked(reason)
    if not reason:
        raise InputRefused("Lifting a lock needs a reason", remedy="Give one")
    with writing(engine) as connection:
        _require_patient(connection, patient_id, by)
        writer = Writer(connection)
        writer.take_turn()
        before = of_patient(connection, patient_id)
        if before is None or not before.is_locked:
            raise InputRefused("The record is not locked", got=patient_id, remedy="Read it again")
        after = Signed(before.revision, before.signed_at, before.signed_by, times.text(times.now()), by.name)
        return _write(connection, writer, patient_id, before, after, by=by, reason=reason, source=source)


def require_unlocked(connection: Connection, patient_id: str) -> None:
    """Raises InputRefused where a record is locked."""
    signed = of_patient(connection, patient_id)
    if signed is not None and signed.is_locked:
        raise InputRefused(_sentence(signed.problem), got=patient_id, remedy=_sentence(REMEDY))


def require_still_unlocked(connection: Connection, writer: Writer) -> None:
    """Raises InputRefused where a record that a revision changes was signed off while it was written.

    SQLite has one writer at a time, so that nothing can have happened there.
    """
    if is_sqlite(connection):
        return
    writer.take_turn()
    query = (
        sa.select(_TABLE.c.owner)
        .join(ChangeRow, ChangeRow.owner == _TABLE.c.owner)
        .where(ChangeRow.revision_id == writer.revision_id, ChangeRow.table_name.in_(PATIENT_TABLES))
        .where(_TABLE.c.lifted_at.is_(None))
        .limit(1)
    )
    found = connection.execute(query).scalar_one_or_none()
    if found is not None:
        require_unlocked(connection, found)


def forget(connection: Connection, writer: Writer, patient_id: str) -> None:
    """Removes the sign-off with the patient that it is of; the trail keeps it."""
    before = of_patient(connection, patient_id)
    if before is not None:
        connection.execute(sa.delete(SignOff).where(_TABLE.c.owner == patient_id))
        writer.add([Change(SignOff.__tablename__, patient_id, "", "delete", to_json(before.cells()), None)])


def _require_patient(connection: Connection, patient_id: str, by: Actor) -> None:
    by.require_center(store.center_of(connection, patient_id))
    if not len(store.load(connection, "patient", [patient_id])):
        raise InputRefused("There is no such patient", got=patient_id, remedy="Search by a part of the id")


def _write(
    connection: Connection, writer: Writer, patient_id: str, before: Signed | None, after: Signed, *, by: Actor,
    reason: str, source: str,
) -> int:  # fmt: skip
    values = {name: getattr(after, name) for name in COLUMNS}
    new = after.cells()
    if before is None:
        connection.execute(sa.insert(SignOff).values(owner=patient_id, **values))
        change = Change(SignOff.__tablename__, patient_id, "", "insert", None, to_json(new))
    else:
        connection.execute(sa.update(SignOff).where(_TABLE.c.owner == patient_id).values(values))
        old = before.cells()
        names = [name for name in COLUMNS if old.get(name, "") != new.get(name, "")]
        was, became = ({name: cells.get(name, "") for name in names} for cells in (old, new))
        change = Change(SignOff.__tablename__, patient_id, "", "update", to_json(was), to_json(became))
    writer.add([change])
    return writer.close(by=by.name, reason=reason, source=source)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
