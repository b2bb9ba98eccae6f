"""The audit trail on a page: revisions, and the changes of one record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.lookup import RevisionLine
from dashboard.words import FORMS, NOTHING, counted, moment_words, number
from registry.audit import Entry

_ACTIONS = {"insert": "entered", "update": "changed", "delete": "removed"}
_OTHER = {"data_query": "Data query", "data_query_message": "Message of a data query", "sign_off": "Sign-off"}


def revisions(lines: Iterable[RevisionLine]) -> Html:
    """Revisions with who, why, from where and how much."""
    columns = [
        Column("No.", kind="head"),
        Column("When (UTC)"),
        Column("Who", kind="free"),
        Column("Why", kind="free"),
        Column("From", kind="free"),
        Column("Rows", kind="num"),
    ]
    rows = (
        (line.number, moment_words(line.written_at), line.written_by, line.reason, line.source, number(line.changes))
        for line in lines
    )
    return table(columns, rows)


def changes(entries: Sequence[Entry]) -> Html:
    """Changed rows with who, when, why, and of a change what was before and after."""
    columns = [
        Column("No.", "number of the revision", kind="head"),
        Column("When (UTC)"),
        Column("Who", kind="free"),
        Column("Why", kind="free"),
        Column("Row"),
        Column("What", kind="free"),
    ]
    return table(columns, (_change(entry) for entry in entries))


def _change(entry: Entry) -> tuple[Content, ...]:
    form = FORMS.get(entry.table) or _OTHER.get(entry.table, entry.table)
    row = f"{form} {entry.record_key}" if entry.table in FORMS and entry.record_key else form
    what: Content = f"{_ACTIONS[entry.action]}, {counted(len(entry.new or entry.old or {}), 'cell')}"
    if entry.action == "update":
        what = join(tag("div", f"{column}: {old or NOTHING} → {new or NOTHING}") for column, old, new in entry.cells())
    return entry.number, moment_words(entry.written_at), entry.written_by, entry.reason, row, what
