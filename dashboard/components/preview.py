"""What an import would do, and what it did: counts, changed cells, errors and implausible values, a part at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import importing
from dashboard.components.heading import heading
from dashboard.components.html import Column, Html, show, table, tag
from dashboard.components.paging import start, steps
from dashboard.files import csv_file, to_take
from dashboard.importing import Checked
from dashboard.words import FORMS, NOTHING, column_title, counted, in_words, number
from registry.access import Permission
from registry.intake.intake import Outcome
from registry.intake.rows import Problem
from registry.tables import TABLES

SHOWN = 15
"""Errors, changed cells or kinds of implausible values on a page of their list."""

_LONGEST = 80
_COUNTS = {
    "new": "not stored yet",
    "changed": "stored with other values",
    "unchanged": "stored as they are",
    "refused": "cannot be read",
}


def counts(outcome: Outcome) -> Html:
    """How many rows of each table are new, changed, unchanged and refused."""
    columns = (Column("Table", kind="head"), *(Column(k.capitalize(), help, "num") for k, help in _COUNTS.items()))
    rows = [
        (FORMS[name], *(number(count[kind]) for kind in _COUNTS))
        for name, count in ((name, outcome.counts.get(name, Counter[str]())) for name in TABLES)
        if any(count.values())
    ]
    if not rows:
        return tag("p", "No row could be read.", class_="quiet")
    return table(columns, rows, foot=("All", *(number(outcome.total(kind)) for kind in _COUNTS)), narrow=True)


def aside(checked: Checked, left: Iterable[str]) -> None:
    """What is not read, and what else is to be known of the reading."""
    said = []
    if checked.unmapped:
        said.append(f"Not mapped, so not imported: {', '.join(checked.unmapped)}.")
    if names := [name for name in left if name != "manifest.json"]:
        said.append(f"In the zip file and not read: {', '.join(map(_short, names))}.")
    said += [f"{note[:1].upper()}{note[1:]}." for note in checked.notes]
    for text in said:
        show(tag("p", text, class_="quiet"))


def errors(problems: list[Problem]) -> None:
    """Every error with its place and its remedy; all of them to download."""
    heading(f"{counted(len(problems), 'error')}: nothing can be written")
    columns = ("File", "Line", "Column", "Got", "What is wrong", "What to do")
    first = start("import-errors")
    rows = (
        (_short(one.file), _line(one.line), _short(one.column or NOTHING), _short(one.value or NOTHING),
         _sentence(one.problem), _sentence(one.remedy))
        for one in problems[first : first + SHOWN]
    )  # fmt: skip
    show(
        tag(
            "div",
            table([Column(name, kind="num" if name == "Line" else "free") for name in columns], rows),
            class_="errors",
        )
    )
    steps("import-errors", len(problems), SHOWN, what="errors")
    names = ("file", "line", "column", "value", "problem", "remedy")
    _download("import-errors.csv", "All errors as CSV", names, ({n: getattr(p, n) for n in names} for p in problems))


def differences(outcome: Outcome) -> None:
    """Every stored cell that would change, from what to what."""
    total = len(outcome.differences)
    if not total:
        return
    heading(f"{counted(total, 'stored cell')} would change")
    first = start("import-differences")
    found = list(islice(outcome.differences, first, first + SHOWN))
    importing.seen(found)
    columns = ("Table", "Row", "Line", "Field", "Stored now", "In the file")
    rows = (
        (FORMS[one["table"]], one["key"], str(one["line"]), column_title(TABLES[one["table"]].fields[one["column"]]),
         _short(one["from"] or NOTHING), _short(one["to"] or NOTHING))
        for one in found
    )  # fmt: skip
    show(table([Column(name, kind="num" if name == "Line" else "free") for name in columns], rows))
    steps("import-differences", total, SHOWN, what="changed cells")
    names = ("table", "key", "line", "column", "from", "to")
    _download("import-changes.csv", "All changes as CSV", names, outcome.differences)


def warnings(outcome: Outcome, *, written: bool) -> None:
    """What is possible but implausible, by check: a hundred of one kind are one thing to know."""
    if not len(outcome.warnings):
        return
    count = len(outcome.warnings)
    queries = "data queries" if count > 1 else "a data query"
    kept = ("are now" if count > 1 else "is now") if written else "would become"
    heading(f"{counted(count, 'implausible value')} {kept} {queries}")
    first: dict[str, dict[str, Any]] = {}
    times: Counter[str] = Counter()
    for item in outcome.warnings:
        times[item["check_id"]] += 1
        first.setdefault(item["check_id"], item)
    columns = (Column("Check", kind="head"), Column("Expected", kind="free"), Column("Times", kind="num"))
    rows = [
        (id, in_words(_expected(first[id]["problem"])), number(count), _place(first[id]))
        for id, count in times.most_common()
    ]
    begun = start("import-warnings")
    show(table((*columns, Column("First in", kind="free")), rows[begun : begun + SHOWN]))
    steps("import-warnings", len(rows), SHOWN, what="checks")
    names = ("file", "line", "column", "value", "problem", "remedy", "check_id", "patient_id")
    _download("import-warnings.csv", "All of them as CSV", names, outcome.warnings)


def _expected(problem: str) -> str:
    return f"{problem.removeprefix('not fulfilled: ').rstrip('.')}."


def _place(item: Mapping[str, Any]) -> str:
    return f"{_short(item['file'])}, line {item['line']}, {item['column']} = {_short(item['value'] or NOTHING)}"


def _download(name: str, label: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> None:
    def make() -> bytes:
        cells = [[row[name] for name in columns] for row in rows]
        return csv_file(pd.DataFrame(cells, columns=list(columns), dtype=object))

    take = to_take(name, Permission.IMPORT, make)
    st.download_button(label, take, file_name=name, mime="text/csv", key=f"take-{name}", on_click="ignore")


def _line(line: int | None) -> str:
    return NOTHING if line is None else str(line)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _short(text: str) -> str:
    """What a file says, cut to what fits and without what would move the text around it."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return "".join(sign if sign.isprintable() else "␣" for sign in cut)
