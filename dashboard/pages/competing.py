"""Where death competes: the cumulative incidence of recurrence or local failure, Gray's test, downloads."""

from __future__ import annotations

import streamlit as st

from analytics.endpoints import COMPETING, ENDPOINTS
from dashboard import data
from dashboard.components import chosen
from dashboard.components.analysis import analysis
from dashboard.components.carried import keep
from dashboard.components.question import ask

at = data.shown()
st.title("Competing risks", anchor=False)
left, right = st.columns([1, 3], gap="large")
with left:
    asked = ask(at, {name: ENDPOINTS[name] for name in COMPETING})
    keep()
with right:
    analysis(at, asked)
    chosen.ways_on("competing")
