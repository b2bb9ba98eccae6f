"""A center's own spreadsheet as a source of rows, by its mapping."""

from __future__ import annotations

import datetime as dt
import difflib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.errors import InputRefused
from registry.exchange.csv_folder import CHUNK
from registry.exchange.mapping.declaration import Block, Declaration, read_declaration
from registry.exchange.mapping.derive import CellRules, SourceProblem, SourceRow, Unreadable
from registry.exchange.mapping.report import Report
from registry.exchange.mapping.spreadsheet import SettingProblem, Sheet, open_sheet
from registry.fields import MISSING_CODES
from registry.intake.rows import Problem, Text
from registry.tables import TABLES


class MappedSource:
    """The rows that a mapping makes of a spreadsheet.

    Args:
        path: the center's file, CSV or Excel.
        mapping: the mapping, TOML.

    Attributes:
        unmapped: the columns of the file that the mapping does not name, in their order.
        notes: what else a person should know of the reading.

    Raises InputRefused for a file that is none. What is wrong in the mapping comes out of ``read``, all of it at once,
    with its line in the mapping; the spreadsheet is then not read.
    """

    table_by_table = False

    def __init__(self, path: Path, mapping: Path) -> None:
        for file in (path, mapping):
            if not file.is_file():
                raise InputRefused("There is no such file", got=file.name, remedy="Check the path")
        self.name = f"{path.name} (mapping {mapping.name})"
        self.bytes = path.stat().st_size
        self.done = 0.0
        self.unmapped: list[str] = []
        self.notes: list[str] = []
        self._today = dt.date.today()
        try:
            self._declaration, report = read_declaration(mapping, self._today)
            self._sheet = self._open(path, report)
        except OSError as error:
            raise InputRefused("The file cannot be read", got=error.strerror, remedy="Check its rights") from error
        self._problems = report.problems

    def _open(self, path: Path, report: Report) -> Sheet | None:
        if self._declaration is None:
            return None
        try:
            sheet = open_sheet(path, self._declaration.settings)
        except SettingProblem as problem:
            report.add(("source", problem.key), None, str(problem), problem.remedy)
            return None
        if isinstance(sheet, Problem):
            report.problems.append(sheet)
            return None
        self.bytes = sheet.lines.size * max(1, len({block.table for block in self._declaration.blocks}))
        self._compare_columns(sheet, self._declaration, report)
        return sheet

    def _compare_columns(self, sheet: Sheet, declaration: Declaration, report: Report) -> None:
        used = {name for name, _ in declaration.uses}
        for name, path in declaration.uses:
            if name not in sheet.names:
                near = difflib.get_close_matches(name, sheet.names, n=1, cutoff=0.6)
                remedy = f"write {near[0]!r}" if near else f"write one of {', '.join(map(repr, sheet.names))}"
                report.add(path, name, f"{sheet.file} has no such column", remedy)
            elif sheet.names.count(name) > 1:
                report.add(path, name, f"{sheet.file} has several columns of this name", "rename them in the file")
        self.unmapped = [name for name in sheet.names if name and name not in used]
        self.notes = list(_left_blank(declaration))

    def read(self) -> Iterator[Text | Problem]:
        """The rows that the mapping makes, in chunks; or what is wrong with the mapping."""
        if self._problems or self._sheet is None or self._declaration is None:
            yield from sorted(self._problems, key=Problem.place)
            return
        rows = _Rows(self._sheet, self._declaration, self._today)
        for line in self._sheet.rows():
            if isinstance(line, Problem):
                yield line
                continue
            number, contents = line
            yield from rows.take(SourceRow(number, dict(zip(self._sheet.names, contents, strict=True)), {}))
            self.done = self._sheet.lines.done
        yield from rows.finish()


def _left_blank(declaration: Declaration) -> Iterator[str]:
    """What a new row of each table would lack."""
    for table in dict.fromkeys(block.table for block in declaration.blocks):
        named = set().union(*(block.names for block in declaration.blocks if block.table == table))
        fields = TABLES[table].fields.values()
        lacking = [field.name for field in fields if field.required and not field.key and field.name not in named]
        if lacking:
            yield f"{table} is mapped without {', '.join(lacking)}, so only rows that are stored already can come in"


@dataclass(slots=True)
class _Made:
    """A row of the registry, made of a row of the spreadsheet; unreadable where one of its cells was."""

    line: int
    cells: list[str]
    unreadable: bool


