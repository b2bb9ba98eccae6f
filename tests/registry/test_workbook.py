"""Workbooks: each cell comes in as the right value or a problem at its place, and goes out to come back unchanged."""

from __future__ import annotations

import datetime as dt
import io
import random
import struct
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from sqlalchemy.engine import Engine

from registry.access import Actor
from registry.actions import import_source
from registry.database import reading
from registry.errors import EnvironmentRefused, InputRefused
from registry.exchange.formats import open_source, write_export
from registry.exchange.tables import TableRows, stored_tables
from registry.exchange.workbook import Workbook
from registry.exchange.xlsx import package, writer
from registry.exchange.xlsx.number_formats import Shown, shown_as
from registry.exchange.xlsx.sheet import column_number, letters
from registry.exchange.xlsx.writer import write_workbook
from registry.fields import MISSING_CODES, CellProblem, Field
from registry.intake.rows import Problem, Text, parse
from registry.tables import TABLES
from tests.registry.samples import Cells, read_back, streams, tables

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TODAY = dt.date(2024, 1, 1)
LEAP_DAY = dt.datetime.combine(dt.date(2020, 2, 29), dt.time())

# --- Reading in tests -------------------------------------------------------------------------------------------------


def read(path: Path) -> tuple[dict[str, list[Cells]], list[Problem]]:
    """The rows of a workbook by table, and its problems."""
    rows: dict[str, list[Cells]] = {}
    problems = []
    for item in Workbook(path).read():
        if isinstance(item, Problem):
            problems.append(item)
            continue
        found = [dict(zip(item.columns, cells, strict=True)) for cells in zip(*item.columns.values(), strict=True)]
        assert len(found) == len(item.lines)
        rows.setdefault(item.table, []).extend(found)
    return rows, problems


