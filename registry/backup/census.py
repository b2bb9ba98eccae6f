"""What a database holds, counted: what a backup says of it, and what a restored one is held against."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

from registry.audit import GENESIS, Head


@dataclass(frozen=True, slots=True)
class Census:
    """What a database holds.

    Args:
        schema: its last migration.
        tables: table -> rows.
        head: the last revision of its trail.
    """

    schema: str
    tables: dict[str, int]
    head: Head


def census(connection: Connection) -> Census:
    """Counts every table of a database, also of one that an older version of the program made."""
    names = sorted(sa.inspect(connection).get_table_names())
    count = sa.select(sa.func.count())
    tables = {name: int(connection.execute(count.select_from(sa.table(name))).scalar_one()) for name in names}
    head = Head(0, GENESIS)
    if "revision" in tables:
        revision = sa.table("revision", sa.column("number"), sa.column("hash"))
        last = sa.select(revision.c.number, revision.c.hash).order_by(revision.c.number.desc()).limit(1)
        row = connection.execute(last).one_or_none()
        head = Head(int(row.number), str(row.hash)) if row is not None else head
    return Census(MigrationContext.configure(connection).get_current_revision() or "", tables, head)
