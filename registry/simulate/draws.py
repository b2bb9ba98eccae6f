"""The random draws of one patient, who depends on the seed and the patient's number alone."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from statistics import NormalDist

import numpy as np

_AT_ONCE = 320
"""Uniform numbers fetched in one call: enough for most patients."""

_NORMAL = NormalDist()


class Mix:
    """Codes, how often each occurs (as shares or as weights), and where that is from."""

    __slots__ = ("_limits", "codes", "shares", "source")

    def __init__(self, weights: Mapping[str, float], source: str) -> None:
        self.source = source
        total = math.fsum(weights.values())
        self.shares = {code: weight / total for code, weight in weights.items()}
        self.codes = tuple(weights)
        self._limits = tuple(accumulate(self.shares.values()))[:-1]

    def at(self, uniform: float) -> str:
        """The code in whose part of the unit interval a number lies."""
        return self.codes[bisect_right(self._limits, uniform)]


class Draws:
    """Random quantities in the words of the simulator.

    The generator is named (PCG64 seeded by seed and number), every quantity is made from its uniform numbers by
    inversion, and they are used in order: the same seed and number give the same patient on every platform, however
    many other patients there are.
    """

    __slots__ = ("_generator", "_numbers")

    def __init__(self, seed: int, number: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, number))))
        self._numbers: Iterator[float] = iter(())

    def uniform(self) -> float:
        """A number from [0, 1)."""
        for number in self._numbers:
            return number
        numbers: list[float] = self._generator.random(_AT_ONCE).tolist()
        self._numbers = iter(numbers)
        return next(self._numbers)

    def chance(self, probability: float) -> bool:
        return self.uniform() < probability

    def days(self, least: int, most: int) -> int:
        """A whole number from least to most, both included."""
        return least + int(self.uniform() * (most - least + 1))

    def between(self, low: float, high: float) -> float:
        return low + self.uniform() * (high - low)

    def pick(self, mix: Mix) -> str:
        return mix.at(self.uniform())

    def score(self) -> float:
        """A standard normal number."""
        return _NORMAL.inv_cdf(min(max(self.uniform(), 1e-12), 1 - 1e-12))

    def gap(self, probability: float) -> int:
        """How many of many things pass before the next one that happens with this probability."""
        return int(math.log(1 - self.uniform()) / math.log(1 - probability))

    def lognormal(self, median: float, sigma: float) -> float:
        return median * math.exp(sigma * self.score())