class _Rows:
    """Makes the registry's rows of the rows of a spreadsheet, one after the other."""

    def __init__(self, sheet: Sheet, declaration: Declaration, today: dt.date) -> None:
        self._file, self._declaration, self._today = sheet.file, declaration, today
        self._columns: dict[str, list[str]] = {}
        for block in declaration.blocks:
            names = self._columns.setdefault(block.table, list(TABLES[block.table].keys))
            names += [name for name in TABLES[block.table].fields if name in block.names and name not in names]
        self._pending: dict[str, list[_Made]] = defaultdict(list)
        self._numbers: dict[tuple[str, str], int] = defaultdict(int)
        self._by_key: dict[str, dict[tuple[str, ...], _Made]] = defaultdict(dict)
        """The rows whose whole key stands in the file: another row of it may add to them until its end."""

    def take(self, row: SourceRow) -> Iterator[Text | Problem]:
        """One row of the spreadsheet: its problems at once, its rows when there is a chunk of them."""
        told: set[Problem] = set()
        for name, rules in self._declaration.dates.items():
            row.dates[name] = self._derive(rules, row, told)
        owner = self._owner(row, told)
        for block in self._declaration.blocks:
            self._make(block, row, owner, told)
        yield from sorted(told, key=Problem.place)
        for table in list(self._pending):
            if len(self._pending[table]) >= CHUNK:
                yield self._text(table)

    def finish(self) -> Iterator[Text]:
        """What is left at the end."""
        for table in TABLES:
            if table in self._by_key:
                whole = list(self._by_key.pop(table).values())
                for at in range(0, len(whole), CHUNK):
                    self._pending[table] = whole[at : at + CHUNK]
                    yield self._text(table)
            elif self._pending.get(table):
                yield self._text(table)

    def _owner(self, row: SourceRow, told: set[Problem]) -> str | None:
        rules = self._declaration.patient_id
        if rules is None:
            return None
        owner = self._derive(rules, row, told)
        return None if owner in MISSING_CODES else owner

    def _make(self, block: Block, row: SourceRow, owner: str | None, told: set[Problem]) -> None:
        try:
            if not all(condition.holds(row) for condition in block.conditions):
                return
        except SourceProblem as problem:
            told.add(self._problem(row, problem))
            return
        keys = TABLES[block.table].keys
        if keys[0] == "patient_id" and owner is None:
            return  # whose row it is could not be read, which is told
        cells = {rules.field.name: self._derive(rules, row, told) for rules in block.rules}
        unreadable = None in cells.values()
        if any(name in cells and cells[name] is None for name in keys):
            return  # which row it is could not be read, which is told
        if owner is not None and keys[0] == "patient_id":
            cells["patient_id"] = owner
        numbered = "record_no" in keys and "record_no" not in cells
        if numbered:
            place = (block.table, cells[keys[0]] or "")
            self._numbers[place] += 1
            cells["record_no"] = str(self._numbers[place])
        made = _Made(row.line, [cells.get(name) or "" for name in self._columns[block.table]], unreadable)
        if numbered:
            self._pending[block.table].append(made)
            return
        before = self._by_key[block.table].setdefault(tuple(made.cells[: len(keys)]), made)
        if before is not made:
            self._add(made, before, block, row, told)

    def _add(self, made: _Made, before: _Made, block: Block, row: SourceRow, told: set[Problem]) -> None:
        """A file with several rows a patient says the same of the patient in each, or says it once."""
        rules = {rules.field.name: rules for rules in block.rules}
        for at, name in enumerate(self._columns[block.table]):
            cell, known = made.cells[at], before.cells[at]
            if cell and known and cell != known:
                columns = rules[name].columns
                problem = f"{block.table}.{name} is {cell} here and {known} in line {before.line}"
                remedy = "let the rows agree, or leave all but one of them blank"
                shown = row.shown(columns) if columns else cell
                told.add(Problem(self._file, row.line, ", ".join(columns) or name, shown, problem, remedy))
            before.cells[at] = known or cell
        before.unreadable = before.unreadable or made.unreadable

    def _derive(self, rules: CellRules, row: SourceRow, told: set[Problem]) -> str | None:
        """The cell; None where it could not be read, which is told."""
        try:
            return rules.derive(row, self._today)
        except SourceProblem as problem:
            told.add(self._problem(row, problem))
        except Unreadable:
            pass
        return None

    def _problem(self, row: SourceRow, problem: SourceProblem) -> Problem:
        column = ", ".join(problem.columns) or None
        return Problem(self._file, row.line, column, problem.value, problem.problem, problem.remedy)

    def _text(self, table: str) -> Text:
        pending = self._pending.pop(table)
        names = self._columns[table]
        cells = zip(*(made.cells for made in pending), strict=True)
        columns = {name: list(column) for name, column in zip(names, cells, strict=True)}
        unreadable = [at for at, made in enumerate(pending) if made.unreadable]
        return Text(table, self._file, columns, [made.line for made in pending], unreadable)
