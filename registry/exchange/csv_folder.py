"""A folder with a CSV file for each table (or one such file): read, and written with a manifest."""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from registry.errors import InputRefused
from registry.exchange.formulas import guard, unguard
from registry.exchange.headers import Header, read_header, unknown_table
from registry.exchange.tables import TableRows
from registry.intake.rows import Problem, Text
from registry.tables import TABLES

CHUNK = 20_000
"""Rows that are read, parsed and laid down at a time."""

MANIFEST = "manifest.json"


class CsvFolder:
    """The CSV files of a folder, or one CSV file, each named after its table."""

    table_by_table = True

    def __init__(self, path: Path) -> None:
        self.name = f"{path.name} (csv)"
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
        self.bytes = sum(file.stat().st_size for file in self._files)
        self._read_before = 0
        self.done = 0.0

    def read(self) -> Iterator[Text | Problem]:
        """The rows of every file in chunks, and what is wrong with a file or a line of it."""
        self._read_before = 0
        for file in self._files:
            if file.stem not in TABLES:
                yield unknown_table(file.name, file.stem)
            else:
                yield from self._read_file(file)
            self._read_before += file.stat().st_size

    def _read_file(self, file: Path) -> Iterator[Text | Problem]:
        with file.open("rb") as raw:
            wide = raw.read(4).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        if wide:
            yield Problem(file.name, None, None, None, "the file is in UTF-16", "save it as CSV UTF-8")
            return
        with file.open("rb") as raw:
            reader = csv.reader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""), strict=True)
            try:
                header_cells = next(reader, None)
                if header_cells is None:
                    yield Problem(
                        file.name, None, None, None, "the file is empty", "write a header, or remove the file"
                    )
                    return
                header, problems = self._header(file, header_cells)
                yield from problems
                if header.usable:
                    yield from self._rows(file, header, reader, raw.tell)
            except UnicodeDecodeError:
                line = _first_broken_line(file)
                yield Problem(file.name, line, None, None, "the line is not UTF-8", "save the file as CSV UTF-8")
            except csv.Error as error:
                yield Problem(
                    file.name,
                    reader.line_num,
                    None,
                    None,
                    f"the line is not CSV ({error})",
                    "check its quotation marks",
                )

    def _header(self, file: Path, cells: list[str]) -> tuple[Header, list[Problem]]:
        if len(cells) == 1 and (found := next((mark for mark in ";\t|" if mark in cells[0]), None)):
            shown = "a tab" if found == "\t" else repr(found)
            problem = f"the columns are separated by {shown}"
            return Header([], False), [Problem(file.name, 1, None, cells[0], problem, "separate them by commas")]
        return read_header(file.stem, file.name, cells)

    def _rows(
        self, file: Path, header: Header, reader: Iterator[list[str]], position: Callable[[], int]
    ) -> Iterator[Text | Problem]:
        width = len(header.names)
        rows: list[list[str]] = []
        lines: list[int] = []
        before = reader.line_num  # type: ignore[attr-defined]
        for row in reader:
            line, before = before + 1, reader.line_num  # type: ignore[attr-defined]
            if not any(row):
                continue
            if len(row) != width:
                yield Problem(
                    file.name,
                    line,
                    None,
                    None,
                    f"the line has {len(row)} cells, the header {width}",
                    "quote a cell that holds a comma, and fill the line up",
                )
                continue
            rows.append(row)
            lines.append(line)
            if len(rows) == CHUNK:
                yield _text(file, header, rows, lines)
                rows, lines = [], []
                self.done = (self._read_before + position()) / max(self.bytes, 1)
        if rows:
            yield _text(file, header, rows, lines)


def _text(file: Path, header: Header, rows: list[list[str]], lines: list[int]) -> Text:
    fields = TABLES[file.stem].fields
    columns = {}
    for name, cells in zip(header.names, zip(*rows, strict=True), strict=True):
        if name is not None:
            columns[name] = [unguard(cell) for cell in cells] if fields[name].is_free else list(cells)
    return Text(file.stem, file.name, columns, lines)


def _first_broken_line(file: Path) -> int:
    with file.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1


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
