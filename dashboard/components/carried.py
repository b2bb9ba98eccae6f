"""What is chosen once for all pages of outcomes: the patients, and the snapshot. It goes along from page to page.

It lives in the address of each page, so that it can be shared; the navigation alone would drop it.
"""

from __future__ import annotations

import streamlit as st

from dashboard.components.filtered import CENTER, OFFERED

SNAPSHOT = "snapshot"
CARRIED = (SNAPSHOT, CENTER, *OFFERED)
_KEPT, _PAGE = "carried", "page-shown"


def carry(page: str, *, along: bool) -> None:
    """Puts the choice of the page before into the address of a page that is opened without one.

    Args:
        page: the address of the page of this run.
        along: whether the choice goes along to it.
    """
    state = st.session_state
    if along and state.get(_PAGE) != page and not any(name in st.query_params for name in CARRIED):
        for name, value in state.get(_KEPT, {}).items():
            st.query_params[name] = value
    state[_PAGE] = page


def keep() -> None:
    """Keeps the choice of this page for the next."""
    st.session_state[_KEPT] = chosen()


def chosen() -> dict[str, str]:
    """The choice as it stands in the address."""
    return {name: st.query_params[name] for name in CARRIED if name in st.query_params}
