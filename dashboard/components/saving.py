"""The end of a form: what keeps it from being saved, the reason, and the buttons that save, discard and delete."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard import entering
from dashboard.components.form_state import Form, begin_again, say
from dashboard.components.html import join, show, tag
from dashboard.components.messages import refused
from dashboard.entry import Entry, Questioned, Row
from dashboard.who import viewer
from dashboard.words import FORMS, column_title, counted, in_words
from registry.access import Permission
from registry.actions import RowRefused
from registry.checks import Severity
from registry.drafts import NEW, REASON
from registry.errors import OligometError, StaleVersion
from registry.fields import CellProblem
from registry.tables import TABLES


def saving(state: Form, entry: Entry, questions: Sequence[Questioned], summary: DeltaGenerator, key: str) -> None:
    """Keeps what was typed, and saves it where somebody asks for that.

    Args:
        summary: where it is said what keeps the form from being saved.
        key: what the keys of the form begin with.
    """
    reason = ""
    if entry.row.version:
        label, hint = "Reason for the change *", "such as: second reading by radiology"
        help = "It stands in the audit trail beside the old and the new value."
        reason = st.text_input(
            label, state.texts[REASON], key=f"{key}|{REASON}", placeholder=hint, help=help, live="800ms", max_chars=500
        )
    _keep(state, entry, reason)
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button("Save", type="primary", key=f"save|{key}")
        if state.drafted:
            st.button("Discard what I typed", key=f"discard|{key}", on_click=_discard, args=(entry.row,))
        deletes = entry.row.version and viewer().may(Permission.WRITE_RECORDS)
        if deletes and st.button("Delete this row", key=f"delete|{key}", type="tertiary"):
            ask_to_delete(entry.row)
        show(tag("span", _state_words(state, entry), class_="quiet", role="status"))
    if asked:
        state.tried = True
        if entry.changed and not _obstacles(state, entry, questions, reason):
            _save(state, entry, reason)
    with summary:
        _say_obstacles(state, entry, questions, reason)


def _keep(state: Form, entry: Entry, reason: str) -> None:
    """Keeps each text that is another one than on the last run."""
    now = {name: text for name, text in entry.texts.items() if name in state.texts} | {REASON: reason}
    moved = {name: text for name, text in now.items() if text != state.texts[name]}
    if not moved:
        return
    changed = {*entry.changed, *([REASON] if reason else [])}
    typed = {name: text for name, text in moved.items() if name in changed}
    entering.keep(entry.row, typed, [name for name in moved if name not in changed])
    state.texts.update(moved)
    state.drafted = (state.drafted | set(typed)) - {name for name in moved if name not in changed}


def _state_words(state: Form, entry: Entry) -> str:
    done, all_of_them = entry.answered
    said = [f"{done} of {all_of_them} fields answered"]
    if state.drafted - {REASON}:
        said.append(f"{counted(len(state.drafted - {REASON}), 'field')} not saved yet, kept as a draft")
    elif entry.row.version:
        said.append(f"saved as version {entry.row.version}")
    return "; ".join(said)


def _obstacles(state: Form, entry: Entry, questions: Sequence[Questioned], reason: str) -> list[str]:
    """What keeps the form from being saved, in words."""
    fields = TABLES[entry.row.place.table].fields
    wrong = [*entry.problems, *entry.blanks]
    found = [column_title(fields[name]) for name in dict.fromkeys(wrong)]
    found += [in_words(item.check.sentence) for item in questions if item.check.severity is Severity.ERROR]
    if entry.row.version and not reason.strip():
        found.append("Reason for the change")
    return found


def _say_obstacles(state: Form, entry: Entry, questions: Sequence[Questioned], reason: str) -> None:
    if state.tried:
        found = _obstacles(state, entry, questions, reason)
        if not entry.changed:
            show(tag("p", "Nothing was changed, so there is nothing to save.", class_="question", role="status"))
        elif found:
            words = join((tag("b", "Not saved. Mend first: "), "; ".join(found)))
            show(tag("p", words, class_="problem", role="alert"))
    texts, said = state.refused
    for name, problem in said if texts == dict(entry.texts) else ():
        if not name or name not in entry.texts:
            show(tag("p", f"{problem.problem[:1].upper()}{problem.problem[1:]}. {problem.remedy}.", class_="problem"))
    for item in questions:
        if not item.column:
            where = f" ({_row_words(item.where)})" if item.where else ""
            kind = "problem" if item.check.severity is Severity.ERROR else "question"
            show(tag("p", in_words(f"{item.check.sentence}{where} {item.check.remedy}"), class_=kind, role="status"))


def _row_words(where: str) -> str:
    table, _, number = where.partition(" ")
    return f"{FORMS[table]} {number}".strip()


def _save(state: Form, entry: Entry, reason: str) -> None:
    place = entry.row.place
    if not state.drafted.intersection(entry.changed):
        # What the form began with was never typed: as a draft it is saved once, like everything else.
        entering.keep(entry.row, {name: entry.texts[name] for name in entry.changed}, [])
        state.drafted.update(entry.changed)
    try:
        saved, record_key = entering.save(entry, reason)
    except RowRefused as error:
        told = [(p.column or "", CellProblem(p.problem, p.remedy)) for p in error.problems]
        state.refused = dict(entry.texts), told
        return
    except StaleVersion:
        if place.is_enrolling:
            taken = CellProblem("another patient has this id", f"write {entering.next_patient_id(place.owner)}")
            state.refused = dict(entry.texts), [("patient_id", taken)]
            return
        begin_again(place)
        st.rerun()
    except OligometError as error:
        refused(error)
        return
    begin_again(place)
    count = len(saved.warnings)
    became = f" {counted(count, 'value')} to explain: see the data queries below." if count else ""
    say(f"{FORMS[place.table]}: saved.{became}")
    if place.is_enrolling:
        st.query_params.from_dict({"patient": entry.cells["patient_id"], "form": "primary_tumor"})
    elif place.record_key == NEW:
        st.query_params["row"] = record_key
    st.rerun()


def _discard(row: Row) -> None:
    entering.discard(row.place)
    begin_again(row.place)


@st.dialog("Delete this row?", width="medium")
def ask_to_delete(row: Row) -> None:
    """The question before a row goes, with the reason."""
    title = FORMS[row.place.table] + (f" {row.place.record_key}" if row.place.record_key else "")
    show(tag("p", f"{title} of {row.place.owner} leaves the record. What it held stays in the audit trail."))
    reason = st.text_input("Reason for the deletion *", key="delete-reason", max_chars=500, live=True)
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", key="delete-yes", disabled=not reason.strip()):
            try:
                entering.delete(row, reason)
            except OligometError as error:
                refused(error)
                return
            begin_again(row.place)
            say(f"{title}: deleted.")
            st.query_params.pop("row", None)
            st.rerun()
        if st.button("Keep it", key="delete-no"):
            st.rerun()
