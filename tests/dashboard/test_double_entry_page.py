"""Double entry on the page: drawn, entered blind by another person, compared and resolved."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from registry import double_entry
from registry.access import Actor, Role
from registry.database import reading, writing
from registry.double_entry import Item
from tests.dashboard.pages import html, messages, opened

SECOND = Actor("data-manager", Role.DATA_MANAGER, "A")
EPISODE = Item(1, "P1", "episode", "1")
KEY = "second|1|P1|episode|1"


def _finished(small: Engine) -> None:
    double_entry.draw(small, "A", ["episode"], seed=1, by=Actor("anna", Role.DATA_MANAGER, "A"), size=1)
    with writing(small) as connection:
        texts = {"lung_involved": "yes", "lesion_count": "3", "ecog": "2"}
        double_entry.keep(connection, EPISODE, texts, by=SECOND)
    double_entry.finish(small, EPISODE, by=SECOND)
    small.dispose()


def test_a_sample_is_drawn_entered_blind_and_compared(small: Engine) -> None:
    app = opened("double_entry.py", role=Role.DATA_MANAGER)
    assert "No sample was drawn yet" in html(app)
    app.multiselect(key="sample-forms").set_value(["episode"]).run()
    app.text_input(key="sample-size").set_value("ten").run()
    app.button(key="sample-draw").click().run()
    assert "whole numbers" in html(app)
    app.text_input(key="sample-size").set_value("2").run()
    app.button(key="sample-draw").click().run()
    assert "cannot be drawn" in messages(app)
    app.text_input(key="sample-size").set_value("1").run()
    app.button(key="sample-draw").click().run()
    assert not app.exception
    assert "1 form to enter" in html(app)
    assert "2020\\-01\\-05" in html(app) or "2020-01-05" in html(app)  # which row is meant
    widgets = [w for kind in (app.text_input, app.selectbox, app.multiselect, app.text_area) for w in kind]
    asked = {str(w.key).rpartition("|")[2]: w.value for w in widgets if str(w.key).startswith(KEY)}
    assert "detected_on" not in asked
    assert {"lung_involved", "ecog", "cea_ng_ml"} <= asked.keys()
    assert not any(asked.values())
    assert "slow" not in html(app)
    assert "12.5" not in html(app)
    app.text_input(key=f"{KEY}|cea_ng_ml").set_value("7,4").run()
    assert "Not a number" in html(app) or "not a number" in html(app)
    assert app.button(key="second-finish").disabled
    later = opened("double_entry.py", role=Role.DATA_MANAGER)
    assert later.text_input(key=f"{KEY}|cea_ng_ml").value == "7,4"
    later.text_input(key=f"{KEY}|cea_ng_ml").set_value("UNK").run()
    later.selectbox(key=f"{KEY}|lung_involved").set_value("yes").run()
    later.button(key="second-finish").click().run()
    assert not later.exception
    assert "finished, and compared" in html(later)
    assert "Nothing is left here for you" in html(later)
    assert "All forms" in html(later)
    assert "slow; =1+1" in html(later)  # now both entries are shown


def test_a_discrepancy_is_left_or_led_to_the_form(small: Engine) -> None:
    _finished(small)
    app = opened("double_entry.py", role=Role.DATA_MANAGER)
    links = [link.proto.query_string for link in app.get("page_link")]
    assert "patient=P1&form=episode&row=1" in links
    before = html(app).count(">open</td>")
    assert before > 2
    app.button(key="leave-0").click().run()
    assert "left by data-manager" in html(app)
    assert html(app).count(">open</td>") == before - 1
    with reading(small) as connection:
        assert [one.left_by for one in double_entry.compared(connection, 1, by=SECOND)].count("data-manager") == 1


def test_an_auditor_sees_the_rates_and_enters_nothing(small: Engine) -> None:
    app = opened("double_entry.py", role=Role.AUDITOR)
    assert "A data manager draws one" in html(app)
    small.dispose()
    _finished(small)
    app = opened("double_entry.py", role=Role.AUDITOR)
    assert "Error rate" in html(app)
    assert not [b for b in app.button if str(b.key).startswith(("leave", "second", "sample"))]
    assert not [w for w in app.text_input if str(w.key).startswith("second")]


@pytest.mark.parametrize("number", ["7", "x", "-1"])
def test_a_sample_that_is_not_there_shows_the_latest(small: Engine, number: str) -> None:
    _finished(small)
    app = opened("double_entry.py", role=Role.AUDITOR, sample=number)
    assert not app.exception
    assert "Error rate" in html(app)
