"""Verdicts of the rule engine as lines, to be held against those of the slow reading or of another run."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from analytics.cohort import Cohort, cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.readings import DEFAULT, Readings
from analytics.consensus.verdicts import Outcome, Verdicts, documents
from registry import cells
from registry.tables import TABLES
from tests.analytics.random_records import CUT, Tables

Key = tuple[str, int, str, str | None]
"""Patient, number of the episode, rule, part."""


def cohort_of(rows: Mapping[str, Sequence[Mapping[str, str]]], cut: dt.date = CUT) -> Cohort:
    """The cohort of rows of cells."""
    return cohort_at(cells.frames({name: list(rows.get(name, ())) for name in TABLES}), cut)


def judged(cohort: Cohort, readings: Readings = DEFAULT) -> Verdicts:
    """All rules over a cohort."""
    return Verdicts(Cases(cohort.frames, cohort.data_cut, readings))


def lines(verdicts: Verdicts) -> dict[Key, str]:
    """The outcome of every line."""
    episodes = verdicts.cases.record.frames["episode"]
    places = list(zip(episodes["patient_id"].astype(str), episodes["record_no"].astype(int), strict=True))
    return {
        (*place, judgement.rule.id, judgement.part): Outcome(outcome).label
        for judgement in verdicts.judgements
        for place, outcome in zip(places, judgement.outcomes.tolist(), strict=True)
        if outcome != Outcome.NO_LINE
    }


def said(verdicts: Verdicts, patients: Iterable[str]) -> dict[Key, tuple[str, list[str]]]:
    """The outcome of every line of some patients, and what decided it."""
    wanted = set(patients)
    of = verdicts.cases.record.frames["episode"]["patient_id"].astype(str)
    rows = [row for row, patient_id in enumerate(of) if patient_id in wanted]
    return {
        (line["patient_id"], line["episode_no"], line["rule_id"], line["part"]): (line["outcome"], line["because"])
        for line in documents(verdicts, rows)
    }


def merged(records: Iterable[Tables]) -> Tables:
    """Records of one patient each as one set of tables, the patients numbered anew."""
    found = defaultdict[str, list[dict[str, str]]](list)
    for number, record in enumerate(records):
        for table, group in record.items():
            found[table] += [row | {"patient_id": f"Q{number:04d}"} for row in group]
    return dict(found)


def differences(engine: Mapping[Key, str], slow: Mapping[Key, str]) -> list[str]:
    """The lines that the two judge otherwise, or that only one of them has; some of them."""
    found = [
        f"{key}: the engine says {engine.get(key)}, the slow reading {slow.get(key)}"
        for key in {**engine, **slow}
        if engine.get(key) != slow.get(key)
    ]
    return found[:20]
