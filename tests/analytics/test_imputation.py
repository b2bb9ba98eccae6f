"""Multiple imputation: what it recovers, what it leaves alone, and Rubin's rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.cox import CoxResult, cox_of
from analytics.cox_covariates import Values, covariate
from analytics.endpoints import AnalysisSet, analysis_set
from analytics.imputation import impute, imputed_analysis, pool
from analytics.survival import SurvivalTimes, survival_times
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.hand import Registry

CUT = dt.date(2025, 12, 31)
NAMES = ("multiple_lesions", "high_cea", "tumor_diameter")
TRUTH = (0.7, 0.5, 0.02)


def simulated(n: int = 1500, seed: int = 3) -> tuple[SurvivalTimes, list[Values]]:
    """A cohort in which the diameter depends on the two factors, and all three on survival."""
    random = np.random.default_rng(seed)
    multiple = random.random(n) < 0.4
    high = random.random(n) < np.where(multiple, 0.6, 0.3)
    diameter = np.round(12 + 6 * multiple + 4 * high + random.gamma(2, 4, n), 1)
    died = random.exponential(900 * np.exp(-(np.column_stack((multiple, high, diameter)) @ TRUTH)))
    seen = random.uniform(100, 1500, n)
    times = survival_times(np.ceil(np.minimum(died, seen)), died <= seen)
    nobody = pd.Series(False, index=range(n))
    columns: tuple[Any, ...] = (
        pd.Series(pd.Categorical(np.where(multiple, "yes", "no"), categories=["no", "yes"])),
        pd.Series(pd.Categorical(np.where(high, "yes", "no"), categories=["no", "yes"])),
        pd.Series(diameter, dtype="Float64"),
    )
    return times, [Values(covariate(name), one, nobody, nobody) for name, one in zip(NAMES, columns, strict=True)]


def chosen_of(times: SurvivalTimes) -> AnalysisSet:
    empty = analysis_set(Registry().cohort())
    patients = pd.Series([f"P{number}" for number in range(len(times))])
    return replace(empty, times=times, patient_id=patients, patients=len(times))


def with_gaps(given: list[Values], times: SurvivalTimes, seed: int = 4) -> list[Values]:
    """CEA is missing more often where there was an event and one lesion, the diameter at random."""
    random = np.random.default_rng(seed)
    multiple = (given[0].values == "yes").to_numpy()
    often = np.where(times.event & ~multiple, 0.6, 0.1)
    gaps = (np.zeros(len(times), dtype=bool), random.random(len(times)) < often, random.random(len(times)) < 0.2)
    return [replace(one, values=one.values.mask(gap)) for one, gap in zip(given, gaps, strict=True)]


def model(times: SurvivalTimes, given: list[Values]) -> CoxResult:
    return cox_of(chosen_of(times), CUT, given)


def coefficients(terms: Any) -> np.ndarray:
    return np.array([term.coef for term in terms])


@pytest.fixture(scope="module")
def cohort() -> tuple[SurvivalTimes, list[Values], list[Values]]:
    times, whole = simulated()
    return times, whole, with_gaps(whole, times)


def test_imputation_comes_nearer_to_the_whole_data_than_complete_cases(cohort: Any) -> None:
    times, whole, gaps = cohort
    of_all, of_complete = model(times, whole), model(times, gaps)
    found = imputed_analysis(of_complete, number=8, seed=2)
    assert found.result.n == of_all.n == len(times) > of_complete.n
    away = np.abs(coefficients(found.terms) - coefficients(of_all.terms))
    biased = np.abs(coefficients(of_complete.terms) - coefficients(of_all.terms))
    errors = np.array([term.se for term in of_all.terms])
    assert (away < 2.5 * errors).all()
    assert away[0] < biased[0] / 3
    assert biased[0] > 3 * errors[0], "complete cases are biased in this cohort"
    for mine, complete, all_data in zip(found.terms, of_complete.terms, of_all.terms, strict=True):
        assert all_data.se < mine.se < complete.se
    assert found.imputed == {
        "multiple_lesions": 0,
        "high_cea": of_complete.missing["high_cea"],
        "tumor_diameter": of_complete.missing["tumor_diameter"],
    }
    assert all(0 < share < 1 for share in found.from_missing)


def test_the_seed_makes_the_result(cohort: Any) -> None:
    times, _, gaps = cohort
    first, again, other = (imputed_analysis(model(times, gaps), number=2, seed=seed).to_dict() for seed in (1, 1, 2))
    assert first == again
    assert first["terms"] != other["terms"]


def test_known_values_stay_and_gaps_hold_seen_values(cohort: Any) -> None:
    times, _, gaps = cohort
    for filled in impute(times, gaps, number=2, seed=1):
        for before, after in zip(gaps, filled, strict=True):
            known = before.values.notna()
            assert after.values.notna().all()
            assert (after.values[known] == before.values[known]).all()
            assert set(after.values[~known]) <= set(before.values[known])


def test_without_gaps_it_is_the_plain_model(cohort: Any) -> None:
    times, whole, _ = cohort
    plain = model(times, whole)
    found = imputed_analysis(plain, number=2)
    np.testing.assert_allclose(coefficients(found.terms), coefficients(plain.terms))
    np.testing.assert_allclose([term.se for term in found.terms], [term.se for term in plain.terms])
    assert found.from_missing == pytest.approx([0, 0, 0])


def test_rubins_rules_by_hand(cohort: Any) -> None:
    times, _, gaps = cohort
    results = [cox_of(chosen_of(times), CUT, filled) for filled in impute(times, gaps, number=3, seed=5)]
    terms, shares = pool(results)
    own = [result.terms[1] for result in results]
    middle = sum(term.coef for term in own) / 3
    within = sum(term.se**2 for term in own) / 3
    between = sum((term.coef - middle) ** 2 for term in own) / 2
    assert terms[1].coef == pytest.approx(middle)
    assert terms[1].se == pytest.approx(np.sqrt(within + 4 / 3 * between))
    assert shares[1] == pytest.approx(4 / 3 * between / (within + 4 / 3 * between))
    wide = (terms[1].ci_high - terms[1].ci_low) / terms[1].se
    assert wide > 2 * 1.96, "a t distribution is wider than the normal one"


def test_values_that_do_not_exist_are_not_imputed(cohort: Any) -> None:
    times, whole, gaps = cohort
    synchronous = pd.Series(np.arange(len(times)) % 5 == 0)
    one = replace(gaps[1], values=gaps[1].values.mask(synchronous), undefined=synchronous)
    found = imputed_analysis(model(times, [whole[0], one]), number=2)
    assert found.result.n == len(times) - synchronous.sum()
    assert found.result.excluded["not_applicable_high_cea"] == synchronous.sum()
    assert found.imputed["high_cea"] == (gaps[1].values.isna() & ~synchronous).sum()


def test_what_is_refused(cohort: Any) -> None:
    times, whole, gaps = cohort
    with pytest.raises(UsageError, match="at least two"):
        imputed_analysis(model(times, gaps), number=1)
    with pytest.raises(UsageError, match="plain model"):
        imputed_analysis(cox_of(chosen_of(times), CUT, gaps, robust="patient"))
    levels = pd.Series(pd.Categorical(np.arange(len(times)) % 3)).mask(pd.Series(np.arange(len(times)) < 9))
    three = Values(covariate("ecog"), levels, whole[0].later, whole[0].undefined)
    with pytest.raises(AnalysisRefused, match="two groups"):
        imputed_analysis(model(times, [whole[0], three]))
    empty = replace(whole[1], values=whole[1].values.mask(pd.Series(True, index=whole[1].values.index)))
    with pytest.raises(AnalysisRefused, match="impute from"):
        imputed_analysis(model(times, [whole[0], empty]))
