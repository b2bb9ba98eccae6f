"""The day table and what is computed on it, against slow code and by their properties; input that is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.daytable import DayTable, day_table, day_table_by, pooled
from analytics.kaplan_meier import KaplanMeier, kaplan_meier, median_follow_up
from analytics.logrank import logrank
from analytics.survival import LONGEST, SurvivalTimes, survival_times
from registry.errors import AnalysisRefused

Subject = tuple[int, int, bool, str]
"""Entry, day, event, group."""

property_test = settings(derandomize=True, max_examples=60, deadline=None)


@st.composite
def subjects(draw: st.DrawFn, groups: str = "abc") -> list[Subject]:
    one = st.tuples(st.integers(0, 12), st.integers(0, 30), st.booleans(), st.sampled_from(groups))
    return [
        (entry if entry < day else 0, day, event, group)
        for entry, day, event, group in draw(st.lists(one, min_size=1, max_size=40))
    ]


def times_of(rows: list[Subject], labels: str | None = None) -> SurvivalTimes:
    entry, day, event, group = (list(column) for column in zip(*rows, strict=True))
    present = None if labels is None else [label for label in labels if label in group]
    return survival_times(day, event, entry=entry, group=group, labels=present)


def table_of(rows: list[Subject], labels: str | None = None) -> DayTable:
    return day_table(times_of(rows, labels))


def curve_of(*rows: tuple[int, bool]) -> KaplanMeier:
    return kaplan_meier(table_of([(0, day, event, "a") for day, event in rows]))[0]


def same_tables(first: DayTable, second: DayTable) -> None:
    assert first.labels == second.labels
    for column in ("entered", "events", "censored", "at_risk"):
        np.testing.assert_array_equal(getattr(first, column), getattr(second, column))


def at_risk(rows: list[Subject], day: int) -> int:
    """From the origin day 0 included; late entries on (entry, day]."""
    return sum((entry < day or entry == 0) and day <= last for entry, last, _, _ in rows)


@property_test
@given(subjects(), st.randoms(use_true_random=False))
def test_the_order_of_subjects_changes_nothing(rows: list[Subject], random: Any) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)
    same_tables(table_of(rows), table_of(shuffled))


@property_test
@given(subjects(), st.integers(0, 3))
def test_a_further_grouping_counts_those_who_have_a_value(rows: list[Subject], left_out: int) -> None:
    values = [None if at % 3 == left_out else group for at, (_, _, _, group) in enumerate(rows)]
    found = day_table_by(times_of(rows), pd.Series(values, dtype="object"))
    known = [row for row, value in zip(rows, values, strict=True) if value is not None]
    if not known:
        assert found.labels == ()
        return
    same = table_of(known)
    width = same.events.shape[1]
    same_tables(
        DayTable(found.labels, found.entered[:, :width], found.events[:, :width], found.censored[:, :width]), same
    )
    assert not found.at_risk[:, width:].any()


@property_test
@given(subjects())
def test_the_table_counts_subjects(rows: list[Subject]) -> None:
    table = table_of(rows)
    for at, label in enumerate(table.labels):
        mine = [row for row in rows if row[3] == label]
        assert table.sizes[at] == len(mine) > 0
        for day in range(table.events.shape[1]):
            assert table.at_risk[at, day] == at_risk(mine, day)
            assert table.events[at, day] == sum(last == day and event for _, last, event, _ in mine)
            assert table.censored[at, day] == sum(last == day and not event for _, last, event, _ in mine)


@property_test
@given(subjects(groups="a"))
def test_kaplan_meier_is_the_product_over_days(rows: list[Subject]) -> None:
    curve = kaplan_meier(table_of(rows))[0]
    assert (curve.n, curve.event_count) == (len(rows), sum(row[2] for row in rows))
    assert curve.day.tolist() == sorted({row[1] for row in rows})
    for day, estimate in zip(curve.day, curve.estimate, strict=True):
        naive, variance = 1.0, 0.0
        for before in sorted({last for _, last, event, _ in rows if event and last <= day}):
            d = sum(event and last == before for _, last, event, _ in rows)
            y = at_risk(rows, before)
            naive *= 1 - d / y
            variance += d / (y * (y - d)) if y > d else math.inf
        assert estimate == pytest.approx(naive, abs=1e-12)
        row = curve.row_at(int(day))
        if 0 < naive < 1:
            assert curve.greenwood[row] == pytest.approx(variance)
            half = 1.959963984540054 * math.sqrt(variance) / abs(math.log(naive))
            assert curve.ci_low[row] == pytest.approx(naive ** math.exp(half))
            assert curve.ci_high[row] == pytest.approx(naive ** math.exp(-half))
        else:
            assert np.isnan(curve.ci_low[row])
            assert np.isnan(curve.ci_high[row])


@property_test
@given(subjects(), st.permutations("abc"))
def test_log_rank_does_not_depend_on_the_order_of_the_groups(rows: list[Subject], order: list[str]) -> None:
    one, other = logrank(table_of(rows, "abc")), logrank(table_of(rows, "".join(order)))
    assert one.df == other.df
    if one.statistic is not None:
        assert one.statistic == pytest.approx(other.statistic, rel=1e-7, abs=1e-9)
        assert one.p == pytest.approx(other.p, rel=1e-6, abs=1e-9)


@property_test
@given(subjects(groups="ab"))
def test_log_rank_of_two_groups_is_observed_less_expected(rows: list[Subject]) -> None:
    difference = variance = 0.0
    first = [row for row in rows if row[3] == "a"]
    for day in {last for _, last, event, _ in rows if event}:
        d, y = sum(event and last == day for _, last, event, _ in rows), at_risk(rows, day)
        share = at_risk(first, day) / y
        difference += sum(event and last == day for _, last, event, _ in first) - d * share
        variance += d * share * (1 - share) * (y - d) / (y - 1) if y > 1 else 0
    test = logrank(table_of(rows))
    if variance < 1e-12:
        assert test.statistic is test.p is None
    else:
        assert test.df == 1
        assert test.statistic == pytest.approx(difference**2 / variance, abs=1e-9)


@property_test
@given(subjects())
def test_with_everybody_censored_survival_is_1(rows: list[Subject]) -> None:
    table = table_of([(entry, day, False, group) for entry, day, _, group in rows])
    for curve in kaplan_meier(table):
        assert (curve.estimate == 1).all()
        assert np.isnan(curve.ci_low).all()
        assert (curve.median.days, curve.median.ci_low, curve.median.ci_high) == (None, None, None)
        assert curve.survival_at(curve.last_day) == 1
        assert curve.survival_at(curve.last_day + 1) is None
        if curve.last_day:
            mean = curve.restricted_mean(curve.last_day)
            assert (mean.days, mean.se) == (curve.last_day, 0)
    assert logrank(table).statistic is None


@property_test
@given(subjects(), st.integers(0, 40))
def test_tables_of_centers_add_up(rows: list[Subject], cut: int) -> None:
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    together, alone = pooled(table_of(part) for part in parts), table_of(rows)
    order = [together.labels.index(label) for label in alone.labels]
    for column in ("entered", "events", "censored"):
        np.testing.assert_array_equal(getattr(together, column)[order], getattr(alone, column))


def test_tables_that_cannot_be_pooled() -> None:
    with pytest.raises(AnalysisRefused, match="no day table"):
        pooled([])
    table = table_of([(0, 1, True, "a")])
    with pytest.raises(AnalysisRefused, match="twice"):
        pooled([DayTable(("a", "a"), *(np.zeros((2, 1), dtype=np.int64) for _ in range(3)))])
    same_tables(pooled([table]), table)


@pytest.mark.parametrize(
    ("rows", "median"),
    [
        ([(1, True), (2, True), (3, True), (4, True)], 2.5),  # S = 0.5 from day 2 to day 3: the middle
        ([(1, True), (2, True), (5, False), (9, True), (9, True)], 9),
        ([(10, True), (20, True), (30, False), (40, False)], 20),  # S stays at 0.5: its first day
        ([(3, True)], 3),
        ([(3, True), (7, False)], 3),
        ([(3, True), (7, True)], 5),
        ([(3, True), (4, False), (5, False)], None),
        ([(0, True), (4, False)], 0),
    ],
)
def test_the_median_by_the_rule_of_r(rows: list[tuple[int, bool]], median: float | None) -> None:
    assert curve_of(*rows).median.days == median


def test_the_median_where_a_product_misses_one_half_by_rounding() -> None:
    for n in range(2, 200, 2):
        rows = [(day, True) for day in range(1, n + 1)]
        assert curve_of(*rows).median.days == n / 2 + 0.5, n


def test_rates_and_restricted_means_end_with_follow_up() -> None:
    curve = curve_of((100, True), (400, False), (500, True))
    rates = {rate.months: rate for rate in curve.rates()}
    assert (rates[12].estimate, rates[12].at_risk) == (pytest.approx(2 / 3), 2)
    assert rates[36].to_dict() == {"months": 36, "estimate": None, "ci_low": None, "ci_high": None, "at_risk": None}
    assert curve.restricted_mean(501).days is None
    assert curve.restricted_mean(0).days is None
    mean = curve.restricted_mean(300)
    assert mean.days == pytest.approx(100 + 200 * 2 / 3)
    assert mean.se == pytest.approx(math.sqrt((200 * 2 / 3) ** 2 / (3 * 2)))


def test_late_entries_are_not_at_risk_on_the_day_of_their_entry() -> None:
    curve = kaplan_meier(table_of([(0, 5, True, "a"), (5, 9, True, "a"), (4, 9, False, "a")]))[0]
    assert curve.at_risk.tolist() == [2, 2]
    assert [curve.at_risk_at(day) for day in (0, 4, 4.5, 5, 6, 9, 9.5)] == [1, 1, 2, 2, 2, 2, 0]


def test_follow_up_is_survival_with_censoring_as_the_event() -> None:
    rows = [(0, 5, True, "a"), (0, 10, False, "b"), (0, 20, False, "a"), (0, 30, True, "b")]
    assert median_follow_up(table_of(rows)).days == 20
    assert median_follow_up(table_of([(0, 5, True, "a")])).days is None


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"day": [1, -1]}, "negative"),
        ({"day": [1, np.nan]}, "missing"),
        ({"day": [1, np.inf]}, "not finite"),
        ({"day": pd.array([1, None], dtype="Int64")}, "missing"),
        ({"day": [1, 2.5]}, "whole"),
        ({"day": [1, LONGEST + 1]}, "longer"),
        ({"day": ["1", "soon"]}, "not a number"),
        ({"day": np.array([[1, 2]])}, "one dimension"),
        ({"event": [1, 2]}, "status"),
        ({"event": [1, -1]}, "status"),
        ({"event": [True, None]}, "status"),
        ({"entry": [0, -1]}, "negative"),
        ({"entry": [0, np.nan]}, "missing"),
        ({"entry": [0, 2]}, "enter on or after"),
        ({"entry": [0, 3]}, "enter on or after"),
        ({"group": ["a", None]}, "no group"),
        ({"group": ["a", "b"], "labels": ["a"]}, "labels"),
        ({"event": [1]}, "length"),
    ],
)
def test_refused_input(columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(AnalysisRefused, match=problem) as refused:
        survival_times(**({"day": [1, 2], "event": [1, 0]} | columns))
    assert refused.value.remedy


def test_input_that_is_taken() -> None:
    times = survival_times(pd.array([0, 3], dtype="Int64"), [True, False], entry=[0, 2], group=["b", "a"])
    assert (times.day.tolist(), times.event.tolist(), times.entry.tolist()) == ([0, 3], [True, False], [0, 2])
    assert (times.labels, times.group.tolist()) == (("a", "b"), [1, 0])
    column = pd.Series(pd.Categorical(["z", "z"], categories=["a", "z"]))
    assert survival_times([1, 2], [0, 1], group=column).labels == ("z",), "nothing is said of an empty group"


def test_nobody() -> None:
    for group in (None, []):
        table = day_table(survival_times([], [], group=group))
        assert logrank(table).p is None
        assert median_follow_up(table).days is None
        assert [curve.n for curve in kaplan_meier(table)] == [0] * len(table.labels)
