"""REDCap's flat CSV export, read and written: one wide file of all patients, laid out as in redcap_project.py.

A line without a repeating instrument holds the forms that a patient has once; every other line is one instance of one
form. Centers and screening entries belong to no patient and therefore to no record: a folder has them beside
``records.csv`` as in the plain CSV format.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from registry.errors import InputRefused
from registry.exchange.csv_folder import CHUNK, CsvFolder, write_folder, write_manifest
from registry.exchange.csv_lines import Ragged, read_lines
from registry.exchange.formulas import guard, unguard
from registry.exchange.headers import unknown_table
from registry.exchange.redcap_header import Header, Source, read_header
from registry.exchange.redcap_project import (
    INSTANCE,
    INSTRUMENT,
    RECORD_ID,
    YES_NO,
    checkbox,
    complete,
    repeats,
    variable,
)
from registry.exchange.tables import TableRows
from registry.fields import MISSING_CODES, Absent, Field
from registry.intake.rows import Problem, Text
from registry.tables import PATIENT_TABLES, TABLES

RECORDS = "records.csv"

FILED = ("1", "2")
"""The states (unverified, complete) of a form that somebody has filed, even with nothing on it."""

_BOOLEANS = {digit: word for word, digit in YES_NO.items()}


class RedcapExport:
    """A CSV export of a REDCap project, or a folder with it (``records.csv``) and the CSV files of the centers."""

    table_by_table = False

    def __init__(self, path: Path) -> None:
        self.name = f"{path.name} (redcap)"
        self._plain: list[Path] = []
        self._unknown: list[Path] = []
        self._records: Path | None = path
        if path.is_dir():
            files = sorted(path.glob("*.csv"))
            self._records = next((file for file in files if file.name == RECORDS), None)
            self._plain = [file for file in files if file.stem in TABLES and file.stem not in PATIENT_TABLES]
            self._unknown = [file for file in files if file != self._records and file not in self._plain]
            if not files:
                remedy = f"Name an export of REDCap, or a folder with {RECORDS}"
                raise InputRefused("The folder holds no CSV file", got=path.name, remedy=remedy)
        self.bytes = sum(file.stat().st_size for file in (*self._plain, self._records) if file)
        self.done = 0.0

    def read(self) -> Iterator[Text | Problem]:
        """The rows of every table in chunks, and what is wrong with a file or a line of it."""
        for file in self._unknown:
            yield unknown_table(file.name, file.stem)
        for file in self._plain:
            yield from CsvFolder(file).read()
        if self._records:
            yield from self._read_records(self._records)

    def _read_records(self, file: Path) -> Iterator[Text | Problem]:
        header: Header | None = None
        collected = _Collected(file.name)
        for line in read_lines(file, self._progress):
            if isinstance(line, Problem | Ragged):
                yield line if isinstance(line, Problem) else line.problem
                continue
            number, cells = line
            if header is None:
                header, problems = read_header(file.name, cells)
                yield from problems
                if not header.usable:
                    return
                continue
            yield from collected.add(header, number, cells)
            if collected.count >= CHUNK:
                yield from collected.take()
        yield from collected.take()

    def _progress(self, read: int) -> None:
        self.done = read / max(self.bytes, 1)


class _Collected:
    """The rows of each form that have been read since the last chunk."""

    def __init__(self, file: str) -> None:
        self.count = 0
        self._file = file
        self._rows: dict[str, list[list[str]]] = {form: [] for form in PATIENT_TABLES}
        self._lines: dict[str, list[int]] = {form: [] for form in PATIENT_TABLES}
        self._names: dict[str, list[str]] = {}

    def add(self, header: Header, line: int, cells: list[str]) -> Iterator[Problem]:
        """Takes a line apart into the rows of its forms."""
        instrument = header.cell(cells, INSTRUMENT)
        if instrument and not (instrument in PATIENT_TABLES and repeats(instrument)):
            forms = ", ".join(form for form in PATIENT_TABLES if repeats(form))
            problem = "there is no such repeating instrument"
            yield Problem(self._file, line, INSTRUMENT, instrument, problem, f"write one of {forms}")
            return
        expected = [instrument] if instrument else [form for form in PATIENT_TABLES if not repeats(form)]
        filled = {form for at, form in header.form_of.items() if cells[at] not in header.blank[at]}
        for form in sorted(filled.difference(expected)):
            remedy = f"move them to a line whose {INSTRUMENT} is {form if repeats(form) else 'blank'}"
            yield Problem(self._file, line, INSTRUMENT, instrument, f"the line holds values of the form {form}", remedy)
        for form in expected:
            if instrument or form in filled or header.cell(cells, complete(form)) in FILED:
                yield from self._add_row(header, form, line, cells)

    def _add_row(self, header: Header, form: str, line: int, cells: list[str]) -> Iterator[Problem]:
        row = [unguard(header.cell(cells, RECORD_ID))]
        if repeats(form):
            row.append(header.cell(cells, INSTANCE))
        for source in header.sources[form]:
            cell = _cell(source, cells)
            if cell is None:
                text = ", ".join(code for code, at in source.codes.items() if cells[at] not in ("", "0"))
                problem = "the boxes contradict each other, or hold something else than 0 and 1"
                remedy = "tick codes, or one missing-data code"
                yield Problem(self._file, line, source.field.name, text, problem, remedy)
            row.append(cell or "")
        names = [source.field.name for source in header.sources[form]]
        self._names.setdefault(form, [*TABLES[form].keys, *names])
        self._rows[form].append(row)
        self._lines[form].append(line)
        self.count += 1

    def take(self) -> Iterator[Text]:
        """What was collected, which is forgotten."""
        self.count = 0
        for form, rows in self._rows.items():
            if rows:
                columns = zip(self._names[form], zip(*rows, strict=True), strict=True)
                yield Text(form, self._file, {name: list(cells) for name, cells in columns}, self._lines[form])
                self._rows[form], self._lines[form] = [], []


def _cell(source: Source, cells: list[str]) -> str | None:
    """What a line holds for a field, as a data file spells it; None where its boxes cannot be read."""
    if source.codes:
        ticked = [code for code, at in source.codes.items() if cells[at] == "1"]
        odd = any(cells[at] not in ("", "0", "1") for at in source.codes.values())
        mixed = len(ticked) > 1 and any(code in MISSING_CODES for code in ticked)
        return None if odd or mixed else ";".join(ticked)
    cell = cells[source.at]
    if source.field.type == "boolean":
        return _BOOLEANS.get(cell, cell)
    return unguard(cell) if source.field.is_free else cell


def write_redcap(folder: Path, tables: Iterator[TableRows]) -> dict[str, int]:
    """Writes the records, the files of the centers, and the manifest; returns the number of rows of each table.

    Args:
        folder: exists and is empty.
    """
    # The header of the one file names the fields of all tables, so that all are opened before the first is read.
    opened = {table.name: table for table in tables}
    counts: dict[str, int] = {}
    for name, table in opened.items():
        if name not in PATIENT_TABLES:
            counts |= write_folder(folder, iter((table,)))
    forms = {name: table for name, table in opened.items() if name in PATIENT_TABLES}
    with (folder / RECORDS).open("w", encoding="utf-8", newline="") as file:
        layout = _Layout(forms)
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(layout.header)
        counts |= dict.fromkeys(forms, 0)
        for once in _joined(forms["patient"], forms["primary_tumor"]):
            writer.writerow(layout.line(once))
            for form in once:
                counts[form] += 1
        for form, table in forms.items():
            if repeats(form):
                for row in table.rows:
                    writer.writerow(layout.line({form: row}))
                    counts[form] += 1
    counts = {name: counts[name] for name in opened}
    write_manifest(folder, counts)
    return counts


def _joined(patients: TableRows, primaries: TableRows) -> Iterator[dict[str, Sequence[str]]]:
    """The rows of the two tables that a patient has once, patient by patient; both are in the same order."""
    primary = next(primaries.rows, None)
    for patient in patients.rows:
        if primary is not None and primary[0] == patient[0]:
            yield {"patient": patient, "primary_tumor": primary}
            primary = next(primaries.rows, None)
        else:
            yield {"patient": patient}
    if primary is not None:
        raise ValueError("primary_tumor has rows without a patient, or in another order than patient")


class _Layout:
    """Which column of the wide file holds what."""

    def __init__(self, forms: dict[str, TableRows]) -> None:
        self.header = [RECORD_ID, INSTRUMENT, INSTANCE]
        self._fields: dict[str, list[Field]] = {form: table.fields for form, table in forms.items()}
        self._start: dict[str, int] = {}
        for form, fields in self._fields.items():
            self._start[form] = len(self.header)
            for field in fields:
                self.header += _names(field)
            self.header.append(complete(form))

    def line(self, rows: dict[str, Sequence[str]]) -> list[str]:
        """One line of the file: the rows of the forms that a patient has once, or one row of another form."""
        line = [""] * len(self.header)
        for form, row in rows.items():
            at = self._start[form]
            for field, cell in zip(self._fields[form], row, strict=True):
                if field.name == "patient_id":
                    line[0] = guard(cell)
                elif field.key:
                    line[1:3] = form, cell
                else:
                    cells = _cells(field, cell)
                    line[at : at + len(cells)] = cells
                    at += len(cells)
            line[at] = FILED[-1]
        return line


def _names(field: Field) -> list[str]:
    if field.key:
        return []
    return [checkbox(field, code) for code in (*field.codes, *Absent)] if field.type == "codes" else [variable(field)]


def _cells(field: Field, cell: str) -> list[str]:
    if field.type == "codes":
        ticked = cell.split(";")
        return ["" if not cell else "1" if code in ticked else "0" for code in (*field.codes, *Absent)]
    if field.type == "boolean":
        return [YES_NO.get(cell, cell)]
    return [guard(cell) if field.is_free else cell]
