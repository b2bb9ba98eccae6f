"""From covariates to the columns of a model: levels against the first one, numbers as they are or as splines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.cox_covariates import Covariate, Values
from analytics.cox_risk import Floats
from analytics.cox_splines import knots_of, spline_basis
from analytics.endpoints import FACTOR_FIXED_LATER
from registry.errors import UsageError


@dataclass(frozen=True)
class Column:
    """A column of a model.

    Attributes:
        factor: the covariate that it is of.
        level, reference: of a level: it and the one it is compared with; None for a number.
        words, against: what is compared and with what, in words; nothing to compare a number with.
        unit: of a number, else None.
        n: patients of the level; all of them for a number.
        bend: which bend of a spline, from 1; 0 where it is none.
    """

    factor: str
    level: str | None
    reference: str | None
    words: str
    against: str | None
    unit: str | None
    n: int
    bend: int = 0

    @property
    def name(self) -> str:
        """A name of its own."""
        return f"{self.factor} {self.level or self.bend or ''}".rstrip()


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a model.

    Attributes:
        columns: what they are.
        x: their values, shape (n, columns); small integers where no covariate is a number.
        knots: of the covariates that are splines.
        values: of those covariates, shape (n,).
    """

    columns: tuple[Column, ...]
    x: np.ndarray
    knots: dict[str, Floats]
    values: dict[str, Floats]

    def positions(self) -> dict[str, list[int]]:
        """The columns of each covariate."""
        found: dict[str, list[int]] = {}
        for at, column in enumerate(self.columns):
            found.setdefault(column.factor, []).append(at)
        return found


def complete_cases(given: Sequence[Values]) -> tuple[npt.NDArray[np.bool_], dict[str, int]]:
    """Who has a value of every covariate, shape (n,), and why how many have not; the first reason of each counts."""
    left = np.ones(len(given[0].values), dtype=bool)
    reasons: dict[str, int] = {}
    for one in given:
        name, absent = one.covariate.name, one.values.isna().to_numpy(dtype=bool)
        later, undefined = one.later.to_numpy(dtype=bool), one.undefined.to_numpy(dtype=bool)
        for reason, who in (
            (FACTOR_FIXED_LATER, absent & later),
            (f"not_applicable_{name}", absent & undefined),
            (f"missing_{name}", absent & ~later & ~undefined),
        ):
            if count := int((left & who).sum()):
                reasons[reason] = reasons.get(reason, 0) + count
        left &= ~absent
    return left, reasons


def design(given: Sequence[Values], *, splines: Collection[str] = (), knots: int = 4) -> Design:
    """The columns for complete values.

    Args:
        given: covariates without a missing value.
        splines: the names of those that are restricted cubic splines.
        knots: of each spline.

    Raises:
        UsageError: a spline of something that is no number.
        AnalysisRefused: too few values for the knots.
    """
    for name in splines:
        if name not in {one.covariate.name for one in given if one.covariate.number is not None}:
            raise UsageError(
                "Only a continuous factor of the model can be a spline",
                got=name,
                remedy="Take lesion_count, tumor_diameter, cea, dfi_months or age, and name it in --factors too",
            )
    columns: list[Column] = []
    parts: list[np.ndarray] = []
    at_knots: dict[str, Floats] = {}
    of_splines: dict[str, Floats] = {}
    for one in given:
        if one.covariate.grouping is not None:
            made, part = _levels(one.covariate, one.values)
        else:
            numbers = one.values.to_numpy(dtype=np.float64)
            part, made = numbers[:, None], [_number(one.covariate, len(numbers))]
            if one.covariate.name in splines:
                at_knots[one.covariate.name] = knots_of(numbers, knots)
                of_splines[one.covariate.name] = numbers
                part = spline_basis(numbers, at_knots[one.covariate.name])
                made = [_number(one.covariate, len(numbers), bend) for bend in range(part.shape[1])]
        columns += made
        parts.append(part)
    return Design(tuple(columns), np.column_stack(parts), at_knots, of_splines)


def _number(covariate: Covariate, n: int, bend: int = 0) -> Column:
    what = covariate.sentence.split(" (")[0]
    words = f"{what}, bend {bend}" if bend else f"{what}, per {covariate.unit}"
    return Column(covariate.name, None, None, words, None, None if bend else covariate.unit, n, bend)


def _levels(covariate: Covariate, values: pd.Series) -> tuple[list[Column], np.ndarray]:
    """A column for each level that somebody has but the lowest or first; one column where all have the same."""
    codes, names = values.cat.codes.to_numpy(), [str(name) for name in values.cat.categories]
    counts = np.bincount(codes, minlength=len(names)) if len(codes) else np.zeros(len(names), dtype=int)
    scores = covariate.grouping.scores if covariate.grouping is not None else None
    # A level without a place in the order (TX) is nothing to compare the others with.
    order = sorted(range(len(names)), key=lambda at: scores.get(names[at], np.inf) if scores else 0)
    present = [at for at in order if counts[at]]
    # With no or yes only, the column is that of yes all the same, so that a table keeps its row.
    compared = present[1:] or ([names.index("yes")] if "yes" in names else present[:1] or [0])
    reference = names[present[0]] if len(present) > 1 else names[0]
    words = covariate.grouping.words if covariate.grouping is not None else {}
    against = words.get(reference, reference)
    columns = [
        Column(covariate.name, names[at], reference, words.get(names[at], names[at]), against, None, int(counts[at]))
        for at in compared
    ]
    return columns, np.column_stack([(codes == at).astype(np.int8) for at in compared])
