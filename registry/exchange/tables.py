"""The registry's tables as streams of rows of cells: what every writer of a data file takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from registry import store
from registry.fields import Field
from registry.tables import TABLES

BLOCK = 20_000


@dataclass(frozen=True, slots=True)
class TableRows:
    """One table: its fields, and its rows as cells in their order."""

    name: str
    fields: list[Field]
    rows: Iterator[tuple[str, ...]]


def stored_tables(connection: Connection, center: str | None = None) -> Iterator[TableRows]:
    """All tables of the registry in the order of the dictionary, read as they are consumed.

    Args:
        connection: on the registry.
        center: only this center, its screening log and its patients; None for all.
    """
    for name, table in TABLES.items():
        yield TableRows(name, list(table.fields.values()), _rows(connection, name, center))


def stored_count(connection: Connection, center: str | None = None) -> int:
    """How many rows ``stored_tables`` gives in all."""
    return sum(store.count(connection, name, center) for name in TABLES)


def _rows(connection: Connection, name: str, center: str | None) -> Iterator[tuple[str, ...]]:
    keys = [TABLES[name].fields[key] for key in TABLES[name].keys]
    after = None
    while len(block := store.load_after(connection, name, after, BLOCK, center=center)):
        yield from zip(*block.columns.values(), strict=True)
        after = tuple(key.value(str(block.columns[key.name][-1])) for key in keys)
        if len(block) < BLOCK:
            return
