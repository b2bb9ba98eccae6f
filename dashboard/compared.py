"""What the page of centers reads: funnels of rules, deaths with allowance for case-mix, and who lies outside.

A center sees itself among the others: those stand there without their names, and those of a few cases not at all.
How far the viewer sees is part of the key of what is kept, as in data.py.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pandas as pd
import streamlit as st
from matplotlib.figure import Figure

from analytics.adherence import Adherence, Selection
from analytics.audit.funnel import Center, Funnel
from analytics.casemix import CaseMix, CenterOutcome, casemix
from analytics.consensus.rule import Rule
from analytics.consensus.rules import RULES
from analytics.figures.casemix import casemix_figure
from analytics.figures.funnel import funnel_figure
from analytics.figures.style import ThemeName
from dashboard import data
from dashboard.adherence import judged, of_all_centers
from dashboard.data import Moment
from dashboard.disclosure import SMALLEST
from dashboard.files import csv_file, figure_file, to_take
from dashboard.scope import scope
from dashboard.who import viewer
from registry.access import Permission
from registry.errors import AnalysisRefused

DEATHS = "os"
"""The endpoint that is compared with allowance for case-mix."""

_Place = TypeVar("_Place", Center, CenterOutcome)


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a viewer sees the centers.

    Args:
        bound: the only center that is named; None: all are.
        own: the center that is marked; None for none.
    """

    bound: str | None
    own: str | None

    def of(self, centers: Sequence[_Place], sizes: Sequence[int]) -> tuple[tuple[_Place, ...], tuple[str, ...]]:
        """The centers as they may be seen, and the labels of those with too few cases, which are left out."""
        pairs = list(zip(centers, sizes, strict=True))
        kept = tuple(dataclasses.replace(one, label=self._name(one.label)) for one, n in pairs if n >= SMALLEST)
        return kept, tuple(self._name(one.label) for one, n in pairs if n < SMALLEST)

    def _name(self, label: str) -> str:
        return label if self.bound in (None, label) else ""


@dataclass(frozen=True, slots=True)
class Rates:
    """The funnel of a rule as the viewer may see it.

    Args:
        few: the centers of 1 to 4 cases, "" where they are not named; they count in the average and are not shown.
    """

    funnel: Funnel
    few: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deaths:
    """Observed and expected deaths as the viewer may see them; ``few`` as in ``Rates``."""

    found: CaseMix
    few: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outside:
    """A center that lies outside the limits of a rule."""

    rule: Rule
    average: float
    center: Center


@dataclass(frozen=True, slots=True)
class Overview:
    """The centers outside the limits of any rule that is scored, the farthest first.

    Args:
        rules, points: how many rules were looked at, and how many centers in all of them.
    """

    found: tuple[Outside, ...]
    rules: int
    points: int


def seen(own: str | None) -> Seen:
    """How far the viewer sees. Args: own: the center that is looked at."""
    viewer().require(Permission.READ_RECORDS)
    bound = scope(Permission.VIEW_ADHERENCE).center
    return Seen(bound, bound or own)


def rates(at: Moment, selection: Selection, rule_id: str) -> Rates:
    """The funnel of a rule; raises AnalysisRefused where there is nothing to show."""
    return _rates(at, of_all_centers(selection), rule_id, seen(selection.center))


def deaths(at: Moment, own: str | None) -> Deaths:
    """Observed and expected deaths; raises AnalysisRefused as the analysis does."""
    viewer().require(Permission.VIEW_OUTCOMES)
    return _deaths(at, seen(own))


def overview(at: Moment, selection: Selection) -> Overview:
    """Who lies outside, in all rules that are scored; of a center that is looked at only that one."""
    sight = seen(selection.center)
    found = _overview(at, of_all_centers(selection))
    if sight.own is None:
        return found
    return dataclasses.replace(found, found=tuple(one for one in found.found if one.center.label == sight.own))


def rates_svg(at: Moment, selection: Selection, rule_id: str, theme: ThemeName) -> str:
    """The funnel of a rule for the screen."""
    return _rates_svg(at, of_all_centers(selection), rule_id, seen(selection.center), theme)


