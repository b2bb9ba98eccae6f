"""Rates over time: every rule with its course and its signals; one rule as a run chart or an XmR chart."""

from __future__ import annotations

import streamlit as st

from analytics.consensus.rules import RULES
from dashboard import adherence, data
from dashboard.components import trends
from dashboard.components.choice import choice
from dashboard.components.downloads import files, with_numbers
from dashboard.components.figure import figure, theme
from dashboard.components.heading import heading
from dashboard.components.html import show, tag
from dashboard.components.messages import refused
from dashboard.components.one_rule import VIEWS
from dashboard.components.selection import selection_choice
from registry.errors import AnalysisRefused

at = data.shown()
st.title("Trends", anchor=False)
judged = {id: f"{id} {rule.title}" for id, rule in RULES.items() if rule.unauditable is None}
with st.container(horizontal=True):
    rule_id = choice("Rule", "rule", {"all": "All rules"} | judged)
    period = choice("By", "by", {name: VIEWS[name] for name in (adherence.AT_A_GLANCE, *adherence.PERIODS)})
    selection = selection_choice(data.glance(at), adherence.years(at))

kept = {name: st.query_params[name] for name in ("by", "center", "from", "until") if name in st.query_params}
courses = adherence.courses(at, selection, period)
show(tag("p", trends.READING, class_="quiet"))
if rule_id == "all":
    drawn = [(RULES[id], chart) for id, chart in courses.items() if trends.points(chart)]
    show(trends.courses_table(drawn, kept) if drawn else tag("p", "No rule has a case here. Choose a longer time."))
    rest = len(courses) - len(drawn)
    if rest:
        show(tag("p", f"Without a case: {', '.join(id for id, one in courses.items() if not trends.points(one))}.",
                 class_="quiet"))  # fmt: skip
else:
    heading(f"{rule_id} {RULES[rule_id].title}")
    show(tag("p", RULES[rule_id].statement, class_="statement"))
    left, right = st.columns([3, 2], gap="large")
    chart = courses[rule_id]
    try:
        with left:
            words = f"{VIEWS[period]}: {rule_id}. The numbers stand in the table beside."
            figure(adherence.figure_svg(at, selection, rule_id, period, theme()), words)
            files(
                (rule_id, period, selection.center, at.cut.isoformat()),
                lambda format, name: adherence.course_file(at, selection, rule_id, period, format, name),
                with_numbers("CSV of the periods"),
            )
        with right:
            show(trends.signals(chart))
            of_cases = {"rule": rule_id} | ({"center": selection.center} if selection.center else {})
            show(trends.period_table(chart, of_cases if RULES[rule_id].met is not None else None))
    except AnalysisRefused as error:
        with left:
            refused(error)
