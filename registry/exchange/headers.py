"""The header of a table's file: which column is which, and what is wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass

from registry.intake.rows import Problem
from registry.tables import TABLES


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file that the table has.

    Args:
        names: for each column of the file the field it fills, None where the column is refused.
        usable: False where rows cannot be told apart, so that reading them would help nobody.
    """

    names: list[str | None]
    usable: bool


def read_header(table: str, file: str, cells: list[str], *, line: int = 1) -> tuple[Header, list[Problem]]:
    """Matches the header cells with the fields of the table; unknown, doubled and missing ones are problems."""
    fields = TABLES[table].fields
    names: list[str | None] = []
    problems = []
    for at, text in enumerate(cells):
        name = text.strip()
        if name in names:
            problems.append(Problem(file, line, name, name, "the column stands twice", "keep one of them"))
            names.append(None)
        elif name in fields:
            names.append(name)
        elif name == "":
            problems.append(
                Problem(file, line, None, "", f"column {at + 1} has no name", "name it in the header, or remove it")
            )
            names.append(None)
        else:
            near = difflib.get_close_matches(name.lower(), fields, n=1, cutoff=0.7)
            remedy = f"write {near[0]}" if near else f"use the columns of {table} in the data dictionary"
            problems.append(Problem(file, line, name, name, f"{table} has no such column", remedy))
            names.append(None)
    missing = [key for key in TABLES[table].keys if key not in names]
    for key in missing:
        problem, remedy = "the key column is missing", f"add the column {key}"
        problems.append(Problem(file, line, key, None, problem, remedy, hides=table))
    return Header(names, not missing), problems


def unknown_table(file: str, name: str, others: Collection[str] = ()) -> Problem:
    """A file or sheet that is named after no table.

    Args:
        others: the tables that there are beside it: it is none of those, misspelt.
    """
    near = difflib.get_close_matches(name.lower(), TABLES, n=1, cutoff=0.6)
    hides = near[0] if near and near[0] not in others else ""
    remedy = f"name it {near[0]}" if near else f"name it after one of {', '.join(TABLES)}"
    return Problem(file, None, None, name, "there is no such table", remedy, hides=hides)
