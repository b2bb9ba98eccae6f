"""Signing off on the page: by role, in the banner, and what a locked record shows to who fills it in."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from registry import actions, drafts, sign_offs
from registry.access import Actor, Role
from registry.database import reading, writing
from tests.dashboard.filled import EPISODE, record, trail
from tests.dashboard.pages import html, messages, opened
from tests.registry import rows

CLINICIAN = Actor("carl", Role.CLINICIAN, "A")
MANAGER = Actor("data-manager", Role.DATA_MANAGER, "A")


def _sign(engine: Engine) -> None:
    with reading(engine) as connection:
        seen = sign_offs.last_change(connection, "P1")
    sign_offs.sign(engine, "P1", by=CLINICIAN, seen_revision=seen)
    engine.dispose()


def test_a_clinician_signs_off_and_lifts_the_lock(small: Engine) -> None:
    app = opened("patient.py", role=Role.CLINICIAN, patient="P1")
    assert "Sign-off</dt><dd>none" in html(app)
    assert "cells are blank in" in html(app)
    sign = next(button for button in app.button if str(button.key).startswith("sign-off|"))
    sign.click().run()
    assert "by clinician, locked" in html(app)
    assert "signed off and locked" in html(app)
    assert trail(small)[-1].reason == "record signed off"
    app.button(key="lift-lock").click().run()
    assert "needs a reason" in messages(app)
    app.text_input(key="lift|P1").set_value("pathology revised").run()
    app.button(key="lift-lock").click().run()
    assert "lock lifted by clinician" in html(app)
    assert "pathology revised" in html(app)  # in the history
    actions.save(small, "episode", rows.row("episode", ecog="1"), by=MANAGER, reason="x", seen_version=1)
    small.dispose()
    app.run()
    assert "changed since sign-off" in html(app)


def test_what_somebody_changed_meanwhile_is_not_signed(small: Engine) -> None:
    app = opened("patient.py", role=Role.CLINICIAN, patient="P1")
    sign = next(button for button in app.button if str(button.key).startswith("sign-off|"))
    actions.save(small, "episode", rows.row("episode", ecog="1"), by=MANAGER, reason="x", seen_version=1)
    small.dispose()
    sign.click().run()
    assert "Sign-off</dt><dd>none" in html(app)
    with reading(small) as connection:
        assert sign_offs.of_patient(connection, "P1") is None


@pytest.mark.parametrize("role", [Role.DATA_MANAGER, Role.AUDITOR])
def test_others_see_the_sign_off_and_no_way_to_it(small: Engine, role: Role) -> None:
    _sign(small)
    app = opened("patient.py", role=role, patient="P1")
    assert "by carl, locked" in html(app)
    assert not [b for b in app.button if str(b.key).startswith(("sign-off", "lift"))]


def test_a_locked_record_is_shown_to_read_and_keeps_drafts(small: Engine) -> None:
    with writing(small) as connection:
        drafts.keep(connection, EPISODE, {"ecog": "2"}, by=MANAGER, began=rows.ROWS["episode"], version=1)
    _sign(small)
    app = record("episode", "1")
    assert not app.exception
    assert "signed off by carl" in html(app)
    assert "kept as a draft" in html(app)
    assert "slow; =1+1" in html(app)
    assert not [widget for widget in (*app.selectbox, *app.text_input) if str(widget.key).startswith("P1|")]
    assert not [button for button in app.button if str(button.key).startswith(("save", "delete"))]
    sign_offs.lift(small, "P1", by=CLINICIAN, reason="pathology revised")
    small.dispose()
    assert record("episode", "1").selectbox(key="P1|episode|1|1|0|ecog").value == "2"
