"""Words of a person that the trail keeps: a reason, a message."""

from __future__ import annotations

from registry.errors import InputRefused
from registry.fields import CLEAR, MISSING_CODES, CellProblem, Field

_WORDS = Field("revision", "reason", "text", "Why something was written")


def checked(text: str | None, what: str = "reason") -> str:
    """The words as the trail keeps them, "" where there are none; InputRefused where they are no text."""
    try:
        cell = _WORDS.parse(text or "")
    except CellProblem as problem:
        raise InputRefused(f"The {what} {problem.problem}", remedy=problem.remedy.capitalize()) from None
    return "" if cell in MISSING_CODES or cell == CLEAR else cell
