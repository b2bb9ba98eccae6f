"""The language of mappings: what each rule makes of a center's own file, and where each mistake is told."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from registry.access import Actor
from registry.actions import import_source
from registry.database import reading
from registry.errors import InputRefused, OligometError
from registry.exchange.mapping import MappedSource
from registry.exchange.mapping.places import places
from registry.intake.intake import Outcome
from registry.intake.rows import Problem, Text
from registry.tables import TABLES

Found = dict[str, list[dict[str, str]]]


def source(folder: Path, mapping: str | bytes, file: str | bytes, name: str = "center.csv") -> MappedSource:
    """A file of a center and its mapping."""
    path, declared = folder / name, folder / "mapping.toml"
    path.write_bytes(file.encode() if isinstance(file, str) else file)
    declared.write_bytes(mapping.encode() if isinstance(mapping, str) else mapping)
    return MappedSource(path, declared)


def made(read: MappedSource) -> Found:
    """The rows that come out, blank cells left out; there is no problem."""
    found: Found = {}
    for item in read.read():
        assert isinstance(item, Text), item
        assert not item.unreadable
        for cells in zip(*item.columns.values(), strict=True):
            row = {name: cell for name, cell in zip(item.columns, cells, strict=True) if cell}
            found.setdefault(item.table, []).append(row)
    return found


def told(read: MappedSource) -> list[Problem]:
    """The problems that come out."""
    return [item for item in read.read() if isinstance(item, Problem)]


# What a rule makes of one row. Each: the table, its column, the rule; the cells x and y of the file; what comes out.

CELLS = [
    # from, value, date
    ("episode", "biology_note", '{ from = "x" }', "slow", "", "slow"),
    ("episode", "biology_note", '{ from = "x" }', "", "", ""),
    ("episode", "lesion_count", '{ from = "x" }', "3", "", "3"),
    ("episode", "lung_involved", '{ from = "x" }', "yes", "", "yes"),
    ("episode", "lung_involved", '{ value = "UNK" }', "", "", "UNK"),
    ("episode", "lesion_count", "{ value = 2 }", "", "", "2"),
    ("episode", "detected_on", "{ value = 2020-03-04 }", "", "", "2020-03-04"),
    ("episode", "detected_on", '{ date = "seen" }', "2019-05-06", "", "2019-05-06"),
    # codes
    ("patient", "sex", '{ from = "x", codes = { "1" = "male", "2" = "female" } }', "2", "", "female"),
    ("patient", "sex", '{ from = "x", codes = { 1 = "male", "9" = "UNK" } }', "9", "", "UNK"),
    ("patient", "sex", '{ from = "x", codes = { "m" = "male" } }', "", "", ""),
    ("patient", "sex", '{ from = "x", codes = { "m" = "male", "" = "NASK" } }', "", "", "NASK"),
    ("patient", "death_on", '{ from = "x", codes = { "?" = "UNK", "-" = "" } }', "-", "", ""),
    ("episode", "ecog", '{ from = "x", codes = { "fit" = 0 } }', "fit", "", "0"),
    (
        "mdt_meeting",
        "specialties",
        '{ from = "x", codes = { "a" = "radiology;thoracic_surgery" } }',
        "a",
        "",
        "thoracic_surgery;radiology",
    ),
    # missing, of the file and of the column; the column's comes first
    ("episode", "cea_ng_ml", '{ from = "x", unit = "ng/ml" }', "-999", "", "UNK"),
    ("episode", "cea_ng_ml", '{ from = "x", unit = "ng/ml", missing = { "-999" = "ND" } }', "-999", "", "ND"),
    ("episode", "cea_ng_ml", '{ from = "x", unit = "ng/ml", missing = { "n/a" = "" } }', "n/a", "", ""),
    ("episode", "cea_ng_ml", '{ from = "x", unit = "ng/ml", missing = { "" = "NASK" } }', "", "", "NASK"),
    ("patient", "sex", '{ from = "x", codes = { "1" = "male" } }', "-999", "", "UNK"),
    # units
    ("episode", "largest_mm", '{ from = "x", unit = "cm" }', "2.35", "", "23.5"),
    ("episode", "largest_mm", '{ from = "x", unit = "cm" }', "10", "", "100"),
    ("episode", "largest_mm", '{ from = "x", unit = "mm" }', "10", "", "10"),
    ("primary_tumor", "rectal_height_cm", '{ from = "x", unit = "mm" }', "85", "", "8.5"),
    ("local_treatment", "dose_gy", '{ from = "x", unit = "cGy" }', "4500", "", "45"),
    ("episode", "cea_ng_ml", '{ from = "x", unit = "ug/l" }', "4.1", "", "4.1"),
    ("episode", "drug_free_months", '{ from = "x", unit = "years" }', "1.5", "", "18"),
    ("episode", "drug_free_months", '{ from = "x", unit = "days" }', "30.4375", "", "1"),
    ("episode", "drug_free_months", '{ from = "x", codes = { "none" = 0 } }', "none", "", "0"),
    # dates, as the center spells them; a date cell of a spreadsheet is understood under every spelling
    ("episode", "detected_on", '{ from = "x" }', "2020-02-29", "", "2020-02-29"),
    ("episode", "detected_on", '{ from = "x" }', "2020-02-29 13:45:00", "", "2020-02-29"),
    ("episode", "detected_on", '{ from = "x", date_format = "DD.MM.YYYY" }', "1.2.2020", "", "2020-02-01"),
    ("episode", "detected_on", '{ from = "x", date_format = "DD.MM.YYYY" }', "2020-02-01", "", "2020-02-01"),
    ("episode", "detected_on", '{ from = "x", date_format = "MM/DD/YYYY" }', "02/01/2020", "", "2020-02-01"),
    ("episode", "detected_on", '{ from = "x", date_format = "YYYYMMDD" }', "20200201", "", "2020-02-01"),
    ("episode", "detected_on", '{ from = "x", date_format = "MM/YYYY", nominal = "15" }', "2/2020", "", "2020-02-15"),
    ("episode", "detected_on", '{ from = "x", date_format = "YYYY", nominal = "07-01" }', "2020", "", "2020-07-01"),
    # durations from a named date
    ("episode", "detected_on", '{ from = "y", unit = "days", after = "seen" }', "2020-01-01", "31", "2020-02-01"),
    ("episode", "detected_on", '{ from = "y", unit = "weeks", after = "seen" }', "2020-01-01", "2", "2020-01-15"),
    ("episode", "detected_on", '{ from = "y", unit = "weeks", before = "seen" }', "2020-01-15", "2", "2020-01-01"),
    ("episode", "detected_on", '{ from = "y", unit = "months", after = "seen" }', "2020-01-01", "12", "2020-12-31"),
    ("episode", "detected_on", '{ from = "y", unit = "months", before = "seen" }', "2020-12-31", "12", "2020-01-01"),
    ("patient", "birth_date", '{ from = "y", unit = "years", before = "seen" }', "2020-02-29", "61", "1959-02-28"),
    ("patient", "birth_date", '{ from = "y", unit = "years", before = "seen" }', "2020-02-29", "60", "1960-02-29"),
    ("patient", "birth_date", '{ from = "y", unit = "years", before = "seen" }', "2020-01-01", "60.5", "1959-07-02"),
    ("episode", "detected_on", '{ from = "y", unit = "days", after = "seen" }', "", "31", ""),
    ("episode", "detected_on", '{ from = "y", unit = "days", after = "seen" }', "-999", "31", "UNK"),
    ("episode", "detected_on", '{ from = "y", unit = "days", after = "seen" }', "2020-01-01", "-999", "UNK"),
    # several codes in one cell
    ("disease_event", "sites", '{ from = "x", split = "," }', '"liver, lung ,"', "", "lung;liver"),
    ("disease_event", "sites", '{ from = "x", split = "\\n" }', '"liver\nlung"', "", "lung;liver"),
    ("disease_event", "sites", '{ from = "x", split = " " }', "liver lung", "", "lung;liver"),
    (
        "disease_event",
        "sites",
        '{ from = "x", split = "/", codes = { L = "lung", H = "liver" } }',
        "H/L",
        "",
        "lung;liver",
    ),
    ("disease_event", "sites", '{ from = "x", split = "/", codes = { L = "lung", u = "UNK" } }', "u/L", "", "lung"),
    ("disease_event", "sites", '{ from = "x", split = "/", codes = { L = "lung", u = "UNK" } }', "u", "", "UNK"),
    ("disease_event", "sites", '{ from = "x", split = "/" }', "", "", ""),
    # prefix
    ("patient", "center_id", '{ from = "x", prefix = "KN-" }', "7", "", "KN-7"),
    ("patient", "center_id", '{ from = "x", prefix = "KN-" }', "-999", "", "UNK"),
    # conditions
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = "1", no = "0" } }', "1", "", "yes"),
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = "1", no = "0" } }', "0", "", ""),
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = "1", no = "0" } }', "", "", ""),
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = "1", no = "0" } }', "-999", "", ""),
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = [1, "ja"], no = [0] } }', "ja", "", "yes"),
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = "-999", no = "0" } }', "-999", "", "yes"),
    ("episode", "curable", '{ value = "yes", when = { from = "x", yes = "1", no = "all others" } }', "odd", "", ""),
    ("episode", "curable", '{ value = "yes", when = { from = "x", filled = true } }', "odd", "", "yes"),
    ("episode", "curable", '{ value = "yes", when = { from = "x", filled = true } }', "-999", "", ""),
    ("episode", "curable", '{ value = "no", when = { from = "x", filled = false } }', "", "", "no"),
    (
        "episode",
        "curable",
        '{ value = "yes", when = [{ from = "x", filled = true }, { from = "y", filled = false }] }',
        "1",
        "1",
        "",
    ),
    # candidates: the first that gives a value, else the first missing-data code
    ("episode", "biology_note", '[{ from = "x" }, { from = "y" }]', "one", "two", "one"),
    ("episode", "biology_note", '[{ from = "x" }, { from = "y" }]', "", "two", "two"),
    ("episode", "biology_note", '[{ from = "x" }, { from = "y" }]', "-999", "two", "two"),
    ("episode", "biology_note", '[{ from = "x" }, { from = "y" }]', "-999", "", "UNK"),
    ("episode", "biology_note", '[{ from = "x" }, { value = "NASK" }]', "", "", "NASK"),
    (
        "disease_event",
        "sites",
        '[{ value = "lung", when = { from = "x", yes = "1", no = "0" } },'
        ' { value = "liver", when = { from = "y", yes = "1", no = "0" } }]',
        "1",
        "1",
        "lung;liver",
    ),
]


@pytest.mark.parametrize(("table", "column", "rule", "x", "y", "cell"), CELLS)
def test_a_rule_makes_a_cell(tmp_path: Path, table: str, column: str, rule: str, x: str, y: str, cell: str) -> None:
    mapping = f"""
