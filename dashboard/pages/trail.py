"""The audit trail: search for who changed or saw what, when and why; and the proof that it is whole."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from dashboard import audit_trail
from dashboard.audit_trail import SHOWN, Search
from dashboard.components.choice import choice
from dashboard.components.entries import EVENTS, entries
from dashboard.components.html import show, tag
from dashboard.components.paging import further, start
from dashboard.components.proof import proof
from dashboard.words import FORMS

WHAT = {"all": "Changes and events", "changes": "Changes of the record"} | {
    str(event): EVENTS[event] for event in EVENTS
}

st.title("Audit trail", anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom"):
    # What is searched for can be a patient: it stays out of the address.
    patient = st.text_input("Patient", key="trail-patient", placeholder="the whole id").strip()
    by = st.text_input("Who", key="trail-by", placeholder="a part of the name").strip()
    since = st.text_input("From", key="trail-since", placeholder="YYYY-MM-DD").strip()
    until = st.text_input("Until", key="trail-until", placeholder="YYYY-MM-DD").strip()
    table = choice("Form", "form", {"all": "All"} | FORMS)
    what = choice("Show", "what", WHAT) if table == "all" else "changes"

wanted = Search(patient, by, since, until, None if table == "all" else table, what)
name = f"trail-{wanted.words}"
found = audit_trail.search(wanted, start(name))
with st.container(horizontal=True, vertical_alignment="center"):
    asked = st.button("Verify the trail", key="verify")
    file = f"trail-{dt.date.today().isoformat()}.csv"
    st.download_button(
        "CSV of all that was found", audit_trail.trail_file(wanted, file), file_name=file, mime="text/csv",
        key="trail-csv", on_click="ignore",
    )  # fmt: skip
    show(tag("span", "The newest first. Times are in UTC.", class_="quiet"))
if asked:
    proof()
if found.entries:
    show(entries(found.entries, found.versions))
    further(name, len(found.entries), SHOWN, more=found.more, what="entries")
else:
    show(tag("p", "Nothing was found. Give fewer words, or a longer time."))
