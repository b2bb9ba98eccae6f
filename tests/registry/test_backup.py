"""Backup and restore on both engines: all of it or nothing, of one moment, verified, and readable by the owner only."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from dashboard.cli import app
from registry import actions, anchor, audit, backup, schema, sessions
from registry.access import Actor, Role
from registry.account_tables import Account
from registry.audit import Event, Head
from registry.backup import last, postgres_tools
from registry.backup.census import census
from registry.backup.manifest import MANIFEST
from registry.database import open_engine, reading, writing
from registry.errors import EnvironmentRefused, InputRefused, OligometError, PermissionRefused, TrailBroken
from registry.replay import verify_record
from tests.registry.rows import ENTRY, row

BY = Actor("chief", Role.ADMINISTRATOR)
ONE_ENGINE = pytest.mark.parametrize("filled", ["sqlite"], indirect=True)
"""For what is the same on both: making databases on a server takes long."""

SERVER = pytest.mark.parametrize("filled", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def home(own_home: Path) -> Path:
    """A home with everything that lies beside a database."""
    (own_home / "keys").mkdir(parents=True)
    (own_home / "keys" / "deidentify.key").write_text("k" * 64)
    (own_home / "readings.toml").write_text("same_episode_days = 0\n")
    (own_home / "settings.toml").write_text("[sign_in]\nidle_minutes = 15\n")
    (own_home / "openid-secret").write_text("the provider's secret")
    with closing(sqlite3.connect(own_home / "identities.db")) as identities:
        identities.execute("PRAGMA journal_mode = WAL")
        identities.executescript("CREATE TABLE identity (sealed); INSERT INTO identity VALUES ('sealed')")
    (own_home / "snapshots" / "paper").mkdir(parents=True)
    (own_home / "snapshots" / "paper" / "patient.parquet").write_bytes(b"frozen")
    (own_home / "snapshots" / ".drafts" / "half").mkdir(parents=True)
    (own_home / "snapshots" / ".drafts" / "half" / "x").write_text("half written")
    return own_home


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "monday"


@pytest.fixture
def backed_up(filled: Engine, home: Path, place: Path) -> Path:
    """A backup of the small registry, on each engine."""
    place.parent.mkdir()
    backup.make_backup(filled, place, by=BY)
    return place


def _change(engine: Engine, name: str = "Another name") -> None:
    actions.save(engine, "center", row("center", name=name), by=ENTRY, reason="renamed", seen_version=1)
    engine.dispose()


def _state(engine: Engine) -> Any:
    """Everything that the database holds."""
    with reading(engine) as connection:
        tables = [sa.table(name) for name in census(connection).tables]
        found = {str(t): sorted(map(str, connection.execute(sa.text(f'SELECT * FROM "{t}"')))) for t in tables}
    engine.dispose()
    return found


def _name_of_center(engine: Engine) -> str:
    with reading(engine) as connection:
        found = connection.execute(sa.text("SELECT name FROM center")).scalar_one()
    engine.dispose()
    return str(found)


def _intact(engine: Engine) -> bool:
    with reading(engine) as connection:
        whole = audit.verify_chain(connection, known=anchor.last_verified(engine)) is None
        whole = whole and verify_record(connection) is None
    engine.dispose()
    return whole


def _reseal(place: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    """Edits a manifest as somebody would who knows how it is sealed."""
    document = json.loads((place / MANIFEST).read_text())
    document.pop("seal")
    edit(document)
    seal = hashlib.sha256(json.dumps(document, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    (place / MANIFEST).write_text(json.dumps(document | {"seal": seal}))


def _replace_file(place: Path, name: str, content: bytes) -> None:
    """Replaces a file of a backup, and its hash in the manifest too."""
    (place / name).write_bytes(content)
    said = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    _reseal(place, lambda document: document["files"].update({name: said}))


def test_a_backup_holds_the_database_and_what_lies_beside_it_without_the_keys(
    filled: Engine, home: Path, backed_up: Path
) -> None:
    files = {path.relative_to(backed_up).as_posix() for path in backed_up.rglob("*") if path.is_file()}
    database = {"sqlite": "oligomet.db", "postgresql": "oligomet.dump"}[filled.dialect.name]
    names = ("readings.toml", "settings.toml", "identities.db", "snapshots/paper/patient.parquet")
    beside = {f"home/{name}" for name in names}
    with closing(sqlite3.connect(backed_up / "home" / "identities.db")) as identities:
        assert identities.execute("SELECT sealed FROM identity").fetchone() == ("sealed",)
    assert files == {database, MANIFEST, *beside}
    for path in (backed_up, *backed_up.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    manifest = backup.read_manifest(backed_up)
    with reading(filled) as connection:
        counted = census(connection)
        events = [entry for entry in audit.log(connection) if entry.event == Event.BACKUP]
    assert manifest.tables == counted.tables
    assert manifest.tables["patient"] == 1
    assert Head(**manifest.head) == counted.head
    assert [(entry.written_by, entry.owner) for entry in events] == [("chief", "monday")]
    assert not list(backed_up.parent.glob(".*"))
    noted = last.last_backup()
    assert noted is not None
    assert (noted.place, noted.revision) == (str(backed_up), counted.head.number)


@ONE_ENGINE
def test_the_keys_are_in_it_only_where_somebody_asks(filled: Engine, home: Path, tmp_path: Path) -> None:
    backup.make_backup(filled, tmp_path / "with", by=BY, with_keys=True)
    assert (tmp_path / "with" / "home" / "keys" / "deidentify.key").read_text() == "k" * 64
    assert backup.read_manifest(tmp_path / "with").keys
    assert not list((tmp_path / "with").rglob("openid-secret"))


def test_what_was_changed_since_is_back_as_it_was_and_the_other_is_kept(
    filled: Engine, home: Path, backed_up: Path
) -> None:
    before = _state(filled)
    with writing(filled) as connection:
        now = "2026-01-01T00:00:00.000000+00:00"
        account = {"name": "anna", "role": "auditor", "disabled": False, "created_at": now, "version": 1}
        connection.execute(sa.insert(Account).values(account))
        sessions.open_session(connection, "anna")
    _change(filled)
    (home / "readings.toml").write_text("same_episode_days = 7\n")
    (home / "settings.toml").write_text("[sign_in]\nidle_minutes = 5\n")
    shutil.rmtree(home / "snapshots" / "paper")
    (home / "snapshots" / "later").mkdir()
    done = backup.restore_backup(backed_up, by=BY)
    after = _state(filled)
    assert len(after["revision"]) == len(before["revision"]) + 1
    for table in before:
        assert set(before[table]) <= set(after[table]), table
        assert table == "revision" or before[table] == after[table]
    with reading(filled) as connection:
        entry = list(audit.log(connection))[-1]
    assert (entry.event, entry.written_by, entry.owner) == ("restore", "chief", "monday")
    assert done.broken is None
    assert _intact(filled)  # also against the head that this machine remembers
    assert (home / "readings.toml").read_text() == "same_episode_days = 0\n"
    assert done.kept_beside is not None
    assert (done.kept_beside / "readings.toml").read_text() == "same_episode_days = 7\n"
    assert "idle_minutes = 5" in (home / "settings.toml").read_text()
    assert (home / "snapshots" / "paper" / "patient.parquet").read_bytes() == b"frozen"
    assert (home / "snapshots" / "later").is_dir()
    assert done.kept is not None
    kept = filled.url.set(database=done.kept)
    assert _name_of_center(open_engine(kept)) == "Another name"
    assert not [path for path in home.iterdir() if path.name.startswith(".")]


def test_into_an_empty_database(filled: Engine, backed_up: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _state(filled)
    other = _elsewhere(filled)
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", other.render_as_string(hide_password=False))
    done = backup.restore_backup(backed_up, by=BY)
    restored = open_engine(other)
    assert done.kept is None
    assert _state(restored)["patient"] == before["patient"]
    assert _intact(restored)
    _change(restored)  # and it can be written
    if filled.dialect.name == "sqlite":
        assert stat.S_IMODE(Path(str(other.database)).stat().st_mode) == 0o600
        with sqlite3.connect(str(other.database)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
    else:
        assert not _databases(filled, "%before%")


def _elsewhere(engine: Engine) -> sa.URL:
    name = f"{engine.url.database}-other"
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{name}"'))
        engine.dispose()
    return engine.url.set(database=name)


def _databases(engine: Engine, like: str) -> list[str]:
    with reading(engine) as connection:
        query = sa.text("SELECT datname FROM pg_database WHERE datname LIKE :name AND datname LIKE :like")
        found = connection.execute(query, {"name": f"{engine.url.database}%", "like": like}).scalars().all()
    engine.dispose()
    return list(found)


def _truncate(place: Path) -> None:
    path = place / backup.read_manifest(place).database
    path.write_bytes(path.read_bytes()[:-100])


def _flip(place: Path) -> None:
    path = place / backup.read_manifest(place).database
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _edit_count(place: Path) -> None:
    text = (place / MANIFEST).read_text()
    (place / MANIFEST).write_text(text.replace('"patient": 1', '"patient": 2'))


def _edit_count_and_seal(place: Path) -> None:
    _reseal(place, lambda document: document["tables"].update(patient=2))


def _edit_head_and_seal(place: Path) -> None:
    _reseal(place, lambda document: document["head"].update(number=document["head"]["number"] - 1))


def _link(place: Path) -> None:
    path = place / "home" / "readings.toml"
    path.unlink()
    path.symlink_to("/etc/passwd")


def _escape(place: Path) -> None:
    said = {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    _reseal(place, lambda document: document["files"].update({"home/../../../tmp/evil": said}))


def _foreign_home(place: Path) -> None:
    _replace_file(place, "home/trail-heads", b"{}")


def _garbage(place: Path) -> None:
    _replace_file(place, backup.read_manifest(place).database, b"no database at all" * 100)


TAMPERED: list[Callable[[Path], object]] = [
    _truncate,
    _flip,
    _edit_count,
    _edit_count_and_seal,
    _edit_head_and_seal,
    _link,
    _escape,
    _foreign_home,
    _garbage,
    lambda place: (place / MANIFEST).unlink(),
    lambda place: (place / MANIFEST).write_text("{}"),
    lambda place: (place / MANIFEST).write_text("[" * 10_000),
    lambda place: _reseal(place, lambda document: document.update(kind="oracle")),
    lambda place: _reseal(place, lambda document: document.update(format=2)),
    lambda place: (place / "home" / "snapshots" / "paper" / "patient.parquet").unlink(),
    lambda place: (place / "home" / "more").write_text("x"),
]


def _refused(filled: Engine, home: Path, place: Path, tamper: Callable[[Path], object]) -> None:
    before = _state(filled)
    beside = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    tamper(place)
    with pytest.raises(OligometError) as refused:
        backup.restore_backup(place, by=BY)
    assert refused.value.exit_status in (1, 3)
    assert _state(filled) == before
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == beside
    assert not [path for path in home.iterdir() if path.name.startswith((".restoring", "before"))]


@ONE_ENGINE
@pytest.mark.parametrize("tamper", TAMPERED, ids=[str(at) for at in range(len(TAMPERED))])
def test_a_backup_that_is_not_what_was_written_is_refused_and_nothing_changes(
    filled: Engine, home: Path, backed_up: Path, tamper: Callable[[Path], object]
) -> None:
    _change(filled)
    _refused(filled, home, backed_up, tamper)
    names = [path.name for path in Path(str(filled.url.database)).parent.iterdir()]
    assert not [name for name in names if "restoring" in name or "before" in name]


@SERVER
def test_so_it_is_on_a_server(filled: Engine, home: Path, backed_up: Path) -> None:
    _change(filled)
    shutil.copytree(backed_up, backed_up.with_name("copy"))
    _refused(filled, home, backed_up.with_name("copy"), _edit_count_and_seal)
    _refused(filled, home, backed_up, _garbage)
    assert _databases(filled, "%") == [filled.url.database]


@ONE_ENGINE
def test_a_record_that_was_changed_in_the_backup_is_found_by_its_trail(filled: Engine, backed_up: Path) -> None:
    """Somebody edits the database of the backup and mends hash, size and seal: the trail says what was written."""
    with sqlite3.connect(backed_up / "oligomet.db") as connection:
        connection.execute("UPDATE patient SET birth_date = '1951-05-01'")
    connection.close()
    _replace_file(backed_up, "oligomet.db", (backed_up / "oligomet.db").read_bytes())
    before = _state(filled)
    with pytest.raises(TrailBroken, match="patient P1"):
        backup.restore_backup(backed_up, by=BY)
    assert _state(filled) == before
    done = backup.restore_backup(backed_up, by=BY, accept_broken=True)
    assert done.broken is not None


@ONE_ENGINE
def test_only_who_may_back_up_does(filled: Engine, backed_up: Path, tmp_path: Path) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(PermissionRefused):
            backup.make_backup(filled, tmp_path / "x", by=Actor("x", role, "A"))
        with pytest.raises(PermissionRefused):
            backup.restore_backup(backed_up, by=Actor("x", role, "A"))
    assert not (tmp_path / "x").exists()


@ONE_ENGINE
def test_nothing_is_overwritten_and_no_folder_is_made_up(filled: Engine, backed_up: Path, tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="exists already"):
        backup.make_backup(filled, backed_up, by=BY)
    with pytest.raises(InputRefused, match="no folder"):
        backup.make_backup(filled, tmp_path / "nowhere" / "x", by=BY)


@ONE_ENGINE
def test_a_backup_of_another_kind_of_database_is_refused(
    filled: Engine, backed_up: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = (
        "postgresql+psycopg://nobody@127.0.0.1:1/x" if filled.dialect.name == "sqlite" else f"sqlite:///{tmp_path}/x"
    )
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", other)
    with pytest.raises(InputRefused, match="database"):
        backup.restore_backup(backed_up, by=BY)


def test_what_fails_after_the_database_is_in_place_takes_it_back(
    filled: Engine, home: Path, backed_up: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _change(filled)
    before = _state(filled)

    def full(*_arguments: object) -> list[str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("registry.backup.restore.put_beside", full)
    with pytest.raises(EnvironmentRefused, match="nothing was changed"):
        backup.restore_backup(backed_up, by=BY)
    assert _state(filled) == before
    assert _intact(filled)


def test_a_damaged_database_is_moved_aside_and_restored(sqlite_engine: Engine, home: Path, tmp_path: Path) -> None:
    actions.save(sqlite_engine, "center", row("center"), by=ENTRY, reason=None, seen_version=0)
    backup.make_backup(sqlite_engine, tmp_path / "b", by=BY)
    path = Path(str(sqlite_engine.url.database))
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(b"not a database" * 1000)
    done = backup.restore_backup(tmp_path / "b", by=BY)
    assert done.kept is not None
    assert Path(done.kept).read_bytes().startswith(b"not a database")
    assert _name_of_center(sqlite_engine) == "Alpha"


def test_a_damaged_database_is_not_backed_up(sqlite_engine: Engine, tmp_path: Path) -> None:
    path = Path(str(sqlite_engine.url.database))
    content = bytearray(path.read_bytes())
    pages = len(content) // 4096
    for page in range(pages // 2, pages):
        content[page * 4096 : page * 4096 + 100] = os.urandom(100)
    path.write_bytes(bytes(content))
    with pytest.raises(EnvironmentRefused):
        backup.make_backup(sqlite_engine, tmp_path / "b", by=BY)
    assert not (tmp_path / "b").exists()


def test_a_backup_sees_one_moment_while_others_write(
    filled: Engine, home: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes after the counting began and before the copy: it is in both or in neither."""
    kind = {"sqlite": "sqlite.copy_out", "postgresql": "postgres.dump"}[filled.dialect.name]
    module, _, name = kind.partition(".")
    there = getattr(backup.make, module)
    whole = getattr(there, name)

    def disturbed(connection: sa.Connection, *rest: Any) -> None:
        connection.execute(sa.text("SELECT count(*) FROM revision")).scalar_one()  # the transaction sees one state
        other = open_engine(filled.url)
        _change(other)
        whole(connection, *rest)

    monkeypatch.setattr(there, name, disturbed)
    place.parent.mkdir()
    made = backup.make_backup(filled, place, by=BY)
    filled.dispose()
    assert _name_of_center(filled) == "Another name"
    done = backup.restore_backup(place, by=BY)
    assert done.manifest.head == made.head
    assert _name_of_center(filled) == "Alpha"
    assert _intact(filled)


