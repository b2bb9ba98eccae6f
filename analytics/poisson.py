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
    from scipy.special import gammaln, pdtr, pdtrc, pdtrik

    mean = np.asarray(expected, dtype=np.float64)

    def own(count: Floats) -> Floats:
        return np.asarray(np.exp(count * np.log(mean) - mean - gammaln(count + 1)))

    # The smallest count whose cumulative probability reaches the tail, and from above the largest.
    low = np.maximum(np.ceil(pdtrik(tail, mean) - 1e-9), 0.0)
    low = np.where(pdtr(low, mean) < tail, low + 1, low)
    high = np.maximum(np.ceil(pdtrik(1 - tail, mean) - 1e-9), 0.0)
    high = np.where(pdtrc(high, mean) >= tail, high + 1, high)
    lower = low - (pdtr(low, mean) - tail) / own(low)
    reached = np.where(high > 0, pdtrc(np.maximum(high - 1, 0), mean), 1.0)
    upper = high + (reached - tail) / own(high)
    return np.maximum(lower, 0.0) / mean, upper / mean
