"""Hand-made cases of initial metachronous metastases: MET1 to MET6."""

from __future__ import annotations

from typing import Any

import pytest

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
    marker,
    meeting,
    outcome,
    site,
    systemic,
)

SURGERY = local("2020-09-10")
DRUGS = systemic("2020-06-10", "2020-08-10")
SBRT = local("2020-06-10", modality="sbrt")
UNDATED = local("", episode_no="1")


# MET1: surgery first.


@each(
    {
        "first": gives("adherent", case(SURGERY, systemic("2020-10-01")), "local_treatment.started_on 2020-09-10"),
        "on the day of systemic therapy, read as first": gives("adherent", case(SURGERY, systemic("2020-09-10"))),
        "after systemic therapy": gives("non_adherent", case(DRUGS, SURGERY), "started_on 2020-06-10"),
        "after stereotactic radiotherapy": gives("non_adherent", case(SBRT, SURGERY)),
        "after an emergency": gives(
            "adherent", case(local("2020-06-05", "local_recurrence", "stent", intent="emergency"), SURGERY)
        ),
        "adjuvant therapy of the primary was before": gives(
            "adherent", case(systemic("2019-04-01", "2019-10-01", "postoperative"), SURGERY)
        ),
        "day of the operation blank": gives(
            "undetermined_numerator", case(UNDATED, DRUGS), fill="local_treatment.started_on"
        ),
        "no reason recorded": gives(
            "non_adherent", case(DRUGS), "reason_missing: episode.surgery_unsuitable_reason is blank"
        ),
        "tumor site": gives(
            "exception", case(SBRT, surgery_unsuitable_reason="site"), "episode.surgery_unsuitable_reason site"
        ),
        "lung function": gives("exception", case(SBRT, surgery_unsuitable_reason="lung_function")),
        "tolerance": gives("exception", case(SBRT, surgery_unsuitable_reason="tolerance")),
        "refusal": gives("exception", case(SBRT, surgery_unsuitable_reason="refusal")),
        "reason UNK is none": gives("non_adherent", case(SBRT, surgery_unsuitable_reason="UNK")),
        "a reason is asked for only after a failure": gives(
            "adherent", case(SURGERY, surgery_unsuitable_reason="tolerance")
        ),
        "preoperative therapy documented by the MDT": gives(
            "exception", case(DRUGS, SURGERY, meeting("2020-06-05", topics="preoperative_systemic;other"))
        ),
        "another topic": gives("non_adherent", case(DRUGS, SURGERY, meeting("2020-06-05", topics="initial_strategy"))),
        "topics blank": gives("non_adherent", case(DRUGS, SURGERY, meeting("2020-06-05"))),
        "a reason that is not listed": gives("non_adherent", case(DRUGS, SURGERY, exception("MET1", "refusal"))),
        "untreated for 183 days": gives("pending", case(), "the treatment may still come: yes", cut="2020-12-01"),
        "for 184 days": gives("non_adherent", case(), cut="2020-12-02"),
        "observation is a decision": gives("non_adherent", case(observation_chosen="yes"), cut="2020-07-01"),
        "therapy under way: no longer first": gives("non_adherent", case(systemic("2020-06-10")), cut="2020-07-01"),
        "with a reason it is not pending": gives(
            "exception", case(surgery_unsuitable_reason="tolerance"), cut="2020-07-01"
        ),
        "synchronous": gives("not_applicable", case(SURGERY, synchronous=True), "route R-SYN"),
        "local recurrence": gives("not_applicable", case(SURGERY, local_recurrence="resectable"), "route R-SYN"),
        "liver too": gives("not_applicable", case(site("liver"), SURGERY), "route R-LIV"),
        "unresectable": gives("not_applicable", case(SURGERY, resectability="unresectable"), "route R-UNR"),
        "recurrence blank": gives(
            "undetermined_denominator", case(SURGERY, local_recurrence=""), fill="episode.local_recurrence"
        ),
        "sites not listed": gives(
            "undetermined_denominator", case(SURGERY, other_sites_assessed=""), fill="episode.other_sites_assessed"
        ),
        "resectability ND": gives(
            "undetermined_denominator", case(SURGERY, resectability="ND"), fill="episode.resectability"
        ),
    }
)
def test_met1(one: Expected) -> None:
    assert one.differences("MET1") == []


