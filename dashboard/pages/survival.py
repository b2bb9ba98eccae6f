"""Survival, or incidence where death competes, by a chosen factor: the figure, the numbers, the flow, downloads."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.components import survival
from dashboard.components.downloads import files
from dashboard.components.figure import figure, theme
from dashboard.components.flow import flow
from dashboard.components.heading import heading
from dashboard.components.html import show
from dashboard.components.messages import refused
from dashboard.components.question import ask, names
from registry.errors import AnalysisRefused

at = data.shown()
st.title("Survival", anchor=False)
left, right = st.columns([1, 3], gap="large")
with left:
    asked = ask(data.glance(at))
with right:
    try:
        result = data.survival(at, asked)
    except AnalysisRefused as error:
        refused(error, names())
    else:
        show(survival.headline(result))
        try:
            figure(data.survival_svg(at, asked, theme()), survival.words(result))
            parts = (asked.endpoint, asked.origin, asked.by, asked.center, at.cut.isoformat())
            files(parts, lambda format, name: data.survival_file(at, asked, format, name), "CSV of the curves")
        except AnalysisRefused as error:
            refused(error, names())
        if result.n:
            heading("Numbers")
            show(survival.numbers(result))
        heading("Who was analyzed")
        show(flow(result.chosen, result.n))
