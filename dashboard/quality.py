"""What the pages of data quality read: completeness, timeliness, findings, data queries."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import streamlit as st

from analytics.report.quality_data import QualityData, quality_of_registry
from dashboard import data, store
from dashboard.data import Moment
from dashboard.glance import FormCounts
from dashboard.scope import scope
from dashboard.who import viewer
from registry.access import Permission


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of the data, as far as the viewer sees.

    Args:
        found: completeness, timeliness and findings.
        cells: form and center -> its cells with a value, a missing-data code and blank.
    """

    found: QualityData
    cells: dict[tuple[str, str], FormCounts]

    @property
    def centers(self) -> list[str]:
        """All centers with rows."""
        return sorted({center for _, center in self.cells})

    @property
    def forms(self) -> list[str]:
        """All forms with rows, in their order."""
        return list(dict.fromkeys(form for form, _ in self.cells))

    def open_queries(self) -> Counter[tuple[str, str]]:
        """Center and state -> data queries that are not closed; a center that is not known is ""."""
        return Counter((one.center or "", str(one.state)) for one in self.found.questioned if one.state != "closed")


def quality(at: Moment) -> Quality:
    """The quality of the data of the viewer's centers."""
    viewer().require(Permission.READ_RECORDS)
    return _quality(at, scope(Permission.VIEW_QUALITY).center)


@st.cache_resource(max_entries=8, show_spinner="Checking the record …")
def _quality(at: Moment, center: str | None) -> Quality:
    with store.reading() as connection:
        found = quality_of_registry(data.cohort(at, center), connection).of(center)
    counts: dict[tuple[str, str], list[int]] = {}
    for one in found.complete:
        if one.table != "center":
            parts = counts.setdefault((one.table, one.center_id), [0, 0, 0])
            parts[0] += one.filled
            parts[1] += sum(one.missing.values())
            parts[2] += one.blank
    return Quality(found, {(form, of): FormCounts(form, *parts) for (form, of), parts in counts.items()})
