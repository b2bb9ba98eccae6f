"""Whether a record is filled in or read: a choice in the address."""

from __future__ import annotations

import streamlit as st

VIEW, READ = "view", "read"
_WORDS = {"": "Fill in", READ: "Read all"}


def fills_in() -> bool:
    """True where the record is to be filled in; the choice stands above it."""
    key = "view"
    st.session_state[key] = READ if st.query_params.get(VIEW) == READ else ""
    st.segmented_control(
        "Record", list(_WORDS), format_func=_WORDS.__getitem__, key=key, required=True, on_change=_chosen,
        label_visibility="collapsed",
    )  # fmt: skip
    return st.query_params.get(VIEW) != READ


def _chosen() -> None:
    if st.session_state["view"] == READ:
        st.query_params[VIEW] = READ
    else:
        st.query_params.pop(VIEW, None)
