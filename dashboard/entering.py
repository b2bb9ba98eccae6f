"""What the pages for entry read and write: rows with their versions, drafts, queries. Everything is written by actions.

Each writing function is one call and one transaction; none of them touches the page, so that a click, a closed tab or
a lost connection cannot cut it in two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import sqlalchemy as sa
import streamlit as st

from dashboard import data, store
from dashboard.data import Moment
from dashboard.entry import Entry, Known, Row, known, row_of, submitted
from dashboard.who import USER_KEY, viewer
from registry import actions, drafts, queries, sessions, sign_offs
from registry import store as rows
from registry.access import Permission
from registry.actions import Saved
from registry.cells import frames as frames_of
from registry.drafts import NEW, Place, Typed
from registry.errors import InputRefused, StaleVersion
from registry.frames import Frames
from registry.queries import Message, QueryKey
from registry.store import Stored
from registry.tables import PATIENT_TABLES, TABLES

SOURCE = "dashboard"
_TRIES = 5


def stored_rows(at: Moment, owner: str, table: str) -> Stored:
    """The rows of a form; raises InputRefused where the viewer may not see them, as where there is no such patient."""
    who = viewer()
    if table not in PATIENT_TABLES:
        who.require(Permission.READ_RECORDS)
        who.require_center(owner)
    elif data.record(at, owner) is None:
        raise InputRefused("There is no such patient", got=owner, remedy="Search by a part of the id")
    return _stored_rows(at, owner, table)


@st.cache_resource(max_entries=256, show_spinner=False)
def _stored_rows(at: Moment, owner: str, table: str) -> Stored:
    with store.reading() as connection:
        return rows.load(connection, table, [owner])


def row(at: Moment, place: Place) -> Row:
    """The stored row of a form; an empty one where there is none."""
    return row_of(stored_rows(at, place.owner, place.table), place)


def nothing(table: str) -> Stored:
    """The rows of a patient who is not enrolled yet."""
    return rows.nothing_stored(table)


def frames(at: Moment, table: str, owner: str) -> tuple[Frames, Known]:
    """The typed frames that a form is checked with, those of its patient, and what the edit checks find in them."""
    found = data.record(at, owner) if table in PATIENT_TABLES else None
    if found is None:
        return frames_of({}), frozenset()
    return found.frames, _known(at, owner, found.frames)


@st.cache_resource(max_entries=64, show_spinner=False)
def _known(at: Moment, owner: str, _frames: Frames) -> Known:
    return known(_frames, at.cut)


def draft(place: Place) -> dict[str, Typed]:
    """What the viewer typed into a form and did not save."""
    with store.reading() as connection:
        return drafts.load(connection, place, by=viewer())


def keep(row_of_form: Row, typed: Mapping[str, str], unchanged: list[str]) -> None:
    """Keeps what was typed; forgets the fields that stand again as they are stored."""
    who = viewer()
    place = row_of_form.place
    with store.writing() as connection:
        if typed:
            drafts.keep(connection, place, typed, by=who, began=row_of_form.cells, version=row_of_form.version)
        if unchanged:
            drafts.forget(connection, place, by=who, columns=unchanged)


def keep_after_the_end(row_of_form: Row, typed: Mapping[str, str]) -> None:
    """Keeps what was typed while the session ran out, as a draft of the account whose session it was.

    A session that was signed out, or whose account was disabled, keeps nothing.
    """
    reference = st.user.get(USER_KEY)
    if not reference or not typed:
        return
    with store.writing() as connection:
        by = sessions.actor_of(connection, str(reference))
        if by is not None:
            place, version = row_of_form.place, row_of_form.version
            drafts.keep(connection, place, typed, by=by, began=row_of_form.cells, version=version)


def open_queries(at: Moment, place: Place) -> frozenset[tuple[str, str]]:
    """The data queries about a row that are not closed: check and column."""
    found = data.record(at, place.owner) if place.table in PATIENT_TABLES else None
    if found is None:
        return frozenset()
    return frozenset(
        (query.check_id, query.column)
        for query in found.queries
        if (query.table, query.record_key) == (place.table, place.record_key)
    )


def discard(place: Place) -> None:
    """Forgets what was typed into a form."""
    with store.writing() as connection:
        drafts.forget(connection, place, by=viewer())


def rebase(row_of_form: Row, kept: Mapping[str, str]) -> None:
    """Lays a draft on the row as it is stored now: of the fields only those that are kept."""
    who = viewer()
    with store.writing() as connection:
        drafts.forget(connection, row_of_form.place, by=who)
        version = row_of_form.version
        drafts.keep(connection, row_of_form.place, kept, by=who, began=row_of_form.cells, version=version)


def save(entry: Entry, reason: str) -> tuple[Saved, str]:
    """Saves a form; of what was saved before, nothing is written again. Returns also the record key of the row.

    Raises RowRefused, StaleVersion and PermissionRefused, and then the draft stays.
    """
    who, place = viewer(), entry.row.place
    for tried in range(_TRIES):
        number = _next_number(place) if place.record_key == NEW and not place.is_enrolling else None
        try:
            saved = actions.save(
                store.engine(),
                place.table,
                submitted(entry, number),
                by=who,
                reason=reason,
                seen_version=entry.row.version,
                draft=place,
                source=SOURCE,
            )
            return saved, number or place.record_key
        except StaleVersion:
            # Somebody else took the number of the new row meanwhile: it is still a new row.
            if number is None or tried == _TRIES - 1:
                raise
    raise AssertionError("a save ends in the loop")


def _next_number(place: Place) -> str:
    table = TABLES[place.table].__table__
    owner = table.c[TABLES[place.table].keys[0]]
    with store.reading() as connection:
        last = connection.execute(sa.select(sa.func.max(table.c.record_no)).where(owner == place.owner)).scalar()
    return str((last or 0) + 1)


def delete(row_of_form: Row, reason: str) -> None:
    """Removes a row and what was typed into its form."""
    place, table = row_of_form.place, row_of_form.place.table
    key = (place.owner, place.record_key)[: len(TABLES[table].keys)]
    actions.delete(
        store.engine(), table, key, by=viewer(), reason=reason, seen_version=row_of_form.version, source=SOURCE
    )
    discard(place)


def sign_off(patient_id: str, seen_revision: int) -> None:
    """Signs a record off as it was seen, and locks it."""
    sign_offs.sign(store.engine(), patient_id, by=viewer(), seen_revision=seen_revision, source=SOURCE)


def lift_lock(patient_id: str, reason: str) -> None:
    """Lifts the lock of a record that was signed off."""
    sign_offs.lift(store.engine(), patient_id, by=viewer(), reason=reason, source=SOURCE)


def my_drafts() -> list[drafts.Summary]:
    """The forms into which the viewer typed something that is not saved."""
    with store.reading() as connection:
        return drafts.listed(connection, by=viewer())


def record_keys(patient_id: str, table: str) -> list[str]:
    """The record keys of the rows of a form; "" of a form with one row a patient."""
    stored = stored_rows(data.shown(), patient_id, table)
    return [str(number) for number in stored.columns["record_no"]] if "record_no" in stored.columns else [""]


def threads(patient_id: str) -> dict[QueryKey, list[Message]]:
    """What was written about the data queries of a patient, in its order."""
    if data.record(data.shown(), patient_id) is None:
        return {}
    with store.reading() as connection:
        return queries.messages(connection, patient_id)


def message(key: QueryKey) -> str:
    """What the viewer wrote into a thread and did not send; "" where there is nothing."""
    found = draft(_thread(key)).get(drafts.REASON)
    return found.text if found else ""


def keep_message(key: QueryKey, text: str) -> None:
    """Keeps what the viewer writes into a thread until it is sent."""
    who = viewer()
    with store.writing() as connection:
        drafts.keep(connection, _thread(key), {drafts.REASON: text}, by=who, began={}, version=0)


def _thread(key: QueryKey) -> Place:
    return Place(key.owner, drafts.MESSAGES, "|".join(key.as_tuple()[1:]))


def answer(key: QueryKey, text: str) -> None:
    """Answers a data query; a second click sends nothing again."""
    if not _is_said(key, text):
        actions.answer_query(store.engine(), key, text, by=viewer(), source=SOURCE)
    discard(_thread(key))


def close(key: QueryKey, text: str) -> None:
    """Closes a data query: the value is confirmed."""
    actions.close_query(store.engine(), key, text, by=viewer(), source=SOURCE)
    discard(_thread(key))


def _is_said(key: QueryKey, text: str) -> bool:
    with store.reading() as connection:
        said = queries.messages(connection, key.owner).get(key, [])
    return bool(said) and (said[-1].written_by, said[-1].message) == (viewer().name, text.strip())


def ask(key: QueryKey, message: str) -> None:
    """Raises a data query."""
    actions.raise_query(store.engine(), key, message, by=viewer(), source=SOURCE)


def centers() -> dict[str, str]:
    """The centers that the viewer may enter for: id -> id and name."""
    who, center = viewer(), TABLES["center"].__table__
    query = sa.select(center.c.center_id, center.c.name).order_by(center.c.center_id)
    if who.center_id is not None:
        query = query.where(center.c.center_id == who.center_id)
    with store.reading() as connection:
        found = connection.execute(query).all()
    return {row.center_id: f"{row.center_id} {row.name or ''}".strip() for row in found}


def next_patient_id(center: str) -> str:
    """An id that no patient has yet: the center and the next number."""
    patient = TABLES["patient"].__table__
    of_center = patient.c.patient_id.startswith(f"{center}-", autoescape=True)
    six = sa.func.length(patient.c.patient_id) == len(center) + 7
    with store.reading() as connection:
        last = connection.execute(sa.select(sa.func.max(patient.c.patient_id)).where(of_center, six)).scalar()
        digits = re.search(r"(\d{6})$", last or "")
        number = int(digits[1]) if digits else 0
        while True:
            number += 1
            found = f"{center}-{number:06d}"
            if connection.execute(sa.select(patient.c.patient_id).where(patient.c.patient_id == found)).first() is None:
                return found
