"""The figures of a rule: the cases by outcome, the rate with its limits, what the undetermined leave open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.audit.proportions import Bounds, Rate, bounds, rate
from analytics.consensus.verdicts import OUTCOMES, Outcome, Outcomes

_ADHERENCE = (Outcome.ADHERENT, Outcome.NON_ADHERENT)
_USE = (Outcome.TAKEN, Outcome.NOT_TAKEN)


@dataclass(frozen=True, eq=False)
class Group:
    """Some of the units.

    Attributes:
        label: of the group; None for all.
        rows: positions of its units, shape (units,).
        patient: their patients as codes from 0 on, without gaps, shape (units,).
    """

    label: str | None
    rows: npt.NDArray[np.intp]
    patient: npt.NDArray[np.intp]

    @classmethod
    def of(cls, label: str | None, rows: npt.NDArray[np.intp], patient: npt.NDArray[Any]) -> Group:
        """The units at some positions; ``patient`` is that of all units."""
        return cls(label, rows, np.unique(patient[rows], return_inverse=True)[1])


@dataclass(frozen=True)
class Tally:
    """The figures of a rule over some units.

    Attributes:
        option: whether it is taken or not, instead of followed or not.
        counts: units by outcome.
        rate: of the units in the score, with limits at 95 %; of an option, how often it is used.
    """

    option: bool
    counts: dict[Outcome, int]
    rate: Rate

    @property
    def population(self) -> int:
        """All units."""
        return sum(self.counts.values())

    @property
    def denominator(self) -> int:
        """Units known to be in the denominator, those excluded, excepted, pending and undetermined included."""
        outside = self.counts[Outcome.NOT_APPLICABLE] + self.counts[Outcome.UNDETERMINED_DENOMINATOR]
        return self.population - outside

    @cached_property
    def bounds(self) -> Bounds:
        """Between what the rate would lie if the undetermined were decided."""
        met, missed = (self.counts[outcome] for outcome in (_USE if self.option else _ADHERENCE))
        open_numerator = self.counts[Outcome.UNDETERMINED_NUMERATOR]
        return bounds(met, missed, open_numerator, self.counts[Outcome.UNDETERMINED_DENOMINATOR])

    @property
    def possible(self) -> tuple[Outcome, ...]:
        """The outcomes that the rule can have."""
        never = (*_ADHERENCE, Outcome.EXCEPTION) if self.option else _USE
        return tuple(outcome for outcome in OUTCOMES if outcome not in never)

    def to_dict(self) -> dict[str, Any]:
        """As in the interface."""
        of_rate, of_bounds = self.rate, self.bounds
        return {
            "counts": {outcome.label: self.counts[outcome] for outcome in self.possible},
            "rate": of_rate.estimate,
            "ci_low": of_rate.ci_low,
            "ci_high": of_rate.ci_high,
            "bound_low": of_bounds.low,
            "bound_high": of_bounds.high,
            "wide_low": of_bounds.wide_low,
            "wide_high": of_bounds.wide_high,
            "completeness": of_bounds.completeness,
            "population": self.population,
            "denominator": self.denominator,
            "clusters": of_rate.clusters,
            "method": of_rate.method,
        }


def tally(found: Sequence[Outcomes], group: Group, *, option: bool) -> Tally:
    """The figures of a rule over a group.

    Args:
        found: the outcome of each unit, once, or once for each window; shape (units,) each.
        group: which units.
        option: whether the rule is an option.
    """
    numbers = np.zeros(len(Outcome), dtype=np.int64)
    for outcomes in found:
        numbers += np.bincount(outcomes[group.rows], minlength=len(Outcome))
    counts: dict[Outcome, int] = {outcome: int(numbers[outcome]) for outcome in OUTCOMES}
    return Tally(option, counts, rate(*scored_units(found, group, option=option)))


def score(found: Sequence[Outcomes], group: Group, *, option: bool) -> tuple[int, int]:
    """The units of a group in the score, and those of them that are met; arguments as for :func:`tally`."""
    met, missed = _USE if option else _ADHERENCE
    taken = [outcomes[group.rows] for outcomes in found]
    hits = sum(int(np.count_nonzero(one == met)) for one in taken)
    return hits + sum(int(np.count_nonzero(one == missed)) for one in taken), hits


def scored_units(
    found: Sequence[Outcomes], group: Group, *, option: bool
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    """Of the units in the score of a group: whether each is met, and its patient."""
    met, missed = _USE if option else _ADHERENCE
    taken = [outcomes[group.rows] for outcomes in found]
    scored = [(one == met) | (one == missed) for one in taken]
    hits = np.concatenate([one[mask] == met for one, mask in zip(taken, scored, strict=True)] or [_NOTHING])
    return hits, np.concatenate([group.patient[mask] for mask in scored] or [_NOTHING.astype(np.intp)])


def groups_of(
    labels: npt.NDArray[Any], order: Sequence[str], rows: npt.NDArray[np.intp], patient: npt.NDArray[Any]
) -> Iterator[Group]:
    """The groups of some units, those without units included.

    Args:
        labels: of all units, shape (all,).
        order: the labels to give, in this order.
        rows: positions of the units that are divided, ascending.
        patient: of all units, shape (all,).
    """
    if not order:
        return
    place = {label: number for number, label in enumerate(order)}
    codes = np.array([place[label] for label in labels[rows]], dtype=np.intp)
    sorted_rows = rows[np.argsort(codes, kind="stable")]
    ends = np.cumsum(np.bincount(codes, minlength=len(order)))
    for label, part in zip(order, np.split(sorted_rows, ends[:-1]), strict=True):
        yield Group.of(label, part, patient)


_NOTHING = np.zeros(0, dtype=np.bool_)
