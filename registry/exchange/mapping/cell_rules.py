"""Reads where one column of the registry comes from: `{ from = "Age", … }`, `{ value = … }`, `{ date = … }`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from registry.exchange.mapping.derive import (
    Candidate,
    CellRules,
    Condition,
    Constant,
    Converter,
    DateText,
    NamedDate,
    Number,
    Read,
    Rule,
    Shift,
    Words,
)
from registry.exchange.mapping.places import Path
from registry.exchange.mapping.report import Section, did_you_mean
from registry.exchange.mapping.settings import Settings, read_date_format
from registry.exchange.mapping.units import DURATIONS, factors
from registry.fields import CellProblem, Field

KINDS = ("from", "value", "date")
FORM = 'write { from = "column of the file" }, { value = "…" }, or a list of those'
ALL_OTHERS = "all others"


@dataclass(slots=True)
class Context:
    """What rules are read against.

    Args:
        dates: the named dates so far, and the source columns that each is read from.
        uses: every source column that the mapping names, and where.
    """

    settings: Settings
    today: dt.date
    dates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    uses: list[tuple[str, Path]] = field(default_factory=list)


def column_name(text: str) -> str:
    """The name of a source column, whatever its line breaks and repeated blanks."""
    return " ".join(text.split())


def read_cell_rules(section: Section, key: str, target: Field, context: Context) -> CellRules | None:
    """The rules of a column; None where one of them is wrong, which is reported."""
    candidates = []
    members = section.members(key, FORM)
    for member in members:
        conditions = read_conditions(member, context) if "when" in member.values else ()
        rule = _read_rule(member, target, context)
        if rule is not None:
            candidates.append(Candidate(rule, conditions))
    return CellRules(target, tuple(candidates)) if candidates and len(candidates) == len(members) else None


def read_conditions(section: Section, context: Context) -> tuple[Condition, ...]:
    """The conditions under ``when``, all of which have to hold."""
    members = section.members("when", 'write { from = "column of the file", yes = ["1"], no = ["0"] }')
    found = [_read_condition(member, context) for member in members]
    return tuple(condition for condition in found if condition is not None)


def _read_condition(section: Section, context: Context) -> Condition | None:
    section.only(("from", "yes", "no", "filled"))
    column = _source_column(section, context)
    filled = section.flag("filled")
    if "filled" in section.values:
        for key in ("yes", "no"):
            if key in section.values:
                section.report(key, "stands beside filled", "keep one of them")
        return Condition(column, frozenset(), None, filled, context.settings.missing)
    yes = _texts(section, "yes")
    no = None if section.values.get("no") == ALL_OTHERS else _texts(section, "no")
    for text in yes & (no or frozenset()):
        section.report("no", f"{text!r} stands under yes as well", "keep it in one of them")
    return Condition(column, yes, no, None, context.settings.missing)


def _texts(section: Section, key: str) -> frozenset[str]:
    value = section.values.get(key)
    if not isinstance(value, list):
        value = [value]
    if isinstance(value, list) and value and all(type(text) in (str, int, float) for text in value):
        return frozenset(str(text).strip() for text in value)
    beside = ' (or no = "all others")' if key == "no" else ""
    problem = "a condition needs it" if key not in section.values else "not a list of texts"
    section.report(key, problem, f'write {key} = ["…"] with the texts of the file{beside}, or filled = true')
    return frozenset()


def _source_column(section: Section, context: Context) -> str:
    name = column_name(section.text("from") or "")
    if name:
        context.uses.append((name, (*section.path, "from")))
    elif "from" not in section.values:
        section.report("from", "no source column is named", 'write from = "column of the file"')
    return name


def _read_rule(section: Section, target: Field, context: Context) -> Rule | None:
    kinds = [kind for kind in KINDS if kind in section.values]
    if len(kinds) != 1:
        section.only((*KINDS, *_MODIFIERS, "when"))
        section.report(None, "not exactly one of from, value and date", FORM)
        return None
    match kinds[0]:
        case "value":
            section.only(("value", "when"))
            return _read_constant(section, target, context)
        case "date":
            section.only(("date", "when"))
            return _read_named_date(section, target, context)
        case _:
            return _read_column(section, target, context)


def _read_constant(section: Section, target: Field, context: Context) -> Constant | None:
    cell = section.cell("value")
    if cell is None:
        return None
    try:
        return Constant(target.parse(cell, today=context.today))
    except CellProblem as problem:
        section.report("value", problem.problem, problem.remedy)
        return None


def _read_named_date(section: Section, target: Field, context: Context) -> NamedDate | None:
    if target.type != "date":
        section.report("date", f"{target.name} is no date", "use from or value")
    name = _known_date(section, "date", context)
    return None if name is None else NamedDate(name, context.dates[name])


def _known_date(section: Section, key: str, context: Context) -> str | None:
    name = section.text(key)
    if name is None or name in context.dates:
        return name
    remedy = did_you_mean(name, context.dates) or "declare it under [dates], above the dates that use it"
    section.report(key, "there is no such named date", remedy)
    return None


_CONVERTING = ("unit", "date_format", "nominal", "after", "before", "prefix")
_MODIFIERS = ("codes", "missing", "split", *_CONVERTING)


def _modifiers(target: Field) -> tuple[str, ...]:
    """What may stand beside ``from`` for a column of this type."""
    match target.type:
        case "date":
            return ("codes", "missing", "date_format", "nominal", "unit", "after", "before")
        case "number":
            return ("codes", "missing", "unit")
        case "codes":
            return ("codes", "missing", "split")
        case "text" | "ref":
            return ("codes", "missing", "prefix")
        case _:
            return ("codes", "missing")


def _read_column(section: Section, target: Field, context: Context) -> Read | None:
    permitted = _modifiers(target)
    section.only(("from", *permitted, "when"))
    column = _source_column(section, context)
    codes = _read_codes(section, target, context)
    missing = {**context.settings.missing, **section.missing()}
    split = _read_split(section) if "split" in permitted else ""
    convert, columns = _read_converter(section, target, context)
    if not column or convert is None:
        return None
    return Read((column, *columns), codes, missing, split, convert)


def _read_split(section: Section) -> str:
    """What separates the texts of one cell; it may be a blank or a line break."""
    split = section.values.get("split", "")
    if isinstance(split, str) and (split or "split" not in section.values):
        return split
    section.report("split", "not what separates texts", 'write it between quotation marks, such as "," or "\\n"')
    return ""


def _read_codes(section: Section, target: Field, context: Context) -> dict[str, str] | None:
    codes = section.cells("codes")
    if codes is None:
        return None
    for key in _CONVERTING:
        if key in section.values and key in _modifiers(target):
            section.report(key, "stands beside codes, which are values of the registry", f"keep codes or {key}")
    read = {}
    for text, cell in codes.items():
        try:
            read[text] = target.parse(cell, today=context.today)
        except CellProblem as problem:
            section.reporter.add((*section.path, "codes", text), cell, problem.problem, problem.remedy)
    return read


def _read_converter(section: Section, target: Field, context: Context) -> tuple[Converter | None, tuple[str, ...]]:
    """What turns a text into a cell, and the source columns that it needs besides."""
    settings = context.settings
    match target.type:
        case "date" if section.values.keys() & {"after", "before", "unit"}:
            return _read_shift(section, context)
        case "date":
            return DateText(read_date_format(section) or settings.date_format), ()
        case "number" | "integer":
            factor = _read_factor(section, target, context)
            return (None if factor is None else Number(factor, settings.decimal)), ()
        case "text" | "ref":
            return Words(section.text("prefix") or ""), ()
        case _:
            return Words(""), ()


def _read_factor(section: Section, target: Field, context: Context) -> Decimal | None:
    units = factors(target, context.settings.month_days)
    unit = section.text("unit") if target.type == "number" else None
    if unit is None:
        if len(units) > 1 and "codes" not in section.values and "unit" not in section.values:
            problem = f"{target.name} is kept in {target.unit}; the mapping does not say what the file has"
            section.report(None, problem, f"add unit = one of {', '.join(units)}")
        return Decimal(1)
    if unit not in units:
        section.report("unit", "there is no such unit here", f"write one of {', '.join(units)}")
        return None
    return units[unit]


def _read_shift(section: Section, context: Context) -> tuple[Shift | None, tuple[str, ...]]:
    sides = [key for key in ("after", "before") if key in section.values]
    unit = section.text("unit")
    if unit not in DURATIONS:
        remedy = f"write unit = one of {', '.join(DURATIONS)}"
        section.report("unit", "a duration needs a unit" if unit is None else "there is no such unit here", remedy)
    if len(sides) != 1:
        section.report(None, "a duration counts from one date", 'write after = "…" or before = "…"')
        return None, ()
    for key in ("date_format", "nominal"):
        if key in section.values:
            section.report(key, "a duration has no spelling of dates", "remove it")
    name = _known_date(section, sides[0], context)
    if name is None or unit not in DURATIONS:
        return None, ()
    sign = 1 if sides[0] == "after" else -1
    settings = context.settings
    return Shift(name, sign, unit, settings.month_days, settings.decimal), context.dates[name]
