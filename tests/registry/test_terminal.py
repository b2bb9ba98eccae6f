"""The command line's manners: progress is shown to a person at a terminal, on standard error, and to nobody else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy.engine import Engine

from registry import actions, terminal
from registry.exchange.formats import open_source
from tests.registry.imports import MANAGER, base, folder


def _shown(monkeypatch: pytest.MonkeyPatch, *, at_terminal: bool) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setattr(terminal, "messages", Console(file=written, force_terminal=at_terminal, width=100))
    return written


def test_a_person_sees_how_far_a_command_is(monkeypatch: pytest.MonkeyPatch) -> None:
    written = _shown(monkeypatch, at_terminal=True)
    with terminal.progress_bar("Importing data") as progress:
        progress(0.42, "reading")
    assert "Importing data: reading" in written.getvalue()
    assert "42%" in written.getvalue()


def test_a_log_holds_no_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    written = _shown(monkeypatch, at_terminal=False)
    with terminal.progress_bar("Importing data") as progress:
        progress(0.42, "reading")
    assert written.getvalue() == ""


def test_an_import_tells_its_share_from_reading_to_the_end(sqlite_engine: Engine, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    source = open_source(folder(tmp_path, base()))
    actions.import_source(
        sqlite_engine, source, by=MANAGER, reason=None, progress=lambda share, what: told.append((share, what))
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0] >= 0, shares[-1]) == (True, 1.0)
    assert list(dict.fromkeys(what for _, what in told)) == ["reading", "writing", "done"]
