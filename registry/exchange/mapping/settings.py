"""The section [source] of a mapping: how the spreadsheet is laid out and how it writes its values."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from registry.exchange.mapping.dates import ISO_FORMAT, DateFormat, FormatProblem, date_format
from registry.exchange.mapping.report import Section
from registry.exchange.mapping.units import MONTH_DAYS

KEYS = (
    "sheet",
    "header_row",
    "delimiter",
    "encoding",
    "decimal",
    "date_format",
    "nominal",
    "month_days",
    "missing",
    "patient_id",
)
ENCODINGS = ("utf-8", "utf-16", "cp1250", "cp1252", "iso-8859-1", "iso-8859-2", "iso-8859-15", "gb18030")
DELIMITERS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Settings:
    """How the spreadsheet is laid out.

    Args:
        sheet: its name in a workbook; None for the only one.
        header_row: the row with the names of the columns; rows above it are not read.
        decimal: the decimal mark of numbers that stand as text.
        month_days: the days of one month in durations.
        missing: which texts are no value, and the missing-data code (or blank) that each means.
    """

    sheet: str | None = None
    header_row: int = 1
    delimiter: str = ","
    encoding: str = "utf-8"
    decimal: str = "."
    date_format: DateFormat = ISO_FORMAT
    month_days: Decimal = MONTH_DAYS
    missing: dict[str, str] = field(default_factory=dict)


def read_settings(section: Section) -> Settings:
    """The settings of the section, with defaults for what it leaves out or says wrongly."""
    section.only(KEYS)
    found: dict[str, Any] = {
        "sheet": section.text("sheet"),
        "header_row": section.integer("header_row", 1, 1_000_000),
        "delimiter": _one_of(section, "delimiter", DELIMITERS),
        "encoding": _one_of(section, "encoding", ENCODINGS),
        "decimal": _one_of(section, "decimal", (".", ",")),
        "date_format": read_date_format(section),
        "month_days": _month_days(section),
        "missing": section.missing(),
    }
    return Settings(**{name: value for name, value in found.items() if value is not None})


def read_date_format(section: Section) -> DateFormat | None:
    """The spelling of dates that a section declares; None where it declares none."""
    written = section.text("date_format")
    nominal = section.text("nominal")
    if written is None:
        if nominal is not None:
            section.report("nominal", "there is no date_format that it completes", "add date_format, such as YYYY")
        return None
    try:
        return date_format(written, nominal or "")
    except FormatProblem as problem:
        section.report(problem.key, problem.problem, problem.remedy)
        return None


def _one_of(section: Section, key: str, permitted: tuple[str, ...]) -> str | None:
    value = section.values.get(key)
    if value is None or value in permitted:
        return value
    section.report(key, "not one that can be read", "write one of " + " ".join(map(repr, permitted)))
    return None


def _month_days(section: Section) -> Decimal | None:
    value = section.values.get("month_days")
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 28 <= value <= 31:
        return Decimal(repr(value))
    section.report("month_days", "not the length of a month", "write a number from 28 to 31, such as 30.4375")
    return None
