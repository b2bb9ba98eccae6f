"""The day table: how many enter, have the event and are censored on each day, in each group.

Every non-parametric estimate needs only these counts. They are made in one pass over the subjects, add up over
centers, and do not identify anybody by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.survival import Days, SurvivalTimes, categories
from registry.errors import AnalysisRefused


@dataclass(frozen=True, eq=False)
class DayTable:
    """Counts by group (rows) and day from the origin (columns 0, 1, 2, …), each of shape (groups, days).

    Attributes:
        labels: the groups.
        entered: on column 0 those at risk from the origin, on column k > 0 those who enter late on day k.
        events: subjects with the event on that day.
        censored: subjects censored on that day.
        competing: subjects with the competing event on that day; None where nothing competes.
    """

    labels: tuple[str, ...]
    entered: Days
    events: Days
    censored: Days
    competing: Days | None = None

    @property
    def _counts(self) -> tuple[Days, ...]:
        """All counts, in the order of the fields."""
        others = () if self.competing is None else (self.competing,)
        return (self.entered, self.events, self.censored, *others)

    @cached_property
    def left(self) -> Days:
        """Subjects whose time ends on each day, shape (groups, days)."""
        return self.events + self.censored + (0 if self.competing is None else self.competing)

    @cached_property
    def at_risk(self) -> Days:
        """Subjects at risk on each day, shape (groups, days): entered before it, and not gone before it.

        Those who enter on day k > 0 are at risk on (k, …], those from the origin on day 0 too.
        """
        joined = np.zeros_like(self.entered)
        joined[:, :1] = self.entered[:, :1]
        joined[:, 2:] = self.entered[:, 1:-1]
        at_risk: Days = np.cumsum(joined - self.left, axis=1) + self.left
        return at_risk

    @cached_property
    def sizes(self) -> Days:
        """Subjects in each group, shape (groups,)."""
        sizes: Days = self.entered.sum(axis=1)
        return sizes

    @property
    def entered_late(self) -> bool:
        """Whether somebody enters after the origin."""
        return bool(self.entered[:, 1:].any())

    def reversed(self) -> DayTable:
        """The table in which censoring is the event: follow-up instead of survival."""
        return DayTable(self.labels, self.entered, events=self.censored, censored=self.left - self.censored)

    def together(self, label: str = "all") -> DayTable:
        """The table of all groups as one."""
        return DayTable((label,), *(counts.sum(axis=0, keepdims=True) for counts in self._counts))

    def of(self, labels: Sequence[str]) -> DayTable:
        """The table of some groups, in that order; a group without a subject has zeros."""
        rows = [self.labels.index(label) if label in self.labels else -1 for label in labels]
        nobody = np.zeros((1, self.entered.shape[1]), dtype=np.int64)
        parts = (np.vstack((counts, nobody))[np.array(rows, dtype=np.intp)] for counts in self._counts)
        return DayTable(tuple(labels), *parts)


def day_table(times: SurvivalTimes) -> DayTable:
    """Count subjects by group and day."""
    return _counted(times, times.group, times.labels)


def day_table_by(times: SurvivalTimes, values: Any) -> DayTable:
    """Count subjects by another grouping and day; whoever has no value of it is not counted.

    Args:
        times: the subjects; their own groups do not matter.
        values: a label for each of them, or a missing value, shape (n,).
    """
    codes, names = categories(values)
    table = _counted(times, codes, tuple(names))
    # Nothing is said of an empty group.
    return table if table.sizes.all() else table.of([names[at] for at in np.flatnonzero(table.sizes)])


def _counted(times: SurvivalTimes, group: npt.NDArray[Any], labels: tuple[str, ...]) -> DayTable:
    """The table of groups by their place among the labels; -1 is in none."""
    width = int(times.day.max()) + 1 if len(times) else 1
    # Those in no group are counted in a last row, which is cut off: faster than to leave them out first.
    rows, kinds = len(labels) + 1, times.kinds
    # One pass counts all ends: censored, events and the competing ones side by side.
    cells = (np.arange(rows) * (width * kinds))[group]
    cells += times.ends
    ends = np.bincount(cells, minlength=rows * width * kinds).reshape(rows, width, kinds)[:-1]
    entered = np.zeros((len(labels), width), dtype=np.int64)
    if times.entered_late:
        cells = (np.arange(rows) * width)[group]
        cells += times.entry
        entered += np.bincount(cells, minlength=rows * width).reshape(rows, width)[:-1]
    else:
        entered[:, 0] = ends.sum(axis=(1, 2))
    censored, events, *others = (np.ascontiguousarray(ends[..., kind]) for kind in range(kinds))
    return DayTable(labels, entered, events, censored, *others)


def pooled(tables: Iterable[DayTable]) -> DayTable:
    """The table of all subjects from tables made separately, such as one in each center.

    Raises:
        AnalysisRefused: no table, a group named twice in one, or a competing event counted in some of them only.
    """
    given = list(tables)
    if not given:
        raise AnalysisRefused("There is no day table to pool", remedy="Give at least one")
    labels = tuple(dict.fromkeys(label for table in given for label in table.labels))
    width = max(table.events.shape[1] for table in given)
    sums = [np.zeros((len(labels), width), dtype=np.int64) for _ in given[0]._counts]
    for table in given:
        if len(set(table.labels)) != len(table.labels):
            raise AnalysisRefused("A day table names a group twice", got=table.labels, remedy="Name each group once")
        if len(table._counts) != len(sums):
            raise AnalysisRefused("Only some of the day tables count a competing event", remedy="Pool like with like")
        rows = [labels.index(label) for label in table.labels]
        for total, part in zip(sums, table._counts, strict=True):
            total[rows, : part.shape[1]] += part
    return DayTable(labels, *sums)
