"""Hand-made cases of the general rules on treatment: its order, control and choice (GEN4, GEN5, GEN6, GEN9)."""

from __future__ import annotations

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
    primary_resected,
    site,
    study,
    systemic,
)

SURGERY = local("2020-06-10")


# GEN4: systemic therapy before radical local treatment; shown, not scored.

NED = meeting("2020-06-05", goal="ned")
COLON = {"site": "sigmoid_colon"}
BOTH = (primary_resected("2020-08-01"), local("2020-10-01"))


@each(
    {
        "before": gives(
            "adherent",
            case(NED, systemic("2020-06-10", "2020-07-20"), *BOTH, synchronous=True),
            "systemic_therapy.started_on 2020-06-10",
            "local_treatment.started_on 2020-08-01",
        ),
        "on the day": gives("non_adherent", case(NED, systemic("2020-08-01"), *BOTH, synchronous=True)),
        "never": gives("non_adherent", case(NED, *BOTH, synchronous=True), "systemic_therapy no row"),
        "an MDT reason is accepted": gives(
            "exception",
            case(NED, *BOTH, exception("GEN4", "mdt_decision"), synchronous=True),
            "rule_exception.reason mdt_decision",
        ),
        "another reason is not": gives(
            "non_adherent", case(NED, *BOTH, exception("GEN4", "performance_status"), synchronous=True)
        ),
        "the reason of another rule is not": gives(
            "non_adherent", case(NED, *BOTH, exception("GEN1", "mdt_decision"), synchronous=True)
        ),
        "R-MET": gives("not_applicable", case(NED, SURGERY), "route R-MET"),
        "Table 2, row 2, option 1": gives(
            "adherent",
            case(
                NED,
                systemic("2020-06-10", "2020-07-20"),
                *BOTH,
                systemic("2020-11-10", intent="postoperative"),
                primary=COLON,
                synchronous=True,
            ),
        ),
        "Table 2, row 2, option 2": gives(
            "not_applicable",
            case(
                NED,
                BOTH[0],
                systemic("2020-08-20", "2020-09-20"),
                BOTH[1],
                systemic("2020-11-10", intent="postoperative"),
                primary=COLON,
                synchronous=True,
            ),
        ),
        "Table 2, row 2, option 3": gives(
            "not_applicable",
            case(NED, *BOTH, systemic("2020-11-10", intent="postoperative"), primary=COLON, synchronous=True),
        ),
        "Table 2, row 2, without postoperative therapy, read as option 3": gives(
            "not_applicable", case(NED, *BOTH, primary=COLON, synchronous=True)
        ),
        "lung before primary is none of its options": gives(
            "non_adherent",
            case(NED, local("2020-08-01"), primary_resected("2020-10-01"), primary=COLON, synchronous=True),
        ),
        "the lung alone is none either": gives(
            "non_adherent", case(NED, local("2020-08-01"), primary=COLON, synchronous=True)
        ),
        "goal palliative": gives(
            "not_applicable", case(meeting("2020-06-05", goal="palliative"), *BOTH, synchronous=True), "goal palliative"
        ),
        "goal blank": gives(
            "undetermined_denominator",
            case(meeting("2020-06-05"), *BOTH, synchronous=True),
            fill="mdt_meeting.goal",
        ),
        "no meeting recorded": gives(
            "undetermined_denominator", case(*BOTH, synchronous=True), fill="episode.mdt_discussed"
        ),
        "the last goal before treatment counts": gives(
            "not_applicable",
            case(NED, meeting("2020-07-31", goal="palliative"), *BOTH, synchronous=True),
        ),
        "not one that was set after it": gives(
            "non_adherent", case(NED, meeting("2020-08-02", goal="palliative"), *BOTH, synchronous=True)
        ),
        "without one before it the first": gives(
            "non_adherent",
            case(meeting("2020-08-02", goal="ned"), meeting("2020-09-01", goal="palliative"), *BOTH, synchronous=True),
        ),
        "no radical treatment": gives(
            "not_applicable", case(NED, systemic("2020-06-10"), synchronous=True), "a radical local treatment: no"
        ),
        "intent blank": gives(
            "undetermined_denominator",
            case(NED, local("2020-10-01", intent=""), synchronous=True),
            fill="local_treatment.intent",
        ),
        "start of the systemic therapy not known": gives(
            "undetermined_numerator",
            case(NED, systemic("UNK", episode_no="1"), *BOTH, synchronous=True),
            fill="systemic_therapy.started_on",
        ),
    }
)
def test_gen4(one: Expected) -> None:
    assert one.differences("GEN4") == []


