"""The real cohort of examples/tcia_crlm: its workbook through the shipped mapping, each cell and its survival."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from analytics.cohort import cohort_at
from analytics.outcomes import SurvivalResult, survival_analysis
from registry import store
from registry.access import Actor
from registry.actions import import_source
from registry.database import reading
from registry.exchange.mapping import MappedSource
from registry.frames import read_frames
from registry.intake.intake import Outcome
from registry.tables import TABLES

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "tcia_crlm"
FILE, MAPPING = EXAMPLE / "clinical_data_april_2023.xlsx", EXAMPLE / "mapping.toml"
OPERATION = dt.date(2000, 1, 1)
MONTH = 30.4375

ROWS = {
    "center": 1,
    "patient": 197,
    "primary_tumor": 197,
    "episode": 197,
    "metastasis": 197,
    "systemic_therapy": 122,
    "local_treatment": 283,
    "disease_event": 131,
}

UNMAPPED = [
    "De-identify Scout Name",
    "major_comorbidity",
    "body_mass_index",
    "clinrisk_score",
    "clinrisk_stratified",
    "bilobar_disease",
    "preoperative_pve",
    "steatosis_yesno",
    "presence_sinusoidal_dilata",
    "NASH_score",
    "NASH_yesno",
    "NASH_greater_4",
    "total_response_percent",
    "necrosis_percent",
    "fibrosis_percent",
    "fibrosis_greater_40_percent",
    "mucin_percent",
    "vital_status_DFS",
    "progression_or_recurrence_liveronly",
    "months_to_liver_DFS_progression",
    "vital_status_liver_DFS",
    "relevant_notes",
]


def take(engine: Engine, somebody: Actor, **how: Any) -> Outcome:
    return import_source(engine, MappedSource(FILE, MAPPING), by=somebody, reason=None, **how)


def sheet() -> dict[str, dict[str, Any]]:
    """The rows of the file by patient, as openpyxl reads them."""
    header, *rows = openpyxl.load_workbook(FILE)["TCIA_n=197"].iter_rows(values_only=True)
    read = [dict(zip(header, row, strict=True)) for row in rows]
    return {row["Patient-ID"]: row for row in read}


def stored(engine: Engine) -> dict[str, dict[str, list[dict[str, str]]]]:
    """The rows of each table by patient, as cells without the blank ones."""
    with reading(engine) as connection:
        owners = [str(owner) for (owner,) in connection.execute(sa.select(TABLES["patient"].__table__.c.patient_id))]
        found: dict[str, dict[str, list[dict[str, str]]]] = {}
        for table in ROWS:
            rows = store.load(connection, table, owners if table != "center" else ["TCIA-CRLM"])
            of_table = found.setdefault(table, {})
            for at in range(len(rows)):
                cells = {name: str(column[at]) for name, column in rows.columns.items() if column[at]}
                of_table.setdefault(cells.pop(TABLES[table].keys[0]), []).append(cells)
    return found


def days(months: object) -> str:
    """The day that lies some months after the operation."""
    exact = (Decimal(str(months)) * Decimal(str(MONTH))).to_integral_value(ROUND_HALF_UP)
    return (OPERATION + dt.timedelta(days=int(exact))).isoformat()


def test_the_unchanged_workbook_comes_in_whole_and_once(sqlite_engine: Engine, somebody: Actor) -> None:
    dry = take(sqlite_engine, somebody, dry_run=True)
    assert (dry.problems, dry.written) == ([], sum(ROWS.values()))
    assert not stored(sqlite_engine)["patient"]
    with reading(sqlite_engine) as connection:
        counts = [connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar() for name in ROWS]
        assert counts == [0] * len(ROWS)

    first = take(sqlite_engine, somebody)
    assert first.problems == []
    assert {table: count["new"] for table, count in first.counts.items()} == ROWS
    assert first.accepted == sum(ROWS.values())

    again = take(sqlite_engine, somebody)
    assert (again.problems, again.written) == ([], 0)
    assert again.total("unchanged") == sum(ROWS.values())


def test_what_is_not_mapped_is_listed() -> None:
    assert MappedSource(FILE, MAPPING).unmapped == UNMAPPED
    told = (EXAMPLE / "README.md").read_text(encoding="utf-8").split("## What is not read")[1].split("##")[0]
    assert re.findall(r"`([^`]+)`", told) == UNMAPPED


def test_every_cell_is_what_the_file_says(sqlite_engine: Engine, somebody: Actor) -> None:
    take(sqlite_engine, somebody)
    file, found = sheet(), stored(sqlite_engine)
    assert len(file) == 197
    assert set(found["patient"]) == set(file)
    for owner, row in file.items():
        assert found["patient"][owner] == [expected_patient(row)], owner
        assert found["primary_tumor"][owner] == [
            {"diagnosed_on": "UNK", "histology": "UNK", "p_n": {0: "N0", 1: "N1"}[row["node_positive_primary"]]}
        ], owner
        assert expected_episode(row) == found["episode"][owner][0], owner
        assert found["metastasis"][owner] == expected_metastases(row), owner
        given = row["chemo_before_liver_resection"] == 1
        therapy = {"record_no": "1", "started_on": "UNK", "ended_on": "UNK", "intent": "preoperative"}
        assert found["systemic_therapy"].get(owner, []) == [therapy] * given, owner
        assert found["local_treatment"][owner] == expected_local_treatments(row), owner
        recurred = row["progression_or_recurrence"] == 1
        event = {"record_no": "1", "kind": "recurrence", "occurred_on": days(row["months_to_DFS_progression"])}
        assert found["disease_event"].get(owner, []) == [event] * recurred, owner


def expected_patient(row: dict[str, Any]) -> dict[str, str]:
    ended = days(row["overall_survival_months"])
    dead = {"death_on": ended, "cause_of_death": "UNK"} if row["vital_status"] == 1 else {}
    return {
        "center_id": "TCIA-CRLM",
        "sex": {1: "male", 2: "female"}[row["sex"]],
        "birth_date": f"{2000 - row['age']}-01-01",
        "enrolled_on": "UNK",
        "consent_status": "UNK",
        "vital_status": {0: "alive", 1: "dead"}[row["vital_status"]],
        "last_contact_on": ended,
        **dead,
    }


def expected_episode(row: dict[str, Any]) -> dict[str, str]:
    cea = row["carcinoembryonic_antigen"]
    return {
        "record_no": "1",
        "detected_on": "UNK",
        "lung_involved": "UNK" if row["extrahep_disease"] == 1 else "no",
        "other_sites_assessed": "UNK" if row["extrahep_disease"] == 1 else "yes",
        "cea_ng_ml": "UNK" if cea == -999 else f"{cea:g}" if float(f"{cea:g}") == cea else str(cea),
        "ned_on": "UNK",
    }


def expected_metastases(row: dict[str, Any]) -> list[dict[str, str]]:
    liver = {
        "record_no": "1",
        "site": "liver",
        "detected_on": "UNK",
        "lesion_count": "UNK" if row["multiple_metastases"] == 1 else "1",
        "largest_mm": f"{(Decimal(str(row['max_tumor_size'])) * 10).normalize():f}",
    }
    return [liver]


def expected_local_treatments(row: dict[str, Any]) -> list[dict[str, str]]:
    liver = {
        "record_no": "1",
        "episode_no": "1",
        "target": "liver",
        "modality": "resection",
        "intent": "radical",
        "started_on": "2000-01-01",
    }
    primary = {"record_no": "2", "target": "primary", "modality": "resection", "started_on": "UNK"}
    return [liver, primary] if row["synchronous_crlm"] == 0 else [liver]


def test_what_was_not_available_stays_apart_from_numbers(sqlite_engine: Engine, somebody: Actor) -> None:
    take(sqlite_engine, somebody)
    cea = Counter(rows[0]["cea_ng_ml"] == "UNK" for rows in stored(sqlite_engine)["episode"].values())
    assert cea == {True: 29, False: 168}
    assert not any("-999" in cell for rows in stored(sqlite_engine)["episode"].values() for cell in rows[0].values())


def survival(engine: Engine, endpoint: str) -> SurvivalResult:
    return survival_analysis(
        cohort_at(read_frames(engine), dt.date.today()), endpoint=endpoint, origin="metastasis_resection"
    )


def test_its_published_survival_comes_out(sqlite_engine: Engine, somebody: Actor) -> None:
    take(sqlite_engine, somebody)
    result = survival(sqlite_engine, "os")
    curve = result.curves[0]
    assert (result.n, result.events) == (197, 107)
    # R's survival on the months of the file; the registry counts whole days.
    assert curve.median.days == pytest.approx(75.97 * MONTH, abs=1)
    assert curve.median.ci_low == pytest.approx(66.10 * MONTH, abs=1)
    assert curve.median.ci_high == pytest.approx(98.87 * MONTH, abs=1)
    rates = {rate.months: rate.estimate for rate in curve.rates()}
    assert {months: rates[months] for months in (12, 36, 60)} == pytest.approx(
        {12: 0.970, 36: 0.781, 60: 0.627}, abs=0.0005
    )
    assert result.follow_up.days == pytest.approx(102.4 * MONTH, abs=2)
    assert survival(sqlite_engine, "rfs").events == 138


def test_its_figures_are_those_of_the_readme(sqlite_engine: Engine, somebody: Actor) -> None:
    first = take(sqlite_engine, somebody)
    text = " ".join((EXAMPLE / "README.md").read_text(encoding="utf-8").split())
    for endpoint in ("os", "rfs"):
        curve = survival(sqlite_engine, endpoint).curves[0]
        median = curve.median
        assert f"{median.days:g} days ({median.ci_low:g} to {median.ci_high:g})" in text
        for rate in curve.rates():
            if rate.months in (12, 36, 60):
                assert f"{rate.estimate:.3f} ({rate.ci_low:.3f} to {rate.ci_high:.3f})" in text
    assert f"median follow-up (reverse Kaplan-Meier) | {survival(sqlite_engine, 'os').follow_up.days:g} days" in text
    assert f"{len(first.warnings)} warnings" in text
