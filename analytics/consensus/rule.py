"""What a rule is: a recommendation of the consensus as data, with its denominator, numerator and accepted reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from analytics.consensus.cases import Cases
from analytics.consensus.logic import UNKNOWN, YES, Recoded, Term, all_of, any_of, surely
from analytics.consensus.readings import Readings

Asked = Callable[[Cases], Term]
"""What a rule asks of the cases."""


class Strength(StrEnum):
    """How strongly the text says it, from the word that is printed."""

    STRONG = "S"
    USUAL = "Q"
    AGAINST = "X"
    NOT_REQUIRED = "X0"
    OPTION = "W"
    STRATEGY = "T"
    ENCOURAGED = "I"
    DEFINITION = "D"


STRENGTH_WORDS = {
    Strength.STRONG: "recommended: is recommended, should, must, is needed, require",
    Strength.USUAL: "usual: usually, generally the first choice, mainstay",
    Strength.AGAINST: "advised against, or limited: not recommended, should not exceed, only used",
    Strength.NOT_REQUIRED: "not required",
    Strength.OPTION: "an option: can be considered, may be, reasonable",
    Strength.STRATEGY: "a strategy listed in a table, without a word of strength",
    Strength.ENCOURAGED: "encouraged, of the whole center",
    Strength.DEFINITION: "a goal or a routing, no recommendation",
}
"""Each class with the words of the text that it stands for."""

SCORED = (Strength.STRONG, Strength.USUAL, Strength.AGAINST, Strength.STRATEGY)
_OPTIONS = (Strength.NOT_REQUIRED, Strength.OPTION)

MDT_DECISION = "mdt_decision"
"""A documented reason of the MDT, accepted for what the text calls usual."""


class Direction(StrEnum):
    """What following the rule means."""

    DONE = "should be done"
    AVOIDED = "should not happen"
    FREE = "may be done"
    SHOWN = "is shown"


def still_possible(*parts: tuple[Term, Term]) -> Term:
    """Whether a numerator of several parts can still be met.

    A part of which it is not known whether it is met does not stand in the way: an open window comes before what is
    not known.

    Args:
        parts: each with whether it is met, and whether it can still be.
    """
    missing = any_of(still & ~surely(met) for met, still in parts)
    return missing & all_of(not_failed(met) | still for met, still in parts)


def not_failed(met: Term) -> Term:
    """Whether a part of a numerator is not known to be missed."""
    return Recoded(met, UNKNOWN, YES)


@dataclass(frozen=True)
class Part:
    """A part of a composite rule, judged beside the whole.

    Attributes:
        id: that of the rule with a letter.
        title: what it asks.
        met: its numerator.
        pending: where it can still be met; None: as the whole.
    """

    id: str
    title: str
    met: Asked
    pending: Asked | None = None


@dataclass(frozen=True)
class Beside:
    """A second figure that is shown beside a rule's own: another reading, a subgroup, a supplement.

    Attributes:
        name: short, for results.
        meaning: what differs.
        applies, met, pending: as of a rule; None: as the rule itself.
        tolerance: of a rule by windows, the reading with the months by which a window is open on either side.
    """

    name: str
    meaning: str
    met: Asked | None = None
    applies: Asked | None = None
    pending: Asked | None = None
    tolerance: str | None = None


@dataclass(frozen=True)
class Rule:
    """A recommendation of the consensus.

    Attributes:
        id: as in the interface.
        title: what it asks, in a few words.
        statement: what the text says, in the registry's words.
        source: section or table.
        lines: of the stored text of the consensus, for those who check it.
        strength: the class of its words.
        why: why it matters, after the text.
        met: the numerator.
        applies: the denominator within the episodes with lung metastases; None: all of them.
        excluded: removed from the denominator by what is recorded.
        excepted: accepted reasons that stand in columns.
        reasons: accepted reasons in rule_exception.
        reason_column: the column whose blank leaves a failure without a reason.
        reason_recorded: whether that column is filled.
        pending: where it can still be met.
        direction: what following it means.
        readings: the parameters that it rests on.
        parts: of a composite.
        beside: further figures.
        by_window: judged once for each surveillance window of these months (a reading's name) instead.
        unscored: why it is not scored though its words would be.
        scored_by: the reading under which it is scored all the same.
        unauditable: why it cannot be judged at all.
        version, since: of its definition.
    """

    id: str
    title: str
    statement: str
    source: str
    lines: str
    strength: Strength
    why: str
    met: Asked | None = None
    applies: Asked | None = None
    excluded: Asked | None = None
    excepted: Asked | None = None
    reasons: tuple[str, ...] = ()
    reason_column: str | None = None
    reason_recorded: Asked | None = None
    pending: Asked | None = None
    direction: Direction | None = None
    readings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    beside: tuple[Beside, ...] = ()
    by_window: str | None = None
    unscored: str | None = None
    scored_by: str | None = None
    unauditable: str | None = None
    version: int = 1
    since: str = "2026-11-24"

    @property
    def scored(self) -> bool:
        """Whether it counts in a score under the readings that the registry proposes."""
        return self.strength in SCORED and self.unscored is None

    def is_scored(self, readings: Readings) -> bool:
        """Whether it counts in a score under some readings."""
        return self.scored or (self.scored_by is not None and bool(getattr(readings, self.scored_by)))

    @property
    def is_option(self) -> bool:
        """Whether it gives a use rate, taken or not, and never a failure."""
        return self.strength in _OPTIONS or self.id in ("LIV10", "MET6")

    @property
    def accepted(self) -> tuple[str, ...]:
        """The reasons in rule_exception that make a failure an exception."""
        usual = (MDT_DECISION,) if self.strength is Strength.USUAL and MDT_DECISION not in self.reasons else ()
        return (*self.reasons, *usual)

    @property
    def way(self) -> Direction:
        """What following it means."""
        if self.direction is not None:
            return self.direction
        if self.strength in _OPTIONS:
            return Direction.FREE
        return Direction.AVOIDED if self.strength is Strength.AGAINST else Direction.DONE
