"""Restricted mean survival times and their differences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.limits import Z


@dataclass(frozen=True)
class RestrictedMean:
    """Mean survival up to a horizon in days, with standard error and limits; None beyond follow-up."""

    horizon_days: float
    days: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None


@dataclass(frozen=True)
class MeanDifference:
    """How much longer, in days, one group lives than another up to a horizon; None where a mean is missing."""

    label: str
    against: str
    horizon_days: float
    days: float | None
    se: float | None
    ci_low: float | None
    ci_high: float | None
    p: float | None

    def to_dict(self) -> dict[str, Any]:
        """The difference as the interface prints it."""
        return {
            "label": self.label,
            "against": self.against,
            "horizon_days": self.horizon_days,
            "estimate_days": self.days,
            "se": self.se,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "p": self.p,
        }


def differences(labels: Sequence[str], means: Sequence[RestrictedMean]) -> tuple[MeanDifference, ...]:
    """Each group's mean less that of the first, with limits and p from the normal distribution.

    The groups are independent, so the variances add (Royston P, Parmar MKB. BMC Med Res Methodol 2013;13:152).
    """
    pairs = zip(labels[1:], means[1:], strict=True)
    return tuple(_difference(label, labels[0], mean, means[0]) for label, mean in pairs)


def _difference(label: str, against: str, one: RestrictedMean, other: RestrictedMean) -> MeanDifference:
    if one.days is None or other.days is None or one.se is None or other.se is None:
        return MeanDifference(label, against, one.horizon_days, None, None, None, None, None)
    days, se = one.days - other.days, math.hypot(one.se, other.se)
    p = math.erfc(abs(days) / se / math.sqrt(2)) if se > 0 else None
    return MeanDifference(label, against, one.horizon_days, days, se, days - Z * se, days + Z * se, p)
