"""Concordance of a fitted Cox model: how often the one with the event first had the higher predicted risk.

Harrell FE et al. Stat Med 1996;15:361-387; with late entries and ties as in ``concordance`` of R's survival.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.cox_fit import CoxFit

_BASE = 64
"""Ranks are counted in a tree with so many branches at each node."""


def concordance(fit: CoxFit) -> float | None:
    """The share of comparable pairs in which the subject with the event had the higher predicted risk.

    A pair: somebody with the event, and another of the same stratum who is at risk on that day and has no event on it.
    Equal predictions count half. None where there is no pair.
    """
    sets = fit.sets
    _, rank = np.unique(np.round(fit.predictor, 12), return_inverse=True)
    leaving, joining, failing = (part.tocsc() for part in (sets.leaving, sets.joining, sets.failing))
    pairs = agreeing = 0.0
    for start, end in zip(sets.bounds[:-1], sets.bounds[1:], strict=True):
        tree = _Ranks(int(rank.max(initial=0)) + 1)
        for number in range(end - 1, start - 1, -1):
            # Going back in time, those join whose last day this is, and those leave who enter after it.
            tree.add(*_column(leaving, number, rank))
            tree.add(*_column(joining, number, rank), sign=-1)
            who, events = _column(failing, number, rank)
            tree.add(who, events, sign=-1)
            pairs += float(np.sum(events)) * tree.total
            agreeing += float(events @ (tree.below(who) + tree.equal(who) / 2))
            tree.add(who, events)
    return agreeing / pairs if pairs else None


def _column(matrix: Any, at: int, rank: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    cells = slice(matrix.indptr[at], matrix.indptr[at + 1])
    return rank[matrix.indices[cells]], matrix.data[cells]


class _Ranks:
    """How many are at each rank 0 … size - 1, with fast sums over all lower ranks."""

    def __init__(self, size: int) -> None:
        self.total = 0.0
        self._levels: list[npt.NDArray[np.float64]] = []
        while True:
            size = -(-size // _BASE)
            self._levels.append(np.zeros((size, _BASE)))
            if size == 1:
                break

    def add(self, rank: npt.NDArray[np.intp], count: npt.NDArray[np.float64], *, sign: int = 1) -> None:
        """Add or take away."""
        if not len(rank):
            return
        self.total += sign * float(count.sum())
        for level in self._levels:
            np.add.at(level.reshape(-1), rank, sign * count)
            rank = rank // _BASE

    def below(self, rank: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """How many have a lower rank."""
        found = np.zeros(len(rank))
        for level in self._levels:
            node, branch = np.divmod(rank, _BASE)
            found += np.sum(level[node] * (np.arange(_BASE) < branch[:, None]), axis=1)
            rank = node
        return found

    def equal(self, rank: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """How many have this rank."""
        found: npt.NDArray[np.float64] = self._levels[0].reshape(-1)[rank]
        return found
