"""A long list a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import streamlit as st

from dashboard.components.html import show, tag
from dashboard.words import number

T = TypeVar("T")


def start(name: str, *, again: bool = False) -> int:
    """Where the shown part of a list begins.

    Args:
        again: go back to the beginning.
    """
    if again:
        st.session_state[_key(name)] = 0
    return int(st.session_state.get(_key(name), 0))


def steps(name: str, total: int, size: int, *, what: str) -> None:
    """Buttons that go on and back, where there is more than one part.

    Args:
        what: what is counted, in the plural.
    """
    if total <= size:
        return
    first = min(start(name), (total - 1) // size * size)
    last = min(first + size, total)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", key=f"{name}-back", disabled=first == 0, on_click=_move, args=(name, first - size))
        st.button("Next", key=f"{name}-on", disabled=last >= total, on_click=_move, args=(name, first + size))
        show(tag("span", f"{number(first + 1)} to {number(last)} of {number(total)} {what}", class_="quiet"))


def further(name: str, shown: int, size: int, *, more: bool, what: str) -> None:
    """The same for a list whose length nobody counted.

    Args:
        shown: how many of it are shown.
        more: whether others follow.
    """
    first = start(name)
    if not more and not first:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", key=f"{name}-back", disabled=first == 0, on_click=_move, args=(name, first - size))
        st.button("Next", key=f"{name}-on", disabled=not more, on_click=_move, args=(name, first + size))
        show(tag("span", f"{what} {number(first + 1)} to {number(first + shown)}", class_="quiet"))


def part(items: Sequence[T], name: str, size: int) -> Sequence[T]:
    """The part of a list that is shown."""
    first = min(start(name), max(0, (len(items) - 1) // size * size))
    return items[first : first + size]


def _key(name: str) -> str:
    return f"first-of-{name}"


def _move(name: str, first: int) -> None:
    st.session_state[_key(name)] = max(first, 0)
