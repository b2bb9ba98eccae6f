"""The one way in: what a form may write, what it must say why, and what it is refused; on both engines."""

from __future__ import annotations

import functools
import itertools
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from registry import actions, audit, queries, store
from registry.access import Actor, Role
from registry.actions import RowRefused
from registry.database import reading
from registry.errors import Collided, InputRefused, PermissionRefused, StaleVersion
from registry.queries import QueryKey
from registry.tables import TABLES
from tests.registry.rows import ENTRY, ROWS, fill, row


def stored(engine: Engine, table: str, owner: str = "P1") -> dict[str, str]:
    """The cells of the one row of an owner, blank ones left out, with the version."""
    with reading(engine) as connection:
        found = store.load(connection, table, [owner])
    assert len(found) == 1
    cells = {name: str(column[0]) for name, column in found.columns.items() if column[0]}
    return {**cells, "version": str(found.versions[0])}


def log(engine: Engine, **narrow: Any) -> list[audit.Entry]:
    with reading(engine) as connection:
        return list(audit.log(connection, **narrow))


def test_every_table_takes_a_row_and_gives_it_back(engine: Engine) -> None:
    fill(engine)
    for table, cells in ROWS.items():
        owner = cells[TABLES[table].keys[0]]
        assert stored(engine, table, owner) == {**cells, "version": "1"}
    first = next(entry for entry in log(engine) if entry.table == "episode")
    assert (first.written_by, first.reason, first.source) == ("entry", actions.FIRST_ENTRY, "form")
    assert first.new == ROWS["episode"]


def test_a_change_keeps_old_and_new_and_needs_a_reason(filled: Engine) -> None:
    changed = row("episode", lesion_count="2", ecog="", cea_ng_ml="7.40")
    with pytest.raises(RowRefused, match="no reason"):
        actions.save(filled, "episode", changed, by=ENTRY, reason=None, seen_version=1)
    assert stored(filled, "episode")["lesion_count"] == "1"
    saved = actions.save(filled, "episode", changed, by=ENTRY, reason="second reading", seen_version=1)
    assert saved.version == 2
    after = stored(filled, "episode")
    assert after["lesion_count"] == "2"
    assert after["cea_ng_ml"] == "7.4"
    assert "ecog" not in after
    entry = log(filled)[-1]
    assert (entry.reason, entry.action, entry.key) == ("second reading", "update", "P1/1")
    assert entry.old == {"lesion_count": "1", "cea_ng_ml": "UNK", "ecog": "0"}
    assert entry.new == {"lesion_count": "2", "cea_ng_ml": "7.4", "ecog": ""}


def test_saving_what_is_stored_writes_nothing(filled: Engine) -> None:
    before = len(log(filled))
    saved = actions.save(filled, "episode", ROWS["episode"], by=ENTRY, reason="again", seen_version=1)
    assert saved.revision is None
    assert saved.version == 1
    assert len(log(filled)) == before


def test_a_stale_form_is_refused_with_both_versions(filled: Engine) -> None:
    actions.save(filled, "episode", row("episode", ecog="1"), by=ENTRY, reason="theirs", seen_version=1)
    with pytest.raises(StaleVersion) as refused:
        actions.save(filled, "episode", row("episode", ecog="2"), by=ENTRY, reason="mine", seen_version=1)
    assert refused.value.stored["ecog"] == "1"
    assert refused.value.submitted["ecog"] == "2"
    assert stored(filled, "episode")["ecog"] == "1"
    with pytest.raises(StaleVersion):
        actions.save(filled, "episode", ROWS["episode"], by=ENTRY, reason=None, seen_version=0)
    with pytest.raises(StaleVersion):
        actions.save(filled, "study", row("study", record_no="9"), by=ENTRY, reason="x", seen_version=3)


def test_every_problem_of_a_row_is_named_at_once(filled: Engine) -> None:
    bad = row("episode", record_no="2", detected_on="2020-02-30", lesion_count="many", laterality="both")
    with pytest.raises(RowRefused) as refused:
        actions.save(filled, "episode", bad, by=ENTRY, reason=None, seen_version=0)
    assert {p.column for p in refused.value.problems} == {"detected_on", "lesion_count", "laterality"}
    assert all(p.remedy for p in refused.value.problems)
    orphan = row("study", patient_id="P9")
    with pytest.raises(RowRefused, match="no such row in patient"):
        actions.save(filled, "study", orphan, by=ENTRY, reason=None, seen_version=0)
    blank = {"patient_id": "P1", "record_no": "5", "modality": "pet_ct"}
    with pytest.raises(RowRefused, match="required"):
        actions.save(filled, "study", blank, by=ENTRY, reason=None, seen_version=0)
    died = row("patient", vital_status="dead", death_on="1949-01-01")
    with pytest.raises(RowRefused):
        actions.save(filled, "patient", died, by=ENTRY, reason="died", seen_version=1)


