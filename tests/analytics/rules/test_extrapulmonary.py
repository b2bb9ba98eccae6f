"""Hand-made cases of lung metastases with one other site, the four rows of Table 4: LIV1 to LIV4, and LIV10."""

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

PRE, POST = systemic("2020-06-10", "2020-08-10"), systemic("2020-12-01", "2021-03-01", "postoperative")
LIVER, LUNG = local("2020-09-01", "liver"), local("2020-11-01")


def lung_and_liver(*rows: Row, lung: str = "yes", liver: str = "yes", **changes: Any) -> Registry:
    """Lung and liver metastases, each curable or not, after the resection of the primary."""
    return case(site("liver", curable=liver), *rows, **({"curable": lung} | changes))


# Which row of the table: the lung curable or not, the other site curable or not.


@pytest.mark.parametrize(
    ("lung", "liver", "row"),
    [("yes", "yes", "LIV1"), ("yes", "no", "LIV2"), ("no", "yes", "LIV3"), ("no", "no", "LIV4")],
)
def test_each_row_of_the_table_is_its_own(lung: str, liver: str, row: str) -> None:
    made = lung_and_liver(lung=lung, liver=liver)
    applicable = [rule for rule in ("LIV1", "LIV2", "LIV3", "LIV4") if outcome(made, rule) != "not_applicable"]
    assert applicable == [row]
    said = (f"episode.curable {lung}", f"metastasis.curable {liver}", "route R-LIV")
    assert gives("non_adherent", made, *said).differences(row) == []


@pytest.mark.parametrize("missing", ["", "UNK", "NASK", "ND"])
def test_curability_that_is_missing_rules_out_what_the_other_rules_out(missing: str) -> None:
    found = [outcome(lung_and_liver(lung=missing, liver="no"), rule) for rule in ("LIV1", "LIV2", "LIV3", "LIV4")]
    assert found == ["not_applicable", "undetermined_denominator", "not_applicable", "undetermined_denominator"]
    found = [outcome(lung_and_liver(lung="yes", liver=missing), rule) for rule in ("LIV1", "LIV2", "LIV3", "LIV4")]
    assert found == ["undetermined_denominator", "undetermined_denominator", "not_applicable", "not_applicable"]
    of_lung = gives("undetermined_denominator", lung_and_liver(lung=missing), fill="episode.curable")
    of_liver = gives("undetermined_denominator", lung_and_liver(liver=missing), fill="metastasis.curable")
    assert of_lung.differences("LIV1") == of_liver.differences("LIV1") == []


