"""Hand-made cases of potentially resectable and of unresectable metastases: POT1 to POT4, UNR1 to UNR5."""

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
    site,
    systemic,
)

LATER: Row = ("episode", {"detected_on": "2022-01-01", "lung_involved": "yes"})
"""A second episode."""
REASONS = TABLES["rule_exception"].fields["reason"].codes


def potentially(*rows: Row, **changes: Any) -> Registry:
    """Synchronous, isolated metastases that are potentially resectable."""
    return case(*rows, synchronous=True, **({"resectability": "potentially_resectable"} | changes))


def unresectable(*rows: Row, **changes: Any) -> Registry:
    """Isolated, unresectable metastases after the resection of the primary."""
    return case(*rows, **({"resectability": "unresectable", "symptomatic": "no"} | changes))


# POT1: an MDT on resectability.

ABOUT = {"topics": "resectability"}


@each(
    {
        "discussed": gives(
            "adherent",
            potentially(meeting("2020-06-10", **ABOUT)),
            "episode.resectability potentially_resectable",
            "mdt_meeting.topics resectability",
        ),
        "among other topics": gives(
            "adherent", potentially(meeting("2020-06-10", topics="initial_strategy;resectability"))
        ),
        "at the second meeting, after the treatment": gives(
            "adherent",
            potentially(meeting("2020-06-10", topics="other"), systemic("2020-06-20"), meeting("2020-12-01", **ABOUT)),
        ),
        "on another route": gives("adherent", potentially(meeting("2020-06-10", **ABOUT), site("liver"))),
        "another topic": gives(
            "non_adherent", potentially(meeting("2020-06-10", topics="sequence")), "mdt_meeting.topics sequence"
        ),
        "topics ND, read as not known": gives(
            "undetermined_numerator", potentially(meeting("2020-06-10", topics="ND")), fill="mdt_meeting.topics"
        ),
        "never discussed": gives("non_adherent", potentially(mdt_discussed="no"), "episode.mdt_discussed no"),
        "at the next episode": gives(
            "non_adherent", potentially(meeting("2022-01-10", **ABOUT), LATER, mdt_discussed="no")
        ),
        "not known": gives("undetermined_numerator", potentially(), fill="episode.mdt_discussed"),
        "topics blank": gives("undetermined_numerator", potentially(meeting("2020-06-10")), fill="mdt_meeting.topics"),
        "topics UNK": gives(
            "undetermined_numerator", potentially(meeting("2020-06-10", topics="UNK")), fill="mdt_meeting.topics"
        ),
        "resectability blank": gives(
            "undetermined_denominator", potentially(resectability=""), fill="episode.resectability"
        ),
        "resectable": gives("not_applicable", potentially(resectability="resectable"), "resectability resectable"),
        "unresectable": gives("not_applicable", potentially(resectability="unresectable")),
        "no reason is listed for it": gives(
            "non_adherent", potentially(exception("POT1", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_pot1(one: Expected) -> None:
    assert one.differences("POT1") == []


# POT2: Table 3 after conversion.

CONVERSION = systemic("2020-06-10", "2020-11-01", "conversion", backbone="oxaliplatin", targeted_agent="bevacizumab")
PRIMARY, LUNG = primary_resected("2020-12-01"), local("2021-01-01", residual_tumor="R0")


def adjuvant(started_on: str = "2021-02-01", backbone: str = "oxaliplatin", **given: str) -> Row:
    """Postoperative systemic therapy."""
    return systemic(started_on, "2021-04-01", "postoperative", **({"backbone": backbone} | given))


POST = adjuvant()


@each(
    {
        "conversion first": gives(
            "adherent",
            potentially(CONVERSION, PRIMARY, LUNG, POST),
            "route R-POT",
            "systemic_therapy.started_on 2020-06-10",
            "local_treatment.started_on 2021-01-01",
            "systemic_therapy.intent postoperative",
        ),
        "the primary first": gives("adherent", potentially(primary_resected("2020-06-05"), CONVERSION, LUNG, POST)),
        "both resections on one day": gives(
            "adherent", potentially(CONVERSION, primary_resected("2021-01-01"), LUNG, POST)
        ),
        "the primary removed long before": gives(
            "adherent", case(CONVERSION, LUNG, POST, resectability="potentially_resectable"), "2019-03-01"
        ),
        "R1 is a lung resection too": gives(
            "adherent", potentially(CONVERSION, PRIMARY, local("2021-01-01", residual_tumor="R1"), POST)
        ),
        "the lung first": gives(
            "non_adherent", potentially(CONVERSION, local("2020-11-30"), PRIMARY, POST), "started_on 2020-11-30"
        ),
        "the primary not resected": gives("non_adherent", potentially(CONVERSION, LUNG, POST)),
        "the primary left by a palliative resection": gives(
            "non_adherent", potentially(CONVERSION, primary_resected("2020-12-01", intent="palliative"), LUNG, POST)
        ),
        "no postoperative therapy": gives("non_adherent", potentially(CONVERSION, PRIMARY, LUNG), "intent conversion"),
        "postoperative therapy before the lung only": gives(
            "non_adherent", potentially(CONVERSION, PRIMARY, adjuvant("2020-12-15"), LUNG)
        ),
        "palliative therapy before it is no conversion therapy": gives(
            "non_adherent", potentially(systemic("2020-06-10", "2020-11-01", "palliative"), PRIMARY, LUNG, POST)
        ),
        "day of the resection of the primary blank": gives(
            "undetermined_numerator",
            potentially(CONVERSION, primary_resected("", episode_no="1"), LUNG, POST),
            fill="local_treatment.started_on",
        ),
        "intent after the operation blank": gives(
            "undetermined_numerator",
            potentially(CONVERSION, PRIMARY, LUNG, systemic("2021-02-01", "2021-04-01", "")),
            fill="systemic_therapy.intent",
        ),
        "intent of the lung surgery UNK": gives(
            "undetermined_denominator",
            potentially(CONVERSION, PRIMARY, local("2021-01-01", intent="UNK"), POST),
            fill="local_treatment.intent",
        ),
        "day of the systemic therapy UNK": gives(
            "undetermined_denominator",
            potentially(systemic("UNK", "2020-11-01", "conversion", episode_no="1"), PRIMARY, LUNG),
            fill="systemic_therapy.started_on",
        ),
        "not converted: no systemic therapy before": gives("not_applicable", potentially(PRIMARY, LUNG, POST)),
        "systemic therapy from the day of the operation on": gives(
            "not_applicable", potentially(PRIMARY, LUNG, systemic("2021-01-01", "2021-04-01", "conversion"))
        ),
        "not resected": gives("not_applicable", potentially(CONVERSION, PRIMARY)),
        "a palliative lung resection": gives(
            "not_applicable", potentially(CONVERSION, PRIMARY, local("2021-01-01", intent="palliative"), POST)
        ),
        "unresectable at first": gives(
            "not_applicable", potentially(CONVERSION, PRIMARY, LUNG, POST, resectability="unresectable"), "route R-UNR"
        ),
        "resectability blank": gives(
            "undetermined_denominator",
            potentially(CONVERSION, PRIMARY, LUNG, POST, resectability=""),
            fill="episode.resectability",
        ),
        "another site": gives("not_applicable", potentially(CONVERSION, PRIMARY, LUNG, POST, site("bone"))),
        "no reason is listed for it": gives(
            "non_adherent", potentially(CONVERSION, PRIMARY, LUNG, exception("POT2", "refusal"))
        ),
        "92 days after the last operation": gives(
            "pending", potentially(CONVERSION, PRIMARY, LUNG), "postoperative therapy may still come", cut="2021-04-03"
        ),
        "93 days after it": gives("non_adherent", potentially(CONVERSION, PRIMARY, LUNG), cut="2021-04-04"),
        "the lung resected, the primary not: the order is lost": gives(
            "non_adherent", potentially(CONVERSION, LUNG), cut="2021-01-31"
        ),
    }
)
def test_pot2(one: Expected) -> None:
    assert one.differences("POT2") == []


# POT3: the same regimen after the operation.


@each(
    {
        "the same backbone": gives(
            "adherent",
            potentially(CONVERSION, PRIMARY, LUNG, POST),
            "systemic_therapy.backbone oxaliplatin",
            "local_treatment.residual_tumor R0",
        ),
        "without the targeted agent": gives("adherent", potentially(CONVERSION, LUNG, adjuvant(targeted_agent="none"))),
        "one of two therapies": gives(
            "adherent", potentially(CONVERSION, LUNG, adjuvant(backbone="irinotecan"), adjuvant("2021-03-01"))
        ),
        "as the last therapy before the operation": gives(
            "adherent",
            potentially(
                systemic("2020-06-05", "2020-06-09", "conversion", backbone="irinotecan"), CONVERSION, LUNG, POST
            ),
        ),
        "as an earlier therapy": gives(
            "non_adherent",
            potentially(
                systemic("2020-06-05", "2020-06-09", "conversion", backbone="oxaliplatin"),
                systemic("2020-06-10", "2020-11-01", "conversion", backbone="irinotecan"),
                LUNG,
                POST,
            ),
        ),
        "another backbone": gives(
            "non_adherent", potentially(CONVERSION, LUNG, adjuvant(backbone="irinotecan")), "backbone irinotecan"
        ),
        "nothing after it": gives("non_adherent", potentially(CONVERSION, LUNG), "intent conversion"),
        "the same before the operation only": gives(
            "non_adherent", potentially(CONVERSION, adjuvant("2020-12-01"), LUNG)
        ),
        "palliative with the same backbone": gives(
            "non_adherent",
            potentially(CONVERSION, LUNG, systemic("2021-02-01", "2021-04-01", "palliative", backbone="oxaliplatin")),
        ),
        "backbone after it blank": gives(
            "undetermined_numerator",
            potentially(CONVERSION, LUNG, adjuvant(backbone="")),
            fill="systemic_therapy.backbone",
        ),
        "backbone before it UNK": gives(
            "undetermined_numerator",
            potentially(systemic("2020-06-10", "2020-11-01", "conversion", backbone="UNK"), LUNG, POST),
            fill="systemic_therapy.backbone",
        ),
        "residual tumor blank": gives(
            "undetermined_denominator",
            potentially(CONVERSION, local("2021-01-01"), POST),
            fill="local_treatment.residual_tumor",
        ),
        "RX": gives(
            "undetermined_denominator",
            potentially(CONVERSION, local("2021-01-01", residual_tumor="RX"), POST),
            "local_treatment.residual_tumor RX",
        ),
        "R1": gives(
            "not_applicable",
            potentially(CONVERSION, local("2021-01-01", residual_tumor="R1"), POST),
            "residual_tumor R1",
        ),
        "not converted": gives("not_applicable", potentially(LUNG, POST)),
        "resectable": gives("not_applicable", potentially(CONVERSION, LUNG, POST, resectability="resectable")),
        "92 days after the operation": gives("pending", potentially(CONVERSION, LUNG), cut="2021-04-03"),
        "93 days after it": gives("non_adherent", potentially(CONVERSION, LUNG), cut="2021-04-04"),
        "with another backbone already, within 92 days": gives(
            "non_adherent", potentially(CONVERSION, LUNG, adjuvant(backbone="irinotecan")), cut="2021-02-15"
        ),
    }
)
def test_pot3(one: Expected) -> None:
    assert one.differences("POT3") == []


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_pot3(reason: str) -> None:
    accepted = reason in ("toxicity", "progression")
    made = potentially(CONVERSION, LUNG, exception("POT3", reason))
    assert gives("exception" if accepted else "non_adherent", made).differences("POT3") == []


def test_a_dropped_targeted_agent_is_shown() -> None:
    kept = potentially(CONVERSION, LUNG, adjuvant(targeted_agent="bevacizumab"))
    dropped = potentially(CONVERSION, LUNG, adjuvant(targeted_agent="none"))
    assert [outcome(one, "POT3", "targeted") for one in (kept, dropped)] == ["adherent", "non_adherent"]


# POT4: an incurable primary or recurrence is reassessed.

INCURABLE: dict[str, Any] = {"primary": {"curable": "no"}}
ASSESSED = systemic("2020-06-10", "2020-09-01", response_assessed_on="2020-08-01")
REASSESSED = meeting("2020-08-10", topics="reassessment")


@each(
    {
        "an incurable primary": gives(
            "adherent",
            potentially(ASSESSED, REASSESSED, **INCURABLE),
            "primary_tumor.curable no",
            "systemic_therapy.response_assessed_on 2020-08-01",
            "mdt_meeting.held_on 2020-08-10",
            "mdt_meeting.topics reassessment",
        ),
        "an unresectable recurrence": gives(
            "adherent", case(ASSESSED, REASSESSED, local_recurrence="unresectable"), "local_recurrence unresectable"
        ),
        "the day after the assessment": gives(
            "adherent", potentially(ASSESSED, meeting("2020-08-02", topics="reassessment"), **INCURABLE)
        ),
        "on the day of the assessment, read as not after it": gives(
            "non_adherent", potentially(ASSESSED, meeting("2020-08-01", topics="reassessment"), **INCURABLE)
        ),
        "after the first of two assessments": gives(
            "adherent",
            potentially(ASSESSED, systemic("2020-10-01", response_assessed_on="2020-12-01"), REASSESSED, **INCURABLE),
        ),
        "before the assessment": gives(
            "non_adherent",
            potentially(ASSESSED, meeting("2020-07-31", topics="reassessment"), **INCURABLE),
            "2020-07-31",
        ),
        "another topic": gives(
            "non_adherent", potentially(ASSESSED, meeting("2020-08-10", topics="other"), **INCURABLE)
        ),
        "never discussed": gives(
            "non_adherent", potentially(ASSESSED, mdt_discussed="no", **INCURABLE), "mdt_discussed no"
        ),
        "never assessed": gives(
            "non_adherent",
            potentially(systemic("2020-06-10", response_assessed_on="ND"), REASSESSED, **INCURABLE),
            "response_assessed_on ND",
        ),
        "not known": gives("undetermined_numerator", potentially(ASSESSED, **INCURABLE), fill="episode.mdt_discussed"),
        "topics blank": gives(
            "undetermined_numerator",
            potentially(ASSESSED, meeting("2020-08-10"), **INCURABLE),
            fill="mdt_meeting.topics",
        ),
        "day of the assessment blank": gives(
            "undetermined_numerator",
            potentially(systemic("2020-06-10"), REASSESSED, **INCURABLE),
            fill="systemic_therapy.response_assessed_on",
        ),
        "recurrence blank after the resection": gives(
            "undetermined_denominator", case(ASSESSED, REASSESSED, local_recurrence=""), fill="episode.local_recurrence"
        ),
        "a systemic therapy that may be of this episode": gives(
            "undetermined_denominator",
            potentially(systemic("UNK"), REASSESSED, **INCURABLE),
            fill="systemic_therapy.started_on",
        ),
        "no systemic therapy": gives("not_applicable", potentially(REASSESSED, **INCURABLE), "systemic_therapy no row"),
        "curable": gives("not_applicable", potentially(ASSESSED, REASSESSED, primary={"curable": "yes"})),
        "curable blank: not recorded as incurable": gives("not_applicable", potentially(ASSESSED, REASSESSED)),
        "a resectable recurrence": gives("not_applicable", case(ASSESSED, REASSESSED, local_recurrence="resectable")),
        "no reason is listed for it": gives(
            "non_adherent", potentially(ASSESSED, exception("POT4", "refusal"), mdt_discussed="no", **INCURABLE)
        ),
    }
)
def test_pot4(one: Expected) -> None:
    assert one.differences("POT4") == []


# UNR1: systemic therapy.

PALLIATIVE = systemic("2020-06-10", "2020-12-01", "palliative")


@each(
    {
        "systemic therapy": gives(
            "adherent", unresectable(PALLIATIVE), "route R-UNR", "systemic_therapy.started_on 2020-06-10"
        ),
        "of any intent": gives("adherent", unresectable(systemic("2020-06-10", "2020-12-01", ""))),
        "under way at the detection": gives(
            "adherent", unresectable(systemic("2020-05-01", "2020-06-01", "palliative"))
        ),
        "without a day, of the episode": gives("adherent", unresectable(systemic("UNK", episode_no="1"))),
        "with palliative local treatment": gives(
            "adherent", unresectable(PALLIATIVE, local("2020-07-01", "bone", "radiotherapy", intent="palliative"))
        ),
        "observed at first, treated later": gives("adherent", unresectable(PALLIATIVE, observation_chosen="yes")),
        "an unresectable recurrence": gives(
            "adherent", case(PALLIATIVE, local_recurrence="unresectable", resectability=""), "route R-UNR"
        ),
        "untreated": gives("non_adherent", unresectable(), "systemic_therapy no row"),
        "local treatment alone": gives("non_adherent", unresectable(local("2020-07-01", modality="sbrt"))),
        "ended before the detection": gives("non_adherent", unresectable(systemic("2020-05-01", "2020-05-31"))),
        "in the next episode": gives("non_adherent", unresectable(systemic("2022-02-01"), LATER)),
        "which episode it belongs to": gives(
            "undetermined_numerator", unresectable(systemic("UNK")), fill="systemic_therapy.started_on"
        ),
        "observation without symptoms": gives(
            "exception",
            unresectable(observation_chosen="yes"),
            "episode.observation_chosen yes",
            "episode.symptomatic no",
        ),
        "observation of large lesions too": gives("exception", unresectable(observation_chosen="yes", largest_mm="40")),
        "observation with symptoms": gives("non_adherent", unresectable(observation_chosen="yes", symptomatic="yes")),
        "observation, symptoms not known": gives(
            "non_adherent", unresectable(observation_chosen="yes", symptomatic="")
        ),
        "observation of an unresectable recurrence": gives(
            "non_adherent", unresectable(observation_chosen="yes", local_recurrence="unresectable")
        ),
        "observation UNK": gives("non_adherent", unresectable(observation_chosen="UNK")),
        "resectability blank": gives(
            "undetermined_denominator", unresectable(resectability=""), fill="episode.resectability"
        ),
        "resectable": gives("not_applicable", unresectable(resectability="resectable"), "route R-MET"),
        "another site": gives("not_applicable", unresectable(site("liver")), "route R-LIV"),
        "the primary still incurable after systemic therapy": gives(
            "adherent", case(PALLIATIVE, synchronous=True, **INCURABLE), "route R-UNR"
        ),
        "the day of the detection": gives("pending", unresectable(), cut="2020-06-01"),
        "183 days after it": gives("pending", unresectable(), "the treatment may still come", cut="2020-12-01"),
        "184 days after it": gives("non_adherent", unresectable(), cut="2020-12-02"),
        "observation was decided, with symptoms": gives(
            "non_adherent", unresectable(observation_chosen="yes", symptomatic="yes"), cut="2020-06-10"
        ),
        "local treatment was given": gives(
            "non_adherent", unresectable(local("2020-06-05", modality="sbrt")), cut="2020-06-10"
        ),
    }
)
def test_unr1(one: Expected) -> None:
    assert one.differences("UNR1") == []


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_unr1(reason: str) -> None:
    accepted = reason in ("performance_status", "refusal")
    made = unresectable(exception("UNR1", reason))
    assert gives("exception" if accepted else "non_adherent", made).differences("UNR1") == []


# UNR2: observation.


@each(
    {
        "chosen": gives("taken", unresectable(observation_chosen="yes"), "observation_chosen yes", "symptomatic no"),
        "not chosen": gives("not_taken", unresectable(observation_chosen="no"), "episode.observation_chosen no"),
        "blank: not taken": gives("not_taken", unresectable(PALLIATIVE), "observation chosen: no"),
        "UNK, unlike a blank": gives(
            "undetermined_numerator", unresectable(observation_chosen="UNK"), fill="episode.observation_chosen"
        ),
        "symptoms NAP: none": gives("taken", unresectable(observation_chosen="yes", symptomatic="NAP")),
        "symptoms blank": gives(
            "undetermined_denominator",
            unresectable(observation_chosen="yes", symptomatic=""),
            fill="episode.symptomatic",
        ),
        "symptoms ND of a fact": gives(
            "undetermined_denominator", unresectable(symptomatic="ND"), fill="episode.symptomatic"
        ),
        "recurrence blank": gives(
            "undetermined_denominator", unresectable(local_recurrence=""), fill="episode.local_recurrence"
        ),
        "symptoms": gives("not_applicable", unresectable(symptomatic="yes"), "episode.symptomatic yes"),
        "an unresectable recurrence": gives("not_applicable", unresectable(local_recurrence="unresectable")),
        "resectable": gives("not_applicable", unresectable(observation_chosen="yes", resectability="resectable")),
        "another site": gives("not_applicable", unresectable(site("liver"), observation_chosen="yes")),
    }
)
def test_unr2(one: Expected) -> None:
    assert one.differences("UNR2") == []


@pytest.mark.parametrize(
    ("largest_mm", "found"),
    [("9.9", "taken"), ("10", "not_applicable"), ("", "undetermined_denominator"), ("NAP", "undetermined_denominator")],
)
def test_small_lesions_are_a_group_of_their_own(largest_mm: str, found: str) -> None:
    assert outcome(unresectable(observation_chosen="yes", largest_mm=largest_mm), "UNR2", "small") == found


# UNR3: which systemic therapy.


@each(
    {
        "combination": gives("taken", unresectable(systemic("2020-06-10", backbone="oxaliplatin")), "route R-UNR"),
        "a single agent": gives("taken", unresectable(systemic("2020-06-10", backbone="fluoropyrimidine"))),
        "backbone blank": gives("taken", unresectable(PALLIATIVE), "systemic_therapy.started_on 2020-06-10"),
        "day and episode not known": gives(
            "undetermined_denominator", unresectable(systemic("UNK")), fill="systemic_therapy.started_on"
        ),
        "untreated": gives("not_applicable", unresectable(), "systemic_therapy no row"),
        "another route": gives("not_applicable", unresectable(PALLIATIVE, resectability="resectable")),
    }
)
def test_unr3(one: Expected) -> None:
    assert one.differences("UNR3") == []


# UNR4: regorafenib after two lines.


def line(number: str, started_on: str, **given: str) -> Row:
    """A line of treatment that was stopped for progression in the same year."""
    ended_on = f"{started_on[:4]}-12-20"
    return systemic(started_on, ended_on, "palliative", **({"line": number, "stop_reason": "progression"} | given))


FIRST, SECOND = line("1", "2020-06-10"), line("2", "2020-12-01")


def third(agent: str, started_on: str = "2021-06-01") -> Row:
    """A third line with a targeted agent."""
    return systemic(started_on, "", "palliative", line="3", targeted_agent=agent)


@each(
    {
        "regorafenib": gives(
            "taken",
            unresectable(FIRST, SECOND, third("regorafenib")),
            "systemic_therapy.line 1",
            "systemic_therapy.stop_reason progression",
            "systemic_therapy.targeted_agent regorafenib",
        ),
        "on another route": gives("taken", case(FIRST, SECOND, third("regorafenib"), site("liver"))),
        "failed by the best response": gives(
            "taken",
            unresectable(line("1", "2020-06-10", stop_reason="", best_response="PD"), SECOND, third("regorafenib")),
        ),
        "another agent": gives(
            "not_taken", unresectable(FIRST, SECOND, third("cetuximab")), "targeted_agent cetuximab"
        ),
        "nothing later": gives("not_taken", unresectable(FIRST, line("2", "2020-12-01", targeted_agent="none"))),
        "regorafenib as the second line": gives(
            "not_taken", unresectable(FIRST, line("2", "2020-12-01", targeted_agent="regorafenib"))
        ),
        "regorafenib before the second line": gives(
            "not_taken",
            unresectable(FIRST, line("2", "2020-12-01", targeted_agent="none"), third("regorafenib", "2020-11-01")),
        ),
        "in the next episode": gives(
            "not_taken", unresectable(FIRST, SECOND, third("regorafenib", "2022-02-01"), LATER)
        ),
        "agent blank": gives(
            "undetermined_numerator", unresectable(FIRST, SECOND, third("")), fill="systemic_therapy.targeted_agent"
        ),
        "line blank": gives(
            "undetermined_denominator", unresectable(FIRST, line("", "2020-12-01")), fill="systemic_therapy.line"
        ),
        "why the second line was stopped: blank": gives(
            "undetermined_denominator",
            unresectable(FIRST, line("2", "2020-12-01", stop_reason="")),
            fill="systemic_therapy.stop_reason",
        ),
        "stopped for toxicity": gives(
            "not_applicable",
            unresectable(FIRST, line("2", "2020-12-01", stop_reason="toxicity", best_response="SD")),
            "stop_reason toxicity",
        ),
        "one line": gives("not_applicable", unresectable(FIRST), "systemic_therapy.line 1"),
        "untreated": gives("not_applicable", unresectable(), "systemic_therapy no row"),
    }
)
def test_unr4(one: Expected) -> None:
    assert one.differences("UNR4") == []


# UNR5: goal and toxicity.

GOAL = meeting("2020-06-10", goal="palliative")
TOLERATED = systemic("2020-06-10", "2020-12-01", "palliative", worst_toxicity_grade="2")


@each(
    {
        "both": gives(
            "adherent",
            unresectable(GOAL, TOLERATED),
            "mdt_meeting.goal palliative",
            "mdt_meeting.held_on 2020-06-10",
            "systemic_therapy.worst_toxicity_grade 2",
        ),
        "grade 0 is recorded": gives(
            "adherent", unresectable(GOAL, systemic("2020-06-10", "2020-12-01", worst_toxicity_grade="0"))
        ),
        "under way, both recorded": gives(
            "adherent", unresectable(GOAL, systemic("2020-06-10", worst_toxicity_grade="1"))
        ),
        "goal set a day late": gives(
            "non_adherent", unresectable(meeting("2020-06-11", goal="ned"), TOLERATED), "held_on 2020-06-11"
        ),
        "goal ND: not set": gives("non_adherent", unresectable(meeting("2020-06-01", goal="ND"), TOLERATED), "goal ND"),
        "never discussed": gives("non_adherent", unresectable(TOLERATED, mdt_discussed="no"), "mdt_discussed no"),
        "never discussed, toxicity blank": gives("non_adherent", unresectable(PALLIATIVE, mdt_discussed="no")),
        "never discussed, under way": gives("non_adherent", unresectable(systemic("2020-06-10"), mdt_discussed="no")),
        "toxicity ND": gives(
            "non_adherent",
            unresectable(GOAL, systemic("2020-06-10", "2020-12-01", worst_toxicity_grade="ND")),
            "worst_toxicity_grade ND",
        ),
        "toxicity of the first therapy counts": gives(
            "undetermined_numerator",
            unresectable(GOAL, PALLIATIVE, systemic("2021-01-01", "2021-03-01", worst_toxicity_grade="2")),
            fill="systemic_therapy.worst_toxicity_grade",
        ),
        "toxicity blank": gives(
            "undetermined_numerator", unresectable(GOAL, PALLIATIVE), fill="systemic_therapy.worst_toxicity_grade"
        ),
        "goal blank": gives(
            "undetermined_numerator", unresectable(meeting("2020-06-01"), TOLERATED), fill="mdt_meeting.goal"
        ),
        "not known whether discussed": gives(
            "undetermined_numerator", unresectable(TOLERATED), fill="episode.mdt_discussed"
        ),
        "toxicity blank, under way": gives(
            "pending", unresectable(GOAL, systemic("2020-06-10")), "the first systemic therapy under way: yes"
        ),
        "toxicity blank, ends after the cut": gives("pending", unresectable(GOAL, PALLIATIVE), cut="2020-11-30"),
        "toxicity blank, ended": gives("undetermined_numerator", unresectable(GOAL, PALLIATIVE), cut="2020-12-01"),
        "goal not known, under way: pending, and the goal is asked for": gives(
            "pending", unresectable(systemic("2020-06-10")), fill="episode.mdt_discussed"
        ),
        "goal not known, ended": gives(
            "undetermined_numerator", unresectable(systemic("2020-06-10", "2020-09-01")), fill="episode.mdt_discussed"
        ),
        "day of the therapy UNK": gives(
            "undetermined_numerator",
            unresectable(GOAL, systemic("UNK", "2020-12-01", worst_toxicity_grade="2", episode_no="1")),
            fill="systemic_therapy.started_on",
        ),
        "untreated": gives("not_applicable", unresectable(GOAL), "systemic_therapy no row"),
        "another route": gives("not_applicable", unresectable(GOAL, TOLERATED, resectability="resectable")),
        "resectability blank": gives(
            "undetermined_denominator", unresectable(GOAL, TOLERATED, resectability=""), fill="episode.resectability"
        ),
        "no reason is listed for it": gives(
            "non_adherent", unresectable(TOLERATED, exception("UNR5", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_unr5(one: Expected) -> None:
    assert one.differences("UNR5") == []


@pytest.mark.parametrize(("ecog", "found"), [("1", "adherent"), ("ND", "non_adherent"), ("", "undetermined_numerator")])
def test_performance_status_is_shown_beside(ecog: str, found: str) -> None:
    assert outcome(unresectable(GOAL, TOLERATED, ecog=ecog), "UNR5", "ecog") == found
