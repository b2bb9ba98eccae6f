"""The risk sets of Cox's model as counts of subjects by covariate pattern and event day, and their Efron sums.

Subjects with the same covariates are one pattern, so the cost of a sum grows with the number of patterns that leave on
a day and not with the number of subjects. Ties by Efron B. J Am Stat Assoc 1977;72:557-565: of d tied events the k-th
(k = 0 … d - 1) sees the risk set less k/d of the events. A sum over k of any of the terms below needs only the sums
over the risk set (S) and over the events (T) of the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from analytics.survival import SurvivalTimes

Floats = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int32]

_MOST_LEVELS = 1000
"""A column with more values than that is continuous: its subjects are not looked through for patterns."""


_BEYOND = np.errstate(over="ignore", invalid="ignore")
"""So far out along a separation that a sum is beyond all numbers there is no information: no warning says it better."""


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Who is at risk on each event day of each stratum; made by :func:`risk_sets`.

    An event day is a day with events in one stratum; they are numbered 0 … D - 1, stratum after stratum.

    Attributes:
        x: covariates of each pattern, shape (G, p).
        pattern: the pattern of each subject, shape (n,).
        day, stratum, count: of each event day: the day, its stratum and the number of events, shape (D,).
        bounds: where the event days of each stratum begin, and the end, shape (strata + 1,).
        first, last: event days on which a subject is at risk: first <= number < last, shape (n,).
        leaving: subjects by pattern and the last event day at risk, shape (G, D).
        joining: subjects by pattern and the last event day before a late entry, shape (G, D).
        failing: events by pattern and event day, shape (G, D).
        event_x: sum of the covariates over the events of a day, shape (D, p).
    """

    x: Floats
    pattern: Positions
    day: npt.NDArray[np.int64]
    stratum: npt.NDArray[np.intp]
    count: npt.NDArray[np.int64]
    bounds: Positions
    first: Positions
    last: Positions
    leaving: Any
    joining: Any
    failing: Any
    event_x: Floats

    @property
    def events(self) -> int:
        """Events of all days."""
        return int(self.count.sum())

    @cached_property
    def shares(self) -> Floats:
        """Of each event k / d, its place 0 … d - 1 among the events of its day by their number, shape (events,)."""
        starts = np.repeat(np.cumsum(self.count) - self.count, self.count)
        return np.asarray((np.arange(self.events) - starts) / np.repeat(self.count, self.count))

    def backwards(self, by_day: Any) -> Any:
        """Sums from each event day to the last one of its stratum, along the first axis."""
        return self._within(by_day, slice(None, None, -1))

    def forwards(self, by_day: Any) -> Any:
        """Sums from the first event day of the stratum to each, along the first axis."""
        return self._within(by_day, slice(None))

    def _within(self, by_day: Any, order: slice) -> Any:
        sums = np.empty_like(by_day)
        for start, end in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            sums[start:end] = np.cumsum(by_day[start:end][order], axis=0)[order]
        return sums

    def at_risk(self, of_pattern: Any) -> Any:
        """Sum of a quantity of the patterns, shape (G,) or (G, q), over the risk set of each event day."""
        found = self.backwards(self.leaving.T @ of_pattern)
        # Nothing is subtracted where nobody enters late: small risk sets keep all their digits.
        return found - self.backwards(self.joining.T @ of_pattern) if self.joining.nnz else found

    def while_at_risk(self, of_day: Any) -> Any:
        """Sum of a quantity of the event days over the days at risk of the subjects of each pattern, shape (G,)."""
        sums = self.forwards(of_day)
        return self.leaving @ sums - self.joining @ sums if self.joining.nnz else self.leaving @ sums


def risk_sets(times: SurvivalTimes, x: npt.NDArray[Any]) -> RiskSets:
    """Count subjects by pattern and event day.

    Args:
        times: the checked times; their groups are the strata.
        x: covariates, finite, shape (n, p); booleans and small integers are taken as they are.
    """
    pattern, of_pattern = _patterns(x)
    width = int(times.day.max()) + 1 if len(times) else 1
    cell = times.group * width + times.day
    # Positions take half of the memory as 32 bits: there are fewer than two thousand million subjects.
    by_cell = np.bincount(cell[times.event], minlength=len(times.labels) * width)
    event_cell = np.flatnonzero(by_cell)
    stratum = event_cell // width
    bounds = np.searchsorted(stratum, np.arange(len(times.labels) + 1)).astype(np.int32)
    before = _before(event_cell, by_cell.size)
    last = before[cell + 1]
    first, joined = bounds[times.group], np.flatnonzero(times.entry)
    if joined.size:
        first[joined] = before[cell[joined] - times.day[joined] + times.entry[joined] + 1]
    del cell
    seen = last > first
    late = seen & (first > bounds[times.group])
    shape = (len(of_pattern), len(event_cell))
    failing = _counts(pattern[times.event], last[times.event] - 1, shape)
    return RiskSets(
        x=of_pattern,
        pattern=pattern,
        day=event_cell % width,
        stratum=stratum,
        count=by_cell[event_cell],
        bounds=bounds,
        first=first,
        last=last,
        leaving=_counts(pattern[seen], last[seen] - 1, shape),
        joining=_counts(pattern[late], first[late] - 1, shape),
        failing=failing,
        event_x=failing.T @ of_pattern,
    )


