"""Backup of a database on a server: dumped as of one transaction; restored under another name, then renamed."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy.engine import URL, Connection

from registry.backup.postgres_tools import address, run, tool
from registry.database import environment
from registry.errors import EnvironmentRefused
from registry.progress import Progress

Beside = psycopg.Connection[tuple[Any, ...]]
"""A connection to another database of the same server."""

_MAINTENANCE = ("postgres", "template1")
"""Databases that every server has, from which another one can be renamed."""

_STAGED = "_restoring_"
_LEAVING_SECONDS = 3
"""How long the server may take to notice that a program has left."""

_LONGEST = 40
"""Characters of a name that are kept in front of what is added to it; PostgreSQL keeps 63 in all."""


def server_version(connection: Connection) -> int:
    """The major version of the server."""
    return int(connection.execute(sa.text("SHOW server_version_num")).scalar_one()) // 10_000


def dump(connection: Connection, url: URL, target: Path, progress: Progress) -> None:
    """Dumps the database as a reading transaction sees it; others write meanwhile."""
    program = tool("pg_dump", server_version(connection))
    snapshot = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
    size = connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one()
    target.touch(0o600, exist_ok=False)

    def watch() -> None:
        # A dump is compressed: a quarter of the database is about what it becomes.
        progress(min(0.99, 4 * target.stat().st_size / max(int(size), 1)), "dumping the database")

    run([str(program), "--format=custom", f"--snapshot={snapshot}", f"--file={target}"], url, watch)


@contextmanager
def maintenance(url: URL) -> Iterator[Beside]:
    """A connection beside the database, for what cannot be done from within it."""
    with environment(), closing(_connected(url)) as connection:
        yield connection


def _connected(url: URL) -> Beside:
    for name in _MAINTENANCE:
        where, password = address(url.set(database=name))
        try:
            return psycopg.connect(where, password=password, autocommit=True)
        except psycopg.OperationalError:
            if name == _MAINTENANCE[-1]:
                raise
    raise AssertionError("the last one raises")


def is_there(beside: Beside, name: str) -> bool:
    """Whether the server has a database of a name."""
    return beside.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def require_free(beside: Beside, name: str) -> None:
    """Raises EnvironmentRefused while somebody is connected to a database."""
    query = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
    until = time.monotonic() + _LEAVING_SECONDS
    while beside.execute(query, [name]).fetchone() is not None:
        if time.monotonic() > until:
            raise _in_use()
        time.sleep(0.1)


def _in_use() -> EnvironmentRefused:
    return EnvironmentRefused("The registry is in use", remedy="Stop the dashboard and other programs, then try again")


def make_staged(beside: Beside, url: URL) -> URL:
    """A new database, in which a backup becomes what it was; those that a killed restore left are removed.

    Raises EnvironmentRefused where the role may make none.
    """
    may = beside.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    if may != (True,):
        remedy = "Restore as a role with CREATEDB that owns the registry's database"
        raise EnvironmentRefused("The database account may not make databases", remedy=remedy)
    begins = f"{(url.database or '')[:_LONGEST]}{_STAGED}"
    for (left,) in beside.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [begins]
    ).fetchall():
        drop(beside, left)
    name = f"{begins}{secrets.token_hex(4)}"
    made = SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(Identifier(name))
    beside.execute(made + _locale(beside, url))
    return url.set(database=name)


def _locale(beside: Beside, url: URL) -> SQL | Any:
    """The order of texts of the database that is replaced, where the system's library gives it."""
    query = "SELECT datcollate, datctype FROM pg_database WHERE datname = %s AND datlocprovider = 'c'"
    found = beside.execute(query, [url.database]).fetchone()
    if found is None:
        return SQL("")
    return SQL(" LC_COLLATE {} LC_CTYPE {}").format(Literal(found[0]), Literal(found[1]))


def load(beside: Beside, staged: URL, dumped: Path, dumped_by: int) -> None:
    """Fills a new database from a dump, in one transaction."""
    program = tool("pg_restore", max(beside.info.server_version // 10_000, dumped_by))
    run([str(program), "--exit-on-error", "--single-transaction", "--no-owner", str(dumped)], staged)


def put_in_place(beside: Beside, url: URL, staged: URL, kept: str, undo: ExitStack) -> None:
    """Gives a filled database the registry's name; the one that had it is kept under another. Both, or neither.

    Args:
        undo: is told how that is taken back.

    Raises EnvironmentRefused while somebody uses it.
    """
    live, new = str(url.database), str(staged.database)
    if not is_there(beside, live):
        _rename(beside, (new, live))
        undo.callback(_rename, beside, (live, new))
        return
    _rename(beside, (live, kept), (new, live))
    undo.callback(_rename, beside, (live, new), (kept, live))


def kept_name(url: URL, stamp: str) -> str:
    """What a replaced database is called."""
    return f"{(url.database or '')[:_LONGEST]}_before_{stamp}"


def _rename(beside: Beside, *pairs: tuple[str, str]) -> None:
    try:
        with beside.transaction():
            for old, new in pairs:
                renaming = SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(old), Identifier(new))
                beside.execute(renaming)
    except psycopg.errors.ObjectInUse:
        raise _in_use() from None


def drop(beside: Beside, name: str) -> None:
    """Removes a database that is nobody's registry."""
    beside.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
