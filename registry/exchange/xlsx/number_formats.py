"""How a cell's number format shows its number: as a whole date, as a part of one, as a percentage, as it is."""

from __future__ import annotations

import re
from enum import Enum


class Shown(Enum):
    """What a person sees of the number in a cell."""

    NUMBER = "a number"
    PERCENT = "a percentage"
    DRESSED = "a number with zeros or words around it"
    DATE = "a date"
    PART = "a part of a date"
    TIME = "a time"


BUILT_IN: dict[int, str] = {
    9: "0%",
    10: "0.00%",
    14: "mm-dd-yy",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "h:mm:ss"),
    22: "m/d/yy h:mm",
    # These differ between the languages of East Asia, some without the day or the year.
    **dict.fromkeys((*range(27, 32), 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm"),
}
"""The formats that a workbook names by number only and that are not plain numbers (ECMA-376 part 1, 18.8.30)."""

# Fill and width marks, colors, conditions and languages (but not [h] or [mm]), and words with letters of their own.
_MARK = re.compile(r"_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]|general|am/pm|a/p|e[+-]", re.IGNORECASE)
_LITERAL = re.compile(r'"[^"]*"|\\.')
_TOKEN = re.compile(r"([ybeg])[ybeg]*|(m)m*|(d)d*|(h)h*|(s)s*", re.IGNORECASE)


def shown_as(code: str) -> Shown:
    """What a number format makes of a positive number."""
    bare = _MARK.sub("", _LITERAL.sub("", code)).partition(";")[0]
    tokens = [match[0].lower() for match in _TOKEN.finditer(bare)]
    if not tokens:
        if "%" in bare:
            return Shown.PERCENT
        padded = re.match(r"[^0#?]*0[-0 /().]*0", bare.partition(".")[0])
        worded = any(re.search(r"\w", literal) for literal in _LITERAL.findall(code))
        return Shown.DRESSED if padded or worded else Shown.NUMBER
    year = any(token[0] in "ybeg" for token in tokens)
    day = any(token in ("d", "dd") for token in tokens)  # ddd is the day of the week
    month = any(token[0] == "m" and not _is_minute(tokens, at) for at, token in enumerate(tokens))
    if year and month and day:
        return Shown.DATE
    dated = year or month or any(token[0] == "d" for token in tokens)
    return Shown.PART if dated else Shown.TIME


def _is_minute(tokens: list[str], at: int) -> bool:
    after_hour = at > 0 and tokens[at - 1][0] == "h"
    before_second = at + 1 < len(tokens) and tokens[at + 1][0] == "s"
    return after_hour or before_second
