"""What another reading of the text would change: classifications of episodes, and outcomes and rates of rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.adherence import Adherence
from analytics.audit.judged import Judged, Key, in_parts, judge
from analytics.classify import classify
from analytics.cohort import Cohort
from analytics.consensus.readings import Readings
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcome, Outcomes
from registry.progress import Progress, untold

PATIENTS_AT_ONCE = 2_000
"""Patients between two words about the progress."""

UNKNOWN = "undetermined"
_KEYS = ("patient_id", "episode_no")


@dataclass(frozen=True)
class Moved:
    """A definition or factor that comes out otherwise for some episodes.

    Attributes:
        name: of the definition or factor.
        episodes: how many.
        ways: (from, to) -> episodes; for a quantity in days nothing.
    """

    name: str
    episodes: int
    ways: Counter[tuple[str, str]]


@dataclass(frozen=True)
class RuleMoved:
    """A rule with an outcome that changes.

    Attributes:
        rule_id, title: which.
        verdicts: how many verdicts (of episodes, windows or listed cases) change.
        before, after: outcome -> cases, of those whose count changes.
        rate_before, rate_after: adherence; None where there is none.
    """

    rule_id: str
    title: str
    verdicts: int
    before: dict[str, int]
    after: dict[str, int]
    rate_before: float | None
    rate_after: float | None


@dataclass(frozen=True)
class Effect:
    """What changes.

    Attributes:
        episodes: how many there are in all.
        touched: episodes of which anything changes.
        moved: definitions and factors, those of most episodes first.
        rules: in the order of the consensus.
    """

    episodes: int
    touched: int
    moved: list[Moved]
    rules: list[RuleMoved]

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        return not (self.moved or self.rules)


def effect(cohort: Cohort, before: Readings, after: Readings, progress: Progress = untold) -> Effect:
    """What changes of a cohort when it is read otherwise: everything is computed under both readings.

    Args:
        cohort: all that is judged.
        before, after: the readings.
    """
    progress(0.0, "classifying the episodes")
    old, new = (classify(cohort.read_by(readings)) for readings in (before, after))
    differs = {name: _differs(old[name], new[name]) for name in old.columns.drop(list(_KEYS))}
    moved = [_moved(name, old[name][at], new[name][at]) for name, at in differs.items() if at.any()]
    touched = _episodes(old, np.any(list(differs.values()), axis=0))
    first = judge(_told(cohort.read_by(before), progress, 0.1), bundles=False)
    second = judge(_told(cohort.read_by(after), progress, 0.55), bundles=False)
    judged = np.zeros(len(first.episodes), dtype=bool)
    for _, one, other in _pairs(first, second):
        judged |= one != other
    touched = touched.union(_episodes(first.episodes, judged))
    progress(1.0, "done")
    return Effect(len(old), len(touched), sorted(moved, key=lambda one: -one.episodes), list(_rules(first, second)))


def _told(cohort: Cohort, progress: Progress, first: float) -> Iterator[Cohort]:
    patients = max(len(cohort.frames["patient"]), 1)
    for at, part in enumerate(in_parts(cohort, PATIENTS_AT_ONCE)):
        progress(first + 0.45 * min(1.0, at * PATIENTS_AT_ONCE / patients), "judging the episodes")
        yield part


def _episodes(frame: pd.DataFrame, at: npt.NDArray[np.bool_]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame.loc[at, list(_KEYS)].astype(object))


def _differs(old: pd.Series, new: pd.Series) -> npt.NDArray[np.bool_]:
    """Where two columns of one type are not the same; what is unknown in both is."""
    one, other = old.astype(object), new.astype(object)
    unknown = one.isna() & other.isna()
    same = (one == other).fillna(False).astype(bool)
    found: npt.NDArray[np.bool_] = ~(same | unknown).to_numpy(dtype=bool)
    return found


def _moved(name: str, old: pd.Series, new: pd.Series) -> Moved:
    ways: Counter[tuple[str, str]] = Counter()
    if not (pd.api.types.is_integer_dtype(old) or pd.api.types.is_float_dtype(old)):
        ways.update(zip(map(_word, old.astype(object)), map(_word, new.astype(object)), strict=True))
    return Moved(name, len(old), ways)


def _word(value: Any) -> str:
    if value is None or value is pd.NA or value != value:
        return UNKNOWN
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return str(value)


def _pairs(old: Judged, new: Judged) -> Iterator[tuple[Key, Outcomes, Outcomes]]:
    """What was judged under both readings; a window that one of them does not have has no line there."""
    none = np.full(len(old.episodes), Outcome.NO_LINE, dtype=np.int8)
    for key in dict.fromkeys((*old.outcomes, *new.outcomes)):
        yield key, old.outcomes.get(key, none), new.outcomes.get(key, none)


def _rules(old: Judged, new: Judged) -> Iterator[RuleMoved]:
    before, after = Adherence(old), Adherence(new)
    verdicts: Counter[str] = Counter()
    for key, one, other in _pairs(old, new):
        if not key.beside and (key.part is None or RULES[key.id].by_window is not None):
            verdicts[key.id] += int((one != other).sum())
    verdicts["GEN7"] += int((old.screening != new.screening).sum())
    for rule in old.rules:
        if not verdicts[rule.id]:
            continue
        first, second = before.of(rule), after.of(rule)
        labels = [outcome for outcome in Outcome if first.counts.get(outcome, 0) != second.counts.get(outcome, 0)]
        yield RuleMoved(
            rule.id,
            rule.title,
            verdicts[rule.id],
            {outcome.label: first.counts.get(outcome, 0) for outcome in labels},
            {outcome.label: second.counts.get(outcome, 0) for outcome in labels},
            first.to_dict()["rate"],
            second.to_dict()["rate"],
        )
