"""The option that names a file of readings, and the readings that hold: of that file, or the administrator's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.database import home
from registry.errors import UsageError

if TYPE_CHECKING:
    from analytics.consensus.readings import Readings

ReadingsFile = Annotated[
    Path | None, typer.Option("--readings", help="A TOML file with other readings of the text than the registry's.")
]

FILE = "readings.toml"
"""In the registry's home: the readings that its administrator has chosen, for every command and page."""


def readings_of(snapshot: str | None = None) -> Readings:
    """The readings that hold: of a snapshot those that it was made under, else those that the administrator chose.

    Raises:
        UsageError: the file of the administrator cannot be read, or there is no such snapshot.
        AnalysisRefused: a snapshot that is not what was written.
    """
    from analytics.consensus.readings import DEFAULT

    if snapshot is not None:
        from analytics.snapshot_manifest import read_manifest

        return read_manifest(snapshot).read_by
    chosen = home() / FILE
    return _read(chosen) if chosen.exists() else DEFAULT


def readings_in(path: Path | None) -> Readings | None:
    """The readings in a file; None where none is named. Raises UsageError where it cannot be read or holds others."""
    return None if path is None else _read(path)


def _read(path: Path) -> Readings:
    from analytics.consensus.readings import Readings

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file cannot be read", got=str(path), remedy="Name a text file in UTF-8") from None
    return Readings.from_toml(text)
