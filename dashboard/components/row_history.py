"""The history of each value of a row: who, when, why, from what to what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import streamlit as st

from dashboard.components.html import Column, Content, show, table, tag
from dashboard.components.paging import part, steps
from dashboard.components.record import cell
from dashboard.words import column_title, moment_words
from registry.audit import Entry
from registry.drafts import Place
from registry.tables import TABLES

SHOWN = 12
_ALL = ""


def of_row(history: Sequence[Entry], place: Place) -> list[Entry]:
    """The entries of the trail about one row, in the order of the history."""
    return [entry for entry in history if (entry.table, entry.record_key) == (place.table, place.record_key)]


def row_history(history: Sequence[Entry], place: Place) -> None:
    """Every value that a row has had, the latest first; of one field, where one is chosen."""
    entries = of_row(history, place)
    if not entries:
        return
    with st.expander("History of this row"):
        fields = TABLES[place.table].fields
        held = {column for entry in entries for column, _, _ in entry.cells() if column in fields}
        titles = {_ALL: "all fields"} | {name: column_title(fields[name]) for name in fields if name in held}
        name = f"history|{place.owner}|{place.table}|{place.record_key}"
        chosen = st.selectbox("Field", list(titles), format_func=titles.__getitem__, key=name, width=320)
        lines = list(_lines(entries, chosen or _ALL))
        columns = [Column("Field", kind="head"), Column("Before", kind="free"), Column("After", kind="free")]
        columns += [Column("When (UTC)"), Column("Who", kind="free"), Column("Why", kind="free")]
        show(table(columns, part(lines, name, SHOWN)))
        steps(name, len(lines), SHOWN, what="changes")


def _lines(entries: Sequence[Entry], chosen: str) -> Iterator[list[Content]]:
    for entry in entries:
        fields = TABLES[entry.table].fields
        for column, before, after in entry.cells():
            field = fields.get(column)
            if field is None or field.key or chosen not in (_ALL, column):
                continue
            gone: Content = tag("span", "deleted", class_="absent") if entry.action == "delete" else cell(field, after)
            yield [
                column_title(field, unit=False),
                cell(field, before),
                gone,
                moment_words(entry.written_at),
                entry.written_by,
                entry.reason,
            ]
