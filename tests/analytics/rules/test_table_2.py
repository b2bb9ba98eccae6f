"""Hand-made cases of the strategies of Table 2: TB2A and TB2B."""

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
POST = systemic("2020-12-01", "2021-03-01", "postoperative")


def synchronous(*rows: Row, **changes: Any) -> Registry:
    """Synchronous, isolated, resectable metastases of a rectal cancer at 8 cm, cT3 N0, in situ."""
    return case(*rows, synchronous=True, **changes)


def primary(**given: str) -> dict[str, Any]:
    """What is recorded of the primary."""
    return {"primary": given}


# TB2A: locally advanced cancer of the middle or low rectum.

COURSE = (PRE, RT, PRIMARY, LUNG, POST)
PREPARED = (PRE, RT, PRIMARY)


@each(
    {
        "option 1": gives(
            "adherent",
            synchronous(*COURSE),
            "primary_tumor.rectal_height_cm 8",
            "primary_tumor.c_t T3",
            "systemic_therapy.started_on 2020-06-10",
            "local_treatment.modality radiotherapy",
            "local_treatment.started_on 2020-10-01 and 2020-11-01",
            "systemic_therapy.started_on 2020-12-01",
        ),
        "option 2": gives("adherent", synchronous(*COURSE, BETWEEN)),
        "both resections on one day": gives("adherent", synchronous(*PREPARED, local("2020-10-01"), POST)),
        "lung surgery of any intent": gives("adherent", synchronous(*PREPARED, local("2020-11-01", intent=""), POST)),
        "a second lung operation before the primary": gives("adherent", synchronous(*COURSE, local("2020-07-01"))),
        "an emergency resection of the primary": gives(
            "adherent", synchronous(PRE, RT, primary_resected("2020-10-01", intent="emergency"), LUNG, POST)
        ),
        "preoperative by its start, whatever its intent": gives(
            "adherent", synchronous(systemic("2020-06-10", "2020-09-01", "conversion"), RT, PRIMARY, LUNG, POST)
        ),
        "no systemic therapy before": gives("non_adherent", synchronous(RT, PRIMARY, LUNG, POST), "2020-12-01"),
        "systemic therapy from the day of the resection on": gives(
            "non_adherent", synchronous(systemic("2020-10-01", "2020-10-05"), RT, PRIMARY, LUNG, POST)
        ),
        "only palliative systemic therapy before": gives(
            "non_adherent", synchronous(systemic("2020-06-10", "2020-09-01", "palliative"), RT, PRIMARY, LUNG, POST)
        ),
        "no radiotherapy": gives("non_adherent", synchronous(PRE, PRIMARY, LUNG, POST), "modality resection"),
        "radiotherapy after the resection": gives(
            "non_adherent", synchronous(PRE, radiotherapy("2020-10-10"), PRIMARY, LUNG, POST), "started_on 2020-10-10"
        ),
        "radiotherapy of the lung": gives(
            "non_adherent", synchronous(PRE, local("2020-06-15", modality="radiotherapy"), PRIMARY, LUNG, POST)
        ),
        "the primary not resected": gives("non_adherent", synchronous(PRE, RT, LUNG, POST), "resection of the primary"),
        "a palliative resection of the primary": gives(
            "non_adherent", synchronous(PRE, RT, primary_resected("2020-10-01", intent="palliative"), LUNG, POST)
        ),
        "the lung not resected": gives("non_adherent", synchronous(*PREPARED, POST), "lung surgery: no"),
        "SBRT of the lung": gives("non_adherent", synchronous(*PREPARED, local("2020-11-01", modality="sbrt"), POST)),
        "the lung first": gives(
            "non_adherent", synchronous(*PREPARED, local("2020-09-30"), POST), "started_on 2020-10-01 and 2020-09-30"
        ),
        "no adjuvant therapy": gives(
            "non_adherent", synchronous(*PREPARED, LUNG), "systemic_therapy.intent preoperative"
        ),
        "adjuvant therapy only between": gives(
            "non_adherent", synchronous(*PREPARED, systemic("2020-10-15", "2020-10-25", "postoperative"), LUNG)
        ),
        "adjuvant therapy from the day of the operation on, read as not after it": gives(
            "non_adherent", synchronous(*PREPARED, LUNG, systemic("2020-11-01", "2020-12-01", "postoperative"))
        ),
        "palliative therapy after it": gives(
            "non_adherent", synchronous(*PREPARED, LUNG, systemic("2020-12-01", "2021-03-01", "palliative"))
        ),
        "adjuvant therapy of the next episode": gives(
            "non_adherent", synchronous(*PREPARED, LUNG, systemic("2022-02-01", "2022-05-01", "postoperative"), LATER)
        ),
        "one part not done though others are unknown": gives(
            "non_adherent", synchronous(radiotherapy("", episode_no="1"), PRIMARY, LUNG, POST)
        ),
        "intent of the systemic therapy blank": gives(
            "undetermined_numerator",
            synchronous(systemic("2020-06-10", "2020-09-01", ""), RT, PRIMARY, LUNG, POST),
            fill="systemic_therapy.intent",
        ),
        "day of the radiotherapy UNK": gives(
            "undetermined_numerator",
            synchronous(PRE, radiotherapy("UNK", episode_no="1"), PRIMARY, LUNG, POST),
            fill="local_treatment.started_on",
        ),
        "day of the resection blank": gives(
            "undetermined_numerator",
            synchronous(PRE, RT, primary_resected("", episode_no="1"), LUNG, POST),
            fill="local_treatment.started_on",
        ),
        "intent after the operations NASK": gives(
            "undetermined_numerator",
            synchronous(*PREPARED, LUNG, systemic("2020-12-01", "2021-03-01", "NASK")),
            fill="systemic_therapy.intent",
        ),
        "organ preservation": gives(
            "excluded",
            synchronous(PRE, **primary(organ_preservation="yes")),
            "primary_tumor.organ_preservation yes",
        ),
        "organ preservation, and yet the whole course": gives(
            "excluded", synchronous(*COURSE, **primary(organ_preservation="yes"))
        ),
        "organ preservation not known": gives("adherent", synchronous(*COURSE, **primary(organ_preservation="UNK"))),
    }
)
def test_tb2a(one: Expected) -> None:
    assert one.differences("TB2A") == []


