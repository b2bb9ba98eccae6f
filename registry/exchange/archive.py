"""A zip file of data files: unpacked with distrust, and packed."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from registry.errors import InputRefused
from registry.exchange.xlsx.package import BREAKAGE, reason

MOST_FILES = 200
"""Files in an archive; the registry has some fifteen tables."""

LARGEST, RATIO = 1 << 30, 200
"""Bytes that an archive may unpack to, and how many times its own size: tables shrink by 5 to 30."""

LONGEST_NAME = 50
"""Characters of a file's name before its suffix; a file system counts 255 bytes."""

SMALL = 10_000_000
"""Unpacked bytes up to which the ratio does not matter."""


def unpack(path: Path, folder: Path) -> list[str]:
    """Writes the CSV files of an archive into a folder; returns the names of what else is in it.

    Folders in the archive are not made: a file keeps the last part of its name, whatever stands before it.

    Args:
        path: of the archive.
        folder: exists; files of the same names in it are not written over.

    Raises InputRefused for what is no sound archive, for a zip bomb, and where two files have the same name.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpack(archive, path, folder)
    except InputRefused:
        raise
    except BREAKAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        remedy = "Pack it again, or send the files one by one"
        raise InputRefused(f"The zip file is damaged: {reason(error)}", got=path.name, remedy=remedy) from error


def _unpack(archive: zipfile.ZipFile, path: Path, folder: Path) -> list[str]:
    parts = [part for part in archive.infolist() if not part.is_dir()]
    if any(part.flag_bits & 1 for part in parts):
        raise InputRefused("The zip file is protected by a password", got=path.name, remedy="Pack it without one")
    size, packed = sum(part.file_size for part in parts), path.stat().st_size
    if len(parts) > MOST_FILES or size > LARGEST or (size > SMALL and size > RATIO * packed):
        raise InputRefused(
            f"The zip file would unpack to {len(parts):,} files of {size / 1e6:,.0f} MB, more than tables of rows hold",
            got=path.name,
            remedy="Pack only the tables, or import them on the command line",
        )
    others = []
    for part in parts:
        name = PurePosixPath(part.filename.replace("\\", "/")).name
        if name.startswith(".") or not name.lower().endswith(".csv"):
            others.append(name)
            continue
        target = folder / safe_name(name)
        try:
            with archive.open(part) as packed_file, target.open("xb") as file:
                shutil.copyfileobj(packed_file, file)
        except FileExistsError:
            remedy = "Keep one of them"
            raise InputRefused("There are several files of this name", got=target.name, remedy=remedy) from None
    return others


def safe_name(name: str) -> str:
    """A file's name as somebody else gave it, so that it names a file in the folder that it is written to."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(sign if sign.isprintable() and sign not in ':*?"<>|' else "_" for sign in last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if not stem:
        return plain[:LONGEST_NAME] or "file"
    return f"{stem[:LONGEST_NAME]}{dot}{suffix[:10]}"


def pack(folder: Path, path: Path) -> None:
    """Writes the files of a folder into an archive, the same bytes for the same files."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(folder.iterdir()):
            part = zipfile.ZipInfo(file.name, date_time=(1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            with file.open("rb") as content, archive.open(part, "w", force_zip64=True) as packed:
                shutil.copyfileobj(content, packed, 1 << 20)
