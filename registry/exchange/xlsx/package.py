"""The package of an .xlsx file: opened with distrust, its sheets found, its strings and styles read."""

from __future__ import annotations

import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers import expat

from registry.errors import InputRefused
from registry.exchange.xlsx.number_formats import BUILT_IN, Shown, shown_as

LARGEST = 2 << 30
"""Bytes that a workbook may unpack to."""

SUSPICIOUS, RATIO = 200_000_000, 200
"""Above so many unpacked bytes, a workbook that shrank by more than the ratio is a bomb: cells shrink by 5 to 30."""

BLOCK = 1 << 17


class Broken(Exception):
    """The file contradicts its own format; the text says where and how."""


BREAKAGE: tuple[type[Exception], ...] = (
    Broken,
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,  # zipfile's word for a part with a password
    ValueError,
)
"""All that reading a damaged package can raise."""

Attributes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet, and the name of its part in the package."""

    name: str
    part: str


@dataclass(frozen=True, slots=True)
class Package:
    """What a workbook says about itself.

    Args:
        shown: for each cell style how it shows a number.
        from_1904: days are counted from 1904-01-01 (old Excel on the Macintosh), not from 1900.
    """

    sheets: list[Sheet]
    strings: str | None
    shown: list[Shown]
    from_1904: bool
    sizes: dict[str, int]


def open_package(path: Path) -> Package:
    """Reads what the workbook says about itself.

    Raises InputRefused for anything that is no sound .xlsx workbook, and for a zip bomb, before it is unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive, path)
            return _read_package(archive, path)
    except zipfile.BadZipFile as error:
        raise _not_a_workbook(path) from error
    except BREAKAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise InputRefused("The file cannot be read", got=error.strerror, remedy="Check its rights") from error
        raise InputRefused(
            f"The workbook is damaged: {reason(error)}",
            got=path.name,
            remedy="Open it in a spreadsheet program and save it again as .xlsx, or fetch it again",
        ) from error


def reason(error: Exception) -> str:
    """Why a package could not be read, in a few words on one line."""
    words = " ".join(str(error).split())
    return words[:200] or type(error).__name__


def _refuse_bomb(archive: zipfile.ZipFile, path: Path) -> None:
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise _locked(path)
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if size > LARGEST or (size > SUSPICIOUS and size > RATIO * packed):
        raise InputRefused(
            f"The workbook would unpack to {size / 1e6:,.0f} MB, more than a workbook of rows holds",
            got=path.name,
            remedy="Remove what is not data, split it, or send CSV files",
        )


def _not_a_workbook(path: Path) -> InputRefused:
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        # An Office file with a password is a compound file, as the .xls of Excel 97 is; a stream's name tells them.
        compound = head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        sealed = compound and any("EncryptedPackage".encode("utf-16-le") in block for block in _overlapping(file))
    if sealed:
        return _locked(path)
    if compound or head[:2] == b"\x09\x08":
        problem, remedy = "This is a workbook of the old format (.xls)", "Save it as .xlsx"
    elif head[:2] == b"PK":
        problem, remedy = "The workbook is damaged or cut off", "Fetch it again, or save it again as .xlsx"
    elif not head:
        problem, remedy = "The file is empty", "Fetch it again"
    elif head.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        problem, remedy = "This is a page (HTML or XML) with the name of a workbook", "Save it as .xlsx"
    else:
        problem, remedy = "This is no .xlsx workbook", "Save it as .xlsx, or name it .csv if it is CSV"
    return InputRefused(problem, got=path.name, remedy=remedy)


def _overlapping(file: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while block := file.read(BLOCK):
        yield before + block
        before = block[-64:]


def _locked(path: Path) -> InputRefused:
    return InputRefused(
        "The workbook is protected by a password", got=path.name, remedy="Remove the password and save it again"
    )


def _read_package(archive: zipfile.ZipFile, path: Path) -> Package:
    names = {_plain(name): name for name in archive.namelist()}
    root = _relations(archive, names, "")
    start = next((target for kind, target in root.values() if kind == "officeDocument"), "xl/workbook.xml")
    if start not in names or start.endswith(".bin") or "xl/workbook.bin" in names:
        raise _other_format(names, path)
    relations = _relations(archive, names, start)
    found: list[tuple[str, str]] = []
    from_1904 = False

    def element(name: str, attributes: Attributes) -> None:
        nonlocal from_1904
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if local(key) == "id" and ":" in key), "")
            found.append((attributes.get("name", ""), relation))
        elif name == "workbookPr":
            from_1904 = attributes.get("date1904", "0") in ("1", "true", "on")

    scan(archive, names[start], element)
    sheets = []
    for name, relation in found:
        if relation not in relations:
            raise Broken(f"the sheet {name!r} has no content")
        kind, target = relations[relation]
        if kind == "worksheet":  # a chart or a macro on a sheet of its own holds no rows
            if target not in names:
                raise Broken(f"the content of the sheet {name!r} is missing")
            sheets.append(Sheet(name.strip(), names[target]))
    by_kind = {kind: names[target] for kind, target in relations.values() if target in names}
    shown = _read_styles(archive, by_kind["styles"]) if "styles" in by_kind else []
    sizes = {part.filename: part.file_size for part in archive.infolist()}
    return Package(sheets, by_kind.get("sharedStrings"), shown, from_1904, sizes)


