"""The filters of the list of patients: center, open data queries, blank cells, route of the consensus."""

from __future__ import annotations

import streamlit as st

from analytics.consensus.strategies import ROUTES
from dashboard import entering, lists
from dashboard.components.search import from_the_start
from dashboard.data import Moment
from dashboard.lookup import Narrowed

_ANY = ""
_ASKED, _INCOMPLETE = "with open data queries", "with blank cells"


def filters(at: Moment) -> Narrowed:
    """Shows the filters; what they are set to."""
    centers = {_ANY: "all centers"} | entering.centers()
    routes = {_ANY: "any route"} | {route: f"{route}: {found.words}" for route, found in ROUTES.items()}
    routes |= {"none": "no lung metastases", "undetermined": "undetermined"}
    center: str | None = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(centers) > 2:
            center = st.selectbox(
                "Center", list(centers), format_func=centers.__getitem__, key="of-center", width=260,
                on_change=from_the_start,
            )  # fmt: skip
        route = st.selectbox(
            "Route of an episode", list(routes), format_func=routes.__getitem__, key="of-route", width=320,
            on_change=from_the_start,
        )  # fmt: skip
        only = st.pills("Only", (_ASKED, _INCOMPLETE), selection_mode="multi", key="only", on_change=from_the_start)
    return lists.narrowed(
        at, center=center or None, asked=_ASKED in only, incomplete=_INCOMPLETE in only, route=route or None
    )
