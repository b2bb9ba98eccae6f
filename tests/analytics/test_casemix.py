"""Case-mix: expected events against R, limits against R, the centers of a simulated cohort, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import poisson

from analytics.casemix import SMALL, CaseMix, casemix, expected_events
from analytics.casemix_factors import CASE_MIX
from analytics.cohort import Cohort
from analytics.cox import cox_analysis
from analytics.cox_fit import cox_fit
from analytics.figures.casemix import casemix_figure
from analytics.outcomes import survival_analysis
from analytics.poisson import control_limits, ratio_limits
from analytics.survival import survival_times
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.hand import operated
from tests.analytics.simulated import simulated

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "casemix.json").read_text(encoding="utf-8")
)
CASES: dict[str, dict[str, Any]] = REFERENCE["cases"]


def close(got: Any, want: Any, relative: float = 1e-9) -> None:
    np.testing.assert_allclose(np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=relative, atol=1e-12)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return simulated(tmp_path_factory.mktemp("casemix"), patients=250, seed=6).cohort


@pytest.fixture(scope="module")
def of_all(cohort: Cohort) -> CaseMix:
    return casemix(cohort, origin="lung_diagnosis")


# Against R.


@pytest.mark.parametrize("name", CASES)
def test_expected_events_are_those_of_r(name: str) -> None:
    case, said = CASES[name], CASES[name]["said"]
    times = survival_times(case["day"], case["event"], entry=case["entry"], group=case["strata"])
    fit = cox_fit(times, np.column_stack(list(case["x"].values())), list(case["x"]))
    close(fit.coefficients, said["coef"])
    found = expected_events(fit)
    close(found, said["expected"])
    close(found.sum(), sum(case["event"]))
    centers = np.array(case["centers"])
    close([found[centers == label].sum() for label in said["center"]], said["sums"])


@pytest.mark.parametrize("name", CASES)
def test_limits_of_the_ratios_of_centers_are_those_of_poisson_test(name: str) -> None:
    said = CASES[name]["said"]
    low, high = ratio_limits(said["observed"], said["sums"])
    close(low, said["ci_low"])
    close(high, said["ci_high"])


@pytest.mark.parametrize("case", REFERENCE["ratios"], ids=lambda case: f"{case['observed']:g}/{case['expected']:g}")
def test_limits_of_a_ratio_are_those_of_poisson_test(case: dict[str, float]) -> None:
    low, high = ratio_limits(case["observed"], case["expected"])
    close([low, high], [case["ci_low"], case["ci_high"]])


@pytest.mark.parametrize("case", REFERENCE["limits"], ids=lambda case: f"tail {case['tail']:g}")
def test_control_limits_are_those_of_r(case: dict[str, Any]) -> None:
    lower, upper = control_limits(case["expected"], case["tail"])
    close(lower, case["lower"])
    close(upper, case["upper"])


def test_a_count_lies_beyond_a_limit_where_its_tail_is_less_probable() -> None:
    counts = np.arange(120)
    for expected in (0.02, 0.9, 3.3, 8.0, 41.7):
        for tail in (0.025, 0.001):
            lower, upper = control_limits(expected, tail)
            np.testing.assert_array_equal(counts / expected > upper + 1e-12, poisson.sf(counts - 1, expected) < tail)
            np.testing.assert_array_equal(counts / expected < lower - 1e-12, poisson.cdf(counts, expected) < tail)


# A simulated cohort.


def test_observed_and_expected_add_up_to_the_same(of_all: CaseMix) -> None:
    assert len(of_all.centers) > 5
    assert sum(center.n for center in of_all.centers) == of_all.model.n
    assert sum(center.observed for center in of_all.centers) == of_all.model.events
    close(sum(center.expected for center in of_all.centers), of_all.model.events)
    left = of_all.model.chosen.patients - sum(of_all.model.chosen.excluded.values())
    assert of_all.model.n + sum(center.incomplete for center in of_all.centers) == left


def test_centers_stand_by_volume_and_not_by_result(of_all: CaseMix) -> None:
    expected = [center.expected for center in of_all.centers]
    ratios = [center.ratio for center in of_all.centers]
    assert expected == sorted(expected, reverse=True)
    assert ratios != sorted(ratios, key=lambda ratio: ratio or 0)
    assert any("no ranking" in caution for caution in of_all.cautions())


def test_the_model_is_that_of_a_regression(cohort: Cohort) -> None:
    factors = [name for name in CASE_MIX if name != "interval"]
    found = casemix(cohort, origin="lung_diagnosis", factors=factors)
    same = cox_analysis(cohort, origin="lung_diagnosis", factors=factors)
    assert found.model.n == same.n
    assert [term.coef for term in found.model.terms] == [term.coef for term in same.terms]


def test_synchronous_metastases_stay_in_the_model(cohort: Cohort) -> None:
    assert not any(reason.startswith("not_applicable") for reason in casemix(cohort).model.excluded)
    with_interval = casemix(cohort, factors=["interval"]).model
    with_dfi = casemix(cohort, factors=["short_dfi"]).model
    assert with_interval.n > with_dfi.n
    words = {term.column.words for term in with_interval.terms}
    assert words == {"DFI < 24 months", "synchronous, or primary in situ"}


def test_the_test_is_the_sum_over_centers(of_all: CaseMix) -> None:
    sums = sum((center.observed - center.expected) ** 2 / center.expected for center in of_all.centers)
    assert of_all.statistic == pytest.approx(sums)
    assert of_all.df == len(of_all.centers) - 1


def test_strata_have_hazards_of_their_own(cohort: Cohort) -> None:
    divided = casemix(cohort, origin="lung_diagnosis", factors=["high_cea"], stratify="rectal_primary")
    assert divided.to_dict()["strata"] == "rectal_primary"
    close(sum(center.expected for center in divided.centers), divided.model.events)
    plain = casemix(cohort, origin="lung_diagnosis", factors=["high_cea"])
    assert [one.expected for one in plain.centers] != [one.expected for one in divided.centers]


def test_a_factor_that_hides_whom_a_center_treats_moves_its_expected_number() -> None:
    """Center B has the same deaths as A but all patients with high CEA, who do worse everywhere."""
    registry = operated("A0", center_id="A")
    for at in range(1, 40):
        operated(f"A{at}", registry, center_id="A")
    for at in range(20):
        operated(f"B{at}", registry, center_id="B")
    high = {f"A{at}" for at in range(10)} | {f"B{at}" for at in range(20)}
    for row in registry.rows["episode"]:
        row["cea_ng_ml"] = "20" if row["patient_id"] in high else "2"
    for at, patient in enumerate(sorted(high)):
        if at % 2:
            registry.died(f"2021-{at % 12 + 1:02d}-05", patient)
    registry.died("2022-05-05", "A30")
    found = {one.label: one for one in casemix(registry.cohort(), factors=["high_cea"]).centers}
    assert found["B"].expected > found["A"].expected * 1.5
    assert found["B"].ratio == pytest.approx(1, abs=0.25)
    crude = survival_analysis(registry.cohort(), by="center_id")
    assert [curve.event_count for curve in crude.curves] == [found["A"].observed, found["B"].observed]


def test_the_figure_says_what_it_is_of(of_all: CaseMix) -> None:
    texts = " ".join(text.get_text() for text in casemix_figure(of_all, own=of_all.centers[0].label).texts)
    for part in ("death from any cause", "diagnosis of lung metastases", "Data cut", "No ranking", "own center"):
        assert part in texts
    assert (f"fewer than {SMALL} expected" in texts) == any(one.expected < SMALL for one in of_all.centers)
    nobody = replace(of_all, centers=())
    with pytest.raises(AnalysisRefused, match="no center"):
        casemix_figure(nobody)


# What is refused.


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"factors": ["center_id"]}, "cannot be a factor"),
        ({"stratify": "center"}, "cannot be a factor"),
        ({"factors": []}, "needs a factor"),
        ({"factors": ["shoe_size"]}, "no such factor"),
    ],
)
def test_wrong_usage(cohort: Cohort, options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        casemix(cohort, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"endpoint": "recurrence"}, "Death competes"),
        ({"origin": "primary_diagnosis"}, "immortal-time"),
        ({"factors": ["lobectomy"], "origin": "lung_diagnosis"}, "immortal-time"),
    ],
)
def test_what_would_mislead(cohort: Cohort, options: dict[str, Any], words: str) -> None:
    with pytest.raises(AnalysisRefused, match=words):
        casemix(cohort, **options)


def test_small_cohorts_are_refused_with_the_reason() -> None:
    one = operated("P1", center_id="A")
    with pytest.raises(AnalysisRefused, match="single center"):
        casemix(one.cohort())
    with pytest.raises(AnalysisRefused, match="Nobody can be analyzed"):
        casemix(one.cohort("2019-12-31"))
    two = operated("P2", one, center_id="B")
    with pytest.raises(AnalysisRefused, match="every factor"):
        casemix(two.cohort())
    with pytest.raises(AnalysisRefused, match="had the event"):
        casemix(two.cohort(), factors=["older_than_70"])
