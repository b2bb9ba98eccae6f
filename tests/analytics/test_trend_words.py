"""What a chart over time says in a word: the latest signal, its side, and whether it lasts."""

from __future__ import annotations

import pytest

from analytics.audit.trend import trend
from analytics.audit.trend_words import trend_words


def _words(rates: list[int | None]) -> str:
    """Of periods 0, 1, … with twenty cases each; None: no case."""
    cases = [0 if rate is None else 20 for rate in rates]
    return trend_words(trend([str(at) for at in range(len(rates))], cases, [rate or 0 for rate in rates]))


@pytest.mark.parametrize(
    ("rates", "words"),
    [
        ([10, 12] * 3 + [10], "too few periods"),
        ([10, 12, 9, 11, 12, 10, 9, 11, None], "no signal"),
        ([6, 10] * 4 + [11, 15] * 4, "higher since 8"),
        ([11, 15] * 4 + [6, 10] * 4, "lower since 8"),
        ([10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 20, 10, 11], "higher in 11"),
        ([10, 11, 10, 11, 10, 11, 10, 11, 10, 11, 10, 0, 10, 11], "lower in 11"),
        ([12, 8, 12, 8, 9, 10, 11, 12, 13, 14, 8], "rising 3 to 9"),
        ([8, 12, 8, 12, 11, 10, 9, 8, 7, 6, 12], "falling 3 to 9"),
        ([*[6, 10] * 4, *[11, 15] * 4, None, None], "higher since 8"),
    ],
)
def test_the_latest_signal_is_named(rates: list[int | None], words: str) -> None:
    assert _words(rates) == words
