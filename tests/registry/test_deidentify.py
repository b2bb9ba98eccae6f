"""De-identification: nothing that points to a person is left, and what a researcher needs stays."""

from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path

import pytest

from registry.errors import EnvironmentRefused
from registry.exchange import deidentify
from registry.exchange.deidentify import WITHHELD, deidentification_key, deidentified, key_file
from registry.exchange.fhir import write_fhir
from registry.exchange.formats import FORMATS, write_export
from registry.fields import MISSING_CODES, Field
from registry.tables import TABLES
from tests.registry.samples import CENTERS, PATIENTS, TEXTS, Cells, read_back, streams, tables

KEY = bytes(range(32))

FIRST = dt.date(1930, 1, 1)


def _rows() -> dict[str, list[Cells]]:
    """The samples, with every date more than a year from every other one: no shift makes one out of another."""
    rows = tables()
    at = 0
    for name, found in rows.items():
        dates = [field.name for field in TABLES[name].fields.values() if field.type == "date"]
        for row in found:
            for column in dates:
                if row[column][:1].isdigit():
                    row[column] = (FIRST + dt.timedelta(400 * at)).isoformat()
                    at = (at + 1) % 200
    return rows


def _deidentified(rows: dict[str, list[Cells]], key: bytes = KEY) -> dict[str, list[Cells]]:
    return read_back(deidentified(streams(rows), key))


def _pairs(rows: dict[str, list[Cells]], table: str) -> list[tuple[Cells, Cells]]:
    """Each row of a table beside what became of it; a patient's rows keep their numbers."""
    after = _deidentified(rows)
    names = {row["patient_id"]: after_name for row, after_name in _names(rows)}
    key = TABLES[table].keys
    found = {tuple(row[name] for name in key): row for row in after[table]}
    return [(row, found[(names[row["patient_id"]], *(row[name] for name in key[1:]))]) for row in rows[table]]


def _names(rows: dict[str, list[Cells]]) -> list[tuple[Cells, str]]:
    """Each patient with the pseudonym that the key gives."""
    secret = deidentify._Secret(KEY)
    return [(row, secret.patient(row["patient_id"])) for row in rows["patient"]]


def test_nothing_that_identifies_is_left_in_any_column() -> None:
    before, after = _rows(), _deidentified(_rows())
    ids = {*PATIENTS, *CENTERS}
    dates = {
        row[field.name]
        for table, found in before.items()
        for row in found
        for field in TABLES[table].fields.values()
        if field.type == "date" and row[field.name][:1].isdigit()
    }
    assert len(dates) > 100
    for table, found in after.items():
        assert len(found) == len(before[table])
        for row in found:
            for column, cell in row.items():
                field = TABLES[table].fields.get(column, deidentify.AGE)
                place = f"{table}.{column}"
                assert cell not in dates, place
                assert cell not in TEXTS, place
                assert field.type in ("code", "codes", "boolean", "integer", "number") or cell not in ids, place
                assert not field.identifying, place
    assert "birth_date" not in after["patient"][0]
    assert "name" not in after["center"][0]
    assert "country" not in after["center"][0]


def test_no_column_is_lost_but_those_that_must_go() -> None:
    gone = {
        (table, column)
        for table, found in _deidentified(_rows()).items()
        for column in TABLES[table].fields
        if column not in found[0]
    }
    assert gone == {
        ("center", "name"),
        ("center", "country"),
        ("patient", "birth_date"),
        ("episode", "prior_treatment_review"),
        ("episode", "biology_note"),
        ("mdt_meeting", "recommendation"),
        ("rule_exception", "note"),
    }


def test_what_does_not_identify_stays() -> None:
    kept = ("code", "codes", "boolean", "integer", "number")
    for table in ("patient", "episode", "systemic_therapy", "follow_up", "disease_event"):
        for before, after in _pairs(_rows(), table):
            for column, field in TABLES[table].fields.items():
                if field.type in kept:
                    assert after[column] == before[column]


