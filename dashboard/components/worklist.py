"""The worklist: what there is to do, the most urgent first, each with the way to its place in a record."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import lists
from dashboard.components.html import join, show, tag
from dashboard.components.messages import plain
from dashboard.components.paging import start, steps
from dashboard.data import Moment
from dashboard.words import number
from dashboard.worklist import Kind, Task

_PAGES = Path(__file__).parent.parent / "pages"
_LIST, _ALL = "worklist", "All"


def worklist(at: Moment) -> None:
    """The search, the kinds with their counts, and a page of the list."""
    text = st.text_input(
        "Find a patient", key="work-text", placeholder="id, or a part of it", width=320, on_change=_from_the_start
    ).strip()
    chosen = st.session_state.get("work-kind") or _ALL
    kind = Kind(chosen) if chosen != _ALL else None
    found = lists.work(at, text, kind, start(_LIST))
    words = {_ALL: f"All {number(sum(found.counts.values()))}"}
    words |= {str(each): f"{each} {number(count)}" for each, count in found.counts.items()}
    st.segmented_control(
        "Kind of work",
        list(words),
        format_func=words.__getitem__,
        key="work-kind",
        default=_ALL,
        required=True,
        on_change=_from_the_start,
        label_visibility="collapsed",
    )
    if not found.tasks:
        show(tag("p", "Nothing to do here." if not text else "Nothing to do for such a patient.", class_="quiet"))
    with st.container(gap=None, key="worklist"):
        for at_position, task in enumerate(found.tasks):
            _line(task, at_position)
    steps(_LIST, found.total, lists.SHOWN, what="things to do")


def _line(task: Task, position: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, key=f"task-{position}"):
        parts = (
            tag("span", str(task.kind), class_=f"kind {task.kind.name.lower()}"),
            tag("b", task.patient_id or "new"),
            tag("span", task.what, class_="what"),
        )
        show(tag("div", join(parts), class_="task"))
        st.page_link(
            _PAGES / task.page, label=plain(f"{task.action} ›"), query_params=task.address, help=plain(task.patient_id)
        )


def _from_the_start() -> None:
    start(_LIST, again=True)
