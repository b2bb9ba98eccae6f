"""The data dictionary in each of its formats says what the fields declare."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from registry.exchange import dictionary, redcap_project
from registry.exchange.redcap_header import ADDED, KNOWN
from registry.fields import MISSING_CODES
from registry.tables import PATIENT_TABLES, TABLES

FIELDS = [field for table in TABLES.values() for field in table.fields.values()]
ROOT = Path(__file__).resolve().parents[2]


def _redcap() -> dict[str, dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(redcap_project.dictionary())))
    named = {row["Variable / Field Name"]: row for row in rows}
    assert len(named) == len(rows), "a variable name stands twice"
    return named


def test_the_csv_has_a_row_for_each_column() -> None:
    rows = list(csv.DictReader(io.StringIO(dictionary.as_csv())))
    assert list(rows[0]) == ["table", "column", "type", "unit", "codes", "required", "description"]
    assert [(row["table"], row["column"]) for row in rows] == [(field.table, field.name) for field in FIELDS]
    by_name = {(row["table"], row["column"]): row for row in rows}
    assert by_name["patient", "center_id"]["codes"] == "center"
    assert by_name["patient", "sex"] == {
        "table": "patient",
        "column": "sex",
        "type": "code",
        "unit": "",
        "codes": "female;male",
        "required": "yes",
        "description": "Sex",
    }
    assert by_name["episode", "largest_mm"]["unit"] == "mm"
    assert by_name["episode", "largest_mm"]["required"] == "no"


def test_the_json_has_all_that_is_declared() -> None:
    document = json.loads(dictionary.as_json())
    assert set(document["missing_codes"]) == MISSING_CODES
    columns = {(column["table"], column["column"]): column for column in document["columns"]}
    assert len(columns) == len(FIELDS)
    assert columns["episode", "largest_mm"]["range"] == [0, 500]
    assert columns["episode", "largest_mm"]["only_where"] == {"column": "lung_involved", "codes": ["yes"]}
    assert columns["patient", "birth_date"]["identifying"] is True
    assert columns["patient", "patient_id"]["missing_codes"] == []
    assert set(columns["patient", "sex"]["missing_codes"]) == MISSING_CODES


def test_redcap_has_each_field_of_a_patient_once() -> None:
    rows = _redcap()
    assert next(iter(rows)) == "record_id"
    expected = {redcap_project.variable(field) for field in FIELDS if field.table in PATIENT_TABLES and not field.key}
    assert set(rows) == expected | {"record_id", "project_setup"}
    assert all(len(row) == 18 for row in rows.values())
    assert list(dict.fromkeys(row["Form Name"] for row in rows.values())) == list(PATIENT_TABLES)


def test_redcap_takes_the_names() -> None:
    rows = _redcap()
    for name, row in rows.items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
        assert len(name) <= 100
        assert row["Field Label"]
    columns = [*rows, *KNOWN, *ADDED]
    assert len({*rows} & ADDED) == 0
    assert len(set(columns)) == len({*rows, *KNOWN}) + len(ADDED)


def test_redcap_checks_what_the_registry_checks() -> None:
    rows = _redcap()
    for field in FIELDS:
        if field.table not in PATIENT_TABLES or field.key:
            continue
        row = rows[redcap_project.variable(field)]
        assert row["Required Field?"] == ("y" if field.required else "")
        assert row["Identifier?"] == ("y" if field.identifying else "")
        if field.codes:
            choices = row["Choices, Calculations, OR Slider Labels"].split(" | ")
            assert [choice.split(", ")[0] for choice in choices] == list(field.codes)
    size = rows["epi_largest_mm"]
    assert (size["Field Type"], size["Text Validation Type OR Show Slider Number"]) == ("text", "number")
    assert (size["Text Validation Min"], size["Text Validation Max"], size["Field Note"]) == ("0", "500", "mm")
    assert size["Branching Logic (Show field only if...)"] == "[epi_lung_involved] = '1'"
    assert rows["pri_cea_ng_ml"]["Text Validation Max"] == "1000000"
    assert rows["pat_birth_date"]["Text Validation Type OR Show Slider Number"] == "date_ymd"
    reason = rows["epi_unresectable_reason"]["Branching Logic (Show field only if...)"]
    assert reason == "[epi_resectability] = 'potentially_resectable' or [epi_resectability] = 'unresectable'"
    assert rows["mdt_specialties"]["Field Type"] == "checkbox"
    assert rows["epi_lung_involved"]["Field Type"] == "yesno"
    setup = rows["project_setup"]["Field Label"]
    assert all(code in setup for code in MISSING_CODES)
    assert all(form in setup for form in PATIENT_TABLES if redcap_project.repeats(form))


def test_every_branch_names_a_field_of_its_form() -> None:
    rows = _redcap()
    for row in rows.values():
        for other in re.findall(r"\[(\w+)\]", row["Branching Logic (Show field only if...)"]):
            assert rows[other]["Form Name"] == row["Form Name"]


def test_the_page_is_what_the_declarations_say() -> None:
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert page == dictionary.as_markdown(), "run `make docs`"


def test_every_format_of_the_command_is_text() -> None:
    assert set(dictionary.RENDERERS) == {"csv", "redcap", "json"}
    assert all(render().endswith("\n") for render in dictionary.RENDERERS.values())
