"""What the pages of data quality read: completeness, timeliness, findings; and the trail with its proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from analytics.report.quality_data import QualityData, quality_of_registry
from dashboard import data, store
from dashboard.data import Moment
from dashboard.glance import FormCounts
from dashboard.scope import scope
from dashboard.trail import viewed
from dashboard.who import session, viewer
from registry import anchor, audit
from registry.access import Permission

FOUND_AT_MOST = 2000
"""Entries of the trail that a search reads."""


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


def trail(patient: str, by: str, since: str, until: str, table: str | None) -> Sequence[audit.Entry]:
    """The latest entries of the trail that a search finds, the newest first; empty texts narrow nothing.

    That a named patient was looked at stands in the trail too.
    """
    viewer().require(Permission.READ_TRAIL)
    with store.reading() as connection:
        found = list(
            audit.log(
                connection,
                patient=patient or None,
                by=by or None,
                since=since or None,
                until=until or None,
                table=table,
                events=table is None,
                newest=FOUND_AT_MOST,
            )
        )
    if patient and found:
        viewed(session(), patient)
    return found


def verified() -> audit.Break | None:
    """Reads the whole chain of the trail; the first break, None where it is whole, which this machine remembers."""
    viewer().require(Permission.READ_TRAIL)
    engine = store.engine()
    with store.reading() as connection:
        head = audit.head(connection)
        broken = audit.verify_chain(connection, known=anchor.last_verified(engine))
    if broken is None:
        anchor.remember(engine, head)
    return broken
