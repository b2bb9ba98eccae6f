"""Parquet: every cell can be told from its typed column and its companion."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from registry.exchange import parquet
from registry.exchange.parquet import write_parquet
from registry.fields import Field
from registry.tables import TABLES
from tests.registry.samples import read_back, streams, tables


def _cell(field: Field, value: object, absent: object) -> str:
    """The cell that a value and its missing-data code stand for."""
    return field.cell(";".join(value) if isinstance(value, list) else value, absent)


@pytest.mark.parametrize("block", [4, parquet.BLOCK])
def test_every_kind_of_cell_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr(parquet, "BLOCK", block)
    rows = tables()
    counts = write_parquet(tmp_path, streams(rows))
    assert counts == {name: len(found) for name, found in rows.items()}
    assert json.loads((tmp_path / "manifest.json").read_text()) == {"rows": counts}
    for name, expected in read_back(streams(rows)).items():
        back = [
            {
                field.name: _cell(field, row[field.name], row.get(field.absent_name))
                for field in TABLES[name].fields.values()
            }
            for row in pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        ]
        assert back == expected


def test_columns_have_their_types_and_say_what_they_are(tmp_path: Path) -> None:
    write_parquet(tmp_path, streams({}))
    codes = pa.dictionary(pa.int16(), pa.string())
    kinds = {
        "date": pa.date32(),
        "boolean": pa.bool_(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "code": codes,
        "text": pa.string(),
        "ref": pa.string(),
    }
    for name, table in TABLES.items():
        found = pq.read_table(tmp_path / f"{name}.parquet")
        assert found.num_rows == 0
        for field in table.fields.values():
            column = found.schema.field(field.name)
            if field.type == "codes":
                assert column.type.value_type == pa.string()
            else:
                assert column.type == kinds[field.type]
            assert column.metadata[b"description"].decode() == field.sentence
            assert column.metadata.get(b"unit", b"").decode() == field.unit
            assert json.loads(column.metadata.get(b"codes", b"[]")) == list(field.codes)
            assert column.nullable is not field.key
            if not field.key:
                assert found.schema.field(field.absent_name).type == codes
