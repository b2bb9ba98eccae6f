"""Multiple imputation of missing covariates by chained equations, beside the complete cases.

White IR, Royston P. Stat Med 2009;28:1982-1998: whether the event happened and the Nelson-Aalen estimate at the end of
follow-up are among the predictors. Factors with two groups are drawn from a logistic regression with a weakly
informative prior (so that perfect prediction stays finite; Gelman A et al. Ann Appl Stat 2008;2:1360-1383), numbers by
predictive mean matching (van Buuren S. Flexible Imputation of Missing Data, 2nd ed., 2018, section 3.4). Results are
pooled by Rubin's rules with the degrees of freedom of Barnard J, Rubin DB. Biometrika 1999;86:948-955.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.cox import CoxResult, cox_of
from analytics.cox_covariates import Values
from analytics.cox_risk import Floats
from analytics.cox_terms import Term
from analytics.daytable import day_table
from analytics.endpoints import AnalysisSet
from analytics.kaplan_meier import nelson_aalen
from analytics.survival import SurvivalTimes
from registry.errors import AnalysisRefused, UsageError

ROUNDS, DONORS, PRIOR_SD = 10, 5, 2.5
"""Rounds of the chain, donors of predictive mean matching, spread of the prior of standardized coefficients."""


@dataclass(frozen=True, eq=False)
class Imputed:
    """A model of multiply imputed covariates.

    Attributes:
        number, seed: of the imputations.
        result: the model of the first imputation, for its patients and flow.
        imputed: covariate -> values that were imputed.
        terms: the pooled coefficients; ``reason`` says why one is not estimable in some imputation.
        from_missing: the share of each coefficient's variance that is due to missing values; None without an estimate.
    """

    number: int
    seed: int
    result: CoxResult
    imputed: dict[str, int]
    terms: tuple[Term, ...]
    from_missing: tuple[float | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """The model as a document."""
        terms = [
            {**term.to_dict(), "variance_from_missing": share}
            for term, share in zip(self.terms, self.from_missing, strict=True)
        ]
        return {
            "imputations": self.number,
            "seed": self.seed,
            "n": self.result.n,
            "events": self.result.events,
            "excluded": self.result.excluded,
            "imputed": self.imputed,
            "terms": terms,
        }


def imputed_analysis(complete: CoxResult, *, number: int = 20, seed: int = 1) -> Imputed:
    """Fit the model of a result to multiply imputed covariates.

    Values that do not exist (an interval before synchronous metastases) are not imputed: those patients stay out.

    Args:
        complete: the model of the complete cases, without splines, strata, robust errors or Firth's penalty.
        number: of imputations.
        seed: of the random numbers; the same seed gives the same result.

    Raises:
        UsageError: fewer than two imputations, or a model of another kind.
        AnalysisRefused: a factor of more than two groups has missing values, or one has no value at all.
    """
    if number < 2:
        raise UsageError("Multiple imputation needs at least two imputations", got=number, remedy="Give 20 or more")
    if complete.columns.knots or complete.strata or complete.robust or complete.fit.firth:
        raise UsageError(
            "Imputation goes with the plain model only", remedy="Leave out splines, strata, robust errors and Firth"
        )
    chosen, known = _imputable(complete.chosen, complete.given)
    results = [
        cox_of(chosen, complete.data_cut, values) for values in impute(chosen.times, known, number=number, seed=seed)
    ]
    terms, shares = pool(results)
    return Imputed(
        number=number,
        seed=seed,
        result=results[0],
        imputed={one.covariate.name: int(one.values.isna().sum()) for one in known},
        terms=terms,
        from_missing=shares,
    )


def impute(
    times: SurvivalTimes, given: Sequence[Values], *, number: int, seed: int, rounds: int = ROUNDS
) -> Iterator[list[Values]]:
    """The covariates with missing values filled in, again and again, each time from a chain of its own.

    Args:
        times: the times that they belong to; groups are not used.
        given: covariates whose missing values can exist.
        number: how often.
        seed: of the random numbers.
        rounds: how often each chain goes through the covariates.
    """
    random = np.random.default_rng(seed)
    blocks = [_Block.of(one) for one in given]
    outcome = np.column_stack((times.event, _cumulative_hazard(times)))
    outcome = (outcome - outcome.mean(axis=0)) / np.maximum(outcome.std(axis=0), 1e-12)
    order = sorted((at for at, one in enumerate(blocks) if one.missing.any()), key=lambda at: blocks[at].missing.sum())
    for _ in range(number):
        filled = [block.filled(random) for block in blocks]
        for _ in range(rounds if len(order) > 1 else 1):
            for at in order:
                others = [block.predictors(filled[other]) for other, block in enumerate(blocks) if other != at]
                x = np.column_stack((np.ones(len(times)), outcome, *others))
                filled[at] = blocks[at].drawn(x, filled[at], random)
        yield [block.completed(values) for block, values in zip(blocks, filled, strict=True)]


def pool(results: Sequence[CoxResult]) -> tuple[tuple[Term, ...], tuple[float | None, ...]]:
    """The coefficients of models of the same columns pooled by Rubin's rules, and ``Imputed.from_missing``."""
    from scipy.special import stdtr, stdtrit

    terms: list[Term] = []
    shares: list[float | None] = []
    m = len(results)
    for same in zip(*(result.terms for result in results), strict=True):
        reason = next((term.reason for term in same if term.reason is not None), None)
        events = round(sum(term.events for term in same) / m)
        # Whom a level has differs between imputations: their mean is told.
        column = replace(same[0].column, n=round(sum(term.column.n for term in same) / m))
        first = replace(same[0], events=events, column=column)
        if reason is not None:
            terms.append(replace(first, coef=None, se=None, ci_low=None, ci_high=None, p=None, reason=reason))
            shares.append(None)
            continue
        coefficients = np.array([term.coef for term in same], dtype=np.float64)
        within = float(np.mean([float(term.se or 0) ** 2 for term in same]))
        between = float(np.var(coefficients, ddof=1)) * (1 + 1 / m)
        total, middle = within + between, float(coefficients.mean())
        share = between / total
        complete = max(1, results[0].events - results[0].fit.df)
        observed = (complete + 1) / (complete + 3) * complete * (1 - share)
        df = observed if share < 1e-12 else 1 / (1 / ((m - 1) / share**2) + 1 / observed)
        se = float(np.sqrt(total))
        half = float(stdtrit(df, 0.975)) * se
        p = float(2 * stdtr(df, -abs(middle / se)))
        terms.append(replace(first, coef=middle, se=se, ci_low=middle - half, ci_high=middle + half, p=p))
        shares.append(share)
    return tuple(terms), tuple(shares)


