"""The analyses as functions for Python and notebooks: what docs/python.md shows, in one import.

A cohort is opened once and given to every function. Each result has its numbers as a dictionary (``to_dict``) and as a
frame, and is drawn by the function of its figure.
"""

from __future__ import annotations

import datetime as dt

from analytics.baseline import baseline
from analytics.baseline_text import frame as baseline_frame
from analytics.benchmarks import benchmarks
from analytics.casemix import casemix
from analytics.classify import classify
from analytics.cohort import Cohort
from analytics.cox import cox_analysis
from analytics.figures.forest import forest_of_cox, forest_of_table1
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.figures.panel import panel_figure
from analytics.figures.schoenfeld import schoenfeld_figure
from analytics.figures.style import save
from analytics.imputation import imputed_analysis
from analytics.outcomes import survival_analysis
from analytics.source import provenance, read_cohort
from analytics.survival import survival_times
from analytics.table1 import table1
from registry.tables import TABLES

__all__ = [
    "baseline",
    "baseline_frame",
    "benchmarks",
    "casemix",
    "classify",
    "cox_analysis",
    "forest_of_cox",
    "forest_of_table1",
    "imputed_analysis",
    "kaplan_meier_figure",
    "open_cohort",
    "panel_figure",
    "provenance",
    "save",
    "schoenfeld_figure",
    "survival_analysis",
    "survival_times",
    "table1",
]


def open_cohort(data_cut: str | dt.date | None = None, snapshot: str | None = None) -> Cohort:
    """The registry of the environment (``OLIGOMET_DATABASE_URL``, ``OLIGOMET_HOME``), or a snapshot of it.

    The arguments, and the errors, are those of :func:`analytics.source.read_cohort`.
    """
    return read_cohort(TABLES, data_cut, snapshot)
