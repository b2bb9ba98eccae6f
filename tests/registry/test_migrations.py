"""The migrations: one head; up, down and up again; and what they build is what the tables declare."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

import registry.account_tables
import registry.double_entry
import registry.drafts
import registry.queries
import registry.sign_offs
from registry import schema
from registry.database import open_engine, writing
from registry.errors import EnvironmentRefused
from registry.schema import State
from registry.tables import Base

assert registry.queries.DataQuery.metadata is registry.account_tables.Account.metadata is Base.metadata
assert registry.sign_offs.SignOff.metadata is registry.double_entry.DoubleEntry.metadata is Base.metadata


def _down(engine: Engine, revision: str) -> None:
    with writing(engine) as connection:
        command.downgrade(schema.config(connection), revision)


def _shape(connection: Connection) -> dict[str, Any]:
    """Everything that a table is: columns, checks, foreign keys, keys, indexes, triggers."""
    inspector = sa.inspect(connection)
    shape: dict[str, Any] = {}
    for table in sorted(inspector.get_table_names()):
        if table == "alembic_version":
            continue
        shape[table] = {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in inspector.get_columns(table)},
            "checks": {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table)},
            "foreign": {
                k["name"]: (k["constrained_columns"], k["referred_table"], k["referred_columns"])
                for k in inspector.get_foreign_keys(table)
            },
            "unique": {u["name"]: u["column_names"] for u in inspector.get_unique_constraints(table)},
            "primary": inspector.get_pk_constraint(table),
            "indexes": sorted((i["name"], tuple(i["column_names"])) for i in inspector.get_indexes(table)),
        }
    return shape


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(schema.config()).get_heads()) == 1


def test_upgrade_downgrade_upgrade(bare_url: str) -> None:
    engine = open_engine(bare_url)
    assert schema.create_or_upgrade(engine) is State.EMPTY
    with engine.connect() as connection:
        first = _shape(connection)
    _down(engine, "base")
    with engine.connect() as connection:
        assert _shape(connection) == {}
    schema.create_or_upgrade(engine)
    with engine.connect() as connection:
        assert _shape(connection) == first
    assert schema.create_or_upgrade(engine) is State.CURRENT
    engine.dispose()


def test_the_tables_are_what_the_models_declare(engine: Engine, tmp_path: Any) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
        migrated = _shape(connection)
    # Alembic compares no CHECK constraints: the same engine builds the models' own tables for that.
    with writing(engine) as connection:
        command.downgrade(schema.config(connection), "base")
        Base.metadata.create_all(connection)
        declared = _shape(connection)
        assert declared.keys() == migrated.keys()
        for table, shape in declared.items():
            assert shape == migrated[table], table


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (State.EMPTY, "oligomet init"),
        (State.OLD, "older version"),
        (State.NEW, "newer version"),
        (State.FOREIGN, "other tables"),
    ],
)
def test_a_database_of_another_kind_is_refused_with_what_to_do(bare_url: str, found: State, words: str) -> None:
    engine = open_engine(bare_url)
    if found in (State.OLD, State.NEW):
        schema.create_or_upgrade(engine)
        revision = "0001" if found is State.OLD else "9999"
        with writing(engine) as connection:
            connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    elif found is State.FOREIGN:
        with writing(engine) as connection:
            connection.execute(sa.text("CREATE TABLE theirs (a INTEGER)"))
    with pytest.raises(EnvironmentRefused, match=words) as refused:
        schema.require_current(engine)
    assert refused.value.exit_status == 3
    assert refused.value.remedy
    if found in (State.NEW, State.FOREIGN):
        with pytest.raises(EnvironmentRefused, match=words):
            schema.create_or_upgrade(engine)
    engine.dispose()
