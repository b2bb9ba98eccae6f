"""Data quality as figures: completeness of each column by center, and timeliness of entry and follow-up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry.audit import ChangeRow, Revision
from registry.cells import Cells
from registry.fields import MISSING_CODES, Absent, Field
from registry.frames import Frames
from registry.identifiers import positions
from registry.tables import PATIENT_TABLES, TABLES

OVERDUE_DAYS = 400
"""A living patient whose last contact is older than a year and a month counts as overdue."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """How far one column is filled at one center.

    Args:
        rows: the rows in which the column has a meaning.
        filled, blank: those with a value, and those with nothing at all.
        missing: those with a missing-data code, by code.
    """

    center_id: str
    table: str
    column: str
    required: bool
    rows: int
    filled: int
    blank: int
    missing: dict[str, int]


@dataclass(frozen=True, slots=True)
class Timeliness:
    """How soon a center enters and follows its patients.

    Args:
        patients: enrolled by the center.
        entry_delay_days: median from enrollment to the first entry; None where there is none.
        alive: patients alive at last contact.
        contact_age_days: median age of the last contact of those alive; None where there are none.
        overdue: those alive whose last contact is more than OVERDUE_DAYS old.
    """

    center_id: str
    patients: int
    entry_delay_days: float | None
    alive: int
    contact_age_days: float | None
    overdue: int


def completeness(frames: Frames) -> Iterator[Completeness]:
    """Every column of every table, center by center; a center without rows of a table has no line for it."""
    patients = frames["patient"]
    of_patient, centers = pd.factorize(patients["center_id"].to_numpy(object))
    for name, table in TABLES.items():
        frame = frames[name]
        if "center_id" in table.fields:
            codes, labels = pd.factorize(frame["center_id"].to_numpy(object))
        else:
            at, labels = positions(patients["patient_id"], frame["patient_id"]), centers
            codes = np.where(at >= 0, of_patient[at], -1) if len(of_patient) else at
        for field in table.fields.values():
            if not field.key:
                yield from _column(frame, field, codes, [str(label) for label in labels])


def _column(frame: pd.DataFrame, field: Field, codes: np.ndarray, labels: list[str]) -> Iterator[Completeness]:
    applies = (codes >= 0) & _has_meaning(frame, field)
    absent = frame[field.absent_name].cat.codes.to_numpy()
    filled = frame[field.name].notna().to_numpy()

    def count(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(codes[applies & chosen], minlength=len(labels))

    everything = np.ones(len(frame), dtype=bool)
    rows, values = count(everything), count(filled)
    missing = {code.value: count(absent == at) for at, code in enumerate(Absent)}
    blank = count(~filled & (absent < 0))
    for at, label in enumerate(labels):
        if rows[at]:
            by_code = {code: int(counts[at]) for code, counts in missing.items()}
            numbers = (int(rows[at]), int(values[at]), int(blank[at]))
            yield Completeness(label, field.table, field.name, field.required, *numbers, by_code)


def meaning(field: Field, columns: Mapping[str, Cells]) -> list[bool]:
    """As ``_has_meaning``, of the columns of cells of a few rows."""
    if field.only_where is None:
        return [True] * len(columns[field.name])
    column, where = field.only_where
    return [cell in where or cell == "" or cell in MISSING_CODES for cell in columns[column]]


def _has_meaning(frame: pd.DataFrame, field: Field) -> np.ndarray:
    """The rows in which a column has a meaning, as far as is known."""
    if field.only_where is None:
        return np.ones(len(frame), dtype=bool)
    column, where = field.only_where
    condition = frame[column]
    if condition.dtype == "boolean":
        condition = condition.map({True: "yes", False: "no"})
    # Where the deciding column is blank itself, the column may apply: only a known other value rules it out.
    return np.asarray((condition.isin(list(where)) | condition.isna()).to_numpy(bool))


def blanks(frames: Frames) -> pd.DataFrame:
    """How many cells of each form are blank that have a meaning: a row a patient (by patient_id), a column a form."""
    patients = pd.Index(frames["patient"]["patient_id"].to_numpy(object), name="patient_id")
    found = {}
    for table in PATIENT_TABLES:
        frame = frames[table]
        at = patients.get_indexer(frame["patient_id"].to_numpy(object))
        counts = np.zeros(len(patients), dtype=np.int64)
        for field in TABLES[table].fields.values():
            if not field.key:
                blank = frame[field.name].isna().to_numpy(bool) & frame[field.absent_name].isna().to_numpy(bool)
                rows = at[blank & _has_meaning(frame, field) & (at >= 0)]
                counts += np.bincount(rows, minlength=len(patients))
        found[table] = counts
    return pd.DataFrame(found, index=patients)


def timeliness(frames: Frames, first_entries: pd.Series, cut: dt.date) -> Iterator[Timeliness]:
    """Every center with patients.

    Args:
        first_entries: for each patient_id (index) the day of the first entry.
    """
    patients = frames["patient"]
    entered = patients["patient_id"].map(first_entries).to_numpy("datetime64[D]")
    delay = _days(entered - patients["enrolled_on"].to_numpy("datetime64[D]"))
    age = _days(np.datetime64(cut) - patients["last_contact_on"].to_numpy("datetime64[D]"))
    alive = (patients["vital_status"] == "alive").to_numpy(bool)
    centers = patients["center_id"].to_numpy(object)
    for center in sorted({center for center in centers if isinstance(center, str)}):
        of_center = centers == center
        living = of_center & alive
        overdue = int(np.nansum(age[living] > OVERDUE_DAYS))
        yield Timeliness(
            center, int(of_center.sum()), _median(delay[of_center]), int(living.sum()), _median(age[living]), overdue
        )


def first_entries(connection: Connection) -> pd.Series:
    """The day (UTC) on which each patient was first entered, by patient_id, from the trail."""
    change, revision = ChangeRow.__table__, Revision.__table__
    query = (
        sa.select(change.c.owner, sa.func.min(revision.c.written_at))
        .join(revision, revision.c.revision_id == change.c.revision_id)
        .where(change.c.table_name == "patient", change.c.action == "insert")
        .group_by(change.c.owner)
    )
    rows = connection.execute(query).all()
    days = np.array([at[:10] for _, at in rows], dtype="datetime64[D]")
    return pd.Series(days.astype("datetime64[s]"), index=[owner for owner, _ in rows], dtype="datetime64[s]")


def _days(differences: np.ndarray) -> np.ndarray:
    days = differences.astype("timedelta64[D]")
    numbers = days.astype(float)
    numbers[np.isnat(days)] = np.nan
    return numbers


def _median(days: np.ndarray) -> float | None:
    known = days[~np.isnan(days)]
    return float(np.median(known)) if len(known) else None
