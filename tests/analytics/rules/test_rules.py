"""The rules as a catalogue, and what holds of every verdict on a simulated cohort."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from analytics.cohort import cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.logic import NO, UNKNOWN, YES, Mask
from analytics.consensus.readings import READINGS
from analytics.consensus.rule import MDT_DECISION, Direction, Rule
from analytics.consensus.rules import CHAPTERS, RULES
from analytics.consensus.verdicts import Judgement, Outcome, Verdicts
from registry import cells
from registry.simulate import simulate
from registry.tables import TABLES

STRENGTHS = {
    "GEN": "S S S Q S S I I S",
    "IMG": "S X S",
    "ASM": "S T T T T T X S Q",
    "PAT": "S S",
    "MOL": "S S Q W W",
    "LYM": "Q Q",
    "EMG": "S",
    "SUR": "S W Q X X0 W D",
    "TB2": "S T",
    "PER": "S X S",
    "ABL": "S S Q W Q Q",
    "POT": "S T S S",
    "UNR": "S W W W S",
    "LIV": "T T S T S Q Q S S D",
    "MUL": "S S S S",
    "REC": "S S W S",
    "MET": "S W S W X D",
    "NIN": "S",
    "FUP": "S S S S D",
}
"""The rules in the order of the text, with the class of the words that are printed there."""

LETTERS = "ABCDEFGHIJ"
EXPECTED = {
    f"{family}{LETTERS[number] if family == 'TB2' else number + 1}": strength
    for family, strengths in STRENGTHS.items()
    for number, strength in enumerate(strengths.split())
}
LAST_LINE = 692
"""Of the stored text of the consensus."""

OPTIONS = [rule for rule in RULES.values() if EXPECTED[rule.id] in ("W", "X0")]
CUT = dt.date(2025, 12, 31)


# The catalogue.


def test_every_rule_is_there_in_the_order_of_the_text_with_its_strength() -> None:
    assert {rule.id: rule.strength.value for rule in RULES.values()} == EXPECTED
    assert list(RULES) == list(EXPECTED)
    assert [rule.id for rules in CHAPTERS.values() for rule in rules] == list(EXPECTED)


def test_what_is_recommended_usual_limited_or_listed_is_scored_but_gen4() -> None:
    scored = {rule_id for rule_id, strength in EXPECTED.items() if strength in ("S", "Q", "X", "T")} - {"GEN4"}
    assert {rule.id for rule in RULES.values() if rule.scored} == scored
    assert "AMB-09" in str(RULES["GEN4"].unscored)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_says_what_it_asks_where_it_stands_and_why(rule: Rule) -> None:
    said = (rule.title, rule.statement, rule.source, rule.why)
    assert all(len(text) > 4 and text == text.strip() for text in said)
    assert rule.statement.endswith(".")
    assert rule.why.endswith(".")
    assert re.match(r"\d{4}-\d{2}-\d{2}$", rule.since)
    assert rule.version >= 1


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_lines_of_the_source_are_lines_of_the_text(rule: Rule) -> None:
    ranges = [[int(line) for line in part.split("-")] for part in rule.lines.split(", ")]
    assert ranges
    for lines in ranges:
        assert len(lines) in (1, 2)
        assert 1 <= lines[0] <= lines[-1] <= LAST_LINE


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_what_a_rule_names_exists(rule: Rule) -> None:
    assert set(rule.readings) <= set(READINGS)
    assert set(rule.reasons) <= set(TABLES["rule_exception"].fields["reason"].codes)
    assert [part.id for part in rule.parts] == [f"{rule.id}{letter}" for letter in "abcdefg"[: len(rule.parts)]]
    if rule.by_window is not None:
        assert rule.by_window in rule.readings
    if rule.reason_column is not None:
        table, _, column = rule.reason_column.partition(".")
        assert column in TABLES[table].fields


def test_composites_have_their_parts() -> None:
    assert {rule.id: len(rule.parts) for rule in RULES.values() if rule.parts} == {"ASM8": 3, "MOL1": 4, "TB2A": 5}


def test_an_mdt_decision_is_accepted_for_what_is_usual_only() -> None:
    usual = {rule_id for rule_id, strength in EXPECTED.items() if strength == "Q"}
    assert {rule.id for rule in RULES.values() if MDT_DECISION in rule.accepted} == usual | {"LIV2"}


def test_what_the_text_advises_against_should_not_happen() -> None:
    against = {rule_id for rule_id, strength in EXPECTED.items() if strength == "X"} | {"LYM1"}
    assert against <= {rule.id for rule in RULES.values() if rule.way is Direction.AVOIDED}
    assert all(rule.way is Direction.FREE for rule in OPTIONS)


def test_what_cannot_be_judged_by_episode_has_no_numerator() -> None:
    assert [rule.id for rule in RULES.values() if rule.met is None] == ["GEN7", "FUP5"]
    assert [rule.id for rule in RULES.values() if rule.unauditable is not None] == ["FUP5"]


# Every verdict on a simulated cohort.


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Verdicts:
    """All rules over 200 simulated patients."""
    folder = tmp_path_factory.mktemp("cohort")
    simulate(folder, patients=200, seed=7)
    cohort = cohort_at(cells.frames({name: _rows(folder / f"{name}.csv") for name in TABLES}), CUT)
    return Verdicts(Cases(cohort.frames, cohort.data_cut))


def _rows(path: Path) -> list[Mapping[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _is(judgement: Judgement, *outcomes: Outcome) -> Mask:
    return np.isin(judgement.outcomes, outcomes)


def _codes(judgement: Judgement, name: str, otherwise: int) -> np.ndarray:
    """What was found of a term, or a value of it where the rule has none."""
    term = judgement.terms[name]
    return np.full(len(judgement.outcomes), otherwise) if term is None else term.codes


def _by_episode(verdicts: Verdicts) -> list[Judgement]:
    return [judgement for judgement in verdicts.judgements if judgement.rule.by_window is None]


def test_every_episode_has_exactly_one_outcome_of_every_rule(verdicts: Verdicts) -> None:
    population = verdicts.cases.population.yes
    assert population.sum() > 150
    for judgement in _by_episode(verdicts):
        known = sum(int(_is(judgement, outcome).sum()) for outcome in Outcome if outcome is not Outcome.NO_LINE)
        assert known == population.sum(), judgement.rule.id
        assert (_is(judgement, Outcome.NO_LINE) == ~population).all(), judgement.rule.id


def test_options_are_taken_or_not_and_the_others_followed_or_not(verdicts: Verdicts) -> None:
    optional = {rule.id for rule in OPTIONS} | {"LIV10", "MET6"}
    for judgement in verdicts.judgements:
        option = judgement.rule.id in optional
        never = (
            (Outcome.ADHERENT, Outcome.NON_ADHERENT, Outcome.EXCEPTION)
            if option
            else (Outcome.TAKEN, Outcome.NOT_TAKEN)
        )
        assert not _is(judgement, *never).any(), judgement.rule.id


def test_outcomes_come_in_the_order_that_is_laid_down(verdicts: Verdicts) -> None:
    followed = (Outcome.ADHERENT, Outcome.TAKEN)
    failed = (Outcome.NON_ADHERENT, Outcome.NOT_TAKEN)
    for judgement in _by_episode(verdicts):
        there = ~_is(judgement, Outcome.NO_LINE)
        applies, met = _codes(judgement, "applies", YES), _codes(judgement, "met", NO)
        excluded = _codes(judgement, "excluded", NO) == YES
        excepted = (_codes(judgement, "excepted", NO) == YES) & (not judgement.rule.is_option)
        pending = _codes(judgement, "pending", NO) == YES
        left = there & (applies == YES)
        expected = {
            (Outcome.NOT_APPLICABLE,): there & (applies == NO),
            (Outcome.UNDETERMINED_DENOMINATOR,): there & (applies == UNKNOWN),
            (Outcome.EXCLUDED,): left & excluded,
            followed: left & ~excluded & (met == YES),
            (Outcome.EXCEPTION,): left & ~excluded & (met == NO) & excepted,
            (Outcome.PENDING,): left & ~excluded & (met != YES) & pending & ~((met == NO) & excepted),
            failed: left & ~excluded & (met == NO) & ~excepted & ~pending,
            (Outcome.UNDETERMINED_NUMERATOR,): left & ~excluded & (met == UNKNOWN) & ~pending,
        }
        for outcomes, where in expected.items():
            assert (_is(judgement, *outcomes) == where).all(), (judgement.rule.id, judgement.part, outcomes)


def test_a_rule_of_windows_has_one_line_for_the_whole_or_one_for_each_window(verdicts: Verdicts) -> None:
    population = verdicts.cases.population.yes
    for rule_id, months in (("FUP2", ["6", "12", "18", "24", "30", "36"]), ("FUP3", ["48", "60"])):
        whole, *windows = (judgement for judgement in verdicts.judgements if judgement.rule.id == rule_id)
        assert [window.part for window in windows] == months
        of_whole, of_windows = (~_is(whole, Outcome.NO_LINE)), [~_is(window, Outcome.NO_LINE) for window in windows]
        assert all((of_window == (population & ~of_whole)).all() for of_window in of_windows)
        assert of_windows[0].any()


def test_reasons_are_missing_only_where_a_rule_was_not_followed(verdicts: Verdicts) -> None:
    found = {judgement.rule.id: judgement for judgement in verdicts.judgements if judgement.reason_missing is not None}
    assert {"SUR1", "SUR3", "MET1"} <= set(found)
    for judgement in found.values():
        assert judgement.reason_missing is not None
        assert not (judgement.reason_missing & ~_is(judgement, Outcome.NON_ADHERENT)).any()


UNDETERMINED = (Outcome.UNDETERMINED_DENOMINATOR, Outcome.UNDETERMINED_NUMERATOR)


def test_every_line_says_why_and_what_is_undetermined_what_to_fill(verdicts: Verdicts) -> None:
    rows = np.flatnonzero(verdicts.cases.population.yes)[:80]
    for judgement in verdicts.judgements:
        for row in rows:
            outcome = Outcome(judgement.outcomes[row])
            if outcome is Outcome.NO_LINE:
                continue
            because = judgement.because(int(row))
            assert because, (judgement.rule.id, judgement.part, outcome)
            asked = [one for line in because for one in line.partition(", fill ")[2].split(", ") if one]
            if outcome is not Outcome.PENDING:  # what is pending can be unknown besides
                assert bool(asked) == (outcome in UNDETERMINED), (judgement.rule.id, because)
            for one in asked:
                table, _, column = one.split(" ")[0].partition(".")
                assert column in TABLES[table].fields, one