[source]
missing = {{ "-999" = "UNK" }}
patient_id = {{ from = "id" }}
[dates]
{'seen = { from = "x" }' if '"seen"' in rule else ""}
[{table}]
{column} = {rule}
"""
    row = made(source(tmp_path, mapping, f"id,x,y\nP1,{x},{y}\n"))[table][0]
    assert row.pop("patient_id") == "P1"
    if "record_no" in TABLES[table].keys:
        assert row.pop("record_no") == "1"
    assert row == ({column: cell} if cell else {})


HEAD = """
[source]
missing = { "-999" = "UNK" }
patient_id = { from = "id" }
"""


def test_a_row_of_the_file_gives_the_rows_for_which_its_conditions_hold(tmp_path: Path) -> None:
    mapping = f"""{HEAD}
[center]
center_id = {{ value = "C1" }}
[[metastasis]]
when = {{ from = "liver_cm", filled = true }}
site = {{ value = "liver" }}
largest_mm = {{ from = "liver_cm", unit = "cm" }}
[[metastasis]]
when = [{{ from = "bone", yes = ["y"], no = ["n"] }}, {{ from = "id", filled = true }}]
site = {{ value = "bone" }}
"""
    read = source(tmp_path, mapping, "id,liver_cm,bone,note\nP1,2,y,a\nP2,,n,b\nP3,-999,y,\nP1,3,n,c\n")
    assert made(read) == {
        "center": [{"center_id": "C1"}],  # the same in each row of the file: once is enough
        "metastasis": [
            {"patient_id": "P1", "record_no": "1", "site": "liver", "largest_mm": "20"},
            {"patient_id": "P1", "record_no": "2", "site": "bone"},
            {"patient_id": "P3", "record_no": "1", "site": "bone"},
            {"patient_id": "P1", "record_no": "3", "site": "liver", "largest_mm": "30"},
        ],
    }
    assert read.unmapped == ["note"]
    assert made(read) == made(read), "a large source is read twice"


def test_the_file_may_number_the_rows_itself(tmp_path: Path) -> None:
    mapping = f'{HEAD}\n[episode]\nrecord_no = {{ from = "no" }}\n'
    found = made(source(tmp_path, mapping, "id,no\nP1,2\nP1,1\n"))
    assert [row["record_no"] for row in found["episode"]] == ["2", "1"]


def test_names_of_columns_are_compared_without_their_line_breaks(tmp_path: Path) -> None:
    mapping = f'{HEAD}\n[episode]\nbiology_note = {{ from = "growth of lesions" }}\n'
    found = made(source(tmp_path, mapping, 'id,"growth\nof  lesions "\nP1,slow\n'))
    assert found["episode"][0]["biology_note"] == "slow"


WHOLE = """
[source]
patient_id = { from = "id" }
[center]
center_id = { value = "C1" }
name = { value = "Köln" }
[patient]
center_id = { value = "C1" }
sex = { from = "sex", codes = { m = "male", f = "female" } }
birth_date = { value = "UNK" }
enrolled_on = { value = "UNK" }
consent_status = { value = "UNK" }
vital_status = { value = "UNK" }
last_contact_on = { value = "UNK" }
[disease_event]
kind = { value = "recurrence" }
occurred_on = { from = "recurrence", date_format = "DD.MM.YYYY" }
"""


def take(engine: Engine, read: MappedSource, somebody: Actor) -> Outcome:
    return import_source(engine, read, by=somebody, reason=None)


def count(engine: Engine, table: str) -> int:
    with reading(engine) as connection:
        return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_several_rows_a_patient(tmp_path: Path, sqlite_engine: Engine, somebody: Actor) -> None:
    file = "id,sex,recurrence\nP1,m,01.02.2020\nP1,m,03.04.2021\nP2,f,05.06.2021\n"
    outcome = take(sqlite_engine, source(tmp_path, WHOLE, file), somebody)
    assert outcome.problems == []
    assert (count(sqlite_engine, "patient"), count(sqlite_engine, "disease_event")) == (2, 3)


def test_rows_that_say_different_things_of_a_patient_are_refused(
    tmp_path: Path, sqlite_engine: Engine, somebody: Actor
) -> None:
    file = "id,sex,recurrence\nP1,m,01.02.2020\nP2,f,05.06.2021\nP1,f,03.04.2021\n"
    outcome = take(sqlite_engine, source(tmp_path, WHOLE, file), somebody)
    assert [(item.file, item.line, item.column, item.value) for item in outcome.problems] == [
        ("center.csv", 4, "sex", "f")
    ]
    assert outcome.problems[0].problem == "patient.sex is female here and male in line 2"
    assert count(sqlite_engine, "patient") == 0


def test_what_is_said_once_of_a_patient_need_not_be_repeated(
    tmp_path: Path, sqlite_engine: Engine, somebody: Actor
) -> None:
    file = "id,sex,recurrence\nP1,,01.02.2020\nP2,f,05.06.2021\nP1,m,03.04.2021\nP1,,06.07.2022\n"
    episode = f'{WHOLE}\n[episode]\nrecord_no = {{ value = 1 }}\ndetected_on = {{ value = "UNK" }}\n'
    episode += 'lung_involved = { value = "UNK" }\n'
    outcome = take(sqlite_engine, source(tmp_path, episode, file), somebody)
    assert outcome.problems == []
    counts = {table: count(sqlite_engine, table) for table in ("patient", "episode", "disease_event")}
    assert counts == {"patient": 2, "episode": 2, "disease_event": 4}
    again = take(sqlite_engine, source(tmp_path, episode, file), somebody)
    assert (again.problems, again.written) == ([], 0)


def test_what_new_rows_would_lack_is_noted(tmp_path: Path) -> None:
    mapping = f'{HEAD}\n[patient]\nlast_contact_on = {{ value = "UNK" }}\nvital_status = {{ value = "UNK" }}\n'
    lacking = "center_id, sex, birth_date, enrolled_on, consent_status"
    assert source(tmp_path, mapping, "id\nP1\n").notes == [
        f"patient is mapped without {lacking}, so only rows that are stored already can come in"
    ]
    assert source(tmp_path, WHOLE, "id,sex,recurrence\nP1,m,\n").notes == []


def test_all_that_cannot_be_read_is_told_with_its_place_and_nothing_is_written(
    tmp_path: Path, sqlite_engine: Engine, somebody: Actor
) -> None:
    file = "id,sex,recurrence\nP1,x,01.02.2020\nP2,f,31.02.2021\n,f,05.06.2021\nP4,f,2021\nP5,m,05.06.2021\n"
    outcome = take(sqlite_engine, source(tmp_path, WHOLE, file), somebody)
    assert [(item.file, item.line, item.column, item.value) for item in outcome.problems] == [
        ("center.csv", 2, "sex", "x"),
        ("center.csv", 3, "recurrence", "31.02.2021"),
        ("center.csv", 4, "id", ""),
        ("center.csv", 5, "recurrence", "2021"),
    ]
    assert [item.problem for item in outcome.problems] == [
        "a value that the mapping does not list ('m', 'f')",
        "no such day in the calendar (2021-02-31)",
        "the key is blank",
        "not a date written as DD.MM.YYYY",
    ]
    assert all(item.remedy for item in outcome.problems)
    assert outcome.accepted == 0
    assert [count(sqlite_engine, table) for table in ("center", "patient", "disease_event")] == [0, 0, 0]


# A cell that cannot be read. Each: the rule of a column of episode; the cell; the source column and what is told.

UNREADABLE = [
    ("lesion_count", '{ from = "x" }', "two", "x", "not a number"),
    ("lesion_count", '{ from = "x" }', "2.5", "x", "not a whole number"),
    ("lesion_count", '{ from = "x" }', '"2,0"', "x", "not a number; the mapping says decimal = '.'"),
    ("largest_mm", '{ from = "x", unit = "cm" }', "1.234.5", "x", "not a number"),
    ("largest_mm", '{ from = "x", unit = "cm" }', "999", "x", r"(?s).*\(9990\)"),
    ("lung_involved", '{ from = "x" }', "ja", "x", "neither yes nor no"),
    ("lung_involved", '{ from = "x", codes = { j = "yes" } }', "n", "x", r"a value that the mapping does not list"),
    ("laterality", '{ from = "x" }', "links", "x", "an unknown code"),
    ("biology_note", '{ from = "x" }', "UNK", "x", "reads like a code of the registry"),
    ("biology_note", '{ from = "x" }', "<clear>", "x", "reads like a code of the registry"),
    ("detected_on", '{ from = "x" }', "2020-02-30", "x", "no such day in the calendar"),
    ("detected_on", '{ from = "x" }', "2999-01-01", "x", "a date after today"),
    ("detected_on", '{ from = "x", date_format = "DDMMYYYY" }', "1112020", "x", "not a date written as DDMMYYYY"),
    ("detected_on", '{ from = "x", unit = "days", after = "seen" }', "-1", "x", "a duration below zero"),
    ("detected_on", '{ from = "x", unit = "years", after = "seen" }', "1e9", "x", "a day beyond the calendar"),
    (
        "detected_on",
        '{ from = "x", unit = "years", after = "seen" }',
        "900",
        "x",
        r"a date after today .*\(2920-01-01\)",
    ),
    ("detected_on", '{ from = "x", unit = "years", before = "seen" }', "200", "x", r"a date before 1900-01-01 \(1820"),
    ("record_no", '{ from = "x" }', "one", "x", "not a number"),
    (
        "curable",
        '{ value = "yes", when = { from = "x", yes = "1", no = "0" } }',
        "2",
        "x",
        "a value that the condition",
    ),
]


@pytest.mark.parametrize(("column", "rule", "x", "place", "problem"), UNREADABLE)
def test_a_cell_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, column: str, rule: str, x: str, place: str, problem: str
) -> None:
    mapping = f'{HEAD}\n[dates]\nseen = {{ value = "2020-01-01" }}\n[episode]\n{column} = {rule}\n'
    found = told(source(tmp_path, mapping, f"id,x\nP1,\nP2,{x}\n" if column != "record_no" else f"id,x\nP2,1\nP2,{x}"))
    assert [(item.file, item.line, item.column, item.value) for item in found] == [
        ("center.csv", 3, place, x.strip('"')),
    ]
    assert found[0].remedy
    assert re.match(problem, found[0].problem), found[0].problem


def test_a_condition_of_a_row_that_lists_not_everything(tmp_path: Path) -> None:
    mapping = f'{HEAD}\n[metastasis]\nwhen = {{ from = "x", yes = "1", no = "0" }}\nsite = {{ value = "liver" }}\n'
    found = told(source(tmp_path, mapping, "id,x\nP1,2\n"))
    assert [(item.line, item.column, item.value) for item in found] == [(2, "x", "2")]


def test_a_derived_date_names_the_columns_that_it_follows_from(tmp_path: Path) -> None:
    mapping = f"""{HEAD}
