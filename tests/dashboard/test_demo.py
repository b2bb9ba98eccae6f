"""The demo from one command: a registry of its own, filled, drawn, replaced, and nothing else touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dashboard import demo_accounts
from dashboard.cli import app
from dashboard.demo import FIGURES, MARKER, REPORT
from registry import anchor, audit, schema
from registry.access import Role
from registry.database import open_engine, reading
from registry.errors import EnvironmentRefused
from registry.replay import verify_record
from tests.dashboard.serving import environment, oligomet


def _demo(monkeypatch: pytest.MonkeyPatch, home: Path, *arguments: str) -> Result:
    # The command changes the environment of its process: what it changed is put back after the test.
    monkeypatch.setenv("OLIGOMET_HOME", str(home))
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", "sqlite:///somewhere/else.db")
    return CliRunner().invoke(app, ["demo", "--no-serve", "--patients", "25", *arguments])


def _head(home: Path) -> audit.Head:
    engine = open_engine(f"sqlite:///{home / 'demo' / 'oligomet.db'}")
    with reading(engine) as connection:
        head = audit.head(connection)
        assert audit.verify_chain(connection) is None
        assert verify_record(connection, lambda share: None) is None
    engine.dispose()
    return head


def test_the_command_fills_a_registry_and_draws_a_figure(tmp_path: Path) -> None:
    command = oligomet("demo", "--no-serve", "--patients", "25", "--seed", "3")
    run = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    demo = tmp_path / "demo"
    assert str(demo) in run.stderr
    assert {path.name for path in demo.iterdir()} >= {"oligomet.db", MARKER, *FIGURES, REPORT, demo_accounts.FILE}
    assert (demo / demo_accounts.FILE).stat().st_mode & 0o077 == 0
    assert (demo / "oligomet.db").stat().st_mode & 0o077 == 0
    assert _head(tmp_path).number == 1 + len(Role)


def test_it_is_replaced_by_another_one_and_verified_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = open_engine(f"sqlite:///{tmp_path / 'oligomet.db'}")
    schema.create_or_upgrade(own)
    own.dispose()
    content = (tmp_path / "oligomet.db").read_bytes()
    monkeypatch.setattr("analytics.report.make.make_report", lambda *_: "")  # what it says is tested where it is made
    first = _demo(monkeypatch, tmp_path)
    assert first.exit_code == 0, first.output
    # Another registry in the home is not touched.
    assert (tmp_path / "oligomet.db").read_bytes() == content
    assert {path.name for path in tmp_path.iterdir()} == {"oligomet.db", "demo"}
    before = _head(tmp_path)
    # Somebody verifies it by its address from their own home: the head is remembered there.
    monkeypatch.setenv("OLIGOMET_HOME", str(tmp_path))
    engine = open_engine(f"sqlite:///{tmp_path / 'demo' / 'oligomet.db'}")
    anchor.remember(engine, before)
    assert anchor.last_verified(engine) == before
    again = _demo(monkeypatch, tmp_path, "--seed", "2")
    assert again.exit_code == 0, again.output
    assert _head(tmp_path).hash != before.hash
    monkeypatch.setenv("OLIGOMET_HOME", str(tmp_path))
    assert anchor.last_verified(engine) is None
    engine.dispose()


def test_a_folder_that_the_demo_did_not_make_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "oligomet.db").write_text("mine")
    refused = _demo(monkeypatch, tmp_path)
    assert isinstance(refused.exception, EnvironmentRefused)
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["oligomet.db"]
    assert (tmp_path / "demo" / "oligomet.db").read_text() == "mine"