# GEN5: palliative goal, local treatment under control.

PALLIATIVE = meeting("2020-06-05", goal="palliative")
LOCAL = local("2020-12-01", "bone", "radiotherapy", intent="palliative")


def drugs(response: str, assessed: str = "2020-09-01", started: str = "2020-06-10", ended: str = "2020-11-01") -> Row:
    """Systemic therapy before the local treatment, with its response."""
    return systemic(started, ended, "palliative", best_response=response, response_assessed_on=assessed)


@each(
    {
        "CR": gives("adherent", case(PALLIATIVE, drugs("CR"), LOCAL)),
        "PR": gives("adherent", case(PALLIATIVE, drugs("PR"), LOCAL), "systemic_therapy.best_response PR"),
        "SD": gives("adherent", case(PALLIATIVE, drugs("SD"), LOCAL), "mdt_meeting.held_on 2020-06-05"),
        "PD": gives("non_adherent", case(PALLIATIVE, drugs("PD"), LOCAL), "best_response PD"),
        "NE": gives("non_adherent", case(PALLIATIVE, drugs("NE"), LOCAL), "best_response NE"),
        "ND": gives("non_adherent", case(PALLIATIVE, drugs("ND"), LOCAL), "best_response ND"),
        "response blank": gives(
            "undetermined_numerator", case(PALLIATIVE, drugs(""), LOCAL), fill="systemic_therapy.best_response"
        ),
        "response UNK": gives("undetermined_numerator", case(PALLIATIVE, drugs("UNK"), LOCAL)),
        "assessed on the day of the local treatment": gives(
            "adherent", case(PALLIATIVE, drugs("PR", "2020-12-01"), LOCAL)
        ),
        "assessed the day after: nothing was before": gives(
            "non_adherent", case(PALLIATIVE, drugs("PR", "2020-12-02"), LOCAL)
        ),
        "without a day of assessment the end": gives("adherent", case(PALLIATIVE, drugs("PR", ""), LOCAL)),
        "the last of two": gives(
            "non_adherent",
            case(PALLIATIVE, drugs("PR"), drugs("PD", "2020-11-20", "2020-11-02", ""), LOCAL),
            "best_response PD",
        ),
        "one that was assessed later does not count": gives(
            "adherent", case(PALLIATIVE, drugs("PR"), drugs("PD", "2020-12-02", "2020-11-02", ""), LOCAL)
        ),
        "under way and not assessed yet, read as not known": gives(
            "undetermined_numerator",
            case(PALLIATIVE, drugs("", "", ended=""), LOCAL),
            fill="systemic_therapy.response_assessed_on",
        ),
        "no systemic therapy": gives("non_adherent", case(PALLIATIVE, LOCAL), "systemic_therapy no row"),
        "systemic therapy of the same day": gives(
            "non_adherent", case(PALLIATIVE, drugs("PR", "2020-12-01", "2020-12-01", ""), LOCAL)
        ),
        "discussed on the day of the local treatment": gives(
            "adherent", case(meeting("2020-12-01", goal="palliative"), drugs("PR"), LOCAL)
        ),
        "discussed after it": gives(
            "non_adherent",
            case(meeting("2020-12-02", goal="palliative"), drugs("PR"), LOCAL),
            "mdt_meeting.held_on 2020-12-02",
        ),
        "no reason is listed for it": gives(
            "non_adherent", case(PALLIATIVE, drugs("PD"), LOCAL, exception("GEN5", "mdt_decision"))
        ),
        "of the lung": gives("adherent", case(PALLIATIVE, drugs("PR"), local("2020-12-01", modality="sbrt"))),
        "of a recurrence": gives(
            "non_adherent", case(PALLIATIVE, drugs("PD"), local("2020-12-01", "local_recurrence", "stent"))
        ),
        "only of an emergency": gives(
            "not_applicable", case(PALLIATIVE, drugs("PD"), local("2020-12-01", "primary", "stent", intent="emergency"))
        ),
        "no local treatment": gives("not_applicable", case(PALLIATIVE, drugs("PD")), "local_treatment"),
        "goal NED": gives("not_applicable", case(NED, drugs("PD"), LOCAL), "mdt_meeting.goal ned"),
        "goal blank": gives(
            "undetermined_denominator", case(meeting("2020-06-05"), drugs("PR"), LOCAL), fill="mdt_meeting.goal"
        ),
        "goal ND: none was set": gives("not_applicable", case(meeting("2020-06-05", goal="ND"), drugs("PR"), LOCAL)),
        "no meeting recorded": gives(
            "undetermined_denominator", case(drugs("PR"), LOCAL), fill="episode.mdt_discussed"
        ),
    }
)
def test_gen5(one: Expected) -> None:
    assert one.differences("GEN5") == []