def made(path: Path, sheets: Mapping[str, list[list[Any]]], **epoch: Any) -> openpyxl.Workbook:
    """A workbook of openpyxl with some sheets, not saved yet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    if epoch:
        book.epoch = epoch["epoch"]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return book


def crafted(path: Path, sheet: str, *, name: str = "episode", strings: str = "", workbook: str = "") -> Path:
    """A workbook of one sheet, of which the XML is given."""
    types = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{types}/relationships">'
        f'<Relationship Id="a" Type="{office}/officeDocument" Target="/xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": workbook
        or f'<workbook xmlns="{MAIN}" xmlns:r="{office}"><sheets><sheet name="{name}" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{types}/relationships">'
        f'<Relationship Id="s" Type="{office}/worksheet" Target="worksheets/sheet.xml"/>'
        f'<Relationship Id="t" Type="{office}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet.xml": sheet,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, text in parts.items():
            archive.writestr(part, text)
    return path


def text(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def rows_of(*cells: str, header: tuple[str, ...] = ("patient_id", "record_no", "biology_note")) -> str:
    """The XML of a sheet with a header and one row."""
    top = "".join(map(text, header))
    return f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{top}</row><row r="2">{"".join(cells)}</row></sheetData>'


KEY = text("P1") + "<c><v>1</v></c>"

# --- Out and in again -------------------------------------------------------------------------------------------------


def test_every_kind_of_cell_comes_back(tmp_path: Path) -> None:
    rows = tables()
    counts = write_workbook(tmp_path / "out.xlsx", streams(rows))
    assert counts == {name: len(found) for name, found in rows.items()}
    found, problems = read(tmp_path / "out.xlsx")
    assert problems == []
    assert found == {name: expected for name, expected in read_back(streams(rows)).items() if expected}


def test_an_export_imports_unchanged(filled: Engine, somebody: Actor, tmp_path: Path) -> None:
    with reading(filled) as connection:
        counts = write_export(tmp_path / "out.xlsx", stored_tables(connection), "xlsx")
    outcome = import_source(filled, open_source(tmp_path / "out.xlsx"), by=somebody, reason=None)
    assert outcome.problems == []
    assert (outcome.total("unchanged"), outcome.accepted) == (sum(counts.values()), 0)


def test_an_export_fills_an_empty_registry(filled: Engine, tmp_path: Path, somebody: Actor) -> None:
    from registry import schema
    from registry.database import open_engine

    with reading(filled) as connection:
        write_export(tmp_path / "out.xlsx", stored_tables(connection), "xlsx")
        before = read_back(stored_tables(connection))
    second = open_engine(f"sqlite:///{tmp_path / 'second.db'}")
    schema.create_or_upgrade(second)
    outcome = import_source(second, open_source(tmp_path / "out.xlsx"), by=somebody, reason=None)
    assert outcome.problems == []
    with reading(second) as connection:
        assert read_back(stored_tables(connection)) == before
    second.dispose()


def _cells(field: Field) -> st.SearchStrategy[str]:
    """Canonical cells of a field."""
    absent = st.sampled_from(sorted(MISSING_CODES))
    match field.type:
        case "date":
            kind = st.dates(dt.date(1900, 1, 1), TODAY).map(dt.date.isoformat)
        case "number":
            kind = st.floats(field.low, field.high, allow_nan=False).map(lambda number: field.parse(repr(number)))
        case "integer":
            kind = st.integers(int(field.low or 0), int(field.high or 9)).map(str)
        case _:
            kind = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.from_regex("_x[0-9A-F]{4}_")

            def parsed(value: str) -> str:
                try:
                    return field.parse(value)
                except CellProblem:
                    return ""

            kind = kind.map(parsed)
    return st.just("") | absent | kind


COLUMNS = ("detected_on", "largest_mm", "lesion_count", "biology_note")
FIELDS = [TABLES["episode"].fields[name] for name in ("patient_id", "record_no", *COLUMNS)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(*(_cells(field) for field in FIELDS[2:])), min_size=1, max_size=8))
def test_whatever_a_field_holds_comes_back(tmp_path: Path, found: list[tuple[str, ...]]) -> None:
    rows = [("P1", str(number), *cells) for number, cells in enumerate(found, 1)]
    path = tmp_path / "out.xlsx"
    write_workbook(path, iter([TableRows("episode", FIELDS, iter(rows))]))
    [item] = list(Workbook(path).read())
    assert isinstance(item, Text)
    problems: list[Problem] = []
    accepted = parse(item, TODAY, problems.append)
    assert problems == []
    assert list(zip(*(accepted.columns[field.name] for field in FIELDS), strict=True)) == rows


def test_chunks_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.exchange.workbook.CHUNK", 3)
    rows = [("P1", str(number), "", "", "", "") for number in range(1, 8)]
    write_workbook(tmp_path / "out.xlsx", iter([TableRows("episode", FIELDS, iter(rows))]))
    source = Workbook(tmp_path / "out.xlsx")
    parts = [item for item in source.read() if isinstance(item, Text)]
    assert [part.lines for part in parts] == [[2, 3, 4], [5, 6, 7], [8]]
    assert [part.columns["record_no"] for part in parts] == [["1", "2", "3"], ["4", "5", "6"], ["7"]]
    assert source.done == pytest.approx(1)


# --- One cell ---------------------------------------------------------------------------------------------------------

GENERAL, DAY = "General", "yyyy-mm-dd"

RIGHT = [
    ("detected_on", dt.date(2020, 2, 29), DAY, "2020-02-29"),
    ("detected_on", LEAP_DAY, "dd.mm.yyyy hh:mm", "2020-02-29"),
    ("detected_on", dt.date(1900, 3, 1), "[$-407]d. mmmm yyyy;@", "1900-03-01"),
    ("detected_on", "2020-02-29", "@", "2020-02-29"),
    ("detected_on", "UNK", DAY, "UNK"),
    ("lesion_count", 3, GENERAL, "3"),
    ("lesion_count", 3.0, "0", "3"),
    ("lesion_count", "3", "@", "3"),
    ("largest_mm", 0.1 + 0.2, GENERAL, "0.3"),
    ("largest_mm", 12.5, '0.0" mm"', "12.5"),
    ("largest_mm", 1e-7, "0.00E+00", "1e-07"),
    ("largest_mm", "NAP", GENERAL, "NAP"),
    ("ecog", 0, GENERAL, "0"),
    ("progressing_lesion", True, GENERAL, "yes"),
    ("progressing_lesion", False, GENERAL, "no"),
    ("progressing_lesion", "yes", GENERAL, "yes"),
    ("biology_note", 123.0, GENERAL, "123"),
    ("biology_note", 1.5, "0.00", "1.5"),
    ("biology_note", True, GENERAL, "TRUE"),
    ("biology_note", "  two words ", GENERAL, "  two words "),
    ("biology_note", "<clear>", GENERAL, "<clear>"),
]

WRONG = [
    ("detected_on", 43831, GENERAL, "43831", "a number, not a date"),
    ("detected_on", LEAP_DAY.replace(hour=13, minute=30), "yyyy-mm-dd hh:mm", "2020-02-29 13:30:00", "time of day"),
    ("detected_on", dt.date(2020, 1, 1), "mmm-yy", "2020-01-01", "a part only"),
    ("detected_on", dt.date(2024, 4, 3), "d-mmm", "2024-04-03", "a part only"),
    ("detected_on", dt.date(2024, 4, 3), "yyyy", "2024-04-03", "a part only"),
    ("detected_on", dt.time(13, 30), "h:mm", "0.5625", "a time, not a date"),
    ("detected_on", 60, DAY, "1900-02-28", "do not count alike"),
    ("detected_on", -1, DAY, "-1", "do not count alike"),
    ("detected_on", 1e300, DAY, "1e+300", "do not count alike"),
    ("lesion_count", dt.date(2020, 1, 2), DAY, "2020-01-02", "a date, where a whole number"),
    ("biology_note", dt.date(2020, 1, 2), "d-mmm", "2020-01-02", "a date, where text"),
    ("progressing_lesion", dt.date(2020, 1, 2), DAY, "2020-01-02", "a date, where yes or no"),
    ("largest_mm", 0.5, "0%", "50%", "a percentage"),
    ("biology_note", 123, "00000", "123", "does not hold"),
    ("biology_note", 123, '"P"0', "123", "does not hold"),
    ("biology_note", 1234567890123456, GENERAL, "1.23456789012346e+15", "more than 15 digits"),
    ("largest_mm", "#N/A", GENERAL, "#N/A", "an error of the spreadsheet"),
    ("biology_note", "#DIV/0!", GENERAL, "#DIV/0!", "an error of the spreadsheet"),
    ("largest_mm", "=1+1", GENERAL, "=1+1", "never calculated"),
]


@pytest.mark.parametrize(("column", "value", "shown", "expected"), RIGHT)
def test_a_cell_has_the_right_value(tmp_path: Path, column: str, value: Any, shown: str, expected: str) -> None:
    rows, problems = _one_cell(tmp_path / "in.xlsx", column, value, shown)
    assert problems == []
    assert rows == {"episode": [{"patient_id": "P1", "record_no": "1", column: expected}]}


@pytest.mark.parametrize(("column", "value", "shown", "seen", "problem"), WRONG)
def test_a_cell_that_would_be_a_guess_is_a_problem(
    tmp_path: Path, column: str, value: Any, shown: str, seen: str, problem: str
) -> None:
    rows, [found] = _one_cell(tmp_path / "in.xlsx", column, value, shown)
    assert (found.file, found.line, found.column, found.value) == ("in.xlsx:episode", 2, column, seen)
    assert problem in found.problem
    assert found.remedy
    assert rows["episode"][0][column] == ""


def _one_cell(path: Path, column: str, value: Any, shown: str) -> tuple[dict[str, list[Cells]], list[Problem]]:
    book = made(path, {"episode": [["patient_id", "record_no", column], ["P1", 1, value]]})
    book["episode"]["C2"].number_format = shown
    book.save(path)
    return read(path)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c><f>1+1</f><v>2</v></c>", "2"),
        ('<c t="str"><f>A1</f><v>calculated</v></c>', "calculated"),
        ('<c t="str"><f>""</f><v></v></c>', None),
        ('<c t="str"><f>""</f></c>', "a problem"),
        ("<c><f>1+1</f></c>", "a problem"),
        ('<c><f t="shared" si="0"/><v/></c>', "a problem"),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "a problem"),
        ("<c><v>nan</v></c>", "a problem"),
        ("<c><v>1_000</v></c>", "a problem"),
        ('<c t="d"><v>2020-01-02</v></c>', "a problem"),
        ('<c s="99"/>', None),
        ('<c t="s"><v>0</v></c>', "rich text"),
        ('<c t="s"><v>1</v></c>', None),
        ("<c t='inlineStr'><is><r><t>a</t></r><r><t>b</t></r><rPh><t>spoken</t></rPh></is></c>", "ab"),
        ("<c t='inlineStr'><is><t>a &lt; b_x000A_c_x005F_x0041_ _xD800_</t></is></c>", "a < b\nc_x0041_ _xD800_"),
    ],
)
def test_what_stands_in_the_xml_of_a_cell(tmp_path: Path, cell: str, expected: str | None) -> None:
    strings = "<si><r><t>rich </t></r><r><t>text</t></r><rPh><t>spoken</t></rPh></si><si><t> </t></si>"
    rows, problems = read(crafted(tmp_path / "in.xlsx", rows_of(KEY, cell) + "</worksheet>", strings=strings))
    if expected == "a problem":
        assert [(found.line, found.column) for found in problems] == [(2, "biology_note")]
    else:
        assert problems == []
        assert rows["episode"][0]["biology_note"] == (expected or "")


def test_dates_in_the_iso_form_of_a_strict_workbook(tmp_path: Path) -> None:
    cell = '<c t="d"><v>2020-01-02T00:00:00</v></c>'
    sheet = rows_of(KEY, cell, header=("patient_id", "record_no", "detected_on")) + "</worksheet>"
    [item] = list(Workbook(crafted(tmp_path / "in.xlsx", sheet)).read())
    assert isinstance(item, Text)
    accepted = parse(item, TODAY, pytest.fail)
    assert list(accepted.columns["detected_on"]) == ["2020-01-02"]


def test_days_counted_from_1904(tmp_path: Path) -> None:
    days = [dt.date(1904, 1, 1), dt.date(2020, 2, 29)]
    rows = [["patient_id", "record_no", "detected_on"], *(["P1", at, day] for at, day in enumerate(days, 1))]
    made(tmp_path / "in.xlsx", {"episode": rows}, epoch=CALENDAR_MAC_1904)
    found, problems = read(tmp_path / "in.xlsx")
    assert problems == []
    assert [row["detected_on"] for row in found["episode"]] == [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("General", Shown.NUMBER),
        ("#,##0.00", Shown.NUMBER),
        ('_-* #,##0.00 "€"_-', Shown.NUMBER),
        ("0.00E+00", Shown.NUMBER),
        ("[Red][<0]0;[Blue]0", Shown.NUMBER),
        ("@", Shown.NUMBER),
        ("0.0%", Shown.PERCENT),
        ("00000", Shown.DRESSED),
        ("000-00-0000", Shown.DRESSED),
        ("\\P0", Shown.DRESSED),
        ("[$-F800]dddd, mmmm dd, yyyy", Shown.DATE),
        ('yyyy"年"m"月"d"日"', Shown.DATE),
        ("[$-411]ge.m.d", Shown.DATE),
        ("m/d/yy h:mm AM/PM", Shown.DATE),
        ("dddd yyyy mmm", Shown.PART),
        ("d/yyyy hh:mm", Shown.PART),
        ("TT.MM.JJJJ", Shown.PART),
        ("[h]:mm:ss", Shown.TIME),
        ("mm:ss.0", Shown.TIME),
    ],
)
def test_what_a_number_format_shows(code: str, expected: Shown) -> None:
    assert shown_as(code) is expected


# --- Rows, columns and sheets -----------------------------------------------------------------------------------------


def test_hidden_filtered_and_blank_rows(tmp_path: Path) -> None:
    header = [" patient_id ", "record_no", "biology_note", None, None]
    rows = [header, ["P1", 1, "x"], [], [None, "  ", None], ["P1", 2, None]]
    book = made(tmp_path / "in.xlsx", {"episode": rows})
    sheet = book["episode"]
    sheet.sheet_state = "hidden"
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.auto_filter.ref = "A1:C5"
    sheet["E9"].number_format = DAY
    book.create_sheet("spare")
    book.save(tmp_path / "in.xlsx")
    items = list(Workbook(tmp_path / "in.xlsx").read())
    assert [item.lines for item in items if isinstance(item, Text)] == [[2, 5]]
    assert len(items) == 1


def test_the_header_and_what_stands_beside_it(tmp_path: Path) -> None:
    header = ["patient_id", "record_no", "biology_notes", None, "ecog", 2020]
    rows = [header, ["P1", 1, "x", None, 0, None], ["P1", 2, None, None, 0, None, "aside"], ["P1", 3, *[None] * 4, "b"]]
    made(tmp_path / "in.xlsx", {"episode": rows})
    found, problems = read(tmp_path / "in.xlsx")
    assert [(problem.line, problem.column, problem.value) for problem in problems] == [
        (1, "biology_notes", "biology_notes"),
        (1, None, ""),
        (1, "2020", "2020"),
        (3, None, "aside"),
    ]
    assert problems[0].remedy == "write biology_note"
    assert problems[3].problem == "column G has no name in the header"
    assert [row["ecog"] for row in found["episode"]] == ["0", "0", ""]


def test_sheets_that_are_no_tables(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Any]]] = {name: [["a"]] for name in ("help", "codes", "manifest", "Patients", "x")}
    made(tmp_path / "in.xlsx", {**sheets, "spare": [], "center": [["center_id", "name"], ["A", "Alpha"]]})
    rows, problems = read(tmp_path / "in.xlsx")
    assert rows == {"center": [{"center_id": "A", "name": "Alpha"}]}
    assert [(problem.file, problem.value) for problem in problems] == [
        ("in.xlsx:Patients", "Patients"),
        ("in.xlsx:x", "x"),
    ]
    assert problems[0].remedy == "name it patient"


@pytest.mark.parametrize(
    ("sheets", "file", "problem"),
    [
        ({"patient": []}, "in.xlsx:patient", "the sheet is empty"),
        ({"patient": [[], ["patient_id"], ["P1"]]}, "in.xlsx:patient", "the first row is blank"),
        ({"episode": [["patient_id"], ["P1"]]}, "in.xlsx:episode", "the key column is missing"),
        ({"help": [["x"]], "spare": []}, "in.xlsx", "no sheet is named after a table"),
    ],
)
def test_a_sheet_that_cannot_be_read(tmp_path: Path, sheets: dict[str, Any], file: str, problem: str) -> None:
    made(tmp_path / "in.xlsx", sheets)
    rows, [found] = read(tmp_path / "in.xlsx")
    assert (rows, found.file, found.problem) == ({}, file, problem)


def test_merged_cells(tmp_path: Path) -> None:
    rows = [["patient_id", "record_no", "biology_note", "ecog"], *(["P1", at, "x", 0] for at in range(1, 8))]
    book = made(tmp_path / "in.xlsx", {"episode": rows})
    for ref in ("A2:A4", "C5:D5", "A7:B7", "F1:G9"):
        book["episode"].merge_cells(ref)
    book.save(tmp_path / "in.xlsx")
    found, problems = read(tmp_path / "in.xlsx")
    assert [(problem.line, problem.column, problem.value) for problem in problems] == [
        (2, "patient_id", "A2:A4"),
        (5, "biology_note", "C5:D5"),
        (7, "patient_id", "A7:B7"),
    ]
    assert problems[0].problem == "merged cells: only the first of rows 2 to 4, patient_id has a value"
    # Rows that lost their key are told by the range; the others are read on.
    assert [row["record_no"] for row in found["episode"]] == ["1", "4", "5", "7"]


def test_a_key_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    made(tmp_path / "in.xlsx", {"episode": [["patient_id", "record_no"], ["#REF!", 1], ["P1", "=A1"], ["P1", 3]]})
    found, problems = read(tmp_path / "in.xlsx")
    assert [(problem.line, problem.column) for problem in problems] == [(2, "patient_id"), (3, "record_no")]
    assert found == {"episode": [{"patient_id": "P1", "record_no": "3"}]}


def test_one_value_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    corner = '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    sheet = (rows_of(KEY)).removesuffix("</row></sheetData>") + corner
    rows, [problem] = read(crafted(tmp_path / "in.xlsx", sheet))
    assert (problem.line, problem.problem) == (1_048_576, "column XFD has no name in the header")
    assert rows["episode"][0]["patient_id"] == "P1"


def test_prefixes_and_cells_without_their_place(tmp_path: Path) -> None:
    sheet = (rows_of(KEY, text("note")) + "</worksheet>").replace("<", "<x:").replace("<x:/", "</x:")
    rows, problems = read(crafted(tmp_path / "in.xlsx", sheet.replace("xmlns", "xmlns:x")))
    assert problems == []
    assert rows == {"episode": [{"patient_id": "P1", "record_no": "1", "biology_note": "note"}]}


def test_letters_of_columns() -> None:
    assert [letters(at) for at in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert all(column_number(letters(at)) == at for at in range(16_384))


def test_a_refused_workbook_leaves_nothing_and_tells_everything(
    sqlite_engine: Engine, somebody: Actor, tmp_path: Path
) -> None:
    sheets = {
        "center": [["center_id", "name"], ["A", "Alpha"], ["A", "Alpha"]],
        "patient": [
            ["patient_id", "center_id", "sex", "birth_date"],
            ["P1", "A", "f", 43831],
            ["P2", "A", "#N/A", "x"],
        ],
    }
    made(tmp_path / "in.xlsx", sheets)
    outcome = import_source(sqlite_engine, open_source(tmp_path / "in.xlsx"), by=somebody, reason=None)
    places = {(problem.file, problem.line, problem.column) for problem in outcome.problems}
    assert {
        ("in.xlsx:center", 3, "center_id"),
        ("in.xlsx:patient", 2, "sex"),
        ("in.xlsx:patient", 2, "birth_date"),
        ("in.xlsx:patient", 3, "sex"),
        ("in.xlsx:patient", 3, "birth_date"),
    } <= places
    with reading(sqlite_engine) as connection:
        assert not any(read_back(stored_tables(connection)).values())


# --- Files that are no workbook, or a hostile one ---------------------------------------------------------------------

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _zip(**parts: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return file.getvalue()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a workbook as openpyxl writes it."""
    path = tmp_path_factory.mktemp("sound") / "in.xlsx"
    rows = [["patient_id", "record_no", "detected_on"], ["P1", 1, dt.date(2020, 1, 2)]]
    book = made(path, {"episode": [*rows, *(["P1", at, "UNK"] for at in range(2, 60))]})
    book["episode"].merge_cells("C3:C4")
    book.save(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "The file is empty"),
        (b"patient_id,record_no\nP1,1\n", "no .xlsx workbook"),
        (b"\xef\xbb\xbf <html><table>", "This is a page"),
        (OLE + bytes(600) + "Workbook".encode("utf-16-le"), "the old format"),
        (b"\x09\x08\x10\x00" + bytes(100), "the old format"),
        (OLE + bytes(200_000) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (_zip(a="b"), "a zip file without a workbook"),
        (_zip(**{"content.xml": "<x/>", "mimetype": "ods"}), "OpenDocument"),
        (_zip(**{"xl__workbook.bin": "x"}), "a binary workbook"),
        (_zip(**{"xl__workbook.xml": "<workbook"}), "damaged"),
        (_zip(**{"xl__workbook.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><workbook>&b;</workbook>"}), "a document type"),
        (_zip(**{"xl__workbook.xml": "<workbook><sheets><sheet name='x'/></sheets></workbook>"}), "no content"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "in.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputRefused) as refused:
        open_source(path)
    assert problem in refused.value.problem
    assert refused.value.remedy


def test_a_truncated_workbook_is_refused(tmp_path: Path, sound: bytes) -> None:
    (tmp_path / "in.xlsx").write_bytes(sound[: len(sound) // 2])
    with pytest.raises(InputRefused, match="cut off"):
        Workbook(tmp_path / "in.xlsx")


def test_a_zip_with_a_password_is_refused(tmp_path: Path, sound: bytes) -> None:
    at = sound.rindex(b"PK\x01\x02")
    flagged = sound[: at + 8] + struct.pack("<H", 1) + sound[at + 10 :]
    (tmp_path / "in.xlsx").write_bytes(flagged)
    with pytest.raises(InputRefused, match="password"):
        Workbook(tmp_path / "in.xlsx")


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "SUSPICIOUS", 1_000_000)
    path = crafted(tmp_path / "in.xlsx", rows_of(KEY) + " " * 2_000_000 + "</worksheet>")
    with pytest.raises(InputRefused, match="would unpack to 2 MB"):
        Workbook(path)
    monkeypatch.undo()
    monkeypatch.setattr(package, "LARGEST", 1_000_000)
    with pytest.raises(InputRefused, match="would unpack"):
        Workbook(path)
    monkeypatch.undo()
    assert read(path)[1] == []


def test_a_file_that_the_system_does_not_give_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").mkdir()
    with pytest.raises(InputRefused, match="cannot be read"):
        Workbook(tmp_path / "in.xlsx")


@pytest.mark.parametrize(
    ("sheet", "problem"),
    [
        (rows_of(KEY), "no element found"),
        (rows_of(KEY, '<c r="ZZZ2"><v>1</v></c>') + "</worksheet>", "no column"),
        (rows_of(KEY, '<c r="D3"><v>1</v></c>') + "</worksheet>", "stands in row 2"),
        (rows_of(KEY, '<c r="A2"><v>1</v></c>') + "</worksheet>", "out of order"),
        (rows_of(KEY, '<c t="s"><v>7</v></c>') + "</worksheet>", "no shared text 7"),
        (rows_of(KEY, '<c t="s"><v>-1</v></c>') + "</worksheet>", "no shared text -1"),
        (rows_of(KEY, '<c t="q"><v>7</v></c>') + "</worksheet>", "unknown kind"),
        (rows_of(KEY).replace('r="2"', 'r="1"') + "</worksheet>", "row 1 follows row 1"),
        (rows_of(KEY).replace('r="2"', 'r="1048577"') + "</worksheet>", "row 1048577 follows"),
        (rows_of(KEY) + "<sheetData/></worksheet>", "two blocks of rows"),
        (rows_of(KEY, f"<c><v>{'x' * 1_100_000}</v></c>") + "</worksheet>", "longer than any"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + rows_of(KEY, text("&b;")), "a document type"),
        ((rows_of(KEY) + "</worksheet>").encode("utf-16").decode("latin-1"), "not in UTF-8"),
    ],
)
def test_a_damaged_sheet_is_a_problem_at_its_place(tmp_path: Path, sheet: str, problem: str) -> None:
    _, problems = read(crafted(tmp_path / "in.xlsx", sheet))
    assert [found.file for found in problems] == ["in.xlsx:episode"]
    assert problem in problems[0].problem


def test_damaged_shared_strings_are_a_problem(tmp_path: Path) -> None:
    rows, [found] = read(crafted(tmp_path / "in.xlsx", rows_of(KEY) + "</worksheet>", strings="<si>"))
    assert (rows, found.file) == ({}, "in.xlsx")
    assert "damaged" in found.problem


def _survives(path: Path) -> None:
    try:
        source = Workbook(path)
    except InputRefused:
        return
    for item in source.read():
        if isinstance(item, Text):
            parse(item, TODAY, lambda problem: None)


ANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY
@given(st.binary(max_size=400), st.sampled_from([b"", b"PK\x03\x04", b"PK\x05\x06", OLE, b"<"]))
def test_no_bytes_make_a_traceback(tmp_path: Path, content: bytes, head: bytes) -> None:
    (tmp_path / "in.xlsx").write_bytes(head + content)
    _survives(tmp_path / "in.xlsx")


@ANY
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)), min_size=1, max_size=4)
)
def test_no_damage_to_the_file_makes_a_traceback(
    tmp_path: Path, sound: bytes, damage: list[tuple[float, bytes]]
) -> None:
    content = bytearray(sound)
    for place, more in damage:
        at = int(place * len(content))
        content[at : at + len(more)] = more
    (tmp_path / "in.xlsx").write_bytes(content)
    _survives(tmp_path / "in.xlsx")


