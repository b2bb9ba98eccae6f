"""Typed frames are the same whether they come from cells or from the database, and nothing in them is a guess."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from sqlalchemy.engine import Engine

from registry import cells, store
from registry.actions import save
from registry.cells import ABSENT, TEXT, dtype, frame, frames, storage, values
from registry.database import writing
from registry.fields import MISSING_CODES, Absent, Field
from registry.frames import read_frames
from registry.tables import TABLES
from tests.registry.rows import ENTRY, ROWS, row
from tests.registry.samples import samples
from tests.registry.strategies import FIELDS

Row = dict[str, str]
Registry = dict[str, list[Row]]


def column(*given: str) -> cells.Cells:
    return np.array(given, dtype=object)


def field(name: str) -> Field:
    table, declared = name.split(".")
    return TABLES[table].fields[declared]


def test_each_type_has_its_dtype() -> None:
    expected = {
        "text": TEXT,
        "ref": TEXT,
        "codes": TEXT,
        "date": np.dtype("datetime64[s]"),
        "boolean": pd.BooleanDtype(),
        "integer": pd.Int64Dtype(),
        "number": pd.Float64Dtype(),
    }
    for each in FIELDS:
        kind = dtype(each)
        if each.type == "code":
            assert list(kind.categories) == list(each.codes)
            assert not kind.ordered
        else:
            assert kind == expected[each.type]
    assert list(ABSENT.categories) == ["UNK", "ND", "NAP", "NASK"]


TYPED = [
    ("patient.birth_date", column("1950-05-01", "", "UNK"), [pd.Timestamp("1950-05-01"), pd.NaT, pd.NaT]),
    (
        "patient.birth_date",
        column("1900-01-01", "1969-12-31"),
        [pd.Timestamp("1900-01-01"), pd.Timestamp("1969-12-31")],
    ),
    ("episode.symptomatic", column("yes", "no", "", "ND"), [True, False, pd.NA, pd.NA]),
    ("episode.lesion_count", column("0", "7", "", "NAP"), [0, 7, pd.NA, pd.NA]),
    ("episode.ecog", column("0", "4"), [0, 4]),
    ("episode.largest_mm", column("0", "7.4", "", "NASK"), [0.0, 7.4, pd.NA, pd.NA]),
    ("episode.laterality", column("right", "left", "", "UNK"), ["right", "left", np.nan, np.nan]),
    ("disease_event.sites", column("lung;liver", "", "UNK"), ["lung;liver", pd.NA, pd.NA]),
    ("episode.biology_note", column("no", "", "UNK", "UNK?"), ["no", pd.NA, pd.NA, "UNK?"]),
]


@pytest.mark.parametrize(("name", "given", "expected"), TYPED, ids=lambda item: item if isinstance(item, str) else "")
def test_cells_become_typed_values(name: str, given: cells.Cells, expected: list[object]) -> None:
    found = pd.Series(values(field(name), given))
    assert found.dtype == dtype(field(name))
    for value, wanted in zip(found, expected, strict=True):
        assert pd.isna(value) if pd.isna(wanted) else value == wanted


def test_missing_codes_are_kept_apart_from_blanks() -> None:
    found = frame("episode", {"cea_ng_ml": column("7.4", "", "UNK", "ND", "NAP", "NASK")}, 6)
    absent = found["cea_ng_ml__absent"]
    assert absent.dtype == ABSENT
    assert [None if pd.isna(code) else code for code in absent] == [None, None, "UNK", "ND", "NAP", "NASK"]
    assert list(found["cea_ng_ml"].isna()) == [False, True, True, True, True, True]
    # A column that nothing was given for is blank, and no code of it is missing.
    assert found["ecog"].isna().all()
    assert found["ecog__absent"].isna().all()
    assert "patient_id__absent" not in found


def test_a_frame_knows_the_columns_of_its_table_only() -> None:
    with pytest.raises(KeyError):
        frame("episode", {"nonsense": column("1")}, 1)
    with pytest.raises(KeyError):
        frames({"patient": [{"patient_id": "P1", "nonsense": "1"}]})


def test_a_frame_without_rows_has_every_column() -> None:
    for table, found in frames({}).items():
        assert len(found) == 0
        for each in TABLES[table].fields.values():
            assert found[each.name].dtype == dtype(each)
            assert each.key or found[each.absent_name].dtype == ABSENT


def test_what_a_driver_gets() -> None:
    assert list(storage(field("episode.detected_on"), column("2020-01-05", "", "UNK"))) == ["2020-01-05", None, None]
    assert list(storage(field("episode.symptomatic"), column("yes", "no", "ND"))) == [True, False, None]
    assert list(storage(field("episode.lesion_count"), column("0", "NAP"))) == [0, None]
    assert list(storage(field("episode.largest_mm"), column("7.4", ""))) == [7.4, None]
    assert list(storage(field("episode.biology_note"), column("x", "NASK"))) == ["x", None]


def test_each_distinct_cell_is_looked_at_once() -> None:
    seen: list[str] = []
    found = cells.by_distinct(column("a", "b", "a", "a"), lambda cell: seen.append(cell) or cell.upper())
    assert list(found) == ["A", "B", "A", "A"]
    assert sorted(seen) == ["a", "b"]
    assert len(cells.by_distinct(column(), str)) == 0


# --- The same from the database --------------------------------------------------------------------------------------


def registry_of(seed: int) -> Registry:
    """Rows of every table whose cells are of every kind; only what the database itself forbids is left out."""
    chance = random.Random(seed)
    made: Registry = {}
    for table, declared in TABLES.items():
        rows = []
        for key in _keys(table, chance):
            row = {each.name: _cell(each, chance) for each in declared.fields.values() if not each.key}
            rows.append(key | _possible(table, row))
        made[table] = rows
    return made


def _keys(table: str, chance: random.Random) -> list[Row]:
    owner, *second = TABLES[table].keys
    owners = ("A", "B") if owner == "center_id" else ("P1", "P2", "P10")
    if not second:
        return [{owner: key} for key in owners]
    numbers = chance.sample(range(1, 13), chance.randrange(4))
    return [{owner: key, "record_no": str(number)} for key in owners for number in numbers]


def _cell(each: Field, chance: random.Random) -> str:
    kinds = samples(each)
    if each.type == "date":
        kinds.append((dt.date(1900, 1, 1) + dt.timedelta(chance.randrange(45_000))).isoformat())
    if each.type == "number":
        kinds.append(each.cell(chance.uniform(each.low or 0, each.high or 0)))
    return chance.choice(kinds)


def _possible(table: str, row: Row) -> Row:
    for name, each in TABLES[table].fields.items():
        if each.refers_to and not each.key and row[name] not in ("", *MISSING_CODES):
            row[name] = "A" if each.refers_to == "center" else "P2"
        if name == "episode_no" and row[name] not in MISSING_CODES:
            row[name] = ""
    for earlier, later in TABLES[table].ordered:
        if row[later] not in MISSING_CODES and row[earlier] not in MISSING_CODES and row[later] < row[earlier]:
            row[later] = row[earlier] if row[later] else ""
    return row


def _store(engine: Engine, registry: Registry) -> None:
    with writing(engine) as connection:
        for table in reversed(TABLES):
            connection.exec_driver_sql(f"DELETE FROM {table}")
        for table, rows in registry.items():
            fields = TABLES[table].fields
            names = [name for each in fields.values() for name in (each.name, each.absent_name)[: 1 + (not each.key)]]
            stored = [
                (*itertools.chain.from_iterable(_stored(each, row.get(each.name, "")) for each in fields.values()), 1)
                for row in rows
            ]
            store.insert(connection, table, [*names, "version"], stored)


def _stored(each: Field, cell: str) -> tuple[object, ...]:
    value = storage(each, column(cell))[0]
    return (value,) if each.key else (value, cell if cell in MISSING_CODES else None)


def _assert_the_same(engine: Engine, registry: Registry) -> None:
    read = read_frames(engine)
    built = frames(registry)
    assert list(read) == list(built) == list(TABLES)
    for table, expected in built.items():
        keys = list(TABLES[table].keys)
        ordered = expected.sort_values(keys).reset_index(drop=True)
        found = read[table].sort_values(keys).reset_index(drop=True)
        assert_frame_equal(found[ordered.columns], ordered)
        assert set(found.columns) == set(ordered.columns)


def test_the_database_gives_the_frames_of_the_cells(engine: Engine) -> None:
    for seed in range(8):
        registry = registry_of(seed)
        _store(engine, registry)
        _assert_the_same(engine, registry)


def test_frames_hold_what_was_written_since_the_last_reading(sqlite_engine: Engine) -> None:
    for number, center in enumerate("ABC", 1):
        save(sqlite_engine, "center", row("center", center_id=center), by=ENTRY, reason=None, seen_version=0)
        assert len(read_frames(sqlite_engine, ["center"])["center"]) == number


def test_a_small_registry_gives_the_frames_of_its_cells(filled: Engine) -> None:
    _assert_the_same(filled, {table: [row] for table, row in ROWS.items()})


def test_an_empty_registry_gives_frames_without_rows(engine: Engine) -> None:
    _assert_the_same(engine, {})


def test_a_registry_in_which_every_column_is_missing_or_blank(engine: Engine) -> None:
    """The types of a frame come from its declaration, not from what the rows happen to hold."""
    registry: Registry = {}
    for table, declared in TABLES.items():
        owner, *second = declared.keys
        key = {owner: "A" if owner == "center_id" else "P1"} | dict.fromkeys(second, "1")
        required = [each.name for each in declared.fields.values() if each.required and not each.key]
        registry[table] = [key | dict.fromkeys(required, Absent.NASK.value)]
    _store(engine, registry)
    _assert_the_same(engine, registry)
