"""What the pages of the audit read: the judged registry, the figures of its rules, and their cases.

Cached as in data.py, under the head of the trail, the viewer's center and the readings of the text. Counts of cases are
not protected, so that who may read no records sees none of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.adherence import Adherence, Selection
from analytics.audit.divisions import DIVISIONS
from analytics.audit.funnel import Funnel
from analytics.audit.judged import in_parts, judge
from analytics.audit.trend import ProcessChart, RunChart
from analytics.audit.trend_words import trend_words
from analytics.case_pages import CasePage, case_page
from analytics.consensus.readings import Readings
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcome
from analytics.figures.adherence import rule_figure
from analytics.figures.funnel import funnel_figure
from analytics.figures.style import ThemeName
from analytics.readings_file import readings_of
from dashboard import data, trail
from dashboard.data import Moment
from dashboard.files import figure_file
from dashboard.scope import scope
from dashboard.who import session, viewer
from registry.access import Permission

PERIODS = ("year", "half_year", "quarter")
"""The calendar periods by which a rule can be seen."""

AT_A_GLANCE = "half_year"
"""The periods of the word about the course over time."""

LISTED = 10
"""Cases on a page of their list."""


@dataclass(frozen=True, slots=True)
class Line:
    """A rule at a glance.

    Args:
        document: its figures, as ``oligomet adherence --json`` has them.
        course: the latest signal over time, in words.
    """

    document: dict[str, Any]
    course: str

    @property
    def has_cases(self) -> bool:
        """Whether the rule applies, or may apply, to anybody."""
        return any(count for name, count in self.document["counts"].items() if name != "not_applicable")


def adherence(at: Moment, selection: Selection) -> Adherence:
    """The figures of all rules over some episodes of the viewer's centers."""
    return Adherence(_judged(at, _center(), readings_of(None)).judged, selection)


def years(at: Moment) -> list[int]:
    """The years in which episodes were detected, from the first to the last."""
    days = adherence(at, Selection()).judged.episodes["detected_on"].dropna()
    return list(range(days.min().year, days.max().year + 1)) if len(days) else []


def lines(at: Moment, selection: Selection) -> Sequence[Line]:
    """Every rule at a glance, in the order of the consensus."""
    return _lines(at, _center(), readings_of(None), selection)


def bundles(at: Moment, selection: Selection) -> Sequence[dict[str, Any]]:
    """The all-or-none bundles."""
    return list(adherence(at, selection).bundle_documents())


def funnel(at: Moment, selection: Selection, rule_id: str) -> Funnel:
    """All centers that the viewer sees, whichever of them is looked at."""
    return adherence(at, _of_all_centers(selection)).funnel(RULES[rule_id])


def course(at: Moment, selection: Selection, rule_id: str, period: str) -> RunChart | ProcessChart:
    """A rule over calendar periods."""
    return adherence(at, selection).trend(RULES[rule_id], DIVISIONS[period])


def figure_svg(at: Moment, selection: Selection, rule_id: str, view: str, theme: ThemeName) -> str:
    """The figure of a rule: "cases", "center" or a period. Raises AnalysisRefused where there is nothing to draw."""
    return _figure(at, _center(), readings_of(None), selection, rule_id, view, theme)


def cases(at: Moment, selection: Selection, rule_id: str, outcomes: frozenset[Outcome], first: int) -> CasePage:
    """Some cases of a rule; that these patients were looked at stands in the trail before they are shown."""
    viewer().require(Permission.READ_RECORDS)
    found = _cases(at, _center(), readings_of(None), selection, rule_id, outcomes, first)
    for patient_id in dict.fromkeys(case.patient_id for case in found.cases):
        trail.viewed(session(), patient_id)
    return found


def _center() -> str | None:
    """The center that the viewer is bound to."""
    viewer().require(Permission.READ_RECORDS)
    return scope(Permission.VIEW_ADHERENCE).center


def _of_all_centers(selection: Selection) -> Selection:
    return Selection(None, selection.since, selection.until)


@st.cache_resource(max_entries=8, show_spinner="Judging every episode …")
def _judged(at: Moment, center: str | None, readings: Readings) -> Adherence:
    parts = in_parts(data.cohort(at, center))
    return Adherence(judge(parts, readings=readings, by=PERIODS))


@st.cache_resource(max_entries=64, show_spinner="Counting …")
def _lines(at: Moment, center: str | None, readings: Readings, selection: Selection) -> Sequence[Line]:
    found = Adherence(_judged(at, center, readings).judged, selection)
    division = DIVISIONS[AT_A_GLANCE]
    return [
        Line(document, "" if rule.unauditable else trend_words(found.trend(rule, division)))
        for rule, document in zip(found.judged.rules, found.documents(), strict=True)
    ]


@st.cache_resource(max_entries=128, show_spinner=False)
def _figure(
    at: Moment,
    center: str | None,
    readings: Readings,
    selection: Selection,
    rule_id: str,
    view: str,
    theme: ThemeName,
) -> str:
    found, rule = Adherence(_judged(at, center, readings).judged, selection), RULES[rule_id]
    if view == "center":
        drawn = Adherence(found.judged, _of_all_centers(selection)).funnel(rule)
        title, note = f"{rule.id}. {rule.title}", _of_all_centers(selection).words
        cut: dt.date = found.judged.data_cut
        figure = funnel_figure(drawn, title=title, data_cut=cut, own=selection.center, note=note, theme=theme)
    else:
        figure = rule_figure(found, rule, None if view == "cases" else DIVISIONS[view], theme=theme)
    return figure_file(figure, "svg").decode()


@st.cache_resource(max_entries=64, show_spinner="Reading the cases …")
def _cases(
    at: Moment,
    center: str | None,
    readings: Readings,
    selection: Selection,
    rule_id: str,
    outcomes: frozenset[Outcome],
    first: int,
) -> CasePage:
    found = Adherence(_judged(at, center, readings).judged, selection)
    return case_page(data.cohort(at, center), found, RULES[rule_id], outcomes, first=first, count=LISTED)
