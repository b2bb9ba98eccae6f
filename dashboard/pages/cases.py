"""The cases of a rule: who, what came of it, what was read; a data query or an accepted exception from there."""

from __future__ import annotations

import streamlit as st

from analytics.consensus.rules import RULES
from dashboard import adherence, data
from dashboard.components.cases import act, case_table
from dashboard.components.choice import choice
from dashboard.components.html import show, tag
from dashboard.components.outcomes import outcome_choice
from dashboard.components.paging import start, steps
from dashboard.components.selection import selection_choice
from dashboard.words import counted

at = data.shown()
st.title("Cases", anchor=False)
with st.container(horizontal=True):
    rule_id = choice("Rule", "rule", {id: f"{id} {rule.title}" for id, rule in RULES.items() if rule.met is not None})
    outcomes = outcome_choice(RULES[rule_id])
    selection = selection_choice(data.glance(at), adherence.years(at))

rule = RULES[rule_id]
name = f"cases-{rule_id}-{sorted(outcomes)}-{selection.words}"
page = adherence.cases(at, selection, rule_id, outcomes, start(name))
show(tag("p", rule.statement, class_="statement"), tag("p", f"{counted(page.total, 'case')}.", class_="quiet"))
if page.cases:
    show(case_table(page.cases))
    steps(name, page.total, adherence.LISTED, what="cases")
else:
    show(tag("p", "No case has this outcome. Choose another outcome, center or period."))
act(rule, page.cases)
