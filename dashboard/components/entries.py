"""Entries of the audit trail in a table: of all patients, and what happened beside the record."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import FORMS, NOTHING, column_title, counted, moment_words
from registry.audit import Entry, Event
from registry.tables import TABLES

EVENTS = {
    Event.VIEW: "Record viewed",
    Event.EXPORT: "File taken",
    Event.SIGN_IN: "Signed in",
    Event.SIGN_IN_REFUSED: "Sign-in refused",
    Event.SIGN_OUT: "Signed out",
    Event.ACCOUNT: "Account changed",
    Event.IDENTITY: "Identity seen or changed",
}
"""What happened beside the record, in words."""

_ACTIONS = {"insert": "entered", "update": "changed", "delete": "removed"}
_AT_ONCE = 6


def entries(found: Sequence[Entry], versions: Sequence[int | None]) -> Html:
    """Who, when, why, about whom, and what was before and after, with the version of the row.

    Args:
        versions: that each changed row had after the change; None where there is none.
    """
    columns = (
        Column("No.", "number of the revision", "head"),
        Column("When (UTC)"),
        Column("Who", kind="free"),
        Column("Why", kind="free"),
        Column("About", kind="free"),
        Column("Row", kind="free"),
        Column("Version", "of the row after the change", "num"),
        Column("What: old → new", kind="free"),
    )
    rows = (_row(entry, version) for entry, version in zip(found, versions, strict=True))
    return tag("div", table(columns, rows), class_="trail")


def _row(entry: Entry, version: int | None) -> tuple[Content, ...]:
    when = tag("span", moment_words(entry.written_at), class_="moment")
    about = tag("span", entry.owner, class_="moment") if len(entry.owner) < 20 else entry.owner
    head: tuple[Content, ...] = (entry.number, when, entry.written_by, entry.reason, about)
    if not entry.table:
        event = EVENTS.get(Event(entry.event), entry.action) if entry.event else entry.action
        return (*head, NOTHING, "", event)
    form = FORMS.get(entry.table, entry.table.replace("_", " "))
    key = entry.record_key.replace("/", " ") if entry.table not in TABLES else entry.record_key
    return (*head, f"{form} {key}".strip(), "" if version is None else version, _what(entry))


def _what(entry: Entry) -> Html:
    """The changed cells, old and new; those of a new or removed row are folded."""
    fields = TABLES[entry.table].fields if entry.table in TABLES else {}
    cells = []
    for column, old, new in entry.cells():
        title = column_title(fields[column], unit=False) if column in fields else column
        change = f"{old or NOTHING} → {new or NOTHING}" if entry.action == "update" else new or old
        cells.append(tag("div", join((tag("span", f"{title}: ", class_="quiet"), change))))
    if entry.action == "update" and len(cells) <= _AT_ONCE:
        return join(cells)
    summary = f"{_ACTIONS.get(entry.action, entry.action)}, {counted(len(cells), 'cell')}"
    return Html(f"<details><summary>{summary}</summary>{join(cells).text}</details>") if cells else Html(summary)
