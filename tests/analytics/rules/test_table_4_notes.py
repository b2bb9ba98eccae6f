"""Hand-made cases of the notes of Table 4, lung metastases with one other site: LIV5 to LIV9."""

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
    radiotherapy,
    site,
    systemic,
)

LATER: Row = ("episode", {"detected_on": "2022-01-01", "lung_involved": "yes"})
"""A second episode."""
LIVER, LUNG = local("2020-09-01", "liver"), local("2020-11-01")


def lung_and_liver(*rows: Row, **changes: Any) -> Registry:
    """Lung and liver metastases, all curable, after the resection of the primary."""
    return case(site("liver", curable="yes"), *rows, **({"curable": "yes"} | changes))


# LIV5: the sequence decided by an MDT.

SEQUENCE = {"topics": "sequence"}


@each(
    {
        "on the day of the first local treatment": gives(
            "adherent",
            lung_and_liver(meeting("2020-09-01", **SEQUENCE), LIVER, LUNG),
            "mdt_meeting.topics sequence",
            "mdt_meeting.held_on 2020-09-01",
            "local_treatment.started_on 2020-09-01",
        ),
        "after systemic therapy was begun": gives(
            "adherent", lung_and_liver(systemic("2020-06-10"), meeting("2020-08-01", **SEQUENCE), LIVER)
        ),
        "one of two meetings": gives(
            "adherent", lung_and_liver(meeting("2020-06-05", topics="other"), meeting("2020-08-01", **SEQUENCE), LIVER)
        ),
        "after an emergency": gives(
            "adherent",
            lung_and_liver(
                local("2020-06-05", "primary", "stent", intent="emergency"), meeting("2020-08-01", **SEQUENCE), LIVER
            ),
        ),
        "a day late": gives(
            "non_adherent", lung_and_liver(meeting("2020-09-02", **SEQUENCE), LIVER, LUNG), "held_on 2020-09-02"
        ),
        "after radiotherapy of the primary, the first local treatment": gives(
            "non_adherent",
            lung_and_liver(radiotherapy("2020-06-20"), meeting("2020-08-01", **SEQUENCE), LIVER, synchronous=True),
        ),
        "another topic": gives(
            "non_adherent", lung_and_liver(meeting("2020-08-01", topics="resectability"), LIVER), "topics resectability"
        ),
        "never discussed": gives("non_adherent", lung_and_liver(LIVER, mdt_discussed="no"), "mdt_discussed no"),
        "of the next episode": gives(
            "non_adherent",
            lung_and_liver(meeting("2020-08-01", episode_no="2", **SEQUENCE), LIVER, LATER, mdt_discussed="no"),
        ),
        "topics blank": gives(
            "undetermined_numerator", lung_and_liver(meeting("2020-08-01"), LIVER), fill="mdt_meeting.topics"
        ),
        "not known whether discussed": gives(
            "undetermined_numerator", lung_and_liver(LIVER), fill="episode.mdt_discussed"
        ),
        "day of the treatment UNK": gives(
            "undetermined_numerator",
            lung_and_liver(meeting("2020-08-01", **SEQUENCE), local("UNK", "liver", episode_no="1")),
            fill="local_treatment.started_on",
        ),
        "curability of the lung blank": gives(
            "undetermined_denominator", lung_and_liver(LIVER, curable=""), fill="episode.curable"
        ),
        "the lung incurable": gives("not_applicable", lung_and_liver(LIVER, curable="no"), "episode.curable no"),
        "no local treatment": gives("not_applicable", lung_and_liver(systemic("2020-06-10")), "local treatment: no"),
        "an emergency alone": gives(
            "not_applicable", lung_and_liver(local("2020-06-05", "primary", "stent", intent="emergency"))
        ),
        "isolated": gives("not_applicable", case(LUNG, curable="yes"), "route R-MET"),
        "no reason is listed for it": gives(
            "non_adherent", lung_and_liver(LIVER, exception("LIV5", "mdt_decision"), mdt_discussed="no")
        ),
    }
)
def test_liv5(one: Expected) -> None:
    assert one.differences("LIV5") == []


# LIV6: the harder resection first, else the liver.

LUNG_FIRST = (local("2020-08-01"), LIVER)
LIVER_FIRST = (LIVER, LUNG)


