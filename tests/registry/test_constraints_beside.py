"""The tables beside the record (trail, queries, sign-offs, accounts, drafts): each constraint rejects its row."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

import registry.account_tables
import registry.double_entry
import registry.drafts
import registry.sign_offs  # noqa: F401  (declare their tables)
from registry.tables import TABLES, Base
from tests.registry.test_audit import GUARDED, drop_guards

BESIDE = {table.name: table for table in Base.metadata.sorted_tables if table.name not in TABLES}
CELL = {"table_name": "episode", "record_key": "1", "column_name": "ecog"}
QUERY = {"owner": "P1", "check_id": "MANUAL", **CELL}
SAID = {"written_at": "2026", "written_by": "anna"}

FIRST: dict[str, dict[str, Any]] = {
    "revision": {
        "number": 1001,
        "revision_id": 1001,
        "reason": "first",
        "source": "test",
        "changes": 0,
        "content_hash": "0" * 64,
        "previous_hash": "a" * 64,
        "hash": "b" * 64,
        **SAID,
    },
    "change": {
        "revision_id": 1001,
        "position": 0,
        "table_name": "episode",
        "owner": "P1",
        "record_key": "1",
        "action": "insert",
    },
    "data_query": {
        **QUERY,
        "value": "0",
        "question": "Really?",
        "state": "open",
        "resolution": "",
        "opened_at": "2026",
        "version": 1,
    },
    "data_query_message": {**QUERY, "number": 1, "message": "Really?", **SAID},
    "sign_off": {"owner": "P1", "revision": 1, "signed_at": "2026", "signed_by": "anna"},
    "account": {
        "name": "anna",
        "role": "auditor",
        "center_id": "A",
        "subject": "anna@example.org",
        "disabled": False,
        "created_at": "2026",
        "version": 1,
    },
    "session": {"token_hash": "a" * 64, "account": "anna", "opened_at": "2026", "seen_at": "2026"},
    "sign_in_delay": {"kind": "account", "key": "anna", "failures": 1, "last_at": "2026"},
    "draft": {
        "account": "anna",
        "owner": "P1",
        **CELL,
        "typed": "1",
        "began": "0",
        "base_version": 1,
        "saved_at": "2026",
    },
    "double_entry": {
        "number": 1,
        "center_id": "A",
        "forms": "episode",
        "seed": 1,
        "eligible": 10,
        "patients": 2,
        "drawn_by": "anna",
        "drawn_at": "2026",
    },
    "double_entry_form": {"number": 1, "owner": "P1", "table_name": "episode", "record_key": "1"},
    "double_entry_cell": {"number": 1, "owner": "P1", **CELL, "typed": "1"},
}
"""A row of each table, as it may be."""

SECOND: dict[str, dict[str, Any]] = {
    "revision": {"number": 1002, "revision_id": 1002, "previous_hash": "b" * 64, "hash": "c" * 64},
    "change": {"position": 1},
    "data_query": {"column_name": "cea_ng_ml"},
    "data_query_message": {"number": 2},
    "sign_off": {"owner": "P2"},
    "account": {"name": "bert", "subject": "bert@example.org"},
    "session": {"token_hash": "b" * 64},
    "sign_in_delay": {"key": "bert"},
    "draft": {"column_name": "cea_ng_ml"},
    "double_entry": {"number": 2},
    "double_entry_form": {"record_key": "2"},
    "double_entry_cell": {"column_name": "cea_ng_ml"},
}
"""What differs in a second row that may stand beside the first."""

BROKEN: dict[str, dict[str, Any]] = {
    "ck_revision_event_about": {"event": "view"},
    "ck_revision_reason_given": {"reason": ""},
    "ck_revision_hash_length": {"hash": "short"},
    "ck_revision_changes_counted": {"changes": -1},
    "ck_change_action_codes": {"action": "replace"},
    "ck_data_query_state_codes": {"state": "lost"},
    "ck_data_query_resolution_codes": {"state": "closed", "resolution": "guessed"},
    "ck_data_query_closed_with_resolution": {"state": "closed"},
    "ck_data_query_message_message_length": {"message": ""},
    "fk_data_query_message_query": {"owner": "P9"},
    "ck_sign_off_revision_counted": {"revision": 0},
    "ck_sign_off_lifted_by_somebody": {"lifted_at": "2026"},
    "ck_account_name_length": {"name": ""},
    "ck_account_role_codes": {"role": "king"},
    "ck_account_center_of_role": {"role": "data manager", "center_id": None},
    "ck_account_version_positive": {"version": 0},
    "fk_account_center_id": {"center_id": "nowhere"},
    "ck_session_hash_length": {"token_hash": "short"},
    "fk_session_account": {"account": "nobody"},
    "ck_sign_in_delay_failures_counted": {"failures": -1},
    "ck_draft_typed_length": {"typed": "x" * 20_001},
    "ck_draft_base_version_counted": {"base_version": -1},
    "ck_double_entry_patients_drawn": {"patients": 11},
    "fk_double_entry_center_id": {"center_id": "nowhere"},
    "fk_double_entry_form_number": {"number": 9},
    "ck_double_entry_form_finished_by_somebody": {"finished_at": "2026"},
    "fk_double_entry_cell_form": {"owner": "P9"},
    "ck_double_entry_cell_typed_length": {"typed": "x" * 20_001},
    "ck_double_entry_cell_both_cells": {"first_cell": "0"},
    "ck_double_entry_cell_left_by_somebody": {"left_at": "2026"},
}


@pytest.fixture
def beside(filled: Engine) -> Engine:
    """A registry with one row of each table; its guards, which reject a doubled entry first, are dropped."""
    drop_guards(filled)
    with filled.begin() as connection:
        for name, table in BESIDE.items():
            connection.execute(sa.insert(table).values(FIRST[name]))
    return filled


def _refusal(connection: Connection, table: str, change: dict[str, Any]) -> str:
    """What the database says of the second row with a change."""
    values = {**FIRST[table], **SECOND[table], **change}
    names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
    with connection.begin() as transaction:
        with pytest.raises(sa.exc.IntegrityError) as refused:
            connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)
        transaction.rollback()
    return str(refused.value.orig)


def _violations(table: sa.Table) -> dict[str, tuple[dict[str, Any], str]]:
    """For each constraint a change that violates it, and what SQLite says where it does not name it."""
    found = {}
    for constraint in table.constraints:
        name = str(constraint.name)
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            columns = [column.name for column in constraint.columns]
            said = "UNIQUE constraint failed: " + ", ".join(f"{table.name}.{column}" for column in columns)
            found[name] = ({column: FIRST[table.name][column] for column in columns}, said)
        else:
            found[name] = (BROKEN[name], "FOREIGN KEY" if isinstance(constraint, sa.ForeignKeyConstraint) else name)
    return found


def test_each_constraint_rejects_its_row(beside: Engine) -> None:
    proved = set()
    with beside.connect() as connection:
        for name, table in BESIDE.items():
            for constraint, (change, said) in _violations(table).items():
                refusal = _refusal(connection, name, change)
                assert constraint in refusal or said in refusal, f"{constraint} did not reject {change}: {refusal}"
                proved.add(constraint)
    assert proved >= set(BROKEN)
    assert len(proved) == sum(len(table.constraints) for table in BESIDE.values())


def _numbered_by_sqlite(table: sa.Table) -> str | None:
    """The column that SQLite fills itself where it is left out: a single INTEGER key is the number of the row."""
    key = list(table.primary_key)
    return key[0].name if len(key) == 1 and type(key[0].type) is sa.Integer else None


def test_what_must_be_there_is_never_null(beside: Engine) -> None:
    with beside.connect() as connection:
        for name, table in BESIDE.items():
            numbered = _numbered_by_sqlite(table) if connection.dialect.name == "sqlite" else None
            required = [column.name for column in table.columns if not column.nullable and column.name != numbered]
            assert required
            for column in required:
                refusal = _refusal(connection, name, {column: None})
                assert f"{name}.{column}" in refusal or f'"{column}" of relation "{name}"' in refusal, refusal


def test_the_second_rows_violate_nothing(beside: Engine) -> None:
    """So that each of the rows above was rejected for its change alone."""
    with beside.begin() as connection:
        for name, table in BESIDE.items():
            connection.execute(sa.insert(table).values({**FIRST[name], **SECOND[name]}))
            count = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            assert count >= 2
    assert set(GUARDED) < set(BESIDE)
