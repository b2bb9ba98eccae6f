"""Whether a marker was tested: on what, and by when."""

from __future__ import annotations

from collections.abc import Sequence

from tests.analytics.naive_rules.base import Fact, Row, Treatment, all3, any3, code, day, not3, not_after, text
from tests.analytics.naive_rules.episode import Episode

ROUTINE = ("kras", "nras", "braf", "msi_mmr")
MARKERS = (*ROUTINE, "her2")


def result(row: Row) -> Fact:
    """Whether a row holds a result: not done is no, unknown is unknown."""
    word = row.get("result", "")
    if word in ("not_done", "ND"):
        return False
    return None if word == "unknown" or text(row, "result") is None else True


def rows_of(e: Episode, markers: Sequence[str]) -> list[Row]:
    """The patient's tests of some markers."""
    # Reading: a test whose marker is not known is a test of none, and one where any marker will do.
    return [row for row in e.tests if markers == MARKERS or text(row, "marker") in markers]


def tested(e: Episode, marker: str) -> Fact:
    """Whether a marker was tested at any time; without a row it is unknown."""
    found = [result(row) for row in rows_of(e, (marker,))]
    return any3(*found) if found else None


def tested_on(e: Episode, markers: Sequence[str], *specimens: str) -> Fact:
    """Whether a result of some markers comes from some specimens; without such a row it is unknown."""
    tests = [(code(row, "specimen", *specimens), result(row)) for row in rows_of(e, markers)]
    # Reading: a test of the marker that was not done was not done on whatever specimen, where it names none.
    known = any(on or (on is None and done is False and len(markers) == 1) for on, done in tests)
    return any3(*(all3(on, done) for on, done in tests), False if known else None)


def reported_by(e: Episode, marker: str, starts: Sequence[Treatment]) -> Fact:
    """Whether a marker had a result on or before the first of some treatments; without a row it is unknown."""
    found = []
    for row in rows_of(e, (marker,)):
        on = day(row, "reported_on")
        in_time = all3(*(any3(not3(s.own), not_after(on, s.on)) for s in starts))
        found.append(all3(result(row), in_time))
    return any3(*found) if found else None
