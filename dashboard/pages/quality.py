"""The quality of the data: how far each form is filled at each center, how soon, and what is still asked."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.components.quality import check_table, completeness_matrix, query_table, timeliness_table
from dashboard.quality import quality

st.title("Data quality", anchor=False)
found = quality(data.shown())
heading("Completeness")
show(
    tag("p", "Cells answered: with a value or a missing-data code, of those that have a meaning.", class_="quiet"),
    completeness_matrix(found),
)
left, right = st.columns([3, 2], gap="large")
with left:
    heading("Timeliness")
    show(timeliness_table(found.found.timely))
with right:
    heading("Data queries that are not closed")
    show(query_table(found) if found.open_queries() else tag("p", "None: every question is answered and closed."))
heading("What the edit checks question")
show(check_table(found) if found.found.questioned else tag("p", "Nothing."))
