"""What the page of the system reads: the program, the database, the trail's last proof, backups; and a new backup."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa
import streamlit as st

from dashboard import logs, store
from dashboard.data import Moment
from dashboard.settings import read_settings
from dashboard.who import viewer
from registry import anchor, audit, backup, sessions, times
from registry.access import Permission
from registry.audit import Head
from registry.backup import Manifest, last
from registry.backup.census import Census, census
from registry.backup.last import LastBackup
from registry.database import sqlite_file
from registry.errors import EnvironmentRefused
from registry.progress import Progress

SOURCE = "dashboard"


@dataclass(frozen=True, slots=True)
class System:
    """The state of an installation.

    Args:
        database: its kind, with the version of a server.
        address: of the database, without its password.
        bytes: its size.
        revisions: of its trail.
        counted: its schema and the rows of its tables, as of the last change of the record.
        verified, verified_at: the head of the trail when it was last verified here, and when; None where it never was.
        sessions: open ones.
        last_backup: the last one that was made here.
        backups: the folder where the page makes them.
        warn_after: how old the last backup may be.
    """

    program: str
    database: str
    address: str
    bytes: int
    revisions: int
    counted: Census
    verified: Head | None
    verified_at: dt.datetime | None
    sessions: int
    last_backup: LastBackup | None
    backups: Path
    warn_after: dt.timedelta

    @property
    def backup_is_old(self) -> bool:
        """Whether there is no backup, or none that is recent enough."""
        return self.last_backup is None or times.now() - self.last_backup.at > self.warn_after


def system(at: Moment) -> System:
    """The state of the installation."""
    viewer().require(Permission.BACKUP)
    engine, settings = store.engine(), read_settings()
    with store.reading() as connection:
        open_now = sessions.count_open(connection, settings.limits)
        revisions = audit.head(connection).number
        path = sqlite_file(engine)
        if path is not None:
            kind, size = "SQLite", sum(found.stat().st_size for found in path.parent.glob(f"{path.name}*"))
        else:
            kind = f"PostgreSQL {connection.execute(sa.text('SHOW server_version')).scalar_one()}"
            size = int(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())
    return System(
        program=version("oligomet"),
        database=kind,
        address=engine.url.render_as_string(),
        bytes=size,
        revisions=revisions,
        counted=_counted(at),
        verified=anchor.last_verified(engine),
        verified_at=anchor.verified_at(engine),
        sessions=open_now,
        last_backup=last.last_backup(),
        backups=settings.backups,
        warn_after=settings.warn_after,
    )


@st.cache_resource(max_entries=2, show_spinner="Counting …")
def _counted(at: Moment) -> Census:
    with store.reading() as connection:
        return census(connection)


def backups() -> Sequence[tuple[Path, Manifest | None]]:
    """The backups in the folder of the page, the latest first."""
    viewer().require(Permission.BACKUP)
    return backup.backups_in(read_settings().backups)


def make_backup(progress: Progress) -> Path:
    """Makes a backup in the folder of the page; returns its place."""
    who = viewer()
    who.require(Permission.BACKUP)
    folder = read_settings().backups
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        remedy = "Check the rights of the folder that settings.toml names"
        raise EnvironmentRefused("The folder of backups cannot be made", got=error.strerror, remedy=remedy) from error
    place = folder / f"oligomet-{times.now():%Y-%m-%dT%H%M%SZ}"
    backup.make_backup(store.engine(), place, by=who, progress=progress, source=SOURCE)
    logs.told("backup made", name=place.name, by=who.name)
    return place
