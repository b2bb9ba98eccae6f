"""The commands `audit log` and `audit verify`: narrowed, whole, on standard output; a break is exit 1."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from registry import actions, audit
from registry.database import reading, writing
from tests.registry.conftest import Command
from tests.registry.imports import trail
from tests.registry.rows import ENTRY, ROWS, row


@pytest.fixture
def changed(filled: Engine) -> Engine:
    """A registry whose trail holds entries, a change, a deletion and a look at a patient."""
    actions.save(filled, "episode", row("episode", ecog="1"), by=ENTRY, reason="seen again", seen_version=1)
    actions.delete(filled, "study", ("P1", "1"), by=ENTRY, reason="entered twice", seen_version=1)
    with writing(filled) as connection:
        audit.happened(connection, audit.Event.VIEW, "P1", by="anna", reason="record opened", source="page")
    return filled


def _printed(oligomet: Command, *arguments: object) -> list[dict[str, Any]]:
    status, out, _ = oligomet("audit", "log", "--json", *arguments)
    assert status == 0
    found = json.loads(out)
    assert isinstance(found, list)
    return found


def test_the_log_goes_out_whole(oligomet: Command, changed: Engine) -> None:
    whole = trail(changed)
    assert len(whole) > len(ROWS) + 2
    assert [(e["number"], e["table"], e["owner"], e["old"], e["new"]) for e in _printed(oligomet)] == [
        (e.number, e.table, e.owner, e.old, e.new) for e in whole
    ]
    status, out, _ = oligomet("audit", "log", "--csv")
    assert status == 0
    lines = list(csv.DictReader(io.StringIO(out)))
    assert [line["revision"] for line in lines] == [str(e.number) for e in whole for _ in list(e.cells()) or [None]]
    assert {int(line["revision"]) for line in lines} == {e.number for e in whole}
    [change] = [line for line in lines if line["reason"] == "seen again" and line["table"] == "episode"]
    assert (change["column"], change["old"], change["new"]) == ("ecog", "0", "1")
    [view] = [line for line in lines if line["action"] == "view"]
    assert (view["key"], view["written_by"], view["column"]) == ("P1", "anna", "")


def test_the_log_is_narrowed(oligomet: Command, changed: Engine) -> None:
    whole = trail(changed)
    day, last = whole[0].written_at[:10], whole[-1].written_at
    assert {e["owner"] for e in _printed(oligomet, "--patient", "P1")} == {"P1"}
    assert [e["action"] for e in _printed(oligomet, "--by", "anna")] == ["view"]
    assert [e["action"] for e in _printed(oligomet, "--table", "study")] == ["insert", "delete"]
    assert len(_printed(oligomet, "--since", day, "--until", last[:10])) == len(whole)
    assert _printed(oligomet, "--since", last)[-1]["number"] == whole[-1].number
    assert _printed(oligomet, "--until", "2001-01-01") == []
    # The same moment two hours further east, and a day of another spelling.
    east = f"{last[:10]}T23:59:59-02:00"
    assert _printed(oligomet, "--since", east) == []
    assert len(_printed(oligomet, "--since", day.replace("-", ""))) == len(whole)
    combined = _printed(oligomet, "--patient", "P1", "--table", "episode", "--by", "entr", "--since", day)
    assert {(e["table"], e["owner"]) for e in combined} == {("episode", "P1")}


def test_a_person_reads_the_log_on_standard_output(oligomet: Command, changed: Engine) -> None:
    status, out, _ = oligomet("audit", "log", "--patient", "P1")
    assert status == 0
    for words in ("episode P1/1", "ecog: 0 → 1", "seen again", "entered twice", "delete: ", "view"):
        assert words in out
    status, out, err = oligomet("audit", "log", "--patient", "nobody")
    assert (status, out) == (0, "")
    assert "no such entry" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "yesterday"], "--since is neither a day nor a time"),
        (["--until", "2026-13-45"], "--until is neither a day nor a time"),
        (["--table", "episodes"], "no such table"),
    ],
)
def test_what_the_trail_cannot_be_narrowed_by_is_refused(
    oligomet: Command, sqlite_engine: Engine, arguments: list[str], words: str
) -> None:
    """An empty answer would read as: nothing happened."""
    status, out, err = oligomet("audit", "log", "--json", *arguments)
    assert (status, out) == (2, "")
    assert words in err


def test_every_table_of_the_trail_can_be_asked_for(changed: Engine) -> None:
    assert {entry.table for entry in trail(changed)} - {""} <= set(audit.TABLE_NAMES)


def test_verification_is_exit_0_or_1_and_names_the_first_break(oligomet: Command, changed: Engine) -> None:
    status, out, _ = oligomet("audit", "verify", "--json")
    found = json.loads(out)
    with reading(changed) as connection:
        head = audit.head(connection)
    assert (status, found) == (0, {"intact": True, "head": {"number": head.number, "hash": head.hash}, "broken": None})
    assert oligomet("audit", "verify", "--expect-head", f"{head.number}:{head.hash}")[0] == 0
    assert oligomet("audit", "verify", "--expect-head", f"{head.number}:{'0' * 64}")[0] == 1
    assert oligomet("audit", "verify", "--expect-head", "the last one")[0] == 1
    with writing(changed) as connection:
        connection.execute(sa.text("UPDATE follow_up SET ecog = 3"))
    status, out, _ = oligomet("audit", "verify", "--json")
    assert status == 1
    assert "follow_up P1/1: ecog is not what the trail says" in json.loads(out)["broken"]["problem"]
    assert oligomet("audit", "verify", "--trail-only")[0] == 0
    with writing(changed) as connection:
        sqlite = changed.dialect.name == "sqlite"
        for guard in ("revision_no_update",) if sqlite else ("revision_guard ON revision",):
            connection.execute(sa.text(f"DROP TRIGGER {guard}"))
        connection.execute(sa.text("UPDATE revision SET reason = 'better' WHERE number IN (3, 9)"))
    status, out, err = oligomet("audit", "verify")
    assert (status, out) == (1, "")
    assert "BROKEN: revision 3 was edited" in err
