"""The rule engine against the slow reading of the same rules: every line of every rule, part and window agrees."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.consensus.logic import NO, YES
from analytics.consensus.readings import Readings
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Judgement, Outcome, Verdicts
from tests.analytics import naive_classification, naive_rules
from tests.analytics.naive_rules import base
from tests.analytics.random_records import CUT, Tables, cohort, random_record, records
from tests.analytics.reach import OPTIONS, expected
from tests.analytics.rule_lines import Key, cohort_of, differences, judged, lines, merged

RECORDS, SEED = 1500, 18
RARE = (187, 326, 457, 560, 903)
"""Seeds of single records that reach what the others do not."""


@dataclass(frozen=True)
class Bulk:
    """Many random records, judged by both."""

    verdicts: Verdicts
    engine: dict[Key, str]
    slow: dict[Key, str]


@pytest.fixture(scope="module")
def bulk() -> Bulk:
    """The random records and the rare ones, all of them through the engine at once."""
    rows = defaultdict(list, cohort(SEED, RECORDS))
    for table, group in merged(random_record(random.Random(seed)) for seed in RARE).items():
        rows[table] += group
    verdicts = judged(cohort_of(rows))
    return Bulk(verdicts, lines(verdicts), naive_rules.verdicts(rows, CUT))


def test_the_engine_and_the_slow_reading_agree_on_every_line(bulk: Bulk) -> None:
    assert len(bulk.engine) > 100 * RECORDS
    assert differences(bulk.engine, bulk.slow) == []


def test_every_rule_part_and_window_reaches_every_outcome_that_it_can(bulk: Bulk) -> None:
    reached = defaultdict[tuple[str, str | None], set[str]](set)
    for (_, _, rule_id, part), outcome in bulk.engine.items():
        reached[rule_id, part].add(outcome)
    assert {rule_id for rule_id, _ in reached} == set(naive_rules.RULES)
    assert set(RULES) - set(naive_rules.RULES) == {"GEN7", "FUP5"}
    for (rule_id, part), found in reached.items():
        # The whole of a rule that is judged by windows has a line only where there are none.
        windows = RULES[rule_id].by_window is not None and part is None
        wanted = {"not_applicable", "undetermined_denominator"} if windows else expected(rule_id)
        assert found == wanted, (rule_id, part)


def _codes(judgement: Judgement, name: str, otherwise: int = YES) -> np.ndarray:
    term = judgement.terms[name]
    return np.full(len(judgement.outcomes), otherwise) if term is None else term.codes


def test_the_outcomes_partition_the_population(bulk: Bulk) -> None:
    population = bulk.verdicts.cases.population.yes
    by_windows = defaultdict[str, list[Judgement]](list)
    for judgement in bulk.verdicts.judgements:
        by_windows[judgement.rule.id if judgement.rule.by_window else ""].append(judgement)
    for judgement in by_windows.pop(""):
        assert ((judgement.outcomes != Outcome.NO_LINE) == population).all(), judgement.rule.id
    for whole, *windows in by_windows.values():
        judged_whole = whole.outcomes != Outcome.NO_LINE
        for window in windows:
            assert ((window.outcomes != Outcome.NO_LINE) == (population & ~judged_whole)).all(), window.part


def test_an_outcome_says_what_is_known_of_denominator_and_numerator(bulk: Bulk) -> None:
    tried = Counter[Outcome]()
    for judgement in bulk.verdicts.judgements:
        if judgement.rule.by_window is not None:
            continue
        met, applies, outcomes = _codes(judgement, "met"), _codes(judgement, "applies"), judgement.outcomes
        tried.update(map(Outcome, outcomes.tolist()))
        name = (judgement.rule.id, judgement.part)
        for outcome, known in {
            Outcome.EXCEPTION: (applies == YES) & (met == NO),
            Outcome.NON_ADHERENT: (applies == YES) & (met == NO),
            Outcome.NOT_TAKEN: (applies == YES) & (met == NO),
            Outcome.ADHERENT: (applies == YES) & (met == YES),
            Outcome.TAKEN: (applies == YES) & (met == YES),
            Outcome.PENDING: (applies == YES) & (met != YES),
            Outcome.EXCLUDED: applies == YES,
            Outcome.NOT_APPLICABLE: applies == NO,
        }.items():
            assert known[outcomes == outcome].all(), (name, outcome)
    assert min(tried[outcome] for outcome in Outcome) > 10


def test_only_options_are_taken_or_not(bulk: Bulk) -> None:
    of_options, of_others = {"taken", "not_taken"}, {"adherent", "non_adherent", "exception", "excluded"}
    for (_, _, rule_id, _), outcome in bulk.engine.items():
        assert outcome not in (of_others if rule_id in OPTIONS else of_options), rule_id
    assert of_options | of_others <= set(bulk.engine.values())


@pytest.mark.parametrize("rule_id", ["MOL1", "ASM8", "TB2A"])
def test_the_whole_is_followed_where_every_part_is(bulk: Bulk, rule_id: str) -> None:
    parts = [part.id for part in RULES[rule_id].parts]
    tried = Counter[str]()
    for (patient_id, number, rule, part), whole in bulk.engine.items():
        if rule != rule_id or part is not None:
            continue
        found = [bulk.engine[patient_id, number, rule_id, name] for name in parts]
        if {whole, *found} & {"exception", "pending", "excluded"}:
            continue
        assert (whole == "adherent") == all(outcome == "adherent" for outcome in found)
        assert (whole == "non_adherent") == ("non_adherent" in found)
        tried[whole] += 1
    assert {"adherent", "non_adherent", "undetermined_numerator"} <= tried.keys()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(records(), min_size=25, max_size=25))
def test_they_agree_on_records_that_are_edited_further(several: list[Tables]) -> None:
    rows = merged(several)
    assert differences(lines(judged(cohort_of(rows))), naive_rules.verdicts(rows, CUT)) == []


# Other readings.


def _windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "WINDOWS", dict.fromkeys(base.WINDOWS, 1))


OTHER: dict[str, tuple[Readings, Callable[[pytest.MonkeyPatch], None]]] = {
    "six months with grace": (
        Readings(perioperative_days=197),
        lambda patched: patched.setattr(base, "PERIOPERATIVE_DAYS", 197),
    ),
    "strict windows": (
        Readings(surveillance_half_yearly_tolerance=1, surveillance_yearly_tolerance=1),
        _windows,
    ),
    "a meeting on the day is too late": (
        Readings(mdt_on_day_of_treatment="too_late"),
        lambda patched: patched.setattr(base, "MEETING_ON_THE_DAY", False),
    ),
    "staging from 60 days before": (
        Readings(staging_days_before=60),
        lambda patched: patched.setattr(base, "WORKUP_DAYS", 60),
    ),
    "middle rectum up to 12 cm": (
        Readings(mid_low_height_cm=12.0),
        lambda patched: patched.setattr(naive_classification, "MID_LOW_CM", 12.0),
    ),
}


@pytest.fixture(scope="module")
def few() -> Tables:
    """Random records for the other readings."""
    return cohort(2, 150)


@pytest.fixture(scope="module")
def usual(few: Tables) -> dict[Key, str]:
    """The lines of these on the readings that the registry proposes."""
    return lines(judged(cohort_of(few)))


@pytest.mark.parametrize("name", OTHER)
def test_they_agree_on_other_readings(
    name: str, few: Tables, usual: dict[Key, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    readings, change = OTHER[name]
    change(monkeypatch)
    found = lines(judged(cohort_of(few), readings))
    assert found != usual
    assert differences(found, naive_rules.verdicts(few, CUT)) == []


def test_they_agree_at_an_earlier_cut(few: Tables, usual: dict[Key, str]) -> None:
    cut = CUT - dt.timedelta(days=400)
    found = lines(judged(cohort_of(few, cut)))
    assert found != {key: outcome for key, outcome in usual.items() if key in found}
    assert differences(found, naive_rules.verdicts(few, cut)) == []
