"""The cases of a rule: a list with what was read of each, and what can be done about one of them."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st

from analytics.case_pages import Case
from analytics.consensus.rule import Rule
from dashboard import casework, data
from dashboard.components.heading import heading
from dashboard.components.html import Column, Content, Html, join, show, table, tag
from dashboard.components.messages import plain, refused
from dashboard.components.rates import outcome_title
from dashboard.who import viewer
from dashboard.words import FORMS, factor_title
from registry.access import Permission
from registry.errors import OligometError
from registry.tables import TABLES

_TOLD = "case-told"
_SENT = "cases-sent"
_AT_ONCE = 4
_FILL = ", fill "
"""Stands in what was read where a cell is missing."""


def case_table(cases: Sequence[Case]) -> Html:
    """A row for each case: who, what came of the rule, and the facts that decided it."""
    columns = [
        Column("Patient", "leads to the MDT view", kind="head"),
        Column("Episode"),
        Column("Outcome"),
        Column("What was read", kind="free"),
        Column("Record"),
    ]
    return table(columns, (_row(case) for case in cases))


def _row(case: Case) -> tuple[Content, ...]:
    window = "" if case.window is None else f", month {case.window}"
    outcome = tag("span", outcome_title(case.outcome.label), class_=case.outcome.label)
    asked = urlencode({"patient": case.patient_id})
    view = tag("a", case.patient_id, href=f"mdt?{asked}", target="_self") if _may(Permission.VIEW_MDT) else ""
    record = tag("a", "record", href=f"patient?{asked}", target="_self", aria_label=f"Record of {case.patient_id}")
    return view or case.patient_id, f"{case.episode_no}{window}", outcome, _read(case.because), record


def _read(because: Sequence[str]) -> Html:
    """What was read, what is to be filled first; a long list is folded behind its beginning."""
    order = sorted(because, key=lambda text: _FILL not in text)
    facts = [tag("div", text, class_="missing" if _FILL in text else "") for text in order]
    parts: list[Content] = list(facts[:_AT_ONCE])
    if facts[_AT_ONCE:]:
        more = tag("summary", f"{len(facts) - _AT_ONCE} more")
        parts.append(Html(f"<details>{more.text}{join(facts[_AT_ONCE:]).text}</details>"))
    return tag("div", join(parts), class_="read")


def _may(permission: Permission) -> bool:
    return viewer().may(permission)


def act(rule: Rule, cases: Sequence[Case]) -> None:
    """What the viewer may do about a case of the list: raise a data query, record an accepted exception."""
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.success(plain(told))
    raises, excepts = _may(Permission.RAISE_QUERIES), casework.may_except(rule)
    if viewer().may_write("rule_exception") and not rule.accepted:
        show(tag("p", f"The text accepts no exception to {rule.id}.", class_="quiet"))
    if not cases or not (raises or excepts):
        return
    heading("Act on a case")
    names = [f"{case.patient_id}, episode {case.episode_no}" + _month(case) for case in cases]
    at = st.selectbox("Case", range(len(cases)), format_func=names.__getitem__, key=f"case-{rule.id}-{names[0]}")
    case = cases[at]
    left, right = st.columns(2, gap="large")
    try:
        if raises:
            with left:
                _query(case)
        if excepts:
            with right if raises else left:
                _exception(rule, case)
    except OligometError as error:
        refused(error)


def _month(case: Case) -> str:
    return "" if case.window is None else f", month {case.window}"


def _query(case: Case) -> None:
    cells = casework.cells(data.shown(), case)
    name = f"query-{case.patient_id}-{case.episode_no}"
    with st.form(name, enter_to_submit=False):
        at = st.selectbox("About", range(len(cells)), format_func=lambda at: cells[at].words, key=f"{name}-cell")
        message = st.text_area("Question to the center", key=f"{name}-message{_sent()}", max_chars=2000)
        if st.form_submit_button("Raise the data query"):
            casework.ask(cells[at].key, message)
            _done(f"The data query is raised: {cells[at].words}.")


def _exception(rule: Rule, case: Case) -> None:
    name = f"exception-{case.patient_id}-{case.episode_no}-{rule.id}"
    number = casework.next_number(data.shown(), case.patient_id)
    help = TABLES["rule_exception"].fields["reason"].sentence
    with st.form(name, enter_to_submit=False):
        why = st.selectbox(
            f"Accepted exception to {rule.id}", rule.accepted, format_func=factor_title, key=f"{name}-why", help=help
        )
        note = st.text_area("Note (no name, no date of birth)", key=f"{name}-note{_sent()}", max_chars=2000)
        if st.form_submit_button("Record the exception"):
            casework.record_exception(case, rule, number, why, note)
            _done(f"{FORMS['rule_exception']}: recorded for episode {case.episode_no}.")


def _sent() -> str:
    """Names the fields anew after each sending, so that they are empty then."""
    return f"-{st.session_state.get(_SENT, 0)}"


def _done(text: str) -> None:
    st.session_state[_TOLD] = text
    st.session_state[_SENT] = st.session_state.get(_SENT, 0) + 1
    st.rerun()
