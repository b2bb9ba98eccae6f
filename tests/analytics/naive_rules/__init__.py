"""A second, slow reading of every rule of the consensus, written from the rules and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from tests.analytics.naive_classification import classified
from tests.analytics.naive_rules import (
    ablation,
    extrapulmonary,
    follow_up,
    general,
    imaging,
    lymphangitic_emergency,
    metachronous,
    non_initial,
    pathology,
    rectal,
    surgery,
    unresectable,
)
from tests.analytics.naive_rules.base import Row, Rows, at_cut, text
from tests.analytics.naive_rules.episode import Episode

RULES = {
    rule_id: rule
    for chapter in (
        general,
        imaging,
        pathology,
        lymphangitic_emergency,
        surgery,
        ablation,
        unresectable,
        extrapulmonary,
        rectal,
        metachronous,
        non_initial,
        follow_up,
    )
    for rule_id, rule in chapter.RULES.items()
}
"""Every rule that gives a case line; GEN7 counts screening entries, FUP5 is not auditable."""

Key = tuple[str, int, str, str | None]


def verdicts(rows: Rows, data_cut: dt.date) -> dict[Key, str]:
    """The outcome of every rule and part in every episode with lung metastases, by patient and episode number.

    Args:
        rows: cells by table, as in the data files; what is dated after the cut is left out here.
        data_cut: the last day that counts.
    """
    by_patient: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table, group in at_cut(rows, data_cut).items():
        for row in group:
            if row.get("patient_id"):
                by_patient[row["patient_id"]][table].append(row)
    found: dict[Key, str] = {}
    for patient_id, own in by_patient.items():
        if not own["patient"] or own["patient"][0].get("consent_status") == "withdrawn":
            continue
        facts = classified(own)
        for row in own["episode"]:
            if text(row, "lung_involved") != "yes":
                continue
            number = int(row["record_no"])
            episode = Episode(own, row, facts[patient_id, number], data_cut)
            for rule_id, rule in RULES.items():
                verdict = rule(episode)
                parts = verdict if isinstance(verdict, dict) else {None: verdict}
                found |= {(patient_id, number, rule_id, part): outcome for part, outcome in parts.items()}
    return found