@each(
    {
        "10.0 cm": gives("adherent", synchronous(*COURSE, **primary(rectal_height_cm="10.0")), "rectal_height_cm 10"),
        "10.1 cm": gives(
            "not_applicable", synchronous(*COURSE, **primary(rectal_height_cm="10.1")), "rectal_height_cm 10.1"
        ),
        "height blank": gives(
            "undetermined_denominator",
            synchronous(*COURSE, **primary(rectal_height_cm="")),
            fill="primary_tumor.rectal_height_cm",
        ),
        "height NAP of a number": gives(
            "undetermined_denominator",
            synchronous(*COURSE, **primary(rectal_height_cm="NAP")),
            fill="primary_tumor.rectal_height_cm",
        ),
        "T2 N0": gives("not_applicable", synchronous(*COURSE, **primary(c_t="T2")), "primary_tumor.c_t T2"),
        "T0 N0": gives("not_applicable", synchronous(*COURSE, **primary(c_t="T0"))),
        "T2 N1c": gives("adherent", synchronous(*COURSE, **primary(c_t="T2", c_n="N1c")), "primary_tumor.c_n N1c"),
        "T4a NX": gives("adherent", synchronous(*COURSE, **primary(c_t="T4a", c_n="NX")), "primary_tumor.c_t T4a"),
        "TX N0": gives("undetermined_denominator", synchronous(*COURSE, **primary(c_t="TX")), "primary_tumor.c_t TX"),
        "T2, N blank": gives(
            "undetermined_denominator", synchronous(*COURSE, **primary(c_t="T2", c_n="")), fill="primary_tumor.c_n"
        ),
        "colon, T blank": gives(
            "not_applicable", synchronous(*COURSE, **primary(site="cecum", c_t="")), "primary_tumor.site cecum"
        ),
        "rectosigmoid junction": gives("not_applicable", synchronous(*COURSE, **primary(site="rectosigmoid_junction"))),
        "site UNK": gives(
            "undetermined_denominator", synchronous(*COURSE, **primary(site="UNK")), fill="primary_tumor.site"
        ),
        "unresectable": gives("not_applicable", synchronous(*COURSE, resectability="unresectable"), "route R-UNR"),
        "resectability blank": gives(
            "undetermined_denominator", synchronous(*COURSE, resectability=""), fill="episode.resectability"
        ),
        "another site": gives("not_applicable", synchronous(*COURSE, site("liver")), "route R-LIV"),
        "metachronous": gives("not_applicable", case(POST), "route R-MET"),
    }
)
def test_tb2a_denominator(one: Expected) -> None:
    assert one.differences("TB2A") == []


