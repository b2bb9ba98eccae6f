"""What the tests of the pages share: a simulated registry, a served one, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy.engine import Engine
from streamlit.components.v2 import manifest_scanner

from registry import schema
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source
from registry.simulate import simulate
from tests.dashboard import signing
from tests.dashboard.accessibility import of_an_empty_page
from tests.dashboard.serving import CHROMIUM, FLAGS, Served, served

# On a busy machine a page takes longer than the five seconds that playwright waits.
expect.set_options(timeout=20_000)

PATIENTS = 60
NO_BROWSER = "OLIGOMET_NO_BROWSER"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves the walks in a browser out only where somebody said so; a missing browser alone is a failure."""
    if os.environ.get(NO_BROWSER) != "1":
        return
    walks = [item for item in items if item.get_closest_marker("browser")]
    if walks:
        items[:] = [item for item in items if item not in walks]
        config.hook.pytest_deselected(items=walks)
        config.stash[_LEFT_OUT] = len(walks)


_LEFT_OUT = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Says at the end what was not tested."""
    count = config.stash.get(_LEFT_OUT, 0)
    if count:
        said = f"WARNING: {count} tests in a browser were left out ({NO_BROWSER}=1): the pages were not walked through"
        terminalreporter.write_line(said, yellow=True, bold=True)


@pytest.fixture(scope="session", autouse=True)
def no_search_for_components() -> Iterator[None]:
    """Each AppTest would read the metadata of every installed package, for components that no page has: 0.4 s."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        yield


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a registry with simulated patients; to be copied, not written."""
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder / "data", patients=PATIENTS, seed=7)
    path = folder / "oligomet.db"
    engine = open_engine(f"sqlite:///{path}")
    schema.create_or_upgrade(engine)
    by = Actor("test", Role.ADMINISTRATOR)
    outcome = import_source(engine, open_source(folder / "data"), by=by, reason=None)
    assert not outcome.problems
    engine.dispose()
    return path


@pytest.fixture
def registry(simulated: Path, own_home: Path) -> Iterator[Engine]:
    """A registry with simulated patients, in the home of the test."""
    own_home.mkdir()
    path = own_home / "oligomet.db"
    shutil.copy(simulated, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture
def small(_sqlite_template: Callable[[str], Path], own_home: Path) -> Iterator[Engine]:
    """A registry with one row of each table, in the home of the test."""
    own_home.mkdir()
    shutil.copy(_sqlite_template("filled"), own_home / "oligomet.db")
    engine = open_engine(f"sqlite:///{own_home / 'oligomet.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def server(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard of simulated patients, served by the command."""
    home = tmp_path_factory.mktemp("served")
    shutil.copy(simulated, home / "oligomet.db")
    engine = open_engine(f"sqlite:///{home / 'oligomet.db'}")
    for role in Role:
        signing.account(engine, role, password_hash=signing.HASH)
    cookie = f"oligomet={signing.token(engine, Role.ADMINISTRATOR)}"
    engine.dispose()
    with served(home, cookie) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window; its absence fails the test."""
    if CHROMIUM is None:
        pytest.fail(f"There is no Chromium: install it, or set {NO_BROWSER}=1 to leave the walks in a browser out")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def unavoidable(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The rules of axe that an empty page of Streamlit breaks."""
    return of_an_empty_page(browser, tmp_path_factory.mktemp("nothing"))
