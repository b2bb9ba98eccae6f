"""Drafts: what was typed is kept as it was typed, belongs to who typed it, and goes once with what is saved."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from registry import actions, drafts
from registry.access import Actor, Role
from registry.actions import RowRefused
from registry.database import reading, writing
from registry.drafts import NEW, REASON, Place, Typed
from registry.errors import PermissionRefused, StaleVersion
from registry.frames import read_frames
from registry.tables import TABLES
from tests.registry.rows import ENTRY, ROWS, row
from tests.registry.test_actions import log, stored

MANAGER = Actor("anna", Role.DATA_MANAGER, "A")
EPISODE = Place("P1", "episode", "1")


def keep(engine: Engine, place: Place, typed: Mapping[str, str], by: Actor = MANAGER, version: int = 1) -> None:
    with writing(engine) as connection:
        drafts.keep(connection, place, typed, by=by, began=ROWS.get(place.table, {}), version=version)


def load(engine: Engine, place: Place, by: Actor = MANAGER) -> dict[str, Typed]:
    with reading(engine) as connection:
        return drafts.load(connection, place, by=by)


def listed(engine: Engine, by: Actor = MANAGER) -> list[drafts.Summary]:
    with reading(engine) as connection:
        return drafts.listed(connection, by=by)


def test_a_text_is_kept_as_it_was_typed(filled: Engine) -> None:
    typed = {
        "ned_on": "31/02/2020",
        "cea_ng_ml": "7,4",
        "biology_note": " <b>`slow`</b>\n'; DROP TABLE draft; -- ż 🫁 ",
    }
    keep(filled, EPISODE, typed)
    found = load(filled, EPISODE)
    assert {column: draft.text for column, draft in found.items()} == typed
    assert found["cea_ng_ml"] == Typed("7,4", "UNK", 1)
    keep(filled, EPISODE, {"cea_ng_ml": "7.4"}, version=9)
    assert load(filled, EPISODE)["cea_ng_ml"] == Typed("7.4", "UNK", 1)  # when the typing began stays what it was
    assert stored(filled, "episode") == {**ROWS["episode"], "version": "1"}


def test_no_text_loses_the_others(filled: Engine) -> None:
    keep(filled, EPISODE, {"biology_note": "a\0b\ud800c", "ecog": "1", "prior_treatment_review": "x" * 50_000})
    found = {column: draft.text for column, draft in load(filled, EPISODE).items()}
    assert found == {"biology_note": "ab?c", "ecog": "1", "prior_treatment_review": "x" * drafts.LONGEST}


def test_a_draft_belongs_to_one_account(filled: Engine) -> None:
    keep(filled, EPISODE, {"ecog": "1"})
    other = Actor("ben", Role.DATA_MANAGER, "A")
    assert load(filled, EPISODE, other) == {}
    keep(filled, EPISODE, {"ecog": "2"}, by=other)
    assert load(filled, EPISODE)["ecog"].text == "1"
    with writing(filled) as connection:
        assert drafts.forget(connection, EPISODE, by=other) == 1
    assert load(filled, EPISODE)["ecog"].text == "1"


@pytest.mark.parametrize("who", [*(Actor("x", role) for role in Role), Actor("x", Role.DATA_MANAGER, "B")])
def test_only_who_may_write_the_record_drafts_it(filled: Engine, who: Actor) -> None:
    if who.role in (Role.ADMINISTRATOR, Role.DATA_MANAGER) and who.center_id is None:
        keep(filled, EPISODE, {"ecog": "1"}, by=who)
        assert len(listed(filled, who)) == 1
        return
    with pytest.raises(PermissionRefused):
        keep(filled, EPISODE, {"ecog": "1"}, by=who)
    with pytest.raises(PermissionRefused):
        load(filled, EPISODE, who)
    assert listed(filled, who) == []


def test_a_moved_account_sees_nothing_of_its_former_center(filled: Engine) -> None:
    keep(filled, EPISODE, {"ecog": "1"})
    assert listed(filled, Actor("anna", Role.DATA_MANAGER, "B")) == []
    assert len(listed(filled)) == 1


def test_the_list_says_what_was_changed_meanwhile(filled: Engine) -> None:
    keep(filled, EPISODE, {"ecog": "1", "ned_on": "2020-04-01", REASON: "second reading"})
    keep(filled, Place("P1", "study", NEW), {"modality": "pet_ct"}, version=0)
    keep(filled, Place("A", "patient", NEW), {"sex": "female"}, version=0)
    found = {summary.place.table: summary for summary in listed(filled)}
    assert {table: (s.fields, s.is_stale) for table, s in found.items()} == {
        "episode": (2, False),
        "study": (1, False),
        "patient": (1, False),
    }
    actions.save(filled, "episode", row("episode", ecog="2"), by=ENTRY, reason="theirs", seen_version=1)
    stale = next(summary for summary in listed(filled) if summary.place == EPISODE)
    assert (stale.version, stale.stored_version, stale.is_stale) == (1, 2, True)


def test_saving_takes_the_draft_with_it_and_saves_once(filled: Engine) -> None:
    keep(filled, EPISODE, {"ecog": "1"})
    arguments = {"by": MANAGER, "reason": "second reading", "seen_version": 1, "draft": EPISODE}
    cells = {"patient_id": "P1", "record_no": "1", "ecog": "1"}
    first = actions.save(filled, "episode", cells, **arguments)  # type: ignore[arg-type]
    assert first.version == 2
    assert load(filled, EPISODE) == {}
    again = actions.save(filled, "episode", cells, **arguments)  # type: ignore[arg-type]
    assert again.revision is None
    assert stored(filled, "episode")["version"] == "2"
    assert [entry.reason for entry in log(filled)][-1] == "second reading"


def test_a_refused_save_leaves_the_draft(filled: Engine) -> None:
    keep(filled, EPISODE, {"ned_on": "1930-01-01", REASON: "x"})
    bad = {"patient_id": "P1", "record_no": "1", "ned_on": "1930-01-01"}
    for cells, version, error in (({**bad, "ned_on": "x"}, 1, RowRefused), (bad, 7, StaleVersion)):
        with pytest.raises(error):
            actions.save(filled, "episode", cells, by=MANAGER, reason="x", seen_version=version, draft=EPISODE)
    with pytest.raises(RowRefused, match="no reason"):
        actions.save(filled, "episode", {**bad, "ned_on": "2020-02-01"}, by=MANAGER, reason="", seen_version=1,
                     draft=EPISODE)  # fmt: skip
    assert set(load(filled, EPISODE)) == {"ned_on", REASON}


def test_saving_leaves_what_another_window_typed_into_other_fields(filled: Engine) -> None:
    keep(filled, EPISODE, {"ecog": "1", "ned_on": "2020-04-01", REASON: "second reading"})
    cells = {"patient_id": "P1", "record_no": "1", "ecog": "1"}
    actions.save(filled, "episode", cells, by=MANAGER, reason="x", seen_version=1, draft=EPISODE)
    assert set(load(filled, EPISODE)) == {"ned_on"}
    assert listed(filled)[0].is_stale


def test_a_message_is_drafted_by_who_may_write_it(filled: Engine) -> None:
    place = Place("P1", drafts.MESSAGES, "MANUAL|episode|1|ecog")
    for role in (Role.DATA_MANAGER, Role.AUDITOR):
        who = Actor("x", role, "A")
        keep(filled, place, {REASON: "Yes"}, by=who)
        assert load(filled, place, who)[REASON].text == "Yes"
        assert listed(filled, who) == []
        with pytest.raises(PermissionRefused):
            load(filled, place, Actor("x", role, "B"))
    for role in (Role.CLINICIAN, Role.RESEARCHER):
        with pytest.raises(PermissionRefused):
            keep(filled, place, {REASON: "Yes"}, by=Actor("x", role))


def test_a_double_click_adds_one_row(filled: Engine) -> None:
    place = Place("P1", "study", NEW)
    keep(filled, place, {"modality": "pet_ct", "performed_on": "2021-01-01"}, version=0)
    saved: list[int | None] = []

    def click(number: str) -> None:
        cells = {"patient_id": "P1", "record_no": number, "modality": "pet_ct", "performed_on": "2021-01-01"}
        saved.append(
            actions.save(filled, "study", cells, by=MANAGER, reason=None, seen_version=0, draft=place).revision
        )

    clicks = [threading.Thread(target=click, args=(number,)) for number in ("2", "3")]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join(timeout=30)
    assert len(saved) == 2
    assert saved.count(None) == 1
    with reading(filled) as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(TABLES["study"].__table__)).scalar_one()
    assert count == 2


def test_a_draft_is_no_part_of_the_record(filled: Engine) -> None:
    before = len(log(filled))
    keep(filled, EPISODE, {"ecog": "1"})
    assert len(log(filled)) == before
    filled.dispose()
    assert "draft" not in read_frames(filled)
    assert "draft" not in TABLES