@pytest.mark.parametrize("rule", ["TB2A", "TB2B"])
@pytest.mark.parametrize("reason", REASONS)
def test_reasons_of_table_2(rule: str, reason: str) -> None:
    stage = primary() if rule == "TB2A" else primary(site="cecum")
    accepted = reason in ("refusal", "toxicity", "performance_status", "contraindication")
    found = gives(
        "exception" if accepted else "non_adherent",
        synchronous(PRE, exception(rule, reason), **stage),
        f"rule_exception.reason {reason}" if accepted else ": no",
    )
    assert found.differences(rule) == []
    other = "TB2B" if rule == "TB2A" else "TB2A"
    assert outcome(synchronous(PRE, exception(other, reason), **stage), rule) == "non_adherent"
    elsewhere = exception(rule, reason, episode_no="2")
    assert outcome(synchronous(PRE, elsewhere, LATER, **stage), rule) == "non_adherent"


@each(
    {
        "the day of the detection": gives("pending", synchronous(), "the treatment may still come", cut="2020-06-01"),
        "183 days after it": gives("pending", synchronous(), cut="2020-12-01"),
        "184 days after it": gives("non_adherent", synchronous(), cut="2020-12-02"),
        "observation was decided": gives("non_adherent", synchronous(observation_chosen="yes"), cut="2020-07-01"),
        "under preoperative therapy": gives("pending", synchronous(PRE), cut="2020-08-01"),
        "91 days after preoperative therapy": gives("pending", synchronous(PRE, RT), cut="2020-12-01"),
        "92 days after it": gives("non_adherent", synchronous(PRE, RT), cut="2020-12-02"),
        "the primary resected, the lung to come": gives("pending", synchronous(*PREPARED), cut="2020-10-15"),
        "the primary resected without radiotherapy": gives("non_adherent", synchronous(PRE, PRIMARY), cut="2020-10-15"),
        "92 days after the last radical operation": gives(
            "pending", synchronous(*PREPARED, LUNG), "postoperative therapy may still come", cut="2021-02-01"
        ),
        "93 days after it": gives("non_adherent", synchronous(*PREPARED, LUNG), cut="2021-02-02"),
        "adjuvant therapy under way": gives("adherent", synchronous(*COURSE), cut="2020-12-01"),
        "the lung first, within 92 days": gives(
            "non_adherent", synchronous(*PREPARED, local("2020-09-30")), cut="2020-12-15"
        ),
        "a reason comes before waiting": gives(
            "exception", synchronous(exception("TB2A", "refusal")), cut="2020-06-01"
        ),
    }
)
def test_tb2a_while_it_may_still_come(one: Expected) -> None:
    assert one.differences("TB2A") == []


PARTS = ("TB2Aa", "TB2Ab", "TB2Ac", "TB2Ad", "TB2Ae")
A, N, P, U = "adherent", "non_adherent", "pending", "undetermined_numerator"


@pytest.mark.parametrize(
    ("rows", "outcomes"),
    [
        pytest.param(COURSE, (A, A, A, A, A), id="all"),
        pytest.param((RT, PRIMARY, LUNG, POST), (N, A, A, A, A), id="no systemic therapy before"),
        pytest.param((PRE, PRIMARY, LUNG, POST), (A, N, A, A, A), id="no radiotherapy"),
        pytest.param((*PREPARED, LUNG), (A, A, A, N, A), id="no adjuvant therapy"),
        pytest.param((*PREPARED, POST), (A, A, N, N, N), id="the lung not resected, so nothing is after both"),
        pytest.param(
            (PRE, RT, LUNG, POST), (A, A, N, N, N), id="the primary not resected: any is before it, as a reading"
        ),
        pytest.param((*PREPARED, local("2020-09-30"), POST), (A, A, A, A, N), id="the lung first"),
        pytest.param((*PREPARED, local("2020-10-01"), POST), (A, A, A, A, A), id="both on one day"),
        pytest.param((), (N, N, N, N, N), id="nothing"),
        pytest.param(
            (systemic("2020-06-10", "2020-09-01", ""), RT, PRIMARY, LUNG, POST), (U, A, A, A, A), id="intent blank"
        ),
        pytest.param((PRE, radiotherapy("", episode_no="1"), PRIMARY, LUNG, POST), (A, U, A, A, A), id="undated"),
    ],
)
def test_parts_of_tb2a(rows: tuple[Row, ...], outcomes: tuple[str, ...]) -> None:
    made = synchronous(*rows)
    assert tuple(outcome(made, "TB2A", part) for part in PARTS) == outcomes


