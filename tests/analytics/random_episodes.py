"""Seeded random patients for the tests of the classification: dates close together, many blanks and missing codes."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict

from registry.fields import Field
from registry.tables import TABLES

START = dt.date(2020, 1, 1)
EARLIER_OR_LATER = (-900, -400, -183, -182, -60, -32, -31, -30, -10, -1, 0, 0, 0, 1, 10, 30, 31, 32, 60, 182, 183)
LONG_BEFORE = (-1500, -900, -400, -200, -60)
CODES = ("UNK", "ND", "NAP", "NASK")
FILLED: dict[str, tuple[str, ...]] = {
    "primary_tumor": (
        "diagnosed_on",
        "workup_completed_on",
        "first_treated_on",
        "site",
        "rectal_height_cm",
        "c_t",
        "c_n",
        "curable",
    ),
    "episode": (
        "detected_on",
        "lung_involved",
        "prior_polymetastatic",
        "progressing_lesion",
        "lymphangitic",
        "other_sites_assessed",
        "resectability",
        "local_recurrence",
    ),
    "metastasis": ("site", "detected_on", "resolved_on"),
    "systemic_therapy": ("episode_no", "started_on", "ended_on", "intent"),
    "local_treatment": ("started_on", "ended_on", "intent", "residual_tumor"),
}
"""The columns that the classification reads; those of a local treatment that say what it was are always there."""

_LIKELY = {
    "lung_involved": ("yes",) * 9 + ("no",),
    "lymphangitic": ("no",) * 12 + ("yes",),
    "other_sites_assessed": ("yes",) * 7 + ("no",),
    "curable": ("yes", "no"),
    "site": ("rectum", "sigmoid_colon", "liver", "peritoneum", "pelvic_implant"),
    "prior_polymetastatic": ("no", "no", "no", "yes"),
    "local_recurrence": ("none", "none", "none", "none", "resectable", "unresectable"),
    "rectal_height_cm": ("9.9", "10", "10.1", "3", "14"),
    "intent": ("radical", "radical", "preoperative", "preoperative", "palliative"),
    "residual_tumor": ("R0", "R0", "R0", "R1", "R2", "RX"),
}


def value(draw: random.Random, field: Field, episodes: int) -> str:
    """A value that the column can have."""
    if field.name == "episode_no":
        return str(draw.randint(1, episodes))
    if field.type == "date":
        return str(START + dt.timedelta(days=draw.choice(EARLIER_OR_LATER)))
    likely = [word for word in _LIKELY.get(field.name, ()) if not field.codes or word in field.codes]
    return draw.choice(likely or list(field.codes) or ["yes", "no"])


def _row(draw: random.Random, table: str, blanks: float, episodes: int) -> dict[str, str]:
    row = {}
    for column in FILLED[table]:
        chance = draw.random()
        if chance < blanks:
            continue
        missing = chance < 1.5 * blanks
        row[column] = draw.choice(CODES) if missing else value(draw, TABLES[table].fields[column], episodes)
    return row


def patients(seed: int, count: int) -> dict[str, list[dict[str, str]]]:
    """Rows of cells of some patients, each with one to three episodes."""
    draw, rows = random.Random(seed), defaultdict[str, list[dict[str, str]]](list)
    for number in range(count):
        patient_id, blanks = f"P{number:04d}", draw.choice((0.0, 0.0, 0.04, 0.15))
        episodes = draw.choice((1, 1, 2, 3))
        rows["patient"].append(
            {
                "patient_id": patient_id,
                "birth_date": "1950-06-15",
                "consent_status": draw.choice(("given",) * 9 + ("withdrawn",)),
            }
        )
        if draw.random() < 0.97:
            rows["primary_tumor"].append({"patient_id": patient_id} | _row(draw, "primary_tumor", blanks, episodes))
        counts = {"episode": episodes, "metastasis": draw.choice((0, 0, 0, 1, 2, 3))}
        counts |= {"systemic_therapy": draw.choice((0, 1, 2)), "local_treatment": draw.choice((0, 1, 2))}
        for table, length in counts.items():
            for record_no in range(1, length + 1):
                row = {"patient_id": patient_id, "record_no": str(record_no)} | _row(draw, table, blanks, episodes)
                if table == "local_treatment":
                    target = draw.choice(("primary", "primary", "lung"))
                    modality = draw.choice(("resection", "resection", "radiotherapy"))
                    row |= {"target": target, "modality": modality}
                    if target == "primary" and modality == "resection" and "started_on" in row and draw.random() < 0.5:
                        row["started_on"] = str(START + dt.timedelta(days=draw.choice(LONG_BEFORE)))
                rows[table].append(row)
    return dict(rows)
