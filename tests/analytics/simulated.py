"""A simulated cohort with its known truth for the tests of the audit, read from its data files without a database."""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path

from analytics.cohort import Cohort, cohort_at
from registry import cells
from registry.simulate import simulate
from registry.tables import TABLES

Row = dict[str, str]


@dataclass(frozen=True)
class Simulated:
    """A simulated cohort.

    Attributes:
        folder: of the data files.
        cohort: at the data cut of the known truth.
        truth: the lines of truth.csv.
        tracked: the rules of known truth.
    """

    folder: Path
    cohort: Cohort
    truth: list[Row]
    tracked: list[str]


def simulated(folder: Path, *, patients: int, seed: int) -> Simulated:
    """Simulate a cohort into a folder and read it."""
    data, truth = folder / "data", folder / "truth"
    simulate(data, patients=patients, seed=seed, truth=truth)
    said = json.loads((truth / "truth.json").read_text(encoding="utf-8"))
    tables = {path.stem: sorted(read(path), key=_place) for path in data.glob("*.csv")}
    frames = cells.frames({name: tables.get(name, []) for name in TABLES})
    cohort = cohort_at(frames, dt.date.fromisoformat(said["data_cut"]))
    return Simulated(data, cohort, read(truth / "truth.csv"), said["rules"])


def _place(row: Row) -> tuple[str, int]:
    """Its place in the order in which the registry reads."""
    of_center = "patient_id" not in row or {"center_id", "record_no"} <= row.keys()
    return row["center_id" if of_center else "patient_id"], int(row.get("record_no", 0))


def read(path: Path) -> list[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
