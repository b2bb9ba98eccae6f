"""Hand-made cases of perioperative treatment of rectal cancer: PER1 to PER3."""

from __future__ import annotations

from typing import Any

import pytest

from registry.tables import TABLES
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
    systemic,
)

LATER: Row = ("episode", {"detected_on": "2022-01-01", "lung_involved": "yes"})
"""A second episode."""
REASONS = TABLES["rule_exception"].fields["reason"].codes

PRE, RT = systemic("2020-06-10", "2020-09-01"), radiotherapy("2020-06-15")
PRIMARY, LUNG = primary_resected("2020-10-01"), local("2020-11-01")
BETWEEN = systemic("2020-10-15", "2020-10-25")
COURSE = (PRE, RT, PRIMARY, LUNG, systemic("2020-12-01", "2021-03-01", "postoperative"))
A, N = "adherent", "non_adherent"
COLON: dict[str, Any] = {"primary": {"site": "sigmoid_colon"}}


def synchronous(*rows: Row, **changes: Any) -> Registry:
    """Synchronous, isolated, resectable metastases of a rectal cancer at 8 cm, cT3 N0, in situ."""
    return case(*rows, synchronous=True, **changes)


def primary(**given: str) -> dict[str, Any]:
    """What is recorded of the primary."""
    return {"primary": given}


# PER1: oxaliplatin after surgery without preoperative treatment.


def adjuvant(started_on: str = "2020-12-01", ended_on: str = "2021-03-01", backbone: str = "oxaliplatin") -> Row:
    """Postoperative systemic therapy."""
    return systemic(started_on, ended_on, "postoperative", backbone=backbone)


@each(
    {
        "oxaliplatin": gives(
            "adherent",
            synchronous(PRIMARY, LUNG, adjuvant()),
            "systemic_therapy.backbone oxaliplatin",
            "days so far 90",
            "systemic_therapy.ended_on 2021-03-01",
        ),
        "only the primary resected": gives("adherent", synchronous(PRIMARY, adjuvant())),
        "only the lung resected": gives("adherent", synchronous(LUNG, adjuvant())),
        "with radiotherapy after it": gives("adherent", synchronous(PRIMARY, radiotherapy("2020-11-15"), adjuvant())),
        "183 days": gives("adherent", synchronous(PRIMARY, adjuvant("2020-12-01", "2021-06-02")), "days so far 183"),
        "184 days": gives(
            "non_adherent", synchronous(PRIMARY, adjuvant("2020-12-01", "2021-06-03")), "days so far 184"
        ),
        "one of two therapies is enough": gives(
            "adherent", synchronous(PRIMARY, adjuvant(), adjuvant("2021-03-02", "2021-04-01", "fluoropyrimidine"))
        ),
        "fluoropyrimidine alone": gives(
            "non_adherent", synchronous(PRIMARY, adjuvant(backbone="fluoropyrimidine")), "backbone fluoropyrimidine"
        ),
        "oxaliplatin with irinotecan, read as another backbone": gives(
            "non_adherent", synchronous(PRIMARY, adjuvant(backbone="oxaliplatin_irinotecan"))
        ),
        "nothing after it": gives("non_adherent", synchronous(PRIMARY), "systemic_therapy no row"),
        "palliative oxaliplatin": gives(
            "non_adherent",
            synchronous(PRIMARY, systemic("2020-12-01", "2021-03-01", "palliative", backbone="oxaliplatin")),
        ),
        "backbone blank": gives(
            "undetermined_numerator", synchronous(PRIMARY, adjuvant(backbone="")), fill="systemic_therapy.backbone"
        ),
        "backbone UNK": gives(
            "undetermined_numerator", synchronous(PRIMARY, adjuvant(backbone="UNK")), fill="systemic_therapy.backbone"
        ),
        "backbone blank, too long": gives(
            "non_adherent", synchronous(PRIMARY, adjuvant("2020-12-01", "2021-06-03", backbone=""))
        ),
        "end UNK": gives(
            "undetermined_numerator", synchronous(PRIMARY, adjuvant(ended_on="UNK")), fill="systemic_therapy.ended_on"
        ),
        "intent blank": gives(
            "undetermined_numerator",
            synchronous(PRIMARY, systemic("2020-12-01", "2021-03-01", "", backbone="oxaliplatin")),
            fill="systemic_therapy.intent",
        ),
    }
)
def test_per1(one: Expected) -> None:
    assert one.differences("PER1") == []


