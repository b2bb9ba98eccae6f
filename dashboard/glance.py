"""The registry at a glance: what is counted for each center, form and year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sqlalchemy.engine import Connection

from analytics.cohort import Cohort
from dashboard.lookup import open_queries_by_center
from registry.quality import Completeness, completeness, first_entries, timeliness

UNKNOWN_CENTER = "unknown"


@dataclass(frozen=True, slots=True)
class CenterCounts:
    """What one center entered.

    Args:
        lung: patients with lung metastases in any episode.
        overdue: living patients whose last contact is too old, of those alive.
        entry_delay_days: median from enrollment to first entry.
        answered: the share of cells with a value or a missing-data code.
    """

    center_id: str
    name: str
    patients: int
    episodes: int
    lung: int
    deaths: int
    alive: int
    overdue: int
    entry_delay_days: float | None
    open_queries: int
    answered: float | None


@dataclass(frozen=True, slots=True)
class FormCounts:
    """How far one form is filled: cells with a value, with a missing-data code, and blank."""

    table: str
    filled: int
    coded: int
    blank: int

    @property
    def cells(self) -> int:
        return self.filled + self.coded + self.blank

    @property
    def answered(self) -> float:
        """The share of cells with a value or a missing-data code."""
        return (self.filled + self.coded) / self.cells


@dataclass(frozen=True, slots=True)
class Glance:
    """The registry at a data cut, without patients who withdrew their consent.

    Args:
        forms: of the patients and of the screening log.
        enrolled: for each center and year the number of patients enrolled.
        undated: patients without a date of enrollment.
        first_enrolled, last_enrolled: the period of enrollment; None where there is no date.
        withdrawn: patients who withdrew their consent; they are in no other number.
    """

    centers: tuple[CenterCounts, ...]
    forms: tuple[FormCounts, ...]
    enrolled: Mapping[tuple[str, int], int]
    undated: int
    first_enrolled: dt.date | None
    last_enrolled: dt.date | None
    withdrawn: int

    @property
    def is_empty(self) -> bool:
        """Whether no patient has come in yet."""
        return not (any(center.patients for center in self.centers) or self.withdrawn)

    def total(self, name: str) -> int:
        """The sum of one count over all centers."""
        return sum(getattr(center, name) for center in self.centers)

    @property
    def answered(self) -> float | None:
        """The share of all cells with a value or a missing-data code."""
        cells = sum(form.cells for form in self.forms)
        return sum(form.filled + form.coded for form in self.forms) / cells if cells else None


def glance(connection: Connection, cohort: Cohort) -> Glance:
    """Counts a cohort; the connection is asked for the trail's first entries and the data queries."""
    frames = cohort.frames
    patient = frames["patient"]
    center_of = pd.Series(_centers(patient).to_numpy(), index=patient["patient_id"])
    lines = list(completeness(frames))
    enrolled_on = patient["enrolled_on"]
    dated = enrolled_on.notna()
    by_year = pd.crosstab(_centers(patient)[dated], enrolled_on[dated].dt.year)
    return Glance(
        centers=_center_counts(connection, cohort, center_of, lines),
        forms=_form_counts(lines),
        enrolled={(str(at[0]), int(at[1])): int(count) for at, count in by_year.stack().items()},
        undated=int((~dated).sum()),
        first_enrolled=enrolled_on.min().date() if dated.any() else None,
        last_enrolled=enrolled_on.max().date() if dated.any() else None,
        withdrawn=len(cohort.withdrawn),
    )


def _centers(patient: pd.DataFrame) -> pd.Series:
    return patient["center_id"].astype(object).fillna(UNKNOWN_CENTER)


def _center_counts(
    connection: Connection, cohort: Cohort, center_of: pd.Series, lines: list[Completeness]
) -> tuple[CenterCounts, ...]:
    frames = cohort.frames
    patient, episode = frames["patient"], frames["episode"]
    with_lung = episode.loc[episode["lung_involved"].fillna(False).astype(bool), "patient_id"].unique()
    dead = patient.loc[(patient["vital_status"] == "dead").to_numpy(bool), "patient_id"]
    patients = center_of.value_counts()
    episodes = episode["patient_id"].map(center_of).value_counts()
    lung = center_of.reindex(with_lung).value_counts()
    deaths = center_of.reindex(dead).value_counts()
    timely = {item.center_id: item for item in timeliness(frames, first_entries(connection), cohort.data_cut)}
    queries = open_queries_by_center(connection)
    answered = _answered(lines)
    names = dict(zip(frames["center"]["center_id"], frames["center"]["name"].fillna(""), strict=True))
    found = []
    for center in sorted({*names, *patients.index}):
        times = timely.get(center)
        found.append(
            CenterCounts(
                center_id=center,
                name=names.get(center, ""),
                patients=int(patients.get(center, 0)),
                episodes=int(episodes.get(center, 0)),
                lung=int(lung.get(center, 0)),
                deaths=int(deaths.get(center, 0)),
                alive=times.alive if times else 0,
                overdue=times.overdue if times else 0,
                entry_delay_days=times.entry_delay_days if times else None,
                open_queries=queries.get(center, 0),
                answered=answered.get(center),
            )
        )
    return tuple(found)


def _answered(lines: list[Completeness]) -> dict[str, float]:
    cells: dict[str, np.ndarray] = {}
    for line in lines:
        counted = np.array([line.rows - line.blank, line.rows])
        cells[line.center_id] = cells.get(line.center_id, np.zeros(2, dtype=int)) + counted
    return {center: float(full / all_of_them) for center, (full, all_of_them) in cells.items() if all_of_them}


def _form_counts(lines: list[Completeness]) -> tuple[FormCounts, ...]:
    counts: dict[str, list[int]] = {}
    for line in lines:
        if line.table == "center":
            continue
        count = counts.setdefault(line.table, [0, 0, 0])
        count[0] += line.filled
        count[1] += sum(line.missing.values())
        count[2] += line.blank
    return tuple(FormCounts(table, *count) for table, count in counts.items() if sum(count))
