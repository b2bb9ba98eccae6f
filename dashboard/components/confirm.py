"""A button whose click asks before anything is done."""

from __future__ import annotations

import streamlit as st

from dashboard.components.html import show, tag


def confirmed(label: str, question: str, yes: str, *, key: str, primary: bool = False, help: str | None = None) -> bool:
    """Whether somebody clicked, was asked, and said yes; true on that one run.

    Args:
        question: what is asked, with what would follow.
        yes: on the button that answers with it.
        key: names the button on its page.
        primary: whether it is what the page is there for.
    """
    asked = f"asked|{key}"
    if st.button(label, key=key, type="primary" if primary else "secondary", help=help):
        st.session_state[asked] = True
    if not st.session_state.get(asked):
        return False
    with st.container(border=True):
        show(tag("p", question, role="alert"))
        with st.container(horizontal=True):
            said_yes = st.button(yes, key=f"{key}|yes", type="primary")
            st.button("Leave it as it is", key=f"{key}|no", on_click=st.session_state.pop, args=(asked, None))
    if said_yes:
        del st.session_state[asked]
    return said_yes
