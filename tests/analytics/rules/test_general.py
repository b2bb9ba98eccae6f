"""Hand-made cases of the general rules, the MDT before treatment (GEN1 to GEN3), trials offered (GEN8)."""

from __future__ import annotations

from analytics.consensus.readings import Readings
from tests.analytics.rules.cases import (
    Expected,
    case,
    each,
    exception,
    gives,
    local,
    meeting,
    systemic,
)

SURGERY = local("2020-06-10")
COLOSTOMY = local("2020-06-10", "primary", "colostomy", intent="emergency")
LATER = {"detected_on": "2022-01-01", "lung_involved": "yes"}
"""A second episode."""


# GEN1: discussed by an MDT before treatment.


@each(
    {
        "on the day of the treatment": gives(
            "adherent",
            case(meeting("2020-06-10"), SURGERY),
            "mdt_meeting.held_on 2020-06-10",
            "local_treatment.started_on 2020-06-10",
        ),
        "the day before": gives("adherent", case(meeting("2020-06-09"), SURGERY), "mdt_meeting.held_on 2020-06-09"),
        "the day after": gives("non_adherent", case(meeting("2020-06-11"), SURGERY), "mdt_meeting.held_on 2020-06-11"),
        "late, but one of two in time": gives(
            "adherent", case(meeting("2020-06-11"), meeting("2020-06-02"), SURGERY), "mdt_meeting.held_on 2020-06-02"
        ),
        "90 days before the detection": gives("adherent", case(meeting("2020-03-03"), SURGERY)),
        "91 days before it belongs to no episode": gives(
            "undetermined_numerator", case(meeting("2020-03-02"), SURGERY), fill="episode.mdt_discussed"
        ),
        "91 days before, recorded as never discussed": gives(
            "non_adherent", case(meeting("2020-03-02"), SURGERY, mdt_discussed="no"), "episode.mdt_discussed no"
        ),
        "of the next episode": gives(
            "undetermined_numerator",
            case(meeting("2020-06-05", episode_no="2"), SURGERY, ("episode", LATER)),
            fill="episode.mdt_discussed",
        ),
        "no meeting": gives("non_adherent", case(SURGERY, mdt_discussed="no"), "episode.mdt_discussed no"),
        "blank": gives("undetermined_numerator", case(SURGERY), fill="episode.mdt_discussed"),
        "UNK": gives("undetermined_numerator", case(SURGERY, mdt_discussed="UNK"), fill="episode.mdt_discussed"),
        "NASK": gives("undetermined_numerator", case(SURGERY, mdt_discussed="NASK"), fill="episode.mdt_discussed"),
        "ND of a discussion: not done": gives("non_adherent", case(SURGERY, mdt_discussed="ND"), "mdt_discussed ND"),
        "NAP of a yes or no: no": gives("non_adherent", case(SURGERY, mdt_discussed="NAP"), "mdt_discussed NAP"),
        "yes without a meeting, read as not known": gives("undetermined_numerator", case(SURGERY, mdt_discussed="yes")),
        "day of the meeting not known": gives(
            "undetermined_numerator",
            case(meeting("UNK", episode_no="1"), SURGERY),
            fill="mdt_meeting.held_on",
        ),
        "untreated": gives("excluded", case(meeting("2020-06-10")), "a treatment other than an emergency's: no"),
        "only an emergency": gives("excluded", case(meeting("2020-06-10"), COLOSTOMY)),
        "an emergency first": gives(
            "adherent", case(COLOSTOMY, meeting("2020-07-01"), systemic("2020-07-01")), "started_on 2020-07-01"
        ),
        "a treatment without a day is left out": gives("excluded", case(local("", episode_no="1"))),
        "of two treatments the one with a day": gives(
            "non_adherent", case(local("", episode_no="1"), systemic("2020-06-10"), meeting("2020-06-11"))
        ),
        "therapy under way at the detection is not its first treatment": gives(
            "adherent", case(systemic("2020-01-01"), meeting("2020-06-05"), SURGERY)
        ),
        "a treatment on the day of the detection is": gives(
            "non_adherent", case(systemic("2020-06-01"), meeting("2020-06-02")), "started_on 2020-06-01"
        ),
        "no reason is listed for it": gives(
            "non_adherent", case(SURGERY, exception("GEN1", "refusal"), mdt_discussed="no")
        ),
        "treated after the cut": gives("excluded", case(meeting("2020-06-05"), SURGERY), cut="2020-06-09"),
        "discussed after the cut": gives(
            "undetermined_numerator", case(meeting("2020-06-11"), SURGERY), cut="2020-06-10"
        ),
        "only earlier days, as a reading": gives(
            "non_adherent",
            case(meeting("2020-06-10"), SURGERY),
            readings=Readings(mdt_on_day_of_treatment="too_late"),
        ),
        "no lung metastases": gives("no_line", case(SURGERY, lung_involved="no")),
        "lung metastases not known": gives("no_line", case(SURGERY, lung_involved="UNK")),
    }
)
def test_gen1(one: Expected) -> None:
    assert one.differences("GEN1") == []


