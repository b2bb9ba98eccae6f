"""What there is to do in the record: drafts, overdue chest CTs and follow-up, data queries, blank cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from analytics.consensus.cases import Cases
from analytics.schedule import State as WindowState
from analytics.schedule import schedule
from dashboard.lookup import QueryLine
from dashboard.words import FORMS, column_title, counted, in_words, moment_words
from registry.access import Actor, Permission
from registry.drafts import NEW, Summary
from registry.fields import Field
from registry.frames import Frames
from registry.quality import OVERDUE_DAYS, blanks
from registry.queries import MANUAL
from registry.tables import PATIENT_TABLES, TABLES


class Kind(StrEnum):
    """A kind of work, in the order of its urgency."""

    DRAFT = "Drafts"
    CT_OVERDUE = "Chest CT overdue"
    FOLLOW_UP = "Follow-up overdue"
    QUERY = "Data queries"
    CT_DUE = "Chest CT due"
    INCOMPLETE = "Incomplete"


RECORD_PAGE, MDT_PAGE = "patient.py", "mdt.py"
"""The pages on which forms of patients are filled in: of the whole record, and of a meeting."""

LOOK, LOOK_AT_ANSWER = "Look", "Look at the answer"
"""What who may not enter or answer can do."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do.

    Args:
        patient_id: "" for somebody who is being enrolled.
        what: in words.
        action: what the link to it says.
        address: parameters of the page that lead to the place.
        page: the file of that page.
    """

    kind: Kind
    patient_id: str
    what: str
    action: str
    address: dict[str, str]
    page: str = RECORD_PAGE


COLUMNS = ("kind", "patient_id", "days", "what", "action", "form", "row")


def standing(frames: Frames, cases: Cases, queries: Iterable[QueryLine], today: dt.date) -> pd.DataFrame:
    """All tasks but the drafts, in the order in which they are done: a row a task, with COLUMNS."""
    windows = schedule(cases)
    parts = [_overdue_cts(windows), _follow_up(frames["patient"], today), _queries(queries), _due_cts(windows)]
    parts.append(_incomplete(frames))
    return pd.concat([part.astype(object) for part in parts], ignore_index=True)


def _tasks(kind: Kind, patients: Iterable[str], **columns: Iterable[object] | str) -> pd.DataFrame:
    found = pd.DataFrame({"patient_id": list(patients), **columns}).assign(kind=str(kind))
    return found.reindex(columns=list(COLUMNS))


def _overdue_cts(windows: pd.DataFrame) -> pd.DataFrame:
    late = windows[windows["days_overdue"].notna()].sort_values(["days_overdue", "patient_id"], ascending=[False, True])
    what = [
        f"Episode {row.episode_no}: chest CT at month {row.month} overdue by {row.days_overdue} days, "
        f"window closed on {row.closes.date()}"
        for row in late.itertuples()
    ]
    return _tasks(Kind.CT_OVERDUE, late["patient_id"], what=what, action="Enter the CT", form="study", row=NEW)


def _due_cts(windows: pd.DataFrame) -> pd.DataFrame:
    due = windows[(windows["state"] == str(WindowState.DUE)) & windows["watched"]]
    due = due.sort_values(["closes", "patient_id"])
    what = [
        f"Episode {row.episode_no}: chest CT at month {row.month} until {row.closes.date()}" for row in due.itertuples()
    ]
    return _tasks(Kind.CT_DUE, due["patient_id"], what=what, action="Enter the CT", form="study", row=NEW)


def _follow_up(patient: pd.DataFrame, today: dt.date) -> pd.DataFrame:
    days = (pd.Timestamp(today) - patient["last_contact_on"]).dt.days
    late = patient.assign(days=days)[(patient["vital_status"] == "alive").to_numpy(bool) & (days > OVERDUE_DAYS)]
    late = late.sort_values(["days", "patient_id"], ascending=[False, True])
    what = [
        f"Alive, last heard of on {row.last_contact_on.date()}, {int(row.days)} days ago" for row in late.itertuples()
    ]
    return _tasks(Kind.FOLLOW_UP, late["patient_id"], what=what, action="Enter a visit", form="follow_up", row=NEW)


def _queries(lines: Iterable[QueryLine]) -> pd.DataFrame:
    found = list(lines)
    what = [f"{_where(q)}: {_question(q)}" for q in found]
    action = ["Answer" if q.state == "open" else LOOK_AT_ANSWER for q in found]
    rows = [q.record_key for q in found]
    forms = [q.table for q in found]
    return _tasks(Kind.QUERY, [q.owner for q in found], what=what, action=action, form=forms, row=rows)


def _question(line: QueryLine) -> str:
    return line.question if line.check_id == MANUAL else in_words(line.question)


def _where(line: QueryLine) -> str:
    """The field that a question is about; the row where it is about all of it."""
    row = _place(line.table, line.record_key)
    return row if line.column in TABLES[line.table].keys else f"{row}, {_field(line.table, line.column)}"


def _place(table: str, record_key: str) -> str:
    return " ".join(part for part in (FORMS[table], record_key) if part)


def _field(table: str, column: str) -> str:
    field: Field | None = TABLES[table].fields.get(column)
    return column_title(field, unit=False) if field else column


def _incomplete(frames: Frames) -> pd.DataFrame:
    """Patients with blank cells, those with the most first; the link leads to the form that has the most."""
    counts = blanks(frames)
    total = counts.sum(axis=1).to_numpy()
    order = np.lexsort((counts.index.to_numpy(str), -total))
    order = order[total[order] > 0]
    most = counts.columns.to_numpy()[counts.to_numpy().argmax(axis=1)] if len(counts) else np.array([])
    what = [
        f"{counted(int(total[at]), 'blank cell')}, {int(counts.iat[at, counts.columns.get_loc(most[at])])} of them in "
        f"{FORMS[most[at]]}"
        for at in order
    ]
    patients = counts.index.to_numpy(object)[order]
    return _tasks(Kind.INCOMPLETE, patients, what=what, action="Fill in", form=list(most[order]), row="")


def task(row: pd.Series, *, by: Actor) -> Task:
    """A row of the standing tasks as a task of somebody: who may not do it is asked to look."""
    place = {"patient": str(row["patient_id"]), "form": str(row["form"])}
    if row["row"]:
        place["row"] = str(row["row"])
    kind, action = Kind(row["kind"]), str(row["action"])
    may = by.may(Permission.ANSWER_QUERIES if kind is Kind.QUERY else Permission.WRITE_RECORDS)
    if not may and action != LOOK_AT_ANSWER:
        action = LOOK
    return Task(kind, str(row["patient_id"]), str(row["what"]), action, place)


def of_draft(draft: Summary, page: str = RECORD_PAGE) -> Task:
    """A draft as a task; one whose row was changed meanwhile has to be settled.

    Args:
        page: on which the viewer fills in forms of patients.
    """
    place = draft.place
    kept = f"{counted(draft.fields, 'field')} typed into {_place(place.table, place.record_key.replace(NEW, ''))}"
    new = " (a new row)" if place.record_key == NEW and not place.is_enrolling else ""
    center = f" of {place.owner}" if place.table not in PATIENT_TABLES else ""
    what = f"{kept}{new}{center}, kept at {moment_words(draft.saved_at)} UTC"
    if place.is_enrolling:
        return Task(Kind.DRAFT, "", what.replace("Patient", "a new patient"), "Go on", {"enroll": place.owner})
    if place.table not in PATIENT_TABLES:
        address = {"center": place.owner, "row": place.record_key}
        return Task(Kind.DRAFT, "", what, "Go on", address, "screening.py")
    address = {"patient": place.owner, "form": place.table} | ({"row": place.record_key} if place.record_key else {})
    if draft.is_stale:
        return Task(Kind.DRAFT, place.owner, f"{what}; the row was changed meanwhile", "Settle", address, page)
    return Task(Kind.DRAFT, place.owner, what, "Go on", address, page)
