"""How a center writes its dates, and the days that lie a duration before or after another."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from registry.exchange.mapping.units import days_in
from registry.fields import CellProblem

_TOKENS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{1,2})", "DD": r"(?P<day>\d{1,2})"}
_WHOLE_TOKENS = {name: part.replace("{1,2}", "{2}") for name, part in _TOKENS.items()}
"""Where nothing separates the parts, 1112020 could be two days: month and day have their two digits."""
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A spelling of dates such as DD.MM.YYYY; a month or year alone is completed to a nominal day.

    Args:
        written: the spelling, of the parts YYYY, MM and DD.
        pattern: what it matches.
        nominal: what completes it: "07-01" for a year, "15" for a month, "" for a whole date.
    """

    written: str
    pattern: re.Pattern[str]
    nominal: str

    def iso(self, text: str) -> str:
        """The date as YYYY-MM-DD; raises CellProblem. A date cell of a spreadsheet (ISO text) is always understood."""
        stamp = _ISO.fullmatch(text)
        if stamp:
            return stamp[1]
        found = self.pattern.fullmatch(text)
        if not found:
            raise CellProblem(f"not a date written as {self.written}", "correct it, or declare its date_format")
        parts = found.groupdict()
        month, day = self._completed(parts.get("month"), parts.get("day"))
        return f"{parts['year']}-{int(month):02}-{int(day):02}"

    def _completed(self, month: str | None, day: str | None) -> tuple[str, str]:
        if month and day:
            return month, day
        if month:
            return month, self.nominal
        first, second = self.nominal.split("-")
        return first, second


class FormatProblem(ValueError):
    """A spelling of dates that cannot be used: the key that is wrong, and the way to mend it."""

    def __init__(self, key: str, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.key, self.problem, self.remedy = key, problem, remedy


ISO_FORMAT = DateFormat("YYYY-MM-DD", _ISO, "")


def date_format(written: str, nominal: str = "") -> DateFormat:
    """The format of a spelling; raises FormatProblem.

    Two-digit years and days before months behind a year are refused: they would have to be guessed.
    """
    parts = re.split(r"(YYYY|MM|DD)", written)
    tokens, between = parts[1::2], parts[0::2]
    if any(re.search(r"[A-Za-z0-9]", text) for text in between) or sorted(tokens) not in (
        ["DD", "MM", "YYYY"],
        ["MM", "YYYY"],
        ["YYYY"],
    ):
        remedy = "write it with YYYY, MM and DD, for example DD.MM.YYYY, MM/YYYY or YYYY"
        raise FormatProblem("date_format", "not a spelling of dates", remedy)
    if tokens == ["YYYY", "DD", "MM"]:
        remedy = "turn the column into dates in the file"
        raise FormatProblem("date_format", "a spelling that is confused with YYYY-MM-DD", remedy)
    wanted = {1: r"(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])", 2: r"0[1-9]|1\d|2[0-8]", 3: ""}[len(tokens)]
    if not re.fullmatch(wanted, nominal, re.ASCII):
        example = {1: '"07-01" for the 1st of July', 2: '"15"', 3: "nothing: the date is whole"}[len(tokens)]
        key = "nominal" if nominal else "date_format"
        raise FormatProblem(key, "nominal does not complete the date", f"write {example} (days up to 28)")
    patterns = _TOKENS if all(between[1:-1]) else _WHOLE_TOKENS
    spelled = "".join(patterns[token] + re.escape(text) for token, text in zip(tokens, between[1:], strict=True))
    return DateFormat(written, re.compile(re.escape(between[0]) + spelled, re.ASCII), nominal)


def shifted(day: dt.date, number: Decimal, unit: str, sign: int, month_days: Decimal) -> dt.date:
    """The day that lies a number of units after (sign 1) or before (-1) another; raises CellProblem.

    Years are those of the calendar, so that a person is whole years old on the day: the rest of a year, and all
    other units, are days, rounded to whole ones (half a day up).
    """
    whole = 0
    if unit == "years":
        whole = int(number)
        number -= whole
    days = int((number * days_in(unit, month_days)).to_integral_value(ROUND_HALF_UP))
    try:
        return _in_year(day, day.year + sign * whole) + sign * dt.timedelta(days=days)
    except (ValueError, OverflowError):
        raise CellProblem("a day beyond the calendar", "correct the duration, or its unit") from None


def _in_year(day: dt.date, year: int) -> dt.date:
    if (day.month, day.day) == (2, 29) and not calendar.isleap(year):
        return dt.date(year, 2, 28)
    return day.replace(year=year)