@pytest.mark.parametrize(
    ("rows", "cut", "outcomes"),
    [
        pytest.param((), "2020-12-01", (P, P, P, P, P), id="untreated for 183 days"),
        pytest.param((), "2020-12-02", (N, N, N, N, N), id="untreated for 184 days"),
        pytest.param((PRE,), "2020-08-01", (A, P, P, P, P), id="under systemic therapy"),
        pytest.param((PRE, PRIMARY), "2020-10-15", (A, N, P, P, P), id="the primary resected without radiotherapy"),
        pytest.param((*PREPARED, LUNG), "2021-02-01", (A, A, A, P, A), id="92 days after the operation"),
        pytest.param((*PREPARED, LUNG), "2021-02-02", (A, A, A, N, A), id="93 days after the operation"),
    ],
)
def test_parts_of_tb2a_that_may_still_come(rows: tuple[Row, ...], cut: str, outcomes: tuple[str, ...]) -> None:
    made = synchronous(*rows)
    assert tuple(outcome(made, "TB2A", part, cut=cut) for part in PARTS) == outcomes


def test_organ_preservation_excludes_the_parts_too() -> None:
    made = synchronous(PRE, **primary(organ_preservation="yes"))
    assert {outcome(made, "TB2A", part) for part in PARTS} == {"excluded"}


def test_the_options_of_row_1() -> None:
    assert outcome(synchronous(*COURSE), "TB2A", "option_2") == "non_adherent"
    assert outcome(synchronous(*COURSE, BETWEEN), "TB2A", "option_2") == "adherent"


# TB2B: early cancer of the rectum, upper rectum, colon.

COLON = primary(site="sigmoid_colon")
DIRECT = (PRIMARY, LUNG, POST)


@each(
    {
        "option 3": gives(
            "adherent",
            synchronous(*DIRECT, **COLON),
            "primary_tumor.site sigmoid_colon",
            "local_treatment.started_on 2020-10-01 and 2020-11-01",
            "systemic_therapy.intent postoperative",
        ),
        "option 1": gives("adherent", synchronous(PRE, *DIRECT, **COLON)),
        "option 2": gives("adherent", synchronous(PRIMARY, BETWEEN, LUNG, POST, **COLON)),
        "both resections on one day": gives("adherent", synchronous(PRIMARY, local("2020-10-01"), POST, **COLON)),
        "organ preservation is no exclusion here": gives(
            "adherent", synchronous(*DIRECT, **primary(site="sigmoid_colon", organ_preservation="yes"))
        ),
        "the lung first": gives(
            "non_adherent",
            synchronous(PRIMARY, local("2020-09-30"), POST, **COLON),
            "started_on 2020-10-01 and 2020-09-30",
        ),
        "no adjuvant therapy": gives("non_adherent", synchronous(PRIMARY, LUNG, **COLON), "systemic_therapy no row"),
        "adjuvant therapy before the last operation": gives(
            "non_adherent", synchronous(PRIMARY, systemic("2020-10-15", "2020-10-25", "postoperative"), LUNG, **COLON)
        ),
        "the primary not resected": gives("non_adherent", synchronous(LUNG, POST, **COLON)),
        "a palliative resection of the primary": gives(
            "non_adherent", synchronous(primary_resected("2020-10-01", intent="palliative"), LUNG, POST, **COLON)
        ),
        "the lung not resected": gives("non_adherent", synchronous(PRIMARY, POST, **COLON), "lung surgery: no"),
        "the lung resected in the next episode": gives(
            "non_adherent", synchronous(PRIMARY, local("2022-02-01"), POST, LATER, **COLON)
        ),
        "intent after the operations blank": gives(
            "undetermined_numerator",
            synchronous(PRIMARY, LUNG, systemic("2020-12-01", "2021-03-01", ""), **COLON),
            fill="systemic_therapy.intent",
        ),
        "day of the lung surgery UNK": gives(
            "undetermined_numerator",
            synchronous(PRIMARY, local("UNK", episode_no="1"), POST, **COLON),
            fill="local_treatment.started_on",
        ),
        "day of the adjuvant therapy UNK": gives(
            "undetermined_numerator",
            synchronous(PRIMARY, LUNG, systemic("UNK", "", "postoperative", episode_no="1"), **COLON),
            fill="systemic_therapy.started_on",
        ),
    }
)
def test_tb2b(one: Expected) -> None:
    assert one.differences("TB2B") == []


