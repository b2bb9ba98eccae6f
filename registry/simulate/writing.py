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
from registry.tables import TABLES

_UNDATED = 10**9


class Writer(Protocol):
    """What csv.writer returns."""

    def writerow(self, row: Iterable[Any], /) -> Any: ...

    def writerows(self, rows: Iterable[Iterable[Any]], /) -> None: ...


@cache
def _iso(day: int) -> str:
    return dt.date.fromordinal(day).isoformat()


class DataFiles:
    """The files of a data folder; each is begun with its first row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._writers: dict[str, Writer] = {}
        self._places = {name: {column: n for n, column in enumerate(table.fields)} for name, table in TABLES.items()}
        self._dates = {
            name: {column for column, field in table.fields.items() if field.type == "date"}
            for name, table in TABLES.items()
        }

    def __enter__(self) -> DataFiles:
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Appends rows of a table."""
        places, dates = self._places[table], self._dates[table]
        blank, lines = [""] * len(places), []
        for row in rows:
            line = blank.copy()
            for column, value in row.items():
                # The canonical cell, as Field.cell writes it, spelled out for the four kinds of value: this is the
                # innermost loop.
                if type(value) is str:
                    line[places[column]] = value
                elif type(value) is int:
                    line[places[column]] = _iso(value) if column in dates else str(value)
                elif type(value) is bool:
                    line[places[column]] = "yes" if value else "no"
                else:
                    line[places[column]] = str(int(value)) if value == int(value) else repr(value)
            lines.append(line)
        if lines:
            self._writer(table).writerows(lines)

    def write_numbered(self, table: str, rows: list[Row], patient_id: str) -> None:
        """Appends a patient's rows of a repeating table in the order of their dates, numbered from 1."""
        dated = TABLES[table].dated_by
        if dated is not None:
            rows = sorted(rows, key=lambda row: day if isinstance(day := row.get(dated), int) else _UNDATED)
        for number, row in enumerate(rows, start=1):
            row["patient_id"], row["record_no"] = patient_id, number
        self.write(table, rows)

    def _writer(self, table: str) -> Writer:
        if table not in self._writers:
            self._writers[table] = open_csv(self._stack, self._folder / f"{table}.csv", list(TABLES[table].fields))
        return self._writers[table]


def open_csv(stack: ExitStack, path: Path, header: Sequence[str]) -> Writer:
    """A writer of a new CSV file, which the stack closes."""
    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    return writer
