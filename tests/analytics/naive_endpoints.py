"""The endpoints once more, in the words of the interface: one patient after the other, row by row, in plain Python."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from analytics.cohort import Cohort
from registry.cells import plain_rows_of

Row = dict[str, Any]

LOCAL = ("resection", "sbrt", "radiofrequency_ablation", "microwave_ablation", "cryoablation")
KINDS = {"os": (), "rfs": ("recurrence",), "recurrence": ("recurrence",), "pfs": ("progression", "recurrence")}
TREATMENTS = {
    "lung_resection": ("lung", ("resection",)),
    "lung_local_treatment": ("lung", LOCAL),
    "metastasis_resection": ("", ("resection",)),
    "local_failure": ("", LOCAL),
}
"""Target ("" for any metastasis) and modalities of the treatments that are an origin, or a unit."""


@dataclass
class Naive:
    """What an analysis is made of.

    Attributes:
        times: (patient, entry, day, event, competing) of those analyzed, in the order of the patients.
        excluded: reason -> how many.
    """

    times: list[tuple[str, int, int, bool, bool]] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)


def naive(cohort: Cohort, endpoint: str, origin: str, *, delayed_entry: bool = True) -> Naive:
    """The units of one analysis, without a landmark, a choice or groups."""
    of: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table in ("primary_tumor", "episode", "metastasis", "local_treatment", "disease_event"):
        for row in plain_rows_of(cohort.frames[table]):
            of[row["patient_id"]][table].append(row)
    found = Naive()
    if endpoint != "local_failure" and len(cohort.withdrawn):
        found.excluded["consent_withdrawn"] = len(cohort.withdrawn)
    for patient in plain_rows_of(cohort.frames["patient"]):
        tables = of[patient["patient_id"]]
        if endpoint == "local_failure":
            for row, is_so in _treatments(tables, endpoint):
                reason = "origin_undetermined" if is_so is None else "" if row["started_on"] else "origin_date_unknown"
                _take(found, cohort, patient, endpoint, row["started_on"], reason, [row], delayed_entry)
            continue
        on, reason, rows = _origin(tables, origin)
        residual = {row["residual_tumor"] for row in rows}
        if not reason and endpoint in ("rfs", "recurrence") and residual & {"R1", "R2"}:
            reason = "not_disease_free"
        events = [row for row in tables["disease_event"] if row["kind"] in KINDS[endpoint]]
        _take(found, cohort, patient, endpoint, on, reason, events, delayed_entry)
    return found


def _treatments(tables: dict[str, list[Row]], name: str) -> list[tuple[Row, bool | None]]:
    """The treatments that are of the kind (True), or may be (None)."""
    wanted, modalities = TREATMENTS[name]
    found = []
    for row in tables["local_treatment"]:
        target, modality, intent = row["target"], row["modality"], row["intent"]
        fits = target == wanted if wanted else target not in ("primary", "local_recurrence")
        parts = [
            None if target is None else fits,
            None if modality is None else modality in modalities,
            None if intent is None else intent == "radical",
        ]
        if False not in parts:
            found.append((row, None if None in parts else True))
    return found


def _origin(tables: dict[str, list[Row]], name: str) -> tuple[dt.date | None, str, list[Row]]:
    """The first day with the origin, why there is none, and the operations that it is."""
    candidates: list[tuple[dt.date | None, bool | None, Row]] = []
    if name in TREATMENTS:
        candidates = [(row["started_on"], is_so, row) for row, is_so in _treatments(tables, name)]
    for row in tables["episode"]:
        if name == "ned" and (row["ned_on"] is not None or row["ned_on__absent"] == "UNK"):
            candidates.append((row["ned_on"], True, row))
        elif name == "lung_diagnosis" and row["lung_involved"] is not False and row["lung_involved__absent"] != "NAP":
            candidates.append((row["detected_on"], row["lung_involved"], row))
        elif name == "metastasis_diagnosis":
            candidates.append((row["detected_on"], True, row))
    if name == "metastasis_diagnosis":
        candidates += [(row["detected_on"], True, row) for row in tables["metastasis"]]
    if name == "primary_diagnosis":
        candidates += [(row["diagnosed_on"], True, row) for row in tables["primary_tumor"]]
    days = [on for on, is_so, _ in candidates if is_so and on]
    if days:
        first = min(days)
        same = [row for on, is_so, row in candidates if is_so and on == first and name in TREATMENTS]
        return first, "", same
    if any(is_so for _, is_so, _ in candidates):
        return None, "origin_date_unknown", []
    if any(is_so is None for _, is_so, _ in candidates):
        return None, "origin_undetermined", []
    return None, "origin_not_reached", []


def _take(
    found: Naive,
    cohort: Cohort,
    patient: Row,
    endpoint: str,
    on: dt.date | None,
    reason: str,
    rows: list[Row],
    delayed_entry: bool,
) -> None:
    """Adds a unit to those analyzed, or to those left out; ``rows`` hold what happened to it beside death."""
    if reason or on is None:
        found.excluded[reason] += 1
        return
    died, seen = patient["death_on"], patient["last_contact_on"]
    unknown = False
    if endpoint == "local_failure":
        failed = rows[0]["local_failure_on"]
        unknown = rows[0]["local_failure_on__absent"] in ("UNK", "ND", "NASK")
    else:
        days = [row["occurred_on"] for row in rows if row["occurred_on"] is not None and row["occurred_on"] >= on]
        failed = min(days, default=None)
    first = min((day for day in (failed, died) if day is not None), default=None)
    if unknown:
        found.excluded["failure_unknown"] += 1
    elif first is None and patient["vital_status"] == "dead":
        found.excluded["death_date_unknown"] += 1
    elif first is None and patient["vital_status"] is None:
        found.excluded["vital_status_unknown"] += 1
    elif first is None and seen is None:
        found.excluded["last_contact_unknown"] += 1
    else:
        end = first or min(seen, cohort.data_cut)
        competing = (
            first is not None and endpoint in ("recurrence", "local_failure") and (failed is None or failed > first)
        )
        day = (end - on).days
        enrolled = patient["enrolled_on"]
        entry = max(0, (enrolled - on).days) if enrolled and delayed_entry else 0
        if day < 0:
            found.excluded["ends_before_origin"] += 1
        elif entry > 0 and day <= entry:
            found.excluded["ends_before_entry"] += 1
        else:
            happened = first is not None and not competing
            found.times.append((patient["patient_id"], entry, day, happened, competing))
