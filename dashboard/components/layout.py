"""A question and its answer side by side; on a tablet the question stands above, in columns of its own."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def question_and_answer() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Where what is asked stands, and where the answer; see the style for both."""
    with st.container(key="asked-answered"):
        left, right = st.columns([1, 3], gap="large")
    return left.container(key="asked"), right
