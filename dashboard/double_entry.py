"""What the page of double entry reads and writes; may, and whose, is decided by the registry each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard import store
from dashboard.who import viewer
from registry import double_entry
from registry import store as rows
from registry.double_entry import Compared, Item, Sample
from registry.tables import TABLES


def samples() -> list[Sample]:
    """The samples of the viewer's centers, the latest first."""
    with store.reading() as connection:
        return double_entry.samples(connection, by=viewer())


def draw(center: str, forms: Sequence[str], seed: int, size: int | None, percent: float | None) -> int:
    """Draws a sample; returns its number."""
    return double_entry.draw(store.engine(), center, forms, seed=seed, by=viewer(), size=size, percent=percent)


def to_enter(number: int) -> list[Item]:
    """The rows of a sample that the viewer can enter."""
    with store.reading() as connection:
        return double_entry.to_enter(connection, number, by=viewer())


def named(item: Item) -> dict[str, str]:
    """What says which row is meant."""
    with store.reading() as connection:
        return double_entry.named(connection, item, by=viewer())


def typed(item: Item) -> dict[str, str]:
    """What the viewer typed into a form so far."""
    with store.reading() as connection:
        return double_entry.typed(connection, item, by=viewer())


def keep(item: Item, texts: Mapping[str, str]) -> None:
    """Keeps what was typed."""
    with store.writing() as connection:
        double_entry.keep(connection, item, texts, by=viewer())


def finish(item: Item) -> None:
    """Ends the second entry of a form."""
    double_entry.finish(store.engine(), item, by=viewer())


def compared(number: int) -> list[Compared]:
    """The compared fields of a sample."""
    with store.reading() as connection:
        return double_entry.compared(connection, number, by=viewer())


def stored_now(differing: Sequence[Compared]) -> dict[Compared, str | None]:
    """What the record holds now where two entries differ; None where the row is gone."""
    found: dict[Compared, str | None] = {}
    tables = dict.fromkeys(one.item.table for one in differing)
    with store.reading() as connection:
        for table in tables:
            of_table = [one for one in differing if one.item.table == table]
            stored = rows.load(connection, table, sorted({one.item.owner for one in of_table}))
            keys = TABLES[table].keys
            at = {tuple(str(stored.columns[name][n]) for name in keys): n for n in range(len(stored))}
            for one in of_table:
                key = (one.item.owner, one.item.record_key)[: len(keys)]
                found[one] = str(stored.columns[one.column][at[key]]) if key in at else None
    return found


def leave(one: Compared) -> None:
    """Notes that the first entry is right."""
    double_entry.leave(store.engine(), one.item, one.column, by=viewer())
