"""Hand-made cases of synchronous, isolated and resectable metastases: surgery of the lung, SUR1 to SUR7."""

from __future__ import annotations

from typing import Any

import pytest

from registry.tables import TABLES
from tests.analytics.hand import Registry
from tests.analytics.rules.cases import Expected, Row, case, each, exception, gives, local, site, systemic

LATER: Row = ("episode", {"detected_on": "2022-01-01", "lung_involved": "yes"})
"""A second episode."""


def synchronous(*rows: Row, **changes: Any) -> Registry:
    """Synchronous, isolated, resectable metastases with the primary in situ."""
    return case(*rows, synchronous=True, **changes)


# SUR1: resectable metastases are resected.

LUNG = local("2020-08-01")
PROGRESSED = systemic("2020-06-10", "2020-09-01", best_response="PD")


@each(
    {
        "resected": gives(
            "adherent",
            synchronous(LUNG),
            "route R-SYN",
            "episode.resectability resectable",
            "local_treatment.target lung, local_treatment.modality resection, local_treatment.intent radical",
        ),
        "one radical operation of two is enough": gives("adherent", synchronous(local("2020-07-01", intent=""), LUNG)),
        "a resection of the day of the detection": gives("adherent", synchronous(local("2020-06-01"))),
        "a resection without a day, of the episode": gives("adherent", synchronous(local("", episode_no="1"))),
        "R2 is still surgery with radical intent": gives(
            "adherent", synchronous(local("2020-08-01", residual_tumor="R2"))
        ),
        "resected though a reason speaks against it": gives(
            "adherent", synchronous(LUNG, surgery_unsuitable_reason="tolerance")
        ),
        "not resected": gives("non_adherent", synchronous(), "local_treatment no row"),
        "palliative": gives("non_adherent", synchronous(local("2020-08-01", intent="palliative")), "intent palliative"),
        "ablated": gives("non_adherent", synchronous(local("2020-08-01", modality="sbrt")), "modality sbrt"),
        "another organ": gives("non_adherent", synchronous(local("2020-08-01", "liver")), "target liver"),
        "before the detection": gives("non_adherent", synchronous(local("2020-05-31"))),
        "in the next episode": gives("non_adherent", synchronous(local("2022-02-01"), LATER)),
        "of the next episode by its number": gives(
            "non_adherent", synchronous(local("2020-08-01", episode_no="2"), LATER)
        ),
        "intent blank": gives(
            "undetermined_numerator", synchronous(local("2020-08-01", intent="")), fill="local_treatment.intent"
        ),
        "intent UNK": gives(
            "undetermined_numerator", synchronous(local("2020-08-01", intent="UNK")), fill="local_treatment.intent"
        ),
        "modality NASK": gives(
            "undetermined_numerator",
            synchronous(local("2020-08-01", modality="NASK")),
            fill="local_treatment.modality",
        ),
        "which episode it belongs to": gives(
            "undetermined_numerator", synchronous(local("UNK")), fill="local_treatment.started_on"
        ),
        "resectability blank": gives(
            "undetermined_denominator", synchronous(LUNG, resectability=""), fill="episode.resectability"
        ),
        "resectability ND: undetermined": gives(
            "undetermined_denominator", synchronous(LUNG, resectability="ND"), fill="episode.resectability"
        ),
        "resectability NAP of a code: undetermined": gives(
            "undetermined_denominator", synchronous(resectability="NAP")
        ),
        "time not known": gives(
            "undetermined_denominator",
            synchronous(LUNG, primary={"workup_completed_on": ""}, local_recurrence="none", other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "resectability blank, but the primary is incurable": gives(
            "not_applicable", synchronous(resectability="", primary={"curable": "no"}), "primary_tumor.curable no"
        ),
        "metachronous": gives("not_applicable", case(LUNG), "route R-MET"),
        "potentially resectable": gives("not_applicable", synchronous(LUNG, resectability="potentially_resectable")),
        "unresectable": gives("not_applicable", synchronous(LUNG, resectability="unresectable"), "route R-UNR"),
        "another site": gives("not_applicable", synchronous(LUNG, site("liver")), "route R-LIV"),
        "the primary recorded as incurable": gives("not_applicable", synchronous(LUNG, primary={"curable": "no"})),
        "the primary not known to be curable": gives("adherent", synchronous(LUNG, primary={"curable": "UNK"})),
        "a resectable recurrence is managed as a primary": gives(
            "adherent", case(LUNG, local_recurrence="resectable"), "route R-SYN"
        ),
        **{
            f"not suited because of {reason}": gives(
                "exception",
                synchronous(surgery_unsuitable_reason=reason),
                f"episode.surgery_unsuitable_reason {reason}",
            )
            for reason in TABLES["episode"].fields["surgery_unsuitable_reason"].codes
        },
        "the reason not known: none": gives("non_adherent", synchronous(surgery_unsuitable_reason="UNK")),
        "progression as best response": gives("exception", synchronous(PROGRESSED), "best_response PD"),
        "stopped for progression": gives(
            "exception",
            synchronous(systemic("2020-06-10", "2020-09-01", "conversion", stop_reason="progression")),
            "systemic_therapy.stop_reason progression",
        ),
        "progression on palliative therapy": gives(
            "non_adherent", synchronous(systemic("2020-06-10", "2020-09-01", "palliative", best_response="PD"))
        ),
        "stable": gives("non_adherent", synchronous(systemic("2020-06-10", "2020-09-01", best_response="SD"))),
        "progression in the next episode": gives(
            "non_adherent", synchronous(systemic("2022-02-01", "2022-09-01", best_response="PD"), LATER)
        ),
        "a reason of rule_exception is not listed": gives("non_adherent", synchronous(exception("SUR1", "refusal"))),
        "without surgery and reason": gives(
            "non_adherent", synchronous(), "reason_missing: episode.surgery_unsuitable_reason is blank"
        ),
    }
)
def test_sur1(one: Expected) -> None:
    assert one.differences("SUR1") == []


NEOADJUVANT = systemic("2020-06-10", "2021-01-01")


@each(
    {
        "the day of the detection": gives("pending", synchronous(), "the treatment may still come", cut="2020-06-01"),
        "183 days after it": gives("pending", synchronous(), cut="2020-12-01"),
        "184 days after it": gives("non_adherent", synchronous(), cut="2020-12-02"),
        "treated otherwise": gives("non_adherent", synchronous(local("2020-07-01", modality="sbrt")), cut="2020-09-01"),
        "observation was decided": gives("non_adherent", synchronous(observation_chosen="yes"), cut="2020-09-01"),
        "observation was not chosen": gives("pending", synchronous(observation_chosen="no"), cut="2020-09-01"),
        "preoperative therapy under way": gives("pending", synchronous(systemic("2020-06-10")), cut="2023-01-01"),
        "palliative therapy under way": gives(
            "non_adherent", synchronous(systemic("2020-06-10", intent="palliative")), cut="2020-08-01"
        ),
        "91 days after preoperative therapy": gives("pending", synchronous(NEOADJUVANT), cut="2021-04-02"),
        "92 days after it": gives("non_adherent", synchronous(NEOADJUVANT), cut="2021-04-03"),
        "a reason comes before waiting": gives(
            "exception", synchronous(surgery_unsuitable_reason="site"), cut="2020-06-01"
        ),
        "of unknown intent, while therapy is under way": gives(
            "pending", synchronous(systemic("2020-06-10"), local("2020-08-01", intent="")), cut="2020-09-01"
        ),
        "resected": gives("adherent", synchronous(LUNG), cut="2020-08-01"),
        "the day before the resection": gives("pending", synchronous(LUNG), cut="2020-07-31"),
        "an emergency was treated, read as a treatment": gives(
            "non_adherent", synchronous(local("2020-06-10", "primary", "stent", intent="emergency")), cut="2020-07-01"
        ),
    }
)
def test_sur1_while_the_resection_may_still_come(one: Expected) -> None:
    assert one.differences("SUR1") == []


@pytest.mark.parametrize("recorded", [True, False])
def test_a_missing_reason_is_said_only_of_a_failure(recorded: bool) -> None:
    made = synchronous(LUNG) if recorded else synchronous(surgery_unsuitable_reason="site")
    assert gives("", made).differences("SUR1")[1:], "says why"
    assert "reason_missing" not in "".join(gives("", made).differences("SUR1"))


# SUR2: SBRT or ablation where surgery does not suit.

REFUSED: dict[str, Any] = {"surgery_unsuitable_reason": "refusal"}


@each(
    {
        **{
            modality: gives(
                "taken",
                synchronous(local("2020-08-01", modality=modality), **REFUSED),
                f"local_treatment.modality {modality}",
            )
            for modality in ("sbrt", "radiofrequency_ablation", "microwave_ablation", "cryoablation")
        },
        "of metachronous metastases": gives("taken", case(local("2020-08-01", modality="sbrt"), **REFUSED)),
        "with another site": gives("taken", case(site("liver"), local("2020-08-01", modality="sbrt"), **REFUSED)),
        "palliative, read as taken": gives(
            "taken", synchronous(local("2020-08-01", modality="sbrt", intent="palliative"), **REFUSED)
        ),
        "resected after all": gives("not_taken", synchronous(LUNG, **REFUSED), "modality resection"),
        "other radiotherapy": gives("not_taken", synchronous(local("2020-08-01", modality="radiotherapy"), **REFUSED)),
        "nothing": gives("not_taken", synchronous(**REFUSED), "episode.surgery_unsuitable_reason refusal"),
        "nothing yet is no pending": gives("not_taken", synchronous(**REFUSED), cut="2020-06-02"),
        "SBRT of the liver": gives("not_taken", synchronous(local("2020-08-01", "liver", "sbrt"), **REFUSED)),
        "SBRT in the next episode": gives(
            "not_taken", synchronous(local("2022-02-01", modality="sbrt"), LATER, **REFUSED)
        ),
        "modality not known": gives(
            "undetermined_numerator",
            synchronous(local("2020-08-01", modality="UNK"), **REFUSED),
            fill="local_treatment.modality",
        ),
        "resectability blank": gives(
            "undetermined_denominator", synchronous(resectability="", **REFUSED), fill="episode.resectability"
        ),
        "unresectable": gives("not_applicable", synchronous(resectability="unresectable", **REFUSED)),
        "no reason": gives("not_applicable", synchronous(local("2020-08-01", modality="sbrt"))),
        "a reason not known": gives("undetermined_denominator", synchronous(surgery_unsuitable_reason="UNK")),
        "resectability blank and no reason": gives("not_applicable", synchronous(resectability="")),
    }
)
def test_sur2(one: Expected) -> None:
    assert one.differences("SUR2") == []


# SUR3: sublobar resection.

WEDGE, SEGMENT = local("2020-08-01", procedure="wedge"), local("2020-09-01", procedure="segmentectomy")


def lobectomy(reason: str = "", **given: str) -> Row:
    """A lobectomy with its reason."""
    return local("2020-10-01", procedure="lobectomy", lobectomy_reason=reason, **given)


@each(
    {
        "wedge": gives("adherent", case(WEDGE), "local_treatment.procedure wedge"),
        "segmentectomy": gives("adherent", synchronous(SEGMENT), "local_treatment.procedure segmentectomy"),
        "both": gives("adherent", case(WEDGE, SEGMENT)),
        "with another site": gives("adherent", case(WEDGE, site("liver"))),
        "a palliative wedge": gives("adherent", case(local("2020-08-01", procedure="wedge", intent="palliative"))),
        "unresectable at first": gives("adherent", case(WEDGE, resectability="unresectable")),
        "lobectomy without a reason": gives(
            "non_adherent",
            case(lobectomy()),
            "local_treatment.procedure lobectomy",
            "reason_missing: local_treatment.lobectomy_reason is blank",
        ),
        "lobectomy for another reason": gives("non_adherent", case(lobectomy("other")), "procedure lobectomy"),
        "one lobectomy of two operations": gives("non_adherent", case(WEDGE, lobectomy("other"))),
        "lobectomy beside an unknown procedure": gives("non_adherent", case(local("2020-08-01"), lobectomy("other"))),
        "pneumonectomy": gives("non_adherent", case(local("2020-08-01", procedure="pneumonectomy"))),
        "pneumonectomy of a deep tumor, read as excused like a lobectomy": gives(
            "exception", case(local("2020-08-01", procedure="pneumonectomy", lobectomy_reason="deep"))
        ),
        "deep": gives("exception", case(lobectomy("deep")), "local_treatment.lobectomy_reason deep"),
        "bleeding": gives("exception", case(lobectomy("bleeding")), "local_treatment.lobectomy_reason bleeding"),
        "a wedge, and a lobectomy of a deep tumor": gives("exception", case(WEDGE, lobectomy("deep"))),
        "two lobectomies, one without an accepted reason": gives(
            "non_adherent", case(lobectomy("deep"), lobectomy("other"))
        ),
        "decided by the MDT": gives(
            "exception",
            case(lobectomy("other"), exception("SUR3", "mdt_decision")),
            "rule_exception.reason mdt_decision",
        ),
        "another reason is not listed": gives("non_adherent", case(lobectomy("other"), exception("SUR3", "refusal"))),
        "decided by the MDT for another rule": gives(
            "non_adherent", case(lobectomy("other"), exception("SUR4", "mdt_decision"))
        ),
        "decided by the MDT for another episode": gives(
            "non_adherent", case(lobectomy("other"), exception("SUR3", "mdt_decision", episode_no="2"), LATER)
        ),
        "procedure blank": gives("undetermined_numerator", case(local("2020-08-01")), fill="local_treatment.procedure"),
        "procedure UNK beside a wedge": gives(
            "undetermined_numerator",
            case(WEDGE, local("2020-09-01", procedure="UNK")),
            fill="local_treatment.procedure",
        ),
        "modality not known": gives(
            "undetermined_denominator",
            case(local("2020-08-01", modality="UNK", procedure="wedge")),
            fill="local_treatment.modality",
        ),
        "not operated": gives("not_applicable", case(local("2020-08-01", modality="sbrt")), "modality sbrt"),
        "operated in the next episode": gives(
            "not_applicable", case(local("2022-02-01", procedure="lobectomy"), LATER)
        ),
    }
)
def test_sur3(one: Expected) -> None:
    assert one.differences("SUR3") == []


# SUR4: lobectomy only as a last resort.


@each(
    {
        "deep": gives("adherent", case(lobectomy("deep")), "local_treatment.lobectomy_reason deep"),
        "bleeding": gives("adherent", case(lobectomy("bleeding")), "local_treatment.lobectomy_reason bleeding"),
        "a palliative one, for a deep tumor": gives("adherent", case(lobectomy("deep", intent="palliative"))),
        "beside a wedge": gives("adherent", case(WEDGE, lobectomy("deep"))),
        "another reason": gives("non_adherent", case(lobectomy("other")), "local_treatment.lobectomy_reason other"),
        "one of two for another reason": gives("non_adherent", case(lobectomy("deep"), lobectomy("other"))),
        "another reason, and a blank one": gives("non_adherent", case(lobectomy(), lobectomy("other"))),
        "no reason is listed for it": gives(
            "non_adherent", case(lobectomy("other"), exception("SUR4", "mdt_decision"))
        ),
        "reason blank": gives("undetermined_numerator", case(lobectomy()), fill="local_treatment.lobectomy_reason"),
        "reason ND": gives("undetermined_numerator", case(lobectomy("ND")), fill="local_treatment.lobectomy_reason"),
        "one of two reasons blank": gives(
            "undetermined_numerator", case(lobectomy("deep"), lobectomy()), fill="local_treatment.lobectomy_reason"
        ),
        "beside a procedure that may be another lobectomy": gives(
            "undetermined_numerator", case(local("2020-08-01"), lobectomy("deep")), fill="local_treatment.procedure"
        ),
        "procedure blank": gives(
            "undetermined_denominator", case(local("2020-08-01")), fill="local_treatment.procedure"
        ),
        "wedge": gives("not_applicable", case(WEDGE), "local_treatment.procedure wedge"),
        "pneumonectomy": gives("not_applicable", case(local("2020-08-01", procedure="pneumonectomy"))),
        "not operated": gives("not_applicable", case()),
    }
)
def test_sur4(one: Expected) -> None:
    assert one.differences("SUR4") == []


def test_a_pneumonectomy_is_listed_for_review() -> None:
    listed = gives("adherent", case(local("2020-08-01", procedure="pneumonectomy")), "procedure pneumonectomy")
    assert listed.differences("SUR4", "pneumonectomy") == []
    assert gives("not_applicable", case(lobectomy("deep"))).differences("SUR4", "pneumonectomy") == []


# SUR5 and SUR6: thoracic nodes.


def nodes(assessment: str, **given: str) -> Row:
    """Lung surgery with what was done to the thoracic nodes."""
    return local("2020-08-01", node_assessment=assessment, **given)


@each(
    {
        "dissection": gives(
            "taken", case(nodes("dissection")), "node_assessment dissection", "episode.thoracic_nodes none"
        ),
        "at one of two operations": gives("taken", case(nodes("none"), nodes("dissection"))),
        "beside an unknown one": gives("taken", case(nodes(""), nodes("dissection"))),
        "sampling": gives("not_taken", case(nodes("sampling")), "node_assessment sampling"),
        "none": gives("not_taken", case(nodes("none")), "local_treatment.node_assessment none"),
        "ND of an assessment: not done": gives("not_taken", case(nodes("ND")), "local_treatment.node_assessment ND"),
        "blank": gives("undetermined_numerator", case(nodes("")), fill="local_treatment.node_assessment"),
        "NASK": gives("undetermined_numerator", case(nodes("NASK")), fill="local_treatment.node_assessment"),
        "one of two blank": gives("undetermined_numerator", case(nodes("none"), nodes(""))),
        "nodes blank": gives(
            "undetermined_denominator", case(nodes("none"), thoracic_nodes=""), fill="episode.thoracic_nodes"
        ),
        "ND of a fact about the disease": gives(
            "undetermined_denominator", case(nodes("none"), thoracic_nodes="ND"), fill="episode.thoracic_nodes"
        ),
        "suspected": gives(
            "not_applicable", case(nodes("none"), thoracic_nodes="suspected"), "thoracic_nodes suspected"
        ),
        "nodes blank, not operated": gives("not_applicable", case(thoracic_nodes="")),
    }
)
def test_sur5(one: Expected) -> None:
    assert one.differences("SUR5") == []


@each(
    {
        "sampling": gives(
            "taken",
            case(nodes("sampling"), thoracic_nodes="suspected"),
            "thoracic_nodes suspected",
            "node_assessment sampling",
        ),
        "dissection": gives("taken", case(nodes("dissection"), thoracic_nodes="confirmed"), "thoracic_nodes confirmed"),
        "none": gives("not_taken", case(nodes("none"), thoracic_nodes="confirmed"), "node_assessment none"),
        "ND of an assessment: not done": gives("not_taken", case(nodes("ND"), thoracic_nodes="suspected")),
        "blank": gives(
            "undetermined_numerator",
            case(nodes(""), thoracic_nodes="suspected"),
            fill="local_treatment.node_assessment",
        ),
        "UNK": gives(
            "undetermined_numerator",
            case(nodes("UNK"), thoracic_nodes="suspected"),
            fill="local_treatment.node_assessment",
        ),
        "nodes UNK": gives(
            "undetermined_denominator", case(nodes("sampling"), thoracic_nodes="UNK"), fill="episode.thoracic_nodes"
        ),
        "not suspected": gives("not_applicable", case(nodes("sampling")), "episode.thoracic_nodes none"),
        "not operated": gives("not_applicable", case(thoracic_nodes="suspected"), "lung surgery: no"),
    }
)
def test_sur6(one: Expected) -> None:
    assert one.differences("SUR6") == []


# SUR7: R0 at radical lung surgery.


def residual(tumor: str, **given: str) -> Row:
    """Radical lung surgery with the residual tumor."""
    return local("2020-08-01", residual_tumor=tumor, **given)


@each(
    {
        "R0": gives("adherent", case(residual("R0")), "local_treatment.residual_tumor R0"),
        "R0 twice": gives("adherent", synchronous(residual("R0"), residual("R0"))),
        "beside a palliative R2": gives("adherent", case(residual("R0"), residual("R2", intent="palliative"))),
        "R1": gives("non_adherent", case(residual("R1")), "local_treatment.residual_tumor R1"),
        "R2": gives("non_adherent", case(residual("R2")), "local_treatment.residual_tumor R2"),
        "R1 at one of two": gives("non_adherent", case(residual("R0"), residual("R1"))),
        "R1 and a blank": gives("non_adherent", case(residual(""), residual("R1"))),
        "blank": gives("undetermined_numerator", case(residual("")), fill="local_treatment.residual_tumor"),
        "RX": gives("undetermined_numerator", case(residual("RX")), "local_treatment.residual_tumor RX"),
        "UNK": gives("undetermined_numerator", case(residual("UNK")), fill="local_treatment.residual_tumor"),
        "R0 and RX": gives("undetermined_numerator", case(residual("R0"), residual("RX"))),
        "R0, and R1 of unknown intent": gives(
            "undetermined_numerator", case(residual("R0"), residual("R1", intent="")), fill="local_treatment.intent"
        ),
        "intent blank": gives(
            "undetermined_denominator", case(residual("R0", intent="")), fill="local_treatment.intent"
        ),
        "palliative": gives("not_applicable", case(residual("R0", intent="palliative")), "intent palliative"),
        "SBRT": gives("not_applicable", case(local("2020-08-01", modality="sbrt", residual_tumor="R0"))),
        "an exception does not count": gives("non_adherent", case(residual("R1"), exception("SUR7", "mdt_decision"))),
    }
)
def test_sur7(one: Expected) -> None:
    assert one.differences("SUR7") == []
