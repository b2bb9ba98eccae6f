"""Filling in a record on the pages, without a browser: every form, drafts, saving, what others changed meanwhile."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from sqlalchemy.engine import Engine

from dashboard import settings, who
from dashboard.words import FORMS
from registry import accounts, actions
from registry.access import Role
from registry.drafts import NEW, Typed
from registry.sessions import Limits
from registry.tables import PATIENT_TABLES, TABLES
from tests.dashboard.filled import EPISODE, SOMEBODY, cells, draft, key, record, trail
from tests.dashboard.pages import html, messages
from tests.registry import rows


@pytest.mark.parametrize("table", PATIENT_TABLES)
def test_every_form_asks_for_all_that_applies(small: Engine, table: str) -> None:
    app = record(table)
    assert not app.exception
    assert not messages(app)
    assert app.header[0].value == FORMS[table]
    number = "1" if "record_no" in TABLES[table].fields else ""
    widgets = {str(w.key): w for kind in (app.text_input, app.selectbox, app.multiselect, app.text_area) for w in kind}
    for name, field in TABLES[table].fields.items():
        widget = widgets.get(key(name, table, number))
        if field.key:
            assert widget is None
            continue
        held = rows.ROWS[table].get(name, "")
        if field.only_where is None or held:
            assert widget is not None, name
            assert field.sentence.split("(")[0].strip() in re.sub(r"\\", "", widget.help)
            value = widget.value
            assert (";".join(value) if isinstance(value, list) else value) == held, name


def test_codes_are_words_in_their_order_with_the_missing_ones(small: Engine) -> None:
    options = record("episode").selectbox(key=key("thoracic_nodes")).options
    assert options[:4] == ["–", "none", "suspected", "confirmed"]
    assert options[4] == "UNK (looked for, not known)"
    assert [option[:4].strip() for option in options[4:]] == ["UNK", "ND (", "NAP", "NASK"] or len(options) == 8


def test_what_is_typed_is_kept_before_it_is_saved(small: Engine) -> None:
    app = record("episode")
    app.text_input(key=key("cea_ng_ml")).set_value("7,4").run()
    app.selectbox(key=key("ecog")).set_value("2").run()
    assert draft(small, EPISODE) == {"cea_ng_ml": Typed("7,4", "UNK", 1), "ecog": Typed("2", "0", 1)}
    assert cells(small, "episode")[0]["ecog"] == "0"
    later = record("episode")  # another session of the same account
    assert later.text_input(key=key("cea_ng_ml")).value == "7,4"
    assert "2 fields not saved yet" in html(later)
    later.selectbox(key=key("ecog")).set_value("0").run()
    assert set(draft(small, EPISODE)) == {"cea_ng_ml"}
    later.button(key=f"discard|{key('')[:-1]}").click().run()
    assert draft(small, EPISODE) == {}
    assert later.text_input(key=key("cea_ng_ml", epoch=1)).value == "UNK"


def test_a_draft_is_its_writers_own(small: Engine) -> None:
    record("episode").selectbox(key=key("ecog")).set_value("2").run()
    other = record("episode", role=Role.ADMINISTRATOR)
    assert other.selectbox(key=key("ecog")).value == "0"


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [("lesion_count", "7,4", "Not a whole number"), ("ned_on", "31/02/2020", "Not a date"), ("ned_on", "2020-02-31",
     "No such day")],
)  # fmt: skip
def test_a_wrong_text_is_told_beside_its_field_and_nothing_is_saved(
    small: Engine, column: str, text: str, words: str
) -> None:
    app = record("episode")
    before = len(trail(small))
    app.text_input(key=key(column)).set_value(text).run()
    assert words in html(app)
    app.text_input(key=key("@reason")).set_value("because").run()
    app.button(key=f"save|{key('')[:-1]}").click().run()
    assert "Not saved" in html(app)
    assert app.text_input(key=key(column)).value == text
    assert len(trail(small)) == before
    assert draft(small, EPISODE)[column].text == text


def test_a_change_needs_a_reason_and_is_in_the_trail(small: Engine) -> None:
    app = record("episode")
    app.text_input(key=key("cea_ng_ml")).set_value("7.40").run()
    app.button(key=f"save|{key('')[:-1]}").click().run()
    assert "Reason for the change" in html(app)
    assert cells(small, "episode")[0]["cea_ng_ml"] == "UNK"
    app.text_input(key=key("@reason")).set_value("second reading").run()
    app.button(key=f"save|{key('')[:-1]}").click().run()
    assert cells(small, "episode")[0]["cea_ng_ml"] == "7.4"
    last = trail(small)[-1]
    assert (last.written_by, last.reason, last.source) == ("data-manager", "second reading", "dashboard")
    assert list(last.cells()) == [("cea_ng_ml", "UNK", "7.4")]
    assert draft(small, EPISODE) == {}
    assert "saved" in html(app)
    assert app.text_input(key=key("cea_ng_ml", version=2, epoch=1)).value == "7.4"
    assert "second reading" in html(app)  # in the history of the row


def test_a_new_row_gets_the_next_number(small: Engine) -> None:
    app = record("study", NEW)
    name = "P1|study|new|0|0"
    app.button(key=f"save|{name}").click().run()
    assert "Nothing was changed" in html(app)
    app.text_input(key=f"{name}|performed_on").set_value("2021-02-03").run()
    app.button(key=f"save|{name}").click().run()
    assert "A value is required" in html(app)
    app.selectbox(key=f"{name}|modality").set_value("colonoscopy").run()
    assert app.selectbox(key=f"{name}|biopsy_taken").value == ""  # opens where it applies
    app.button(key=f"save|{name}").click().run()
    assert [row["record_no"] for row in cells(small, "study")] == ["1", "2"]
    assert app.query_params["row"] == "2"
    assert trail(small)[-1].reason == actions.FIRST_ENTRY
    assert "draft" not in "".join(button.label for button in app.button)


def test_a_stale_form_saves_nothing_and_asks(small: Engine) -> None:
    app = record("episode")
    app.selectbox(key=key("ecog")).set_value("1").run()
    app.text_input(key=key("@reason")).set_value("mine").run()
    theirs = rows.row("episode", ecog="2")
    actions.save(small, "episode", theirs, by=SOMEBODY, reason="theirs", seen_version=1)
    small.dispose()
    app.run()
    assert "somebody saved it" in html(app)
    assert "theirs" in html(app)
    table = re.search(r'<th scope="row">ECOG</th><td class="free">([^<]*)</td><td class="free">([^<]*)</td>'
                      r'<td class="free">([^<]*)</td>', html(app))  # fmt: skip
    assert table is not None
    assert table.groups() == ("0", "2", "1")
    assert cells(small, "episode")[0]["ecog"] == "2"
    assert draft(small, EPISODE)["ecog"] == Typed("1", "0", 1)


def test_changes_of_others_in_other_fields_are_merged_and_said(small: Engine) -> None:
    record("episode").selectbox(key=key("ecog")).set_value("1").run()
    theirs = rows.row("episode", lesion_count="3")
    actions.save(small, "episode", theirs, by=SOMEBODY, reason="theirs", seen_version=1)
    small.dispose()
    app = record("episode")
    assert "Somebody else changed other fields" in html(app)
    assert app.selectbox(key=key("ecog", version=2)).value == "1"
    assert app.text_input(key=key("lesion_count", version=2)).value == "3"
    app.text_input(key=key("@reason", version=2)).set_value("mine").run()
    app.button(key=f"save|{key('', version=2)[:-1]}").click().run()
    found = cells(small, "episode")[0]
    assert (found["ecog"], found["lesion_count"]) == ("1", "3")


def test_what_was_typed_while_the_session_ran_out_is_kept(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "CHECKED_FOR_SECONDS", 0.0)
    app = record("episode")
    over = settings.Settings(limits=Limits(idle=dt.timedelta(0), absolute=dt.timedelta(0)))
    monkeypatch.setattr(who, "read_settings", lambda: over)
    app.selectbox(key=key("ecog")).set_value("3").run()
    assert "not signed in" in messages(app)
    assert not app.selectbox
    assert draft(small, EPISODE)["ecog"] == Typed("3", "0", 1)


def test_who_signed_out_or_was_disabled_writes_no_draft(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "CHECKED_FOR_SECONDS", 0.0)
    app = record("episode")
    accounts.disable(small, "data-manager", by=SOMEBODY)
    small.dispose()
    app.selectbox(key=key("ecog")).set_value("3").run()
    assert "not signed in" in messages(app)
    assert draft(small, EPISODE) == {}
