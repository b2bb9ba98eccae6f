"""What a patient's timeline shows: marks in lanes, and times without evidence of disease.

A time without evidence of disease begins when it was reached and ends with the next progression, recurrence or
episode, with death, or with the last contact.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from analytics.figures.drawing import Shape
from analytics.wording import counted
from registry.cells import plain_rows_of
from registry.errors import AnalysisRefused

DIAGNOSIS, SURGERY, SYSTEMIC, RADIOTHERAPY, IMAGING, FOLLOW_UP = (
    "Diagnosis",
    "Surgery & ablation",
    "Systemic therapy",
    "Radiotherapy",
    "Imaging & studies",
    "Follow-up & events",
)
LANES = (DIAGNOSIS, SURGERY, SYSTEMIC, RADIOTHERAPY, IMAGING, FOLLOW_UP)

STUDY_SHAPES: dict[str, Shape] = {"clear": "o", "stable": "s", "worse": "^", "": "o"}
VISIT_SHAPES: dict[str, Shape] = {"clear": "|", "worse": "+", "": "|"}
"""Meaning -> matplotlib's marker. Shapes say the same as colors, for eyes that do not tell these apart."""

_RADIATION = ("sbrt", "radiotherapy")
_RESULTS = {"no_disease": "clear", "stable": "stable", "response": "stable"}
_RESULTS |= {"progression": "worse", "new_lesion": "worse"}
_STATUS = {"ned": "clear", "alive_with_disease": "worse"}
_SPELLED = {"sbrt": "SBRT"}
_DEATHS = {"cancer": "Died of cancer", "treatment": "Died of treatment", "other": "Died of another cause"}
_DEATHS |= {"unknown": "Died, cause unknown"}


Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Plain values of a patient's rows, by table."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on a day, or from a day to another.

    Args:
        start, end: days; end is None for what happened on one day.
        under_way: it had not ended when the patient was last heard of.
        text: in words; "" for what is drawn without a label.
        meaning: what it says of the disease (clear, stable, worse, found), how it was treated (treated, systemic,
            radiation), dead, or "" for none of these.
        shape: matplotlib's marker for a single day.
    """

    lane: str
    start: dt.date
    end: dt.date | None
    under_way: bool
    text: str
    meaning: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is drawn of a patient.

    Args:
        marks: in the order of their days.
        clear: the spans without evidence of disease.
        end: the last day that the patient was heard of.
        died: whether that was the day of death.
        undated: form -> rows that have no date and so are not drawn.
    """

    marks: tuple[Mark, ...]
    clear: tuple[tuple[dt.date, dt.date], ...]
    end: dt.date
    died: bool
    undated: dict[str, int] = field(default_factory=dict)


def timeline(rows: Rows) -> Timeline:
    """What is drawn of a patient.

    Args:
        rows: those of one patient, by table; see ``registry.cells.plain_rows``.

    Raises AnalysisRefused where nothing of the patient has a date.
    """
    patient = rows["patient"][0]
    undated: dict[str, int] = {}
    marks = list(_marks(rows, undated))
    died_on, seen_on = patient["death_on"], patient["last_contact_on"]
    days = [day for mark in marks for day in (mark.start, mark.end) if day is not None]
    days += [day for day in (died_on, seen_on) if day is not None]
    if not days:
        raise AnalysisRefused("Nothing of this patient has a date", remedy="Enter the dates of the record")
    end = died_on or max(days)
    if died_on is not None:
        text = _DEATHS.get(patient["cause_of_death"], "Died")
        marks.append(Mark(FOLLOW_UP, died_on, None, False, text, "dead", "X"))
    elif seen_on is not None:
        marks.append(Mark(FOLLOW_UP, seen_on, None, False, "Last contact", "", "|"))
    return Timeline(
        tuple(sorted(marks, key=lambda mark: mark.start)),
        tuple(_clear_spans(rows, end)),
        end,
        died_on is not None,
        undated,
    )


def timeline_of(frames: Mapping[str, pd.DataFrame]) -> Timeline:
    """As ``timeline``, of the typed frames of all tables with the rows of one patient."""
    return timeline({table: plain_rows_of(frame) for table, frame in frames.items()})


def timeline_words(drawn: Timeline) -> str:
    """The picture in words, for those who cannot see it."""
    parts = []
    for mark in drawn.marks:
        if mark.text:
            until = "" if mark.end is None or mark.end == mark.start else f" to {mark.end.isoformat()}"
            parts.append(
                f"{mark.start.isoformat()}{until or (' and under way' if mark.under_way else '')}: {mark.text}"
            )
    parts += [f"{start.isoformat()} to {end.isoformat()}: no evidence of disease" for start, end in drawn.clear]
    silent = [mark for mark in drawn.marks if not mark.text]
    for lane, word in ((IMAGING, "study"), (FOLLOW_UP, "visit")):
        count = sum(mark.lane == lane for mark in silent)
        if count:
            parts.append(f"{count} {'studies' if word == 'study' and count > 1 else word + 's' * (count > 1)}")
    return "Timeline. " + "; ".join(parts) + "."


