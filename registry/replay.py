"""The record and its sign-offs replayed from the trail: finds each row that was changed, added or removed behind it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry import sign_offs, store
from registry.audit import Break, ChangeRow, Revision
from registry.sign_offs import SignOff
from registry.tables import PATIENT_TABLES, TABLES

SIGN_OFFS = SignOff.__tablename__

OWNERS = 1000
"""Patients (or centers) that are replayed at a time."""

Cells = dict[str, str]
Place = tuple[str, str, str]
"""Table, owner, rest of the key."""


def verify_record(connection: Connection, progress: Callable[[float], None] = lambda share: None) -> Break | None:
    """The first row of the record that is not what the trail says, None where all are."""
    groups = (
        ("center", ["center", "screening_log"]),
        ("patient", list(PATIENT_TABLES)),
        (SIGN_OFFS, [SIGN_OFFS]),
    )
    for root, tables in groups:
        owners = _owners(connection, root, tables)
        for at in range(0, len(owners), OWNERS):
            found = _compare(connection, tables, owners[at : at + OWNERS])
            if found:
                return found
            progress(min(1.0, (at + OWNERS) / len(owners)))
    return None


def _owners(connection: Connection, root: str, tables: Sequence[str]) -> list[str]:
    change = ChangeRow.__table__
    key = SignOff.__table__.c.owner if root == SIGN_OFFS else TABLES[root].__table__.c[TABLES[root].keys[0]]
    trail = sa.select(change.c.owner).where(change.c.table_name.in_(tables))
    return [owner for (owner,) in connection.execute(trail.union(sa.select(key)))]


def _compare(connection: Connection, tables: Sequence[str], owners: Sequence[str]) -> Break | None:
    expected, last = _replay(connection, tables, owners)
    for table in tables:
        for place, cells in _stored(connection, table, owners):
            said = expected.pop(place, None)
            where = f"{table} {'/'.join(part for part in place[1:] if part)}"
            if said is None:
                return Break(last.get(place), f"{where} is in the record, but not in the trail")
            if said != cells:
                names = sorted({*said, *cells})
                column = next(name for name in names if said.get(name, "") != cells.get(name, ""))
                return Break(last[place], f"{where}: {column} is not what the trail says")
    if expected:
        place = min(expected)
        where = f"{place[0]} {'/'.join(part for part in place[1:] if part)}"
        return Break(last[place], f"{where} is in the trail, but no longer in the record")
    return None


def _replay(
    connection: Connection, tables: Sequence[str], owners: Sequence[str]
) -> tuple[dict[Place, Cells], dict[Place, int]]:
    change, revision = ChangeRow.__table__, Revision.__table__
    query = (
        sa.select(change, revision.c.number)
        .join(revision, revision.c.revision_id == change.c.revision_id)
        .where(change.c.owner.in_(owners), change.c.table_name.in_(tables))
        .order_by(revision.c.number, change.c.position)
    )
    rows: dict[Place, Cells] = defaultdict(dict)
    last: dict[Place, int] = {}
    for entry in connection.execute(query):
        place = (entry.table_name, entry.owner, entry.record_key)
        last[place] = entry.number
        if entry.action == "delete":
            rows.pop(place, None)
            continue
        cells = rows[place]
        for name, cell in json.loads(entry.new).items():
            cells[name] = cell
            if not cell:
                del cells[name]
    return dict(rows), last


def _stored(connection: Connection, table: str, owners: Sequence[str]) -> Iterator[tuple[Place, Cells]]:
    if table == SIGN_OFFS:
        yield from (((table, owner, ""), cells) for owner, cells in sign_offs.cells(connection, owners))
        return
    stored = store.load(connection, table, owners)
    keys = TABLES[table].keys
    for at in range(len(stored)):
        cells = {name: str(column[at]) for name, column in stored.columns.items() if column[at]}
        yield (table, cells[keys[0]], cells[keys[1]] if len(keys) > 1 else ""), cells
