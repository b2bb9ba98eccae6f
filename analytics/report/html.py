"""The HTML of the report: everything that comes from the record is escaped here, and so shown as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True, slots=True)
class Html:
    """Text that is HTML already; every other text is escaped."""

    text: str


Content = str | Html


def html(content: Content) -> str:
    """Content as HTML; a number and its percent sign stay on one line."""
    return content.text if isinstance(content, Html) else escape(content).replace(" %", "\u00a0%")


def tag(name: str, *contents: Content, **attributes: str) -> Html:
    """An element; of an attribute's name a trailing underscore is dropped, and without a value it is left out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{written}>{''.join(map(html, contents))}</{name}>")


def join(parts: Iterable[Content]) -> Html:
    """Contents one after the other, each on a line of its own."""
    return Html("\n".join(html(part) for part in parts))


def paragraph(*contents: Content, kind: str = "") -> Html:
    """A paragraph."""
    return tag("p", *contents, class_=kind)


def bullets(items: Iterable[Content], *, ordered: bool = False, kind: str = "") -> Html:
    """A list."""
    return tag("ol" if ordered else "ul", *(tag("li", item) for item in items), class_=kind)


def beneath(text: str, small: str) -> Html:
    """A text with a smaller one on a line of its own."""
    return join([Html(html(text)), tag("span", small, class_="beneath")])


def heading(text: str, anchor: str = "") -> Html:
    """The heading of a part of a section."""
    return tag("h3", text, id=anchor)


def missing(*contents: Content) -> Html:
    """What is not there, and why."""
    return tag("p", *contents, class_="missing")


_SHORT = 16
"""Rows up to which a table is not broken over pages."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; one of numbers is aligned on the right."""

    title: str
    number: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes:
        head: what it is of.
        cells: one for each column but the first.
        kind: "group" for a row that heads those beneath, "under" for one of them.
    """

    head: Content
    cells: Sequence[Content]
    kind: str = ""


def table(
    caption: str, columns: Sequence[Column], rows: Iterable[Row], *, notes: Sequence[Content] = (), kind: str = ""
) -> Html:
    """A table whose rows and columns have headers, with its caption above and its notes beneath.

    Args:
        columns: the first one is that of the heads of the rows.
        kind: a name for the style sheet.
    """
    heads = [tag("th", column.title, scope="col", class_=_kind(column)) for column in columns]
    body = [_row(row, columns) for row in rows]
    kind = " ".join(filter(None, (kind, "short" if len(body) <= _SHORT else "")))
    head = tag("thead", tag("tr", *heads))
    made = tag("table", tag("caption", caption), head, Html("\n"), tag("tbody", join(body)), class_=kind)
    # Who has no mouse must be able to move what is wider than the screen.
    parts = [tag("div", made, class_="wide", tabindex="0", role="region", aria_label=caption)]
    return join([*parts, *(paragraph(note, kind="note") for note in notes)])


def _row(row: Row, columns: Sequence[Column]) -> Html:
    cells = [
        tag("td", cell, class_=_kind(column)) for cell, column in zip(row.cells, columns[1:], strict=bool(row.cells))
    ]
    if not cells:
        return tag("tr", tag("th", row.head, scope="colgroup", colspan=str(len(columns))), class_=row.kind)
    return tag("tr", tag("th", row.head, scope="row"), *cells, class_=row.kind)


def _kind(column: Column) -> str:
    return "" if not column.number else "number"


def figure(drawing: Html, caption: Content) -> Html:
    """A drawing with its caption."""
    return tag("figure", drawing, tag("figcaption", caption))