@each(
    {
        "NAP of curable: no": gives("adherent", lung_and_liver(PRE, lung="no", liver="NAP"), "metastasis.curable NAP"),
        "one of two liver metastases incurable": gives(
            "adherent", lung_and_liver(PRE, site("liver", curable="no"), lung="no"), "metastasis.curable no"
        ),
        "one that was resolved before does not count": gives(
            "not_applicable",
            lung_and_liver(PRE, site("liver", "2020-05-20", resolved_on="2020-05-25", curable="no"), lung="no"),
        ),
        "another site than the liver": gives("adherent", case(site("bone", curable="no"), PRE, curable="no")),
        "two sites": gives("not_applicable", lung_and_liver(PRE, site("bone"), lung="no", liver="no"), "route R-MUL"),
        "no other site": gives("not_applicable", case(PRE, curable="no"), "route R-MET"),
        "sites not listed": gives(
            "undetermined_denominator",
            lung_and_liver(PRE, lung="no", liver="no", other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "found in an earlier staging episode": gives(
            "not_applicable", case(site("liver", "2020-04-30", curable="no"), PRE, curable="no"), "route R-NIN"
        ),
    }
)
def test_who_is_in_the_last_row(one: Expected) -> None:
    assert one.differences("LIV4") == []


# LIV1: all curable.

COURSE = (PRE, LIVER, LUNG, POST)


@each(
    {
        "all treated, with systemic therapy before and after": gives(
            "adherent",
            lung_and_liver(*COURSE),
            "radical local treatment of the lung: yes",
            "radical local treatment: liver: yes",
            "systemic_therapy.intent preoperative",
            "days so far 151",
        ),
        "systemic therapy before alone": gives("adherent", lung_and_liver(PRE, LIVER, LUNG)),
        "systemic therapy after alone": gives("adherent", lung_and_liver(LIVER, LUNG, POST)),
        "SBRT and ablation are radical too": gives(
            "adherent",
            lung_and_liver(
                PRE, local("2020-09-01", "liver", "microwave_ablation"), local("2020-11-01", modality="sbrt")
            ),
        ),
        "the lung first": gives("adherent", lung_and_liver(PRE, local("2020-08-20"), LIVER)),
        "on one day": gives("adherent", lung_and_liver(PRE, LIVER, local("2020-09-01"))),
        "residual tumor blank or RX": gives(
            "adherent", lung_and_liver(PRE, LIVER, local("2020-11-01", residual_tumor="RX"))
        ),
        "R1, and again radical": gives(
            "adherent", lung_and_liver(PRE, LIVER, local("2020-10-01", residual_tumor="R1"), LUNG)
        ),
        "the primary resected too": gives(
            "adherent", lung_and_liver(*COURSE, primary_resected("2020-09-01"), synchronous=True)
        ),
        "another site": gives(
            "adherent", case(site("ovary", curable="yes"), PRE, local("2020-09-01", "ovary"), LUNG, curable="yes")
        ),
        "183 days": gives(
            "adherent", lung_and_liver(systemic("2020-06-10", "2020-12-10"), LIVER, LUNG), "days so far 183"
        ),
        "184 days": gives(
            "non_adherent", lung_and_liver(systemic("2020-06-10", "2020-12-11"), LIVER, LUNG), "days so far 184"
        ),
        "the lung not treated": gives("non_adherent", lung_and_liver(PRE, LIVER, POST), "treatment of the lung: no"),
        "the liver not treated": gives("non_adherent", lung_and_liver(PRE, LUNG, POST), "treatment: liver: no"),
        "the primary in situ not resected": gives(
            "non_adherent", lung_and_liver(*COURSE, synchronous=True), "resection of the primary: no"
        ),
        "the primary resected palliatively": gives(
            "non_adherent",
            lung_and_liver(*COURSE, primary_resected("2020-09-01", intent="palliative"), synchronous=True),
        ),
        "the liver R1": gives(
            "non_adherent", lung_and_liver(PRE, local("2020-09-01", "liver", residual_tumor="R1"), LUNG)
        ),
        "the lung palliatively": gives(
            "non_adherent", lung_and_liver(PRE, LIVER, local("2020-11-01", intent="palliative"))
        ),
        "the liver by other radiotherapy": gives(
            "non_adherent", lung_and_liver(PRE, local("2020-09-01", "liver", "radiotherapy"), LUNG)
        ),
        "the lung in the next episode": gives("non_adherent", lung_and_liver(PRE, LIVER, local("2022-02-01"), LATER)),
        "no systemic therapy": gives("non_adherent", lung_and_liver(LIVER, LUNG), "systemic_therapy no row"),
        "palliative systemic therapy alone": gives(
            "non_adherent", lung_and_liver(LIVER, LUNG, systemic("2020-06-10", "2020-08-10", "palliative"))
        ),
        "the lung not treated though days are not known": gives(
            "non_adherent", lung_and_liver(systemic("2020-06-10", "UNK", "postoperative"), LIVER)
        ),
        "the lung not treated, but therapy before it may be under way": gives(
            "undetermined_numerator",
            lung_and_liver(systemic("2020-06-10", "UNK"), LIVER),
            fill="systemic_therapy.ended_on",
        ),
        "intent of the liver treatment blank": gives(
            "undetermined_numerator",
            lung_and_liver(PRE, local("2020-09-01", "liver", intent=""), LUNG),
            fill="local_treatment.intent",
        ),
        "intent of the systemic therapy UNK": gives(
            "undetermined_numerator",
            lung_and_liver(systemic("2020-06-10", "2020-08-10", "UNK"), LIVER, LUNG),
            fill="systemic_therapy.intent",
        ),
        "end of the systemic therapy UNK": gives(
            "undetermined_numerator",
            lung_and_liver(systemic("2020-06-10", "UNK"), LIVER, LUNG),
            fill="systemic_therapy.ended_on",
        ),
        "which site it is": gives(
            "undetermined_numerator",
            case(site("UNK", curable="yes"), PRE, LIVER, LUNG, curable="yes"),
            fill="metastasis.site",
        ),
    }
)
def test_liv1(one: Expected) -> None:
    assert one.differences("LIV1") == []


@each(
    {
        "the day of the detection": gives("pending", lung_and_liver(), cut="2020-06-01"),
        "183 days after it": gives("pending", lung_and_liver(), "the treatment may still come", cut="2020-12-01"),
        "184 days after it": gives("non_adherent", lung_and_liver(), cut="2020-12-02"),
        "observation was decided": gives("non_adherent", lung_and_liver(observation_chosen="yes"), cut="2020-07-01"),
        "under preoperative therapy": gives("pending", lung_and_liver(PRE), cut="2020-08-01"),
        "91 days after it, the lung to come": gives("pending", lung_and_liver(PRE, LIVER), cut="2020-11-09"),
        "92 days after it": gives("non_adherent", lung_and_liver(PRE, LIVER), cut="2020-11-10"),
        "all treated, 92 days after the last operation": gives(
            "pending", lung_and_liver(LIVER, LUNG), "postoperative therapy may still come", cut="2021-02-01"
        ),
        "all treated, 93 days after it": gives("non_adherent", lung_and_liver(LIVER, LUNG), cut="2021-02-02"),
        "all treated, therapy under way for 151 days": gives("pending", lung_and_liver(*COURSE), cut="2021-02-28"),
        "all treated, therapy under way, too long": gives(
            "non_adherent", lung_and_liver(LIVER, LUNG, systemic("2020-12-01", "", "postoperative")), cut="2021-06-03"
        ),
        "all treated, therapy under way for 183 days": gives(
            "pending", lung_and_liver(LIVER, LUNG, systemic("2020-12-01", "", "postoperative")), cut="2021-06-02"
        ),
        "too long already, the lung to come": gives(
            "non_adherent", lung_and_liver(systemic("2020-06-10"), LIVER), cut="2020-12-11"
        ),
        "under postoperative therapy, the lung to come, read as not done": gives(
            "non_adherent", lung_and_liver(LIVER, POST), cut="2021-02-01"
        ),
    }
)
def test_liv1_while_it_may_still_come(one: Expected) -> None:
    assert one.differences("LIV1") == []


@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_the_first_two_rows(reason: str) -> None:
    said = f"rule_exception.reason {reason}"
    accepted = reason in ("progression", "performance_status", "refusal")
    first = lung_and_liver(LIVER, exception("LIV1", reason))
    named = (said,) if accepted else ()
    assert gives("exception" if accepted else "non_adherent", first, *named).differences("LIV1") == []
    accepted = reason == "mdt_decision"
    second = lung_and_liver(LUNG, exception("LIV2", reason), liver="no")
    named = (said,) if accepted else ()
    assert gives("exception" if accepted else "non_adherent", second, *named).differences("LIV2") == []
    third = lung_and_liver(exception("LIV3", reason), exception("LIV4", reason), lung="no")
    assert outcome(third, "LIV3") == "non_adherent"
    assert outcome(lung_and_liver(exception("LIV4", reason), lung="no", liver="no"), "LIV4") == "non_adherent"


# LIV2: the lung curable, the other site not.


@each(
    {
        "systemic therapy alone": gives(
            "adherent",
            lung_and_liver(PRE, liver="no"),
            "systemic_therapy.started_on 2020-06-10",
            "treatment before it: no",
        ),
        "then the lung": gives("adherent", lung_and_liver(PRE, LUNG, liver="no")),
        "both from one day on": gives("adherent", lung_and_liver(PRE, local("2020-06-10"), liver="no")),
        "a palliative lung treatment before": gives(
            "adherent", lung_and_liver(local("2020-06-05", intent="palliative"), PRE, liver="no")
        ),
        "the liver before": gives("adherent", lung_and_liver(local("2020-06-05", "liver"), PRE, liver="no")),
        "the lung before": gives(
            "non_adherent",
            lung_and_liver(local("2020-06-09"), PRE, liver="no"),
            "local_treatment.started_on 2020-06-09",
        ),
        "SBRT of the lung before": gives(
            "non_adherent", lung_and_liver(local("2020-06-09", modality="sbrt"), PRE, liver="no")
        ),
        "an R1 resection of the lung before": gives(
            "non_adherent", lung_and_liver(local("2020-06-09", residual_tumor="R1"), PRE, liver="no")
        ),
        "no systemic therapy": gives("non_adherent", lung_and_liver(liver="no"), "systemic_therapy no row"),
        "the lung alone": gives("non_adherent", lung_and_liver(LUNG, liver="no")),
        "systemic therapy in the next episode": gives(
            "non_adherent", lung_and_liver(systemic("2022-02-01"), LATER, liver="no")
        ),
        "intent of a lung treatment before blank": gives(
            "undetermined_numerator",
            lung_and_liver(local("2020-06-05", intent=""), PRE, liver="no"),
            fill="local_treatment.intent",
        ),
        "day of the lung treatment UNK": gives(
            "undetermined_numerator",
            lung_and_liver(local("UNK", episode_no="1"), PRE, liver="no"),
            fill="local_treatment.started_on",
        ),
        "183 days after the detection": gives("pending", lung_and_liver(liver="no"), cut="2020-12-01"),
        "184 days after it": gives("non_adherent", lung_and_liver(liver="no"), cut="2020-12-02"),
    }
)
def test_liv2(one: Expected) -> None:
    assert one.differences("LIV2") == []


# LIV3: the other site curable, the lung not.

EFFECTIVE = systemic("2020-06-10", "2020-08-10", best_response="PR", response_assessed_on="2020-08-05")


def elective(*rows: Row, **changes: Any) -> Registry:
    """The liver curable, the lung not."""
    return lung_and_liver(*rows, **({"lung": "no"} | changes))


@each(
    {
        "systemic therapy alone": gives("adherent", elective(PRE), "surgery of the other site: no"),
        "surgery after a response and an MDT": gives(
            "adherent",
            elective(EFFECTIVE, meeting("2020-09-01"), LIVER),
            "systemic_therapy.best_response PR",
            "mdt_meeting.held_on 2020-09-01",
        ),
        **{
            f"surgery after {response}": gives(
                "adherent",
                elective(systemic("2020-06-10", "2020-08-10", best_response=response), meeting("2020-08-20"), LIVER),
            )
            for response in ("CR", "SD", "NE")
        },
        "ablation of the liver is no surgery": gives(
            "adherent", elective(PRE, local("2020-09-01", "liver", "microwave_ablation"))
        ),
        "surgery in an emergency does not count": gives(
            "adherent", elective(PRE, local("2020-09-01", "liver", intent="emergency"))
        ),
        "no systemic therapy": gives("non_adherent", elective(), "systemic_therapy no row"),
        "surgery alone": gives("non_adherent", elective(LIVER, meeting("2020-08-20"))),
        "surgery after progression": gives(
            "non_adherent",
            elective(systemic("2020-06-10", "2020-08-10", best_response="PD"), meeting("2020-08-20"), LIVER),
            "systemic_therapy.best_response PD",
        ),
        "surgery before the systemic therapy": gives(
            "non_adherent",
            elective(meeting("2020-08-20"), LIVER, systemic("2020-10-01", "2020-12-01", best_response="PR")),
        ),
        "MDT a day late": gives(
            "non_adherent", elective(EFFECTIVE, meeting("2020-09-02"), LIVER), "held_on 2020-09-02"
        ),
        "no MDT": gives("non_adherent", elective(EFFECTIVE, LIVER, mdt_discussed="no"), "episode.mdt_discussed no"),
        "response blank": gives(
            "undetermined_numerator", elective(PRE, meeting("2020-08-20"), LIVER), fill="systemic_therapy.best_response"
        ),
        "not known whether discussed": gives(
            "undetermined_numerator", elective(EFFECTIVE, LIVER), fill="episode.mdt_discussed"
        ),
        "modality of a liver treatment UNK": gives(
            "undetermined_numerator",
            elective(PRE, local("2020-09-01", "liver", "UNK"), mdt_discussed="no"),
            fill="local_treatment.modality",
        ),
        "183 days after the detection": gives("pending", elective(), cut="2020-12-01"),
        "184 days after it": gives("non_adherent", elective(), cut="2020-12-02"),
    }
)
def test_liv3(one: Expected) -> None:
    assert one.differences("LIV3") == []


# LIV4: neither curable.


@each(
    {
        "systemic therapy": gives(
            "adherent", elective(PRE, liver="no"), "systemic_therapy.started_on 2020-06-10", "metastasis.curable no"
        ),
        "under way at the detection": gives("adherent", elective(systemic("2020-05-01", "2020-06-01"), liver="no")),
        "nothing": gives("non_adherent", elective(liver="no"), "systemic_therapy no row"),
        "local treatment alone": gives("non_adherent", elective(LIVER, LUNG, liver="no")),
        "in the next episode": gives("non_adherent", elective(systemic("2022-02-01"), LATER, liver="no")),
        "which episode it belongs to": gives(
            "undetermined_numerator", elective(systemic("UNK"), liver="no"), fill="systemic_therapy.started_on"
        ),
        "183 days after the detection": gives("pending", elective(liver="no"), cut="2020-12-01"),
        "184 days after it": gives("non_adherent", elective(liver="no"), cut="2020-12-02"),
        "observation was decided": gives(
            "non_adherent", elective(liver="no", observation_chosen="yes"), cut="2020-06-10"
        ),
    }
)
def test_liv4(one: Expected) -> None:
    assert one.differences("LIV4") == []


# LIV10: the other metastases are the main consideration.


@each(
    {
        "one other site": gives("taken", lung_and_liver(), "metastasis.site liver"),
        "two": gives("taken", lung_and_liver(site("bone")), "metastasis.site liver and bone"),
        "one site of a list that is not complete": gives("taken", lung_and_liver(other_sites_assessed="")),
        "list not complete": gives(
            "undetermined_denominator", case(other_sites_assessed="no"), fill="episode.other_sites_assessed"
        ),
        "day of the resolution UNK": gives(
            "undetermined_denominator",
            case(site("liver", "2020-05-20", resolved_on="UNK")),
            fill="metastasis.resolved_on",
        ),
        "isolated": gives("not_applicable", case(), "episode.other_sites_assessed yes"),
        "resolved before": gives("not_applicable", case(site("liver", "2020-05-20", resolved_on="2020-05-31"))),
        "found later": gives("not_applicable", case(site("liver", "2020-07-03"))),
    }
)
def test_liv10(one: Expected) -> None:
    assert one.differences("LIV10") == []


@pytest.mark.parametrize(
    ("burden", "symptoms", "found"),
    [
        ("yes", "yes", "taken"),
        ("yes", "no", "not_applicable"),
        ("no", "", "not_applicable"),
        ("", "yes", "undetermined_denominator"),
    ],
)
def test_a_large_lung_burden_with_symptoms_is_shown(burden: str, symptoms: str, found: str) -> None:
    made = lung_and_liver(large_burden=burden, symptomatic=symptoms)
    assert outcome(made, "LIV10", "lung_is_main") == found
