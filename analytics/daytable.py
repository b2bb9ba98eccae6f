"""The day table: how many enter, have the event and are censored on each day, in each group.

Every non-parametric estimate needs only these counts. They are made in one pass over the subjects, add up over
centers, and do not identify anybody by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analytics.survival import Days, SurvivalTimes
from registry.errors import AnalysisRefused


@dataclass(frozen=True, eq=False)
class DayTable:
    """Counts by group (rows) and day from the origin (columns 0, 1, 2, …), each of shape (groups, days).

    Attributes:
        labels: the groups.
        entered: on column 0 those at risk from the origin, on column k > 0 those who enter late on day k.
        events: subjects with the event on that day.
        censored: subjects censored on that day.
    """

    labels: tuple[str, ...]
    entered: Days
    events: Days
    censored: Days

    @cached_property
    def at_risk(self) -> Days:
        """Subjects at risk on each day, shape (groups, days): entered before it, and not gone before it.

        Those who enter on day k > 0 are at risk on (k, …], those from the origin on day 0 too.
        """
        joined = np.zeros_like(self.entered)
        joined[:, :1] = self.entered[:, :1]
        joined[:, 2:] = self.entered[:, 1:-1]
        left = self.events + self.censored
        at_risk: Days = np.cumsum(joined - left, axis=1) + left
        return at_risk

    @cached_property
    def sizes(self) -> Days:
        """Subjects in each group, shape (groups,)."""
        sizes: Days = self.entered.sum(axis=1)
        return sizes

    def reversed(self) -> DayTable:
        """The table in which censoring is the event: follow-up instead of survival."""
        return DayTable(self.labels, self.entered, events=self.censored, censored=self.events)

    def together(self, label: str = "all") -> DayTable:
        """The table of all groups as one."""
        return DayTable(
            (label,),
            self.entered.sum(axis=0, keepdims=True),
            self.events.sum(axis=0, keepdims=True),
            self.censored.sum(axis=0, keepdims=True),
        )


def day_table(times: SurvivalTimes) -> DayTable:
    """Count subjects by group and day."""
    width = int(times.day.max()) + 1 if len(times) else 1
    shape = (len(times.labels), width)

    def count(day: Days, who: np.ndarray | slice = slice(None)) -> Days:
        cells = times.group[who] * width + day[who]
        return np.bincount(cells, minlength=shape[0] * width).astype(np.int64).reshape(shape)

    events = count(times.day, times.event)
    return DayTable(times.labels, count(times.entry), events, count(times.day) - events)


def pooled(tables: Iterable[DayTable]) -> DayTable:
    """The table of all subjects from tables made separately, such as one in each center.

    Raises:
        AnalysisRefused: no table, or a group named twice in one.
    """
    given = list(tables)
    if not given:
        raise AnalysisRefused("There is no day table to pool", remedy="Give at least one")
    labels = tuple(dict.fromkeys(label for table in given for label in table.labels))
    width = max(table.events.shape[1] for table in given)
    sums = [np.zeros((len(labels), width), dtype=np.int64) for _ in range(3)]
    for table in given:
        if len(set(table.labels)) != len(table.labels):
            raise AnalysisRefused("A day table names a group twice", got=table.labels, remedy="Name each group once")
        rows = [labels.index(label) for label in table.labels]
        for total, part in zip(sums, (table.entered, table.events, table.censored), strict=True):
            total[rows, : part.shape[1]] += part
    return DayTable(labels, *sums)