def test_missing_codes_and_blanks_stay() -> None:
    for table in ("episode", "study", "systemic_therapy", "molecular_test", "rule_exception"):
        for before, after in _pairs(_rows(), table):
            for column, cell in before.items():
                if column in after and (cell == "" or cell in MISSING_CODES):
                    assert after[column] == cell, f"{table}.{column}"


def test_intervals_and_orders_stay_within_a_patient() -> None:
    rows = _rows()
    shifts: dict[str, set[int]] = {}
    for table, declared in TABLES.items():
        if declared.keys[0] != "patient_id":
            continue
        dates = [field.name for field in declared.fields.values() if field.type == "date"]
        for before, after in _pairs(rows, table):
            for column in dates:
                if column in after and before[column][:1].isdigit():
                    moved = dt.date.fromisoformat(before[column]) - dt.date.fromisoformat(after[column])
                    shifts.setdefault(before["patient_id"], set()).add(moved.days)
    assert all(len(days) == 1 for days in shifts.values())
    found = {day for days in shifts.values() for day in days}
    assert all(1 <= day <= 364 for day in found)
    assert len(found) > 3, "patients move by different numbers of days"


def test_screening_entries_move_with_their_patient_and_lose_their_order() -> None:
    names = {row["patient_id"]: name for row, name in _names(_rows())}
    log = [
        {
            "center_id": "A",
            "record_no": str(number),
            "listed_on": (dt.date(2015, 1, 1) + dt.timedelta(number)).isoformat(),
            "patient_id": "P1" if number == 7 else "",
        }
        for number in range(1, 61)
    ]
    after = _deidentified({**_rows(), "screening_log": log})
    entries = after["screening_log"]
    assert [entry["record_no"] for entry in entries] == [str(number) for number in range(1, 61)]
    listed = [entry["listed_on"] for entry in entries]
    assert listed != sorted(listed)
    shift = deidentify._Secret(KEY).days("P1")
    (of_patient,) = [entry for entry in entries if entry["patient_id"]]
    assert of_patient["patient_id"] == names["P1"]
    assert of_patient["listed_on"] == (dt.date(2015, 1, 8) - dt.timedelta(shift)).isoformat()


def test_rows_come_in_the_order_of_the_pseudonyms() -> None:
    after = _deidentified(_rows())
    for table in ("patient", "primary_tumor", "center"):
        owners = [row[TABLES[table].keys[0]] for row in after[table]]
        assert owners == sorted(owners)
    numbers = [(row["patient_id"], int(row["record_no"])) for row in after["episode"]]
    assert numbers == sorted(numbers)


def test_references_hold() -> None:
    after = _deidentified(_rows())
    patients = {row["patient_id"] for row in after["patient"]}
    centers = {row["center_id"] for row in after["center"]}
    assert len(patients) == len(PATIENTS)
    assert len(centers) == len(CENTERS)
    for table, found in after.items():
        for row in found:
            assert row.get("patient_id", "") in patients | MISSING_CODES | {""}, table
            assert row.get("center_id", "") in centers | MISSING_CODES | {""}, table


def test_a_key_is_stable_and_another_one_gives_something_else() -> None:
    assert _deidentified(_rows()) == _deidentified(_rows())
    other = _deidentified(_rows(), bytes(32))
    mine = _deidentified(_rows())
    assert not {row["patient_id"] for row in mine["patient"]} & {row["patient_id"] for row in other["patient"]}


@pytest.mark.parametrize(
    ("born", "enrolled", "age"),
    [
        ("1950-03-01", "2020-02-29", "69"),
        ("1950-03-01", "2020-03-01", "70"),
        ("1952-02-29", "2019-02-28", "66"),
        ("1952-02-29", "2019-03-01", "67"),
        ("1930-01-01", "2020-01-01", "90"),
        ("1920-01-01", "2020-01-01", "90"),
        ("UNK", "2020-01-01", "UNK"),
        ("1950-01-01", "NASK", "NASK"),
    ],
)
def test_the_date_of_birth_becomes_an_age(born: str, enrolled: str, age: str) -> None:
    patient = {"patient_id": "P1", "birth_date": born, "enrolled_on": enrolled}
    (row,) = _deidentified({"patient": [patient]})["patient"]
    assert row["age_at_enrollment_years"] == age


