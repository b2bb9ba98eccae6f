"""Rates of adherence: their limits, what undetermined cases leave open, and completeness.

A rate without cases is None, never 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from analytics.limits import Z

Method = Literal["no_cases", "wilson", "cluster_robust", "wilson_effective"]

METHODS: dict[Method, str] = {
    "no_cases": "no cases",
    "wilson": "Wilson",
    "cluster_robust": "cluster-robust on the logit scale, clusters are patients",
    "wilson_effective": "Wilson with the effective number of patients",
}
"""How limits were found -> in words."""

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.integer]


@dataclass(frozen=True)
class Rate:
    """A rate with its limits at 95 %.

    Attributes:
        cases: units in the score, adherent or not.
        met: the adherent ones.
        estimate, ci_low, ci_high: fractions; None where there are no cases.
        method: how the limits were found, a key of ``METHODS``.
        clusters: how many patients the units come from.
    """

    cases: int
    met: int
    estimate: float | None
    ci_low: float | None
    ci_high: float | None
    method: Method
    clusters: int

    def __str__(self) -> str:
        if self.estimate is None or self.ci_low is None or self.ci_high is None:
            return METHODS[self.method]
        limits = f"95 % CI {100 * self.ci_low:.1f} to {100 * self.ci_high:.1f}"
        return f"{self.met:,} of {self.cases:,}, {percent(self.estimate)} ({limits})"


@dataclass(frozen=True)
class Bounds:
    """Between what the rate would lie if every undetermined case were decided; None where there is nothing to decide.

    Attributes:
        low, high: all cases with an undetermined numerator non-adherent, all adherent.
        wide_low, wide_high: the same with those of undetermined denominator too.
        completeness: the decided share of the cases that are or may be in the score.
    """

    low: float | None
    high: float | None
    wide_low: float | None
    wide_high: float | None
    completeness: float | None


def percent(fraction: float | None, digits: int = 1) -> str:
    """A fraction in percent; a dash where there is none."""
    return "–" if fraction is None else f"{100 * fraction:.{digits}f} %"


def bounds(adherent: int, non_adherent: int, undetermined_numerator: int, undetermined_denominator: int) -> Bounds:
    """The bounds of a rate and its completeness from the counts of its outcomes.

    Worst and best case of the missing values, without a model for them: Manski CF, "Nonparametric bounds on treatment
    effects". Am Econ Rev 1990;80(2):319-323.
    """
    decided = adherent + non_adherent
    narrow = decided + undetermined_numerator
    wide = narrow + undetermined_denominator
    return Bounds(
        low=_share(adherent, narrow),
        high=_share(adherent + undetermined_numerator, narrow),
        wide_low=_share(adherent, wide),
        wide_high=_share(adherent + undetermined_numerator + undetermined_denominator, wide),
        completeness=_share(decided, wide),
    )


def rate_of_counts(cases: int, met: int) -> Rate:
    """The rate of independent units, with the score limits of Wilson.

    Wilson EB. J Am Stat Assoc 1927;22:209-212; recommended by Brown LD, Cai TT, DasGupta A. Stat Sci 2001;16:101-133.

    Raises:
        ValueError: more units met than there are, or less than none.
    """
    if not 0 <= met <= cases:
        raise ValueError(f"{met} of {cases} cannot be met")
    if cases == 0:
        return Rate(0, 0, None, None, None, "no_cases", 0)
    return Rate(cases, met, met / cases, *_wilson(met / cases, cases), "wilson", cases)


def rate(met: Mask, cluster: Codes | None = None) -> Rate:
    """The rate of the units in the score, with limits that allow for several units of one patient.

    - Every patient gives one unit: the limits of Wilson.
    - Some give several: the cluster-robust (sandwich) variance of the rate on the logit scale, with the correction
      G/(G - 1) for G patients, and limits expit(logit p ± 1.96 se). Liang KY, Zeger SL. Biometrika 1986;73:13-22, for a
      model with an intercept only. The estimate is the plain rate of the units. With few patients this variance tends
      to be too small (Cameron AC, Miller DL. J Hum Resour 2015;50:317-372), so the number of patients is given beside.
    - The variance cannot be estimated (a rate of 0 or 1, one patient, or patients who all have the same rate): Wilson's
      limits with the effective number of patients, (sum of m)² / (sum of m²) for m units of a patient. That is the
      sample size if the units of a patient always agree (Kish L. Survey Sampling, 1965), the careful
      end of what is possible. Wilson's limits with an effective sample size: Dean N, Pagano M. J Surv Stat Methodol
      2015;3:484-503.

    Args:
        met: whether the numerator is met, shape (units,).
        cluster: the patient of each unit as a code from 0 on (as ``pandas.factorize`` gives it), shape (units,);
            absent: every unit is a patient of its own.

    Raises:
        ValueError: the arrays differ in length, or a code is negative.
    """
    cases, total = len(met), int(np.count_nonzero(met))
    if cluster is None or cases == 0:
        return rate_of_counts(cases, total)
    size, hits = _by_cluster(met, cluster)
    clusters = len(size)
    if clusters == cases:
        return rate_of_counts(cases, total)
    estimate, se = total / cases, _logit_se(size, hits)
    if se is None:
        return Rate(cases, total, estimate, *_wilson(estimate, _effective(size)), "wilson_effective", clusters)
    middle = math.log(total / (cases - total))
    limits = _expit(middle - Z * se), _expit(middle + Z * se)
    return Rate(cases, total, estimate, *limits, "cluster_robust", clusters)


def design_effect(met: Mask, cluster: Codes) -> float:
    """How many times larger the variance of a rate is because several units come from one patient; at least 1.

    The cluster-robust variance over that of independent units, or, where :func:`rate` falls back, units over the
    effective number of patients. Funnel limits are widened by its root.

    Args:
        met, cluster: as for :func:`rate`, shape (units,).
    """
    if not len(met):
        return 1.0
    size, hits = _by_cluster(met, cluster)
    cases, total = int(size.sum()), int(hits.sum())
    if len(size) == cases:
        return 1.0
    se = _logit_se(size, hits)
    if se is None:
        return cases / _effective(size)
    return max(1.0, se**2 * total * (cases - total) / cases)


def _by_cluster(met: Mask, cluster: Codes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Units, and units that are met, of each cluster that has any."""
    if len(met) != len(cluster):
        raise ValueError(f"{len(met)} units, but clusters of {len(cluster)}")
    size = np.bincount(cluster)
    hits = np.bincount(cluster[met], minlength=len(size))
    return size[size > 0], hits[size > 0]


