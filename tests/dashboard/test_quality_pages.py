"""Data quality and the audit trail: completeness, timeliness, queries, search and proof, by role."""

from __future__ import annotations

import html as escaping
import re

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from dashboard import store
from registry import actions, audit
from registry.access import Actor, Role
from registry.database import reading
from registry.queries import MANUAL, QueryKey
from tests.dashboard.pages import html, messages, opened

HOSTILE = "<b>x</b>![x](http://evil.example/x.png)"
AUDITOR = Actor("somebody", Role.AUDITOR)


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
    assert "evil.example" not in html(page)  # a question can name a patient


def test_a_data_manager_sees_the_own_center_only(registry: Engine) -> None:
    registry.dispose()
    centers = sorted(store.all_frames()["patient"]["center_id"].dropna().unique())
    registry.dispose()
    shown = html(opened("quality.py", role=Role.DATA_MANAGER, of_center=centers[0]))
    assert f'scope="row">{centers[0]}<' in shown
    assert not [center for center in centers[1:] if f'scope="row">{center}<' in shown]


def test_the_trail_is_searched_and_the_latest_entry_is_first(registry: Engine) -> None:
    patient = _ask(registry)
    page = opened("trail.py", role=Role.AUDITOR)
    page.text_input(key="trail-by").set_value("somebody").run()
    assert not page.exception
    shown = _text(page)
    assert "2 entries" in shown
    assert "data query raised" in shown
    page.text_input(key="trail-by").set_value("").run()
    page.text_input(key="trail-patient").set_value(patient).run()
    numbers = [int(text) for text in re.findall(r'<th scope="row">(\d+)</th>', html(page))]
    assert numbers == sorted(numbers, reverse=True)
    assert "<b>x</b>" not in html(page)
    assert patient not in str(dict(page.query_params))
    with reading(registry) as connection:
        viewed = [entry.owner for entry in audit.log(connection) if entry.event == audit.Event.VIEW]
    assert viewed == [patient]


def test_a_whole_chain_is_said_to_be_and_a_broken_one_too(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened("trail.py", role=Role.AUDITOR)
    page.button[0].click().run()
    assert "chain is whole" in page.success[0].value
    with registry.connect() as connection:
        trigger = connection.execute(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'revision'")
        ).scalars()
        for name in list(trigger):
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        connection.execute(sa.text("UPDATE revision SET reason = 'another' WHERE number = 1"))
        connection.commit()
    registry.dispose()
    page.button[0].click().run()
    assert "revision 1 was edited" in messages(page)


def test_the_newest_entries_are_the_last_of_the_log(registry: Engine) -> None:
    _ask(registry)
    with reading(registry) as connection:
        everything = list(audit.log(connection))
        assert list(audit.log(connection, newest=5)) == everything[:-6:-1]


@pytest.mark.parametrize("file", ["quality.py", "trail.py"])
def test_a_researcher_is_not_let_in(registry: Engine, file: str) -> None:
    page = opened(file, role=Role.RESEARCHER)
    assert [title.value for title in page.title] == ["The registry at a glance"]
