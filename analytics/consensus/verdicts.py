"""The verdict on each episode for each rule and part: exactly one outcome, and the facts that decided it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.consensus.cases import Cases
from analytics.consensus.logic import NO, UNKNOWN, YES, Mask, Term, fact_texts
from analytics.consensus.rule import Beside, Rule
from analytics.consensus.rules import RULES
from analytics.consensus.surveillance import Window


class Outcome(IntEnum):
    """What came of a rule in a case."""

    NOT_APPLICABLE = 0
    EXCLUDED = 1
    ADHERENT = 2
    NON_ADHERENT = 3
    EXCEPTION = 4
    UNDETERMINED_DENOMINATOR = 5
    UNDETERMINED_NUMERATOR = 6
    PENDING = 7
    TAKEN = 8
    NOT_TAKEN = 9
    NO_LINE = 10

    @property
    def label(self) -> str:
        """As in the interface."""
        return self.name.lower()


Outcomes = npt.NDArray[np.int8]
OUTCOMES = tuple(outcome for outcome in Outcome if outcome is not Outcome.NO_LINE)


@dataclass(frozen=True, eq=False)
class Judgement:
    """A rule, or a part or window of one, over all episodes.

    Attributes:
        rule: which.
        part: None for the whole; the id of a part, or the month of a window.
        outcomes: :class:`Outcome` for each episode; NO_LINE where there is none (outside the population, or a part
            that does not exist in a case).
        terms: what was looked at: applies, excluded, met, excepted, pending; None where the rule has none.
    """

    rule: Rule
    part: str | None
    outcomes: Outcomes
    terms: dict[str, Term | None]
    reason_missing: Mask | None = None

    def because(self, row: int) -> list[str]:
        """The facts that decided the outcome of an episode, each with what was read or is to be filled."""
        outcome = Outcome(self.outcomes[row])
        said: list[str] = []
        for name in _LOOKED_AT[outcome]:
            term = self.terms[name]
            if term is not None and not (name == "pending" and term.codes[row] == NO):
                texts = fact_texts(term.facts(row), row)
                said.extend(f"{_WORDS[name]}: {text}" for text in texts)
        if self.reason_missing is not None and self.reason_missing[row]:
            said.append(f"reason_missing: {self.rule.reason_column} is blank")
        return said


_WORDS = {
    "applies": "denominator",
    "excluded": "excluded",
    "met": "numerator",
    "excepted": "exception",
    "pending": "pending",
}
_LOOKED_AT: dict[Outcome, tuple[str, ...]] = {
    Outcome.NOT_APPLICABLE: ("applies",),
    Outcome.UNDETERMINED_DENOMINATOR: ("applies",),
    Outcome.EXCLUDED: ("applies", "excluded"),
    Outcome.ADHERENT: ("applies", "met"),
    Outcome.NON_ADHERENT: ("applies", "met"),
    Outcome.EXCEPTION: ("applies", "met", "excepted"),
    Outcome.PENDING: ("applies", "met", "pending"),
    Outcome.UNDETERMINED_NUMERATOR: ("applies", "met", "pending"),
    Outcome.TAKEN: ("applies", "met"),
    Outcome.NOT_TAKEN: ("applies", "met"),
}


class Verdicts:
    """All rules over all episodes of some cases.

    Args:
        cases: the episodes.
        rules: which; all of the consensus.
    """

    def __init__(self, cases: Cases, rules: Sequence[Rule] = tuple(RULES.values())) -> None:
        self.cases, self.rules = cases, rules

    @cached_property
    def judgements(self) -> tuple[Judgement, ...]:
        """Every rule with its parts and windows, in the order of the rules; the whole before its parts."""
        return tuple(judgement for rule in self.rules for judgement in self.of(rule))

    def of(self, rule: Rule) -> Iterator[Judgement]:
        """A rule with its parts or windows; nothing where it cannot be judged by episode."""
        if rule.met is None:
            return
        if rule.by_window is not None:
            yield from self._windows(rule)
            return
        yield self._judged(rule, None, rule.met(self.cases))
        for part in rule.parts:
            pending = None if part.pending is None else part.pending(self.cases)
            yield self._judged(rule, part.id, part.met(self.cases), pending=pending)

    def beside(self, rule: Rule, figure: Beside) -> Judgement:
        """A further figure of a rule."""
        met = figure.met or rule.met
        assert met is not None
        applies = None if figure.applies is None else figure.applies(self.cases)
        pending = None if figure.pending is None else figure.pending(self.cases)
        return self._judged(rule, figure.name, met(self.cases), applies=applies, pending=pending)

    def windows_beside(self, rule: Rule, figure: Beside) -> Iterator[Judgement]:
        """The windows of a rule with the tolerance of a further figure; the part is the month."""
        assert figure.tolerance is not None
        tolerance = getattr(self.cases.readings, figure.tolerance)
        yield from self._of_windows(rule, self.cases.surveillance.windows_within(tolerance))

    def _judged(
        self, rule: Rule, part: str | None, met: Term, *, applies: Term | None = None, pending: Term | None = None
    ) -> Judgement:
        cases = self.cases
        if pending is None and rule.pending is not None:
            pending = rule.pending(cases)
        terms: dict[str, Term | None] = {
            "applies": applies or (rule.applies(cases) if rule.applies else cases.everyone),
            "excluded": rule.excluded(cases) if rule.excluded else None,
            "met": met,
            "excepted": self._excepted(rule),
            "pending": pending,
        }
        outcomes = _outcomes(terms, option=rule.is_option)
        outcomes[~cases.population.yes] = Outcome.NO_LINE
        missing = None
        if rule.reason_recorded is not None:
            missing = (outcomes == Outcome.NON_ADHERENT) & ~rule.reason_recorded(cases).yes
        if rule.applies is None and applies is None:
            terms["applies"] = None
        return Judgement(rule, part, outcomes, terms, missing)

    def _excepted(self, rule: Rule) -> Term | None:
        of_columns = rule.excepted(self.cases) if rule.excepted else None
        if not rule.accepted:
            return of_columns
        recorded = self.cases.excepted(rule.id, rule.accepted)
        return recorded if of_columns is None else of_columns | recorded

    def _windows(self, rule: Rule) -> Iterator[Judgement]:
        surveillance = self.cases.surveillance
        reached = surveillance.reached
        whole = _outcomes({"applies": reached, "excluded": None, "met": reached, "excepted": None, "pending": None})
        whole[(reached.codes == YES) | ~self.cases.population.yes] = Outcome.NO_LINE
        yield Judgement(rule, None, whole, {"applies": reached})
        yield from self._of_windows(rule, surveillance.windows)

    def _of_windows(self, rule: Rule, windows: Sequence[Window]) -> Iterator[Judgement]:
        months = getattr(self.cases.readings, str(rule.by_window))
        for window in windows:
            if window.month in months:
                yield self._window(rule, window)

    def _window(self, rule: Rule, window: Window) -> Judgement:
        reached = self.cases.surveillance.reached
        met = window.met.codes
        outcomes = np.where(met == YES, Outcome.ADHERENT, Outcome.NON_ADHERENT).astype(np.int8)
        outcomes[met == UNKNOWN] = Outcome.UNDETERMINED_NUMERATOR
        not_met = met != YES
        # In this order: the recurrence or the death ends the surveillance before the data cut can leave it open.
        outcomes[not_met & (window.lost.codes == UNKNOWN)] = Outcome.UNDETERMINED_DENOMINATOR
        outcomes[not_met & window.lost.yes] = Outcome.NOT_APPLICABLE
        outcomes[not_met & window.pending.yes] = Outcome.PENDING
        outcomes[not_met & (window.ended.codes == UNKNOWN)] = Outcome.UNDETERMINED_DENOMINATOR
        outcomes[not_met & window.ended.yes] = Outcome.NOT_APPLICABLE
        outcomes[(reached.codes != YES) | ~self.cases.population.yes] = Outcome.NO_LINE
        terms: dict[str, Term | None] = {
            "applies": window.ended | window.lost,
            "excluded": None,
            "met": window.met,
            "excepted": None,
            "pending": window.pending,
        }
        return _WindowJudgement(rule, str(window.month), outcomes, terms)


class _WindowJudgement(Judgement):
    def because(self, row: int) -> list[str]:
        outcome = Outcome(self.outcomes[row])
        names = {
            Outcome.NOT_APPLICABLE: ("applies",),
            Outcome.UNDETERMINED_DENOMINATOR: ("applies",),
            Outcome.PENDING: ("pending",),
        }.get(outcome, ("met",))
        said: list[str] = []
        for name in names:
            term = self.terms[name]
            if term is not None:
                said.extend(f"{_WORDS[name]}: {text}" for text in fact_texts(term.facts(row), row))
        return said


def _outcomes(terms: dict[str, Term | None], *, option: bool = False) -> Outcomes:
    """The outcome of each episode, in the order of the specification: denominator, exclusion, numerator, reasons."""
    applies, met = terms["applies"], terms["met"]
    assert applies is not None
    assert met is not None
    yes, no = (Outcome.TAKEN, Outcome.NOT_TAKEN) if option else (Outcome.ADHERENT, Outcome.NON_ADHERENT)
    found = np.array([no, Outcome.UNDETERMINED_NUMERATOR, yes], dtype=np.int8)[met.codes]
    failed = met.codes == NO
    if (pending := terms["pending"]) is not None:
        # Whether it can still be met is unknown: then whether it failed is unknown too.
        found[(pending.codes == UNKNOWN) & failed] = Outcome.UNDETERMINED_NUMERATOR
        found[pending.yes & (met.codes != YES)] = Outcome.PENDING
    if (excepted := terms["excepted"]) is not None and not option:
        found[excepted.yes & failed] = Outcome.EXCEPTION
    if (excluded := terms["excluded"]) is not None:
        found[excluded.yes] = Outcome.EXCLUDED
    found[applies.codes == UNKNOWN] = Outcome.UNDETERMINED_DENOMINATOR
    found[applies.codes == NO] = Outcome.NOT_APPLICABLE
    return found


def documents(
    verdicts: Verdicts, rows: Sequence[int], outcomes: Collection[Outcome] = OUTCOMES
) -> Iterator[dict[str, Any]]:
    """The verdicts of some episodes as JSON objects, as the interface has them; those with one of some outcomes."""
    record, readings = verdicts.cases.record, verdicts.cases.readings.stated()
    numbers = record.episode.number("record_no")
    for row in rows:
        patient, number = str(record.frames["episode"]["patient_id"].array[row]), int(numbers[row])
        for judgement in verdicts.judgements:
            outcome = Outcome(judgement.outcomes[row])
            if outcome in outcomes:
                yield {
                    "patient_id": patient,
                    "episode_no": number,
                    "rule_id": judgement.rule.id,
                    "part": judgement.part,
                    "outcome": outcome.label,
                    "because": judgement.because(row),
                    "version": judgement.rule.version,
                    "readings": readings,
                }
