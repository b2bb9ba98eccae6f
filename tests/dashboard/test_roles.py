"""Every page with every role, without a browser: what each may see, and that a center's patients stay its own."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from dashboard import app as pages_table
from dashboard import store, trail, who
from dashboard.disclosure import SMALLEST, Protected
from dashboard.lookup import search_patients
from dashboard.record import read_record
from dashboard.words import counted, number
from registry import accounts, actions, audit
from registry.access import Actor, Permission, Role
from registry.database import reading, writing
from registry.errors import EnvironmentRefused, PermissionRefused
from registry.frames import read_frames
from tests.dashboard.pages import SCRIPT, html, messages, opened
from tests.registry import rows

ADMINISTRATOR = Actor("somebody", Role.ADMINISTRATOR)
PATIENT_PAGES = ("patient.py", "mdt.py")


def _patients(registry: Engine) -> dict[str, str]:
    """Patient -> center."""
    registry.dispose()  # see dashboard/store.py
    patient = store.all_frames()["patient"]
    return dict(zip(patient["patient_id"], patient["center_id"].astype(str), strict=True))


def _events(registry: Engine, event: audit.Event) -> list[audit.Entry]:
    with reading(registry) as connection:
        return [entry for entry in audit.log(connection) if entry.event == event]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("page", pages_table.PAGES, ids=lambda page: page.file)
def test_each_page_is_shown_to_who_may_see_it_and_to_nobody_else(
    registry: Engine, page: pages_table.Listed, role: Role
) -> None:
    actor = Actor("x", role)
    shown = opened(page.file, role=role)
    assert not shown.exception
    titles = [title.value for title in shown.title]
    if page.needs is None or actor.may(page.needs):
        assert len(titles) == 1
        assert 'class="strip"' in html(shown)
    else:
        assert titles == ["The registry at a glance"]  # an address that leads nowhere leads to the first page


@pytest.mark.parametrize("page", pages_table.PAGES, ids=lambda page: page.file)
def test_nobody_without_a_session_sees_anything(registry: Engine, page: pages_table.Listed) -> None:
    for user in ({}, {who.USER_KEY: None}, {who.USER_KEY: "f" * 64}, {who.USER_KEY: "' OR 1=1 --"}):
        app = AppTest.from_file(str(SCRIPT), default_timeout=30)
        app.user = dict(user)
        app.switch_page(f"../pages/{page.file}")
        app.run()
        assert not app.exception
        assert "not signed in" in messages(app)
        assert not app.title
        assert 'class="strip"' not in html(app)


@pytest.mark.parametrize("file", PATIENT_PAGES)
def test_another_centers_patient_is_answered_like_one_who_is_not_there(registry: Engine, file: str) -> None:
    patients = _patients(registry)
    own = next(iter(patients.values()))
    other = next(patient for patient, center in patients.items() if center != own)
    assert 'class="banner"' in html(opened(file, role=Role.AUDITOR, patient=other))  # and is in every cache
    for role in (Role.DATA_MANAGER, Role.CLINICIAN):
        forged = opened(file, role=role, of_center=own, patient=other)
        unknown = opened(file, role=role, of_center=own, patient="NOBODY-1")
        assert not forged.exception
        assert messages(forged).replace(re.sub(r"\W", r"\\\g<0>", other), "ID") == messages(unknown).replace(
            r"NOBODY\-1", "ID"
        )
        assert 'class="banner"' not in html(forged)
        assert not forged.get("image")
    assert {entry.written_by for entry in _events(registry, audit.Event.VIEW)} == {"auditor"}


def test_a_forged_search_finds_the_own_center_only(registry: Engine) -> None:
    patients = _patients(registry)
    own = next(iter(patients.values()))
    other = next(patient for patient, center in patients.items() if center != own)
    page = opened("patient.py", role=Role.DATA_MANAGER, of_center=own)
    assert set(page.dataframe[0].value["Center"]) == {own}
    for text in (other, "%", "", "_", "' OR '1'='1"):
        page.text_input[0].set_value(text).run()
        assert not page.exception
        assert all(set(frame.value["Center"]) == {own} for frame in page.dataframe)


def test_counts_and_figures_are_of_the_own_center(registry: Engine) -> None:
    patients = _patients(registry)
    own = next(iter(patients.values()))
    count = sum(center == own for center in patients.values())
    shown = html(opened("overview.py", role=Role.DATA_MANAGER, of_center=own))
    for center in set(patients.values()) - {own}:
        assert center not in shown
    assert int(re.search(r'Patients</div><div class="value">(\d+)', shown)[1]) <= count  # type: ignore[index]
    assert "Latest changes" not in shown
    page = opened("survival.py", role=Role.CLINICIAN, of_center=own)
    analyzed = int(re.search(r"In the registry</th><td class=\"num\">(\d+)", html(page))[1])  # type: ignore[index]
    assert 0 < analyzed <= count
    assert page.selectbox(key="choice-center").options[1:] == [
        option for option in page.selectbox(key="choice-center").options if option.startswith(own)
    ]
    other = next(center for center in patients.values() if center != own)
    forged = opened("survival.py", role=Role.CLINICIAN, of_center=own, center=other)
    assert "there is not" in messages(forged)


def test_a_researcher_sees_no_small_number(registry: Engine) -> None:
    shown = html(opened("overview.py", role=Role.RESEARCHER))
    table = re.search(r'<table class="heat">.*?</table>', shown, re.DOTALL)
    assert table is not None
    cells = re.findall(r"<td[^>]*>(?:<span[^>]*>)?([^<]+)", table[0])
    assert "&lt; 5" in cells
    exact = [int(cell) for cell in cells if cell.isdigit()]
    assert exact
    assert all(count % SMALLEST == 0 for count in exact)
    sums = re.findall(r'<td class="sum">(\d+)</td>', table[0])
    patients = len(_patients(registry))
    assert abs(int(sums[-1]) - patients) <= SMALLEST + 2  # those who withdrew are in no number
    cards = dict(re.findall(r'class="label">([^<]+)</div><div class="value">([^<]+)<', shown))
    assert int(cards["Deaths"]) % SMALLEST == 0


def test_a_researcher_gets_no_group_of_a_few(registry: Engine) -> None:
    page = opened("survival.py", role=Role.RESEARCHER)
    assert page.get("image")
    assert not messages(page)
    small = opened("survival.py", role=Role.RESEARCHER, by="center_id")
    assert "fewer than 5" in messages(small)
    assert not small.get("image")
    assert not small.get("download_button")
    assert opened("survival.py", role=Role.AUDITOR, by="center_id").get("image")


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (1, "< 5"), (4, "< 5"), (5, "5"), (7, "5"), (8, "10"), (1234, "1\u2009235")]
)
def test_small_counts_are_hidden_and_the_others_rounded(count: int, shown: str) -> None:
    assert number(Protected(count)) == str(Protected(count)).replace("1235", "1\u2009235") == shown
    assert bool(Protected(count)) == bool(count)
    assert counted(Protected(count), "patient") == f"{shown} patients"  # "1 patient" would tell


def test_what_is_made_of_protected_counts_is_protected_and_not_too_low() -> None:
    """Sums are of the true counts and rounded once; shares and shades are of what is shown."""
    assert number(sum([Protected(3), Protected(4), Protected(4)])) == "10"
    assert number(sum([Protected(1), Protected(2)])) == "< 5"
    assert Protected(1) / Protected(36) == Protected(4) / Protected(34) == 2.5 / 35
    assert 44 * Protected(1) == 44 * Protected(4)
    assert 1 / Protected(11) == 0.1


def test_a_disabled_account_and_another_role_take_effect_at_the_next_run(
    registry: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(who, "CHECKED_FOR_SECONDS", 0.0)
    page = opened("patient.py", role=Role.AUDITOR)
    assert [title.value for title in page.title] == ["Patients"]
    accounts.set_role(registry, "auditor", Role.RESEARCHER, by=ADMINISTRATOR)
    page.run()
    assert [title.value for title in page.title] != ["Patients"]
    accounts.disable(registry, "auditor", by=ADMINISTRATOR)
    page.run()
    assert "not signed in" in messages(page)
    assert not page.title


def test_a_session_ends_under_an_open_page(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(who, "CHECKED_FOR_SECONDS", 0.0)
    patient = next(iter(_patients(registry)))
    page = opened("patient.py", role=Role.AUDITOR, patient=patient)
    assert 'class="banner"' in html(page)
    accounts.sign_out_everywhere(registry, "auditor", by=ADMINISTRATOR, source="test")
    page.run()
    assert "not signed in" in messages(page)
    assert 'class="banner"' not in html(page)


def test_a_view_is_in_the_trail_once_in_fifteen_minutes(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    patients = list(_patients(registry))
    page = opened("patient.py", role=Role.CLINICIAN, patient=patients[0])
    page.run()
    page.run()
    seen = _events(registry, audit.Event.VIEW)
    assert [(entry.owner, entry.written_by, entry.action) for entry in seen] == [(patients[0], "clinician", "view")]
    registry.dispose()
    opened("mdt.py", role=Role.CLINICIAN, patient=patients[0])  # another session of the same person
    page.query_params["patient"] = patients[1]
    page.run()
    assert [entry.owner for entry in _events(registry, audit.Event.VIEW)] == [patients[0], patients[0], patients[1]]
    registry.dispose()
    monkeypatch.setattr(trail, "VIEWED_AGAIN_AFTER", 0.0)
    page.run()
    later = _events(registry, audit.Event.VIEW)[3:]
    assert later
    assert {entry.owner for entry in later} == {patients[1]}
    with reading(registry) as connection:
        assert audit.verify_chain(connection) is None
        found = list(audit.log(connection, patient=patients[0]))
    assert [entry.written_by for entry in found if entry.event == "view"] == ["clinician", "clinician"]


def test_looking_makes_no_new_state_of_the_data(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = next(iter(_patients(registry)))
    page = opened("overview.py", role=Role.AUDITOR)
    before = re.search(r"Revision</dt><dd>(\d+)", html(page))
    monkeypatch.setattr(store, "read_frames", None)  # the frames are read no more
    shown = opened("patient.py", role=Role.AUDITOR, patient=patient)
    assert 'class="banner"' in html(shown)
    assert "record opened" not in html(shown)
    again = opened("overview.py", role=Role.AUDITOR)
    assert not again.exception
    assert before is not None
    assert f"Revision</dt><dd>{before[1]}<" in html(again)


def test_a_record_is_not_shown_where_the_trail_cannot_say_so(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise EnvironmentRefused("The database is read-only", remedy="Give write access")

    patient = next(iter(_patients(registry)))
    page = opened("overview.py", role=Role.AUDITOR)
    monkeypatch.setattr(store, "writing", refuse)
    page.switch_page("../pages/patient.py")
    page.query_params["patient"] = patient
    page.run()
    assert "read\\-only" in messages(page)
    assert 'class="banner"' not in html(page)


def test_nobody_waits_long_for_the_trail_while_the_database_is_written(registry: Engine) -> None:
    patient = next(iter(_patients(registry)))
    page = opened("overview.py", role=Role.AUDITOR)
    page.switch_page("../pages/patient.py")
    page.query_params["patient"] = patient
    with writing(registry):  # as an import does, for minutes
        page.run()
        assert 'class="banner"' in html(page)
        with reading(registry) as connection:
            assert not [entry for entry in audit.log(connection) if entry.event == "view"]
    registry.dispose()
    trail.settle()
    assert [entry.owner for entry in _events(registry, audit.Event.VIEW)] == [patient]


def test_a_long_row_of_entries_that_wait_stops_the_page(registry: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = next(iter(_patients(registry)))
    monkeypatch.setattr(trail, "_waiting", threading.BoundedSemaphore(1))
    assert trail._waiting.acquire()
    page = opened("patient.py", role=Role.AUDITOR, patient=patient)
    assert "audit trail cannot be written" in messages(page)
    assert 'class="banner"' not in html(page)


def test_a_stale_save_shows_nothing_of_another_center(registry: Engine) -> None:
    patients = _patients(registry)
    own = next(iter(patients.values()))
    other = next(patient for patient, center in patients.items() if center != own)
    manager = Actor("manager", Role.DATA_MANAGER, own)
    for center in (own, patients[other]):
        cells = rows.row("patient", patient_id=other, center_id=center)
        with pytest.raises(PermissionRefused) as refused:
            actions.save(registry, "patient", cells, by=manager, reason="x", seen_version=0)
        assert not hasattr(refused.value, "stored")
    episode = rows.row("episode", patient_id=other)
    with pytest.raises(PermissionRefused):
        actions.save(registry, "episode", episode, by=manager, reason="x", seen_version=0)


def test_reading_functions_ask_for_the_permission_themselves(registry: Engine) -> None:
    patient, center = next(iter(_patients(registry).items()))
    with reading(registry) as connection:
        for refused in (Actor("r", Role.RESEARCHER), Actor("r", Role.RESEARCHER, center)):
            with pytest.raises(PermissionRefused):
                search_patients(connection, "", by=refused, first=0, count=5)
            with pytest.raises(PermissionRefused):
                read_record(connection, patient, dt.date.today(), by=refused)
        stranger = Actor("m", Role.DATA_MANAGER, "elsewhere")
        assert search_patients(connection, patient, by=stranger, first=0, count=5).total == 0
        assert read_record(connection, patient, dt.date.today(), by=stranger) is None
        assert read_record(connection, patient, dt.date.today(), by=Actor("m", Role.DATA_MANAGER, center)) is not None


def test_frames_of_a_center_hold_nothing_of_another(filled: Engine) -> None:
    other = {"center_id": "B'; DROP TABLE patient; --", "name": "Beta"}
    actions.save(filled, "center", other, by=ADMINISTRATOR, reason=None, seen_version=0)
    patient = rows.row("patient", patient_id="P2", center_id=other["center_id"])
    actions.save(filled, "patient", patient, by=ADMINISTRATOR, reason=None, seen_version=0)
    filled.dispose()
    assert list(read_frames(filled, center="A")["patient"]["patient_id"]) == ["P1"]
    found = read_frames(filled, center=other["center_id"])
    assert list(found["patient"]["patient_id"]) == ["P2"]
    assert list(found["center"]["center_id"]) == [other["center_id"]]
    assert all(frame.empty for name, frame in found.items() if name not in ("patient", "center"))
    assert all(frame.empty for frame in read_frames(filled, center="nowhere").values())


def test_only_who_may_sees_the_roles() -> None:
    assert not Actor("a", Role.ADMINISTRATOR).may(Permission.VIEW_IDENTITIES)
    assert not Actor("r", Role.RESEARCHER).may(Permission.READ_RECORDS)
    assert not Actor("r", Role.RESEARCHER).may(Permission.EXPORT)
    assert not Actor("q", Role.AUDITOR).may(Permission.WRITE_RECORDS)
    assert not Actor("c", Role.CLINICIAN).may(Permission.READ_TRAIL)
    managing = {role for role in Role if Actor("x", role).may(Permission.MANAGE_ACCOUNTS)}
    assert managing == {Role.ADMINISTRATOR}
