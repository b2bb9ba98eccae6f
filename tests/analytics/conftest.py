"""What the tests of the analyses share: a simulated registry, the command line, and R as a second opinion."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.cli import main
from registry import schema
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source
from registry.simulate import simulate

PATIENTS = 260
NO_R = "OLIGOMET_NO_R"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the tests that run R out only where somebody said so; a missing R alone is a failure."""
    if os.environ.get(NO_R) != "1":
        return
    with_r = [item for item in items if item.get_closest_marker("rscript")]
    if with_r:
        items[:] = [item for item in items if item not in with_r]
        config.hook.pytest_deselected(items=with_r)
        config.stash[_LEFT_OUT] = len(with_r)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says at the end what was not tested."""
    count = config.stash.get(_LEFT_OUT, 0)
    if count:
        said = f"WARNING: {count} tests with R were left out ({NO_R}=1): the script for analysts was not run"
        terminalreporter.write_line(said, yellow=True, bold=True)


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a registry with simulated patients, for reading only."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "data", patients=PATIENTS, seed=5)
    url = f"sqlite:///{folder / 'registry.db'}"
    engine = open_engine(url)
    schema.create_or_upgrade(engine)
    by = Actor("somebody", Role.ADMINISTRATOR)
    assert not import_source(engine, open_source(folder / "data", None), by=by, reason=None).problems
    engine.dispose()
    return url


@pytest.fixture
def registry(simulated: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The simulated registry in the environment; returns the file of the database."""
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", simulated)
    return Path(simulated.removeprefix("sqlite:///"))


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def oligomet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls the program in this process, as its script does: exit status, standard output, standard error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["oligomet", *arguments])
        with pytest.raises(SystemExit) as exit:
            main()
        shown = capsys.readouterr()
        return int(exit.value.code or 0), shown.out, shown.err

    return call
