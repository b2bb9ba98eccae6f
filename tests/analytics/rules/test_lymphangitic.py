"""Hand-made cases of lymphangitic carcinomatosis (LYM1, LYM2) and of emergencies (EMG1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analytics.hand import Registry
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
    study,
    systemic,
)


def spread(*rows: Row, **changes: Any) -> Registry:
    """Lymphangitic carcinomatosis of the lungs."""
    return case(*rows, **({"lymphangitic": "yes"} | changes))


# LYM1: no local treatment.

SURGERY = local("2020-06-10")
TOPIC = {"topics": "initial_strategy;lymphangitic_local_treatment"}


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [
        (local("2020-06-10"), "non_adherent"),
        (local("2020-06-10", modality="sbrt"), "non_adherent"),
        (local("2020-06-10", modality="radiofrequency_ablation"), "non_adherent"),
        (local("2020-06-10", modality="microwave_ablation"), "non_adherent"),
        (local("2020-06-10", modality="cryoablation"), "non_adherent"),
        (local("2020-06-10", intent="palliative"), "non_adherent"),
        (local("2020-06-10", intent="emergency"), "adherent"),
        (local("2020-06-10", modality="radiotherapy"), "adherent"),
        (local("2020-06-10", "liver"), "non_adherent"),
        (local("2020-06-10", "liver", "sbrt"), "non_adherent"),
        (primary_resected("2020-06-10"), "non_adherent"),
        (local("2020-06-10", "liver", intent="palliative"), "adherent"),
        (local("2020-06-10", "primary", "colostomy", intent="palliative"), "adherent"),
        (local("2020-06-01"), "non_adherent"),
        (local("2020-05-31", ended_on="2020-06-02"), "adherent"),
    ],
)
def test_lym1_counts_lung_treatment_and_radical_treatment_from_the_detection_on(treatment: Row, expected: str) -> None:
    assert outcome(spread(treatment), "LYM1") == expected


@each(
    {
        "none": gives("adherent", spread(systemic("2020-06-10")), "local treatment from the detection on: no"),
        "operated on": gives(
            "non_adherent", spread(SURGERY), "local_treatment.started_on 2020-06-10", "modality resection"
        ),
        "day not known": gives(
            "undetermined_numerator", spread(local("", episode_no="1")), fill="local_treatment.started_on"
        ),
        "of the liver, intent blank": gives(
            "undetermined_numerator", spread(local("2020-06-10", "liver", intent="")), fill="local_treatment.intent"
        ),
        "an MDT reason is accepted": gives(
            "exception", spread(SURGERY, exception("LYM1", "mdt_decision")), "rule_exception.reason mdt_decision"
        ),
        "another reason is not": gives("non_adherent", spread(SURGERY, exception("LYM1", "refusal"))),
        "a meeting on it before": gives(
            "exception", spread(SURGERY, meeting("2020-06-09", **TOPIC)), "mdt_meeting.held_on 2020-06-09"
        ),
        "on its day": gives("exception", spread(SURGERY, meeting("2020-06-10", **TOPIC))),
        "after it": gives("non_adherent", spread(SURGERY, meeting("2020-06-11", **TOPIC))),
        "a meeting on something else": gives(
            "non_adherent", spread(SURGERY, meeting("2020-06-09", topics="local_treatment"))
        ),
        "topics blank: no reason recorded": gives("non_adherent", spread(SURGERY, meeting("2020-06-09"))),
        "not lymphangitic": gives("not_applicable", spread(SURGERY, lymphangitic="no"), "episode.lymphangitic no"),
        "NAP of a yes or no": gives("not_applicable", spread(SURGERY, lymphangitic="NAP")),
        "blank": gives("undetermined_denominator", spread(SURGERY, lymphangitic=""), fill="episode.lymphangitic"),
        "ND of a fact": gives("undetermined_denominator", spread(SURGERY, lymphangitic="ND"), "lymphangitic ND"),
    }
)
def test_lym1(one: Expected) -> None:
    assert one.differences("LYM1") == []


# LYM2: systemic therapy.


@each(
    {
        "later": gives("adherent", spread(systemic("2021-06-10")), "systemic_therapy.started_on 2021-06-10"),
        "on the day of the detection": gives("adherent", spread(systemic("2020-06-01"))),
        "under way then": gives("adherent", spread(systemic("2020-01-01"))),
        "ended on that day": gives("adherent", spread(systemic("2020-01-01", "2020-06-01"))),
        "ended the day before": gives("non_adherent", spread(systemic("2020-01-01", "2020-05-31"))),
        "day not known, and under way ever since": gives("adherent", spread(systemic("UNK", episode_no="1"))),
        "start and end not known": gives(
            "undetermined_numerator", spread(systemic("UNK", "UNK", episode_no="1")), fill="systemic_therapy.started_on"
        ),
        "end before the detection not known": gives(
            "undetermined_numerator", spread(systemic("2020-01-01", "UNK")), fill="systemic_therapy.ended_on"
        ),
        "none": gives("non_adherent", spread(SURGERY), "systemic_therapy no row"),
        "performance status": gives("exception", spread(SURGERY, exception("LYM2", "performance_status"))),
        "refusal": gives("exception", spread(SURGERY, exception("LYM2", "refusal")), "reason refusal"),
        "MDT reason": gives("exception", spread(SURGERY, exception("LYM2", "mdt_decision"))),
        "toxicity is not listed": gives("non_adherent", spread(SURGERY, exception("LYM2", "toxicity"))),
        "untreated for 183 days": gives("pending", spread(), "the treatment may still come: yes", cut="2020-12-01"),
        "for 184 days": gives("non_adherent", spread(), cut="2020-12-02"),
        "on the day of the detection, at the cut": gives("pending", spread(), cut="2020-06-01"),
        "a local treatment closes the window": gives("non_adherent", spread(SURGERY), cut="2020-07-01"),
        "a study does not": gives("pending", spread(study("2020-06-02", "chest_ct_plain")), cut="2020-07-01"),
        "observation is a decision": gives("non_adherent", spread(observation_chosen="yes"), cut="2020-07-01"),
        "no observation is none": gives("pending", spread(observation_chosen="no"), cut="2020-07-01"),
        "a reason comes before pending": gives("exception", spread(exception("LYM2", "refusal")), cut="2020-07-01"),
        "not lymphangitic": gives("not_applicable", spread(lymphangitic="no"), "episode.lymphangitic no"),
        "blank": gives("undetermined_denominator", spread(lymphangitic=""), fill="episode.lymphangitic"),
    }
)
def test_lym2(one: Expected) -> None:
    assert one.differences("LYM2") == []


# EMG1: the emergency first.


def urgent(*rows: Row, **changes: Any) -> Registry:
    """An emergency of the primary on 2020-06-05."""
    usual = {"emergency": "obstruction", "emergency_on": "2020-06-05"}
    return case(*rows, synchronous=True, **(usual | changes))


def stent(on: str, **given: str) -> Row:
    """The management of the emergency."""
    return local(on, "primary", "stent", intent="emergency", **given)


@each(
    {
        "managed before": gives(
            "adherent",
            urgent(stent("2020-06-05"), systemic("2020-06-20")),
            "local_treatment.started_on 2020-06-05",
            "systemic_therapy.started_on 2020-06-20",
        ),
        "on the same day": gives("adherent", urgent(stent("2020-06-20"), systemic("2020-06-20"))),
        "the day after": gives("non_adherent", urgent(stent("2020-06-21"), systemic("2020-06-20"))),
        "before one treatment and after another": gives(
            "non_adherent", urgent(systemic("2020-06-10"), stent("2020-06-15"), SURGERY)
        ),
        "not managed": gives("non_adherent", urgent(systemic("2020-06-20")), "systemic_therapy.started_on 2020-06-20"),
        "local treatment before it": gives("non_adherent", urgent(SURGERY, stent("2020-06-15"))),
        "local treatment, not managed": gives("non_adherent", urgent(SURGERY), "started_on 2020-06-10"),
        "intent blank, read as no emergency": gives(
            "non_adherent", urgent(local("2020-06-10", "primary", intent=""), stent("2020-06-15"))
        ),
        "by resection": gives(
            "adherent", urgent(primary_resected("2020-06-05", intent="emergency"), systemic("2020-06-20"))
        ),
        "no other treatment yet": gives("adherent", urgent(), "another treatment since the emergency: no"),
        "other treatment on the day of the emergency": gives(
            "non_adherent", urgent(systemic("2020-06-05"), stent("2020-06-06"))
        ),
        "other treatment before the emergency": gives("adherent", urgent(systemic("2020-06-04"), stent("2020-06-06"))),
        "managed before the emergency of this episode": gives(
            "non_adherent", urgent(stent("2020-06-04"), systemic("2020-06-20"))
        ),
        "management without a day": gives(
            "undetermined_numerator",
            urgent(stent("", episode_no="1"), systemic("2020-06-20")),
            fill="local_treatment.started_on",
        ),
        "one without a day, another in time": gives(
            "adherent", urgent(stent("", episode_no="1"), stent("2020-06-10"), systemic("2020-06-20"))
        ),
        "one without a day, another too late": gives(
            "undetermined_numerator", urgent(stent("", episode_no="1"), stent("2020-06-21"), systemic("2020-06-20"))
        ),
        "day of the emergency blank": gives(
            "undetermined_numerator",
            urgent(stent("2020-06-06"), systemic("2020-06-05"), emergency_on=""),
            fill="episode.emergency_on",
        ),
        "bleeding": gives("non_adherent", urgent(systemic("2020-06-20"), emergency="bleeding"), "emergency bleeding"),
        "perforation": gives("non_adherent", urgent(systemic("2020-06-20"), emergency="perforation")),
        "no emergency": gives("not_applicable", urgent(systemic("2020-06-20"), emergency="none"), "emergency none"),
        "blank": gives("undetermined_denominator", urgent(emergency=""), fill="episode.emergency"),
        "ND of a fact": gives("undetermined_denominator", urgent(emergency="ND")),
        "no reason is listed": gives("non_adherent", urgent(systemic("2020-06-20"), exception("EMG1", "mdt_decision"))),
        "other treatment after the cut": gives("adherent", urgent(systemic("2020-06-20")), cut="2020-06-19"),
    }
)
def test_emg1(one: Expected) -> None:
    assert one.differences("EMG1") == []
