"""Hand-made cases of the special situations in rectal cancer: REC1 to REC4."""

from __future__ import annotations

from typing import Any

from analytics.consensus.readings import Readings
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
    radiotherapy,
    site,
    study,
    systemic,
)

DRUGS = systemic("2020-06-10", "2020-09-01")
BEAM = radiotherapy("2020-07-01", ended_on="2020-08-10")
RESECTED = primary_resected("2020-10-01")


AFTER_WORKUP = {"workup_completed_on": "2020-05-31"}
BEFORE = (systemic("2020-05-01", "2020-07-01"), radiotherapy("2020-05-10"))
"""Neoadjuvant treatment that had started when the metastases were found."""


def rectal(*rows: Row, goal: str = "ned", topics_of_goal: str = "initial_strategy", **changes: Any) -> Registry:
    """Synchronous metastases of a locally advanced lower rectal cancer, with the goal NED (R-SYN)."""
    first = meeting("2020-06-05", goal=goal, topics=topics_of_goal)
    rows = rows if changes.get("mdt_discussed") else (first, *rows)
    return case(*rows, **({"synchronous": True} | changes))


# REC1: systemic therapy and radiotherapy before the resection of the primary.


@each(
    {
        "both": gives(
            "adherent",
            rectal(DRUGS, BEAM, RESECTED),
            "systemic_therapy.started_on 2020-06-10",
            "local_treatment.started_on 2020-07-01",
            "local_treatment.started_on 2020-10-01",
        ),
        "in the other order": gives("adherent", rectal(radiotherapy("2020-06-10"), systemic("2020-09-01"), RESECTED)),
        "no radiotherapy": gives("non_adherent", rectal(DRUGS, RESECTED), "radiotherapy of the primary before"),
        "no systemic therapy": gives("non_adherent", rectal(BEAM, RESECTED), "systemic_therapy no row"),
        "radiotherapy the day before": gives("adherent", rectal(DRUGS, radiotherapy("2020-09-30"), RESECTED)),
        "radiotherapy on the day": gives("non_adherent", rectal(DRUGS, radiotherapy("2020-10-01"), RESECTED)),
        "systemic therapy on the day": gives("non_adherent", rectal(systemic("2020-10-01"), BEAM, RESECTED)),
        "palliative systemic therapy is not preoperative": gives(
            "non_adherent", rectal(systemic("2020-06-10", intent="palliative"), BEAM, RESECTED)
        ),
        "intent blank": gives(
            "undetermined_numerator",
            rectal(systemic("2020-06-10", intent=""), BEAM, RESECTED),
            fill="systemic_therapy.intent",
        ),
        "day of the radiotherapy blank": gives(
            "undetermined_numerator",
            rectal(DRUGS, radiotherapy("", episode_no="1"), RESECTED),
            fill="local_treatment.started_on",
        ),
        "both, not resected yet": gives("adherent", rectal(DRUGS, BEAM)),
        "a palliative resection is none": gives(
            "adherent", rectal(primary_resected("2020-06-08", intent="palliative"), DRUGS, BEAM, RESECTED)
        ),
        "organ preservation": gives(
            "excluded", rectal(DRUGS, primary={"organ_preservation": "yes"}), "organ_preservation yes"
        ),
        "excluded before the numerator": gives(
            "excluded", rectal(DRUGS, BEAM, RESECTED, primary={"organ_preservation": "yes"})
        ),
        "organ preservation blank": gives("non_adherent", rectal(DRUGS, RESECTED, primary={"organ_preservation": ""})),
        "no reason is listed": gives("non_adherent", rectal(DRUGS, RESECTED, exception("REC1", "refusal"))),
        "untreated for 183 days": gives("pending", rectal(), cut="2020-12-01"),
        "for 184 days": gives("non_adherent", rectal(), cut="2020-12-02"),
        "observation is a decision": gives("non_adherent", rectal(observation_chosen="yes"), cut="2020-07-01"),
        "therapy under way": gives("pending", rectal(systemic("2020-06-10")), "may still come: yes"),
        "ended 91 days before the cut": gives("pending", rectal(DRUGS), cut="2020-12-01"),
        "92 days before": gives("non_adherent", rectal(DRUGS), cut="2020-12-02"),
        "conversion therapy under way": gives("pending", rectal(systemic("2020-06-10", intent="conversion"))),
        "palliative therapy under way": gives("non_adherent", rectal(systemic("2020-06-10", intent="palliative"))),
        "radiotherapy alone closes the window": gives("non_adherent", rectal(BEAM), cut="2020-09-01"),
        "resected while therapy is under way": gives(
            "non_adherent", rectal(systemic("2020-06-10"), RESECTED), cut="2020-10-20"
        ),
        "resected after the cut": gives("pending", rectal(systemic("2020-06-10"), RESECTED), cut="2020-09-30"),
    }
)
def test_rec1(one: Expected) -> None:
    assert one.differences("REC1") == []


