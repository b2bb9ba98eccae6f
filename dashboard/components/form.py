"""The one form of all tables: its fields from their declarations, its draft, its checks, and saving it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import data, entering
from dashboard.components import field as fields
from dashboard.components.account import signed_out
from dashboard.components.field import Options
from dashboard.components.form_state import Form, keep_the_rest, name_of, opened
from dashboard.components.messages import refused
from dashboard.components.saving import saving
from dashboard.entry import REQUIRED, Entry, Questioned, Row, fields_of, questioned
from dashboard.who import SignedOut
from registry.checks import Severity
from registry.drafts import Place
from registry.errors import OligometError
from registry.fields import Field
from registry.tables import TABLES

WIDTH = 244
"""Pixels of a field: as many stand side by side as there is room for."""

CONSENT = ("consent_status", "consent_on")
CONSENTED = ("given", "waived")
"""Of somebody who is enrolled the consent is asked first, and nothing else before it is there."""


@st.fragment
def form(
    place: Place,
    *,
    options: Mapping[str, Options],
    fixed: Mapping[str, str] | None = None,
    begins: Mapping[str, str] | None = None,
) -> None:
    """The form of one row. Only this part of the page runs again while somebody types.

    Args:
        options: column -> the rows of another table that it can name.
        fixed: columns whose text is given and not asked for.
        begins: columns of a new row that begin with a text.
    """
    at = data.shown()
    try:
        row = Row(place, {}, 0) if place.is_enrolling else entering.row(at, place)
        _filled_in(at, row, options, dict(fixed or {}), dict(begins or {}))
    except SignedOut as error:
        keep_the_rest()
        signed_out(error)
    except OligometError as error:
        refused(error)


def _asked(place: Place, fixed: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields of a form in their order; of somebody who is being enrolled the consent first, then the id."""
    asked, declared = fields_of(place.table), TABLES[place.table].fields
    if place.is_enrolling:
        early = [declared[name] for name in (*CONSENT, "patient_id")]
        asked = (*early, *(field for field in asked if field not in early))
    return tuple(field for field in asked if field.name not in fixed)


def _filled_in(
    at: data.Moment, row: Row, options: Mapping[str, Options], fixed: dict[str, str], begins: dict[str, str]
) -> None:
    asked = _asked(row.place, fixed)
    key = name_of(row)
    state = opened(row, {field.name: row.cell(field.name) or begins.get(field.name, "") for field in asked})
    texts = {**{field.name: state.texts[field.name] for field in asked}, **fixed}
    declared = (*asked, *(TABLES[row.place.table].fields[name] for name in fixed))
    slots = {}
    with st.container(horizontal=True, gap="small", key=f"fields|{key}"):
        for field in asked:
            # A field that does not apply leaves its place behind: what stands after it keeps the cursor.
            slots[field.name] = st.container(width=WIDTH, gap=None, key=f"slot|{key}|{field.name}")
            if _is_open(Entry(row, declared, texts, at.cut), field):
                with slots[field.name]:
                    found = fields.ask(field, texts[field.name], f"{key}|{field.name}", options.get(field.name))
                texts[field.name] = found
    entry = Entry(row, declared, texts, at.cut)
    questions = _questions(at, state, entry)
    summary = st.container(gap=None)
    saving(state, entry, questions, summary, key)
    _say_what_is_wrong(state, entry, questions, slots)


def _is_open(entry: Entry, field: Field) -> bool:
    if entry.row.place.is_enrolling and field.name not in CONSENT and entry.texts["consent_status"] not in CONSENTED:
        return False
    return entry.shows(field)


def _questions(at: data.Moment, state: Form, entry: Entry) -> list[Questioned]:
    """What the edit checks say of the texts; asked once for the same texts."""
    texts = dict(entry.texts)
    if state.checked is None or state.checked[0] != texts:
        place = entry.row.place
        owner = entry.texts.get("patient_id", "") if place.is_enrolling else place.owner
        frames, already = entering.frames(at, place.table, owner)
        stored = entering.nothing(place.table) if place.is_enrolling else entering.stored_rows(at, owner, place.table)
        state.checked = texts, questioned(entry, stored, frames, already)
    still_open = entering.open_queries(at, entry.row.place)
    return [item for item in state.checked[1] if _is_told(item, state, entry, still_open)]


def _is_told(item: Questioned, state: Form, entry: Entry, still_open: frozenset[tuple[str, str]]) -> bool:
    if item.is_stored and item.check.severity is Severity.WARNING and item.column not in entry.changed:
        return (item.check.id, item.check.column) in still_open  # a value that was confirmed is not asked about again
    if item.column and not entry.cells.get(item.column):
        return state.tried or entry.row.version > 0  # what is blank in a new row may just not be typed yet
    return True


def _say_what_is_wrong(
    state: Form, entry: Entry, questions: Sequence[Questioned], slots: Mapping[str, DeltaGenerator]
) -> None:
    """What is wrong or questionable, beside the field that it is about."""
    for name, problem in entry.problems.items():
        if entry.texts.get(name) or state.tried:
            with slots[name]:
                fields.say_problem(problem)
    for name in entry.blanks if state.tried else ():
        if name in slots:
            with slots[name]:
                fields.say_problem(REQUIRED)
    texts, said = state.refused
    for name, problem in said if texts == dict(entry.texts) else ():
        if name in slots and name not in entry.problems and name not in entry.blanks:
            with slots[name]:
                fields.say_problem(problem)
    for item in questions:
        if item.column in slots:
            with slots[item.column]:
                is_error = item.check.severity is Severity.ERROR
                fields.say_question(item.check.sentence, item.check.remedy, is_error=is_error)
