"""Which screening entries an import has held so far: they come with their patients, so a number can come up twice."""

from __future__ import annotations

import numpy as np

from registry.intake.rows import Lines, Rows

_NUMBERS = 2**32  # more than the numbers that an entry can have


class Listed:
    """The keys of the screening entries of all partitions so far, with their lines: sixteen bytes an entry."""

    def __init__(self) -> None:
        self._centers: dict[str, int] = {}
        self._keys = np.empty(0, dtype=np.int64)
        self._lines = np.empty(0, dtype=np.int64)

    def earlier(self, rows: Rows) -> Lines:
        """For each entry the line in which its key stood in an earlier partition, 0 where it did not."""
        keys = self._numbers(rows)
        if not len(self._keys):
            return np.zeros(len(keys), dtype=np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._lines[at], 0)

    def add(self, rows: Rows) -> None:
        """Remembers entries, no key twice among them; of a key that is known already the first line."""
        keys = np.concatenate([self._keys, self._numbers(rows)])
        lines = np.concatenate([self._lines, rows.lines])
        order = np.lexsort((lines, keys))
        self._keys, first = np.unique(keys[order], return_index=True)
        self._lines = lines[order][first]

    def _numbers(self, rows: Rows) -> Lines:
        centers = [self._centers.setdefault(center, len(self._centers)) for center in rows.columns["center_id"]]
        return np.array(centers, dtype=np.int64) * _NUMBERS + rows.columns["record_no"].astype(np.int64)
