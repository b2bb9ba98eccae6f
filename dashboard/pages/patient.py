"""A patient's record, to read: found by its id, with the timeline, all forms, open data queries and the history."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components import record
from dashboard.components.banner import banner
from dashboard.components.figure import figure, theme
from dashboard.components.history import changes
from dashboard.components.html import join, show
from dashboard.components.messages import note, refused
from dashboard.components.paging import part, steps
from dashboard.components.search import find_patient, to_mdt_view
from registry.errors import AnalysisRefused

HISTORY_SHOWN = 15

at = data.shown()
st.title("Patients", anchor=False)
patient_id = find_patient()
found = data.record(at, patient_id) if patient_id else None

if patient_id and found is None:
    note(f"There is no patient “{patient_id}” in this registry. Search by a part of the id above.")

if patient_id and found is not None:
    show(banner(patient_id, found))
    to_mdt_view(patient_id)
    try:
        figure(*data.timeline(at, patient_id, theme()))
    except AnalysisRefused as error:
        refused(error)
    if found.queries:
        st.subheader(f"Open data queries ({len(found.queries)})", anchor=False)
        show(record.open_queries(found.queries))
    st.subheader("Record", anchor=False)
    show(join(record.form(form) for form in found.forms))
    st.subheader("History", anchor=False)
    show(changes(part(found.history, "history", HISTORY_SHOWN)))
    steps("history", len(found.history), HISTORY_SHOWN, what="changes")
