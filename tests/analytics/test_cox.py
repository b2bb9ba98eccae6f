"""Cox's model: lifelines as a second judge, its properties on generated cohorts, and what cannot be estimated."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.cox_concordance import concordance
from analytics.cox_fit import COLLINEAR, CONSTANT, NO_EVENTS, SEPARATION, CoxFit, cox_fit
from analytics.cox_splines import knots_of, spline_basis
from analytics.cox_tests import proportional_hazards, robust_covariance, score_residuals
from analytics.survival import survival_times
from registry.errors import AnalysisRefused, UsageError

property_test = settings(derandomize=True, max_examples=40, deadline=None)


@st.composite
def cohorts(draw: st.DrawFn, late: bool = True) -> dict[str, Any]:
    """A cohort of 30 to 80 with many ties, two binary covariates and a number, and three strata."""
    n = draw(st.integers(30, 80))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    x = np.column_stack((random.random(n) < 0.4, random.random(n) < 0.5, random.integers(0, 9, n)))
    day = random.integers(1, 25, n)
    entry = np.where(random.random(n) < 0.5, 0, random.integers(0, 20, n)) if late else np.zeros(n, dtype=int)
    return {
        "day": day,
        "event": random.random(n) < 0.7,
        "entry": np.where(entry < day, entry, 0),
        "group": random.integers(0, 3, n).astype(str),
        "x": x.astype(float),
    }


def fit_of(cohort: dict[str, Any], **options: Any) -> CoxFit:
    return cox_fit(survival_times(**{name: cohort[name] for name in cohort if name != "x"}), cohort["x"], **options)


def taken(cohort: dict[str, Any], rows: Any) -> dict[str, Any]:
    return {name: column[rows] for name, column in cohort.items()}


def same(first: CoxFit, second: CoxFit, relative: float = 1e-8) -> None:
    assert first.reasons == second.reasons
    for part in ("coefficients", "se", "p", "log_likelihood", "score_statistic"):
        np.testing.assert_allclose(getattr(first, part), getattr(second, part), rtol=relative, atol=1e-9)


@pytest.mark.parametrize("stratified", [False, True])
@pytest.mark.parametrize("late", [False, True])
def test_lifelines_says_the_same(late: bool, stratified: bool) -> None:
    from lifelines import CoxPHFitter
    from lifelines.datasets import load_rossi

    frame = load_rossi()
    frame["entry"] = np.where(late & (frame["week"] > 5), frame["age"] % 5, 0)
    names = [name for name in frame if name not in ("week", "arrest", "entry") and not (stratified and name == "race")]
    times = survival_times(
        frame["week"], frame["arrest"], entry=frame["entry"], group=frame["race"].astype(str) if stratified else None
    )
    mine = cox_fit(times, frame[names].to_numpy(), names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = CoxPHFitter(strata=["race"] if stratified else None).fit(
            frame, "week", "arrest", entry_col="entry", fit_options={"precision": 1e-12}
        )
    np.testing.assert_allclose(mine.coefficients, theirs.params_[names], rtol=1e-6)
    np.testing.assert_allclose(mine.se, theirs.standard_errors_[names], rtol=1e-6)
    assert mine.log_likelihood == pytest.approx(theirs.log_likelihood_, rel=1e-10)


@property_test
@given(cohorts(), st.integers(0, 1000))
def test_the_order_of_subjects_changes_nothing(cohort: dict[str, Any], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(cohort["day"]))
    one, other = fit_of(cohort), fit_of(taken(cohort, order))
    same(one, other)
    assert concordance(one) == pytest.approx(concordance(other), abs=1e-9)
    for mine, theirs in zip(proportional_hazards(one), proportional_hazards(other), strict=True):
        assert mine.statistic == pytest.approx(theirs.statistic, rel=1e-6, abs=1e-8)
    np.testing.assert_allclose(score_residuals(one)[order], score_residuals(other), atol=1e-7)


@property_test
@given(cohorts(), st.integers(2, 9))
def test_the_unit_of_time_changes_nothing(cohort: dict[str, Any], factor: int) -> None:
    same(fit_of(cohort), fit_of({**cohort, "day": cohort["day"] * factor, "entry": cohort["entry"] * factor}))


@property_test
@given(cohorts())
def test_the_unit_of_a_covariate_scales_its_coefficient(cohort: dict[str, Any]) -> None:
    one, other = fit_of(cohort), fit_of({**cohort, "x": cohort["x"] * [1, 1, 0.01] + [0, 0, 7]})
    np.testing.assert_allclose(one.coefficients * [1, 1, 100], other.coefficients, rtol=1e-7, atol=1e-9)
    assert one.log_likelihood == pytest.approx(other.log_likelihood)


@property_test
@given(cohorts())
def test_patterns_and_rows_give_the_same(cohort: dict[str, Any]) -> None:
    """A covariate that differs for all makes each subject a pattern; with next to no weight it changes nothing."""
    binary = {**cohort, "x": cohort["x"][:, :2]}
    own = np.arange(len(cohort["day"])) * 1e-13
    apart = fit_of({**binary, "x": binary["x"] + own[:, None]})
    assert len(apart.sets.x) == len(cohort["day"])
    assert len(fit_of(binary).sets.x) <= 4
    same(fit_of(binary), apart, relative=1e-6)


@property_test
@given(cohorts())
def test_score_residuals_add_up_to_the_score(cohort: dict[str, Any]) -> None:
    fit = fit_of(cohort)
    residuals = score_residuals(fit)
    np.testing.assert_allclose(residuals.sum(axis=0), fit.sums.score(), atol=1e-8)
    one_each = robust_covariance(fit, np.arange(len(residuals)))
    np.testing.assert_allclose(one_each, robust_covariance(fit), equal_nan=True)


@property_test
@given(cohorts())
def test_concordance_counts_pairs(cohort: dict[str, Any]) -> None:
    fit = fit_of(cohort)
    risk = np.round(fit.predictor[fit.sets.pattern], 12)
    day, entry, event, group = (cohort[name] for name in ("day", "entry", "event", "group"))
    pairs = agreeing = 0.0
    for i in np.flatnonzero(event):
        for j in range(len(day)):
            later = day[j] > day[i] or (day[j] == day[i] and not event[j])
            if j != i and group[j] == group[i] and later and (entry[j] < day[i]):
                pairs += 1
                agreeing += 1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0
    assert concordance(fit) == (pytest.approx(agreeing / pairs, abs=1e-9) if pairs else None)


def test_the_likelihood_of_a_cohort_by_hand() -> None:
    """Three subjects without ties: b - log(e^b + 1 + e^b) - log(1 + e^b) has its maximum where its slope is 0."""
    fit = cox_fit(survival_times([1, 2, 3], [1, 1, 1]), np.array([[1], [0], [1]]))
    b = fit.coefficients[0]
    slope = 1 - 2 * np.exp(b) / (2 * np.exp(b) + 1) - np.exp(b) / (1 + np.exp(b))
    assert slope == pytest.approx(0, abs=1e-12)
    assert fit.log_likelihood == pytest.approx(b - np.log(2 * np.exp(b) + 1) - np.log(1 + np.exp(b)))


def test_doubled_rows_are_not_the_same_as_half_the_information() -> None:
    """Repeated rows are ties: with Breslow's the coefficients would stay, with Efron's they nearly do."""
    random = np.random.default_rng(5)
    x, day = random.random((200, 1)) < 0.5, random.permutation(200) + 1
    once = cox_fit(survival_times(day, np.ones(200)), x)
    twice = cox_fit(survival_times(np.tile(day, 2), np.ones(400)), np.tile(x, (2, 1)))
    assert twice.coefficients[0] == pytest.approx(once.coefficients[0], abs=0.02)
    assert twice.se[0] == pytest.approx(once.se[0] / np.sqrt(2), rel=0.02)


@pytest.mark.parametrize(
    ("x", "reasons"),
    [
        ([1, 1, 1, 1, 1, 1, 1], (CONSTANT, None)),
        ([4, 2, 4, 2, 4, 2, 4], (COLLINEAR, None)),
        ([1, 1, 1, 1, 0, 0, 0], (SEPARATION, None)),
        ([3, 3, 3, 3, 0.1, 2.9, 0], (SEPARATION, None)),
        ([0, 0, 0, 0, 0, 1, 1], (SEPARATION, None)),
    ],
)
def test_what_is_not_estimable(x: Any, reasons: tuple[str | None, ...]) -> None:
    columns = [[1, 0, 1, 0, 1, 0, 1], x] if reasons[0] == COLLINEAR else [x, [1, 0, 1, 0, 1, 0, 1]]
    reasons = reasons[::-1] if reasons[0] == COLLINEAR else reasons
    fit = cox_fit(survival_times([1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 1, 0, 0, 0]), np.column_stack(columns))
    assert fit.reasons == reasons
    estimable = [reason is None for reason in reasons]
    for part in (fit.coefficients, fit.se, fit.ci_low, fit.ci_high, fit.p):
        assert np.isfinite(part).tolist() == estimable
    assert fit.wald.df == sum(estimable)
    tests = {test.factor: test for test in proportional_hazards(fit)}
    assert [tests[name].statistic is not None for name in ("x0", "x1")] == estimable


def test_without_events_and_without_subjects() -> None:
    fit = cox_fit(survival_times([4, 5], [0, 0]), np.array([[0], [1]]))
    assert fit.reasons == (NO_EVENTS,)
    assert fit.likelihood_ratio.statistic is None
    assert concordance(fit) is None
    nobody = cox_fit(survival_times([], []), np.empty((0, 2)))
    assert nobody.reasons == (NO_EVENTS, NO_EVENTS)
    assert [test.p for test in proportional_hazards(nobody)] == [None, None, None]


def test_with_separation_the_likelihood_ratio_test_still_stands() -> None:
    day, event = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 0, 0, 0, 0]
    fit = cox_fit(survival_times(day, event), np.array([[1], [1], [1], [1], [0], [0], [0], [0]]))
    # At the limit the first factor of each term is 1 / (those left of the group).
    assert fit.log_likelihood == pytest.approx(-np.log(4 * 3 * 2 * 1), abs=1e-6)
    assert fit.likelihood_ratio.p is not None
    assert fit.likelihood_ratio.p < 0.05


def test_so_far_out_that_sums_overflow_it_is_a_separation() -> None:
    random = np.random.default_rng(174)
    n, p = int(random.integers(8, 30)), int(random.integers(4, 9))
    x = random.random((n, p)) < random.uniform(0.1, 0.6, p)
    day, event = random.integers(1, 400, n), random.random(n) < 0.5
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cox_fit(survival_times(day, event), x.astype(float))
    assert SEPARATION in found.reasons
    for reason, error in zip(found.reasons, np.sqrt(np.diag(found.covariance)), strict=True):
        assert reason is not None or np.isfinite(error)


def test_firth_limits_are_those_of_the_profile() -> None:
    """The penalized likelihood, maximized with the coefficient held at a limit, has fallen by half of 3.84."""
    from analytics.cox_firth import _climb

    random = np.random.default_rng(8)
    x = (random.random((40, 2)) < 0.4).astype(float)
    times = survival_times(random.integers(1, 30, 40), random.random(40) < 0.6)
    fit = cox_fit(times, x, firth=True)
    for limit in (fit.ci_low[0], fit.ci_high[0]):
        held = _climb(fit.sets, np.array([True, True]), np.array([limit, fit.coefficients[1]]), held=0)
        assert 2 * (fit.log_likelihood - held.value) == pytest.approx(3.841458820694124, abs=1e-6)


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((2, 1)), np.array([[1.0], [np.nan], [0.0]])])
def test_refused_covariates(x: Any) -> None:
    with pytest.raises(AnalysisRefused):
        cox_fit(survival_times([1, 2, 3], [1, 1, 1]), x)


def test_splines_are_straight_beyond_the_outer_knots() -> None:
    values = np.arange(1, 101, dtype=float)
    knots = knots_of(values, 4)
    beyond = spline_basis([200.0, 210.0, 220.0, -10.0, -20.0], knots)
    np.testing.assert_allclose(beyond[1] - beyond[0], beyond[2] - beyond[1], rtol=1e-6)
    np.testing.assert_array_equal(beyond[3:, 1:], 0)
    inside = spline_basis(np.linspace(knots[0], knots[-1], 50), knots)
    assert np.ptp(np.diff(inside[:, 1], n=2)) > 0


def test_knots_of_counted_values() -> None:
    counts = np.array([1] * 80 + [2] * 10 + [3] * 5 + [4] * 3 + [9] * 2)
    assert len(np.unique(knots_of(counts, 3))) == 3
    with pytest.raises(AnalysisRefused, match="knots"):
        knots_of([1, 1, 2, 2], 3)
    with pytest.raises(UsageError):
        knots_of(counts, 7)


def test_a_million_times_the_same_pattern_is_one_pattern() -> None:
    random = np.random.default_rng(1)
    x = pd.DataFrame(random.random((5000, 3)) < 0.3).to_numpy()
    fit = cox_fit(survival_times(random.integers(1, 900, 5000), random.random(5000) < 0.5), x)
    assert len(fit.sets.x) == 8
    assert fit.sets.leaving.nnz <= 8 * len(fit.sets.day)
