"""The option that names a file of readings, and the readings in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from registry.errors import UsageError

if TYPE_CHECKING:
    from analytics.consensus.readings import Readings

ReadingsFile = Annotated[
    Path | None, typer.Option("--readings", help="A TOML file with other readings of the text than the registry's.")
]


def readings_of(path: Path | None) -> Readings:
    """The readings in a file; the registry's own where none is named.

    Raises UsageError where it cannot be read, or holds something else.
    """
    from analytics.consensus.readings import DEFAULT, Readings

    if path is None:
        return DEFAULT
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file cannot be read", got=str(path), remedy="Name a text file in UTF-8") from None
    return Readings.from_toml(text)
