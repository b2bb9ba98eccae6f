"""Confidence limits at 95 % of a probability, on the three scales that R's survfit offers."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from registry.errors import UsageError

Floats = npt.NDArray[np.float64]

Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""

ConfType = Literal["log-log", "log", "plain"]
CONF_TYPES: tuple[str, ...] = get_args(ConfType)


def conf_type(name: str) -> ConfType:
    """The scale of that name; UsageError where there is none."""
    for known in ("log-log", "log", "plain"):
        if name == known:
            return known  # type: ignore[return-value]
    raise UsageError("There is no such scale of limits", got=name, remedy=f"Take one of {', '.join(CONF_TYPES)}")


def limits(estimate: Floats, se_of_log: Floats, scale: ConfType) -> tuple[Floats, Floats]:
    """Lower and upper limits of probabilities.

    Args:
        estimate: the probabilities, any shape.
        se_of_log: standard errors of their logarithms (se / estimate), the same shape.
        scale: where they are symmetric: ``plain`` on the probability itself, ``log`` on its logarithm, ``log-log`` on
            log(-log) of it (Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data, 2nd ed., 2002).

    Returns:
        Limits between 0 and 1. NaN as in R: at 0, where the logarithm does not exist, and on the log-log scale at 1.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if scale == "plain":
            half = Z * se_of_log * estimate
            return np.maximum(estimate - half, 0), np.minimum(estimate + half, 1)
        if scale == "log":
            middle = np.log(np.where(estimate > 0, estimate, np.nan))
            return np.exp(middle - Z * se_of_log), np.minimum(np.exp(middle + Z * se_of_log), 1)
        inside = np.where((estimate > 0) & (estimate < 1), estimate, np.nan)
        half, middle = Z * se_of_log / np.log(inside), np.log(-np.log(inside))
        return np.exp(-np.exp(middle - half)), np.exp(-np.exp(middle + half))


def finite(value: float) -> float | None:
    """The number, or None where there is none."""
    return float(value) if math.isfinite(value) else None
