"""What the pages of outcomes read beside survival: Table 1 with its model, and the printed figures of the consensus.

Cached as in data.py; without small numbers for who sees no records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics.benchmarks import benchmarks as beside
from analytics.consensus.readings import Readings
from analytics.figures.forest import forest_of_table1
from analytics.figures.panel import panel_figure
from analytics.figures.style import ThemeName
from analytics.readings_file import readings_of
from analytics.table1 import Table1, table1
from dashboard import data
from dashboard.data import Moment
from dashboard.disclosure import protected_table1
from dashboard.files import csv_file, figure_file, to_take
from dashboard.scope import Scope, scope
from registry.access import Permission

_FIGURES = {"forest": forest_of_table1, "panel": panel_figure}


@dataclass(frozen=True, slots=True)
class Asked:
    """What Table 1 is asked; names as in ``table1``."""

    endpoint: str
    origin: str
    landmark_months: float | None
    center: str | None


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
        center=asked.center,
    )
    return protected_table1(made) if scope.protected else made


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
    return csv_file(made.frame()) if format == "csv" else figure_file(forest_of_table1(made), format)


def benchmarks(at: Moment) -> tuple[Sequence[dict[str, Any]], Scope]:
    """The printed figures with the registry's own, and how far the viewer sees."""
    seen = scope(Permission.VIEW_OUTCOMES)
    return _benchmarks(at, seen.center, readings_of(None)), seen


@st.cache_resource(max_entries=8, show_spinner="Counting the registry's figures …")
def _benchmarks(at: Moment, center: str | None, readings: Readings) -> Sequence[dict[str, Any]]:
    return list(beside(data.cohort(at, center), readings))