# GEN6: response monitored.


@each(
    {
        "three months": gives(
            "adherent",
            case(systemic("2020-06-10", "2020-09-10", response_assessed_on="2020-08-01")),
            "systemic_therapy.response_assessed_on 2020-08-01",
        ),
        "a day less": gives(
            "not_applicable", case(systemic("2020-06-10", "2020-09-09")), "systemic_therapy.ended_on 2020-09-09"
        ),
        "30 November to 28 February": gives(
            "non_adherent", case(systemic("2020-11-30", "2021-02-28", response_assessed_on="ND"))
        ),
        "30 November to 27 February": gives(
            "not_applicable", case(systemic("2020-11-30", "2021-02-27", response_assessed_on="ND"))
        ),
        "under way for three months at the cut": gives(
            "undetermined_numerator",
            case(systemic("2020-06-10")),
            fill="systemic_therapy.response_assessed_on",
            cut="2020-09-10",
        ),
        "under way for less": gives("not_applicable", case(systemic("2020-06-10")), cut="2020-09-09"),
        "assessed on its first day": gives(
            "adherent", case(systemic("2020-06-10", "2020-12-10", response_assessed_on="2020-06-10"))
        ),
        "assessed on its last day": gives(
            "adherent", case(systemic("2020-06-10", "2020-12-10", response_assessed_on="2020-12-10"))
        ),
        "assessed after it": gives(
            "non_adherent", case(systemic("2020-06-10", "2020-12-10", response_assessed_on="2020-12-11"))
        ),
        "a study on its first day": gives(
            "adherent",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                study("2020-06-10", "chest_ct_contrast", purpose="response"),
            ),
        ),
        "a study on its last day": gives(
            "adherent",
            case(
                systemic("2020-06-10", "2020-12-10"),
                study("2020-12-10", "chest_ct_contrast", purpose="response"),
            ),
        ),
        "a study before it": gives(
            "non_adherent",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                study("2020-06-09", "chest_ct_contrast", purpose="response"),
            ),
        ),
        "a study after it": gives(
            "non_adherent",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                study("2020-12-11", "chest_ct_contrast", purpose="response"),
            ),
        ),
        "a study for another purpose": gives(
            "non_adherent",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                study("2020-08-10", "chest_ct_contrast", purpose="staging"),
            ),
        ),
        "a study without a purpose": gives(
            "undetermined_numerator",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                study("2020-08-10", "chest_ct_contrast"),
            ),
        ),
        "not assessed": gives(
            "non_adherent",
            case(systemic("2020-06-10", "2020-12-10", response_assessed_on="ND")),
            "response_assessed_on ND",
        ),
        "blank": gives(
            "undetermined_numerator",
            case(systemic("2020-06-10", "2020-12-10")),
            fill="systemic_therapy.response_assessed_on",
        ),
        "of two therapies one was assessed": gives(
            "adherent",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                systemic("2021-01-10", "2021-06-10", response_assessed_on="2021-03-01"),
            ),
        ),
        "only the short one was assessed": gives(
            "non_adherent",
            case(
                systemic("2020-06-10", "2020-12-10", response_assessed_on="ND"),
                systemic("2021-01-10", "2021-02-10", response_assessed_on="2021-02-01"),
            ),
        ),
        "end not known": gives(
            "undetermined_denominator", case(systemic("2020-06-10", "UNK")), fill="systemic_therapy.ended_on"
        ),
        "no systemic therapy": gives("not_applicable", case(SURGERY), "systemic_therapy no row"),
    }
)
def test_gen6(one: Expected) -> None:
    assert one.differences("GEN6") == []


