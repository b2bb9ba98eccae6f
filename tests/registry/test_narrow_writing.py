"""Who records a meeting or an exception writes that and nothing else, however it is asked for; on both engines."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from registry import actions, audit, drafts
from registry.access import WRITES_ONLY, Actor, Permission, Role
from registry.database import reading, writing
from registry.drafts import Place
from registry.errors import PermissionRefused
from registry.exchange.formats import open_source
from registry.tables import PATIENT_TABLES, TABLES
from tests.registry.rows import ENTRY, row

MEETING, EXCEPTION = "mdt_meeting", "rule_exception"
WRITES = {Role.CLINICIAN: {MEETING, EXCEPTION}, Role.AUDITOR: {EXCEPTION}, Role.RESEARCHER: set[str]()}
CHANGED = {MEETING: {"goal": "ned"}, EXCEPTION: {"reason": "toxicity"}}


def _written(engine: Engine, by: str) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        entries = [(entry.table, entry.action) for entry in audit.log(connection, by=by, events=False)]
    return [entry for entry in entries if entry[0] != "data_query"]  # the edit checks' own answer to what was written


def test_the_roles_are_as_decided() -> None:
    assert {WRITES_ONLY[Permission.RECORD_MEETINGS], WRITES_ONLY[Permission.RECORD_EXCEPTIONS]} == {MEETING, EXCEPTION}
    for role in Role:
        may = {table for table in TABLES if Actor("x", role).may_write(table)}
        assert may == WRITES.get(role, set(TABLES))


@pytest.mark.parametrize("role", WRITES)
def test_one_row_of_each_table_is_added_and_changed_only_where_that_is_allowed(filled: Engine, role: Role) -> None:
    by = Actor("narrow", role)
    for table in TABLES:
        new = row(table, record_no="2") if "record_no" in TABLES[table].fields else row(table)
        if "record_no" not in TABLES[table].fields:
            new[TABLES[table].keys[0]] = "NEW"
        cells = row(table, **CHANGED.get(table, {}))
        for wanted, version in ((new, 0), (cells, 1)):
            if table in WRITES[role]:
                assert actions.save(filled, table, wanted, by=by, reason="told", seen_version=version).revision
            else:
                with pytest.raises(PermissionRefused):
                    actions.save(filled, table, wanted, by=by, reason="told", seen_version=version)
    expected = {(table, action) for table in WRITES[role] for action in ("insert", "update")}
    assert set(_written(filled, "narrow")) == expected


@pytest.mark.parametrize("role", WRITES)
def test_nothing_is_deleted_or_imported(filled: Engine, tmp_path: Path, role: Role) -> None:
    by = Actor("narrow", role)
    for table in PATIENT_TABLES:
        key = ("P1", "1") if "record_no" in TABLES[table].fields else ("P1",)
        with pytest.raises(PermissionRefused):
            actions.delete(filled, table, key, by=by, reason="told", seen_version=1)
    for table in (MEETING, "episode"):
        folder = tmp_path / table
        folder.mkdir()
        cells = row(table, record_no="2")
        (folder / f"{table}.csv").write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n", encoding="utf-8")
        for dry_run in (False, True):
            with pytest.raises(PermissionRefused):
                actions.import_source(filled, open_source(folder), by=by, reason="told", dry_run=dry_run)
    assert not _written(filled, "narrow")


def test_a_center_bounds_who_records_a_meeting(filled: Engine) -> None:
    actions.save(filled, "center", {"center_id": "B", "name": "Beta"}, by=ENTRY, reason=None, seen_version=0)
    theirs, ours = Actor("theirs", Role.CLINICIAN, "B"), Actor("ours", Role.CLINICIAN, "A")
    new = row(MEETING, record_no="2")
    with pytest.raises(PermissionRefused):
        actions.save(filled, MEETING, new, by=theirs, reason=None, seen_version=0)
    assert actions.save(filled, MEETING, new, by=ours, reason=None, seen_version=0).version == 1


def test_drafts_are_of_what_may_be_written(filled: Engine) -> None:
    by = Actor("ours", Role.CLINICIAN, "A")
    meeting = Place("P1", MEETING, drafts.NEW)
    with writing(filled) as connection:
        drafts.keep(connection, meeting, {"goal": "ned"}, by=by, began={}, version=0)
        for table in set(PATIENT_TABLES) - WRITES[Role.CLINICIAN]:
            with pytest.raises(PermissionRefused):
                drafts.keep(connection, Place("P1", table, "1"), {"site": "x"}, by=by, began={}, version=1)
        assert [draft.place for draft in drafts.listed(connection, by=by)] == [meeting]
        assert drafts.listed(connection, by=Actor("ours", Role.RESEARCHER)) == []
