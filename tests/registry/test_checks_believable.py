"""Whole records such as a center enters them: they have no finding, whatever of them is not known."""

from __future__ import annotations

import datetime as dt

import pytest

from registry import cells
from registry.checks import run
from registry.tables import TABLES
from tests.registry.test_checks_cases import Rows, cohort, findings_by_patient

TODAY = dt.date(2024, 1, 1)

CENTER = [{"center_id": "C1", "name": "First center", "country": "CN"}]


def rows(patient_id: str, **tables: list[dict[str, str]]) -> Rows:
    """The tables of a patient, with key and record numbers."""
    found: Rows = {"center": CENTER}
    for table, kept in tables.items():
        found[table] = [
            {"patient_id": patient_id, **row}
            if table in ("patient", "primary_tumor")
            else {"patient_id": patient_id, "record_no": str(number), **row}
            for number, row in enumerate(kept, 1)
        ]
    return found


# Rectal cancer with synchronous liver metastases, free of disease after two operations; then two lung metastases,
# resected in two stages, and three years free of disease.
FREE = rows(
    "FREE",
    patient=[
        {
            "center_id": "C1",
            "sex": "female",
            "birth_date": "1958-07-14",
            "enrolled_on": "2018-04-03",
            "consent_status": "given",
            "consent_on": "2018-04-03",
            "trial_participation": "declined",
            "vital_status": "alive",
            "last_contact_on": "2023-11-06",
        }
    ],
    primary_tumor=[
        {
            "diagnosed_on": "2018-03-12",
            "workup_completed_on": "2018-03-26",
            "first_treated_on": "2018-04-09",
            "site": "rectum",
            "rectal_height_cm": "9",
            "c_t": "T3",
            "c_n": "N2",
            "p_t": "T2",
            "p_n": "N0",
            "histology": "adenocarcinoma",
            "grade": "moderate",
            "extramural_vascular_invasion": "yes",
            "lymphovascular_invasion": "no",
            "cea_ng_ml": "18.4",
            "curable": "yes",
            "organ_preservation": "no",
        }
    ],
    episode=[
        {
            "detected_on": "2018-03-20",
            "lung_involved": "no",
            "prior_polymetastatic": "no",
            "progressing_lesion": "no",
            "basis": "imaging_mdt",
            "lesion_count": "0",
            "symptomatic": "no",
            "thoracic_nodes": "none",
            "other_sites_assessed": "yes",
            "cea_ng_ml": "18.4",
            "ecog": "0",
            "local_recurrence": "none",
            "emergency": "none",
            "drug_free_months": "NAP",
            "observation_chosen": "no",
            "ned_on": "2018-11-19",
            "mdt_discussed": "yes",
            "workup_log_complete": "yes",
            "surveillance_log_complete": "yes",
        },
        {
            "detected_on": "2020-06-15",
            "lung_involved": "yes",
            "prior_polymetastatic": "no",
            "progressing_lesion": "yes",
            "basis": "histology",
            "differential_documented": "yes",
            "lesion_count": "2",
            "laterality": "bilateral",
            "largest_mm": "14",
            "zone": "outer",
            "near_vessel": "no",
            "symptomatic": "no",
            "lymphangitic": "no",
            "thoracic_nodes": "none",
            "pleural_metastases": "no",
            "other_sites_assessed": "yes",
            "bone_symptoms": "no",
            "resectability": "resectable",
            "curable": "yes",
            "large_burden": "no",
            "surgery_unsuitable_reason": "NAP",
            "cea_ng_ml": "6.8",
            "ecog": "0",
            "local_recurrence": "none",
            "emergency": "none",
            "tissue": "obtained",
            "tissue_histology": "well_or_moderate",
            "prior_treatment_review": "Partial response, no lasting neuropathy",
            "drug_free_months": "15",
            "biology_note": "Slow growth over three studies",
            "resection_difficulty": "NAP",
            "observation_chosen": "no",
            "ned_on": "2020-09-28",
            "mdt_discussed": "yes",
            "workup_log_complete": "yes",
            "surveillance_log_complete": "no",
        },
    ],
    metastasis=[
        {
            "site": "liver",
            "detected_on": "2018-03-20",
            "resolved_on": "2018-11-19",
            "lesion_count": "2",
            "largest_mm": "31",
            "curable": "yes",
        }
    ],
    study=[
        {"performed_on": "2018-03-12", "modality": "colonoscopy", "purpose": "staging", "biopsy_taken": "yes"},
        {"performed_on": "2018-03-20", "modality": "chest_ct_contrast", "purpose": "staging", "result": "no_disease"},
        {"performed_on": "2018-03-20", "modality": "abdomen_ct_contrast", "purpose": "staging", "result": "new_lesion"},
        {"performed_on": "2018-03-26", "modality": "pelvis_mri_contrast", "purpose": "staging"},
        {"performed_on": "2018-07-10", "modality": "liver_mri_contrast", "purpose": "response", "result": "response"},
        {
            "performed_on": "2020-06-15",
            "modality": "chest_ct_contrast",
            "purpose": "surveillance",
            "found_metastases": "yes",
            "result": "new_lesion",
        },
        {"episode_no": "2", "performed_on": "2020-06-24", "modality": "pet_ct", "purpose": "staging"},
        {"performed_on": "2020-07-01", "modality": "lung_function", "purpose": "resectability"},
        {"performed_on": "2021-03-29", "modality": "chest_ct_plain", "purpose": "surveillance", "result": "no_disease"},
        {"performed_on": "2021-09-27", "modality": "chest_ct_plain", "purpose": "surveillance", "result": "no_disease"},
    ],
    pathology=[
        {"specimen": "primary", "sampled_on": "2018-03-12", "ck20": "positive", "cdx2": "positive", "ck7": "negative"},
        {
            "episode_no": "2",
            "specimen": "lung",
            "sampled_on": "2020-08-10",
            "ck20": "positive",
            "cdx2": "positive",
            "satb2": "positive",
            "ck7": "negative",
            "ttf1": "negative",
            "napsin_a": "not_done",
        },
    ],
    molecular_test=[
        {"marker": "kras", "specimen": "primary", "reported_on": "2018-04-06", "method": "ngs", "result": "wild_type"},
        {"marker": "nras", "specimen": "primary", "reported_on": "2018-04-06", "method": "ngs", "result": "wild_type"},
        {"marker": "braf", "specimen": "primary", "reported_on": "2018-04-06", "method": "ngs", "result": "wild_type"},
        {"marker": "msi_mmr", "specimen": "primary", "reported_on": "2018-04-06", "method": "ihc", "result": "stable"},
        {
            "marker": "kras",
            "specimen": "lung",
            "reported_on": "2020-09-01",
            "method": "ngs",
            "result": "mutated",
            "variant": "p.G12D",
        },
    ],
    mdt_meeting=[
        {
            "held_on": "2018-03-28",
            "specialties": "colorectal_surgery;hepatic_surgery;medical_oncology;radiation_oncology;radiology",
            "curability_assessed": "yes",
            "goal": "ned",
            "topics": "initial_strategy;sequence",
            "recommendation": "Chemotherapy, short-course radiotherapy, then both operations",
        },
        {
            "episode_no": "2",
            "held_on": "2020-06-30",
            "specialties": "thoracic_surgery;medical_oncology;radiology",
            "curability_assessed": "yes",
            "goal": "ned",
            "topics": "resectability;local_treatment",
            "recommendation": "Resection of both lungs in two stages",
        },
    ],
    systemic_therapy=[
        {
            "started_on": "2018-04-09",
            "ended_on": "2018-07-02",
            "intent": "preoperative",
            "line": "1",
            "backbone": "oxaliplatin",
            "regimen": "CAPOX",
            "targeted_agent": "cetuximab",
            "cycles": "4",
            "best_response": "PR",
            "response_assessed_on": "2018-07-10",
            "worst_toxicity_grade": "2",
            "stop_reason": "completed",
        },
        {
            "started_on": "2018-12-17",
            "ended_on": "2019-03-11",
            "intent": "postoperative",
            "line": "1",
            "backbone": "oxaliplatin",
            "regimen": "CAPOX",
            "targeted_agent": "none",
            "cycles": "4",
            "best_response": "NE",
            "worst_toxicity_grade": "3",
            "stop_reason": "toxicity",
        },
    ],
    local_treatment=[
        {
            "started_on": "2018-07-16",
            "ended_on": "2018-07-20",
            "target": "primary",
            "modality": "radiotherapy",
            "intent": "neoadjuvant",
            "dose_gy": "25",
            "fractions": "5",
        },
        {
            "started_on": "2018-09-10",
            "ended_on": "2018-09-10",
            "target": "primary",
            "modality": "resection",
            "intent": "radical",
            "residual_tumor": "R0",
            "clavien_dindo": "II",
        },
        {
            "started_on": "2018-11-19",
            "target": "liver",
            "modality": "resection",
            "intent": "radical",
            "lesions_treated": "2",
            "residual_tumor": "R0",
            "clavien_dindo": "0",
        },
        {
            "episode_no": "2",
            "started_on": "2020-08-10",
            "target": "lung",
            "modality": "resection",
            "intent": "radical",
            "procedure": "wedge",
            "lesions_treated": "1",
            "residual_tumor": "R0",
            "node_assessment": "sampling",
            "clavien_dindo": "0",
        },
        {
            "started_on": "2020-09-28",
            "target": "lung",
            "modality": "resection",
            "intent": "radical",
            "procedure": "lobectomy",
            "lobectomy_reason": "deep",
            "lesions_treated": "1",
            "residual_tumor": "R0",
            "node_assessment": "dissection",
            "clavien_dindo": "I",
        },
    ],
    follow_up=[
        {
            "seen_on": "2019-06-17",
            "disease_status": "ned",
            "ecog": "0",
            "cea_ng_ml": "2.1",
            "global_health_score": "75",
        },
        {"seen_on": "2020-06-15", "disease_status": "alive_with_disease", "ecog": "0", "cea_ng_ml": "6.8"},
        {"seen_on": "2021-03-29", "disease_status": "ned", "ecog": "0", "cea_ng_ml": "1.9"},
        {"seen_on": "2023-11-06", "disease_status": "ned", "ecog": "0", "cea_ng_ml": "2.2"},
    ],
    disease_event=[{"occurred_on": "2020-06-15", "kind": "recurrence", "sites": "lung"}],
    rule_exception=[{"episode_no": "2", "rule_id": "MET2", "reason": "refusal", "note": "No chemotherapy wanted"}],
)

