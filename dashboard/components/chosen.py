"""Of whom a page of outcomes is: the choice of patients in a sentence, and the ways on with it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from analytics.narrowing import Where, where_words
from dashboard.components.carried import chosen
from dashboard.components.html import show, tag

_PAGES = Path(__file__).parent.parent / "pages"
_ON = {"cohort": "Cohort", "survival": "Survival", "prognosis": "Prognosis", "competing": "Competing risks"}


def said(where: Where) -> None:
    """Whom the filters keep."""
    if where:
        show(tag("p", f"Only: {where_words(where)}.", class_="said"))


def ways_on(here: str) -> None:
    """Links to the other pages, with the same patients."""
    with st.container(horizontal=True):
        for name, title in _ON.items():
            if name != here:
                st.page_link(_PAGES / f"{name}.py", label=f"{title} of these patients", query_params=chosen())
