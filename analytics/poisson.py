"""Exact Poisson limits: of the ratio of observed to expected events, and control limits about expected events."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_TAIL = 0.025


def ratio_limits(observed: Any, expected: Any) -> tuple[Floats, Floats]:
    """Exact 95 % limits of observed / expected, as R's ``poisson.test(observed, expected)$conf.int``.

    Garwood F. Biometrika 1936;28:437-442. The expected number is taken as known.

    Args:
        observed: counts, shape (n,).
        expected: positive numbers, shape (n,).
    """
    # The whole of scipy.stats takes a second to import.
    from scipy.special import gammainccinv, gammaincinv

    count, mean = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    low = np.where(count > 0, gammaincinv(np.maximum(count, 1), _TAIL), 0.0)
    return low / mean, gammainccinv(count + 1, _TAIL) / mean


def control_limits(expected: Any, tail: float) -> tuple[Floats, Floats]:
    """Exact Poisson control limits of observed / expected about 1.

    Spiegelhalter DJ. Stat Med 2005;24:1185-1202, interpolated as the limits of a rate are
    (:func:`analytics.audit.funnel.control_limits`): a count lies beyond a limit if and only if it, with all counts
    farther out, has a probability below ``tail``.

    Args:
        expected: positive numbers, shape (n,).
        tail: the probability beyond a limit, 0.025 for 95 %.

    Returns:
        lower and upper limits of the ratio, each of shape (n,); a lower limit of 0 excludes no count.
    """
    from scipy.stats import poisson

    mean = np.asarray(expected, dtype=np.float64)
    # The smallest count whose probability, with all below it, reaches the tail; and the largest with all above it.
    low, high = poisson.ppf(tail, mean), poisson.isf(tail, mean)
    lower = low - (poisson.cdf(low, mean) - tail) / poisson.pmf(low, mean)
    upper = high + (poisson.sf(high - 1, mean) - tail) / poisson.pmf(high, mean)
    return np.maximum(lower, 0.0) / mean, upper / mean
