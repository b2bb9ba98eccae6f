"""A small believable registry as cells, for tests of storage."""

from __future__ import annotations

import copy

from sqlalchemy.engine import Engine

from registry import actions
from registry.access import Actor, Role
from registry.tables import TABLES

ENTRY = Actor("entry", Role.ADMINISTRATOR)

ROWS: dict[str, dict[str, str]] = {
    "center": {"center_id": "A", "name": "Alpha", "country": "DE"},
    "patient": {
        "patient_id": "P1",
        "center_id": "A",
        "sex": "female",
        "birth_date": "1950-05-01",
        "enrolled_on": "2020-01-10",
        "consent_status": "given",
        "consent_on": "2020-01-10",
        "vital_status": "alive",
        "last_contact_on": "2024-01-01",
    },
    "screening_log": {"center_id": "A", "record_no": "1", "listed_on": "2020-01-09", "patient_id": "P1"},
    "primary_tumor": {
        "patient_id": "P1",
        "diagnosed_on": "2017-01-01",
        "workup_completed_on": "2017-01-20",
        "site": "rectum",
        "rectal_height_cm": "8.5",
        "c_t": "T3",
        "c_n": "N1",
        "p_t": "T3",
        "p_n": "N0",
    },
    "episode": {
        "patient_id": "P1",
        "record_no": "1",
        "detected_on": "2020-01-05",
        "lung_involved": "yes",
        "lesion_count": "1",
        "largest_mm": "12.5",
        "cea_ng_ml": "UNK",
        "ecog": "0",
        "ned_on": "2020-03-01",
        "biology_note": "slow; =1+1",
    },
    "metastasis": {"patient_id": "P1", "record_no": "1", "site": "liver", "detected_on": "2020-01-05"},
    "study": {"patient_id": "P1", "record_no": "1", "performed_on": "2020-01-05", "modality": "chest_ct_plain"},
    "pathology": {"patient_id": "P1", "record_no": "1", "specimen": "lung", "sampled_on": "2020-03-01"},
    "molecular_test": {"patient_id": "P1", "record_no": "1", "marker": "kras", "result": "wild_type"},
    "mdt_meeting": {
        "patient_id": "P1",
        "record_no": "1",
        "episode_no": "1",
        "held_on": "2020-01-08",
        "specialties": "thoracic_surgery;radiology",
    },
    "systemic_therapy": {"patient_id": "P1", "record_no": "1", "started_on": "2020-04-01", "ended_on": "2020-08-01"},
    "local_treatment": {
        "patient_id": "P1",
        "record_no": "1",
        "started_on": "2020-03-01",
        "target": "lung",
        "modality": "resection",
        "procedure": "wedge",
        "intent": "radical",
    },
    "follow_up": {"patient_id": "P1", "record_no": "1", "seen_on": "2020-09-01", "disease_status": "ned"},
    "disease_event": {"patient_id": "P1", "record_no": "1", "occurred_on": "2022-01-01", "kind": "recurrence"},
    "rule_exception": {"patient_id": "P1", "record_no": "1", "rule_id": "SUR1", "reason": "refusal"},
}
"""One row of each table, in the order in which rows refer to earlier ones."""


def row(table: str, **changes: str) -> dict[str, str]:
    """The row of a table with some cells changed."""
    return {**copy.copy(ROWS[table]), **changes}


def fill(engine: Engine) -> None:
    """Enters the one row of each table through the action layer."""
    for table in TABLES:
        actions.save(engine, table, ROWS[table], by=ENTRY, reason=None, seen_version=0)
