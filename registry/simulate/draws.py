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

_STRETCH, _PERIOD = 2**32, 2**128
"""Numbers between the first ones of two patients, and of the generator (PCG64)."""

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


class Stream:
    """The random numbers of a cohort, of which each patient has a stretch of its own.

    The generator is named (PCG64), and every quantity is made from its uniform numbers by inversion, in their order:
    the same seed and number of a patient give the same patient on every platform, however many others there are.
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)
        self._generator = np.random.Generator(self._bits)
        self._position = 0

    def patient(self, number: int) -> Draws:
        """The draws of one patient; those of the patient before are over."""
        return Draws(chain.from_iterable(self._stretch(number)))

    def _stretch(self, number: int) -> Iterator[list[float]]:
        start = number * _STRETCH
        self._bits.advance((start - self._position) % _PERIOD)
        self._position = start
        while True:
            self._position += _AT_ONCE
            yield self._generator.random(_AT_ONCE).tolist()


class Draws:
    """Random quantities in the words of the simulator, from uniform numbers of [0, 1)."""

    __slots__ = ("uniform",)

    def __init__(self, numbers: Iterator[float]) -> None:
        self.uniform: Callable[[], float] = numbers.__next__
        """The next number from [0, 1)."""

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