[dates]
operation = {{ from = "operated" }}
[patient]
death_on = {{ from = "survived", unit = "months", after = "operation" }}
[local_treatment]
started_on = {{ date = "operation" }}
"""
    file = "id,operated,survived\nP1,2020-01-01,9000\nP2,2020-13-01,3\nP3,2020-01-01,3\n"
    found = told(source(tmp_path, mapping, file))
    assert [(item.line, item.column, item.value) for item in found] == [
        (2, "survived, operated", "9000, 2020-01-01"),
        (3, "operated", "2020-13-01"),  # once, though two columns follow from it
    ]


def test_a_death_before_birth_is_an_error_of_the_derived_row(
    tmp_path: Path, sqlite_engine: Engine, somebody: Actor
) -> None:
    mapping = WHOLE.replace('vital_status = { value = "UNK" }', 'vital_status = { value = "dead" }').replace(
        'birth_date = { value = "UNK" }', 'birth_date = { value = "1980-01-01" }\ndeath_on = { from = "death" }'
    )
    read = source(tmp_path, mapping, "id,sex,recurrence,death\nP1,m,01.01.1990,1970-01-01\n")
    outcome = take(sqlite_engine, read, somebody)
    assert {item.line for item in outcome.problems} == {2}
    assert any("birth" in item.problem for item in outcome.problems)
    assert count(sqlite_engine, "patient") == 0


# How the file is laid out.


def test_a_csv_as_a_german_spreadsheet_program_writes_it(tmp_path: Path) -> None:
    mapping = """
