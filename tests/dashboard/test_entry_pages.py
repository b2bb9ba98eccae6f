"""Filling in a record on the pages, without a browser: drafts, saving, enrolling, data queries, lists, by role."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from dashboard import who
from dashboard.words import FORMS
from registry import accounts, actions, drafts, store
from registry.access import Actor, Role
from registry.audit import Entry, log
from registry.database import reading
from registry.drafts import NEW, Place, Typed
from registry.queries import MANUAL, QueryKey, stored
from registry.tables import PATIENT_TABLES, TABLES
from tests.dashboard.pages import html, messages, opened
from tests.registry import rows

SOMEBODY = Actor("somebody", Role.ADMINISTRATOR)
HOSTILE = '<img src=x onerror="alert(1)"> ![x](http://evil.example/x.png) **bold** [a](javascript:alert(1)) =1+1'


@pytest.fixture
def small(sqlite_engine: Engine) -> Engine:
    """A registry with one row of each table."""
    rows.fill(sqlite_engine)
    sqlite_engine.dispose()
    return sqlite_engine


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


@pytest.mark.parametrize("table", PATIENT_TABLES)
def test_every_form_asks_for_all_that_applies(small: Engine, table: str) -> None:
    app = record(table)
    assert not app.exception
    assert not messages(app)
    assert app.subheader[0].value == FORMS[table]
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
    from dashboard import settings
    from registry.sessions import Limits

    app = record("episode")
    import datetime as dt

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


def test_a_patient_is_enrolled_consent_first(small: Engine) -> None:
    app = opened("patient.py", role=Role.DATA_MANAGER, enroll="yes")
    name = "A|patient|new|0|0"
    assert not [w for w in app.text_input if w.key == f"{name}|birth_date"]
    app.selectbox(key=f"{name}|consent_status").set_value("withdrawn").run()
    assert not [w for w in app.text_input if w.key == f"{name}|birth_date"]
    app.selectbox(key=f"{name}|consent_status").set_value("given").run()
    assert app.text_input(key=f"{name}|patient_id").value == "A-000001"
    for column, text in {"birth_date": "1950-02-30", "enrolled_on": "2021-01-02", "last_contact_on": "2021-01-02"}.items():
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
    assert app.subheader[0].value == FORMS["primary_tumor"]
    last = trail(small)[-1]
    assert last.new is not None
    assert (last.table, last.owner, last.new["center_id"]) == ("patient", "A-000001", "A")


def test_an_empty_registry_leads_to_the_first_enrollment(sqlite_engine: Engine) -> None:
    center = {"center_id": "A", "name": "Alpha"}
    actions.save(sqlite_engine, "center", center, by=SOMEBODY, reason=None, seen_version=0)
    sqlite_engine.dispose()
    first = opened("overview.py", role=Role.DATA_MANAGER)
    assert "enroll=yes" in first.get("page_link")[0].proto.query_string
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
    small.dispose()
    app = opened("patient.py", role=Role.DATA_MANAGER, of_center="B", patient="P1", form="episode")
    assert "There is no patient" in messages(app)
    assert not [w for w in app.selectbox if "|" in str(w.key)]
    with reading(small) as connection, pytest.raises(Exception, match="another center"):
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
        assert "onerror=\"" not in shown.replace("onerror=&quot;", "")
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
    manager.text_area(key=f"message|{name}").set_value("Yes, on the day before").run()
    manager.button(key=f"answer|{name}").click().run()
    assert "Yes, on the day before" in html(manager)
    auditor = opened("patient.py", role=Role.AUDITOR, patient="P1")
    auditor.text_area(key=f"message|{name}").set_value("Thank you").run()
    auditor.button(key=f"close|{name}").click().run()
    with reading(small) as connection:
        found = stored(connection, ["P1"])[query]
    small.dispose()
    assert (found.state, found.resolution) == ("closed", "confirmed")
    assert "Thank you" not in html(opened("patient.py", role=Role.CLINICIAN, patient="P1"))


def test_a_row_is_deleted_by_the_action_with_its_draft(small: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard import entering
    from dashboard.entry import Row

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
