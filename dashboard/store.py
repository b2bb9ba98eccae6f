"""The one way of the pages to the database: one at a time, so that two SQLite libraries never hold the file at once.

Typed frames are read by the Arrow driver, which brings an SQLite of its own beside Python's. On POSIX systems a process
that closes a file loses all its locks on it, also those of the other library; a registry that is written meanwhile is
damaged then (https://www.sqlite.org/howtocorrupt.html, "Multiple copies of SQLite linked into the same application").
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from registry import database, schema
from registry.frames import Frames, read_frames

_engines: dict[str, Engine] = {}
_one_at_a_time = threading.Lock()


def _engine() -> Engine:
    url = database.database_url().render_as_string(hide_password=False)
    if url not in _engines:
        _engines[url] = database.open_engine(url)
    return _engines[url]


@contextmanager
def reading() -> Iterator[Connection]:
    """One transaction that reads the registry of the environment; it is over before anything else is read."""
    with _one_at_a_time, database.reading(_engine()) as connection:
        yield connection


def all_frames() -> Frames:
    """Typed frames of all tables."""
    with _one_at_a_time:
        _engine().dispose()  # closes every connection of Python's SQLite before the other library opens the file
        return read_frames(_engine())


def require_current() -> None:
    """Raises EnvironmentRefused unless the registry of the environment is one that this program can work on."""
    with _one_at_a_time:
        schema.require_current(_engine())
