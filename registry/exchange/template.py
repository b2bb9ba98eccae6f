"""Templates to fill in: a workbook that offers the codes and says what each column means, or a folder of CSV files."""

from __future__ import annotations

import csv
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from registry.errors import EnvironmentRefused, InputRefused
from registry.exchange.xlsx.cells import number_text
from registry.exchange.xlsx.sheet import LAST_ROW
from registry.exchange.xlsx.writer import column_width
from registry.fields import EARLIEST, Absent, Field
from registry.tables import TABLES

_REQUIRED = Font("Calibri", 11, bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F4E79")
_OPTIONAL = Font("Calibri", 11), PatternFill("solid", fgColor="DDE6EE")
_WRAPPED = Alignment(wrap_text=True, vertical="top")

_LINE = 15.5
"""The height of a line of text in points; not every program fits the rows to their text."""

_LONGEST_PROMPT = 255

HOW_TO = (
    "One sheet for each table; a sheet that is not needed can stay empty. The names of sheets and columns stay as they "
    "are; the columns may stand in any order, and those that are not needed may go.",
    "A column with white bold letters on dark blue is required: it has a value or a missing-data code in each row.",
    "A row is known by its key: the patient_id (or center_id), and the record_no where the table has one, which "
    "numbers the rows of a patient (or center). A row that is imported again changes nothing; a changed one updates.",
    "Dates are true dates or YYYY-MM-DD. Several codes are joined by a semicolon (;). A choice list warns of what it "
    "does not hold, but lets it pass; the import has the last word.",
    "Any cell but a key may hold, in place of a value: "
    + "; ".join(f"{code.value} = {code.sentence}" for code in Absent)
    + ". A blank cell says nothing, and leaves what is stored; <clear> empties it.",
)


def write_template(path: Path) -> None:
    """Writes an empty workbook (where the path ends in .xlsx) or an empty folder of CSV files with their headers.

    Raises InputRefused where there is something already, EnvironmentRefused where it cannot be written.
    """
    if path.exists() and not (path.is_dir() and not any(path.iterdir()) and path.suffix.lower() != ".xlsx"):
        raise InputRefused("The target exists already", got=path.name, remedy="Name a new one: nothing is overwritten")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".xlsx":
            _workbook().save(path)
        else:
            _write_folder(path)
    except OSError as error:
        remedy = "Check the space and the rights of the folder"
        raise EnvironmentRefused("The template cannot be written", got=error.strerror, remedy=remedy) from error


def _write_folder(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(table.fields)


def _workbook() -> Workbook:
    book = Workbook()
    _fill_help(book.active)
    lists = _Lists(book.create_sheet("codes"))
    for name, table in TABLES.items():
        sheet = book.create_sheet(name, index=len(book.sheetnames) - 1)
        sheet.freeze_panes = f"{get_column_letter(len(table.keys) + 1)}2"
        for at, field in enumerate(table.fields.values(), 1):
            _add_column(sheet, at, field, lists)
    return book


def _fill_help(sheet: Worksheet) -> None:
    sheet.title = "help"
    for line, sentence in enumerate(HOW_TO, 1):
        sheet.cell(line, 1, sentence).alignment = _WRAPPED
        sheet.merge_cells(start_row=line, end_row=line, start_column=1, end_column=len(_HELP_COLUMNS))
        sheet.row_dimensions[line].height = _LINE * (1 + len(sentence) // 150)
    first = len(HOW_TO) + 2
    for at, (name, width) in enumerate(_HELP_COLUMNS.items(), 1):
        cell = sheet.cell(first, at, name)
        cell.font, cell.fill = _REQUIRED
        sheet.column_dimensions[get_column_letter(at)].width = width
    fields = [field for table in TABLES.values() for field in table.fields.values()]
    for line, field in enumerate(fields, first + 1):
        texts = _help(field)
        for at, text in enumerate(texts, 1):
            if text:
                cell = sheet.cell(line, at, text)
                cell.data_type, cell.alignment = "s", _WRAPPED
        lines = (len(text) // (width - 4) for text, width in zip(texts, _HELP_COLUMNS.values(), strict=True))
        sheet.row_dimensions[line].height = _LINE * (1 + max(lines))
    sheet.auto_filter.ref = f"A{first}:{get_column_letter(len(_HELP_COLUMNS))}{first + len(fields)}"


_HELP_COLUMNS = {"table": 18, "column": 30, "required": 12, "type": 10, "unit": 10, "codes": 44, "meaning": 60}
"""The columns of the list of fields, and their width in characters."""


def _help(field: Field) -> tuple[str, ...]:
    required = "key" if field.key else "yes" if field.required else "no"
    values = ", ".join(field.codes) or ("yes, no" if field.type == "boolean" else "")
    if not values and field.low is not None and field.high is not None:
        values = f"{number_text(field.low)} to {number_text(field.high)}"
    if field.refers_to:
        values = f"a key of the sheet {field.refers_to}"
    return field.table, field.name, required, field.type, field.unit, values, _meaning(field)


def _meaning(field: Field) -> str:
    if field.only_where is None:
        return field.sentence
    column, codes = field.only_where
    return f"{field.sentence} (only where {column} is {' or '.join(codes)})"


class _Lists:
    """The lists of choices, each once, on a hidden sheet: a list within a rule holds 255 characters only."""

    def __init__(self, sheet: Worksheet) -> None:
        self._sheet = sheet
        self._sheet.sheet_state = "hidden"
        self._found: dict[tuple[str, ...], str] = {}

    def range_of(self, choices: tuple[str, ...], name: str) -> str:
        """The cells that hold the choices; the first column to need a list names it."""
        if choices not in self._found:
            at = len(self._found) + 1
            for line, text in enumerate((name, *choices), 1):
                cell = self._sheet.cell(line, at, text)
                cell.data_type, cell.number_format = "s", "@"
            letter = get_column_letter(at)
            self._found[choices] = f"{self._sheet.title}!${letter}$2:${letter}${len(choices) + 1}"
        return self._found[choices]


def _add_column(sheet: Worksheet, at: int, field: Field, lists: _Lists) -> None:
    header = sheet.cell(1, at, field.name)
    header.font, header.fill = _REQUIRED if field.required else _OPTIONAL
    letter = get_column_letter(at)
    column = sheet.column_dimensions[letter]
    column.width = column_width(field)
    column.number_format = {"date": "yyyy\\-mm\\-dd", "integer": "General", "number": "General"}.get(field.type, "@")
    rule = _rule(field, lists)
    rule.showInputMessage = True
    rule.promptTitle = field.name[:32]
    rule.prompt = _prompt(field)
    rule.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _rule(field: Field, lists: _Lists) -> DataValidation:
    """What a spreadsheet says to an entry. It warns and does not forbid: a missing-data code is no date or number,
    several codes are not in the list of single ones, and what is right is decided at the import.
    """
    choices = ("yes", "no") if field.type == "boolean" else field.codes
    if choices:
        missing = () if field.key else tuple(code.value for code in Absent)
        rule = DataValidation(type="list", formula1=lists.range_of((*choices, *missing), f"{field.table}.{field.name}"))
    elif field.type == "date":
        rule = DataValidation(
            type="date",
            operator="between",
            formula1=f"DATE({EARLIEST.year},{EARLIEST.month},{EARLIEST.day})",
            formula2="TODAY()",
        )
    elif field.low is not None and field.high is not None:
        kind = "whole" if field.type == "integer" else "decimal"
        low, high = number_text(field.low), number_text(field.high)
        rule = DataValidation(type=kind, operator="between", formula1=low, formula2=high)
    else:
        return DataValidation(type=None, allow_blank=True)
    rule.allow_blank = True
    rule.showErrorMessage = True
    rule.errorStyle = "warning"
    rule.errorTitle = field.name[:32]
    rule.error = _shortened(f"Expected {field.form}" + ("" if field.key else ", or a missing-data code") + ".", 225)
    return rule


def _prompt(field: Field) -> str:
    parts = ["Key." if field.key else "Required." if field.required else "", f"{_meaning(field)}."]
    if not field.codes and field.type != "text":
        parts.append(f"{field.form[:1].upper()}{field.form[1:]}.")
    elif field.type == "codes":
        parts.append("Several codes are joined by ';'.")
    return _shortened(" ".join(part for part in parts if part), _LONGEST_PROMPT)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rpartition(" ")[0] + "…"
