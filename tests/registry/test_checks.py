"""The edit checks: each fires where it is violated and only there, for one patient as for thousands."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import time

import numpy as np
import pandas as pd
import pytest

from registry import cells
from registry.checks import CHECKS, Check, Severity, run
from registry.tables import TABLES
from tests.registry.test_checks_believable import BELIEVABLE
from tests.registry.test_checks_cases import CASES, Case, cohort, findings_by_patient

TODAY = dt.date(2024, 1, 1)
BY_ID = {check.id: check for check in CHECKS}
Found = dict[str, set[tuple[str, str, str, str]]]


@pytest.fixture(scope="module")
def frames() -> dict[str, pd.DataFrame]:
    """All violating and all clean records as one registry: patients V<id> and C<id>."""
    records = {f"V{case.id}": case.violating for case in CASES} | {f"C{case.id}": case.clean for case in CASES}
    return cells.frames(cohort(records))


@pytest.fixture(scope="module")
def found(frames: dict[str, pd.DataFrame]) -> Found:
    return findings_by_patient(frames, run(frames, today=TODAY))


def of_patient(frames: dict[str, pd.DataFrame], patient_id: str) -> dict[str, pd.DataFrame]:
    return {
        table: frame[frame["patient_id"] == patient_id].reset_index(drop=True) if "patient_id" in frame else frame
        for table, frame in frames.items()
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_violating_record_has_this_finding_and_no_other(case: Case, found: Found) -> None:
    assert found[f"V{case.id}"] == {(case.id, case.table, case.record_no, case.column)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_record_at_the_border_has_no_finding(case: Case, found: Found) -> None:
    assert found[f"C{case.id}"] == set()


def test_every_check_has_its_cases() -> None:
    assert sorted(case.id for case in CASES) == sorted(BY_ID)
    assert len(BY_ID) == len(CHECKS)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_is_declared_with_sentences_and_existing_columns(check: Check) -> None:
    assert re.fullmatch(r"[A-Z]{3}\d\d|(BRA|BLK)\.\w+\.\w+", check.id)
    assert re.fullmatch(r"[A-Za-z].+\.", check.sentence)
    assert re.fullmatch(r"[A-Z].+\.", check.remedy)
    for column in check.columns:
        table, _, name = column.rpartition(".")
        assert name in TABLES[table or check.table].fields, column
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.id = "XXX00"  # type: ignore[misc]


def test_errors_are_what_cannot_have_happened_and_nothing_else() -> None:
    errors = {(check.table, check.column) for check in CHECKS if check.severity is Severity.ERROR}
    ends = {(name, later) for name, table in TABLES.items() for _, later in table.ordered}
    after_death = {
        ("study", "performed_on"),
        ("systemic_therapy", "started_on"),
        ("local_treatment", "started_on"),
        ("local_treatment", "local_failure_on"),
        ("primary_tumor", "first_treated_on"),
        ("disease_event", "occurred_on"),
        ("follow_up", "seen_on"),
    }
    assert errors == ends | after_death | {("patient", "death_on")}


def test_every_branch_of_the_tables_has_its_check() -> None:
    declared = {
        f"BRA.{name}.{field.name}"
        for name, table in TABLES.items()
        for field in table.fields.values()
        if field.only_where
    }
    assert declared == {id for id in BY_ID if id.startswith("BRA.")}


def test_findings_name_check_severity_table_row_and_column(frames: dict[str, pd.DataFrame]) -> None:
    findings = run(of_patient(frames, "VDTH01"), today=TODAY)
    assert findings.to_dict("records") == [
        {"check_id": "DTH01", "severity": "error", "table": "study", "row": 0, "column": "performed_on"}
    ]
    assert run(of_patient(frames, "CDTH01"), today=TODAY).columns.equals(findings.columns)


def test_one_patient_alone_has_the_findings_that_it_has_among_all(
    frames: dict[str, pd.DataFrame], found: Found
) -> None:
    owned = {table: dict(list(frame.groupby("patient_id"))) for table, frame in frames.items() if "patient_id" in frame}
    empty = {table: frame.iloc[:0] for table, frame in frames.items()}
    for case in CASES:
        patient_id = f"V{case.id}"
        alone = {**empty, **{table: of[patient_id] for table, of in owned.items() if patient_id in of}}
        assert findings_by_patient(alone, run(alone, today=TODAY)) == {patient_id: found[patient_id]}


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_rows_does_not_matter(frames: dict[str, pd.DataFrame], found: Found, seed: int) -> None:
    shuffled = {table: frame.sample(frac=1, random_state=seed) for table, frame in frames.items()}
    assert findings_by_patient(shuffled, run(shuffled, today=TODAY)) == found


def test_what_is_not_known_violates_nothing(frames: dict[str, pd.DataFrame]) -> None:
    unknown = {}
    for name, table in TABLES.items():
        kept = {
            field.name: frames[name][field.name].astype(object).map(str).to_numpy()
            for field in table.fields.values()
            if field.key
        }
        rest = {
            field.name: np.full(len(frames[name]), "UNK", dtype=object)
            for field in table.fields.values()
            if not field.key
        }
        unknown[name] = cells.frame(name, kept | rest, len(frames[name]))
    # COM04 asks for a row, not for a value.
    assert set(run(unknown, today=TODAY)["check_id"]) <= {"COM04"}


def test_rows_without_their_patient_violate_nothing_that_needs_it(frames: dict[str, pd.DataFrame]) -> None:
    orphans = {**frames, "patient": frames["patient"].iloc[:0]}
    kept = {case.id for case in CASES if not any(c.startswith("patient.") for c in BY_ID[case.id].columns)}
    ids = set(run(orphans, today=TODAY)["check_id"])
    assert ids <= kept
    assert {"TIM03", "EPI02", "LOC01"} <= ids


@pytest.mark.parametrize("table", TABLES)
def test_a_table_may_be_absent_or_empty(frames: dict[str, pd.DataFrame], table: str) -> None:
    absent = {name: frame for name, frame in frames.items() if name != table}
    empty = {**frames, table: frames[table].iloc[:0]}
    pd.testing.assert_frame_equal(run(absent, today=TODAY), run(empty, today=TODAY))


def test_no_rows_have_no_findings() -> None:
    assert run({}, today=TODAY).empty
    assert run(cells.frames({}), today=TODAY).empty


def test_a_therapy_under_way_lasts_until_the_day_that_is_asked_for() -> None:
    case = next(case for case in CASES if case.id == "SYS13")
    frames = cells.frames(case.violating)
    assert list(run(frames, today=TODAY)["check_id"]) == ["SYS13"]
    assert run(frames, today=TODAY - dt.timedelta(days=1)).empty
    assert "SYS13" in set(run(frames)["check_id"])


def test_only_the_chosen_checks_run(frames: dict[str, pd.DataFrame]) -> None:
    assert set(run(frames, today=TODAY, checks=[BY_ID["TIM03"], BY_ID["EXC01"]])["check_id"]) == {"TIM03", "EXC01"}


def test_five_thousand_patients_are_checked_within_seconds() -> None:
    record = BELIEVABLE["free"]
    frames = cells.frames(cohort({f"P{number:04}": record for number in range(5000)}))
    started = time.perf_counter()
    assert run(frames, today=TODAY).empty
    assert time.perf_counter() - started < 5
