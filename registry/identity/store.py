"""The database of identities: its address, its tables, and the name of the key that all of it is sealed with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from registry.database import database_url, open_engine, reading, sqlite_file, url_of, writing
from registry.errors import EnvironmentRefused
from registry.identity.cipher import Cipher, new_key
from registry.schema import create_private
from registry.tables.columns import NAMING

SETTING = "OLIGOMET_IDENTITIES_URL"
FORMAT = 1

_KEY_NAME = re.compile(r"identities-[0-9a-f]{16}")
_engines: dict[str, Engine] = {}


class IdentityBase(DeclarativeBase):
    """The tables of identities; none of them is in the registry's own database."""

    metadata = sa.MetaData(naming_convention=NAMING)


class Store(IdentityBase):
    """The one row that says how all others are written."""

    __tablename__ = "identity_store"
    __table_args__ = (sa.CheckConstraint("number = 1", name="one_row"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    format: Mapped[int]
    key_name: Mapped[str]


class IdentityRow(IdentityBase):
    """The sealed identity of a patient in a center."""

    __tablename__ = "identity"
    __table_args__ = (
        sa.UniqueConstraint("center_id", "number_hash"),
        sa.CheckConstraint("length(number_hash) = 64", name="number_hash_length"),
        sa.CheckConstraint("version >= 1", name="version_positive"),
    )

    center_id: Mapped[str] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(primary_key=True)
    sealed: Mapped[bytes]
    number_hash: Mapped[str | None] = mapped_column(sa.String(64))
    version: Mapped[int]


class IdentityWord(IdentityBase):
    """A spelling of a word of a name, hashed."""

    __tablename__ = "identity_word"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["center_id", "patient_id"], ["identity.center_id", "identity.patient_id"], name="fk_identity_word_identity"
        ),
        sa.CheckConstraint("length(word_hash) = 64", name="word_hash_length"),
    )

    center_id: Mapped[str] = mapped_column(primary_key=True)
    word_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    patient_id: Mapped[str] = mapped_column(primary_key=True)


def identities_url() -> URL:
    """The database of identities; raises EnvironmentRefused where it is the registry's own."""
    url = url_of(SETTING, "identities.db")
    if url == database_url():
        raise EnvironmentRefused(
            f"{SETTING} names the registry's own database",
            remedy="Name another one: names and hospital numbers do not stand beside the records",
        )
    return url


def _engine() -> Engine:
    url = identities_url()
    address = url.render_as_string(hide_password=False)
    if address not in _engines:
        _engines[address] = open_engine(url)
    return _engines[address]


@contextmanager
def reading_store() -> Iterator[tuple[Connection, Cipher] | None]:
    """One transaction that reads identities, and their cipher; None where none was ever kept."""
    engine = _engine()
    path = sqlite_file(engine)
    if path is not None and not path.exists():  # opening an absent SQLite file would create it
        yield None
        return
    with reading(engine) as connection:
        key_name = _key_name(connection)
        yield (connection, Cipher(key_name)) if key_name else None


@contextmanager
def writing_store() -> Iterator[tuple[Connection, Cipher]]:
    """One transaction that writes identities, and their cipher; tables and key are made where there are none."""
    engine = _engine()
    path = sqlite_file(engine)
    if path is not None and not path.exists():
        create_private(path)
    with writing(engine) as connection:
        key_name = _key_name(connection, locks=True)
        if key_name is None:
            IdentityBase.metadata.create_all(connection)
            key_name = new_key()
            connection.execute(sa.insert(Store).values(number=1, format=FORMAT, key_name=key_name))
        yield connection, Cipher(key_name)


def _key_name(connection: Connection, *, locks: bool = False) -> str | None:
    """The key that the store is sealed with; None where there is no store yet.

    Args:
        locks: on a server too one writes at a time: no row is sealed with a key that goes meanwhile.
    """
    if not sa.inspect(connection).has_table(Store.__tablename__):
        return None
    query = sa.select(Store.format, Store.key_name)
    found = connection.execute(query.with_for_update() if locks else query).one_or_none()
    if found is None:
        return None
    if found.format != FORMAT:
        raise EnvironmentRefused(
            "Names and hospital numbers were stored by another version of oligomet",
            remedy="Install that version of the program",
        )
    if not _KEY_NAME.fullmatch(found.key_name):  # it becomes the name of a file
        raise EnvironmentRefused("The store of names and hospital numbers is damaged", remedy="Restore the last backup")
    return str(found.key_name)