def _other_format(names: Mapping[str, str], path: Path) -> InputRefused:
    if any(name.endswith("workbook.bin") for name in names):
        problem = "This is a binary workbook (.xlsb)"
    elif "content.xml" in names:
        problem = "This is an OpenDocument file (.ods)"
    else:
        problem = "This is a zip file without a workbook in it"
    return InputRefused(problem, got=path.name, remedy="Save it as .xlsx")


def _plain(name: str) -> str:
    # Part names are compared without regard to case, and some programs write them with backslashes.
    return name.replace("\\", "/").lstrip("/").lower()


def _relations(archive: zipfile.ZipFile, names: Mapping[str, str], owner: str) -> dict[str, tuple[str, str]]:
    """What a part refers to: id -> (kind, name of the part)."""
    folder, base = posixpath.split(owner)
    part = posixpath.join(folder, "_rels", f"{base}.rels")
    found: dict[str, tuple[str, str]] = {}

    def element(name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = kind, _plain(posixpath.normpath(whole))

    if part in names:
        scan(archive, names[part], element)
    return found


def _read_styles(archive: zipfile.ZipFile, part: str) -> list[Shown]:
    formats = dict(BUILT_IN)
    cell_formats: list[int] = []
    section = ""

    def element(name: str, attributes: Attributes) -> None:
        nonlocal section
        if name in ("cellXfs", "cellStyleXfs", "dxfs"):
            section = name
        elif name == "numFmt" and section != "dxfs":
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "xf" and section == "cellXfs":
            cell_formats.append(int(attributes.get("numFmtId", "0")))

    scan(archive, part, element)
    kinds = {number: shown_as(formats.get(number, "General")) for number in set(cell_formats)}
    return [kinds[number] for number in cell_formats]


def read_strings(archive: zipfile.ZipFile, part: str) -> list[str]:
    """The strings that the cells of the workbook share, without their looks and their pronunciation."""
    found: list[str] = []
    text: list[str] = []
    spoken = False

    def element(name: str, attributes: Attributes) -> None:
        nonlocal spoken
        if name == "si":
            text.clear()
        elif name == "rPh":
            spoken = True
        elif name == "t" and not spoken:
            parser.CharacterDataHandler = text.append

    def end(name: str) -> None:
        nonlocal spoken
        name = local(name)
        if name == "t":
            parser.CharacterDataHandler = None
        elif name == "rPh":
            spoken = False
        elif name == "si":
            found.append(unescape("".join(text)))

    parser = create_parser()
    parser.StartElementHandler = lambda name, attributes: element(local(name), attributes)
    parser.EndElementHandler = end
    with archive.open(part) as stream:
        feed(parser, stream)
    return found


def scan(archive: zipfile.ZipFile, part: str, element: Callable[[str, Attributes], None]) -> None:
    """Calls element with the local name and the attributes of every element of a part."""
    parser = create_parser()
    parser.StartElementHandler = lambda name, attributes: element(local(name), attributes)
    with archive.open(part) as stream:
        feed(parser, stream)


def create_parser() -> expat.XMLParserType:
    """A parser that takes no document type, and with it none of the entities that it could declare."""
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def doctype(*_: object) -> None:
        raise Broken("it declares a document type")

    parser.StartDoctypeDeclHandler = doctype
    return parser


def feed(parser: expat.XMLParserType, stream: IO[bytes]) -> None:
    """Lets the parser read a whole part."""
    while block := stream.read(BLOCK):
        parser.Parse(block, False)
    parser.Parse(b"", True)


def local(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescape(text: str) -> str:
    """The text of a string part, where ``_x000D_`` stands for a character that XML cannot hold."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    # Half of a pair is no character, and no output could be encoded with it.
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)
