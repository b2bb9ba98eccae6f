"""Reading and writing identities: for the people of the patient's own center, and with an event in the trail each time.

The event is in the trail before anything is shown, and before a change counts. It says who, when, about which patient
and, of a change, why and in which columns; it never holds a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import store as rows
from registry.access import Actor, Permission
from registry.audit import Event, happened
from registry.database import reading, writing
from registry.errors import InputRefused, PermissionRefused
from registry.identity.cipher import Cipher, Damaged
from registry.identity.content import FIELDS, Identity, number_of, read, spellings_of, tells, words_of
from registry.identity.store import IdentityRow, IdentityWord, reading_store, writing_store
from registry.reasons import checked

LISTED = 50
"""Patients that a search finds at most."""

_ROW, _WORD = IdentityRow.__table__, IdentityWord.__table__


@dataclass(frozen=True, slots=True)
class Viewed:
    """The identity of a patient; a blank one of version 0 where none is kept."""

    identity: Identity
    version: int


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Args:
        patients: their ids, in their order.
        more: there are others.
    """

    patients: tuple[str, ...]
    more: bool


def may_view(by: Actor) -> bool:
    """Whether somebody sees the identities of any center: only with the permission, and only with a center."""
    return by.may(Permission.VIEW_IDENTITIES) and by.center_id is not None


def view(engine: Engine, patient_id: str, *, by: Actor, source: str) -> Viewed:
    """Who a patient is.

    Args:
        engine: of the registry.

    Raises:
        PermissionRefused: for everybody but data managers and clinicians of the patient's center.
        Damaged: what is stored is not what was written for this patient.
    """
    with writing(engine) as connection:
        center = _require(connection, patient_id, by)
        _noted(connection, patient_id, "name and hospital number looked at", by, source)
    with reading_store() as opened:
        return _stored(*opened, center, patient_id) if opened else Viewed(Identity(), 0)


def search(engine: Engine, text: str, *, by: Actor, source: str) -> Found:
    """The patients of the searcher's center with a hospital number, or with all words of a text in their names.

    The number is the whole one, and so is each word, whatever its accents, capitals and dashes.
    """
    center = _center(by)
    number, words = number_of(text), words_of(text)
    if not number:
        raise InputRefused("There is nothing to search for", remedy="Type a hospital number, or words of a name")
    with reading_store() as opened:
        found = _matching(*opened, center, number, words) if opened else []
    with writing(engine) as connection:
        here = [patient for patient in found if rows.center_of(connection, patient) == center]
        for patient in here[:LISTED]:
            _noted(connection, patient, "found by name or hospital number", by, source)
        if not here:
            _noted(connection, center, "nobody found by name or hospital number", by, source)
    return Found(tuple(here[:LISTED]), len(here) > LISTED)


def save(
    engine: Engine,
    patient_id: str,
    cells: Mapping[str, str],
    *,
    by: Actor,
    reason: str | None,
    seen_version: int,
    source: str,
) -> int:
    """Keeps who a patient is; returns the version.

    Args:
        cells: column -> text; a column that is not named is blank afterwards.
        reason: required where something is kept already; it must not hold a part of the identity.
        seen_version: what the writer saw; 0 where nothing was kept.

    Raises InputRefused, never with a value in it; PermissionRefused and Damaged as ``view`` does.
    """
    identity, reason = read(cells), checked(reason)
    if identity.is_blank:
        raise InputRefused(
            "There is nothing to keep", remedy="Write a hospital number or a name, or remove what is kept"
        )
    with reading(engine) as connection:
        center = _require(connection, patient_id, by)
    try:
        with writing_store() as (kept, cipher):
            before = _stored(kept, cipher, center, patient_id)
            _require_seen(before.version, seen_version)
            if before.identity == identity:
                return before.version
            _require_reason(reason, before, identity)
            others = [other for other in _with_number(kept, cipher, center, identity.number) if other != patient_id]
            if others:
                remedy = f"Look at {others[0]}: it may be the same person"
                raise InputRefused("Another patient of the center has this hospital number", remedy=remedy)
            _write(kept, cipher, center, patient_id, identity, before.version)
            columns = [
                FIELDS[name].lower() for name, cell in identity.cells.items() if before.identity.cells[name] != cell
            ]
            done = f"changed ({', '.join(columns)}): {reason}" if before.version else "entered"
            with writing(engine) as connection:  # first in the trail: what fails after it has changed nothing
                _require(connection, patient_id, by)
                _noted(connection, patient_id, f"name and hospital number {done}", by, source)
            return before.version + 1
    except sa.exc.IntegrityError as error:
        raise InputRefused("Somebody else wrote the same meanwhile: nothing was kept", remedy="Try again") from error


