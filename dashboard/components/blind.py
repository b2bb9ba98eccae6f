"""The second entry of a form: its fields empty, nothing of what is stored beside them but which row is meant."""

from __future__ import annotations

import streamlit as st

from dashboard import data, double_entry
from dashboard.components import field as fields
from dashboard.components.account import signed_out
from dashboard.components.field import Options
from dashboard.components.form import WIDTH
from dashboard.components.form_state import say
from dashboard.components.html import show, tag
from dashboard.components.messages import refused
from dashboard.entry import Entry, Row
from dashboard.who import SignedOut
from dashboard.words import FORMS, cell_words, column_title
from registry.double_entry import Item, compared_fields, naming
from registry.drafts import Place
from registry.errors import OligometError
from registry.tables import TABLES

_TEXTS = "second-entry"


def title(item: Item, named: dict[str, str]) -> str:
    """A row in a few words: its patient, its form and number, and what names it."""
    declared = TABLES[item.table].fields
    said = [cell_words(declared[name], cell) for name, cell in named.items() if cell]
    return " · ".join([item.owner, f"{FORMS[item.table]} {item.record_key}".strip(), *said])


@st.fragment
def blind_form(item: Item) -> None:
    """Asks for the fields of a row; what is typed is kept as it is typed."""
    try:
        _filled_in(item)
    except SignedOut as error:
        signed_out(error)
    except OligometError as error:
        refused(error)


def _filled_in(item: Item) -> None:
    named = double_entry.named(item)
    asked = compared_fields(item.table)
    key = "|".join(("second", str(item.number), item.owner, item.table, item.record_key))
    kept: tuple[str, dict[str, str]] | None = st.session_state.get(_TEXTS)
    if kept is None or kept[0] != key:
        kept = key, double_entry.typed(item)
        st.session_state[_TEXTS] = kept
    texts = {field.name: kept[1].get(field.name, "") for field in asked}
    row = Row(Place(item.owner, item.table, item.record_key), {}, 0)
    declared = (*asked, *(TABLES[item.table].fields[name] for name in naming(item.table)))
    with st.container(horizontal=True, gap="small", key=f"fields|{key}"):
        for field in asked:
            with st.container(width=WIDTH, gap=None, key=f"slot|{key}|{field.name}"):
                if Entry(row, declared, texts | named, data.shown().cut).shows(field):
                    options: Options | None = {} if field.type == "ref" else None
                    texts[field.name] = fields.ask(field, texts[field.name], f"{key}|{field.name}", options)
    moved = {name: text for name, text in texts.items() if text != kept[1].get(name, "")}
    if moved:
        double_entry.keep(item, moved)
        kept[1].update(moved)
    entry = Entry(row, declared, texts | named, data.shown().cut)
    for name, problem in entry.problems.items():
        show(tag("p", f"{column_title(TABLES[item.table].fields[name])}: {problem.problem}; {problem.remedy}.",
                 class_="problem", role="alert"))  # fmt: skip
    if st.button("Finish this form", key="second-finish", type="primary", disabled=bool(entry.problems)):
        double_entry.finish(item)
        say(f"{FORMS[item.table]} of {item.owner}: finished, and compared with the record.")
        st.rerun()
