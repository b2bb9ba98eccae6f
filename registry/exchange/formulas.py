"""Text that a spreadsheet would run as a formula: made harmless on the way out, restored on the way in.

A text cell that begins with =, +, - or @ (also in their full width), a tab or a carriage return gets an apostrophe in
front (as does one that begins with an apostrophe and then one of those, so that the way back is exact).
"""

from __future__ import annotations

import re

_RUNS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")


def guard(text: str) -> str:
    """The text as it is written to a file that a spreadsheet may open."""
    return "'" + text if _RUNS.match(text) else text


def unguard(text: str) -> str:
    """The text that was guarded."""
    return text[1:] if _GUARDED.match(text) else text
