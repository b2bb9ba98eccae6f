"""An import of a session: its files, the check that writes nothing, and the one time that it is written.

The files lie in a folder of their own until the import is written or given up, or the session ends. What is under way
is kept by session and not by page: a reloaded page, a second tab or a second click finds the same import.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from dashboard import store, trail, workplace
from dashboard.jobs import Job, Progress
from dashboard.who import session, signed
from registry import actions
from registry.access import Actor, Permission
from registry.errors import InputRefused
from registry.exchange.archive import safe_name, unpack
from registry.exchange.formats import open_source
from registry.exchange.mapping import MappedSource, draft
from registry.exchange.xlsx.package import open_package
from registry.intake.intake import Outcome
from registry.intake.rows import Source
from registry.tables import PATIENT_TABLES, TABLES

LARGEST_MB = 100
"""What the files of an import may have together; tables of about 50 000 patients."""

LONGEST_MAPPING = 200_000
AT_ONCE_SECONDS = 1.5
"""How long a page waits before it shows the progress instead of the result."""

THROUGH = "dashboard, import of"


class Kind(StrEnum):
    """What is brought in."""

    TABLES = "tables of the registry"
    REDCAP = "REDCap export"
    OWN = "own spreadsheet"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    Args:
        outcome: the rows, and what is wrong with them.
        unmapped: columns that a mapping leaves aside.
        notes: what else is to be known of the reading.
    """

    outcome: Outcome
    unmapped: Sequence[str] = ()
    notes: Sequence[str] = ()


class Import:
    """One import, from its files to what became of it.

    Args:
        kind: how the files are read.
        folder: of its own.
        path: of the file, or of a folder of files.
        left: names in an archive that are not read.
    """

    def __init__(self, kind: Kind, folder: Path, path: Path, left: Sequence[str]) -> None:
        self.kind, self.path, self.left = kind, path, left
        self.mapping = self.reason = ""
        self.check: Job[Checked] | None = None
        self.write: Job[Outcome] | None = None
        self._folder = folder
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What the files are called together."""
        return self.path.name

    @property
    def running(self) -> Job[Checked] | Job[Outcome] | None:
        """What is under way."""
        return next((job for job in (self.write, self.check) if job is not None and not job.done), None)

    def sheets(self) -> list[str]:
        """The sheets of a workbook; none of a CSV file."""
        if self.path.suffix.lower() != ".xlsx":
            return []
        return [sheet.name for sheet in open_package(self.path).sheets]

    def draft(self, sheet: str | None) -> str:
        """A first mapping, guessed from the header; raises InputRefused where the file cannot be read."""
        return draft(self.path, sheet=sheet)

    def begin_check(self, by: Actor) -> None:
        """Begins to read and check the files; nothing is written. Does nothing while something is under way."""
        by.require(Permission.IMPORT)
        with self._lock:
            if self.running is None and self.written is None:
                self.write = None
                self.check = Job(lambda progress: self._checked(by, progress))

    def begin_write(self, by: Actor, reason: str) -> None:
        """Begins to write what was checked; a second call, or one without a check that found no error, does nothing."""
        by.require(Permission.IMPORT)
        with self._lock:
            if self.write is not None or self.check is None or not self.check.done or self.check.failed:
                return
            found = self.check.result().outcome
            if not found.problems and found.written:
                self.write = Job(lambda progress: self._written(by, reason, found.changes(), progress))

    @property
    def written(self) -> Outcome | None:
        """What was written, where the rows are in the registry."""
        if self.write is None or not self.write.done or self.write.failed or self.write.result().problems:
            return None
        return self.write.result()

    def _checked(self, by: Actor, progress: Progress) -> Checked:
        source = self._source()
        outcome = actions.import_source(store.engine(), source, by=by, reason=None, dry_run=True, progress=progress)
        return Checked(outcome, getattr(source, "unmapped", ()), getattr(source, "notes", ()))

    def _written(self, by: Actor, reason: str, agreed: str, progress: Progress) -> Outcome:
        outcome = actions.import_source(
            store.engine(),
            self._source(),
            by=by,
            reason=reason,
            agreed=agreed,
            through=THROUGH,
            progress=progress,
        )
        if not outcome.problems:
            workplace.remove(self._folder)
        return outcome

    def _source(self) -> Source:
        if self.kind is Kind.OWN:
            mapping = self._folder / "mapping.toml"
            try:
                mapping.write_text(self.mapping, encoding="utf-8", errors="replace")
            except OSError as error:
                raise workplace.unwritable(error) from error
            return MappedSource(self.path, mapping)
        return open_source(self.path, "redcap" if self.kind is Kind.REDCAP else None)

    def give_up(self) -> None:
        """Ends what is under way, and removes the files when it has ended."""
        job = self.running
        if job is None:
            workplace.remove(self._folder)
            return
        job.cancel()
        job.after(lambda: workplace.remove(self._folder))


_open: dict[str, Import] = {}
_lock = threading.Lock()


def current() -> Import | None:
    """The import of the viewer's session; None where there is none."""
    found = session()
    found.actor.require(Permission.IMPORT)
    with _lock:
        return _open.get(found.reference)