# An obstructing colon cancer resected in an emergency; unresectable lung and bone metastases found before the end of
# the adjuvant therapy, two lines of therapy, and death during the second.
DECEASED = rows(
    "DECEASED",
    patient=[
        {
            "center_id": "C1",
            "sex": "male",
            "birth_date": "1941-02-03",
            "enrolled_on": "2019-07-05",
            "consent_status": "waived",
            "consent_on": "2019-08-01",
            "vital_status": "dead",
            "last_contact_on": "2020-10-01",
            "death_on": "2020-10-11",
            "cause_of_death": "cancer",
        }
    ],
    primary_tumor=[
        {
            "diagnosed_on": "2018-12-20",
            "workup_completed_on": "2019-01-04",
            "first_treated_on": "2018-12-14",
            "site": "sigmoid_colon",
            "rectal_height_cm": "NAP",
            "c_t": "TX",
            "c_n": "NX",
            "p_t": "T4a",
            "p_n": "N1c",
            "histology": "mucinous",
            "grade": "poor",
            "extramural_vascular_invasion": "UNK",
            "organ_preservation": "NAP",
        }
    ],
    episode=[
        {
            "detected_on": "2019-06-20",
            "lung_involved": "yes",
            "progressing_lesion": "yes",
            "basis": "imaging_mdt",
            "lesion_count": "7",
            "laterality": "bilateral",
            "largest_mm": "44",
            "zone": "NAP",
            "lymphangitic": "yes",
            "thoracic_nodes": "suspected",
            "pleural_metastases": "yes",
            "other_sites_assessed": "yes",
            "bone_symptoms": "yes",
            "resectability": "unresectable",
            "unresectable_reason": "number",
            "curable": "no",
            "large_burden": "yes",
            "cea_ng_ml": "212",
            "ecog": "1",
            "local_recurrence": "none",
            "emergency": "bleeding",
            "emergency_on": "2020-02-03",
            "tissue": "not_attempted",
            "observation_chosen": "no",
            "mdt_discussed": "yes",
            "workup_log_complete": "yes",
        }
    ],
    metastasis=[{"site": "bone", "detected_on": "2019-06-28", "lesion_count": "1", "largest_mm": "22"}],
    study=[
        {
            "performed_on": "2019-06-20",
            "modality": "chest_ct_contrast",
            "purpose": "routine",
            "found_metastases": "yes",
            "result": "new_lesion",
        },
        {"performed_on": "2019-06-28", "modality": "bone_scan", "purpose": "staging", "result": "new_lesion"},
        {"performed_on": "2019-12-30", "modality": "chest_ct_contrast", "purpose": "response", "result": "stable"},
        {"performed_on": "2020-06-29", "modality": "chest_ct_contrast", "purpose": "response", "result": "progression"},
    ],
    molecular_test=[
        {"marker": "kras", "specimen": "primary", "reported_on": "2020-11-02", "method": "pcr", "result": "wild_type"},
        {"marker": "her2", "result": "not_done"},
    ],
    mdt_meeting=[
        {
            "held_on": "2019-07-02",
            "specialties": "medical_oncology;radiation_oncology",
            "goal": "palliative",
            "topics": "initial_strategy;lymphangitic_local_treatment",
            "recommendation": "Systemic therapy; no local treatment of the lungs",
        }
    ],
    systemic_therapy=[
        {
            "started_on": "2019-02-04",
            "ended_on": "2019-06-17",
            "intent": "postoperative",
            "backbone": "fluoropyrimidine",
            "cycles": "6",
            "stop_reason": "progression",
        },
        {
            "started_on": "2019-07-08",
            "ended_on": "2020-06-29",
            "intent": "palliative",
            "line": "1",
            "backbone": "oxaliplatin",
            "targeted_agent": "bevacizumab",
            "cycles": "20",
            "best_response": "SD",
            "response_assessed_on": "2019-12-30",
            "worst_toxicity_grade": "3",
            "stop_reason": "progression",
        },
        {
            "started_on": "2020-06-29",
            "ended_on": "2020-10-11",
            "intent": "palliative",
            "line": "2",
            "backbone": "irinotecan",
            "targeted_agent": "none",
            "cycles": "7",
            "best_response": "PD",
            "stop_reason": "death",
        },
    ],
    local_treatment=[
        {
            "started_on": "2018-12-14",
            "target": "primary",
            "modality": "resection",
            "intent": "emergency",
            "residual_tumor": "R0",
            "clavien_dindo": "IIIb",
        },
        {
            "started_on": "2019-07-10",
            "ended_on": "2019-07-10",
            "target": "bone",
            "modality": "radiotherapy",
            "intent": "palliative",
            "dose_gy": "8",
            "fractions": "1",
        },
    ],
    follow_up=[
        {"seen_on": "2019-09-30", "disease_status": "alive_with_disease", "ecog": "1"},
        {"seen_on": "2020-10-01", "disease_status": "alive_with_disease", "ecog": "3"},
    ],
    disease_event=[
        {"occurred_on": "2020-06-29", "kind": "progression", "sites": "lung;bone"},
        {"occurred_on": "2020-09-14", "kind": "progression", "sites": "liver"},
    ],
)