def remove(engine: Engine, patient_id: str, *, by: Actor, reason: str, seen_version: int, source: str) -> None:
    """Removes who a patient is, for good; the trail says only that it was there."""
    reason = checked(reason)
    with reading(engine) as connection:
        center = _require(connection, patient_id, by)
    with writing_store() as (kept, cipher):
        version = _version(kept, center, patient_id)
        if not version:
            raise InputRefused("Nothing is kept of this patient", got=patient_id, remedy="Read it again")
        _require_seen(version, seen_version)
        try:
            before = _stored(kept, cipher, center, patient_id)
        except Damaged:  # what cannot be read goes all the same
            before = Viewed(Identity(), version)
        _require_reason(reason, before, Identity())
        _delete(kept, center, patient_id)
        with writing(engine) as connection:
            _require(connection, patient_id, by)
            _noted(connection, patient_id, f"name and hospital number removed: {reason}", by, source)


def _center(by: Actor) -> str:
    by.require(Permission.VIEW_IDENTITIES)
    if by.center_id is None:
        raise PermissionRefused(
            "Names and hospital numbers are seen by people of their center only, and this account has none",
            remedy="Ask an administrator for an account of the center",
        )
    return by.center_id


def _require(connection: Connection, patient_id: str, by: Actor) -> str:
    """The center, which is the actor's and the patient's; raises PermissionRefused."""
    center = _center(by)
    by.require_center(rows.center_of(connection, patient_id))
    return center


def _require_seen(version: int, seen: int) -> None:
    if version != seen:
        raise InputRefused("Somebody else changed it since it was opened", remedy="Show it again, then change it")


def _require_reason(reason: str, before: Viewed, after: Identity) -> None:
    if before.version and not reason:
        raise InputRefused("A change needs a reason", remedy="Give one")
    if reason and (tells(reason, before.identity) or tells(reason, after)):
        raise InputRefused(
            "The reason holds a part of the name or number", remedy="Say it without: it stands in the audit trail"
        )


def _noted(connection: Connection, about: str, reason: str, by: Actor, source: str) -> None:
    happened(connection, Event.IDENTITY, about, by=by.name, reason=reason, source=source)


def _stored(kept: Connection, cipher: Cipher, center: str, patient_id: str) -> Viewed:
    query = sa.select(_ROW.c.sealed, _ROW.c.version).where(_at(_ROW, center, patient_id))
    row = kept.execute(query).one_or_none()
    return Viewed(cipher.open(center, patient_id, row.sealed), row.version) if row else Viewed(Identity(), 0)


def _version(kept: Connection, center: str, patient_id: str) -> int:
    query = sa.select(_ROW.c.version).where(_at(_ROW, center, patient_id))
    return int(kept.execute(query).scalar_one_or_none() or 0)


def _at(table: sa.FromClause, center: str, patient_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.center_id == center, table.c.patient_id == patient_id)


def _matching(kept: Connection, cipher: Cipher, center: str, number: str, words: list[str]) -> list[str]:
    """The patients whose identity, once opened, is what was searched for: a hash that was moved finds nobody else."""
    found = set(_with_number(kept, cipher, center, number))
    named: set[str] | None = None
    for word in words:
        hashes = [cipher.word(center, spelling) for spelling in spellings_of(word)]
        query = sa.select(_WORD.c.patient_id).where(_WORD.c.center_id == center, _WORD.c.word_hash.in_(hashes))
        have = set(kept.execute(query).scalars())
        named = have if named is None else named & have
    for patient in (named or set()) - found:
        spellings = _stored(kept, cipher, center, patient).identity.spellings
        if all(spellings_of(word) & spellings for word in words):
            found.add(patient)
    return sorted(found)


def _with_number(kept: Connection, cipher: Cipher, center: str, number: str) -> list[str]:
    if not number:
        return []  # who has none is not found by none
    query = sa.select(_ROW.c.patient_id).where(
        _ROW.c.center_id == center, _ROW.c.number_hash == cipher.number(center, number)
    )
    found = kept.execute(query).scalars().all()
    return [patient for patient in found if _stored(kept, cipher, center, patient).identity.number == number]


def _write(kept: Connection, cipher: Cipher, center: str, patient_id: str, identity: Identity, version: int) -> None:
    columns = {
        "sealed": cipher.seal(center, patient_id, identity),
        "number_hash": cipher.number(center, identity.number),
    }
    if version:
        kept.execute(sa.delete(IdentityWord).where(_at(_WORD, center, patient_id)))
        of_patient = sa.and_(_at(_ROW, center, patient_id), _ROW.c.version == version)
        changed = kept.execute(sa.update(IdentityRow).where(of_patient).values(**columns, version=version + 1))
        _require_seen(version, version if changed.rowcount else 0)
    else:
        kept.execute(sa.insert(IdentityRow).values(center_id=center, patient_id=patient_id, version=1, **columns))
    hashes = sorted(cipher.word(center, spelling) for spelling in identity.spellings)
    if hashes:
        place = {"center_id": center, "patient_id": patient_id}
        kept.execute(sa.insert(IdentityWord), [{**place, "word_hash": word_hash} for word_hash in hashes])


def _delete(kept: Connection, center: str, patient_id: str) -> None:
    for model, table in ((IdentityWord, _WORD), (IdentityRow, _ROW)):
        kept.execute(sa.delete(model).where(_at(table, center, patient_id)))