@each(
    {
        "systemic therapy before": gives(
            "not_applicable", synchronous(PRE, PRIMARY, adjuvant()), "started_on 2020-06-10"
        ),
        "palliative systemic therapy before": gives(
            "not_applicable", synchronous(systemic("2020-06-10", "2020-09-01", "palliative"), PRIMARY, adjuvant())
        ),
        "radiotherapy before": gives("not_applicable", synchronous(RT, PRIMARY, adjuvant()), "started_on 2020-06-15"),
        "radiotherapy of the lung before": gives(
            "adherent", synchronous(local("2020-06-15", modality="radiotherapy"), PRIMARY, adjuvant())
        ),
        "treatment before the second operation only": gives(
            "adherent", synchronous(PRIMARY, BETWEEN, LUNG, adjuvant())
        ),
        "systemic therapy on the day of the operation": gives(
            "adherent", synchronous(PRIMARY, adjuvant("2020-10-01", "2021-01-01"))
        ),
        "not operated": gives("not_applicable", synchronous(adjuvant())),
        "a palliative resection of the primary": gives(
            "not_applicable", synchronous(primary_resected("2020-10-01", intent="palliative"), adjuvant())
        ),
        "colon": gives("not_applicable", synchronous(PRIMARY, adjuvant(), **COLON), "primary_tumor.site sigmoid_colon"),
        "rectum of any height": gives("adherent", synchronous(PRIMARY, adjuvant(), **primary(rectal_height_cm=""))),
        "site blank": gives(
            "undetermined_denominator", synchronous(PRIMARY, adjuvant(), **primary(site="")), fill="primary_tumor.site"
        ),
        "day of a systemic therapy UNK": gives(
            "undetermined_denominator",
            synchronous(systemic("UNK", "2020-09-01", episode_no="1"), PRIMARY, adjuvant()),
            fill="systemic_therapy.started_on",
        ),
        "modality UNK": gives(
            "undetermined_denominator",
            synchronous(local("2020-10-01", modality="UNK"), adjuvant()),
            fill="local_treatment.modality",
        ),
        "another route": gives("not_applicable", synchronous(PRIMARY, adjuvant(), site("liver")), "route R-LIV"),
    }
)
def test_per1_denominator(one: Expected) -> None:
    assert one.differences("PER1") == []


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_per1(reason: str) -> None:
    accepted = reason in ("performance_status", "refusal", "complication")
    found = gives("exception" if accepted else "non_adherent", synchronous(PRIMARY, exception("PER1", reason)))
    assert found.differences("PER1") == []


@each(
    {
        "the day of the operation": gives("pending", synchronous(PRIMARY), cut="2020-10-01"),
        "92 days after it": gives(
            "pending", synchronous(PRIMARY), "postoperative therapy may still come", cut="2021-01-01"
        ),
        "93 days after it": gives("non_adherent", synchronous(PRIMARY), cut="2021-01-02"),
        "92 days after the last of two": gives("pending", synchronous(PRIMARY, LUNG), cut="2021-02-01"),
        "under way, 183 days": gives(
            "pending", synchronous(PRIMARY, adjuvant(ended_on="")), "days so far 183", cut="2021-06-02"
        ),
        "under way, 184 days": gives("non_adherent", synchronous(PRIMARY, adjuvant(ended_on="")), cut="2021-06-03"),
        "without oxaliplatin, under way": gives(
            "non_adherent", synchronous(PRIMARY, adjuvant(ended_on="", backbone="fluoropyrimidine")), cut="2021-01-15"
        ),
        "backbone blank, under way: pending, and the backbone is asked for": gives(
            "pending",
            synchronous(PRIMARY, adjuvant(ended_on="", backbone="")),
            fill="systemic_therapy.backbone",
            cut="2021-01-15",
        ),
    }
)
def test_per1_while_it_may_still_come(one: Expected) -> None:
    assert one.differences("PER1") == []


# PER2: at most six months.

BEFORE = systemic("2020-06-10", "2020-09-10")
"""92 days of therapy."""


