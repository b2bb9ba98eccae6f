"""Hand-made cases of the assessment of the primary and of multi-organ metastases: ASM1 to ASM9."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analytics.rules.cases import (
    Expected,
    Row,
    case,
    each,
    exception,
    gives,
    local,
    marker,
    outcome,
    site,
    study,
    systemic,
)

SURGERY = local("2020-06-10")
LIVER, BONE = site("liver"), site("bone")
OPEN_LOG: dict[str, Any] = {"workup_log_complete": ""}

# ASM1: colonoscopy with biopsy, and tests of the primary.

MARKERS = ("kras", "nras", "braf", "msi_mmr", "her2")
TESTS = tuple(marker(name) for name in MARKERS)
NO_BRAF = tuple(marker(name) for name in MARKERS if name != "braf")


def scope(biopsy: str = "yes", on: str = "2020-05-20") -> Row:
    """A colonoscopy."""
    return study(on, "colonoscopy", biopsy_taken=biopsy)


@each(
    {
        "all done": gives(
            "adherent",
            case(BONE, scope(), *TESTS, synchronous=True),
            "study.biopsy_taken yes",
            "molecular_test.result negative",
            "molecular_test.specimen primary",
        ),
        "long before: no window": gives("adherent", case(BONE, scope(on="2019-01-05"), *TESTS, synchronous=True)),
        "after treatment: no window": gives(
            "adherent", case(BONE, systemic("2020-06-10"), scope(on="2021-01-05"), *TESTS, synchronous=True)
        ),
        "no biopsy": gives("non_adherent", case(BONE, scope("no"), *TESTS, synchronous=True), "biopsy_taken no"),
        "biopsy ND": gives("non_adherent", case(BONE, scope("ND"), *TESTS, synchronous=True), "biopsy_taken ND"),
        "biopsy blank": gives(
            "undetermined_numerator", case(BONE, scope(""), *TESTS, synchronous=True), fill="study.biopsy_taken"
        ),
        "no colonoscopy": gives("non_adherent", case(BONE, *TESTS, synchronous=True), "workup_log_complete yes"),
        "no colonoscopy recorded": gives(
            "undetermined_numerator",
            case(BONE, *TESTS, synchronous=True, **OPEN_LOG),
            fill="episode.workup_log_complete",
        ),
        "one marker not done": gives(
            "non_adherent",
            case(BONE, scope(), *NO_BRAF, marker("braf", "not_done"), synchronous=True),
            "molecular_test.result not_done",
        ),
        "one marker without a row": gives(
            "undetermined_numerator",
            case(BONE, scope(), *NO_BRAF, synchronous=True),
            fill="molecular_test.result of braf on primary",
        ),
        "one marker only on the lung": gives(
            "undetermined_numerator", case(BONE, scope(), *NO_BRAF, marker("braf", specimen="lung"), synchronous=True)
        ),
        "specimen blank": gives(
            "undetermined_numerator",
            case(BONE, scope(), *NO_BRAF, marker("braf", specimen=""), synchronous=True),
            fill="molecular_test.specimen",
        ),
        "obstruction": gives(
            "exception", case(BONE, synchronous=True, emergency="obstruction"), "episode.emergency obstruction"
        ),
        "perforation": gives("exception", case(BONE, synchronous=True, emergency="perforation")),
        "bleeding": gives("exception", case(BONE, synchronous=True, emergency="bleeding")),
        "met in an emergency": gives("adherent", case(BONE, scope(), *TESTS, synchronous=True, emergency="bleeding")),
        "emergency blank: no reason": gives("non_adherent", case(BONE, synchronous=True, emergency="")),
        "no other reason is listed": gives(
            "non_adherent", case(BONE, exception("ASM1", "contraindication"), synchronous=True)
        ),
        "isolated": gives("not_applicable", case(synchronous=True), "an active extrapulmonary site: no"),
        "primary resected": gives("not_applicable", case(BONE), "primary in situ at the detection: no"),
        "sites not listed": gives(
            "undetermined_denominator",
            case(synchronous=True, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "day of the resection not known": gives(
            "undetermined_denominator",
            case(BONE, local("UNK", "primary"), synchronous=True),
            fill="local_treatment.started_on",
        ),
    }
)
def test_asm1(one: Expected) -> None:
    assert one.differences("ASM1") == []


# ASM2 to ASM6: one study each.


@pytest.mark.parametrize(
    ("rule_id", "expected"),
    [
        ("ASM2", gives("not_applicable", case(), "an active extrapulmonary site: no")),
        (
            "ASM2",
            gives("undetermined_denominator", case(other_sites_assessed="no"), fill="episode.other_sites_assessed"),
        ),
        ("ASM2", gives("non_adherent", case(BONE, other_sites_assessed=""), "metastasis.site bone")),
        ("ASM2", gives("not_applicable", case(site("bone", "2019-06-01", resolved_on="2020-05-31")))),
        ("ASM2", gives("non_adherent", case(site("bone", "2020-07-02")))),
        ("ASM2", gives("not_applicable", case(site("bone", "2020-07-03")))),
        ("ASM4", gives("not_applicable", case(BONE), "liver metastases: no")),
        ("ASM4", gives("non_adherent", case(BONE, LIVER), "metastasis.site liver")),
        ("ASM4", gives("undetermined_denominator", case(BONE, other_sites_assessed=""))),
        ("ASM4", gives("undetermined_denominator", case(site("UNK")), fill="metastasis.site")),
        ("ASM5", gives("not_applicable", case(site("peritoneum")), "pelvic implants: no")),
        ("ASM5", gives("undetermined_denominator", case(other_sites_assessed=""), fill="episode.other_sites_assessed")),
        ("ASM6", gives("not_applicable", case(BONE, bone_symptoms="no"), "episode.bone_symptoms no")),
        ("ASM6", gives("not_applicable", case(bone_symptoms="NAP"), "episode.bone_symptoms NAP")),
        ("ASM6", gives("undetermined_denominator", case(), fill="episode.bone_symptoms")),
        ("ASM6", gives("undetermined_denominator", case(bone_symptoms="ND"))),
        ("ASM6", gives("non_adherent", case(study("2020-06-05", "pet_ct"), bone_symptoms="yes"))),
    ],
)
def test_to_whom_a_study_applies(rule_id: str, expected: Expected) -> None:
    assert expected.differences(rule_id) == []


def test_pet_ct_for_bone_symptoms_is_shown_apart() -> None:
    made = case(study("2020-06-05", "pet_ct"), bone_symptoms="yes")
    assert outcome(made, "ASM6", "pet_ct") == "adherent"


@each(
    {
        "the day before the operation": gives(
            "adherent", case(BONE, study("2020-06-09", "lung_function"), SURGERY), "study.performed_on 2020-06-09"
        ),
        "on its day, read as in time": gives("adherent", case(BONE, study("2020-06-10", "lung_function"), SURGERY)),
        "the day after": gives("non_adherent", case(BONE, study("2020-06-11", "lung_function"), SURGERY)),
        "after systemic therapy, before the operation": gives(
            "adherent",
            case(BONE, systemic("2020-06-10", "2020-08-01"), study("2020-08-10", "lung_function"), local("2020-09-01")),
        ),
        "90 days before the detection": gives("adherent", case(BONE, study("2020-03-03", "lung_function"), SURGERY)),
        "91 days before": gives(
            "non_adherent", case(BONE, study("2020-03-02", "lung_function", episode_no="1"), SURGERY)
        ),
        "after systemic therapy, never operated on": gives(
            "non_adherent", case(BONE, systemic("2020-06-10", "2020-08-01"), study("2020-08-10", "lung_function"))
        ),
        "no treatment: to the data cut": gives("adherent", case(BONE, study("2025-12-31", "lung_function"))),
        "not done": gives("non_adherent", case(BONE, SURGERY), "workup_log_complete yes"),
        "not recorded": gives(
            "undetermined_numerator", case(BONE, SURGERY, **OPEN_LOG), fill="episode.workup_log_complete"
        ),
        "isolated": gives("not_applicable", case(study("2020-06-09", "lung_function"), SURGERY)),
        "sites not listed": gives("undetermined_denominator", case(other_sites_assessed="")),
        "no reason is listed": gives("non_adherent", case(BONE, SURGERY, exception("ASM3", "refusal"))),
    }
)
def test_asm3(one: Expected) -> None:
    assert one.differences("ASM3") == []


@each(
    {
        "isolated and operated": gives("adherent", case(study("2020-06-09", "lung_function"), SURGERY)),
        "ablated": gives("non_adherent", case(local("2020-06-10", modality="cryoablation"))),
        "stereotactic radiotherapy is neither": gives("not_applicable", case(local("2020-06-10", modality="sbrt"))),
        "not treated locally": gives("not_applicable", case(BONE)),
    }
)
def test_asm3_extended_to_every_resection_and_ablation(one: Expected) -> None:
    assert one.differences("ASM3", "extended") == []


# ASM7: PET-CT only for undetermined lesions.


def pet(purpose: str, on: str = "2020-06-05") -> Row:
    """A PET-CT with its purpose."""
    return study(on, "pet_ct", purpose=purpose)


UNCLEAR = "undetermined_lesion"


@each(
    {
        "for an undetermined lesion": gives("adherent", case(pet(UNCLEAR), SURGERY), "purpose undetermined_lesion"),
        "for staging": gives("non_adherent", case(pet("staging"), SURGERY), "study.purpose staging"),
        "one of two for another purpose": gives("non_adherent", case(pet(UNCLEAR), pet("routine"), SURGERY)),
        "purpose blank": gives("undetermined_numerator", case(pet(""), SURGERY), fill="study.purpose"),
        "purpose UNK beside one that is wrong": gives("non_adherent", case(pet("UNK"), pet("routine"), SURGERY)),
        "90 days before the detection": gives("non_adherent", case(pet("routine", "2020-03-03"), SURGERY)),
        "on the day of the treatment": gives("non_adherent", case(pet("routine", "2020-06-10"), SURGERY)),
        "after it": gives("not_applicable", case(pet("routine", "2020-06-11"), SURGERY), "workup_log_complete yes"),
        "none": gives("not_applicable", case(SURGERY), "workup_log_complete yes"),
        "none recorded": gives(
            "undetermined_denominator", case(SURGERY, **OPEN_LOG), fill="episode.workup_log_complete"
        ),
        "no reason is listed": gives("non_adherent", case(pet("staging"), SURGERY, exception("ASM7", "mdt_decision"))),
    }
)
def test_asm7(one: Expected) -> None:
    assert one.differences("ASM7") == []


# ASM8 and ASM9: lung and liver.

CHEST = study("2020-05-20", "chest_ct_high_resolution")
ABDOMEN = study("2020-05-21", "abdomen_ct_contrast")
MRI = study("2020-05-22", "liver_mri_contrast")


@each(
    {
        "all three": gives(
            "adherent", case(LIVER, CHEST, ABDOMEN, MRI), "chest_ct_high_resolution", "abdomen_ct", "liver_mri_contrast"
        ),
        "no MRI": gives("non_adherent", case(LIVER, CHEST, ABDOMEN), "MRI of the liver in the staging time: no"),
        "no MRI recorded": gives(
            "undetermined_numerator",
            case(LIVER, CHEST, ABDOMEN, **OPEN_LOG),
            "MRI of the liver",
            fill="episode.workup_log_complete",
        ),
        "contraindication": gives("exception", case(LIVER, CHEST, ABDOMEN, exception("ASM8", "contraindication"))),
        "another reason": gives("non_adherent", case(LIVER, CHEST, ABDOMEN, exception("ASM8", "refusal"))),
        "liver and bone": gives("not_applicable", case(LIVER, BONE), "two or more active extrapulmonary sites: yes"),
        "bone alone": gives("not_applicable", case(BONE), "liver metastases: no"),
        "bone, and liver perhaps resolved": gives(
            "not_applicable", case(BONE, site("liver", "2020-05-20", resolved_on="UNK")), "metastasis.site bone"
        ),
        "liver perhaps resolved": gives(
            "undetermined_denominator",
            case(site("liver", "2020-05-20", resolved_on="UNK")),
            fill="metastasis.resolved_on",
        ),
        "curability alone is assessed": gives("non_adherent", case(LIVER, resectability="", curable="no")),
        "neither is recorded": gives("not_applicable", case(LIVER, resectability=""), "resectability assessed: no"),
        "neither is known": gives("not_applicable", case(LIVER, resectability="UNK", curable="ND")),
        "sites not listed": gives(
            "undetermined_denominator",
            case(LIVER, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
    }
)
def test_asm8(one: Expected) -> None:
    assert one.differences("ASM8") == []


@pytest.mark.parametrize(("part", "kept"), [("ASM8a", CHEST), ("ASM8b", ABDOMEN), ("ASM8c", MRI)])
def test_parts_of_asm8(part: str, kept: Row) -> None:
    others = [row for row in (CHEST, ABDOMEN, MRI) if row is not kept]
    assert outcome(case(LIVER, kept), "ASM8", part) == "adherent"
    assert outcome(case(LIVER, *others), "ASM8", part) == "non_adherent"
    assert outcome(case(LIVER, *others, **OPEN_LOG), "ASM8", part) == "undetermined_numerator"
    assert outcome(case(LIVER, *others, exception("ASM8", "contraindication")), "ASM8", part) == "exception"
    assert outcome(case(BONE, kept), "ASM8", part) == "not_applicable"


def responded(on: str, response: str = "PR", ended_on: str = "2020-09-01") -> Row:
    """Systemic therapy with a response."""
    return systemic("2020-06-10", ended_on, best_response=response, response_assessed_on=on)


RESECTED = local("2020-10-01", "liver")


@each(
    {
        "noted": gives("adherent", case(LIVER, biology_note="slow growth"), "episode.biology_note recorded"),
        "response before the local treatment": gives(
            "adherent", case(LIVER, responded("2020-08-01"), RESECTED), "systemic_therapy.best_response PR"
        ),
        "progression is one too": gives("adherent", case(LIVER, responded("2020-08-01", "PD"), RESECTED)),
        "on its day": gives("adherent", case(LIVER, responded("2020-10-01"), RESECTED, biology_note="ND")),
        "after it": gives("non_adherent", case(LIVER, responded("2020-10-02"), RESECTED, biology_note="ND")),
        "without a day of assessment the end": gives(
            "adherent", case(LIVER, responded(""), RESECTED, biology_note="ND")
        ),
        "not examined": gives("non_adherent", case(LIVER, RESECTED, biology_note="ND"), "episode.biology_note ND"),
        "response ND": gives("non_adherent", case(LIVER, responded("2020-08-01", "ND"), RESECTED, biology_note="ND")),
        "response blank": gives(
            "undetermined_numerator",
            case(LIVER, responded("2020-08-01", ""), RESECTED, biology_note="ND"),
            fill="systemic_therapy.best_response",
        ),
        "blank": gives("undetermined_numerator", case(LIVER, RESECTED), fill="episode.biology_note"),
        "an MDT reason is accepted": gives(
            "exception", case(LIVER, RESECTED, exception("ASM9", "mdt_decision"), biology_note="ND")
        ),
        "another reason is not": gives(
            "non_adherent", case(LIVER, RESECTED, exception("ASM9", "contraindication"), biology_note="ND")
        ),
        "bone alone": gives("not_applicable", case(BONE, biology_note="slow growth")),
        "sites not listed": gives("undetermined_denominator", case(LIVER, other_sites_assessed="")),
    }
)
def test_asm9(one: Expected) -> None:
    assert one.differences("ASM9") == []
