"""The registry at a glance."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.centers import center_cards, center_table
from dashboard.components.completeness import completeness_bars
from dashboard.components.enrollment import enrollment_table
from dashboard.components.heading import heading
from dashboard.components.history import revisions
from dashboard.components.html import show

glance = data.glance(data.shown())

st.title("The registry at a glance", anchor=False)
show(center_cards(glance))
left, right = st.columns([3, 2], gap="large")
with left:
    heading("Enrollment")
    show(enrollment_table(glance))
with right:
    heading("Completeness")
    show(completeness_bars(glance.forms))
heading("Centers")
show(center_table(glance))
latest = data.latest_revisions()
if latest:
    heading("Latest changes")
    show(revisions(latest))
