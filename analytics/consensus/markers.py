"""Molecular tests of the patient and pathology of the episode: what was tested, on which specimen, by when."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from analytics.consensus.columns import Days
from analytics.consensus.links import Links
from analytics.consensus.logic import NO, UNKNOWN, Leaf, Term, all_of, surely
from analytics.consensus.record import Record

RESULTS = ("wild_type", "mutated", "stable", "unstable", "negative", "positive", "equivocal")
RAS_BRAF = ("kras", "nras", "braf")
ROUTINE = (*RAS_BRAF, "msi_mmr")
COLORECTAL_STAINS = ("ck20", "cdx2", "satb2")
LUNG_STAINS = ("ck7", "ttf1", "napsin_a")


class Markers:
    """Molecular tests (they belong to the patient) and immunohistochemistry of each episode.

    A recorded "not done" says that there was no test; without a row, or with an unknown result, it is unknown.
    """

    def __init__(self, record: Record) -> None:
        self.record = record
        self.rows = record.pairs("molecular_test")
        self.pathology = record.dated("pathology", "sampled_on")

    @cached_property
    def reported_on(self) -> Days:
        """Day of each result."""
        return self.rows.day("reported_on")

    @cached_property
    def has_result(self) -> Term:
        """Of each test: whether it has a result; equivocal is one."""
        return self.rows.among("result", RESULTS, ("not_done",), not_done=NO)

    def of_marker(self, marker: str) -> Links:
        """The tests of a marker."""
        return self.rows.only(surely(self.rows.among("marker", (marker,))))

    def tested(self, marker: str, term: Term | None = None) -> Term:
        """Whether a marker was tested, by a test of which a term holds."""
        rows = self.of_marker(marker)
        none = np.where(rows.any().codes == NO, np.int8(UNKNOWN), np.int8(NO))
        no_row = Leaf(none, (_NoRow(f"molecular_test.result of {marker}"),))
        return rows.any(self.has_result if term is None else self.has_result & term) | no_row

    def tested_by(self, markers: tuple[str, ...], days: Days) -> Term:
        """Whether all of some markers had a result on or before a day."""
        return all_of(self.tested(marker, self.reported_on <= self.rows.lift(days)) for marker in markers)

    def any_on(self, *specimens: str) -> Term:
        """Whether any test on one of some specimens has a result; unknown without such a test."""
        return self._any(self.rows, self.specimen(*specimens), f"molecular_test.result on {' or '.join(specimens)}")

    def tested_on(self, marker: str, specimen: str) -> Term:
        """Whether a marker was tested on a specimen; unknown without such a test."""
        name = f"molecular_test.result of {marker} on {specimen}"
        return self._any(self.of_marker(marker), self.specimen(specimen), name)

    def any_of_those(self, which: Term, name: str) -> Term:
        """Whether a test of which a term holds has a result; unknown without such a test."""
        return self._any(self.rows, which, name)

    def _any(self, rows: Links, which: Term, name: str) -> Term:
        # A test that was not done was not done on whatever specimen, where it names none.
        mine = rows.only(which | (~self.has_result & ~rows.filled("specimen")))
        none = np.where(mine.any().codes == NO, np.int8(UNKNOWN), np.int8(NO))
        return mine.any(self.has_result) | Leaf(none, (_NoRow(name),))

    def specimen(self, *specimens: str) -> Term:
        """Of each test: on one of some specimens."""
        return self.rows.among("specimen", specimens)

    @cached_property
    def lung_pathology(self) -> Links:
        """Specimens of the lung."""
        return self.pathology.only(self.pathology.among("specimen", ("lung",)))

    def stained(self, *stains: str) -> Term:
        """Whether one of some stains was done on a specimen of the lung."""
        rows = self.lung_pathology
        done = [rows.among(stain, ("positive", "negative"), ("not_done",), not_done=NO) for stain in stains]
        none = np.where(rows.any().codes == NO, np.int8(UNKNOWN), np.int8(NO))
        no_row = Leaf(none, tuple(_NoRow(f"pathology.{stain}") for stain in stains))
        found = rows.any(done[0])
        for term in done[1:]:
            found = found | rows.any(term)
        return found | no_row


class _NoRow:
    """A column to fill of which there is no row yet."""

    def __init__(self, name: str) -> None:
        self.name = name

    def text(self, row: int) -> str:
        """Nothing is recorded."""
        return ""

    def missing(self, row: int) -> bool:
        """There is no value."""
        return True
