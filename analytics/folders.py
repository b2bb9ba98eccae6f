"""Folders that are there as a whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path


def write_folder(place: Path, draft: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files of a new folder beside its place, then move it there.

    Args:
        place: where the folder is to be; there must be nothing.
        draft: on the same disk, where it is made; gone afterwards, however this ends.
        contents: name of a file -> what it holds.

    Raises:
        FileExistsError: there is something at the place.
        OSError: the disk refuses.
    """
    try:
        draft.mkdir(mode=0o700)
        for name, content in contents.items():
            with os.fdopen(os.open(draft / name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        # An empty folder would give way to a rename: nothing is overwritten, not even that.
        if place.exists():
            raise FileExistsError(place)
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
