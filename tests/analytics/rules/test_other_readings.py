"""Each choice that the text leaves open, chosen otherwise: the same case, another verdict."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from analytics.adherence import Adherence
from analytics.audit.judged import judge
from analytics.cohort import cohort_at
from analytics.consensus.readings import DEFAULT, Readings
from analytics.consensus.rules import RULES
from tests.analytics.hand import CUT, Registry
from tests.analytics.rules.cases import (
    FOUND,
    Row,
    case,
    event,
    local,
    meeting,
    outcome,
    primary_resected,
    radiotherapy,
    site,
    study,
    systemic,
)
from tests.analytics.test_definitions import document


@dataclass(frozen=True)
class Otherwise:
    """A case of a rule with its outcome on the proposed readings and on other ones."""

    rule_id: str
    made: Registry
    usual: str
    readings: Readings
    other: str


FOLLOWED: tuple[Row, ...] = (local("2020-06-20"),)
IRINOTECAN = {"backbone": "irinotecan", "best_response": "SD"}
LYMPHANGITIC = {"lymphangitic": "yes"}
NED = {"ned_on": "2020-07-01"}
BOTH_RESECTED = (
    systemic("2020-06-10", "2020-08-01"),
    primary_resected("2020-09-01"),
    local("2020-09-01"),
    systemic("2020-10-01", "2020-12-01", "postoperative"),
)
WITH_GAP = (
    systemic("2020-06-10", "2020-08-10"),
    local("2020-09-01"),
    systemic("2020-11-01", "2021-02-01", "postoperative"),
)

CASES = {
    "any chest CT": Otherwise(
        "IMG1",
        case(study(FOUND, "chest_ct_plain")),
        "non_adherent",
        Readings(high_resolution_ct="any_chest_ct"),
        "adherent",
    ),
    "any chest CT, beside the liver": Otherwise(
        "ASM8",
        case(
            site("liver"),
            study(FOUND, "chest_ct_contrast"),
            study(FOUND, "abdomen_ct_contrast"),
            study(FOUND, "liver_mri_contrast"),
        ),
        "non_adherent",
        Readings(high_resolution_ct="any_chest_ct"),
        "adherent",
    ),
    "Table 6 for isolated metastases, abdomen": Otherwise(
        "ASM2",
        case(study(FOUND, "abdomen_ct_contrast")),
        "not_applicable",
        Readings(table_6_for="everyone"),
        "adherent",
    ),
    "Table 6 for isolated metastases, lung function": Otherwise(
        "ASM3", case(), "not_applicable", Readings(table_6_for="everyone"), "non_adherent"
    ),
    "Table 6 for isolated metastases, primary": Otherwise(
        "ASM1", case(synchronous=True), "not_applicable", Readings(table_6_for="everyone"), "non_adherent"
    ),
    "either systemic therapy or radiotherapy": Otherwise(
        "TB2A", case(*BOTH_RESECTED, synchronous=True), "non_adherent", Readings(table_2_slash="either"), "adherent"
    ),
    "neoadjuvant treatment whatever T and N": Otherwise(
        "REC1",
        case(
            meeting("2020-06-05", goal="ned"),
            systemic("2020-06-10", "2020-08-01"),
            radiotherapy("2020-08-10"),
            synchronous=True,
            primary={"c_t": "T2"},
        ),
        "not_applicable",
        Readings(rectal_neoadjuvant_for="all_mid_low"),
        "adherent",
    ),
    "stable disease is effective": Otherwise(
        "MET4",
        case(systemic("2020-06-10", "2020-08-01", **IRINOTECAN), local("2020-09-01")),
        "not_applicable",
        Readings(effective_response="with_stable"),
        "not_taken",
    ),
    "stable disease excepts from oxaliplatin": Otherwise(
        "MET3",
        case(
            systemic("2020-06-10", "2020-08-01", **IRINOTECAN),
            local("2020-09-01"),
            systemic("2020-10-01", "2020-12-01", "postoperative", backbone="irinotecan"),
        ),
        "non_adherent",
        Readings(effective_response="with_stable"),
        "exception",
    ),
    "technical reasons against surgery": Otherwise(
        "LIV8",
        case(site("liver"), unresectable_reason="number"),
        "not_applicable",
        Readings(surgery_ruled_out="technical"),
        "non_adherent",
    ),
    "a reason against surgery is no exception": Otherwise(
        "SUR1",
        case(synchronous=True, surgery_unsuitable_reason="refusal"),
        "exception",
        Readings(unsuitable_for_surgery="failure"),
        "non_adherent",
    ),
    "documented preoperative therapy does not apply": Otherwise(
        "MET1",
        case(meeting("2020-06-05", topics="preoperative_systemic"), systemic("2020-06-10", "2020-08-01"), *FOLLOWED),
        "exception",
        Readings(documented_preoperative="not_applicable"),
        "not_applicable",
    ),
    "radiofrequency alone": Otherwise(
        "ABL3",
        case(local("2020-06-20", modality="cryoablation"), lesion_count="1", zone="outer", near_vessel="no"),
        "adherent",
        Readings(outer_zone_ablation="radiofrequency"),
        "non_adherent",
    ),
    "lymphangitic: local treatment of the lung only": Otherwise(
        "LYM1",
        case(local("2020-06-20", "primary"), synchronous=True, **LYMPHANGITIC),
        "non_adherent",
        Readings(lymphangitic_local_treatment="lung_only"),
        "adherent",
    ),
    "days from the first to the last": Otherwise(
        "MET5", case(*WITH_GAP), "adherent", Readings(perioperative_count="calendar_span"), "non_adherent"
    ),
    "monitored from two months on": Otherwise(
        "GEN6",
        case(systemic("2020-06-10", "2020-08-20", response_assessed_on="2020-08-01")),
        "not_applicable",
        Readings(monitored_from_months=2),
        "adherent",
    ),
    "judged from 4 months after NED on": Otherwise(
        "FUP1",
        case(local("2020-06-20"), study("2020-10-01", "chest_ct_plain"), event("2020-12-01"), **NED),
        "not_applicable",
        Readings(surveillance_from_months=4),
        "adherent",
    ),
}


@pytest.mark.parametrize("one", CASES.values(), ids=CASES)
def test_another_reading_gives_another_verdict(one: Otherwise) -> None:
    assert outcome(one.made, one.rule_id) == one.usual
    assert outcome(one.made, one.rule_id, readings=one.readings) == one.other


@pytest.mark.parametrize("one", CASES.values(), ids=CASES)
def test_the_rule_names_the_reading_that_changes_it(one: Otherwise) -> None:
    assert set(one.readings.changed()) <= set(RULES[one.rule_id].readings)


@pytest.mark.parametrize(("months", "found"), [(6, "non_adherent"), (12, "adherent")])
def test_how_often_a_primary_that_was_kept_is_looked_at_is_a_reading(months: int, found: str) -> None:
    made = case(
        meeting("2020-06-05", goal="ned"),
        systemic("2020-06-10", "2020-08-01"),
        radiotherapy("2020-08-10", ended_on="2020-09-01"),
        local("2020-10-01"),
        study("2021-06-01", "colonoscopy"),
        synchronous=True,
        primary={"organ_preservation": "yes"},
    )
    assert outcome(made, "REC4", cut="2021-10-01", readings=Readings(monitored_every_months=months)) == found


@pytest.mark.parametrize(
    ("ended_on", "outcomes"),
    [
        ("2020-12-09", ("adherent", "adherent", "adherent")),  # 182 days
        ("2020-12-10", ("adherent", "non_adherent", "adherent")),
        ("2020-12-11", ("non_adherent", "non_adherent", "adherent")),
        ("2020-12-24", ("non_adherent", "non_adherent", "adherent")),
        ("2020-12-25", ("non_adherent", "non_adherent", "non_adherent")),  # 198 days
    ],
)
def test_the_literal_limit_and_the_one_with_grace_stand_beside(ended_on: str, outcomes: tuple[str, ...]) -> None:
    made = case(local("2020-06-02"), systemic("2020-06-10", ended_on, "postoperative"))
    assert tuple(outcome(made, "MET5", part) for part in (None, "literal", "grace")) == outcomes


def test_what_is_under_way_is_pending_as_long_as_its_own_limit_holds() -> None:
    made = case(local("2020-06-02"), systemic("2020-06-10", intent="postoperative"))
    parts = (None, "literal", "grace")
    found = {cut: tuple(outcome(made, "MET5", part, cut=cut) for part in parts) for cut in ("2020-12-10", "2020-12-20")}
    assert found["2020-12-10"] == ("pending", "non_adherent", "pending")
    assert found["2020-12-20"] == ("non_adherent", "non_adherent", "pending")


def _figures(made: Registry, rule_id: str, readings: Readings = DEFAULT) -> dict[str, Any]:
    cohort = cohort_at(made.frames(), dt.date.fromisoformat(CUT))
    judged = judge([cohort.read_by(readings)], rules=[RULES[rule_id]], bundles=False)
    return next(iter(Adherence(judged).documents()))


@pytest.mark.parametrize(("on", "strict"), [("2020-11-30", "non_adherent"), ("2020-12-01", "adherent")])
def test_the_strict_windows_stand_beside(on: str, strict: str) -> None:
    made = case(local("2020-06-20"), study(on, "chest_ct_plain"), **NED)
    assert outcome(made, "FUP2", "6") == "adherent"
    assert outcome(made, "FUP2", "strict 6") == strict
    (figure,) = _figures(made, "FUP2")["beside"]
    assert figure["name"] == "strict"
    assert figure["counts"]["adherent"] == (strict == "adherent")
    assert figure["population"] == 6


def test_gen4_is_scored_by_another_reading_only() -> None:
    made = case()
    for readings, scored in ((DEFAULT, False), (Readings(score_systemic_first=True), True)):
        figures = _figures(made, "GEN4", readings)
        assert figures["scored"] is scored
        assert figures["readings"]["changed"] == readings.changed()


@pytest.mark.parametrize(
    ("born", "completed", "exact", "at_detection"),
    [
        ("1950-06-01", False, True, False),
        ("1950-07-01", False, False, False),
        ("1949-06-15", True, True, False),
    ],
)
def test_older_than_70_can_be_read_in_three_ways(born: str, completed: bool, exact: bool, at_detection: bool) -> None:
    made = case(local("2020-07-01"), who={"birth_date": born})
    found = [
        document(made, Readings(age_of_factor=reading))["older_than_70"]
        for reading in ("completed_years", "exact", "at_detection")
    ]
    assert found == [completed, exact, at_detection]
