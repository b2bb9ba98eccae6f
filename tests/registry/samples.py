"""A registry in which every column holds every kind of cell that it can, for tests of what gets out and in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.exchange.tables import TableRows
from registry.fields import Absent, Field
from registry.tables import TABLES

TEXTS = (
    "plain",
    "two\nlines",
    'a "quoted" word',
    "=cmd|' /C calc'!A0",
    "'=was guarded",
    "+1",
    "-",
    "@SUM(A1)",
    "Lungenmetastasen, größer 中文 🫁",
    "a;b,c\td",
    "UNK, said the note",
)
PATIENTS = ("P1", "=P2", "P 3, é", "'P4", "P5", "P6", "P7", "P8", "P9", "UNKNOWN")
CENTERS = ("A", "=B")

_DATES = {"birth_date": "1950-02-28", "death_on": "2021-06-01", "last_contact_on": "2021-06-01"}
_TYPICAL_DATE = "2020-02-29"

Cells = dict[str, str]


def samples(field: Field) -> list[str]:
    """Every kind of cell that a column can hold: values first, then missing-data codes, then a blank."""
    absent = [code.value for code in Absent]
    return _values(field) + absent + ([] if field.required else [""])


def _values(field: Field) -> list[str]:
    match field.type:
        case "code":
            return list(field.codes)
        case "codes":
            return [field.codes[0], ";".join(field.codes), f"{field.codes[1]};{field.codes[-1]}"]
        case "date":
            return [_DATES.get(field.name, _TYPICAL_DATE)]
        case "boolean":
            return ["yes", "no"]
        case "integer" | "number" if field.codes:
            return list(field.codes)
        case "integer":
            return ["1", "2"] if field.name == "episode_no" else [f"{field.low:g}", "7", str(int(field.high or 0))]
        case "number":
            return [f"{field.low:g}", "0.1", "12.75", str(int(field.high or 0))]
        case "ref":
            return list(CENTERS if field.refers_to == "center" else PATIENTS)
        case _:
            return list(TEXTS)


def tables() -> dict[str, list[Cells]]:
    """The rows of every table; each sample of each column is in one of them."""
    rows: dict[str, list[Cells]] = {}
    for name, table in TABLES.items():
        fields = [field for field in table.fields.values() if not field.key]
        count = max(len(samples(field)) for field in fields)
        keys = _keys(name, count)
        rows[name] = [
            key | {field.name: samples(field)[at % len(samples(field))] for field in fields}
            for at, key in enumerate(keys)
        ]
    for row in rows["patient"]:
        row["center_id"] = CENTERS[0] if row["center_id"] in Absent.__members__ else row["center_id"]
        if row["vital_status"] != "dead":  # a death on a date is a death
            row["death_on"] = "NAP"
    rows["primary_tumor"][1] = dict.fromkeys(rows["primary_tumor"][1], "") | {"patient_id": PATIENTS[1]}
    del rows["primary_tumor"][4]
    return rows


def _keys(table: str, count: int) -> list[Cells]:
    first, *second = TABLES[table].keys
    if table == "center":
        return [{first: key} for key in CENTERS]
    if not second:
        return [{first: key} for key in PATIENTS]
    owners = CENTERS if first == "center_id" else PATIENTS[:2]
    return [{first: owner, "record_no": str(number)} for owner in owners for number in range(1, count + 1)]


def streams(rows: Mapping[str, list[Cells]]) -> Iterator[TableRows]:
    """The rows as a writer takes them: tables in their order, rows in the order of their keys."""
    for name, table in TABLES.items():
        fields = list(table.fields.values())

        def key(row: Cells, keys: tuple[str, ...] = table.keys) -> tuple[str, int]:
            return row[keys[0]], int(row[keys[1]]) if len(keys) > 1 else 0

        ordered = sorted(rows.get(name, []), key=key)
        yield TableRows(name, fields, iter([tuple(row.get(field.name, "") for field in fields) for row in ordered]))


def read_back(tables: Iterator[TableRows]) -> dict[str, list[Cells]]:
    """The rows of streams, by table."""
    return {
        table.name: [dict(zip([field.name for field in table.fields], row, strict=True)) for row in table.rows]
        for table in tables
    }
