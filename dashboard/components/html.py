"""Our own HTML: everything of the record is escaped here, and so shown as it was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import streamlit as st


@dataclass(frozen=True, slots=True)
class Html:
    """Text that is HTML already; every other text is escaped."""

    text: str


Content = str | int | Html


def html(content: Content) -> str:
    """Content as HTML."""
    return content.text if isinstance(content, Html) else escape(str(content))


def tag(name: str, content: Content, **attributes: str) -> Html:
    """An element; an attribute's trailing underscore is dropped, and without a value it is left out."""
    names = {key: key.rstrip("_").replace("_", "-") for key in attributes}
    written = "".join(f' {names[key]}="{escape(value)}"' for key, value in attributes.items() if value)
    return Html(f"<{name}{written}>{html(content)}</{name}>")


def join(parts: Iterable[Content]) -> Html:
    """Contents one after the other."""
    return Html("".join(html(part) for part in parts))


def show(*parts: Content) -> None:
    """Puts content on the page."""
    st.html(f'<div class="om">{join(parts).text}</div>')


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        help: shown when somebody points at the title.
        kind: "num" for numbers, "head" for what names the row, "free" for words of a person.
    """

    title: str
    help: str = ""
    kind: str = ""


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Content]],
    *,
    caption: str = "",
    foot: Sequence[Content] = (),
    narrow: bool = False,
) -> Html:
    """A table that can be read aloud: its rows and columns have headers.

    Args:
        caption: what it shows; above the table.
        foot: a last row of sums.
        narrow: as wide as its content, not as the page.
    """
    head = join(
        tag("th", column.title, scope="col", title=column.help, class_="num" if column.kind == "num" else "")
        for column in columns
    )
    body = join(tag("tr", _row(columns, row)) for row in rows)
    parts = [tag("caption", caption)] if caption else []
    parts += [tag("thead", tag("tr", head)), tag("tbody", body)]
    if foot:
        parts.append(tag("tfoot", tag("tr", _row(columns, foot))))
    return tag("div", tag("table", join(parts), class_="narrow" if narrow else ""), class_="wide")


def _row(columns: Sequence[Column], row: Sequence[Content]) -> Html:
    return join(
        tag("th", cell, scope="row") if column.kind == "head" else tag("td", cell, class_=column.kind)
        for column, cell in zip(columns, row, strict=True)
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """A word and what it is of this registry or patient."""

    label: str
    value: Content
    help: str = ""


def facts(items: Iterable[Fact]) -> Html:
    """Facts in a row."""
    return tag(
        "dl",
        join(tag("div", join((tag("dt", f.label), tag("dd", f.value))), title=f.help) for f in items),
        class_="facts",
    )
