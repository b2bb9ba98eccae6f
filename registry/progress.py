"""What is told how far a long piece of work has come."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[float, str], None]
"""Is told the share that is done, from 0 to 1, and what is being done."""


def untold(share: float, what: str) -> None:
    """Nobody is told."""


def part_of(progress: Progress, first: float, last: float) -> Progress:
    """The progress of a part of the work, between two shares of the whole."""
    return lambda share, what: progress(first + (last - first) * share, what)
