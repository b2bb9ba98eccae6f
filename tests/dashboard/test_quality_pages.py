"""Data quality and the audit trail: completeness, timeliness, queries, search and proof, by role."""

from __future__ import annotations

import csv
import html as escaping
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from dashboard import audit_trail, data, store
from dashboard.audit_trail import SHOWN, Search
from registry import actions, audit, trail_lines
from registry.access import Actor, Role
from registry.database import reading
from registry.queries import MANUAL, QueryKey
from registry.tables import TABLES
from tests.dashboard.pages import html, messages, opened

HOSTILE = "<b>x</b>![x](http://evil.example/x.png)"
AUDITOR = Actor("somebody", Role.AUDITOR)
WRITER = Actor("writer", Role.ADMINISTRATOR)


def _text(page: AppTest) -> str:
    return re.sub(r"\s+", " ", escaping.unescape(re.sub(r"<[^>]+>", " ", html(page))))


def _ask(registry: Engine) -> str:
    registry.dispose()  # see dashboard/store.py
    patient = str(store.all_frames()["patient"]["patient_id"].iloc[0])
    registry.dispose()
    actions.raise_query(registry, QueryKey(patient, MANUAL, "patient", "", "sex"), HOSTILE, by=AUDITOR)
    registry.dispose()
    return patient


def test_every_form_and_center_stands_in_the_matrix(registry: Engine) -> None:
    _ask(registry)
    page = opened("quality.py", role=Role.AUDITOR)
    assert not page.exception
    assert not messages(page)
    shown = _text(page)
    centers = set(store.all_frames()["patient"]["center_id"].dropna())
    head = re.search(r'<div class="matrix">.*?</thead>', html(page), re.DOTALL)
    assert head is not None
    assert set(re.findall(r">([^<]+)</th>", head[0])) == {"Form", *map(str, centers)}
    assert "values, " in html(page)
    assert "MANUAL A question that somebody asked." in shown
    checks = html(page).split("What the edit checks question")[1]
    assert "evil.example" not in checks  # a question can name a patient: it stands where records are read, in no count
    assert "<b>x</b>" not in html(page)


def test_the_page_reads_the_record_itself_where_only_its_counts_are_kept(registry: Engine) -> None:
    opened("overview.py", role=Role.AUDITOR)
    data._shelf.clear()  # as two other states of the registry push it out
    page = opened("quality.py", role=Role.AUDITOR)
    assert not page.exception
    assert 'class="matrix"' in html(page)


def test_a_data_manager_sees_the_own_center_only(registry: Engine) -> None:
    registry.dispose()
    centers = sorted(store.all_frames()["patient"]["center_id"].dropna().unique())
    registry.dispose()
    shown = html(opened("quality.py", role=Role.DATA_MANAGER, of_center=centers[0]))
    assert f'scope="row">{centers[0]}<' in shown
    assert not [center for center in centers[1:] if f'scope="row">{center}<' in shown]


def test_a_form_stands_field_by_field_with_blank_and_each_code_apart(registry: Engine) -> None:
    registry.dispose()  # see dashboard/store.py
    frame = store.all_frames()["patient"]
    page = opened("quality.py", role=Role.AUDITOR, form="patient")
    assert not page.exception
    matrix = re.search(r'<div class="matrix">.*?</table>', html(page), re.DOTALL)
    assert matrix is not None
    head = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', matrix[0])
    assert head[:7] == ["Field", "Cells", "Blank", "UNK", "ND", "NAP", "NASK"]
    assert set(head[7:]) == {str(center) for center in frame["center_id"].dropna()}
    for column in ("sex", "birth_date", "consent_on"):
        field = TABLES["patient"].fields[column]
        assert field.sentence in escaping.unescape(matrix[0])


def test_data_queries_are_listed_by_state_with_the_way_to_their_place(registry: Engine) -> None:
    patient = _ask(registry)
    page = opened("quality.py", role=Role.AUDITOR)
    shown = html(page)
    assert f'href="patient?patient={patient}&amp;form=patient"' in shown
    assert escaping.escape(HOSTILE) in shown
    assert re.search(r'href="\?state=open&amp;center=C\d\d"', shown)
    key = QueryKey(patient, MANUAL, "patient", "", "sex")
    actions.close_query(registry, key, "confirmed", by=AUDITOR)
    registry.dispose()
    closed = html(opened("quality.py", role=Role.AUDITOR, state="closed"))
    assert f'href="patient?patient={patient}&amp;form=patient"' in closed
    center = str(store.all_frames()["patient"].set_index("patient_id").loc[patient, "center_id"])
    other = opened("quality.py", role=Role.DATA_MANAGER, of_center=center, state="closed")
    assert patient in html(other)
    elsewhere = next(c for c in store.all_frames()["patient"]["center_id"].dropna().unique() if c != center)
    assert patient not in html(opened("quality.py", role=Role.DATA_MANAGER, of_center=str(elsewhere), state="closed"))


def test_the_trail_is_searched_and_the_latest_entry_is_first(registry: Engine) -> None:
    patient = _ask(registry)
    page = opened("trail.py", role=Role.AUDITOR)
    page.text_input(key="trail-by").set_value("somebody").run()
    assert not page.exception
    shown = _text(page)
    assert len(_numbers(page)) == 2
    assert "data query raised" in shown
    page.text_input(key="trail-by").set_value("").run()
    page.text_input(key="trail-patient").set_value(patient).run()
    assert _numbers(page) == sorted(_numbers(page), reverse=True)
    assert "<b>x</b>" not in html(page)
    assert patient not in str(dict(page.query_params))
    with reading(registry) as connection:
        viewed = [entry.owner for entry in audit.log(connection) if entry.event == audit.Event.VIEW]
    assert viewed == [patient]
    page.selectbox(key="choice-what").select("view").run()
    assert f"record opened {patient} – Record viewed" in _text(page)
    assert "data query raised" not in _text(page)