def staged(c_t: str, c_n: str) -> dict[str, str]:
    """A clinical stage."""
    return {"c_t": c_t, "c_n": c_n}


@each(
    {
        "10.0 cm": gives("non_adherent", rectal(RESECTED, primary={"rectal_height_cm": "10.0"}), "no row"),
        "10.1 cm": gives("not_applicable", rectal(primary={"rectal_height_cm": "10.1"}), "rectal_height_cm 10.1"),
        "height blank": gives(
            "undetermined_denominator", rectal(primary={"rectal_height_cm": ""}), fill="primary_tumor.rectal_height_cm"
        ),
        "12 cm, as a reading": gives(
            "non_adherent",
            rectal(RESECTED, primary={"rectal_height_cm": "12"}),
            readings=Readings(mid_low_height_cm=12.0),
        ),
        "colon": gives("not_applicable", rectal(primary={"site": "sigmoid_colon"}), "rectal primary: no"),
        "rectosigmoid junction": gives("not_applicable", rectal(primary={"site": "rectosigmoid_junction"})),
        "site blank": gives("undetermined_denominator", rectal(primary={"site": ""}), fill="primary_tumor.site"),
        "T4a": gives("non_adherent", rectal(RESECTED, primary=staged("T4a", "N0"))),
        "T2 N1c": gives("non_adherent", rectal(RESECTED, primary=staged("T2", "N1c"))),
        "TX N1": gives("non_adherent", rectal(RESECTED, primary=staged("TX", "N1"))),
        "T2 N0": gives("not_applicable", rectal(primary=staged("T2", "N0")), "c_t T2"),
        "T0 N0": gives("not_applicable", rectal(primary=staged("T0", "N0"))),
        "TX N0": gives("undetermined_denominator", rectal(primary=staged("TX", "N0")), fill="primary_tumor.c_t"),
        "T2, N blank": gives("undetermined_denominator", rectal(primary=staged("T2", "")), fill="primary_tumor.c_n"),
        "T ND": gives("undetermined_denominator", rectal(primary=staged("ND", "N0")), "c_t ND"),
        "incurable primary": gives("not_applicable", rectal(RESECTED, primary={"curable": "no"}), "curable no"),
        "curable blank": gives("non_adherent", rectal(RESECTED, primary={"curable": ""})),
        "goal palliative": gives("not_applicable", rectal(RESECTED, goal="palliative"), "goal palliative"),
        "goal blank": gives("undetermined_denominator", rectal(RESECTED, goal=""), fill="mdt_meeting.goal"),
        "no meeting recorded": gives(
            "undetermined_denominator", rectal(RESECTED, mdt_discussed="UNK"), fill="episode.mdt_discussed"
        ),
        "never discussed: no goal": gives("not_applicable", rectal(RESECTED, mdt_discussed="no")),
        "one other site": gives("non_adherent", rectal(site("liver"), RESECTED), "route R-LIV"),
        "two other sites": gives("not_applicable", rectal(site("liver"), site("bone"), RESECTED), "route R-MUL"),
        "potentially resectable": gives("not_applicable", rectal(RESECTED, resectability="potentially_resectable")),
        "resectability blank": gives(
            "undetermined_denominator", rectal(RESECTED, resectability=""), fill="episode.resectability"
        ),
        "after the resection of the primary": gives("not_applicable", rectal(synchronous=False), "route R-MET"),
        "found between work-up and treatment": gives("not_applicable", rectal(DRUGS, BEAM, primary=AFTER_WORKUP)),
        "found during neoadjuvant therapy": gives("adherent", rectal(*BEFORE, RESECTED, primary=AFTER_WORKUP)),
        "found during systemic therapy alone": gives("non_adherent", rectal(BEFORE[0], RESECTED, primary=AFTER_WORKUP)),
        "workup not dated": gives(
            "undetermined_denominator",
            rectal(RESECTED, primary={"workup_completed_on": ""}),
            fill="primary_tumor.workup_completed_on",
        ),
    }
)
def test_to_whom_rec1_applies(one: Expected) -> None:
    assert one.differences("REC1") == []


