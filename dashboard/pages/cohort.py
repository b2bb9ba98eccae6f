"""Who the patients are: a choice of them, the way to it, and the table of patients with its downloads."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import data, outcome
from dashboard.components import chosen
from dashboard.components.carried import keep
from dashboard.components.cohort import baseline_table, headline, notes_under
from dashboard.components.downloads import TABLES, files
from dashboard.components.flow import flow
from dashboard.components.heading import heading
from dashboard.components.html import show
from dashboard.components.layout import question_and_answer
from dashboard.components.messages import refused
from dashboard.components.question import ask_who, names
from registry.errors import AnalysisRefused

at = data.shown()
st.title("Cohort", anchor=False)
question, answer = question_and_answer()
with question:
    asked = ask_who(at)
    keep()
with answer:
    chosen.said(asked.where)
    try:
        made = outcome.described(at, asked)
    except AnalysisRefused as error:
        refused(error, names())
    else:
        show(headline(made))
        heading("Who they are")
        show(baseline_table(made))
        parts = ("patients", asked.origin, asked.by, at.snapshot, at.cut.isoformat())
        files(parts, lambda format, name: outcome.described_file(at, asked, format, name), TABLES)
        show(notes_under(made, outcome.provenance_of(at)))
        heading("How they were chosen")
        show(flow(replace(made.chosen, excluded=made.reasons), made.n))
        chosen.ways_on("cohort")