[source]
delimiter = ";"
decimal = ","
encoding = "cp1252"
header_row = 3
date_format = "DD.MM.YYYY"
patient_id = { from = "Größe-Nr" }
[episode]
detected_on = { from = "entdeckt" }
largest_mm = { from = "größter (cm)", unit = "cm" }
"""
    file = "Klinik Köln;;\r\nStand heute;;\r\n"
    file += "Größe-Nr;entdeckt;größter (cm)\r\nP1;1.2.2020;2,35\r\n\r\nP2;03.04.2021;1\r\n"
    read = source(tmp_path, mapping, file.encode("cp1252"))
    assert made(read)["episode"] == [
        {"patient_id": "P1", "record_no": "1", "detected_on": "2020-02-01", "largest_mm": "23.5"},
        {"patient_id": "P2", "record_no": "1", "detected_on": "2021-04-03", "largest_mm": "10"},
    ]
    lines = [line for item in read.read() if isinstance(item, Text) for line in item.lines]
    assert lines == [4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "iso-8859-15", "cp1250", "gb18030"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    declared = {"utf-8-sig": "utf-8"}.get(encoding, encoding)
    mapping = f'[source]\nencoding = "{declared}"\npatient_id = {{ from = "Müller" }}\n[patient]\n'
    assert made(source(tmp_path, mapping, "Müller\nä1\n".encode(encoding)))["patient"] == [{"patient_id": "ä1"}]


def workbook(path: Path) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Patients 2020 ")
    sheet.append(["Our patients"])
    sheet.append(["id", "seen", "size", "code", "share", "broken"])
    sheet.append([1, dt.date(2020, 2, 1), 2.5, 1.0, 0.5, "=1/0"])
    sheet["E3"].number_format = "0%"
    book.save(path)
    return path.read_bytes()


SHEET = """
[source]
sheet = "Patients 2020"
header_row = 2
decimal = ","
date_format = "DD.MM.YYYY"
patient_id = { from = "id", prefix = "P" }
[episode]
detected_on = { from = "seen" }
largest_mm = { from = "size", unit = "cm" }
lung_involved = { from = "code", codes = { "1" = "yes" } }
"""


def test_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    read = source(tmp_path, SHEET, workbook(tmp_path / "made.xlsx"), "center.xlsx")
    assert made(read)["episode"] == [
        {
            "patient_id": "P1",
            "record_no": "1",
            "detected_on": "2020-02-01",
            "lung_involved": "yes",
            "largest_mm": "25",
        }
    ]
    assert read.unmapped == ["share", "broken"]


@pytest.mark.parametrize(("column", "shown"), [("share", "50%"), ("broken", "=1/0")])
def test_a_cell_that_does_not_say_what_was_meant(tmp_path: Path, column: str, shown: str) -> None:
    mapping = SHEET.replace('from = "size"', f'from = "{column}"')
    found = told(source(tmp_path, mapping, workbook(tmp_path / "made.xlsx"), "center.xlsx"))
    assert [(item.file, item.line, item.column) for item in found] == [("center.xlsx", 3, column)]


@pytest.mark.parametrize(
    ("declared", "line", "problem"),
    [
        ('sheet = "Notes 2"', 3, "the workbook has no such sheet"),
        ("", 2, "the workbook has the sheets 'Notes', 'Patients 2020"),
    ],
)
def test_a_sheet_that_is_not_there(tmp_path: Path, declared: str, line: int, problem: str) -> None:
    mapping = SHEET.replace('sheet = "Patients 2020"', declared or "#")
    found = told(source(tmp_path, mapping, workbook(tmp_path / "made.xlsx"), "center.xlsx"))
    assert [(item.file, item.line) for item in found] == [("mapping.toml", line)]
    assert found[0].problem.startswith(problem)
    assert "Patients 2020" in found[0].problem + found[0].remedy


@pytest.mark.parametrize("name", ["center.xls", "center.ods", "center.xlsx"])
def test_a_file_of_another_program_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputRefused):
        source(tmp_path, SHEET, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), name)


# A file that is not as the mapping says.

LAYOUT = [
    ('header_row = 2  # <-\npatient_id = { from = "id" }', b"id\n", "mapping.toml", "row 2 is blank"),
    ('patient_id = { from = "id" }', b"id;x\nP1;1\n", "mapping.toml", "the columns are separated otherwise"),
    ('patient_id = { from = "id" }', "ä,id\n1,P1\n".encode("cp1252"), "mapping.toml", "the file is not in utf-8"),
    (
        'encoding = "utf-16"  # <-\npatient_id = { from = "id" }',
        b"id\nP1\n",
        "mapping.toml",
        "the file is not in UTF-16",
    ),
    ('patient_id = { from = "id" }', "id\nP1\n".encode("utf-16"), "mapping.toml", "the file is in UTF-16"),
    ('patient_id = { from = "id" }  # <-', b"id,id\nP1,P2\n", "mapping.toml", "center.csv has several columns of this"),
    ('patient_id = { from = "id" }', b"id,x\nP1\n", "center.csv", "the line has 1 cells, the header 2"),
    ('patient_id = { from = "id" }', b"id,x\nP1,2,3\n", "center.csv", "column C has no name in the header"),
    ('patient_id = { from = "id" }', b'id,x\n"P"1,2\n', "center.csv", "the line is not CSV"),
]


@pytest.mark.parametrize(("declared", "file", "where", "problem"), LAYOUT)
def test_a_file_that_is_not_as_the_mapping_says(
    tmp_path: Path, declared: str, file: bytes, where: str, problem: str
) -> None:
    mapping = f"[source]\n{declared}\n[patient]\n"
    found = told(source(tmp_path, mapping, file))
    line = 2 if where == "center.csv" else marked(mapping)[0] if "# <-" in mapping else 1
    assert [(item.file, item.line) for item in found] == [(where, line)]
    assert found[0].problem.startswith(problem)


# Mistakes in a mapping; the line of each is marked.


def marked(mapping: str) -> list[int]:
    return [number for number, line in enumerate(mapping.splitlines(), 1) if "# <-" in line]


MISTAKES = [
    # what the mapping names
    ("[pacient]  # <-", "there is no such table", "write patient"),
    ("[patient]\nsexx = { value = 1 }  # <-", "patient has no such column", "write sex"),
    ('[patient]\npatient_id = { from = "id" }  # <-', "the patient is said once", "move it to [source]"),
    ('[patient]\nsex = { from = "x", code = {} }  # <-', "there is no such key here", "write codes"),
    ('[patient]\nsex = { from = "idd" }  # <-', "center.csv has no such column", "write 'id'"),
    ('[patient]\nsex = { value = "m" }  # <-', "an unknown code", "male"),
    ('[patient]\nsex = { from = "x", codes = { m = "man" } }  # <-', "an unknown code", "male"),
    ('[patient]\nsex = { from = "x", missing = { n = "no" } }  # <-', "not a missing-data code", "UNK"),
    ('[patient.sex]\nfrom = "x"\n[patient.sex.codes]\nm = "male"\nf = "femal"  # <-', "an unknown code", "female"),
    ('[patient]\nbirth_date = { date = "brith" }  # <-', "there is no such named date", "write birth"),
    ('[patient]\nsex = { date = "birth" }  # <-', "sex is no date", "use from or value"),
    ('[patient]\nbirth_date = { value = "2020-02-30" }  # <-', "no such day in the calendar", ""),
    ('[patient]\nbirth_date = { value = "2999-01-01" }  # <-', "a date after today", ""),
    ('[center]  # <-\nname = { value = "K" }', "the key column center_id is not mapped", "add center_id"),
    (
        '[[episode]]\nrecord_no = { from = "x" }\n[[episode]]  # <-\nbasis = { value = "UNK" }',
        "the other rows of the table have a record_no",
        "give all of them one, or none",
    ),
    # kinds of rules
    ('[patient]\nsex = { from = "x", value = "male" }  # <-', "not exactly one of from, value and date", ""),
    ("[patient]\nsex = {}  # <-", "not exactly one of from, value and date", ""),
    ('[patient]\nsex = "male"  # <-', "not written as a mapping", "{ from"),
    ("[patient]\nsex = []  # <-", "not written as a mapping", "{ from"),
    ('[patient]\nsex = [\n  { from = "x" },\n  "male",\n]  # after', "not written as a mapping", "{ from"),
    ('[patient]\nsex = [\n  { from = "x" },\n  { value = "m" },  # <-\n]', "an unknown code", "male"),
    ("patient = 3  # <-", "not written as a mapping", "[patient]"),
    # types
    ("[patient]\nsex = { from = 3 }  # <-", "not a text", "quotation marks"),
    ('[patient]\nsex = { from = " " }  # <-', "not a text", "quotation marks"),
    ("[episode]\ncurable = { value = true }  # <-", "not a text", '"yes"'),
    ("[episode]\ncurable = { value = [1] }  # <-", "not a text", ""),
    ("[episode]\ncurable = { value = 07:30:00 }  # <-", "not a text", ""),
    ('[patient]\nsex = { from = "x", codes = "m" }  # <-', "not a list of texts and their meaning", "{ "),
    ('[patient]\nsex = { from = "x", codes = { "m" = "male", "m " = "female" } }  # <-', "stands here twice", ""),
    ('[patient]\ncenter_id = { from = "x", prefix = 3 }  # <-', "not a text", "quotation marks"),
    ('[disease_event]\nsites = { from = "x", split = "" }  # <-', "not what separates texts", "quotation marks"),
    # units and durations
    ('[episode]\nlargest_mm = { from = "x", unit = "inch" }  # <-', "there is no such unit here", "mm, cm"),
    ('[episode]\nlargest_mm = { from = "x" }  # <-', "largest_mm is kept in mm", "add unit"),
    ('[episode]\nlesion_count = { from = "x", unit = "mm" }  # <-', "there is no such key here", ""),
    ('[episode]\nlargest_mm = { from = "x", unit = "cm", codes = {} }  # <-', "stands beside codes", "keep codes"),
    ('[patient]\nbirth_date = { from = "x", after = "birth" }  # <-', "a duration needs a unit", "days"),
    ('[patient]\nbirth_date = { from = "x", unit = "days" }  # <-', "a duration counts from one date", "after"),
    (
        '[patient]\nbirth_date = { from = "x", unit = "days", after = "birth", before = "birth" }  # <-',
        "a duration counts from one date",
        "after",
    ),
    (
        '[patient]\nbirth_date = { from = "x", unit = "days", after = "birth", date_format = "YYYY" }  # <-',
        "a duration has no spelling of dates",
        "remove it",
    ),
    ('[patient]\nbirth_date = { from = "x", unit = "hours", after = "birth" }  # <-', "there is no such unit", "days"),
    # spellings of dates
    ('[patient]\nbirth_date = { from = "x", date_format = "DD.MM.YY" }  # <-', "not a spelling of dates", "YYYY"),
    ('[patient]\nbirth_date = { from = "x", date_format = "YYYY-DD-MM" }  # <-', "a spelling that is confused", ""),
    ('[patient]\nbirth_date = { from = "x", date_format = "YYYY" }  # <-', "nominal does not complete", '"07-01"'),
    ('[patient.birth_date]\nfrom = "x"\ndate_format = "YYYY"\nnominal = "13-01"  # <-', "nominal does not", '"07-01"'),
    ('[patient]\nbirth_date = { from = "x", nominal = "07-01" }  # <-', "there is no date_format", "YYYY"),
    # conditions
    ('[patient]\nwhen = { from = "x" }  # <-\nsex = { value = "UNK" }', "a condition needs it", "yes"),
    ('[patient]\nwhen = { from = "x", yes = "1", no = "1" }  # <-', "'1' stands under yes as well", ""),
    ('[patient]\nwhen = { from = "x", yes = [true], no = "0" }  # <-', "not a list of texts", ""),
    ('[patient]\nwhen = { from = "x", yes = "1", filled = true }  # <-', "stands beside filled", "keep one"),
    ('[patient]\nwhen = { from = "x", filled = "yes" }  # <-', "neither true nor false", ""),
    ('[patient]\nwhen = { yes = "1", no = "0" }  # <-', "no source column is named", "from"),
    ('[patient]\nsex = { value = "UNK", when = [] }  # <-', "not written as a mapping", "from"),
    (
        '[patient]\nwhen = [\n{ from = "x", filled = true },\n{ from = "xx", filled = true },  # <-\n]',
        "center.csv",
        "x",
    ),
    # open places of a draft
    ('[patient]\nsex = { value = "?" }  # <-', "not filled in yet", "in place of the ?"),
]


@pytest.mark.parametrize(("part", "problem", "remedy"), MISTAKES)
def test_a_mistake_in_a_mapping_is_told_with_its_line(tmp_path: Path, part: str, problem: str, remedy: str) -> None:
    first = part if part.startswith("patient") else ""
    rest = "" if first else part
    mapping = f'{first}\n[source]\npatient_id = {{ from = "id" }}\n[dates]\nbirth = {{ from = "x" }}\n{rest}\n[study]\n'
    found = told(source(tmp_path, mapping, "id,x\nP1,1\n"))
    lines = set(marked(mapping)) or {7}  # a value over several lines is told where its key stands
    assert found
    assert {(item.file, item.line) for item in found} == {("mapping.toml", line) for line in lines}
    assert any(item.problem.startswith(problem) and remedy in item.remedy for item in found), found
    assert all(item.remedy and item.column for item in found)


OF_SOURCE = [
    ('colour = "red"  # <-', "there is no such key here"),
    ("sheet = 1  # <-", "not a text"),
    ('header_row = "2"  # <-', "not such a number"),
    ("header_row = 0  # <-", "not such a number"),
    ("header_row = true  # <-", "not such a number"),
    ('delimiter = ":"  # <-', "not one that can be read"),
    ('encoding = "ebcdic"  # <-', "not one that can be read"),
    ('decimal = "·"  # <-', "not one that can be read"),
    ('date_format = "DD.MM"  # <-', "not a spelling of dates"),
    ('date_format = "YYYY"\nnominal = "1"  # <-', "nominal does not complete the date"),
    ("month_days = 12  # <-", "not the length of a month"),
    ("month_days = nan  # <-", "not the length of a month"),
    ('missing = "-999"  # <-', "not a list of texts and their meaning"),
    ('missing = { "-999" = "unknown" }  # <-', "not a missing-data code"),
    ('missing = { "-999" = "?" }  # <-', "not filled in yet"),
]


@pytest.mark.parametrize(("line", "problem"), OF_SOURCE)
def test_a_mistake_in_the_settings(tmp_path: Path, line: str, problem: str) -> None:
    mapping = f'[source]\n{line}\npatient_id = {{ from = "id" }}\n[patient]\n'
    found = told(source(tmp_path, mapping, "id\nP1\n"))
    assert [(item.file, item.line) for item in found] == [("mapping.toml", marked(mapping)[0])]
    assert found[0].problem.startswith(problem)


OUTLINE: list[tuple[str | bytes, int | None, str]] = [
    ("[patient]\nsex = { value = 'male' }\n", 1, "whose rows these are is not said"),
    ('[source]\npatient_id = { from = "id" }\n', None, "the mapping fills no table"),
    ("", None, "the mapping fills no table"),
    ("source = 1\n", 1, "not a section"),
    ("\n[source\n", 2, "the mapping is not TOML"),
    ("[source]\n[source]\n", 2, "the mapping is not TOML"),
    ("[patient]\nsex = 1\nsex = 2\n", 3, "the mapping is not TOML"),
    ('[patient]\nsex = "male', 2, "the mapping is not TOML"),
    ("x = " + "[" * 5000, None, "brackets stand in each other too deeply"),
    (b"[patient]\n\n# K\xf6ln\n", 3, "the line is not UTF-8"),
]


@pytest.mark.parametrize(("mapping", "line", "problem"), OUTLINE)
def test_a_mapping_that_is_none(tmp_path: Path, mapping: str | bytes, line: int | None, problem: str) -> None:
    found = told(source(tmp_path, mapping, "id\nP1\n"))
    assert {item.file for item in found} == {"mapping.toml"}
    assert [item.line for item in found if item.problem.startswith(problem)] == [line]


def test_all_mistakes_are_told_at_once_and_the_file_is_not_read(
    tmp_path: Path, sqlite_engine: Engine, somebody: Actor
) -> None:
    mapping = """\ufeff[source]
