"""What a cell of a workbook says as the text of a field: the right value or a problem, never a guess."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from registry.exchange.xlsx.number_formats import Shown
from registry.exchange.xlsx.sheet import BOOLEAN, ERROR, ISO_DATE, UNCALCULATED, Cell
from registry.fields import CellProblem, Field

AS_TEXT = "format the column as text and enter the value again"
AS_DATE = "write the day, month and year, shown as yyyy-mm-dd"

DIGITS = 15
"""What Excel keeps of a number, and shows of it."""

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_LAST_DAY = 2_958_465  # 9999-12-31, counted from 1900
_SHIFT = 1462  # days between the two ways of counting


@dataclass(frozen=True, slots=True)
class Workings:
    """What the meaning of a number in a cell depends on.

    Args:
        shown: for each cell style how it shows a number.
        from_1904: day 0 is 1904-01-01.
    """

    shown: list[Shown]
    from_1904: bool

    def text(self, cell: Cell, field: Field) -> str:
        """The text that goes to Field.parse; raises CellProblem where the cell does not say what was meant."""
        if isinstance(cell, str):
            return cell
        kind, style, content = cell
        if kind == UNCALCULATED:
            remedy = "open and save the file in Excel, or paste the values"
            raise CellProblem("the formula was never calculated", remedy)
        if kind == ERROR:
            raise CellProblem("an error of the spreadsheet", "mend the formula, or write the value")
        if kind == BOOLEAN:
            true = content.strip() in ("1", "true")
            return ("yes" if true else "no") if field.type == "boolean" else str(true).upper()
        if kind == ISO_DATE:
            _require_date_field(field)
            return content
        number = _number(content)
        shown = self._shown(style)
        if shown in (Shown.DATE, Shown.PART, Shown.TIME):
            _require_date_field(field)
            return self._date(number, shown)
        if field.type == "date":
            raise CellProblem("a number, not a date", f"{AS_DATE}, and look whether it is the right day")
        if shown is Shown.PERCENT:
            remedy = f"write {number_text(number * 100)} or {number_text(number)}, whichever is meant, without %"
            raise CellProblem("a percentage: the cell holds a hundredth of what it shows", remedy)
        if field.is_free and shown is Shown.DRESSED:
            raise CellProblem("the cell shows zeros or words that it does not hold", AS_TEXT)
        if field.is_free and abs(number) >= 10**DIGITS:
            raise CellProblem(f"a number of more than {DIGITS} digits, which spreadsheets cut off", AS_TEXT)
        return number_text(number)

    def display(self, cell: Cell) -> str | None:
        """About what a person sees in the cell, for a message."""
        if isinstance(cell, str):
            return cell[:100]
        kind, style, content = cell
        if kind == UNCALCULATED:
            return content[:100] if len(content) > 1 else None
        if kind == BOOLEAN:
            return str(content.strip() in ("1", "true")).upper()
        if kind in (ERROR, ISO_DATE) or not _DECIMAL.fullmatch(content.strip()):
            return content[:100]
        number = float(content)
        if not math.isfinite(number):
            return content[:100]
        shown = self._shown(style)
        if shown is Shown.PERCENT:
            return f"{number_text(number * 100)}%"
        if shown in (Shown.DATE, Shown.PART) and 0 <= number < _LAST_DAY - _SHIFT:
            moment = dt.datetime.combine(self._day_zero, dt.time()) + dt.timedelta(seconds=round(number * 86_400))
            return moment.isoformat(" ", "seconds").removesuffix(" 00:00:00")
        return number_text(number)

    def _shown(self, style: str) -> Shown:
        at = int(style) if style.isdecimal() else 0
        return self.shown[at] if at < len(self.shown) else Shown.NUMBER

    def _date(self, number: float, shown: Shown) -> str:
        if shown is Shown.PART:
            raise CellProblem("a date of which the cell shows a part only, the rest being made up", AS_DATE)
        if shown is Shown.TIME:
            raise CellProblem("a time, not a date", AS_DATE)
        day = round(number)
        if abs(number - day) > 1e-8:
            raise CellProblem("a date with a time of day", "take the time away")
        # Excel counts a 29 February 1900, other programs do not: they disagree about the days before it.
        if not (0 if self.from_1904 else 61) <= day <= _LAST_DAY - _SHIFT:
            remedy = "write it as text, in the form YYYY-MM-DD"
            raise CellProblem("a day that spreadsheets do not count alike", remedy)
        return (self._day_zero + dt.timedelta(days=day)).isoformat()

    @property
    def _day_zero(self) -> dt.date:
        return dt.date(1904, 1, 1) if self.from_1904 else dt.date(1899, 12, 30)


def number_text(number: float) -> str:
    """A number as Excel shows it: 15 digits, so that 0.1 + 0.2 is 0.3."""
    if abs(number) < 10**DIGITS and number == int(number):
        return str(int(number))
    return f"{number:.{DIGITS}g}"


def _number(content: str) -> float:
    content = content.strip()
    number = float(content) if _DECIMAL.fullmatch(content) else math.nan
    if not math.isfinite(number):
        raise CellProblem("not a number", "enter the value again")
    return number


def _require_date_field(field: Field) -> None:
    if field.type != "date":
        raise CellProblem(f"a date, where {field.form} is expected: the spreadsheet may have made it one", AS_TEXT)
