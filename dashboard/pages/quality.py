"""The quality of the data: how far each form is filled at each center, how soon, and what is still asked."""

from __future__ import annotations

import streamlit as st

from dashboard import data, quality
from dashboard.components.choice import choice
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.components.paging import further, start
from dashboard.components.quality import (
    check_table,
    completeness_matrix,
    field_matrix,
    query_list,
    query_table,
    timeliness_table,
)
from dashboard.components.selection import center_choice
from dashboard.words import FORMS

at = data.shown()
st.title("Data quality", anchor=False)
found = quality.quality(at)
heading("Completeness")
with st.container(width=320):
    form = choice("Form", "form", {"all": "All forms"} | {name: FORMS[name] for name in found.forms})
answered = "Cells answered: with a value or a missing-data code, of those that have a meaning."
if form == "all":
    show(tag("p", answered, class_="quiet"), completeness_matrix(found))
else:
    show(
        tag(
            "p", f"{answered} Blank and each missing-data code apart, over all centers. * is required.", class_="quiet"
        ),
        field_matrix(found, form),
    )
kept = {"form": form} if form != "all" else {}
left, right = st.columns([3, 2], gap="large")
with left:
    heading("Timeliness")
    show(timeliness_table(found.found.timely))
with right:
    heading("Data queries by state")
    show(query_table(found, kept) if found.queries else tag("p", "None: nothing was ever asked."))
if found.queries:
    heading("Data queries")
    with st.container(horizontal=True):
        state = choice("State", "state", {name: name.capitalize() for name in quality.STATES})
        center = center_choice(data.glance(at))
    name = f"queries-{state}-{center}"
    listed = quality.queries(state, center, start(name))
    shown = listed[: quality.LISTED]
    show(query_list(shown) if shown else tag("p", "None. Choose another state, or all centers."))
    further(name, len(shown), quality.LISTED, more=len(listed) > len(shown), what="data queries")
heading("What the edit checks question")
show(check_table(found) if found.found.questioned else tag("p", "Nothing."))
