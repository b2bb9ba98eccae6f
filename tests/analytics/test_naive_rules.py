"""The naive reading of the rules, checked by hand: at its boundaries, and where random records seldom come."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.analytics import naive_rules
from tests.analytics.hand import Registry, operated
from tests.analytics.naive_rules.unresectable import small

FOUND = dt.date(2020, 1, 10)
OPERATED = dt.date(2020, 3, 1)
LATE = dt.date(2025, 12, 31)


def day(on: dt.date, days: int = 0) -> str:
    """So many days after a day."""
    return str(on + dt.timedelta(days=days))


def of(registry: Registry, rule_id: str, part: str | None = None, cut: dt.date = LATE, episode: int = 1) -> str:
    """The outcome of one rule for the one patient."""
    return naive_rules.verdicts(registry.rows, cut)["P1", episode, rule_id, part]


def alone(**episode: str) -> Registry:
    """Isolated, resectable lung metastases found after the resection of the primary: R-MET."""
    primary = {"target": "primary", "modality": "resection", "intent": "radical", "started_on": "2018-01-01"}
    found = {"other_sites_assessed": "yes", "lymphangitic": "no", "local_recurrence": "none"}
    return (
        Registry()
        .patient()
        .row("primary_tumor", workup_completed_on="2017-12-01", site="rectum")
        .row("local_treatment", **primary)
        .episode(**(found | {"resectability": "resectable"} | episode))
    )


def together(height: str = "8", c_t: str = "T3", **episode: str) -> Registry:
    """Isolated, resectable lung metastases found with the primary: R-SYN."""
    found = {"other_sites_assessed": "yes", "lymphangitic": "no", "resectability": "resectable"}
    primary = {"workup_completed_on": "2020-02-01", "site": "rectum", "rectal_height_cm": height, "c_t": c_t}
    return Registry().patient().row("primary_tumor", **primary, c_n="N0").episode(**(found | episode))


def with_liver(lung: str = "yes", other: str = "yes", **episode: str) -> Registry:
    """Liver metastases beside, the primary resected before: R-LIV."""
    return alone(curable=lung, **episode).row("metastasis", site="liver", detected_on=day(FOUND), curable=other)


def therapy(registry: Registry, start: str, end: str = "", intent: str = "preoperative", **cells: str) -> Registry:
    """Systemic therapy added."""
    return registry.row("systemic_therapy", started_on=start, ended_on=end, intent=intent, **cells)


# Boundaries.


@pytest.mark.parametrize(
    ("days", "outcome"), [((91, 92), "adherent"), ((92, 92), "non_adherent"), ((183,), "adherent")]
)
def test_six_months_are_183_days_of_treatment(days: tuple[int, ...], outcome: str) -> None:
    registry, start = alone().operation(), OPERATED
    for length in days:
        therapy(registry, day(start), day(start, length), "postoperative")
        start += dt.timedelta(days=length + 100)
    assert of(registry, "MET5") == outcome


@pytest.mark.parametrize(("cut", "outcome"), [(183, "pending"), (184, "non_adherent")])
def test_therapy_under_way_is_pending_until_its_days_are_too_many(cut: int, outcome: str) -> None:
    registry = therapy(alone().operation(), day(OPERATED), "", "postoperative")
    assert of(registry, "MET5", cut=OPERATED + dt.timedelta(days=cut)) == outcome


@pytest.mark.parametrize(("cut", "outcome"), [(183, "pending"), (184, "non_adherent")])
def test_an_untreated_episode_is_open_for_183_days(cut: int, outcome: str) -> None:
    assert of(alone(), "MET1", cut=FOUND + dt.timedelta(days=cut)) == outcome


@pytest.mark.parametrize(("cut", "outcome"), [(91, "pending"), (92, "non_adherent")])
def test_preoperative_therapy_leaves_surgery_open_for_less_than_92_days(cut: int, outcome: str) -> None:
    end = FOUND + dt.timedelta(days=300)
    registry = therapy(together(), day(FOUND), day(end))
    assert of(registry, "SUR1", cut=end + dt.timedelta(days=cut)) == outcome


@pytest.mark.parametrize(("cut", "outcome"), [(92, "pending"), (93, "not_taken")])
def test_postoperative_therapy_may_come_until_92_days_after_the_operation(cut: int, outcome: str) -> None:
    assert of(alone().operation(), "MET2", cut=OPERATED + dt.timedelta(days=cut)) == outcome


WINDOW_EDGES = [
    ("6", "2020-07-01", "adherent"),
    ("6", "2020-06-30", "non_adherent"),
    ("6", "2020-11-01", "adherent"),
    ("6", "2020-11-02", "non_adherent"),
    ("48", "2023-12-01", "adherent"),
    ("48", "2024-06-01", "adherent"),
    ("48", "2024-06-02", "non_adherent"),
]


@pytest.mark.parametrize(("part", "scanned_on", "outcome"), WINDOW_EDGES)
def test_the_limits_of_a_window_belong_to_it(part: str, scanned_on: str, outcome: str) -> None:
    registry = alone(ned_on=day(OPERATED), surveillance_log_complete="yes").operation()
    registry.rows["patient"][0]["last_contact_on"] = day(LATE)
    registry.row("study", performed_on=scanned_on, modality="chest_ct_plain")
    assert of(registry, "FUP2" if part == "6" else "FUP3", part) == outcome


@pytest.mark.parametrize(
    ("change", "cut", "outcome"),
    [
        ({}, dt.date(2020, 10, 31), "pending"),
        ({}, dt.date(2020, 11, 1), "non_adherent"),
        ({"last_contact_on": "2020-10-31"}, LATE, "not_applicable"),
        ({"last_contact_on": "2020-10-31"}, dt.date(2020, 10, 31), "pending"),
        ({"last_contact_on": "UNK"}, LATE, "undetermined_denominator"),
    ],
)
def test_an_unmet_window_ends_is_open_is_lost_or_is_missed(change: dict[str, str], cut: dt.date, outcome: str) -> None:
    registry = alone(ned_on=day(OPERATED), surveillance_log_complete="yes").operation()
    registry.rows["patient"][0].update(change)
    assert of(registry, "FUP2", "6", cut) == outcome


@pytest.mark.parametrize(("event", "outcome"), [("2020-10-31", "not_applicable"), ("2020-11-01", "non_adherent")])
def test_a_window_that_closes_after_the_recurrence_has_ended(event: str, outcome: str) -> None:
    registry = alone(ned_on=day(OPERATED), surveillance_log_complete="yes").operation()
    assert of(registry.row("disease_event", occurred_on=event, kind="recurrence"), "FUP2", "6") == outcome


@pytest.mark.parametrize(("cut", "outcome"), [((2020, 10, 31), "not_applicable"), ((2020, 11, 1), "non_adherent")])
def test_follow_up_is_asked_for_from_eight_months(cut: tuple[int, int, int], outcome: str) -> None:
    registry = alone(ned_on=day(OPERATED), surveillance_log_complete="yes").operation()
    assert of(registry, "FUP1", cut=dt.date(*cut)) == outcome


@pytest.mark.parametrize(
    ("height", "c_t", "low", "other"),
    [
        ("10.0", "T3", "non_adherent", "not_applicable"),
        ("10.1", "T3", "not_applicable", "non_adherent"),
        ("10.0", "T2", "not_applicable", "non_adherent"),
        ("", "T3", "undetermined_denominator", "undetermined_denominator"),
        ("", "Tis", "not_applicable", "non_adherent"),
    ],
)
def test_ten_centimeters_are_still_low(height: str, c_t: str, low: str, other: str) -> None:
    registry = together(height, c_t).operation()
    assert (of(registry, "TB2A"), of(registry, "TB2B")) == (low, other)


@pytest.mark.parametrize(("size", "is_small"), [("9.9", True), ("10", False), ("10.0", False), ("", None)])
def test_ten_millimeters_are_not_small_and_decide_nothing(size: str, is_small: bool | None) -> None:
    registry = alone(resectability="unresectable", symptomatic="no", observation_chosen="yes", largest_mm=size)
    assert small(registry.rows["episode"][0]) is is_small
    assert (of(registry, "UNR2"), of(registry, "UNR1")) == ("taken", "exception")


@pytest.mark.parametrize("level", ["4.9", "5.0", "5.1", "900", "UNK", ""])
def test_the_tumor_marker_decides_no_rule(level: str) -> None:
    usual = naive_rules.verdicts(alone().operation().rows, LATE)
    assert naive_rules.verdicts(alone(cea_ng_ml=level).operation().rows, LATE) == usual


@pytest.mark.parametrize(
    ("days", "outcome"), [(-90, "adherent"), (-91, "non_adherent"), (51, "adherent"), (52, "non_adherent")]
)
def test_staging_begins_90_days_before_and_ends_with_the_first_treatment(days: int, outcome: str) -> None:
    registry = alone(workup_log_complete="yes").operation()
    scan = {"performed_on": day(FOUND, days), "modality": "chest_ct_high_resolution", "episode_no": "1"}
    assert of(registry.row("study", **scan), "IMG1") == outcome


@pytest.mark.parametrize(("days", "outcome"), [(0, "adherent"), (1, "non_adherent")])
def test_a_meeting_on_the_day_of_the_treatment_is_in_time(days: int, outcome: str) -> None:
    registry = alone().operation().row("mdt_meeting", held_on=day(OPERATED, days))
    assert of(registry, "GEN1") == outcome


@pytest.mark.parametrize(("word", "outcome"), [("no", "non_adherent"), ("", "undetermined_numerator")])
def test_without_a_meeting_the_answer_about_meetings_decides(word: str, outcome: str) -> None:
    assert of(alone(mdt_discussed=word).operation(), "GEN1") == outcome


@pytest.mark.parametrize(("held_on", "outcome"), [("2020-04-20", "adherent"), ("2020-04-21", "non_adherent")])
def test_curability_is_early_within_three_months(held_on: str, outcome: str) -> None:
    registry = therapy(alone(), "2020-01-20", "2020-06-01", "palliative")
    assert of(registry.row("mdt_meeting", held_on=held_on, curability_assessed="yes"), "GEN2") == outcome


@pytest.mark.parametrize(("length", "outcome"), [(92, "adherent"), (93, "non_adherent"), (20, "adherent")])
def test_therapy_before_liver_surgery_is_limited_to_92_days(length: int, outcome: str) -> None:
    registry = therapy(with_liver(), day(FOUND), day(FOUND, length))
    assert of(registry.operation(day(FOUND, 120), target="liver"), "LIV7") == outcome


@pytest.mark.parametrize(("found_on", "outcome"), [(31, "taken"), (32, "not_applicable")])
def test_a_site_found_within_31_days_is_of_the_episode(found_on: int, outcome: str) -> None:
    registry = alone().row("metastasis", site="liver", detected_on=day(FOUND, found_on))
    assert of(registry, "LIV10") == outcome


# Missing codes, exceptions, the order of the outcomes.


@pytest.mark.parametrize(
    ("rule_id", "cells", "outcome"),
    [
        ("EMG1", {"emergency": "NAP"}, "undetermined_denominator"),
        ("ASM6", {"bone_symptoms": "NAP"}, "not_applicable"),
        ("ASM6", {"bone_symptoms": "ND"}, "undetermined_denominator"),
        ("PAT2", {"basis": "imaging_mdt", "differential_documented": "ND"}, "non_adherent"),
        ("PAT2", {"basis": "imaging_mdt", "differential_documented": "NASK"}, "undetermined_numerator"),
        ("UNR2", {"resectability": "unresectable", "symptomatic": "no"}, "not_taken"),
        ("POT1", {"resectability": ""}, "undetermined_denominator"),
        ("LYM1", {"lymphangitic": "UNK"}, "undetermined_denominator"),
    ],
)
def test_the_missing_vocabulary(rule_id: str, cells: dict[str, str], outcome: str) -> None:
    assert of(alone(**cells), rule_id) == outcome


@pytest.mark.parametrize(
    ("reason", "outcome"), [("refusal", "exception"), ("toxicity", "non_adherent"), ("UNK", "non_adherent")]
)
def test_a_reason_that_the_rule_does_not_list_excepts_nothing(reason: str, outcome: str) -> None:
    registry = alone(lymphangitic="yes").row("rule_exception", episode_no="1", rule_id="LYM2", reason=reason)
    assert of(registry, "LYM2") == outcome


def test_a_marker_not_done_outweighs_markers_without_a_row() -> None:
    registry = alone().row("molecular_test", marker="kras", result="not_done")
    assert of(registry, "MOL1") == of(registry, "MOL1", "MOL1a") == "non_adherent"
    assert of(registry, "MOL1", "MOL1b") == "undetermined_numerator"


def test_table_2_in_its_order_is_met_and_an_upfront_resection_cannot_be_mended() -> None:
    registry = therapy(together(), "2020-01-20", "2020-03-20")
    registry.row("local_treatment", started_on="2020-02-01", target="primary", modality="radiotherapy")
    registry.operation("2020-05-01", target="primary")
    assert of(registry, "TB2A", cut=dt.date(2020, 5, 20)) == "pending"
    therapy(registry.operation("2020-05-01"), "2020-06-10", "2020-09-10", "postoperative")
    parts = [of(registry, "TB2A", part) for part in (None, "TB2Aa", "TB2Ab", "TB2Ac", "TB2Ad", "TB2Ae")]
    assert parts == ["adherent"] * 6
    upfront = together().operation("2020-02-01", target="primary")
    assert of(upfront, "TB2A", "TB2Aa", dt.date(2020, 2, 20)) == "non_adherent"
    assert of(upfront, "TB2A", cut=dt.date(2020, 2, 20)) == "non_adherent"


def test_two_treatments_of_which_one_has_no_date() -> None:
    """An undated treatment may belong to another episode: what hangs on it is unknown."""
    single = {"lesion_count": "1", "zone": "outer", "near_vessel": "no"}
    registry = alone(**single).operation(modality="sbrt").operation("", modality="cryoablation")
    assert of(registry, "ABL3") == "undetermined_numerator"
    swapped = alone(**single | {"zone": "inner"}).operation("", modality="sbrt").operation(modality="cryoablation")
    assert of(swapped, "ABL5") == "undetermined_numerator"


def test_table_4_where_the_therapy_is_open_or_has_no_date() -> None:
    soon = FOUND + dt.timedelta(days=100)
    for lung, other, rule_id in (("yes", "no", "LIV2"), ("no", "yes", "LIV3"), ("no", "no", "LIV4")):
        assert of(with_liver(lung, other), rule_id, cut=soon) == "pending"
        assert of(with_liver(lung, other), rule_id) == "non_adherent"
        undated = therapy(with_liver(lung, other), "UNK", "2020-08-01")
        assert of(undated, rule_id) == "undetermined_numerator"
    refused = with_liver("yes", "no").row("rule_exception", rule_id="LIV2", reason="mdt_decision")
    assert of(refused, "LIV2") == "exception"


def test_an_end_or_a_date_that_was_looked_for_in_vain() -> None:
    liver = therapy(with_liver(), day(FOUND), "UNK").operation(day(FOUND, 120), target="liver")
    assert of(liver, "LIV7") == "undetermined_numerator"
    reason = with_liver(surgery_unsuitable_reason="lung_function").operation("UNK", modality="sbrt")
    assert of(reason, "LIV8") == "undetermined_numerator"
    assert of(therapy(alone(resectability="unresectable"), "UNK"), "UNR1") == "undetermined_numerator"


def test_two_sites_with_treatment_of_unknown_date() -> None:
    registry = with_liver().row("metastasis", site="bone", detected_on=day(FOUND), curable="yes")
    assert of(therapy(registry, "UNK"), "MUL1") == "undetermined_numerator"
    assert of(registry.operation("UNK", episode_no="1"), "MUL3") == "undetermined_numerator"


def test_neoadjuvant_therapy_of_unknown_date() -> None:
    registry = therapy(together(), "UNK").row("mdt_meeting", held_on=day(FOUND), goal="ned")
    registry.row("local_treatment", started_on=day(FOUND, 9), target="primary", modality="radiotherapy")
    assert of(registry, "REC1") == "undetermined_numerator"


def test_the_primary_of_a_conversion_without_its_date() -> None:
    registry = together(resectability="potentially_resectable", local_recurrence="none").operation()
    registry.operation("", target="primary", episode_no="1")
    therapy(registry, day(FOUND), day(FOUND, 30), "conversion")
    therapy(registry, day(OPERATED, 30), day(OPERATED, 90), "postoperative")
    assert of(registry, "POT2") == "undetermined_numerator"


def test_irinotecan_goes_on_is_open_or_is_unknown() -> None:
    effective = {"backbone": "irinotecan", "best_response": "PR"}
    registry = therapy(alone(), day(FOUND), day(FOUND, 30), **effective).operation()
    assert of(registry, "MET4", cut=OPERATED + dt.timedelta(days=92)) == "pending"
    assert of(registry, "MET4") == "not_taken"
    assert of(therapy(registry, day(OPERATED, 30), intent="postoperative"), "MET4") == "undetermined_numerator"


@pytest.mark.parametrize(
    ("rule_id", "lesions", "modality"), [("ABL3", "1", "sbrt"), ("ABL5", "1", "cryoablation"), ("ABL6", "2", "sbrt")]
)
def test_reasons_of_local_treatment_without_surgery(rule_id: str, lesions: str, modality: str) -> None:
    found = {"lesion_count": lesions, "zone": "inner" if rule_id == "ABL5" else "outer", "near_vessel": "no"}
    registry = alone(**found, mdt_discussed="no").operation(modality=modality)
    assert of(registry, rule_id) == "non_adherent"
    assert of(registry.row("rule_exception", rule_id=rule_id, reason="mdt_decision"), rule_id) == "exception"


def test_no_lines_without_consent_or_without_lung_metastases() -> None:
    assert naive_rules.verdicts(operated(consent_status="withdrawn").rows, LATE) == {}
    assert naive_rules.verdicts(Registry().patient().episode(lung_involved="no").rows, LATE) == {}
    rules = {rule_id for _, _, rule_id, _ in naive_rules.verdicts(operated().rows, LATE)}
    assert rules == set(naive_rules.RULES)
    assert not rules & {"GEN7", "FUP5"}
