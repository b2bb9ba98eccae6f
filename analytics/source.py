"""Where an analysis gets its cohort: the database as it is now, or a named snapshot of it.

What takes long to load is imported by the function that needs it: the commands take their option from here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from registry import terminal
from registry.errors import UsageError

if TYPE_CHECKING:
    from analytics.cohort import Cohort
    from analytics.consensus.readings import Readings

Snapshot = Annotated[
    str | None, typer.Option("--snapshot", metavar="NAME", help="Analyze this snapshot and not the database.")
]
"""The option of every command that analyzes."""

Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="NAME=GROUP,…",
        help="Only patients with one of these groups: route=R-MET,R-SYN, high_cea=yes, center=C01, "
        "detected=2015-2019, … Several options narrow further.",
    ),
]
"""The option of the commands that can take a part of the patients."""


def read_cohort(
    tables: Iterable[str],
    data_cut: str | dt.date | None = None,
    snapshot: str | None = None,
    readings: Readings | None = None,
) -> Cohort:
    """The cohort that an analysis may use.

    Args:
        tables: those that it needs.
        data_cut: the last day that exists, as given to ``--data-cut``; absent: today, or the cut of the snapshot.
        snapshot: the name of a snapshot; absent: the registry of the environment.
        readings: of the consensus; absent: those of the snapshot, or those that the administrator chose.

    Raises:
        UsageError: no such snapshot, a data cut after that of the snapshot, or readings that cannot be read.
        AnalysisRefused: a snapshot that is not what was written.
        EnvironmentRefused: no registry, or one that cannot be read.
    """
    from analytics.cohort import cohort_at
    from analytics.readings_file import readings_of

    chosen = readings or readings_of(snapshot)
    # Another start of the disease-free interval is read from the systemic therapy.
    if chosen.dfi_start != "primary_resection":
        tables = {*tables, "systemic_therapy"}
    if snapshot is not None:
        from analytics.snapshots import read_snapshot

        frozen = read_snapshot(snapshot, tables)
        return cohort_at(frozen.frames, _cut_of_snapshot(data_cut, frozen.manifest.data_cut), chosen)
    from registry.frames import read_frames

    cut = data_cut if isinstance(data_cut, dt.date) else terminal.data_cut(data_cut)
    return cohort_at(read_frames(terminal.open_registry(), tuple(tables)), cut, chosen)


def _cut_of_snapshot(asked: str | dt.date | None, own: dt.date) -> dt.date:
    if asked is None:
        return own
    cut = asked if isinstance(asked, dt.date) else terminal.data_cut(asked)
    if cut > own:
        raise UsageError(
            f"The snapshot ends on {own.isoformat()}", got=cut.isoformat(), remedy="Give an earlier data cut, or none"
        )
    return cut


def provenance(cohort: Cohort, snapshot: str | None = None) -> dict[str, Any]:
    """What a result says of its data: data cut, fingerprint, the snapshot where it is of one, and the readings."""
    from analytics.fingerprint import fingerprint

    return {
        "data_cut": cohort.data_cut.isoformat(),
        "fingerprint": fingerprint(cohort),
        "snapshot": snapshot,
        "readings": cohort.readings.stated(),
    }


def provenance_text(said: dict[str, Any]) -> str:
    """The same in one line for people."""
    from analytics.fingerprint import SHOWN

    of_snapshot = f", snapshot {said['snapshot']}" if said["snapshot"] else ""
    return f"Data cut {said['data_cut']}{of_snapshot}, fingerprint of the data {said['fingerprint'][:SHOWN]}"
