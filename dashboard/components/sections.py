"""The forms of a record side by side, each with its rows, its completeness and what is open in it; one is chosen.

The choice lives in the address (``form``, ``row``), so that a list can lead to a place in a record.
"""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dashboard.components.messages import plain
from dashboard.record import Record
from dashboard.words import FORMS, cell_words, percent
from registry.drafts import NEW, Place
from registry.store import Stored
from registry.tables import PATIENT_TABLES, TABLES

FORM, ROW = "form", "row"


def chosen_form() -> str:
    """The form that the address names; the first where it names none."""
    asked = st.query_params.get(FORM, "")
    return asked if asked in PATIENT_TABLES else PATIENT_TABLES[0]


def sections(found: Record, chosen: str, drafted: Counter[str]) -> None:
    """A button for each form.

    Args:
        chosen: the open form.
        drafted: how many rows of each form have a draft.
    """
    answered = {form.table: form.answered for form in found.forms}
    rows = {form.table: len(form.rows) for form in found.forms}
    asked = Counter(query.table for query in found.queries)
    with st.container(key="sections", gap=None):
        for table in PATIENT_TABLES:
            said = [str(rows[table])] if rows.get(table) and len(TABLES[table].keys) > 1 else []
            said += [percent(answered[table])] if table in answered else ["none"]
            said += [f"{asked[table]} asked"] if asked[table] else []
            said += ["draft"] if drafted[table] else []
            st.button(
                f"{plain(FORMS[table])} :small[{plain(' · '.join(said))}]",
                key=f"section-{table}",
                type="primary" if table == chosen else "tertiary",
                width="stretch",
                on_click=go,
                args=(table,),
            )


def go(table: str, row: str = "") -> None:
    """Opens a form, or one of its rows, on the next run."""
    st.query_params[FORM] = table
    if row:
        st.query_params[ROW] = row
    else:
        st.query_params.pop(ROW, None)


def chosen_place(stored: Stored, owner: str) -> Place:
    """The row of the open form: the one that the address names, else the last; a new one where there is none."""
    table = stored.table
    if len(TABLES[table].keys) == 1:
        return Place(owner, table, "")
    numbers = [str(number) for number in stored.columns["record_no"]]
    asked = st.query_params.get(ROW, "")
    # A row that is gone opens empty: what was typed into it is still there.
    return Place(owner, table, asked if asked.isdigit() or asked == NEW else (numbers[-1] if numbers else NEW))


def rows_of(stored: Stored, place: Place) -> None:
    """The choice of a row, where a form has several, and the way to another one."""
    words = {str(stored.columns["record_no"][at]): row_words(stored, at) for at in range(len(stored))}
    words.setdefault(place.record_key, "New row" if place.record_key == NEW else f"No. {place.record_key}, not stored")
    key = f"row-of|{place.owner}|{place.table}"
    st.session_state[key] = place.record_key
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Row", list(words), format_func=words.__getitem__, key=key, width=420, on_change=_row_chosen, args=(key,)
        )
        st.button("Add a row", key="add-row", on_click=go, args=(place.table, NEW), disabled=place.record_key == NEW)


def _row_chosen(key: str) -> None:
    st.query_params[ROW] = st.session_state[key]


def row_words(stored: Stored, at: int) -> str:
    """A row in a few words: its number, its day, and the required codes that say what it is."""
    declared = TABLES[stored.table]
    telling = [name for name in (declared.dated_by,) if name]
    telling += [field.name for field in declared.fields.values() if field.type == "code" and field.required]
    cells = [(declared.fields[name], str(stored.columns[name][at])) for name in telling]
    said = [cell_words(field, cell) for field, cell in cells if cell]
    return f"No. {stored.columns['record_no'][at]}" + "".join(f" · {words}" for words in said)