@each(
    {
        "the lung harder and first": gives(
            "adherent",
            lung_and_liver(*LUNG_FIRST, resection_difficulty="lung_harder"),
            "episode.resection_difficulty lung_harder",
            "local_treatment.started_on 2020-08-01",
        ),
        "the liver harder and first": gives(
            "adherent", lung_and_liver(*LIVER_FIRST, resection_difficulty="other_harder"), "other_harder"
        ),
        "equal, the liver first": gives(
            "adherent", lung_and_liver(*LIVER_FIRST, resection_difficulty="equal"), "equal"
        ),
        "the first of several": gives(
            "adherent", lung_and_liver(*LUNG_FIRST, LUNG, resection_difficulty="lung_harder")
        ),
        "the lung harder, the liver first": gives(
            "non_adherent", lung_and_liver(*LIVER_FIRST, resection_difficulty="lung_harder"), "lung_harder"
        ),
        "the liver harder, the lung first": gives(
            "non_adherent", lung_and_liver(*LUNG_FIRST, resection_difficulty="other_harder")
        ),
        "equal, the lung first": gives("non_adherent", lung_and_liver(*LUNG_FIRST, resection_difficulty="equal")),
        "decided by the MDT": gives(
            "exception",
            lung_and_liver(*LUNG_FIRST, exception("LIV6", "mdt_decision"), resection_difficulty="equal"),
            "rule_exception.reason mdt_decision",
        ),
        "another reason is not listed": gives(
            "non_adherent", lung_and_liver(*LUNG_FIRST, exception("LIV6", "refusal"), resection_difficulty="equal")
        ),
        "difficulty blank": gives(
            "undetermined_numerator", lung_and_liver(*LIVER_FIRST), fill="episode.resection_difficulty"
        ),
        "difficulty ND of a fact": gives(
            "undetermined_numerator",
            lung_and_liver(*LUNG_FIRST, resection_difficulty="ND"),
            fill="episode.resection_difficulty",
        ),
        "day of the lung surgery UNK": gives(
            "undetermined_denominator",
            lung_and_liver(LIVER, local("UNK", episode_no="1"), resection_difficulty="equal"),
            fill="local_treatment.started_on",
        ),
        "on one day": gives(
            "not_applicable", lung_and_liver(LIVER, local("2020-09-01"), resection_difficulty="equal"), "2020-09-01"
        ),
        "the liver alone": gives("not_applicable", lung_and_liver(LIVER, resection_difficulty="equal"), "surgery: no"),
        "the lung ablated": gives(
            "not_applicable", lung_and_liver(LIVER, local("2020-11-01", modality="sbrt"), resection_difficulty="equal")
        ),
        "another site": gives(
            "not_applicable", case(site("adrenal"), LUNG, local("2020-12-01", "adrenal"), resection_difficulty="equal")
        ),
        "two other sites": gives("not_applicable", lung_and_liver(*LIVER_FIRST, site("bone")), "route R-MUL"),
        "the lung in the next episode": gives("not_applicable", lung_and_liver(LIVER, local("2022-02-01"), LATER)),
    }
)
def test_liv6(one: Expected) -> None:
    assert one.differences("LIV6") == []


# LIV7: at most three months of neoadjuvant therapy before the liver surgery.

DAYS_92 = systemic("2020-06-01", "2020-09-01")


