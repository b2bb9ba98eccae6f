"""A folder with a CSV file for each table (or one such file): read, and written with a manifest."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from registry.errors import InputRefused
from registry.exchange.csv_lines import Ragged, file_name, read_lines
from registry.exchange.formulas import guard, unguard
from registry.exchange.headers import Header, read_header, unknown_table
from registry.exchange.tables import TableRows
from registry.fields import CellProblem
from registry.intake.rows import Problem, Text
from registry.tables import TABLES

CHUNK = 20_000
"""Rows that are read, parsed and laid down at a time."""

MANIFEST = "manifest.json"


class CsvFolder:
    """The CSV files of a folder, or one CSV file, each named after its table."""

    table_by_table = True

    def __init__(self, path: Path) -> None:
        self.name = f"{file_name(path)} (csv)"
        if path.is_dir():
            self._files = sorted(
                file for file in path.iterdir() if file.suffix.lower() == ".csv" and not file.name.startswith(".")
            )
            if not self._files:
                raise InputRefused(
                    "The folder holds no CSV file", got=path.name, remedy="Name a folder with files such as patient.csv"
                )
        else:
            self._files = [path]
        order = list(TABLES)
        self._files.sort(key=lambda file: order.index(file.stem) if file.stem in TABLES else len(order))
        self._sizes = {file: file.stat().st_size if file.is_file() else 0 for file in self._files}
        self.bytes = sum(self._sizes.values())
        self._read_before = 0
        self.done = 0.0

    def read(self) -> Iterator[Text | Problem]:
        """The rows of every file in chunks, and what is wrong with a file or a line of it."""
        self._read_before = 0
        found: dict[str, Path] = {}
        for file in self._files:
            if file.stem not in TABLES:
                others = {other.stem for other in self._files}
                yield unknown_table(file_name(file), file_name(file.with_suffix("")), others)
            elif (other := found.setdefault(file.stem, file)) is not file:
                problem = f"the table stands in {file_name(other)} already"
                yield Problem(file_name(file), None, None, None, problem, "keep one of the files", hides=file.stem)
            else:
                yield from self._read_file(file)
            self._read_before += self._sizes[file]

    def _read_file(self, file: Path) -> Iterator[Text | Problem]:
        header: Header | None = None
        chunk = _Chunk(file)
        for line in read_lines(file, self._progress):
            if isinstance(line, Problem):
                yield replace(line, hides=file.stem)
            elif isinstance(line, Ragged):
                row = _keys_of(line, header, file.stem)
                yield line.problem if row else replace(line.problem, hides=file.stem)
                if row:
                    chunk.add(line.number, row, readable=False)
            elif header is None:
                header, problems = read_header(file.stem, file_name(file), line[1])
                yield from problems
                if not header.usable:
                    return
            else:
                chunk.add(*line)
                if len(chunk.rows) >= CHUNK:
                    yield chunk.take(header)
        if header is not None and chunk.rows:
            yield chunk.take(header)

    def _progress(self, read: int) -> None:
        self.done = (self._read_before + read) / max(self.bytes, 1)


class _Chunk:
    """The rows of a file that have been read since the last chunk."""

    def __init__(self, file: Path) -> None:
        self.rows: list[list[str]] = []
        self._file = file
        self._lines: list[int] = []
        self._unreadable: list[int] = []

    def add(self, line: int, row: list[str], *, readable: bool = True) -> None:
        if not readable:
            self._unreadable.append(len(self.rows))
        self.rows.append(row)
        self._lines.append(line)

    def take(self, header: Header) -> Text:
        table = self._file.stem
        columns = {}
        for name, cells in zip(header.names, zip(*self.rows, strict=True), strict=True):
            if name is not None:
                free = TABLES[table].fields[name].is_free
                columns[name] = [unguard(cell) for cell in cells] if free else list(cells)
        text = Text(table, file_name(self._file), columns, self._lines, self._unreadable)
        self.rows, self._lines, self._unreadable = [], [], []
        return text


def _keys_of(line: Ragged, header: Header | None, table: str) -> list[str] | None:
    """A row with the key that a line of a wrong length seems to have and nothing else; None where it has none.

    What refers to the row is then not reported as well.
    """
    if header is None:
        return None
    row = [""] * len(header.names)
    for key in TABLES[table].keys:
        at = header.names.index(key)
        field = TABLES[table].fields[key]
        try:
            row[at] = field.parse(unguard(line.cells[at]) if field.is_free else line.cells[at])
        except (IndexError, CellProblem):
            return None
        row[at] = guard(row[at]) if field.is_free else row[at]
    return row


def write_folder(folder: Path, tables: Iterator[TableRows]) -> dict[str, int]:
    """Writes a CSV for each table that has rows, and the manifest; returns the number of rows of each.

    Args:
        folder: exists and is empty.
    """
    counts: dict[str, int] = {}
    for table in tables:
        fields = [*table.fields]
        with (folder / f"{table.name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([field.name for field in fields])
            guarded = [at for at, field in enumerate(fields) if field.is_free]
            count = 0
            for row in table.rows:
                cells = list(row)
                for at in guarded:
                    cells[at] = guard(cells[at])
                writer.writerow(cells)
                count += 1
        counts[table.name] = count
        if count == 0:
            (folder / f"{table.name}.csv").unlink()
    write_manifest(folder, counts)
    return counts


def write_manifest(folder: Path, counts: dict[str, int]) -> None:
    """Writes how many rows of each table an export holds."""
    text = json.dumps({"rows": counts}, indent=1) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
