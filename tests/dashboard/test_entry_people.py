"""Enrolling, data queries and the screening log on the pages, by role; hostile text; what another center has."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from dashboard import entering
from dashboard.entry import Row
from dashboard.words import FORMS
from registry import actions, drafts, store
from registry.access import Actor, Role
from registry.database import reading
from registry.drafts import NEW, Place
from registry.errors import PermissionRefused
from registry.queries import MANUAL, QueryKey, stored
from tests.dashboard.filled import EPISODE, SOMEBODY, cells, draft, key, record, trail
from tests.dashboard.pages import html, messages, opened
from tests.registry import rows

HOSTILE = '<img src=x onerror="alert(1)"> ![x](http://evil.example/x.png) **bold** [a](javascript:alert(1)) =1+1'


def test_a_patient_is_enrolled_consent_first(small: Engine) -> None:
    app = opened("patient.py", role=Role.DATA_MANAGER, enroll="yes")
    name = "A|patient|new|0|0"
    assert not [w for w in app.text_input if w.key == f"{name}|birth_date"]
    app.selectbox(key=f"{name}|consent_status").set_value("withdrawn").run()
    assert not [w for w in app.text_input if w.key == f"{name}|birth_date"]
    app.selectbox(key=f"{name}|consent_status").set_value("given").run()
    assert app.text_input(key=f"{name}|patient_id").value == "A-000001"
    for column, text in {
        "birth_date": "1950-02-30",
        "enrolled_on": "2021-01-02",
        "last_contact_on": "2021-01-02",
    }.items():
        app.text_input(key=f"{name}|{column}").set_value(text).run()
    app.selectbox(key=f"{name}|sex").set_value("male").run()
    app.selectbox(key=f"{name}|vital_status").set_value("alive").run()
    app.button(key=f"save|{name}").click().run()
    assert "No such day" in html(app)
    app.text_input(key=f"{name}|birth_date").set_value("1950-02-28").run()
    app.text_input(key=f"{name}|patient_id").set_value("P1").run()
    app.button(key=f"save|{name}").click().run()
    assert "Another patient has this id" in html(app)
    app.text_input(key=f"{name}|patient_id").set_value("A-000001").run()
    app.button(key=f"save|{name}").click().run()
    assert app.query_params["patient"] == "A-000001"
    assert 'class="banner"' in html(app)
    assert app.header[0].value == FORMS["primary_tumor"]
    last = trail(small)[-1]
    assert last.new is not None
    assert (last.table, last.owner, last.new["center_id"]) == ("patient", "A-000001", "A")


def test_an_empty_registry_leads_to_the_first_enrollment(sqlite_engine: Engine) -> None:
    center = {"center_id": "A", "name": "Alpha"}
    actions.save(sqlite_engine, "center", center, by=SOMEBODY, reason=None, seen_version=0)
    sqlite_engine.dispose()
    first = opened("overview.py", role=Role.DATA_MANAGER)
    ways = [link.proto for link in first.get("page_link")]
    assert [way.query_string for way in ways if way.label.startswith("Enroll")] == ["enroll=yes"]
    app = opened("patient.py", role=Role.DATA_MANAGER, enroll="yes")
    assert app.selectbox(key="A|patient|new|0|0|consent_status").value == ""


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.AUDITOR])
def test_who_may_not_write_reads(small: Engine, role: Role) -> None:
    for address in ({"form": "episode", "row": "1"}, {"enroll": "yes"}, {"view": ""}):
        app = opened("patient.py", role=role, **{"patient": "P1", **address})
        assert not app.exception
        assert '<details class="form"' in html(app)
        assert not [b for b in app.button if str(b.key).startswith(("save", "delete", "discard", "to-enroll"))]
        assert not [t for t in app.text_input if "|" in str(t.key)]


def test_another_centers_record_is_not_filled_in(small: Engine) -> None:
    actions.save(small, "center", {"center_id": "B", "name": "Beta"}, by=SOMEBODY, reason=None, seen_version=0)
    theirs = rows.row("patient", patient_id="P2", center_id="B")
    actions.save(small, "patient", theirs, by=SOMEBODY, reason=None, seen_version=0)
    small.dispose()
    app = opened("patient.py", role=Role.DATA_MANAGER, of_center="B", patient="P1", form="episode")
    assert "There is no patient" in messages(app)
    assert not [w for w in app.selectbox if "|" in str(w.key)]
    with reading(small) as connection, pytest.raises(PermissionRefused, match="another center"):
        drafts.load(connection, EPISODE, by=Actor("data-manager-b", Role.DATA_MANAGER, "B"))


def test_hostile_text_is_shown_as_it_was_typed(small: Engine) -> None:
    app = record("episode")
    app.text_area(key=key("biology_note")).set_value(HOSTILE).run()
    app.text_input(key=key("@reason")).set_value(HOSTILE).run()
    app.button(key=f"save|{key('')[:-1]}").click().run()
    assert cells(small, "episode")[0]["biology_note"] == HOSTILE
    for view in (app, record("episode", role=Role.AUDITOR), opened("worklist.py", role=Role.DATA_MANAGER)):
        shown = html(view)
        assert "<img src=x" not in shown
        assert 'onerror="' not in shown.replace("onerror=&quot;", "")
        said = [box.value for kind in (view.markdown, view.caption, view.success, view.info) for box in kind]
        assert not [text for text in said if "evil.example" in text.replace("\\", "") and "\\" not in text]
    assert "&lt;img src=x" in html(app)


def test_a_query_is_raised_answered_and_closed_in_its_thread(small: Engine) -> None:
    auditor = opened("patient.py", role=Role.AUDITOR, patient="P1")
    auditor.selectbox(key="ask-form").set_value("episode").run()
    auditor.selectbox(key="ask-field-episode").set_value("ecog").run()
    auditor.text_area(key="ask-text").set_value("Is this <b>before</b> surgery?").run()
    auditor.button(key="ask").click().run()
    query = QueryKey("P1", MANUAL, "episode", "1", "ecog")
    name = "|".join(query.as_tuple())
    manager = record("episode")
    assert "Is this &lt;b&gt;before&lt;/b&gt; surgery?" in html(manager)
    assert not [b for b in manager.button if b.key == f"close|{name}"]
    manager.button(key=f"answer|{name}").click().run()
    assert "message is empty" in messages(manager)
    manager.text_area(key=f"message|{name}|1").set_value("Yes, on the day before").run()
    manager = record("episode")  # another session
    assert manager.text_area(key=f"message|{name}|1").value == "Yes, on the day before"
    manager.button(key=f"answer|{name}").click().run()
    assert "Yes, on the day before" in html(manager)
    auditor = opened("patient.py", role=Role.AUDITOR, patient="P1")
    assert auditor.text_area(key=f"message|{name}|2").value == ""
    auditor.text_area(key=f"message|{name}|2").set_value("Thank you").run()
    auditor.button(key=f"close|{name}").click().run()
    with reading(small) as connection:
        found = stored(connection, ["P1"])[query]
    small.dispose()
    assert (found.state, found.resolution) == ("closed", "confirmed")
    assert "Thank you" not in html(opened("patient.py", role=Role.CLINICIAN, patient="P1"))


def test_a_row_is_deleted_by_the_action_with_its_draft(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Actor("data-manager", Role.DATA_MANAGER, "A")
    record("study").selectbox(key=key("purpose", "study")).set_value("staging").run()
    monkeypatch.setattr(entering, "viewer", lambda: manager)
    place = Place("P1", "study", "1")
    assert draft(small, place)
    entering.delete(Row(place, rows.ROWS["study"], 1), "entered twice")
    small.dispose()
    assert cells(small, "study") == []
    assert draft(small, place) == {}
    assert (trail(small)[-1].action, trail(small)[-1].reason) == ("delete", "entered twice")


def test_a_listed_case_is_entered_into_the_screening_log(small: Engine) -> None:
    app = opened("screening.py", role=Role.DATA_MANAGER, row=NEW)
    name = "A|screening_log|new|0|0"
    app.text_input(key=f"{name}|listed_on").set_value("2021-02-03").run()
    app.text_input(key=f"{name}|patient_id").set_value("nobody").run()
    app.button(key=f"save|{name}").click().run()
    assert "There is no such row in patient" in html(app)
    app.text_input(key=f"{name}|patient_id").set_value("").run()
    app.selectbox(key=f"{name}|not_enrolled_reason").set_value("missed").run()
    work = opened("worklist.py", role=Role.DATA_MANAGER)
    assert "Screening log (a new row) of A" in html(work)
    app.button(key=f"save|{name}").click().run()
    assert app.query_params["row"] == "2"
    with reading(small) as connection:
        found = store.load(connection, "screening_log", ["A"]).columns
    assert list(found["not_enrolled_reason"]) == ["", "missed"]


def test_a_removed_row_leaves_what_was_typed(small: Engine) -> None:
    record("study").selectbox(key=key("purpose", "study")).set_value("staging").run()
    actions.delete(small, "study", ("P1", "1"), by=SOMEBODY, reason="twice", seen_version=1)
    small.dispose()
    app = record("study", "1")
    assert not app.exception
    assert "This row was deleted by somebody: “twice”" in html(app)
    assert app.selectbox(key=key("purpose", "study", version=0)).value == "staging"
