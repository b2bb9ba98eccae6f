"""Folders for what a session has uploaded or is about to take: for their owner only, and gone with the session."""

from __future__ import annotations

import secrets
import shutil
import time
from pathlib import Path

from registry.database import home
from registry.errors import EnvironmentRefused

OLDEST_SECONDS = 12 * 3600.0
"""What is older was left behind by a server that ended without clearing up."""


def new_folder() -> Path:
    """A folder of its own; raises EnvironmentRefused where it cannot be made."""
    folder = _place() / secrets.token_hex(16)
    try:
        _place().mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise unwritable(error) from error
    return folder


def remove(folder: Path) -> None:
    """Removes a folder with all that is in it."""
    shutil.rmtree(folder, ignore_errors=True)


def remove_old() -> None:
    """Removes what was left behind."""
    for folder in _place().glob("*"):
        if time.time() - folder.stat().st_mtime > OLDEST_SECONDS:
            remove(folder)


def unwritable(error: OSError) -> EnvironmentRefused:
    """What is said where the disk fails."""
    remedy = "Ask the administrator to check the space and the rights of OLIGOMET_HOME"
    return EnvironmentRefused("The server cannot keep the file", got=error.strerror, remedy=remedy)


def _place() -> Path:
    return home() / "work"
