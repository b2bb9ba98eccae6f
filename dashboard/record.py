"""One patient's record as a page shows it: rows, completeness, open data queries, history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.engine import Connection

from registry import audit, queries, sign_offs
from registry.access import Actor, Permission
from registry.cells import Cells
from registry.fields import Field
from registry.frames import Frames, frames_of, patient_stored
from registry.quality import OVERDUE_DAYS, meaning
from registry.sign_offs import Signed
from registry.store import Stored
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


@dataclass(frozen=True, eq=False)
class Record:
    """One patient's record.

    Args:
        stored: this patient's rows, by table.
        forms: the forms that have rows, in their order.
        patient: the cells of the patient's own row.
        age: in completed years at death, else at the data cut; None where it cannot be said.
        contact_days: age of the last contact at the data cut; None where it is not known.
        overdue: the patient is alive and was not heard of for too long.
        history: every change of the trail, the newest first.
        signed: the last sign-off of the record; None where there was none.
    """

    stored: Mapping[str, Stored]
    forms: tuple[Form, ...]
    patient: dict[str, Cell]
    age: int | None
    contact_days: int | None
    overdue: bool
    queries: tuple[OpenQuery, ...]
    history: tuple[audit.Entry, ...]
    signed: Signed | None = None

    @cached_property
    def frames(self) -> Frames:
        """Typed frames of all tables with this patient's rows."""
        return frames_of(self.stored)

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
        return str(self.stored["patient"].columns["center_id"][0]) or None


def read_record(connection: Connection, patient_id: str, cut: dt.date, *, by: Actor) -> Record | None:
    """The record of a patient; None where there is no such patient, or none that the reader may see."""
    by.require(Permission.READ_RECORDS)
    stored = patient_stored(connection, patient_id, center=by.center_id)
    if not len(stored["patient"]):
        return None
    forms = tuple(_form(table, stored[table].columns) for table in PATIENT_TABLES if len(stored[table]))
    cells = {name: str(column[0]) for name, column in stored["patient"].columns.items()}
    contact = _day(cells, "last_contact_on")
    contact_days = (cut - contact).days if contact else None
    alive = cells["vital_status"] == "alive"
    return Record(
        stored=stored,
        forms=forms,
        patient=cells,
        age=_age(cells, cut),
        contact_days=contact_days,
        overdue=alive and contact_days is not None and contact_days > OVERDUE_DAYS,
        queries=_open_queries(connection, patient_id),
        history=tuple(reversed(list(audit.log(connection, patient=patient_id, events=False)))),
        signed=sign_offs.of_patient(connection, patient_id),
    )


def _form(table: str, columns: Mapping[str, Cells]) -> Form:
    fields = [field for field in TABLES[table].fields.values() if field.name != "patient_id"]
    kept = [field for field in fields if any(columns[field.name])]
    cells = [
        cell
        for field in fields
        if not field.key
        for cell, asked in zip(columns[field.name], meaning(field, columns), strict=True)
        if asked
    ]
    share = sum(map(bool, cells)) / len(cells) if cells else None
    return Form(table, tuple(kept), tuple(zip(*(columns[field.name] for field in kept), strict=True)), share)


def _day(cells: Mapping[str, Cell], name: str) -> dt.date | None:
    found = TABLES["patient"].fields[name].value(cells[name])
    return found if isinstance(found, dt.date) else None


def _age(patient: Mapping[str, Cell], cut: dt.date) -> int | None:
    birth, death = _day(patient, "birth_date"), _day(patient, "death_on")
    if birth is None or (death is None and patient["vital_status"] == "dead"):
        return None
    on = death or cut
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


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
