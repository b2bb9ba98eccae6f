"""Keeping the store of identities: a new key for all of it, its state, and removing those of nobody."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import keys
from registry import store as rows
from registry.access import Actor, Permission
from registry.audit import Event, happened
from registry.database import reading, writing
from registry.identity.cipher import Cipher, Damaged, new_key
from registry.identity.content import Identity
from registry.identity.store import IdentityRow, IdentityWord, Store, reading_store, writing_store

EVERYBODY = "all centers"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in the store: no name and no number.

    Args:
        centers: how many identities each center has.
        damaged: center and patient of those that are not what was written.
        of_nobody: center and patient of those whose patient is not in the registry, or in another center.
    """

    centers: dict[str, int]
    damaged: list[tuple[str, str]]
    of_nobody: list[tuple[str, str]]


def status(engine: Engine, *, by: Actor) -> Kept:
    """What is in the store; every row is opened, and none of it is shown."""
    by.require(Permission.BACKUP)
    centers: Counter[str] = Counter()
    found = Kept({}, [], [])
    with reading_store() as opened, reading(engine) as connection:
        for center, patient, identity in _all(*opened) if opened else ():
            centers[center] += 1
            if identity is None:
                found.damaged.append((center, patient))
            if rows.center_of(connection, patient) != center:
                found.of_nobody.append((center, patient))
    found.centers.update(sorted(centers.items()))
    return found


def rotate_key(engine: Engine, *, by: Actor, source: str) -> int:
    """Seals all identities anew under a new key, and removes the old one; returns how many there were.

    All of them or none: until the last is sealed the store names the old key, and both files are there.

    Raises Damaged where one of them cannot be opened: it would be lost.
    """
    by.require(Permission.BACKUP)
    with writing_store() as (kept, cipher):
        old = str(kept.execute(sa.select(Store.key_name)).scalar_one())
        name = new_key()
        try:
            count = _seal_anew(kept, cipher, Cipher(name))
            kept.execute(sa.update(Store).values(key_name=name))
            with writing(engine) as connection:
                reason = "key of names and hospital numbers changed"
                happened(connection, Event.IDENTITY, EVERYBODY, by=by.name, reason=reason, source=source)
        except BaseException:
            keys.key_file(name).unlink(missing_ok=True)
            raise
    with contextlib.suppress(OSError):  # the store is whole without it
        keys.key_file(old).unlink()
    return count


def _seal_anew(kept: Connection, old: Cipher, new: Cipher) -> int:
    kept.execute(sa.delete(IdentityWord))
    count = 0
    for center, patient, identity in _all(kept, old):
        if identity is None:
            raise Damaged(patient)
        sealed, number = new.seal(center, patient, identity), new.number(center, identity.number)
        here = sa.and_(IdentityRow.center_id == center, IdentityRow.patient_id == patient)
        kept.execute(sa.update(IdentityRow).where(here).values(sealed=sealed, number_hash=number))
        hashes = sorted(new.word(center, spelling) for spelling in identity.spellings)
        words = [{"center_id": center, "patient_id": patient, "word_hash": word} for word in hashes]
        if words:
            kept.execute(sa.insert(IdentityWord), words)
        count += 1
    return count


def remove_of_nobody(engine: Engine, *, by: Actor, source: str) -> int:
    """Removes the identities of patients who are not in the registry, or in another center; returns how many."""
    gone = status(engine, by=by).of_nobody
    if not gone:
        return 0
    with writing_store() as (kept, _), writing(engine) as connection:
        still = [(center, patient) for center, patient in gone if rows.center_of(connection, patient) != center]
        for center, patient in still:
            for model in (IdentityWord, IdentityRow):
                kept.execute(sa.delete(model).where(model.center_id == center, model.patient_id == patient))
            reason = "name and hospital number removed: the patient is not in the registry, or in another center"
            happened(connection, Event.IDENTITY, patient, by=by.name, reason=reason, source=source)
    return len(still)


def _all(kept: Connection, cipher: Cipher) -> Iterator[tuple[str, str, Identity | None]]:
    """Center, patient and identity of every row; None where it is damaged."""
    query = sa.select(IdentityRow.center_id, IdentityRow.patient_id, IdentityRow.sealed)
    for center, patient, sealed in kept.execute(query).all():
        try:
            yield center, patient, cipher.open(center, patient, sealed)
        except Damaged:
            yield center, patient, None
