"""The last backup that was made on this machine, noted beside the registry: that none is recent can be told."""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass
from pathlib import Path

from registry import times
from registry.backup.manifest import Manifest
from registry.database import home

FILE = "last-backup.json"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """A backup that was made.

    Args:
        at: when.
        place: the folder in which it was written; it may have been moved since.
        bytes: its size.
        revision: the number of the last revision of the trail that it holds.
    """

    at: dt.datetime
    place: str
    bytes: int
    revision: int


def note(place: Path, manifest: Manifest) -> None:
    """Notes a backup that is complete; a home that cannot keep it knows of no backup."""
    said = {"at": manifest.made_at, "place": str(place), "bytes": manifest.bytes, "revision": manifest.head["number"]}
    path = home() / FILE
    draft = path.with_name(f".{FILE}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(said) + "\n", encoding="utf-8")
        draft.replace(path)
    except OSError:
        return


def last_backup() -> LastBackup | None:
    """The last backup; None where none was made."""
    try:
        said = json.loads((home() / FILE).read_text(encoding="utf-8"))
        return LastBackup(times.read(said["at"]), str(said["place"]), int(said["bytes"]), int(said["revision"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