# MET2: postoperative chemotherapy.


def after(started_on: str = "2020-10-01", ended_on: str = "2020-12-01", **given: str) -> Row:
    """Postoperative therapy."""
    return systemic(started_on, ended_on, **({"intent": "postoperative"} | given))


@each(
    {
        "after the operation": gives("taken", case(SURGERY, after()), "systemic_therapy.started_on 2020-10-01"),
        "the day after": gives("taken", case(SURGERY, after("2020-09-11"))),
        "on its day": gives("not_taken", case(SURGERY, after("2020-09-10"))),
        "with another intent": gives("not_taken", case(SURGERY, after(intent="palliative")), "intent palliative"),
        "none": gives("not_taken", case(SURGERY), "systemic_therapy no row"),
        "an option needs no reason": gives("not_taken", case(SURGERY, exception("MET2", "refusal"))),
        "92 days after the operation": gives("pending", case(SURGERY), "may still come: yes", cut="2020-12-11"),
        "93 days after": gives("not_taken", case(SURGERY), cut="2020-12-12"),
        "after the last of two operations": gives("pending", case(SURGERY, local("2020-11-10")), cut="2021-02-10"),
        "92 days after a palliative operation": gives(
            "not_taken", case(local("2020-09-10", intent="palliative")), cut="2020-09-20"
        ),
        "intent blank": gives(
            "undetermined_numerator", case(SURGERY, after(intent="")), fill="systemic_therapy.intent"
        ),
        "start not known": gives(
            "undetermined_numerator",
            case(SURGERY, after("UNK", episode_no="1")),
            fill="systemic_therapy.started_on",
        ),
        "not operated": gives("not_applicable", case(SBRT), "lung surgery: no"),
        "synchronous": gives("not_applicable", case(SURGERY, synchronous=True), "route R-SYN"),
        "route open": gives("undetermined_denominator", case(SURGERY, lymphangitic=""), fill="episode.lymphangitic"),
    }
)
def test_met2(one: Expected) -> None:
    assert one.differences("MET2") == []


# MET3: with oxaliplatin.

FOLFIRI = {"backbone": "irinotecan", "regimen": "FOLFIRI"}


def before(response: str = "PR", **given: str) -> Row:
    """Preoperative irinotecan with its response."""
    return systemic("2020-06-10", "2020-08-10", **({"best_response": response} | FOLFIRI | given))


@each(
    {
        "oxaliplatin": gives("adherent", case(SURGERY, after(backbone="oxaliplatin")), "backbone oxaliplatin"),
        "fluoropyrimidine": gives("non_adherent", case(SURGERY, after(backbone="fluoropyrimidine"))),
        "one of two": gives(
            "adherent", case(SURGERY, after(backbone="irinotecan"), after("2021-01-01", "", backbone="oxaliplatin"))
        ),
        "oxaliplatin before the operation only": gives(
            "non_adherent",
            case(systemic("2020-06-10", "2020-08-10", backbone="oxaliplatin"), SURGERY, after(backbone="other")),
        ),
        "backbone blank": gives("undetermined_numerator", case(SURGERY, after()), fill="systemic_therapy.backbone"),
        "backbone UNK": gives("undetermined_numerator", case(SURGERY, after(backbone="UNK")), "backbone UNK"),
        "contraindication": gives(
            "exception", case(SURGERY, after(backbone="other"), exception("MET3", "contraindication"))
        ),
        "another reason": gives("non_adherent", case(SURGERY, after(backbone="other"), exception("MET3", "toxicity"))),
        "effective irinotecan before": gives(
            "exception", case(before(), SURGERY, after(backbone="irinotecan")), "best_response PR"
        ),
        "complete response to it": gives("exception", case(before("CR"), SURGERY, after(backbone="irinotecan"))),
        "stable disease is not effective": gives(
            "non_adherent", case(before("SD"), SURGERY, after(backbone="irinotecan"))
        ),
        "response blank is no reason": gives("non_adherent", case(before(""), SURGERY, after(backbone="irinotecan"))),
        "no postoperative therapy": gives("not_applicable", case(SURGERY), "after the lung surgery: no"),
        "intent blank": gives(
            "undetermined_denominator",
            case(SURGERY, after(intent="", backbone="other")),
            fill="systemic_therapy.intent",
        ),
    }
)
def test_met3(one: Expected) -> None:
    assert one.differences("MET3") == []


