"""Cumulative incidence against slow code and by its properties: order, clusters, pooling, and tests over groups."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.competing import CumulativeIncidence, cumulative_incidence
from analytics.daytable import day_table, pooled
from analytics.gray import gray
from analytics.kaplan_meier import kaplan_meier
from analytics.limits import conf_type
from analytics.logrank import LogRank, holm, logrank, pairwise, stratified_logrank, trend
from analytics.restricted_mean import RestrictedMean, differences
from analytics.survival import SurvivalTimes, survival_times
from registry.errors import AnalysisRefused, UsageError

Subject = tuple[int, int, int, str, int]
"""Entry, day, state (0 censored, 1 event, 2 the competing one), group, cluster."""

property_test = settings(derandomize=True, max_examples=50, deadline=None)


@st.composite
def subjects(draw: st.DrawFn, groups: str = "ab", late: bool = True) -> list[Subject]:
    entries = st.integers(0, 12) if late else st.just(0)
    one = st.tuples(entries, st.integers(0, 25), st.integers(0, 2), st.sampled_from(groups), st.integers(0, 8))
    return [
        (entry if entry < day else 0, day, state, group, cluster)
        for entry, day, state, group, cluster in draw(st.lists(one, min_size=1, max_size=30))
    ]


def times_of(rows: list[Subject], *, clustered: bool = False) -> SurvivalTimes:
    entry, day, state, group, cluster = (list(column) for column in zip(*rows, strict=True))
    return survival_times(
        day,
        [value == 1 for value in state],
        entry=entry,
        group=group,
        competing=[value == 2 for value in state],
        cluster=cluster if clustered else None,
    )


def curve_of(rows: list[Subject], *, clustered: bool = False) -> CumulativeIncidence:
    return cumulative_incidence(times_of(rows, clustered=clustered))[0]


def slow_incidence(rows: list[Subject], weights: list[float], last: int) -> float:
    """The weighted Aalen-Johansen estimate, day by day."""
    weighted = list(zip(rows, weights, strict=True))
    free, incidence = 1.0, 0.0
    for day in sorted({row[1] for row in rows if row[1] <= last}):
        at_risk = sum(weight for row, weight in weighted if (row[0] < day or row[0] == 0) and row[1] >= day)
        events = sum(weight for row, weight in weighted if row[1] == day and row[2] == 1)
        others = sum(weight for row, weight in weighted if row[1] == day and row[2] == 2)
        incidence += free * events / at_risk
        free *= 1 - (events + others) / at_risk
    return incidence


@property_test
@given(subjects(groups="a"))
def test_the_estimate_is_that_of_slow_code(rows: list[Subject]) -> None:
    curve = curve_of(rows)
    assert (curve.n, curve.event_count, curve.competing_count) == (
        len(rows),
        sum(row[2] == 1 for row in rows),
        sum(row[2] == 2 for row in rows),
    )
    for day, estimate in zip(curve.day, curve.estimate, strict=True):
        assert estimate == pytest.approx(slow_incidence(rows, [1.0] * len(rows), int(day)), abs=1e-12)
    assert (np.diff(curve.estimate) >= -1e-15).all()


@property_test
@given(subjects(groups="a"))
def test_the_variance_is_the_squared_change_by_weight_of_each_cluster(rows: list[Subject]) -> None:
    """The infinitesimal jackknife, by central differences of the weighted estimate."""
    curve = curve_of(rows, clustered=True)
    last, step = int(curve.day[-1]), 1e-4
    total = 0.0
    for cluster in {row[4] for row in rows}:
        mine = [row[4] == cluster for row in rows]
        up, down = ([1 + sign * step * own for own in mine] for sign in (1, -1))
        total += ((slow_incidence(rows, up, last) - slow_incidence(rows, down, last)) / (2 * step)) ** 2
    assert curve.se[-1] == pytest.approx(math.sqrt(total), rel=1e-4, abs=1e-6)


@property_test
@given(subjects(), st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_subjects_changes_nothing(rows: list[Subject], random: Any, clustered: bool) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)
    for one, other in zip(
        cumulative_incidence(times_of(rows, clustered=clustered)),
        cumulative_incidence(times_of(shuffled, clustered=clustered)),
        strict=True,
    ):
        np.testing.assert_array_equal(one.estimate, other.estimate)
        np.testing.assert_allclose(one.se, other.se, rtol=1e-9, atol=1e-8)


@property_test
@given(subjects(groups="a"))
def test_single_subjects_are_clusters_of_one(rows: list[Subject]) -> None:
    alone = [(*row[:4], at) for at, row in enumerate(rows)]
    np.testing.assert_allclose(curve_of(alone, clustered=True).se, curve_of(rows).se, rtol=1e-9, atol=1e-8)


@property_test
@given(subjects(groups="a"))
def test_with_nothing_competing_it_is_one_less_survival(rows: list[Subject]) -> None:
    rows = [(entry, day, state % 2, group, cluster) for entry, day, state, group, cluster in rows]
    curve, survival = curve_of(rows), kaplan_meier(day_table(times_of(rows)))[0]
    np.testing.assert_allclose(curve.estimate, 1 - survival.estimate, atol=1e-15)
    assert [curve.quantile(level).days for level in (0.25, 0.5)] == [
        survival.quantile(1 - level).days for level in (0.25, 0.5)
    ]


@property_test
@given(subjects(), st.integers(0, 30))
def test_tables_with_a_competing_event_add_up(rows: list[Subject], cut: int) -> None:
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    together, alone = pooled(day_table(times_of(part)) for part in parts), day_table(times_of(rows))
    together = together.of(alone.labels)
    for column in ("entered", "events", "censored", "competing", "at_risk"):
        np.testing.assert_array_equal(getattr(together, column), getattr(alone, column))


@property_test
@given(subjects(groups="abc", late=False))
def test_gray_does_not_depend_on_the_order_of_the_groups(rows: list[Subject]) -> None:
    table = day_table(times_of(rows))
    one, other = gray([table]), gray([table.of(table.labels[::-1])])
    assert one is not None
    assert other is not None
    assert one.df == other.df
    if one.statistic is not None:
        assert other.statistic == pytest.approx(one.statistic, rel=1e-6, abs=1e-9)


@property_test
@given(subjects(groups="ab"))
def test_the_trend_over_two_groups_is_the_log_rank_test(rows: list[Subject]) -> None:
    table = day_table(times_of(rows))
    one, other = trend([table], {"a": 3, "b": 7}), logrank(table)
    assert one.df == other.df
    if one.statistic is not None:
        assert one.statistic == pytest.approx(other.statistic, rel=1e-7, abs=1e-9)


def test_one_stratum_is_no_stratum_and_strata_do_not_mix() -> None:
    rows = [(0, day, 1, "ab"[day % 2], 0) for day in range(1, 30)]
    table = day_table(times_of(rows))
    assert stratified_logrank([table]) == logrank(table)
    # In each stratum the groups fail alike, though they differ in all: the strata explain it.
    early = [(0, day, 1, group, 0) for day in (1, 2, 3) for group in "aab"]
    late = [(0, day, 1, group, 0) for day in (11, 12, 13) for group in "abb"]
    mixed, within = (
        logrank(day_table(times_of(early + late))),
        stratified_logrank([day_table(times_of(part)) for part in (early, late)]),
    )
    assert mixed.statistic is not None
    assert within.statistic == pytest.approx(0, abs=1e-12)
    assert mixed.statistic > 0.5


def test_what_has_no_trend_and_no_pairs() -> None:
    table = day_table(times_of([(0, day, 1, "abc"[day % 3], 0) for day in range(1, 20)]))
    nothing = LogRank(None, None, None)
    assert trend([table], {"a": 1}) == trend([table], {"a": 1, "b": 1}) == trend([table], {}) == nothing
    some, alone = trend([table], {"a": 1, "b": 2}), trend([table.of(("a", "b"))], {"a": 5, "b": 9})
    assert some.statistic == pytest.approx(alone.statistic)
    assert len(pairwise([table], stratified_logrank)) == 3
    assert pairwise([table.of(("a", "b"))], stratified_logrank) == ()


def test_holm() -> None:
    assert holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06]
    assert holm([0.5, None, 0.9]) == [1.0, None, 1.0]
    assert holm([]) == []


def test_differences_of_means() -> None:
    known, unknown = RestrictedMean(100, 80, 3, 0, 0), RestrictedMean(100, None, None, None, None)
    (found,) = differences(["a", "b"], [known, RestrictedMean(100, 85, 4, 0, 0)])
    assert (found.label, found.against, found.days, found.se) == ("b", "a", 5, 5)
    assert found.p == pytest.approx(0.31731, abs=1e-5)
    assert differences(["a", "b"], [known, unknown])[0].days is None
    assert differences(["a"], [known]) == ()


def test_what_is_refused() -> None:
    with pytest.raises(AnalysisRefused, match="both the event and the competing"):
        survival_times([1, 2], [1, 0], competing=[1, 0])
    with pytest.raises(AnalysisRefused, match="status"):
        survival_times([1, 2], [1, 0], competing=[0, 2])
    with pytest.raises(AnalysisRefused, match="no cluster"):
        survival_times([1, 2], [1, 0], cluster=["P1", None])
    with pytest.raises(AnalysisRefused, match="length"):
        survival_times([1, 2], [1, 0], competing=[0])
    with pytest.raises(AnalysisRefused, match="competing"):
        pooled([day_table(survival_times([1], [1])), day_table(survival_times([1], [1], competing=[0]))])
    with pytest.raises(UsageError, match="scale") as refused:
        conf_type("logit")
    assert "log-log" in refused.value.remedy
    with pytest.raises(ValueError, match="competes"):
        cumulative_incidence(survival_times([1], [1]))


def test_nobody() -> None:
    times = survival_times([], [], competing=[])
    assert [curve.n for curve in cumulative_incidence(times)] == [0]
    assert gray([day_table(times)]) == LogRank(None, None, None)
