"""Values where a column has no meaning, and branches that were filled below a blank question.

All follow from the ``only_where`` of the fields. A denial (no, none, a count of 0) says nothing that could contradict
the row: a center that writes it everywhere is not asked about it. The ids hold the column, because a new declaration
between two others must not give an open data query to another check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from registry.checks.arrays import Flags
from registry.checks.check import Check, Severity
from registry.checks.data import Data, Table
from registry.fields import Field
from registry.tables import TABLES


def _asserted(rows: Table, field: Field) -> Flags:
    """The column holds a value that is not a denial."""
    match field.type:
        case "boolean":
            return rows.yes(field.name)
        case "integer":
            return rows.number(field.name) > 0
        case "code" if "none" in field.codes:
            return rows.other_than(field.name, "none")
        case _:
            return rows.known(field.name)


def _opens(rows: Table, question: str, answers: tuple[str, ...]) -> tuple[Flags, Flags]:
    """Where the answer to the question gives the branch a meaning, and where it takes it."""
    if rows.fields[question].type == "boolean":
        given = rows.yes(question) if answers == ("yes",) else rows.no(question)
        return given, (rows.known(question) & ~given) | rows.not_applicable(question)
    given = rows.one_of(question, *answers)
    return given, rows.other_than(question, *answers) | rows.not_applicable(question)


def _without_meaning(field: Field, question: str, answers: tuple[str, ...]) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        rows = data[field.table]
        return _asserted(rows, field) & _opens(rows, question, answers)[1]

    return test


def _below_a_blank(table: str, question: str, branch: list[Field]) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        rows = data[table]
        filled = np.any([_asserted(rows, field) for field in branch], axis=0)
        return np.asarray(rows.blank(question) & filled, dtype=np.bool_)

    return test


def _checks() -> Iterator[Check]:
    for name, table in TABLES.items():
        branches: dict[str, list[Field]] = {}
        for field in table.fields.values():
            if field.only_where is None:
                continue
            question, answers = field.only_where
            branches.setdefault(question, []).append(field)
            yield Check(
                f"BRA.{name}.{field.name}",
                f"{field.name} has a value only where {question} is {' or '.join(answers)}.",
                Severity.WARNING,
                name,
                (field.name, question),
                _without_meaning(field, question, answers),
                f"Correct {question}, or empty {field.name}.",
            )
        for question, branch in branches.items():
            if not table.fields[question].required:
                filled = [field.name for field in branch]
                yield Check(
                    f"BLK.{name}.{question}",
                    f"{question} is not blank where {' or '.join(filled)} has a value.",
                    Severity.WARNING,
                    name,
                    (question, *filled),
                    _below_a_blank(name, question, branch),
                    f"Fill {question}, with UNK where it is not known.",
                )


CHECKS: tuple[Check, ...] = tuple(_checks())
