"""One patient's record as a page shows it: rows, completeness, open data queries, history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.engine import Connection

from registry import audit, queries, sign_offs
from registry.access import Actor, Permission
from registry.fields import Field
from registry.frames import Frames, patient_frames
from registry.quality import OVERDUE_DAYS, completeness
from registry.sign_offs import Signed
from registry.tables import PATIENT_TABLES, TABLES

Cell = str
"""A canonical cell: blank, a missing-data code, or a value in its one spelling."""


@dataclass(frozen=True, slots=True)
class Form:
    """The rows of one form.

    Args:
        fields: the columns that hold something in any row.
        rows: their cells, row by row.
        answered: the share of cells that have a meaning and hold a value or a missing-data code.
    """

    table: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Cell, ...], ...]
    answered: float | None


@dataclass(frozen=True, slots=True)
class OpenQuery:
    """A data query that is not closed."""

    check_id: str
    table: str
    record_key: str
    column: str
    value: str
    question: str
    state: str
    opened_at: str


@dataclass(frozen=True, eq=False, slots=True)
class Record:
    """One patient's record.

    Args:
        frames: typed frames of all tables with this patient's rows.
        forms: the forms that have rows, in their order.
        patient: the cells of the patient's own row.
        age: in completed years at death, else at the data cut; None where it cannot be said.
        contact_days: age of the last contact at the data cut; None where it is not known.
        overdue: the patient is alive and was not heard of for too long.
        history: every change of the trail, the newest first.
        signed: the last sign-off of the record; None where there was none.
    """

    frames: Frames
    forms: tuple[Form, ...]
    patient: dict[str, Cell]
    age: int | None
    contact_days: int | None
    overdue: bool
    queries: tuple[OpenQuery, ...]
    history: tuple[audit.Entry, ...]
    signed: Signed | None = None

    @property
    def is_locked(self) -> bool:
        """Whether the record was signed off, and its lock not lifted since."""
        return self.signed is not None and self.signed.is_locked

    @property
    def revision(self) -> int:
        """The last revision that changed a row of the record."""
        return max((entry.number for entry in self.history if entry.table in PATIENT_TABLES), default=0)

    @property
    def is_changed_since(self) -> bool:
        """Whether the record is another one than that which was signed off."""
        return self.signed is not None and self.revision > self.signed.revision

    @property
    def center_id(self) -> str | None:
        """The center of the patient; None where it is not known."""
        found = self.frames["patient"]["center_id"].iloc[0]
        return None if pd.isna(found) else str(found)


def read_record(connection: Connection, patient_id: str, cut: dt.date, *, by: Actor) -> Record | None:
    """The record of a patient; None where there is no such patient, or none that the reader may see."""
    by.require(Permission.READ_RECORDS)
    frames = patient_frames(connection, patient_id, center=by.center_id)
    patient = frames["patient"]
    if patient.empty:
        return None
    answered: dict[str, list[int]] = {}
    for line in completeness(frames):
        counts = answered.setdefault(line.table, [0, 0])
        counts[0] += line.rows - line.blank
        counts[1] += line.rows
    forms = tuple(
        _form(table, frames[table], answered.get(table, [0, 0])) for table in PATIENT_TABLES if len(frames[table])
    )
    cells = dict(zip((field.name for field in forms[0].fields), forms[0].rows[0], strict=True))
    contact = patient["last_contact_on"].iloc[0]
    contact_days = None if pd.isna(contact) else (cut - contact.date()).days
    alive = cells.get("vital_status") == "alive"
    return Record(
        frames=frames,
        forms=forms,
        patient=cells,
        age=_age(patient, cut),
        contact_days=contact_days,
        overdue=alive and contact_days is not None and contact_days > OVERDUE_DAYS,
        queries=_open_queries(connection, patient_id),
        history=tuple(reversed(list(audit.log(connection, patient=patient_id, events=False)))),
        signed=sign_offs.of_patient(connection, patient_id),
    )


def _form(table: str, frame: pd.DataFrame, answered: list[int]) -> Form:
    fields = [field for field in TABLES[table].fields.values() if field.name != "patient_id"]
    columns = {field: _cells(frame, field) for field in fields}
    kept = {field: cells for field, cells in columns.items() if any(cells)}
    share = answered[0] / answered[1] if answered[1] else None
    return Form(table, tuple(kept), tuple(zip(*kept.values(), strict=True)), share)


def _cells(frame: pd.DataFrame, field: Field) -> list[Cell]:
    values = frame[field.name]
    absent = frame[field.absent_name] if not field.key else pd.Series(pd.NA, index=frame.index)
    return [
        field.cell(
            None if pd.isna(value) else value.date() if field.type == "date" else value,
            None if pd.isna(code) else code,
        )
        for value, code in zip(values, absent, strict=True)
    ]


def _age(patient: pd.DataFrame, cut: dt.date) -> int | None:
    birth, death = patient["birth_date"].iloc[0], patient["death_on"].iloc[0]
    dead = patient["vital_status"].iloc[0] == "dead"
    if pd.isna(birth) or (dead and pd.isna(death)):
        return None
    on = death.date() if not pd.isna(death) else cut
    return int(on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day)))


def _open_queries(connection: Connection, patient_id: str) -> tuple[OpenQuery, ...]:
    return tuple(
        OpenQuery(
            key.check_id,
            key.table,
            key.record_key,
            key.column,
            str(row.value),
            str(row.question),
            str(row.state),
            str(row.opened_at),
        )
        for key, row in queries.stored(connection, [patient_id]).items()
        if row.state != "closed"
    )