def _logit_se(size: npt.NDArray[np.int64], hits: npt.NDArray[np.int64]) -> float | None:
    """The cluster-robust standard error of the logit; None where it cannot be estimated."""
    clusters, cases, total = len(size), int(size.sum()), int(hits.sum())
    # Units times the residual of each patient: whole numbers, so that equal rates are seen as equal.
    residual = cases * hits - total * size
    if total in (0, cases) or clusters == 1 or not residual.any():
        return None
    squares = float((residual.astype(np.float64) ** 2).sum())
    return math.sqrt(clusters / (clusters - 1) * squares) / (total * (cases - total))


def _effective(size: npt.NDArray[np.int64]) -> float:
    return float(size.sum()) ** 2 / float((size.astype(np.float64) ** 2).sum())


def _wilson(estimate: float, cases: float) -> tuple[float, float]:
    middle = estimate + Z**2 / (2 * cases)
    half = Z * math.sqrt(estimate * (1 - estimate) / cases + Z**2 / (4 * cases**2))
    scale = 1 + Z**2 / cases
    # The limits at 0 and 1 are exact; rounding would put them beside.
    low = 0.0 if estimate == 0 else (middle - half) / scale
    high = 1.0 if estimate == 1 else (middle + half) / scale
    return low, high


def _expit(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
