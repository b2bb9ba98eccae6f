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


def readings_of(path: Path | None) -> Readings:
    """The readings in a file; where none is named the administrator's, where there are none the program's own.

    Raises UsageError where a file cannot be read, or holds something else.
    """
    from analytics.consensus.readings import DEFAULT, Readings

    chosen = path if path is not None else home() / FILE
    if path is None and not chosen.exists():
        return DEFAULT
    try:
        text = chosen.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file cannot be read", got=str(chosen), remedy="Name a text file in UTF-8") from None
    return Readings.from_toml(text)
