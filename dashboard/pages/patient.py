"""Patients: the list with its search, enrolling somebody, and one patient's record to read or to fill in."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components import enroll, record
from dashboard.components.banner import banner
from dashboard.components.entry import record_entry
from dashboard.components.figure import figure, theme
from dashboard.components.filters import filters
from dashboard.components.form_state import said
from dashboard.components.history import changes
from dashboard.components.html import join, show
from dashboard.components.identity import identity
from dashboard.components.messages import note, refused
from dashboard.components.paging import part, steps
from dashboard.components.search import find_patient, to_mdt_view
from dashboard.components.sign_off import sign_off
from dashboard.components.thread import ask, threads
from dashboard.components.view import fills_in
from dashboard.who import viewer
from registry.access import Permission
from registry.errors import AnalysisRefused

HISTORY_SHOWN = 15

at, who = data.shown(), viewer()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("Patients", anchor=False, width="content")
    if who.may(Permission.WRITE_RECORDS) and not {"patient", enroll.ENROLL} & set(st.query_params):
        enroll.to_enroll()
if enroll.is_asked() and who.may(Permission.WRITE_RECORDS):
    enroll.enroll()
    st.stop()
patient_id = find_patient(lambda: filters(at))
found = data.record(at, patient_id) if patient_id else None

if patient_id and found is None:
    note(f"There is no patient “{patient_id}” in this registry. Search by a part of the id above.")

if patient_id and found is not None:
    show(banner(patient_id, found))
    identity(patient_id)
    sign_off(patient_id, found)
    with st.container(horizontal=True, vertical_alignment="center"):
        fills = fills_in() if who.may(Permission.WRITE_RECORDS) else False
        to_mdt_view(patient_id)
    with st.expander("Timeline", expanded=True, key="timeline", on_change="rerun"):
        try:
            figure(*data.timeline(at, patient_id, theme()))
        except AnalysisRefused as error:
            refused(error)
    if fills:
        record_entry(at, patient_id, found)
    else:
        said()
        if found.queries:
            st.header(f"Open data queries ({len(found.queries)})", anchor=False)
            threads(patient_id, found.queries)
        if who.may(Permission.RAISE_QUERIES):
            ask(patient_id, found)
        st.header("Record", anchor=False)
        show(join(record.form(form) for form in found.forms))
        st.header("History", anchor=False)
        show(changes(part(found.history, "history", HISTORY_SHOWN)))
        steps("history", len(found.history), HISTORY_SHOWN, what="changes")
