"""The center table: its rows, the form of one of them, and a new one."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from dashboard import accounts, centers
from dashboard.components.entry import CODES, open_form
from dashboard.components.field import ask
from dashboard.components.form_state import said, say
from dashboard.components.heading import heading
from dashboard.components.html import Column, Html, show, table, tag
from dashboard.components.messages import refused
from dashboard.components.record import cell
from dashboard.components.row_history import row_history
from dashboard.data import Moment
from dashboard.glance import Glance
from dashboard.words import FORMS, column_title
from registry.drafts import Place
from registry.errors import OligometError
from registry.store import Stored
from registry.tables import TABLES

_NONE_YET = "There is no center yet. Patients and data managers belong to one: enter the first."


def center_table(at: Moment, glance: Glance) -> None:
    """All centers; one of them open, and a form for a new one."""
    stored = centers.stored(at)
    codes = [str(code) for code in stored.columns["center_id"]]
    said()
    show(_listed(stored, glance) if codes else tag("p", _NONE_YET))
    left, right = st.columns([3, 2], gap="large")
    with left:
        if codes:
            heading("Change a center")
            code = str(st.selectbox("Center", codes, key="center-open", width=320))
            place, history = Place(code, "center", ""), centers.history(code)
            show(tag("p", CODES, class_="quiet"))
            open_form(at, place, history)
            row_history(history, place)
    with right:
        _add()


def _listed(stored: Stored, glance: Glance) -> Html:
    fields = TABLES["center"].fields
    patients = {center.center_id: center.patients for center in glance.centers}
    people = Counter(item.center_id for item in accounts.listed() if not item.disabled)
    columns = [Column(column_title(field), kind="head" if field.key else "free") for field in fields.values()]
    columns += [Column("Patients", kind="num"), Column("Accounts", "open ones that are bound to the center", "num")]
    rows = (
        (
            *(cell(field, str(stored.columns[name][at])) for name, field in fields.items()),
            patients.get(str(stored.columns["center_id"][at]), 0),
            people[str(stored.columns["center_id"][at])],
        )
        for at in range(len(stored))
    )
    return table(columns, rows)


def _add() -> None:
    heading("Add a center")
    made = st.session_state.get("centers-made", 0)
    with st.form("add-center", enter_to_submit=False):
        fields = TABLES["center"].fields
        cells = {name: ask(field, "", f"add-center|{made}|{name}") for name, field in fields.items()}
        if st.form_submit_button("Add the center", type="primary"):
            try:
                centers.add(cells)
            except OligometError as error:
                refused(error, {name: column_title(field) for name, field in fields.items()})
                return
            st.session_state["centers-made"] = made + 1
            say(f"{FORMS['center']}: {cells['center_id'].strip()} is entered.")
            st.rerun()