_DIES = """
import os, signal, sqlite3, sys
from pathlib import Path
from contextlib import closing
from registry.access import Actor, Role
from registry.backup import beside, make, postgres, restore, sqlite
from registry.database import open_engine

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def half(source, target):
    if ".restoring-" in target.name:  # the copy that is kept
        return whole(source, target)
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
        read.backup(written, pages=20, progress=die)

whole = sqlite._load
what, step, place = sys.argv[1:]
by = Actor("chief", Role.ADMINISTRATOR)
match step:
    case "copied": make.said_of = die
    case "complete": make._sync = die
    case "verified": restore._problem = die
    case "loading": sqlite._load, postgres._rename = half, die
if what == "backup":
    make.make_backup(open_engine(), Path(place), by=by)
else:
    restore.restore_backup(Path(place), by=by)
"""
"""A program that is killed at a step of a backup or a restore."""


def _dies(what: str, step: str, place: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _DIES, what, step, str(place)], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_killed_in_the_middle_neither_leaves_half_of_it(filled: Engine, home: Path, backed_up: Path) -> None:
    for step in ("copied", "complete"):
        _dies("backup", step, backed_up.with_name(step))
        assert not backed_up.with_name(step).exists()
        assert [found.name for found, _ in backup.backups_in(backed_up.parent)] == ["monday"]
    _change(filled)
    before = _state(filled)
    for step in ("verified", "loading"):
        _dies("restore", step, backed_up)
        assert _state(filled) == before
        assert _intact(filled)
    backup.restore_backup(backed_up, by=BY)
    assert _name_of_center(filled) == "Alpha"
    assert _intact(filled)
    assert not [path for path in home.iterdir() if path.name.startswith(".")]
    if filled.dialect.name == "postgresql":
        assert not _databases(filled, "%restoring%")
    else:
        assert not list(Path(str(filled.url.database)).parent.glob(".*restoring*"))


