"""Decision support from hand-made records: what is due with its dates, strategies, groups of rules, what is missing."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest

from analytics.cohort import cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.logic import NO, UNKNOWN, YES
from analytics.consensus.readings import DEFAULT
from analytics.consensus.strategies import ROUTES, SITUATIONS
from analytics.consensus.strategy import Course, course
from analytics.consensus.verdicts import Outcome, Verdicts
from analytics.decision import EpisodeDecision, PatientDecision, SituationState, decide
from analytics.decision_due import Due, When
from analytics.decision_rules import Group, RuleState
from analytics.decision_words import behind
from registry import cells
from registry.errors import AnalysisRefused, InputRefused
from tests.analytics.hand import Registry
from tests.analytics.random_episodes import patients as random_patients

MARKERS = ("kras", "nras", "braf", "msi_mmr", "her2")


def decided(made: Registry, cut: str = "2020-06-01") -> PatientDecision:
    return decide(cohort_at(made.frames(), dt.date.fromisoformat(cut)), "P1")


def newest(made: Registry, cut: str = "2020-06-01") -> EpisodeDecision:
    return decided(made, cut).episodes[0]


def due(episode: EpisodeDecision, kind: str) -> list[Due]:
    return [item for item in episode.due if item.kind == kind]


def only(episode: EpisodeDecision, kind: str) -> Due:
    (found,) = due(episode, kind)
    return found


def situation(episode: EpisodeDecision) -> SituationState:
    (found,) = episode.situations
    return found


def courses(episode: EpisodeDecision) -> list[str]:
    return [strategy.course for strategy in situation(episode).strategies]


def base(**changes: str) -> Registry:
    """Colon cancer, lung metastases found in the work-up, resectable, without other sites."""
    made = Registry().patient(last_contact_on="2026-01-01")
    made.row(
        "primary_tumor", diagnosed_on="2020-01-01", workup_completed_on="2020-01-20", site="cecum", c_t="T3", c_n="N0"
    )
    usual = {"other_sites_assessed": "yes", "resectability": "resectable", "lymphangitic": "no", "lesion_count": "2"}
    return made.episode("2020-01-10", **(usual | changes))


def metachronous(**changes: str) -> Registry:
    """The same, found two years after resection of the primary."""
    made = Registry().patient(last_contact_on="2026-01-01")
    made.row(
        "primary_tumor", diagnosed_on="2018-01-01", workup_completed_on="2018-01-20", site="cecum", c_t="T3", c_n="N0"
    )
    made.row(
        "local_treatment", started_on="2018-02-01", target="primary", modality="resection", intent="radical",
        residual_tumor="R0",
    )  # fmt: skip
    usual = {"other_sites_assessed": "yes", "resectability": "resectable", "lymphangitic": "no"}
    return made.episode("2020-01-10", **(usual | {"local_recurrence": "none"} | changes))


def rectal(made: Registry | None = None) -> Registry:
    made = made or base()
    made.rows["primary_tumor"][0].update(site="rectum", rectal_height_cm="6", c_n="N1")
    return made


def primary(made: Registry, on: str) -> Registry:
    return made.operation(on, target="primary")


def drug(made: Registry, on: str, intent: str, end: str = "", **given: str) -> Registry:
    return made.row("systemic_therapy", started_on=on, ended_on=end, intent=intent, **given)


# Strategies.


@pytest.mark.parametrize(
    ("done", "without", "ordered", "expected"),
    [
        ((NO, NO), NO, True, Course.NOT_BEGUN),
        ((YES, NO), NO, True, Course.SO_FAR),
        ((YES, YES), NO, True, Course.FOLLOWED),
        ((NO, YES), NO, True, Course.LEFT),
        ((NO, YES), NO, False, Course.SO_FAR),
        ((YES, UNKNOWN), NO, True, Course.UNDETERMINED),
        ((UNKNOWN, YES), NO, True, Course.UNDETERMINED),
        ((NO, UNKNOWN, YES), NO, True, Course.LEFT),
        ((YES, YES), YES, True, Course.LEFT),
        ((YES, YES), UNKNOWN, True, Course.UNDETERMINED),
        ((YES, NO), UNKNOWN, True, Course.SO_FAR),
        ((NO, NO), YES, True, Course.LEFT),
    ],
)
def test_how_far_steps_follow_a_strategy(done: tuple[int, ...], without: int, ordered: bool, expected: Course) -> None:
    assert course(done, without, ordered=ordered) is expected


def _preoperative(made: Registry) -> Registry:
    drug(made, "2020-02-01", "preoperative", "2020-03-15")
    made.row(
        "local_treatment", started_on="2020-02-15", target="primary", modality="radiotherapy", intent="neoadjuvant"
    )
    return primary(made, "2020-04-15")


def test_table_2_row_1_tells_its_two_options_by_systemic_therapy_between_the_operations() -> None:
    begun = _preoperative(rectal())
    assert situation(newest(begun)).id == "table_2_row_1"
    assert courses(newest(begun)) == ["followed so far", "followed so far"]
    first = drug(_preoperative(rectal()).operation("2020-05-15"), "2020-06-10", "postoperative")
    assert courses(newest(first, "2020-12-01")) == ["followed", "not followed"]
    second = drug(_preoperative(rectal()), "2020-05-01", "preoperative", "2020-06-01").operation("2020-06-15")
    assert courses(newest(second, "2020-07-01")) == ["not followed", "followed so far"]
    drug(second, "2020-07-15", "postoperative")
    assert courses(newest(second, "2020-12-01")) == ["not followed", "followed"]


def test_table_2_row_2_has_three_options() -> None:
    assert courses(newest(base())) == ["not begun", "not begun", "not begun"]
    before = primary(drug(base(), "2020-02-01", "preoperative", "2020-03-01"), "2020-04-01")
    assert courses(newest(before)) == ["followed so far", "not followed", "not followed"]
    between = drug(primary(base(), "2020-02-01"), "2020-03-01", "preoperative", "2020-04-01")
    assert courses(newest(between)) == ["not followed", "followed so far", "not followed"]
    neither = primary(base(), "2020-02-01").operation("2020-02-01")
    assert courses(newest(neither)) == ["not followed", "not followed", "followed so far"]
    lung_first = base().operation("2020-02-01")
    assert courses(newest(lung_first)) == ["not begun", "not followed", "not followed"]


def test_a_resectable_local_recurrence_counts_as_the_primary() -> None:
    made = metachronous(local_recurrence="resectable")
    assert newest(made).route == "R-SYN"
    steps = [step.done for step in situation(newest(made)).strategies[2].steps]
    assert steps == [False, False, False], "the primary itself was resected before the recurrence"
    made.operation("2020-03-01", target="local_recurrence").operation("2020-04-01")
    assert courses(newest(made)) == ["not followed", "not followed", "followed so far"]


def test_table_3_tells_conversion_before_the_primary_from_conversion_after_it() -> None:
    before = drug(base(resectability="potentially_resectable"), "2020-02-01", "conversion")
    assert situation(newest(before)).id == "table_3"
    assert courses(newest(before)) == ["followed so far", "not followed"]
    after = drug(metachronous(resectability="potentially_resectable"), "2020-02-01", "conversion", "2020-04-01")
    assert courses(newest(after)) == ["not followed", "followed so far"]
    drug(after.operation("2020-05-01"), "2020-06-15", "postoperative")
    episode = newest(after, "2020-12-01")
    assert courses(episode) == ["not followed", "followed"]
    assert episode.converted is True
    assert episode.route == "R-POT", "the route stays the first declaration"


def test_metachronous_metastases_surgery_first_or_not() -> None:
    assert courses(newest(metachronous().operation("2020-02-01"))) == ["followed so far", "not followed"]
    later = drug(metachronous(), "2020-02-01", "preoperative", "2020-03-01")
    assert courses(newest(later)) == ["not followed", "followed so far"]


@pytest.mark.parametrize(
    ("lung", "other", "expected"),
    [
        ("yes", "yes", "table_4_row_1"),
        ("yes", "no", "table_4_row_2"),
        ("no", "yes", "table_4_row_3"),
        ("no", "no", "table_4_row_4"),
    ],
)
def test_the_row_of_table_4_follows_from_what_is_curable(lung: str, other: str, expected: str) -> None:
    made = base(curable=lung).row("metastasis", site="liver", detected_on="2020-01-12", curable=other)
    assert situation(newest(made)).id == expected
    made.row("metastasis", site="bone", detected_on="2020-01-12", curable=other)
    both = lung == other == "yes"
    assert situation(newest(made)).id == ("table_5_row_1" if both else "table_5_rows_2_to_4")


def test_the_rows_that_may_apply_are_shown_where_none_is_sure() -> None:
    made = base(curable="yes").row("metastasis", site="liver", detected_on="2020-01-12")
    found = newest(made).situations
    assert {item.id for item in found} == {"table_4_row_1", "table_4_row_2"}
    assert {item.applies for item in found} == {None}


@cache
def _random() -> Cases:
    rows = random_patients(seed=20190212, count=300)
    cohort = cohort_at(cells.frames(dict(rows)), dt.date(2025, 12, 31))
    return Cases(cohort.frames, cohort.data_cut)


def test_every_route_has_a_situation_and_no_other_route_shares_it() -> None:
    cases = _random()
    routes = cases.definitions.route
    applies = {item.id: item.applies(cases).codes for item in SITUATIONS}
    seen = set()
    for row in np.flatnonzero(cases.population.yes):
        route = routes.label(int(row))
        possible = {name for name, codes in applies.items() if codes[row] != NO}
        if route in ROUTES:
            seen.add(route)
            assert possible, (route, int(row))
    assert seen == set(ROUTES)


def _table_2_courses(seed: int, count: int) -> Cases:
    """Patients on the route of Table 2 with random treatments in a random order."""
    draw, made = random.Random(seed), Registry()
    for number in range(count):
        name = f"P{number}"
        made.patient(name, last_contact_on="2026-01-01").episode(
            "2020-01-10", name, other_sites_assessed="yes", resectability="resectable", lymphangitic="no"
        )
        site = (
            {"site": "rectum", "rectal_height_cm": "6", "c_t": "T3"} if number % 2 else {"site": "cecum", "c_t": "T2"}
        )
        made.row("primary_tumor", name, workup_completed_on="2020-01-20", c_n="N0", **site)
        days = iter(sorted(draw.sample(range(200), 7), key=lambda _: draw.random()))

        def on(after: int = 0, days: Iterator[int] = days) -> str:
            return str(dt.date(2020, 1, 15) + dt.timedelta(days=next(days) + after))

        if draw.random() < 0.8:
            given = {"started_on": on(-15), "ended_on": "2020-09-01", "intent": "preoperative"}
            made.row("systemic_therapy", name, **given)
        if draw.random() < 0.7:
            given = {"started_on": on(-15), "target": "primary", "modality": "radiotherapy", "intent": "neoadjuvant"}
            made.row("local_treatment", name, **given)
        if draw.random() < 0.9:
            made.operation(on(), name, target="primary")
        for _ in range(draw.choice((0, 1, 1, 1, 2))):
            made.operation(on(60), name)
        if draw.random() < 0.4:
            made.row("systemic_therapy", name, started_on=on(30), ended_on="2020-09-01", intent="preoperative")
        if draw.random() < 0.9:
            made.row("systemic_therapy", name, started_on=on(180), ended_on="", intent="postoperative")
    cohort = cohort_at(made.frames(), dt.date(2022, 1, 1))
    return Cases(cohort.frames, cohort.data_cut)


def test_table_2_is_followed_where_its_rule_is_and_nowhere_else() -> None:
    cases = _table_2_courses(seed=1, count=1200)
    outcomes = {item.rule.id: item.outcomes for item in Verdicts(cases).judgements if item.part is None}
    for rule, name in (("TB2A", "table_2_row_1"), ("TB2B", "table_2_row_2")):
        listed = next(item for item in SITUATIONS if item.id == name)
        applies = listed.applies(cases).codes == YES
        assert applies.sum() == 600
        followed = np.zeros((len(listed.strategies), len(applies)), dtype=bool)
        for at, strategy in enumerate(listed.strategies):
            steps = np.stack([step.done(cases).codes for step in strategy.steps], axis=1)
            without = np.zeros(len(applies)) if strategy.without is None else strategy.without(cases).codes
            for row in np.flatnonzero(applies):
                followed[at, row] = course([int(code) for code in steps[row]], int(without[row])) is Course.FOLLOWED
        adherent = outcomes[rule] == Outcome.ADHERENT
        assert adherent.sum() >= 20
        assert (followed.any(axis=0) == adherent).all(), np.flatnonzero(followed.any(axis=0) != adherent)
        assert followed.sum(axis=0).max() == 1, "the alternatives exclude each other"
        assert (followed.sum(axis=1) >= 3).all(), followed.sum(axis=1)


# What is due.


def test_an_untreated_episode_asks_for_an_mdt_meeting_work_up_and_tests_first() -> None:
    episode = newest(base(workup_log_complete="yes"), "2020-02-01")
    meeting = only(episode, "mdt")
    assert meeting.by == "before the first treatment"
    assert {rule for rule, _ in meeting.rules} == {"GEN1", "GEN2", "GEN3"}
    workup = only(episode, "workup")
    assert "high-resolution chest CT" in workup.text
    assert "KRAS, NRAS, BRAF, MSI or MMR, HER2" in only(episode, "molecular").text
    to_do = {state.rule_id for state in episode.in_group(Group.TO_DO)}
    assert to_do == {"GEN1", "GEN2", "GEN3", "IMG1", "MOL1", "MOL2"}


def test_what_a_meeting_settled_is_not_asked_again() -> None:
    made = base(workup_log_complete="yes").row("study", performed_on="2020-01-12", modality="chest_ct_high_resolution")
    made.row("mdt_meeting", held_on="2020-01-15", curability_assessed="yes", goal="")
    for marker in MARKERS:
        made.row("molecular_test", marker=marker, result="negative", reported_on="2020-01-15")
    episode = newest(made, "2020-02-01")
    assert only(episode, "mdt").text == "MDT meeting: goal of treatment"
    assert not due(episode, "workup")
    assert not due(episode, "molecular")
    assert {state.rule_id for state in episode.in_group(Group.TO_DO)} == {"GEN3"}


def test_the_open_time_ends_half_a_year_after_the_detection() -> None:
    assert only(newest(base(), "2020-02-01"), "open").until == dt.date(2020, 1, 10) + dt.timedelta(days=183)
    assert only(newest(base(), "2020-07-11"), "open").until == dt.date(2020, 7, 11)
    assert not due(newest(base(), "2020-07-12"), "open")


def test_the_open_time_lasts_with_preoperative_therapy_and_a_while_after_it() -> None:
    under_way = newest(drug(base(), "2020-02-01", "preoperative"), "2020-04-01")
    assert (only(under_way, "open").until, only(under_way, "open").by) == (
        None,
        "while preoperative therapy is under way",
    )
    made = drug(base(), "2020-02-01", "preoperative", "2020-04-01")
    last = only(newest(made, "2020-05-01"), "open").until
    assert last == dt.date(2020, 4, 1) + dt.timedelta(days=91)
    assert due(newest(made, last.isoformat()), "open")
    assert not due(newest(made, (last + dt.timedelta(days=1)).isoformat()), "open")


def test_postoperative_therapy_may_begin_until_three_months_after_the_operation() -> None:
    made = metachronous().operation("2020-03-01")
    item = only(newest(made, "2020-03-10"), "postoperative")
    assert (item.since, item.until) == (dt.date(2020, 3, 1), dt.date(2020, 6, 1))
    assert ("MET2", None) in item.rules
    assert due(newest(made, "2020-06-01"), "postoperative")
    assert not due(newest(made, "2020-06-02"), "postoperative")
    assert not due(newest(drug(made, "2020-03-20", "postoperative"), "2020-04-01"), "postoperative")


def test_the_days_of_perioperative_therapy_are_counted_to_their_limit() -> None:
    made = drug(metachronous().operation("2020-03-01"), "2020-04-01", "postoperative")
    item = only(newest(made, "2020-05-01"), "perioperative")
    assert "30 of 183 days used, under way" in item.text
    assert item.until == dt.date(2020, 4, 1) + dt.timedelta(days=183)
    assert not due(newest(metachronous().operation("2020-03-01"), "2020-05-01"), "perioperative")


def _ned(**study: str) -> Registry:
    made = metachronous(ned_on="2020-03-01", surveillance_log_complete="yes").operation("2020-03-01")
    return made.row("study", **({"modality": "chest_ct_plain"} | study)) if study else made


def test_the_next_window_has_its_first_and_last_day() -> None:
    item = only(newest(_ned(), "2020-06-15"), "surveillance")
    assert (item.when, item.since, item.until) == (When.TO_COME, dt.date(2020, 7, 1), dt.date(2020, 11, 1))
    now = only(newest(_ned(), "2020-07-01"), "surveillance")
    assert now.when is When.NOW
    assert now.rules == (("FUP2", "6"),)
    assert newest(_ned(), "2020-07-01").in_group(Group.TO_DO)
    done = only(newest(_ned(performed_on="2020-07-20"), "2020-08-01"), "surveillance")
    assert (done.when, done.rules) == (When.TO_COME, (("FUP2", "12"),))


def test_a_window_that_closed_without_a_ct_is_overdue_and_an_earlier_one_noted() -> None:
    found = due(newest(_ned(), "2021-06-01"), "surveillance")
    assert [(item.when, item.rules) for item in found] == [
        (When.OVERDUE, (("FUP2", "12"),)),
        (When.TO_COME, (("FUP2", "18"),)),
        (When.NOTED, ()),
    ]
    assert "missed at months 6 " in found[-1].text


def test_nothing_is_due_for_who_has_died_and_little_in_an_earlier_episode() -> None:
    assert not newest(base().died("2020-03-01")).due
    made = base()
    made.episode("2020-05-01", resectability="resectable", other_sites_assessed="yes")
    later, earlier = decided(made).episodes
    assert (later.current, earlier.current) == (True, False)
    assert due(later, "mdt")
    assert not earlier.due


def test_lung_function_is_asked_for_only_where_the_lung_may_be_treated() -> None:
    def asks(**changes: str) -> bool:
        made = drug(base(**changes), "2020-02-01", "palliative")
        made.row("metastasis", site="brain", detected_on="2020-01-12")
        return any("lung function" in item.text for item in newest(made).due)

    assert asks()
    assert not asks(curable="no")
    assert not asks(lymphangitic="yes")


# Rules and missing information.


def test_every_rule_is_in_one_group_and_the_groups_say_what_the_outcomes_do() -> None:
    episode = newest(drug(rectal(), "2020-02-01", "preoperative", "2020-03-01"), "2022-01-01")
    groups = {
        "adherent": {Group.FOLLOWED, Group.SHOWN},
        "non_adherent": {Group.NOT_FOLLOWED, Group.SHOWN, Group.TO_DO},
        "taken": {Group.OPTION, Group.SHOWN},
        "not_taken": {Group.OPTION, Group.SHOWN},
        "pending": {Group.OPEN, Group.TO_DO},
        "exception": {Group.EXCEPTION},
        "excluded": {Group.NOT_APPLICABLE, Group.TO_DO},
        "not_applicable": {Group.NOT_APPLICABLE},
        "undetermined_numerator": {Group.UNDETERMINED, Group.TO_DO},
        "undetermined_denominator": {Group.UNDETERMINED, Group.TO_DO},
    }
    for state in episode.rules:
        assert state.group in groups[state.outcome], state
    assert len({(state.rule_id, state.part) for state in episode.rules}) == len(episode.rules)
    assert not [state for state in episode.in_group(Group.NOT_FOLLOWED) if state.rule_id in ("GEN4", "GEN8", "SUR7")]


def test_the_column_that_decides_a_rule_alone_is_named_and_decides_it() -> None:
    made = metachronous(workup_log_complete="yes").operation("2020-03-01")
    missing = {(item.table, item.column): item for item in newest(made).missing}
    assert missing["local_treatment", "procedure"].decides == ("SUR3", "SUR4")
    made.rows["local_treatment"][-1].update(procedure="wedge")
    episode = newest(made)
    assert ("local_treatment", "procedure") not in {(item.table, item.column) for item in episode.missing}
    states = {state.rule_id: state.outcome for state in episode.rules if state.part is None}
    assert (states["SUR3"], states["SUR4"]) == ("adherent", "not_applicable")


def test_the_forms_come_in_the_order_of_what_they_decide() -> None:
    missing = newest(metachronous().operation("2020-03-01")).missing
    tables = list(dict.fromkeys(item.table for item in missing))
    assert [item.table for item in missing] == sorted((item.table for item in missing), key=tables.index)
    best = [max(len(item.decides) for item in missing if item.table == table) for table in tables]
    assert best == sorted(best, reverse=True)


def test_missing_information_covers_every_undetermined_rule() -> None:
    episode = newest(base(other_sites_assessed="").operation("2020-03-01"))
    named = {rule.split(" ")[0] for item in episode.missing for rule in (*item.decides, *item.helps)}
    undetermined = {
        state.rule_id
        for state in episode.rules
        if state.outcome.startswith("undetermined") and not (state.part and not state.part.isdigit())
    }
    assert undetermined
    assert named == undetermined
    assert episode.route == "undetermined"


# The patient as a whole.


def test_the_document_is_plain_and_holds_no_birth_date() -> None:
    found = decided(_ned(performed_on="2020-07-20")).to_dict()
    text = json.dumps(found)
    assert json.loads(text) == found
    assert "1950-06-15" not in text
    assert "birth" not in text
    assert found["age"] == 69
    assert found["episodes"][0]["age"] == 69
    assert found["readings"] == DEFAULT.to_dict()
    assert found["episodes"][0]["route"] == "R-MET"


def test_the_timeline_is_in_order_and_holds_every_dated_table() -> None:
    made = drug(_ned(performed_on="2020-07-20"), "2020-04-01", "postoperative")
    made.row("mdt_meeting", held_on="2020-01-15", goal="ned", topics="initial_strategy")
    made.row("molecular_test", marker="kras", result="mutated", reported_on="2020-01-20", specimen="primary")
    made.row("pathology", specimen="lung", sampled_on="2020-03-01", ck20="positive")
    made.row("follow_up", seen_on="2020-08-01", disease_status="ned")
    made.row("disease_event", occurred_on="2020-12-01", kind="recurrence", sites="lung")
    entries = decided(made, "2021-01-01").timeline
    days = [entry.on for entry in entries]
    assert days == sorted(days)
    said = {entry.text for entry in entries}
    assert {
        "MDT meeting: goal NED; initial strategy",
        "KRAS mutated (primary)",
        "lung: CK20 positive",
        "Visit: NED",
        "Recurrence: lung",
        "plain chest CT",
        "Episode 1: no evidence of disease",
    } <= said
    assert any(entry.under_way for entry in entries)


def test_age_is_that_of_death_and_unknown_where_its_day_is() -> None:
    assert decided(base().died("2020-06-14"), "2024-01-01").age == 69
    assert decided(base().died("2020-06-15"), "2024-01-01").age == 70
    made = base()
    made.rows["patient"][0].update(vital_status="dead", death_on="UNK")
    assert decided(made).age is None


def test_who_cannot_be_shown_is_said_to_be() -> None:
    with pytest.raises(InputRefused, match="no such patient"):
        decided(Registry())
    with pytest.raises(AnalysisRefused, match="withdrawn"):
        decided(Registry().patient(consent_status="withdrawn").episode())
    with pytest.raises(AnalysisRefused, match="no episode by 2020-01-09"):
        decided(base(), "2020-01-09")


def test_an_episode_without_lung_metastases_has_no_rules_and_yet_a_classification() -> None:
    episode = newest(base(lung_involved="no"))
    assert (episode.rules, episode.due, episode.situations, episode.missing) == ((), (), (), ())
    assert episode.defined("route") == "none"


def test_windows_that_differ_in_the_month_alone_are_told_together() -> None:
    def state(part: str | None, *because: str) -> RuleState:
        texts = ("FUP2", part, "t", "s", "source", "1", "S", Group.NOT_FOLLOWED, "non_adherent")
        return RuleState(*texts, because)

    found = behind(
        [
            state("6", "numerator: chest CT 6 months after NED: no (study.modality pet_ct)"),
            state("12", "numerator: chest CT 12 months after NED: no (study.modality pet_ct)"),
            state("36", "numerator: chest CT 36 months after NED: no (another)"),
            state(None, "numerator: within 6 months: no"),
        ]
    )
    assert found == [
        "chest CT 6, 12 months after NED: no (study.modality pet_ct)",
        "chest CT 36 months after NED: no (another)",
        "within 6 months: no",
    ]
