"""Restores a registry from a backup: all of it, verified before anything is replaced, or nothing."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import anchor, audit, delays, schema, sessions, times
from registry.access import Actor, Permission
from registry.audit import Head
from registry.backup import postgres, sqlite
from registry.backup.beside import copy_private, put_beside
from registry.backup.census import Census, census
from registry.backup.manifest import BESIDE, Manifest, changed, check_files, read_manifest
from registry.database import database_url, environment, home, open_engine, reading, sqlite_file, writing
from registry.errors import EnvironmentRefused, InputRefused, TrailBroken
from registry.progress import Progress, part_of, untold
from registry.replay import verify_record
from registry.schema import State

_STAGED = ".restoring-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Args:
        manifest: of the backup.
        head: of the trail, with the entry about the restore.
        broken: what is wrong with the trail, where that was accepted; None where it is whole.
        kept: where the replaced database lies; None where there was none.
        kept_beside: the folder of what was replaced beside it; None where there was nothing.
        brought: what the home has now from the backup.
    """

    manifest: Manifest
    head: Head
    broken: str | None
    kept: str | None
    kept_beside: Path | None
    brought: list[str]


def what_is_there(engine: Engine) -> Census | None:
    """What the database of the environment holds that a restore would replace; None for an empty one.

    Of a database that cannot be read it says that there is one.
    """
    path = sqlite_file(engine)
    if path is not None and not path.exists():
        return None
    try:
        with reading(engine) as connection:
            found = census(connection)
    except (EnvironmentRefused, sa.exc.DBAPIError):
        if path is None:
            return None if not _exists(engine) else Census("", {"?": 1}, Head(0, ""))
        return Census("", {"?": 1}, Head(0, ""))
    return found if found.tables else None


def _exists(engine: Engine) -> bool:
    with postgres.maintenance(engine.url) as beside:
        return postgres.is_there(beside, str(engine.url.database))


def restore_backup(
    place: Path,
    *,
    by: Actor,
    accept_broken: bool = False,
    progress: Progress = untold,
    source: str = "command line",
) -> Restored:
    """Makes the registry of the environment what a backup holds.

    The backup is held against its manifest and filled into a database beside the registry's; there its rows are
    counted and its trail is verified. Only then it takes the registry's place, in one step. What it replaces is kept.
    Sessions are not restored: some of them were signed out since.

    Args:
        accept_broken: restore also what `audit verify` finds broken, such as a trail that was so when it was backed up.

    Raises:
        InputRefused: the backup is not what was written, or of another kind of database.
        TrailBroken: its trail or record is not what was written.
        EnvironmentRefused: the database or the disk refuses, or the registry is in use.
        PermissionRefused: somebody who may not restore.
    """
    by.require(Permission.BACKUP)
    manifest = read_manifest(place)
    engine = open_engine(database_url())
    if manifest.kind != engine.dialect.name:
        raise InputRefused(
            f"The backup is of a {manifest.kind} database, the registry's is {engine.dialect.name}",
            remedy="Restore it where the database is of its kind; between kinds, export and import",
        )
    check_files(place, manifest, part_of(progress, 0.0, 0.2))
    stamp = times.now().strftime("%Y%m%d%H%M%S")
    told = part_of(progress, 0.2, 0.95)
    aside = home() / f"before-restore-{stamp}"
    try:
        with _staged_beside(place, manifest) as beside, ExitStack() as held, ExitStack() as undo:
            work = _Work(engine, place, manifest, stamp, by, source, accept_broken, told, held, undo)
            head, broken, kept = _sqlite(work) if manifest.kind == "sqlite" else _postgres(work)
            brought = put_beside(beside, aside, undo)
            undo.pop_all()  # from here on it is done
    except OSError as error:
        remedy = "Check the space and rights of OLIGOMET_HOME and of the database's folder"
        raise EnvironmentRefused(
            "The backup cannot be restored: nothing was changed", got=error.strerror, remedy=remedy
        ) from error
    finally:
        engine.dispose()
    anchor.remember(engine, head)
    progress(1.0, "done")
    return Restored(manifest, head, broken, kept, aside if aside.is_dir() else None, brought)


@dataclass(frozen=True, slots=True)
class _Work:
    """One restore: what is restored over what, in whose name, and who is told.

    Args:
        stamp: in the names of what is kept.
        held: is closed at the end, however that is.
        undo: takes back what was done; forgotten when all is done.
    """

    engine: Engine
    place: Path
    manifest: Manifest
    stamp: str
    by: Actor
    source: str
    accept_broken: bool
    progress: Progress
    held: ExitStack
    undo: ExitStack