def deaths_svg(at: Moment, own: str | None, theme: ThemeName) -> str:
    """The funnel of deaths for the screen."""
    viewer().require(Permission.VIEW_OUTCOMES)
    return _deaths_svg(at, seen(own), theme)


def rates_file(at: Moment, selection: Selection, rule_id: str, format: str, name: str) -> Callable[[], bytes]:
    """What makes a file to keep: the funnel of a rule, or its centers (csv)."""
    of = at, of_all_centers(selection), rule_id, seen(selection.center)

    def make() -> bytes:
        return csv_file(_frame(_rates(*of).funnel.centers)) if format == "csv" else figure_file(_funnel(*of), format)

    return to_take(name, Permission.VIEW_ADHERENCE, make)


def deaths_file(at: Moment, own: str | None, format: str, name: str) -> Callable[[], bytes]:
    """What makes a file to keep: the funnel of deaths, or its centers (csv)."""
    sight = seen(own)

    def make() -> bytes:
        if format == "csv":
            return csv_file(_frame(_deaths(at, sight).found.centers))
        return figure_file(casemix_figure(_deaths(at, sight).found, own=sight.own), format)

    return to_take(name, Permission.VIEW_OUTCOMES, make)


def _frame(centers: Sequence[Center] | Sequence[CenterOutcome]) -> pd.DataFrame:
    return pd.DataFrame([vars(one) for one in centers])


@st.cache_resource(max_entries=64, show_spinner="Judging every episode …")
def _rates(at: Moment, selection: Selection, rule_id: str, sight: Seen) -> Rates:
    drawn = Adherence(judged(at, None).judged, selection).funnel(RULES[rule_id])
    centers, few = sight.of(drawn.centers, [center.cases for center in drawn.centers])
    if drawn.centers and not centers:
        raise AnalysisRefused(f"No center has {SMALLEST} cases or more", remedy="Choose another rule or a longer time")
    return Rates(dataclasses.replace(drawn, centers=centers), few)


@st.cache_resource(max_entries=16, show_spinner="Fitting the model of all centers …")
def _deaths(at: Moment, sight: Seen) -> Deaths:
    found = casemix(data.cohort(at, None), endpoint=DEATHS)
    centers, few = sight.of(found.centers, [center.n for center in found.centers])
    return Deaths(dataclasses.replace(found, centers=centers), few)


@st.cache_resource(max_entries=32, show_spinner="Judging every episode …")
def _overview(at: Moment, selection: Selection) -> Overview:
    found = Adherence(judged(at, None).judged, selection)
    outside: list[Outside] = []
    rules = points = 0
    for rule in found.judged.rules:
        if rule.is_scored(at.readings) and rule.met is not None:
            drawn = found.funnel(rule)
            large = [center for center in drawn.centers if center.cases >= SMALLEST]
            rules, points = rules + bool(large), points + len(large)
            outside += [Outside(rule, drawn.rate or 0.0, one) for one in large if one.place != "inside"]
    return Overview(tuple(sorted(outside, key=lambda one: -abs(one.center.z or 0.0))), rules, points)


def _funnel(at: Moment, selection: Selection, rule_id: str, sight: Seen, theme: ThemeName = "light") -> Figure:
    rule, drawn = RULES[rule_id], _rates(at, selection, rule_id, sight).funnel
    title = f"{rule.id}. {rule.title}"
    return funnel_figure(drawn, title=title, data_cut=at.cut, own=sight.own, note=selection.words, theme=theme)


@st.cache_resource(max_entries=64, show_spinner=False)
def _rates_svg(at: Moment, selection: Selection, rule_id: str, sight: Seen, theme: ThemeName) -> str:
    return figure_file(_funnel(at, selection, rule_id, sight, theme), "svg").decode()


@st.cache_resource(max_entries=16, show_spinner=False)
def _deaths_svg(at: Moment, sight: Seen, theme: ThemeName) -> str:
    return figure_file(casemix_figure(_deaths(at, sight).found, own=sight.own, theme=theme), "svg").decode()
