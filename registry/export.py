"""Records taken out: whose, in which form and in whose name; in the trail before the first of them is read."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy.engine import Engine

from registry import audit
from registry.access import Actor, Permission
from registry.database import reading, writing
from registry.exchange.deidentify import deidentification_key, deidentified
from registry.exchange.formats import require_writable, write_export
from registry.exchange.tables import TableRows, stored_count, stored_tables

EVERY = 1_000
"""Rows between two notes of progress."""

Progress = Callable[[float, str], None]
"""Is told the share that is done, from 0 to 1, and what is being done."""


def export(
    engine: Engine,
    path: Path,
    format: str,
    *,
    by: Actor,
    deidentify: bool,
    source: str,
    progress: Progress = lambda share, what: None,
) -> dict[str, int]:
    """Writes the records that an actor may take: those of the own center, or of all centers.

    Args:
        engine: the registry.
        path: a folder or file that does not exist yet.
        format: one of ``FORMATS``.
        by: who takes them.
        deidentify: without what points to a person.
        source: where it is asked for, for the trail.
        progress: may raise, and nothing is then left of the export.

    Returns:
        The number of rows of each table.

    Raises PermissionRefused, UsageError for a format that there is not, InputRefused where the path is taken.
    """
    by.require(Permission.EXPORT_DEIDENTIFIED if deidentify else Permission.EXPORT)
    require_writable(path, format)
    key = deidentification_key() if deidentify else None
    whose = "all records" if by.center_id is None else f"records of {by.center_id}"
    what = f"{whose}, {format}{', de-identified' if deidentify else ''}"
    with writing(engine) as connection:
        audit.happened(connection, audit.Event.EXPORT, what, by=by.name, reason="export", source=source)
    with reading(engine) as connection:
        told = _told(stored_tables(connection, by.center_id), stored_count(connection, by.center_id), progress)
        counts = write_export(path, deidentified(told, key) if key else told, format)
    progress(1.0, "done")
    return counts


def _told(tables: Iterator[TableRows], total: int, progress: Progress) -> Iterator[TableRows]:
    """The tables, of whose reading somebody is told."""
    count = itertools.count(1)

    def rows(table: TableRows) -> Iterator[tuple[str, ...]]:
        for row in table.rows:
            if (read := next(count)) % EVERY == 1:
                progress(min(read / max(total, 1), 0.99), "reading")
            yield row

    for table in tables:
        yield replace(table, rows=rows(table))
