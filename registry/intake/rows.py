"""Rows on their way in: as text with the place that they came from, and parsed into cells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from registry.cells import Cells
from registry.fields import CellProblem, Field
from registry.tables import TABLES

Lines = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Keys = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one cell, row or file of the input, and how to mend it.

    Args:
        line: the line of the file, its header being line 1; None where the whole file is meant.
        hides: the table of which it hides rows: what refers to them cannot be judged, and is not reported as well.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    problem: str
    remedy: str
    hides: str = ""

    def place(self) -> tuple[str, int, str]:
        """For sorting as a person would read the files."""
        return self.file, self.line or 0, self.column or ""


@dataclass(frozen=True, slots=True)
class Text:
    """Some rows of one table as their source spells them.

    Args:
        columns: the text of each cell for each column that the source has; all of one length.
        lines: the line of the file for each row.
        unreadable: the positions of rows that the source has reported a problem of; they are refused as a whole.
    """

    table: str
    file: str
    columns: dict[str, list[str]]
    lines: list[int]
    unreadable: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one table as canonical cells.

    Args:
        refused: the rows of which a cell (it is blank here) or more could not be read: they are judged with the
            others, so that all that is wrong is told at once, and never written.
    """

    table: str
    file: str
    columns: dict[str, Cells]
    lines: Lines
    refused: Flags

    def __len__(self) -> int:
        return len(self.lines)

    def row_keys(self) -> Keys:
        """The key of each row."""
        return list(zip(*(self.columns[name] for name in TABLES[self.table].keys), strict=True))

    def take(self, chosen: Flags | npt.NDArray[np.intp]) -> Rows:
        """Some of the rows, by position or by a mask."""
        columns = {name: cells[chosen] for name, cells in self.columns.items()}
        return Rows(self.table, self.file, columns, self.lines[chosen], self.refused[chosen])


class Source(Protocol):
    """Something that rows can be read from.

    Its problems are those of whole files and lines (an unknown column, a broken encoding); the cells are parsed by
    the intake. ``bytes`` is about its size, from which the intake plans its memory; ``done`` the
    share of it that has been read; ``table_by_table`` whether all rows of a table come before those of the next.
    """

    name: str
    bytes: int
    done: float
    table_by_table: bool

    def read(self) -> Iterator[Text | Problem]:
        """The rows table by table, in chunks of a bounded number, and the problems where they are met.

        A large source is read twice, so reading begins anew with each call.
        """
        ...


def concatenate(parts: list[Rows]) -> Rows:
    """Chunks of one table and file as one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in first.columns}
    lines = np.concatenate([part.lines for part in parts])
    return Rows(first.table, first.file, columns, lines, np.concatenate([part.refused for part in parts]))


def parse(text: Text, today: dt.date, report: Callable[[Problem], None]) -> Rows:
    """The rows as cells. What a field cannot hold is reported, cell by cell, and its row refused."""
    fields = TABLES[text.table].fields
    count = len(text.lines)
    lines = np.array(text.lines, dtype=np.int64)
    refused = np.zeros(count, dtype=bool)
    refused[text.unreadable] = True
    columns: dict[str, Cells] = {}
    for name, raw in text.columns.items():
        cells, problems = _parse_column(fields[name], raw, today)
        columns[name] = cells
        for at, problem in problems:
            refused[at] = True
            report(Problem(text.file, int(lines[at]), name, raw[at], problem.problem, problem.remedy))
    for name in TABLES[text.table].keys:
        if name not in columns:  # a file without its key column is reported once, by its reader
            columns[name] = np.full(count, "", dtype=object)
            refused[:] = True
    return Rows(text.table, text.file, columns, lines, refused)


def _parse_column(field: Field, raw: list[str], today: dt.date) -> tuple[Cells, list[tuple[int, CellProblem]]]:
    answers: dict[str, str | CellProblem] = {}
    for text in set(raw):
        try:
            answers[text] = field.parse(text, today=today)
        except CellProblem as problem:
            answers[text] = problem
    cells = np.empty(len(raw), dtype=object)
    cells[:] = [answers[text] for text in raw]
    if all(type(answer) is str for answer in answers.values()):
        return cells, []
    problems = [(at, cell) for at, cell in enumerate(cells) if isinstance(cell, CellProblem)]
    for at, _ in problems:
        cells[at] = ""
    return cells, problems
