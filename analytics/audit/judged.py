"""Every rule judged over a cohort, part by part: the outcome of each episode, and what episodes are divided by.

The parts are judged one after the other and only their outcomes are kept, a byte for each episode, rule and part, so
that memory grows with the outcomes and not with the record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.audit.bundles import BUNDLES, Bundle, judge_bundle
from analytics.audit.divisions import DIVISIONS, UNKNOWN, Division
from analytics.audit.screening import SCREENING, judge_screening
from analytics.cohort import Cohort
from analytics.consensus.cases import Cases
from analytics.consensus.readings import Readings
from analytics.consensus.rule import Rule
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcomes, Verdicts
from registry.identifiers import positions

TABLES_READ = (
    "patient",
    "primary_tumor",
    "episode",
    "metastasis",
    "study",
    "pathology",
    "molecular_test",
    "mdt_meeting",
    "systemic_therapy",
    "local_treatment",
    "disease_event",
    "rule_exception",
)
"""The tables of patients that the rules ask for; screening_log besides."""

PATIENTS_AT_ONCE = 20_000
ALL_RULES = tuple(RULES.values())


class Key(NamedTuple):
    """What was judged: a rule, a part or window of it, or a figure beside it (with its window); or a bundle."""

    id: str
    part: str | None = None
    beside: bool = False


@dataclass(frozen=True, eq=False)
class Judged:
    """The outcomes of a cohort.

    Attributes:
        rules, bundles: those judged.
        readings: of the text.
        data_cut: the last day that exists.
        outcomes: what was judged -> the outcome of each episode, shape (episodes,); in the order of the rules.
        episodes: patient_id, episode_no, center, detected_on, first_treated, and a column for each division asked for
            (text; UNKNOWN where it is not known).
        patient: the patient of each episode as a code, ascending, shape (episodes,).
        screening: the outcome of each listed case, for GEN7.
        listed: center, day and patient of each listed case.
    """

    rules: tuple[Rule, ...]
    bundles: tuple[Bundle, ...]
    readings: Readings
    data_cut: dt.date
    outcomes: dict[Key, Outcomes]
    episodes: pd.DataFrame
    patient: npt.NDArray[np.int64]
    screening: Outcomes
    listed: pd.DataFrame

    def of(self, id: str) -> list[Outcomes]:
        """What counts in the rate of a rule or a bundle: the whole of a composite, or every window."""
        if id == "GEN7":
            return [self.screening]
        rule = RULES.get(id)
        by_window = rule is not None and rule.by_window is not None
        return [
            outcomes
            for key, outcomes in self.outcomes.items()
            if key.id == id and not key.beside and (by_window or key.part is None)
        ]


@dataclass(frozen=True, eq=False)
class _Part:
    """What is kept of a part of the cohort."""

    outcomes: dict[Key, Outcomes]
    episodes: pd.DataFrame
    patients: pd.DataFrame
    withdrawn: pd.Series
    log: pd.DataFrame | None


def judge(
    parts: Iterable[Cohort],
    *,
    rules: Sequence[Rule] = ALL_RULES,
    bundles: bool = True,
    by: Sequence[str] = (),
) -> Judged:
    """Judge a cohort.

    Args:
        parts: the cohort in parts, each patient in one of them, all at one data cut and read alike; at least one
            part. The frame of screening_log comes with any one of them.
        rules: which are judged.
        bundles: whether the bundles are judged too; those of which every rule is among the rules.
        by: names of :data:`~analytics.audit.divisions.DIVISIONS` to keep.

    Raises:
        ValueError: there is no part.
    """
    asked = {rule.id for rule in rules}
    chosen = tuple(one for one in BUNDLES.values() if bundles and asked.issuperset(one.rules))
    divisions = [DIVISIONS[name] for name in by]
    found, cohort = [], None
    for cohort in parts:
        found.append(_judge_part(cohort, rules, chosen, divisions))
    if cohort is None:
        raise ValueError("there is no cohort to judge")
    episodes = _joined([part.episodes for part in found])
    outcomes = {key: np.concatenate([part.outcomes[key] for part in found]) for key in found[0].outcomes}
    patients = pd.concat([part.patients for part in found], ignore_index=True)
    cut, readings = cohort.data_cut, cohort.readings
    screening, listed = _screening(found, patients, episodes, cut)
    patient = pd.factorize(episodes["patient_id"])[0].astype(np.int64)
    return Judged(tuple(rules), chosen, readings, cut, outcomes, episodes, patient, screening, listed)


def in_parts(cohort: Cohort, patients: int = PATIENTS_AT_ONCE) -> Iterator[Cohort]:
    """A cohort in parts of so many patients."""
    of_patient = cohort.frames["patient"]["patient_id"]
    rows = {
        name: positions(of_patient, frame["patient_id"]) for name, frame in cohort.frames.items() if name in TABLES_READ
    }
    for start in range(0, len(of_patient), patients) or range(1):
        frames = {
            name: cohort.frames[name].loc[(at >= start) & (at < start + patients)].reset_index(drop=True)
            for name, at in rows.items()
        }
        if start == 0 and SCREENING in cohort.frames:
            frames[SCREENING] = cohort.frames[SCREENING]
        yield Cohort(frames, cohort.data_cut, cohort.withdrawn, cohort.readings)


def _judge_part(
    cohort: Cohort,
    rules: Sequence[Rule],
    bundles: Sequence[Bundle],
    divisions: Sequence[Division],
) -> _Part:
    cases = Cases(cohort.frames, cohort.data_cut, cohort.readings)
    verdicts = Verdicts(cases, rules)
    outcomes: dict[Key, Outcomes] = {}
    for rule in rules:
        for judgement in verdicts.of(rule):
            outcomes[Key(rule.id, judgement.part)] = judgement.outcomes
        for figure in rule.beside:
            if figure.tolerance is None:
                outcomes[Key(rule.id, figure.name, beside=True)] = verdicts.beside(rule, figure).outcomes
                continue
            for window in verdicts.windows_beside(rule, figure):
                outcomes[Key(rule.id, f"{figure.name} {window.part}", beside=True)] = window.outcomes
    for bundle in bundles:
        of_rules = {id: [found for key, found in outcomes.items() if _counts(key, id)] for id in bundle.rules}
        outcomes[Key(bundle.id)] = judge_bundle(bundle, cases, of_rules)
    patient, frames = cohort.frames["patient"], cohort.frames
    return _Part(
        outcomes,
        _episodes(cases, divisions),
        patient[["patient_id", "enrolled_on"]],
        cohort.withdrawn["patient_id"],
        frames.get(SCREENING),
    )


def _counts(key: Key, rule_id: str) -> bool:
    return key.id == rule_id and not key.beside and (key.part is None or RULES[rule_id].by_window is not None)


def _episodes(cases: Cases, divisions: Sequence[Division]) -> pd.DataFrame:
    frame = cases.record.frames["episode"]
    columns = {
        "patient_id": frame["patient_id"],
        "episode_no": frame["record_no"],
        "detected_on": frame["detected_on"],
        "first_treated": cases.first.days,
    }
    for division in (DIVISIONS["center"], *divisions):
        labels = division.of(cases).astype("object")
        columns[division.name] = pd.Categorical(labels.where(labels.notna(), UNKNOWN).to_numpy())
    return pd.DataFrame(columns)


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames below each other; the categories of a column are those of all."""
    joined = {}
    for name in frames[0]:
        columns = [frame[name] for frame in frames]
        if isinstance(columns[0].dtype, pd.CategoricalDtype):
            joined[name] = pd.api.types.union_categoricals(columns)
        else:
            joined[name] = pd.concat(columns, ignore_index=True)
    return pd.DataFrame(joined)


def _screening(
    parts: Sequence[_Part], patients: pd.DataFrame, episodes: pd.DataFrame, data_cut: dt.date
) -> tuple[Outcomes, pd.DataFrame]:
    logs = [part.log for part in parts if part.log is not None]
    if not logs:
        return np.zeros(0, dtype=np.int8), pd.DataFrame({"center": [], "day": [], "patient": []})
    log = pd.concat(logs, ignore_index=True)
    withdrawn = pd.concat([part.withdrawn for part in parts])
    log = log[~log["patient_id"].isin(withdrawn).to_numpy(dtype=bool)].reset_index(drop=True)
    return judge_screening(log, patients, episodes, data_cut)
