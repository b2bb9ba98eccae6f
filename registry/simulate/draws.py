"""The random draws of one patient, who depends on the seed and the patient's number alone."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate, chain
from statistics import NormalDist

import numpy as np

_AT_ONCE = 256
"""Uniform numbers fetched in one call: enough for most patients."""

_normal = NormalDist().inv_cdf


class Mix:
    """Codes, how often each occurs (as shares or as weights), and where that is from."""

    __slots__ = ("codes", "limits", "shares", "source")

    def __init__(self, weights: Mapping[str, float], source: str) -> None:
        self.source = source
        total = math.fsum(weights.values())
        self.shares = {code: weight / total for code, weight in weights.items()}
        self.codes = tuple(weights)
        self.limits = tuple(accumulate(self.shares.values()))[:-1]


def _batches(generator: np.random.Generator) -> Iterator[list[float]]:
    while True:
        yield generator.random(_AT_ONCE).tolist()


class Draws:
    """Random quantities in the words of the simulator.

    The generator is named (PCG64 seeded by seed and number), every quantity is made from its uniform numbers by
    inversion, and they are used in order: the same seed and number give the same patient on every platform, however
    many other patients there are.
    """

    __slots__ = ("uniform",)

    def __init__(self, seed: int, number: int) -> None:
        generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, number))))
        self.uniform: Callable[[], float] = chain.from_iterable(_batches(generator)).__next__
        """A number from [0, 1)."""

    def chance(self, probability: float) -> bool:
        return self.uniform() < probability

    def days(self, least: int, most: int) -> int:
        """A whole number from least to most, both included."""
        return least + int(self.uniform() * (most - least + 1))

    def between(self, low: float, high: float) -> float:
        return low + self.uniform() * (high - low)

    def pick(self, mix: Mix) -> str:
        return mix.codes[bisect_right(mix.limits, self.uniform())]

    def score(self) -> float:
        """A standard normal number."""
        return _normal(self.uniform() or 0.5)

    def gap(self, probability: float) -> int:
        """How many of many things pass before the next one that happens with this probability."""
        return int(math.log(1 - self.uniform()) / math.log(1 - probability))

    def lognormal(self, median: float, sigma: float) -> float:
        return median * math.exp(sigma * self.score())
