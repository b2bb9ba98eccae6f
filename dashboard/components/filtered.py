"""The choice of a part of the patients, on every page of outcomes: filters that live in the address."""

from __future__ import annotations

import streamlit as st

from analytics.consensus.strategies import ROUTES
from analytics.narrowing import Where, where_of
from dashboard import data
from dashboard.components.choice import choice
from dashboard.components.choices import choices
from dashboard.data import Moment
from dashboard.words import factor_title

OFFERED = (
    *("route", "timing", "sequence", "extent", "omd_class", "detected", "sex"),
    *("multiple_lesions", "more_than_four_or_bilateral", "more_than_three_lesions", "thoracic_nodes", "high_cea"),
    *("large_tumor", "short_dfi", "older_than_70", "advanced_primary", "rectal_primary", "incomplete_resection"),
    "lobectomy",
)
"""What a page offers: the classification, the period, the sex and the factors of Table 1; the center stands apart."""

CENTER = "center"
_TITLES = {"omd_class": "ESTRO/EORTC class", "detected": "Years of detection"}
_HELP = {"route": "; ".join(f"{route}: {found.words}" for route, found in ROUTES.items())}
_FILTERS, _SEEN = "filters", "filters-address"


def title(name: str) -> str:
    """What patients are chosen by, in words."""
    return _TITLES.get(name, factor_title(name))


def filtered(at: Moment) -> Where:
    """Shows the filters; whom they keep."""
    labels = data.labels(at)
    center = choice("Center", CENTER, {"all": "All centers"} | dict(labels[CENTER]))
    offered = {name: title(name) for name in OFFERED}
    state, address = st.session_state, _address()
    if _FILTERS not in state or state.get(_SEEN) != address:
        state[_FILTERS] = [name for name in OFFERED if name in dict(address)]
    state[_FILTERS] = state[_FILTERS]  # see choice.py
    names = st.multiselect(
        "Filters",
        list(offered),
        format_func=offered.__getitem__,
        key=_FILTERS,
        placeholder="all patients",
        help="Only patients with one of the chosen groups, by what was known at the origin or the landmark.",
    )
    for name in OFFERED:
        if name not in names:
            st.query_params.pop(name, None)
    found = {name: choices(title(name), name, labels[name], help=_HELP.get(name)) for name in names}
    state[_SEEN] = _address()
    return where_of(found | ({} if center == "all" else {CENTER: (center,)}))


def _address() -> tuple[tuple[str, str], ...]:
    return tuple((name, st.query_params[name]) for name in OFFERED if name in st.query_params)
