"""Recording a meeting and a reason for leaving a rule, from the MDT view: by whom, through drafts and actions."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.consensus.rules import RULES
from dashboard.components.meeting import EXCEPTION, MEETING
from registry import actions, audit, drafts, sign_offs
from registry.access import Actor, Role
from registry.database import reading
from registry.drafts import NEW, Place
from tests.dashboard.filled import SOMEBODY, cells, trail
from tests.dashboard.pages import html, messages, opened
from tests.registry import rows

WRITERS = (Role.CLINICIAN, Role.DATA_MANAGER, Role.ADMINISTRATOR)


def _asked(part: str, role: Role = Role.CLINICIAN, row: str = NEW, **address: str) -> AppTest:
    return opened("mdt.py", role=role, patient="P1", form=part, row=row, **address)


def _field(page: AppTest, label: str) -> object:
    boxes = (*page.selectbox, *page.text_input, *page.text_area, *page.multiselect)
    return next(box for box in boxes if box.label.removesuffix(" *") == label)


def _press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.RESEARCHER])
def test_who_may_record_a_meeting_finds_the_way_and_nobody_else(small: Engine, role: Role) -> None:
    page = opened("mdt.py", role=role, patient="P1")
    ways = [button for button in page.button if button.label == "Record the meeting"]
    assert bool(ways) == (role in WRITERS)
    forged = _asked(MEETING, role)
    assert not forged.exception
    assert any(button.label == "Save" for button in forged.button) == (role in WRITERS)


def test_a_meeting_is_recorded_with_what_it_began_with(small: Engine) -> None:
    page = _press(opened("mdt.py", role=Role.CLINICIAN, patient="P1"), "Record the meeting")
    assert dict(page.query_params) == {"patient": "P1", "form": MEETING, "row": NEW}
    _field(page, "Goal").select("ned").run()  # type: ignore[attr-defined]
    _field(page, "Recommendation").set_value("Resect both lesions").run()  # type: ignore[attr-defined]
    _field(page, "Specialties").set_value(["thoracic_surgery", "medical_oncology"]).run()  # type: ignore[attr-defined]
    with reading(small) as connection:
        kept = drafts.load(connection, Place("P1", MEETING, NEW), by=Actor("clinician", Role.CLINICIAN))
    small.dispose()
    assert kept["recommendation"].text == "Resect both lesions"
    _press(page, "Save")
    assert not page.exception
    assert "MDT meetings: saved." in html(page)
    stored = cells(small, MEETING)
    assert len(stored) == 2
    today = str(_field(page, "Held on").value)  # type: ignore[attr-defined]
    expected = {"episode_no": "1", "goal": "ned", "held_on": today, "specialties": "thoracic_surgery;medical_oncology"}
    assert expected.items() <= stored[-1].items()
    entry = trail(small)[-1]
    assert (entry.written_by, entry.table, entry.action) == ("clinician", MEETING, "insert")


def test_a_meeting_of_which_only_the_day_is_known_is_saved_too_and_once(small: Engine) -> None:
    page = _asked(MEETING)
    save = next(button for button in page.button if button.label == "Save")
    save.click().run()
    assert not page.exception
    assert len(cells(small, MEETING)) == 2


def test_a_meeting_is_corrected_with_a_reason_and_not_deleted(small: Engine) -> None:
    page = _asked(MEETING, row="1")
    assert not [button for button in page.button if button.label == "Delete this row"]
    _field(page, "Goal").select("palliative").run()  # type: ignore[attr-defined]
    _press(page, "Save")
    assert "Reason for the change" in html(page)
    _field(page, "Reason for the change").set_value("minutes read again").run()  # type: ignore[attr-defined]
    _press(page, "Save")
    assert cells(small, MEETING)[0]["goal"] == "palliative"
    assert trail(small)[-1].reason == "minutes read again"
    assert [button for button in _asked(MEETING, Role.DATA_MANAGER, "1").button if button.label == "Delete this row"]


def test_the_reason_for_leaving_a_rule_is_one_that_the_text_accepts(small: Engine) -> None:
    page = _asked(EXCEPTION)
    assert not page.exception
    rule_id = str(page.selectbox(key="choice-rule").value)
    reasons = _field(page, "Reason").options  # type: ignore[attr-defined]
    assert len([words for words in reasons if "(" not in words]) == 1 + len(RULES[rule_id].accepted)
    _field(page, "Reason").select(RULES[rule_id].accepted[0]).run()  # type: ignore[attr-defined]
    _press(page, "Save")
    assert not page.exception
    assert not messages(page)
    stored = cells(small, EXCEPTION)[-1]
    assert (stored["rule_id"], stored["reason"]) == (rule_id, RULES[rule_id].accepted[0])
    assert stored["episode_no"] == "1"


def test_a_draft_of_a_meeting_leads_back_to_the_mdt_view(small: Engine) -> None:
    _field(_asked(MEETING), "Recommendation").set_value("wait").run()  # type: ignore[attr-defined]
    small.dispose()
    page = opened("worklist.py", role=Role.CLINICIAN)
    links = [link.proto for link in page.get("page_link")]
    assert [link.query_string for link in links if "mdt_meeting" in link.query_string] == [
        "patient=P1&form=mdt_meeting&row=new"
    ]
    again = _asked(MEETING)
    assert _field(again, "Recommendation").value == "wait"  # type: ignore[attr-defined]


def test_a_record_that_was_signed_off_takes_no_meeting(small: Engine) -> None:
    with reading(small) as connection:
        revision = audit.record_head(connection).number
    sign_offs.sign(small, "P1", by=Actor("signer", Role.CLINICIAN, "A"), seen_revision=revision, source="test")
    small.dispose()
    page = _asked(MEETING)
    assert not page.exception
    assert not [button for button in page.button if button.label == "Save"]
    assert "nothing can be entered" in html(page)


def test_another_centers_meeting_cannot_be_asked_for(small: Engine) -> None:
    actions.save(small, "center", {"center_id": "B", "name": "Beta"}, by=SOMEBODY, reason=None, seen_version=0)
    theirs = rows.row("patient", patient_id="P2", center_id="B")
    actions.save(small, "patient", theirs, by=SOMEBODY, reason=None, seen_version=0)
    page = opened("mdt.py", role=Role.CLINICIAN, of_center="B", patient="P1", form=MEETING, row="1")
    assert "There is no patient" in messages(page)
    assert not [button for button in page.button if button.label == "Save"]
