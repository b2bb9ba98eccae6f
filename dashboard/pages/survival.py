"""Survival, or incidence where death competes, by a chosen factor: the figure, the numbers, the flow, downloads."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components import chosen
from dashboard.components.analysis import analysis
from dashboard.components.carried import keep
from dashboard.components.question import ask

at = data.shown()
st.title("Survival", anchor=False)
left, right = st.columns([1, 3], gap="large")
with left:
    asked = ask(at)
    keep()
with right:
    analysis(at, asked)
    chosen.ways_on("survival")
