"""What lies beside the database in the registry's home and belongs to it: what of that a backup holds, and restores."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from registry.backup.sqlite import copy_file
from registry.database import home

REPLACED = ("readings.toml",)
"""Part of the state of a registry: of a restored one they are those of the backup, or none."""

IDENTITIES = "identities.db"
ADDED = ("settings.toml", "snapshots", IDENTITIES, "keys")
"""Of the installation, never changed once they are there, or sealed with a key of their time: a restore brings only
what is missing."""

KEYS = "keys"


def is_beside(path: PurePosixPath) -> bool:
    """Whether a backup may hold a file of the home."""
    return bool(path.parts) and path.parts[0] in (*REPLACED, *ADDED)


def files_beside(*, with_keys: bool) -> Iterator[tuple[str, Path]]:
    """The files of the home that go into a backup: path in the home, and where it lies. No link is followed."""
    for name in (*REPLACED, *ADDED):
        if name == KEYS and not with_keys:
            continue
        root = home() / name
        if root.is_file() and not root.is_symlink():
            yield name, root
        for folder, folders, files in os.walk(root):
            folders[:] = [found for found in folders if not found.startswith(".")]  # what is half written
            for file in files:
                path = Path(folder) / file
                if not path.is_symlink():
                    yield path.relative_to(home()).as_posix(), path


def copy_beside(source: Path, target: Path) -> None:
    """A copy of a file of the home that only its owner can read; of a database as of one moment."""
    if source.name != IDENTITIES:
        copy_private(source, target)
        return
    _make_private(target.parent)
    copy_file(source, target)


def copy_private(source: Path, target: Path) -> None:
    """A copy that only its owner can read."""
    _make_private(target.parent)
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as written, source.open("rb") as read:
        shutil.copyfileobj(read, written, 1 << 20)
        written.flush()
        os.fsync(written.fileno())


def _make_private(folder: Path) -> None:
    for missing in reversed([path for path in (folder, *folder.parents) if not path.exists()]):
        missing.mkdir(mode=0o700)


def put_beside(staged: Path, aside: Path, undo: ExitStack) -> list[str]:
    """Puts what was staged from a backup into the home; what it replaces is moved aside.

    Args:
        staged: a folder in the home, with the files of the backup at their paths.
        aside: a folder in the home, for what is replaced; made where there is something.
        undo: is told how each step is taken back.

    Returns the names of what the home has now from the backup.
    """
    brought = []
    for name in REPLACED:
        now, new = home() / name, staged / name
        if now.exists():
            aside.mkdir(exist_ok=True, mode=0o700)
            _move(now, aside / name, undo)
        if new.exists():
            _move(new, now, undo)
            brought.append(name)
    for name in _units(staged):
        if not (home() / name).exists():
            _make_private((home() / name).parent)
            _move(staged / name, home() / name, undo)
            brought.append(name)
    return brought


def _units(staged: Path) -> Iterator[str]:
    """What is brought as a whole or not at all: a file, a snapshot, a key."""
    for name in ADDED:
        if (staged / name).is_file():
            yield name
        elif (staged / name).is_dir():
            yield from (f"{name}/{path.name}" for path in sorted((staged / name).iterdir()))


def _move(source: Path, target: Path, undo: ExitStack) -> None:
    source.rename(target)
    undo.callback(target.rename, source)
