"""Survival, or incidence where death competes, by a chosen factor: the figure, the numbers, the flow, downloads."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components import chosen
from dashboard.components.analysis import analysis
from dashboard.components.carried import keep
from dashboard.components.layout import question_and_answer
from dashboard.components.question import ask

at = data.shown()
st.title("Survival", anchor=False)
question, answer = question_and_answer()
with question:
    asked = ask(at)
    keep()
with answer:
    analysis(at, asked)
    chosen.ways_on("survival")
