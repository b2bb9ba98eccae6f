"""Backup of an embedded database: copied page by page while it is in use, and loaded back in one transaction."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy.engine import Connection, Engine

from registry.database import BUSY_SECONDS, turn
from registry.errors import EnvironmentRefused
from registry.progress import Progress

_PAGES = 4096
"""Pages that are copied before progress is told."""

_STAGED = ".restoring-"
_BESIDE_A_DATABASE = ("", "-wal", "-shm", "-journal")


def copy_out(connection: Connection, target: Path, progress: Progress) -> None:
    """Copies the database that a reading transaction sees into a new file of one piece.

    Others write meanwhile; the copy holds what the transaction saw first.

    Raises EnvironmentRefused where the copy is damaged, because the database is.
    """
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on the transaction sees one state
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=_PAGES, progress=_told(progress, "copying the database"))
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be read where nothing can be written
        require_sound(copy)


def copy_file(source: Path, target: Path) -> None:
    """Copies a small database that is in use into a new file of one piece."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as read, closing(sqlite3.connect(target)) as copy:
        read.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def _told(progress: Progress, what: str) -> Callable[[int, int, int], None]:
    return lambda _status, left, total: progress(1 - left / max(total, 1), what)


def require_sound(connection: sqlite3.Connection) -> None:
    """Raises EnvironmentRefused for a file that SQLite finds damaged."""
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise EnvironmentRefused("The database file is damaged", remedy="Restore the last backup")


def put_in_place(engine: Engine, staged: Path, live: Path, kept: Path, undo: ExitStack) -> bool:
    """Makes a file the embedded database; a database that is there is kept beside it.

    A sound one is filled in a transaction of its own: programs that use it see the old state or the new one, and a
    power failure in between leaves the old one. A damaged one, of which no copy can be made, is moved aside.

    Args:
        undo: is told how that is taken back.

    Returns whether there was a database.
    """
    with turn(engine):
        if not live.exists():
            _move_in(staged, live)
            undo.callback(live.unlink)
            return False
        try:
            _keep(live, kept)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            _set_aside(live, kept, undo)
            _move_in(staged, live)
            return True
        undo.callback(kept.unlink)
        undo.callback(_load, kept, live)
        _load(staged, live)
        return True


def _keep(live: Path, kept: Path) -> None:
    """A copy of a database; under its name there is all of it or nothing."""
    draft = staged_name(live)
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    _load(live, draft)
    draft.rename(kept)


def _load(source: Path, target: Path) -> None:
    """Writes all of a database over another, in one transaction."""
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target, timeout=BUSY_SECONDS)) as written:
        written.execute("PRAGMA synchronous = FULL")
        read.backup(written)


def _set_aside(live: Path, kept: Path, undo: ExitStack) -> None:
    for end in _BESIDE_A_DATABASE:
        found = live.with_name(live.name + end)
        if found.exists():
            found.rename(kept.with_name(kept.name + end))
            undo.callback(kept.with_name(kept.name + end).rename, found)


def _move_in(staged: Path, live: Path) -> None:
    os.replace(staged, live)
    with closing(sqlite3.connect(live)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")  # as a new registry has it


def staged_name(live: Path) -> Path:
    """Beside a database: a name for a file that becomes it, or a copy of it."""
    return live.with_name(f".{live.name}{_STAGED}{secrets.token_hex(4)}")


def forget_staged(live: Path) -> None:
    """Removes what lies beside a database under such names, also what a killed restore left."""
    for found in live.parent.glob(f".{live.name}{_STAGED}*"):
        found.unlink(missing_ok=True)