# REC2: the order discussed by an MDT.

SEQUENCE = meeting("2020-06-20", topics="initial_strategy;sequence")
TWO = (RESECTED, local("2020-12-01"))


@each(
    {
        "before": gives(
            "adherent", rectal(SEQUENCE, *TWO), "mdt_meeting.topics initial_strategy;sequence", "held_on 2020-06-20"
        ),
        "on the day of the first": gives("adherent", rectal(meeting("2020-10-01", topics="sequence"), *TWO)),
        "the day after": gives("non_adherent", rectal(meeting("2020-10-02", topics="sequence"), *TWO)),
        "on that day, as a reading": gives(
            "non_adherent",
            rectal(meeting("2020-10-01", topics="sequence"), *TWO, topics_of_goal="other"),
            readings=Readings(mdt_on_day_of_treatment="too_late"),
        ),
        "on something else": gives("non_adherent", rectal(*TWO, topics_of_goal="resectability")),
        "topics ND, read as not known": gives(
            "undetermined_numerator", rectal(*TWO, topics_of_goal="ND"), "mdt_meeting.topics ND"
        ),
        "topics blank": gives("undetermined_numerator", rectal(*TWO, topics_of_goal=""), fill="mdt_meeting.topics"),
        "one radical treatment": gives("not_applicable", rectal(SEQUENCE, RESECTED)),
        "another that is palliative": gives(
            "not_applicable", rectal(SEQUENCE, RESECTED, local("2020-12-01", intent="palliative"))
        ),
        "another without an intent": gives(
            "undetermined_denominator",
            rectal(SEQUENCE, RESECTED, local("2020-12-01", intent="")),
            fill="local_treatment.intent",
        ),
        "radiotherapy is none": gives("not_applicable", rectal(SEQUENCE, DRUGS, BEAM, RESECTED)),
        "stereotactic radiotherapy is one": gives(
            "adherent", rectal(SEQUENCE, RESECTED, local("2020-12-01", modality="sbrt"))
        ),
        "upper rectum": gives("not_applicable", rectal(SEQUENCE, *TWO, primary={"rectal_height_cm": "11"})),
        "goal blank": gives("undetermined_denominator", rectal(SEQUENCE, *TWO, goal="")),
        "organ preservation does not exclude": gives(
            "adherent", rectal(SEQUENCE, *TWO, primary={"organ_preservation": "yes"})
        ),
        "no reason is listed": gives(
            "non_adherent", rectal(*TWO, exception("REC2", "mdt_decision"), topics_of_goal="other")
        ),
    }
)
def test_rec2(one: Expected) -> None:
    assert one.differences("REC2") == []


# REC3: organ preservation.

LUNG = local("2020-10-01")
KEEP: dict[str, str] = {"organ_preservation": "yes"}


def keeping(*rows: Row, **changes: Any) -> Registry:
    """A patient who wants to keep the organ."""
    return rectal(*rows, **({"primary": KEEP} | changes))


@each(
    {
        "resected after both": gives(
            "taken", keeping(DRUGS, BEAM, LUNG), "started_on 2020-07-01 and 2020-10-01", "organ_preservation yes"
        ),
        "without radiotherapy": gives("not_taken", keeping(DRUGS, LUNG)),
        "without systemic therapy": gives("not_taken", keeping(BEAM, LUNG)),
        "lung before radiotherapy": gives("not_taken", keeping(DRUGS, LUNG, radiotherapy("2020-10-02"))),
        "lung on its day": gives("not_taken", keeping(DRUGS, LUNG, radiotherapy("2020-10-01"))),
        "lung not resected": gives("not_taken", keeping(DRUGS, BEAM)),
        "by stereotactic radiotherapy": gives("not_taken", keeping(DRUGS, BEAM, local("2020-10-01", modality="sbrt"))),
        "not radical": gives("not_taken", keeping(DRUGS, BEAM, local("2020-10-01", intent="palliative"))),
        "intent blank": gives(
            "undetermined_numerator",
            keeping(DRUGS, BEAM, local("2020-10-01", intent="")),
            fill="local_treatment.intent",
        ),
        "primary resected before": gives("not_taken", keeping(DRUGS, BEAM, primary_resected("2020-09-30"), LUNG)),
        "an option needs no reason": gives("not_taken", keeping(DRUGS, LUNG, exception("REC3", "refusal"))),
        "an option cannot be pending": gives("not_taken", keeping(), cut="2020-07-01"),
        "no organ preservation": gives(
            "not_applicable", keeping(DRUGS, BEAM, LUNG, primary={"organ_preservation": "no"}), "organ_preservation no"
        ),
        "blank": gives("undetermined_denominator", rectal(DRUGS, BEAM, LUNG), fill="primary_tumor.organ_preservation"),
        "upper rectum": gives("not_applicable", keeping(DRUGS, primary=KEEP | {"rectal_height_cm": "11"})),
    }
)
def test_rec3(one: Expected) -> None:
    assert one.differences("REC3") == []