def test_a_row_goes_only_with_a_reason_and_when_nothing_hangs_on_it(filled: Engine) -> None:
    key = ("P1", "1")
    with pytest.raises(InputRefused, match="reason"):
        actions.delete(filled, "study", key, by=ENTRY, reason="", seen_version=1)
    with pytest.raises(StaleVersion):
        actions.delete(filled, "study", key, by=ENTRY, reason="twice entered", seen_version=4)
    with pytest.raises(InputRefused, match="refer to this one"):
        actions.delete(filled, "episode", key, by=ENTRY, reason="twice entered", seen_version=1)
    actions.delete(filled, "study", key, by=ENTRY, reason="twice entered", seen_version=1)
    entry = log(filled)[-1]
    assert (entry.action, entry.reason, entry.new) == ("delete", "twice entered", None)
    assert entry.old == ROWS["study"]
    with pytest.raises(InputRefused, match="no such row"):
        actions.delete(filled, "study", key, by=ENTRY, reason="again", seen_version=1)
    saved = actions.save(filled, "study", ROWS["study"], by=ENTRY, reason=None, seen_version=0)
    assert saved.version == 1


def test_a_center_touches_its_own_patients_only(filled: Engine) -> None:
    actions.save(filled, "center", {"center_id": "B", "name": "Beta"}, by=ENTRY, reason=None, seen_version=0)
    theirs = Actor("manager of B", Role.DATA_MANAGER, "B")
    for attempt in (
        lambda: actions.save(filled, "patient", row("patient", sex="male"), by=theirs, reason="x", seen_version=1),
        lambda: actions.save(filled, "study", row("study", record_no="2"), by=theirs, reason=None, seen_version=0),
        lambda: actions.save(
            filled, "patient", row("patient", patient_id="P2"), by=theirs, reason=None, seen_version=0
        ),
        lambda: actions.save(filled, "patient", row("patient", center_id="B"), by=theirs, reason="x", seen_version=1),
        lambda: actions.delete(filled, "study", ("P1", "1"), by=theirs, reason="x", seen_version=1),
        lambda: actions.save(filled, "center", {"center_id": "B", "name": "x"}, by=theirs, reason="x", seen_version=1),
    ):
        with pytest.raises(PermissionRefused):
            attempt()
    own = row("patient", patient_id="P2", center_id="B")
    assert actions.save(filled, "patient", own, by=theirs, reason=None, seen_version=0).version == 1
    for role in (Role.RESEARCHER, Role.CLINICIAN, Role.AUDITOR):
        with pytest.raises(PermissionRefused):
            actions.save(filled, "study", row("study"), by=Actor("x", role), reason="x", seen_version=1)