def begin(kind: Kind, files: Sequence[tuple[str, bytes]]) -> Import:
    """Keeps uploaded files, in place of those that the session had before.

    Args:
        kind: how they are to be read.
        files: the name that the browser gave, and the content.

    Raises InputRefused for files that do not belong together or cannot be unpacked, EnvironmentRefused where they
    cannot be kept.
    """
    found = session()
    found.actor.require(Permission.IMPORT)
    if sum(len(content) for _, content in files) > LARGEST_MB * 1_000_000:
        remedy = "Import them on the command line"
        raise InputRefused(f"The files have more than {LARGEST_MB} MB together", remedy=remedy)
    folder = workplace.new_folder()
    try:
        path, left = _keep(kind, folder, [(safe_name(name), content) for name, content in files])
    except OSError as error:
        workplace.remove(folder)
        raise workplace.unwritable(error) from error
    except BaseException:
        workplace.remove(folder)
        raise
    made = Import(kind, folder, path, left)
    give_up()
    with _lock:
        _open[found.reference] = made
    return made


def check(work: Import) -> None:
    """Begins to check an import for the viewer; waits a moment, in which most are done."""
    work.begin_check(_may_import())
    _wait(work)


def write(work: Import, reason: str) -> None:
    """Begins to write a checked import for the viewer; a second call does nothing."""
    work.begin_write(_may_import(), reason)
    _wait(work)


def seen(differences: Sequence[Mapping[str, Any]]) -> None:
    """Notes that the viewer sees stored values of patients."""
    who = session()
    for one in differences:
        if one["table"] in PATIENT_TABLES:
            key = str(one["key"])
            trail.viewed(who, key.rpartition("/")[0] if len(TABLES[one["table"]].keys) > 1 else key)


def _may_import() -> Actor:
    who = session().actor
    who.require(Permission.IMPORT)
    return who


def _wait(work: Import) -> None:
    job = work.running
    if job is not None:
        job.wait(AT_ONCE_SECONDS)


def _keep(kind: Kind, folder: Path, files: Sequence[tuple[str, bytes]]) -> tuple[Path, list[str]]:
    """Writes the files; returns the path to read, and what in an archive is left aside."""
    suffixes = {name.rpartition(".")[2].lower() for name, _ in files}
    if len(files) == 1 and suffixes == {"zip"} and kind is not Kind.OWN:
        packed, inside = folder / "packed" / files[0][0], folder / files[0][0]
        for made in (packed.parent, inside):
            made.mkdir(mode=0o700)
        _write(packed, files[0][1])
        left = unpack(packed, inside)
        packed.unlink()
        return inside, left
    if len(files) > 1 and (suffixes != {"csv"} or kind is Kind.OWN):
        one = "one CSV file or one workbook" if kind is Kind.OWN else "CSV files, or one workbook, or one zip file"
        raise InputRefused("These files do not belong together", remedy=f"Choose {one}")
    inside = folder / (f"{len(files)} files" if len(files) > 1 else "file")
    inside.mkdir(mode=0o700)
    for name, content in files:
        _write(inside / name, content)
    return (inside / files[0][0] if len(files) == 1 else inside), []


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        remedy = "Keep one of them"
        raise InputRefused("There are several files of this name", got=path.name, remedy=remedy) from None


def give_up() -> None:
    """Gives up the import of the viewer's session."""
    with _lock:
        found = _open.pop(session().reference, None)
    if found is not None:
        found.give_up()


def end_left() -> None:
    """Gives up the imports of sessions that have ended."""
    with _lock:
        references = list(_open)
    for reference in references:
        if signed(reference) is None:
            with _lock:
                found = _open.pop(reference, None)
            if found is not None:
                found.give_up()
