"""A center's own sheet, CSV or Excel: its header, and its rows as text with their numbers."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from registry.exchange.mapping.settings import Settings
from registry.exchange.workbook import XML_OF_A_BYTE
from registry.exchange.xlsx import package
from registry.exchange.xlsx.cells import Workings
from registry.exchange.xlsx.number_formats import Shown
from registry.exchange.xlsx.sheet import ISO_DATE, NUMBER, Cell, letters, merged_ranges, read_rows
from registry.fields import CellProblem, Field, FieldType
from registry.intake.rows import Problem

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
"""What is opened as a workbook; one of another format than Excel's is refused with what it is."""


@dataclass(frozen=True, slots=True)
class Garbled:
    """A cell that does not say what was meant: an error, a percentage, half a date."""

    shown: str
    problem: str
    remedy: str


Content = str | Garbled
"""The text of a cell, stripped, "" where it is blank."""

Line = tuple[int, list[Content]]


class SettingProblem(Exception):
    """The sheet is not as [source] says: the setting, and the way to mend it."""

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.key, self.problem, self.remedy = key, problem, remedy


class Lines(Protocol):
    """The rows of a sheet from the header on.

    Args:
        size: about its bytes as CSV.
        done: the share of it that has been read.
    """

    size: int
    done: float

    def read(self) -> Iterator[Line | Problem]:
        """The rows that are not blank, and the lines that cannot be read; raises SettingProblem."""
        ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet whose header has been read.

    Args:
        names: the columns in their order, "" for one without a name.
    """

    file: str
    names: list[str]
    header_line: int
    lines: Lines

    def rows(self) -> Iterator[Line | Problem]:
        """The rows below the header, each as long as it."""
        width = len(self.names)
        found = self.lines.read()
        next(found)
        for line in found:
            if isinstance(line, Problem):
                yield line
                continue
            number, cells = line
            beyond = next((at for at, cell in enumerate(cells) if at >= width and cell != ""), None)
            if beyond is not None:
                shown = cells[beyond]
                problem = f"column {letters(beyond)} has no name in the header"
                remedy = "name it, or remove what stands in it"
                yield Problem(
                    self.file, number, None, shown.shown if isinstance(shown, Garbled) else shown, problem, remedy
                )
            else:
                yield number, (cells + [""] * (width - len(cells)))[:width]


def open_sheet(path: Path, settings: Settings) -> Sheet | Problem:
    """The sheet of a file, or why it cannot be read.

    Raises SettingProblem where the mapping describes it wrongly, and InputRefused for a workbook that is none.
    """
    lines: Lines = _Workbook(path, settings) if path.suffix.lower() in WORKBOOKS else _Csv(path, settings)
    with closing(lines.read()) as found:  # type: ignore[type-var]
        header = next(found, None)
    if isinstance(header, Problem):
        return header
    if header is None or header[0] != settings.header_row:
        raise SettingProblem("header_row", f"row {settings.header_row} is blank", "write the row with the column names")
    names = [" ".join(cell.split()) if isinstance(cell, str) else "" for cell in header[1]]
    return Sheet(path.name, names, header[0], lines)


class _Csv:
    """A CSV file in the encoding and with the delimiter of the settings."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path, self._settings = path, settings
        self.size = path.stat().st_size
        self.done = 0.0

    def read(self) -> Iterator[Line | Problem]:
        encoding = {"utf-8": "utf-8-sig"}.get(self._settings.encoding, self._settings.encoding)
        with self._path.open("rb") as raw:
            wide = raw.read(4).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            if wide is not (encoding == "utf-16"):
                found = "in UTF-16" if wide else "not in UTF-16"
                raise SettingProblem("encoding", f"the file is {found}", f'write "{"utf-16" if wide else "utf-8"}"')
            raw.seek(0)
            text = io.TextIOWrapper(raw, encoding=encoding, newline="")
            reader = csv.reader(text, delimiter=self._settings.delimiter, strict=True)
            try:
                yield from self._lines(reader, raw)
            except UnicodeDecodeError:
                if reader.line_num < self._settings.header_row:
                    remedy = 'write the one that it was saved in, such as "cp1252"'
                    raise SettingProblem("encoding", f"the file is not in {self._settings.encoding}", remedy) from None
                problem = f"a line from here on is not in {self._settings.encoding}"
                remedy = 'say its encoding in the mapping, such as encoding = "cp1252"'
                yield Problem(self._path.name, reader.line_num + 1, None, None, problem, remedy)
            except csv.Error as error:
                problem, remedy = f"the line is not CSV ({error})", "check its quotation marks"
                yield Problem(self._path.name, reader.line_num, None, None, problem, remedy)

    def _lines(self, reader: Iterator[list[str]], raw: io.BufferedReader) -> Iterator[Line | Problem]:
        width = 0
        before = 0
        for cells in reader:
            # A quoted cell can hold line breaks: the line of a row is the one that it begins on.
            number, before = before + 1, reader.line_num  # type: ignore[attr-defined]
            self.done = raw.tell() / max(self.size, 1)
            if number < self._settings.header_row or not any(cell.strip() for cell in cells):
                continue
            if not width:
                width = len(cells)
                self._require_separated(cells)
            if len(cells) < width:
                problem = f"the line has {len(cells)} cells, the header {width}"
                yield Problem(self._path.name, number, None, None, problem, "fill the line up")
                continue
            yield number, [cell.strip() for cell in cells]

    def _require_separated(self, header: list[str]) -> None:
        if len(header) == 1 and (mark := next((mark for mark in ";\t|," if mark in header[0]), None)):
            shown = "\\t" if mark == "\t" else mark
            remedy = f'write delimiter = "{shown}" under [source]'
            raise SettingProblem("delimiter", "the columns are separated otherwise", remedy)


