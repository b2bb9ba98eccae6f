"""Where death competes: the cumulative incidence of recurrence or local failure, Gray's test, downloads."""

from __future__ import annotations

import streamlit as st

from analytics.endpoints import COMPETING, ENDPOINTS
from dashboard import data
from dashboard.components import chosen
from dashboard.components.analysis import analysis
from dashboard.components.carried import keep
from dashboard.components.layout import question_and_answer
from dashboard.components.question import ask

at = data.shown()
st.title("Competing risks", anchor=False)
question, answer = question_and_answer()
with question:
    asked = ask(at, {name: ENDPOINTS[name] for name in COMPETING})
    keep()
with answer:
    analysis(at, asked)
    chosen.ways_on("competing")
