"""The codebook of the analysis set: what each column means, and what was done so that nobody is recognized."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd

from analytics.daytable_protection import protected_flow
from analytics.export.columns import AT_ORIGIN, Column, Rows
from analytics.export.disclosure import MIN_CELL
from analytics.fingerprint import SHOWN
from analytics.origins import Origin

NAMES = ("column", "label", "type", "unit", "codes", "rows_with_value", "de_identification")
_KINDS = {"id": "text", "code": "code", "yes_no": "code", "number": "number"}


def as_csv(rows: Rows) -> str:
    """One row a column."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(NAMES)
    writer.writerows(_line(column, rows.frame[column.name]) for column in rows.columns)
    return text.getvalue()


def as_markdown(rows: Rows, origin: Origin, data: dict[str, Any]) -> str:
    """The same for reading, with how the set came about."""
    patients = rows.frame["study_id"].nunique()
    of_snapshot = f", snapshot `{data['snapshot']}`" if data["snapshot"] else ""
    parts = [
        "# Analysis set",
        f"{len(rows.frame):,} rows of {patients:,} patients: one row a patient and episode of metastases. "
        f"Time is counted in days from {origin.words}. Data to the year {data['data_cut'][:4]}{of_snapshot}, "
        f"fingerprint of the data `{data['fingerprint'][:SHOWN]}`.",
        "## Who is analyzed",
        "| endpoint | patients | events | left out |\n|---|---|---|---|\n" + "\n".join(_flows(rows)),
        "The endpoints stand in the row from which time is counted (`is_origin` is yes), blank for those who are not "
        "analyzed. Whoever was enrolled after the origin enters late: `_entry` is the day; 0 means at risk from the "
        f"origin, that day included. Factors that end in `{AT_ORIGIN}` are as known at the origin: only those may be "
        "compared from it. The others are as known at the data cut.",
        "`analysis.R` reads `analysis_set.csv` and writes `main_table.csv`: `Rscript analysis.R`.",
        "## What was done so that nobody is recognized",
        "- patients and centers have codes that only the registry can trace back;\n"
        "- there is no date: ages in years, times in days from the origin, its calendar years in steps of five; the "
        "day of the data cut is not told, because with it the time of who was then under follow-up would tell a date;\n"
        "- no free text;\n"
        f"- codes of fewer than {MIN_CELL} patients are joined, numbers have a lowest and a highest value;\n"
        "- a blank is a value that is not known, not recorded or does not apply.",
        "Rare histories can still be recognized by those who know them: pass the set on under a contract, and do not "
        "publish it.",
        "## Columns",
        "| column | meaning | codes or unit | with a value | de-identification |\n|---|---|---|---|---|\n"
        + "\n".join(_markdown_line(column, rows.frame[column.name]) for column in rows.columns),
    ]
    return "\n\n".join(parts) + "\n"


def _flows(rows: Rows) -> list[str]:
    lines = []
    for name, chosen in rows.chosen.items():
        excluded = protected_flow(chosen.excluded, MIN_CELL)
        left = "; ".join(f"{reason.replace('_', ' ')} {count:,}" for reason, count in excluded.items())
        lines.append(
            f"| `{name}` {chosen.endpoint.words} | {len(chosen.times):,} | {chosen.times.event.sum():,} | {left} |"
        )
    return lines


def _line(column: Column, values: pd.Series) -> tuple[str, ...]:
    codes = "; ".join(code if code == word else f"{code} = {word}" for code, word in column.words.items())
    count = str(int(values.notna().sum()))
    return (column.name, column.label, _KINDS[column.kind], column.unit, codes, count, column.done)


def _markdown_line(column: Column, values: pd.Series) -> str:
    name, label, _, unit, codes, count, done = (text.replace("|", "/") for text in _line(column, values))
    return f"| `{name}` | {label} | {codes or unit} | {count} | {done} |"
