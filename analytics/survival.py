"""The one constructor of (entry, day, event): the checked times from which every estimate starts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from registry.errors import AnalysisRefused

DAYS_PER_MONTH = 30.4375
"""A month in days: a twelfth of 365.25."""

LONGEST = 73_050
"""Two hundred years in days: a longer time is an error of the data."""

Days = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SurvivalTimes:
    """Checked times of n subjects; made by :func:`survival_times` and by nothing else.

    Attributes:
        entry: day on which a subject enters, shape (n,). 0: at risk from the origin, day 0 included. k > 0: late
            entry, at risk on (k, day].
        day: last day of a subject, counted from the origin, shape (n,).
        event: whether the endpoint happened on that day (else censored), shape (n,).
        group: position of a subject's group in ``labels``, shape (n,).
        labels: the groups, in the order in which they are shown.
        competing: whether the competing event happened on that day, shape (n,); None where nothing competes.
        cluster: number of the cluster (the patient) that a subject (a treatment) belongs to, shape (n,); None where
            each subject stands alone.
    """

    entry: Days
    day: Days
    event: npt.NDArray[np.bool_]
    group: npt.NDArray[np.intp]
    labels: tuple[str, ...]
    competing: npt.NDArray[np.bool_] | None = None
    cluster: npt.NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.day)

    @property
    def entered_late(self) -> bool:
        """Whether somebody enters after the origin."""
        return bool((self.entry > 0).any())

    def of(self, who: npt.NDArray[np.bool_]) -> SurvivalTimes:
        """The times of some subjects, with all groups."""
        return replace(
            self,
            entry=self.entry[who],
            day=self.day[who],
            event=self.event[who],
            group=self.group[who],
            competing=None if self.competing is None else self.competing[who],
            cluster=None if self.cluster is None else self.cluster[who],
        )

    @cached_property
    def kinds(self) -> int:
        """How many ways there are to leave: censored, with the event, and with the competing one where there is one."""
        return 2 if self.competing is None else 3

    @cached_property
    def ends(self) -> Days:
        """Day and way of leaving of each subject as one number, day x kinds + way (0, 1, 2), shape (n,)."""
        ends: Days = self.day * self.kinds
        ends += self.event
        if self.competing is not None:
            ends += 2 * self.competing
        return ends


def survival_times(
    day: Any,
    event: Any,
    *,
    entry: Any = None,
    group: Any = None,
    labels: Sequence[str] | None = None,
    competing: Any = None,
    cluster: Any = None,
) -> SurvivalTimes:
    """Check times and statuses and put them into one form.

    Args:
        day: days from the origin to the event or the censoring, whole and not negative, shape (n,).
        event: 1 or True where the event happened, 0 or False where the subject was censored, shape (n,).
        entry: days from the origin to a late entry, 0 for a subject at risk from the origin; absent: all 0.
        group: label of each subject's group; absent: one group, ``all``.
        labels: the order of the groups; absent: the declared order of a category, else the sorted labels.
        competing: 1 or True where another event ended the time, after which this one cannot happen; never with event.
        cluster: what belongs together, such as the patient of each treatment; absent: each subject stands alone.

    Raises:
        AnalysisRefused: a time is negative, missing, broken or beyond :data:`LONGEST`; a status is neither 0 nor 1
            (1 and 2 would make everybody an event); an entry is not before the end; a group or a cluster is missing; a
            subject has both events; lengths differ.
    """
    days = _whole_days(day, "a time")
    events = _statuses(event)
    entries = np.zeros(len(days), dtype=np.int64) if entry is None else _whole_days(entry, "an entry")
    groups, names = _groups(group, labels, len(days))
    others = None if competing is None else _statuses(competing)
    clusters = None if cluster is None else _clusters(cluster)
    lengths = {"day": len(days), "event": len(events), "entry": len(entries), "group": len(groups)}
    lengths |= {name: len(part) for name, part in (("competing", others), ("cluster", clusters)) if part is not None}
    if len(set(lengths.values())) > 1:
        raise AnalysisRefused(
            "Times, statuses, entries and groups differ in length",
            got=lengths,
            remedy="Give one of each for every subject",
        )
    late = (entries > 0) & (entries >= days)
    if late.any():
        raise AnalysisRefused(
            f"{late.sum()} of {len(days)} subjects enter on or after the day on which their time ends",
            got=(int(entries[late][0]), int(days[late][0])),
            remedy="Leave them out and count them: they were never at risk under observation",
        )
    if others is not None and (both := events & others).any():
        raise AnalysisRefused(
            f"{both.sum()} of {len(days)} subjects have both the event and the competing one",
            remedy="Count the one that comes first",
        )
    return SurvivalTimes(
        entry=entries, day=days, event=events, group=groups, labels=names, competing=others, cluster=clusters
    )


def _whole_days(values: Any, what: str) -> Days:
    numbers = _numbers(values, what)
    with np.errstate(invalid="ignore"):
        right = (numbers >= 0) & (numbers <= LONGEST)
        if numbers.dtype.kind == "f":
            right &= numbers == np.rint(numbers)
    if not right.all():
        wrong = float(numbers[~right][0])
        problem, remedy = _wrong_day(wrong)
        raise AnalysisRefused(f"{what.capitalize()} {problem}", got=wrong, remedy=remedy)
    return numbers.astype(np.int64)


def _wrong_day(number: float) -> tuple[str, str]:
    """What is wrong with a time, and what to do."""
    if not math.isfinite(number):
        return "is missing or not finite", "Leave such subjects out and count them"
    if number < 0:
        return "is negative", "Check the dates: nothing is observed before the origin"
    if number > LONGEST:
        return f"is longer than {LONGEST} days", "Give times in days"
    return "is not a whole number of days", "Give times in whole days"


def _statuses(values: Any) -> npt.NDArray[np.bool_]:
    numbers = _numbers(values, "a status")
    if numbers.dtype == bool:
        return numbers.astype(bool)
    wrong = (numbers != 0) & (numbers != 1)
    if wrong.any():
        raise AnalysisRefused(
            "A status is neither 0 (censored) nor 1 (event)",
            got=float(numbers[wrong][0]),
            remedy="Code the status as 0 and 1, and leave subjects without one out",
        )
    return numbers.astype(bool)


def _numbers(values: Any, what: str) -> npt.NDArray[Any]:
    """The values as integers or booleans where they are, as floating-point numbers elsewhere."""
    column = pd.Series(values) if not isinstance(values, (pd.Series, np.ndarray)) else values
    try:
        if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
            numbers = np.asarray(column)
        elif isinstance(column, pd.Series):
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        else:
            numbers = column.astype(np.float64)
    except (TypeError, ValueError):
        raise AnalysisRefused(f"{what} is not a number".capitalize(), remedy="Give numbers") from None
    if numbers.ndim != 1:
        raise AnalysisRefused(f"{what} needs one dimension".capitalize(), got=numbers.shape, remedy="Give one column")
    return numbers


def _clusters(values: Any) -> npt.NDArray[np.intp]:
    codes, _ = pd.factorize(pd.Series(values))
    if (codes < 0).any():
        raise AnalysisRefused(
            f"{int((codes < 0).sum())} of {len(codes)} subjects have no cluster", remedy="Say whom each belongs to"
        )
    return np.asarray(codes, dtype=np.intp)


def categories(values: Any) -> tuple[npt.NDArray[Any], list[str]]:
    """The place of each subject's label among the labels, -1 where it is missing; and the labels.

    In the declared order of a category, else sorted.
    """
    column = pd.Series(values)
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("category")
    return column.cat.codes.to_numpy(), [str(category) for category in column.cat.categories]


def _groups(values: Any, labels: Sequence[str] | None, length: int) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    if values is None:
        return np.zeros(length, dtype=np.intp), ("all",)
    at, names = categories(values)
    missing, *counts = np.bincount(at + 1, minlength=len(names) + 1).tolist()
    if missing:
        raise AnalysisRefused(
            f"{missing} of {len(at)} subjects have no group",
            remedy="Leave them out and count them: a missing value is not a group",
        )
    # Nothing is said of an empty group, so it is not carried along.
    used = [name for name, count in zip(names, counts, strict=True) if count]
    order = [label for label in dict.fromkeys(labels if labels is not None else names) if label in used]
    if unknown := [name for name in used if name not in order]:
        raise AnalysisRefused("A group is not among the labels", got=unknown[0], remedy="Give a label for every group")
    place = np.array([order.index(name) if name in order else -1 for name in names], dtype=np.intp)
    return place[at], tuple(order)
