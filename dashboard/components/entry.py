"""A record to be filled in: the forms at the left, one row of one of them open, its data queries and its history."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dashboard import entering
from dashboard.components.conflict import settle
from dashboard.components.field import Options
from dashboard.components.form import form
from dashboard.components.form_state import said
from dashboard.components.html import show, tag
from dashboard.components.row_history import of_row, row_history
from dashboard.components.sections import chosen_form, chosen_place, row_words, rows_of, sections
from dashboard.components.thread import threads
from dashboard.data import Moment
from dashboard.entry import Row, conflicts, is_behind
from dashboard.record import Record
from dashboard.words import FORMS, NOTHING
from registry.drafts import Place, Typed
from registry.fields import Absent
from registry.tables import TABLES

_CODES = (
    f"{NOTHING} is blank. Where there is no value, write or choose "
    + ", ".join(f"{code.value} ({code.sentence})" for code in Absent)
    + ". * is required."
)


def record_entry(at: Moment, patient_id: str, found: Record) -> None:
    """The record of a patient, for who may write it."""
    table = chosen_form()
    left, right = st.columns([1, 3], gap="large")
    drafts = entering.my_drafts()
    with left:
        sections(found, table, Counter(draft.place.table for draft in drafts if draft.place.owner == patient_id))
    with right:
        stored = entering.stored_rows(at, patient_id, table)
        place = chosen_place(stored, patient_id)
        st.subheader(FORMS[table], anchor=False)
        show(tag("p", f"{_sentence(table)} {_CODES}", class_="quiet"))
        if len(TABLES[table].keys) > 1:
            rows_of(stored, place)
        said()
        open_form(at, place, found)
        asked = [query for query in found.queries if (query.table, query.record_key) == (table, place.record_key)]
        if asked:
            st.markdown("#### Data queries of this row")
            threads(patient_id, asked)
        row_history(found.history, place)


def _sentence(table: str) -> str:
    return (TABLES[table].__doc__ or "").split("\n")[0]


def open_form(at: Moment, place: Place, found: Record) -> None:
    """The form of a row; before it what somebody else changed meanwhile, where the viewer has a draft of it."""
    row, drafted = entering.row(at, place), entering.draft(place)
    if is_behind(row, drafted):
        last = next(iter(of_row(found.history, place)), None)
        clashes = conflicts(row, drafted, at.cut)
        if clashes:
            settle(row, clashes, drafted, last)
            return
        _merge(row, drafted)
    form(place, options=_options(at, place), fixed=None)


def _merge(row: Row, drafted: dict[str, Typed]) -> None:
    """Lays a draft on a row that was changed in other fields, and says so."""
    entering.rebase(row, {name: typed.text for name, typed in drafted.items()})
    note = "Somebody else changed other fields of this row meanwhile. The form shows them with what you typed."
    show(tag("p", note, class_="said", role="status"))


def _options(at: Moment, place: Place) -> dict[str, Options]:
    """The rows that the fields of a form can name: centers, and the episodes of the patient."""
    fields = TABLES[place.table].fields
    found: dict[str, Options] = {}
    if "center_id" in fields:
        found["center_id"] = entering.centers()
    if "episode_no" in fields:
        episodes = entering.stored_rows(at, place.owner, "episode")
        found["episode_no"] = {
            str(episodes.columns["record_no"][n]): row_words(episodes, n) for n in range(len(episodes))
        }
    return found
