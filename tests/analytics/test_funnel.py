"""The funnel of centers: against R (tests/reference/make_audit.R), by exact probabilities, and by its properties."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from analytics.audit.funnel import ALARM, ALERT, Center, Funnel, control_limits, funnel

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "audit.json").read_text(encoding="utf-8")
)

center_counts = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), min_size=1, max_size=15
)


def funnel_of(counts: list[tuple[int, int]], **options: Any) -> Funnel:
    labels = [f"C{at}" for at in range(len(counts))]
    return funnel(labels, [n for n, _ in counts], [met for _, met in counts], **options)


def places(found: Funnel) -> dict[str, tuple[str, str | None]]:
    return {center.label: (center.place, center.direction) for center in found.centers}


def four(center: Center) -> tuple[float, ...]:
    return center.low_95, center.high_95, center.low_998, center.high_998


@pytest.mark.parametrize("case", REFERENCE["limits"], ids=lambda case: str(case["average"]))
def test_limits_as_in_r(case: dict[str, Any]) -> None:
    cases = np.array(case["cases"])
    for name, tail in (("95", ALERT), ("998", ALARM)):
        low, high = control_limits(cases, case["average"], tail)
        np.testing.assert_allclose(low, case[f"low_{name}"], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(high, case[f"high_{name}"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("average", [0.0, 0.03, 0.2, 0.5, 0.77, 0.93, 1.0])
@pytest.mark.parametrize("tail", [ALERT, ALARM])
def test_beyond_a_limit_is_what_has_a_small_probability(average: float, tail: float) -> None:
    for n in range(1, 90):
        low, high = (limit[0] for limit in control_limits(np.array([n]), average, tail))
        met = np.arange(n + 1)
        as_low, as_high = binom.cdf(met, n, average), binom.sf(met - 1, n, average)
        clear = (np.abs(as_low - tail) > 1e-12) & (np.abs(as_high - tail) > 1e-12)
        np.testing.assert_array_equal((met / n < low - 1e-12)[clear], (as_low < tail)[clear])
        np.testing.assert_array_equal((met / n > high + 1e-12)[clear], (as_high < tail)[clear])


@pytest.mark.parametrize("name", REFERENCE["dispersion"])
def test_overdispersion_as_in_r(name: str) -> None:
    case = REFERENCE["dispersion"][name]
    found = funnel_of(list(zip(case["cases"], case["met"], strict=True)))
    mine = found.overdispersion
    for got, want in ((mine.phi, case["phi"]), (mine.statistic, case["statistic"]), (mine.p, case["p"])):
        assert got == pytest.approx(want, rel=1e-9, abs=1e-12)
    assert mine.df == case["df"]
    assert [center.z for center in found.centers] == pytest.approx(case["z"], rel=1e-9, abs=1e-12)


def test_where_centers_stand() -> None:
    # An average of 80 %: 200 of 250 cases beside four centers whose counts cancel out.
    found = funnel(["low", "lower", "high", "higher", "rest"], [50, 50, 50, 50, 250], [32, 28, 48, 50, 202])
    assert found.rate == 0.8
    assert places(found) == {
        "low": ("alert", "below"),
        "lower": ("alarm", "below"),
        "high": ("alert", "above"),
        "higher": ("alarm", "above"),
        "rest": ("inside", None),
    }


def test_one_of_one_is_never_an_alert() -> None:
    found = funnel(["tiny", "large"], [1, 1000], [1, 970])
    assert places(found)["tiny"] == ("inside", None)


def test_the_same_centers_stand_out_whichever_way_it_is_counted() -> None:
    cases, met = np.array([3, 17, 40, 90, 11, 260]), np.array([0, 16, 22, 61, 11, 190])
    labels = list("abcdef")
    turned = {"above": "below", "below": "above", None: None}
    first, second = places(funnel(labels, cases, met)), places(funnel(labels, cases, cases - met))
    assert {label: (place, turned[side]) for label, (place, side) in first.items()} == second
    assert any(place != "inside" for place, _ in first.values())


@given(center_counts)
def test_limits_lie_about_the_average(counts: list[tuple[int, int]]) -> None:
    found = funnel_of(counts)
    curve = found.curve()
    assert found.rate is not None
    assert curve is not None
    assert curve.cases[0] == 1
    assert curve.cases[-1] >= max(n for n, _ in counts)
    assert (np.diff(curve.cases) > 0).all()
    assert ((curve.low_998 >= 0) & (curve.low_998 <= curve.low_95)).all()
    assert ((curve.low_95 <= found.rate + 1e-12) & (curve.high_95 >= found.rate - 1e-12)).all()
    assert ((curve.high_95 <= curve.high_998) & (curve.high_998 <= 1)).all()


@given(center_counts)
def test_order_does_not_matter(counts: list[tuple[int, int]]) -> None:
    first, second = funnel_of(counts), funnel_of(counts[::-1])
    assert [(center.cases, center.met, four(center)) for center in first.centers] == [
        (center.cases, center.met, four(center)) for center in second.centers[::-1]
    ]
    assert first.overdispersion.phi == pytest.approx(second.overdispersion.phi)


@pytest.mark.parametrize("average", [0.3, 0.5, 0.85])
def test_larger_centers_have_narrower_limits(average: float) -> None:
    cases = np.array([2**power for power in range(2, 20)])
    for tail in (ALERT, ALARM):
        low, high = control_limits(cases, average, tail)
        assert (np.diff(high - low) <= 0).all()
        # Exact limits come to those of the normal distribution in the end.
        z, se = {ALERT: 1.959964, ALARM: 3.090232}[tail], np.sqrt(average * (1 - average) / cases[-1])
        assert (low[-1], high[-1]) == pytest.approx((average - z * se, average + z * se), abs=1e-5)


def test_overdispersion_is_shown_and_only_widens_where_asked() -> None:
    counts = [(100, met) for met in (60, 95, 70, 90, 66, 99, 75, 85, 62, 98)]
    plain, wide = funnel_of(counts), funnel_of(counts, inflate=True)
    assert plain.overdispersion == wide.overdispersion
    phi, p = plain.overdispersion.phi, plain.overdispersion.p
    assert phi is not None
    assert phi > 5
    assert p is not None
    assert p < 1e-9
    assert (plain.spread, plain.inflated) == (1, False)
    assert (wide.spread, wide.inflated) == (pytest.approx(np.sqrt(phi)), True)
    assert plain.rate is not None
    for before, after in zip(plain.centers, wide.centers, strict=True):
        assert plain.rate - after.low_95 == pytest.approx((plain.rate - before.low_95) * wide.spread)
    outside = [sum(center.place != "inside" for center in found.centers) for found in (plain, wide)]
    assert outside[1] < outside[0]


def test_little_dispersion_never_narrows_the_limits() -> None:
    counts = [(100, 80), (100, 81), (100, 79), (100, 80)]
    found = funnel_of(counts, inflate=True)
    assert found.overdispersion.phi is not None
    assert found.overdispersion.phi < 1
    assert found.spread == 1


def test_phi_is_not_moved_by_one_outlier_but_the_test_is() -> None:
    calm = [(100, 80 + step % 5 - 2) for step in range(30)]
    with_outlier = [*calm, (100, 20)]
    before, after = funnel_of(calm).overdispersion, funnel_of(with_outlier).overdispersion
    assert after.phi is not None
    assert after.phi < 1
    assert before.p is not None
    assert after.p is not None
    assert after.p < 1e-9 < 0.5 < before.p


def test_several_units_of_a_patient_widen_the_limits() -> None:
    counts = [(40, 22), (200, 170), (90, 76)]
    plain, clustered = funnel_of(counts), funnel_of(counts, design_effect=4.0)
    assert places(plain)["C0"] == ("alarm", "below")
    assert places(clustered)["C0"] == ("inside", None)
    assert clustered.spread == 2
    assert plain.centers[0].z is not None
    assert clustered.centers[0].z == pytest.approx(plain.centers[0].z / 2)


def test_centers_without_cases_are_named_and_not_drawn() -> None:
    found = funnel(["a", "b", "c"], [0, 10, 0], [0, 7, 0])
    assert found.without_cases == ("a", "c")
    assert [center.label for center in found.centers] == ["b"]
    assert found.overdispersion.phi is None
    empty = funnel(["a"], [0], [0])
    assert (empty.rate, empty.cases, empty.centers, empty.curve()) == (None, 0, (), None)
    assert funnel([], [], []).rate is None


@pytest.mark.parametrize("share", [0, 1])
def test_where_all_are_alike_nobody_stands_out(share: int) -> None:
    found = funnel_of([(n, n * share) for n in (1, 8, 300)])
    assert found.rate == share
    assert {center.place for center in found.centers} == {"inside"}
    assert {center.z for center in found.centers} == {None}
    assert found.overdispersion.p is None


@pytest.mark.parametrize(("cases", "met", "effect"), [([5], [6], 1), ([5], [-1], 1), ([5, 6], [1], 1), ([5], [1], 0.9)])
def test_input_that_cannot_be(cases: list[int], met: list[int], effect: float) -> None:
    with pytest.raises(ValueError, match="each center"):
        funnel(["a"], cases, met, design_effect=effect)
