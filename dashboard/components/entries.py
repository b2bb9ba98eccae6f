"""Entries of the audit trail in a table: of all patients, and what happened beside the record."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import FORMS, NOTHING, counted, moment_words
from registry.audit import Entry

_ACTIONS = {"insert": "entered", "update": "changed", "delete": "removed"}


def entries(found: Sequence[Entry]) -> Html:
    """Who, when, why, about whom, and of a change what was before and after."""
    columns = (
        Column("No.", "number of the revision", "head"),
        Column("When (UTC)"),
        Column("Who", kind="free"),
        Column("Why", kind="free"),
        Column("About", kind="free"),
        Column("Row"),
        Column("What", kind="free"),
    )
    return table(columns, (_row(entry) for entry in found))


def _row(entry: Entry) -> tuple[Content, ...]:
    head = (entry.number, moment_words(entry.written_at), entry.written_by, entry.reason, entry.owner)
    if not entry.table:
        return (*head, NOTHING, entry.action)
    form = f"{FORMS.get(entry.table, entry.table.replace('_', ' '))} {entry.record_key}".strip()
    what: Content = f"{_ACTIONS[entry.action]}, {counted(len(entry.new or entry.old or {}), 'cell')}"
    if entry.action == "update":
        what = join(tag("div", f"{column}: {old or NOTHING} → {new or NOTHING}") for column, old, new in entry.cells())
    return (*head, form, what)
