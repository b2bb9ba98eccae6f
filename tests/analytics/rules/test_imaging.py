"""Hand-made cases of imaging (IMG1 to IMG3), and of the staging time that all studies share."""

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
    outcome,
    site,
    study,
)

SURGERY = local("2020-06-10")
LIVER, BONE, PELVIS = site("liver"), site("bone"), site("pelvic_implant")
OPEN_LOG: dict[str, Any] = {"workup_log_complete": ""}

STAGED: dict[str, tuple[str, tuple[Row, ...], dict[str, Any]]] = {
    "IMG1": ("chest_ct_high_resolution", (), {}),
    "IMG3": ("chest_ct_contrast", (), {"thoracic_nodes": "suspected"}),
    "ASM2": ("abdomen_ct_contrast", (BONE,), {}),
    "ASM4": ("liver_mri_contrast", (LIVER,), {}),
    "ASM5": ("pelvis_mri_contrast", (PELVIS,), {}),
    "ASM6": ("bone_scan", (), {"bone_symptoms": "yes"}),
}
"""Rules that ask for one staging study: the study, and rows and values of an episode to which they apply."""


# The staging time, the same for all (P-HRCT).


@pytest.mark.parametrize("rule_id", STAGED)
@pytest.mark.parametrize(
    ("performed_on", "expected"),
    [
        ("2020-03-03", "adherent"),
        ("2020-03-02", "non_adherent"),
        ("2020-06-10", "adherent"),
        ("2020-06-11", "non_adherent"),
    ],
)
def test_a_study_from_90_days_before_the_detection_to_the_first_treatment(
    rule_id: str, performed_on: str, expected: str
) -> None:
    modality, rows, episode = STAGED[rule_id]
    made = case(*rows, study(performed_on, modality, episode_no="1"), SURGERY, **episode)
    assert outcome(made, rule_id) == expected


@pytest.mark.parametrize("rule_id", STAGED)
def test_without_treatment_the_staging_time_lasts_to_the_data_cut(rule_id: str) -> None:
    modality, rows, episode = STAGED[rule_id]
    made = case(*rows, study("2021-03-01", modality), **episode)
    assert outcome(made, rule_id, cut="2021-03-01") == "adherent"
    assert outcome(made, rule_id, cut="2021-02-28") == "non_adherent"


@pytest.mark.parametrize("rule_id", STAGED)
@pytest.mark.parametrize("log", ["", "no", "UNK", "NASK", "ND", "NAP"])
def test_an_absent_study_was_not_done_only_where_the_log_is_complete(rule_id: str, log: str) -> None:
    _, rows, episode = STAGED[rule_id]
    without = case(*rows, SURGERY, **episode)
    assert gives("non_adherent", without, "workup_log_complete yes").differences(rule_id) == []
    not_known = case(*rows, SURGERY, **episode, workup_log_complete=log)
    expected = gives("undetermined_numerator", not_known, fill="episode.workup_log_complete")
    assert expected.differences(rule_id) == []


@pytest.mark.parametrize("rule_id", STAGED)
def test_a_study_without_a_day_may_have_been_in_time(rule_id: str) -> None:
    modality, rows, episode = STAGED[rule_id]
    made = case(*rows, study("UNK", modality, episode_no="1"), SURGERY, **episode)
    assert gives("undetermined_numerator", made, fill="study.performed_on").differences(rule_id) == []


@pytest.mark.parametrize("rule_id", ["IMG1", "IMG3", "ASM2", "ASM4", "ASM5", "ASM6"])
@pytest.mark.parametrize("reason", ["contraindication", "refusal", "mdt_decision"])
def test_only_a_contraindication_where_it_is_listed_is_an_exception(rule_id: str, reason: str) -> None:
    _, rows, episode = STAGED[rule_id]
    made = case(*rows, SURGERY, exception(rule_id, reason), **episode)
    accepted = reason == "contraindication" and rule_id in ("IMG3", "ASM4", "ASM5")
    expected = gives("exception", made, f"reason {reason}") if accepted else gives("non_adherent", made)
    assert expected.differences(rule_id) == []


