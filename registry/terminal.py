"""The command line's manners: the database behind a command, progress, messages, and JSON on standard output."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from registry.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

messages = Console(stderr=True, soft_wrap=True)
"""Where messages and progress go; standard output holds results only."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
DataCut = Annotated[
    str | None, typer.Option("--data-cut", metavar="YYYY-MM-DD", help="What is dated later does not exist.")
]


def open_registry() -> Engine:
    """The registry of the environment, with a schema that this program knows; else EnvironmentRefused."""
    from registry import schema
    from registry.database import open_engine

    engine = open_engine()
    schema.require_current(engine)
    return engine


def data_cut(text: str | None) -> dt.date:
    """The day of ``--data-cut``, today where it is not given."""
    if text is None:
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError("The data cut is not a date", got=text, remedy="Write it as YYYY-MM-DD") from None


def print_json(document: Any) -> None:
    """One JSON document on standard output."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def print_json_lists(head: dict[str, Any], lists: dict[str, Iterable[Any]]) -> None:
    """A JSON object whose last members are lists of any length, written as they are read."""
    parts = [f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items()]
    sys.stdout.write("{" + ", ".join(parts))
    for name, items in lists.items():
        sys.stdout.write(f"{', ' if parts else ''}{json.dumps(name)}: [")
        parts.append(name)
        for at, item in enumerate(items):
            sys.stdout.write(("," if at else "") + "\n " + json.dumps(item, ensure_ascii=False))
        sys.stdout.write("]")
    sys.stdout.write("}\n")


def print_json_list(items: Iterable[Any]) -> None:
    """A JSON list of any length, written as it is read."""
    sys.stdout.write("[")
    for at, item in enumerate(items):
        sys.stdout.write(("," if at else "") + "\n " + json.dumps(item, ensure_ascii=False))
    sys.stdout.write("\n]\n")


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float, str], None]]:
    """A progress bar on standard error, where that is a terminal; yields what is to be told share and step."""
    if not messages.is_terminal:
        yield lambda share, step: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share, step: bar.update(task, completed=share, description=f"{what}: {step}")
