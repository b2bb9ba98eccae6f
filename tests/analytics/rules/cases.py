"""Hand-made cases for the rules: a course is a row of events, and a case is judged by one rule.

The usual patient has isolated, resectable lung metastases, found 2020-06-01 after the resection of a rectal cancer
(2019-03-01) and nothing else: initial, metachronous, route R-MET. ``synchronous=True`` makes them synchronous with the
primary in situ (R-SYN); a metastasis added with :func:`site` makes R-LIV, two make R-MUL. ``""`` leaves a column blank.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from analytics.cohort import cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.readings import DEFAULT, Readings
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Judgement, Outcome, Verdicts
from registry import cells
from registry.tables import TABLES
from tests.analytics.hand import CUT, Registry

FOUND = "2020-06-01"
"""The day on which the lung metastases of the usual case are found."""

Row = tuple[str, dict[str, str]]
"""A table and what is recorded in a row of it."""

_EPISODE = {
    "resectability": "resectable",
    "other_sites_assessed": "yes",
    "lymphangitic": "no",
    "local_recurrence": "none",
    "emergency": "none",
    "workup_log_complete": "yes",
    "surveillance_log_complete": "yes",
    "thoracic_nodes": "none",
}
_PRIMARY = {"diagnosed_on": "2019-01-10", "site": "rectum", "rectal_height_cm": "8", "c_t": "T3", "c_n": "N0"}


def case(
    *rows: Row,
    primary: dict[str, str] | None = None,
    synchronous: bool = False,
    who: dict[str, str] | None = None,
    **episode: str,
) -> Registry:
    """The usual patient with further rows, and with other values of the primary, the patient and the episode."""
    made = Registry().patient(**({"enrolled_on": "2020-06-01"} | (who or {})))
    workup = "2020-07-01" if synchronous else "2019-02-01"
    made.row("primary_tumor", **(_PRIMARY | {"workup_completed_on": workup} | (primary or {})))
    made.episode(FOUND, **(_EPISODE | episode))
    if not synchronous:
        rows = (primary_resected("2019-03-01"), *rows)
    for table, given in rows:
        made.row(table, **given)
    return made


# Events.


def systemic(started_on: str, ended_on: str = "", intent: str = "preoperative", **given: str) -> Row:
    """A systemic therapy; without an end it is under way."""
    return "systemic_therapy", {"started_on": started_on, "ended_on": ended_on, "intent": intent} | given


def local(started_on: str, target: str = "lung", modality: str = "resection", **given: str) -> Row:
    """A local treatment; radical where no other intent is given."""
    usual = {"started_on": started_on, "target": target, "modality": modality, "intent": "radical"}
    return "local_treatment", usual | given


def primary_resected(started_on: str, **given: str) -> Row:
    """A radical resection of the primary."""
    return local(started_on, "primary", **given)


def radiotherapy(started_on: str, **given: str) -> Row:
    """Neoadjuvant radiotherapy of the primary."""
    return local(started_on, "primary", "radiotherapy", **({"intent": "neoadjuvant"} | given))


def meeting(held_on: str, **given: str) -> Row:
    """An MDT meeting."""
    return "mdt_meeting", {"held_on": held_on} | given


def study(performed_on: str, modality: str, **given: str) -> Row:
    """An imaging or other study."""
    return "study", {"performed_on": performed_on, "modality": modality} | given


def marker(name: str, result: str = "", reported_on: str = "2020-05-01", **given: str) -> Row:
    """A molecular test with a result; an unremarkable one where none is given."""
    usual = {"msi_mmr": "stable", "her2": "negative"}.get(name, "wild_type")
    row = {"marker": name, "result": result or usual, "reported_on": reported_on, "specimen": "primary"}
    return "molecular_test", row | given


def site(where: str, detected_on: str = FOUND, **given: str) -> Row:
    """An extrapulmonary metastasis."""
    return "metastasis", {"site": where, "detected_on": detected_on} | given


def event(occurred_on: str, kind: str = "recurrence", **given: str) -> Row:
    """A progression or a recurrence."""
    return "disease_event", {"occurred_on": occurred_on, "kind": kind} | given


def exception(rule_id: str, reason: str, **given: str) -> Row:
    """A recorded reason why a rule was not followed."""
    return "rule_exception", {"rule_id": rule_id, "reason": reason} | given


# Verdicts.


@dataclass(frozen=True)
class Judged:
    """What came of a rule in a case.

    Attributes:
        outcome: its label; ``no_line`` where there is none.
        because: why.
    """

    outcome: str
    because: list[str]

    @property
    def text(self) -> str:
        """Why, as one text."""
        return "\n".join(self.because)


def judged(
    made: Registry,
    rule_id: str,
    part: str | None = None,
    *,
    episode: int = 1,
    cut: str = CUT,
    readings: Readings = DEFAULT,
) -> Judged:
    """The verdict on an episode for a rule, or for one of its parts, windows or figures beside."""
    cohort = cohort_at(_frames(made), dt.date.fromisoformat(cut))
    cases = Cases(cohort.frames, cohort.data_cut, readings)
    row = list(cohort.frames["episode"]["record_no"]).index(episode)
    judgement = _judgement(Verdicts(cases, [RULES[rule_id]]), rule_id, part)
    found = Outcome(judgement.outcomes[row])
    return Judged(found.label, [] if found is Outcome.NO_LINE else judgement.because(row))


def _frames(made: Registry) -> dict[str, pd.DataFrame]:
    """All tables, typed; cases share most of their rows, and so the frames of these."""
    return {name: _frame(name, tuple(tuple(row.items()) for row in made.rows.get(name, ()))) for name in TABLES}


@functools.cache
def _frame(table: str, rows: tuple[tuple[tuple[str, str], ...], ...]) -> pd.DataFrame:
    return cells.frames({table: [dict(row) for row in rows]})[table]


def _judgement(verdicts: Verdicts, rule_id: str, part: str | None) -> Judgement:
    rule = RULES[rule_id]
    for figure in rule.beside:
        if figure.tolerance is not None:
            strict = {f"{figure.name} {window.part}": window for window in verdicts.windows_beside(rule, figure)}
            if part in strict:
                return strict[part]
        elif part == figure.name:
            return verdicts.beside(rule, figure)
    return next(judgement for judgement in verdicts.of(rule) if judgement.part == part)


def outcome(made: Registry, rule_id: str, part: str | None = None, **how: Any) -> str:
    """The label alone."""
    return judged(made, rule_id, part, **how).outcome


def because(made: Registry, rule_id: str, part: str | None = None, **how: Any) -> str:
    """The reasons alone, as one text."""
    return judged(made, rule_id, part, **how).text


# Expectations.


@dataclass(frozen=True)
class Expected:
    """A case with what a rule must say of it.

    Attributes:
        made: the case.
        outcome: its label.
        named: what ``because`` must say: columns with their values.
        fill: the column that it must ask for.
        how: of the judgement, such as its data cut.
    """

    made: Registry
    outcome: str
    named: tuple[str, ...]
    fill: str
    how: Mapping[str, Any]

    def differences(self, rule_id: str, part: str | None = None) -> list[str]:
        """What a rule says otherwise, none where it agrees; an outcome always has a reason."""
        found = judged(self.made, rule_id, part, **self.how)
        wrong = [] if found.outcome == self.outcome else [f"outcome {found.outcome}, not {self.outcome}"]
        wrong += [f"does not say {words!r}" for words in self.named if words not in found.text]
        asked = [line.partition(", fill ")[2] for line in found.because]
        if self.fill and not any(self.fill in columns.split(", ") for columns in asked):
            wrong.append(f"does not ask for {self.fill}")
        if not found.because and found.outcome != "no_line":
            wrong.append("gives no reason")
        return [*wrong, *found.because] if wrong else []


def gives(outcome: str, made: Registry, *named: str, fill: str = "", **how: Any) -> Expected:
    """That a case gives an outcome, and that ``because`` names what was read, or asks for a column."""
    return Expected(made, outcome, named, fill, how)


def each(cases: Mapping[str, Expected]) -> pytest.MarkDecorator:
    """A test of several cases, each with its name."""
    return pytest.mark.parametrize("one", list(cases.values()), ids=list(cases))
