"""How the consensus is followed: the figures of every rule and bundle, by center, over time, by any property."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.audit import funnel as centers
from analytics.audit import trend as periods
from analytics.audit.bundles import Bundle
from analytics.audit.divisions import DIVISIONS, PERIODS, UNKNOWN, Division, period_labels
from analytics.audit.judged import Judged, Key
from analytics.audit.proportions import design_effect
from analytics.audit.rollup import Group, Tally, groups_of, score, scored_units, tally
from analytics.cohort import Cohort
from analytics.consensus.cases import Cases
from analytics.consensus.rule import Rule
from analytics.consensus.rules import CHAPTERS
from analytics.consensus.verdicts import Outcome, Outcomes, Verdicts, documents
from registry.errors import UsageError

LISTED_CASE = "listed case"
_CHAPTER_OF = {rule.id: chapter for chapter, rules in CHAPTERS.items() for rule in rules}


@dataclass(frozen=True)
class Selection:
    """Which episodes are looked at.

    Attributes:
        center: only those of the patients of this center.
        since, until: only those detected from, and until, these days (the reporting period).
    """

    center: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    def rows(self, center: Any, day: pd.Series) -> npt.NDArray[np.intp]:
        """The positions of the units of some centers and days that are looked at; without a day outside a period."""
        keep = np.ones(len(day), dtype=bool)
        if self.center is not None:
            keep &= np.asarray(center == self.center, dtype=bool)
        if self.since is not None:
            keep &= (day >= pd.Timestamp(self.since)).to_numpy(dtype=bool)
        if self.until is not None:
            keep &= (day <= pd.Timestamp(self.until)).to_numpy(dtype=bool)
        return np.flatnonzero(keep)

    @property
    def words(self) -> str:
        """Which episodes are looked at; empty where it is all of them."""
        parts = [f"center {self.center}"] if self.center is not None else []
        if self.since is not None or self.until is not None:
            since = "" if self.since is None else f" from {self.since.isoformat()}"
            until = "" if self.until is None else f" until {self.until.isoformat()}"
            parts.append(f"detected{since}{until}")
        text = ", ".join(parts)
        return text[:1].upper() + text[1:]


EVERYTHING = Selection()


@dataclass(frozen=True, eq=False)
class Adherence:
    """The figures of the rules over some episodes of a judged cohort.

    Attributes:
        judged: the cohort's outcomes.
        selection: which episodes are looked at.
    """

    judged: Judged
    selection: Selection = EVERYTHING

    @cached_property
    def all(self) -> Group:
        """All episodes that are looked at."""
        episodes = self.judged.episodes
        rows = self.selection.rows(episodes["center"], episodes["detected_on"])
        return Group.of(None, rows, self.judged.patient)

    @cached_property
    def listed(self) -> Group:
        """All listed cases that are looked at; the day of a listed case is that of its listing."""
        units = self.judged.listed
        return Group.of(None, self.selection.rows(units["center"], units["day"]), units["patient"].to_numpy())

    def of(self, rule: Rule | Bundle, group: Group | None = None) -> Tally:
        """The figures of a rule or a bundle, over all that is looked at or a group of it."""
        if group is None:
            group = self.listed if rule.id == "GEN7" else self.all
        return tally(self.judged.of(rule.id), group, option=_option(rule))

    def groups(self, rule: Rule | Bundle, division: Division) -> tuple[Group, ...]:
        """The groups of a division, for a rule; listed cases are divided by center and period only."""
        if rule.id != "GEN7":
            return self._groups[division.name]
        units = self.judged.listed
        if division.kind == "property":
            return ()
        labels = units["center"] if division.kind == "center" else period_labels(units["day"], PERIODS[division.name])
        texts = labels.astype("object").fillna(UNKNOWN).to_numpy()
        return self._divided(division, texts, self.listed, units["patient"].to_numpy())

    @cached_property
    def _groups(self) -> dict[str, tuple[Group, ...]]:
        found = {}
        for name in self.judged.episodes.columns:
            if name in DIVISIONS:
                texts = self.judged.episodes[name].astype("object").to_numpy()
                found[name] = self._divided(DIVISIONS[name], texts, self.all, self.judged.patient)
        return found

    def _divided(
        self, division: Division, labels: npt.NDArray[Any], units: Group, patient: npt.NDArray[Any]
    ) -> tuple[Group, ...]:
        order = division.ordered(list(pd.unique(labels[units.rows])))
        return tuple(groups_of(labels, order, units.rows, patient))

    # What is drawn.

    def funnel(self, rule: Rule, *, inflate: bool = False) -> centers.Funnel:
        """The centers beside each other."""
        groups, found, option = self.groups(rule, DIVISIONS["center"]), self.judged.of(rule.id), _option(rule)
        scores = [score(found, group, option=option) for group in groups]
        whole = self.listed if rule.id == "GEN7" else self.all
        effect = design_effect(*scored_units(found, whole, option=option))
        labels = [str(group.label) for group in groups]
        cases, met = [cases for cases, _ in scores], [met for _, met in scores]
        return centers.funnel(labels, cases, met, design_effect=effect, inflate=inflate)

    def trend(self, rule: Rule, division: Division) -> periods.RunChart | periods.ProcessChart:
        """The rate over calendar periods of the detection; a listed case counts at its listing."""
        groups = [group for group in self.groups(rule, division) if group.label != UNKNOWN]
        found, option = self.judged.of(rule.id), _option(rule)
        scores = [score(found, group, option=option) for group in groups]
        labels = [str(group.label) for group in groups]
        return periods.trend(labels, [cases for cases, _ in scores], [met for _, met in scores])

    # What is printed.

    def documents(self, by: str | None = None) -> Iterator[dict[str, Any]]:
        """One object a rule, as in the interface; divided, each has its groups."""
        for rule in self.judged.rules:
            yield self._document(rule, by)

    def bundle_documents(self, by: str | None = None) -> Iterator[dict[str, Any]]:
        """One object a bundle."""
        for bundle in self.judged.bundles:
            head: dict[str, Any] = {"bundle_id": bundle.id, "title": bundle.title, "over": bundle.over}
            head |= {"rules": list(bundle.rules), "readings": self.judged.readings.stated()}
            yield head | self._figures(bundle, by)

    def _document(self, rule: Rule, by: str | None) -> dict[str, Any]:
        head: dict[str, Any] = {
            "rule_id": rule.id,
            "title": rule.title,
            "source": rule.source,
            "strength": str(rule.strength),
            "scored": rule.is_scored(self.judged.readings),
            "chapter": _CHAPTER_OF[rule.id],
            "statement": rule.statement,
            "lines": rule.lines,
            "version": rule.version,
            "since": rule.since,
            "unit": unit_of(rule),
            "readings": self.judged.readings.stated(),
        }
        note = rule.unscored or rule.unauditable
        if note is not None:
            head["note"] = note
        return head | self._figures(rule, by) | {"parts": self._parts(rule), "beside": self._beside(rule)}

    def _figures(self, rule: Rule | Bundle, by: str | None) -> dict[str, Any]:
        figures = self.of(rule).to_dict()
        if not isinstance(rule, Bundle) and rule.unauditable is not None:
            figures["counts"] = {}
        if by is not None:
            groups = self.groups(rule, DIVISIONS[by])
            figures["by"] = by
            figures["groups"] = [{"group": group.label} | self.of(rule, group).to_dict() for group in groups]
        return figures

    def _parts(self, rule: Rule) -> list[dict[str, Any]]:
        titles = {part.id: part.title for part in rule.parts}
        return [
            {"part": key.part, "title": titles.get(key.part or "", f"month {key.part}")} | self._of(rule, found)
            for key, found in self._keys(rule)
            if key.part is not None and not key.beside
        ]

    def _beside(self, rule: Rule) -> list[dict[str, Any]]:
        found: dict[str, list[Outcomes]] = {figure.name: [] for figure in rule.beside}
        for key, outcomes in self._keys(rule):
            if key.beside:
                found[str(key.part).split(" ")[0]].append(outcomes)
        return [
            {"name": figure.name, "meaning": figure.meaning} | self._of(rule, *found[figure.name])
            for figure in rule.beside
        ]

    def _keys(self, rule: Rule) -> Iterable[tuple[Key, Outcomes]]:
        return ((key, found) for key, found in self.judged.outcomes.items() if key.id == rule.id)

    def _of(self, rule: Rule, *found: Outcomes) -> dict[str, Any]:
        return tally(found, self.all, option=rule.is_option).to_dict()


def unit_of(rule: Rule) -> str:
    """What a rule counts."""
    if rule.id == "GEN7":
        return LISTED_CASE
    return "surveillance window" if rule.by_window is not None else "episode"


def flat(documents: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """The documents as one table: a row a rule, group, part and figure beside; counts in columns of their own."""
    rows: list[dict[str, Any]] = []
    for document in documents:
        head = {name: document.get(name) for name in ("rule_id", "bundle_id", "title", "strength", "chapter")}
        rows.append(_flat_row(head, document))
        for name, kind in (("groups", "group"), ("parts", "part"), ("beside", "name")):
            for inner in document.get(name, ()):
                rows.append(_flat_row(head | {"beside" if kind == "name" else kind: inner[kind]}, inner))
    return pd.DataFrame(rows).dropna(axis="columns", how="all")


def _flat_row(head: dict[str, Any], figures: dict[str, Any]) -> dict[str, Any]:
    kept = ("rate", "ci_low", "ci_high", "bound_low", "bound_high", "wide_low", "wide_high", "completeness")
    row: dict[str, Any] = head | {name: figures[name] for name in kept} | figures["counts"]
    return row


def chapter_named(text: str) -> str:
    """The chapter whose name begins with, or holds, a text; UsageError where that is none, or several."""
    found = [chapter for chapter in CHAPTERS if text.casefold() in chapter.casefold()]
    exact = [chapter for chapter in found if chapter.casefold() == text.casefold()]
    if len(exact or found) != 1:
        raise UsageError("There is no such chapter", got=text, remedy=f"Take one of: {'; '.join(CHAPTERS)}")
    return (exact or found)[0]


def _option(rule: Rule | Bundle) -> bool:
    return not isinstance(rule, Bundle) and rule.is_option


def selected_cases(
    cohort: Cohort, rules: Sequence[Rule], outcomes: Collection[Outcome], selection: Selection
) -> Iterator[dict[str, Any]]:
    """The case lines of a cohort as JSON objects, as in the interface: one an episode, rule and part or window.

    Args:
        cohort: or a part of one.
        rules: which.
        outcomes: only lines with one of these.
        selection: which episodes.
    """
    cases = Cases(cohort.frames, cohort.data_cut, cohort.readings)
    center = DIVISIONS["center"].of(cases).array
    rows = selection.rows(center, cohort.frames["episode"]["detected_on"])
    yield from documents(Verdicts(cases, rules), rows.tolist(), outcomes)
