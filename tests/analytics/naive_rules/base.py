"""The rules again, slowly: constants, cells, three-valued logic and the order of the outcomes. Unknown is None."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.analytics.naive_classification import (
    Row,
    Rows,
    day,
    months_later,
    no_end,
    not3,
    not_after,
    text,
    yes_no,
)

__all__ = [
    "Fact",
    "Row",
    "Rows",
    "Treatment",
    "Verdict",
    "ablation",
    "all3",
    "any3",
    "at_cut",
    "before",
    "clear_margin",
    "code",
    "combined",
    "day",
    "done",
    "emergency",
    "every",
    "in_time",
    "lung_sbrt_or_ablation",
    "lung_surgery",
    "months_later",
    "narrowed",
    "no_end",
    "not3",
    "not_after",
    "option",
    "outcome",
    "primary_radiotherapy",
    "primary_resection",
    "radical",
    "recorded",
    "resection",
    "some",
    "text",
    "there_is",
    "yes_no",
]

PERIOPERATIVE_DAYS = 183
"""P-PERIOP; the literal reading is 182, the one with grace 197."""
OPEN_DAYS = 183
"""P-OPEN: an episode without treatment or decision waits so long from its detection."""
OPEN_AFTER_THERAPY_DAYS = 92
"""P-OPEN: preoperative or conversion therapy that ended less than this before the data cut still counts as open."""
POSTOPERATIVE_DAYS = 92
"""P-POSTOP."""
LIVER_NEOADJUVANT_DAYS = 92
"""LIV7: 2-3 months."""
WORKUP_DAYS = 90
"""P-HRCT, and how long before an episode its studies and meetings may lie."""
EARLY_MONTHS = 3
"""P-EARLY."""
MONITORED_MONTHS = 3
"""GEN6: systemic therapy of this length is monitored."""
FIRST_SCAN_MONTHS = 8
"""FUP1."""
WINDOWS = {6: 2, 12: 2, 18: 2, 24: 2, 30: 2, 36: 2, 48: 3, 60: 3}
"""P-FUP: the middle of each window and its tolerance, in months."""
CLOSE_WATCH_MONTHS = 6
"""REC4."""
SMALL_MM = 10.0
"""P-SMALL, for the sub-group of UNR2 only: it decides no outcome."""
MEETING_ON_THE_DAY = True
"""P-MDT: whether a meeting on the day of a treatment is in time."""
DEATH_CLOSES = True
"""Reading: after death a rule can no longer be met, so P-OPEN does not hold (P-POSTOP names no such condition)."""

PERIOPERATIVE = ("preoperative", "conversion", "postoperative")
ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation")
CHEST_CT = ("chest_ct_plain", "chest_ct_contrast", "chest_ct_high_resolution")
CHEST_STUDIES = (*CHEST_CT, "chest_xray", "chest_mri", "pet_ct")

Fact = bool | None
Verdict = str | dict[str | None, str]


@dataclass(frozen=True)
class Treatment:
    """A treatment, a study, a meeting or a specimen: its row, its date, and whether it belongs to the episode."""

    row: Row
    own: Fact
    on: dt.date | None


Test = Callable[[Treatment], Fact]


# Three-valued logic.


def all3(*terms: Fact) -> Fact:
    """All of them."""
    return False if False in terms else None if None in terms else True


def any3(*terms: Fact) -> Fact:
    """Any of them."""
    return True if True in terms else None if None in terms else False


# Cells.


def code(row: Row | None, column: str, *codes: str) -> Fact:
    """Whether a cell holds one of some codes; every missing code is unknown."""
    found = text(row, column)
    return None if found is None else found in codes


def recorded(row: Row | None, column: str) -> Fact:
    """Whether something was recorded: not done is no, never entered is unknown."""
    # Reading: "recorded" with a blank cell is unknown; NAP too, in numbers, codes and texts.
    return True if text(row, column) is not None else False if (row or {}).get(column) == "ND" else None


def done(row: Row, column: str) -> Fact:
    """A yes/no cell about a test, an assessment or a review: not done is no."""
    # Reading: so of mdt_discussed, curability_assessed, differential_documented and biopsy_taken.
    return False if row.get(column) == "ND" else yes_no(row, column)


def before(first: dt.date | None, second: dt.date | None) -> Fact:
    """Whether a day is before another; the same day is not."""
    # Reading: "before" and "after" between treatments, and after a response or a progression, leave out the same day.
    return None if first is None or second is None else first < second


def in_time(held_on: dt.date | None, on: dt.date | None) -> Fact:
    """Whether a meeting was held in time for a day (P-MDT)."""
    return not_after(held_on, on) if MEETING_ON_THE_DAY else before(held_on, on)


def some(items: Iterable[Treatment], test: Test) -> Fact:
    """Whether any of the episode's rows passes."""
    return any3(*(all3(item.own, test(item)) for item in items))


def every(items: Iterable[Treatment], test: Test) -> Fact:
    """Whether each of the episode's rows passes; true where there is none."""
    return all3(*(any3(not3(item.own), test(item)) for item in items))


def there_is(items: Iterable[Treatment]) -> Fact:
    """Whether any of some rows belongs to the episode."""
    return any3(*(item.own for item in items))


def narrowed(items: Iterable[Treatment], test: Test) -> list[Treatment]:
    """The rows that pass, or may pass; what passes and belongs to the episode is its own."""
    found = [Treatment(item.row, all3(item.own, test(item)), item.on) for item in items]
    return [item for item in found if item.own is not False]