# IMG1 and IMG2: how the metastases were found.


@each(
    {
        "high resolution": gives(
            "adherent",
            case(study("2020-05-20", "chest_ct_high_resolution"), SURGERY),
            "study.modality chest_ct_high_resolution",
            "study.performed_on 2020-05-20",
        ),
        "another chest CT is not": gives("non_adherent", case(study("2020-05-20", "chest_ct_plain"), SURGERY)),
        "modality not known": gives(
            "undetermined_numerator", case(study("2020-05-20", "UNK"), SURGERY), fill="study.modality"
        ),
        "an emergency does not end the staging time": gives(
            "adherent",
            case(
                local("2020-06-05", "primary", "stent", intent="emergency"),
                study("2020-06-06", "chest_ct_high_resolution"),
                SURGERY,
            ),
        ),
    }
)
def test_img1(one: Expected) -> None:
    assert one.differences("IMG1") == []


def found_by(modality: str, found: str = "yes") -> Row:
    """A study with what it says of the metastases."""
    return study("2020-05-30", modality, found_metastases=found)


@each(
    {
        "by CT": gives("adherent", case(found_by("chest_ct_plain")), "study.modality chest_ct_plain"),
        "by X-ray": gives("non_adherent", case(found_by("chest_xray")), "study.modality chest_xray"),
        "by MRI": gives("non_adherent", case(found_by("chest_mri")), "study.modality chest_mri"),
        "by PET-CT": gives("adherent", case(found_by("pet_ct"))),
        "by X-ray and CT": gives("non_adherent", case(found_by("chest_ct_plain"), found_by("chest_xray"))),
        "an extra X-ray is no breach": gives(
            "adherent", case(found_by("chest_ct_plain"), found_by("chest_xray", "no"))
        ),
        "NAP of a yes or no: no": gives("adherent", case(found_by("chest_ct_plain"), found_by("chest_xray", "NAP"))),
        "an X-ray of which it is not said is read as an extra one": gives(
            "adherent", case(found_by("chest_ct_plain"), found_by("chest_xray", ""))
        ),
        "modality not known": gives("undetermined_numerator", case(found_by("UNK")), fill="study.modality"),
        "no study": gives("undetermined_denominator", case()),
        "none that found them": gives("undetermined_denominator", case(found_by("chest_ct_plain", "no"))),
        "blank": gives("undetermined_denominator", case(found_by("chest_xray", "")), fill="study.found_metastases"),
        "ND of a fact": gives("undetermined_denominator", case(found_by("chest_xray", "ND"))),
        "no reason is listed": gives(
            "non_adherent", case(found_by("chest_xray"), exception("IMG2", "contraindication"))
        ),
    }
)
def test_img2(one: Expected) -> None:
    assert one.differences("IMG2") == []


@each(
    {
        "confirmed": gives(
            "adherent",
            case(study("2020-05-20", "chest_ct_contrast"), thoracic_nodes="confirmed"),
            "episode.thoracic_nodes confirmed",
        ),
        "high resolution is not contrast": gives(
            "non_adherent", case(study("2020-05-20", "chest_ct_high_resolution"), thoracic_nodes="suspected")
        ),
        "none": gives("not_applicable", case(), "episode.thoracic_nodes none"),
        "blank": gives("undetermined_denominator", case(thoracic_nodes=""), fill="episode.thoracic_nodes"),
        "ND of a fact": gives("undetermined_denominator", case(thoracic_nodes="ND"), "thoracic_nodes ND"),
        "NAP of a code": gives("undetermined_denominator", case(thoracic_nodes="NAP")),
    }
)
def test_img3(one: Expected) -> None:
    assert one.differences("IMG3") == []
