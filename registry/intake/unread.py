"""What of the incoming rows could not be read: whatever else is said of such a cell would be a guess."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from registry.checks.check import Check
from registry.intake.merge import Merged
from registry.intake.rows import Problem, Rows
from registry.tables import TABLES

Cell = tuple[str, str | None]
"""Table and column; no column where nothing of the row could be read."""


class Unread:
    """The cells that the reading of a source reported.

    Args:
        problems: of the reading.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._told: dict[tuple[str, int], set[str | None]] = defaultdict(set)
        for problem in problems:
            if problem.line is not None:
                self._told[problem.file, problem.line].add(problem.column)

    def hides(self, rows: Rows, at: int, column: str) -> bool:
        """Whether a cell of an incoming row, or the whole row, is one that could not be read."""
        if not rows.refused[at]:
            return False
        told = self._columns(rows, at)
        return None in told or column in told

    def of_owners(self, merged: Mapping[str, Merged]) -> dict[str, set[Cell]]:
        """For each patient or center the cells that are blank because they could not be read."""
        found: dict[str, set[Cell]] = defaultdict(set)
        for part in merged.values():
            for at in np.flatnonzero(part.rows.refused):
                found[part.key(int(at))[0]] |= {(part.table, name) for name in self._columns(part.rows, int(at))}
        return found

    def _columns(self, rows: Rows, at: int) -> set[str | None]:
        fields = TABLES[rows.table].fields
        told = self._told.get((rows.file, int(rows.lines[at])), {None})
        return {name if name in fields else None for name in told}


def looked_at(check: Check) -> set[Cell]:
    """The cells that a finding of a check can hang on."""
    places = [name.rpartition(".") for name in check.columns]
    cells = {(table or check.table, name) for table, _, name in places}
    return cells | {(table, None) for table, _ in cells}
