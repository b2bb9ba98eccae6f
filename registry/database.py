"""Where the registry lives and how it is reached: settings, the engine, reading and writing transactions."""

from __future__ import annotations

import functools
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

import platformdirs
import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from registry import turns
from registry.errors import Collided, EnvironmentRefused, OligometError, UsageError

P = ParamSpec("P")
T = TypeVar("T")

BUSY_SECONDS = 60
"""How long a writer waits for another one on SQLite, which has room for one writer at a time."""


def home() -> Path:
    """The folder of the embedded database, keys and snapshots (``OLIGOMET_HOME``, else the user's data folder)."""
    return Path(os.environ.get("OLIGOMET_HOME") or platformdirs.user_data_path("oligomet"))


def database_url() -> URL:
    """The database that the environment names (``OLIGOMET_DATABASE_URL``), else an SQLite file in ``home()``."""
    return url_of("OLIGOMET_DATABASE_URL", "oligomet.db")


def url_of(setting: str, file: str) -> URL:
    """The database that a variable of the environment names, else an SQLite file in ``home()``."""
    text = os.environ.get(setting)
    if not text:
        return URL.create("sqlite", database=str(home() / file))
    try:
        url = make_url(text)
    except sa.exc.ArgumentError:
        raise EnvironmentRefused(
            f"{setting} is not an address of a database",
            remedy="Write sqlite:///path/to/file.db or postgresql+psycopg://user@host/name",
        ) from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise EnvironmentRefused(
            "This kind of database is not supported",
            got=url.drivername,
            remedy="Use sqlite:///… or postgresql+psycopg://…",
        )
    return url


def open_engine(url: URL | str | None = None) -> Engine:
    """An engine on the registry's database; it opens no connection yet."""
    url = make_url(url) if url is not None else database_url()
    if url.get_backend_name() == "sqlite":
        # No connection outlives its transaction: see registry/turns.py.
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS}, poolclass=sa.pool.NullPool)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    return sa.create_engine(url, pool_pre_ping=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event below says when a transaction begins
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock before it reads, so that nothing that it decided on changes under it.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: all of it, or nothing.

    Raises EnvironmentRefused where the database cannot be reached or written.
    """
    with environment(), turn(engine), engine.connect() as plain:
        connection = plain.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees one state of the registry, whatever is written meanwhile."""
    with environment(), turn(engine), engine.connect() as plain:
        isolation = {} if is_sqlite(plain) else {"isolation_level": "REPEATABLE READ"}
        connection = plain.execution_options(**isolation)
        with connection.begin():
            yield connection


def turn(engine: Engine) -> AbstractContextManager[None]:
    """Held while a connection of an engine is open."""
    return turns.transaction() if is_sqlite(engine) else nullcontext()


def is_sqlite(connection: Connection | Engine) -> bool:
    """Whether this is the embedded database."""
    return connection.dialect.name == "sqlite"


@contextmanager
def environment() -> Iterator[None]:
    """Turns what a database or its disk refuses into a message for the person who runs the program.

    The drivers' own messages can hold values of rows, so none of them is passed on.
    """
    try:
        yield
    except (OligometError, sa.exc.IntegrityError, psycopg.IntegrityError, sqlite3.IntegrityError):
        raise
    except (sa.exc.DBAPIError, sqlite3.Error, psycopg.Error) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) and error.orig is not None else error
        refused = _explain(cause)
        if refused is None:
            raise
        raise refused from error


_SQLITE_REASONS = {
    sqlite3.SQLITE_FULL: ("The disk is full: nothing was written", "Free some space and try again"),
    sqlite3.SQLITE_READONLY: ("The database is read-only", "Give the account write access to the file and its folder"),
    sqlite3.SQLITE_CANTOPEN: ("The database file cannot be opened", "Check the path and the rights of its folder"),
    sqlite3.SQLITE_BUSY: ("The database is being written by another program", "Try again when it has finished"),
    sqlite3.SQLITE_NOTADB: ("The file is not a registry database", "Check OLIGOMET_DATABASE_URL"),
    sqlite3.SQLITE_CORRUPT: ("The database file is damaged", "Restore the last backup"),
    sqlite3.SQLITE_IOERR: ("The disk failed while the database was used", "Check the disk, then try again"),
}

_POSTGRES_REASONS = {
    "53100": ("The disk of the database server is full: nothing was written", "Free some space and try again"),
    "25006": ("The database is read-only", "Use the primary server, or an account that may write"),
    "42501": ("The database account lacks a privilege", "Ask the administrator for the rights of the registry's role"),
    "55P03": ("The rows are being written by somebody else", "Try again when they have finished"),
}


_COLLISIONS = ("40001", "40P01")
_ATTEMPTS = 5


def begun_anew(act: Callable[P, T]) -> Callable[P, T]:
    """An action of one transaction that begins anew where the database gave it up for another writer."""

    @functools.wraps(act)
    def again(*arguments: P.args, **options: P.kwargs) -> T:
        for _ in range(_ATTEMPTS - 1):
            with suppress(Collided):
                return act(*arguments, **options)
            time.sleep(random.uniform(0.01, 0.1))
        return act(*arguments, **options)

    return again


def _explain(error: BaseException) -> EnvironmentRefused | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        reason = _SQLITE_REASONS.get(code & 0xFF) if code is not None else None
        return EnvironmentRefused(reason[0], remedy=reason[1]) if reason else None
    if isinstance(error, psycopg.Error):
        if error.sqlstate in _COLLISIONS:
            return Collided("Another writer changed the same rows", remedy="Try again")
        reason = _POSTGRES_REASONS.get(error.sqlstate or "")
        if reason:
            return EnvironmentRefused(reason[0], remedy=reason[1])
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return EnvironmentRefused(
                "The connection to the database was refused or lost: what was under way was not written",
                remedy="Check that the server runs and that OLIGOMET_DATABASE_URL is right, then try again",
            )
    return None


def sqlite_file(engine: Engine) -> Path | None:
    """The file of an embedded database; None for a server."""
    if not is_sqlite(engine):
        return None
    if not engine.url.database:
        raise UsageError("A registry in memory would be gone at once", remedy="Name a file: sqlite:///path/to/file.db")
    return Path(engine.url.database)
