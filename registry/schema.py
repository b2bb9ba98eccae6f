"""The schema of the database: created and upgraded by migrations, and compared with what this program needs."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from enum import Enum
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from registry.database import reading, sqlite_file, writing
from registry.errors import EnvironmentRefused

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class State(Enum):
    """How a database stands to this program."""

    EMPTY = "empty"
    FOREIGN = "foreign"
    OLD = "old"
    CURRENT = "current"
    NEW = "new"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, on a connection of ours where one is given."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def state(connection: Connection) -> State:
    """How the database of a connection stands to the newest migration."""
    scripts = ScriptDirectory.from_config(config())
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        tables = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        return State.FOREIGN if tables else State.EMPTY
    if found == scripts.get_current_head():
        return State.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return State.OLD if found in known else State.NEW


_REFUSALS = {
    State.EMPTY: ("There is no registry in this database yet", "Create it with `oligomet init`"),
    State.FOREIGN: ("The database holds other tables but no registry", "Name another one in OLIGOMET_DATABASE_URL"),
    State.OLD: ("The database was made by an older version of oligomet", "Back it up, then run `oligomet init`"),
    State.NEW: ("The database was made by a newer version of oligomet", "Install that version of the program"),
}


def require_current(engine: Engine) -> None:
    """Raises EnvironmentRefused unless the database is one that this program can work on."""
    path = sqlite_file(engine)
    found = State.EMPTY
    if path is None or path.exists():  # opening an absent SQLite file would create it
        with reading(engine) as connection:
            found = state(connection)
    if found is not State.CURRENT:
        problem, remedy = _REFUSALS[found]
        raise EnvironmentRefused(problem, remedy=remedy)


def create_or_upgrade(engine: Engine) -> State:
    """Brings the database to the newest schema in one transaction; returns the state that it was found in.

    Raises EnvironmentRefused for a database that is newer than the program, or that is somebody else's.
    """
    path = sqlite_file(engine)
    if path is not None and not path.exists():
        create_private(path)
    with writing(engine) as connection:
        found = state(connection)
        if found in (State.FOREIGN, State.NEW):
            problem, remedy = _REFUSALS[found]
            raise EnvironmentRefused(problem, remedy=remedy)
        command.upgrade(config(connection), "head")
    return found


def create_private(path: Path) -> None:
    """An empty file that only its owner can read: it will hold patients."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")  # readers and the writer do not wait for each other
    except OSError as error:
        raise EnvironmentRefused(
            "The database file cannot be created",
            got=error.strerror,
            remedy="Check the path and the rights of its folder",
        ) from error
