"""Where the commands of the audit get their cohort: part by part from the registry, or from a snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analytics.audit.judged import TABLES_READ, in_parts
from analytics.audit.screening import SCREENING
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.readings import Readings
from analytics.readings_file import readings_of
from analytics.source import read_cohort
from registry.errors import UsageError
from registry.frames import read_frames, read_parts
from registry.terminal import data_cut, open_registry, progress_bar


@dataclass(frozen=True)
class Source:
    """Where the cohort comes from.

    Attributes:
        data_cut_on: as given to the command.
        snapshot: the name of a snapshot; None: the registry.
        readings: of the consensus; None: those of the snapshot or of the registry.
    """

    data_cut_on: str | None
    snapshot: str | None
    readings: Readings | None = None

    def parts(self, patients: int, what: str) -> Iterator[Cohort]:
        """The cohort in parts of so many patients, with a bar that moves as they are used."""
        if self.snapshot is not None:
            yield from in_parts(
                read_cohort((*TABLES_READ, SCREENING), self.data_cut_on, self.snapshot, self.readings), patients
            )
            return
        cut, engine = data_cut(self.data_cut_on), open_registry()
        readings = self.readings or readings_of()
        with progress_bar(what) as tell:
            for share, frames in read_parts(engine, TABLES_READ, patients, once=(SCREENING,)):
                yield cohort_at(frames, cut, readings)
                tell(share, "patients")

    def require_center(self, center: str) -> None:
        """UsageError where there is no such center."""
        if self.snapshot is not None:
            frame = read_cohort(("center", "patient"), self.data_cut_on, self.snapshot, self.readings).frames["center"]
        else:
            frame = read_frames(open_registry(), ("center",))["center"]
        if center not in (known := list(frame["center_id"])):
            raise UsageError("There is no such center", got=center, remedy=f"Take one of {', '.join(known)}")

    def whole(self, tables: Iterable[str], center: str | None = None) -> Cohort:
        """The whole cohort, or all of a center."""
        if center is not None:
            self.require_center(center)
        cohort = read_cohort(tables, self.data_cut_on, self.snapshot, self.readings)
        if center is None:
            return cohort
        patient = cohort.frames["patient"]
        return cohort.of(patient.loc[patient["center_id"] == center, "patient_id"])