def test_rec3_shows_other_local_treatment_beside() -> None:
    made = keeping(DRUGS, BEAM, local("2020-10-01", modality="sbrt"))
    assert outcome(made, "REC3", "sbrt_or_ablation") == "taken"
    assert outcome(keeping(DRUGS, BEAM, LUNG), "REC3", "sbrt_or_ablation") == "not_taken"
    on_its_day = keeping(DRUGS, radiotherapy("2020-10-01"), local("2020-10-01", modality="sbrt"))
    assert outcome(on_its_day, "REC3", "sbrt_or_ablation") == "not_taken"


# REC4: the primary closely monitored; TNT ends 2020-08-31, so months end on the last day of February.

TNT = (systemic("2020-06-10", "2020-08-31"), BEAM)
SEEN = {"last_contact_on": "2025-12-31"}


def preserved(*on: str, modality: str = "colonoscopy", **changes: Any) -> Registry:
    """The primary was seen on some days after the lung resection."""
    return keeping(*TNT, LUNG, *(study(day, modality) for day in on), **({"who": SEEN} | changes))


@each(
    {
        "before six months are over": gives("pending", preserved(), "month 6 over: no", cut="2021-02-27"),
        "seen before they are over": gives("adherent", preserved("2020-12-01"), cut="2021-02-27"),
        "on the last day of the first six": gives("adherent", preserved("2021-02-28"), "2021-02-28", cut="2021-02-28"),
        "not by then": gives("non_adherent", preserved(), "surveillance_log_complete yes", cut="2021-02-28"),
        "the day after is of the next six": gives("non_adherent", preserved("2021-03-01"), cut="2021-08-31"),
        "each in its six": gives("adherent", preserved("2021-02-28", "2021-03-01"), cut="2021-08-31"),
        "one twice, none in the next": gives(
            "non_adherent", preserved("2020-12-01", "2021-02-28"), "months 6 to 12", cut="2021-08-31"
        ),
        "on the last day of TNT": gives("non_adherent", preserved("2020-08-31"), cut="2021-02-28"),
        "by MRI of the pelvis": gives(
            "adherent", preserved("2020-12-01", modality="pelvis_mri_contrast"), cut="2021-02-28"
        ),
        "by CT": gives("non_adherent", preserved("2020-12-01", modality="abdomen_ct_contrast"), cut="2021-02-28"),
        "not recorded": gives(
            "undetermined_numerator",
            preserved(surveillance_log_complete=""),
            fill="episode.surveillance_log_complete",
            cut="2021-02-28",
        ),
        "end of TNT not known": gives(
            "undetermined_numerator",
            keeping(systemic("2020-06-10", "UNK"), BEAM, LUNG, who=SEEN),
            fill="systemic_therapy.ended_on",
            cut="2021-05-01",
        ),
        "end of TNT not known, and seen once": gives(
            "undetermined_numerator",
            keeping(systemic("2020-06-10", "UNK"), BEAM, LUNG, study("2020-12-01", "colonoscopy"), who=SEEN),
            fill="systemic_therapy.ended_on",
            cut="2021-05-01",
        ),
        "systemic therapy still under way": gives(
            "pending", keeping(systemic("2020-06-10"), BEAM, LUNG, who=SEEN), cut="2021-12-31"
        ),
        "organ preservation blank": gives(
            "undetermined_denominator", rectal(*TNT, LUNG, who=SEEN), fill="primary_tumor.organ_preservation"
        ),
        "not taken": gives("not_applicable", keeping(*TNT, who=SEEN), "lung resection with organ preservation: no"),
        "no reason is listed": gives(
            "non_adherent",
            keeping(*TNT, LUNG, exception("REC4", "refusal"), who=SEEN),
            cut="2021-02-28",
        ),
        "after the death nothing is due, as a reading": gives(
            "adherent",
            preserved("2020-12-01", who={"vital_status": "dead", "death_on": "2021-03-01"}),
            cut="2022-03-01",
        ),
    }
)
def test_rec4(one: Expected) -> None:
    assert one.differences("REC4") == []