BELIEVABLE = {"free": FREE, "deceased": DECEASED}

ASKED_FOR = {
    ("patient", "death_on"),
    ("primary_tumor", "diagnosed_on"),
    ("primary_tumor", "site"),
    ("primary_tumor", "histology"),
    ("episode", "basis"),
    ("episode", "resectability"),
    ("episode", "emergency"),
    ("episode", "tissue"),
    ("episode", "ned_on"),
    ("metastasis", "resolved_on"),
    ("systemic_therapy", "ended_on"),
    ("local_treatment", "procedure"),
    # What the rest of the record needs: a meeting without a word on the pleura.
    ("mdt_meeting", "recommendation"),
}
"""Columns about whose blank a check asks."""


def variants(record: Rows, cell: str) -> dict[str, tuple[str, str, Rows]]:
    """For each value of a record the table, the column, and the record with this cell in its place."""
    found = {}
    for table, kept in record.items():
        for number, row in enumerate(kept):
            for column in row:
                if table != "center" and not TABLES[table].fields[column].key:
                    changed = [{**other, column: cell} if other is row else other for other in kept]
                    found[f"{table} {number} {column}"] = (table, column, {**record, table: changed})
    return found


def findings(records: dict[str, Rows]) -> dict[str, set[tuple[str, str, str, str]]]:
    frames = cells.frames(cohort(records))
    by_patient = findings_by_patient(frames, run(frames, today=TODAY))
    return {name: found for name, found in by_patient.items() if found}


def test_believable_records_have_no_finding() -> None:
    assert findings(BELIEVABLE) == {}


@pytest.mark.parametrize("name", BELIEVABLE)
@pytest.mark.parametrize("code", ["UNK", "ND", "NASK"])
def test_a_missing_data_code_in_place_of_any_value_has_no_finding(name: str, code: str) -> None:
    changed = variants(BELIEVABLE[name], code)
    assert findings({place: record for place, (_, _, record) in changed.items()}) == {}


@pytest.mark.parametrize("name", BELIEVABLE)
def test_a_blank_in_place_of_any_value_is_asked_about_only_where_it_contradicts(name: str) -> None:
    changed = variants(BELIEVABLE[name], "")
    found = findings({place: record for place, (_, _, record) in changed.items()})
    assert {changed[place][:2] for place in found} <= ASKED_FOR
