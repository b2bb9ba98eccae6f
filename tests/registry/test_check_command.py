"""The command `check`: findings, completeness by column and center, and timeliness, held against a slow count."""

from __future__ import annotations

import datetime as dt
import json
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from registry.tables import PATIENT_TABLES, TABLES
from tests.registry.conftest import Command
from tests.registry.imports import contents, folder, open_queries, take, trail
from tests.registry.rows import row

CODES = ("UNK", "ND", "NAP", "NASK")
Lines = list[dict[str, Any]]


@pytest.fixture
def registry(sqlite_engine: Engine, tmp_path: Path) -> Engine:
    """Two centers: one with two patients of different completeness, one with a patient who is overdue."""
    data = {
        "center": [row("center"), row("center", center_id="B", country="NASK")],
        "patient": [
            row("patient"),
            row("patient", patient_id="P2", trial_participation="UNK", consent_on="ND"),
            row("patient", patient_id="P3", center_id="B", enrolled_on="2022-05-01", last_contact_on="2022-06-01"),
        ],
        "primary_tumor": [row("primary_tumor"), row("primary_tumor", patient_id="P3", site="cecum")],
        "study": [
            row("study"),
            row("study", record_no="2", modality="colonoscopy", biopsy_taken="yes"),
            row("study", record_no="3", modality="colonoscopy"),
            row("study", record_no="4", modality="colonoscopy", biopsy_taken="NASK"),
            row("study", patient_id="P3", performed_on="2022-05-03"),
        ],
        "follow_up": [row("follow_up", seen_on="2020-09-01"), row("follow_up", record_no="2", seen_on="2039-01-01")],
    }
    assert take(sqlite_engine, folder(tmp_path, data), today=dt.date(2040, 1, 1)).problems == []
    return sqlite_engine


def _printed(oligomet: Command, *arguments: object) -> dict[str, Lines]:
    status, out, _ = oligomet("check", "--json", *arguments)
    assert status == 0
    found = json.loads(out)
    assert isinstance(found, list)
    return {
        kind: [item for item in found if item["kind"] == kind] for kind in ("finding", "completeness", "timeliness")
    }


def test_findings_are_those_of_the_open_queries(oligomet: Command, registry: Engine) -> None:
    printed = _printed(oligomet, "--data-cut", "2040-01-01")["finding"]
    assert {(f["owner"], f["check_id"], f["record_key"], f["column"]) for f in printed} == open_queries(registry)
    assert printed
    assert {f["state"] for f in printed} == {"open"}
    for finding in printed:
        assert finding["sentence"]
        assert finding["remedy"]
        assert finding["center_id"] in ("A", "B")


def _counted(engine: Engine, table: str, column: str, center: str) -> dict[str, int]:
    stored = contents(engine)
    depends = TABLES[table].fields[column].only_where
    count: Counter[str] = Counter()
    for key, cells in stored[table].items():
        owner = key[0] if table not in PATIENT_TABLES else stored["patient"][key[:1]]["center_id"]
        if owner != center or (depends and cells.get(depends[0], "") not in (*depends[1], "", *CODES)):
            continue
        cell = cells.get(column, "")
        count["rows"] += 1
        count[cell if cell in CODES else "filled" if cell else "blank"] += 1
    return {kind: count[kind] for kind in ("rows", "filled", "blank", *CODES)}


def test_completeness_is_a_count_of_each_column_at_each_center(oligomet: Command, registry: Engine) -> None:
    printed = _printed(oligomet, "--data-cut", "2040-01-01")["completeness"]
    found = {
        (line["table"], line["column"], line["center_id"]): {
            **{kind: line[kind] for kind in ("rows", "filled", "blank")},
            **line["missing"],
        }
        for line in printed
    }
    assert len(found) == len(printed)
    expected = {
        (table, name, center): counts
        for table, declared in TABLES.items()
        for name, field in declared.fields.items()
        if not field.key
        for center in ("A", "B")
        if (counts := _counted(registry, table, name, center))["rows"]
    }
    assert found == expected
    # A biopsy is asked of colonoscopies only; what was not asked is neither a value nor a blank.
    assert found["study", "biopsy_taken", "A"] == {
        "rows": 3, "filled": 1, "blank": 1, "UNK": 0, "ND": 0, "NAP": 0, "NASK": 1
    }  # fmt: skip
    assert ("study", "biopsy_taken", "B") not in found
    assert {line["required"] for line in printed if line["column"] == "sex"} == {True}


def test_timeliness_is_days_to_entry_and_since_the_last_contact(oligomet: Command, registry: Engine) -> None:
    cut = dt.date(2023, 8, 1)
    printed = {line["center_id"]: line for line in _printed(oligomet, "--data-cut", cut)["timeliness"]}
    entered = dt.date.fromisoformat(trail(registry)[0].written_at[:10])
    patients = contents(registry)["patient"].values()
    for center, line in printed.items():
        own = [cells for cells in patients if cells["center_id"] == center]
        day = dt.date.fromisoformat
        delays = [(entered - day(cells["enrolled_on"])).days for cells in own]
        ages = [(cut - min(cut, day(cells["last_contact_on"]))).days for cells in own]
        assert line["patients"] == line["alive"] == len(own)
        assert line["entry_delay_days"] == statistics.median(delays)
        assert line["contact_age_days"] == statistics.median(ages)
        assert line["overdue"] == sum(age > 400 for age in ages)
    assert (printed["B"]["contact_age_days"], printed["B"]["overdue"]) == (426, 1)


def test_who_was_enrolled_after_the_cut_has_no_record_on_it(oligomet: Command, registry: Engine) -> None:
    """What the cut leaves of a later record is no finding of its center."""
    printed = _printed(oligomet, "--data-cut", "2022-04-30")
    assert "P3" not in {finding["owner"] for finding in printed["finding"]}
    assert {line["center_id"] for line in printed["timeliness"]} == {"A"}
    assert {line["table"] for line in printed["completeness"] if line["center_id"] == "B"} == {"center"}
    assert {line["center_id"] for line in _printed(oligomet, "--data-cut", "2022-05-01")["timeliness"]} == {"A", "B"}


def test_one_center_is_asked_for(oligomet: Command, registry: Engine) -> None:
    everything, of_b = _printed(oligomet), _printed(oligomet, "--center", "B")
    assert of_b == {kind: [item for item in items if item["center_id"] == "B"] for kind, items in everything.items()}
    status, out, err = oligomet("check", "--center", "nowhere")
    assert (status, out) == (2, "")
    assert "no such center" in err


def test_a_person_reads_them_on_standard_output(oligomet: Command, registry: Engine) -> None:
    status, out, err = oligomet("check", "--data-cut", "2040-01-01")
    assert status == 0
    for words in ("Edit checks", "The columns with most blanks", "Timeliness", "over 400 days"):
        assert words in out
    assert "findings in" in err
