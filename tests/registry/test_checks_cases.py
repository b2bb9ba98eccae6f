"""The cases of the edit checks: for each check a record that violates it, and one at its border that does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

Row = dict[str, str]
Change = Row | list[Row] | None
Rows = dict[str, list[Row]]

# A small clean record: a resected colon cancer, and lung metastases found two years later.
BASE: Rows = {
    "center": [{"center_id": "C1", "name": "First center"}],
    "patient": [
        {
            "patient_id": "P1",
            "center_id": "C1",
            "sex": "female",
            "birth_date": "1955-05-05",
            "enrolled_on": "2020-03-15",
            "consent_status": "given",
            "consent_on": "2020-03-15",
            "vital_status": "alive",
            "last_contact_on": "2023-06-01",
        }
    ],
    "primary_tumor": [
        {
            "patient_id": "P1",
            "diagnosed_on": "2018-01-10",
            "workup_completed_on": "2018-01-20",
            "first_treated_on": "2018-02-01",
            "site": "sigmoid_colon",
            "histology": "adenocarcinoma",
        }
    ],
    "episode": [
        {
            "patient_id": "P1",
            "record_no": "1",
            "detected_on": "2020-03-01",
            "lung_involved": "yes",
            "basis": "imaging_mdt",
        }
    ],
    "local_treatment": [
        {
            "patient_id": "P1",
            "record_no": "1",
            "started_on": "2018-02-01",
            "target": "primary",
            "modality": "resection",
            "intent": "radical",
            "residual_tumor": "R0",
        }
    ],
}

# What a further row of a table holds where a case does not say otherwise.
FURTHER: dict[str, Row] = {
    "screening_log": {"center_id": "C1", "listed_on": "2020-03-10", "patient_id": "P1"},
    "episode": {"detected_on": "2022-01-10", "lung_involved": "yes", "basis": "imaging_mdt"},
    "metastasis": {"site": "liver", "detected_on": "2020-03-01"},
    "study": {"performed_on": "2020-03-01", "modality": "chest_ct_contrast"},
    "pathology": {"specimen": "primary", "sampled_on": "2020-03-10"},
    "molecular_test": {"marker": "kras", "result": "wild_type"},
    "mdt_meeting": {"held_on": "2020-03-10"},
    "systemic_therapy": {"started_on": "2020-04-01", "ended_on": "2020-06-30"},
    "local_treatment": {"started_on": "2020-05-01", "target": "lung", "modality": "resection", "intent": "radical"},
    "follow_up": {"seen_on": "2020-09-01"},
    "disease_event": {"occurred_on": "2021-01-10", "kind": "progression"},
    "rule_exception": {"rule_id": "SUR1", "reason": "refusal"},
}


def record(changes: dict[str, Change]) -> Rows:
    """The small clean record with changes: to its only row, to the row with a number, further rows, or none at all."""
    rows = {table: [dict(row) for row in base] for table, base in BASE.items()}
    for table, change in changes.items():
        if change is None:
            rows[table] = []
            continue
        kept = rows.setdefault(table, [])
        for row in change if isinstance(change, list) else [change]:
            if table in ("center", "patient", "primary_tumor"):
                kept[0].update(row)
                continue
            numbered = next((old for old in kept if old["record_no"] == row.get("record_no")), None)
            if numbered is not None:
                numbered.update(row)
                continue
            owner = {} if table == "screening_log" else {"patient_id": "P1"}
            kept.append({**owner, "record_no": str(len(kept) + 1), **FURTHER[table], **row})
    return rows


def cohort(records: dict[str, Rows]) -> Rows:
    """One registry of several records, each under the patient id that is given with it."""
    together: Rows = {"center": BASE["center"]}
    for patient_id, rows in records.items():
        for table, kept in rows.items():
            if table != "center":
                owned = [{**row, "patient_id": patient_id} if row.get("patient_id") else row for row in kept]
                together.setdefault(table, []).extend(owned)
    return together


def findings_by_patient(
    frames: dict[str, pd.DataFrame], found: pd.DataFrame
) -> dict[str, set[tuple[str, str, str, str]]]:
    """For each patient the findings as (check, table, record number, column); an only row of a table is number 1."""
    by_patient: dict[str, set[tuple[str, str, str, str]]] = {id: set() for id in frames["patient"]["patient_id"]}
    for check_id, table, row, column in found[["check_id", "table", "row", "column"]].itertuples(index=False):
        owner = frames[table].iloc[row]
        by_patient[owner["patient_id"]].add((check_id, table, str(owner.get("record_no", 1)), column))
    return by_patient


@dataclass(frozen=True)
class Case:
    """A check, the table, record number and column of its finding, and the two records."""

    id: str
    table: str
    record_no: str
    column: str
    violating: Rows
    clean: Rows


CASES: list[Case] = []


def case(id: str, at: str, violating: dict[str, Any], clean: dict[str, Any]) -> None:
    """A finding at "table.column", or at "table[number].column" where it is not in the first row."""
    place, column = at.split(".")
    table, _, number = place.removesuffix("]").partition("[")
    CASES.append(Case(id, table, number or "1", column, record(violating), record(clean)))


DEAD = {"vital_status": "dead", "death_on": "2021-06-01", "last_contact_on": "2021-06-01", "cause_of_death": "cancer"}
LUNG_RESECTION = {"started_on": "2020-05-01", "target": "lung", "modality": "resection", "intent": "radical"}
FREE = {"record_no": "1", "ned_on": "2020-05-01"}
RECURRENCE = {"occurred_on": "2022-01-10", "kind": "recurrence"}
RECTUM = {"site": "rectum"}
UNTREATED = {"local_treatment": None, "primary_tumor": {"first_treated_on": ""}}


def again(**changes: Any) -> dict[str, Any]:
    """A lung resection, no evidence of disease, and a second episode."""
    usual = {"episode": [FREE, {}], "local_treatment": LUNG_RESECTION, "disease_event": RECURRENCE}
    return {**usual, **changes}


def one(table: str, **row: str) -> dict[str, Any]:
    """A change of the first row of a table, or its first row."""
    return {table: {"record_no": "1", **row}}


# Time order

ONLY_BORN = {"enrolled_on": "UNK", "consent_on": "UNK", "last_contact_on": "UNK"}
ALONE: dict[str, Any] = {"primary_tumor": None, "episode": None, "local_treatment": None}

case(
    "TIM01",
    "patient.death_on",
    {**ALONE, "patient": {**ONLY_BORN, **DEAD, "last_contact_on": "UNK", "death_on": "1955-05-04"}},
    {**ALONE, "patient": {**ONLY_BORN, **DEAD, "last_contact_on": "UNK", "death_on": "1955-05-05"}},
)
case(
    "TIM02",
    "patient.last_contact_on",
    {**ALONE, "patient": {**ONLY_BORN, "last_contact_on": "1955-05-04"}},
    {**ALONE, "patient": {**ONLY_BORN, "last_contact_on": "1955-05-05"}},
)
case(
    "TIM03",
    "metastasis.resolved_on",
    one("metastasis", detected_on="2020-03-01", resolved_on="2020-02-29"),
    one("metastasis", detected_on="2020-03-01", resolved_on="2020-03-01"),
)
case(
    "TIM04",
    "systemic_therapy.ended_on",
    one("systemic_therapy", started_on="2020-04-01", ended_on="2020-03-31"),
    one("systemic_therapy", started_on="2020-04-01", ended_on="2020-04-01"),
)
case(
    "TIM05",
    "local_treatment[2].ended_on",
    {"local_treatment": {"started_on": "2020-05-01", "ended_on": "2020-04-30"}},
    {"local_treatment": {"started_on": "2020-05-01", "ended_on": "2020-05-01"}},
)
case(
    "TIM06",
    "patient.birth_date",
    {**ALONE, "patient": {"enrolled_on": "UNK"}, "mdt_meeting": {"held_on": "1955-05-04"}},
    {**ALONE, "patient": {"enrolled_on": "UNK"}, "mdt_meeting": {"held_on": "1955-05-05"}},
)
case(
    "TIM07",
    "primary_tumor.workup_completed_on",
    {"primary_tumor": {"workup_completed_on": "2018-02-02"}},
    {
        "primary_tumor": {"workup_completed_on": "2018-02-02"},
        "local_treatment": {"record_no": "1", "intent": "emergency"},
    },
)
case(
    "TIM08",
    "primary_tumor.first_treated_on",
    {"primary_tumor": {"first_treated_on": "2018-02-02"}},
    {"primary_tumor": {"first_treated_on": "2018-02-01"}},
)
case(
    "TIM09",
    "systemic_therapy.started_on",
    one("systemic_therapy", started_on="2017-12-09", ended_on="2018-01-30"),
    one("systemic_therapy", started_on="2017-12-10", ended_on="2018-01-30"),
)
case(
    "TIM10",
    "local_treatment[2].started_on",
    {"local_treatment": {"target": "other", "modality": "other", "started_on": "2017-12-09"}},
    {"local_treatment": {"target": "other", "modality": "other", "started_on": "2017-12-10"}},
)
case(
    "TIM11",
    "episode.detected_on",
    {"episode": {"record_no": "1", "detected_on": "2017-07-10"}},
    {"episode": {"record_no": "1", "detected_on": "2017-07-11"}},
)
case(
    "TIM12",
    "local_treatment[2].local_failure_on",
    {"local_treatment": {"started_on": "2020-05-01", "local_failure_on": "2020-04-30"}},
    {"local_treatment": {"started_on": "2020-05-01", "local_failure_on": "2020-05-01"}},
)

# After death

case(
    "DTH01",
    "study.performed_on",
    {"patient": DEAD, "study": {"performed_on": "2021-06-02"}},
    {"patient": DEAD, "study": {"performed_on": "2021-06-01"}},
)
case(
    "DTH02",
    "systemic_therapy.started_on",
    {"patient": DEAD, "systemic_therapy": {"started_on": "2021-06-02", "ended_on": ""}},
    {"patient": DEAD, "systemic_therapy": {"started_on": "2021-06-01", "ended_on": "2021-06-01"}},
)
case(
    "DTH03",
    "local_treatment[2].started_on",
    {"patient": DEAD, "local_treatment": {"started_on": "2021-06-02"}},
    {"patient": DEAD, "local_treatment": {"started_on": "2021-06-01"}},
)
case(
    "DTH04",
    "disease_event.occurred_on",
    {"patient": DEAD, "disease_event": {"occurred_on": "2021-06-02"}},
    {"patient": DEAD, "disease_event": {"occurred_on": "2021-06-01"}},
)
case(
    "DTH05",
    "follow_up.seen_on",
    {"patient": DEAD, "follow_up": {"seen_on": "2021-06-02"}},
    {"patient": DEAD, "follow_up": {"seen_on": "2021-06-01"}},
)
case(
    "DTH06",
    "local_treatment[2].local_failure_on",
    {"patient": DEAD, "local_treatment": {"local_failure_on": "2021-06-02"}},
    {"patient": DEAD, "local_treatment": {"local_failure_on": "2021-06-01"}},
)
case(
    "DTH07",
    "primary_tumor.first_treated_on",
    {"patient": DEAD, "local_treatment": None, "primary_tumor": {"first_treated_on": "2021-06-02"}},
    {"patient": DEAD, "local_treatment": None, "primary_tumor": {"first_treated_on": "2021-06-01"}},
)
case(
    "DTH11",
    "systemic_therapy.ended_on",
    {"patient": DEAD, "systemic_therapy": {"started_on": "2021-05-01", "ended_on": "2021-06-02"}},
    {"patient": DEAD, "systemic_therapy": {"started_on": "2021-05-01", "ended_on": "2021-06-01"}},
)
case(
    "DTH12",
    "local_treatment[2].ended_on",
    {"patient": DEAD, "local_treatment": {"started_on": "2021-05-01", "ended_on": "2021-06-02"}},
    {"patient": DEAD, "local_treatment": {"started_on": "2021-05-01", "ended_on": "2021-06-01"}},
)
case(
    "DTH13",
    "systemic_therapy.response_assessed_on",
    {
        "patient": DEAD,
        "systemic_therapy": {
            "started_on": "2021-05-01",
            "ended_on": "2021-05-20",
            "response_assessed_on": "2021-06-02",
        },
    },
    {
        "patient": DEAD,
        "systemic_therapy": {
            "started_on": "2021-05-01",
            "ended_on": "2021-05-20",
            "response_assessed_on": "2021-06-01",
        },
    },
)
BURIED = {"patient": {**DEAD, "enrolled_on": "UNK"}, "episode": None, "local_treatment": None}
case(
    "DTH14",
    "primary_tumor.diagnosed_on",
    {
        **BURIED,
        "primary_tumor": {"diagnosed_on": "2021-06-02", "workup_completed_on": "2021-06-01", "first_treated_on": ""},
    },
    {
        **BURIED,
        "primary_tumor": {"diagnosed_on": "2021-06-01", "workup_completed_on": "2021-06-01", "first_treated_on": ""},
    },
)
case(
    "DTH15",
    "primary_tumor.workup_completed_on",
    {
        **BURIED,
        "primary_tumor": {"diagnosed_on": "2021-06-01", "workup_completed_on": "2021-06-02", "first_treated_on": ""},
    },
    {
        **BURIED,
        "primary_tumor": {"diagnosed_on": "2021-06-01", "workup_completed_on": "2021-06-01", "first_treated_on": ""},
    },
)
case(
    "DTH16",
    "episode.detected_on",
    {"patient": {**DEAD, "enrolled_on": "UNK"}, "episode": {"record_no": "1", "detected_on": "2021-06-02"}},
    {"patient": {**DEAD, "enrolled_on": "UNK"}, "episode": {"record_no": "1", "detected_on": "2021-06-01"}},
)
case(
    "DTH17",
    "episode.emergency_on",
    {"patient": DEAD, **one("episode", emergency="bleeding", emergency_on="2021-06-02")},
    {"patient": DEAD, **one("episode", emergency="bleeding", emergency_on="2021-06-01")},
)
case(
    "DTH18",
    "episode.ned_on",
    {"patient": DEAD, "local_treatment": LUNG_RESECTION, **one("episode", ned_on="2021-06-02")},
    {"patient": DEAD, "local_treatment": LUNG_RESECTION, **one("episode", ned_on="2021-06-01")},
)
case(
    "DTH19",
    "metastasis.detected_on",
    {"patient": DEAD, "metastasis": {"detected_on": "2021-06-02"}},
    {"patient": DEAD, "metastasis": {"detected_on": "2021-06-01"}},
)
case(
    "DTH20",
    "metastasis.resolved_on",
    {"patient": DEAD, "metastasis": {"resolved_on": "2021-06-02"}},
    {"patient": DEAD, "metastasis": {"resolved_on": "2021-06-01"}},
)
case(
    "DTH21",
    "pathology.sampled_on",
    {"patient": DEAD, "pathology": {"sampled_on": "2021-06-02"}},
    {"patient": DEAD, "pathology": {"sampled_on": "2021-06-01"}},
)
case(
    "DTH22",
    "mdt_meeting.held_on",
    {"patient": DEAD, "mdt_meeting": {"held_on": "2021-06-02"}},
    {"patient": DEAD, "mdt_meeting": {"held_on": "2021-06-01"}},
)
case(
    "DTH23",
    "patient.enrolled_on",
    {"patient": {**DEAD, "enrolled_on": "2021-06-02"}},
    {"patient": {**DEAD, "enrolled_on": "2021-06-01"}},
)
case(
    "DTH24",
    "patient.last_contact_on",
    {"patient": {**DEAD, "last_contact_on": "2021-06-02"}},
    {"patient": {**DEAD, "last_contact_on": "2021-03-01"}},
)

# Vital status

case("VIT01", "patient.death_on", {"patient": {**DEAD, "death_on": ""}}, {"patient": {**DEAD, "death_on": "UNK"}})
case(
    "VIT02",
    "patient.last_contact_on",
    {"follow_up": {"seen_on": "2023-06-02"}},
    {"follow_up": {"seen_on": "2023-06-01"}},
)
case(
    "VIT03",
    "patient.last_contact_on",
    {"patient": {"enrolled_on": "2023-06-02"}},
    {"patient": {"enrolled_on": "2023-06-01"}},
)
case(
    "VIT04",
    "patient.consent_on",
    {"patient": {"consent_on": "2020-03-16"}},
    {"patient": {"consent_on": "2020-03-16", "consent_status": "waived"}},
)
case(
    "VIT05",
    "follow_up.seen_on",
    {"patient": {"consent_status": "withdrawn", "consent_on": "2020-08-31"}, "follow_up": {"seen_on": "2020-09-01"}},
    {"patient": {"consent_status": "withdrawn", "consent_on": "2020-09-01"}, "follow_up": {"seen_on": "2020-09-01"}},
)
case(
    "VIT06",
    "patient.cause_of_death",
    {"patient": {**DEAD, "cause_of_death": "treatment"}, **UNTREATED},
    {"patient": {**DEAD, "cause_of_death": "treatment"}, **UNTREATED, "systemic_therapy": {}},
)
case(
    "VIT07",
    "local_treatment.clavien_dindo",
    one("local_treatment", clavien_dindo="V"),
    one("local_treatment", clavien_dindo="IVb"),
)
case(
    "VIT08",
    "systemic_therapy.worst_toxicity_grade",
    one("systemic_therapy", worst_toxicity_grade="5"),
    one("systemic_therapy", worst_toxicity_grade="4"),
)
case(
    "VIT09",
    "systemic_therapy.stop_reason",
    one("systemic_therapy", stop_reason="death"),
    one("systemic_therapy", stop_reason="other"),
)
case(
    "VIT10",
    "systemic_therapy.stop_reason",
    {"patient": DEAD, "systemic_therapy": {"ended_on": "2021-02-27", "stop_reason": "death"}},
    {"patient": DEAD, "systemic_therapy": {"ended_on": "2021-02-28", "stop_reason": "death"}},
)
case(
    "VIT11",
    "local_treatment.clavien_dindo",
    {"patient": DEAD, **one("local_treatment", clavien_dindo="V")},
    {"patient": {**DEAD, "cause_of_death": "treatment"}, **one("local_treatment", clavien_dindo="V")},
)
case(
    "VIT12",
    "systemic_therapy.worst_toxicity_grade",
    {"patient": {**DEAD, "cause_of_death": "other"}, "systemic_therapy": {"worst_toxicity_grade": "5"}},
    {"patient": {**DEAD, "cause_of_death": "unknown"}, "systemic_therapy": {"worst_toxicity_grade": "5"}},
)

# Staging

PREOPERATIVE = {"systemic_therapy": {"started_on": "2018-01-21", "ended_on": "2018-01-31"}}
case(
    "STA01",
    "primary_tumor.p_n",
    {"primary_tumor": {"p_t": "Tis", "p_n": "N1a"}},
    {"primary_tumor": {"p_t": "Tis", "p_n": "N1a"}, **PREOPERATIVE},
)
case(
    "STA02",
    "primary_tumor.p_t",
    {"primary_tumor": {"p_t": "T0", "p_n": "N0"}},
    {"primary_tumor": {"p_t": "T0", "p_n": "N0"}, **PREOPERATIVE},
)
case(
    "STA03",
    "primary_tumor.c_n",
    {"primary_tumor": {"c_t": "Tis", "c_n": "N1"}},
    {"primary_tumor": {"c_t": "T1", "c_n": "N1"}},
)
case(
    "STA04",
    "primary_tumor.p_n",
    {"primary_tumor": {"c_n": "N2a", "p_n": "N0", "p_t": "T3"}},
    {"primary_tumor": {"c_n": "N1b", "p_n": "N0", "p_t": "T3"}},
)
case(
    "STA05",
    "primary_tumor.p_t",
    {"primary_tumor": {"p_t": "T3", "p_n": "N1"}, "local_treatment": None},
    {"primary_tumor": {"p_t": "TX", "p_n": "NX"}, "local_treatment": None},
)
case(
    "STA06",
    "primary_tumor.p_n",
    {"primary_tumor": {"p_n": "N0"}, "local_treatment": None},
    {"primary_tumor": {"p_n": "N0"}},
)
EMVI = {"extramural_vascular_invasion": "yes"}
case(
    "STA07",
    "primary_tumor.extramural_vascular_invasion",
    {"primary_tumor": {**EMVI, "p_t": "T2"}},
    {"primary_tumor": {**EMVI, "p_t": "T2", "c_t": "T3"}},
)
case(
    "STA08",
    "primary_tumor.grade",
    {"primary_tumor": {"histology": "signet_ring", "grade": "moderate"}},
    {"primary_tumor": {"histology": "signet_ring", "grade": "poor"}},
)
case(
    "STA09",
    "primary_tumor.rectal_height_cm",
    {"primary_tumor": {**RECTUM, "rectal_height_cm": "15.5"}},
    {"primary_tumor": {**RECTUM, "rectal_height_cm": "15"}},
)
case(
    "STA10",
    "primary_tumor.rectal_height_cm",
    {"primary_tumor": {"site": "rectosigmoid_junction", "rectal_height_cm": "9.5"}},
    {"primary_tumor": {"site": "rectosigmoid_junction", "rectal_height_cm": "10"}},
)
case(
    "STA11",
    "episode.thoracic_nodes",
    {
        **one("episode", thoracic_nodes="none"),
        "disease_event": {"occurred_on": "2020-04-01", "sites": "lung;thoracic_lymph_node"},
    },
    {
        **one("episode", thoracic_nodes="none"),
        "disease_event": {"occurred_on": "2020-04-02", "sites": "lung;thoracic_lymph_node"},
    },
)

# Episodes

case(
    "EPI01",
    "episode[2].detected_on",
    again(episode=[{**FREE, "ned_on": "UNK"}, {"detected_on": "2020-03-01"}], disease_event=None),
    again(),
)
case(
    "EPI02",
    "episode.ned_on",
    again(episode=[{}], disease_event=None),
    again(episode=[{"prior_polymetastatic": "yes"}], disease_event=None),
)
case(
    "EPI03",
    "episode.ned_on",
    again(episode=[{**FREE, "ned_on": "2022-01-11"}, {}], disease_event=None),
    again(episode=[{**FREE, "ned_on": "2022-01-10"}, {}]),
)
case(
    "EPI04",
    "episode[2].detected_on",
    again(disease_event=None),
    again(disease_event={**RECURRENCE, "occurred_on": "2022-02-10"}),
)
SYNCHRONOUS = {"workup_completed_on": "2022-01-10", "first_treated_on": "2022-01-11"}
case(
    "EPI05",
    "episode[2].detected_on",
    again(primary_tumor=SYNCHRONOUS, local_treatment=[{"record_no": "1", "started_on": "UNK"}]),
    again(
        primary_tumor={**SYNCHRONOUS, "workup_completed_on": "2022-01-09"},
        local_treatment=[{"record_no": "1", "started_on": "UNK"}],
    ),
)
case(
    "EPI06",
    "episode.ned_on",
    {"local_treatment": {**LUNG_RESECTION, "started_on": "2020-02-28"}, **one("episode", ned_on="2020-02-28")},
    {"local_treatment": {**LUNG_RESECTION, "started_on": "2020-02-28"}, **one("episode", ned_on="2020-03-01")},
)
case(
    "EPI07",
    "episode.ned_on",
    {
        "episode": FREE,
        "local_treatment": [LUNG_RESECTION, {**LUNG_RESECTION, "modality": "sbrt", "started_on": "2020-05-02"}],
    },
    {
        "episode": FREE,
        "local_treatment": [LUNG_RESECTION, {**LUNG_RESECTION, "modality": "sbrt", "started_on": "2022-02-02"}],
        "disease_event": RECURRENCE,
    },
)
case(
    "EPI08",
    "episode.ned_on",
    {"episode": FREE, "local_treatment": {**LUNG_RESECTION, "residual_tumor": "R2"}},
    {"episode": FREE, "local_treatment": {**LUNG_RESECTION, "residual_tumor": "R1"}},
)
case(
    "EPI09",
    "episode.ned_on",
    {"episode": FREE},
    {"episode": FREE, "local_treatment": {**LUNG_RESECTION, "started_on": ""}},
)
case(
    "EPI10",
    "episode.progressing_lesion",
    {
        **one("episode", progressing_lesion="no"),
        "systemic_therapy": {"started_on": "2020-01-01", "ended_on": "2020-03-01"},
    },
    {
        **one("episode", progressing_lesion="no"),
        "systemic_therapy": {"started_on": "2020-01-01", "ended_on": "2020-02-29"},
    },
)
OTHER_SITE = {"lung_involved": "no", "basis": ""}
case(
    "EPI11",
    "episode.lung_involved",
    {**one("episode", **OTHER_SITE), "metastasis": {"detected_on": "2020-04-02"}},
    {**one("episode", **OTHER_SITE), "metastasis": {"detected_on": "2020-04-01"}},
)
case("EPI12", "metastasis.resolved_on", again(metastasis={}), again(metastasis={"resolved_on": "2020-05-01"}))
case(
    "EPI13",
    "metastasis.resolved_on",
    {"episode": FREE, "local_treatment": LUNG_RESECTION, "metastasis": {"resolved_on": "2020-05-02"}},
    {"episode": FREE, "local_treatment": LUNG_RESECTION, "metastasis": {"resolved_on": "2020-05-01"}},
)
case(
    "EPI21",
    "study.episode_no",
    again(study={"episode_no": "1", "performed_on": "2022-01-11"}),
    again(study={"episode_no": "1", "performed_on": "2022-01-10"}),
)
case(
    "EPI22",
    "pathology.episode_no",
    again(pathology={"episode_no": "1", "sampled_on": "2022-01-11"}),
    again(pathology={"episode_no": "2", "sampled_on": "2022-01-11"}),
)
case(
    "EPI23",
    "mdt_meeting.episode_no",
    again(mdt_meeting={"episode_no": "1", "held_on": "2022-01-11"}),
    again(mdt_meeting={"episode_no": "1", "held_on": "2022-01-10"}),
)
case(
    "EPI24",
    "systemic_therapy.episode_no",
    again(systemic_therapy={"episode_no": "1", "started_on": "2022-01-11", "ended_on": ""}),
    again(systemic_therapy={"episode_no": "1", "started_on": "2022-01-10", "ended_on": ""}),
)
SECOND_RESECTION = {**LUNG_RESECTION, "episode_no": "1", "started_on": "2022-01-11"}
case(
    "EPI25",
    "local_treatment[3].episode_no",
    again(local_treatment=[LUNG_RESECTION, SECOND_RESECTION]),
    again(local_treatment=[LUNG_RESECTION, {**SECOND_RESECTION, "episode_no": "2"}]),
)
case(
    "EPI31",
    "study.episode_no",
    {"study": {"episode_no": "1", "performed_on": "2019-03-01"}},
    {"study": {"episode_no": "1", "performed_on": "2019-03-02"}},
)
case(
    "EPI32",
    "systemic_therapy.episode_no",
    {"systemic_therapy": {"episode_no": "1", "started_on": "2018-09-01", "ended_on": "2019-03-01"}},
    {"systemic_therapy": {"episode_no": "1", "started_on": "2018-09-01", "ended_on": "2019-03-02"}},
)
case(
    "EPI33",
    "local_treatment.episode_no",
    {"local_treatment": {"record_no": "1", "episode_no": "1"}},
    {"local_treatment": {"record_no": "1", "episode_no": "NAP"}},
)

# Contradictions

case(
    "EXC01",
    "episode.laterality",
    one("episode", laterality="bilateral", lesion_count="1"),
    one("episode", laterality="bilateral", lesion_count="2"),
)
case("EXC02", "episode.lesion_count", one("episode", lesion_count="0"), one("episode", lesion_count="1"))
UNRESECTABLE = {"resectability": "unresectable"}
case(
    "EXC03",
    "episode.unresectable_reason",
    one("episode", **UNRESECTABLE, unresectable_reason="number", lesion_count="1"),
    one("episode", **UNRESECTABLE, unresectable_reason="number", lesion_count="2"),
)
case(
    "EXC04",
    "episode.unresectable_reason",
    one("episode", **UNRESECTABLE, unresectable_reason="size", largest_mm="9"),
    one("episode", **UNRESECTABLE, unresectable_reason="size", largest_mm="10"),
)
case(
    "EXC05",
    "episode.unresectable_reason",
    one("episode", **UNRESECTABLE, unresectable_reason="near_hilum_or_vessel", zone="outer", near_vessel="no"),
    one("episode", **UNRESECTABLE, unresectable_reason="near_hilum_or_vessel", zone="outer", near_vessel="yes"),
)
case(
    "EXC06",
    "episode.resectability",
    one("episode", lymphangitic="yes", resectability="resectable"),
    one("episode", lymphangitic="yes", **UNRESECTABLE),
)
case(
    "EXC07",
    "episode.pleural_metastases",
    one("episode", pleural_metastases="yes"),
    {**one("episode", pleural_metastases="yes"), "mdt_meeting": {"recommendation": "Systemic therapy, then review"}},
)
case(
    "EXC08",
    "episode.large_burden",
    one("episode", large_burden="yes", lesion_count="1", largest_mm="29"),
    one("episode", large_burden="yes", lesion_count="1", largest_mm="30"),
)
case(
    "EXC09",
    "episode.bone_symptoms",
    {**one("episode", bone_symptoms="yes", other_sites_assessed="yes"), "metastasis": {"site": "liver"}},
    {
        **one("episode", bone_symptoms="yes", other_sites_assessed="yes"),
        "metastasis": {"site": "bone", "detected_on": "UNK"},
    },
)
case(
    "EXC10",
    "episode.resection_difficulty",
    {
        **one("episode", resection_difficulty="equal", other_sites_assessed="yes"),
        "metastasis": {"detected_on": "2019-01-01", "resolved_on": "2020-02-29"},
    },
    {
        **one("episode", resection_difficulty="equal", other_sites_assessed="yes"),
        "metastasis": {"detected_on": "2019-01-01", "resolved_on": "2020-03-01"},
    },
)
case(
    "EXC11",
    "episode.local_recurrence",
    {**one("episode", local_recurrence="resectable"), "local_treatment": {"record_no": "1", "residual_tumor": "R2"}},
    {**one("episode", local_recurrence="resectable"), "local_treatment": {"record_no": "1", "started_on": "UNK"}},
)
case(
    "EXC12",
    "episode.observation_chosen",
    {**one("episode", observation_chosen="yes"), "systemic_therapy": {"started_on": "2020-04-01"}},
    {**one("episode", observation_chosen="yes"), "systemic_therapy": {"started_on": "2020-04-02"}},
)
case(
    "EXC13",
    "episode.tissue",
    {**one("episode", tissue="not_attempted"), "pathology": {"specimen": "lung"}},
    {**one("episode", tissue="not_attempted"), "pathology": {"specimen": "primary"}},
)
case(
    "EXC14",
    "episode.basis",
    one("episode", basis="cytology", tissue="not_obtainable"),
    one("episode", basis="cytology", tissue="not_obtainable", thoracic_nodes="confirmed"),
)
case(
    "EXC15",
    "episode.mdt_discussed",
    {**one("episode", mdt_discussed="no"), "mdt_meeting": {"held_on": "2019-12-02"}},
    {**one("episode", mdt_discussed="no"), "mdt_meeting": {"held_on": "2019-12-01"}},
)
case(
    "EXC16",
    "episode.mdt_discussed",
    one("episode", mdt_discussed="yes"),
    {**one("episode", mdt_discussed="yes"), "mdt_meeting": {}},
)
case(
    "EXC17",
    "episode.workup_log_complete",
    one("episode", workup_log_complete="yes"),
    {**one("episode", workup_log_complete="yes"), "study": {}},
)
case(
    "EXC18",
    "episode.surveillance_log_complete",
    one("episode", surveillance_log_complete="yes"),
    one("episode", surveillance_log_complete="yes", ned_on="UNK"),
)
MAN = {"sex": "male"}
case("EXC19", "metastasis.site", {"patient": MAN, "metastasis": {"site": "ovary"}}, {"metastasis": {"site": "ovary"}})
OVARY = {"target": "ovary", "modality": "resection"}
case(
    "EXC20",
    "local_treatment[2].target",
    {"patient": MAN, "local_treatment": OVARY, "metastasis": {"site": "UNK"}},
    {"local_treatment": OVARY, "metastasis": {"site": "ovary"}},
)
case(
    "EXC21",
    "disease_event.sites",
    {"patient": MAN, "disease_event": {"sites": "lung;ovary"}},
    {"disease_event": {"sites": "lung;ovary"}},
)
case("EXC22", "metastasis.lesion_count", {"metastasis": {"lesion_count": "0"}}, {"metastasis": {"lesion_count": "1"}})
case("EXC23", "metastasis[2].site", {"metastasis": [{}, {}]}, {"metastasis": [{}, {"detected_on": "2020-03-02"}]})

# Studies

case(
    "STU01",
    "study[2].modality",
    {"study": [{}, {}]},
    {"study": [{"modality": "chest_xray"}, {"modality": "chest_xray"}, {}, {"performed_on": "2020-03-02"}]},
)
FOUND = {"found_metastases": "yes"}
case(
    "STU02",
    "study.found_metastases",
    {"study": {**FOUND, "performed_on": "2020-01-29"}},
    {"study": {**FOUND, "performed_on": "2020-01-30"}},
)
case(
    "STU03",
    "study.found_metastases",
    {"study": {**FOUND, "modality": "colonoscopy"}},
    {"study": {**FOUND, "modality": "pet_ct"}},
)
case(
    "STU04", "study.result", {"study": {**FOUND, "result": "no_disease"}}, {"study": {**FOUND, "result": "new_lesion"}}
)
case(
    "STU05",
    "study.found_metastases",
    {**one("episode", **OTHER_SITE), "metastasis": {}, "study": FOUND},
    {**one("episode", **OTHER_SITE), "metastasis": {}, "study": {"found_metastases": "no"}},
)
case(
    "STU06",
    "study.purpose",
    {"study": {"purpose": "response", "performed_on": "2018-01-31"}},
    {"study": {"purpose": "response", "performed_on": "2018-02-01"}},
)

# Specimens

STAINED = {"specimen": "lung", "ttf1": "positive", "ck20": "negative"}
case("LAB01", "pathology.specimen", {"pathology": STAINED}, {"pathology": {**STAINED, "cdx2": "positive"}})
case(
    "LAB02",
    "molecular_test.result",
    {"molecular_test": {"marker": "kras", "result": "stable"}},
    {"molecular_test": {"marker": "braf", "result": "positive"}},
)
case(
    "LAB03",
    "molecular_test.method",
    {"molecular_test": {"marker": "kras", "method": "ihc"}},
    {"molecular_test": {"marker": "her2", "result": "positive", "method": "ihc"}},
)
case(
    "LAB04",
    "molecular_test.result",
    {"molecular_test": {"result": "not_done", "reported_on": "2020-03-20"}},
    {"molecular_test": {"result": "not_done"}},
)
case(
    "LAB05",
    "molecular_test[2].result",
    {"molecular_test": [{"specimen": "lung", "result": "mutated"}, {"specimen": "lung"}]},
    {"molecular_test": [{"specimen": "lung", "result": "mutated"}, {"specimen": "primary"}]},
)
case(
    "LAB06",
    "molecular_test[2].result",
    {"molecular_test": [{"result": "mutated"}, {"marker": "braf", "result": "mutated"}]},
    {"molecular_test": [{"result": "mutated"}, {"marker": "braf", "result": "wild_type"}]},
)
REPORTED = {"specimen": "primary", "method": "ngs", "reported_on": "2020-03-20"}
case(
    "LAB07",
    "molecular_test[2].marker",
    {"molecular_test": [REPORTED, REPORTED]},
    {"molecular_test": [REPORTED, {**REPORTED, "marker": "nras"}]},
)

# Meetings and exceptions

case("MDT01", "mdt_meeting[2].held_on", {"mdt_meeting": [{}, {}]}, {"mdt_meeting": [{}, {"held_on": "2020-03-11"}]})
case(
    "MDT02",
    "mdt_meeting.specialties",
    {"mdt_meeting": {"specialties": "radiology"}},
    {"mdt_meeting": {"specialties": "medical_oncology;radiology"}},
)
LYMPHANGITIC_TOPIC = {"mdt_meeting": {"topics": "resectability;lymphangitic_local_treatment"}}
case(
    "MDT03",
    "mdt_meeting.topics",
    {**one("episode", lymphangitic="no"), **LYMPHANGITIC_TOPIC},
    {**one("episode", lymphangitic="yes"), **LYMPHANGITIC_TOPIC},
)
case(
    "REX01",
    "rule_exception[2].rule_id",
    {"rule_exception": [{}, {}]},
    {"rule_exception": [{"episode_no": "1"}, {"episode_no": "2"}], **again()},
)
case(
    "REX02",
    "rule_exception.reason",
    {**one("episode", tissue="obtained"), "rule_exception": {"episode_no": "1", "reason": "no_tissue"}},
    {**one("episode", tissue="not_obtainable"), "rule_exception": {"episode_no": "1", "reason": "no_tissue"}},
)

# Systemic therapy

case(
    "SYS01",
    "systemic_therapy.response_assessed_on",
    {"systemic_therapy": {"response_assessed_on": "2020-03-31"}},
    {"systemic_therapy": {"response_assessed_on": "2020-04-01"}},
)
case(
    "SYS02",
    "systemic_therapy.response_assessed_on",
    {"systemic_therapy": {"response_assessed_on": "2020-10-02"}},
    {"systemic_therapy": {"response_assessed_on": "2020-10-01"}},
)
case(
    "SYS03",
    "systemic_therapy[2].started_on",
    {"systemic_therapy": [{"line": "1"}, {"line": "2", "started_on": "2020-06-29"}]},
    {"systemic_therapy": [{"line": "1"}, {"line": "2", "started_on": "2020-06-30"}]},
)
case(
    "SYS04",
    "systemic_therapy[2].line",
    {"systemic_therapy": [{"line": "2"}, {"line": "1", "started_on": "2020-07-01", "ended_on": ""}]},
    {"systemic_therapy": [{"line": "2"}, {"line": "2", "started_on": "2020-07-01", "ended_on": ""}]},
)
OXALIPLATIN = {"backbone": "oxaliplatin", "targeted_agent": "none"}
case(
    "SYS05",
    "systemic_therapy[2].started_on",
    {"systemic_therapy": [OXALIPLATIN, OXALIPLATIN]},
    {"systemic_therapy": [OXALIPLATIN, {**OXALIPLATIN, "backbone": "irinotecan"}]},
)
case(
    "SYS06",
    "systemic_therapy.ended_on",
    {"systemic_therapy": {"ended_on": "", "stop_reason": "completed"}},
    {"systemic_therapy": {"ended_on": "UNK", "stop_reason": "completed"}},
)
case(
    "SYS07",
    "systemic_therapy.worst_toxicity_grade",
    {"systemic_therapy": {"stop_reason": "toxicity", "worst_toxicity_grade": "0"}},
    {"systemic_therapy": {"stop_reason": "toxicity", "worst_toxicity_grade": "1"}},
)
case(
    "SYS08",
    "systemic_therapy.backbone",
    {"systemic_therapy": {"backbone": "none", "targeted_agent": "none"}},
    {"systemic_therapy": {"backbone": "none", "targeted_agent": "other"}},
)
POSTOPERATIVE = {"intent": "postoperative", "started_on": "2020-05-01", "ended_on": "2020-08-01"}
case(
    "SYS09",
    "systemic_therapy.intent",
    {
        "local_treatment": [{"record_no": "1", "started_on": "2020-08-02"}],
        "primary_tumor": {"first_treated_on": "2020-05-02"},
        "systemic_therapy": POSTOPERATIVE,
    },
    {
        "local_treatment": [{"record_no": "1", "started_on": "2020-05-01"}],
        "primary_tumor": {"first_treated_on": "2020-05-01"},
        "systemic_therapy": POSTOPERATIVE,
    },
)
case(
    "SYS10",
    "systemic_therapy.ended_on",
    {"local_treatment": LUNG_RESECTION, "systemic_therapy": {"intent": "preoperative", "ended_on": "2020-05-02"}},
    {"local_treatment": LUNG_RESECTION, "systemic_therapy": {"intent": "preoperative", "ended_on": "2020-05-01"}},
)
MUTATED = {"result": "mutated", "reported_on": "2020-04-01"}
case(
    "SYS11",
    "systemic_therapy.targeted_agent",
    {"molecular_test": MUTATED, "systemic_therapy": {"targeted_agent": "cetuximab"}},
    {"molecular_test": {**MUTATED, "reported_on": "2020-04-02"}, "systemic_therapy": {"targeted_agent": "cetuximab"}},
)
case(
    "SYS12",
    "systemic_therapy.ended_on",
    {"patient": DEAD, "systemic_therapy": {"ended_on": ""}},
    {"patient": DEAD, "systemic_therapy": {"ended_on": "UNK"}},
)
case(
    "SYS13",
    "systemic_therapy.ended_on",
    {"systemic_therapy": {"intent": "conversion", "started_on": "2022-12-31", "ended_on": ""}},
    {"systemic_therapy": {"intent": "conversion", "started_on": "2023-01-01", "ended_on": ""}},
)

# Local treatment

SBRT = {"modality": "sbrt"}
case(
    "LOC01",
    "local_treatment[2].procedure",
    {"local_treatment": {**SBRT, "procedure": "wedge"}},
    {"local_treatment": {"procedure": "wedge"}},
)
case(
    "LOC02",
    "local_treatment[2].node_assessment",
    {"local_treatment": {**SBRT, "node_assessment": "dissection"}},
    {"local_treatment": {**SBRT, "node_assessment": "sampling"}},
)
case(
    "LOC03",
    "local_treatment[2].intent",
    {"local_treatment": {"intent": "neoadjuvant"}},
    {"local_treatment": {"intent": "palliative"}},
)
case(
    "LOC04",
    "local_treatment[2].intent",
    {"local_treatment": {"target": "primary", "modality": "stent"}},
    {"local_treatment": {"target": "primary", "modality": "stent", "intent": "palliative"}},
)
COLOSTOMY = {"modality": "colostomy", "intent": "palliative"}
case(
    "LOC05",
    "local_treatment[2].modality",
    {"local_treatment": COLOSTOMY},
    {"local_treatment": {**COLOSTOMY, "target": "pelvic_implant"}, "metastasis": {"site": "pelvic_implant"}},
)
ABLATION = {"modality": "microwave_ablation"}
case(
    "LOC06",
    "local_treatment[2].modality",
    {"local_treatment": {**ABLATION, "target": "primary"}},
    {"local_treatment": ABLATION},
)
IRRADIATION = {"target": "primary", "modality": "radiotherapy", "intent": "neoadjuvant", "started_on": "2020-05-01"}
case(
    "LOC07",
    "local_treatment[2].modality",
    {"local_treatment": IRRADIATION},
    {"local_treatment": IRRADIATION, "primary_tumor": RECTUM},
)
LIVER_RESECTION = {**LUNG_RESECTION, "target": "liver"}
case(
    "LOC08",
    "local_treatment[2].target",
    {"local_treatment": LIVER_RESECTION, "metastasis": {"site": "brain"}},
    {"local_treatment": LIVER_RESECTION, "metastasis": {"detected_on": "UNK"}},
)
case(
    "LOC09",
    "local_treatment[2].target",
    {"local_treatment": LUNG_RESECTION, **one("episode", **OTHER_SITE), "metastasis": {}},
    {"local_treatment": LUNG_RESECTION, **one("episode", lung_involved="UNK")},
)
case(
    "LOC10",
    "local_treatment[2].started_on",
    {"local_treatment": {"started_on": "2020-01-29"}},
    {"local_treatment": {"started_on": "2020-01-30"}},
)
case(
    "LOC11",
    "local_treatment[2].started_on",
    {"local_treatment": {**LIVER_RESECTION, "started_on": "2020-01-29"}, "metastasis": {}},
    {"local_treatment": {**LIVER_RESECTION, "started_on": "2020-01-30"}, "metastasis": {}},
)
case(
    "LOC12",
    "local_treatment[2].lesions_treated",
    {"local_treatment": {"lesions_treated": "3"}, **one("episode", lesion_count="2")},
    {"local_treatment": {"lesions_treated": "2"}, **one("episode", lesion_count="2")},
)
case(
    "LOC13",
    "local_treatment[2].lesions_treated",
    {"local_treatment": {**LIVER_RESECTION, "lesions_treated": "4"}, "metastasis": {"lesion_count": "3"}},
    {
        "local_treatment": {**LIVER_RESECTION, "lesions_treated": "4"},
        "metastasis": [{"lesion_count": "3"}, {"lesion_count": "1", "detected_on": "2020-04-01"}],
    },
)
case(
    "LOC14",
    "local_treatment[2].lesions_treated",
    {"local_treatment": {"lesions_treated": "0"}},
    {"local_treatment": {"lesions_treated": "NAP"}},
)
case(
    "LOC15",
    "local_treatment[2].clavien_dindo",
    {"local_treatment": {**SBRT, "clavien_dindo": "II"}},
    {"local_treatment": {**SBRT, "clavien_dindo": "0"}},
)
STOPPED_BLEEDING = {"target": "primary", "modality": "hemostasis", "intent": "emergency"}
case(
    "LOC16",
    "local_treatment[2].intent",
    {"local_treatment": STOPPED_BLEEDING, **one("episode", emergency="none")},
    {"local_treatment": STOPPED_BLEEDING, **one("episode", emergency="bleeding")},
)
case(
    "LOC17",
    "local_treatment[3].started_on",
    {"local_treatment": [SBRT, SBRT]},
    {"local_treatment": [{**SBRT, "dose_gy": "54"}, {**SBRT, "dose_gy": "60"}]},
)
SECOND_REMOVAL = {"target": "primary", "modality": "resection"}
case(
    "LOC18",
    "local_treatment[2].target",
    {"local_treatment": {**SECOND_REMOVAL, "started_on": "2018-08-04"}},
    {"local_treatment": {**SECOND_REMOVAL, "started_on": "2018-08-03"}},
)

# Follow-up and events

case(
    "FUP01",
    "disease_event.kind",
    {"disease_event": RECURRENCE},
    {"disease_event": RECURRENCE, **one("episode", ned_on="UNK")},
)
SURGERY = {"episode": FREE, "local_treatment": LUNG_RESECTION}
case(
    "FUP02",
    "disease_event.kind",
    {**SURGERY, "disease_event": {"occurred_on": "2020-05-02"}},
    {**SURGERY, "disease_event": {"occurred_on": "2020-05-01"}},
)
case(
    "FUP03",
    "disease_event[2].occurred_on",
    {"disease_event": [{}, {}]},
    {"disease_event": [{}, {"occurred_on": "2021-01-11"}]},
)
case(
    "FUP04",
    "disease_event.occurred_on",
    {"disease_event": {"occurred_on": "2018-01-09"}},
    {"disease_event": {"occurred_on": "2018-01-10"}},
)
case(
    "FUP05",
    "follow_up.disease_status",
    {**SURGERY, "follow_up": {"disease_status": "ned", "seen_on": "2020-04-30"}},
    {**SURGERY, "follow_up": {"disease_status": "ned", "seen_on": "2020-05-01"}},
)
ILL = {"disease_status": "alive_with_disease", "seen_on": "2021-01-10"}
case(
    "FUP06",
    "follow_up.disease_status",
    {**SURGERY, "follow_up": ILL},
    {**SURGERY, "follow_up": ILL, "disease_event": {"kind": "recurrence"}},
)
WELL = {"disease_status": "ned", "seen_on": "2021-01-11"}
case(
    "FUP07",
    "follow_up.disease_status",
    {**SURGERY, "follow_up": WELL, "disease_event": {"kind": "recurrence", "sites": "local;liver"}},
    {**SURGERY, "follow_up": WELL, "disease_event": {"kind": "recurrence", "sites": "local"}},
)
case("FUP08", "follow_up[2].seen_on", {"follow_up": [{}, {}]}, {"follow_up": [{}, {"seen_on": "2020-09-02"}]})
case("FUP09", "follow_up.seen_on", {"follow_up": {"seen_on": "2017-12-09"}}, {"follow_up": {"seen_on": "2017-12-10"}})
case("FUP10", "episode.ned_on", {"follow_up": WELL}, {"follow_up": WELL, **one("episode", ned_on="UNK")})

# Screening

case(
    "SCR01",
    "screening_log.not_enrolled_reason",
    {"screening_log": {"not_enrolled_reason": "missed"}},
    {"screening_log": {"not_enrolled_reason": "missed", "patient_id": ""}},
)
case(
    "SCR02",
    "screening_log.lung_metastases",
    {"screening_log": {"lung_metastases": "yes"}, **one("episode", **OTHER_SITE), "metastasis": {}},
    {"screening_log": {"lung_metastases": "yes"}, "episode": None},
)
case(
    "SCR03",
    "screening_log.listed_on",
    {"patient": DEAD, "screening_log": {"listed_on": "2021-06-02"}},
    {"patient": DEAD, "screening_log": {"listed_on": "2021-06-01"}},
)
case(
    "SCR04",
    "screening_log[2].patient_id",
    {"screening_log": [{}, {}]},
    {"screening_log": [{"patient_id": ""}, {"patient_id": ""}]},
)

# Plausibility

case(
    "PLA01", "patient.birth_date", {"patient": {"birth_date": "2002-03-16"}}, {"patient": {"birth_date": "2002-03-14"}}
)
case(
    "PLA02",
    "patient.enrolled_on",
    {"patient": {"enrolled_on": "2020-01-29", "consent_on": "2020-01-29"}},
    {"patient": {"enrolled_on": "2020-01-30", "consent_on": "2020-01-30"}},
)
case(
    "PLA03",
    "primary_tumor.workup_completed_on",
    {"primary_tumor": {"workup_completed_on": "2017-07-10"}},
    {"primary_tumor": {"workup_completed_on": "2017-07-11"}},
)
EARLY = {"workup_completed_on": "2017-12-01", "first_treated_on": "2017-12-09"}
case(
    "PLA04",
    "primary_tumor.first_treated_on",
    {"primary_tumor": EARLY},
    {"primary_tumor": {**EARLY, "first_treated_on": "2017-12-10"}},
)
case(
    "PLA05",
    "primary_tumor.cea_ng_ml",
    {"primary_tumor": {"cea_ng_ml": "5000.5"}},
    {"primary_tumor": {"cea_ng_ml": "5000"}},
)
case("PLA06", "episode.cea_ng_ml", one("episode", cea_ng_ml="5001"), one("episode", cea_ng_ml="5000"))
case("PLA07", "follow_up.cea_ng_ml", {"follow_up": {"cea_ng_ml": "5001"}}, {"follow_up": {"cea_ng_ml": "5000"}})
case("PLA08", "episode.largest_mm", one("episode", largest_mm="1.8"), one("episode", largest_mm="2"))
case("PLA09", "metastasis.largest_mm", {"metastasis": {"largest_mm": "201"}}, {"metastasis": {"largest_mm": "200"}})
case("PLA10", "episode.lesion_count", one("episode", lesion_count="51"), one("episode", lesion_count="50"))
case("PLA11", "metastasis.lesion_count", {"metastasis": {"lesion_count": "51"}}, {"metastasis": {"lesion_count": "50"}})
ADJUVANT = {"started_on": "2018-03-01", "ended_on": "2018-09-01"}
case(
    "PLA12",
    "episode.drug_free_months",
    {"systemic_therapy": ADJUVANT, **one("episode", drug_free_months="14")},
    {"systemic_therapy": ADJUVANT, **one("episode", drug_free_months="15")},
)
case("PLA13", "systemic_therapy.cycles", {"systemic_therapy": {"cycles": "14"}}, {"systemic_therapy": {"cycles": "13"}})
case("PLA14", "systemic_therapy.cycles", {"systemic_therapy": {"cycles": "0"}}, {"systemic_therapy": {"cycles": "1"}})
case(
    "PLA15",
    "local_treatment[2].dose_gy",
    {"local_treatment": {**SBRT, "dose_gy": "35", "fractions": "1"}},
    {"local_treatment": {**SBRT, "dose_gy": "34", "fractions": "1"}},
)
case(
    "PLA16",
    "local_treatment[2].dose_gy",
    {"local_treatment": {**SBRT, "dose_gy": "25", "fractions": "5"}},
    {"local_treatment": {**SBRT, "dose_gy": "30", "fractions": "5"}},
)
case(
    "PLA17",
    "local_treatment[2].fractions",
    {"local_treatment": {**SBRT, "dose_gy": "64", "fractions": "16"}},
    {"local_treatment": {**SBRT, "dose_gy": "60", "fractions": "15"}},
)
FIVE_FRACTIONS = {**SBRT, "dose_gy": "50", "fractions": "5"}
case(
    "PLA18",
    "local_treatment[2].fractions",
    {"local_treatment": {**FIVE_FRACTIONS, "ended_on": "2020-05-02"}},
    {"local_treatment": {**FIVE_FRACTIONS, "ended_on": "2020-05-03"}},
)
case(
    "PLA19",
    "local_treatment[2].ended_on",
    {"local_treatment": {**SBRT, "ended_on": "2020-08-03"}},
    {"local_treatment": {**SBRT, "ended_on": "2020-08-02"}},
)

# Completeness

case("COM01", "episode.basis", one("episode", basis=""), one("episode", basis="UNK"))
case(
    "COM02",
    "primary_tumor.diagnosed_on",
    {"primary_tumor": {"diagnosed_on": ""}},
    {"primary_tumor": {"diagnosed_on": "UNK"}},
)
case("COM03", "primary_tumor.histology", {"primary_tumor": {"histology": ""}}, {"primary_tumor": {"histology": "ND"}})
case("COM04", "patient.patient_id", {"primary_tumor": None}, {"primary_tumor": None, "episode": None})

# Branches

SECOND = {"record_no": "1", **OTHER_SITE}
for column, value, denial in (
    ("differential_documented", "yes", "no"),
    ("lesion_count", "2", "0"),
    ("laterality", "left", "NAP"),
    ("largest_mm", "12", "UNK"),
    ("zone", "outer", "NAP"),
    ("near_vessel", "yes", "no"),
    ("symptomatic", "yes", "no"),
    ("lymphangitic", "yes", "no"),
    ("thoracic_nodes", "suspected", "none"),
    ("pleural_metastases", "yes", "no"),
    ("resectability", "resectable", "NAP"),
    ("curable", "yes", "no"),
    ("large_burden", "yes", "no"),
    ("tissue", "obtained", "NAP"),
):
    note = {"mdt_meeting": {"recommendation": "Resection of the liver"}, "metastasis": {}}
    case(
        f"BRA.episode.{column}",
        f"episode.{column}",
        {**note, "episode": {**SECOND, column: value}},
        {**note, "episode": {**SECOND, column: denial}},
    )
for table, column, value, question, without, within in (
    ("episode", "unresectable_reason", "extent", "resectability", "resectable", "unresectable"),
    ("episode", "surgery_unsuitable_reason", "refusal", "resectability", "unresectable", "resectable"),
    ("episode", "emergency_on", "2020-03-01", "emergency", "none", "bleeding"),
    ("episode", "tissue_histology", "poor", "tissue", "not_attempted", "obtained"),
    ("primary_tumor", "rectal_height_cm", "12", "site", "cecum", "rectum"),
    ("primary_tumor", "organ_preservation", "yes", "site", "cecum", "rectum"),
    ("study", "biopsy_taken", "yes", "modality", "pet_ct", "colonoscopy"),
    ("molecular_test", "variant", "p.G12C", "result", "wild_type", "mutated"),
    ("patient", "death_on", "2023-06-01", "vital_status", "alive", "dead"),
    ("patient", "cause_of_death", "other", "vital_status", "alive", "dead"),
):
    extra = {"death_on": "UNK"} if column == "cause_of_death" else {}
    number = {} if table in ("patient", "primary_tumor") else {"record_no": "1"}
    case(
        f"BRA.{table}.{column}",
        f"{table}.{column}",
        {table: {**number, question: without, column: value}},
        {table: {**number, **extra, question: within, column: value}},
    )
LIVER = {"metastasis": {}}
for column, value, without, within in (
    ("procedure", "wedge", {"target": "liver"}, {}),
    ("lobectomy_reason", "deep", {"procedure": "segmentectomy"}, {"procedure": "lobectomy"}),
    ("residual_tumor", "R1", {"modality": "cryoablation"}, {}),
    ("node_assessment", "sampling", {"target": "liver"}, {}),
    ("dose_gy", "50", {}, {"modality": "radiotherapy"}),
    ("fractions", "5", {}, {"modality": "radiotherapy"}),
):
    case(
        f"BRA.local_treatment.{column}",
        f"local_treatment[2].{column}",
        {**LIVER, "local_treatment": {**LUNG_RESECTION, **without, column: value}},
        {**LIVER, "local_treatment": {**LUNG_RESECTION, **within, column: value}},
    )
for table, question, column, value in (
    ("episode", "resectability", "unresectable_reason", "extent"),
    ("episode", "emergency", "emergency_on", "2020-03-01"),
    ("episode", "tissue", "tissue_histology", "poor"),
    ("primary_tumor", "site", "rectal_height_cm", "8"),
    ("local_treatment", "procedure", "lobectomy_reason", "deep"),
):
    number = {} if table == "primary_tumor" else {"record_no": "1" if table == "episode" else "2"}
    place = f"{table}[2]" if table == "local_treatment" else table
    case(
        f"BLK.{table}.{question}",
        f"{place}.{question}",
        {table: {**number, question: "", column: value}},
        {table: {**number, question: "UNK", column: value}},
    )