@each(
    {
        "colon T4 N2": gives("adherent", synchronous(*DIRECT, **primary(site="cecum", c_t="T4b", c_n="N2a"))),
        "colon, stage blank": gives("adherent", synchronous(*DIRECT, **primary(site="cecum", c_t="", c_n=""))),
        "rectosigmoid junction": gives("adherent", synchronous(*DIRECT, **primary(site="rectosigmoid_junction"))),
        "upper rectum": gives(
            "adherent", synchronous(*DIRECT, **primary(rectal_height_cm="10.1")), "rectal_height_cm 10.1"
        ),
        "upper rectum, T unknown": gives("adherent", synchronous(*DIRECT, **primary(rectal_height_cm="12", c_t="TX"))),
        "low rectum T2 N0": gives("adherent", synchronous(*DIRECT, **primary(c_t="T2")), "primary_tumor.c_t T2"),
        "rectum T2 N0, height blank": gives("adherent", synchronous(*DIRECT, **primary(c_t="T2", rectal_height_cm=""))),
        "low rectum Tis N0": gives("adherent", synchronous(*DIRECT, **primary(c_t="Tis"))),
        "low rectum T3 N0": gives("not_applicable", synchronous(*DIRECT), "primary_tumor.c_t T3"),
        "low rectum T2 N1": gives("not_applicable", synchronous(*DIRECT, **primary(c_t="T2", c_n="N1")), "c_n N1"),
        "10.0 cm, T3": gives("not_applicable", synchronous(*DIRECT, **primary(rectal_height_cm="10.0"))),
        "rectum T3, height blank": gives(
            "undetermined_denominator",
            synchronous(*DIRECT, **primary(rectal_height_cm="")),
            fill="primary_tumor.rectal_height_cm",
        ),
        "low rectum TX N0": gives(
            "undetermined_denominator", synchronous(*DIRECT, **primary(c_t="TX")), "primary_tumor.c_t TX"
        ),
        "low rectum T2, N UNK": gives(
            "undetermined_denominator",
            synchronous(*DIRECT, **primary(c_t="T2", c_n="UNK")),
            fill="primary_tumor.c_n",
        ),
        "site blank": gives(
            "undetermined_denominator", synchronous(*DIRECT, **primary(site="")), fill="primary_tumor.site"
        ),
        "potentially resectable": gives(
            "not_applicable", synchronous(*DIRECT, resectability="potentially_resectable", **COLON), "route R-POT"
        ),
        "metachronous": gives("not_applicable", case(LUNG, POST, **COLON)),
    }
)
def test_tb2b_denominator(one: Expected) -> None:
    assert one.differences("TB2B") == []


@each(
    {
        "the day of the detection": gives("pending", synchronous(**COLON), cut="2020-06-01"),
        "183 days after it": gives("pending", synchronous(**COLON), cut="2020-12-01"),
        "184 days after it": gives("non_adherent", synchronous(**COLON), cut="2020-12-02"),
        "under preoperative therapy": gives("pending", synchronous(PRE, **COLON), cut="2020-08-01"),
        "the primary resected, the lung not, read as not done": gives(
            "non_adherent", synchronous(PRIMARY, **COLON), cut="2020-10-15"
        ),
        "92 days after the last radical operation": gives(
            "pending", synchronous(PRIMARY, LUNG, **COLON), "postoperative therapy may still come", cut="2021-02-01"
        ),
        "93 days after it": gives("non_adherent", synchronous(PRIMARY, LUNG, **COLON), cut="2021-02-02"),
    }
)
def test_tb2b_while_it_may_still_come(one: Expected) -> None:
    assert one.differences("TB2B") == []


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        ((PRE, *DIRECT), (A, N)),
        ((PRIMARY, BETWEEN, LUNG, POST), (N, A)),
        (DIRECT, (N, N)),
        ((PRE, BETWEEN, *DIRECT), (A, A)),
    ],
    ids=["option 1", "option 2", "option 3", "before and between"],
)
def test_the_options_of_row_2(rows: tuple[Row, ...], options: tuple[str, str]) -> None:
    made = synchronous(*rows, **COLON)
    assert tuple(outcome(made, "TB2B", name) for name in ("option_1", "option_2")) == options
