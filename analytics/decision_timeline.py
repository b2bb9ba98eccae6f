"""A patient's record as dated entries in order: what the timeline picture labels, with studies, tests and meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.consensus.markers import COLORECTAL_STAINS, LUNG_STAINS
from analytics.figures.timeline_marks import timeline_of
from registry.errors import AnalysisRefused

MEETINGS, TESTS, PATHOLOGY, NED = "MDT", "Molecular tests", "Immunohistochemistry", "No evidence of disease"
_UPPER = ("ct", "mri", "pet", "kras", "nras", "braf", "msi", "mmr", "her2", "ned", "ck20", "satb2", "ck7")
_SPELLED = {"ctdna": "ctDNA", "ttf1": "TTF-1", "xray": "X-ray", "cdx2": "CDX-2"}
_WHOLE = {
    "abdomen_ct_contrast": "abdominal CT with contrast",
    "chest_ct_contrast": "chest CT with contrast",
    "chest_ct_high_resolution": "high-resolution chest CT",
    "chest_ct_plain": "plain chest CT",
    "liver_mri_contrast": "liver MRI with contrast",
    "msi_mmr": "MSI or MMR",
    "napsin_a": "napsin A",
    "pelvis_mri_contrast": "pelvic MRI with contrast",
    "pet_ct": "PET-CT",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something of the record on a day, or from a day to another.

    Args:
        on, until: days; until is None for what happened on one day.
        under_way: it had not ended.
        kind: the lane of the timeline, or the form.
        text: in words.
    """

    on: dt.date
    until: dt.date | None
    under_way: bool
    kind: str
    text: str


def entries(frames: Mapping[str, pd.DataFrame]) -> tuple[Entry, ...]:
    """The dated entries of one patient, in order; of a day in the order of the forms.

    Args:
        frames: typed frames of all tables at a data cut, with the rows of one patient.
    """
    found = [*_marked(frames), *_ned(frames), *_studies(frames), *_pathology(frames), *_tests(frames)]
    found += [*_meetings(frames), *_visits(frames)]
    return tuple(sorted(found, key=lambda entry: entry.on))


def words(code: str) -> str:
    """Codes in words."""
    if code in _WHOLE:
        return _WHOLE[code]
    return " ".join(
        _SPELLED.get(part, part.upper() if part in _UPPER else part) for part in code.replace(";", ", ").split("_")
    )


def _marked(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    try:
        marks = timeline_of(frames).marks
    except AnalysisRefused:
        return
    for mark in marks:
        if mark.text:
            yield Entry(mark.start, mark.end, mark.under_way, mark.lane, mark.text)


def _dated(frame: pd.DataFrame, column: str, *others: str) -> Iterator[tuple[dt.date, dict[str, Any]]]:
    """The rows that have a date in a column, with it and with their values in other columns."""
    values = [frame[name].astype(object).to_numpy() for name in (column, *others)]
    for on, *row in zip(*values, strict=True):
        if not pd.isna(on):
            yield on.date(), {name: None if pd.isna(value) else value for name, value in zip(others, row, strict=True)}


def _at(on: dt.date, kind: str, text: str) -> Entry:
    return Entry(on, None, False, kind, text)


def _ned(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    for on, row in _dated(frames["episode"], "ned_on", "record_no"):
        yield _at(on, NED, f"Episode {row['record_no']}: no evidence of disease")


def _studies(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    for on, row in _dated(frames["study"], "performed_on", "modality", "purpose", "result"):
        what = words(row["modality"] or "study")
        purpose = f", {words(row['purpose'])}" if row["purpose"] else ""
        yield _at(on, "Imaging & studies", f"{what}{purpose}" + (f": {words(row['result'])}" if row["result"] else ""))


def _pathology(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    stains = (*COLORECTAL_STAINS, *LUNG_STAINS)
    for on, row in _dated(frames["pathology"], "sampled_on", "specimen", *stains):
        done = ", ".join(f"{words(name)} {words(row[name])}" for name in stains if row[name])
        yield _at(on, PATHOLOGY, words(row["specimen"] or "specimen") + (f": {done}" if done else ""))


def _tests(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    on_day: dict[dt.date, list[str]] = {}
    for on, row in _dated(frames["molecular_test"], "reported_on", "marker", "result", "specimen"):
        specimen = f" ({words(row['specimen'])})" if row["specimen"] else ""
        on_day.setdefault(on, []).append(f"{words(row['marker'] or '')} {words(row['result'] or 'unknown')}{specimen}")
    for on, results in on_day.items():
        yield _at(on, TESTS, ", ".join(results))


def _meetings(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    for on, row in _dated(frames["mdt_meeting"], "held_on", "goal", "topics"):
        parts = [f"goal {words(row['goal'])}"] if row["goal"] else []
        parts += [words(row["topics"])] if row["topics"] else []
        yield _at(on, MEETINGS, "MDT meeting" + (f": {'; '.join(parts)}" if parts else ""))


def _visits(frames: Mapping[str, pd.DataFrame]) -> Iterator[Entry]:
    for on, row in _dated(frames["follow_up"], "seen_on", "disease_status"):
        status = f": {words(row['disease_status'])}" if row["disease_status"] else ""
        yield _at(on, "Follow-up & events", f"Visit{status}")