# GEN2: curability assessed in the early phase.

ASSESSED = {"curability_assessed": "yes"}
DRUGS = systemic("2020-06-10", "2020-12-10")


@each(
    {
        "before": gives(
            "adherent",
            case(meeting("2020-06-05", **ASSESSED), DRUGS),
            "mdt_meeting.curability_assessed yes",
            "systemic_therapy.started_on 2020-06-10",
        ),
        "three months after the first treatment": gives("adherent", case(meeting("2020-09-10", **ASSESSED), DRUGS)),
        "a day later": gives("non_adherent", case(meeting("2020-09-11", **ASSESSED), DRUGS), "held_on 2020-09-11"),
        "30 November and three months: 28 February": gives(
            "adherent", case(meeting("2021-02-28", **ASSESSED), systemic("2020-11-30"))
        ),
        "1 March is too late": gives("non_adherent", case(meeting("2021-03-01", **ASSESSED), systemic("2020-11-30"))),
        "on the day of the first radical treatment": gives(
            "adherent", case(meeting("2020-08-01", **ASSESSED), DRUGS, local("2020-08-01"))
        ),
        "after it, within three months": gives(
            "non_adherent", case(meeting("2020-08-02", **ASSESSED), DRUGS, local("2020-08-01"))
        ),
        "not assessed": gives(
            "non_adherent", case(meeting("2020-06-05", curability_assessed="no"), DRUGS), "curability_assessed no"
        ),
        "blank": gives(
            "undetermined_numerator", case(meeting("2020-06-05"), DRUGS), fill="mdt_meeting.curability_assessed"
        ),
        "UNK": gives("undetermined_numerator", case(meeting("2020-06-05", curability_assessed="UNK"), DRUGS)),
        "ND": gives("non_adherent", case(meeting("2020-06-05", curability_assessed="ND"), DRUGS)),
        "NAP": gives("non_adherent", case(meeting("2020-06-05", curability_assessed="NAP"), DRUGS)),
        "blank in one that was too late": gives("non_adherent", case(meeting("2020-12-01"), DRUGS)),
        "no meeting": gives("non_adherent", case(DRUGS, mdt_discussed="no"), "episode.mdt_discussed no"),
        "no meeting recorded": gives("undetermined_numerator", case(DRUGS), fill="episode.mdt_discussed"),
        "untreated": gives("excluded", case(meeting("2020-06-05", **ASSESSED))),
        "a shorter early phase, as a reading": gives(
            "non_adherent", case(meeting("2020-07-11", **ASSESSED), DRUGS), readings=Readings(early_phase_months=1)
        ),
    }
)
def test_gen2(one: Expected) -> None:
    assert one.differences("GEN2") == []


# GEN3: a goal of treatment.


@each(
    {
        "set": gives("adherent", case(meeting("2020-06-05", goal="ned"), SURGERY), "mdt_meeting.goal ned"),
        "set late: no time is named": gives("adherent", case(meeting("2020-12-05", goal="palliative"), SURGERY)),
        "in one of two meetings": gives(
            "adherent", case(meeting("2020-06-05", goal="ND"), meeting("2020-07-05", goal="ned"), SURGERY)
        ),
        "recorded as not set": gives("non_adherent", case(meeting("2020-06-05", goal="ND"), SURGERY), "goal ND"),
        "never discussed": gives("non_adherent", case(SURGERY, mdt_discussed="no"), "episode.mdt_discussed no"),
        "blank": gives("undetermined_numerator", case(meeting("2020-06-05"), SURGERY), fill="mdt_meeting.goal"),
        "UNK": gives("undetermined_numerator", case(meeting("2020-06-05", goal="UNK"), SURGERY), "goal UNK"),
        "NAP of a code": gives("undetermined_numerator", case(meeting("2020-06-05", goal="NAP"), SURGERY)),
        "no meeting recorded": gives("undetermined_numerator", case(SURGERY), fill="episode.mdt_discussed"),
        "untreated": gives("excluded", case(meeting("2020-06-05", goal="ned"))),
    }
)
def test_gen3(one: Expected) -> None:
    assert one.differences("GEN3") == []


# GEN8: a trial was offered.


@each(
    {
        "entered": gives("adherent", case(who={"trial_participation": "entered"}), "trial_participation entered"),
        "declined": gives("adherent", case(who={"trial_participation": "declined"}), "trial_participation declined"),
        "not offered": gives("non_adherent", case(who={"trial_participation": "not_offered"})),
        "blank": gives("undetermined_numerator", case(), fill="patient.trial_participation"),
        "UNK": gives("undetermined_numerator", case(who={"trial_participation": "UNK"})),
        "NAP of a code": gives("undetermined_numerator", case(who={"trial_participation": "NAP"})),
    }
)
def test_gen8(one: Expected) -> None:
    assert one.differences("GEN8") == []
