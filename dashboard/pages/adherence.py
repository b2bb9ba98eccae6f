"""Adherence to the consensus: every rule at a glance; a chosen rule with its figure, its tables and its cases."""

from __future__ import annotations

import streamlit as st

from analytics.consensus.rules import RULES
from dashboard import adherence, data
from dashboard.components.choice import choice
from dashboard.components.html import show, tag
from dashboard.components.one_rule import VIEWS, one_rule
from dashboard.components.rules import at_a_glance, filters
from dashboard.components.selection import selection_choice

at = data.shown()
st.title("Adherence", anchor=False)
with st.container(horizontal=True):
    rule_id = choice("Rule", "rule", {"all": "All rules"} | {id: f"{id} {rule.title}" for id, rule in RULES.items()})
    wanted = filters() if rule_id == "all" else None
    view = choice("Show", "view", VIEWS) if wanted is None else ""
    selection = selection_choice(data.glance(at), adherence.years(at))

if wanted is None:
    one_rule(at, selection, rule_id, view)
else:
    show(tag("p", selection.words, class_="quiet") if selection.words else "")
    at_a_glance(at, selection, wanted)
