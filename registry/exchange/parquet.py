"""A folder with a Parquet file for each table, typed, for analysis in R, Python, DuckDB or Spark.

A missing-data code stands in the companion column ``<column>__absent``, so that the column keeps its type. What a field
declares goes with its column as metadata.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from registry.cells import Cells, by_distinct
from registry.exchange.csv_folder import write_manifest
from registry.exchange.tables import BLOCK, TableRows
from registry.fields import MISSING_CODES, Field

_CODES = pa.dictionary(pa.int16(), pa.string())

_TYPES = {
    "code": _CODES,
    "codes": pa.list_(pa.string()),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
}


def write_parquet(folder: Path, tables: Iterator[TableRows]) -> dict[str, int]:
    """Writes a file for each table, with rows or without, and the manifest; returns the number of rows of each.

    Args:
        folder: exists and is empty.
    """
    counts = {}
    for table in tables:
        counts[table.name] = 0
        schema = _schema(table.fields)
        with pq.ParquetWriter(folder / f"{table.name}.parquet", schema, compression="zstd") as writer:
            while block := list(itertools.islice(table.rows, BLOCK)):
                writer.write_batch(_batch(table.fields, block, schema))
                counts[table.name] += len(block)
    write_manifest(folder, counts)
    return counts


def _schema(fields: list[Field]) -> pa.Schema:
    columns = []
    for field in fields:
        kind = _TYPES.get(field.type, pa.string())
        columns.append(pa.field(field.name, kind, nullable=not field.key, metadata=_metadata(field)))
        if not field.key:
            sentence = f"Why {field.name} has no value, where somebody said why"
            columns.append(pa.field(field.absent_name, _CODES, metadata={"description": sentence}))
    return pa.schema(columns)


def _metadata(field: Field) -> dict[str, str]:
    declared = {
        "description": field.sentence,
        "unit": field.unit,
        "codes": json.dumps(field.codes) if field.codes else "",
        "range": json.dumps([field.low, field.high]) if field.low is not None else "",
        "refers_to": field.refers_to or "",
    }
    return {name: text for name, text in declared.items() if text}


def _batch(fields: list[Field], rows: list[tuple[str, ...]], schema: pa.Schema) -> pa.RecordBatch:
    arrays = []
    for field, column in zip(fields, zip(*rows, strict=True), strict=True):
        cells = np.array(column, dtype=object)
        arrays.append(_values(field, cells))
        if not field.key:
            arrays.append(_encoded(cells, MISSING_CODES))
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _values(field: Field, cells: Cells) -> pa.Array:
    if field.type == "code":
        return _encoded(cells, frozenset(field.codes))
    if field.type == "codes":
        lists = [None if cell == "" or cell in MISSING_CODES else cell.split(";") for cell in cells]
        return pa.array(lists, type=_TYPES["codes"])
    return pa.array(by_distinct(cells, field.value), type=_TYPES.get(field.type, pa.string()))


def _encoded(cells: Cells, codes: frozenset[str]) -> pa.DictionaryArray:
    return pa.array([cell if cell in codes else None for cell in cells], type=pa.string()).cast(_CODES)
