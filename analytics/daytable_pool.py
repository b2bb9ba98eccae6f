"""The analysis of several shared day tables together: the numbers are those of the pooled rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from analytics.daytable import pooled
from analytics.daytable_files import SharedTable
from analytics.endpoints import Chosen
from analytics.outcomes import SurvivalResult, estimate_tables
from analytics.survival import SurvivalTimes, survival_times
from registry.errors import AnalysisRefused

_SAME = ("endpoint", "origin", "by", "landmark_months", "delayed_entry", "data_cut")
"""What tables have to agree on to be pooled."""


def pool(
    tables: Sequence[SharedTable],
    *,
    stratify: str | None = None,
    scale: str = "log-log",
    rmst_months: float | None = None,
) -> SurvivalResult:
    """The analysis of shared tables together: the numbers are those of the pooled rows.

    Args:
        stratify: "center" for tests within the tables, each of one center.
        scale, rmst_months: as in ``analytics.outcomes.survival_analysis``.

    Raises:
        AnalysisRefused: no table; tables that differ in what was asked; a center that comes twice or, for strata, none.
    """
    if not tables:
        raise AnalysisRefused("There is no day table to pool", remedy="Give at least one")
    heads = [table.head() for table in tables]
    for key in _SAME:
        if len({str(head[key]) for head in heads}) > 1:
            raise AnalysisRefused(
                f"The day tables differ in {key}",
                got=sorted({str(head[key]) for head in heads}),
                remedy="Write them with the same options and the same --data-cut",
            )
    centers = [head["center"] for head in heads]
    if twice := sorted(center for center, times in Counter(centers).items() if center is not None and times > 1):
        raise AnalysisRefused("A center comes twice", got=twice, remedy="Give one table of each")
    if stratify is not None and None in centers:
        raise AnalysisRefused(
            "A day table is not of one center, so it is no stratum", remedy="Write each with oligomet daytable --center"
        )
    chosen = _together([table.chosen for table in tables], stratify)
    counts = pooled(table.table for table in tables)
    # Nothing is said of an empty group, as with rows.
    present = [label for label, size in zip(counts.labels, counts.sizes, strict=True) if size]
    labels = chosen.grouping.order(present) if chosen.grouping else tuple(present)
    strata = [table.table.of(labels) for table in tables] if stratify else [counts.of(labels)]
    result = estimate_tables(
        chosen,
        tables[0].data_cut,
        strata,
        times=_joined([table.times for table in tables if table.times is not None], labels),
        scale=scale,
        rmst_months=rmst_months,
    )
    limits = [table.min_cell for table in tables if table.min_cell is not None]
    return replace(result, min_cell=max(limits, default=None))


def _together(parts: Sequence[Chosen], stratify: str | None) -> Chosen:
    excluded: Counter[str] = Counter()
    for part in parts:
        excluded.update(part.excluded)
    unknown = [part.enrollment_unknown for part in parts]
    return replace(
        parts[0],
        patients=sum(part.patients for part in parts),
        excluded=dict(excluded),
        enrollment_unknown=None if None in unknown else sum(part or 0 for part in unknown),
        center=parts[0].center if len(parts) == 1 else None,
        stratify=stratify,
    )


def _joined(parts: Sequence[SurvivalTimes], labels: Sequence[str]) -> SurvivalTimes | None:
    if not parts:
        return None
    return survival_times(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("day", "event")),
        entry=np.concatenate([part.entry for part in parts]),
        competing=np.concatenate([part.competing for part in parts if part.competing is not None]),
        group=np.concatenate([np.array(part.labels, dtype=object)[part.group] for part in parts]),
        labels=labels,
    )