@dataclass(frozen=True, eq=False)
class _Block:
    """A covariate in the chain: its values as numbers (0 and 1 for two groups), and where they are missing."""

    given: Values
    numbers: Floats
    missing: npt.NDArray[np.bool_]
    binary: bool

    @classmethod
    def of(cls, given: Values) -> _Block:
        missing = given.values.isna().to_numpy(dtype=bool)
        if missing.all() and len(missing):
            raise AnalysisRefused("Nobody has a value to impute from", got=given.covariate.name, remedy="Leave it out")
        if given.covariate.grouping is None:
            return cls(given, given.values.to_numpy(dtype=np.float64, na_value=np.nan), missing, False)
        names = list(given.values.cat.categories)
        if missing.any() and len(names) != 2:
            raise AnalysisRefused(
                "Only factors with two groups and numbers are imputed",
                got=given.covariate.name,
                remedy="Leave it out, or take a factor with two groups instead",
            )
        codes = given.values.cat.codes.to_numpy().astype(np.float64)
        return cls(given, np.where(missing, np.nan, codes), missing, True)

    def filled(self, random: np.random.Generator) -> Floats:
        """Any observed values in the gaps."""
        values = self.numbers.copy()
        values[self.missing] = random.choice(self.numbers[~self.missing], int(self.missing.sum()))
        return values

    def predictors(self, values: Floats) -> Floats:
        """Columns by which others are predicted, standardized: one for each group but the first, or the number."""
        levels = np.unique(self.numbers[~self.missing])[1:]
        columns = np.equal.outer(values, levels).astype(np.float64) if self.binary else values[:, None]
        return np.asarray((columns - columns.mean(axis=0)) / np.maximum(columns.std(axis=0), 1e-12))

    def drawn(self, x: Floats, values: Floats, random: np.random.Generator) -> Floats:
        """The values with their gaps drawn anew, given the predictors."""
        seen, gaps = ~self.missing, self.missing
        drawn = values.copy()
        draw = _from_logistic if self.binary else _from_donors
        drawn[gaps] = draw(x[seen], self.numbers[seen], x[gaps], random)
        return drawn

    def completed(self, values: Floats) -> Values:
        """The covariate with those values."""
        if self.given.covariate.grouping is None:
            return replace(self.given, values=pd.Series(values, dtype="Float64"))
        codes = pd.Categorical.from_codes(values.astype(np.int64), dtype=self.given.values.dtype)
        return replace(self.given, values=pd.Series(codes))


