"""The administrator's readings changed: the file that every command and page reads, with its entry in the trail."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy.engine import Engine

from analytics.consensus.readings import Readings, setting_text
from analytics.readings_file import FILE, readings_of
from registry.access import Actor, Permission
from registry.audit import Change, Event, Writer
from registry.database import home, writing
from registry.errors import EnvironmentRefused, InputRefused
from registry.queries import to_json
from registry.reasons import checked

_HEAD = (
    "# The readings of the consensus that are not the program's own. Every change of this file stands in the trail.\n"
)


def change_readings(
    engine: Engine, seen: Readings, chosen: Readings, *, by: Actor, reason: str, source: str = "command line"
) -> int:
    """Makes other readings those of the registry; returns the number of the revision.

    The file is written within the transaction of the trail: there is no change without its entry, and no entry
    without the change.

    Args:
        seen: the readings that the writer saw before.
        chosen: those that hold from now on.

    Raises:
        InputRefused: nothing would change, there is no reason, or somebody else changed the readings meanwhile.
        EnvironmentRefused: the file or the trail cannot be written.
        PermissionRefused: somebody who may not change readings.
    """
    by.require(Permission.MANAGE_READINGS)
    why = checked(reason)
    if not why:
        raise InputRefused("A change of the readings needs a reason", remedy="Say why")
    before, after = _texts(seen), _texts(chosen)
    moved = [name for name in before if before[name] != after[name]]
    if not moved:
        raise InputRefused("These are the readings already", remedy="Choose another setting")
    path = home() / FILE
    kept: bytes | None = None
    replaced = False
    try:
        with writing(engine) as connection:
            writer = Writer(connection)
            writer.add([_change(name, before[name], after[name]) for name in moved])
            about = ", ".join(moved)
            number = writer.close(by=by.name, reason=why, source=source, event=Event.READINGS, about=about)
            # The end of the chain is ours until the transaction ends: nobody else changes the readings meanwhile.
            if readings_of() != seen:
                raise InputRefused("Somebody else changed the readings meanwhile", remedy="Look at them again")
            kept = path.read_bytes() if path.exists() else None
            _write(path, (_HEAD + chosen.to_toml()).encode())
            replaced = True
        return number
    except OSError as error:
        raise EnvironmentRefused(
            "The readings cannot be written", got=error.strerror, remedy="Check the rights of OLIGOMET_HOME"
        ) from error
    except BaseException:
        if replaced:
            _put_back(path, kept)
        raise


def _texts(readings: Readings) -> dict[str, str]:
    return {name: setting_text(value) for name, value in readings.settings().items()}


def _change(name: str, before: str, after: str) -> Change:
    return Change("readings", name, "", "update", to_json({"setting": before}), to_json({"setting": after}))


def _write(path: Path, content: bytes) -> None:
    """Another content of a file, at once."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _put_back(path: Path, kept: bytes | None) -> None:
    if kept is None:
        path.unlink(missing_ok=True)
    else:
        _write(path, kept)
