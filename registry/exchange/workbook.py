"""A workbook with a sheet for each table: read row by row, each cell the right value or a problem at its place."""

from __future__ import annotations

import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

from registry.exchange.csv_folder import CHUNK
from registry.exchange.headers import Header, read_header, unknown_table
from registry.exchange.xlsx.cells import Workings
from registry.exchange.xlsx.package import BREAKAGE, Sheet, open_package, read_strings, reason
from registry.exchange.xlsx.sheet import LAST_ROW, Cell, Range, Row, letters, merged_ranges, read_rows
from registry.exchange.xlsx.writer import HELPERS, write_workbook
from registry.fields import CellProblem, Field
from registry.intake.rows import Problem, Text
from registry.tables import TABLES

XML_OF_A_BYTE = 5
"""About how many bytes of a workbook's XML make one byte of CSV, in which the intake counts."""

__all__ = ["Workbook", "write_workbook"]


class Workbook:
    """The sheets of a workbook, each named after its table.

    Hidden sheets, rows and columns count as any other, and a filter hides nothing: what is in the file is read.
    Raises InputRefused where the file is no sound workbook.
    """

    table_by_table = True

    def __init__(self, path: Path) -> None:
        self.name = f"{path.name} (xlsx)"
        self._path = path
        self._package = open_package(path)
        order = list(TABLES)
        self._sheets = sorted(
            (sheet for sheet in self._package.sheets if sheet.name not in HELPERS),
            key=lambda sheet: order.index(sheet.name) if sheet.name in TABLES else len(order),
        )
        self._workings = Workings(self._package.shown, self._package.from_1904)
        sizes = self._package.sizes
        self._total = sum(sizes[sheet.part] for sheet in self._sheets)
        self.bytes = (self._total + sizes.get(self._package.strings or "", 0)) // XML_OF_A_BYTE
        self._read_before = 0
        self.done = 0.0

    def read(self) -> Iterator[Text | Problem]:
        """The rows of every sheet in chunks, and what is wrong with the workbook, a sheet or a cell of it."""
        self._read_before = 0
        silent = not any(sheet.name in TABLES for sheet in self._sheets)
        try:
            with zipfile.ZipFile(self._path) as archive:
                strings = read_strings(archive, self._package.strings) if self._package.strings else []
                for sheet in self._sheets:
                    for item in self._read_sheet(archive, sheet, strings):
                        silent = False
                        yield item
                    self._read_before += self._package.sizes[sheet.part]
        except BREAKAGE as error:
            yield _damaged(self._path.name, None, error)
            return
        if silent:
            remedy = "name each sheet after its table, such as patient"
            yield Problem(self._path.name, None, None, None, "no sheet is named after a table", remedy)

    def _read_sheet(self, archive: zipfile.ZipFile, sheet: Sheet, strings: list[str]) -> Iterator[Text | Problem]:
        file = f"{self._path.name}:{sheet.name}"
        line = 0
        try:
            blocks = read_rows(archive, sheet.part, strings)
            if sheet.name not in TABLES:
                if any(rows for _, rows in blocks):  # a blank one is what the spreadsheet program put there
                    yield unknown_table(file, sheet.name)
                return
            table = _Table(sheet.name, file, self._workings, merged_ranges(archive, sheet.part))
            for done, rows in blocks:
                yield from table.take(rows)
                line = rows[-1][0]
                self.done = (self._read_before + done) / max(self._total, 1)
            yield from table.finish()
        except BREAKAGE as error:
            yield _damaged(file, line + 1, error)


def _damaged(file: str, line: int | None, error: Exception) -> Problem:
    remedy = "open it in a spreadsheet program and save it again as .xlsx"
    return Problem(file, line, None, None, f"the file is damaged here: {reason(error)}", remedy)


