"""What the pages of the audit read: the judged registry, the figures of its rules, and their cases.

Cached as in data.py, under the state of the registry, its readings among it, and the viewer's center. Counts of cases
are not protected, so that who may read no records sees none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from matplotlib.figure import Figure

from analytics.adherence import Adherence, Selection
from analytics.audit.divisions import DIVISIONS
from analytics.audit.judged import in_parts, judge
from analytics.audit.trend import ProcessChart, RunChart
from analytics.audit.trend_words import trend_words
from analytics.case_pages import CasePage, case_page
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcome
from analytics.figures.adherence import rule_figure
from analytics.figures.style import ThemeName
from dashboard import data, trail
from dashboard.data import Moment
from dashboard.files import csv_file, figure_file, to_take
from dashboard.scope import scope
from dashboard.who import session, viewer
from registry.access import Permission

PERIODS = ("year", "half_year", "quarter")
"""The calendar periods by which a rule can be seen."""

AT_A_GLANCE = "half_year"
"""The periods of the word about the course over time, and those that are shown where none were asked for."""

_CSV = ["period", "met", "cases", "rate"]

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
    return Adherence(judged(at, _center()).judged, selection)


def years(at: Moment) -> list[int]:
    """The years in which episodes were detected, from the first to the last."""
    days = adherence(at, Selection()).judged.episodes["detected_on"].dropna()
    return list(range(days.min().year, days.max().year + 1)) if len(days) else []


def lines(at: Moment, selection: Selection) -> Sequence[Line]:
    """Every rule at a glance, in the order of the consensus."""
    return _lines(at, _center(), selection)


def bundles(at: Moment, selection: Selection) -> Sequence[dict[str, Any]]:
    """The all-or-none bundles."""
    return list(adherence(at, selection).bundle_documents())


def course(at: Moment, selection: Selection, rule_id: str, period: str) -> RunChart | ProcessChart:
    """A rule over calendar periods."""
    return courses(at, selection, period)[rule_id]


def courses(at: Moment, selection: Selection, period: str) -> Mapping[str, RunChart | ProcessChart]:
    """Every rule that can be judged over calendar periods, in the order of the consensus."""
    return _courses(at, _center(), selection, period)


def course_file(
    at: Moment, selection: Selection, rule_id: str, period: str, format: str, name: str
) -> Callable[[], bytes]:
    """What makes a file to keep: the chart of a rule over time (svg, png, pdf), or its periods (csv)."""
    of = at, _center(), selection

    def make() -> bytes:
        if format != "csv":
            return figure_file(_drawn(*of, rule_id, period, "light"), format)
        periods = _courses(*of, period)[rule_id].periods
        return csv_file(pd.DataFrame([(one.label, one.met, one.cases, one.rate) for one in periods], columns=_CSV))

    return to_take(name, Permission.VIEW_ADHERENCE, make)


def figure_svg(at: Moment, selection: Selection, rule_id: str, view: str, theme: ThemeName) -> str:
    """The figure of a rule: "cases" or a period. Raises AnalysisRefused where there is nothing to draw."""
    return _figure(at, _center(), selection, rule_id, view, theme)


def cases(at: Moment, selection: Selection, rule_id: str, outcomes: frozenset[Outcome], first: int) -> CasePage:
    """Some cases of a rule; that these patients were looked at stands in the trail before they are shown."""
    viewer().require(Permission.READ_RECORDS)
    found = _cases(at, _center(), selection, rule_id, outcomes, first)
    for patient_id in dict.fromkeys(case.patient_id for case in found.cases):
        trail.viewed(session(), patient_id)
    return found


def _center() -> str | None:
    """The center that the viewer is bound to."""
    viewer().require(Permission.READ_RECORDS)
    return scope(Permission.VIEW_ADHERENCE).center


def of_all_centers(selection: Selection) -> Selection:
    """The same period at all centers."""
    return Selection(None, selection.since, selection.until)


@st.cache_resource(max_entries=8, show_spinner="Judging every episode …")
def judged(at: Moment, center: str | None) -> Adherence:
    """All episodes of a center, or with None of all; who may see them is asked before."""
    parts = in_parts(data.cohort(at, center))
    return Adherence(judge(parts, by=PERIODS))


@st.cache_resource(max_entries=64, show_spinner="Counting …")
def _lines(at: Moment, center: str | None, selection: Selection) -> Sequence[Line]:
    found = Adherence(judged(at, center).judged, selection)
    over_time = _courses(at, center, selection, AT_A_GLANCE)
    return [
        Line(document, "" if rule.unauditable else trend_words(over_time[rule.id]))
        for rule, document in zip(found.judged.rules, found.documents(), strict=True)
    ]


@st.cache_resource(max_entries=64, show_spinner="Counting …")
def _courses(
    at: Moment, center: str | None, selection: Selection, period: str
) -> Mapping[str, RunChart | ProcessChart]:
    found = Adherence(judged(at, center).judged, selection)
    return {rule.id: found.trend(rule, DIVISIONS[period]) for rule in found.judged.rules if rule.unauditable is None}


@st.cache_resource(max_entries=128, show_spinner=False)
def _figure(
    at: Moment,
    center: str | None,
    selection: Selection,
    rule_id: str,
    view: str,
    theme: ThemeName,
) -> str:
    return figure_file(_drawn(at, center, selection, rule_id, view, theme), "svg").decode()


def _drawn(
    at: Moment,
    center: str | None,
    selection: Selection,
    rule_id: str,
    view: str,
    theme: ThemeName,
) -> Figure:
    found = Adherence(judged(at, center).judged, selection)
    return rule_figure(found, RULES[rule_id], None if view == "cases" else DIVISIONS[view], theme=theme)


@st.cache_resource(max_entries=64, show_spinner="Reading the cases …")
def _cases(
    at: Moment,
    center: str | None,
    selection: Selection,
    rule_id: str,
    outcomes: frozenset[Outcome],
    first: int,
) -> CasePage:
    found = Adherence(judged(at, center).judged, selection)
    return case_page(data.cohort(at, center), found, RULES[rule_id], outcomes, first=first, count=LISTED)
