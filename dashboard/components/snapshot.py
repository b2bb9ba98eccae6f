"""Snapshots on a page: the strip that says that one is shown, the list, what one holds, and making one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import streamlit as st

from analytics.fingerprint import SHOWN
from analytics.snapshot_manifest import Manifest
from dashboard import frozen
from dashboard.components.account import account_link
from dashboard.components.carried import SNAPSHOT
from dashboard.components.html import Column, Content, Fact, Html, facts, join, show, table, tag
from dashboard.components.messages import refused
from dashboard.data import Moment
from dashboard.frozen import Held
from dashboard.words import FORMS, NOTHING, counted, moment_words, number
from registry.access import Actor
from registry.errors import OligometError

_NAMED, _QUESTION, _CUT, _ASKED = "freeze-name", "freeze-question", "freeze-cut", "freeze-asked"


def snapshot_shown(page: str, who: Actor) -> Moment | None:
    """The state that the address names, with its strip; None where the registry as it stands is shown.

    Raises UsageError or AnalysisRefused, with the way out of it, where the address names none that can be shown:
    nothing is computed from other data than somebody asked for.
    """
    name = st.query_params.get(SNAPSHOT)
    if not name or (page == "snapshots" and frozen.listed().get(name) is None):
        return None
    try:
        at = frozen.moment(name)
        held = frozen.held(at)
    except OligometError:
        show(tag("div", account_link(who), class_="strip"))
        _way_back()
        raise
    snapshot_strip(at, held, who)
    return at


def _way_back() -> None:
    st.button("Back to the registry as it stands", on_click=_back, key="snapshot-back")


def snapshot_strip(at: Moment, held: Held, who: Actor) -> None:
    """On top of a page of outcomes: that its numbers are of a snapshot, and of which data."""
    items = (
        Fact("Snapshot", at.snapshot or "", held.manifest.note),
        Fact("Data cut", at.cut.isoformat(), "what is dated later does not exist"),
        Fact("Cases", f"{counted(held.patients, 'patient')}, {counted(held.episodes, 'episode')}"),
        Fact("Centers", number(held.centers)),
        Fact("Revision", number(at.revision), "the last entry of the audit trail that it holds"),
        Fact("Fingerprint", held.manifest.fingerprint[:SHOWN], "of the data: equal where the data are equal"),
    )
    said = tag("p", "Every number of this page is of this snapshot, not of the registry as it stands.", class_="frozen")
    show(tag("div", join((facts(items), account_link(who))), class_="strip"), said)
    _way_back()


def snapshot_list(found: Mapping[str, Manifest | None]) -> Html:
    """A row for each snapshot."""
    columns = (
        Column("Snapshot", kind="head"),
        Column("Data cut"),
        Column("Made (UTC)"),
        Column("By"),
        Column("What for", kind="free"),
    )
    rows: list[tuple[Content, ...]] = []
    for name, made in found.items():
        if made is None:
            changed = tag("span", "not what was written: restore it from a backup", class_="warn")
            rows.append((name, NOTHING, NOTHING, NOTHING, changed))
        else:
            rows.append((name, made.data_cut.isoformat(), moment_words(made.created_at), made.created_by, made.note))
    return table(columns, rows)


def contents(held: Held) -> Html:
    """What a snapshot holds."""
    made = held.manifest
    changed = ", ".join(made.readings["changed"]) or "none"
    rows: list[tuple[Content, ...]] = [
        ("Data cut", made.data_cut.isoformat()),
        ("Patients, episodes", f"{number(held.patients)}, {number(held.episodes)}"),
        ("Made", f"{moment_words(made.created_at)} UTC by {made.created_by}"),
        ("What for", made.note or NOTHING),
        ("Program", f"oligomet {made.program}"),
        ("Readings of the consensus", f"{made.readings['version']} of {made.readings['date']}; changed: {changed}"),
        ("Last revision of the trail", f"{number(int(made.trail['number']))} ({made.trail['hash'][:SHOWN]})"),
        ("Fingerprint", tag("code", made.fingerprint)),
    ]
    said = table((Column("It holds", kind="head"), Column("", kind="free")), rows, narrow=True)
    if not held.rows:
        return said
    columns = (Column("Form", kind="head"), Column("Rows", kind="num"))
    return join(
        (said, table(columns, [(FORMS[name], number(count)) for name, count in held.rows.items()], narrow=True))
    )


def freezing(today: dt.date) -> None:
    """Making a snapshot: its name, what it is for and the data cut, then a question, since it stays as it is."""
    state = st.session_state
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", key=_NAMED, placeholder="paper-2026", width=220).strip()
        cut = st.text_input("Data cut", key=_CUT, placeholder=today.isoformat(), width=160).strip() or today.isoformat()
        note = st.text_input(
            "What for", key=_QUESTION, placeholder="the question that it is to answer", width=420
        ).strip()
    asked = (name, cut, note)
    st.button("Make a snapshot", disabled=not name, on_click=state.update, args=({_ASKED: asked},))
    if state.get(_ASKED) != asked:
        return
    show(
        tag(
            "p",
            f"Freeze the registry as it stood on {cut}, under the name {name}? It cannot be changed afterwards, and "
            "holds the records of all patients.",
            class_="said",
        )
    )
    with st.container(horizontal=True):
        yes = st.button("Yes, make it", type="primary", key="freeze-yes")
        st.button("No", on_click=state.pop, args=(_ASKED, None), key="freeze-no")
    if yes:
        _freeze(name, cut, note, today)


def _freeze(name: str, cut: str, note: str, today: dt.date) -> None:
    try:
        on = dt.date.fromisoformat(cut)
    except ValueError:
        st.warning("The data cut is no day\\. Write it as 2026\\-06\\-30\\.")
        return
    if on > today:
        st.warning("The data cut lies in the future\\. Write today or an earlier day\\.")
        return
    try:
        frozen.freeze(name, on, note)
    except OligometError as error:
        refused(error)
        return
    st.session_state.pop(_ASKED, None)
    st.query_params[SNAPSHOT] = name
    st.rerun()


def _back() -> None:
    st.query_params.pop(SNAPSHOT, None)
