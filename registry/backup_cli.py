"""The commands of operations: backup, restore."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from registry.access import Permission, operator
from registry.errors import InputRefused
from registry.terminal import Json, messages, print_json, progress_bar

if TYPE_CHECKING:
    from registry.backup.census import Census
    from registry.backup.manifest import Manifest
    from registry.backup.restore import Restored

app = typer.Typer()


@app.command()
def backup(
    path: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Also the keys: whoever has this backup can then read what is encrypted."),
    ] = False,
    json: Json = False,
) -> None:
    """Back up the registry while it is in use: database, readings, settings, snapshots; without the keys."""
    from registry.backup import make_backup
    from registry.database import open_engine

    who = operator()
    engine = open_engine()
    with progress_bar("Backup") as progress:
        made = make_backup(engine, path.absolute(), by=who, with_keys=with_keys, progress=progress)
    engine.dispose()
    if json:
        print_json({"path": str(path), **dataclasses.asdict(made)})
        return
    rows = f"{sum(made.tables.values())} rows of {sum(count > 0 for count in made.tables.values())} tables"
    _say(f"Backed up {rows}, up to revision {made.head['number']}, to {path}")
    _say("The keys are in it: keep it where nobody else can read it." if with_keys else _KEYS)


_KEYS = "The keys are not in it: keep a copy of OLIGOMET_HOME/keys in another place."


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="The folder of a backup.")],
    yes: Annotated[bool, typer.Option("--yes", help="Replace what is there without asking.")] = False,
    accept_broken: Annotated[
        bool, typer.Option("--accept-broken", help="Also a backup whose trail was broken already when it was made.")
    ] = False,
    json: Json = False,
) -> None:
    """Restore the registry from a backup, verified before anything is replaced; what it replaces is kept."""
    from registry.backup import read_manifest, restore_backup, what_is_there
    from registry.backup.restore import document
    from registry.database import open_engine

    who = operator()
    who.require(Permission.BACKUP)
    manifest = read_manifest(path)
    engine = open_engine()
    there = what_is_there(engine)
    engine.dispose()
    if there is not None and not yes:
        _ask(manifest, there)
    with progress_bar("Restore") as progress:
        done = restore_backup(path, by=who, accept_broken=accept_broken, progress=progress)
    if json:
        print_json(document(done))
    else:
        _show(done)
    if done.broken is not None:
        raise typer.Exit(1)


def _ask(manifest: Manifest, there: Census) -> None:
    """Goes on only where a person says so."""
    if not sys.stdin.isatty():
        raise InputRefused("There is a registry, and nobody to ask", remedy="Use --yes to replace it")
    patients = there.tables.get("patient", "?")
    _say(f"There is a registry of {patients} patients, up to revision {there.head.number}.")
    made, number = manifest.made_at[:16].replace("T", " "), manifest.head["number"]
    _say(f"The backup of {made} UTC has {manifest.tables.get('patient', 0)}, up to revision {number}.")
    _say("What was entered since then will be gone from the registry.")
    typer.confirm("Replace the registry by the backup?", abort=True, err=True)


def _show(done: Restored) -> None:
    _say(f"Restored {done.manifest.tables.get('patient', 0)} patients, as of {done.manifest.made_at[:16]} UTC.")
    if done.brought:
        _say(f"Beside the database: {', '.join(done.brought)}.")
    if done.kept is not None:
        _say(
            f"The registry that was there is kept as {done.kept}. It holds records of patients: remove it when you may."
        )
    if done.kept_beside is not None:
        _say(f"What was replaced beside it is kept in {done.kept_beside}.")
    if done.broken is None:
        _say(f"The trail is intact: {done.head.number} revisions. Head {done.head.number}:{done.head.hash}")
    else:
        messages.print(f"The trail is BROKEN: {done.broken}.", style="bold red", markup=False)


def _say(text: str) -> None:
    messages.print(escape(text), highlight=False)
