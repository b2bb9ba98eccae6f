"""Random records of one patient over every table that the rules read: mostly consistent courses, then perturbed.

A record is made around a course of treatment (`random_courses.py`), filled up with studies, meetings, tests and events
whose dates lie close together (`random_surroundings.py`), and then disturbed: blanks, missing codes, shifted dates.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

from hypothesis import strategies as st

from registry.tables import TABLES
from tests.analytics.random_courses import COURSES
from tests.analytics.random_draft import CUT, Draft
from tests.analytics.random_surroundings import surround

Tables = dict[str, list[dict[str, str]]]
CODES = ("UNK", "ND", "NAP", "NASK")
SHIFTS = (-183, -92, -31, -30, -1, -1, 1, 1, 30, 31, 92, 183)
DISTURBED = (0.0, 0.0, 0.004, 0.012, 0.04)
"""Shares of cells that are disturbed in a record."""
KEYS = {"patient_id", "record_no", "center_id"}
SETTLED = {"patient": ("enrolled_on", "consent_status", "birth_date"), "episode": ("lung_involved",)}
"""Cells that are left alone, so that most records have cases."""

__all__ = ["CUT", "Tables", "cohort", "random_record", "records"]


def random_record(rng: random.Random, patient_id: str = "P1") -> Tables:
    """One patient's rows of cells, some of them after the data cut."""
    draft = Draft(rng, patient_id)
    rng.choice(COURSES)(draft)
    surround(draft)
    rows = {table: group for table, group in draft.rows.items() if group}
    _disturb(rng, rows)
    _obscure(rng, rows)
    _mend(rows)
    return rows


def cohort(seed: int, count: int) -> Tables:
    """Many patients in one center, each its own record."""
    rng, found = random.Random(seed), defaultdict[str, list[dict[str, str]]](list)
    found["center"].append({"center_id": "C1", "name": "First", "country": "CN"})
    for number in range(count):
        for table, group in random_record(rng, f"P{number:06d}").items():
            found[table].extend(group)
    return dict(found)


@st.composite
def records(draw: st.DrawFn) -> Tables:
    """One patient's rows; the course comes from a seed, the edits after it shrink one by one."""
    rows = random_record(random.Random(draw(st.integers(0, 2**32 - 1))))
    places = [
        (table, number, column)
        for table, group in sorted(rows.items())
        for number, row in enumerate(group)
        for column in sorted(row)
        if column not in KEYS and column not in SETTLED.get(table, ())
    ]
    for table, number, column in draw(st.lists(st.sampled_from(places), max_size=6)):
        field = TABLES[table].fields[column]
        choices = [*CODES, *field.codes, *(() if field.required else ("",))]
        choices += ["yes", "no"] if field.type == "boolean" else []
        choices += [_shifted(rows[table][number][column], days) for days in SHIFTS] if field.type == "date" else []
        rows[table][number][column] = draw(st.sampled_from(choices))
    _mend(rows)
    return rows


# Disturbance.


def _shifted(cell: str, days: int) -> str:
    return cell if cell in ("", *CODES) else str(dt.date.fromisoformat(cell) + dt.timedelta(days=days))


def _disturb(rng: random.Random, rows: Tables) -> None:
    share = rng.choice(DISTURBED)
    if not share:
        return
    for table, group in rows.items():
        for row in group:
            for column, cell in row.items():
                if column in KEYS or column in SETTLED.get(table, ()) or rng.random() > share:
                    continue
                field = TABLES[table].fields[column]
                # A code in a required cell is rarer: such a row says little.
                if field.type == "date" and cell and rng.random() < 0.4:
                    row[column] = _shifted(cell, rng.choice(SHIFTS))
                elif field.required:
                    row[column] = rng.choice(CODES) if rng.random() < 0.3 else cell
                else:
                    row[column] = rng.choice(("", "", *CODES))


DECISIVE = {
    "systemic_therapy": ("started_on", "ended_on", "intent", "episode_no", "backbone", "best_response"),
    "local_treatment": ("started_on", "intent", "episode_no", "target", "modality", "residual_tumor"),
    "study": ("performed_on", "modality", "purpose", "episode_no"),
    "mdt_meeting": ("held_on", "goal", "topics"),
    "disease_event": ("occurred_on", "kind"),
    "patient": ("last_contact_on", "death_on"),
    "metastasis": ("site", "detected_on", "curable"),
}
"""Cells on which many rules hang."""


def _obscure(rng: random.Random, rows: Tables) -> None:
    """In some records a few decisive cells are missing."""
    for _ in range(rng.choice((0, 0, 1, 2))):
        table = rng.choice([name for name in DECISIVE if rows.get(name)])
        column = rng.choice(DECISIVE[table])
        blanks = () if TABLES[table].fields[column].required else ("", "")
        rng.choice(rows[table])[column] = rng.choice((*CODES, *blanks))
    treated = [table for table in ("systemic_therapy", "systemic_therapy", "local_treatment") if rows.get(table)]
    if treated and rng.random() < 0.2:
        # Which episode a treatment belongs to is not known.
        rng.choice(rows[rng.choice(treated)]).update(started_on="UNK", episode_no="")
    if rows.get("systemic_therapy") and rng.random() < 0.06:
        rng.choice(rows["systemic_therapy"])["ended_on"] = "UNK"


def _mend(rows: Tables) -> None:
    """Put right what no entry can hold: an end before its start, a row after death, a contact after the last one."""
    for table in ("systemic_therapy", "local_treatment"):
        for row in rows.get(table, ()):
            if _is_date(row.get("ended_on")) and _is_date(row.get("started_on")):
                row["ended_on"] = max(row["ended_on"], row["started_on"])
    for row in rows.get("metastasis", ()):
        if _is_date(row.get("resolved_on")) and _is_date(row.get("detected_on")):
            row["resolved_on"] = max(row["resolved_on"], row["detected_on"])
    patient = rows["patient"][0]
    if patient["vital_status"] == "dead" and not patient["death_on"]:
        patient["death_on"] = "UNK"
    if not _is_date(patient.get("death_on")):
        return
    death = max(
        [patient["death_on"]]
        + [
            cell
            for table in ("systemic_therapy", "local_treatment", "study", "disease_event", "mdt_meeting", "episode")
            for row in rows.get(table, ())
            for column, cell in row.items()
            if column.endswith("_on") and _is_date(cell)
        ]
    )
    patient |= {"death_on": death, "last_contact_on": death}


def _is_date(cell: str | None) -> bool:
    return cell is not None and cell[:2] in ("19", "20") and len(cell) == 10
