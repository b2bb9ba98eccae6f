"""The manifest of a snapshot: what it holds, when and by whom it was made, and how a change of it is found."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.consensus.readings import Readings
from registry.database import home
from registry.errors import AnalysisRefused, EnvironmentRefused, UsageError

FORMAT = 1
MANIFEST = "manifest.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Manifest:
    """What is said of a snapshot.

    Attributes:
        name, note: as given.
        data_cut: the last day that exists in it.
        created_at, created_by: UTC time, and who.
        program: version of oligomet.
        readings: of the consensus at that time, as the results print them.
        trail: number and hash of the last revision of the audit trail that it holds.
        fingerprint: of all tables at the data cut.
        tables: name -> rows, SHA-256 of the file, fingerprint of the rows.
        format: of the files.
    """

    name: str
    data_cut: dt.date
    note: str
    created_at: str
    created_by: str
    program: str
    readings: dict[str, Any]
    trail: dict[str, Any]
    fingerprint: str
    tables: dict[str, dict[str, Any]]
    format: int = FORMAT

    @property
    def read_by(self) -> Readings:
        """The readings that it was made under; UsageError where this version of the program has not all of them."""
        return Readings.of({name: self.readings["settings"][name] for name in self.readings["changed"]})

    def to_dict(self) -> dict[str, Any]:
        """The manifest as a document."""
        return dataclasses.asdict(self) | {"data_cut": self.data_cut.isoformat()}


def folder() -> Path:
    """Where the snapshots are."""
    return home() / "snapshots"


def place_of(name: str) -> Path:
    """The folder of a snapshot, whether it is there or not; UsageError for a name that no folder can have."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "This is no name of a snapshot",
            got=name,
            remedy="Take up to 64 letters, digits, dots, - and _, such as paper-2025",
        )
    return folder() / name


def existing(name: str) -> Path:
    """The folder of a snapshot that is there; UsageError where there is none."""
    place = place_of(name)
    if not place.is_dir():
        raise UsageError("There is no such snapshot", got=name, remedy="See oligomet snapshot list")
    return place


def list_snapshots() -> dict[str, Manifest | None]:
    """All snapshots by name; None where the manifest of one is not what was written."""
    names = (path.name for path in folder().iterdir() if path.is_dir()) if folder().is_dir() else ()
    return {name: _whole(name) for name in sorted(names) if _NAME.fullmatch(name)}


def _whole(name: str) -> Manifest | None:
    try:
        return read_manifest(name)
    except AnalysisRefused:
        return None


def read_manifest(name: str) -> Manifest:
    """What is said of a snapshot; UsageError where there is none, AnalysisRefused where it was changed."""
    try:
        document = json.loads((existing(name) / MANIFEST).read_text(encoding="utf-8"))
        seal = document.pop("seal")
        if document["format"] != FORMAT:
            raise AnalysisRefused(
                "The snapshot was written by another version of the program",
                got=f"format {document['format']}",
                remedy=f"Read it with oligomet {document.get('program')}",
            )
        if seal != seal_of(document):
            raise changed(name, MANIFEST)
        return Manifest(**document | {"data_cut": dt.date.fromisoformat(document["data_cut"])})
    except FileNotFoundError:
        raise changed(name, MANIFEST) from None
    except OSError as error:
        raise EnvironmentRefused(
            "The snapshot cannot be read", got=error.strerror, remedy="Check its rights"
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise changed(name, MANIFEST) from None


def changed(name: str, file: str) -> AnalysisRefused:
    """The error for a file of a snapshot that is not what was written."""
    return AnalysisRefused(
        f"The snapshot {name} is not what was written", got=file, remedy="Restore its folder from a backup"
    )


def sha256(content: bytes) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def seal_of(document: Mapping[str, Any]) -> str:
    """What covers all that a manifest says: an edited one no longer fits it."""
    return sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode())
