"""Names and hospital numbers on the pages: by role and center, on a click, in no address and no log."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from registry import audit
from registry.access import Actor, Role
from registry.database import reading
from registry.identity import actions
from tests.dashboard.pages import html, messages, opened

MANAGER = Actor("anna", Role.DATA_MANAGER, "A")
CELLS = {"hospital_number": "00471199", "family_name": "Quelle<b>", "given_names": "Zoë"}
SECRETS = ("00471199", "Quelle", "Zoë")


@pytest.fixture
def kept(small: Engine) -> Engine:
    """The small registry, whose patient has a name."""
    actions.save(small, "P1", CELLS, by=MANAGER, reason=None, seen_version=0, source="test")
    small.dispose()
    return small


def _everything(app: AppTest) -> str:
    """What is on the page, and in its address."""
    texts = [str(widget.value) for widget in app.text_input]
    return "\n".join([html(app), messages(app), *texts, str(app.query_params)])


def _secrets(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


def _events(registry: Engine) -> list[str]:
    with reading(registry) as connection:
        found = [entry.reason for entry in audit.log(connection) if entry.event == audit.Event.IDENTITY]
    registry.dispose()
    return found


def _record(role: Role, center: str | None = "A") -> AppTest:
    return opened("patient.py", role=role, of_center=center, patient="P1", view="read")


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.CLINICIAN])
def test_it_is_shown_on_a_click_and_hidden_again(kept: Engine, role: Role) -> None:
    app = _record(role)
    assert _secrets(_everything(app)) == []
    before = len(_events(kept))
    app.button(key="identity-show").click().run()
    assert "00471199" in html(app)
    assert "Quelle&lt;b&gt;" in html(app)
    assert _secrets(str(app.query_params)) == []
    assert _events(kept)[before:] == ["name and hospital number looked at"]
    app.button(key="identity-hide").click().run()
    assert _secrets(_everything(app)) == []
    assert len(_events(kept)) == before + 1


@pytest.mark.parametrize("center", ["A", None])
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_others_who_read_the_record_see_no_way_to_it(kept: Engine, role: Role, center: str | None) -> None:
    for app in (_record(role, center), opened("patient.py", role=role, of_center=center)):
        assert not app.exception
        assert not [widget for widget in (*app.button, *app.text_input) if "identity" in str(widget.key)]
        assert "find-who" not in [widget.key for widget in app.text_input]


def test_a_clinician_of_all_centers_sees_none(kept: Engine) -> None:
    app = _record(Role.CLINICIAN, None)
    assert 'class="banner"' in html(app)
    assert not [button for button in app.button if button.key == "identity-show"]


def test_a_forged_state_shows_nothing(kept: Engine) -> None:
    shown = _record(Role.CLINICIAN)
    shown.button(key="identity-show").click().run()
    auditor = _record(Role.AUDITOR)
    auditor.session_state["identity"] = shown.session_state["identity"]
    auditor.run()
    assert _secrets(_everything(auditor)) == []


def test_it_is_entered_and_changed_with_a_reason(small: Engine) -> None:
    app = _record(Role.DATA_MANAGER)
    app.button(key="identity-show").click().run()
    assert "No name and no hospital number" in html(app)
    app.button(key="identity-change").click().run()
    for name, text in CELLS.items():
        app.text_input(key=f"identity|P1|0|{name}").set_value(text)
    app.button(key="identity-save").click().run()
    assert "saved" in html(app)
    assert "00471199" in html(app)
    app.button(key="identity-change").click().run()
    app.text_input(key="identity|P1|1|given_names").set_value("Zoë Ann")
    app.button(key="identity-save").click().run()
    assert "needs a reason" in messages(app)
    app.text_input(key="identity|P1|1|@reason").set_value("Quelle has two names")
    app.button(key="identity-save").click().run()
    assert "part of the name" in messages(app)
    app.text_input(key="identity|P1|1|@reason").set_value("as in the passport")
    app.button(key="identity-save").click().run()
    assert "Zoë Ann" in html(app)
    assert "name and hospital number changed (given names): as in the passport" in _events(small)
    app.button(key="identity-change").click().run()
    app.text_input(key="identity|P1|2|@reason").set_value("consent withdrawn")
    app.button(key="identity-remove").click().run()
    assert "No name and no hospital number" in html(app)
    assert _secrets(_everything(app)) == []


@pytest.mark.parametrize("text", ["00471199", "zoe"])
def test_a_patient_is_found_and_what_was_typed_is_forgotten(
    kept: Engine, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        app = opened("patient.py", role=Role.DATA_MANAGER)
        app.text_input(key="find-who").set_value(text).run()
    assert app.query_params["patient"] == ["P1"] or app.query_params["patient"] == "P1"
    assert 'class="banner"' in html(app)
    assert text not in _everything(app)
    assert _secrets(caplog.text) == []
    assert _events(kept)[-1] == "found by name or hospital number"


def test_nobody_is_found_and_the_list_comes_back(kept: Engine) -> None:
    app = opened("patient.py", role=Role.CLINICIAN, of_center="A")
    app.text_input(key="find-who").set_value("nobody").run()
    assert "0 patients of those with that hospital number or name" in html(app)
    app.button[0].click().run()
    assert "1 patient." in html(app)
    app.text_input(key="find-who").set_value("--").run()
    assert "nothing to search" in messages(app)


def test_another_centers_people_find_nobody(kept: Engine) -> None:
    from registry import actions as records
    from tests.registry.rows import ENTRY

    records.save(kept, "center", {"center_id": "B", "name": "Beta"}, by=ENTRY, reason=None, seen_version=0)
    kept.dispose()
    app = opened("mdt.py", role=Role.CLINICIAN, of_center="B")
    if [widget for widget in app.text_input if widget.key == "find-who"]:
        app.text_input(key="find-who").set_value("Zoë").run()
        assert "0 patients" in html(app)
    assert 'class="banner"' not in html(opened("patient.py", role=Role.CLINICIAN, of_center="B", patient="P1"))