SPITE = [
    b"<",
    b">",
    b'"',
    b"&#0;",
    b"&x;",
    b"-1",
    b"1e999",
    b"A1048577",
    b"r:id",
    b'"s"',
    b"</row>",
    b"<f/>",
    b"\xff",
    b"",
]


@ANY
@given(st.integers(0, 2**32), st.sampled_from(SPITE))
def test_no_damage_inside_the_parts_makes_a_traceback(tmp_path: Path, sound: bytes, seed: int, spite: bytes) -> None:
    chance = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(sound)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    used = [
        name for name in parts if name.startswith(("xl/workbook", "xl/worksheets", "xl/styles", "xl/_rels", "_rels"))
    ]
    name = chance.choice(used)
    at = chance.randrange(len(parts[name]))
    parts[name] = parts[name][:at] + spite + parts[name][at + chance.randrange(6) :]
    with zipfile.ZipFile(tmp_path / "in.xlsx", "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    _survives(tmp_path / "in.xlsx")


# --- Writing ----------------------------------------------------------------------------------------------------------


def _table(*rows: tuple[str, ...]) -> Iterator[TableRows]:
    yield TableRows("episode", FIELDS, iter(rows))


def test_people_find_dates_numbers_and_texts(tmp_path: Path) -> None:
    row = ("=P1", "1", "2020-02-29", "12.5", "ND", "@SUM(A1)")
    write_workbook(tmp_path / "out.xlsx", _table(row, ("P2", "1", "1900-02-28", "0.30000000000000004", "3", "")))
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["episode", "manifest"]
    sheet = book["episode"]
    assert [cell.value for cell in sheet[1]] == [field.name for field in FIELDS]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "C2"
    assert [cell.value for cell in sheet[2]] == ["=P1", 1, LEAP_DAY, 12.5, "ND", "@SUM(A1)"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "n", "s", "s"]
    assert [cell.quotePrefix for cell in sheet[2]] == [True, False, False, False, False, True]
    assert sheet["C2"].number_format == r"yyyy\-mm\-dd"
    # What a spreadsheet would show otherwise, or cut off, goes as text.
    assert [sheet["C3"].value, sheet["D3"].value] == ["1900-02-28", "0.30000000000000004"]
    assert sheet["A3"].number_format == "@"
    assert list(book["manifest"].values) == [("table", "rows"), ("episode", 2)]


def test_the_same_rows_make_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_workbook(tmp_path / name, streams(tables()))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_tables_without_rows_are_counted_but_have_no_sheet(tmp_path: Path) -> None:
    counts = write_workbook(tmp_path / "out.xlsx", streams({}))
    assert counts == dict.fromkeys(TABLES, 0)
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames == ["manifest"]


def test_what_a_sheet_cannot_hold_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = ("P1", "1", "", "", "", "🫁" * 16_384)
    with pytest.raises(InputRefused, match="32,767"):
        write_export(tmp_path / "out.xlsx", _table(long), "xlsx")
    monkeypatch.setattr(writer, "LAST_ROW", 3)
    rows = [("P1", str(number), "", "", "", "") for number in range(1, 4)]
    with pytest.raises(InputRefused, match="more rows than the 2 of a sheet"):
        write_export(tmp_path / "out.xlsx", _table(*rows), "xlsx")
    assert list(tmp_path.iterdir()) == []
    write_export(tmp_path / "out.xlsx", _table(*rows[:2]), "xlsx")


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writer, "_write_sheet", full)
    with pytest.raises(EnvironmentRefused, match="No space left"):
        write_export(tmp_path / "out.xlsx", _table(("P1", "1", "", "", "", "")), "xlsx")
    assert list(tmp_path.iterdir()) == []
