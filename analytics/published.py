"""Published hazard ratios that stand beside the registry's own, read from ``published.json``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Published:
    """A published hazard ratio.

    Attributes:
        factor: the factor of the consensus that it is nearest to.
        hr, ci_low, ci_high: estimate and 95 % limits.
        definition: what the publication compares; rarely quite what the factor does.
        short, cite: the publication.
        n: its patients.
        design, endpoint: of the publication.
        adjusted: whether it comes from a multivariable model.
    """

    factor: str
    hr: float
    ci_low: float
    ci_high: float
    definition: str
    short: str
    cite: str
    n: int
    design: str
    endpoint: str
    adjusted: bool

    def to_dict(self) -> dict[str, Any]:
        """The ratio as a document."""
        return {name: value for name, value in vars(self).items() if name != "factor"}


@cache
def published() -> dict[str, tuple[Published, ...]]:
    """The published hazard ratios by factor."""
    sources = json.loads(files("analytics").joinpath("published.json").read_text(encoding="utf-8"))["sources"]
    found: dict[str, tuple[Published, ...]] = {}
    for source in sources:
        of_source = {name: source[name] for name in ("short", "cite", "n", "design", "endpoint", "adjusted")}
        for ratio in source["hazard_ratios"]:
            hr, low, high = ratio["hr"]
            made = Published(ratio["factor"], hr, low, high, ratio["definition"], **of_source)
            found[made.factor] = (*found.get(made.factor, ()), made)
    return found
