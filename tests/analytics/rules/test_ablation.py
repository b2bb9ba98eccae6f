"""Hand-made cases of stereotactic radiotherapy and ablation of lung metastases: ABL1 to ABL6."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.consensus.readings import Readings
from registry.tables import TABLES
from tests.analytics.rules.cases import (
    Expected,
    Row,
    case,
    each,
    exception,
    gives,
    local,
    meeting,
    outcome,
    primary_resected,
    radiotherapy,
    site,
    study,
    systemic,
)

LATER: Row = ("episode", {"detected_on": "2022-01-01", "lung_involved": "yes"})
"""A second episode."""
ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation")


def sbrt(started_on: str = "2020-08-01", **given: str) -> Row:
    """Stereotactic radiotherapy of the lung."""
    return local(started_on, modality="sbrt", **given)


def ablation(modality: str = "radiofrequency_ablation", **given: str) -> Row:
    """An ablation of the lung."""
    return local("2020-08-01", modality=modality, **given)


# ABL1: the primary assessed before.

IN_SITU: dict[str, Any] = {"synchronous": True}


@each(
    {
        **{
            modality: gives(
                "adherent", case(study("2020-06-20", modality), sbrt(), **IN_SITU), f"study.modality {modality}"
            )
            for modality in ("colonoscopy", "abdomen_ct_contrast", "pelvis_mri_contrast", "pet_ct")
        },
        "on the day of the treatment": gives(
            "adherent", case(study("2020-08-01", "colonoscopy"), sbrt(), **IN_SITU), "study.performed_on 2020-08-01"
        ),
        "90 days before the detection": gives("adherent", case(study("2020-03-03", "pet_ct"), sbrt(), **IN_SITU)),
        "the primary removed": gives("adherent", case(sbrt()), "local_treatment.started_on 2019-03-01"),
        "the primary removed on the day of the ablation": gives(
            "adherent", case(primary_resected("2020-08-01"), ablation(), **IN_SITU)
        ),
        "the primary removed in an emergency": gives(
            "adherent", case(primary_resected("2020-06-10", intent="emergency"), ablation(), **IN_SITU)
        ),
        "the day after the treatment": gives(
            "non_adherent", case(study("2020-08-02", "colonoscopy"), sbrt(), **IN_SITU), "performed_on 2020-08-02"
        ),
        "before the second treatment only": gives(
            "non_adherent", case(sbrt(), study("2020-08-10", "colonoscopy"), sbrt("2020-09-01"), **IN_SITU)
        ),
        "91 days before the detection belongs to no episode": gives(
            "non_adherent", case(study("2020-03-02", "pet_ct"), sbrt(), **IN_SITU)
        ),
        "of the next episode": gives(
            "non_adherent", case(study("2020-06-20", "pet_ct", episode_no="2"), sbrt(), LATER, **IN_SITU)
        ),
        "another study": gives("non_adherent", case(study("2020-06-20", "bone_scan"), sbrt(), **IN_SITU), "bone_scan"),
        "the primary left by a palliative resection": gives(
            "non_adherent", case(primary_resected("2020-06-10", intent="palliative"), sbrt(), **IN_SITU)
        ),
        "the primary left by an R2 resection": gives(
            "non_adherent", case(primary_resected("2020-06-10", residual_tumor="R2"), sbrt(), **IN_SITU)
        ),
        "no study, and the log is complete": gives(
            "non_adherent", case(sbrt(), **IN_SITU), "episode.workup_log_complete yes"
        ),
        "no study": gives(
            "undetermined_numerator",
            case(sbrt(), workup_log_complete="", **IN_SITU),
            fill="episode.workup_log_complete",
        ),
        "the log is not complete": gives(
            "undetermined_numerator", case(sbrt(), workup_log_complete="no", **IN_SITU), "workup_log_complete no"
        ),
        "modality of the study UNK": gives(
            "undetermined_numerator", case(study("2020-06-20", "UNK"), sbrt(), **IN_SITU), fill="study.modality"
        ),
        "day of the treatment UNK": gives(
            "undetermined_numerator",
            case(study("2020-06-20", "pet_ct"), sbrt("UNK", episode_no="1"), **IN_SITU),
            fill="local_treatment.started_on",
        ),
        "intent blank": gives(
            "undetermined_denominator", case(sbrt(intent=""), **IN_SITU), fill="local_treatment.intent"
        ),
        "palliative": gives("not_applicable", case(sbrt(intent="palliative"), **IN_SITU), "intent palliative"),
        "resected": gives("not_applicable", case(local("2020-08-01"), **IN_SITU), "modality resection"),
        "SBRT of the liver": gives("not_applicable", case(local("2020-08-01", "liver", "sbrt"), **IN_SITU)),
        "no reason is listed for it": gives("non_adherent", case(sbrt(), exception("ABL1", "mdt_decision"), **IN_SITU)),
    }
)
def test_abl1(one: Expected) -> None:
    assert one.differences("ABL1") == []


# ABL2: good tumor control.


def responded(response: str, assessed_on: str = "2020-07-20", ended_on: str = "2020-07-25", **given: str) -> Row:
    """Systemic therapy with its response."""
    return systemic("2020-06-10", ended_on, best_response=response, response_assessed_on=assessed_on, **given)


@each(
    {
        **{
            response: gives("adherent", case(responded(response), sbrt()), f"systemic_therapy.best_response {response}")
            for response in ("CR", "PR", "SD")
        },
        "assessed on the day of the treatment": gives("adherent", case(responded("PR", "2020-08-01"), sbrt())),
        "assessed at its end": gives("adherent", case(responded("PR", ""), sbrt()), "ended_on 2020-07-25"),
        "the last of two responses": gives(
            "adherent",
            case(
                responded("PD"), systemic("2020-07-01", best_response="SD", response_assessed_on="2020-07-30"), sbrt()
            ),
            "best_response SD",
        ),
        "response of the primary in situ": gives("adherent", case(responded("PR"), sbrt(), **IN_SITU)),
        "PD": gives("non_adherent", case(responded("PD"), sbrt()), "systemic_therapy.best_response PD"),
        "NE": gives("non_adherent", case(responded("NE"), sbrt()), "systemic_therapy.best_response NE"),
        "ND of an assessment: not done": gives("non_adherent", case(responded("ND"), sbrt()), "best_response ND"),
        "progression after an earlier response": gives(
            "non_adherent",
            case(
                responded("PR"), systemic("2020-07-01", best_response="PD", response_assessed_on="2020-07-30"), sbrt()
            ),
        ),
        "assessed after the treatment only": gives("non_adherent", case(responded("PR", "2020-08-02"), sbrt())),
        "blank": gives("undetermined_numerator", case(responded(""), sbrt()), fill="systemic_therapy.best_response"),
        "NASK": gives("undetermined_numerator", case(responded("NASK"), sbrt()), fill="systemic_therapy.best_response"),
        "under way, and not known when it was assessed": gives(
            "undetermined_numerator",
            case(responded("PR", "", ""), sbrt()),
            fill="systemic_therapy.response_assessed_on",
        ),
        "no systemic therapy, nothing but the lung": gives(
            "adherent",
            case(sbrt()),
            "systemic_therapy no row",
            "episode.other_sites_assessed yes",
            "episode.local_recurrence none",
        ),
        "systemic therapy after it only": gives(
            "adherent", case(sbrt(), systemic("2020-09-01", best_response="PD", response_assessed_on="2020-10-01"))
        ),
        "no systemic therapy, another site": gives(
            "non_adherent", case(sbrt(), site("liver")), "metastasis.site liver"
        ),
        "no systemic therapy, a recurrence": gives(
            "non_adherent", case(sbrt(), local_recurrence="resectable"), "episode.local_recurrence resectable"
        ),
        "no systemic therapy, the primary in situ": gives("non_adherent", case(sbrt(), **IN_SITU)),
        "no systemic therapy, recurrence blank": gives(
            "undetermined_numerator", case(sbrt(), local_recurrence=""), fill="episode.local_recurrence"
        ),
        "no systemic therapy, sites not listed": gives(
            "undetermined_numerator", case(sbrt(), other_sites_assessed=""), fill="episode.other_sites_assessed"
        ),
        "day of the treatment UNK": gives(
            "undetermined_numerator",
            case(responded("PR"), sbrt("UNK", episode_no="1")),
            fill="local_treatment.started_on",
        ),
        "intent NASK": gives("undetermined_denominator", case(sbrt(intent="NASK")), fill="local_treatment.intent"),
        "palliative": gives("not_applicable", case(responded("PD"), sbrt(intent="palliative"))),
        "no reason is listed for it": gives(
            "non_adherent", case(responded("PD"), sbrt(), exception("ABL2", "mdt_decision"))
        ),
    }
)
def test_abl2(one: Expected) -> None:
    assert one.differences("ABL2") == []


# ABL3, ABL4, ABL5: a single lesion by its zone.


def lesion(*rows: Row, zone: str = "outer", near_vessel: str = "no", lesion_count: str = "1", **changes: Any) -> Any:
    """A single lung lesion in a zone."""
    return case(*rows, zone=zone, near_vessel=near_vessel, lesion_count=lesion_count, **changes)


@each(
    {
        **{
            modality: gives(
                "adherent",
                lesion(ablation(modality)),
                f"local_treatment.modality {modality}",
                "episode.zone outer",
                "episode.near_vessel no",
                "episode.lesion_count 1",
            )
            for modality in ABLATIONS
        },
        "SBRT and ablation": gives("adherent", lesion(sbrt(), ablation())),
        "of unknown intent": gives("adherent", lesion(ablation(intent=""))),
        "SBRT": gives("non_adherent", lesion(sbrt()), "local_treatment.modality sbrt"),
        "SBRT and a palliative ablation": gives("non_adherent", lesion(sbrt(), ablation(intent="palliative"))),
        "ablation in the next episode": gives(
            "non_adherent", lesion(sbrt(), local("2022-02-01", modality="cryoablation"), LATER)
        ),
        "modality beside SBRT UNK": gives(
            "undetermined_numerator", lesion(sbrt(), ablation("UNK")), fill="local_treatment.modality"
        ),
        "zone blank": gives("undetermined_denominator", lesion(sbrt(), zone=""), fill="episode.zone"),
        "zone ND of a fact": gives("undetermined_denominator", lesion(sbrt(), zone="ND"), fill="episode.zone"),
        "near a vessel: blank": gives(
            "undetermined_denominator", lesion(sbrt(), near_vessel=""), fill="episode.near_vessel"
        ),
        "number blank": gives("undetermined_denominator", lesion(sbrt(), lesion_count=""), fill="episode.lesion_count"),
        "modality UNK": gives("undetermined_denominator", lesion(ablation("UNK")), fill="local_treatment.modality"),
        "NAP of near a vessel: no": gives("adherent", lesion(ablation(), near_vessel="NAP"), "near_vessel NAP"),
        "near a vessel": gives("not_applicable", lesion(ablation(), near_vessel="yes"), "episode.near_vessel yes"),
        "zone blank, near a vessel": gives("not_applicable", lesion(sbrt(), zone="", near_vessel="yes")),
        "middle zone": gives("not_applicable", lesion(sbrt(), zone="middle"), "episode.zone middle"),
        "two lesions": gives("not_applicable", lesion(sbrt(), lesion_count="2"), "episode.lesion_count 2"),
        "resected": gives("not_applicable", lesion(local("2020-08-01")), "modality resection"),
        "palliative only": gives("not_applicable", lesion(sbrt(intent="palliative")), "intent palliative"),
        "nothing": gives("not_applicable", lesion()),
    }
)
def test_abl3(one: Expected) -> None:
    assert one.differences("ABL3") == []


def test_radiofrequency_alone_is_the_strict_reading() -> None:
    found = [outcome(lesion(ablation(modality)), "ABL3", "radiofrequency") for modality in ABLATIONS]
    assert found == ["adherent", "non_adherent", "non_adherent"]


@each(
    {
        "SBRT": gives("taken", lesion(sbrt(), zone="middle"), "local_treatment.modality sbrt", "episode.zone middle"),
        "ablation": gives("taken", lesion(ablation(), zone="middle"), "modality radiofrequency_ablation"),
        "zone UNK": gives("undetermined_denominator", lesion(sbrt(), zone="UNK"), fill="episode.zone"),
        "near a vessel: UNK": gives(
            "undetermined_denominator", lesion(sbrt(), zone="middle", near_vessel="UNK"), fill="episode.near_vessel"
        ),
        "intent palliative": gives("not_applicable", lesion(sbrt(intent="palliative"), zone="middle")),
        "near a vessel": gives("not_applicable", lesion(sbrt(), zone="middle", near_vessel="yes")),
        "outer zone": gives("not_applicable", lesion(sbrt()), "episode.zone outer"),
        "several lesions": gives("not_applicable", lesion(sbrt(), zone="middle", lesion_count="3")),
        "resected": gives("not_applicable", lesion(local("2020-08-01"), zone="middle")),
    }
)
def test_abl4(one: Expected) -> None:
    assert one.differences("ABL4") == []


def test_the_modality_in_the_middle_zone_is_shown() -> None:
    made = (lesion(ablation(), zone="middle"), lesion(sbrt(), zone="middle"))
    assert [outcome(one, "ABL4", "ablation") for one in made] == ["taken", "not_taken"]


@each(
    {
        "inner zone": gives("adherent", lesion(sbrt(), zone="inner"), "episode.zone inner", "modality sbrt"),
        "outer zone near a vessel": gives("adherent", lesion(sbrt(), near_vessel="yes"), "episode.near_vessel yes"),
        "middle zone near a vessel": gives("adherent", lesion(sbrt(), zone="middle", near_vessel="yes")),
        "zone blank, near a vessel": gives("adherent", lesion(sbrt(), zone="", near_vessel="yes")),
        "inner zone, vessel blank": gives("adherent", lesion(sbrt(), zone="inner", near_vessel="")),
        "ablation and SBRT": gives("adherent", lesion(ablation(), sbrt(), zone="inner")),
        "ablation": gives("non_adherent", lesion(ablation(), zone="inner"), "modality radiofrequency_ablation"),
        "ablation and palliative SBRT": gives(
            "non_adherent", lesion(ablation(), sbrt(intent="palliative"), zone="inner")
        ),
        "modality beside an ablation UNK": gives(
            "undetermined_numerator", lesion(ablation(), ablation("UNK"), zone="inner"), fill="local_treatment.modality"
        ),
        "zone blank": gives("undetermined_denominator", lesion(sbrt(), zone=""), fill="episode.zone"),
        "vessel blank": gives("undetermined_denominator", lesion(sbrt(), near_vessel=""), fill="episode.near_vessel"),
        "outer zone": gives("not_applicable", lesion(sbrt()), "episode.zone outer", "episode.near_vessel no"),
        "two lesions": gives("not_applicable", lesion(sbrt(), zone="inner", lesion_count="2")),
        "resected": gives("not_applicable", lesion(local("2020-08-01"), zone="inner")),
    }
)
def test_abl5(one: Expected) -> None:
    assert one.differences("ABL5") == []


@pytest.mark.parametrize("reason", TABLES["rule_exception"].fields["reason"].codes)
def test_any_reason_is_accepted_for_the_other_method(reason: str) -> None:
    said = f"rule_exception.reason {reason}"
    assert gives("exception", lesion(sbrt(), exception("ABL3", reason)), said).differences("ABL3") == []
    inner = lesion(ablation(), exception("ABL5", reason), zone="inner")
    assert gives("exception", inner, said).differences("ABL5") == []


@pytest.mark.parametrize(
    "given",
    [{"reason": ""}, {"rule_id": "ABL4"}, {"episode_no": "2"}],
    ids=["blank", "another rule", "another episode"],
)
def test_a_reason_that_does_not_belong_is_none(given: dict[str, str]) -> None:
    made = lesion(sbrt(), ("rule_exception", {"rule_id": "ABL3", "reason": "other"} | given), LATER)
    assert outcome(made, "ABL3") == "non_adherent"


# ABL6: several lesions, decided by an MDT.


def several(*rows: Row, **changes: Any) -> Any:
    """Three lung lesions."""
    return case(*rows, **({"lesion_count": "3"} | changes))


@each(
    {
        "on the day of the treatment": gives(
            "adherent", several(meeting("2020-08-01"), sbrt()), "mdt_meeting.held_on 2020-08-01", "lesion_count 3"
        ),
        "two lesions": gives("adherent", several(meeting("2020-07-01"), ablation(), lesion_count="2")),
        "one of two meetings": gives("adherent", several(meeting("2020-07-01"), meeting("2020-09-01"), sbrt())),
        "a day late": gives("non_adherent", several(meeting("2020-08-02"), sbrt()), "held_on 2020-08-02"),
        "before the second treatment only": gives(
            "non_adherent", several(sbrt(), meeting("2020-08-15"), sbrt("2020-09-01"))
        ),
        "of the next episode": gives(
            "non_adherent", several(meeting("2020-07-01", episode_no="2"), sbrt(), LATER, mdt_discussed="no")
        ),
        "never discussed": gives("non_adherent", several(sbrt(), mdt_discussed="no"), "episode.mdt_discussed no"),
        "ND of a discussion: not done": gives("non_adherent", several(sbrt(), mdt_discussed="ND")),
        "not known": gives("undetermined_numerator", several(sbrt()), fill="episode.mdt_discussed"),
        "day of the treatment blank": gives(
            "undetermined_numerator",
            several(meeting("2020-08-01"), sbrt("", episode_no="1")),
            fill="local_treatment.started_on",
        ),
        "decided by the MDT": gives(
            "exception", several(sbrt(), exception("ABL6", "mdt_decision"), mdt_discussed="no"), "reason mdt_decision"
        ),
        "another reason is not listed": gives(
            "non_adherent", several(sbrt(), exception("ABL6", "refusal"), mdt_discussed="no")
        ),
        "only earlier days, as a reading": gives(
            "non_adherent",
            several(meeting("2020-08-01"), sbrt()),
            readings=Readings(mdt_on_day_of_treatment="too_late"),
        ),
        "number UNK": gives(
            "undetermined_denominator", several(sbrt(), lesion_count="UNK"), fill="episode.lesion_count"
        ),
        "one lesion": gives("not_applicable", several(sbrt(), lesion_count="1"), "episode.lesion_count 1"),
        "palliative": gives("not_applicable", several(sbrt(intent="palliative")), "intent palliative"),
        "resected": gives("not_applicable", several(local("2020-08-01"))),
        "radiotherapy of the primary": gives("not_applicable", several(radiotherapy("2020-08-01"))),
    }
)
def test_abl6(one: Expected) -> None:
    assert one.differences("ABL6") == []