def _marks(rows: Rows, undated: dict[str, int]) -> Iterator[Mark]:
    def dated(table: str, column: str) -> Iterator[Mapping[str, Any]]:
        for row in rows.get(table, ()):
            if row[column] is None:
                undated[table] = undated.get(table, 0) + 1
            else:
                yield row

    def day(lane: str, on: dt.date, text: str, meaning: str, shape: Shape) -> Mark:
        return Mark(lane, on, None, False, text, meaning, shape)

    for row in dated("primary_tumor", "diagnosed_on"):
        stage = [f"{kind}{row[column]}" for kind, column in _stage(row) if row[column]]
        yield day(DIAGNOSIS, row["diagnosed_on"], _joined("Primary: ", row["site"], *stage), "found", "D")
    for row in dated("episode", "detected_on"):
        lesions = "" if row["lesion_count"] is None else counted(row["lesion_count"], "lesion")
        what = ", ".join(part for part in ("lung" if row["lung_involved"] else "", lesions) if part)
        text = f"Episode {row['record_no']}" + (f": {what}" if what else "")
        yield day(DIAGNOSIS, row["detected_on"], text, "found", "o")
        if row["emergency_on"] is not None:
            yield day(FOLLOW_UP, row["emergency_on"], f"Emergency: {_words(row['emergency'])}", "worse", "v")
    for row in dated("metastasis", "detected_on"):
        yield day(DIAGNOSIS, row["detected_on"], _words(row["site"]).capitalize(), "found", "s")
    for row in dated("local_treatment", "started_on"):
        lane, meaning = (RADIOTHERAPY, "radiation") if row["modality"] in _RADIATION else (SURGERY, "treated")
        yield _span(lane, row, _local_words(row), meaning, "s")
        if row["local_failure_on"] is not None:
            text = f"Local failure: {_words(row['target'])}"
            yield day(FOLLOW_UP, row["local_failure_on"], text, "worse", "v")
    for row in dated("systemic_therapy", "started_on"):
        yield _span(SYSTEMIC, row, _systemic_words(row), "systemic", "s", open_ended=True)
    for row in dated("study", "performed_on"):
        meaning = _RESULTS.get(row["result"] or "", "")
        yield day(IMAGING, row["performed_on"], "", meaning, STUDY_SHAPES[meaning])
    for row in dated("follow_up", "seen_on"):
        meaning = _STATUS.get(row["disease_status"] or "", "")
        yield day(FOLLOW_UP, row["seen_on"], "", meaning, VISIT_SHAPES[meaning])
    for row in dated("disease_event", "occurred_on"):
        sites = f": {_words(row['sites'])}" if row["sites"] else ""
        yield day(FOLLOW_UP, row["occurred_on"], f"{_words(row['kind']).capitalize()}{sites}", "worse", "v")


def _span(
    lane: str, row: Mapping[str, Any], text: str, meaning: str, shape: Shape, *, open_ended: bool = False
) -> Mark:
    start, end = row["started_on"], row["ended_on"]
    under_way = open_ended and end is None and row["ended_on__absent"] is None
    return Mark(lane, start, end if end is not None and end > start else None, under_way, text, meaning, shape)


def _stage(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    kind = "p" if row["p_t"] or row["p_n"] else "c"
    return (kind, f"{kind}_t"), (kind, f"{kind}_n")


def _local_words(row: Mapping[str, Any]) -> str:
    what = row["procedure"] if row["target"] == "lung" and row["procedure"] else row["modality"]
    dose = f"{row['dose_gy']:g} Gy" if row["dose_gy"] is not None else ""
    if dose and row["fractions"] is not None:
        dose += f"/{row['fractions']}"
    intent = "" if row["intent"] in (None, "radical") else row["intent"]
    return _joined(f"{_words(row['target']).capitalize()}: ", what, row["residual_tumor"], dose, intent)


def _systemic_words(row: Mapping[str, Any]) -> str:
    agent = row["targeted_agent"] if row["targeted_agent"] not in (None, "none") else ""
    base = row["regimen"] or (_words(row["backbone"]) if row["backbone"] != "none" else "")
    drugs = " + ".join(part for part in (base, _words(agent)) if part) or "Systemic therapy"
    return drugs + (f", {row['best_response']}" if row["best_response"] else "")


def _joined(head: str, *parts: str | None) -> str:
    return head + " ".join(_words(part) for part in parts if part)


def _words(code: str | None) -> str:
    return _SPELLED.get(code, code.replace(";", ", ").replace("_", " ")) if code else ""


def _clear_spans(rows: Rows, end: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    episodes = rows.get("episode", ())
    breaks = [row["occurred_on"] for row in rows.get("disease_event", ()) if row["occurred_on"] is not None]
    breaks += [row["detected_on"] for row in episodes if row["detected_on"] is not None]
    for row in sorted((row for row in episodes if row["ned_on"] is not None), key=lambda row: row["ned_on"]):
        until = min((day for day in (*breaks, end) if day > row["ned_on"]), default=end)
        if until > row["ned_on"]:
            yield row["ned_on"], until