# GEN9: the choice of systemic therapy informed.

LIVER = site("liver")
FIRST = systemic("2020-06-10")
TESTS = (marker("kras"), marker("nras"), marker("braf"), marker("msi_mmr"))
WITHOUT_BRAF = (marker("kras"), marker("nras"), marker("msi_mmr"))


@each(
    {
        "all known": gives(
            "adherent",
            case(LIVER, FIRST, *TESTS, ecog="1"),
            "episode.ecog 1",
            "primary_tumor.site rectum",
            "molecular_test.reported_on 2020-05-01",
        ),
        "reported on the day": gives(
            "adherent", case(LIVER, FIRST, *WITHOUT_BRAF, marker("braf", reported_on="2020-06-10"), ecog="0")
        ),
        "reported the day after": gives(
            "non_adherent",
            case(LIVER, FIRST, *WITHOUT_BRAF, marker("braf", reported_on="2020-06-11"), ecog="0"),
            "molecular_test.reported_on 2020-06-11",
        ),
        "equivocal is a result": gives(
            "adherent", case(LIVER, FIRST, *WITHOUT_BRAF, marker("braf", "equivocal"), ecog="0")
        ),
        "not dated": gives(
            "undetermined_numerator",
            case(LIVER, FIRST, *WITHOUT_BRAF, marker("braf", reported_on=""), ecog="0"),
            fill="molecular_test.reported_on",
        ),
        "not tested": gives(
            "non_adherent", case(LIVER, FIRST, *WITHOUT_BRAF, marker("braf", "not_done"), ecog="0"), "result not_done"
        ),
        "result unknown": gives(
            "undetermined_numerator", case(LIVER, FIRST, *WITHOUT_BRAF, marker("braf", "unknown"), ecog="0")
        ),
        "no row": gives(
            "undetermined_numerator",
            case(LIVER, FIRST, *WITHOUT_BRAF, ecog="0"),
            fill="molecular_test.result of braf",
        ),
        "HER2 is not asked for": gives("adherent", case(LIVER, FIRST, *TESTS, marker("her2", "not_done"), ecog="2")),
        "status blank": gives("undetermined_numerator", case(LIVER, FIRST, *TESTS), fill="episode.ecog"),
        "status UNK": gives("undetermined_numerator", case(LIVER, FIRST, *TESTS, ecog="UNK"), "episode.ecog UNK"),
        "status ND": gives("non_adherent", case(LIVER, FIRST, *TESTS, ecog="ND"), "episode.ecog ND"),
        "site blank": gives(
            "undetermined_numerator",
            case(LIVER, FIRST, *TESTS, ecog="1", primary={"site": ""}),
            fill="primary_tumor.site",
        ),
        "site ND": gives("non_adherent", case(LIVER, FIRST, *TESTS, ecog="1", primary={"site": "ND"})),
        "a known ND decides beside what is blank": gives("non_adherent", case(LIVER, FIRST, ecog="ND")),
        "two other sites": gives("adherent", case(LIVER, site("bone"), FIRST, *TESTS, ecog="1")),
        "lymphangitic": gives("adherent", case(FIRST, *TESTS, ecog="1", lymphangitic="yes"), "route R-LYM"),
        "isolated": gives("not_applicable", case(FIRST, *TESTS, ecog="1"), "route R-MET"),
        "no systemic therapy": gives(
            "not_applicable", case(LIVER, SURGERY, ecog="ND"), "systemic therapy from the detection on: no"
        ),
        "route open": gives("undetermined_denominator", case(FIRST, lymphangitic=""), fill="episode.lymphangitic"),
        "no reason is listed for it": gives(
            "non_adherent", case(LIVER, FIRST, *TESTS, exception("GEN9", "refusal"), ecog="ND")
        ),
    }
)
def test_gen9(one: Expected) -> None:
    assert one.differences("GEN9") == []
