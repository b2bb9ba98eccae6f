"""A mapping file as a whole: its settings, named dates and blocks, read with everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from registry.exchange.mapping.cell_rules import Context, read_cell_rules, read_conditions
from registry.exchange.mapping.derive import CellRules, Condition
from registry.exchange.mapping.places import Path, places
from registry.exchange.mapping.report import Report, Section
from registry.exchange.mapping.settings import Settings, read_settings
from registry.fields import Field
from registry.intake.rows import Problem
from registry.tables import PATIENT_TABLES, TABLES

SECTIONS = ("source", "dates")


@dataclass(frozen=True, slots=True)
class Block:
    """One row of a table for each row of the spreadsheet for which its conditions hold."""

    table: str
    path: Path
    rules: tuple[CellRules, ...]
    conditions: tuple[Condition, ...]

    @property
    def names(self) -> set[str]:
        """The columns that the block fills."""
        return {rules.field.name for rules in self.rules}


@dataclass(frozen=True, slots=True)
class Declaration:
    """A mapping that can be carried out.

    Args:
        patient_id: None where the mapping fills no table of patients.
        uses: every source column that it names, and where.
    """

    settings: Settings
    patient_id: CellRules | None
    dates: dict[str, CellRules]
    blocks: tuple[Block, ...]
    uses: tuple[tuple[str, Path], ...]


def read_declaration(path: FilePath, today: dt.date) -> tuple[Declaration | None, Report]:
    """The mapping of a file, and its problems; None where not even its outline can be read.

    With problems the declaration lacks what is wrong: it serves for looking at the source columns, not for an import.
    """
    text, problem = _text(path)
    if problem:
        report = Report(path.name, {})
        report.problems.append(problem)
        return None, report
    try:
        document = tomllib.loads(text)
        report = Report(path.name, places(text))
        report.find_open(document)
        return _read(Section(document, (), report), today, report), report
    except (ValueError, RecursionError) as error:
        report = Report(path.name, {})
        report.problems.append(_not_toml(path.name, text, error))
        return None, report


def _text(path: FilePath) -> tuple[str, Problem | None]:
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", Problem(path.name, line, None, None, "the line is not UTF-8", "save the mapping as UTF-8")


def _not_toml(file: str, text: str, error: Exception) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(file, None, None, None, "brackets stand in each other too deeply", "write it flat")
    place = re.search(r"\(at line (\d+)", str(error))
    ends = "(at end of document)" in str(error)
    line = int(place[1]) if place else text.rstrip().count("\n") + 1 if ends else None
    what = re.sub(r" \(at .*", "", str(error))
    return Problem(
        file, line, None, None, f"the mapping is not TOML: {what}", "correct the line: see the examples of the manual"
    )


def _read(document: Section, today: dt.date, report: Report) -> Declaration:
    source = _section(document, "source", report)
    context = Context(read_settings(source), today)
    patient_id = None
    if "patient_id" in source.values:
        patient_id = read_cell_rules(source, "patient_id", TABLES["patient"].fields["patient_id"], context)
    dates = _read_dates(_section(document, "dates", report), context)
    blocks = _read_blocks(document, context)
    filled = [name for name in document.values if name in PATIENT_TABLES]
    if filled and "patient_id" not in source.values:
        document.report(filled[0], "whose rows these are is not said", 'add patient_id = { from = "…" } to [source]')
    _check_numbering(blocks, report)
    if not any(name in TABLES for name in document.values):
        document.report(None, "the mapping fills no table", "add one, such as [patient]")
    return Declaration(context.settings, patient_id, dates, tuple(blocks), tuple(context.uses))


def _section(document: Section, name: str, report: Report) -> Section:
    value: Any = document.values.get(name, {})
    if not isinstance(value, dict):
        document.report(name, "not a section", f"write [{name}] on a line of its own")
        value = {}
    return Section(value, (name,), report)


def _read_dates(section: Section, context: Context) -> dict[str, CellRules]:
    found = {}
    for name in section.values:
        target = Field("dates", name, "date", "A date that others are counted from")
        rules = read_cell_rules(section, name, target, context)
        if rules is not None:
            found[name] = rules
        context.dates[name] = () if rules is None else rules.columns
    return found


def _read_blocks(document: Section, context: Context) -> list[Block]:
    found: list[Block] = []
    for name in document.values:
        if name in SECTIONS:
            continue
        if name not in TABLES:
            document.refuse(name, "there is no such table", (*SECTIONS, *TABLES), f"use one of {', '.join(TABLES)}")
            continue
        members = document.members(name, f"write [{name}] (or [[{name}]] for several rows) on a line of its own")
        found.extend(_read_block(name, member, context) for member in members)
    return found


def _read_block(table: str, section: Section, context: Context) -> Block:
    fields = TABLES[table].fields
    owned = TABLES[table].keys[0] == "patient_id"
    conditions = read_conditions(section, context) if "when" in section.values else ()
    rules = []
    for key in section.values:
        if key == "when":
            continue
        if key not in fields:
            section.refuse(key, f"{table} has no such column", fields, "use the columns of the data dictionary")
        elif owned and key == "patient_id":
            section.report(key, "the patient is said once, for all tables", "move it to [source]")
        else:
            found = read_cell_rules(section, key, fields[key], context)
            if found is not None:
                rules.append(found)
    if not owned and "center_id" not in section.values:
        section.report(None, "the key column center_id is not mapped", "add center_id")
    return Block(table, section.path, tuple(rules), conditions)


def _check_numbering(blocks: list[Block], report: Report) -> None:
    """Rows of one table are all numbered by the file, or all in their order: a mixture would overwrite rows."""
    for table in dict.fromkeys(block.table for block in blocks):
        of_table = [block for block in blocks if block.table == table]
        numbered = [block for block in of_table if "record_no" in block.names]
        if "record_no" in TABLES[table].fields and 0 < len(numbered) < len(of_table):
            for block in of_table:
                if block not in numbered:
                    problem = "the other rows of the table have a record_no and these have none"
                    report.add(block.path, None, problem, "give all of them one, or none")
