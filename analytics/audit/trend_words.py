"""What a chart over time says, in a word or two: for lists in which there is no room for the chart."""

from __future__ import annotations

from analytics.audit.trend import ProcessChart, RunChart, Signal

LEAST_POINTS = 8
"""Periods with cases below which nothing is said."""

_STANDS = ("shift", "long_run", "run_of_eight")


def trend_words(chart: RunChart | ProcessChart) -> str:
    """The latest signal of a chart: higher or lower, rising or falling, and when; "no signal" where there is none.

    Of several signals the one that ends last is named, and of those the longest; few crossings only where nothing else
    is found.
    """
    if sum(period.cases > 0 for period in chart.periods) < LEAST_POINTS:
        return "too few periods"
    if not chart.signals:
        return "no signal"
    told = max(chart.signals, key=lambda one: (one.rule != "few_crossings", one.last, -one.first))
    first, last = chart.periods[told.first].label, chart.periods[told.last].label
    if told.rule == "few_crossings":
        return "changes rarely"
    if told.rule == "outside":
        return f"{_side(chart, told)} in {last}"
    words = _side(chart, told) if told.rule in _STANDS else _way(chart, told)
    at_the_end = not any(period.cases for period in chart.periods[told.last + 1 :])
    return f"{words} since {first}" if at_the_end else f"{words} {first} to {last}"


def _rates(chart: RunChart | ProcessChart, signal: Signal) -> list[float]:
    return [one.rate for one in chart.periods[signal.first : signal.last + 1] if one.rate is not None]


def _side(chart: RunChart | ProcessChart, signal: Signal) -> str:
    rates = _rates(chart, signal)
    return "higher" if sum(rates) / len(rates) > (chart.center or 0.0) else "lower"


def _way(chart: RunChart | ProcessChart, signal: Signal) -> str:
    rates = _rates(chart, signal)
    return "rising" if rates[-1] > rates[0] else "falling"