_AS: dict[FieldType, Field] = {
    kind: Field("", "", kind, "", low=-1e300, high=1e300) for kind in ("date", "number", "text")
}


class _Workbook:
    """One sheet of an Excel workbook. Raises SettingProblem where it has not the one that is asked for."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path, self._settings = path, settings
        self._package = package.open_package(path)
        self._workings = Workings(self._package.shown, self._package.from_1904)
        self._part = self._find(settings.sheet)
        self._bytes = max(self._package.sizes[self._part], 1)
        self.size = self._bytes // XML_OF_A_BYTE
        self.done = 0.0

    def _find(self, name: str | None) -> str:
        sheets = {sheet.name: sheet.part for sheet in self._package.sheets}
        listed = ", ".join(map(repr, sheets))
        if not sheets:
            raise SettingProblem("sheet", "the workbook has no sheet of cells", "save the table as a workbook")
        if name is None and len(sheets) > 1:
            raise SettingProblem("sheet", f"the workbook has the sheets {listed}", "write which of them under [source]")
        if name is not None and name.strip() not in sheets:
            raise SettingProblem("sheet", "the workbook has no such sheet", f"write one of {listed}")
        return sheets[name.strip()] if name is not None else next(iter(sheets.values()))

    def read(self) -> Iterator[Line | Problem]:
        last = self._settings.header_row
        try:
            with zipfile.ZipFile(self._path) as archive:
                strings = package.read_strings(archive, self._package.strings) if self._package.strings else []
                merged = [area for area in merged_ranges(archive, self._part) if area.bottom > last]
                for done, rows in read_rows(archive, self._part, strings):
                    self.done = done / self._bytes
                    for number, cells in rows:
                        if number < self._settings.header_row:
                            continue
                        yield number, self._contents(cells)
                        last = number
        except package.BREAKAGE as error:
            problem = f"the file is damaged here: {package.reason(error)}"
            remedy = "open it in a spreadsheet program and save it again as .xlsx"
            yield Problem(self._path.name, last + 1, None, None, problem, remedy)
            return
        for area in merged:
            problem = "merged cells: only the first of them has a value"
            remedy = "unmerge and fill each cell"
            yield Problem(self._path.name, area.top, letters(area.left), area.ref, problem, remedy)

    def _contents(self, cells: dict[int, Cell]) -> list[Content]:
        return [self._content(cells[at]) if at in cells else "" for at in range(max(cells) + 1)]

    def _content(self, cell: Cell) -> Content:
        """The text of a cell as what it shows itself to be: a date, a number or a text."""
        if isinstance(cell, str):
            return cell.strip()
        kind, style, _ = cell
        at = int(style) if style.isdecimal() else 0
        shown = self._workings.shown[at] if at < len(self._workings.shown) else Shown.NUMBER
        dated = kind == ISO_DATE or (kind == NUMBER and shown in (Shown.DATE, Shown.PART, Shown.TIME))
        field = _AS["date" if dated else "number"]
        try:
            text = self._workings.text(cell, field).strip()
        except CellProblem as problem:
            return Garbled(self._workings.display(cell) or "", problem.problem, problem.remedy)
        # Numbers are spelled as the center sees them, so that every text of the file has one decimal mark.
        return text.replace(".", self._settings.decimal) if kind == NUMBER and not dated else text
