"""Cox's model against R's survival: the golden file is written by tests/reference/make_cox.R."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.cox_concordance import concordance
from analytics.cox_fit import SEPARATION, CoxFit, cox_fit
from analytics.cox_splines import knots_of, spline_basis
from analytics.cox_tests import (
    Transform,
    proportional_hazards,
    robust_covariance,
    scaled_schoenfeld,
    schoenfeld,
    score_residuals,
)
from analytics.survival import survival_times

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "cox.json").read_text(encoding="utf-8")
)
CASES: dict[str, dict[str, Any]] = REFERENCE["cases"]
NAMES = list(CASES)


def fit_of(case: dict[str, Any], *, firth: bool = False) -> CoxFit:
    times = survival_times(case["day"], case["event"], entry=case.get("entry"), group=case.get("strata"))
    return cox_fit(times, np.column_stack(list(case["x"].values())), list(case["x"]), firth=firth)


def close(got: Any, want: Any, *, relative: float = 1e-9) -> None:
    np.testing.assert_allclose(np.asarray(got, dtype=float), np.asarray(want, dtype=float), rtol=relative, atol=1e-11)


@pytest.mark.parametrize("name", NAMES)
def test_coefficients_and_their_covariance(name: str) -> None:
    fit, said = fit_of(CASES[name]), CASES[name]["said"]
    assert all(reason is None for reason in fit.reasons)
    close(fit.coefficients, said["coef"])
    close(fit.se, said["se"])
    close(fit.covariance, said["var"])


@pytest.mark.parametrize("name", NAMES)
def test_likelihood_and_global_tests(name: str) -> None:
    fit, said = fit_of(CASES[name]), CASES[name]["said"]
    close(fit.log_likelihood, said["log_likelihood"])
    close(fit.log_likelihood_null, said["log_likelihood_null"])
    close(fit.likelihood_ratio.statistic, said["likelihood_ratio"])
    close(fit.score_test.statistic, said["score"])
    close(fit.wald.statistic, said["wald"])
    assert fit.wald.df == len(said["coef"])


@pytest.mark.parametrize("name", NAMES)
def test_concordance(name: str) -> None:
    close(concordance(fit_of(CASES[name])), CASES[name]["said"]["concordance"], relative=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("transform", ["km", "identity"])
def test_proportional_hazards(name: str, transform: Transform) -> None:
    tests, said = proportional_hazards(fit_of(CASES[name]), transform=transform), CASES[name]["said"][transform]
    if said is None:
        assert [test.statistic for test in tests] == [None] * len(tests)
        return
    assert [test.factor for test in tests] == said["factor"]
    assert [test.df for test in tests] == said["df"]
    close([test.statistic for test in tests], said["statistic"])
    close([test.p for test in tests], said["p"])


@pytest.mark.parametrize("name", NAMES)
def test_residuals(name: str) -> None:
    fit, said = fit_of(CASES[name]), CASES[name]["said"]
    close(score_residuals(fit)[:12], said["score_residuals"])
    close(schoenfeld(fit)[1][:12], said["schoenfeld"])
    if said["scaled"] is not None:
        days, residuals = scaled_schoenfeld(fit)
        close(residuals[np.lexsort((residuals[:, 0], days))][:12], said["scaled"])


@pytest.mark.parametrize("name", NAMES)
def test_robust_errors(name: str) -> None:
    cluster = CASES[name].get("cluster")
    found = robust_covariance(fit_of(CASES[name]), None if cluster is None else np.array(cluster))
    close(np.sqrt(np.diag(found)), CASES[name]["said"]["robust_se"])


@pytest.mark.parametrize("name", [name for name in NAMES if "firth" in CASES[name]["said"]])
def test_firth_where_both_likelihoods_have_a_maximum(name: str) -> None:
    fit, said = fit_of(CASES[name], firth=True), CASES[name]["said"]["firth"]
    close(fit.coefficients, said["coef"], relative=1e-7)
    close(fit.log_likelihood, said["log_likelihood"])


@pytest.mark.parametrize("name", list(REFERENCE["separated"]))
def test_separation_and_firth(name: str) -> None:
    case = REFERENCE["separated"][name]
    plain = fit_of(case)
    assert plain.reasons == (SEPARATION, None)
    assert np.isnan([plain.coefficients[0], plain.se[0], plain.ci_low[0], plain.p[0]]).all()
    assert np.isfinite([plain.coefficients[1], plain.se[1], plain.p[1]]).all()
    penalized = fit_of(case, firth=True)
    close(penalized.coefficients, case["firth"]["coef"], relative=1e-7)
    close(penalized.log_likelihood, case["firth"]["log_likelihood"])
    assert (penalized.ci_low < penalized.coefficients).all()
    assert (penalized.coefficients < penalized.ci_high).all()


@pytest.mark.parametrize("name", list(REFERENCE["splines"]))
def test_restricted_cubic_splines(name: str) -> None:
    case = REFERENCE["splines"][name]
    knots = knots_of(case["value"], case["k"])
    close(knots, case["knots"])
    close(spline_basis(case["value"], knots)[:12], case["basis"])
    fit = fit_of(case["case"])
    close(fit.coefficients, case["case"]["said"]["coef"], relative=1e-7)
    close(fit.wald_of(range(case["k"] - 1)).statistic, case["overall"], relative=1e-7)
    close(fit.wald_of(range(1, case["k"] - 1)).statistic, case["nonlinearity"], relative=1e-7)
