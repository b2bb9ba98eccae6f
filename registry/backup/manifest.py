"""The manifest of a backup: what it holds, of when and by whom, and how a change of it is found."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from registry.backup.beside import is_beside
from registry.errors import EnvironmentRefused, InputRefused
from registry.progress import Progress, untold

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "oligomet.db", "postgresql": "oligomet.dump"}
"""Kind of database -> the file of a backup that holds it."""

BESIDE = "home"
"""The folder of a backup that holds what lies beside the database."""

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What is said of a backup.

    Attributes:
        made_at, made_by: UTC time, and who.
        program: version of oligomet.
        kind: of the database, "sqlite" or "postgresql".
        server: version of the database server; None for an embedded database.
        schema: the last migration of the database.
        tables: every table of the database -> its rows.
        head: number and hash of the last revision of the trail.
        files: path in the backup -> its size in bytes and its SHA-256.
        keys: whether the keys are in it.
        format: of the backup.
    """

    made_at: str
    made_by: str
    program: str
    kind: str
    server: str | None
    schema: str
    tables: dict[str, int]
    head: dict[str, Any]
    files: dict[str, dict[str, Any]]
    keys: bool = False
    format: int = FORMAT

    @property
    def database(self) -> str:
        """The file of the backup that holds the database."""
        return DATABASES[self.kind]

    @property
    def bytes(self) -> int:
        """The size of all files together."""
        return sum(int(said["bytes"]) for said in self.files.values())

    def text(self) -> str:
        """The manifest as it is written, with the seal that covers it."""
        document = dataclasses.asdict(self)
        return json.dumps(document | {"seal": _seal(document)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _seal(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def changed(what: str) -> InputRefused:
    """The error for a backup that is not what was written."""
    return InputRefused("The backup is not what was written", got=what, remedy="Take another backup; nothing changed")


def read_manifest(place: Path) -> Manifest:
    """What is said of a backup; its files are not read.

    Raises:
        InputRefused: there is no backup, one of another format, or its manifest was changed.
        EnvironmentRefused: it cannot be read.
    """
    if not place.is_dir():
        raise InputRefused("There is no such backup", got=place.name, remedy="Name the folder of a backup")
    try:
        document = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        seal = document.pop("seal")
        if document["format"] != FORMAT:
            raise InputRefused(
                "The backup was written by another version of the program",
                got=f"format {document['format']}",
                remedy=f"Restore it with oligomet {document.get('program')}",
            )
        if seal != _seal(document):
            raise changed(MANIFEST)
        return _sound(Manifest(**document))
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise InputRefused("This is no backup", got=place.name, remedy=f"Its {MANIFEST} is missing") from None
        raise EnvironmentRefused("The backup cannot be read", got=error.strerror, remedy="Check its rights") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise changed(MANIFEST) from None


def _sound(manifest: Manifest) -> Manifest:
    """A manifest whose files can be where it says: whoever can write a seal could name any file of the machine."""
    if manifest.kind not in DATABASES or manifest.database not in manifest.files:
        raise changed(MANIFEST)
    for name, said in manifest.files.items():
        path = PurePosixPath(name)
        inside = all(_PART.fullmatch(part) for part in path.parts) and str(path) == name
        known = name == manifest.database or (path.parts[0] == BESIDE and is_beside(PurePosixPath(*path.parts[1:])))
        if not (inside and known and int(said["bytes"]) >= 0 and re.fullmatch(r"[0-9a-f]{64}", said["sha256"])):
            raise changed(name)
    return manifest


def check_files(place: Path, manifest: Manifest, progress: Progress = untold) -> None:
    """Raises InputRefused unless the files of a backup are those of its manifest, all of them and no other."""
    found = dict(_files(place))
    missing, foreign = manifest.files.keys() - found.keys(), found.keys() - manifest.files.keys() - {MANIFEST}
    if missing or foreign:
        raise changed(min(missing or foreign))
    for name, size in found.items():
        if name != MANIFEST and size != manifest.files[name]["bytes"]:
            raise changed(name)
    done, total = 0, max(manifest.bytes, 1)
    for name, said in manifest.files.items():
        digest = hashlib.sha256()
        try:
            with (place / name).open("rb") as file:
                while part := file.read(_AT_ONCE):
                    digest.update(part)
                    done += len(part)
                    progress(min(1.0, done / total), "reading the backup")
        except OSError as error:
            raise EnvironmentRefused(
                "The backup cannot be read", got=error.strerror, remedy="Check its disk"
            ) from error
        if digest.hexdigest() != said["sha256"]:
            raise changed(name)


def _files(place: Path) -> Iterator[tuple[str, int]]:
    """The files of a backup with their sizes; a link or a device among them is none of ours."""
    for folder, folders, files in os.walk(place):
        for name in (*folders, *files):
            path = Path(folder) / name
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield path.relative_to(place).as_posix(), path.stat().st_size
            elif not stat.S_ISDIR(mode):
                raise changed(path.relative_to(place).as_posix())


def said_of(path: Path, progress: Progress = untold) -> dict[str, Any]:
    """What a manifest says of a file."""
    digest, size, total = hashlib.sha256(), 0, max(path.stat().st_size, 1)
    with path.open("rb") as file:
        while part := file.read(_AT_ONCE):
            digest.update(part)
            size += len(part)
            progress(size / total, "hashing")
    return {"bytes": size, "sha256": digest.hexdigest()}


def backups_in(folder: Path) -> list[tuple[Path, Manifest | None]]:
    """The backups of a folder, the latest first; None where the manifest of one is not what was written."""
    found: list[tuple[Path, Manifest | None]] = []
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.name.startswith(".") and (path / MANIFEST).is_file():
            try:
                found.append((path, read_manifest(path)))
            except (InputRefused, EnvironmentRefused):
                found.append((path, None))
    return sorted(found, key=lambda item: item[1].made_at if item[1] else "", reverse=True)