@pytest.mark.parametrize(
    ("table", "column", "cell", "kept"),
    [
        ("systemic_therapy", "regimen", "mFOLFOX6 + bevacizumab", True),
        ("systemic_therapy", "regimen", "FOLFIRI/cetuximab", True),
        ("systemic_therapy", "regimen", "5-FU/LV", True),
        ("systemic_therapy", "regimen", "FOLFOX, as Dr. Smith wished", False),
        ("systemic_therapy", "regimen", "FOLFOX\nSmith", False),
        ("molecular_test", "variant", "p.G12C", True),
        ("molecular_test", "variant", "p.(Gly12Cys)", True),
        ("molecular_test", "variant", "V600E", True),
        ("molecular_test", "variant", "p.G12C (Smith)", False),
        ("rule_exception", "rule_id", "SUR1", True),
        ("rule_exception", "rule_id", "TB2Aa", True),
        ("rule_exception", "rule_id", "see letter to Smith", False),
    ],
)
def test_of_free_text_only_words_of_the_field_stay(table: str, column: str, cell: str, kept: bool) -> None:
    row = {"patient_id": "P1", "record_no": "1", column: cell}
    (after,) = _deidentified({table: [row]})[table]
    assert after[column] == (cell if kept else WITHHELD)


def test_a_new_free_text_is_withheld_unless_somebody_decides_otherwise() -> None:
    texts = {
        (field.table, field.name)
        for table in TABLES.values()
        for field in table.fields.values()
        if field.type == "text" and not field.key and not deidentify._is_left_out(field)
    }
    assert set(deidentify.KEPT_WORDS) == texts
    field = Field(table="patient", name="nickname", type="text", sentence="")
    assert deidentify._change(field, deidentify._Secret(KEY))("Smith", "P1") == WITHHELD


@pytest.mark.parametrize("format", [name for name, found in FORMATS.items() if found.write])
def test_every_format_takes_deidentified_tables(tmp_path: Path, format: str) -> None:
    rows = _rows()
    path = tmp_path / f"out{FORMATS[format].suffix}"
    counts = write_export(path, deidentified(streams(rows), KEY), format)
    assert counts == {name: len(found) for name, found in rows.items()}
    if path.is_dir():
        texts = [file.read_bytes().decode("utf-8", "replace") for file in path.iterdir()]
        assert not [text for text in texts if TEXTS[8] in text or "1930-01-01" in text or "birth" in text.lower()]


def test_fhir_has_no_trace_of_the_identifier(tmp_path: Path) -> None:
    """The ids of resources follow from the keys of rows: they must follow from the pseudonyms."""
    (tmp_path / "plain").mkdir()
    (tmp_path / "safe").mkdir()
    write_fhir(tmp_path / "plain", streams(_rows()))
    write_fhir(tmp_path / "safe", deidentified(streams(_rows()), KEY))
    ids = [
        {line.split('"id":"')[1][:36] for file in folder.glob("*.ndjson") for line in file.read_text().splitlines()}
        for folder in (tmp_path / "plain", tmp_path / "safe")
    ]
    assert not ids[0] & ids[1]


def test_the_key_is_made_once_and_only_its_owner_reads_it() -> None:
    key = deidentification_key()
    assert len(key) == 32
    assert deidentification_key() == key
    assert stat.S_IMODE(key_file().stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file().parent.stat().st_mode) == 0o700
    assert os.listdir(key_file().parent) == [key_file().name]


@pytest.mark.parametrize("content", ["", "not hexadecimal", "ab" * 31])
def test_a_damaged_key_is_refused(content: str) -> None:
    deidentification_key()
    key_file().write_text(content)
    with pytest.raises(EnvironmentRefused, match="damaged"):
        deidentification_key()


def test_a_home_that_cannot_be_written_is_refused(own_home: Path) -> None:
    own_home.write_text("a file where the folder should be")
    with pytest.raises(EnvironmentRefused, match="cannot be read"):
        deidentification_key()
