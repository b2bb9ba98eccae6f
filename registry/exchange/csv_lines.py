"""The lines of a CSV file with their numbers, and in plain words what keeps it from being read."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path

from registry.intake.rows import Problem

Line = tuple[int, list[str]]

EVERY = 1_000
"""Lines between two notes of progress."""


def read_lines(file: Path, progress: Callable[[int], None]) -> Iterator[Line | Problem]:
    """The lines that are not empty, the header first, all as long as the header; a problem for every other one.

    A file in a wrong encoding or with other separators gives one problem.

    Args:
        progress: is told now and then how many bytes have been read.
    """
    with file.open("rb") as raw:
        if raw.read(4).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            yield Problem(file.name, None, None, None, "the file is in UTF-16", "save it as CSV UTF-8")
            return
        raw.seek(0)
        reader = csv.reader(io.TextIOWrapper(raw, encoding="utf-8-sig", newline=""), strict=True)
        try:
            for at, line in enumerate(_lines(file.name, reader)):
                if at % EVERY == 0:
                    progress(raw.tell())
                yield line
        except UnicodeDecodeError:
            yield Problem(file.name, _first_broken(file), None, None, "the line is not UTF-8", "save it as CSV UTF-8")
        except csv.Error as error:
            problem = f"the line is not CSV ({error})"
            yield Problem(file.name, reader.line_num, None, None, problem, "check its quotation marks")


def _lines(name: str, reader: Iterator[list[str]]) -> Iterator[Line | Problem]:
    header = next(reader, None)
    if not header:
        yield Problem(name, None, None, None, "the file is empty", "write a header, or remove the file")
        return
    if len(header) == 1 and (mark := next((mark for mark in ";\t|" if mark in header[0]), None)):
        shown = "a tab" if mark == "\t" else repr(mark)
        yield Problem(name, 1, None, header[0], f"the columns are separated by {shown}", "separate them by commas")
        return
    yield 1, header
    before = reader.line_num  # type: ignore[attr-defined]
    for cells in reader:
        # A quoted cell can hold line breaks: the line of a row is the one that it begins on.
        number, before = before + 1, reader.line_num  # type: ignore[attr-defined]
        if len(cells) == len(header):
            if any(cells):
                yield number, cells
        elif any(cells):
            problem = f"the line has {len(cells)} cells, the header {len(header)}"
            yield Problem(name, number, None, None, problem, "quote a cell that holds a comma, and fill the line up")


def _first_broken(file: Path) -> int:
    with file.open("rb") as raw:
        for number, line in enumerate(raw, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return number
    return 1
