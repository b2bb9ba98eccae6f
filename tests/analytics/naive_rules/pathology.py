"""Chapter 3.3: tissue, differential diagnosis and molecular tests."""

from __future__ import annotations

import datetime as dt

from tests.analytics.naive_rules import molecular
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    code,
    day,
    done,
    narrowed,
    not_after,
    option,
    outcome,
    some,
)
from tests.analytics.naive_rules.episode import Episode

COLORECTAL, PULMONARY = ("ck20", "cdx2", "satb2"), ("ck7", "ttf1", "napsin_a")


def _stained(item: Treatment, marker: str) -> Fact:
    return False if item.row.get(marker) == "ND" else code(item.row, marker, "positive", "negative")


def pat1(e: Episode) -> Verdict:
    """Tissue that is hard to tell: at least one colorectal and one pulmonary marker on the lung specimens."""
    applies = all3(
        code(e.row, "tissue", "obtained"), code(e.row, "tissue_histology", "poor", "mucinous", "signet_ring")
    )
    # Reading: the two panels may stand in two lung specimens of the episode.
    lung = narrowed(e.specimens, lambda s: code(s.row, "specimen", "lung"))
    panels = [some(lung, lambda s, panel=panel: _any(s, panel)) for panel in (COLORECTAL, PULMONARY)]  # type: ignore[misc]
    met = all3(*panels) if lung else None
    return outcome(applies, met, excepted=e.excepted("PAT1", "no_tissue"))


def _any(item: Treatment, markers: tuple[str, ...]) -> Fact:
    return any3(*(_stained(item, marker) for marker in markers))


def pat2(e: Episode) -> Verdict:
    """Diagnosis by imaging alone: the differential diagnosis is documented."""
    return outcome(code(e.row, "basis", "imaging_mdt"), done(e.row, "differential_documented"))


def mol1(e: Episode) -> Verdict:
    """KRAS, NRAS, BRAF and MSI or MMR tested; each is a part."""
    excepted = e.excepted("MOL1", "no_tissue")
    met = [molecular.tested(e, marker) for marker in molecular.ROUTINE]
    parts: dict[str | None, str] = {
        f"MOL1{letter}": outcome(True, fact, excepted=excepted) for letter, fact in zip("abcd", met, strict=True)
    }
    return parts | {None: outcome(True, all3(*met), excepted=excepted)}


def mol2(e: Episode) -> Verdict:
    """HER2 tested."""
    return outcome(True, molecular.tested(e, "her2"), excepted=e.excepted("MOL2", "no_tissue"))


def mol3(e: Episode) -> Verdict:
    """Lung tissue obtained: one gene result or more from it."""
    # Reading: every marker counts as a gene; only lung rows that are all not done make a known "no".
    met = molecular.tested_on(e, molecular.MARKERS, "lung")
    excepted = e.excepted("MOL3", "no_tissue", "mdt_decision")
    return outcome(code(e.row, "tissue", "obtained"), met, excepted=excepted)


def mol4(e: Episode) -> Verdict:
    """No tissue to be had: liquid biopsy."""
    return option(code(e.row, "tissue", "not_obtainable"), molecular.tested_on(e, molecular.MARKERS, "ctdna"))


def mol5(e: Episode) -> Verdict:
    """Progression on or after systemic therapy: new lung tissue or liquid biopsy after it."""
    progressions = []
    for event in e.events("progression"):
        treated = [not_after(s.on, event.on) for s in e.systemic if s.own]
        doubtful = [all3(s.own, not_after(s.on, event.on)) for s in e.systemic if s.own is None]
        progressions.append((all3(event.own, any3(*treated, *doubtful)), event.on))

    def later(on: dt.date | None) -> Fact:
        return any3(*(all3(counts, before(since, on)) for counts, since in progressions))

    # Reading: a result from before the progression says nothing; without a test after it the option is unknown.
    tests = [(all3(code(row, "specimen", "lung", "ctdna"), later(day(row, "reported_on"))), row) for row in e.tests]
    tested = any3(*(all3(counts, molecular.result(row)) for counts, row in tests))
    known = any(counts for counts, _ in tests)
    sampled = some(e.specimens, lambda s: all3(code(s.row, "specimen", "lung"), later(s.on)))
    return option(any3(*(counts for counts, _ in progressions)), any3(tested, sampled, False if known else None))


RULES = {"PAT1": pat1, "PAT2": pat2, "MOL1": mol1, "MOL2": mol2, "MOL3": mol3, "MOL4": mol4, "MOL5": mol5}
