"""The table of patients of a paper: who they are at the origin, by group, with how far apart the groups are.

There are no p values. They test whether the groups of this table were drawn from one population, which nobody asks of
groups formed by a tumor or a center; they are small wherever a cohort is large and large wherever it is small (Altman
DG. Statistician 1985;34:125-136; STROBE, PLoS Med 2007;4:e297, item 14). Standardized differences say how different
the groups are, whatever their size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from analytics.baseline_rows import Row, row_of
from analytics.baseline_variables import VARIABLES, Variable, division
from analytics.classify import TABLES_READ as OF_CLASSIFICATION
from analytics.cohort import Cohort
from analytics.cox_covariates import require_settled, settled_in_time, values_at
from analytics.daytable_protection import protected_flow
from analytics.defined_groups import periods
from analytics.differencing import Choice, gives_away
from analytics.endpoints import TABLES_READ as OF_SURVIVAL
from analytics.endpoints import AnalysisSet, analysis_set
from analytics.flow import FACTOR_FIXED_LATER, FACTOR_MISSING
from analytics.narrowing import Where
from analytics.suppression import Mask, require_limit
from analytics.units import patients_from
from registry.errors import AnalysisRefused

TABLES_READ = tuple(dict.fromkeys((*OF_SURVIVAL, *OF_CLASSIFICATION)))
"""The tables that the table of patients needs."""

OTHER = "other"


@dataclass(frozen=True)
class Group:
    """A group, a column of the table.

    Attributes:
        label, words: as it is named, and for people.
        n: its patients.
    """

    label: str
    words: str
    n: int


@dataclass(frozen=True, eq=False)
class Baseline:
    """The table.

    Attributes:
        chosen: the patients and the way to them.
        by: what divides them; None: nothing.
        groups: the groups; the last one is all together.
        excluded: reason -> patients left out; small ones are joined where small cells are hidden.
        rows: the variables.
        left_out: variables that are settled after the origin.
        reasons: reason -> patients left out, none joined.
        min_cell: the limit below which counts are hidden; None: none is.
    """

    chosen: AnalysisSet
    by: str | None
    groups: tuple[Group, ...]
    excluded: dict[str, int]
    rows: tuple[Row, ...]
    left_out: tuple[str, ...]
    reasons: dict[str, int]
    min_cell: int | None

    @property
    def n(self) -> int:
        """The patients described."""
        return self.groups[-1].n

    def to_dict(self) -> dict[str, Any]:
        """The document that ``oligomet baseline --json`` prints."""
        labels = [group.label for group in self.groups]
        return {
            "origin": self.chosen.origin.name,
            "endpoint": self.chosen.endpoint.name,
            "center": self.chosen.center,
            "where": {name: list(labels) for name, labels in self.chosen.where},
            "by": self.by,
            "min_cell": self.min_cell,
            "patients": self.chosen.patients if self.min_cell is None else None,
            "n": self.n,
            "excluded": self.excluded,
            "groups": [{"label": group.label, "words": group.words, "n": group.n} for group in self.groups],
            "variables": [row.to_dict(labels) for row in self.rows],
            "left_out": list(self.left_out),
        }


def baseline(
    cohort: Cohort,
    *,
    by: str | None = None,
    origin: str = "lung_resection",
    endpoint: str = "os",
    center: str | None = None,
    where: Mapping[str, Iterable[str]] | Where = (),
    min_cell: int | None = None,
    variables: Sequence[Variable] = VARIABLES,
) -> Baseline:
    """Describe the patients of an analysis.

    Args:
        cohort: the registry at a data cut; the tables of :data:`TABLES_READ`.
        by: a grouping of ``analytics.grouping.GROUPINGS``, ``center``, ``period``, or a definition (``route``, …).
            Those without a group are left out and counted.
        origin, endpoint, center, where: as for :func:`analytics.endpoints.analysis_set`; the patients are those
            analyzed.
        min_cell: hide counts below this, and as many more as keep them from being computed back.
        variables: the rows.

    Raises:
        UsageError: an unknown name, or a limit below 2.
        AnalysisRefused: a grouping that is settled after the origin; too few patients for the limit, or a choice of
            patients that would give fewer away.
    """
    require_limit(min_cell)
    chosen = analysis_set(cohort, endpoint=endpoint, origin=origin, center=center, where=where)
    assert chosen.choice is not None
    candidates = replace(chosen, patient_id=chosen.choice.patients.reset_index(drop=True))
    inside = candidates.patient_id.isin(chosen.patient_id).to_numpy(dtype=bool)
    wanted = [one for one in variables if settled_in_time(one.values, chosen) and one.name != by]
    read = values_at(cohort, candidates, [one for variable in wanted for one in (variable.values, variable.why) if one])
    labels, words, flow = _labels(cohort, candidates, inside, by)
    reasons = dict(flow)
    if min_cell is not None:
        labels, words = _joined(labels, inside, words, min_cell)
        flow = protected_flow(flow, min_cell)
        _require_none_given_away(chosen.choice, labels if by else None, min_cell)
    names = [name for name in labels.cat.categories if (labels[inside] == name).any()] if by else []
    members = [(labels == name).to_numpy(dtype=bool) for name in names] or [labels.notna().to_numpy(dtype=bool)]
    sizes = [int((own & inside).sum()) for own in members]
    groups = [Group(name, words.get(name, name), size) for name, size in zip(names, sizes, strict=False)]
    groups.append(Group("all", "all patients", sum(sizes)))
    if min_cell is not None and groups[-1].n < min_cell:
        raise AnalysisRefused(
            "There are fewer patients than the limit for small cells", remedy="Take a wider cohort, or a lower limit"
        )
    apart = chosen.choice.parts()
    found = iter(read)
    rows: dict[str, Row] = {}
    for one in wanted:
        given, why = next(found), next(found).values if one.why else None
        rows[one.name] = row_of(one, given, why, members, inside, apart, bool(names), min_cell, rows)
    return Baseline(
        chosen=chosen,
        by=by,
        groups=tuple(groups),
        excluded=flow,
        rows=tuple(rows.values()),
        left_out=tuple(one.name for one in variables if not settled_in_time(one.values, chosen)),
        reasons=reasons,
        min_cell=min_cell,
    )


def _require_none_given_away(choice: Choice, labels: pd.Series | None, min_cell: int) -> None:
    """AnalysisRefused where comparing with a wider choice would give fewer patients away than the limit."""
    groups = None if labels is None else labels.astype("object").set_axis(choice.patients.index)
    name = gives_away(replace(choice, groups=groups), min_cell)
    if name is not None:
        raise AnalysisRefused(
            f"The choice by {name} sets fewer patients apart than the limit for small cells",
            remedy="Leave it out, choose more of its groups, or take another grouping",
        )


def _labels(
    cohort: Cohort, candidates: AnalysisSet, inside: Mask, by: str | None
) -> tuple[pd.Series, dict[str, str], dict[str, int]]:
    """The group of each candidate, the groups in words, and who is left out."""
    flow = dict(candidates.excluded)
    if by is None:
        return pd.Series(pd.Categorical(["all"] * len(inside))), {}, flow
    wanted = division(by)
    if wanted is None:
        days = patients_from(cohort.frames, candidates.origin)["on"]
        rows = pd.Index(cohort.frames["patient"]["patient_id"]).get_indexer(pd.Index(candidates.patient_id))
        return periods(days.iloc[rows].reset_index(drop=True)), {}, flow
    require_settled([wanted], candidates)
    (given,) = values_at(cohort, candidates, [wanted])
    later = given.later.to_numpy(dtype=bool)
    for reason, out in ((FACTOR_FIXED_LATER, later), (FACTOR_MISSING, given.values.isna().to_numpy() & ~later)):
        if (out & inside).any():
            flow[reason] = flow.get(reason, 0) + int((out & inside).sum())
    assert wanted.grouping is not None
    return given.values, wanted.grouping.words, flow


def _joined(labels: pd.Series, inside: Mask, words: dict[str, str], min_cell: int) -> tuple[pd.Series, dict[str, str]]:
    """The groups with those below the limit joined, and one more where they are still too few together."""
    sizes = labels[inside].value_counts()
    sizes = sizes[sizes > 0].sort_values(kind="stable")
    small = list(sizes.index[sizes < min_cell])
    if not small:
        return labels, words
    while sizes[small].sum() < min_cell and len(small) < len(sizes):
        small.append(sizes.index[len(small)])
    kept = [name for name in labels.cat.categories if name not in small]
    joined = labels.astype("object").where(~labels.isin(small), OTHER)
    return pd.Series(pd.Categorical(joined, categories=[*kept, OTHER])), words | {OTHER: "other"}