def _before(event_cell: npt.NDArray[np.intp], cells: int) -> Positions:
    """How many event days lie before each cell of (stratum, day), shape (cells + 1,)."""
    before = np.zeros(cells + 1, dtype=np.int32)
    before[event_cell + 1] = 1
    return np.cumsum(before, dtype=np.int32)


def _patterns(x: npt.NDArray[Any]) -> tuple[Positions, Floats]:
    """The pattern of each subject and the covariates of each pattern."""
    n = len(x)
    code, many = np.zeros(n, dtype=np.int32), 1
    for column in x.T:
        values, levels = (column, 2) if column.dtype == bool else _levels(column)
        if levels > _MOST_LEVELS:
            return np.arange(n, dtype=np.int32), x.astype(np.float64)
        code *= levels
        code += values
        many *= levels
        if many > 2**20:
            code, many = _levels(code)
    code, many = _levels(code)
    if many > n / 2:
        return np.arange(n, dtype=np.int32), x.astype(np.float64)
    example = np.empty(many, dtype=np.intp)
    example[code] = np.arange(n)
    return code, x[example].astype(np.float64)


def _levels(column: npt.NDArray[Any]) -> tuple[Positions, int]:
    codes, values = pd.factorize(column)
    return codes.astype(np.int32), len(values)


def _counts(pattern: Positions, event_day: Positions, shape: tuple[int, int]) -> Any:
    """How many of each pattern, by event day, as a sparse matrix."""
    if shape[0] * shape[1] > 8 * len(pattern):
        return sparse.coo_array((np.ones(len(pattern)), (pattern, event_day)), shape=shape).tocsr()
    # Counting into the whole rectangle is faster than sorting where it is filled well; 32 bits hold its place.
    by_cell = np.zeros(shape[0] * shape[1], dtype=np.int32)
    np.add.at(by_cell, pattern * np.int32(shape[1]) + event_day, np.int32(1))
    cell = np.flatnonzero(by_cell)
    counts = by_cell[cell].astype(np.float64)
    del by_cell
    ends = np.searchsorted(cell, np.arange(shape[0] + 1) * shape[1]).astype(np.int32)
    cell %= max(shape[1], 1)
    return sparse.csr_array((counts, cell.astype(np.int32), ends), shape=shape)


@dataclass(frozen=True, eq=False)
class EfronSums:
    """The sums of a log partial likelihood and its derivatives at one vector of coefficients.

    Attributes:
        of: the risk sets.
        risk: exp of the linear predictor of each pattern, up to one factor for all, shape (G,).
        s1, t1: sums of risk times covariates over the risk set and over the events of a day, shape (D, p).
        log_likelihood: of all events.
        a, b, c, d, e: sums over the tied events k of a day, with share = k / number and f = 1 / (S0 - share T0), of f,
            share f, f², share f² and share² f², shape (D,).
    """

    of: RiskSets
    risk: Any
    s1: Any
    t1: Any
    log_likelihood: Any
    a: Any
    b: Any
    c: Any
    d: Any
    e: Any

    @property
    def mean_x(self) -> Any:
        """Expected covariates of an event of each day, the mean over its ties, shape (D, p)."""
        return (self.s1 * self.a[:, None] - self.t1 * self.b[:, None]) / self.of.count[:, None]

    def score(self, weight: Any = 1.0) -> Any:
        """Sum of observed less expected covariates over the events, each day times a weight, shape (p,)."""
        by_day = self.of.event_x - self.mean_x * self.of.count[:, None]
        return np.sum(by_day * np.broadcast_to(weight, self.a.shape)[:, None], axis=0)

    @_BEYOND
    def information(self, weight: Any = 1.0) -> Any:
        """Sum of the variances of the covariates over the events, each day times a weight, shape (p, p)."""
        a, b, c, d, e = (weight * part for part in (self.a, self.b, self.c, self.d, self.e))
        x = self.of.x
        seen = self.risk * (self.of.while_at_risk(a) - self.of.failing @ b)
        cross = self.s1.T @ (self.t1 * d[:, None])
        square = self.s1.T @ (self.s1 * c[:, None]) + self.t1.T @ (self.t1 * e[:, None])
        return (x * seen[:, None]).T @ x - (square - cross - cross.T)


@_BEYOND
def efron_sums(sets: RiskSets, coefficients: Any) -> EfronSums:
    """The sums at some coefficients, real or complex, shape (p,)."""
    predictor = sets.x @ coefficients
    shift = predictor.real.max() if len(predictor) else 0.0
    risk = np.exp(predictor - shift)
    with_x = np.column_stack((risk, sets.x * risk[:, None]))
    s, t = sets.at_risk(with_x), sets.failing.T @ with_x
    starts, share = np.cumsum(sets.count) - sets.count, sets.shares
    f = np.repeat(s[:, 0], sets.count) - share * np.repeat(t[:, 0], sets.count)
    log_likelihood = np.sum(sets.failing.T @ predictor) - np.sum(np.log(f)) - shift * sets.events
    f = 1 / f

    def by_day(values: Any) -> Any:
        return np.add.reduceat(values, starts) if len(starts) else values

    return EfronSums(
        sets,
        risk,
        s[:, 1:],
        t[:, 1:],
        log_likelihood,
        *(by_day(part) for part in (f, share * f, f * f, share * f * f, share * share * f * f)),
    )