decimal = "/"  # <-
patient_id = { from = "id" }
[dates]
birth = { from = "xx" }  # <-
[patient]
sex = { value = "m" }  # <-
birth_date = { from = "x", unit = "years", before = "operation" }  # <-
vital_status = { value = "?" }  # <-
[nowhere]  # <-
"""
    read = source(tmp_path, mapping, "id,x\nP1,1\n")
    outcome = take(sqlite_engine, read, somebody)
    assert sorted({item.line or 0 for item in outcome.problems}) == marked(mapping)
    assert {item.file for item in outcome.problems} == {"mapping.toml"}
    assert outcome.accepted == 0


def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "center.csv").write_text("id\n")
    with pytest.raises(InputRefused, match=r"mapping\.toml"):
        MappedSource(tmp_path / "center.csv", tmp_path / "mapping.toml")
    with pytest.raises(InputRefused, match=r"other\.csv"):
        MappedSource(tmp_path / "other.csv", tmp_path / "center.csv")


# No input makes a traceback.

KEYS = [
    "source",
    "dates",
    "patient",
    "episode",
    "metastasis",
    "center",
    "disease_event",
    "from",
    "value",
    "date",
    "codes",
]
MODIFIERS = ["missing", "unit", "date_format", "nominal", "after", "before", "split", "prefix", "when", "yes", "no"]
SETTINGS = [
    "filled",
    "sheet",
    "header_row",
    "delimiter",
    "decimal",
    "encoding",
    "month_days",
    "patient_id",
    "center_id",
]
COLUMNS = ["sex", "birth_date", "detected_on", "record_no", "lesion_count", "largest_mm", "sites", "id", "x", "y"]
CONTENTS = ["cm", "mm", "days", "years", "DD.MM.YYYY", "YYYY", "UNK", "male", "?", "1", "-999", "all others"]
WORDS = st.sampled_from([*KEYS, *MODIFIERS, *SETTINGS, *COLUMNS, *CONTENTS])
SCALARS = st.one_of(WORDS, st.integers(-3, 40), st.booleans(), st.floats(), st.text(max_size=4), st.dates())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=4)),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(WORDS, st.one_of(VALUES, st.dictionaries(WORDS, VALUES, max_size=5)), max_size=5)
TEXTS = st.text(st.one_of(st.sampled_from('",;\n\r .-0123456789eU/'), st.characters(codec="utf-8")), max_size=12)
CSVS = st.one_of(
    st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=4).map(
        lambda rows: "id,x,y\n" + "\n".join(",".join(row) for row in rows)
    ),
    st.text(max_size=60),
)


def toml(value: object) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(member)}" for key, member in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + "".join(f"  {toml(member)},\n" for member in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else str(value)


def document(value: dict[str, Any]) -> str:
    """A document with its tables as sections."""
    scalars = {key: member for key, member in value.items() if not isinstance(member, dict)}
    lines = [f"{json.dumps(key)} = {toml(member)}" for key, member in scalars.items()]
    for key in value.keys() - scalars.keys():
        lines += [
            "",
            f"[{json.dumps(key)}]",
            *(f"{json.dumps(k)} = {toml(member)}" for k, member in value[key].items()),
        ]
    return "\n".join(lines) + "\n"


def read_all(folder: Path, mapping: str | bytes, file: str | bytes) -> None:
    items: list[Text | Problem] = []
    with contextlib.suppress(OligometError):
        items = list(source(folder, mapping, file).read())
    for item in items:
        if isinstance(item, Problem):
            assert item.file in ("mapping.toml", "center.csv")
            assert item.problem
            assert item.remedy


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mapping")


@settings(derandomize=True, max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_any_document_is_read_or_refused(folder: Path, value: dict[str, Any]) -> None:
    read_all(folder, document(value), "id,x,y\nP1,1,2020-01-01\n")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)))
def test_any_text_is_read_or_refused_as_a_mapping(folder: Path, mapping: str | bytes) -> None:
    if isinstance(mapping, str):
        mapping = mapping.encode("utf-8", "surrogatepass")
    read_all(folder, mapping, "id\nP1\n")


EVERYTHING = f"""{HEAD}
[dates]
seen = {{ from = "x", date_format = "DD.MM.YYYY" }}
[center]
center_id = {{ from = "x" }}
[[episode]]
when = {{ from = "y", filled = true }}
detected_on = {{ from = "y", unit = "months", after = "seen" }}
largest_mm = {{ from = "y", unit = "cm" }}
lesion_count = [{{ from = "x" }}, {{ from = "y" }}]
drug_free_months = {{ from = "y", unit = "days" }}
biology_note = {{ from = "x" }}
[[disease_event]]
sites = {{ from = "x", split = ";" }}
occurred_on = {{ from = "x", date_format = "YYYY", nominal = "07-01" }}
"""


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.one_of(CSVS, st.binary(max_size=40)))
def test_any_file_is_read_or_refused(folder: Path, file: str | bytes) -> None:
    read_all(folder, EVERYTHING, file if isinstance(file, bytes) else file.encode("utf-8", "surrogatepass"))


def paths(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """The paths of all keys and elements of a document."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {path} if path else set()
    for key, member in members:
        found |= paths(member, (*path, key))
    return found


