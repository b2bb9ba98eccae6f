"""Every constraint of the database is proved by a row that violates it, on both engines, past the action layer."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry.fields import LONGEST_KEY, LONGEST_TEXT, Field
from registry.tables import TABLES
from tests.registry.rows import ROWS


def _typed(field: Field, cell: str) -> Any:
    return field.value(cell)


def _values(table: str) -> dict[str, Any]:
    fields = TABLES[table].fields
    values: dict[str, Any] = {"version": 1}
    for name, cell in ROWS[table].items():
        if cell in ("UNK",):
            values[fields[name].absent_name] = cell
        else:
            values[name] = _typed(fields[name], cell)
    return values


def _another_key(table: str, values: dict[str, Any]) -> dict[str, Any]:
    key = TABLES[table].keys[-1]
    new = 2 if key == "record_no" else "P2" if key == "patient_id" else "B"
    return {**values, key: new}


def _bad(field: Field) -> dict[str, Any]:
    """Values of a column and its companion that break what the name of each constraint says."""
    broken: dict[str, Any] = {}
    name, absent = field.name, field.absent_name
    if field.codes and field.type == "integer":
        broken["codes"] = {name: 99}
    elif field.type == "codes":
        broken["codes"] = {name: f"{field.codes[0]};nonsense"}
    elif field.codes:
        broken["codes"] = {name: "nonsense"}
    elif field.low is not None and field.high is not None:
        broken["range"] = {name: field.high + 1 if field.type == "number" else int(field.high) + 1}
    elif field.type == "date":
        broken["form"] = {name: "1899-12-31" if field.name in EARLIER else "2200-01-01"}
    elif field.type == "boolean":
        broken["form"] = {name: 7}
    else:
        broken["form"] = {name: "x" * ((LONGEST_KEY if field.key or field.type == "ref" else LONGEST_TEXT) + 1)}
    if not field.key:
        broken = {kind: {**values, absent: None} for kind, values in broken.items()}
        broken["absent"] = {name: None, absent: "NONE"}
        good = _good(field)
        broken["either"] = {name: good, absent: "UNK"}
    if field.required and not field.key:
        broken["required"] = {name: None, absent: None}
    return broken


def _good(field: Field) -> Any:
    match field.type:
        case "code" | "codes":
            return field.codes[0]
        case "boolean":
            return True
        case "date":
            return "1960-01-01" if field.name in EARLIER else "2030-01-01"
        case "integer" if field.codes:
            return int(field.codes[0])
        case "integer" | "number":
            return 1
        case "ref":
            return {"patient": "P1", "center": "A"}[field.refers_to or ""]
        case _:
            return "x"


EARLIER = {earlier for table in TABLES.values() for earlier, _ in table.ordered}

CASES = [
    (table, field.name, kind)
    for table, declared in TABLES.items()
    for field in declared.fields.values()
    for kind in _bad(field)
]


def _insert(connection: Connection, table: str, values: dict[str, Any]) -> None:
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)


def test_each_named_check_rejects_its_row(filled: Engine) -> None:
    """One test for all 500 and more: the constraint that rejects is the one whose name says so."""
    proved = set()
    with filled.connect() as connection:
        for table, column, kind in CASES:
            values = {**_another_key(table, _values(table)), **_bad(TABLES[table].fields[column])[kind]}
            name = f"ck_{table}_{column}_{kind}"
            with connection.begin() as transaction:
                if filled.dialect.name == "postgresql" and kind == "form" and values[column] == 7:
                    with pytest.raises(sa.exc.ProgrammingError, match="is of type boolean"):
                        _insert(connection, table, values)  # the type itself holds nothing else
                    transaction.rollback()
                    proved.add(name)
                    continue
                with pytest.raises(sa.exc.IntegrityError) as refused:
                    _insert(connection, table, values)
                # SQLite names the first violated constraint; a range also rejects what is too long, and so on.
                assert name in str(refused.value.orig), f"{name} did not reject {column}: {refused.value.orig}"
                transaction.rollback()
            proved.add(name)
        proved |= _prove_the_rest(connection)
    declared = {
        str(constraint.name)
        for table in TABLES.values()
        for constraint in table.__table__.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    assert proved == declared


def _prove_the_rest(connection: Connection) -> set[str]:
    proved = set()
    for table, declared in TABLES.items():
        broken = {"version_positive": {"version": 0}}
        for earlier, later in declared.ordered:
            broken[f"{later}_after_{earlier}"] = {later: "1930-01-01", earlier: "1930-01-02"}
        for kind, change in broken.items():
            values = {**_another_key(table, _values(table)), **change}
            with connection.begin() as transaction:
                with pytest.raises(sa.exc.IntegrityError) as refused:
                    _insert(connection, table, values)
                assert f"ck_{table}_{kind}" in str(refused.value.orig)
                transaction.rollback()
            proved.add(f"ck_{table}_{kind}")
    return proved


def test_keys_are_unique_and_never_null(filled: Engine) -> None:
    with filled.connect() as connection:
        for table, declared in TABLES.items():
            broken = [({}, ("unique", "pk_")), *(({name: None}, ("null",)) for name in (*declared.keys, "version"))]
            for change, words in broken:
                with connection.begin() as transaction:
                    with pytest.raises(sa.exc.IntegrityError) as refused:
                        _insert(connection, table, {**_values(table), **change})
                    assert any(word in str(refused.value.orig).lower() for word in words)
                    transaction.rollback()


FOREIGN = [
    (table, constraint.name, constraint.column_keys[-1])
    for table, declared in TABLES.items()
    for constraint in declared.__table__.foreign_key_constraints
]


def test_each_foreign_key_rejects_a_row_that_refers_to_nothing(filled: Engine) -> None:
    assert len(FOREIGN) == 21
    with filled.connect() as connection:
        for table, name, column in FOREIGN:
            values = _another_key(table, _values(table))
            values.pop("episode_no", None)  # so that one reference at a time is broken
            values = {**values, column: 77 if column == "episode_no" else "nobody"}
            with connection.begin() as transaction:
                with pytest.raises(sa.exc.IntegrityError) as refused:
                    _insert(connection, table, values)
                text = str(refused.value.orig)
                assert "FOREIGN KEY constraint failed" in text or str(name) in text
                transaction.rollback()
