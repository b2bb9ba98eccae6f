"""Whom two analyses would give away that each alone does not: those who are in the one and not in the other.

Small groups are not shown to everybody. With a choice of patients (``analytics.narrowing``) one could still ask twice
and subtract: everybody less those chosen, or everybody less each of the groups beside. So an analysis is refused where
one of these differences is a few patients, in any group that it compares:

* the patients whom exactly some of the choices leave out, for any of them: all differences of a choice and a wider one
  are sums of such numbers;
* what is left of a name with several labels when those with enough patients were asked for one by one. The labels with
  few patients, and as many more as make up the limit with those of unknown label, go together or not at all.

That a value is not recorded is no property of a patient; the unknown are guarded only as a part of those left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.narrowing import Where

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Choice:
    """A choice among the patients (or treatments) that could be analyzed.

    Attributes:
        where: what was asked.
        patients: whose each candidate is: a patient can have several treatments.
        labels: the label of each candidate by each name, NA where it is unknown; a column a name.
        groups: the compared group of each candidate, NA without one; None where nothing is compared.
    """

    where: Where
    patients: pd.Series
    labels: pd.DataFrame
    groups: pd.Series | None

    @property
    def kept(self) -> Mask:
        """For each candidate and name, whether the name keeps it; shape (candidates, names)."""
        columns = [self.labels[name].isin(labels).to_numpy(dtype=bool) for name, labels in self.where]
        return np.column_stack(columns) if columns else np.ones((len(self.labels), 0), dtype=bool)

    def parts(self) -> list[Mask]:
        """The candidates whom exactly some names leave out, for each set of names that leaves somebody out."""
        out = ~self.kept
        names = range(out.shape[1])
        sets = [set(some) for size in range(1, len(names) + 1) for some in combinations(names, size)]
        found = [np.all(out == np.array([name in some for name in names]), axis=1) for some in sets]
        return [part for part in found if part.any()]

    def count(self, who: Mask) -> int:
        """The patients behind some candidates."""
        return int(self.patients[who].nunique())


def gives_away(choice: Choice, limit: int) -> str | None:
    """A name by which a choice sets fewer patients apart than a limit; None where there is no such."""
    everybody = np.ones(len(choice.patients), dtype=bool)
    compared = [everybody]
    if choice.groups is not None:
        compared += [(choice.groups == group).to_numpy(dtype=bool) for group in choice.groups.dropna().unique()]
    kept, parts = choice.kept, choice.parts()
    for group in compared:
        for at, (name, labels) in enumerate(choice.where):
            candidates = np.delete(kept, at, axis=1).all(axis=1) & group
            of_label = choice.patients[candidates].groupby(choice.labels.loc[candidates, name]).nunique()
            unknown = choice.count(candidates & choice.labels[name].isna().to_numpy(dtype=bool))
            apart = together(of_label.to_dict(), unknown, limit)
            if apart & set(labels) and not apart <= set(labels):
                return name
        for part in parts:
            if 0 < choice.count(part & group) < limit:
                return choice.where[int(np.flatnonzero(~kept[part][0])[0])][0]
    return None


def together(counts: Mapping[str, int], unknown: int, limit: int) -> set[str]:
    """The labels that can only be asked for together, so that what is left beside the others is no few patients."""
    sizes = sorted((count, label) for label, count in counts.items() if count > 0)
    apart = {label for count, label in sizes if count < limit}
    if not apart:
        return apart
    for count, label in sizes:
        if unknown + sum(counts[one] for one in apart) >= limit:
            break
        if count >= limit:
            apart.add(label)
    return apart
