"""Recording a meeting from the MDT view: what it decided, and why it left a rule of the consensus where it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import streamlit as st

from analytics.consensus.rules import RULES
from analytics.decision import EpisodeDecision, PatientDecision
from analytics.decision_due import When
from analytics.decision_rules import Group
from dashboard import entering
from dashboard.components.choice import choice
from dashboard.components.entry import explain, locked, open_form
from dashboard.components.form_state import said
from dashboard.components.heading import heading
from dashboard.components.html import join, show, tag
from dashboard.components.sections import FORM, ROW, chosen_place, go, rows_of
from dashboard.data import Moment
from dashboard.record import Record
from dashboard.who import viewer
from dashboard.words import factor_title
from registry.drafts import NEW

MEETING, EXCEPTION = "mdt_meeting", "rule_exception"
_PARTS = {MEETING: "What the meeting decided", EXCEPTION: "Why a rule was not followed"}
_RULE, _SHOWN = "rule", "meeting-part"
_OPEN = (Group.TO_DO, Group.NOT_FOLLOWED, Group.OPEN, Group.UNDETERMINED, Group.EXCEPTION, Group.FOLLOWED)


def to_meeting() -> None:
    """The way to the form, for who may record a meeting."""
    if viewer().may_write(MEETING) and st.query_params.get(FORM) not in _PARTS:
        st.button("Record the meeting", key="to-meeting", type="primary", on_click=go, args=(MEETING, NEW))


def recording(at: Moment, patient_id: str, found: Record, decision: PatientDecision) -> None:
    """The open form, where the address asks for one and the viewer may fill it in."""
    part = st.query_params.get(FORM, "")
    if part not in _PARTS or not viewer().may_write(part):
        return
    episode = decision.episodes[0]
    with st.container(border=True, key="meeting"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            heading("Record the meeting")
            st.button("Close", key="meeting-close", on_click=_close)
        st.session_state[_SHOWN] = part
        st.segmented_control(
            "Part", list(_PARTS), format_func=_PARTS.__getitem__, key=_SHOWN, required=True, on_change=_chosen,
            label_visibility="collapsed",
        )  # fmt: skip
        explain(part)
        stored = entering.stored_rows(at, patient_id, part)
        place = chosen_place(stored, patient_id)
        if len(stored):
            rows_of(stored, place)
        said()
        if found.is_locked:
            locked(found, place)
        elif place.record_key != NEW:
            open_form(at, place, found.history)
        elif part == MEETING:
            _to_settle(episode)
            begins = {"episode_no": str(episode.episode_no), "held_on": dt.date.today().isoformat()}
            open_form(at, place, found.history, begins=begins)
        else:
            rule_id = _rule(episode)
            if rule_id is not None:
                accepted = {code: factor_title(code) for code in RULES[rule_id].accepted}
                fixed = {"episode_no": str(episode.episode_no), "rule_id": rule_id}
                open_form(at, place, found.history, options={"reason": accepted}, fixed=fixed)


def _to_settle(episode: EpisodeDecision) -> None:
    """What the consensus asks the meeting to settle."""
    asked = [
        item.text.removeprefix("MDT meeting: ") for item in episode.due if item.kind == "mdt" and item.when is When.NOW
    ]
    if asked:
        show(tag("p", join((tag("b", "To be settled: "), "; ".join(asked), "."))))


def _rule(episode: EpisodeDecision) -> str | None:
    """One of the rules of the episode to which the text accepts an exception; those not followed come first."""
    rules = _with_exceptions(episode)
    if not rules:
        show(tag("p", "The text accepts no exception to any rule that applies to this episode.", class_="quiet"))
        return None
    rule_id = choice("Rule that was not followed", _RULE, rules)
    show(tag("p", f"{RULES[rule_id].statement} Only the reasons that the text accepts are listed.", class_="quiet"))
    return rule_id


def _with_exceptions(episode: EpisodeDecision) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for group in _OPEN:
        accepting: Iterable[str] = (state.rule_id for state in episode.in_group(group))
        for rule_id in accepting:
            if RULES[rule_id].accepted:
                found.setdefault(rule_id, f"{rule_id} {RULES[rule_id].title} ({group})")
    return found


def _chosen() -> None:
    go(st.session_state[_SHOWN], NEW)


def _close() -> None:
    for name in (FORM, ROW, _RULE):
        st.query_params.pop(name, None)
