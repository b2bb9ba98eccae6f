"""What a strategy is: its steps, the situation that it is for, and how far a recorded treatment follows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from analytics.consensus.logic import NO, UNKNOWN, YES
from analytics.consensus.rule import Asked


@dataclass(frozen=True)
class Route:
    """A way through the consensus.

    Attributes:
        words: what the disease of an episode on it is.
        source, lines: where the text speaks of it.
    """

    words: str
    source: str
    lines: str


@dataclass(frozen=True)
class Step:
    """A part of a strategy, with whether it was done where the strategy has it."""

    words: str
    done: Asked


@dataclass(frozen=True)
class Strategy:
    """One of the alternatives.

    Attributes:
        steps: in their order.
        without: what tells it from another alternative by its absence.
        ordered: whether the order of the steps matters.
    """

    steps: tuple[Step, ...]
    without: Asked | None = None
    ordered: bool = True


@dataclass(frozen=True)
class Situation:
    """A row of a table, or what the text says where it has no table.

    Attributes:
        id: short, for results.
        words: the clinical situation.
        source, lines: where it stands.
        applies: to which episodes.
        strategies: the alternatives, numbered as in the text.
        notes: what the text adds.
    """

    id: str
    words: str
    source: str
    lines: str
    applies: Asked
    strategies: tuple[Strategy, ...]
    notes: tuple[str, ...] = ()


class Course(StrEnum):
    """How far a recorded treatment follows a strategy."""

    FOLLOWED = "followed"
    SO_FAR = "followed so far"
    NOT_BEGUN = "not begun"
    LEFT = "not followed"
    UNDETERMINED = "undetermined"


def course(done: Sequence[int], without: int = NO, *, ordered: bool = True) -> Course:
    """How far steps were followed.

    Args:
        done: of each step NO, UNKNOWN or YES.
        without: of what is not part of the strategy.
        ordered: whether a step that is not done is left out once a later one is.
    """
    if without == YES:
        return Course.LEFT
    if all(code == YES for code in done):
        return Course.FOLLOWED if without == NO else Course.UNDETERMINED
    last = max((at for at, code in enumerate(done) if code == YES), default=-1)
    overtaken = done[: last + 1] if ordered else ()
    if NO in overtaken:
        return Course.LEFT
    if UNKNOWN in done:
        return Course.UNDETERMINED
    return Course.SO_FAR if last >= 0 else Course.NOT_BEGUN
