"""The prognostic factors of the consensus: Table 1, the forest plot, the test of proportional hazards, downloads."""

from __future__ import annotations

import streamlit as st

from dashboard import data, outcome
from dashboard.components import chosen, prognosis
from dashboard.components.carried import keep
from dashboard.components.downloads import files, with_numbers
from dashboard.components.figure import figure, theme
from dashboard.components.flow import flow
from dashboard.components.heading import heading
from dashboard.components.html import show
from dashboard.components.messages import refused
from dashboard.components.question import ask_for_factors, names
from registry.errors import AnalysisRefused

at = data.shown()
st.title("Prognosis", anchor=False)
with st.container(horizontal=True):
    asked = ask_for_factors(at)
keep()
chosen.said(asked.where)
try:
    made = outcome.prognosis(at, asked)
except AnalysisRefused as error:
    refused(error, names())
else:
    show(prognosis.headline(made))
    heading("Each factor alone, with all others, and as published")
    show(prognosis.factors(made), prognosis.model_notes(made))
    left, right = st.columns([3, 2], gap="large")
    with left:
        heading("Hazard ratios")
        try:
            figure(outcome.prognosis_svg(at, asked, "forest", theme()), prognosis.words(made))
            parts = ("table1", asked.endpoint, asked.origin, at.snapshot, at.cut.isoformat())
            formats = with_numbers("CSV of the table")
            files(parts, lambda format, name: outcome.prognosis_file(at, asked, format, name), formats)
        except AnalysisRefused as error:
            refused(error, names())
    with right:
        if made.multivariable is not None:
            heading("Proportional hazards")
            show(prognosis.proportional_hazards(made.multivariable))
        heading("Who was analyzed")
        show(flow(made.chosen, len(made.chosen.times)))
    if made.multivariable is not None:
        heading("Coefficients over time")
        try:
            figure(outcome.schoenfeld_svg(at, asked, theme()), prognosis.over_time(made.multivariable))
        except AnalysisRefused as error:
            refused(error, names())
    chosen.ways_on("prognosis")
