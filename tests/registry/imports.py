"""What the tests of imports share: folders of CSV files from rows, imports of them, and what is stored afterwards."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy.engine import Engine

from registry import audit, queries
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import reading
from registry.exchange.formats import open_source
from registry.exchange.tables import stored_tables
from registry.intake.intake import Outcome
from registry.intake.rows import Problem
from registry.replay import verify_record
from registry.tables import TABLES
from tests.registry.rows import ROWS
from tests.registry.strategies import TODAY

MANAGER = Actor("manager", Role.ADMINISTRATOR)

Row = Mapping[str, str]
Contents = dict[str, dict[tuple[str, ...], dict[str, str]]]
"""Table, key of a row, its cells that are not blank."""

_numbers = itertools.count()


def base(*tables: str) -> dict[str, list[Row]]:
    """The rows of the small registry, of all tables or of some."""
    return {table: [dict(ROWS[table])] for table in tables or ROWS}


def folder(parent: Path, tables: Mapping[str, Iterable[Row]]) -> Path:
    """A new folder with a CSV file for each table; columns are those that any of its rows has."""
    made = parent / f"in{next(_numbers)}"
    made.mkdir()
    for table, rows in tables.items():
        rows = list(rows)
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with (made / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return made


def take(
    engine: Engine,
    path: Path,
    *,
    reason: str | None = None,
    dry_run: bool = False,
    by: Actor = MANAGER,
    today: dt.date = TODAY,
) -> Outcome:
    """Imports a path as the command does, on the same day in every run."""
    return import_source(engine, open_source(path), by=by, reason=reason, dry_run=dry_run, today=today)


def contents(engine: Engine) -> Contents:
    """All that is stored."""
    found: Contents = {}
    with reading(engine) as connection:
        for table in stored_tables(connection):
            names = [field.name for field in table.fields]
            rows = [{name: cell for name, cell in zip(names, row, strict=True) if cell} for row in table.rows]
            found[table.name] = {tuple(row[key] for key in TABLES[table.name].keys): row for row in rows}
    return found


def trail(engine: Engine) -> list[audit.Entry]:
    """All lines of the trail."""
    with reading(engine) as connection:
        return list(audit.log(connection))


def open_queries(engine: Engine) -> set[tuple[str, str, str, str]]:
    """Owner, check, the rest of the key and the column of each query that is not closed."""
    with reading(engine) as connection:
        return {
            (key.owner, key.check_id, key.record_key, key.column)
            for key, row in queries.stored(connection).items()
            if row.state != "closed"
        }


def verified(engine: Engine) -> bool:
    """The chain is whole, and the record is what the trail says."""
    with reading(engine) as connection:
        return audit.verify_chain(connection) is None and verify_record(connection) is None


def places(problems: Sequence[Problem]) -> list[tuple[str, int | None, str | None]]:
    """File, line and column of each problem."""
    return [(problem.file, problem.line, problem.column) for problem in problems]
