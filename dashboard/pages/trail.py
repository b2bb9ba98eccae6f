"""The audit trail: search for who changed or saw what, when and why; and the proof that it is whole."""

from __future__ import annotations

import streamlit as st

from dashboard import quality
from dashboard.components.choice import choice
from dashboard.components.entries import entries
from dashboard.components.html import show, tag
from dashboard.components.messages import plain
from dashboard.components.paging import part, steps
from dashboard.words import FORMS, counted

SHOWN = 25

st.title("Audit trail", anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom"):
    # What is searched for can be a patient: it stays out of the address.
    patient = st.text_input("Patient", key="trail-patient", placeholder="the whole id").strip()
    by = st.text_input("Who", key="trail-by", placeholder="a part of the name").strip()
    since = st.text_input("From", key="trail-since", placeholder="YYYY-MM-DD").strip()
    until = st.text_input("Until", key="trail-until", placeholder="YYYY-MM-DD").strip()
    table = choice("Form", "form", {"all": "All, and events"} | FORMS)
    verify = st.button("Verify the trail")
if verify:
    with st.spinner("Reading the whole chain …"):
        broken = quality.verified()
    if broken is None:
        st.success("The chain is whole: no entry was edited, inserted, removed or moved.")
    else:
        st.error(plain(f"The trail is broken: {broken.problem}."))
found = quality.trail(patient, by, since, until, None if table == "all" else table)
name = f"trail-{patient}-{by}-{since}-{until}-{table}"
first = "The latest " if len(found) == quality.FOUND_AT_MOST else ""
entry_words = counted(len(found), "entry", "entries")
show(tag("p", f"{first}{entry_words}. Times are in UTC.", class_="quiet"))
show(entries(part(found, name, SHOWN)) if found else tag("p", "Nothing was found. Give fewer words, or a longer time."))
steps(name, len(found), SHOWN, what="entries")