# MET4: effective irinotecan continued.


@each(
    {
        "same regimen": gives("taken", case(before(), SURGERY, after(**FOLFIRI)), "systemic_therapy.regimen FOLFIRI"),
        "however it is written": gives(
            "taken", case(before(), SURGERY, after(backbone="irinotecan", regimen="folfiri"))
        ),
        "another regimen with the same backbone": gives(
            "not_taken", case(before(), SURGERY, after(backbone="irinotecan", regimen="XELIRI"))
        ),
        "regimen blank: by the backbone": gives("taken", case(before(), SURGERY, after(backbone="irinotecan"))),
        "regimen blank before: by the backbone": gives("taken", case(before(regimen=""), SURGERY, after(**FOLFIRI))),
        "another backbone": gives("not_taken", case(before(), SURGERY, after(backbone="oxaliplatin"))),
        "neither recorded": gives(
            "undetermined_numerator", case(before(), SURGERY, after()), fill="systemic_therapy.backbone"
        ),
        "no postoperative therapy": gives("not_taken", case(before(), SURGERY)),
        "an option needs no reason": gives("not_taken", case(before(), SURGERY, exception("MET4", "toxicity"))),
        "92 days after the operation": gives("pending", case(before(), SURGERY), cut="2020-12-11"),
        "93 days after": gives("not_taken", case(before(), SURGERY), cut="2020-12-12"),
        "stable disease": gives("not_applicable", case(before("SD"), SURGERY, after(**FOLFIRI)), "best_response SD"),
        "progression": gives("not_applicable", case(before("PD"), SURGERY, after(**FOLFIRI))),
        "another backbone before": gives("not_applicable", case(before(backbone="oxaliplatin"), SURGERY, after())),
        "started on the day of the operation": gives(
            "not_applicable", case(local("2020-06-10"), before(), after(**FOLFIRI))
        ),
        "palliative before": gives("not_applicable", case(before(intent="palliative"), SURGERY, after())),
        "not operated": gives("not_applicable", case(before())),
        "response blank": gives(
            "undetermined_denominator",
            case(before(""), SURGERY, after(**FOLFIRI)),
            fill="systemic_therapy.best_response",
        ),
        "response ND of a fact": gives("undetermined_denominator", case(before("ND"), SURGERY, after(**FOLFIRI))),
    }
)
def test_met4(one: Expected) -> None:
    assert one.differences("MET4") == []


# MET5: at most six months in all; 2020-06-10 and 183 days are 2020-12-10.


def lasting(ended_on: str, *rows: Row, **given: str) -> Registry:
    """Postoperative therapy from 2020-06-10."""
    return case(local("2020-06-02"), after("2020-06-10", ended_on, **given), *rows)


@pytest.mark.parametrize(
    ("ended_on", "default", "literal", "grace"),
    [
        ("2020-12-09", "adherent", "adherent", "adherent"),
        ("2020-12-10", "adherent", "non_adherent", "adherent"),
        ("2020-12-11", "non_adherent", "non_adherent", "adherent"),
        ("2020-12-24", "non_adherent", "non_adherent", "adherent"),
        ("2020-12-25", "non_adherent", "non_adherent", "non_adherent"),
    ],
)
def test_met5_by_days(ended_on: str, default: str, literal: str, grace: str) -> None:
    made = lasting(ended_on)
    assert outcome(made, "MET5") == default
    assert outcome(made, "MET5", "literal") == literal
    assert outcome(made, "MET5", "grace") == grace


