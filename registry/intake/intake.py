"""One transaction's worth of incoming rows: merged with what is stored, checked as whole patients, and written.

The same steps serve a form (one row) and an import of any size, which comes in partitions by patient.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from registry import checks, queries, sign_offs, store
from registry.access import Actor, Permission
from registry.audit import Writer
from registry.cells import Cells, by_distinct, frame, storage
from registry.checks import CHECKS, Severity
from registry.errors import PermissionRefused, StaleVersion
from registry.fields import MISSING_CODES
from registry.intake.listed import Listed
from registry.intake.merge import Merged, insertions, merge, updates
from registry.intake.references import problems as reference_problems
from registry.intake.rows import Lines, Problem, Rows
from registry.intake.spill import Partition
from registry.intake.unread import Unread, looked_at
from registry.spool import Spool
from registry.tables import PATIENT_TABLES, TABLES

CHECK_BY_ID = {check.id: check for check in CHECKS}


@dataclass
class Outcome:
    """What became of the incoming rows.

    Args:
        counts: for each table how many rows were new, changed, unchanged and refused.
        problems: why the input is refused; empty where it was accepted.
        warnings: implausible values (file, line, column, value, problem, remedy, check_id, patient).
        new_rows: for a dry run the rows that are not stored yet (table, key, line).
        differences: for a dry run the changed cells (table, key, line, column, from, to).
        first_change: the place of the first row that changes a stored one.
    """

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    problems: list[Problem] = field(default_factory=list)
    warnings: Spool = field(default_factory=Spool)
    new_rows: Spool = field(default_factory=Spool)
    differences: Spool = field(default_factory=Spool)
    first_change: Problem | None = None

    def total(self, kind: str) -> int:
        """How many rows of all tables were new, changed, unchanged or refused."""
        return sum(count[kind] for count in self.counts.values())

    @property
    def written(self) -> int:
        """How many rows are new or changed."""
        return self.total("new") + self.total("changed")

    def changes(self) -> str:
        """Names what is new and which stored cells change from what to what; of an outcome that was compared."""
        counts = {name: [count["new"], count["changed"]] for name, count in self.counts.items() if any(count.values())}
        named = hashlib.sha256(json.dumps(counts, sort_keys=True).encode())
        for difference in self.differences:
            named.update(json.dumps(difference, sort_keys=True).encode())
        return named.hexdigest()

    @property
    def accepted(self) -> int:
        """The same, 0 where the input is refused."""
        return 0 if self.problems else self.written


class Intake:
    """Takes partitions of whole patients within one transaction.

    Args:
        actor: in whose name; its center bounds what it may touch.
        today: the data cut of the checks.
        outcome: of the reading of the rows, to which that of their judgement is added.
        writes: False for a dry run.
        compares: whether to keep the changed cells.
        seen: for a form the version of each row that its writer saw (0: there was none), by table and key.
    """

    def __init__(
        self,
        connection: Connection,
        actor: Actor,
        today: dt.date,
        *,
        outcome: Outcome | None = None,
        writes: bool = True,
        compares: bool = False,
        seen: Mapping[tuple[str, tuple[str, ...]], int] | None = None,
    ) -> None:
        self.outcome = outcome or Outcome()
        self.writer = Writer(connection) if writes else None
        self._connection = connection
        self._actor = actor
        self._today = today
        self._compares = compares
        self._seen = seen
        self._unread = Unread(self.outcome.problems)  # before anything else is added to them
        self._listed = Listed()
        centers = connection.execute(sa.select(TABLES["center"].__table__.c.center_id))
        self._centers: set[tuple[str, ...]] = {(str(center),) for (center,) in centers}

    def take(self, partition: Partition, removed: tuple[str, tuple[str, ...]] | None = None) -> None:
        """Merges, checks and (unless refused or a dry run) writes the rows of some patients or centers.

        Args:
            removed: the table and key of a row that is being deleted: the checks see the patient without it.
        """
        partition = {name: self._without_duplicates(rows) for name, rows in partition.items()}
        merged = self._merge(partition, removed)
        self._require_permission(merged)  # first: what is said of a stale row shows what is stored
        self._require_seen(merged)
        self._require_unlocked(merged)
        self._centers |= _keys(merged, "center")
        known = {"center": self._centers, **{name: _keys(merged, name) for name in ("patient", "episode")}}
        hidden = {problem.hides for problem in self.outcome.problems}
        for part in merged.values():
            self.outcome.problems.extend(reference_problems(part, known, hidden, self._unread))
        changes = self._check(merged)
        self._count(merged)
        if self.writer and not self.outcome.problems:
            for name in TABLES:
                if name in merged:
                    self._write(merged[name], self.writer)
            self._settle(*changes, self.writer)

    def _without_duplicates(self, rows: Rows) -> Rows:
        first: dict[tuple[str, ...], int] = {}
        column = TABLES[rows.table].keys[-1]
        again: list[int] = []
        for at, key in enumerate(rows.row_keys()):
            if (before := first.setdefault(key, at)) != at:
                again.append(at)
                if not any(self._unread.hides(rows, row, column) for row in (before, at)):
                    self._repeated(rows, at, int(rows.lines[at]), int(rows.lines[before]))
        if again:
            self.outcome.counts[rows.table]["refused"] += len(again)
            rows = rows.take(np.setdiff1d(np.arange(len(rows), dtype=np.intp), again))
        return self._not_listed_before(rows) if rows.table == "screening_log" else rows

    def _not_listed_before(self, rows: Rows) -> Rows:
        """Without the screening entries whose key an earlier partition held."""
        again = self._listed.earlier(rows)
        for at in np.flatnonzero(again):
            here, there = int(rows.lines[at]), int(again[at])
            self._repeated(rows, int(at), max(here, there), min(here, there))
        self._listed.add(rows)
        self.outcome.counts[rows.table]["refused"] += int((again > 0).sum())
        return rows.take(again == 0)

    def _repeated(self, rows: Rows, at: int, line: int, first: int) -> None:
        column = TABLES[rows.table].keys[-1]
        problem, remedy = f"the key stands in line {first} already", "keep one of the rows"
        self.outcome.problems.append(Problem(rows.file, line, column, str(rows.columns[column][at]), problem, remedy))

    def _merge(self, partition: Partition, removed: tuple[str, tuple[str, ...]] | None) -> dict[str, Merged]:
        owners = {
            owner for name in PATIENT_TABLES if name in partition for owner in partition[name].columns["patient_id"]
        }
        if "screening_log" in partition:
            owners |= set(partition["screening_log"].columns.get("patient_id", ())) - {"", *MISSING_CODES}
        known = list(store.load(self._connection, "patient", sorted(owners)).columns["patient_id"]) if owners else []
        merged = {}
        for name in TABLES:
            rows = partition.get(name)
            if name == "center":
                stored = store.load(self._connection, name, list(rows.columns["center_id"])) if rows else None
            elif name == "screening_log":
                stored = store.load_keys(self._connection, name, rows.row_keys()) if rows else None
            else:
                stored = store.load(self._connection, name, known) if known else store.nothing_stored(name)
            if stored is None or (rows is None and len(stored) == 0):
                continue
            if removed and removed[0] == name:
                stored = _without(stored, removed[1])
            merged[name] = merge(rows if rows is not None else _no_rows(name), stored)
        return merged

    def _require_seen(self, merged: dict[str, Merged]) -> None:
        for (table, key), version in (self._seen or {}).items():
            part = merged[table]
            at = part.rows.row_keys().index(key)
            position = part.stored[at]
            now = int(part.stored_rows.versions[position]) if position >= 0 else 0
            if now != version:
                stored = {name: part.before(name, at) for name in TABLES[table].fields}
                submitted = {name: str(cells[at]) for name, cells in part.rows.columns.items()}
                raise StaleVersion(
                    "Somebody else changed the row since it was opened",
                    stored=stored,
                    submitted=submitted,
                    remedy="Compare both versions, then save again",
                )

    def _require_unlocked(self, merged: dict[str, Merged]) -> None:
        """A record that was signed off takes no new and no changed row; one that comes in as it is stored is fine."""
        patient = merged.get("patient")
        owners = list(patient.stored_rows.columns["patient_id"]) if patient is not None else []
        signed = sign_offs.of_patients(self._connection, owners) if owners else {}
        locked = {owner: found for owner, found in signed.items() if found.is_locked}
        if not locked:
            return
        for name in (name for name in PATIENT_TABLES if name in merged):
            part = merged[name]
            for at in np.flatnonzero(part.new | part.changed):
                found = locked.get(part.key(int(at))[0])
                if found is not None:
                    line = int(part.lines[at])
                    problem = Problem(part.rows.file, line, None, None, found.problem, sign_offs.REMEDY)
                    self.outcome.problems.append(problem)

    def _require_permission(self, merged: dict[str, Merged]) -> None:
        for name in merged:
            if len(merged[name].rows):
                self._actor.require_writing(name)
        if self._actor.center_id is None:
            return
        for name in ("center", "patient", "screening_log"):
            part = merged.get(name)
            if part is not None:
                before = part.stored_rows.columns["center_id"]
                for center_id in {*before, *part.columns.get("center_id", ())}:
                    if center_id not in (self._actor.center_id, ""):  # a blank one is told where it is required
                        self._refuse_center(merged, part, str(center_id))
        # An export of a center holds its own row, which may come back as it is.
        if "center" in merged and (merged["center"].new.any() or merged["center"].changed.any()):
            self._actor.require(Permission.MANAGE_CENTERS)

    def _refuse_center(self, merged: dict[str, Merged], part: Merged, center_id: str) -> None:
        """Raises PermissionRefused with the first place in the file that touches a row of another center."""
        first_key = TABLES[part.table].keys[0]
        owners = {
            owner
            for columns in (part.columns, part.stored_rows.columns)
            for owner, center in zip(columns[first_key], columns.get("center_id", _NONE), strict=False)
            if center == center_id
        }
        for other in merged.values():
            rows = other.rows.columns
            found = zip(rows[TABLES[other.table].keys[0]], rows.get("patient_id", itertools.repeat("")), strict=False)
            of_owners = [not owners.isdisjoint(named) for named in found]
            if other.rows.file and any(of_owners):
                line = int(other.rows.lines[of_owners].min())
                raise PermissionRefused(
                    "A row belongs to another center",
                    got=f"{other.rows.file}, line {line}",
                    remedy="Remove the rows of other centers, or ask a data manager of that center",
                )
        self._actor.require_center(center_id)

    def _check(
        self, merged: dict[str, Merged]
    ) -> tuple[dict[queries.QueryKey, sa.Row[tuple[object, ...]]], list[queries.Found]]:
        frames = {
            name: frame(name, merged[name].columns, len(merged[name].lines)) if name in merged else frame(name, {}, 0)
            for name in TABLES
        }
        found = []
        unread = self._unread.of_owners(merged)
        for row in checks.run(frames, today=self._today).itertuples():
            check, part = CHECK_BY_ID[row.check_id], merged[row.table]
            if unread and unread.get(part.key(row.row)[0], set()) & looked_at(check):
                continue
            place = self._place(merged, part, row.row, row.column, f"not fulfilled: {check.sentence}", check.remedy)
            if check.severity is Severity.ERROR:
                self.outcome.problems.append(place)
                continue
            owner, *rest = part.key(row.row)
            key = queries.QueryKey(owner, check.id, row.table, "".join(rest), row.column)
            found.append(queries.Found(key, part.cell(row.column, row.row), check.sentence))
            if place.line:
                self._warn(place, key)
        return self._known_queries(merged), found

    def _known_queries(self, merged: dict[str, Merged]) -> dict[queries.QueryKey, sa.Row[tuple[object, ...]]]:
        """The stored queries that the checks of these rows decide on: of whole patients, of single rows of a center."""
        if not any(len(part.stored_rows) for part in merged.values()):
            return {}
        owners = sorted({key for part in merged.values() for key in part.columns[TABLES[part.table].keys[0]]})
        patients = _keys(merged, "patient")
        rows = {name: _keys(merged, name) for name in TABLES if name not in PATIENT_TABLES}
        return {
            key: row
            for key, row in queries.stored(self._connection, owners).items()
            if ((key.owner,) in patients if key.table in PATIENT_TABLES else _row_key(key) in rows[key.table])
        }

    def _place(
        self, merged: dict[str, Merged], part: Merged, row: int, column: str, problem: str, remedy: str
    ) -> Problem:
        """Where a person should look: the row itself, or the incoming row of its patient that made it wrong."""
        line, file = int(part.lines[row]), part.rows.file
        value = part.cell(column, row)
        if not line:
            owner = part.key(row)[0]
            for other in merged.values():
                of_owner = np.flatnonzero(other.rows.columns.get(TABLES[part.table].keys[0], _NONE) == owner)
                if len(of_owner):
                    line, file = int(other.lines[of_owner[0]]), other.rows.file
                    problem = f"{problem} (the stored {' '.join((part.table, *part.key(row)[1:]))})"
                    break
        return Problem(file, line or None, column, value, problem, remedy)

    def _warn(self, place: Problem, key: queries.QueryKey) -> None:
        self.outcome.warnings.append(
            {
                "file": place.file,
                "line": place.line,
                "column": place.column,
                "value": place.value,
                "problem": place.problem,
                "remedy": place.remedy,
                "check_id": key.check_id,
                "patient_id": key.owner,
            }
        )

    def _count(self, merged: dict[str, Merged]) -> None:
        for name, part in merged.items():
            count = self.outcome.counts[name]
            readable = ~part.rows.refused
            new, changed = part.new & readable, part.changed & readable
            count["new"] += int(new.sum())
            count["changed"] += int(changed.sum())
            count["unchanged"] += int((readable & ~new & ~changed).sum())
            count["refused"] += int(part.rows.refused.sum())
            if changed.any():
                place = Problem(part.rows.file, int(part.rows.lines[changed].min()), None, None, "", "")
                self.outcome.first_change = min(self.outcome.first_change or place, place, key=Problem.place)
            if self._compares:
                for at in np.flatnonzero(new):
                    self._name_new(part, int(at))
                for at in np.flatnonzero(changed):
                    self._compare(part, int(at))

    def _name_new(self, part: Merged, at: int) -> None:
        key = "/".join(part.key(at))
        self.outcome.new_rows.append({"table": part.table, "key": key, "line": int(part.lines[at])})

    def _compare(self, part: Merged, at: int) -> None:
        for name in part.columns:
            before, after = part.before(name, at), part.cell(name, at)
            if before != after:
                self.outcome.differences.append(
                    {
                        "table": part.table,
                        "key": "/".join(part.key(at)),
                        "line": int(part.lines[at]),
                        "column": name,
                        "from": before,
                        "to": after,
                    }
                )

    def _write(self, part: Merged, writer: Writer) -> None:
        new = np.flatnonzero(part.new)
        if len(new):
            names, rows = _database_rows(part, new, every=False)
            versioned = zip(*rows, [1] * len(new), strict=True)
            store.insert(self._connection, part.table, [*names, "version"], list(versioned))
            writer.add(insertions(part, new))
        changed = np.flatnonzero(part.changed)
        if len(changed):
            names, rows = _database_rows(part, changed, every=True)
            keys = TABLES[part.table].keys
            where = [rows[names.index(name)] for name in keys]
            seen = part.stored_rows.versions[part.stored[changed]].tolist()
            settable = [(name, row) for name, row in zip(names, rows, strict=True) if name not in keys]
            values = list(zip(*(row for _, row in settable), *where, seen, strict=True))
            if store.update(self._connection, part.table, [name for name, _ in settable], values) != len(changed):
                raise StaleVersion(
                    "Somebody else changed one of the rows meanwhile: nothing was written",
                    stored={},
                    submitted={},
                    remedy="Try again",
                )
            writer.add(updates(part, changed))

    def _settle(
        self,
        known: dict[queries.QueryKey, sa.Row[tuple[object, ...]]],
        found: list[queries.Found],
        writer: Writer,
    ) -> None:
        queries.write(self._connection, writer, *queries.settle(known, found), known)


_NONE: Cells = np.empty(0, dtype=object)


def _no_rows(table: str) -> Rows:
    columns = dict.fromkeys(TABLES[table].keys, _NONE)
    return Rows(table, "", columns, np.empty(0, dtype=np.int64), np.empty(0, dtype=bool))


def _without(stored: store.Stored, key: tuple[str, ...]) -> store.Stored:
    keys = zip(*(stored.columns[name] for name in TABLES[stored.table].keys), strict=True)
    kept = np.array([found != key for found in keys], dtype=bool)
    columns = {name: cells[kept] for name, cells in stored.columns.items()}
    return store.Stored(stored.table, columns, stored.versions[kept])


def _keys(merged: dict[str, Merged], table: str) -> set[tuple[str, ...]]:
    part = merged.get(table)
    if part is None:
        return set()
    return set(zip(*(part.columns[name] for name in TABLES[part.table].keys), strict=True))


def _row_key(key: queries.QueryKey) -> tuple[str, ...]:
    return (key.owner, key.record_key) if key.record_key else (key.owner,)


def _database_rows(part: Merged, chosen: npt.NDArray[np.intp], *, every: bool) -> tuple[list[str], list[list[object]]]:
    """The columns of the database that the chosen rows fill (or every one), and their values column by column."""
    names: list[str] = []
    rows: list[list[object]] = []
    blank: list[object] = [None] * len(chosen)
    for name, declared in TABLES[part.table].fields.items():
        cells = part.columns.get(name)
        values: list[object] = blank if cells is None else storage(declared, cells[chosen]).tolist()
        if every or any(value is not None for value in values):
            names.append(name)
            rows.append(values)
        if declared.key:
            continue
        codes: list[object] = blank if cells is None else by_distinct(cells[chosen], _missing_code).tolist()
        if every or any(code is not None for code in codes):
            names.append(declared.absent_name)
            rows.append(codes)
    return names, rows


def _missing_code(cell: str) -> str | None:
    return cell if cell in MISSING_CODES else None


__all__ = ["Intake", "Lines", "Outcome"]