# What a treatment is.


def resection(item: Treatment, *targets: str) -> Fact:
    """A resection of one of some targets."""
    return all3(code(item.row, "modality", "resection"), code(item.row, "target", *targets))


def lung_surgery(item: Treatment) -> Fact:
    """Resection of the lung, whatever its intent."""
    return resection(item, "lung")


def ablation(item: Treatment) -> Fact:
    """Thermal ablation of any target."""
    return code(item.row, "modality", *ABLATIONS)


def lung_sbrt_or_ablation(item: Treatment) -> Fact:
    """Stereotactic radiotherapy or ablation of the lung, whatever its intent."""
    return all3(code(item.row, "target", "lung"), code(item.row, "modality", "sbrt", *ABLATIONS))


def radical(item: Treatment) -> Fact:
    """D-RADICAL."""
    return all3(code(item.row, "modality", "resection", "sbrt", *ABLATIONS), code(item.row, "intent", "radical"))


def clear_margin(item: Treatment) -> bool:
    """No R1 or R2 is recorded."""
    return text(item.row, "residual_tumor") not in ("R1", "R2")


def emergency(item: Treatment) -> bool:
    """Recorded as an emergency treatment."""
    # Reading: a local treatment of blank intent is not an emergency, and not palliative ("intent other than").
    return text(item.row, "intent") == "emergency"


def primary_resection(item: Treatment) -> Fact:
    """Resection of the primary, not recorded as palliative."""
    return all3(resection(item, "primary"), text(item.row, "intent") != "palliative")


def primary_radiotherapy(item: Treatment) -> Fact:
    """Radiotherapy of the primary."""
    return all3(code(item.row, "target", "primary"), code(item.row, "modality", "radiotherapy"))


# Outcomes.


def outcome(applies: Fact, met: Fact, *, excluded: bool = False, excepted: bool = False, pending: Fact = False) -> str:
    """The outcome of a scored rule, in the printed order."""
    if applies is False:
        return "not_applicable"
    if applies is None:
        return "undetermined_denominator"
    if excluded:
        return "excluded"
    if met:
        return "adherent"
    if met is False and excepted:
        return "exception"
    if pending:
        return "pending"
    # Reading: not met, but whether the window is still open is unknown: the numerator is unknown.
    return "undetermined_numerator" if met is None or pending is None else "non_adherent"


def option(applies: Fact, taken: Fact, *, pending: Fact = False) -> str:
    """The outcome of an option."""
    found = outcome(applies, taken, pending=pending)
    return {"adherent": "taken", "non_adherent": "not_taken"}.get(found, found)


def combined(*parts: tuple[Fact, Fact]) -> tuple[Fact, Fact]:
    """Whether all parts, each (met, can still be met), are met, and whether they all can still be."""
    # Reading: the whole can still be met where no part is known to be lost; what is not known of a part does not close
    # the window of another.
    possible = all3(*(any3(part is not False, still) for part, still in parts))
    return all3(*(part for part, _ in parts)), all3(possible, any3(*(still for part, still in parts if not part)))


# The data cut.

ROW_DATES = {
    "episode": "detected_on",
    "metastasis": "detected_on",
    "study": "performed_on",
    "pathology": "sampled_on",
    "molecular_test": "reported_on",
    "mdt_meeting": "held_on",
    "systemic_therapy": "started_on",
    "local_treatment": "started_on",
    "follow_up": "seen_on",
    "disease_event": "occurred_on",
}
CELL_DATES = {
    "patient": ("death_on",),
    "primary_tumor": ("diagnosed_on", "workup_completed_on", "first_treated_on"),
    "episode": ("emergency_on", "ned_on"),
    "metastasis": ("resolved_on",),
    "systemic_therapy": ("ended_on", "response_assessed_on"),
    "local_treatment": ("ended_on", "local_failure_on"),
}


FOUND_ON = {"ended_on": ("stop_reason",), "response_assessed_on": ("best_response",), "emergency_on": ("emergency",)}
"""What was found on a date and is not known before."""


def at_cut(rows: Rows, cut: dt.date) -> dict[str, list[Row]]:
    """The rows that exist at the data cut; rows already cut stay as they are.

    Other dates of a row that lie after the cut are blank, with what was found on them. Who is heard of later was alive
    on the cut.
    """
    found: dict[str, list[Row]] = {}
    for table, group in rows.items():
        kept: list[Row] = []
        for row in group:
            begun = day(row, ROW_DATES[table]) if table in ROW_DATES else None
            if begun is not None and begun > cut:
                continue
            later = [
                column for column in CELL_DATES.get(table, ()) if (on := day(row, column)) is not None and on > cut
            ]
            changed = dict(row) | dict.fromkeys(later, "")
            if table == "systemic_therapy":
                found_later = [word for column in later for word in FOUND_ON[column]]
                if "ended_on" in later and day(row, "response_assessed_on") is None:
                    found_later.append("best_response")
                # Reading: what was never done, or is not known at all, was not so by the cut either.
                changed |= {word: "" for word in found_later if text(row, word) is not None}
            if table == "episode" and "emergency_on" in later and text(row, "emergency") is not None:
                changed["emergency"] = ""
            if table == "patient":
                contact = day(row, "last_contact_on")
                if "death_on" in later or (contact is not None and contact > cut):
                    changed["last_contact_on"] = cut.isoformat()
                if "death_on" in later:
                    changed["vital_status"] = "alive"
            kept.append(changed)
        found[table] = kept
    return found