class _Table:
    """Takes the rows of one sheet and gives them on as chunks of text."""

    def __init__(self, table: str, file: str, workings: Workings, merged: list[Range]) -> None:
        self._table, self._file, self._workings, self._merged = table, file, workings, merged
        self._header: Header | None = None
        self._rows: list[Row] = []
        self._nameless: set[int] = set()
        self._unkeyed: list[tuple[int, int]] = []

    def take(self, rows: list[Row]) -> Iterator[Text | Problem]:
        if self._header is None and rows:
            yield from self._take_header(*rows[0])
            rows = rows[1:]
        if self._header is None or not self._header.usable:
            return
        width = len(self._header.names)
        for row in rows:
            if max(row[1]) >= width:
                yield from self._beside_the_header(row, width)
        self._rows += rows
        while len(self._rows) >= CHUNK:
            yield from self._text(self._rows[:CHUNK])
            del self._rows[:CHUNK]

    def finish(self) -> Iterator[Text | Problem]:
        if self._header is None:
            yield Problem(self._file, None, None, None, "the sheet is empty", "write a header, or remove the sheet")
        elif self._rows:
            yield from self._text(self._rows)

    def _take_header(self, line: int, cells: dict[int, Cell]) -> Iterator[Problem]:
        if line != 1:
            self._header = Header([], False)
            yield Problem(self._file, 1, None, None, "the first row is blank", "write the header into the first row")
            return
        texts = [(self._workings.display(cells[at]) or "") if at in cells else "" for at in range(max(cells) + 1)]
        self._header, problems = read_header(self._table, self._file, texts)
        yield from problems
        yield from self._merged_problems(self._header.names)

    def _merged_problems(self, names: list[str | None]) -> Iterator[Problem]:
        """One problem for each merged range; rows that lose their key to one are not reported a second time."""
        keys = [at for at, name in enumerate(names) if name in TABLES[self._table].keys]
        for merged in self._merged:
            if merged.left >= len(names):
                continue
            if covered := [key for key in keys if merged.left <= key <= merged.right]:
                # The first cell of the range keeps its value, and with it its row keeps a key of one column.
                self._unkeyed.append((merged.top + (covered == [merged.left]), merged.bottom))
            rows = f"rows {merged.top} to {merged.bottom}" if merged.bottom > merged.top else f"row {merged.top}"
            last = min(merged.right, len(names) - 1)
            columns = [name or letters(at) for at, name in enumerate(names) if merged.left <= at <= last]
            problem = f"merged cells: only the first of {rows}, {', '.join(columns)} has a value"
            remedy = "unmerge them and fill each cell"
            yield Problem(self._file, merged.top, names[merged.left], merged.ref, problem, remedy)
        self._unkeyed.sort()

    def _lost_its_key(self, line: int) -> bool:
        at = bisect_right(self._unkeyed, (line, LAST_ROW)) - 1
        return at >= 0 and line <= self._unkeyed[at][1]

    def _beside_the_header(self, row: Row, width: int) -> Iterator[Problem]:
        """Values under no header: once for each column, at the first row that has one."""
        line, cells = row
        for at in sorted(cells):
            if at >= width and at not in self._nameless:
                self._nameless.add(at)
                shown = self._workings.display(cells[at])
                problem = f"column {letters(at)} has no name in the header"
                yield Problem(self._file, line, None, shown, problem, "name it, or remove what stands in it")

    def _text(self, rows: list[Row]) -> Iterator[Text | Problem]:
        assert self._header is not None
        fields = TABLES[self._table].fields
        lines = [line for line, _ in rows]
        columns: dict[str, list[str]] = {}
        unreadable: set[int] = set()
        dropped = {at for at, line in enumerate(lines) if self._lost_its_key(line)} if self._unkeyed else set()
        for at, name in enumerate(self._header.names):
            if name is None:
                continue
            cells = [row.get(at) for _, row in rows]
            columns[name], problems = self._column(fields[name], cells)
            for place, cell, problem in problems:
                shown = self._workings.display(cell) if cell else None
                yield Problem(self._file, lines[place], name, shown, problem.problem, problem.remedy)
                unreadable.add(place)
                if fields[name].key:  # without its key a row says nothing more, and the problem is told
                    dropped.add(place)
        if dropped:
            kept = [at for at in range(len(lines)) if at not in dropped]
            columns = {name: [texts[at] for at in kept] for name, texts in columns.items()}
            lines = [lines[at] for at in kept]
            unreadable = {place for place, at in enumerate(kept) if at in unreadable}
        yield Text(self._table, self._file, columns, lines, sorted(unreadable))

    def _column(
        self, field: Field, cells: list[Cell | None]
    ) -> tuple[list[str], list[tuple[int, Cell | None, CellProblem]]]:
        """The text of each cell, "" where it has a problem, each distinct cell looked at once."""
        answers: dict[Cell | None, str] = {None: ""}
        bad: dict[Cell | None, CellProblem] = {}
        for cell in set(cells):
            if cell is not None:
                try:
                    answers[cell] = self._workings.text(cell, field)
                except CellProblem as problem:
                    answers[cell], bad[cell] = "", problem
        problems = [(at, cell, bad[cell]) for at, cell in enumerate(cells) if cell in bad] if bad else []
        return [answers[cell] for cell in cells], problems
