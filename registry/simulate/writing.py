"""Rows into the data files, one patient after the other: what is written is not kept."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from registry.simulate.story import Row
from registry.tables import TABLES, Record

_UNDATED = 10**9
_LINES_AT_ONCE = 500


class Writer(Protocol):
    """What csv.writer returns."""

    def writerow(self, row: Iterable[Any], /) -> Any: ...

    def writerows(self, rows: Iterable[Iterable[Any]], /) -> None: ...


@cache
def _iso(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()


class _File:
    """The file of one table: begun with its first row, written some hundred lines at a time."""

    def __init__(self, path: Path, table: type[Record]) -> None:
        self._path, self._header = path, list(table.fields)
        self._places = {column: place for place, column in enumerate(table.fields)}
        self._dates = frozenset(column for column, field in table.fields.items() if field.type == "date")
        self._blank = [""] * len(table.fields)
        self._lines: list[list[str]] = []
        self._writer: Writer | None = None
        self.dated = table.dated_by

    def append(self, row: Row) -> list[str]:
        """The line of a row, which may still be changed."""
        line, places = self._blank.copy(), self._places
        for column, value in row.items():
            # The canonical cell, as Field.cell writes it, spelled out for the four kinds of value: this is the
            # innermost loop.
            if type(value) is str:
                line[places[column]] = value
            elif type(value) is int:
                line[places[column]] = _iso(value) if column in self._dates else str(value)
            elif type(value) is bool:
                line[places[column]] = "yes" if value else "no"
            else:
                line[places[column]] = str(int(value)) if value == int(value) else repr(value)
        self._lines.append(line)
        return line

    def flush(self, stack: ExitStack, *, least: int = 1) -> None:
        """Writes the lines, if there are so many."""
        if len(self._lines) >= least:
            if self._writer is None:
                self._writer = open_csv(stack, self._path, self._header)
            self._writer.writerows(self._lines)
            self._lines.clear()


class DataFiles:
    """The files of a data folder."""

    def __init__(self, folder: Path) -> None:
        self._stack = ExitStack()
        self._files = {name: _File(folder / f"{name}.csv", table) for name, table in TABLES.items()}

    def __enter__(self) -> DataFiles:
        return self

    def __exit__(self, *exception: object) -> None:
        with self._stack:
            for file in self._files.values():
                file.flush(self._stack)

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Appends rows of a table as they are."""
        file = self._files[table]
        for row in rows:
            file.append(row)
        file.flush(self._stack, least=_LINES_AT_ONCE)

    def write_numbered(self, table: str, rows: list[Row], patient_id: str) -> None:
        """Appends a patient's rows of a repeating table in the order of their dates, numbered from 1."""
        file = self._files[table]
        dated = file.dated
        if dated is not None and len(rows) > 1:
            rows = sorted(rows, key=lambda row: day if isinstance(day := row.get(dated), int) else _UNDATED)
        for number, row in enumerate(rows, start=1):
            line = file.append(row)
            line[0], line[1] = patient_id, str(number)
        file.flush(self._stack, least=_LINES_AT_ONCE)


def open_csv(stack: ExitStack, path: Path, header: Sequence[str]) -> Writer:
    """A writer of a new CSV file, which the stack closes."""
    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    return writer
