"""Every write to the registry: keyword-only who and why; the change, its checks and its revision in one transaction.

Forms, imports and programs all come through here. A form is an import of one row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import drafts, queries, sign_offs, store
from registry.access import Actor, Permission
from registry.audit import Change, Writer
from registry.database import begun_anew, reading, writing
from registry.errors import InputRefused, StaleVersion
from registry.fields import CLEAR
from registry.intake.intake import Intake, Outcome
from registry.intake.rows import Problem, Rows, Source, Text, parse
from registry.intake.spill import Spill
from registry.progress import Progress, untold
from registry.queries import DataQuery, QueryKey, QueryMessage
from registry.reasons import checked
from registry.tables import PATIENT_TABLES, TABLES

FIRST_ENTRY = "first entry"
"""The reason of a revision that only adds rows, where the writer gives none."""

NO_REASON = ("a stored row would change and no reason is given", "give a reason (on the command line --reason TEXT)")


class RowRefused(InputRefused):
    """A form's row that the registry cannot take, cell by cell."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        first = problems[0]
        column = f"{first.column}: " if first.column else ""
        super().__init__(f"{column}{first.problem}", remedy=first.remedy[:1].upper() + first.remedy[1:])


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written: the revision (None where nothing changed), the row's version, and what looks implausible."""

    revision: int | None
    version: int
    warnings: list[dict[str, object]]


