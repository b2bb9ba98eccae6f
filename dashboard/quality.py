"""What the pages of data quality read: completeness, timeliness, findings, data queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from analytics.report.quality_data import QualityData, quality_of_registry
from dashboard import data, store
from dashboard.data import Moment
from dashboard.glance import FormCounts
from dashboard.lookup import QueryLine, queries_by_state, query_page
from dashboard.scope import scope
from dashboard.who import viewer
from registry.access import Actor, Permission
from registry.quality import Completeness

STATES = ("open", "answered", "closed")
"""Of data queries, in their order."""

LISTED = 12
"""Data queries on a page of their list."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality of the data, as far as the viewer sees.

    Args:
        found: completeness, timeliness and findings.
        cells: form and center -> its cells with a value, a missing-data code and blank.
        queries: center and state -> data queries of patients; a center that is not known is "".
    """

    found: QualityData
    cells: dict[tuple[str, str], FormCounts]
    queries: Mapping[tuple[str, str], int]

    @property
    def centers(self) -> list[str]:
        """All centers with rows."""
        return sorted({center for _, center in self.cells})

    @property
    def forms(self) -> list[str]:
        """All forms with rows, in their order."""
        return list(dict.fromkeys(form for form, _ in self.cells))

    def fields(self, form: str) -> dict[str, dict[str, Completeness]]:
        """Column of a form -> center -> how far it is filled there."""
        found: dict[str, dict[str, Completeness]] = {}
        for one in self.found.complete:
            if one.table == form:
                found.setdefault(one.column, {})[one.center_id] = one
        return found


def quality(at: Moment) -> Quality:
    """The quality of the data of the viewer's centers."""
    viewer().require(Permission.READ_RECORDS)
    return _quality(at, scope(Permission.VIEW_QUALITY).center, viewer())


def queries(state: str, center: str | None, first: int) -> Sequence[QueryLine]:
    """Some data queries of a state; one more than LISTED where others follow."""
    viewer().require(Permission.VIEW_QUALITY)
    with store.reading() as connection:
        return query_page(connection, by=viewer(), state=state, center=center, first=first, count=LISTED + 1)


@st.cache_resource(max_entries=8, show_spinner="Checking the record …")
def _quality(at: Moment, center: str | None, _by: Actor) -> Quality:
    cohort = data.cohort(at, center)  # read before: frames are read outside of a transaction
    with store.reading() as connection:
        found = quality_of_registry(cohort, connection).of(center)
        by_state = queries_by_state(connection, by=_by)
    counts: dict[tuple[str, str], list[int]] = {}
    for one in found.complete:
        if one.table != "center":
            parts = counts.setdefault((one.table, one.center_id), [0, 0, 0])
            parts[0] += one.filled
            parts[1] += sum(one.missing.values())
            parts[2] += one.blank
    return Quality(found, {(form, of): FormCounts(form, *parts) for (form, of), parts in counts.items()}, by_state)
