"""By what adherence can be divided: centers, periods of the detection, the classification, factors, columns."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analytics.consensus.cases import Cases
from analytics.grouping import GROUPINGS, labels_of_units
from registry.errors import UsageError

Kind = Literal["center", "period", "property"]

UNKNOWN = "unknown"
"""The label of episodes whose group is not known: they stay visible, as the last group."""

PERIODS: dict[str, int] = {"year": 12, "half_year": 6, "quarter": 3, "month": 1}
"""The calendar periods of the reports -> their months."""

_DEFINED = (
    "timing",
    "subtype",
    "sequence",
    "extent",
    "extrapulmonary_sites",
    "oligometastatic",
    "mid_low_rectum",
    "locally_advanced",
    "route",
    "converted",
    "omd_class",
)


@dataclass(frozen=True)
class Division:
    """A division of episodes into groups.

    Attributes:
        name: as given to ``--by``.
        kind: centers, calendar periods, or a property of the episode or the patient.
        of: the label of each row of the episode table, as text; NA where it is not known.
        order: the labels in their order; empty where they are sorted.
        whole_cohort: whether a label depends on the other patients, so that the cohort cannot be judged in parts.
    """

    name: str
    kind: Kind
    of: Callable[[Cases], pd.Series]
    order: tuple[str, ...] = ()
    whole_cohort: bool = False

    def ordered(self, present: Sequence[str]) -> list[str]:
        """The labels to show: all periods from the first to the last, else those present; what is unknown is last."""
        known = sorted(label for label in present if label != UNKNOWN)
        if self.kind == "period" and known:
            known = periods_between(known[0], known[-1], PERIODS[self.name])
        elif self.order:
            known = [label for label in self.order if label in set(known)]
        return known + [label for label in present if label == UNKNOWN]


def division(name: str) -> Division:
    """The division of that name; UsageError where there is none."""
    if name not in DIVISIONS:
        near = difflib.get_close_matches(name, DIVISIONS, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError("There is no such division", got=name, remedy=f"{hint}Take one of {', '.join(DIVISIONS)}")
    return DIVISIONS[name]


def period_labels(days: pd.Series, months: int) -> pd.Series:
    """The calendar period of each day, such as 2021, 2021-H1, 2021-Q3 or 2021-09; NA without a day."""
    number = (days.dt.year * 12 + days.dt.month - 1) // months
    distinct = {value: _period(int(value), months) for value in number.dropna().unique()}
    return number.map(distinct)


def periods_between(first: str, last: str, months: int) -> list[str]:
    """All periods from one label to another, both included."""
    return [_period(number, months) for number in range(_number(first, months), _number(last, months) + 1)]


def _period(number: int, months: int) -> str:
    year, part = divmod(number, 12 // months)
    return str(year) + {12: "", 6: f"-H{part + 1}", 3: f"-Q{part + 1}", 1: f"-{part + 1:02d}"}[months]


def _number(label: str, months: int) -> int:
    year, _, part = label.partition("-")
    return int(year) * (12 // months) + (int(part.lstrip("HQ")) - 1 if part else 0)


def _center(cases: Cases) -> pd.Series:
    patient = cases.record.patient
    return cases.record.frames["patient"]["center_id"].take(patient.rows).reset_index(drop=True)


def _of_period(months: int) -> Callable[[Cases], pd.Series]:
    return lambda cases: period_labels(cases.record.frames["episode"]["detected_on"], months)


def _of_definition(name: str) -> Callable[[Cases], pd.Series]:
    def of(cases: Cases) -> pd.Series:
        values = getattr(cases.definitions, name).values
        if isinstance(values.dtype, pd.BooleanDtype):
            return values.map({True: "yes", False: "no"})
        return values.astype("string")

    return of


def _of_grouping(name: str) -> Callable[[Cases], pd.Series]:
    def of(cases: Cases) -> pd.Series:
        rows = np.arange(cases.record.length)
        units = pd.DataFrame({"at": rows, "patient": cases.record.patient.rows})
        return labels_of_units(GROUPINGS[name], cases.facts.episodes, units)

    return of


DIVISIONS: dict[str, Division] = {
    made.name: made
    for made in (
        Division("center", "center", _center),
        *(Division(name, "period", _of_period(months)) for name, months in PERIODS.items()),
        *(Division(name, "property", _of_definition(name)) for name in _DEFINED),
        *(
            Division(name, "property", _of_grouping(name), tuple(GROUPINGS[name].words), name == "large_tumor")
            for name in GROUPINGS
            if name != "center_id"
        ),
    )
}
"""All divisions by name."""
