"""The center that somebody enters for: the own one, or for who works for all of them a choice."""

from __future__ import annotations

import streamlit as st

from dashboard import entering
from dashboard.components.messages import note


def own_center(name: str) -> str | None:
    """The center; None, with what to do about it, where there is none.

    Args:
        name: of the parameter in the address that can name it.
    """
    centers = entering.centers()
    if not centers:
        note("There is no center that you may enter for. An administrator adds centers and accounts.")
        return None
    asked = st.query_params.get(name, "")
    at = list(centers).index(asked) if asked in centers else 0
    if len(centers) == 1:
        return next(iter(centers))
    return str(st.selectbox("Center", list(centers), index=at, format_func=centers.__getitem__, width=320))