@contextmanager
def _staged_beside(place: Path, manifest: Manifest) -> Iterator[Path]:
    """What lies beside the database in the backup, copied into the home, from where it is moved in at the end."""
    home().mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in home().glob(f"{_STAGED}*"):  # by a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    staged = home() / f"{_STAGED}{secrets.token_hex(4)}"
    try:
        staged.mkdir(mode=0o700)
        for name in manifest.files:
            if name.startswith(f"{BESIDE}/"):
                copy_private(place / name, staged / name.removeprefix(f"{BESIDE}/"))
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


_Put = tuple[Head, str | None, str | None]


def _sqlite(work: _Work) -> _Put:
    live = sqlite_file(work.engine)
    assert live is not None
    live.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    staged = sqlite.staged_name(live)
    sqlite.forget_staged(live)
    work.held.callback(sqlite.forget_staged, live)
    copy_private(work.place / work.manifest.database, staged)
    head, broken = _verified(open_engine(f"sqlite:///{staged}"), work)
    kept = live.with_name(f"{live.stem}.before-{work.stamp}{live.suffix}")
    with environment():
        was_there = sqlite.put_in_place(work.engine, staged, live, kept, work.undo)
    return head, broken, str(kept) if was_there else None


def _postgres(work: _Work) -> _Put:
    url = work.engine.url
    was_there = what_is_there(work.engine) is not None
    work.engine.dispose()  # a database is renamed only while nobody is connected to it
    beside = work.held.enter_context(postgres.maintenance(url))
    postgres.require_free(beside, str(url.database))
    staged = postgres.make_staged(beside, url)
    work.held.callback(postgres.drop, beside, str(staged.database))  # unless it has another name by then
    work.progress(0.05, "loading the database")
    postgres.load(beside, staged, work.place / work.manifest.database, int(work.manifest.server or 0))
    head, broken = _verified(open_engine(staged), work)
    kept = postgres.kept_name(url, work.stamp)
    postgres.put_in_place(beside, url, staged, kept, work.undo)
    if not was_there:
        work.held.callback(postgres.drop, beside, kept)  # an empty database is not worth keeping
    return head, broken, kept if was_there else None


def _verified(engine: Engine, work: _Work) -> tuple[Head, str | None]:
    """Holds a database that was filled from a backup against manifest and trail; notes the restore in its trail."""
    manifest = work.manifest
    try:
        with reading(engine) as connection:
            found = census(connection)
            state = schema.state(connection)
        if found != Census(manifest.schema, manifest.tables, Head(**manifest.head)):
            raise changed(manifest.database)
        if state is State.NEW:
            remedy = f"Restore it with oligomet {manifest.program} or a later version"
            raise EnvironmentRefused("The backup was made by a newer version of oligomet", remedy=remedy)
        schema.create_or_upgrade(engine)
        with reading(engine) as connection:
            problem = _problem(connection, found.head, part_of(work.progress, 0.3, 0.9))
        if problem is not None and not work.accept_broken:
            remedy = "Take another backup; nothing changed"
            raise TrailBroken(f"The trail of the backup is broken: {problem}", remedy=remedy)
        with writing(engine) as connection:
            sessions.forget_all(connection)
            delays.forget_all(connection)
            reason = f"restored to revision {found.head.number}, backup of {manifest.made_at[:16]} UTC"
            event, name = audit.Event.RESTORE, work.place.name
            audit.happened(connection, event, name, by=work.by.name, reason=reason, source=work.source)
            return audit.head(connection), problem
    except sa.exc.DatabaseError as error:
        raise changed(manifest.database) from error
    finally:
        engine.dispose()


def _problem(connection: Connection, head: Head, progress: Progress) -> str | None:
    """What `audit verify` would say; None where everything is as it was written."""
    progress(0.0, "verifying the trail")
    broken = audit.verify_chain(connection, known=head if head.number else None)
    if broken is None:
        broken = verify_record(connection, lambda share: progress(0.3 + 0.7 * share, "verifying the record"))
    return broken.problem if broken is not None else None


def document(restored: Restored) -> dict[str, Any]:
    """What was restored, as JSON prints it."""
    return {
        "made_at": restored.manifest.made_at,
        "tables": restored.manifest.tables,
        "head": {"number": restored.head.number, "hash": restored.head.hash},
        "intact": restored.broken is None,
        "broken": restored.broken,
        "kept": restored.kept,
        "kept_beside": str(restored.kept_beside) if restored.kept_beside else None,
        "brought": restored.brought,
    }
