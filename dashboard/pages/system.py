"""The system: version, database, the trail's last proof, open sessions, backups."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.form_state import said
from dashboard.components.heading import heading
from dashboard.components.html import show
from dashboard.components.system import at_a_glance, backups, log_hints, tables

st.title("System", anchor=False)
said()
found = at_a_glance(data.shown())
backups(found)
left, right = st.columns(2, gap="large")
with left:
    heading("Rows")
    show(tables(found))
with right:
    heading("Log")
    show(log_hints())
