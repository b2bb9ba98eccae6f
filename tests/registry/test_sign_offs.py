"""Sign-off: who may, what a locked record refuses and what not, how a lock is lifted, and what the trail holds."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import actions, audit, sign_offs
from registry.access import PERMISSIONS, Actor, Permission, Role
from registry.actions import RowRefused, import_source
from registry.database import is_sqlite, reading, writing
from registry.errors import InputRefused, PermissionRefused, StaleVersion
from registry.exchange.formats import open_source
from registry.queries import MANUAL, QueryKey
from registry.replay import verify_record
from registry.sign_offs import Signed
from tests.registry.rows import ENTRY, ROWS, row

CLINICIAN = Actor("carl", Role.CLINICIAN, "A")
MANAGER = Actor("anna", Role.DATA_MANAGER, "A")


def seen(engine: Engine) -> int:
    with reading(engine) as connection:
        return sign_offs.last_change(connection, "P1")


def signed(engine: Engine) -> Signed | None:
    with reading(engine) as connection:
        return sign_offs.of_patient(connection, "P1")


def last(engine: Engine) -> audit.Entry:
    with reading(engine) as connection:
        return list(audit.log(connection))[-1]


def verify(connection: Connection) -> None:
    assert audit.verify_chain(connection) is None
    assert verify_record(connection) is None


@pytest.fixture
def locked(filled: Engine) -> Engine:
    """The small registry, whose patient's record is signed off."""
    sign_offs.sign(filled, "P1", by=CLINICIAN, seen_revision=seen(filled))
    return filled


def test_a_record_is_signed_off_as_it_stands(filled: Engine) -> None:
    revision = seen(filled)
    number = sign_offs.sign(filled, "P1", by=CLINICIAN, seen_revision=revision, source="test")
    found = signed(filled)
    assert found is not None
    assert (found.revision, found.signed_by, found.is_locked) == (revision, "carl", True)
    entry = last(filled)
    assert (entry.number, entry.table, entry.owner, entry.reason) == (number, "sign_off", "P1", "record signed off")
    assert entry.new == {"revision": str(revision), "signed_at": found.signed_at, "signed_by": "carl"}
    with reading(filled) as connection:
        verify(connection)
    assert seen(filled) == revision  # a sign-off is no change of the record
    with pytest.raises(InputRefused, match="signed off by carl"):
        sign_offs.sign(filled, "P1", by=CLINICIAN, seen_revision=revision)


def test_who_may_sign_off() -> None:
    assert {role for role, given in PERMISSIONS.items() if Permission.SIGN_OFF in given} == {
        Role.CLINICIAN,
        Role.ADMINISTRATOR,
    }


@pytest.mark.parametrize(
    "who",
    [MANAGER, Actor("x", Role.AUDITOR), Actor("x", Role.RESEARCHER), Actor("x", Role.CLINICIAN, "B")],
    ids=lambda who: who.role,
)
def test_others_neither_sign_nor_lift(locked: Engine, who: Actor) -> None:
    with pytest.raises(PermissionRefused):
        sign_offs.lift(locked, "P1", by=who, reason="x")
    sign_offs.lift(locked, "P1", by=CLINICIAN, reason="x")
    with pytest.raises(PermissionRefused):
        sign_offs.sign(locked, "P1", by=who, seen_revision=seen(locked))


def test_nobody_signs_what_was_not_seen(filled: Engine) -> None:
    before = seen(filled)
    actions.save(filled, "episode", row("episode", ecog="1"), by=MANAGER, reason="x", seen_version=1)
    with pytest.raises(StaleVersion, match="since it was opened"):
        sign_offs.sign(filled, "P1", by=CLINICIAN, seen_revision=before)
    assert signed(filled) is None
    with pytest.raises(InputRefused, match="no such patient"):
        sign_offs.sign(filled, "NOBODY", by=ENTRY, seen_revision=0)


@pytest.mark.parametrize("who", [MANAGER, ENTRY], ids=lambda who: who.role)
def test_a_locked_record_takes_no_change(locked: Engine, who: Actor) -> None:
    before = last(locked).number
    new = {"patient_id": "P1", "record_no": "2", "performed_on": "2021-01-01", "modality": "pet_ct"}
    for table, cells, version in (
        ("episode", row("episode", ecog="1"), 1),
        ("patient", row("patient", sex="male"), 1),
        ("study", new, 0),
    ):
        with pytest.raises(RowRefused, match="signed off by carl on 20") as refused:
            actions.save(locked, table, cells, by=who, reason="x", seen_version=version)
        assert "lifted by a clinician" in refused.value.remedy
    with pytest.raises(InputRefused, match="signed off by carl"):
        actions.delete(locked, "study", ("P1", "1"), by=who, reason="x", seen_version=1)
    assert last(locked).number == before
    unchanged = actions.save(locked, "episode", ROWS["episode"], by=who, reason="x", seen_version=1)
    assert unchanged.revision is None


