"""Run charts and XmR charts: against R (tests/reference/make_audit.R), by hand, and by their properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.audit.trend import XMR_FROM, Period, ProcessChart, RunChart, process_chart, run_chart, trend

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "audit.json").read_text(encoding="utf-8")
)

Counts = list[tuple[int, int]]

counts_of_periods = st.lists(
    st.integers(0, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), max_size=30
)


def chart_of(counts: Counts) -> RunChart | ProcessChart:
    return trend([f"P{at}" for at in range(len(counts))], [n for n, _ in counts], [met for _, met in counts])


def periods_of(rates: list[float | None], cases: int = 500) -> list[Period]:
    """Periods with these rates; None is a gap."""
    return [
        Period(f"P{at}", 0, 0) if value is None else Period(f"P{at}", cases, round(value * cases))
        for at, value in enumerate(rates)
    ]


def signals(chart: RunChart | ProcessChart) -> set[tuple[str, int, int]]:
    return {(signal.rule, signal.first, signal.last) for signal in chart.signals}


@pytest.mark.parametrize("case", [*REFERENCE["runs"], *REFERENCE["long_runs"]])
def test_runs_as_in_r(case: dict[str, Any]) -> None:
    chart = run_chart(periods_of(case["rates"]))
    assert chart.median == pytest.approx(case["median"], rel=1e-9)
    for name in ("useful", "longest_run", "longest_run_limit", "crossings", "crossings_limit"):
        assert getattr(chart, name) == case[name]


@pytest.mark.parametrize("case", [*REFERENCE["process"], REFERENCE["wide_process"]])
def test_process_limits_as_in_r(case: dict[str, Any]) -> None:
    chart = process_chart(periods_of(case["rates"]))
    for name in ("mean", "moving_range", "low", "high"):
        assert getattr(chart, name) == pytest.approx(case[name], rel=1e-9)


def test_the_number_of_points_chooses_the_chart() -> None:
    some = [(10, 7)] * (XMR_FROM - 1)
    assert isinstance(chart_of([*some, (0, 0), (0, 0)]), RunChart)
    assert isinstance(chart_of([*some, (0, 0), (10, 7)]), ProcessChart)


def test_six_on_one_side_are_a_shift_and_points_on_the_median_do_not_count() -> None:
    # The median is 0.5: two points lie on it, within the run of six below.
    chart = run_chart(periods_of([0.3, 0.2, 0.5, 0.4, 0.2, 0.5, 0.3, 0.2, 0.7, 0.8, 0.7, 0.9, 0.6]))
    assert chart.median == 0.5
    assert (chart.useful, chart.longest_run, chart.crossings) == (11, 6, 1)
    assert ("shift", 0, 7) in signals(chart)
    five = run_chart(periods_of([0.3, 0.2, 0.4, 0.2, 0.3, 0.7, 0.8, 0.7, 0.9, 0.6]))
    assert not [signal for signal in five.signals if signal.rule == "shift"]


def test_five_rising_are_a_trend_and_equal_neighbors_count_once() -> None:
    chart = run_chart(periods_of([0.9, 0.1, 0.2, 0.2, 0.3, 0.4, 0.5, 0.1, 0.9]))
    assert ("trend", 1, 6) in signals(chart)
    four = run_chart(periods_of([0.9, 0.1, 0.2, 0.2, 0.3, 0.4, 0.1, 0.9]))
    assert not [signal for signal in four.signals if signal.rule == "trend"]
    falling = run_chart(periods_of([0.2, 0.9, 0.8, 0.7, 0.6, 0.5]))
    assert ("trend", 1, 5) in signals(falling)


def test_few_crossings_and_long_runs() -> None:
    chart = run_chart(periods_of([0.2, 0.3] * 6 + [0.7, 0.8] * 6))
    assert (chart.longest_run, chart.longest_run_limit) == (12, 8)
    assert (chart.crossings, chart.crossings_limit) == (1, 8)
    assert {("long_run", 0, 11), ("long_run", 12, 23), ("few_crossings", 0, 23)} <= signals(chart)
    assert signals(run_chart(periods_of([0.2, 0.8] * 5))) == set()


def test_a_period_without_cases_is_a_gap_and_no_zero() -> None:
    with_gap = chart_of([(10, 8), (0, 0), (10, 6)])
    assert with_gap.center == 0.7
    assert [period.rate for period in with_gap.periods] == [0.8, None, 0.6]
    values: list[float | None] = [0.6, 0.8] * 7
    assert process_chart(periods_of(values)).moving_range == pytest.approx(0.2)
    # The jump from 0.8 to 0.1 happened somewhere within the gap: it is no range of neighbors.
    values = [*values, None, 0.1, 0.3]
    assert process_chart(periods_of(values)).moving_range == pytest.approx(0.2)
    lonely = process_chart(periods_of([0.5, None] * 12))
    assert (lonely.moving_range, lonely.low, lonely.high, lonely.signals) == (None, None, None, ())


def test_a_point_outside_the_limits() -> None:
    chart = process_chart(periods_of([0.80, 0.82] * 8 + [0.4]))
    assert ("outside", 16, 16) in signals(chart)
    assert chart.low is not None
    assert chart.low > 0.4


def test_eight_on_one_side_of_the_mean() -> None:
    eight, six = [0.50, 0.52] * 4, [0.50, 0.52] * 3
    assert ("run_of_eight", 0, 7) in signals(process_chart(periods_of([*eight, *[0.6, 0.62] * 3])))
    broken = process_chart(periods_of([*six, 0.7, *six, 0.7]))
    assert signals(broken) == {("outside", 6, 6), ("outside", 13, 13)}


def test_limits_are_clipped_and_a_perfect_rate_lies_inside() -> None:
    chart = process_chart(periods_of([1.0, 0.7] * 7))
    assert (chart.high, chart.low) == (1.0, pytest.approx(0.85 - 2.66 * 0.3))
    assert signals(chart) == set()
    steady = process_chart(periods_of([0.1] * 15))
    assert (steady.low, steady.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert signals(steady) == set()


def test_no_points() -> None:
    for counts in ([], [(0, 0), (0, 0)]):
        chart = chart_of(counts)
        assert isinstance(chart, RunChart)
        assert (chart.median, chart.useful, chart.crossings_limit, chart.signals) == (None, 0, 0, ())


@given(counts_of_periods)
def test_the_other_way_round_in_time_and_in_sense(counts: Counts) -> None:
    chart, back = chart_of(counts), chart_of(counts[::-1])
    contrary = chart_of([(n, n - met) for n, met in counts])
    last = len(counts) - 1
    assert signals(back) == {
        (rule, last - end, last - start) for rule, start, end in signals(chart) if rule != "trend"
    } | {found for found in signals(back) if found[0] == "trend"}
    trends = [sum(signal.rule == "trend" for signal in other.signals) for other in (chart, back, contrary)]
    assert len(set(trends)) == 1
    if chart.center is not None:
        assert contrary.center == pytest.approx(1 - chart.center)
    if isinstance(chart, ProcessChart) and chart.low is not None and chart.high is not None:
        assert isinstance(contrary, ProcessChart)
        assert (contrary.low, contrary.high) == (pytest.approx(1 - chart.high), pytest.approx(1 - chart.low))


@given(counts_of_periods)
def test_counts_add_up(counts: Counts) -> None:
    chart = chart_of(counts)
    assert [period.cases for period in chart.periods] == [n for n, _ in counts]
    points = [met / n for n, met in counts if n]
    if isinstance(chart, RunChart):
        assert chart.useful == sum(value != chart.median for value in points)
        assert chart.longest_run <= chart.useful
        assert chart.crossings <= max(chart.useful - 1, 0)
        if chart.median is not None:
            below = sum(value < chart.median for value in points)
            assert max(below, chart.useful - below) <= len(points) / 2 or len(points) % 2
    else:
        assert len(points) >= XMR_FROM
        assert min(points) - 1e-12 <= chart.mean <= max(points) + 1e-12


def test_input_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="more cases met"):
        trend(["a"], [3], [4])
    with pytest.raises(ValueError, match="zip"):
        trend(["a", "b"], [3], [2])
