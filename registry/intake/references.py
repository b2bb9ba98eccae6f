"""What a row owes: its required cells, and the rows of other tables that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from registry.fields import CLEAR, MISSING_CODES
from registry.intake.merge import Merged
from registry.intake.rows import Problem
from registry.intake.unread import Unread
from registry.tables import TABLES

Known = Mapping[str, set[tuple[str, ...]]]
"""The keys that a table has, or will have, as far as the incoming rows may refer to them."""


def problems(merged: Merged, known: Known, hidden: Collection[str], unread: Unread) -> Iterator[Problem]:
    """A required column that is blank in a new row, and a reference to a row that does not exist.

    Args:
        hidden: tables of which some rows could not be read: nothing is said of references to them.
        unread: the cells that could not be read: nothing is said of them either.
    """
    yield from _required(merged, unread)
    for field in TABLES[merged.table].fields.values():
        if field.refers_to and field.refers_to not in hidden:
            yield from _missing_rows(merged, (field.name,), field.refers_to, known, unread)
    if "episode_no" in TABLES[merged.table].fields and "episode" not in hidden:
        yield from _missing_rows(merged, ("patient_id", "episode_no"), "episode", known, unread)


def _required(merged: Merged, unread: Unread) -> Iterator[Problem]:
    new = np.flatnonzero(merged.new)
    for field in TABLES[merged.table].fields.values():
        if field.required and not field.key:
            cells = merged.columns.get(field.name)
            for at in new if cells is None else new[cells[new] == ""]:
                if not unread.hides(merged.rows, int(at), field.name):
                    remedy = f"write {field.form}, or UNK"
                    yield _problem(merged, int(at), field.name, "a required cell is blank", remedy)


def _missing_rows(
    merged: Merged, names: tuple[str, ...], table: str, known: Known, unread: Unread
) -> Iterator[Problem]:
    if names[-1] not in merged.rows.columns:
        return
    # A blank cell leaves the stored reference as it is, and that one the database has judged.
    keys = list(zip(*(merged.rows.columns[name] for name in names), strict=True))
    absent = {key for key in set(keys) - known[table] if key[-1] not in ("", CLEAR, *MISSING_CODES)}
    if table == "episode":  # where the patient is missing, that says it
        absent = {key for key in absent if key[:1] in known["patient"]}
    if not absent:
        return
    remedy = f"add the row to {table}, or correct the number" if table == "episode" else f"add the row to {table}"
    for at, key in enumerate(keys):
        if key in absent and not unread.hides(merged.rows, at, names[-1]):
            yield _problem(merged, at, names[-1], f"there is no such row in {table}", remedy)


def _problem(merged: Merged, at: int, column: str, problem: str, remedy: str) -> Problem:
    return Problem(merged.rows.file, int(merged.lines[at]), column, merged.cell(column, at), problem, remedy)
