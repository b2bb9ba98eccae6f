"""Templates: what is offered in a cell is what the import takes, and an empty one imports as nothing."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.datavalidation import DataValidation
from sqlalchemy.engine import Engine

from registry.access import Actor
from registry.actions import import_source
from registry.errors import EnvironmentRefused, InputRefused
from registry.exchange.formats import open_source
from registry.exchange.template import write_template
from registry.fields import MISSING_CODES, Field
from registry.tables import TABLES
from tests.registry.rows import ROWS

FIELDS = [field for table in TABLES.values() for field in table.fields.values()]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.xlsx"
    write_template(path)
    return path


@pytest.fixture(scope="module")
def book(template: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(template)


def rule_of(book: openpyxl.Workbook, field: Field) -> DataValidation:
    """The one rule of a field's column, which holds from the second row to the last."""
    letter = next(cell.column_letter for cell in book[field.table][1] if cell.value == field.name)
    [rule] = [rule for rule in book[field.table].data_validations.dataValidation if f"{letter}2" in rule.sqref]
    assert str(rule.sqref) == f"{letter}2:{letter}1048576"
    return rule


def choices_of(book: openpyxl.Workbook, rule: DataValidation) -> list[str]:
    sheet, _, area = rule.formula1.partition("!")
    return [cell.value for (cell,) in book[sheet][area.replace("$", "")]]


def test_there_is_a_sheet_for_each_table(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["help", *TABLES, "codes"]
    assert book["codes"].sheet_state == "hidden"
    for name, table in TABLES.items():
        sheet = book[name]
        assert [cell.value for cell in sheet[1]] == list(table.fields)
        assert sheet.freeze_panes == ("B2" if len(table.keys) == 1 else "C2")
        assert sheet.max_row == 1
        assert [cell.font.bold for cell in sheet[1]] == [field.required for field in table.fields.values()]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.table}.{field.name}")
def test_every_column_says_what_it_is(book: openpyxl.Workbook, field: Field) -> None:
    rule = rule_of(book, field)
    assert rule.showInputMessage
    assert len(rule.promptTitle) <= 32
    assert len(rule.prompt) <= 255
    assert field.sentence[:100] in rule.prompt
    assert rule.prompt.startswith("Key." if field.key else "Required." if field.required else field.sentence[:5])
    if rule.type is not None:
        assert (rule.errorStyle, rule.showErrorMessage) == ("warning", True)
        assert len(rule.error) <= 225
    choices = list(field.codes) or (["yes", "no"] if field.type == "boolean" else [])
    if choices:
        assert rule.type == "list"
        offered = choices_of(book, rule)
        assert offered[: len(choices)] == choices
        assert set(offered[len(choices) :]) == (set() if field.key else MISSING_CODES)
        for choice in offered:
            assert field.parse(choice) == choice
    elif field.type == "date":
        assert (rule.type, rule.formula1, rule.formula2) == ("date", "DATE(1900,1,1)", "TODAY()")
    elif field.type in ("integer", "number"):
        assert rule.type == ("whole" if field.type == "integer" else "decimal")
        assert (float(rule.formula1), float(rule.formula2)) == (field.low, field.high)


def test_the_help_lists_every_column(book: openpyxl.Workbook) -> None:
    lines = list(book["help"].values)
    first = next(at for at, line in enumerate(lines) if line[0] == "table")
    assert lines[first] == ("table", "column", "required", "type", "unit", "codes", "meaning")
    for line, field in zip(lines[first + 1 :], FIELDS, strict=True):
        assert line[:2] == (field.table, field.name)
        assert line[3:5] == (field.type, field.unit or None)
        assert (line[2] == "no") is not field.required
        assert all(code in line[5] for code in field.codes)
        assert line[6].startswith(field.sentence)


def test_an_empty_template_imports_as_nothing(
    sqlite_engine: Engine, somebody: Actor, template: Path, tmp_path: Path
) -> None:
    write_template(tmp_path / "folder")
    for path in (template, tmp_path / "folder"):
        outcome = import_source(sqlite_engine, open_source(path), by=somebody, reason=None)
        assert (outcome.problems, outcome.accepted) == ([], 0)


def test_a_filled_template_imports(sqlite_engine: Engine, somebody: Actor, template: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(template)
    for name, row in ROWS.items():
        fields = TABLES[name].fields
        for at, field in enumerate(fields.values(), 1):
            if field.name in row:
                value = field.value(row[field.name])
                cell = row[field.name] if value is None or isinstance(value, bool) else value
                book[name].cell(2, at, cell)
                if isinstance(value, dt.date):
                    assert book[name].column_dimensions[book[name].cell(1, at).column_letter].number_format == (
                        r"yyyy\-mm\-dd"
                    )
    book.save(tmp_path / "filled.xlsx")
    outcome = import_source(sqlite_engine, open_source(tmp_path / "filled.xlsx"), by=somebody, reason=None)
    assert outcome.problems == []
    assert outcome.accepted == len(ROWS)


def test_a_folder_of_csv_files_with_their_headers(tmp_path: Path) -> None:
    write_template(tmp_path / "new" / "folder")
    files = {path.stem: path for path in (tmp_path / "new" / "folder").iterdir()}
    assert files.keys() == TABLES.keys()
    for name, path in files.items():
        with path.open(encoding="utf-8", newline="") as file:
            assert list(csv.reader(file)) == [list(TABLES[name].fields)]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "note.txt").write_text("precious")
    (tmp_path / "b.xlsx").mkdir()
    for name in ("a.xlsx", "folder", "b.xlsx"):
        with pytest.raises(InputRefused, match="exists already"):
            write_template(tmp_path / name)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for name in ("a.xlsx", "folder"):
        with pytest.raises(EnvironmentRefused, match="cannot be written"):
            write_template(tmp_path / "file" / name)
