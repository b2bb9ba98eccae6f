"""Decision support for one patient: what the record says, what the consensus lists, what is due, and what is not known.

Nothing here decides: the strategies are those of the consensus, and each state of a rule comes with what it was read
from. Unknown stays unknown, with the columns that would tell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.cohort import Cohort
from analytics.consensus.cases import Cases
from analytics.consensus.columns import MISSING
from analytics.consensus.logic import NO, YES, Decision
from analytics.consensus.strategies import ROUTES, SITUATIONS
from analytics.consensus.strategy import Course, Situation, Strategy, course
from analytics.consensus.verdicts import Outcome, Verdicts
from analytics.decision_due import Due, DueList, When
from analytics.decision_rules import Group, Missing, RuleState, missing_information, rule_states
from analytics.decision_timeline import Entry, entries
from analytics.schedule import day
from registry.errors import AnalysisRefused, InputRefused


@dataclass(frozen=True, slots=True)
class Defined:
    """A definition of the episode: its value in words, and why."""

    name: str
    value: str
    because: str


@dataclass(frozen=True, slots=True)
class StepState:
    """A step of a strategy: whether it was done, None where that is not known."""

    words: str
    done: bool | None


@dataclass(frozen=True, slots=True)
class StrategyState:
    """An alternative of a table, with how far the recorded treatment follows it."""

    number: int
    course: str
    steps: tuple[StepState, ...]


@dataclass(frozen=True, slots=True)
class SituationState:
    """A row of a table, or what the text says, that applies to the episode, or may.

    Args:
        applies: None where that is not known.
    """

    id: str
    words: str
    source: str
    lines: str
    applies: bool | None
    strategies: tuple[StrategyState, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpisodeDecision:
    """What there is to say of one episode.

    Args:
        age: in completed years on the day it was found.
        route_words: what the route means; "" where there is none.
        converted: whether what was not resectable at first was resected after systemic therapy; None: not known.
        current: whether it is the patient's last episode.
        rules: every rule, in the order of the text.
        due: what is due next.
        missing: what would decide the undetermined rules.
    """

    episode_no: int
    detected_on: dt.date | None
    age: int | None
    route: str
    route_words: str
    converted: bool | None
    current: bool
    classification: tuple[Defined, ...]
    situations: tuple[SituationState, ...]
    due: tuple[Due, ...]
    rules: tuple[RuleState, ...]
    missing: tuple[Missing, ...]

    def defined(self, name: str) -> str:
        """The value of a definition, in words."""
        return next(item.value for item in self.classification if item.name == name)

    def in_group(self, group: Group) -> list[RuleState]:
        """The rules in a group, without the parts of composites and the windows that are to come."""
        return [state for state in self.rules if state.group is group and not _is_beside(state)]


@dataclass(frozen=True, slots=True)
class PatientDecision:
    """What there is to say of one patient.

    Args:
        age: in completed years at death, else at the data cut.
        readings: how the text was read.
        episodes: the newest first.
    """

    patient_id: str
    center_id: str
    sex: str
    age: int | None
    vital_status: str
    last_contact_on: dt.date | None
    data_cut: dt.date
    readings: dict[str, Any]
    timeline: tuple[Entry, ...]
    episodes: tuple[EpisodeDecision, ...]

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON; dates as text."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def decide(cohort: Cohort, patient_id: str) -> PatientDecision:
    """Decision support for a patient.

    Args:
        cohort: of this patient alone, all tables, at a data cut.
        patient_id: for messages.

    Raises:
        InputRefused: there is no such patient.
        AnalysisRefused: consent is withdrawn, or there is no episode at the data cut.
    """
    patient = cohort.frames["patient"]
    if len(cohort.withdrawn):
        raise AnalysisRefused(
            "The patient has withdrawn consent", got=patient_id, remedy="Nothing of the record is used"
        )
    if patient.empty:
        raise InputRefused(
            "There is no such patient", got=patient_id, remedy="The dashboard finds patients by a part of the id"
        )
    if cohort.frames["episode"].empty:
        raise AnalysisRefused(
            f"The patient has no episode by {cohort.data_cut.isoformat()}",
            got=patient_id,
            remedy="Enter the episode, or take a later data cut",
        )
    cases = Cases(cohort.frames, cohort.data_cut, cohort.readings)
    verdicts = Verdicts(cases)
    order = np.lexsort((cases.episode.number("record_no"), cases.record.detected_on.days))[::-1]
    row = patient.iloc[0]
    until = patient["death_on"].fillna(pd.Timestamp(cohort.data_cut))
    ages = cases.facts.episodes.completed_years(pd.Series([until.iloc[0]] * cases.record.length))
    return PatientDecision(
        patient_id=patient_id,
        center_id=_text(row["center_id"]),
        sex=_text(row["sex"]),
        age=None if _dead_undated(row) else _number(ages.iloc[0]),
        vital_status=_text(row["vital_status"]),
        last_contact_on=None if pd.isna(row["last_contact_on"]) else row["last_contact_on"].date(),
        data_cut=cohort.data_cut,
        readings=cohort.readings.to_dict(),
        timeline=entries(cohort.frames),
        episodes=tuple(_episode(verdicts, int(at), current=bool(at == order[0])) for at in order),
    )


def _dead_undated(row: pd.Series) -> bool:
    return bool(row["vital_status"] == "dead" and pd.isna(row["death_on"]))


def _episode(verdicts: Verdicts, row: int, *, current: bool) -> EpisodeDecision:
    cases = verdicts.cases
    definitions = cases.definitions
    judgements = verdicts.judgements
    outcomes = {
        (judgement.rule.id, judgement.part): Outcome(judgement.outcomes[row])
        for judgement in judgements
        if judgement.outcomes[row] != Outcome.NO_LINE
    }
    due = DueList(cases, outcomes, row, current=current).items() if outcomes else []
    due_now = frozenset(key for item in due if item.when is When.NOW for key in item.rules)
    route = definitions.route.label(row) or "undetermined"
    converted = definitions.converted.terms[0].codes[row]
    detected = cases.record.detected_on.days[row]
    return EpisodeDecision(
        episode_no=int(cases.episode.number("record_no")[row]),
        detected_on=None if detected == MISSING else day(detected),
        age=_number(cases.facts.episodes.completed_years(cases.facts.episodes.detected_on).iloc[row]),
        route=route,
        route_words=ROUTES[route].words if route in ROUTES else "",
        converted=_three_valued(converted),
        current=current,
        classification=tuple(_defined(decision, row) for decision in definitions.decisions()),
        situations=tuple(_situations(cases, row)) if outcomes else (),
        due=tuple(due),
        rules=tuple(rule_states(judgements, row, due_now, cases.readings)),
        missing=tuple(missing_information(judgements, row)),
    )


def _defined(decision: Decision, row: int) -> Defined:
    sentence = decision.because(np.array([row]))[0]
    head, _, because = sentence.partition(": ")
    return Defined(decision.name, head.removeprefix(f"{decision.name} "), because)


def _situations(cases: Cases, row: int) -> Iterator[SituationState]:
    """Those that apply; where none does for sure, those that may."""
    codes = [(situation, int(situation.applies(cases).codes[row])) for situation in SITUATIONS]
    shown = [pair for pair in codes if pair[1] == YES] or [pair for pair in codes if pair[1] != NO]
    for situation, applies in shown:
        yield _situation(situation, cases, row, applies)


def _situation(situation: Situation, cases: Cases, row: int, applies: int) -> SituationState:
    strategies = tuple(
        _strategy(strategy, number, cases, row) for number, strategy in enumerate(situation.strategies, start=1)
    )
    return SituationState(
        situation.id,
        situation.words,
        situation.source,
        situation.lines,
        _three_valued(applies),
        strategies,
        situation.notes,
    )


def _strategy(strategy: Strategy, number: int, cases: Cases, row: int) -> StrategyState:
    codes = [int(step.done(cases).codes[row]) for step in strategy.steps]
    without = NO if strategy.without is None else int(strategy.without(cases).codes[row])
    found: Course = course(codes, without, ordered=strategy.ordered)
    steps = tuple(StepState(step.words, _three_valued(code)) for step, code in zip(strategy.steps, codes, strict=True))
    return StrategyState(number, str(found), steps)


def _is_beside(state: RuleState) -> bool:
    return state.part is not None and (not state.part.isdigit() or state.group is Group.OPEN)


def _three_valued(code: int) -> bool | None:
    return {YES: True, NO: False}.get(int(code))


def _number(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value
