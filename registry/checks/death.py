"""Nothing happens to a patient after death.

A treatment that starts, a study, an event of the disease and a visit cannot have happened after death: errors. The
rest is possible or a matter of the books, and only a warning: a course that death cut short is often entered with its
planned end, a scan is read and a specimen is taken at autopsy. A molecular report that arrives after death is normal
and asked about by no check.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.checks.arrays import Flags
from registry.checks.check import Check, error, warning
from registry.checks.data import Data

_ERRORS = (
    ("DTH01", "study", "performed_on", "No study is done after death."),
    ("DTH02", "systemic_therapy", "started_on", "No systemic therapy starts after death."),
    ("DTH03", "local_treatment", "started_on", "No local treatment starts after death."),
    ("DTH04", "disease_event", "occurred_on", "No progression or recurrence occurs after death."),
    ("DTH05", "follow_up", "seen_on", "No patient is seen for follow-up after death."),
    ("DTH06", "local_treatment", "local_failure_on", "No treated site fails after death."),
    ("DTH07", "primary_tumor", "first_treated_on", "The primary is not treated for the first time after death."),
)

_WARNINGS = (
    ("DTH11", "systemic_therapy", "ended_on", "Systemic therapy ends on the day of death at the latest."),
    ("DTH12", "local_treatment", "ended_on", "Local treatment ends on the day of death at the latest."),
    ("DTH13", "systemic_therapy", "response_assessed_on", "The response to systemic therapy is assessed in life."),
    ("DTH14", "primary_tumor", "diagnosed_on", "The primary is diagnosed in life."),
    ("DTH15", "primary_tumor", "workup_completed_on", "The work-up is completed in life."),
    ("DTH16", "episode", "detected_on", "Metastases are found in life."),
    ("DTH17", "episode", "emergency_on", "An emergency occurs in life."),
    ("DTH18", "episode", "ned_on", "No evidence of disease is reached in life."),
    ("DTH19", "metastasis", "detected_on", "Extrapulmonary metastases are found in life."),
    ("DTH20", "metastasis", "resolved_on", "Extrapulmonary metastases are resolved in life."),
    ("DTH21", "pathology", "sampled_on", "A specimen is taken in life, an autopsy excepted."),
    ("DTH22", "mdt_meeting", "held_on", "The multidisciplinary meeting discusses a living patient."),
    ("DTH23", "patient", "enrolled_on", "A patient is enrolled in life."),
    ("DTH24", "patient", "last_contact_on", "The last contact is on the day of death at the latest."),
)

_STARTS = {"ended_on": "started_on", "resolved_on": "detected_on"}
"""Where the start itself lies after death, its own check says so."""


def _after_death(table: str, column: str) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        rows = data[table]
        death = rows.of_patient("death_on")
        late = rows.days(column) > death
        return late & ~(rows.days(_STARTS[column]) > death) if column in _STARTS else late

    return test


def _columns(table: str, column: str) -> str:
    return f"{column} death_on" if table == "patient" else f"{column} patient.death_on"


CHECKS: tuple[Check, ...] = (
    *(
        error(
            id,
            sentence,
            table,
            _columns(table, column),
            _after_death(table, column),
            f"Correct {column}, or death_on of the patient.",
        )
        for id, table, column, sentence in _ERRORS
    ),
    *(
        warning(
            id,
            sentence,
            table,
            _columns(table, column),
            _after_death(table, column),
            f"Correct {column} or death_on of the patient, or confirm both.",
        )
        for id, table, column, sentence in _WARNINGS
    ),
)