def _numbers(page: AppTest) -> list[int]:
    return [int(text) for text in re.findall(r'<th scope="row">(\d+)</th>', html(page))]


def test_old_new_reason_and_version_stand_beside_each_other(registry: Engine) -> None:
    registry.dispose()
    patient = store.all_frames()["patient"].iloc[0]
    registry.dispose()
    number = str(patient["patient_id"])
    for contact, version in (("2025-01-01", 1), ("UNK", 2)):
        cells = {"patient_id": number, "last_contact_on": contact}
        actions.save(registry, "patient", cells, by=WRITER, reason=f"letter {version}", seen_version=version)
    registry.dispose()
    page = opened("trail.py", role=Role.AUDITOR, form="patient")
    page.text_input(key="trail-patient").set_value(number).run()
    shown = _text(page)
    assert f"letter 2 {number} Patient 3 Last contact on: 2025-01-01 → UNK" in shown
    assert f"{number} Patient 2 Last contact on: " in shown
    assert "Patient 1 entered" in shown


def test_the_trail_goes_on_page_by_page_in_the_database(registry: Engine) -> None:
    with reading(registry) as connection:
        everything = [entry.number for entry in audit.log(connection, events=False)][::-1]
    page = opened("trail.py", role=Role.AUDITOR, what="changes")
    name = next(str(button.key) for button in page.button if str(button.key).endswith("-on"))
    seen = _numbers(page)
    page.button(key=name).click().run()
    seen += _numbers(page)
    assert seen == everything[: 2 * SHOWN]
    assert "entries 26 to 50" in _text(page)
    page.button(key=name.replace("-on", "-back")).click().run()
    assert _numbers(page) == everything[:SHOWN]


def test_what_was_found_is_taken_as_a_file_and_that_is_in_the_trail(
    registry: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = _ask(registry)
    taken: list[bytes] = []
    make = audit_trail.trail_file

    def kept(wanted: Search, name: str) -> Callable[[], bytes]:
        made = make(wanted, name)
        taken.append(made())
        return made

    monkeypatch.setattr(audit_trail, "trail_file", kept)
    page = opened("trail.py", role=Role.AUDITOR)
    page.text_input(key="trail-by").set_value("somebody").run()
    assert not page.exception
    lines = list(csv.reader(taken[-1].decode().splitlines()))
    assert lines[0] == list(trail_lines.COLUMNS)
    assert {line[2] for line in lines[1:]} == {"somebody"}
    assert any(patient in line[6] for line in lines[1:])
    with reading(registry) as connection:
        exports = [entry.owner for entry in audit.log(connection) if entry.event == audit.Event.EXPORT]
    assert exports[-1].endswith(".csv (by somebody)")
    everything = list(csv.reader(taken[0].decode().splitlines()))
    assert any(line[7] == "sign-in" for line in everything) or len(everything) > len(lines)


def test_a_whole_trail_is_said_to_be_and_a_broken_one_names_its_first_entry(registry: Engine) -> None:
    patient = _ask(registry)
    page = opened("trail.py", role=Role.AUDITOR)
    page.button(key="verify").click().run()
    assert "trail is whole" in page.success[0].value
    registry.dispose()
    with registry.connect() as connection:
        trigger = connection.execute(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'revision'")
        ).scalars()
        for name in list(trigger):
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        last = connection.execute(sa.text("SELECT max(number) FROM revision WHERE event IS NULL")).scalar_one()
        connection.execute(sa.text("UPDATE revision SET reason = 'another' WHERE number = :last"), {"last": last})
        connection.commit()
    registry.dispose()
    page.button(key="verify").click().run()
    assert f"revision {last} was edited" in messages(page)
    assert f"The first broken place is revision {last}" in _text(page)
    assert f"another {patient}" in _text(page)


def test_a_row_that_was_changed_behind_the_trail_is_found_from_the_page(registry: Engine) -> None:
    with registry.connect() as connection:
        connection.execute(sa.text("UPDATE patient SET sex = CASE sex WHEN 'male' THEN 'female' ELSE 'male' END"))
        connection.commit()
    registry.dispose()
    page = opened("trail.py", role=Role.AUDITOR)
    page.button(key="verify").click().run()
    assert "sex is not what the trail says" in messages(page)
    assert "The first broken place is revision 1" in _text(page)


def test_the_newest_entries_are_the_last_of_the_log(registry: Engine) -> None:
    _ask(registry)
    with reading(registry) as connection:
        everything = list(audit.log(connection))
        assert list(audit.log(connection, newest=5)) == everything[:-6:-1]
        assert list(audit.log(connection, newest=5, skipped=5)) == everything[-6:-11:-1]
        told: list[float] = []
        assert audit.verify_chain(connection, progress=told.append) is None
        assert told == sorted(told)
        assert told[-1] > 0.99


@pytest.mark.parametrize("file", ["quality.py", "trail.py"])
def test_a_researcher_is_not_let_in(registry: Engine, file: str) -> None:
    page = opened(file, role=Role.RESEARCHER)
    assert [title.value for title in page.title] == ["The registry at a glance"]
