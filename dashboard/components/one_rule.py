"""One rule: what it says, its figure with the numbers beside it, its parts, and the way to its cases."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics.adherence import Selection
from analytics.consensus.rules import RULES
from dashboard import adherence, compared
from dashboard.components.compared import rates_table
from dashboard.components.figure import figure, theme
from dashboard.components.heading import heading
from dashboard.components.html import Html, show, tag
from dashboard.components.messages import refused
from dashboard.components.rates import rate_words, score_words
from dashboard.components.rule_tables import inner_table, outcome_table, rule_head
from dashboard.components.trends import period_table
from dashboard.data import Moment
from registry.errors import AnalysisRefused

VIEWS = {
    "cases": "Where the cases go",
    "center": "Centers",
    "year": "Years",
    "half_year": "Half-years",
    "quarter": "Quarters",
}
"""What stands in the address -> what the figure of a rule shows."""


def one_rule(at: Moment, selection: Selection, rule_id: str, view: str) -> None:
    """A rule over a selection of episodes."""
    rule = RULES[rule_id]
    line = next(line for line in adherence.lines(at, selection) if line.document["rule_id"] == rule_id)
    heading(f"{rule.id} {rule.title}")
    show(rule_head(rule, line.document))
    if rule.unauditable is not None:
        return
    address = {"rule": rule_id, **_kept("center", "from", "until")} if rule.met is not None else None
    left, right = st.columns([3, 2], gap="large")
    try:
        with left:
            draw = compared.rates_svg if view == "center" else partial(adherence.figure_svg, view=view)
            svg = draw(at, selection, rule_id, theme=theme())
            rate = f"{score_words(line.document)}, {rate_words(line.document)}"
            figure(svg, f"{VIEWS[view]}: {rule.id} {rule.title}, {rate}. The numbers stand in the table beside.")
        with right:
            show(_beside(at, selection, rule_id, view, outcome_table(line.document, address)))
            show(tag("p", f"Over time, by half-years: {line.course}.", class_="quiet"))
    except AnalysisRefused as error:
        with left:
            refused(error)
    for title, documents, name in (
        ("Parts", line.document["parts"], "title"),
        ("Figures beside", line.document["beside"], "meaning"),
    ):
        if documents:
            heading(title)
            show(inner_table(title, documents, name))


def _beside(at: Moment, selection: Selection, rule_id: str, view: str, outcomes: Html) -> Html:
    """The numbers of a figure."""
    if view == "cases":
        return outcomes
    if view == "center":
        found, sight = compared.rates(at, selection, rule_id), compared.seen(selection.center)
        return rates_table(found, sight, _cases_of(rule_id, _kept("from", "until")))
    return period_table(adherence.course(at, selection, rule_id, view), _cases_of(rule_id, _kept("center")))


def _kept(*names: str) -> dict[str, str]:
    return {name: st.query_params[name] for name in names if name in st.query_params}


def _cases_of(rule_id: str, kept: dict[str, str]) -> dict[str, str] | None:
    return {"rule": rule_id, **kept} if RULES[rule_id].met is not None else None
