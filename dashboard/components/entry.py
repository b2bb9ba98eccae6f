"""A record to be filled in: the forms at the left, one row of one of them open, its data queries and its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import entering
from dashboard.components.conflict import settle
from dashboard.components.field import Options
from dashboard.components.form import form
from dashboard.components.form_state import said
from dashboard.components.html import join, show, tag
from dashboard.components.record import form as record_form
from dashboard.components.row_history import of_row, row_history
from dashboard.components.sections import chosen_form, chosen_place, row_words, rows_of, sections
from dashboard.components.thread import threads
from dashboard.data import Moment
from dashboard.entry import Row, conflicts, is_behind
from dashboard.record import Record
from dashboard.words import FORMS, NOTHING, upper_first
from registry.audit import Entry
from registry.drafts import Place, Typed
from registry.fields import Absent
from registry.sign_offs import REMEDY
from registry.tables import TABLES

CODES = (
    f"{NOTHING} is blank. Where there is no value, write or choose "
    + ", ".join(f"{code.value} ({code.sentence})" for code in Absent)
    + ". * is required."
)
"""How a form is written where there is nothing to write."""


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
        st.header(FORMS[table], anchor=False)
        explain(table)
        if len(TABLES[table].keys) > 1 and not found.is_locked:
            rows_of(stored, place)
        said()
        if found.is_locked:
            locked(found, place)
        else:
            open_form(at, place, found.history)
        asked = [query for query in found.queries if (query.table, query.record_key) == (table, place.record_key)]
        if asked:
            st.subheader("Data queries of this row", anchor=False)
            threads(patient_id, asked)
        row_history(found.history, place)


def locked(found: Record, place: Place) -> None:
    """The rows of a form of a record that was signed off, to read."""
    assert found.signed is not None
    words = f"{upper_first(found.signed.problem)}: nothing can be entered or imported. {upper_first(REMEDY)}."
    kept = " What you typed before is kept as a draft." if entering.draft(place) else ""
    show(tag("p", words + kept, class_="said", role="status"))
    show(join(record_form(shown) for shown in found.forms if shown.table == place.table))


def explain(table: str) -> None:
    """What a form is about, and how it is written where there is nothing to write."""
    sentence = (TABLES[table].__doc__ or "").split("\n")[0]
    show(tag("p", f"{sentence} {CODES}", class_="quiet"))


def open_form(
    at: Moment,
    place: Place,
    history: Sequence[Entry],
    *,
    options: Mapping[str, Options] | None = None,
    fixed: Mapping[str, str] | None = None,
    begins: Mapping[str, str] | None = None,
) -> None:
    """The form of a row; before it what somebody else changed meanwhile, where the viewer has a draft of it.

    Args:
        history: of the record, as far as it is known who changed it.
        options, fixed, begins: as of ``form``, beside the rows of other tables that its fields can name.
    """
    row, drafted = entering.row(at, place), entering.draft(place)
    if is_behind(row, drafted):
        last = next(iter(of_row(history, place)), None)
        clashes = conflicts(row, drafted, at.cut)
        if not row.version:
            _removed(row, drafted, last)
        elif clashes:
            settle(row, clashes, drafted, last)
            return
        else:
            _merge(row, drafted)
    form(place, options={**_options(at, place), **(options or {})}, fixed=fixed, begins=begins)


def _merge(row: Row, drafted: dict[str, Typed]) -> None:
    """Lays a draft on a row that was changed in other fields, and says so."""
    entering.rebase(row, {name: typed.text for name, typed in drafted.items()})
    note = "Somebody else changed other fields of this row meanwhile. The form shows them with what you typed."
    show(tag("p", note, class_="said", role="status"))


def _removed(row: Row, drafted: dict[str, Typed], last: Entry | None) -> None:
    """Lays a draft on nothing: the row is gone."""
    entering.rebase(row, {name: typed.text for name, typed in drafted.items()})
    by = f" by {last.written_by}: “{last.reason}”" if last else ""
    note = f"This row was deleted{by}. What you typed is still here: discard it, or enter the row again."
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
