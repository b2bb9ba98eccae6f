"""A Word document with one table: the three files that the format asks for at least, in an archive.

Office Open XML, ECMA-376. The same table gives the same bytes: the archive has no times of its own.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

_CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>'
)
_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)

_LONG, _SHORT, _MARGIN = 16838, 11906, 1134
"""A4 and its margins in twentieths of a point."""

_FIRST_COLUMN = 0.34
_EARLIEST = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Cell:
    """The text of a cell."""

    text: str
    bold: bool = False
    indented: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of cells, as many in each; the first row is the header and is repeated on every page."""

    rows: Sequence[Sequence[Cell]]


def document(title: str, table: Table, notes: Iterable[str], *, wide: bool = False) -> bytes:
    """A document with a title, a table with the rules of a journal, and notes under it.

    Args:
        wide: on a page that lies on its side.
    """
    width, height = (_LONG, _SHORT) if wide else (_SHORT, _LONG)
    side = ' w:orient="landscape"' if wide else ""
    body = [
        _paragraph(title, size=24, bold=True),
        _table(table, width - 2 * _MARGIN),
        *(_paragraph(note, size=16) for note in notes),
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}"{side}/><w:pgMar w:top="{_MARGIN}" w:right="{_MARGIN}" '
        f'w:bottom="{_MARGIN}" w:left="{_MARGIN}" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>',
    ]
    text = f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{"".join(body)}</w:body></w:document>'
    files = {"[Content_Types].xml": _CONTENT_TYPES, "_rels/.rels": _RELATIONS, "word/document.xml": text}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in files.items():
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 0
            archive.writestr(info, part.encode())
    return content.getvalue()


def _table(table: Table, width: int) -> str:
    columns = len(table.rows[0])
    first = int(width * _FIRST_COLUMN)
    widths = [first, *[(width - first) // max(columns - 1, 1)] * (columns - 1)]
    grid = "".join(f'<w:gridCol w:w="{one}"/>' for one in widths)
    rows = "".join(_row(row, widths, header=at == 0) for at, row in enumerate(table.rows))
    rules = "".join(f'<w:{side} w:val="single" w:sz="8" w:space="0" w:color="auto"/>' for side in ("top", "bottom"))
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{rules}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _row(row: Sequence[Cell], widths: Sequence[int], *, header: bool) -> str:
    rule = '<w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="auto"/></w:tcBorders>' if header else ""
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{rule}</w:tcPr>'
        f"{_paragraph(cell.text, size=18, bold=cell.bold, indent=200 if cell.indented else 0, right=at > 0)}</w:tc>"
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    repeated = "<w:tblHeader/>" if header else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{cells}</w:tr>"


def _paragraph(text: str, *, size: int, bold: bool = False, indent: int = 0, right: bool = False) -> str:
    """A paragraph; the size is in half points, the indent in twentieths of a point."""
    style = '<w:spacing w:before="20" w:after="20"/>'
    style += f'<w:ind w:left="{indent}"/>' if indent else ""
    style += '<w:jc w:val="right"/>' if right else ""
    letters = '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/>' + ("<w:b/>" if bold else "")
    letters += f'<w:sz w:val="{size}"/>'
    return (
        f"<w:p><w:pPr>{style}</w:pPr><w:r><w:rPr>{letters}</w:rPr>"
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
    )
