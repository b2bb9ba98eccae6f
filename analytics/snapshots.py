"""Named snapshots: the data of a publication, frozen so that every analysis of it can be made again.

A snapshot is a folder of ``OLIGOMET_HOME/snapshots`` with a Parquet file for each table, as it stood at the data cut,
and ``manifest.json``. It is written beside its place and then moved there, so that it is there as a whole or not at
all; it is never overwritten, and what differs from its manifest is refused. It holds records of patients: its files
are readable by their owner only. Of patients who withdrew their consent it holds that, and nothing else.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.engine import Engine

from analytics.cohort import Frames, cohort_at
from analytics.fingerprint import fingerprint, table_fingerprint
from analytics.folders import write_folder
from analytics.readings_file import readings_of
from analytics.snapshot_manifest import (
    MANIFEST,
    Manifest,
    changed,
    existing,
    folder,
    place_of,
    read_manifest,
    seal_of,
    sha256,
)
from registry import audit, cells
from registry.access import Actor, Permission
from registry.database import reading
from registry.errors import AnalysisRefused, EnvironmentRefused, InputRefused, PermissionRefused, UsageError
from registry.frames import read_frames
from registry.tables import TABLES

REMOVED, DRAFTS = "removed.jsonl", ".drafts"
_ATTEMPTS = 5
_FORGOTTEN_SECONDS = 24 * 3600


@dataclass(frozen=True, eq=False)
class Frozen:
    """A snapshot that was read: typed frames by table, and what is said of them."""

    frames: Frames
    manifest: Manifest


def create_snapshot(engine: Engine, name: str, data_cut: dt.date, *, by: Actor, note: str = "") -> Manifest:
    """Freeze the registry as it stands at a data cut.

    Raises:
        UsageError: a name that no folder can have everywhere.
        InputRefused: there is a snapshot of that name.
        PermissionRefused: somebody who may not export the records of all centers.
        EnvironmentRefused: the database cannot be read or the snapshot not be written.
    """
    _require_all_centers(by)
    place = place_of(name)
    if place.exists():
        raise InputRefused("There is a snapshot of this name", got=name, remedy="Take another name")
    frames, trail = _read_at_one_revision(engine)
    cohort = cohort_at(frames, data_cut, readings_of())
    kept = dict(cohort.frames)
    kept["patient"] = pd.concat([kept["patient"], _only_withdrawal(cohort.withdrawn)], ignore_index=True)
    files = {table: _parquet(frame) for table, frame in kept.items()}
    manifest = Manifest(
        name=name,
        data_cut=data_cut,
        note=note,
        created_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        created_by=by.name,
        program=version("oligomet"),
        readings=cohort.readings.to_dict(),
        trail=dataclasses.asdict(trail),
        fingerprint=fingerprint(cohort),
        tables={
            table: {
                "rows": len(kept[table]),
                "sha256": sha256(content),
                "fingerprint": table_fingerprint(table, kept[table]),
            }
            for table, content in files.items()
        },
    )
    sealed = manifest.to_dict() | {"seal": seal_of(manifest.to_dict())}
    contents = {f"{table}.parquet": content for table, content in files.items()}
    contents[MANIFEST] = (json.dumps(sealed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
    try:
        write_folder(place, _draft(name), contents)
    except OSError as error:
        if place.exists():
            raise InputRefused("There is a snapshot of this name", got=name, remedy="Take another name") from error
        raise EnvironmentRefused(
            "The snapshot cannot be written", got=error.strerror, remedy="Check the space and rights of OLIGOMET_HOME"
        ) from error
    return manifest


def read_snapshot(name: str, tables: Iterable[str] | None = None) -> Frozen:
    """The tables of a snapshot (all of them where none is named), each file held against the manifest.

    Raises:
        UsageError: no such snapshot.
        AnalysisRefused: a file that is not what was written, or that this version of the program cannot read.
        EnvironmentRefused: a file that cannot be read.
    """
    manifest = read_manifest(name)
    wanted = tuple(tables or TABLES)
    return Frozen({table: _read_table(name, manifest, table) for table in wanted}, manifest)


def remove_snapshot(name: str, *, by: Actor, reason: str) -> None:
    """Remove a snapshot, and keep who did it when and why.

    Raises:
        UsageError: no such snapshot, or no reason.
        PermissionRefused: somebody who may not export the records of all centers.
        EnvironmentRefused: it cannot be removed.
    """
    _require_all_centers(by)
    place = existing(name)
    if not reason.strip():
        raise UsageError("A snapshot is removed for a reason", remedy="Give --reason")
    line = {
        "name": name,
        "manifest_sha256": sha256((place / MANIFEST).read_bytes()) if (place / MANIFEST).is_file() else None,
        "removed_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "removed_by": by.name,
        "reason": reason.strip(),
    }
    try:
        with os.fdopen(os.open(folder() / REMOVED, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600), "a") as file:
            file.write(json.dumps(line) + "\n")
        # Moved first: a removal that is interrupted leaves no half of a snapshot under its name.
        draft = _draft(name)
        place.rename(draft)
        shutil.rmtree(draft)
    except OSError as error:
        raise EnvironmentRefused(
            "The snapshot cannot be removed", got=error.strerror, remedy="Check the rights of OLIGOMET_HOME"
        ) from error


def _require_all_centers(by: Actor) -> None:
    by.require(Permission.EXPORT)
    if by.center_id is not None:
        raise PermissionRefused(
            "A snapshot holds the records of all centers, and the account is of one",
            got=by.center_id,
            remedy="Ask an administrator",
        )


def _read_at_one_revision(engine: Engine) -> tuple[Frames, audit.Head]:
    """All tables, and the head of the trail that they belong to."""
    for _ in range(_ATTEMPTS):
        before, frames, after = _head(engine), read_frames(engine), _head(engine)
        if before == after:
            return frames, after
    raise EnvironmentRefused("The registry is being written all the while", remedy="Try again when that has finished")


def _head(engine: Engine) -> audit.Head:
    with reading(engine) as connection:
        return audit.record_head(connection)


def _only_withdrawal(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of patient of which nothing is left but the key, the center and the withdrawal."""
    kept = {"patient_id", "center_id", "consent_status"}
    return rows.assign(
        **{name: rows[name].mask(pd.Series(True, index=rows.index)) for name in rows if name not in kept}
    )


