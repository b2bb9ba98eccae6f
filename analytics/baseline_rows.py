"""A row of the table of patients: the levels or the numbers of a variable in each group, and what is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics import standardized
from analytics.baseline_variables import Variable
from analytics.cox_covariates import Values
from analytics.limits import finite
from analytics.suppression import Counts, Mask, hidden
from registry.fields import Absent

_WORDS = {Absent.UNK: "unknown"}
NOT_RECORDED, UNDETERMINED, ANY_REASON = "not recorded", "undetermined", "for any reason"


@dataclass(frozen=True)
class Level:
    """A level of a variable, or a reason for which there is no value.

    Attributes:
        words: for people.
        missing: whether it is such a reason.
        counts: of each column, the last is all groups together; None where it is hidden.
    """

    words: str
    missing: bool
    counts: tuple[int | None, ...]

    def to_dict(self, labels: Sequence[str]) -> dict[str, Any]:
        """The level as a document."""
        return {"words": self.words, "counts": dict(zip(labels, self.counts, strict=True))}


@dataclass(frozen=True)
class Summary:
    """Numbers in a few numbers; None where there are too few of them.

    Attributes:
        median, q1, q3: by linear interpolation between the two neighbors (R's type 7).
        mean, sd: with n - 1.
    """

    median: float | None
    q1: float | None
    q3: float | None
    mean: float | None
    sd: float | None


NO_SUMMARY = Summary(None, None, None, None, None)


@dataclass(frozen=True)
class Row:
    """What the table says of a variable.

    Attributes:
        variable: which.
        known: of each column, the patients with a value; None where it is hidden.
        levels: its levels (of a number none), then the reasons for which values are missing.
        summaries: of a number, of each column; of levels empty.
        difference: the largest standardized difference of two groups; None where there is none or it is hidden.
        pairs: the difference of each two groups, by their positions.
    """

    variable: Variable
    known: tuple[int | None, ...]
    levels: tuple[Level, ...]
    summaries: tuple[Summary, ...]
    difference: float | None
    pairs: dict[tuple[int, int], float | None]

    @property
    def is_hidden(self) -> bool:
        """Whether something of it is hidden."""
        return None in self.known or any(None in level.counts for level in self.levels)

    def to_dict(self, labels: Sequence[str]) -> dict[str, Any]:
        """The row as a document, with the names of its columns."""
        return {
            "name": self.variable.name,
            "label": self.variable.label,
            "known": dict(zip(labels, self.known, strict=True)),
            "levels": [level.to_dict(labels) for level in self.levels if not level.missing],
            "missing": [level.to_dict(labels) for level in self.levels if level.missing],
            "summaries": {label: dataclasses.asdict(one) for label, one in zip(labels, self.summaries, strict=False)},
            "difference": self.difference,
            "pairs": [{"groups": [labels[i], labels[j]], "difference": found} for (i, j), found in self.pairs.items()],
        }


def row_of(
    variable: Variable,
    given: Values,
    why: pd.Series | None,
    groups: list[Mask],
    inside: Mask,
    apart: Sequence[Mask],
    divided: bool,
    min_cell: int | None,
    before: Mapping[str, Row],
) -> Row:
    """What is said of a variable in each group and in all of them.

    Args:
        variable: which.
        given: its values of the patients, those who were not chosen included.
        why: of each patient, the code that says why there is no value.
        groups: who is in each group, whether chosen or not.
        inside: who was chosen.
        apart: parts of those who were not: see :func:`_also`.
        divided: whether there are groups, with all of them beside.
        min_cell: the limit below which counts are hidden; None: none is.
        before: the rows above.
    """
    values, columns = given.values, [group & inside for group in groups]
    everybody = np.logical_or.reduce(columns)
    absent = values.isna().to_numpy(dtype=bool)
    own = [level for level in _levels_of(variable, values) if (level[1] & everybody).any()]
    reasons = [
        reason
        for reason in _reasons(absent, given.undefined.to_numpy(dtype=bool), why)
        if (reason[1] & everybody).any()
    ]
    if min_cell is not None and len(reasons) > 1:
        sizes = [int((rows & everybody).sum()) for _, rows in reasons]
        if any(size < min_cell for size in sizes):
            # Few of each reason would hide the levels too.
            reasons = [(ANY_REASON, np.logical_or.reduce([rows for _, rows in reasons]))]
    found = [[int((is_so & column).sum()) for column in columns] for _, is_so in (*own, *reasons)]
    counts = np.array(found, dtype=np.int64).reshape(-1, len(columns))
    gone: Mask = np.zeros((len(counts), len(columns) + 1), dtype=bool)
    also: Mask = gone
    if min_cell is not None:
        also = _also([is_so for _, is_so in (*own, *reasons)], groups, inside, apart, min_cell)
        known = ~hidden(counts.sum(axis=1, keepdims=True), min_cell, also=also[:, [-1, -1]])[:, 0] if divided else None
        gone = hidden(counts, min_cell, also=also, known_sums=known)
        followed = before.get(variable.follows or "")
        if followed is not None and followed.is_hidden:
            gone[:] = True
    # One group is all of them: its sum is not shown beside it.
    shown = np.column_stack([counts, counts.sum(axis=1)])[:, 0 if divided else 1 :]
    gone, also = gone[:, 0 if divided else 1 :], also[:, 0 if divided else 1 :]
    parts: list[Mask] = [column & ~absent for column in (*columns, *([everybody] if divided else []))]
    levels: list[Level] = []
    for at, (words, _) in enumerate((*own, *reasons)):
        cells = (None if out else count for count, out in zip(shown[at].tolist(), gone[at].tolist(), strict=True))
        levels.append(Level(words, at >= len(own), tuple(cells)))
    # The patients with a value are all of them less the missing: known where no missing count is hidden.
    hides = np.logical_or.reduce(gone if variable.is_number else gone[len(own) :])
    pairs = _differences(variable, values, counts[: len(own)], parts[:-1]) if divided and not gone.any() else {}
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan) if variable.is_number else None
    return Row(
        variable=variable,
        known=tuple(None if out else int(part.sum()) for part, out in zip(parts, hides, strict=True)),
        levels=tuple(levels[len(own) :] if variable.is_number else levels),
        summaries=()
        if numbers is None
        else tuple(
            NO_SUMMARY if out else _summary(numbers[part], min_cell)
            for part, out in zip(parts, np.logical_or.reduce(also[: len(own)]), strict=True)
        ),
        difference=standardized.largest(pairs),
        pairs=pairs,
    )


def _also(levels: Sequence[Mask], groups: Sequence[Mask], inside: Mask, apart: Sequence[Mask], min_cell: int) -> Mask:
    """What is hidden because few of those who are not in the table have it, shape (levels, groups + 1).

    The table of a wider choice shows those chosen and not chosen together, and the one without groups those who are in
    none; less the shown count it would give the few away.
    """
    columns = [*groups, np.logical_or.reduce(groups)]
    ungrouped = inside & ~columns[-1]
    also: Mask = np.zeros((len(levels), len(columns)), dtype=bool)
    for at, level in enumerate(levels):
        for column, group in enumerate(columns):
            also[at, column] = any(0 < int((level & part & group).sum()) < min_cell for part in apart)
        also[at, -1] |= 0 < int((level & ungrouped).sum()) < min_cell
    return also


def _levels_of(variable: Variable, values: pd.Series) -> list[tuple[str, Mask]]:
    """The levels that somebody has, in words with who has them; of a number only that there is one."""
    if variable.is_number:
        return [("known", values.notna().to_numpy(dtype=bool))]
    grouping = variable.values.grouping
    assert grouping is not None
    found = {str(name): (values == name).to_numpy(dtype=bool) for name in values.cat.categories}
    used = [name for name, rows in found.items() if rows.any()]
    order = grouping.order(used) if grouping.words else used
    return [(grouping.words.get(name, name.replace("_", " ")), found[name]) for name in order]


def _reasons(absent: Mask, undefined: Mask, why: pd.Series | None) -> list[tuple[str, Mask]]:
    """Why there is no value, as far as it is known, with who has none for it."""
    said = pd.Series([None] * len(absent), dtype="object") if why is None else why.astype("object")
    said = said.mask(undefined & said.isna().to_numpy(dtype=bool), Absent.NAP.value)
    found = [(_WORDS.get(code, code.sentence), absent & (said == code.value).to_numpy(dtype=bool)) for code in Absent]
    blank = absent & ~np.logical_or.reduce([rows for _, rows in found])
    found.append((UNDETERMINED if why is None else NOT_RECORDED, blank))
    return [(words, rows) for words, rows in found if rows.any()]


def _differences(
    variable: Variable, values: pd.Series, counts: Counts, parts: Sequence[Mask]
) -> dict[tuple[int, int], float | None]:
    if variable.is_number:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return standardized.pairs([numbers[part] for part in parts], standardized.of_numbers)
    return standardized.pairs(list(counts.T), standardized.of_counts)


def _summary(numbers: npt.NDArray[np.float64], min_cell: int | None) -> Summary:
    if len(numbers) == 0 or (min_cell is not None and len(numbers) < min_cell):
        return NO_SUMMARY
    q1, median, q3 = (float(value) for value in np.quantile(numbers, (0.25, 0.5, 0.75)))
    sd = finite(float(numbers.std(ddof=1))) if len(numbers) > 1 else None
    return Summary(median, q1, q3, float(numbers.mean()), sd)
