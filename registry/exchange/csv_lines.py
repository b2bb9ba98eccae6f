"""The lines of a CSV file with their numbers, and in plain words what keeps it from being read."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from registry.intake.rows import Problem

Line = tuple[int, list[str]]

EVERY = 1_000
"""Lines between two notes of progress."""


class Ragged(NamedTuple):
    """A line that is longer or shorter than the header: what it names may still be told from its first cells."""

    number: int
    cells: list[str]
    problem: Problem


def file_name(path: Path) -> str:
    """The name of a file as it can be shown and stored: a name that is not text has marks for what is not."""
    return path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_lines(file: Path, progress: Callable[[int], None]) -> Iterator[Line | Ragged | Problem]:
    """The lines that are not empty, the header first, all as long as the header; a problem for every other one.

    A file that cannot be read, in a wrong encoding or with other separators gives one problem. A quoted cell can hold
    line breaks: the number of a line is that of the row's first one.

    Args:
        progress: is told now and then how many bytes have been read.
    """
    name = file_name(file)
    try:
        if not file.is_file():
            yield Problem(name, None, None, None, "this is not a file", "remove it, or put the CSV file in its place")
            return
        with file.open("rb") as raw:
            head = raw.read(4)
            if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head:
                yield Problem(name, None, None, None, "the file is in UTF-16", "save it as CSV UTF-8")
                return
            raw.seek(0)
            text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
            for at, line in enumerate(_lines(name, text)):
                if at % EVERY == 0:
                    progress(raw.tell())
                yield line
    except UnicodeDecodeError:
        yield Problem(name, _first_broken(file), None, None, "the line is not UTF-8", "save the file as CSV UTF-8")
    except OSError as error:
        yield Problem(name, None, None, None, f"the file cannot be read ({error.strerror})", "check its rights")


def _lines(name: str, text: io.TextIOWrapper) -> Iterator[Line | Ragged | Problem]:
    first = next(text, None)
    if first is None:
        yield Problem(name, None, None, None, "the file is empty", "write a header, or remove the file")
        return
    if "," not in first and (mark := next((mark for mark in ";\t|" if mark in first), None)):
        shown = "a tab" if mark == "\t" else repr(mark)
        value = first.rstrip("\r\n")
        yield Problem(name, 1, None, value, f"the columns are separated by {shown}", "separate them by commas")
        return
    width, before = 0, 0
    reader = csv.reader(itertools.chain([first], text), strict=True)
    while True:
        try:
            for cells in reader:
                number, before = before + 1, reader.line_num
                if number == 1:
                    if not cells:
                        problem, remedy = "the first line is blank", "write the header into the first line"
                        yield Problem(name, 1, None, None, problem, remedy)
                        return
                    width = len(cells)
                elif not any(cells):
                    continue
                elif len(cells) != width:
                    problem = f"the line has {len(cells)} cells, the header {width}"
                    remedy = "quote a cell that holds a comma, and fill the line up"
                    yield Ragged(number, cells, Problem(name, number, None, None, problem, remedy))
                    continue
                yield number, cells
            return
        except csv.Error as error:
            number, before = before + 1, reader.line_num
            yield Problem(name, number, None, None, *_unreadable(str(error)))
            if number == 1:  # without its header nothing else can be read
                return


def _unreadable(error: str) -> tuple[str, str]:
    """What the csv module says, as a problem and its remedy."""
    if error.startswith("unexpected end"):
        return "the line is not CSV: a quotation mark is opened and never closed", "close it"
    if error.startswith("field larger"):
        longest = csv.field_size_limit()
        problem = f"the line is not CSV: a cell is longer than {longest} characters"
        return problem, "close its quotation mark, or shorten it"
    if "expected after" in error:
        problem = "the line is not CSV: a quotation mark stands within a quoted cell"
        return problem, "write it twice, or remove it"
    return f"the line is not CSV ({error})", "check its quotation marks"


def _first_broken(file: Path) -> int:
    with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        for number, line in enumerate(text, 1):
            try:
                line.encode("utf-8")
            except UnicodeEncodeError:
                return number
    return 1
