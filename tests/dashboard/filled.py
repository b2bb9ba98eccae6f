"""The registry with one row of each table, seen through the pages for entry: for their tests."""

from __future__ import annotations

from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from registry import drafts, store
from registry.access import Actor, Role
from registry.audit import Entry, log
from registry.database import reading
from registry.drafts import Place, Typed
from tests.dashboard.pages import opened

SOMEBODY = Actor("somebody", Role.ADMINISTRATOR)


def record(form: str, row: str = "", role: Role = Role.DATA_MANAGER, **address: str) -> AppTest:
    """The record of the small registry's patient, with a form open."""
    place = {"patient": "P1", "form": form, **({"row": row} if row else {}), **address}
    return opened("patient.py", role=role, **place)


def key(column: str, table: str = "episode", number: str = "1", version: int = 1, epoch: int = 0) -> str:
    return f"P1|{table}|{number}|{version}|{epoch}|{column}"


def cells(engine: Engine, table: str) -> list[dict[str, str]]:
    with reading(engine) as connection:
        found = store.load(connection, table, ["P1"])
    engine.dispose()
    return [{name: str(column[at]) for name, column in found.columns.items()} for at in range(len(found))]


def trail(engine: Engine) -> list[Entry]:
    with reading(engine) as connection:
        found = list(log(connection, events=False))
    engine.dispose()
    return found


def draft(engine: Engine, place: Place, by: str = "data-manager") -> dict[str, Typed]:
    with reading(engine) as connection:
        found = drafts.load(connection, place, by=Actor(by, Role.DATA_MANAGER, "A"))
    engine.dispose()
    return found


EPISODE = Place("P1", "episode", "1")