def test_nothing_is_saved_where_the_trail_cannot_be_written(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(log(filled))

    def broken(self: object, **arguments: object) -> int:
        raise RuntimeError("no trail")

    monkeypatch.setattr(audit.Writer, "close", broken)
    with pytest.raises(RuntimeError):
        actions.save(filled, "episode", row("episode", ecog="2"), by=ENTRY, reason="x", seen_version=1)
    with pytest.raises(RuntimeError):
        actions.delete(filled, "study", ("P1", "1"), by=ENTRY, reason="x", seen_version=1)
    monkeypatch.undo()
    assert stored(filled, "episode")["ecog"] == "0"
    assert stored(filled, "study")["version"] == "1"
    assert len(log(filled)) == before


def _open_queries(engine: Engine) -> dict[QueryKey, Any]:
    with reading(engine) as connection:
        return {key: found for key, found in queries.stored(connection).items() if found.state != "closed"}


def test_a_warning_is_a_query_until_the_value_is_corrected_or_confirmed(filled: Engine) -> None:
    already = set(_open_queries(filled))
    odd = row("local_treatment", procedure="wedge", lobectomy_reason="deep")
    saved = actions.save(filled, "local_treatment", odd, by=ENTRY, reason="x", seen_version=1)
    assert [warning["column"] for warning in saved.warnings if warning["column"] == "lobectomy_reason"]
    (key,) = set(_open_queries(filled)) - already
    assert (key.owner, key.table, key.record_key, key.column) == ("P1", "local_treatment", "1", "lobectomy_reason")

    manager, auditor = Actor("m", Role.DATA_MANAGER, "A"), Actor("a", Role.AUDITOR)
    actions.answer_query(filled, key, "copied from the letter", by=manager)
    assert _open_queries(filled)[key].state == "answered"
    with pytest.raises(PermissionRefused):
        actions.close_query(filled, key, "fine", by=manager)
    actions.close_query(filled, key, "seen in the letter", by=auditor)
    assert key not in _open_queries(filled)
    # Confirmed: the same value raises no new query; another value does.
    actions.save(filled, "local_treatment", {**odd, "lesions_treated": "1"}, by=ENTRY, reason="x", seen_version=2)
    assert key not in _open_queries(filled)
    other = {**odd, "lobectomy_reason": "bleeding"}
    actions.save(filled, "local_treatment", other, by=ENTRY, reason="x", seen_version=3)
    assert _open_queries(filled)[key].value == "bleeding"
    # Corrected: closed by itself.
    corrected = {**odd, "lobectomy_reason": ""}
    actions.save(filled, "local_treatment", corrected, by=ENTRY, reason="x", seen_version=4)
    assert key not in _open_queries(filled)
    with filled.connect() as connection:
        thread = connection.execute(sa.select(queries.QueryMessage.message).order_by(queries.QueryMessage.number))
        assert list(thread.scalars()) == ["copied from the letter", "seen in the letter"]


def test_a_person_can_ask_about_a_cell(filled: Engine) -> None:
    key = QueryKey("P1", "MANUAL", "episode", "1", "lesion_count")
    auditor = Actor("auditor", Role.AUDITOR)
    with pytest.raises(PermissionRefused):
        actions.raise_query(filled, key, "really one?", by=Actor("c", Role.CLINICIAN))
    actions.raise_query(filled, key, "really one?", by=auditor)
    assert _open_queries(filled)[key].value == "1"
    with pytest.raises(InputRefused, match="already"):
        actions.raise_query(filled, key, "again?", by=auditor)
    with pytest.raises(InputRefused, match="no such cell"):
        actions.raise_query(filled, QueryKey("P1", "MANUAL", "episode", "9", "ecog"), "?", by=auditor)
    # A check that runs over the patient leaves a person's question alone.
    actions.save(filled, "episode", row("episode", ecog="1"), by=ENTRY, reason="x", seen_version=1)
    assert key in _open_queries(filled)
    with pytest.raises(InputRefused, match="empty"):
        actions.close_query(filled, key, "  ", by=auditor)


def test_writers_at_once_never_break_the_chain(filled: Engine) -> None:
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(6):
                study = row("study", record_no=str(100 * writer + number))
                actions.save(
                    filled, "study", study, by=Actor(f"w{writer}", Role.ADMINISTRATOR), reason=None, seen_version=0
                )
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with reading(filled) as connection:
        assert audit.verify_chain(connection) is None
        assert audit.head(connection).number == len(TABLES) + 24


@pytest.mark.parametrize("times", [1, 4, 5])
def test_a_form_that_the_database_gave_up_for_another_is_saved_anew(
    filled: Engine, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    given_up = itertools.count(1)

    def take_turn(connection: Connection, owner: str) -> None:
        if next(given_up) <= times:
            raise Collided("Another writer changed the same rows", remedy="Try again")

    monkeypatch.setattr("registry.store.take_turn", take_turn)
    saving = functools.partial(actions.save, filled, "study", row("study", record_no="7"), by=ENTRY, reason=None)
    if times < 5:
        assert saving(seen_version=0).revision == len(TABLES) + 1
    else:
        with pytest.raises(Collided, match="Another writer"):
            saving(seen_version=0)
    with reading(filled) as connection:
        assert audit.head(connection).number == len(TABLES) + (times < 5)


def test_of_two_writers_of_one_row_one_is_told(filled: Engine) -> None:
    told: list[StaleVersion] = []
    start = threading.Barrier(2)

    def write(ecog: str) -> None:
        start.wait()
        try:
            actions.save(filled, "episode", row("episode", ecog=ecog), by=ENTRY, reason="x", seen_version=1)
        except StaleVersion as stale:
            told.append(stale)

    threads = [threading.Thread(target=write, args=(ecog,)) for ecog in ("1", "2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert stored(filled, "episode")["version"] == "2"


@pytest.mark.parametrize("reason", ["", "   ", "\n", "UNK"])
def test_a_reason_says_something(filled: Engine, reason: str) -> None:
    with pytest.raises(RowRefused, match="no reason"):
        actions.save(filled, "episode", row("episode", ecog="1"), by=ENTRY, reason=reason, seen_version=1)
    with pytest.raises(InputRefused, match="needs a reason"):
        actions.delete(filled, "study", ("P1", "1"), by=ENTRY, reason=reason, seen_version=1)


@pytest.mark.parametrize("reason", ["a\x00b", "a\x1fb", "\udcff"])
def test_a_reason_that_no_database_holds_is_refused(filled: Engine, reason: str) -> None:
    with pytest.raises(InputRefused, match="control characters"):
        actions.save(filled, "episode", row("episode", ecog="1"), by=ENTRY, reason=reason, seen_version=1)
    assert stored(filled, "episode")["ecog"] == "0"


@pytest.mark.parametrize(("message", "words"), [("", "empty"), ("  ", "empty"), ("a\x00b", "control characters")])
def test_a_message_about_a_query_is_text(filled: Engine, message: str, words: str) -> None:
    key = QueryKey("P1", "MANUAL", "episode", "1", "ecog")
    with pytest.raises(InputRefused, match=words):
        actions.raise_query(filled, key, message, by=ENTRY)
    actions.raise_query(filled, key, "really?", by=ENTRY)
    for move in (actions.answer_query, actions.close_query):
        with pytest.raises(InputRefused, match=words):
            move(filled, key, message, by=ENTRY)
