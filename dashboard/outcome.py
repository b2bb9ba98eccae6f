"""What the pages of outcomes read beside survival: Table 1 with its model, who the patients are, the printed figures.

Cached as in data.py; without small numbers for who sees no records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.baseline import Baseline, baseline
from analytics.baseline_text import to_csv, to_docx, to_page
from analytics.benchmarks import benchmarks as beside
from analytics.figures.forest import forest_of_table1
from analytics.figures.panel import panel_figure
from analytics.figures.schoenfeld import schoenfeld_figure
from analytics.figures.style import ThemeName
from analytics.narrowing import Where
from analytics.source import provenance
from analytics.table1 import Table1, table1
from dashboard import data
from dashboard.data import Moment
from dashboard.disclosure import SMALLEST, protected_baseline, protected_frame, protected_table1
from dashboard.files import csv_file, figure_file, to_take
from dashboard.scope import Scope, scope
from registry.access import Permission
from registry.errors import AnalysisRefused

_FIGURES = {"forest": forest_of_table1, "panel": panel_figure}


@dataclass(frozen=True, slots=True)
class Asked:
    """What Table 1 is asked; names as in ``table1``."""

    endpoint: str
    origin: str
    landmark_months: float | None
    where: Where = ()


@dataclass(frozen=True, slots=True)
class Described:
    """Who is described: those with an origin, as they were then; names as in ``baseline``."""

    origin: str
    by: str | None
    where: Where = ()


def prognosis(at: Moment, asked: Asked) -> Table1:
    """Table 1 with its model; raises AnalysisRefused as it does."""
    return _prognosis(at, asked, scope(Permission.VIEW_OUTCOMES))


@st.cache_resource(max_entries=32, show_spinner="Fitting the models …")
def _prognosis(at: Moment, asked: Asked, scope: Scope) -> Table1:
    made = table1(
        data.cohort(at, scope.center),
        endpoint=asked.endpoint,
        origin=asked.origin,
        landmark_months=asked.landmark_months,
        where=asked.where,
    )
    return protected_table1(made, data.cohort(at, scope.center)) if scope.protected else made


def prognosis_svg(at: Moment, asked: Asked, kind: str, theme: ThemeName) -> str:
    """A figure for the screen: the forest plot, or the panel of curves. Raises AnalysisRefused."""
    return _prognosis_svg(at, asked, kind, theme, scope(Permission.VIEW_OUTCOMES))


@st.cache_resource(max_entries=64, show_spinner=False)
def _prognosis_svg(at: Moment, asked: Asked, kind: str, theme: ThemeName, scope: Scope) -> str:
    return figure_file(_FIGURES[kind](_prognosis(at, asked, scope), theme=theme), "svg").decode()


def prognosis_file(at: Moment, asked: Asked, format: str, name: str) -> Callable[[], bytes]:
    """What makes a file to keep: the forest plot (svg, png, pdf) or the table (csv)."""
    seen = scope(Permission.VIEW_OUTCOMES)
    return to_take(name, Permission.VIEW_OUTCOMES, lambda: _prognosis_file(at, asked, format, seen))


@st.cache_resource(max_entries=32, show_spinner=False)
def _prognosis_file(at: Moment, asked: Asked, format: str, scope: Scope) -> bytes:
    made = _prognosis(at, asked, scope)
    if format != "csv":
        return figure_file(forest_of_table1(made), format)
    return csv_file(protected_frame(made.frame()) if scope.protected else made.frame())


def schoenfeld_svg(at: Moment, asked: Asked, theme: ThemeName) -> str:
    """The coefficients of the model over time, for the screen. Raises AnalysisRefused where there are none."""
    return _schoenfeld_svg(at, asked, theme, scope(Permission.VIEW_OUTCOMES))


@st.cache_resource(max_entries=32, show_spinner=False)
def _schoenfeld_svg(at: Moment, asked: Asked, theme: ThemeName, scope: Scope) -> str:
    model = _prognosis(at, asked, scope).multivariable
    if model is None:
        raise AnalysisRefused("There is no model of all factors", remedy="Choose another origin, or fewer filters")
    # A point is what one patient had: it stands at the same day in each plot.
    return figure_file(schoenfeld_figure(model, theme=theme, points=not scope.protected), "svg").decode()


def described(at: Moment, asked: Described) -> Baseline:
    """The table of patients; raises AnalysisRefused as it does."""
    return _described(at, asked, scope(Permission.VIEW_OUTCOMES))


@st.cache_resource(max_entries=32, show_spinner="Describing the patients …")
def _described(at: Moment, asked: Described, scope: Scope) -> Baseline:
    made = baseline(
        data.cohort(at, scope.center),
        by=asked.by,
        origin=asked.origin,
        where=asked.where,
        min_cell=SMALLEST if scope.protected else None,
    )
    return protected_baseline(made) if scope.protected else made


def provenance_of(at: Moment) -> dict[str, Any]:
    """What a table says of its data: data cut, fingerprint, snapshot."""
    return _provenance(at, scope(Permission.VIEW_OUTCOMES).center)


@st.cache_resource(max_entries=8, show_spinner=False)
def _provenance(at: Moment, center: str | None) -> dict[str, Any]:
    return provenance(data.cohort(at, center), at.snapshot)


def described_file(at: Moment, asked: Described, format: str, name: str) -> Callable[[], bytes]:
    """What makes a file to keep: the table of patients as csv, html or docx."""
    seen = scope(Permission.VIEW_OUTCOMES)
    return to_take(name, Permission.VIEW_OUTCOMES, lambda: _described_file(at, asked, format, seen))


@st.cache_resource(max_entries=32, show_spinner=False)
def _described_file(at: Moment, asked: Described, format: str, scope: Scope) -> bytes:
    made, said = _described(at, asked, scope), _provenance(at, scope.center)
    if format == "docx":
        return to_docx(made, said)
    return (to_csv(made) if format == "csv" else to_page(made, said)).encode()


def benchmarks(at: Moment) -> tuple[Sequence[dict[str, Any]], Scope]:
    """The printed figures with the registry's own, and how far the viewer sees."""
    seen = scope(Permission.VIEW_OUTCOMES)
    return _benchmarks(at, seen.center), seen


@st.cache_resource(max_entries=8, show_spinner="Counting the registry's figures …")
def _benchmarks(at: Moment, center: str | None) -> Sequence[dict[str, Any]]:
    return list(beside(data.cohort(at, center)))
