"""Centers beside each other: who lies outside in any rule, the funnel of a rule, deaths by case-mix."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics.consensus.rules import RULES
from dashboard import adherence, compared, data
from dashboard.components import compared as parts
from dashboard.components.choice import choice
from dashboard.components.downloads import files, with_numbers
from dashboard.components.figure import figure, theme
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.components.messages import refused
from dashboard.components.selection import center_choice, selection_choice
from registry.errors import AnalysisRefused

OUTSIDE, DEATHS = "outside", "deaths"
ALT = "Funnel of centers. The numbers stand in the table beside."

at = data.shown()
st.title("Centers", anchor=False)
judged = {id: f"{id} {rule.title}" for id, rule in RULES.items() if rule.unauditable is None}
with st.container(horizontal=True):
    of = choice("Compare", "of", {OUTSIDE: "All rules: who lies outside", DEATHS: "Deaths, by case-mix"} | judged)
    if of == DEATHS:
        own = center_choice(data.glance(at))
    else:
        selection = selection_choice(data.glance(at), adherence.years(at))
        own = selection.center

kept = {name: st.query_params[name] for name in ("from", "until") if name in st.query_params}
try:
    if of == OUTSIDE:
        found = compared.overview(at, selection)
        show(tag("p", f"{parts.chance_words(found)} A rule leads to its funnel.", class_="quiet"))
        show(parts.outside_table(found, kept) if found.found else tag("p", "Nobody lies outside the limits."))
        show(parts.reading(""))
    else:
        sight = compared.seen(own)
        heading("Deaths after the first radical lung resection" if of == DEATHS else f"{of} {RULES[of].title}")
        left, right = st.columns([3, 2], gap="large")
        if of == DEATHS:
            deaths = compared.deaths(at, own)
            svg, take = compared.deaths_svg(at, own, theme()), partial(compared.deaths_file, at, own)
            beside = parts.deaths_table(deaths, sight), parts.reading(" ".join(deaths.found.cautions()[1:]))
        else:
            rates, to_cases = compared.rates(at, selection, of), {"rule": of, **kept}
            svg, take = compared.rates_svg(at, selection, of, theme()), partial(compared.rates_file, at, selection, of)
            address = to_cases if RULES[of].met is not None else None
            beside = parts.rates_table(rates, sight, address), parts.reading(parts.READING)
        with left:
            figure(svg, ALT)
            files((of, "centers", own, at.cut.isoformat()), take, with_numbers("CSV of the centers"))
        with right:
            show(*beside)
except AnalysisRefused as error:
    refused(error)
