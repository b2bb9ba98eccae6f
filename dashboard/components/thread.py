"""Data queries with their threads: what is asked of which cell, what was answered, and who may write on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import entering
from dashboard.components.form_state import say
from dashboard.components.html import Content, Html, join, show, tag
from dashboard.components.messages import refused
from dashboard.components.record import cell
from dashboard.record import OpenQuery, Record
from dashboard.who import viewer
from dashboard.words import FORMS, NOTHING, column_title, in_words, moment_words
from registry.access import Permission
from registry.errors import OligometError
from registry.queries import MANUAL, Message, QueryKey
from registry.tables import TABLES

LONGEST_MESSAGE = 2000


def threads(patient_id: str, found: Sequence[OpenQuery]) -> None:
    """Data queries of a patient that are not closed, each with its thread and the field to write into it."""
    who = viewer()
    messages = entering.threads(patient_id) if found else {}
    for query in found:
        key = QueryKey(patient_id, query.check_id, query.table, query.record_key, query.column)
        name = "|".join(key.as_tuple())
        with st.container(key=f"thread|{name}", gap="small"):
            show(_thread(query, messages.get(key, [])))
            if not (who.may(Permission.ANSWER_QUERIES) or who.may(Permission.RAISE_QUERIES)):
                continue
            text = _written(key, f"message|{name}|{len(messages.get(key, []))}")
            with st.container(horizontal=True):
                if who.may(Permission.ANSWER_QUERIES) and st.button("Answer", key=f"answer|{name}"):
                    _send("Answered.", lambda key=key, text=text: entering.answer(key, text))  # type: ignore[misc]
                if who.may(Permission.RAISE_QUERIES) and st.button("Close: the value is right", key=f"close|{name}"):
                    _send("Closed.", lambda key=key, text=text: entering.close(key, text))  # type: ignore[misc]


def _written(key: QueryKey, name: str) -> str:
    """The message as it is written; it is kept until it is sent."""
    kept = f"kept|{name}"
    if kept not in st.session_state:
        st.session_state[kept] = entering.message(key)
    text = st.text_area("Your message", st.session_state[kept], key=name, height=80, max_chars=LONGEST_MESSAGE)
    if text != st.session_state[kept]:
        entering.keep_message(key, text)
        st.session_state[kept] = text
    return str(text)


def _send(done: str, write: Callable[[], None]) -> None:
    try:
        write()
    except OligometError as error:
        refused(error)
        return
    say(f"Data query: {done}")
    st.rerun()


def _thread(query: OpenQuery, messages: Sequence[Message]) -> Html:
    field = TABLES[query.table].fields.get(query.column)
    place = " ".join(part for part in (FORMS[query.table], query.record_key) if part)
    title = column_title(field, unit=False) if field else query.column
    value: Content = cell(field, query.value) if field else query.value or NOTHING
    head = join(
        (
            tag("b", f"{place}, {title}: "),
            value,
            tag("span", f" · {query.state} since {query.opened_at[:10]} · {query.check_id}", class_="quiet"),
        )
    )
    said = [
        tag("li", join((tag("span", f"{m.written_by}, {moment_words(m.written_at)}: ", class_="quiet"), m.message)))
        for m in messages
    ]
    # The question of a person is the first message of its thread.
    question = tag("p", in_words(query.question)) if query.check_id != MANUAL else ""
    return tag("div", join((tag("p", head), question, tag("ul", join(said)))), class_="thread")


def ask(patient_id: str, found: Record) -> None:
    """Asks about a cell of the record; for who may raise data queries."""
    with st.expander("Ask about a value"):
        tables = [form.table for form in found.forms]
        left, middle, right = st.columns(3)
        table = left.selectbox("Form", tables, format_func=FORMS.__getitem__, key="ask-form")
        numbers = entering.record_keys(patient_id, table)
        number = middle.selectbox("Row", numbers, format_func=lambda key: key or NOTHING, key=f"ask-row-{table}")
        names = [name for name, field in TABLES[table].fields.items() if not field.key]
        column = right.selectbox(
            "Field", names, format_func=lambda name: column_title(TABLES[table].fields[name]), key=f"ask-field-{table}"
        )
        text = st.text_area("Question", key="ask-text", height=80, max_chars=LONGEST_MESSAGE, persist_state="session")
        if st.button("Ask", key="ask"):
            try:
                entering.ask(QueryKey(patient_id, MANUAL, table, number or "", column), text)
            except OligometError as error:
                refused(error)
                return
            st.session_state.pop("ask-text", None)
            say("Data query raised.")
            st.rerun()
