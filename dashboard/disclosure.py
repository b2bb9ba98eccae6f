"""Small numbers, for who may see outcomes but no records: they could point to a person, so they are not shown.

Counts of patients from 1 to 4 are shown as "< 5". Who was left out is counted to the nearest five. Groups of fewer
than five patients are not analyzed, nor a choice of patients that a wider or another one, less this, would give fewer
than five away (``analytics.differencing``).
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pandas as pd

from analytics.baseline import Baseline
from analytics.cohort import Cohort
from analytics.differencing import Choice, gives_away
from analytics.endpoints import AnalysisSet
from analytics.outcomes import SurvivalResult
from analytics.table1 import FactorRow, Table1, choices
from dashboard.glance import CenterCounts, Glance
from registry.errors import AnalysisRefused

SMALLEST = 5

EVERY_MONTHS, LAST_MONTH = 6, 240
"""The months at which a protected curve is written."""

TOO_SMALL = "group_too_small"
"""Why a factor is not in Table 1, beside the reasons of the analysis."""


class Protected(int):
    """A count that adds up as it is, and shows and divides as it may be seen.

    A sum of such counts is rounded once, after adding: sums of what is shown would be too low where much is hidden.
    """

    @property
    def seen(self) -> float:
        """What is shown of it; for one that is too small, the middle of what it can be."""
        if 0 < int(self) < SMALLEST:
            return SMALLEST / 2
        return SMALLEST * ((int(self) + SMALLEST // 2) // SMALLEST)

    def __add__(self, other: int) -> Protected:
        return Protected(int(self) + int(other))

    __radd__ = __add__

    def __mul__(self, other: float) -> float:  # type: ignore[override]
        return self.seen * other

    __rmul__ = __mul__  # type: ignore[assignment]

    def __truediv__(self, other: float) -> float:
        return self.seen / (other.seen if isinstance(other, Protected) else other)

    def __rtruediv__(self, other: float) -> float:
        return other / self.seen

    def __eq__(self, other: object) -> bool:
        return self.seen == (other.seen if isinstance(other, Protected) else other)

    __hash__ = int.__hash__

    def __format__(self, spec: str) -> str:
        return f"< {SMALLEST}" if 0 < int(self) < SMALLEST else format(int(self.seen), spec)

    def __str__(self) -> str:
        return format(self, "")


def protected_glance(glance: Glance) -> Glance:
    """The registry at a glance without small numbers."""
    return dataclasses.replace(
        glance,
        centers=tuple(_center(center) for center in glance.centers),
        enrolled={place: Protected(count) for place, count in glance.enrolled.items()},
        undated=Protected(glance.undated),
        withdrawn=Protected(glance.withdrawn),
    )


def _center(center: CenterCounts) -> CenterCounts:
    counts: dict[str, Any] = {
        field.name: Protected(getattr(center, field.name))
        for field in dataclasses.fields(center)
        if isinstance(getattr(center, field.name), int)
    }
    if 0 < center.patients < SMALLEST:
        counts |= {"entry_delay_days": None, "answered": None}
    return dataclasses.replace(center, **counts)


def protected_survival(result: SurvivalResult) -> SurvivalResult:
    """A survival analysis without small numbers in its flow and beside its figure.

    Raises AnalysisRefused where a group is too small, or the choice of patients would give a few away.
    """
    chosen = result.chosen
    assert isinstance(chosen, AnalysisSet)
    assert chosen.choice is not None
    # Where treatments are the units, it is their patients that are counted.
    of_group = chosen.patient_id.groupby(chosen.times.group).nunique()
    if any(0 < curve.n < SMALLEST for curve in result.curves) or bool((of_group < SMALLEST).any()):
        raise AnalysisRefused(
            f"A group has fewer than {SMALLEST} patients, which could point to a person",
            remedy="Choose another factor, origin or center, or fewer filters",
        )
    _require_none_given_away(chosen.choice)
    return dataclasses.replace(result, chosen=_counted(chosen), hide_below=SMALLEST)


def protected_curves(result: SurvivalResult) -> pd.DataFrame:
    """The curves of a protected analysis by half years: no step of a single patient, and no small number at risk."""
    frame = result.rate_frame(range(0, LAST_MONTH + 1, EVERY_MONTHS))
    few = (frame["at_risk"] < SMALLEST).to_numpy(dtype=bool)
    frame["at_risk"] = [str(Protected(count)) for count in frame["at_risk"]]
    for column in ("estimate", "ci_low", "ci_high"):
        frame[column] = frame[column].astype("Float64").round(3).mask(few)
    return frame


def protected_table1(made: Table1, cohort: Cohort) -> Table1:
    """Table 1 without the factors of which a group is too small, or would give a few away beside a wider choice.

    Args:
        cohort: what it was made of.

    Raises AnalysisRefused where all together are too few, or the choice of patients would give a few away.
    """
    chosen = made.chosen
    if 0 < len(chosen.times) < SMALLEST:
        raise AnalysisRefused(
            f"Fewer than {SMALLEST} patients, who could be recognized",
            remedy="Choose another origin or center, or fewer filters",
        )
    assert chosen.choice is not None
    _require_none_given_away(chosen.choice)
    of_factor, of_model = choices(cohort, made)
    small = {
        row.covariate.name: TOO_SMALL
        for row in (*made.rows, *made.further)
        if not _is_large(row) or gives_away(of_factor[row.covariate.name], SMALLEST) is not None
    }
    left_out = len(chosen.times) - (made.multivariable.n if made.multivariable is not None else 0)
    model = made.multivariable
    if 0 < left_out < SMALLEST or gives_away(of_model, SMALLEST) is not None:
        model = None
    rows, further = (
        tuple(_row(row, model is not None) for row in part if row.covariate.name not in small)
        for part in (made.rows, made.further)
    )
    return dataclasses.replace(
        made,
        chosen=_counted(chosen),
        rows=rows,
        further=further,
        multivariable=model,
        left_out=made.left_out | small,
        hide_below=SMALLEST,
    )


def protected_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of a protected Table 1, with its counts as they may be seen."""
    frame = frame.copy()
    for column in ("n", "events"):
        frame[column] = [f"< {SMALLEST}" if 0 < count < SMALLEST else str(count) for count in frame[column]]
    frame["missing"] = [str(Protected(count)) for count in frame["missing"]]
    return frame


def protected_baseline(made: Baseline) -> Baseline:
    """A table of patients that was made with the limit, with a flow that may be seen."""
    reasons: dict[str, int] = {reason: Protected(count) for reason, count in made.reasons.items()}
    return dataclasses.replace(made, chosen=_counted(made.chosen), reasons=reasons)


def _require_none_given_away(choice: Choice) -> None:
    name = gives_away(choice, SMALLEST)
    if name is not None:
        raise AnalysisRefused(
            f"The filter by {name} would set fewer than {SMALLEST} patients apart from the others, who could then be "
            "recognized",
            remedy="Choose more of its groups, leave a filter out, or take another factor, origin or center",
        )


def _counted(chosen: AnalysisSet) -> AnalysisSet:
    """The flow in counts that may be seen; what each patient had is in no result."""
    excluded: dict[str, int] = {reason: Protected(count) for reason, count in chosen.excluded.items()}
    return dataclasses.replace(chosen, patients=Protected(chosen.patients), excluded=excluded, choice=None)


def _is_large(row: FactorRow) -> bool:
    return not any(0 < curve.n < SMALLEST for curve in row.curves)


def _row(row: FactorRow, with_model: bool) -> FactorRow:
    together = row.together if with_model else ()
    return dataclasses.replace(row, missing=Protected(row.missing), together=together)
