"""The order of dates: a life, a treatment and a disease begin before they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Days, Flags
from registry.checks.check import Check, error, warning
from registry.checks.data import Data
from registry.tables import TABLES

_ORDERED = {
    ("patient", "death_on"): ("TIM01", "Nobody dies before the birth."),
    ("patient", "last_contact_on"): ("TIM02", "The last contact is not before the birth."),
    ("metastasis", "resolved_on"): ("TIM03", "Metastases are not resolved before they are detected."),
    ("systemic_therapy", "ended_on"): ("TIM04", "Systemic therapy does not end before it starts."),
    ("local_treatment", "ended_on"): ("TIM05", "Local treatment does not end before it starts."),
}
"""Id and sentence for each pair of dates that a table declares as ordered, by its later date."""


def _reversed(table: str, earlier: str, later: str) -> Callable[[Data], Flags]:
    return lambda data: data[table].days(later) < data[table].days(earlier)


def _ordered() -> Iterator[Check]:
    for table, declared in TABLES.items():
        for earlier, later in declared.ordered:
            id, sentence = _ORDERED[table, later]
            remedy = f"Correct {later} or {earlier}."
            yield error(id, sentence, table, f"{later} {earlier}", _reversed(table, earlier, later), remedy)


def _born_later(data: Data) -> Flags:
    # One finding on the birth date: a wrong one would otherwise be told once for each row of the record.
    patient = data["patient"]
    earliest: Days = np.fmin(patient.days("enrolled_on"), patient.earliest("primary_tumor", "diagnosed_on"))
    for name, table in TABLES.items():
        if table.dated_by and table.keys[0] == "patient_id":
            earliest = np.fmin(earliest, patient.earliest(name, table.dated_by))
    return earliest < patient.days("birth_date")


def _workup_after_treatment(data: Data) -> Flags:
    primary = data["primary_tumor"]
    treated = primary.earliest("local_treatment", "started_on", clinical.treatment_of_primary(data))
    first = np.where(primary.known("first_treated_on"), primary.days("first_treated_on"), treated)
    completed = primary.days("workup_completed_on")
    # After an emergency operation the work-up is rightly completed later.
    relief = ~data["local_treatment"].other_than("intent", "emergency")
    return (completed > first) & primary.none_until(completed, "local_treatment", "started_on", relief)


def _treated_before_first(data: Data) -> Flags:
    primary = data["primary_tumor"]
    earliest = primary.earliest("local_treatment", "started_on", clinical.treatment_of_primary(data))
    return earliest < primary.days("first_treated_on")


def _systemic_before_diagnosis(data: Data) -> Flags:
    rows = data["systemic_therapy"]
    return rows.days("started_on") < rows.of_primary("diagnosed_on") - clinical.STAGING


def _local_before_diagnosis(data: Data) -> Flags:
    rows = data["local_treatment"]
    return rows.days("started_on") < rows.of_primary("diagnosed_on") - clinical.STAGING


def _episode_before_primary(data: Data) -> Flags:
    rows = data["episode"]
    return rows.days("detected_on") < rows.of_primary("diagnosed_on") - clinical.HALF_YEAR


def _failed_before_treatment(data: Data) -> Flags:
    rows = data["local_treatment"]
    return rows.days("local_failure_on") < rows.days("started_on")


CHECKS: tuple[Check, ...] = (
    *_ordered(),
    warning(
        "TIM06",
        "Nothing in the record is dated before the birth.",
        "patient",
        "birth_date",
        _born_later,
        "Correct the birth date, or the row that is dated before it.",
    ),
    warning(
        "TIM07",
        "The work-up is completed before the first treatment of the primary, an emergency excepted.",
        "primary_tumor",
        "workup_completed_on first_treated_on local_treatment.started_on local_treatment.intent",
        _workup_after_treatment,
        "Enter the last staging study that was ordered before the first treatment, or correct first_treated_on.",
    ),
    warning(
        "TIM08",
        "No local treatment of the primary starts before the first treatment of the primary.",
        "primary_tumor",
        "first_treated_on local_treatment.started_on local_treatment.target",
        _treated_before_first,
        "Move first_treated_on to the start of that local treatment, or correct its date.",
    ),
    warning(
        "TIM09",
        "Systemic therapy does not start more than a month before the diagnosis of the primary.",
        "systemic_therapy",
        "started_on primary_tumor.diagnosed_on",
        _systemic_before_diagnosis,
        "Correct started_on, or diagnosed_on of the primary.",
    ),
    warning(
        "TIM10",
        "Local treatment does not start more than a month before the diagnosis of the primary.",
        "local_treatment",
        "started_on primary_tumor.diagnosed_on",
        _local_before_diagnosis,
        "Correct started_on, or diagnosed_on of the primary.",
    ),
    warning(
        "TIM11",
        "Metastases are not found more than half a year before the primary is diagnosed.",
        "episode",
        "detected_on primary_tumor.diagnosed_on",
        _episode_before_primary,
        "Correct detected_on, or diagnosed_on of the primary: together they decide what is synchronous.",
    ),
    warning(
        "TIM12",
        "A treated site does not fail before its treatment starts.",
        "local_treatment",
        "local_failure_on started_on",
        _failed_before_treatment,
        "Correct local_failure_on or started_on.",
    ),
)
