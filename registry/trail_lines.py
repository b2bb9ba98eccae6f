"""The audit trail as lines of a CSV file: a line a changed cell, or an event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from registry.audit import Entry
from registry.exchange.formulas import guard

COLUMNS = (
    "revision",
    "written_at",
    "written_by",
    "reason",
    "source",
    "table",
    "key",
    "action",
    "column",
    "old",
    "new",
)


def lines(entries: Iterable[Entry]) -> Iterator[list[str]]:
    """The lines of entries, each with a cell for each of ``COLUMNS``; an event has its name as its action."""
    for entry in entries:
        head = (str(entry.number), entry.written_at, entry.written_by, entry.reason, entry.source)
        for column, old, new in [*entry.cells()] or [("", "", "")]:
            cells = (*head, entry.table, entry.key, entry.action, column, old, new)
            yield [guard(cell) for cell in cells]
