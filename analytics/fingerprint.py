"""A fingerprint of the data behind a result: equal where the data are equal, on whatever engine they lie.

It is a SHA-256 over the values in the order of their keys, not over bytes of a database or a file: SQLite, PostgreSQL
and a snapshot of either give the same one. Two results with one fingerprint rest on the same data.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analytics.cohort import Cohort
from registry.cells import ABSENT
from registry.fields import Field
from registry.tables import TABLES

SHOWN = 12
"""Digits that are shown to people."""


def fingerprint(cohort: Cohort) -> str:
    """64 hexadecimal digits for the tables of a cohort at its data cut."""
    withdrawn = hashlib.sha256()
    for name in ("patient_id", "center_id"):
        column = TABLES["patient"].fields[name]
        withdrawn.update(_bytes(column, cohort.withdrawn.sort_values("patient_id")[name]))
    lines = [f"data_cut {cohort.data_cut.isoformat()}", f"consent_withdrawn {withdrawn.hexdigest()}"]
    lines += [f"{name} {table_fingerprint(name, frame)}" for name, frame in sorted(cohort.frames.items())]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def table_fingerprint(name: str, frame: pd.DataFrame) -> str:
    """64 hexadecimal digits for the rows of a table, in whatever order they come."""
    table = TABLES[name]
    ordered = _by_key(frame, table.keys)
    hashed = hashlib.sha256(f"{name} {len(frame)}\n".encode())
    for field in table.fields.values():
        hashed.update(f"{field.name} {field.type} {';'.join(field.codes)}\n".encode())
        hashed.update(_bytes(field, ordered[field.name]))
        if not field.key:
            hashed.update(ordered[field.absent_name].astype(ABSENT).cat.codes.to_numpy().astype("<i1").tobytes())
    return hashed.hexdigest()


def _by_key(frame: pd.DataFrame, keys: Iterable[str]) -> pd.DataFrame:
    """The rows in the order of their keys by code point: a server sorts text by the rules of a language."""
    order = pc.sort_indices(
        pa.table({key: pa.array(frame[key]) for key in keys}), sort_keys=[(key, "ascending") for key in keys]
    ).to_numpy()
    return frame if np.array_equal(order, np.arange(len(frame))) else frame.take(order)


def _bytes(field: Field, column: pd.Series) -> bytes:
    """The values of a column as bytes, with its missing ones told apart from every value."""
    match field.type:
        case "code":
            return _raw(column.cat.codes, "<i1")
        case "date":
            return _raw(column.to_numpy().astype("datetime64[D]").astype(np.int64), "<i8")
        case "boolean":
            return _raw(column.astype("Int8").fillna(-1), "<i1")
        case "integer":
            return _raw(column.isna(), "<i1") + _raw(column.fillna(0), "<i8")
        case "number":
            # 0.0 is added because a negative zero equals zero.
            return _raw(column.isna(), "<i1") + _raw(column.fillna(0).to_numpy(np.float64) + 0.0, "<f8")
        case _:
            return _text(pa.array(column, type=pa.large_string()))


def _raw(values: Any, kind: str) -> bytes:
    raw: bytes = np.asarray(values).astype(kind).tobytes()
    return raw


def _text(array: Any) -> bytes:
    """The texts one after the other, with their lengths; -1 for none."""
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    lengths = pc.fill_null(pc.binary_length(array), -1).to_numpy(zero_copy_only=False)
    filled = pc.fill_null(array, "")
    starts = np.frombuffer(filled.buffers()[1], dtype=np.int64)[filled.offset : filled.offset + len(filled) + 1]
    data = filled.buffers()[2]
    text = data[int(starts[0]) : int(starts[-1])].to_pybytes() if len(filled) and data is not None else b""
    return _raw(lengths, "<i8") + text
