"""What a multidisciplinary meeting sees of a patient: timeline, route with strategies, what is due and not known."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components import mdt
from dashboard.components.banner import banner
from dashboard.components.figure import figure, theme
from dashboard.components.html import show
from dashboard.components.meeting import recording, to_meeting
from dashboard.components.messages import note, refused
from dashboard.components.search import find_patient, to_record
from registry.errors import AnalysisRefused

at = data.shown()
st.title("MDT view", anchor=False)
patient_id = find_patient()
found = data.record(at, patient_id) if patient_id else None

if patient_id and found is None:
    note(f"There is no patient “{patient_id}” in this registry. Search by a part of the id above.")

if patient_id and found is not None:
    show(banner(patient_id, found))
    ways = st.container(horizontal=True, vertical_alignment="center")
    with ways:
        to_record(patient_id)
    try:
        decision = data.decision(at, patient_id)
        with ways:
            to_meeting()
        recording(at, patient_id, found, decision)
        figure(*data.timeline(at, patient_id, theme()))
        show(mdt.view(decision))
    except AnalysisRefused as error:
        refused(error)
