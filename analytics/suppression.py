"""Small cells of a table of counts, and the further cells that must go so that none can be computed back.

Counts below a limit are hidden (zero is shown). The margins of the table are known, so a cell that is hidden alone in
its row or column is still known. A hidden cell is safe where another table exists that has the same shown numbers, a
count of at least one in every hidden cell, and another count in this one: such tables differ by steps around cycles of
hidden cells (Gusfield D. SIAM J Comput 1988;17:552-571). For each small cell the cycle is hidden that takes the fewest
patients out of sight.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from registry.errors import UsageError

Counts = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def require_limit(min_cell: int | None) -> None:
    """Raises UsageError for a limit that hides nothing."""
    if min_cell is not None and min_cell < 2:
        raise UsageError("A limit for small cells is at least 2", got=min_cell, remedy="Give 5 or 10, as is usual")


def hidden(counts: Counts, min_cell: int, *, also: Mask | None = None, known_sums: Mask | None = None) -> Mask:
    """Which cells are not shown.

    Args:
        counts: shape (levels, groups); with two groups or more the sum over them is shown beside. The sum of each
            column, the size of the group, is always known.
        min_cell: counts from 1 to one less are small.
        also: cells that are hidden whatever they count, shape (levels, groups + 1); zeros among them stay.
        known_sums: sums over groups that another table shows, shape (levels,): they hide nothing. Where hiding others
            is not enough, every cell goes, zeros too.

    Returns:
        Shape (levels, groups + 1), the last column is the sum over groups; with one group it is that group again.
    """
    table = _Table(counts, known_sums)
    gone = table.nothing_hidden()
    small = (table.x > 0) & (table.x < min_cell) & ~table.free
    if also is not None:
        small |= also & (table.x > 0) & ~table.free
    small[:, table.sum_at] &= ~table.known
    gone |= small
    for row, column in np.argwhere(small):
        cycle = table.cheapest_cycle(int(row), int(column), gone)
        if cycle is None:
            gone |= ((table.x > 0) | (known_sums is not None)) & ~table.free
            break
        for cell in cycle:
            gone[cell] = True
    if counts.shape[1] == 1:
        return np.column_stack([gone[:, 0], gone[:, 0]])
    return gone


class _Table:
    """Counts with their sums as a last column whose changes run the other way, so that every row adds up to zero."""

    def __init__(self, counts: Counts, known_sums: Mask | None) -> None:
        levels, groups = counts.shape
        self.x = np.column_stack([counts, counts.sum(axis=1)])
        self.levels, self.columns = levels, groups + 1
        self.sum_at = groups
        self.free = np.zeros(self.x.shape, dtype=bool)
        # One group has no sums beside it: nothing is known of the rows, as if their sums were hidden and large.
        self.free[:, groups] = groups == 1
        self.known = np.zeros(levels, dtype=bool) if known_sums is None else known_sums

    def nothing_hidden(self) -> Mask:
        return self.free.copy()

    def _can(self, row: int, column: int, up: bool) -> bool:
        """Whether a cell may go up or down by one and stay at one or more; zeros are shown and stay."""
        if self.free[row, column]:
            return True
        if column == self.sum_at and self.known[row]:
            return False
        rises = up != (column == self.sum_at)
        return bool(self.x[row, column] >= (1 if rises else 2))

    def cheapest_cycle(self, row: int, column: int, gone: Mask) -> list[tuple[int, int]] | None:
        """The cells of the cycle through a cell that hides the fewest patients more; None where there is none."""
        found = [self._cycle(row, column, up, gone) for up in (True, False) if self._can(row, column, up)]
        return min((cycle for cycle in found if cycle), default=(0, None), key=lambda cycle: cycle[0])[1]

    def _cycle(self, row: int, column: int, up: bool, gone: Mask) -> tuple[int, list[tuple[int, int]]] | None:
        """The shortest path from the column back to the row, by cells that go down and up in turn (Dijkstra)."""
        start, goal = ("column", column), ("row", row)
        best: dict[tuple[str, int], int] = {start: 0}
        came: dict[tuple[str, int], tuple[tuple[str, int], tuple[int, int]]] = {}
        queue = [(0, start)]
        while queue:
            cost, node = heapq.heappop(queue)
            if node == goal:
                break
            if cost > best[node]:
                continue
            for cell, following in self._steps(node, up):
                if cell == (row, column):
                    continue
                total = cost + (0 if gone[cell] else int(self.x[cell]))
                if total < best.get(following, total + 1):
                    best[following], came[following] = total, (node, cell)
                    heapq.heappush(queue, (total, following))
        if goal not in came:
            return None
        cells, node = [], goal
        while node != start:
            node, cell = came[node]
            cells.append(cell)
        return best[goal], cells

    def _steps(self, node: tuple[str, int], up: bool) -> Iterator[tuple[tuple[int, int], tuple[str, int]]]:
        """The cells by which a path can go on: against the first cell out of a column, with it out of a row."""
        kind, at = node
        if kind == "column":
            for row in range(self.levels):
                if self._can(row, at, not up):
                    yield (row, at), ("row", row)
        else:
            for column in range(self.columns):
                if self._can(at, column, up):
                    yield (at, column), ("column", column)