@ONE_ENGINE
def test_an_older_database_is_upgraded_and_a_newer_one_refused(filled: Engine, home: Path, tmp_path: Path) -> None:
    from alembic import command

    with writing(filled) as connection:
        command.downgrade(schema.config(connection), "0003")
    old = backup.make_backup(filled, tmp_path / "old", by=BY)
    assert "draft" not in old.tables
    filled.dispose()
    backup.restore_backup(tmp_path / "old", by=BY)
    schema.require_current(filled)
    with writing(filled) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    filled.dispose()
    with pytest.raises(EnvironmentRefused, match="newer version"):
        backup.make_backup(filled, tmp_path / "new", by=BY)


@SERVER
def test_a_registry_in_use_on_a_server_is_not_replaced(filled: Engine, backed_up: Path) -> None:
    with reading(filled) as connection:
        connection.execute(sa.text("SELECT 1"))
        with pytest.raises(EnvironmentRefused, match="in use"):
            backup.restore_backup(backed_up, by=BY)


@pytest.mark.postgres
def test_programs_that_are_missing_or_too_old_are_told(
    postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv(postgres_tools.FOLDER, str(tools))
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", postgres)
    with pytest.raises(EnvironmentRefused, match="was not found") as refused:
        postgres_tools.tool("pg_dump", 18)
    assert postgres_tools.FOLDER in refused.value.remedy
    old = tools / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    old.chmod(0o700)
    with pytest.raises(EnvironmentRefused, match="older than the server") as refused:
        postgres_tools.tool("pg_dump", 18)
    assert refused.value.exit_status == 3
    assert postgres_tools.tool("pg_dump", 9) == old


def test_a_password_of_the_database_is_on_no_command_line() -> None:
    where, password = postgres_tools.address(sa.make_url("postgresql+psycopg://me:s3cret@h:5/d?sslmode=require"))
    assert "s3cret" not in where
    assert password == "s3cret"
    assert "sslmode=require" in where


def _run(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


def test_the_commands(filled: Engine, home: Path, tmp_path: Path) -> None:
    done = _run("backup", str(tmp_path / "b"))
    assert done.exit_code == 0
    assert "keep a copy of OLIGOMET_HOME/keys" in done.stderr
    said = json.loads(_run("backup", str(tmp_path / "c"), "--json").stdout)
    assert said["tables"]["patient"] == 1
    _change(filled)
    asked = _run("restore", str(tmp_path / "b"))
    assert isinstance(asked.exception, InputRefused)
    assert _name_of_center(filled) == "Another name"
    restored = _run("restore", str(tmp_path / "b"), "--yes")
    assert restored.exit_code == 0, restored.exception
    assert "The trail is intact" in restored.stderr
    assert _name_of_center(filled) == "Alpha"
    document = json.loads(_run("restore", str(tmp_path / "b"), "--yes", "--json").stdout)
    assert document["intact"] is True
    verified = _run("audit", "verify", "--json")
    assert json.loads(verified.stdout)["head"] == document["head"]