@each(
    {
        "183 days before and after": gives(
            "adherent",
            synchronous(BEFORE, PRIMARY, systemic("2020-11-01", "2021-01-31", "postoperative")),
            "days so far 183",
            "systemic_therapy.ended_on 2020-09-10 and 2021-01-31",
        ),
        "184 days before and after": gives(
            "non_adherent",
            synchronous(BEFORE, systemic("2020-11-01", "2021-02-01", "postoperative")),
            "days so far 184",
        ),
        "a long gap does not count": gives("adherent", synchronous(BEFORE, systemic("2021-11-01", "2021-12-01"))),
        "conversion counts": gives(
            "non_adherent", synchronous(BEFORE, systemic("2020-11-01", "2021-02-01", "conversion"))
        ),
        "palliative therapy does not": gives(
            "adherent", synchronous(BEFORE, systemic("2021-01-01", "2022-01-01", "palliative"))
        ),
        "that of the next episode does not": gives(
            "adherent", synchronous(BEFORE, systemic("2022-02-01", "2022-12-01"), LATER)
        ),
        "end UNK": gives(
            "undetermined_numerator", synchronous(systemic("2020-06-10", "UNK")), fill="systemic_therapy.ended_on"
        ),
        "end UNK, and another too long": gives(
            "non_adherent", synchronous(systemic("2020-06-10", "UNK"), systemic("2020-06-10", "2020-12-11"))
        ),
        "start UNK": gives(
            "undetermined_numerator",
            synchronous(systemic("UNK", "2020-09-10", episode_no="1")),
            fill="systemic_therapy.started_on",
        ),
        "intent of another therapy blank": gives(
            "undetermined_numerator",
            synchronous(BEFORE, systemic("2020-11-01", "2021-02-01", "")),
            fill="systemic_therapy.intent",
        ),
        "intent of another therapy blank, but together within 183 days": gives(
            "adherent", synchronous(BEFORE, systemic("2020-11-01", "2021-01-31", ""))
        ),
        "intent blank": gives(
            "undetermined_denominator",
            synchronous(systemic("2020-11-01", "2020-12-01", "")),
            fill="systemic_therapy.intent",
        ),
        "only palliative": gives(
            "not_applicable", synchronous(systemic("2020-06-10", "2022-06-10", "palliative")), "intent palliative"
        ),
        "untreated": gives("not_applicable", synchronous(), "perioperative systemic therapy: no"),
        "colon": gives("not_applicable", synchronous(BEFORE, **COLON)),
        "metachronous": gives("not_applicable", case(BEFORE), "route R-MET"),
        "under way, 183 days": gives(
            "pending", synchronous(systemic("2020-06-10")), "days so far 183", cut="2020-12-10"
        ),
        "under way, 184 days": gives(
            "non_adherent", synchronous(systemic("2020-06-10")), "days so far 184", cut="2020-12-11"
        ),
        "ends after the cut: under way": gives("pending", synchronous(BEFORE), cut="2020-08-01"),
        "no reason is listed for it": gives(
            "non_adherent", synchronous(systemic("2020-06-10", "2020-12-11"), exception("PER2", "mdt_decision"))
        ),
    }
)
def test_per2(one: Expected) -> None:
    assert one.differences("PER2") == []


@pytest.mark.parametrize(
    ("ended_on", "default", "literal", "grace"),
    [
        ("2020-12-09", A, A, A),
        ("2020-12-10", A, N, A),
        ("2020-12-11", N, N, A),
        ("2020-12-24", N, N, A),
        ("2020-12-25", N, N, N),
    ],
    ids=["182 days", "183", "184", "197", "198"],
)
def test_other_readings_of_six_months(ended_on: str, default: str, literal: str, grace: str) -> None:
    made = synchronous(systemic("2020-06-10", ended_on))
    assert [outcome(made, "PER2", part) for part in (None, "literal", "grace")] == [default, literal, grace]


# PER3: guided by an MDT.


@each(
    {
        "on the day of the first perioperative treatment": gives(
            "adherent", synchronous(meeting("2020-06-10"), *COURSE), "mdt_meeting.held_on 2020-06-10", "2020-06-10"
        ),
        "one of two meetings in time": gives(
            "adherent", synchronous(meeting("2020-06-05"), meeting("2020-11-20"), *COURSE)
        ),
        "a day late": gives("non_adherent", synchronous(meeting("2020-06-11"), *COURSE), "held_on 2020-06-11"),
        "before the radiotherapy that came first": gives(
            "non_adherent", synchronous(meeting("2020-06-09"), radiotherapy("2020-06-08"), *COURSE)
        ),
        "operated first: before the adjuvant therapy": gives(
            "adherent", synchronous(PRIMARY, meeting("2020-11-20"), adjuvant())
        ),
        "of the next episode": gives(
            "non_adherent", synchronous(meeting("2020-06-05", episode_no="2"), *COURSE, LATER, mdt_discussed="no")
        ),
        "never discussed": gives("non_adherent", synchronous(*COURSE, mdt_discussed="no"), "episode.mdt_discussed no"),
        "ND of a discussion: not done": gives(
            "non_adherent", synchronous(*COURSE, mdt_discussed="ND"), "mdt_discussed ND"
        ),
        "NAP: no": gives("non_adherent", synchronous(*COURSE, mdt_discussed="NAP")),
        "not known": gives("undetermined_numerator", synchronous(*COURSE), fill="episode.mdt_discussed"),
        "UNK": gives("undetermined_numerator", synchronous(*COURSE, mdt_discussed="UNK"), fill="episode.mdt_discussed"),
        "day of the meeting not known": gives(
            "undetermined_numerator",
            synchronous(meeting("UNK", episode_no="1"), *COURSE),
            fill="mdt_meeting.held_on",
        ),
        "neither row of TB2A nor of PER1": gives(
            "not_applicable", synchronous(meeting("2020-06-05"), *COURSE, **COLON), "primary_tumor.site sigmoid_colon"
        ),
        "stage blank, and treated before": gives(
            "undetermined_denominator", synchronous(*COURSE, **primary(c_t="", c_n="")), fill="primary_tumor.c_t"
        ),
        "stage blank, but operated first": gives(
            "adherent", synchronous(PRIMARY, meeting("2020-11-20"), adjuvant(), **primary(c_t="", c_n=""))
        ),
        "no reason is listed for it": gives(
            "non_adherent", synchronous(*COURSE, exception("PER3", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_per3(one: Expected) -> None:
    assert one.differences("PER3") == []
