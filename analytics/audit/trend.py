"""Rates over time: a run chart below 12 points, a chart of individual values and moving ranges (XmR) from 12 on.

A period without cases is a gap, not a zero: it is no point, and no moving range reaches over it. The rules for runs
take the points in their order, whatever lies between them. Every point counts alike, as both charts have it; how many
cases stand behind it is shown beside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

XMR_FROM = 12
"""Points from which on the limits of an XmR chart are drawn."""
SHIFT_POINTS, TREND_POINTS, LONG_POINTS = 6, 5, 8
USEFUL_FROM = 10
"""Useful points below which a run chart can hardly show anything: the tables of Anhøj and Olesen begin here."""

_XMR_FACTOR = 2.66
"""Three standard deviations, estimated by the mean moving range of two: 3 / 1.128."""
_NEARBY = 1e-12
"""A point on a limit is inside, whatever rounding says."""

Rule = Literal["shift", "trend", "long_run", "few_crossings", "outside", "run_of_eight"]

RULES: dict[Rule, str] = {
    "shift": f"{SHIFT_POINTS} or more points in a row on one side of the median",
    "trend": f"{TREND_POINTS} or more points in a row, each higher or each lower than the one before",
    "long_run": "a run on one side of the median that is longer than chance allows",
    "few_crossings": "the median is crossed less often than chance allows",
    "outside": "a point outside the natural process limits",
    "run_of_eight": f"{LONG_POINTS} or more points in a row on one side of the mean",
}

Rates = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Period:
    """A period with its cases; the rate is None where there are none."""

    label: str
    cases: int
    met: int

    @property
    def rate(self) -> float | None:
        """The adherent fraction of its cases."""
        return self.met / self.cases if self.cases else None


@dataclass(frozen=True)
class Signal:
    """A departure from chance, with the positions of the first and the last of its periods."""

    rule: Rule
    first: int
    last: int


@dataclass(frozen=True)
class RunChart:
    """A run chart.

    Attributes:
        periods: all of them, gaps included.
        median: of the rates, unweighted; None without points.
        useful: points that do not lie on the median.
        longest_run, longest_run_limit: useful points in a row on one side; a longer run than the limit is a signal.
        crossings, crossings_limit: how often the median is crossed; fewer than the limit are a signal.
        signals: what the rules found.
    """

    periods: tuple[Period, ...]
    median: float | None
    useful: int
    longest_run: int
    longest_run_limit: int
    crossings: int
    crossings_limit: int
    signals: tuple[Signal, ...]

    @property
    def center(self) -> float | None:
        """The line in the middle."""
        return self.median


@dataclass(frozen=True)
class ProcessChart:
    """An XmR chart.

    Attributes:
        periods: all of them, gaps included.
        mean: of the rates, unweighted.
        moving_range: the mean absolute difference of neighboring periods; None where no two neighbors have cases.
        low, high: natural process limits, mean ± 2.66 moving ranges, clipped to 0 … 1; None without moving ranges.
        signals: points outside, and long runs on one side of the mean.
    """

    periods: tuple[Period, ...]
    mean: float
    moving_range: float | None
    low: float | None
    high: float | None
    signals: tuple[Signal, ...]

    @property
    def center(self) -> float:
        """The line in the middle."""
        return self.mean


def trend(labels: Sequence[str], cases: Sequence[int], met: Sequence[int]) -> RunChart | ProcessChart:
    """The chart that fits the number of periods with cases.

    Args:
        labels: the periods in their order, none left out, shape (periods,).
        cases, met: units in the score and adherent ones of each, shape (periods,).

    Raises:
        ValueError: shapes differ, or more met than cases.
    """
    periods = tuple(Period(label, int(n), int(k)) for label, n, k in zip(labels, cases, met, strict=True))
    if not all(0 <= period.met <= period.cases for period in periods):
        raise ValueError("a period has more cases met than it has")
    points = sum(period.cases > 0 for period in periods)
    return process_chart(periods) if points >= XMR_FROM else run_chart(periods)


def run_chart(periods: Sequence[Period]) -> RunChart:
    """A run chart with its rules.

    Shift and trend: Perla RJ, Provost LP, Murray SK. BMJ Qual Saf 2011;20:46-51. Points on the median neither make nor
    break a run; of equal neighbors only the first counts in a trend. Longest run and crossings: Anhøj J, Olesen AV.
    PLoS One 2014;9:e113825; of n useful points no run should be longer than log2(n) + 3, rounded, and no fewer
    crossings happen than the 5 % quantile of a binomial of n - 1 fair tosses. The same authors found that the trend
    rule adds little: read it with the others.

    Args:
        periods: in their order, gaps included.
    """
    at, rates = _points(periods)
    if not len(rates):
        return RunChart(tuple(periods), None, 0, 0, 0, 0, 0, ())
    median = float(np.median(rates))
    useful = np.flatnonzero(rates != median)
    above = rates[useful] > median
    runs = _stretches(above)
    longest = max((last - first + 1 for first, last in runs), default=0)
    longest_limit = round(math.log2(len(useful)) + 3) if len(useful) else 0
    crossings, crossings_limit = max(len(runs) - 1, 0), _fewest_crossings(len(useful))
    signals = [
        Signal("shift", int(at[useful[first]]), int(at[useful[last]]))
        for first, last in runs
        if last - first + 1 >= SHIFT_POINTS
    ]
    signals += [Signal("trend", int(at[first]), int(at[last])) for first, last in _monotone(rates)]
    signals += [
        Signal("long_run", int(at[useful[first]]), int(at[useful[last]]))
        for first, last in runs
        if last - first + 1 > longest_limit
    ]
    if crossings < crossings_limit:
        signals.append(Signal("few_crossings", int(at[0]), int(at[-1])))
    return RunChart(
        tuple(periods), median, len(useful), longest, longest_limit, crossings, crossings_limit, tuple(signals)
    )


def process_chart(periods: Sequence[Period]) -> ProcessChart:
    """An XmR chart: natural process limits from how much neighboring points differ.

    Wheeler DJ. Understanding Variation, 2nd ed., 2000: a point outside, or eight in a row on one side of the mean, is a
    signal. The limits come from the data and not from the binomial distribution, so they also hold where rates vary by
    more than chance; they are the same for all periods, although a period with few cases varies more.

    Args:
        periods: in their order, gaps included; at least one with cases.
    """
    at, rates = _points(periods)
    mean = float(rates.mean())
    off = np.flatnonzero(np.abs(rates - mean) > _NEARBY)
    runs = _stretches(rates[off] > mean)
    long = [(first, last) for first, last in runs if last - first + 1 >= LONG_POINTS]
    signals = [Signal("run_of_eight", int(at[off[first]]), int(at[off[last]])) for first, last in long]
    ranges = np.abs(np.diff(rates))[np.diff(at) == 1]
    if not len(ranges):
        return ProcessChart(tuple(periods), mean, None, None, None, tuple(signals))
    moving_range = float(ranges.mean())
    low, high = max(mean - _XMR_FACTOR * moving_range, 0.0), min(mean + _XMR_FACTOR * moving_range, 1.0)
    outside = at[(rates < low - _NEARBY) | (rates > high + _NEARBY)]
    signals = [Signal("outside", int(position), int(position)) for position in outside] + signals
    return ProcessChart(tuple(periods), mean, moving_range, low, high, tuple(signals))


def _points(periods: Sequence[Period]) -> tuple[npt.NDArray[np.intp], Rates]:
    """The positions of the periods with cases, and their rates."""
    at = np.array([position for position, period in enumerate(periods) if period.cases], dtype=np.intp)
    return at, np.array([period.met / period.cases for period in periods if period.cases], dtype=np.float64)


def _stretches(values: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and the last position of each stretch of equal values."""
    if not len(values):
        return []
    changes = np.flatnonzero(np.diff(values.astype(np.int8)))
    firsts = [0, *(int(change) + 1 for change in changes)]
    return list(zip(firsts, [*(first - 1 for first in firsts[1:]), len(values) - 1], strict=True))


def _monotone(rates: Rates) -> list[tuple[int, int]]:
    """The first and the last position of each long enough rise or fall; of equal neighbors only the first counts."""
    kept = np.flatnonzero(np.append(True, np.diff(rates) != 0))
    steps = _stretches(np.diff(rates[kept]) > 0)
    # A stretch of steps has one point more than it has steps.
    return [(int(kept[first]), int(kept[last + 1])) for first, last in steps if last - first + 2 >= TREND_POINTS]


def _fewest_crossings(useful: int) -> int:
    if useful < 2:
        return 0
    from scipy.stats import binom

    return int(binom.ppf(0.05, useful - 1, 0.5))
