"""What an edit check is: a sentence about the record, and the test that finds the rows where it does not hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from registry.checks.arrays import Flags
from registry.checks.data import Data


class Severity(StrEnum):
    """What a finding does: an error refuses the entry, a warning becomes an open data query."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """One edit check.

    Args:
        id: stays the same for ever; open data queries are kept under it.
        sentence: what must hold, for a data manager.
        severity: error only for what cannot have happened; everything that is possible is a warning.
        table: the table whose rows are tested.
        columns: what is compared, the column that a finding is attached to first. A column of another table is
            written ``table.column``.
        test: True for each row of the table that violates the sentence, in the order of its frame. What is unknown
            violates nothing, unless the sentence is about the blank itself.
        remedy: what to do about a finding.
    """

    id: str
    sentence: str
    severity: Severity
    table: str
    columns: tuple[str, ...]
    test: Callable[[Data], Flags]
    remedy: str

    @property
    def column(self) -> str:
        """The column that a finding is attached to."""
        return self.columns[0]


def warning(id: str, sentence: str, table: str, columns: str, test: Callable[[Data], Flags], remedy: str) -> Check:
    """A check whose finding is possible but questionable; columns are separated by blanks."""
    return Check(id, sentence, Severity.WARNING, table, tuple(columns.split()), test, remedy)


def error(id: str, sentence: str, table: str, columns: str, test: Callable[[Data], Flags], remedy: str) -> Check:
    """A check whose finding cannot have happened; columns are separated by blanks."""
    return Check(id, sentence, Severity.ERROR, table, tuple(columns.split()), test, remedy)
