"""The curves against lifelines, which takes the same day counts as weighted observations."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from analytics.daytable import day_table
from analytics.kaplan_meier import kaplan_meier
from analytics.logrank import logrank
from analytics.survival import survival_times


@pytest.fixture(scope="module")
def lifelines() -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the library warns of while it is imported is not ours
        import lifelines.statistics

        return lifelines


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_is_that_of_lifelines_on_day_counts(lifelines: object, seed: int) -> None:
    draws = np.random.default_rng(seed)
    days, event = draws.integers(1, 400, 300), draws.random(300) < 0.6
    (ours,) = kaplan_meier(day_table(survival_times(days, event)))
    died, gone = ours.events > 0, ours.censored > 0
    fitter = lifelines.KaplanMeierFitter()  # type: ignore[attr-defined]
    fitter.fit(
        np.concatenate([ours.day[died], ours.day[gone]]),
        np.concatenate([np.ones(died.sum()), np.zeros(gone.sum())]),
        weights=np.concatenate([ours.events[died], ours.censored[gone]]),
    )
    theirs = fitter.survival_function_.iloc[:, 0].reindex(ours.day)
    np.testing.assert_allclose(ours.estimate, theirs, rtol=1e-12, atol=1e-14)
    limits = fitter.confidence_interval_.reindex(ours.day)
    inside = (ours.estimate > 0) & (ours.estimate < 1)
    np.testing.assert_allclose(ours.ci_low[inside], limits.iloc[:, 0][inside], rtol=1e-10)
    np.testing.assert_allclose(ours.ci_high[inside], limits.iloc[:, 1][inside], rtol=1e-10)


@pytest.mark.parametrize("groups", [2, 4])
def test_the_log_rank_test_is_that_of_lifelines(lifelines: object, groups: int) -> None:
    draws = np.random.default_rng(groups)
    days, event = draws.integers(1, 200, 400), draws.random(400) < 0.5
    group = draws.integers(0, groups, 400)
    ours = logrank(day_table(survival_times(days, event, group=group)))
    theirs = lifelines.statistics.multivariate_logrank_test(days, group, event)  # type: ignore[attr-defined]
    assert ours.df == groups - 1
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=1e-10)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-9)
