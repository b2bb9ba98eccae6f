"""Small numbers in the tables of the report: counts below a limit, and the shares that would give them away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.audit.proportions import percent

SUPPRESSED = "suppressed"
OTHER = "other reasons"


@dataclass(frozen=True)
class Small:
    """The rule for small numbers.

    Attributes:
        limit: counts from 1 to one less are not shown; 1 shows everything.
    """

    limit: int

    def hides(self, count: int) -> bool:
        """Whether a count is too small to be shown. Zero is shown."""
        return 0 < count < self.limit

    def count(self, count: int) -> str:
        """A count for people."""
        return f"< {self.limit}" if self.hides(count) else f"{count:,}"

    def of(self, part: int, whole: int) -> str:
        """A part of a whole: 42 of 97; where it or the rest is small, only that."""
        if whole == 0:
            return "no cases"
        if self.hides(whole) or (self.hides(part) and self.hides(whole - part)):
            return SUPPRESSED
        if self.hides(part):
            return f"< {self.limit} of {whole:,}"
        if self.hides(whole - part):
            return f"> {whole - self.limit:,} of {whole:,}"
        return f"{part:,} of {whole:,}"

    def share(self, part: int, whole: int, low: float | None = None, high: float | None = None) -> str:
        """A share in percent with its limits; where a count behind it is small, beyond which bound it lies."""
        if whole == 0:
            return "–"
        if self.hides(whole) or (self.hides(part) and self.hides(whole - part)):
            return SUPPRESSED
        if self.hides(part):
            return f"< {percent(self.limit / whole)}"
        if self.hides(whole - part):
            return f"> {percent(1 - self.limit / whole)}"
        return with_limits(part / whole, low, high)

    def column(self, counts: Sequence[int]) -> list[str]:
        """The counts of a division whose sum is known; a single small one takes the next one with it."""
        hidden = {at for at, count in enumerate(counts) if self.hides(count)}
        others = sorted((count, at) for at, count in enumerate(counts) if count >= self.limit)
        if len(hidden) == 1 and others:
            hidden.add(others[0][1])
        return [
            (self.count(count) if self.hides(count) else SUPPRESSED) if at in hidden else f"{count:,}"
            for at, count in enumerate(counts)
        ]

    def flow(self, reasons: Mapping[str, int]) -> dict[str, str]:
        """Reason -> how many were left out for it; several small ones together."""
        small = [reason for reason, count in reasons.items() if self.hides(count)]
        if len(small) < 2:
            return {reason: self.count(count) for reason, count in reasons.items()}
        shown = {reason: f"{count:,}" for reason, count in reasons.items() if reason not in small}
        return shown | {OTHER: self.count(sum(reasons[reason] for reason in small))}


def with_limits(estimate: float | None, low: float | None, high: float | None) -> str:
    """A share in percent with its limits at 95 %: 86.7 % (83.2 to 89.5)."""
    if estimate is None:
        return "–"
    if low is None or high is None:
        return percent(estimate)
    return f"{percent(estimate)} ({100 * low:.1f} to {100 * high:.1f})"
