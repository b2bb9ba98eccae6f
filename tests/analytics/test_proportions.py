"""Rates and their limits: against R (tests/reference/make_audit.R), by hand, and by their properties."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.audit.proportions import METHODS, Rate, bounds, design_effect, percent, rate, rate_of_counts

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "audit.json").read_text(encoding="utf-8")
)
Units = list[tuple[bool, int]]

units = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=40)


def near(expected: float) -> Any:
    return pytest.approx(expected, rel=1e-9, abs=1e-14)


def rate_of(rows: Units) -> Rate:
    met, cluster = zip(*rows, strict=True)
    return rate(np.array(met, dtype=bool), np.array(cluster))


def limits(found: Rate) -> tuple[float, float]:
    assert found.ci_low is not None
    assert found.ci_high is not None
    return found.ci_low, found.ci_high


@pytest.mark.parametrize("case", REFERENCE["wilson"], ids=lambda case: f"{case['met']} of {case['cases']}")
def test_wilson_as_in_r(case: dict[str, Any]) -> None:
    found = rate_of_counts(case["cases"], case["met"])
    assert (found.ci_low, found.ci_high) == (near(case["ci_low"]), near(case["ci_high"]))
    assert found.method == "wilson"


@pytest.mark.parametrize("name", REFERENCE["clustered"])
def test_cluster_robust_limits_as_in_r(name: str) -> None:
    case = REFERENCE["clustered"][name]
    met, cluster = np.array(case["met"], dtype=bool), np.array(case["cluster"])
    found = rate(met, cluster)
    assert found.method == "cluster_robust"
    assert found.clusters == case["clusters"]
    assert found.estimate == near(case["estimate"])
    assert (found.ci_low, found.ci_high) == (near(case["ci_low"]), near(case["ci_high"]))
    assert design_effect(met, cluster) == near(max(case["design_effect"], 1))


def test_no_cases_have_no_rate() -> None:
    empty = np.array([], dtype=np.int64)
    for found in (rate_of_counts(0, 0), rate(empty.astype(bool)), rate(empty.astype(bool), empty)):
        assert (found.cases, found.met, found.clusters) == (0, 0, 0)
        assert (found.estimate, found.ci_low, found.ci_high) == (None, None, None)
        assert str(found) == METHODS[found.method] == "no cases"
    assert design_effect(empty.astype(bool), empty) == 1


def test_one_unit_of_each_patient_is_wilson() -> None:
    met = np.array([True, False, True, True])
    assert rate(met, np.array([5, 0, 9, 2])) == rate(met) == rate_of_counts(4, 3)
    assert design_effect(met, np.arange(4)) == 1


@pytest.mark.parametrize(
    ("rows", "effective"),
    [
        ([(True, 0)] * 3 + [(True, 1)] * 3, 2),  # all met
        ([(False, 0)] * 2 + [(False, 1)] * 2 + [(False, 2)] * 2, 3),  # none met
        ([(True, 4), (False, 4), (True, 4)], 1),  # one patient
        ([(True, 0), (False, 0), (True, 1), (False, 1)], 2),  # the same rate in each patient
        ([(True, 0)] * 3 + [(True, 1)], 1.6),  # (3 + 1)² / (9 + 1)
    ],
)
def test_where_the_variance_cannot_be_estimated(rows: Units, effective: float) -> None:
    found = rate_of(rows)
    assert found.method == "wilson_effective"
    met, cluster = (np.array(column) for column in zip(*rows, strict=True))
    assert design_effect(met, cluster) == pytest.approx(len(rows) / effective)
    low, high = limits(found)
    p, z = found.met / found.cases, 1.959963984540054
    # Wilson's limits are those rates that a score test with so many units does not reject at 5 %.
    for limit in {low, high} - {0.0, 1.0}:
        assert abs(p - limit) == pytest.approx(z * np.sqrt(limit * (1 - limit) / effective))
    assert (low == 0, high == 1) == (p == 0, p == 1)


def test_patients_who_agree_with_themselves_tell_less() -> None:
    alike = [(patient % 2 == 0, patient) for patient in range(20) for _ in range(5)]
    low, high = limits(rate_of(alike))
    alone_low, alone_high = limits(rate_of_counts(100, 50))
    assert low < alone_low < alone_high < high
    # Five units that always agree are one: the correction for 20 patients stays.
    met, cluster = (np.array(column) for column in zip(*alike, strict=True))
    assert design_effect(met, cluster) == pytest.approx(5 * 20 / 19)


@given(units)
def test_the_limits_hold_the_estimate(rows: Units) -> None:
    found = rate_of(rows)
    low, high = limits(found)
    assert found.estimate == sum(met for met, _ in rows) / len(rows)
    assert 0 <= low <= found.estimate <= high <= 1
    assert low < high


@given(units, st.randoms(use_true_random=False), st.permutations(range(9)))
def test_neither_order_nor_names_matter(rows: Units, random: Any, names: list[int]) -> None:
    mixed = [(met, names[patient]) for met, patient in rows]
    random.shuffle(mixed)
    found, expected = rate_of(mixed), rate_of(rows)
    assert (found.cases, found.met, found.method, found.clusters) == (
        expected.cases,
        expected.met,
        expected.method,
        expected.clusters,
    )
    assert limits(found) == pytest.approx(limits(expected), rel=1e-12)


@given(units)
def test_the_contrary_has_the_contrary_limits(rows: Units) -> None:
    low, high = limits(rate_of(rows))
    assert limits(rate_of([(not met, patient) for met, patient in rows])) == pytest.approx((1 - high, 1 - low))


@given(units)
def test_a_registry_twice_as_large_has_narrower_limits(rows: Units) -> None:
    low, high = limits(rate_of(rows))
    twice_low, twice_high = limits(rate_of(rows + [(met, patient + 9) for met, patient in rows]))
    assert twice_high - twice_low < high - low


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_bounds_hold_whatever_the_truth_is(met: int, not_met: int, open_numerator: int, open_denominator: int) -> None:
    found = bounds(met, not_met, open_numerator, open_denominator)
    if met + not_met + open_numerator == 0:
        assert (found.low, found.high) == (None, None)
    else:
        assert found.low is not None
        assert found.high is not None
        for truly_met in range(open_numerator + 1):
            assert found.low <= (met + truly_met) / (met + not_met + open_numerator) <= found.high
        assert found.wide_low is not None
        assert found.wide_high is not None
        assert found.wide_low <= found.low <= found.high <= found.wide_high
    everything = met + not_met + open_numerator + open_denominator
    assert found.completeness == ((met + not_met) / everything if everything else None)


def test_bounds_by_hand() -> None:
    found = bounds(40, 10, 5, 20)
    assert (found.low, found.high) == (40 / 55, 45 / 55)
    assert (found.wide_low, found.wide_high) == (40 / 75, 65 / 75)
    assert found.completeness == 50 / 75


def test_input_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="5 of 4"):
        rate_of_counts(4, 5)
    with pytest.raises(ValueError, match="2 units"):
        rate(np.array([True, False]), np.array([0]))
    with pytest.raises(ValueError, match="negative"):
        rate(np.array([True, False]), np.array([0, -1]))


def test_in_words() -> None:
    assert str(rate_of_counts(1052, 1000)) == "1,000 of 1,052, 95.1 % (95 % CI 93.6 to 96.2)"
    assert (percent(0.5), percent(None), percent(1, 0)) == ("50.0 %", "–", "100 %")


def test_a_million_units() -> None:
    random = np.random.default_rng(1)
    met, cluster = random.random(1_000_000) < 0.8, random.integers(0, 200_000, 1_000_000)
    start = time.perf_counter()
    found = rate(met, cluster)
    assert time.perf_counter() - start < 1
    assert found.clusters == len(np.unique(cluster))
    # Patients say nothing about the units here, so the limits are near those of independent units.
    assert limits(found) == pytest.approx(limits(rate(met)), abs=1e-4)
