"""A first mapping of a center's file, guessed from its header; a person decides what it leaves open with a ``?``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from registry.errors import InputRefused
from registry.exchange.mapping.names import GUESSED, IDENTIFIERS, YES, duration, match, words
from registry.exchange.mapping.report import OPEN
from registry.exchange.mapping.settings import DELIMITERS, Settings
from registry.exchange.mapping.spreadsheet import Garbled, SettingProblem, Sheet, open_sheet
from registry.exchange.mapping.units import MONTH_DAYS, factors
from registry.fields import Field
from registry.intake.rows import Problem
from registry.tables import TABLES

DISTINCT = 12
"""Up to so many different values a column is taken for a coded one, and they are listed."""


@dataclass(slots=True)
class _Column:
    """A column of the file with what stands in it."""

    name: str
    values: dict[str, int]

    @property
    def few(self) -> bool:
        return 0 < len(self.values) <= DISTINCT

    def summary(self) -> str:
        shown = ", ".join(f"{text!r} {count} times" for text, count in list(self.values.items())[:DISTINCT])
        return shown if self.few else f"{len(self.values)} different values, such as {', '.join(list(self.values)[:3])}"


ORIGIN = "origin"
_HINT_ORIGIN = (
    "[dates]",
    f'{ORIGIN} = {{ value = "{OPEN}" }}  # the day that durations count from, a nominal one or {{ from = "…" }}',
)
_HINT_CENTER = (
    "# [center]  # only where the registry does not know the center yet",
    '# center_id = { value = "…" }',
    '# name = { value = "…" }',
)
_HINT_DEATH = (
    '# death_on = { from = "…", when = { from = "…", yes = "…", no = "…" } }  # required where vital_status is dead'
)


def draft(path: Path, *, sheet: str | None = None) -> str:
    """The text of a mapping for a file; every ``?`` in it is to be filled in.

    Raises InputRefused for a file that cannot be read.
    """
    if not path.is_file():
        raise InputRefused("There is no such file", got=path.name, remedy="Check the path")
    settings, found = _open(path, sheet)
    columns = _columns(found)
    owner = _identifier(columns)
    matched = {column.name: target for column in columns if column is not owner and (target := match(column.name))}
    file = _comment(path.name)
    lines = [
        f"# A first mapping of {file}, guessed from its header. Fill in every {OPEN}, correct what was guessed",
        "# wrongly, add what is missing (docs/mapping.md), and look at the result before you import it:",
        f"#   oligomet import {file} --mapping THIS_FILE --dry-run",
        "",
        "[source]",
    ]
    if settings.sheet is not None:
        lines.append(f"sheet = {_text(settings.sheet)}")
    if settings.delimiter != ",":
        lines.append(f"delimiter = {_text(settings.delimiter)}")
    lines.append(
        '# missing = { "-999" = "UNK" }  # texts of the file that are no value, and the missing-data code of each'
    )
    lines.append(f"patient_id = {{ from = {_text(owner.name if owner else OPEN)} }}")
    rules = {table: _table(table, columns, matched) for table in GUESSED}
    if any(f'{side} = "{ORIGIN}"' in rule for side in ("after", "before") for rule in rules["patient"]):
        lines += ["", *_HINT_ORIGIN]
    lines += ["", *_HINT_CENTER]
    for table, written in rules.items():
        lines += ["", f"[{table}]" if written else f"# [{table}]", *written]
    left = [column for column in columns if column is not owner and column.name not in matched]
    if left:
        lines += ["", "# Not mapped:"]
        lines += [f"#   {_text(column.name)}: {_comment(column.summary())}" for column in left]
    return "\n".join(lines) + "\n"


def _open(path: Path, sheet: str | None) -> tuple[Settings, Sheet]:
    settings = Settings(sheet=sheet)
    try:
        found = open_sheet(path, settings)
    except SettingProblem as problem:
        if problem.key != "delimiter":
            remedy = "Name it with --sheet" if problem.key == "sheet" else problem.remedy
            raise InputRefused(str(problem)[:1].upper() + str(problem)[1:], remedy=remedy) from problem
        settings, found = _separated_otherwise(path)
    if isinstance(found, Problem):
        raise InputRefused(found.problem[:1].upper() + found.problem[1:], got=found.value, remedy=found.remedy)
    return settings, found


def _separated_otherwise(path: Path) -> tuple[Settings, Sheet | Problem]:
    for delimiter in DELIMITERS:
        settings = Settings(delimiter=delimiter)
        try:
            return settings, open_sheet(path, settings)
        except SettingProblem:
            continue
    raise InputRefused("The columns are separated in no known way", got=path.name, remedy="Save the file as CSV")


def _columns(sheet: Sheet) -> list[_Column]:
    columns = [_Column(name, {}) for name in sheet.names]
    for line in sheet.rows():
        if isinstance(line, Problem):
            continue
        for column, content in zip(columns, line[1], strict=True):
            text = content.shown if isinstance(content, Garbled) else content
            if text and (text in column.values or len(column.values) <= 1000):
                column.values[text] = column.values.get(text, 0) + 1
    return [column for column in columns if column.name]


def _identifier(columns: list[_Column]) -> _Column | None:
    by_words = {words(column.name): column for column in reversed(columns)}
    return next((by_words[words] for words in IDENTIFIERS if words in by_words), None)


def _table(table: str, columns: list[_Column], matched: dict[str, tuple[str, str]]) -> list[str]:
    lines = []
    for name, field in TABLES[table].fields.items():
        sources = [column for column in columns if matched.get(column.name) == (table, name)]
        if sources:
            lines.append(f"{name} = {_rule(field, sources[0])}")
            lines += [f"# {name}: or from {_text(column.name)}?" for column in sources[1:]]
        elif field.required and not field.key:
            lines.append(f"{name} = {{ value = {_text(OPEN)} }}  # {_comment(field.form)}")
        elif (table, name) == ("patient", "death_on"):
            lines.append(_death(columns, matched))
    return lines


def _death(columns: list[_Column], matched: dict[str, tuple[str, str]]) -> str:
    """The date of death: the last contact of those whom a column calls dead."""
    source = {matched[column.name]: column for column in reversed(columns) if column.name in matched}
    contact, status = (source.get(("patient", name)) for name in ("last_contact_on", "vital_status"))
    if contact is None or status is None or not duration(contact.name):
        return _HINT_DEATH
    rule = _rule(TABLES["patient"].fields["death_on"], contact).removesuffix(" }")
    return f"death_on = {rule}, when = {{ from = {_text(status.name)}, yes = {_text(OPEN)}, no = {_text(OPEN)} }} }}"


def _rule(field: Field, column: _Column) -> str:
    parts = [f"from = {_text(column.name)}"]
    if field.codes or field.type == "boolean":
        if column.few:
            codes = ", ".join(f"{_text(text)} = {_text(_code(field, text))}" for text in column.values)
            parts.append(f"codes = {{ {codes} }}")
    elif field.type == "number" and len(factors(field, MONTH_DAYS)) > 1:
        parts.append(f"unit = {_text(OPEN)}")
    elif field.name == "birth_date" and words(column.name).startswith("age"):
        parts.append(f'unit = "years", before = "{ORIGIN}"')
    elif field.type == "date" and (unit := duration(column.name)):
        parts.append(f'unit = {_text(unit)}, after = "{ORIGIN}"')
    elif field.type == "date" and not all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) for text in column.values):
        parts.append(f"date_format = {_text(OPEN)}")
    return "{ " + ", ".join(parts) + " }"


def _code(field: Field, text: str) -> str:
    if field.type == "boolean":
        return YES.get(text.lower(), OPEN)
    same = [code for code in field.codes if code.lower() == text.lower()]
    return same[0] if same else OPEN


def _text(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Text behind a #, on one line."""
    return "".join(character if character.isprintable() else " " for character in text)[:300]