class PreviewOutdated(InputRefused):
    """Since somebody agreed to what an import would change, others wrote: it would change something else now."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else wrote to these rows meanwhile: nothing was written", remedy="Look at what would change now"
        )


class _Rollback(Exception):
    """Leaves a transaction without writing."""


def import_source(
    engine: Engine,
    source: Source,
    *,
    by: Actor,
    reason: str | None,
    dry_run: bool = False,
    agreed: str | None = None,
    through: str = "import",
    progress: Progress = untold,
    today: dt.date | None = None,
) -> Outcome:
    """Takes all rows of a source, or, with one problem among them, none.

    Args:
        engine: the registry.
        source: of the rows.
        by: in whose name; only rows of the own center, where there is one.
        reason: required where a stored row changes.
        dry_run: says what would happen, and writes nothing.
        agreed: ``Outcome.changes()`` of the dry run that a person agreed to: nothing else is written.
        through: what took the rows, for the trail; the name of the source follows.
        progress: may raise before the share is 1, and nothing is then written.
        today: the data cut of the checks.

    Raises EnvironmentRefused, PermissionRefused, and PreviewOutdated where something else would be written than
    was agreed to; problems of the input are in the outcome.
    """
    by.require(Permission.IMPORT)
    today = today or dt.date.today()
    reason = checked(reason)
    spill = Spill(source)
    try:
        outcome = _read(source, spill, today, progress)
        opened = reading(engine) if dry_run else writing(engine)
        with opened as connection:
            compares = dry_run or agreed is not None
            intake = Intake(connection, by, today, outcome=outcome, writes=not dry_run, compares=compares)
            parts = spill.count + 1
            for at, partition in enumerate(spill.partitions()):
                progress(0.3 + 0.7 * at / parts, "checking" if dry_run or outcome.problems else "writing")
                intake.take(partition)
            if outcome.first_change and not reason and not dry_run:
                place = outcome.first_change
                outcome.problems.append(Problem(place.file, place.line, None, None, *NO_REASON))
            outcome.problems.sort(key=Problem.place)
            if outcome.problems or dry_run:
                raise _Rollback
            if agreed is not None and outcome.changes() != agreed:
                raise PreviewOutdated
            if intake.writer and intake.writer.changes:
                sign_offs.require_still_unlocked(connection, intake.writer)
                intake.writer.close(by=by.name, reason=reason or FIRST_ENTRY, source=f"{through} {source.name}")
    except _Rollback:
        pass
    except sa.exc.IntegrityError as error:
        raise _broken_constraint() from error
    finally:
        spill.close()
    progress(1.0, "done")
    return outcome


def _read(source: Source, spill: Spill, today: dt.date, progress: Progress) -> Outcome:
    """Parses the source into the spill; returns what could not be read."""
    outcome = Outcome()
    for item in source.read():
        if isinstance(item, Problem):
            outcome.problems.append(item)
            continue
        rows = parse(item, today, outcome.problems.append)
        if rows.refused.any():  # a row whose key could not be read is no row of anybody
            named = np.array(["" not in key for key in rows.row_keys()], dtype=bool)
            outcome.counts[rows.table]["refused"] += int((~named).sum())
            rows = rows.take(named)
        if len(rows):
            spill.add(rows)
        progress(0.3 * min(source.done, 1.0), "reading")
    return outcome


@begun_anew
def save(
    engine: Engine,
    table: str,
    cells: Mapping[str, str],
    *,
    by: Actor,
    reason: str | None,
    seen_version: int,
    draft: drafts.Place | None = None,
    source: str = "form",
    today: dt.date | None = None,
) -> Saved:
    """Writes one row as a form shows it: a blank cell is blank afterwards, a column that is not named stays.

    Args:
        seen_version: the version of the row when the form was opened; 0 where there was none.
        reason: required where the row exists already.
        draft: of what is saved; it goes with the row that is written. Where it is gone, the same was saved before,
            and nothing is written: a second click, or a click whose answer was lost, saves once.

    Raises:
        RowRefused: with every problem of the row.
        StaleVersion: where somebody else changed the row meanwhile; it holds both versions.
        PermissionRefused: where the actor may not.
    """
    by.require_writing(table)
    today = today or dt.date.today()
    reason = checked(reason)
    keys = TABLES[table].keys
    if seen_version:
        cells = {name: cell if name in keys or cell.strip() else CLEAR for name, cell in cells.items()}
    problems: list[Problem] = []
    rows = parse(Text(table, "", {name: [cell] for name, cell in cells.items()}, [1]), today, problems.append)
    if problems:
        raise RowRefused(problems)
    key = rows.row_keys()[0]
    try:
        with writing(engine) as connection:
            store.take_turn(connection, key[0])
            if draft is not None and not drafts.take(connection, draft, cells, by=by):
                return Saved(None, seen_version, [])
            intake = Intake(connection, by, today, seen={(table, key): seen_version})
            intake.take({table: rows})
            outcome = intake.outcome
            if outcome.first_change and not reason:
                raise RowRefused([Problem("", 1, None, None, *NO_REASON)])
            if outcome.problems:
                raise RowRefused(outcome.problems)
            assert intake.writer is not None
            number = None
            if intake.writer.changes:
                sign_offs.require_still_unlocked(connection, intake.writer)
                number = intake.writer.close(by=by.name, reason=reason or FIRST_ENTRY, source=source)
            version = 1 if outcome.total("new") else seen_version + outcome.total("changed")
            return Saved(number, version, list(outcome.warnings))
    except sa.exc.IntegrityError as error:
        raise _broken_constraint() from error


@begun_anew
def delete(
    engine: Engine,
    table: str,
    key: tuple[str, ...],
    *,
    by: Actor,
    reason: str,
    seen_version: int,
    source: str = "form",
    today: dt.date | None = None,
) -> int:
    """Removes one row; what it held stays in the trail. Returns the number of the revision.

    Raises:
        InputRefused: no such row, no reason, a record that was signed off, or other rows refer to this one.
        StaleVersion: somebody else changed it meanwhile.
    """
    by.require(Permission.WRITE_RECORDS)
    today = today or dt.date.today()
    reason = checked(reason)
    if not reason:
        raise InputRefused("A deletion needs a reason", remedy="Give one")
    keys = TABLES[table].keys
    try:
        with writing(engine) as connection:
            store.take_turn(connection, key[0])
            intake = Intake(connection, by, today)
            by.require_center(_center_of(connection, table, key))
            stored = store.load(connection, table, [key[0]])
            found = list(zip(*(stored.columns[name] for name in keys), strict=True))
            if key not in found:
                raise InputRefused("There is no such row", got="/".join(key), remedy="Read the record again")
            at = found.index(key)
            cells = {name: str(column[at]) for name, column in stored.columns.items() if column[at]}
            if stored.versions[at] != seen_version:
                raise StaleVersion(
                    "Somebody else changed the row since it was opened",
                    stored=cells,
                    submitted={},
                    remedy="Read it again before deleting it",
                )
            if table in PATIENT_TABLES:
                sign_offs.require_unlocked(connection, key[0])
                id_only = {"patient_id": np.array([key[0]], dtype=object)}
                line, refused = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
                owner = {"patient": Rows("patient", "", id_only, line, refused)}
                intake.take(owner if table != "patient" else {}, removed=(table, key))
            # A check that the patient fails without the row is a query, not a reason to keep the row.
            assert intake.writer is not None
            typed = tuple(TABLES[table].fields[name].value(part) for name, part in zip(keys, key, strict=True))
            store.delete(connection, table, (*typed, seen_version))
            intake.writer.add([Change(table, key[0], "".join(key[1:]), "delete", _json(cells), None)])
            sign_offs.require_still_unlocked(connection, intake.writer)
            if table == "patient":
                sign_offs.forget(connection, intake.writer, key[0])
            return intake.writer.close(by=by.name, reason=reason, source=source)
    except sa.exc.IntegrityError as error:
        raise InputRefused(
            "Other rows refer to this one", remedy="Delete those first: a row goes only when nothing hangs on it"
        ) from error


def _message(text: str) -> str:
    message = checked(text, "message")
    if not message:
        raise InputRefused("The message is empty", remedy="Say what was found")
    return message


def _center_of(connection: Connection, table: str, key: tuple[str, ...]) -> str | None:
    if table not in PATIENT_TABLES:
        return key[0]
    return store.center_of(connection, key[0])


def raise_query(engine: Engine, key: QueryKey, message: str, *, by: Actor, source: str = "form") -> int:
    """Asks about a cell; returns the number of the revision. ``key.check_id`` is MANUAL."""
    by.require(Permission.RAISE_QUERIES)
    message = _message(message)
    with writing(engine) as connection:
        by.require_center(_center_of(connection, key.table, (key.owner,)))
        known = queries.stored(connection, [key.owner])
        if key in known:
            raise InputRefused("There is a query about this cell already", remedy="Write into its thread")
        writer = Writer(connection)
        value = _stored_cell(connection, key)
        queries.write(connection, writer, [queries.Found(key, value, message)], [], known)
        _say(connection, writer, key, message, by)
        return writer.close(by=by.name, reason="data query raised", source=source)


def answer_query(engine: Engine, key: QueryKey, message: str, *, by: Actor, source: str = "form") -> int:
    """Answers an open query; a person who may raise queries then closes it. Returns the number of the revision."""
    by.require(Permission.ANSWER_QUERIES)
    return _move_query(engine, key, message, {"state": "answered"}, by=by, why="data query answered", source=source)


def close_query(engine: Engine, key: QueryKey, message: str, *, by: Actor, source: str = "form") -> int:
    """Closes a query because its value was confirmed. Returns the number of the revision."""
    by.require(Permission.RAISE_QUERIES)
    columns = {"state": "closed", "resolution": "confirmed"}
    return _move_query(engine, key, message, columns, by=by, why="data query closed", source=source)


def _move_query(
    engine: Engine, key: QueryKey, message: str, columns: dict[str, str], *, by: Actor, why: str, source: str
) -> int:
    message = _message(message)
    with writing(engine) as connection:
        by.require_center(_center_of(connection, key.table, (key.owner,)))
        known = queries.stored(connection, [key.owner])
        if key not in known or known[key].state == "closed":
            raise InputRefused("There is no such open query", remedy="Read the list again")
        writer = Writer(connection)
        queries.write(connection, writer, [], [(key, columns)], known)
        _say(connection, writer, key, message, by)
        return writer.close(by=by.name, reason=why, source=source)


def _say(connection: Connection, writer: Writer, key: QueryKey, message: str, by: Actor) -> None:
    table = QueryMessage.__table__
    last = connection.execute(sa.select(sa.func.max(table.c.number)).where(key.where(table))).scalar()
    number = (last or 0) + 1
    values = dict(zip(queries.KEY, key.as_tuple(), strict=True))
    connection.execute(
        sa.insert(QueryMessage).values(
            **values, number=number, written_at=queries.now(), written_by=by.name, message=message
        )
    )
    said = key.change("insert", None, _json({"number": str(number), "message": message}))
    writer.add([Change("data_query_message", said.owner, said.record_key, said.action, said.old, said.new)])


def _stored_cell(connection: Connection, key: QueryKey) -> str:
    stored = store.load(connection, key.table, [key.owner])
    keys = zip(*(stored.columns[name] for name in TABLES[key.table].keys), strict=True)
    wanted = (key.owner, key.record_key) if key.record_key else (key.owner,)
    for at, found in enumerate(keys):
        if found == wanted and key.column in stored.columns:
            return str(stored.columns[key.column][at])
    raise InputRefused("There is no such cell", got=f"{key.table}.{key.column}", remedy="Read the record again")


_json = queries.to_json


def _broken_constraint() -> InputRefused:
    # The checks above let nothing through that a constraint rejects; what is left is another writer's row.
    return InputRefused(
        "Another writer stored rows with the same keys meanwhile: nothing was written", remedy="Try again"
    )


__all__ = [
    "DataQuery",
    "PreviewOutdated",
    "QueryKey",
    "RowRefused",
    "Saved",
    "answer_query",
    "close_query",
    "delete",
    "import_source",
    "raise_query",
    "save",
]
