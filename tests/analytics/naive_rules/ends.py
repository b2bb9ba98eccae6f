"""Which of several rows is the first or the last, where some of them are not known to count."""

from __future__ import annotations

from collections.abc import Sequence

from tests.analytics.naive_rules.base import Fact, Test, Treatment


def agreed(items: Sequence[Treatment], test: Test) -> Fact:
    """Whether the one of some items that is meant passes; no without any."""
    found = {test(item) for item in items}
    if found == {True}:
        return True if any(item.own for item in items) else None
    return False if found <= {False} else None


def possible_ends(items: Sequence[Treatment], direction: int) -> list[Treatment]:
    """The items that can be the first of all (1) or the last (-1): by date, then by number."""

    def place(item: Treatment) -> tuple[int, int]:
        assert item.on is not None
        return direction * item.on.toordinal(), direction * int(item.row["record_no"])

    best = min((place(item) for item in items if item.own and item.on), default=None)
    return [item for item in items if item.on is None or best is None or place(item) <= best]
