"""The formats of data files: name -> how it is read and how it is written."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.errors import EnvironmentRefused, InputRefused, UsageError
from registry.exchange.csv_folder import CsvFolder, write_folder
from registry.exchange.fhir import write_fhir
from registry.exchange.parquet import write_parquet
from registry.exchange.redcap import RedcapExport, write_redcap
from registry.exchange.tables import TableRows
from registry.exchange.workbook import Workbook, write_workbook
from registry.intake.rows import Source

Reader = Callable[[Path], Source]
Writer = Callable[[Path, Iterator[TableRows]], dict[str, int]]


@dataclass(frozen=True, slots=True)
class Format:
    """A format of data files.

    Args:
        read: opens a path as a source of rows; None where the format is only written.
        write: writes tables to a path (an empty folder, or a file that does not exist) and returns the row counts.
        suffix: of its file; "" for a folder.
    """

    read: Reader | None
    write: Writer | None
    suffix: str


FORMATS: dict[str, Format] = {
    "csv": Format(CsvFolder, write_folder, ""),
    "redcap": Format(RedcapExport, write_redcap, ""),
    "parquet": Format(None, write_parquet, ""),
    "fhir": Format(None, write_fhir, ""),
    "xlsx": Format(Workbook, write_workbook, ".xlsx"),
}


def open_source(path: Path, format: str | None = None) -> Source:
    """A path as a source of rows, by its named format or by what it is.

    Raises InputRefused where there is nothing to read, UsageError for a format that cannot be read.
    """
    try:
        return _reader(path, format)(path)
    except OSError as error:
        raise InputRefused("The file cannot be read", got=error.strerror, remedy="Check its name and rights") from error


def _reader(path: Path, format: str | None) -> Reader:
    if not path.exists():
        raise InputRefused("There is no such file or folder", got=path.name, remedy="Check the path")
    if format is None:
        by_suffix = {found.suffix: name for name, found in FORMATS.items() if found.suffix and found.read}
        format = "csv" if path.is_dir() else by_suffix.get(path.suffix.lower(), "csv")
        if not path.is_dir() and path.suffix.lower() not in (".csv", *by_suffix):
            raise InputRefused(
                "The kind of file is not known by its name",
                got=path.name,
                remedy="Name a folder of CSV files, a .csv or an .xlsx file, or say --format",
            )
    reader = FORMATS[format].read if format in FORMATS else None
    if reader is None:
        readable = ", ".join(name for name, found in FORMATS.items() if found.read)
        raise UsageError("This format cannot be imported", got=format, remedy=f"Use one of {readable}")
    return reader


def require_writable(path: Path, format: str) -> Format:
    """The format of a name.

    Raises UsageError where there is none or the path does not fit it, InputRefused where the path is taken.
    """
    found = FORMATS.get(format)
    if found is None or found.write is None:
        writable = ", ".join(name for name, found in FORMATS.items() if found.write)
        raise UsageError("This format cannot be exported", got=format, remedy=f"Use one of {writable}")
    if found.suffix and path.suffix.lower() != found.suffix:
        raise UsageError("The name does not fit the format", got=path.name, remedy=f"Let it end in {found.suffix}")
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        remedy = "Name a new one: nothing is overwritten"
        raise InputRefused("The target exists already", got=path.name, remedy=remedy)
    return found


def write_export(path: Path, tables: Iterator[TableRows], format: str) -> dict[str, int]:
    """Writes tables to a path that does not exist yet (or is an empty folder), all of it or nothing.

    Returns the number of rows of each table.
    """
    try:
        found = require_writable(path, format)
        assert found.write is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".export-", dir=path.parent) as scratch:
            made = Path(scratch) / path.name
            if not found.suffix:
                made.mkdir()
            counts = found.write(made, tables)
            if path.is_dir():
                path.rmdir()
            shutil.move(made, path)
    except OSError as error:
        raise EnvironmentRefused(
            "The export cannot be written", got=error.strerror, remedy="Check the space and the rights of the folder"
        ) from error
    return counts
