"""Snapshots on the pages: made after a question, chosen for all outcomes, shown to each role as far as it may see."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.snapshot_manifest import folder, list_snapshots
from analytics.snapshots import create_snapshot
from dashboard import store
from dashboard.disclosure import SMALLEST
from registry import actions, audit
from registry.access import Actor, Role
from registry.database import reading
from registry.errors import PermissionRefused
from tests.dashboard.pages import html, messages, opened
from tests.dashboard.test_outcome_pages import text
from tests.registry import rows

ADMINISTRATOR = Actor("somebody", Role.ADMINISTRATOR)
OUTCOMES = ("cohort.py", "survival.py", "competing.py", "prognosis.py", "benchmarks.py")


@pytest.fixture
def paper(registry: Engine) -> str:
    """A snapshot of the simulated patients, and one more patient enrolled since."""
    registry.dispose()  # see dashboard/store.py
    center = str(store.all_frames()["center"]["center_id"].iloc[0])
    create_snapshot(registry, "paper", dt.date.today(), by=ADMINISTRATOR, note="Who <b>lives</b>?")
    cells = rows.row("patient", patient_id="NEW-1", center_id=center)
    actions.save(registry, "patient", cells, by=ADMINISTRATOR, reason="test", seen_version=0)
    registry.dispose()
    return "paper"


def _press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def test_an_administrator_makes_one_after_a_question(registry: Engine) -> None:
    page = opened("snapshots.py", role=Role.ADMINISTRATOR)
    assert "There is no snapshot yet" in text(page)
    page.text_input(key="freeze-name").set_value("paper-1").run()
    page.text_input(key="freeze-question").set_value("Who lives?").run()
    _press(page, "Make a snapshot")
    assert "Freeze the registry as it stood on" in text(page)
    assert not list_snapshots()
    _press(page, "No")
    assert "Freeze the registry" not in text(page)
    for wrong in ("2026-02-30", "2999-01-01"):
        page.text_input(key="freeze-cut").set_value(wrong).run()
        _press(page, "Make a snapshot")
        _press(page, "Yes, make it")
        assert "data cut" in messages(page)
    page.text_input(key="freeze-cut").set_value("2024-06-30").run()
    _press(page, "Make a snapshot")
    _press(page, "Yes, make it")
    assert not page.exception
    made = list_snapshots()["paper-1"]
    assert made is not None
    assert (made.data_cut, made.note, made.created_by) == (dt.date(2024, 6, 30), "Who lives?", "administrator")
    assert page.query_params["snapshot"] == "paper-1"
    assert made.fingerprint in text(page)
    with reading(registry) as connection:
        taken = [entry for entry in audit.log(connection) if entry.event == audit.Event.EXPORT]
    assert [(entry.owner, entry.written_by) for entry in taken] == [("snapshot paper-1", "administrator")]
    page.text_input(key="freeze-name").set_value("../paper").run()
    _press(page, "Make a snapshot")
    _press(page, "Yes, make it")
    assert "no name of a snapshot" in messages(page)


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.AUDITOR, Role.CLINICIAN, Role.DATA_MANAGER])
def test_others_make_none(registry: Engine, role: Role) -> None:
    page = opened("snapshots.py", role=role)
    assert not page.exception
    assert not page.text_input
    assert "An administrator makes them" in text(page)
    with pytest.raises(PermissionRefused):
        create_snapshot(registry, "x", dt.date.today(), by=Actor("x", role, "C01"))


@pytest.mark.parametrize("file", OUTCOMES)
def test_every_page_of_outcomes_is_computed_from_the_chosen_one(paper: str, file: str) -> None:
    now, then = (opened(file, role=Role.AUDITOR, **address) for address in ({}, {"snapshot": paper}))
    assert not then.exception
    assert "Every number of this page is of this snapshot" in text(then)
    assert "Every number of this page is of this snapshot" not in text(now)
    if file != "benchmarks.py":
        assert "of 61" in text(now)
        assert "of 60" in text(then)
    _press(then, "Back to the registry as it stands")
    assert "snapshot" not in then.query_params
    assert "Every number" not in text(then)


def test_one_that_is_chosen_goes_along(paper: str) -> None:
    page = opened("snapshots.py", role=Role.RESEARCHER)
    page.selectbox(key="choice-snapshot").select(paper).run()
    assert "What paper holds" in text(page)
    for file, along in (("survival.py", True), ("overview.py", False), ("benchmarks.py", True)):
        page.switch_page(f"../pages/{file}")
        page.query_params.clear()
        page.run()
        assert ("Every number of this page" in text(page)) == along


def test_a_researcher_sees_no_small_number_of_one(paper: str) -> None:
    page = opened("snapshots.py", role=Role.RESEARCHER, snapshot=paper)
    said = text(page)
    assert "Who <b>lives</b>?" in said
    assert "<b>lives" not in html(page)
    counts = [cell for cell in said[said.index("Form Rows") : said.index("All snapshots")].split() if cell.isdigit()]
    assert counts
    assert all(int(count) % SMALLEST == 0 for count in counts)
    assert "61 patients" not in said


def test_a_center_sees_its_own_patients_of_one(paper: str) -> None:
    registry_frames = store.all_frames()
    patient = registry_frames["patient"]
    own = str(patient["center_id"].iloc[0])
    page = opened("cohort.py", role=Role.DATA_MANAGER, of_center=own, snapshot=paper, origin="primary_diagnosis")
    assert not page.exception
    in_it = int((patient["center_id"] == own).sum()) - 1  # NEW-1 came in later
    assert f"of {in_it} in the registry" in text(page)
    others = set(patient["center_id"].dropna()) - {own}
    assert not any(other in text(page) for other in others)
    assert "Form Rows" not in text(opened("snapshots.py", role=Role.DATA_MANAGER, of_center=own, snapshot=paper))


@pytest.mark.parametrize("name", ["nothing", "../paper", "<img src=x>"])
def test_one_that_is_not_there_is_answered_and_nothing_else_computed(paper: str, name: str) -> None:
    page = opened("survival.py", role=Role.RESEARCHER, snapshot=name)
    assert not page.exception
    assert "snapshot" in messages(page)
    assert not page.get("image")
    assert not page.title
    assert "<img" not in html(page)
    listed = opened("snapshots.py", role=Role.RESEARCHER, snapshot=name)
    assert "there is not" in messages(listed)


def test_one_that_was_changed_is_refused(paper: str) -> None:
    path = folder() / paper / "patient.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    page = opened("survival.py", role=Role.AUDITOR, snapshot=paper)
    assert "not what was written" in messages(page)
    assert not page.get("image")
    manifest = folder() / paper / "manifest.json"
    manifest.write_text(manifest.read_text("utf-8").replace("lives", "dies"), "utf-8")
    listed = opened("snapshots.py", role=Role.AUDITOR)
    assert "not what was written" in text(listed)
