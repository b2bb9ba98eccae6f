"""A record: each form as a table, its missing values in words, its columns explained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.components.html import Column, Content, Fact, Html, facts, join, table, tag
from dashboard.record import Form, OpenQuery
from dashboard.words import FORMS, NOTHING, cell_words, column_title, counted, percent
from registry.fields import MISSING_CODES, Field
from registry.tables import TABLES

WIDEST = 9
"""Columns up to which a form stands as a table; each row of a wider one stands for itself, without its blank cells."""


def form(shown: Form) -> Html:
    """A form with its title, how many rows it has, and how far they are answered."""
    single = len(TABLES[shown.table].keys) == 1
    count = "" if single else counted(len(shown.rows), "row") + ", "
    head = join((FORMS[shown.table], tag("span", f"{count}{percent(shown.answered)} answered", class_="quiet")))
    body = _singly(shown) if single or len(shown.fields) > WIDEST else _together(shown)
    return Html(f'<details class="form" open>{tag("summary", head).text}{body.text}</details>')


def _together(shown: Form) -> Html:
    columns = [_column(field) for field in shown.fields]
    return table(columns, ([cell(f, c) for f, c in zip(shown.fields, row, strict=True)] for row in shown.rows))


def _singly(shown: Form) -> Html:
    return join(_row(shown.fields, row) for row in shown.rows)


def _row(fields: Sequence[Field], cells: Sequence[str]) -> Html:
    named = {field.name: text for field, text in zip(fields, cells, strict=True)}
    number = named.get("record_no", "")
    items = [
        Fact(column_title(field), cell(field, text), field.sentence)
        for field, text in zip(fields, cells, strict=True)
        if text and field.name != "record_no"
    ]
    parts = [tag("div", f"No. {number}", class_="no")] if number else []
    return tag("div", join((*parts, facts(items))), class_="row")


def _column(field: Field) -> Column:
    counts = field.type in ("integer", "number") and field.name != "episode_no"
    kind = "num" if counts else "free" if field.is_free else ""
    help = field.sentence + (f" ({field.unit})" if field.unit else "")
    return Column(column_title(field), help, "head" if field.name == "record_no" else kind)


def cell(field: Field, text: str) -> Content:
    """A cell: a missing-data code with its meaning, a blank as a dash."""
    if text in MISSING_CODES:
        return tag("span", cell_words(field, text), class_="absent")
    if not text:
        return tag("span", NOTHING, class_="quiet")
    return cell_words(field, text)


def open_queries(items: Iterable[OpenQuery]) -> Html:
    """Data queries with the cells they ask about."""
    columns = [
        Column("Form", kind="head"),
        Column("No."),
        Column("Field"),
        Column("Value"),
        Column("Question", kind="free"),
        Column("State"),
        Column("Since"),
    ]
    rows: list[list[Content]] = []
    for item in items:
        field = TABLES[item.table].fields.get(item.column)
        rows.append(
            [
                FORMS[item.table],
                item.record_key or NOTHING,
                column_title(field, unit=False) if field else item.column or NOTHING,
                cell(field, item.value) if field else item.value,
                item.question,
                item.state,
                item.opened_at[:10],
            ]
        )
    return table(columns, rows)
