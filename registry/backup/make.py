"""Makes a backup of the registry while it is in use."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.engine import Engine

from registry import audit, schema, times
from registry.access import Actor, Permission
from registry.backup import last, postgres, sqlite
from registry.backup.beside import copy_beside, files_beside
from registry.backup.census import Census, census
from registry.backup.manifest import BESIDE, DATABASES, MANIFEST, Manifest, said_of
from registry.database import reading, sqlite_file, writing
from registry.errors import EnvironmentRefused, InputRefused
from registry.progress import Progress, part_of, untold
from registry.schema import State

_DRAFT = ".partial"
_FORGOTTEN_SECONDS = 24 * 3600


def make_backup(
    engine: Engine,
    place: Path,
    *,
    by: Actor,
    with_keys: bool = False,
    progress: Progress = untold,
    source: str = "command line",
) -> Manifest:
    """Writes a backup into a new folder; that it is taken stands in the trail before, since records leave with it.

    Args:
        place: a folder that is not there yet.
        with_keys: also the keys of the home. Whoever has both can read what is encrypted.

    Raises:
        InputRefused: there is something at the place.
        EnvironmentRefused: no registry, no program to dump it, no space; then there is nothing at the place.
        PermissionRefused: somebody who may not back up.
    """
    by.require(Permission.BACKUP)
    if place.exists():
        raise InputRefused("The target exists already", got=place.name, remedy="Name a new one: nothing is overwritten")
    if not place.parent.is_dir():
        raise InputRefused("There is no folder for the backup", got=str(place.parent), remedy="Make it first")
    _note(engine, place.name, by, source)
    _forget_drafts(place)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}{_DRAFT}")
    try:
        draft.mkdir(mode=0o700)
        manifest = _write(engine, draft, by, with_keys, progress)
        _sync(draft)
        if place.exists():  # an empty folder would give way to a rename
            raise FileExistsError
        draft.rename(place)
    except FileExistsError:
        raise InputRefused("The target exists already", got=place.name, remedy="Name a new one") from None
    except OSError as error:
        remedy = "Check the space and the rights of its folder"
        raise EnvironmentRefused("The backup cannot be written", got=error.strerror, remedy=remedy) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    last.note(place, manifest)
    progress(1.0, "done")
    return manifest


def _note(engine: Engine, name: str, by: Actor, source: str) -> None:
    """Writes that a backup is taken; of a database that waits for its upgrade, the trail has no place for it yet."""
    path = sqlite_file(engine)
    found = State.EMPTY
    if path is None or path.exists():
        with reading(engine) as connection:
            found = schema.state(connection)
    if found is State.CURRENT:
        with writing(engine) as connection:
            audit.happened(connection, audit.Event.BACKUP, name, by=by.name, reason="backup", source=source)
    elif found is not State.OLD:
        schema.require_current(engine)


def _write(engine: Engine, draft: Path, by: Actor, with_keys: bool, progress: Progress) -> Manifest:
    kind = engine.dialect.name
    database = draft / DATABASES[kind]
    made_at = times.text(times.now())
    server, counted = _copy_database(engine, database, part_of(progress, 0.0, 0.7))
    files = {database.name: said_of(database, part_of(progress, 0.7, 0.9))}
    progress(0.9, "copying what lies beside the database")
    for name, path in files_beside(with_keys=with_keys):
        copy_beside(path, draft / BESIDE / name)
        files[f"{BESIDE}/{name}"] = said_of(draft / BESIDE / name)
    manifest = Manifest(
        made_at=made_at,
        made_by=by.name,
        program=version("oligomet"),
        kind=kind,
        server=server,
        schema=counted.schema,
        tables=counted.tables,
        head={"number": counted.head.number, "hash": counted.head.hash},
        files=files,
        keys=with_keys,
    )
    written = os.open(draft / MANIFEST, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(written, "w", encoding="utf-8") as file:
        file.write(manifest.text())
    return manifest


def _copy_database(engine: Engine, target: Path, progress: Progress) -> tuple[str | None, Census]:
    """Copies the database and counts what the copy holds: both see one state of it."""
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            sqlite.copy_out(connection, target, progress)
            return None, census(connection)
        postgres.dump(connection, engine.url, target, progress)
        return str(postgres.server_version(connection)), census(connection)


def _sync(folder: Path) -> None:
    """Waits until the disk has what was written."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _forget_drafts(place: Path) -> None:
    """Removes what a killed backup of this name left."""
    for old in place.parent.glob(f".{place.name}.*{_DRAFT}"):
        if time.time() - old.stat().st_mtime > _FORGOTTEN_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
