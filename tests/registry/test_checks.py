"""The edit checks: each fires where it is violated and only there, for one patient as for thousands."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from tests.registry.test_checks_cases import CASES, Case, Rows, record

from registry import cells
from registry.checks import CHECKS, Check, Data, Severity, run
from registry.tables import PATIENT_TABLES, TABLES

pytestmark = pytest.mark.filterwarnings("error")

TODAY = dt.date(2024, 1, 1)
BY_ID = {check.id: check for check in CHECKS}


def findings(rows: Rows) -> list[tuple[str, str, int, str]]:
    frames = cells.frames(rows)
    found = run(frames, today=TODAY)
    assert list(found.columns) == ["check_id", "severity", "table", "row", "column"]
    return list(found[["check_id", "table", "row", "column"]].itertuples(index=False, name=None))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_violating_record_has_this_finding_and_no_other(case: Case) -> None:
    rows = case.violating[case.table]
    numbers = [row.get("record_no", "1") for row in rows]
    expected = (case.id, case.table, numbers.index(str(case.record_no)), case.column)
    assert findings(case.violating) == [expected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_record_at_the_border_has_no_finding(case: Case) -> None:
    assert findings(case.clean) == []
