"""Centers in a funnel: the rate of each, and the control limits of chance about the registry's own average.

Spiegelhalter DJ. "Funnel plots for comparing institutional performance". Stat Med 2005;24:1185-1202. There is no
target: the consensus prints none. A center outside the limits differs from the average by more than chance; why is a
question that starts with its data.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Place = Literal["inside", "alert", "alarm"]
Direction = Literal["above", "below"]

ALERT, ALARM = 0.025, 0.001
"""The tails beyond the 95 % and the 99.8 % limits, on each side."""

_WINSORIZED = 0.1
"""The share of z-scores that is pulled in at each end, after Spiegelhalter."""
_CURVE_POINTS = 300


@dataclass(frozen=True)
class Limits:
    """Control limits, one for each number of cases; fractions, shape (volumes,)."""

    cases: npt.NDArray[np.int64]
    low_95: Floats
    high_95: Floats
    low_998: Floats
    high_998: Floats


@dataclass(frozen=True)
class Center:
    """A center in the funnel.

    Attributes:
        label: its name or code.
        cases, met: units in the score, the adherent ones.
        rate: met / cases.
        low_95, high_95, low_998, high_998: the control limits at its number of cases; no confidence limits.
        place: inside the limits, beyond those at 95 % (alert) or at 99.8 % (alarm).
        direction: above or below them; None inside.
        z: its distance from the average in standard errors of chance; None where the average is 0 or 1.
    """

    label: str
    cases: int
    met: int
    rate: float
    low_95: float
    high_95: float
    low_998: float
    high_998: float
    place: Place
    direction: Direction | None
    z: float | None


@dataclass(frozen=True)
class Overdispersion:
    """Whether centers differ by more than chance; None where there are fewer than two, or the average is 0 or 1.

    Attributes:
        phi: the mean square of the z-scores after pulling the outer 10 % at each end in to the 10th and 90th
            percentile (Spiegelhalter 2005). Without overdispersion it is expected near 0.7, not 1, because
            of that.
        statistic, df, p: Pearson's test that all centers have the same rate, on the z-scores as they are: winsorized
            ones have no chi-square distribution.
    """

    phi: float | None
    statistic: float | None
    df: int | None
    p: float | None


@dataclass(frozen=True)
class Funnel:
    """A funnel of centers.

    Attributes:
        cases, met, rate: of all centers together; rate None where there are no cases.
        centers: those with cases, in the order given.
        without_cases: the labels of those that have none.
        overdispersion: shown beside the limits.
        inflated: whether the limits are widened for overdispersion.
        design_effect: what several units of a patient do to the variance; 1 for independent units.
        spread: how many times farther from the average limits lie than without overdispersion and design effect.
    """

    cases: int
    met: int
    rate: float | None
    centers: tuple[Center, ...]
    without_cases: tuple[str, ...]
    overdispersion: Overdispersion
    inflated: bool
    design_effect: float
    spread: float

    def curve(self) -> Limits | None:
        """The limits from 1 case to somewhat more than the largest center has, for drawing; None without cases."""
        if self.rate is None:
            return None
        most = max(center.cases for center in self.centers)
        steps = np.geomspace(1, 1.05 * most + 1, _CURVE_POINTS)
        return _limits(np.unique(np.round(steps).astype(np.int64)), self.rate, self.spread)


def control_limits(cases: npt.NDArray[np.int64], average: float, tail: float) -> tuple[Floats, Floats]:
    """Exact binomial control limits about an average.

    The lower limit is the interpolated one of Spiegelhalter (2005): with r the smallest count whose
    cumulative probability reaches the tail, (r - a) / n where a = (P(R <= r) - tail) / P(R = r). Negative values mean
    that no count is low enough, and are set to 0.

    The upper limit is the lower one seen from the other side: 1 less the lower limit of the non-adherent. Spiegelhalter
    takes the same interpolation at the 1 - tail quantile; that puts a count on the wrong side of the limit whose
    probability, with all above it, is larger than the tail (one of one would be an alert at an average of 90 %). So
    made, a count lies beyond a limit if and only if its tail has a probability below ``tail``, on both sides, and the
    picture is the same whether adherence or its contrary is drawn. On the choice of the interpolation: Manktelow BN,
    Seaton SE. PLoS One 2012;7:e45723.

    Args:
        cases: numbers of cases of at least 1, shape (volumes,).
        average: the rate about which limits are drawn, 0 to 1.
        tail: the probability beyond a limit, 0.025 for 95 %.

    Returns:
        lower and upper limits as fractions, each of shape (volumes,).
    """
    return _lower(cases, average, tail), 1 - _lower(cases, 1 - average, tail)


def funnel(
    labels: Sequence[str],
    cases: Sequence[int] | npt.NDArray[np.integer],
    met: Sequence[int] | npt.NDArray[np.integer],
    *,
    design_effect: float = 1.0,
    inflate: bool = False,
) -> Funnel:
    """Compare centers with their common average.

    Limits are not inflated for overdispersion unless asked for. Inflated limits take the differences between centers as
    given: the more centers depart from the consensus, the wider they are, and the centers that an audit looks for hide
    among each other. The factor is also badly known from a handful of centers. So the limits are those of chance alone,
    the factor and its test are shown beside them, and where the test is clear, "outside" is read as "centers differ",
    before one of them is asked. With ``inflate`` limits are widened by the root of phi where it is above 1
    (Spiegelhalter's multiplicative model).

    Args:
        labels: the centers, shape (centers,).
        cases, met: units in the score and adherent ones of each, shape (centers,).
        design_effect: of :func:`analytics.audit.proportions.design_effect`, where patients give several units; the
            limits and z-scores are widened by its root.
        inflate: widen limits for overdispersion too.

    Raises:
        ValueError: shapes differ, more met than cases, or a design effect below 1.
    """
    n, hits = np.asarray(cases, dtype=np.int64), np.asarray(met, dtype=np.int64)
    if not len(labels) == len(n) == len(hits) or (hits < 0).any() or (hits > n).any() or design_effect < 1:
        raise ValueError("each center needs its cases, no more of them met than there are, and a design effect of 1 on")
    kept = np.flatnonzero(n)
    names = [labels[int(at)] for at in kept]
    without = tuple(label for label, count in zip(labels, n, strict=True) if count == 0)
    n, hits = n[kept], hits[kept]
    total, total_met = int(n.sum()), int(hits.sum())
    if total == 0:
        return Funnel(0, 0, None, (), without, Overdispersion(None, None, None, None), inflate, 1.0, 1.0)
    average = total_met / total
    z = _z_scores(n, hits, average, design_effect)
    dispersion = _overdispersion(z)
    phi = dispersion.phi if inflate and dispersion.phi is not None else 1.0
    spread = math.sqrt(design_effect * max(phi, 1.0))
    limits = _limits(n, average, spread)
    centers = tuple(
        _center(names[at], int(n[at]), int(hits[at]), limits, at, None if z is None else float(z[at]))
        for at in range(len(n))
    )
    return Funnel(total, total_met, average, centers, without, dispersion, inflate, design_effect, spread)


def _lower(cases: npt.NDArray[np.int64], average: float, tail: float) -> Floats:
    from scipy.stats import binom

    count = np.maximum(binom.ppf(tail, cases, average), 0)
    reached, own = binom.cdf(count, cases, average), binom.pmf(count, cases, average)
    limit: Floats = np.maximum((count - (reached - tail) / own) / cases, 0.0)
    return limit


def _limits(cases: npt.NDArray[np.int64], average: float, spread: float) -> Limits:
    def widened(limit: Floats) -> Floats:
        return np.clip(average + spread * (limit - average), 0, 1)

    (low_95, high_95), (low_998, high_998) = (control_limits(cases, average, tail) for tail in (ALERT, ALARM))
    return Limits(cases, widened(low_95), widened(high_95), widened(low_998), widened(high_998))


def _center(label: str, cases: int, met: int, limits: Limits, at: int, z: float | None) -> Center:
    rate = met / cases
    low_95, high_95 = float(limits.low_95[at]), float(limits.high_95[at])
    low_998, high_998 = float(limits.low_998[at]), float(limits.high_998[at])
    nearby = 1e-12  # a rate on its limit is inside, whatever rounding says
    place: Place = "inside"
    if rate < low_95 - nearby or rate > high_95 + nearby:
        place = "alarm" if rate < low_998 - nearby or rate > high_998 + nearby else "alert"
    direction: Direction | None = None if place == "inside" else "below" if rate < low_95 else "above"
    return Center(label, cases, met, rate, low_95, high_95, low_998, high_998, place, direction, z)


def _z_scores(
    cases: npt.NDArray[np.int64], met: npt.NDArray[np.int64], average: float, design_effect: float
) -> Floats | None:
    if not 0 < average < 1:
        return None
    scores: Floats = (met / cases - average) / np.sqrt(design_effect * average * (1 - average) / cases)
    return scores


def _overdispersion(z: Floats | None) -> Overdispersion:
    if z is None or len(z) < 2:
        return Overdispersion(None, None, None, None)
    from scipy.stats import chi2

    low, high = np.quantile(z, (_WINSORIZED, 1 - _WINSORIZED))
    phi = float((np.clip(z, low, high) ** 2).mean())
    statistic, df = float((z**2).sum()), len(z) - 1
    return Overdispersion(phi, statistic, df, float(chi2.sf(statistic, df)))