@settings(derandomize=True, max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_every_key_has_its_line(value: dict[str, Any]) -> None:
    text = document(value)
    found = places(text)
    assert set(found) == paths(tomllib.loads(text))
    lines = text.split("\n")
    for path, line in found.items():
        if isinstance(path[-1], str):
            assert json.dumps(path[-1]) in lines[line - 1]


def test_lines_of_all_that_toml_can_write() -> None:
    text = '''# [not]
a.b = """one
"" two\\"""" # "
'c d' = [ # [
  1, 'x]', # ]
  { e = "}", f = [2] },
]
[[g]]
h = 1979-05-27 07:32:00
[[ g . "i.j" ]]
k = \'\'\'
\'\'\'
[[g]]
[g.l]
m = true
'''
    found = places(text)
    assert set(found) == paths(tomllib.loads(text))
    lines = {
        ("a", "b"): 2,
        ("c d",): 4,
        ("c d", 0): 5,
        ("c d", 1): 5,
        ("c d", 2, "f", 0): 6,
        ("g", 0, "h"): 9,
        ("g", 0, "i.j", 0, "k"): 11,
        ("g", 1): 13,
        ("g", 1, "l", "m"): 15,
    }
    assert {path: found[path] for path in lines} == lines


# The manual.

MANUAL = (Path(__file__).resolve().parents[2] / "docs" / "mapping.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("toml"))
def test_a_mapping_of_the_manual_can_be_carried_out(tmp_path: Path, block: str) -> None:
    mapping = block if "[source]" in block else f'[source]\npatient_id = {{ from = "id" }}\n{block}'
    names = dict.fromkeys(re.findall(r'from = "([^"]+)"', mapping))
    mark = ";" if "delimiter" in block else ","
    read = source(tmp_path, mapping, mark.join(names) + "\n")
    assert told(read) == []
    assert read.unmapped == []


def test_the_example_of_the_manual(tmp_path: Path, sqlite_engine: Engine, somebody: Actor) -> None:
    read = source(tmp_path, blocks("toml")[0], blocks("csv")[0])
    assert read.unmapped == ["Bemerkung"]
    shown = {}
    for block in blocks("text"):
        name, *lines = block.splitlines()
        rows = [{key: cell for key, cell in row.items() if cell} for row in csv.DictReader(lines)]
        shown[name.removesuffix(".csv")] = rows
    assert made(read) == shown
    outcome = take(sqlite_engine, read, somebody)
    assert (outcome.problems, outcome.accepted) == ([], 7)
    assert {warning["check_id"] for warning in outcome.warnings} == {"COM01", "COM04"}
