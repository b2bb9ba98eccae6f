"""The state of every rule for one episode, in the groups that matter at the MDT, and what would decide the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from analytics.consensus.logic import UNKNOWN
from analytics.consensus.readings import Readings
from analytics.consensus.rule import STRENGTH_WORDS, Strength
from analytics.consensus.verdicts import Judgement, Outcome


class Group(StrEnum):
    """What the state of a rule means at the MDT, in the order of its weight."""

    TO_DO = "to do now"
    NOT_FOLLOWED = "not followed"
    OPEN = "open"
    UNDETERMINED = "undetermined"
    EXCEPTION = "exception"
    FOLLOWED = "followed"
    OPTION = "option"
    SHOWN = "shown, not scored"
    NOT_APPLICABLE = "does not apply"


@dataclass(frozen=True, slots=True)
class RuleState:
    """What came of a rule, or of a part or window of one.

    Args:
        part: None for the whole; the id of a part, or the month of a window.
        strength: the class; its words are in ``STRENGTH_WORDS``.
        because: the facts that decided it, or the columns to fill.
    """

    rule_id: str
    part: str | None
    title: str
    statement: str
    source: str
    lines: str
    strength: str
    group: Group
    outcome: str
    because: tuple[str, ...]

    @property
    def strength_word(self) -> str:
        """The class of the word that is printed, in a word."""
        return strength_word(self.strength)


@dataclass(frozen=True, slots=True)
class Missing:
    """A column whose value would help to decide.

    Args:
        table, column: where it is entered; without a column a row is missing.
        what: which row, where the column alone does not say it.
        decides: the rules that need nothing else.
        helps: the rules that need other columns too.
    """

    table: str
    column: str
    what: str
    decides: tuple[str, ...]
    helps: tuple[str, ...]


def strength_word(strength: str) -> str:
    """The first words of a strength class: recommended, usual, an option, …"""
    return STRENGTH_WORDS[Strength(strength)].split(":")[0].removesuffix(", without a word of strength")


_GROUPS = {
    Outcome.PENDING: Group.OPEN,
    Outcome.NON_ADHERENT: Group.NOT_FOLLOWED,
    Outcome.ADHERENT: Group.FOLLOWED,
    Outcome.EXCEPTION: Group.EXCEPTION,
    Outcome.EXCLUDED: Group.NOT_APPLICABLE,
    Outcome.UNDETERMINED_DENOMINATOR: Group.UNDETERMINED,
    Outcome.UNDETERMINED_NUMERATOR: Group.UNDETERMINED,
    Outcome.TAKEN: Group.OPTION,
    Outcome.NOT_TAKEN: Group.OPTION,
    Outcome.NOT_APPLICABLE: Group.NOT_APPLICABLE,
}
_DETERMINED = (Group.NOT_FOLLOWED, Group.FOLLOWED, Group.OPTION)
_READ = {Outcome.UNDETERMINED_DENOMINATOR: "applies", Outcome.UNDETERMINED_NUMERATOR: "met"}


def rule_states(
    judgements: Iterable[Judgement], row: int, due_now: frozenset[tuple[str, str | None]], readings: Readings
) -> list[RuleState]:
    """The state of every rule and part for an episode, in the order of the rules.

    Args:
        judgements: of all rules.
        row: of the episode.
        due_now: rule and part of what can be done now.
        readings: under which they were judged.
    """
    found = []
    for judgement in judgements:
        outcome = Outcome(judgement.outcomes[row])
        if outcome is Outcome.NO_LINE:
            continue
        rule = judgement.rule
        part = next((part for part in rule.parts if part.id == judgement.part), None)
        found.append(
            RuleState(
                rule_id=rule.id,
                part=judgement.part,
                title=part.title if part else rule.title,
                statement=rule.statement,
                source=rule.source,
                lines=rule.lines,
                strength=str(rule.strength),
                group=_group(judgement, outcome, due_now, readings),
                outcome=outcome.label,
                because=tuple(judgement.because(row)),
            )
        )
    return found


def _group(
    judgement: Judgement, outcome: Outcome, due_now: frozenset[tuple[str, str | None]], readings: Readings
) -> Group:
    group = _GROUPS[outcome]
    if (judgement.rule.id, judgement.part) in due_now and (
        group is not Group.FOLLOWED and outcome is not Outcome.NOT_APPLICABLE
    ):
        return Group.TO_DO
    if group in _DETERMINED and not judgement.rule.is_scored(readings) and not _is_option(judgement):
        return Group.SHOWN
    return group


def _is_option(judgement: Judgement) -> bool:
    return judgement.rule.is_option and str(judgement.rule.strength) in ("W", "X0")


def missing_information(judgements: Iterable[Judgement], row: int) -> list[Missing]:
    """The columns that would decide what is undetermined, those that decide most rules first.

    Forms come in the order of their best column.
    """
    open_by_rule: dict[str, list[tuple[str, str, str]]] = {}
    for judgement in judgements:
        reading = _READ.get(Outcome(judgement.outcomes[row]))
        if reading is not None and judgement.part not in {part.id for part in judgement.rule.parts}:
            name = judgement.rule.id if judgement.part is None else f"{judgement.rule.id} {judgement.part}"
            open_by_rule[name] = list(dict.fromkeys(_to_fill(judgement, reading, row)))
    decides: dict[tuple[str, str, str], list[str]] = {}
    helps: dict[tuple[str, str, str], list[str]] = {}
    for name, columns in open_by_rule.items():
        for column in columns:
            (decides if len(columns) == 1 else helps).setdefault(column, []).append(name)
    found = [
        Missing(*column, tuple(decides.get(column, ())), tuple(helps.get(column, ())))
        for column in dict.fromkeys([*decides, *helps])
    ]
    return _by_form(found)


def _to_fill(judgement: Judgement, reading: str, row: int) -> Iterator[tuple[str, str, str]]:
    term = judgement.terms[reading]
    if term is None or term.codes[row] != UNKNOWN:
        return
    for fact in term.facts(row):
        for seen in fact.seen(row):
            if seen.fill:
                name, _, what = seen.column.partition(" ")
                table, _, column = name.partition(".")
                yield table, column, what


def _by_form(found: Sequence[Missing]) -> list[Missing]:
    def weight(missing: Missing) -> tuple[int, int]:
        return len(missing.decides), len(missing.helps)

    best: dict[str, tuple[int, int]] = {}
    for missing in found:
        best[missing.table] = max(best.get(missing.table, (0, 0)), weight(missing))
    forms = sorted(best, key=lambda table: best[table], reverse=True)
    return sorted(found, key=lambda missing: (forms.index(missing.table), tuple(-count for count in weight(missing))))
