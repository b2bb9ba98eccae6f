"""The data dictionary, made from the declarations of the fields: CSV, JSON, REDCap's dictionary, the page in docs/."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from registry.exchange import redcap_project
from registry.fields import Absent, Field
from registry.tables import TABLES

COLUMNS = ("table", "column", "type", "unit", "codes", "required", "description")


def rows() -> list[dict[str, str]]:
    """One row a column of the registry; for a reference ``codes`` names the table that it refers to."""
    return [
        {
            "table": field.table,
            "column": field.name,
            "type": field.type,
            "unit": field.unit,
            "codes": field.refers_to or ";".join(field.codes),
            "required": "yes" if field.required else "no",
            "description": field.sentence,
        }
        for field in _fields()
    ]


def _fields() -> list[Field]:
    return [field for table in TABLES.values() for field in table.fields.values()]


def as_csv() -> str:
    """The rows with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows())
    return text.getvalue()


def as_json() -> str:
    """Everything that a field declares, for programs, with the meaning of the missing-data codes."""
    missing = {code.value: code.sentence for code in Absent}
    document = {"missing_codes": missing, "columns": [_declaration(field) for field in _fields()]}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _declaration(field: Field) -> dict[str, Any]:
    where = field.only_where
    return {
        "table": field.table,
        "column": field.name,
        "type": field.type,
        "unit": field.unit or None,
        "codes": list(field.codes),
        "range": None if field.low is None else [field.low, field.high],
        "refers_to": field.refers_to,
        "key": field.key,
        "required": field.required,
        "identifying": field.identifying,
        "only_where": where and {"column": where[0], "codes": list(where[1])},
        "missing_codes": [] if field.key else [code.value for code in Absent],
        "description": field.sentence,
    }


RENDERERS: dict[str, Callable[[], str]] = {"csv": as_csv, "redcap": redcap_project.dictionary, "json": as_json}
"""The formats of the command ``dictionary``."""


def as_markdown() -> str:
    """The page docs/data-dictionary.md."""
    missing = "\n".join(f"- `{code}`: {code.sentence}" for code in Absent)
    parts = [_MARKDOWN_HEAD.format(missing=missing)]
    for name, table in TABLES.items():
        sentence = (table.__doc__ or "").strip()
        keys = " and ".join(f"`{key}`" for key in table.keys)
        lines = [f"## {name}", "", f"{sentence} Its key is {keys}.", ""]
        lines += ["| column | what it holds | how it is written |", "|---|---|---|"]
        lines += [f"| {_name(field)} | {_meaning(field)} | {field.form} |" for field in table.fields.values()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


_MARKDOWN_HEAD = """<!-- Made by `make docs` from registry/tables: change it there. -->

# Data dictionary

The tables and columns of the registry. A data file is a CSV (or a sheet of a workbook) named after its table. A column
in **bold** is required: it holds a value or a missing-data code. A column marked ● identifies a person and is left out
of, or coarsened in, every de-identified output.

Every column that is not part of a key may hold a missing-data code instead of a value:

{missing}

A blank cell leaves what is stored; `<clear>` empties it.
"""


def _name(field: Field) -> str:
    name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
    return f"{name} ●" if field.identifying else name


def _meaning(field: Field) -> str:
    if field.only_where is None:
        return field.sentence
    column, codes = field.only_where
    return f"{field.sentence} (only where `{column}` is {' or '.join(codes)})"


if __name__ == "__main__":
    print(as_markdown(), end="")
