"""Molecular tests of the patient and pathology of the episode: what was tested, on which specimen, by when."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from analytics.consensus.columns import Days
from analytics.consensus.links import Links
from analytics.consensus.logic import NO, UNKNOWN, YES, Leaf, Term, all_of
from analytics.consensus.record import Record

RESULTS = ("wild_type", "mutated", "stable", "unstable", "negative", "positive", "equivocal")
RAS_BRAF = ("kras", "nras", "braf")
ROUTINE = (*RAS_BRAF, "msi_mmr")
MARKERS = (*ROUTINE, "her2")
COLORECTAL_STAINS = ("ck20", "cdx2", "satb2")
LUNG_STAINS = ("ck7", "ttf1", "napsin_a")


class Tests:
    """Molecular tests beside the episodes of their patients.

    A recorded "not done" says that there was no test; without a row, or with an unknown result, it is unknown.

    Args:
        rows: of molecular_test.
    """

    def __init__(self, rows: Links) -> None:
        self.rows = rows

    @cached_property
    def reported_on(self) -> Days:
        """Day of each result."""
        return self.rows.day("reported_on")

    @cached_property
    def has_result(self) -> Term:
        """Of each test: whether it has a result; equivocal is one."""
        return self.rows.among("result", RESULTS, ("not_done",), not_done=NO)

    def specimen(self, *specimens: str) -> Term:
        """Of each test: on one of some specimens."""
        return self.rows.among("specimen", specimens)

    def reported_by(self, days: Days) -> Term:
        """Of each test: reported on or before a day of its episode."""
        return self.reported_on <= self.rows.lift(days)

    def done(self, which: Term | None, name: str) -> Term:
        """Whether a test of which a term holds has a result; unknown without such a test, which is then to fill."""
        rows = self.rows if which is None else self.rows.only(which)
        none = np.where(rows.any().codes == YES, np.int8(NO), np.int8(UNKNOWN))
        return rows.any(self.has_result) | Leaf(none, (_NoRow(name),))


class Markers:
    """Molecular tests (they belong to the patient) and immunohistochemistry of each episode."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.tests = Tests(record.pairs("molecular_test"))
        self.pathology = record.dated("pathology", "sampled_on")
        self._of_marker: dict[str, Tests] = {}

    def of(self, marker: str) -> Tests:
        """The tests of a marker."""
        if marker not in self._of_marker:
            rows = self.tests.rows
            self._of_marker[marker] = Tests(rows.where(rows.among("marker", (marker,))))
        return self._of_marker[marker]

    def tested(self, marker: str, by: Callable[[Tests], Term] | None = None) -> Term:
        """Whether a marker was tested, by a test of which a term holds."""
        tests = self.of(marker)
        none = np.where(tests.rows.any().codes == NO, np.int8(UNKNOWN), np.int8(NO))
        counts = tests.has_result if by is None else tests.has_result & by(tests)
        return tests.rows.any(counts) | Leaf(none, (_NoRow(f"molecular_test.result of {marker}"),))

    def tested_by(self, markers: tuple[str, ...], days: Days) -> Term:
        """Whether all of some markers had a result on or before a day."""
        return all_of(self.tested(marker, lambda tests: tests.reported_by(days)) for marker in markers)

    def tested_on(self, marker: str, *specimens: str) -> Term:
        """Whether a marker was tested on one of some specimens; unknown without such a test.

        A test that was not done was not done on whatever specimen, where it names none.
        """
        tests = self.of(marker)
        not_done = ~tests.has_result & ~tests.rows.filled("specimen")
        name = f"molecular_test.result of {marker} on {' or '.join(specimens)}"
        return tests.done(tests.specimen(*specimens) | not_done, name)

    def any_on(self, *specimens: str) -> Term:
        """Whether any test on one of some specimens has a result; unknown without such a test."""
        return self.tests.done(self.tests.specimen(*specimens), f"molecular_test.result on {' or '.join(specimens)}")

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