@each(
    {
        "184 days": gives("non_adherent", lasting("2020-12-11"), "days so far 184", "ended_on 2020-12-11"),
        "before and after are added: 183": gives(
            "adherent",
            case(systemic("2020-06-10", "2020-09-10"), local("2020-10-01"), after("2020-11-01", "2021-01-31")),
            "days so far 183",
        ),
        "184 in all": gives(
            "non_adherent",
            case(systemic("2020-06-10", "2020-09-10"), local("2020-10-01"), after("2020-11-01", "2021-02-01")),
        ),
        "adjuvant therapy of the primary is not added": gives(
            "adherent", lasting("2020-12-10", systemic("2019-04-01", "2019-09-01", "postoperative"))
        ),
        "palliative therapy is not added": gives(
            "adherent", lasting("2020-12-10", systemic("2021-01-01", "2021-06-01", "palliative"))
        ),
        "197 days, as a reading": gives("adherent", lasting("2020-12-24"), readings=Readings(perioperative_days=197)),
        "under way for 183 days": gives("pending", lasting(""), "under way: yes", cut="2020-12-10"),
        "under way for 184": gives("non_adherent", lasting(""), "days so far 184", cut="2020-12-11"),
        "under way for less, beside what is over": gives(
            "pending", lasting("2020-09-10", after("2020-11-01", "")), cut="2021-01-31"
        ),
        "ends after the cut": gives("pending", lasting("2020-12-05"), cut="2020-12-04"),
        "end not known": gives("undetermined_numerator", lasting("UNK"), fill="systemic_therapy.ended_on"),
        "too long whatever the unknown end": gives("non_adherent", lasting("2020-12-11", after("2021-01-01", "UNK"))),
        "intent of another therapy blank": gives(
            "undetermined_numerator",
            lasting("2020-12-10", after("2021-01-01", "2021-02-01", intent="")),
            fill="systemic_therapy.intent",
        ),
        "only palliative": gives("not_applicable", lasting("2020-12-10", intent="palliative")),
        "none": gives("not_applicable", case(SURGERY, marker("kras")), "systemic_therapy no row"),
        "intent blank": gives(
            "undetermined_denominator", lasting("2020-12-10", intent=""), fill="systemic_therapy.intent"
        ),
        "synchronous": gives("not_applicable", case(DRUGS, SURGERY, synchronous=True), "route R-SYN"),
        "no reason is listed": gives("non_adherent", lasting("2020-12-11", exception("MET5", "mdt_decision"))),
    }
)
def test_met5(one: Expected) -> None:
    assert one.differences("MET5") == []


# MET6: local recurrence, a routing.

IN_SITU: dict[str, Any] = {"synchronous": True, "primary": {"workup_completed_on": "2020-05-31"}}


@each(
    {
        "resectable": gives("taken", case(local_recurrence="resectable"), "episode.local_recurrence resectable"),
        "not resectable": gives("taken", case(local_recurrence="unresectable"), "local_recurrence unresectable"),
        "none": gives("not_applicable", case(), "episode.local_recurrence none"),
        "blank": gives("undetermined_denominator", case(local_recurrence=""), fill="episode.local_recurrence"),
        "ND of a fact": gives("undetermined_denominator", case(local_recurrence="ND")),
        "blank while the primary is in situ": gives("not_applicable", case(local_recurrence="", **IN_SITU)),
        "synchronous": gives("not_applicable", case(local_recurrence="resectable", synchronous=True)),
        "non-initial": gives("not_applicable", case(site("liver", "2019-06-01"), local_recurrence="resectable")),
        "workup not dated": gives(
            "undetermined_denominator",
            case(local_recurrence="resectable", primary={"workup_completed_on": ""}),
            fill="primary_tumor.workup_completed_on",
        ),
    }
)
def test_met6(one: Expected) -> None:
    assert one.differences("MET6") == []


@pytest.mark.parametrize(
    ("recurrence", "resectability", "sur1"),
    [("resectable", "resectable", "adherent"), ("unresectable", "resectable", "not_applicable")],
)
def test_a_recurrence_is_routed_as_a_primary_or_as_unresectable(recurrence: str, resectability: str, sur1: str) -> None:
    made = case(SURGERY, local_recurrence=recurrence, resectability=resectability)
    assert outcome(made, "SUR1") == sur1
    assert outcome(made, "MET1") == "not_applicable"
