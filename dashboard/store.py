"""The one way of the pages to the database of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from registry import database, schema
from registry.frames import Frames, read_frames

_engines: dict[str, Engine] = {}


def _engine() -> Engine:
    url = database.database_url().render_as_string(hide_password=False)
    if url not in _engines:
        _engines[url] = database.open_engine(url)
    return _engines[url]


@contextmanager
def reading() -> Iterator[Connection]:
    """One transaction that reads the registry of the environment; it is over before frames are read."""
    with database.reading(_engine()) as connection:
        yield connection


@contextmanager
def writing() -> Iterator[Connection]:
    """One transaction that writes beside the record: sessions and events. The record is written by actions."""
    with database.writing(_engine()) as connection:
        yield connection


def all_frames(center: str | None = None) -> Frames:
    """Typed frames of all tables; with a center only of what is that center's."""
    return read_frames(_engine(), center=center)


def engine() -> Engine:
    """The registry of the environment, for actions."""
    return _engine()


def require_current() -> None:
    """Raises EnvironmentRefused unless the registry of the environment is one that this program can work on."""
    schema.require_current(_engine())
