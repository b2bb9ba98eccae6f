"""A bar that shows how far a long piece of work has come; leaving the page ends the work."""

from __future__ import annotations

import streamlit as st

from registry.progress import Progress


def told(begins: str) -> Progress:
    """A bar, and what moves it.

    Args:
        begins: what it says first.
    """
    bar = st.progress(0.0, begins)

    def tell(share: float, what: str) -> None:
        bar.progress(min(1.0, share), f"{what[:1].upper()}{what[1:]} …")

    return tell