def _from_logistic(x: Floats, y: Floats, x_missing: Floats, random: np.random.Generator) -> Floats:
    """Draws of a yes/no value: coefficients from their posterior, then the value."""
    penalty = np.full(x.shape[1], PRIOR_SD**-2)
    penalty[0] = 1e-4
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        mean = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
        information = (x * (mean * (1 - mean))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(information, x.T @ (y - mean) - penalty * beta)
        # A step that is too long goes past the maximum; the prior keeps that near.
        beta = beta + step * min(1.0, 3.0 / max(float(np.max(np.abs(step))), 1e-12))
        if np.max(np.abs(step)) < 1e-8:
            break
    beta = random.multivariate_normal(beta, np.linalg.inv(information), method="cholesky")
    share = 1 / (1 + np.exp(-np.clip(x_missing @ beta, -500, 500)))
    return np.asarray((random.random(len(x_missing)) < share).astype(np.float64))


def _from_donors(x: Floats, y: Floats, x_missing: Floats, random: np.random.Generator) -> Floats:
    """Draws of a number: the observed value of one of those whose prediction is nearest."""
    precision = np.linalg.inv(x.T @ x + 1e-6 * len(x) * np.eye(x.shape[1]))
    beta = precision @ x.T @ y
    free = max(1, len(y) - x.shape[1])
    variance = float(np.sum((y - x @ beta) ** 2)) / random.chisquare(free)
    drawn = random.multivariate_normal(beta, precision * variance, method="eigh")
    seen, wanted = x @ beta, x_missing @ drawn
    order = np.argsort(seen, kind="stable")
    donors = min(DONORS, len(seen))
    # Of sorted predictions the nearest few lie within as many places to either side.
    place = np.searchsorted(seen[order], wanted)[:, None] + np.arange(-donors, donors)
    place = np.clip(place, 0, len(seen) - 1)
    nearest = np.argsort(np.abs(seen[order][place] - wanted[:, None]), axis=1, kind="stable")[:, :donors]
    taken = nearest[np.arange(len(wanted)), random.integers(0, donors, len(wanted))]
    return np.asarray(y[order][place[np.arange(len(wanted)), taken]])


def _cumulative_hazard(times: SurvivalTimes) -> Floats:
    """The Nelson-Aalen estimate of each subject's time at risk, from entry to end."""
    (curve,) = nelson_aalen(day_table(times).together())
    hazard = np.concatenate(([0.0], curve.hazard))
    ends, starts = (hazard[np.searchsorted(curve.day, day, side="right")] for day in (times.day, times.entry))
    return np.asarray(ends - np.where(times.entry > 0, starts, 0.0))


def _imputable(chosen: AnalysisSet, given: Sequence[Values]) -> tuple[AnalysisSet, list[Values]]:
    """The patients whose missing values exist, and their covariates."""
    out = np.zeros(len(chosen.times), dtype=bool)
    excluded = dict(chosen.excluded)
    for one in given:
        for reason, who in (("factor_fixed_later", one.later), (f"not_applicable_{one.covariate.name}", one.undefined)):
            absent = ~out & who.to_numpy(dtype=bool) & one.values.isna().to_numpy(dtype=bool)
            if absent.any():
                excluded[reason] = excluded.get(reason, 0) + int(absent.sum())
            out |= absent
    rows = np.flatnonzero(~out)

    def kept(column: pd.Series) -> pd.Series:
        return column.iloc[rows].reset_index(drop=True)

    values = [
        replace(one, values=kept(one.values), later=kept(one.later), undefined=kept(one.undefined)) for one in given
    ]
    return replace(chosen, times=chosen.times.of(~out), patient_id=kept(chosen.patient_id), excluded=excluded), values