@each(
    {
        "92 days": gives(
            "adherent",
            lung_and_liver(DAYS_92, local("2020-10-01", "liver")),
            "days so far 92",
            "systemic_therapy.ended_on 2020-09-01",
        ),
        "93 days": gives(
            "non_adherent",
            lung_and_liver(systemic("2020-06-01", "2020-09-02"), local("2020-10-01", "liver")),
            "days so far 93",
        ),
        "up to the operation, where it goes on": gives(
            "adherent", lung_and_liver(systemic("2020-06-01"), local("2020-09-01", "liver")), "days so far 92"
        ),
        "two therapies together": gives(
            "non_adherent", lung_and_liver(DAYS_92, systemic("2020-09-10", "2020-09-11"), local("2020-10-01", "liver"))
        ),
        "what starts after it does not count": gives(
            "adherent", lung_and_liver(DAYS_92, LIVER, systemic("2020-10-01", "2021-06-01"))
        ),
        "palliative therapy does not count": gives(
            "adherent", lung_and_liver(DAYS_92, systemic("2020-06-01", "2020-08-01", "palliative"), LIVER)
        ),
        "before the first of two operations": gives(
            "adherent",
            lung_and_liver(DAYS_92, LIVER, systemic("2020-10-01", "2020-12-01"), local("2021-01-01", "liver")),
        ),
        "with two other sites": gives(
            "adherent", lung_and_liver(DAYS_92, LIVER, site("bone")), "liver metastases: yes"
        ),
        "conversion": gives(
            "exception",
            lung_and_liver(systemic("2020-06-01", "2020-12-01", "conversion"), local("2021-01-01", "liver")),
            "systemic_therapy.intent conversion",
        ),
        "decided by the MDT": gives(
            "exception",
            lung_and_liver(
                systemic("2020-06-01", "2020-12-01"), local("2021-01-01", "liver"), exception("LIV7", "mdt_decision")
            ),
        ),
        "another reason is not listed": gives(
            "non_adherent",
            lung_and_liver(
                systemic("2020-06-01", "2020-12-01"), local("2021-01-01", "liver"), exception("LIV7", "progression")
            ),
        ),
        "end UNK": gives(
            "undetermined_numerator",
            lung_and_liver(systemic("2020-06-01", "UNK"), local("2020-12-01", "liver")),
            fill="systemic_therapy.ended_on",
        ),
        "intent of a second therapy blank": gives(
            "undetermined_numerator",
            lung_and_liver(DAYS_92, systemic("2020-09-02", "2020-09-12", ""), local("2020-10-01", "liver")),
            fill="systemic_therapy.intent",
        ),
        "intent blank": gives(
            "undetermined_denominator",
            lung_and_liver(systemic("2020-06-01", "2020-09-01", ""), LIVER),
            fill="systemic_therapy.intent",
        ),
        "sites not listed": gives(
            "undetermined_denominator",
            case(DAYS_92, LIVER, other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "from the day of the operation on": gives(
            "not_applicable", lung_and_liver(systemic("2020-09-01", "2020-11-01"), LIVER), "started_on 2020-09-01"
        ),
        "not operated": gives("not_applicable", lung_and_liver(DAYS_92), "liver surgery: no"),
        "ablated": gives("not_applicable", lung_and_liver(DAYS_92, local("2020-10-01", "liver", "microwave_ablation"))),
        "no liver metastases": gives("not_applicable", case(site("bone"), DAYS_92, local("2020-10-01", "bone"))),
    }
)
def test_liv7(one: Expected) -> None:
    assert one.differences("LIV7") == []


@pytest.mark.parametrize(("ended_on", "short"), [("2020-07-31", "adherent"), ("2020-08-01", "non_adherent")])
def test_less_than_two_months_is_flagged_and_adherent(ended_on: str, short: str) -> None:
    made = lung_and_liver(systemic("2020-06-01", ended_on), LIVER)
    assert outcome(made, "LIV7") == "adherent"
    assert outcome(made, "LIV7", "under_two_months") == short


# LIV8: SBRT or ablation where surgery is ruled out for other than technical reasons.

SBRT = local("2020-08-01", modality="sbrt")


@each(
    {
        "ablation": gives(
            "adherent",
            lung_and_liver(local("2020-08-01", modality="cryoablation"), unresectable_reason="lung_function"),
            "episode.unresectable_reason lung_function",
            "local_treatment.modality cryoablation",
        ),
        **{
            f"SBRT, surgery unsuitable because of {reason}": gives(
                "adherent",
                lung_and_liver(SBRT, surgery_unsuitable_reason=reason),
                f"surgery_unsuitable_reason {reason}",
            )
            for reason in ("lung_function", "tolerance", "refusal")
        },
        **{
            f"SBRT, unresectable because of {reason}": gives(
                "adherent", lung_and_liver(SBRT, unresectable_reason=reason), f"unresectable_reason {reason}"
            )
            for reason in ("lung_function", "tolerance", "refusal")
        },
        "another site than the liver": gives("adherent", case(site("bone"), SBRT, unresectable_reason="refusal")),
        "nothing": gives(
            "non_adherent", lung_and_liver(unresectable_reason="tolerance"), "SBRT or ablation of the lung: no"
        ),
        "other radiotherapy": gives(
            "non_adherent",
            lung_and_liver(local("2020-08-01", modality="radiotherapy"), unresectable_reason="tolerance"),
        ),
        "SBRT of the liver": gives(
            "non_adherent", lung_and_liver(local("2020-08-01", "liver", "sbrt"), unresectable_reason="tolerance")
        ),
        "SBRT in the next episode": gives(
            "non_adherent", lung_and_liver(local("2022-02-01", modality="sbrt"), LATER, unresectable_reason="tolerance")
        ),
        "target of SBRT UNK": gives(
            "undetermined_numerator",
            lung_and_liver(local("2020-08-01", "UNK", "sbrt"), unresectable_reason="tolerance"),
            fill="local_treatment.target",
        ),
        "sites not listed": gives(
            "undetermined_denominator",
            case(SBRT, unresectable_reason="tolerance", other_sites_assessed=""),
            fill="episode.other_sites_assessed",
        ),
        "modality UNK: perhaps surgery": gives(
            "undetermined_denominator",
            lung_and_liver(local("2020-08-01", modality="UNK"), unresectable_reason="tolerance"),
            fill="local_treatment.modality",
        ),
        "operated": gives("not_applicable", lung_and_liver(LUNG, unresectable_reason="tolerance"), "lung surgery: yes"),
        "a technical reason": gives("not_applicable", lung_and_liver(SBRT, unresectable_reason="number")),
        "unsuitable by its site": gives("not_applicable", lung_and_liver(SBRT, surgery_unsuitable_reason="site")),
        "no reason": gives("not_applicable", lung_and_liver(SBRT)),
        "two other sites": gives("not_applicable", lung_and_liver(SBRT, site("bone"), unresectable_reason="refusal")),
        "isolated": gives("not_applicable", case(SBRT, unresectable_reason="refusal"), "route R-MET"),
        "no reason is listed for it": gives(
            "non_adherent", lung_and_liver(exception("LIV8", "refusal"), unresectable_reason="tolerance")
        ),
    }
)
def test_liv8(one: Expected) -> None:
    assert one.differences("LIV8") == []


# LIV9: RAS and BRAF known before targeted therapy.

TARGETED = systemic("2020-06-10", "2020-08-10", targeted_agent="bevacizumab")


def genes(*, braf: str = "wild_type", reported_on: str = "2020-06-10") -> tuple[Row, ...]:
    """Tests of KRAS and NRAS on 2020-06-01, and of BRAF."""
    of_braf = {"marker": "braf", "result": braf, "reported_on": reported_on}
    known = {"result": "wild_type", "reported_on": "2020-06-01"}
    rows = [{"marker": "kras"} | known, {"marker": "nras"} | known, *([of_braf] if braf else [])]
    return tuple(("molecular_test", row) for row in rows)


@each(
    {
        "on the day of its start": gives(
            "adherent",
            lung_and_liver(TARGETED, *genes()),
            "systemic_therapy.targeted_agent bevacizumab",
            "molecular_test.result wild_type",
            "molecular_test.reported_on 2020-06-01 and 2020-06-10",
        ),
        "an equivocal result is one": gives("adherent", lung_and_liver(TARGETED, *genes(braf="equivocal"))),
        "tested again later": gives(
            "adherent",
            lung_and_liver(
                TARGETED,
                *genes(),
                ("molecular_test", {"marker": "braf", "result": "mutated", "reported_on": "2021-01-01"}),
            ),
        ),
        "before the first of two targeted therapies": gives(
            "adherent",
            lung_and_liver(TARGETED, systemic("2020-12-01", "", "postoperative", targeted_agent="cetuximab"), *genes()),
        ),
        "of the targeted therapy, not of that before it": gives(
            "adherent",
            lung_and_liver(systemic("2020-06-05", "2020-06-10", targeted_agent="none"), TARGETED, *genes()),
        ),
        "a day late": gives(
            "non_adherent", lung_and_liver(TARGETED, *genes(reported_on="2020-06-11")), "reported_on 2020-06-11"
        ),
        "not done": gives("non_adherent", lung_and_liver(TARGETED, *genes(braf="not_done")), "result not_done"),
        "result ND": gives("non_adherent", lung_and_liver(TARGETED, *genes(braf="ND")), "molecular_test.result ND"),
        "one not done, another day unknown": gives(
            "non_adherent", lung_and_liver(TARGETED, *genes(braf="not_done", reported_on="UNK"))
        ),
        "no test of BRAF": gives("undetermined_numerator", lung_and_liver(TARGETED, *genes(braf="")), "braf"),
        "result unknown": gives(
            "undetermined_numerator", lung_and_liver(TARGETED, *genes(braf="unknown")), "result unknown"
        ),
        "day of the result blank": gives(
            "undetermined_numerator",
            lung_and_liver(TARGETED, *genes(reported_on="")),
            fill="molecular_test.reported_on",
        ),
        "agent blank": gives(
            "undetermined_denominator",
            lung_and_liver(systemic("2020-06-10", "2020-08-10"), *genes()),
            fill="systemic_therapy.targeted_agent",
        ),
        "intent blank": gives(
            "undetermined_denominator",
            lung_and_liver(systemic("2020-06-10", "2020-08-10", "", targeted_agent="cetuximab"), *genes()),
            fill="systemic_therapy.intent",
        ),
        "no targeted agent": gives(
            "not_applicable",
            lung_and_liver(systemic("2020-06-10", "2020-08-10", targeted_agent="none"), *genes()),
            "targeted_agent none",
        ),
        "palliative": gives(
            "not_applicable",
            lung_and_liver(systemic("2020-06-10", "2020-08-10", "palliative", targeted_agent="cetuximab"), *genes()),
        ),
        "untreated": gives("not_applicable", lung_and_liver(*genes()), "systemic_therapy no row"),
        "isolated": gives("not_applicable", case(TARGETED, *genes()), "route R-MET"),
        "no reason is listed for it": gives(
            "non_adherent", lung_and_liver(TARGETED, *genes(braf="not_done"), exception("LIV9", "no_tissue"))
        ),
    }
)
def test_liv9(one: Expected) -> None:
    assert one.differences("LIV9") == []
