"""From the settings to the text of the report."""

from __future__ import annotations

from analytics.consensus.readings import Readings
from analytics.report.material import Material, Settings
from analytics.report.page import Progress, page
from analytics.report.quality_data import quality_of_registry, quality_of_tables
from analytics.source import provenance, read_cohort
from registry.database import reading
from registry.tables import TABLES
from registry.terminal import open_registry

_READ, _CHECKED = 0.2, 0.35
"""The shares of the work that reading and checking are."""


def make_report(
    settings: Settings,
    data_cut_on: str | None,
    progress: Progress = lambda share, step: None,
    readings: Readings | None = None,
) -> str:
    """The report of the registry of the environment, or of a snapshot.

    Args:
        settings: what was asked for.
        data_cut_on: the last day that exists, as given to ``--data-cut``.
        progress: told the share that is done and what comes next.
        readings: other ones than the registry's, or the snapshot's.

    Raises:
        UsageError: no such center, origin or snapshot.
        EnvironmentRefused: no registry, or one that cannot be read.
    """
    progress(0.0, "reading")
    cohort = read_cohort(TABLES, data_cut_on, settings.snapshot, readings)
    progress(_READ, "checking")
    if settings.snapshot is not None:
        checked = quality_of_tables(cohort)
    else:
        with reading(open_registry()) as connection:
            checked = quality_of_registry(cohort, connection)
    material = Material(cohort, settings, provenance(cohort, settings.snapshot), checked.of(settings.center))
    return page(material, lambda share, step: progress(_CHECKED + (1 - _CHECKED) * share, step))
