"""The table of patients as text: a frame, CSV, an HTML fragment, a Word document."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analytics.baseline import Baseline
from analytics.baseline_rows import Level, Row, Summary
from analytics.docx import Cell, Table, document
from analytics.source import provenance_text
from analytics.standardized import NOTABLE
from registry.exchange.formulas import guard

SUPPRESSED = "suppressed"
NONE = "–"


@dataclass(frozen=True)
class Line:
    """A line of the table.

    Attributes:
        name: the variable, "" in a line under it.
        level: what the line is of, "" in the first line of a variable.
        cells: the text of each column.
        difference: the standardized difference, in the first line of a variable.
    """

    name: str
    level: str
    cells: tuple[str, ...]
    difference: str = ""


def header(table: Baseline) -> list[str]:
    """The names of the columns: variable, level, the groups with their patients, the difference."""
    names = [f"{group.words} (n = {group.n:,})" for group in table.groups]
    return ["Variable", "", *names, *(["Standardized difference"] if len(table.groups) > 1 else [])]


def lines(table: Baseline) -> Iterator[Line]:
    """The lines of the table from above to below."""
    for row in table.rows:
        yield Line(row.variable.label, "", tuple(_whole(count) for count in row.known), _difference(table, row))
        if row.summaries:
            yield Line("", "median (quartiles)", tuple(_median(one) for one in row.summaries))
            yield Line("", "mean (SD)", tuple(_mean(one) for one in row.summaries))
        for level in row.levels:
            yield Line("", f"missing: {level.words}" if level.missing else level.words, tuple(_cells(row, level)))


def texts(table: Baseline, line: Line) -> list[str]:
    """The texts of a line, one for each column of the header."""
    return [line.name, line.level, *line.cells, *([line.difference] if len(table.groups) > 1 else [])]


def notes(table: Baseline, data: dict[str, Any]) -> list[str]:
    """What is to be read under the table."""
    chosen = table.chosen
    found = [
        f"Patients analyzed for {chosen.endpoint.title.lower()} from {chosen.origin.words}, as they were then. "
        "The first line of a variable counts the patients with a value, of whom the percentages are."
    ]
    if chosen.center is not None:
        found.append(f"Center {chosen.center} only.")
    if chosen.where:
        found.append(f"Only: {chosen.where_words}.")
    if len(table.groups) > 1:
        largest = "largest of two groups; " if len(table.groups) > 3 else ""
        found.append(
            f"Standardized difference ({largest}absolute): above {NOTABLE} is usually taken as worth a look. "
            "There are no p values: the groups are no random samples, and p would tell their size."
        )
    if table.min_cell is not None:
        found.append(f"Counts from 1 to {table.min_cell - 1}, and what would give them away, are suppressed.")
    if table.excluded:
        left = "; ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in table.excluded.items())
        found.append(f"Left out: {left}.")
    if table.left_out:
        found.append(f"Not yet settled at the origin: {', '.join(table.left_out).replace('_', ' ')}.")
    return [*found, f"{provenance_text(data)}."]


def title(table: Baseline) -> str:
    """What the table is of."""
    return "Patients" if table.by is None else f"Patients by {table.by.replace('_', ' ')}"


def frame(table: Baseline) -> pd.DataFrame:
    """The table as it is shown, all texts."""
    cells = [texts(table, line) for line in lines(table)]
    return pd.DataFrame(cells, columns=["variable", "level", *header(table)[2:]])


def to_csv(table: Baseline) -> str:
    """The table as it is shown, as CSV; a text that a spreadsheet would take for a formula is guarded."""
    text: str = frame(table).map(guard).rename(columns=guard).to_csv(index=False, lineterminator="\n")
    return text


def to_html(table: Baseline, data: dict[str, Any]) -> str:
    """A fragment of a page: the table with its caption and notes."""
    names = "".join(f'<th scope="col">{html.escape(name)}</th>' for name in header(table))
    body = []
    for line in lines(table):
        numbers = "".join(f"<td>{html.escape(text)}</td>" for text in texts(table, line)[2:])
        if line.name:
            body.append(f'<tr class="variable"><th scope="row" colspan="2">{html.escape(line.name)}</th>{numbers}</tr>')
        else:
            body.append(f'<tr><td></td><th scope="row">{html.escape(line.level)}</th>{numbers}</tr>')
    under = "".join(f"<p>{html.escape(note)}</p>" for note in notes(table, data))
    return (
        f'<table class="baseline">\n<caption>{html.escape(title(table))}</caption>\n<thead><tr>{names}</tr></thead>\n'
        f'<tbody>\n{chr(10).join(body)}\n</tbody>\n</table>\n<div class="notes">{under}</div>\n'
    )


def to_page(table: Baseline, data: dict[str, Any]) -> str:
    """The fragment as a file of its own that a browser or a word processor opens."""
    style = (
        "body { font: 14px/1.4 sans-serif; margin: 2rem; } table { border-collapse: collapse; } "
        "caption { text-align: left; font-weight: bold; padding-bottom: 0.5rem; } "
        "th, td { text-align: left; vertical-align: top; padding: 0.15rem 0.8rem; } td { text-align: right; } "
        "tr.variable th, tr.variable td { border-top: 1px solid #bbb; } "
        ".notes p { max-width: 60rem; margin: 0.4rem 0; }"
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>{html.escape(title(table))}</title>'
        f"<style>{style}</style></head>\n<body>\n{to_html(table, data)}</body>\n</html>\n"
    )


def to_docx(table: Baseline, data: dict[str, Any]) -> bytes:
    """A Word document with the table and its notes."""
    names = header(table)
    rows = [[Cell("Variable", bold=True), *(Cell(name, bold=True) for name in names[2:])]]
    for line in lines(table):
        first = Cell(line.name, bold=True) if line.name else Cell(line.level, indented=True)
        rows.append([first, *(Cell(text) for text in texts(table, line)[2:])])
    return document(title(table), Table(rows), notes(table, data), wide=len(names) > 6)


def _difference(table: Baseline, row: Row) -> str:
    if not row.pairs:
        return SUPPRESSED if row.is_hidden else NONE
    return NONE if row.difference is None else f"{row.difference:.2f}"


def _cells(row: Row, level: Level) -> Iterator[str]:
    for count, known in zip(level.counts, row.known, strict=True):
        share = count is not None and known and not level.missing
        yield _whole(count) + (f" ({100 * count / known:.1f} %)" if share else "")  # type: ignore[operator]


def _whole(count: int | None) -> str:
    return SUPPRESSED if count is None else f"{count:,}"


def _median(one: Summary) -> str:
    return NONE if one.median is None else f"{one.median:.1f} ({one.q1:.1f} to {one.q3:.1f})"


def _mean(one: Summary) -> str:
    return NONE if one.mean is None else f"{one.mean:.1f} ({NONE if one.sd is None else f'{one.sd:.1f}'})"
