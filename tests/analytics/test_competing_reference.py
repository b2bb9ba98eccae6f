"""Cumulative incidence and tests over groups against R: tests/reference/make_competing.R writes the golden file."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.competing import cumulative_incidence
from analytics.daytable import DayTable, day_table
from analytics.gray import gray
from analytics.kaplan_meier import kaplan_meier, nelson_aalen
from analytics.limits import conf_type
from analytics.logrank import LogRank, Pair, pairwise, stratified_logrank, trend
from analytics.restricted_mean import differences
from analytics.survival import SurvivalTimes, survival_times

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "competing.json").read_text(encoding="utf-8")
)
INCIDENCES: dict[str, dict[str, Any]] = GOLDEN["incidences"]
COMPARISONS: dict[str, dict[str, Any]] = GOLDEN["comparisons"]

near = partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-14, equal_nan=True)


def numbers(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values])


def times_of(case: dict[str, Any], *, competes: bool) -> SurvivalTimes:
    state = np.array(case["state"])
    return survival_times(
        case["day"],
        state == 1,
        entry=case.get("entry"),
        group=case["group"],
        labels=list(dict.fromkeys(case["group"])),
        competing=state == 2 if competes else None,
        cluster=case.get("cluster"),
    )


def strata_of(case: dict[str, Any], times: SurvivalTimes) -> list[DayTable]:
    stratum = np.array(case["stratum"])
    return [day_table(times.of(stratum == value)) for value in np.unique(stratum)]


def same_test(mine: LogRank | None, expected: dict[str, Any] | None) -> None:
    if expected is None:
        assert mine is None or mine == LogRank(None, None, None)
    else:
        assert mine is not None
        assert mine.df == expected["df"]
        near([mine.statistic, mine.p], [expected["statistic"], expected["p"]])


def same_pairs(mine: tuple[Pair, ...], expected: list[dict[str, Any]]) -> None:
    assert [list(pair.labels) for pair in mine] == [pair["labels"] for pair in expected]
    for pair, want in zip(mine, expected, strict=True):
        same_test(pair.test, want)
        near(pair.p_holm, want["p_holm"])


@pytest.mark.parametrize("name", INCIDENCES)
def test_cumulative_incidence(name: str) -> None:
    case = INCIDENCES[name]
    curves = cumulative_incidence(times_of(case, competes=True))
    assert [curve.label for curve in curves] == list(case["curves"])
    for curve, expected in zip(curves, case["curves"].values(), strict=True):
        for column in ("day", "at_risk", "events", "competing", "censored"):
            assert getattr(curve, column).tolist() == expected[column]
        near(curve.estimate, numbers(expected["estimate"]))
        # A variance that is 0 in exact arithmetic is the rounding error of its terms, whose root is about 1e-9.
        np.testing.assert_allclose(curve.se, numbers(expected["se"]), rtol=1e-9, atol=2e-9)


@pytest.mark.parametrize("scale", ["log-log", "log", "plain"])
@pytest.mark.parametrize("name", INCIDENCES)
def test_limits_of_the_incidence(name: str, scale: str) -> None:
    case = INCIDENCES[name]
    curves = cumulative_incidence(times_of(case, competes=True), conf_type(scale))
    for curve, expected in zip(curves, case["curves"].values(), strict=True):
        near(curve.ci_low, numbers(expected["limits"][scale]["low"]))
        near(curve.ci_high, numbers(expected["limits"][scale]["high"]))


@pytest.mark.parametrize("name", INCIDENCES)
def test_gray(name: str) -> None:
    case = INCIDENCES[name]
    times = times_of(case, competes=True)
    table = day_table(times)
    same_test(gray([table]), case["gray"])
    if case["gray_stratified"] is not None:
        same_test(gray(strata_of(case, times)), case["gray_stratified"])
    if case["pairwise"] is not None:
        same_pairs(pairwise([table], gray), case["pairwise"])


def test_gray_is_compared_where_it_can_be() -> None:
    assert sum(case["gray"] is not None for case in INCIDENCES.values()) >= 6
    assert sum(case["gray_stratified"] is not None for case in INCIDENCES.values()) >= 2
    assert sum(case["pairwise"] is not None for case in INCIDENCES.values()) >= 2
    late = [name for name, case in INCIDENCES.items() if "entry" in case]
    assert len(late) >= 4
    for name in late:
        assert gray([day_table(times_of(INCIDENCES[name], competes=True))]) is None


@pytest.mark.parametrize("name", COMPARISONS)
def test_stratified_log_rank_and_trend(name: str) -> None:
    case = COMPARISONS[name]
    times = times_of(case, competes=False)
    strata, table = strata_of(case, times), day_table(times)
    same_test(stratified_logrank(strata), case["stratified"])
    same_test(trend([table], case["score"]), case["trend"])
    same_test(trend(strata, case["score"]), case["trend_stratified"])


@pytest.mark.parametrize("name", [name for name, case in COMPARISONS.items() if "pairwise" in case])
def test_pairs_with_holm_and_differences_of_means(name: str) -> None:
    case = COMPARISONS[name]
    times = times_of(case, competes=False)
    table = day_table(times)
    same_pairs(pairwise([table], stratified_logrank), case["pairwise"])
    same_pairs(pairwise(strata_of(case, times), stratified_logrank), case["pairwise_stratified"])
    means = [curve.restricted_mean(case["horizon"]) for curve in kaplan_meier(table)]
    found = differences(times.labels, means)
    assert [difference.label for difference in found] == [want["label"] for want in case["differences"]]
    for mine, want in zip(found, case["differences"], strict=True):
        near(
            [mine.days, mine.se, mine.ci_low, mine.ci_high, mine.p],
            [want[key] for key in ("estimate", "se", "low", "high", "p")],
        )


@pytest.mark.parametrize("name", GOLDEN["scales"])
def test_other_scales_and_nelson_aalen(name: str) -> None:
    case = GOLDEN["scales"][name]
    table = day_table(survival_times(case["day"], case["state"]))
    for scale in ("log", "plain"):
        curve = kaplan_meier(table, conf_type(scale))[0]
        near(curve.ci_low, numbers(case[scale]["low"]))
        near(curve.ci_high, numbers(case[scale]["high"]))
        assert [curve.median.ci_low, curve.median.ci_high] == case[scale]["median_ci"]
    hazard = nelson_aalen(table)[0]
    near(hazard.hazard, case["hazard"])
    near(hazard.se, case["hazard_se"])
    near(hazard.ci_low, numbers(case["hazard_low"]))
    near(hazard.ci_high, numbers(case["hazard_high"]))
