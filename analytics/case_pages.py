"""The cases of a rule a page at a time: who, the outcome, and what was read; only those of the page are read again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from analytics.adherence import EVERYTHING, Adherence, selected_cases
from analytics.cohort import Cohort
from analytics.consensus.rule import Rule
from analytics.consensus.verdicts import Outcome


@dataclass(frozen=True)
class Case:
    """A rule in an episode.

    Attributes:
        patient_id, episode_no: whose.
        window: the month of a surveillance window; None where the rule has none.
        outcome: what came of it.
        because: the facts that decided it, as the interface has them.
    """

    patient_id: str
    episode_no: int
    window: str | None
    outcome: Outcome
    because: tuple[str, ...]


@dataclass(frozen=True)
class CasePage:
    """Some cases of a longer list.

    Attributes:
        total: how many the list has.
        first: the position of the first of these, from 0.
    """

    cases: tuple[Case, ...]
    total: int
    first: int


def case_page(
    cohort: Cohort, found: Adherence, rule: Rule, outcomes: Collection[Outcome], *, first: int, count: int
) -> CasePage:
    """The cases of a rule with some outcomes, in the order of the patients, episodes and windows.

    Args:
        cohort: that was judged.
        found: the judged cohort and the episodes that are looked at.
        rule: one that is judged by episode.
        outcomes: only cases with one of these.
        first: the position of the first case wanted; behind the end it is that of the last page.
        count: how many at most.
    """
    keys = [key for key in found.judged.outcomes if key.id == rule.id and not key.beside]
    keys = [key for key in keys if key.part is None or rule.by_window is not None]
    wanted = np.array(sorted(outcomes), dtype=np.int8)
    rows = found.all.rows
    hits = np.column_stack([np.isin(found.judged.outcomes[key][rows], wanted) for key in keys])
    places = np.argwhere(hits)
    first = min(first, max(0, (len(places) - 1) // count * count))
    shown = [(int(rows[at]), keys[key].part) for at, key in places[first : first + count]]
    episodes = found.judged.episodes
    named = [
        (str(episodes["patient_id"].iloc[row]), int(episodes["episode_no"].iloc[row]), part) for row, part in shown
    ]
    part_of = cohort.of(patient for patient, _, _ in named)
    lines = selected_cases(part_of, [rule], outcomes, EVERYTHING)
    read = {(line["patient_id"], line["episode_no"], line["part"]): line for line in lines}
    return CasePage(tuple(_case(read[name]) for name in named), len(places), first)


def _case(line: dict[str, object]) -> Case:
    outcome = Outcome[str(line["outcome"]).upper()]
    because = tuple(str(text) for text in line["because"])  # type: ignore[attr-defined]
    part = None if line["part"] is None else str(line["part"])
    return Case(str(line["patient_id"]), int(str(line["episode_no"])), part, outcome, because)
