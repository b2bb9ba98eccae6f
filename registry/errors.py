"""The one tree of errors that a person can mend: what is wrong, what was got, and how to mend it."""

from __future__ import annotations


class OligometError(Exception):
    """An error with a sentence for the person who met it; never shown with a traceback.

    Args:
        problem: what is wrong, one sentence without a final stop.
        got: what was found instead, or None where there is nothing to show.
        remedy: what to do about it.
    """

    exit_status = 1

    def __init__(self, problem: str, *, got: object = None, remedy: str = "") -> None:
        self.problem, self.got, self.remedy = problem, got, remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        got = f" (got {self.got!r})" if self.got is not None else ""
        return f"{self.problem}{got}." + (f" {self.remedy}." if self.remedy else "")


class InputRefused(OligometError):
    """The input as a whole cannot be taken: nothing was written."""


class AnalysisRefused(OligometError):
    """An analysis that would mislead, or that the data cannot give."""


class TrailBroken(OligometError):
    """The audit trail is not what was written."""


class StaleVersion(OligometError):
    """Somebody else changed the row since the writer read it.

    Args:
        stored: the cells as they are now.
        submitted: the cells that the writer wanted to store.
    """

    def __init__(self, problem: str, *, stored: dict[str, str], submitted: dict[str, str], remedy: str) -> None:
        self.stored, self.submitted = stored, submitted
        super().__init__(problem, remedy=remedy)


class UsageError(OligometError):
    """The command was called wrongly."""

    exit_status = 2


class EnvironmentRefused(OligometError):
    """No database, a schema out of date, no space, no connection."""

    exit_status = 3


class Collided(EnvironmentRefused):
    """Two writers waited for each other, and the database gave up this one: nothing was written, it can begin anew."""


class PermissionRefused(EnvironmentRefused):
    """The actor may not do this."""
