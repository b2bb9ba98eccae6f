"""Faults: a killed import, a full or read-only disk, a lost server. Nothing is half written, and the person is told."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from dashboard.cli import main
from registry import actions, audit
from registry.access import operator
from registry.database import open_engine, reading
from registry.errors import EnvironmentRefused
from registry.exchange.formats import open_source
from registry.replay import verify_record
from registry.simulate import simulate
from registry.tables import TABLES
from tests.registry.rows import ENTRY, row

COMMAND = [sys.executable, "-c", "from dashboard.cli import main; main()"]


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohort") / "data"
    simulate(folder, patients=300, seed=5)
    return folder


def _counts(engine: Engine) -> dict[str, int]:
    tables = (*TABLES, "revision", "change", "data_query")
    with engine.connect() as connection:
        return {name: connection.execute(sa.text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables}


def _intact(engine: Engine) -> bool:
    with reading(engine) as connection:
        return audit.verify_chain(connection) is None and verify_record(connection) is None


def test_an_import_killed_at_any_moment_leaves_the_registry_as_it_was(filled: Engine, cohort: Path) -> None:
    before = _counts(filled)
    took = _time_of_an_import(cohort, filled)
    draws = random.Random(20190107)
    killed = 0
    # From early to late, since a machine that has become faster may finish before a late signal.
    for share in sorted(draws.uniform(0.1, 1.0) for _ in range(6)):
        process = subprocess.Popen([*COMMAND, "import", str(cohort)], stderr=subprocess.DEVNULL)
        time.sleep(share * took)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        now = _counts(filled)
        if now != before:  # the signal came after the commit: then all of it is there
            assert now["patient"] == 301
            break
    assert killed >= 2
    assert _intact(filled)
    done = subprocess.run([*COMMAND, "import", str(cohort)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    after = _counts(filled)
    assert after["patient"] == 301
    assert _intact(filled)


def _time_of_an_import(cohort: Path, like: Engine) -> float:
    """The time of a dry run, which does all but the writing; a kill is drawn from within it."""
    start = time.perf_counter()
    assert subprocess.run([*COMMAND, "import", str(cohort), "--dry-run"], capture_output=True).returncode == 0
    return time.perf_counter() - start


def test_a_full_disk_is_told_and_nothing_is_half_written(sqlite_engine: Engine, cohort: Path) -> None:
    """The size of the file is limited for the process of the import, as a full disk would."""
    before = _counts(sqlite_engine)

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    done = subprocess.run([*COMMAND, "import", str(cohort)], capture_output=True, text=True, preexec_fn=limit)
    assert done.returncode == 3, done.stderr
    assert "disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert _counts(sqlite_engine) == before
    assert _intact(sqlite_engine)
    source = open_source(cohort)
    assert actions.import_source(sqlite_engine, source, by=operator(), reason=None).accepted > 300


def test_a_database_that_runs_out_of_pages_is_a_full_disk(sqlite_engine: Engine, cohort: Path) -> None:
    def no_more_pages(connection: object, record: object) -> None:
        connection.execute("PRAGMA max_page_count = 400")  # type: ignore[attr-defined]

    sa.event.listen(sqlite_engine, "connect", no_more_pages)
    sqlite_engine.dispose()
    with pytest.raises(EnvironmentRefused, match="disk is full") as refused:
        actions.import_source(sqlite_engine, open_source(cohort), by=operator(), reason=None)
    assert refused.value.exit_status == 3
    assert set(_counts(sqlite_engine).values()) == {0}


def _read_only(path: Path) -> str:
    return f"sqlite:///file:{path}?mode=ro&uri=true"


def test_a_read_only_database_refuses_writing_and_still_reads(
    sqlite_engine: Engine, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(str(sqlite_engine.url.database))
    actions.save(sqlite_engine, "center", row("center"), by=ENTRY, reason=None, seen_version=0)
    engine = open_engine(_read_only(path))
    with pytest.raises(EnvironmentRefused, match="read-only"):
        actions.import_source(engine, open_source(cohort), by=operator(), reason=None)
    assert _counts(engine)["center"] == 1
    engine.dispose()


@pytest.mark.postgres
def test_a_read_only_server_refuses_writing(engine: Engine, cohort: Path) -> None:
    if engine.dialect.name == "sqlite":
        return  # shown above
    name = engine.url.database
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    engine.dispose()
    with pytest.raises(EnvironmentRefused, match="read-only"):
        actions.import_source(engine, open_source(cohort), by=operator(), reason=None)
    done = subprocess.run([*COMMAND, "import", str(cohort)], capture_output=True, text=True)
    assert (done.returncode, "read-only" in done.stderr) == (3, True)


@pytest.mark.postgres
def test_a_lost_connection_is_told_and_nothing_is_half_written(engine: Engine, cohort: Path) -> None:
    if engine.dialect.name == "sqlite":
        return  # an embedded database has no connection to lose
    before = _counts(engine)
    admin = open_engine(engine.url)
    stop = threading.Event()

    def cut() -> None:
        """Ends every other connection to the database as soon as it writes into the trail."""
        statement = sa.text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND query ILIKE 'COPY%change%'"
        )
        while not stop.is_set():
            with admin.connect() as connection:
                if connection.execute(statement).rowcount:
                    return
            time.sleep(0.01)

    cutter = threading.Thread(target=cut)
    cutter.start()
    with pytest.raises(EnvironmentRefused, match="connection") as refused:
        actions.import_source(engine, open_source(cohort), by=operator(), reason=None)
    stop.set()
    cutter.join()
    assert refused.value.exit_status == 3
    assert _counts(engine) == before
    assert actions.import_source(engine, open_source(cohort), by=operator(), reason=None).accepted > 300
    admin.dispose()


@pytest.mark.parametrize(
    "url", ["postgresql+psycopg://nobody@127.0.0.1:1/none", "sqlite:////nowhere/at/all.db", "mysql://x/y", "nonsense"]
)
def test_a_database_that_cannot_be_reached_is_exit_3(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", url)
    for command in (["audit", "verify"], ["check"], ["import", "."]):
        monkeypatch.setattr(sys, "argv", ["oligomet", *command])
        with pytest.raises(SystemExit) as done:
            main()
        said = capsys.readouterr()
        assert done.value.code == 3, (command, said.err)
        assert "Traceback" not in said.err
        assert said.out == ""


def test_a_file_that_is_no_database_is_exit_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear colleague, " * 500)
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", f"sqlite:///{path}")
    done = subprocess.run([*COMMAND, "audit", "verify"], capture_output=True, text=True)
    assert (done.returncode, "not a registry database" in done.stderr) == (3, True)


def test_a_damaged_database_is_told(sqlite_engine: Engine, cohort: Path, tmp_path: Path) -> None:
    actions.import_source(sqlite_engine, open_source(cohort), by=operator(), reason=None)
    path = Path(str(sqlite_engine.url.database))
    with sqlite_engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    sqlite_engine.dispose()
    damaged = tmp_path / "damaged.db"
    shutil.copy(path, damaged)
    size = damaged.stat().st_size
    with damaged.open("r+b") as file:
        for at in range(size // 3, size, 4096):
            file.seek(at)
            file.write(os.urandom(64))
    done = subprocess.run(
        [*COMMAND, "audit", "verify"],
        capture_output=True,
        text=True,
        env={**os.environ, "OLIGOMET_DATABASE_URL": f"sqlite:///{damaged}"},
    )
    assert done.returncode in (1, 3), done.stderr
    assert "Traceback" not in done.stderr