def _csv(folder: Path, table: str, *rows: dict[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    names = list(rows[0])
    lines = [",".join(names), *(",".join(f'"{cells.get(name, "")}"' for name in names) for cells in rows)]
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_an_import_of_what_is_stored_is_fine_and_a_change_is_refused_with_its_line(
    locked: Engine, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for table, cells in ROWS.items():
        _csv(data, table, cells)
    outcome = import_source(locked, open_source(data), by=ENTRY, reason="again")
    assert outcome.problems == []
    assert outcome.written == 0
    other = row("patient", patient_id="P2")
    _csv(data, "patient", ROWS["patient"], other)
    _csv(data, "episode", row("episode", ecog="1"))
    for dry_run in (True, False):
        outcome = import_source(locked, open_source(data), by=ENTRY, reason="again", dry_run=dry_run)
        assert [(p.file, p.line) for p in outcome.problems] == [("episode.csv", 2)]
        assert "signed off by carl" in outcome.problems[0].problem
    with reading(locked) as connection:
        assert sign_offs.last_change(connection, "P2") == 0  # all or nothing
    (data / "episode.csv").unlink()
    assert import_source(locked, open_source(data), by=ENTRY, reason="again").total("new") == 1


def test_data_queries_go_on_about_a_locked_record(locked: Engine) -> None:
    key = QueryKey("P1", MANUAL, "episode", "1", "ecog")
    actions.raise_query(locked, key, "Is it right?", by=Actor("ada", Role.AUDITOR))
    actions.answer_query(locked, key, "Yes", by=MANAGER)
    found = signed(locked)
    assert found is not None
    assert found.is_locked


def test_a_lock_is_lifted_with_a_reason_and_a_change_shows(locked: Engine) -> None:
    for reason in ("", "  ", "UNK"):
        with pytest.raises(InputRefused, match="needs a reason"):
            sign_offs.lift(locked, "P1", by=CLINICIAN, reason=reason)
    sign_offs.lift(locked, "P1", by=Actor("cora", Role.CLINICIAN), reason="pathology revised")
    found = signed(locked)
    assert found is not None
    assert (found.is_locked, found.lifted_by, found.signed_by) == (False, "cora", "carl")
    assert (last(locked).reason, last(locked).action) == ("pathology revised", "update")
    assert seen(locked) == found.revision
    with pytest.raises(InputRefused, match="not locked"):
        sign_offs.lift(locked, "P1", by=CLINICIAN, reason="again")
    actions.save(locked, "episode", row("episode", ecog="1"), by=MANAGER, reason="x", seen_version=1)
    assert seen(locked) > found.revision
    sign_offs.sign(locked, "P1", by=CLINICIAN, seen_revision=seen(locked))
    found = signed(locked)
    assert found is not None
    assert (found.is_locked, found.lifted_by, found.revision) == (True, None, seen(locked))
    with reading(locked) as connection:
        verify(connection)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM sign_off", "sign_off P1 is in the trail, but no longer in the record"),
        (
            "UPDATE sign_off SET lifted_at = '2020', lifted_by = 'x'",
            "sign_off P1: lifted_at is not what the trail says",
        ),
        ("INSERT INTO sign_off VALUES ('P9', 1, '2020', 'x', NULL, NULL)", "sign_off P9 is in the record, but not in"),
    ],
)
def test_a_lock_that_was_changed_behind_the_trail_is_found(locked: Engine, statement: str, words: str) -> None:
    with writing(locked) as connection:
        connection.execute(sa.text(statement))
    with reading(locked) as connection:
        found = verify_record(connection)
    assert found is not None
    assert words in found.problem


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("revision_counted", "('P1', 0, '2020', 'x', NULL, NULL)"),
        ("lifted_by_somebody", "('P1', 1, '2020', 'x', '2021', NULL)"),
    ],
)
def test_the_database_holds_what_a_sign_off_is(filled: Engine, constraint: str, values: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=constraint), writing(filled) as connection:
        connection.execute(sa.text(f"INSERT INTO sign_off VALUES {values}"))


def test_the_sign_off_goes_with_the_patient_and_stays_in_the_trail(engine: Engine) -> None:
    for table in ("center", "patient"):
        actions.save(engine, table, ROWS[table], by=ENTRY, reason=None, seen_version=0)
    sign_offs.sign(engine, "P1", by=CLINICIAN, seen_revision=seen(engine))
    with pytest.raises(InputRefused, match="signed off"):
        actions.delete(engine, "patient", ("P1",), by=ENTRY, reason="x", seen_version=1)
    sign_offs.lift(engine, "P1", by=CLINICIAN, reason="consent withdrawn")
    actions.delete(engine, "patient", ("P1",), by=ENTRY, reason="consent withdrawn", seen_version=1)
    assert signed(engine) is None
    with reading(engine) as connection:
        verify(connection)
        assert [entry.action for entry in audit.log(connection) if entry.table == "sign_off"][-1] == "delete"


def test_a_save_that_began_before_the_sign_off_does_not_slip_behind_the_lock(
    filled: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The save has looked for a lock and found none; then somebody signs off; then the save wants to commit."""
    if is_sqlite(filled):
        pytest.skip("one writer at a time")
    looked, go_on = threading.Event(), threading.Event()
    still_unlocked = sign_offs.require_still_unlocked

    def waits(connection: Connection, writer: audit.Writer) -> None:
        looked.set()
        assert go_on.wait(30)
        still_unlocked(connection, writer)

    monkeypatch.setattr(sign_offs, "require_still_unlocked", waits)
    refused: list[BaseException] = []

    def save() -> None:
        try:
            actions.save(filled, "episode", row("episode", ecog="1"), by=MANAGER, reason="x", seen_version=1)
        except InputRefused as error:
            refused.append(error)

    thread = threading.Thread(target=save)
    thread.start()
    assert looked.wait(30)
    sign_offs.sign(filled, "P1", by=CLINICIAN, seen_revision=seen(filled))
    go_on.set()
    thread.join(30)
    assert len(refused) == 1
    assert "signed off by carl" in str(refused[0])
    found = signed(filled)
    assert found is not None
    assert seen(filled) == found.revision