def _parquet(frame: pd.DataFrame) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), content, compression="zstd")
    return content.getvalue()


def _read_table(name: str, manifest: Manifest, table: str) -> pd.DataFrame:
    file = f"{table}.parquet"
    try:
        content = (place_of(name) / file).read_bytes()
    except FileNotFoundError:
        raise changed(name, file) from None
    except OSError as error:
        raise EnvironmentRefused(
            "The snapshot cannot be read", got=error.strerror, remedy="Check its rights"
        ) from error
    said = manifest.tables.get(table)
    if said is None or sha256(content) != said["sha256"]:
        raise changed(name, file)
    return _typed(table, pq.read_table(io.BytesIO(content)).to_pandas(), manifest)


def _typed(table: str, frame: pd.DataFrame, manifest: Manifest) -> pd.DataFrame:
    """The frame in the types that the program has for the table now."""
    declared: dict[str, Any] = {}
    for field in TABLES[table].fields.values():
        declared[field.name] = cells.dtype(field)
        if not field.key:
            declared[field.absent_name] = cells.ABSENT
    gone = [column for column in frame if column not in declared]
    found: dict[str, Any] = {}
    for column, kind in declared.items():
        if column not in frame:
            found[column] = pd.Series(pd.NA, index=frame.index, dtype="object").astype(kind)
        elif frame[column].dtype == kind:
            found[column] = frame[column]
        else:
            found[column] = _cast(frame[column], kind)
            if found[column] is None:
                gone.append(column)
    if gone:
        raise AnalysisRefused(
            f"The snapshot holds what {table} has no longer",
            got=", ".join(gone),
            remedy=f"Read it with oligomet {manifest.program}, which wrote it",
        )
    return pd.DataFrame(found, copy=False)


def _cast(values: pd.Series, kind: Any) -> pd.Series | None:
    """The values in another type; None where one of them has no place in it."""
    try:
        typed = values.astype(kind)
    except (ValueError, TypeError):
        return None
    return typed if typed.isna().sum() == values.isna().sum() else None


def _draft(name: str) -> Path:
    """A place for what is not a snapshot yet, or no longer; those that a killed process left are cleared."""
    drafts = folder() / DRAFTS
    drafts.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder().chmod(0o700)
    for old in drafts.iterdir():
        if time.time() - old.stat().st_mtime > _FORGOTTEN_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    return drafts / f"{name}.{secrets.token_hex(8)}"
