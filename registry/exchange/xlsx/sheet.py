"""The rows of a worksheet as a stream, and its merged ranges."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from registry.exchange.xlsx.package import BLOCK, Attributes, Broken, create_parser, local, unescape

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384

LONGEST = 1_000_000
"""Characters of one cell: some thirty times what a spreadsheet lets a person enter."""

NUMBER, BOOLEAN, ERROR, ISO_DATE, UNCALCULATED = "n", "b", "e", "d", "f"

Cell = str | tuple[str, str, str]
"""A text; or kind (one of those above), number of the style ("" = the first) and content as the file spells it."""

Row = tuple[int, dict[int, Cell]]
"""The number of a row from 1, and its cells that are not blank by column from 0."""


@dataclass(frozen=True, slots=True)
class Range:
    """A rectangle of cells, its borders included; rows from 1, columns from 0."""

    ref: str
    top: int
    left: int
    bottom: int
    right: int


def letters(column: int) -> str:
    """The letters of a column numbered from 0: A, …, Z, AA."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(65 + rest) + found
    return found


def column_number(text: str) -> int:
    """The number from 0 of a column given by its letters; raises Broken for what names none."""
    number = 0
    if not re.fullmatch("[A-Z]{1,3}", text):
        raise Broken(f"there is no column {text[:20]!r}")
    for letter in text:
        number = number * 26 + ord(letter) - 64
    if number > LAST_COLUMN:
        raise Broken(f"there is no column {text!r}")
    return number - 1


def read_rows(archive: zipfile.ZipFile, part: str, strings: list[str]) -> Iterator[tuple[int, list[Row]]]:
    """The rows that are not blank, block by block, each time with the bytes that have been read.

    Raises what is in package.BREAKAGE where the part is damaged.
    """
    reader = _Reader(strings)
    done = 0
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            if not done and (b"\0" in block[:64] or block[:2] in (b"\xff\xfe", b"\xfe\xff")):
                raise Broken("it is not in UTF-8")  # the search for merged ranges reads bytes
            done += len(block)
            reader.parser.Parse(block, False)
            if reader.rows:
                yield done, reader.rows
                reader.rows = []
        reader.parser.Parse(b"", True)


class _Reader:
    """The handlers of expat: most of an import's cells pass here, so they do little and by plain comparisons."""

    def __init__(self, strings: list[str]) -> None:
        self.rows: list[Row] = []
        self.parser = create_parser()
        self.parser.StartElementHandler = self._before_rows
        self._strings = ["" if text.isspace() else text for text in strings]
        self._prefix = ""

    def _before_rows(self, name: str, attributes: Attributes) -> None:
        if local(name) == "sheetData":
            self._prefix = name.removesuffix("sheetData")
            self._read_cells()

    def _after_rows(self, name: str, attributes: Attributes) -> None:
        if local(name) == "sheetData":
            raise Broken("it has two blocks of rows")

    def _read_cells(self) -> None:
        parser, strings, count = self.parser, self._strings, len(self._strings)
        c, v, t, f, row, spoken_text, data = (
            self._prefix + name for name in ("c", "v", "t", "f", "row", "rPh", "sheetData")
        )
        columns: dict[str, int] = {}
        number, digits = 0, "0"
        column = -1
        cells: dict[int, Cell] = {}
        cell: Attributes = {}
        text = content = formula = ""
        has_content = has_formula = spoken = False

        def start(name: str, attributes: Attributes) -> None:
            nonlocal cell, text, content, has_content, has_formula, spoken
            text = ""
            if name == c:
                cell = attributes
                content = ""
                has_content = has_formula = False
            elif name == row:
                start_row(attributes)
            elif name == spoken_text:
                spoken = True

        def start_row(attributes: Attributes) -> None:
            nonlocal number, digits, column, cells
            before = number
            number = int(attributes["r"]) if "r" in attributes else number + 1
            if not before < number <= LAST_ROW:
                raise Broken(f"row {number} follows row {before}")
            digits = str(number)
            column = -1
            cells = {}

        def take_text(more: str) -> None:
            nonlocal text
            text += more
            if len(text) > LONGEST:
                raise Broken(f"a cell of row {number} is longer than any spreadsheet permits")

        def end(name: str) -> None:
            nonlocal column, content, formula, has_content, has_formula, spoken
            if name == c:
                ref = cell.get("r")
                place = column + 1 if ref is None else columns.get(ref[: -len(digits)])
                if place is None or (ref is not None and not ref.endswith(digits)):
                    place = new_column(str(ref))
                if not column < place < LAST_COLUMN:
                    raise Broken(f"the cells of row {number} are out of order")
                column = place
                if content:
                    kind = cell.get("t", NUMBER)
                    if kind == NUMBER:
                        cells[place] = NUMBER, cell.get("s", ""), content
                    elif kind == "s":
                        at = int(content)
                        if not 0 <= at < count:
                            raise Broken(f"there is no shared text {at}")
                        if strings[at]:
                            cells[place] = strings[at]
                    else:
                        take_other(kind)
                # Excel writes the result of a formula; an empty text is <v/> with the kind of a text.
                elif has_formula and not (has_content and cell.get("t") == "str"):
                    cells[place] = UNCALCULATED, "", f"={formula}"
            elif name == v or name == t:  # noqa: SIM109 - a tuple is built for each cell
                if not spoken:
                    content += text
                    has_content = True
            elif name == row:
                if cells:
                    self.rows.append((number, cells))
            elif name == f:
                formula, has_formula = text[:100], True  # it is only ever shown
            elif name == spoken_text:
                spoken = False
            elif name == data:
                parser.StartElementHandler = self._after_rows
                parser.EndElementHandler = parser.CharacterDataHandler = None

        def new_column(ref: str) -> int:
            name = ref[: -len(digits)]
            if not ref.endswith(digits):
                raise Broken(f"cell {ref[:20]!r} stands in row {number}")
            columns[name] = column_number(name)
            return columns[name]

        def take_other(kind: str) -> None:
            if kind in (BOOLEAN, ERROR, ISO_DATE):
                cells[column] = kind, cell.get("s", ""), content
            elif kind not in ("str", "inlineStr"):
                raise Broken(f"a cell of row {number} is of the unknown kind {kind[:20]!r}")
            elif not content.isspace():
                cells[column] = unescape(content)

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = take_text


_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']""")


def merged_ranges(archive: zipfile.ZipFile, part: str) -> list[Range]:
    """The merged ranges of a sheet. They stand behind its rows, and have to be known before these are read."""
    tail = b""
    inside = False
    with archive.open(part) as stream:
        while block := stream.read(BLOCK):
            tail += block
            if not inside:
                at = tail.find(b"mergeCells")
                inside = at >= 0
                tail = tail[max(at - 32, 0) :] if inside else tail[-16:]
    found = []
    for match in _MERGED.finditer(tail):
        left, top, right, bottom = (part.decode() for part in match.groups())
        ref = f"{left}{top}:{right}{bottom}"
        found.append(Range(ref, int(top), column_number(left), int(bottom), column_number(right)))
    return found
