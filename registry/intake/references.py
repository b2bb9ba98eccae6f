"""What a row owes: its required cells, and the rows of other tables that it names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from registry.fields import CLEAR, MISSING_CODES, Field
from registry.intake.merge import Merged
from registry.intake.rows import Problem, Rows
from registry.tables import TABLES

Known = Mapping[str, set[tuple[str, ...]]]
"""The keys that a table has, or will have, as far as the incoming rows may refer to them."""

Told = tuple[int | None, str | None]
"""Line and column of a problem."""


def problems(merged: Merged, known: Known, hidden: Collection[str]) -> Iterator[Problem]:
    """A required column that is blank in a new row, and a reference to a row that does not exist.

    Args:
        hidden: tables of which some rows could not be read: nothing is said of references to them.
    """
    yield from _required(merged)
    for field in TABLES[merged.table].fields.values():
        if field.refers_to and field.refers_to not in hidden:
            yield from _missing_rows(merged, (field.name,), field.refers_to, known)
    if "episode_no" in TABLES[merged.table].fields and "episode" not in hidden:
        yield from _missing_rows(merged, ("patient_id", "episode_no"), "episode", known)


def _required(merged: Merged) -> Iterator[Problem]:
    new = np.flatnonzero(merged.new)
    for field in TABLES[merged.table].fields.values():
        if field.required and not field.key:
            cells = merged.columns.get(field.name)
            for at in new if cells is None else new[cells[new] == ""]:
                yield _problem(merged, int(at), field.name, *_blank(field))


def blanks(rows: Rows, stored: Collection[tuple[str, ...]], told: Collection[Told]) -> Iterator[Problem]:
    """The required cells that are blank in refused rows, so that a person is told of them together with the rest.

    Args:
        stored: keys of rows that are stored: there a blank leaves what is stored.
        told: what has been reported of the file; a cell that could not be read, or the whole line, is not blank.
    """
    fields = TABLES[rows.table].fields
    elsewhere = {line for line, column in told if column not in fields}
    for at, key in enumerate(rows.row_keys()):
        line = int(rows.lines[at])
        if "" in key or key in stored or line in elsewhere:
            continue
        for field in fields.values():
            cells = rows.columns.get(field.name)
            if (
                field.required
                and not field.key
                and (cells is None or cells[at] == "")
                and (line, field.name) not in told
            ):
                yield Problem(rows.file, line, field.name, "", *_blank(field))


def _blank(field: Field) -> tuple[str, str]:
    return "a required cell is blank", f"write {field.form}, or UNK"


def _missing_rows(merged: Merged, names: tuple[str, ...], table: str, known: Known) -> Iterator[Problem]:
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
        if key in absent:
            yield _problem(merged, at, names[-1], f"there is no such row in {table}", remedy)


def _problem(merged: Merged, at: int, column: str, problem: str, remedy: str) -> Problem:
    return Problem(merged.rows.file, int(merged.lines[at]), column, merged.cell(column, at), problem, remedy)
