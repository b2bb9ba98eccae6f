"""Hand-made cases of lung metastases with two or more other sites (Table 5) and of several organs: MUL1 to MUL4."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.consensus.readings import Readings
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
    radiotherapy,
    site,
    systemic,
)

LATER: Row = ("episode", {"detected_on": "2022-01-01", "lung_involved": "yes"})
"""A second episode."""
REASONS = TABLES["rule_exception"].fields["reason"].codes

LIVER, BONE = site("liver", curable="yes"), site("bone", curable="yes")
SYSTEMIC = systemic("2020-06-10", "2020-12-01", "palliative")
UNDER_WAY = systemic("2020-05-01", "2020-09-01")
STENT = local("2020-06-05", "primary", "stent", intent="emergency")


def two_sites(*rows: Row, **changes: Any) -> Registry:
    """Lung, liver and bone metastases, after the resection of the primary."""
    return case(LIVER, BONE, *rows, **changes)


# MUL1: systemic therapy first.


@each(
    {
        "systemic therapy alone": gives(
            "adherent",
            two_sites(SYSTEMIC),
            "metastasis.site liver and bone",
            "systemic_therapy.started_on 2020-06-10",
            "local treatment before it: no",
        ),
        "then local treatment": gives("adherent", two_sites(SYSTEMIC, local("2020-09-01", "liver"))),
        "both from one day on, read as first": gives("adherent", two_sites(SYSTEMIC, local("2020-06-10", "liver"))),
        "an emergency before it": gives("adherent", two_sites(STENT, SYSTEMIC)),
        "under way at the detection, local treatment since: that is the first": gives(
            "non_adherent",
            two_sites(UNDER_WAY, local("2020-06-05", "liver")),
            "local_treatment.started_on 2020-06-05",
        ),
        "under way at the detection, nothing since": gives("adherent", two_sites(UNDER_WAY)),
        "under way at the detection, and another with the local treatment": gives(
            "adherent", two_sites(UNDER_WAY, SYSTEMIC, local("2020-06-10", "liver"))
        ),
        "a resection before the detection": gives("adherent", two_sites(local("2020-05-01", "liver"), SYSTEMIC)),
        "lymphangitic too": gives("adherent", two_sites(SYSTEMIC, lymphangitic="yes")),
        "two sites of a list that is not complete": gives("adherent", two_sites(SYSTEMIC, other_sites_assessed="no")),
        "local treatment first": gives(
            "non_adherent", two_sites(local("2020-06-09", "liver"), SYSTEMIC), "local_treatment.started_on 2020-06-09"
        ),
        "radiotherapy of the primary first": gives(
            "non_adherent", two_sites(radiotherapy("2020-06-09"), SYSTEMIC, synchronous=True)
        ),
        "palliative local treatment first": gives(
            "non_adherent", two_sites(local("2020-06-09", "bone", "radiotherapy", intent="palliative"), SYSTEMIC)
        ),
        "local treatment alone": gives(
            "non_adherent", two_sites(local("2020-06-09", "liver")), "systemic_therapy no row"
        ),
        "nothing": gives("non_adherent", two_sites(), "systemic_therapy no row"),
        "systemic therapy in the next episode": gives("non_adherent", two_sites(systemic("2022-02-01"), LATER)),
        "day of the systemic therapy UNK": gives(
            "undetermined_numerator",
            two_sites(systemic("UNK", "2020-12-01", episode_no="1"), local("2020-06-09", "liver")),
            fill="systemic_therapy.started_on",
        ),
        "which episode the systemic therapy belongs to": gives(
            "undetermined_numerator", two_sites(systemic("UNK")), fill="systemic_therapy.started_on"
        ),
        "sites not listed": gives(
            "undetermined_denominator",
            case(LIVER, SYSTEMIC, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "which second site": gives(
            "undetermined_denominator", case(LIVER, site("UNK"), SYSTEMIC), fill="metastasis.site"
        ),
        "one other site": gives("not_applicable", case(LIVER, SYSTEMIC), "metastasis.site liver"),
        "one site twice": gives("not_applicable", case(LIVER, LIVER, SYSTEMIC)),
        "the second resolved before": gives(
            "not_applicable", case(LIVER, site("bone", "2020-05-20", resolved_on="2020-05-31"), SYSTEMIC)
        ),
        "none": gives("not_applicable", case(SYSTEMIC), "episode.other_sites_assessed yes"),
        "the day of the detection": gives("pending", two_sites(), cut="2020-06-01"),
        "183 days after it": gives("pending", two_sites(), "the treatment may still come", cut="2020-12-01"),
        "184 days after it": gives("non_adherent", two_sites(), cut="2020-12-02"),
        "observation was decided": gives("non_adherent", two_sites(observation_chosen="yes"), cut="2020-06-10"),
        "local treatment was first: never again": gives(
            "non_adherent", two_sites(local("2020-06-09", "liver")), cut="2020-06-10"
        ),
    }
)
def test_mul1(one: Expected) -> None:
    assert one.differences("MUL1") == []


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_mul1(reason: str) -> None:
    accepted = reason in ("performance_status", "refusal")
    found = gives("exception" if accepted else "non_adherent", two_sites(exception("MUL1", reason)))
    assert found.differences("MUL1") == []
    assert gives("non_adherent", two_sites(exception("MUL2", reason))).differences("MUL1") == []


def test_peritoneum_and_pelvis_can_be_read_as_one_site() -> None:
    made = case(site("peritoneum"), site("pelvic_implant"), SYSTEMIC)
    assert gives("adherent", made, "metastasis.site peritoneum and pelvic_implant").differences("MUL1") == []
    as_one = Readings(peritoneum_and_pelvis="one_site")
    assert gives("not_applicable", made, readings=as_one).differences("MUL1") == []


# MUL2: an MDT on local treatment, after a response.

RESPONSE = systemic("2020-06-10", "2020-12-01", "palliative", best_response="PR", response_assessed_on="2020-08-01")
LOCAL = local("2020-09-01", "liver")


@each(
    {
        "between, with a response": gives(
            "adherent",
            two_sites(RESPONSE, meeting("2020-08-10"), LOCAL),
            "systemic_therapy.started_on 2020-06-10",
            "mdt_meeting.held_on 2020-08-10",
            "local_treatment.started_on 2020-09-01",
            "systemic_therapy.best_response PR",
        ),
        "on the day of the local treatment": gives("adherent", two_sites(RESPONSE, meeting("2020-09-01"), LOCAL)),
        "on the day of the systemic therapy": gives("adherent", two_sites(RESPONSE, meeting("2020-06-10"), LOCAL)),
        "progression is a response recorded": gives(
            "adherent",
            two_sites(
                systemic("2020-06-10", "2020-08-01", "palliative", best_response="PD"), meeting("2020-08-10"), LOCAL
            ),
        ),
        "an emergency before it": gives("adherent", two_sites(STENT, RESPONSE, meeting("2020-08-10"), LOCAL)),
        "before the systemic therapy": gives(
            "non_adherent", two_sites(RESPONSE, meeting("2020-06-09"), LOCAL), "mdt_meeting.held_on 2020-06-09"
        ),
        "after the local treatment": gives("non_adherent", two_sites(RESPONSE, meeting("2020-09-02"), LOCAL)),
        "never discussed": gives("non_adherent", two_sites(RESPONSE, LOCAL, mdt_discussed="no"), "mdt_discussed no"),
        "local treatment without systemic therapy": gives(
            "non_adherent", two_sites(meeting("2020-08-10"), LOCAL), "systemic_therapy no row"
        ),
        "local treatment from the day of the systemic therapy on": gives(
            "non_adherent", two_sites(RESPONSE, meeting("2020-06-10"), local("2020-06-10", "liver"))
        ),
        "response ND: not assessed": gives(
            "non_adherent",
            two_sites(
                systemic("2020-06-10", "2020-08-01", "palliative", best_response="ND"), meeting("2020-08-10"), LOCAL
            ),
            "best_response ND",
        ),
        "response assessed after it only": gives(
            "non_adherent",
            two_sites(
                systemic("2020-06-10", "", "palliative", best_response="PR", response_assessed_on="2020-09-02"),
                meeting("2020-08-10"),
                LOCAL,
            ),
        ),
        "response blank": gives(
            "undetermined_numerator",
            two_sites(systemic("2020-06-10", "2020-08-01", "palliative"), meeting("2020-08-10"), LOCAL),
            fill="systemic_therapy.best_response",
        ),
        "day of the response blank, under way": gives(
            "undetermined_numerator",
            two_sites(systemic("2020-06-10", "", "palliative", best_response="PR"), meeting("2020-08-10"), LOCAL),
            fill="systemic_therapy.response_assessed_on",
        ),
        "not known whether discussed": gives(
            "undetermined_numerator", two_sites(RESPONSE, LOCAL), fill="episode.mdt_discussed"
        ),
        "day of the local treatment UNK": gives(
            "undetermined_numerator",
            two_sites(RESPONSE, meeting("2020-08-10"), local("UNK", "liver", episode_no="1")),
            fill="local_treatment.started_on",
        ),
        "sites not listed": gives(
            "undetermined_denominator",
            case(LIVER, RESPONSE, LOCAL, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "which episode the local treatment belongs to": gives(
            "undetermined_denominator", two_sites(RESPONSE, local("UNK", "liver")), fill="local_treatment.started_on"
        ),
        "no local treatment": gives("not_applicable", two_sites(RESPONSE), "local treatment: no"),
        "an emergency alone": gives("not_applicable", two_sites(RESPONSE, STENT)),
        "one other site": gives("not_applicable", case(LIVER, RESPONSE, LOCAL), "metastasis.site liver"),
        "no reason is listed for it": gives(
            "non_adherent", two_sites(RESPONSE, LOCAL, exception("MUL2", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_mul2(one: Expected) -> None:
    assert one.differences("MUL2") == []


# MUL3: systemic therapy before local treatment, where all is curable.


@each(
    {
        "systemic therapy before": gives(
            "adherent", two_sites(SYSTEMIC, LOCAL), "metastasis.curable yes", "systemic_therapy.started_on 2020-06-10"
        ),
        "one of two before": gives("adherent", two_sites(SYSTEMIC, LOCAL, systemic("2020-12-05"))),
        "from one day on": gives("non_adherent", two_sites(SYSTEMIC, local("2020-06-10", "liver")), "2020-06-10"),
        "after it": gives("non_adherent", two_sites(SYSTEMIC, local("2020-06-09", "liver")), "started_on 2020-06-09"),
        "none": gives("non_adherent", two_sites(LOCAL), "systemic_therapy no row"),
        "in the next episode": gives("non_adherent", two_sites(LOCAL, systemic("2022-02-01"), LATER)),
        "day of the systemic therapy UNK": gives(
            "undetermined_numerator",
            two_sites(systemic("UNK", "2020-12-01", episode_no="1"), LOCAL),
            fill="systemic_therapy.started_on",
        ),
        "curable blank": gives(
            "undetermined_denominator", case(LIVER, site("bone"), SYSTEMIC, LOCAL), fill="metastasis.curable"
        ),
        "curable ND of a fact": gives(
            "undetermined_denominator",
            case(LIVER, site("bone", curable="ND"), SYSTEMIC, LOCAL),
            fill="metastasis.curable",
        ),
        "one incurable, one blank": gives(
            "not_applicable", case(site("liver", curable="no"), site("bone"), SYSTEMIC, LOCAL), "metastasis.curable no"
        ),
        "list not complete": gives(
            "undetermined_denominator",
            two_sites(SYSTEMIC, LOCAL, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "no local treatment": gives("not_applicable", two_sites(SYSTEMIC), "local treatment: no"),
        "one other site": gives("not_applicable", case(LIVER, SYSTEMIC, LOCAL)),
        "no reason is listed for it": gives("non_adherent", two_sites(LOCAL, exception("MUL3", "refusal"))),
    }
)
def test_mul3(one: Expected) -> None:
    assert one.differences("MUL3") == []


# MUL4: an MDT before the treatment of several organs.

STRATEGY = {"topics": "initial_strategy"}


@each(
    {
        **{
            topic: gives("adherent", two_sites(meeting("2020-06-10", topics=topic), SYSTEMIC), f"topics {topic}")
            for topic in ("resectability", "sequence", "initial_strategy")
        },
        "one other site": gives(
            "adherent", case(LIVER, meeting("2020-06-09", **STRATEGY), SYSTEMIC), "mdt_meeting.held_on 2020-06-09"
        ),
        "among other topics": gives("adherent", two_sites(meeting("2020-06-09", topics="other;sequence"), SYSTEMIC)),
        "one of two meetings": gives(
            "adherent", two_sites(meeting("2020-06-05", **STRATEGY), meeting("2020-07-05", **STRATEGY), SYSTEMIC)
        ),
        "after an emergency": gives("adherent", two_sites(STENT, meeting("2020-06-09", **STRATEGY), SYSTEMIC)),
        "a day late": gives(
            "non_adherent", two_sites(meeting("2020-06-11", **STRATEGY), SYSTEMIC), "held_on 2020-06-11"
        ),
        "another topic": gives("non_adherent", two_sites(meeting("2020-06-09", topics="reassessment"), SYSTEMIC)),
        "never discussed": gives("non_adherent", two_sites(SYSTEMIC, mdt_discussed="no"), "episode.mdt_discussed no"),
        "of the next episode": gives(
            "non_adherent",
            two_sites(meeting("2020-06-09", episode_no="2", **STRATEGY), SYSTEMIC, LATER, mdt_discussed="no"),
        ),
        "only earlier days, as a reading": gives(
            "non_adherent",
            two_sites(meeting("2020-06-10", **STRATEGY), SYSTEMIC),
            readings=Readings(mdt_on_day_of_treatment="too_late"),
        ),
        "topics blank": gives(
            "undetermined_numerator", two_sites(meeting("2020-06-09"), SYSTEMIC), fill="mdt_meeting.topics"
        ),
        "not known whether discussed": gives(
            "undetermined_numerator", two_sites(SYSTEMIC), fill="episode.mdt_discussed"
        ),
        "a list that is not complete can say yes": gives(
            "adherent", case(LIVER, meeting("2020-06-09", **STRATEGY), SYSTEMIC, other_sites_assessed="")
        ),
        "sites not listed": gives(
            "undetermined_denominator", case(SYSTEMIC, other_sites_assessed=""), fill="episode.other_sites_assessed"
        ),
        "isolated": gives("not_applicable", case(SYSTEMIC), "episode.other_sites_assessed yes"),
        "untreated": gives("not_applicable", two_sites(), "a treatment other than an emergency's: no"),
        "an emergency alone": gives("not_applicable", two_sites(STENT)),
        "no reason is listed for it": gives(
            "non_adherent", two_sites(SYSTEMIC, exception("MUL4", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_mul4(one: Expected) -> None:
    assert one.differences("MUL4") == []
