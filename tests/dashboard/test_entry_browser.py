"""A data manager in Chromium: a patient entered by keyboard, drafts that survive, conflicts, queries, and axe."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.words import FORMS
from registry import actions
from registry.access import Actor, Role
from registry.database import open_engine
from registry.queries import MANUAL, QueryKey
from registry.tables import PATIENT_TABLES
from tests.dashboard import signing
from tests.dashboard.accessibility import rules, violations
from tests.dashboard.serving import IDLE, Served, served, settle

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="document.title=1"> ![x](http://evil.example/x.png) **bold**'
EPISODE = "/patient?patient=P1&form=episode&row=1"


@pytest.fixture(scope="module")
def entry(_sqlite_template: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard of a registry with one row of each table, for these tests to write to."""
    home = tmp_path_factory.mktemp("entry")
    shutil.copy(_sqlite_template("filled"), home / "oligomet.db")
    with served(home) as running:
        yield running


def context_of(browser: Browser, server: Served, role: Role = Role.DATA_MANAGER, **options: object) -> BrowserContext:
    """A browser of somebody of a role, who has signed in."""
    engine = open_engine(f"sqlite:///{server.home / 'oligomet.db'}")
    session = signing.token(engine, role)
    engine.dispose()
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, **options)  # type: ignore[arg-type]
    context.add_cookies([{"name": "oligomet", "value": session, "url": server.address}])
    return context


@pytest.fixture(scope="module")
def desk(browser: Browser, entry: Served) -> Iterator[BrowserContext]:
    """The browser of a data manager."""
    context = context_of(browser, entry)
    yield context
    context.close()


@pytest.fixture
def manager(desk: BrowserContext) -> Iterator[Page]:
    """A data manager's page; its errors and its requests to elsewhere are watched."""
    page = desk.new_page()
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda asked: found.append(asked.url) if "evil.example" in asked.url else None)
    yield page
    page.close()
    assert not found


def shown(page: Page, server: Served, address: str) -> None:
    page.goto(server.address + address)
    settle(page)


def stored(server: Served, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{server.home / 'oligomet.db'}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


def until(found: Callable[[], bool], seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') || ''")).removesuffix(" *")


def by_keyboard(page: Page, wanted: dict[str, str]) -> None:
    """Goes with the Tab key from field to field, and types into some of them."""
    left = dict(wanted)
    for _ in range(80):
        page.keyboard.press("Tab")
        name = focused(page)
        if name in left:
            page.keyboard.type(left.pop(name))
            if page.evaluate("document.activeElement.getAttribute('role')") == "combobox":
                page.keyboard.press("Enter")
            page.wait_for_selector(IDLE)
        if not left:
            return
    raise AssertionError(f"the Tab key leads to no field {sorted(left)}")


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).focus()
    page.keyboard.press("Enter")


FIRST_ROWS = {
    "primary_tumor": {"Diagnosed on": "2019-03-01", "Site": "rectum", "Rectal height (cm)": "7.5", "cT": "T3"},
    "episode": {"Detected on": "2020-01-05", "Lung involved": "yes", "Laterality": "left"},
    "metastasis": {"Site": "liver", "Detected on": "2020-01-05", "Largest (mm)": "12.5"},
    "study": {"Performed on": "2020-01-05", "Modality": "colonoscopy", "Biopsy taken": "yes"},
    "pathology": {"Specimen": "lung", "CK20": "positive"},
    "molecular_test": {"Marker": "KRAS", "Result": "mutated", "Variant": "p.G12C"},
    "mdt_meeting": {"Held on": "2020-01-08", "Goal": "palliative"},
    "systemic_therapy": {"Started on": "2020-04-01", "Cycles": "UNK"},
    "local_treatment": {"Started on": "2020-03-01", "Target": "lung", "Modality": "resection", "Procedure": "wedge"},
    "follow_up": {"Seen on": "2020-09-01", "CEA (ng/ml)": "2.1"},
    "disease_event": {"Occurred on": "2020-10-01", "Kind": "recurrence"},
    "rule_exception": {"Rule ID": "SUR1", "Reason": "refusal"},
}


def test_a_patient_is_enrolled_by_keyboard(manager: Page, entry: Served) -> None:
    shown(manager, entry, "/patient")
    manager.get_by_role("button", name="Enroll a patient").focus()
    manager.keyboard.press("Enter")
    expect(manager.get_by_role("heading", name="Enroll a patient")).to_be_visible()
    manager.get_by_role("button", name="Back to the list").focus()
    by_keyboard(manager, {"Consent status": "given", "Consent on": "2020-01-10"})
    expect(manager.get_by_role("textbox", name="Patient ID")).to_have_value("A-000001")
    by_keyboard(manager, {"Sex": "female", "Birth date": "1950-05-01", "Enrolled on": "2020-01-10"})
    by_keyboard(manager, {"Vital status": "alive", "Last contact on": "2024-01-01"})
    save(manager)
    expect(manager.locator(".om .banner")).to_contain_text("A-000001")
    expect(manager.get_by_role("heading", name=FORMS["primary_tumor"])).to_be_visible()
    assert stored(entry, "SELECT center_id, sex, birth_date FROM patient WHERE patient_id = 'A-000001'") == [
        ("A", "female", "1950-05-01")
    ]


@pytest.mark.parametrize("tables", [PATIENT_TABLES[1:5], PATIENT_TABLES[5:9], PATIENT_TABLES[9:]], ids=str)
def test_all_forms_are_filled_in_by_keyboard(manager: Page, entry: Served, tables: tuple[str, ...]) -> None:
    engine = open_engine(f"sqlite:///{entry.home / 'oligomet.db'}")
    patient = f"K-{tables[0]}"
    cells = dict(zip(("patient_id", "center_id", "sex", "birth_date", "enrolled_on", "consent_status", "vital_status",
                      "last_contact_on"), (patient, "A", "male", "1950-01-01", "2020-01-10", "given", "alive",
                      "2024-01-01"), strict=True))  # fmt: skip
    actions.save(engine, "patient", cells, by=Actor("x", Role.ADMINISTRATOR), reason=None, seen_version=0)
    engine.dispose()
    shown(manager, entry, f"/patient?patient={patient}&form={tables[0]}")
    for table in tables:
        manager.get_by_role("button", name=re.compile(f"^{FORMS[table]} ")).focus()
        manager.keyboard.press("Enter")
        expect(manager.get_by_role("heading", name=FORMS[table])).to_be_visible()
        manager.wait_for_selector(IDLE)
        by_keyboard(manager, FIRST_ROWS[table])
        save(manager)
        expect(manager.get_by_text(f"{FORMS[table]}: saved.")).to_be_visible()
        assert stored(entry, f"SELECT count(*) FROM {table} WHERE patient_id = '{patient}'") == [(1,)]


def test_what_cannot_be_read_is_told_beside_its_field_and_never_rounded(manager: Page, entry: Served) -> None:
    shown(manager, entry, EPISODE)
    for name, text, words in (
        ("NED on", "31/02/2020", "Not a date"),
        ("Lesion count", "7,4", "Not a whole number"),
        ("Largest (mm)", "7,4", "Not a number"),
    ):
        field = manager.get_by_role("textbox", name=name)
        field.fill(text)
        field.press("Tab")
        slot = manager.locator("[class*='st-key-slot-']").filter(has=field)
        expect(slot.get_by_role("alert")).to_contain_text(words)
        expect(field).to_have_value(text)
    manager.get_by_role("textbox", name="Reason for the change").fill("because")
    save(manager)
    expect(manager.get_by_text("Not saved.")).to_be_visible()
    assert stored(entry, "SELECT ned_on, lesion_count, largest_mm, version FROM episode WHERE patient_id = 'P1'") == [
        ("2020-03-01", 1, 12.5, 1)
    ]
    manager.get_by_role("button", name="Discard what I typed").click()
    expect(manager.get_by_role("textbox", name="NED on")).to_have_value("2020-03-01")


def test_a_branch_opens_without_taking_the_cursor(manager: Page, entry: Served) -> None:
    shown(manager, entry, "/patient?patient=P1&form=episode&row=new")
    lung = manager.get_by_role("combobox", name="Lung involved")
    lung.focus()
    manager.keyboard.type("yes")
    manager.keyboard.press("Enter")
    manager.keyboard.press("Tab")
    expect(manager.get_by_role("textbox", name="Lesion count")).to_be_visible()
    assert focused(manager) == "Prior polymetastatic"
    manager.get_by_role("button", name="Discard what I typed").click()
    expect(manager.get_by_role("textbox", name="Lesion count")).to_have_count(0)


def test_a_draft_survives_a_closed_tab(browser: Browser, manager: Page, entry: Served) -> None:
    shown(manager, entry, "/patient?patient=P1&form=follow_up&row=1")
    field = manager.get_by_role("textbox", name="CEA (ng/ml)")
    field.focus()
    manager.keyboard.type("3.")  # the cursor never leaves the field
    until(lambda: stored(entry, "SELECT typed FROM draft WHERE column_name = 'cea_ng_ml'") == [("3.",)])
    again = manager.context.new_page()
    manager.close(run_before_unload=False)
    shown(again, entry, "/worklist")
    again.get_by_role("link", name="Go on").first.click()
    expect(again.get_by_role("textbox", name="CEA (ng/ml)")).to_have_value("3.")
    again.get_by_role("button", name="Discard what I typed").click()
    expect(again.get_by_role("textbox", name="CEA (ng/ml)")).to_have_value("")


def test_what_is_typed_when_the_server_ends_is_kept_when_it_is_back(
    browser: Browser, entry: Served, tmp_path: Path
) -> None:
    shutil.copy(entry.home / "oligomet.db", tmp_path / "oligomet.db")
    with served(tmp_path) as first:
        context = context_of(browser, first)
        page = context.new_page()
        shown(page, first, EPISODE)
        page.get_by_role("textbox", name="Drug free months").fill("12")
        until(lambda: bool(stored(first, "SELECT * FROM draft WHERE column_name = 'drug_free_months'")))
        page.get_by_role("textbox", name="Largest (mm)").fill("14,5")  # and in the same moment the server ends
    expect(page.get_by_role("textbox", name="Largest (mm)")).to_be_disabled()
    with served(tmp_path, port=first.port) as second:
        until(lambda: len(stored(second, "SELECT * FROM draft")) == 2, seconds=20)
        assert dict(stored(second, "SELECT column_name, typed FROM draft")) == {  # type: ignore[arg-type]
            "drug_free_months": "12",
            "largest_mm": "14,5",
        }
        expect(page.get_by_role("textbox", name="Largest (mm)")).to_have_value("14,5")
        context.close()


def test_two_who_edit_the_same_row_settle_it(browser: Browser, manager: Page, entry: Served) -> None:
    address = "/patient?patient=P1&form=study&row=1"
    other_context = context_of(browser, entry, Role.ADMINISTRATOR)
    other = other_context.new_page()
    for page in (manager, other):
        shown(page, entry, address)
    for page, purpose, reason in ((other, "routine", "theirs"), (manager, "staging", "mine")):
        page.get_by_role("combobox", name="Purpose").click()
        page.get_by_role("combobox", name="Purpose").fill(purpose)
        page.get_by_role("combobox", name="Purpose").press("Enter")
        page.get_by_role("textbox", name="Reason for the change").fill(reason)
        page.get_by_role("textbox", name="Reason for the change").press("Tab")
        page.wait_for_selector(IDLE)
        save(page)
        if page is other:
            expect(other.get_by_text(f"{FORMS['study']}: saved.")).to_be_visible()
    other_context.close()
    dialog = manager.get_by_role("dialog")
    expect(dialog).to_contain_text("“theirs”")
    expect(dialog.get_by_role("row", name=re.compile("Purpose"))).to_contain_text("routine")
    manager.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Go on with these")).to_be_disabled()
    dialog.get_by_role("radio", name="Mine").check(force=True)
    dialog.get_by_role("button", name="Go on with these").click()
    expect(manager.get_by_role("combobox", name="Purpose")).to_have_value("staging")
    assert stored(entry, "SELECT purpose, version FROM study WHERE patient_id = 'P1'") == [("routine", 2)]
    save(manager)
    expect(manager.get_by_text(f"{FORMS['study']}: saved.")).to_be_visible()
    assert stored(entry, "SELECT purpose, version FROM study WHERE patient_id = 'P1'") == [("staging", 3)]


def test_a_row_is_deleted_after_a_question(manager: Page, entry: Served) -> None:
    shown(manager, entry, "/patient?patient=P1&form=rule_exception&row=1")
    manager.get_by_role("button", name="Delete this row").click()
    dialog = manager.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    dialog.get_by_role("textbox", name="Reason for the deletion").fill("entered twice")
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(manager.get_by_text("deleted.")).to_be_visible()
    assert stored(entry, "SELECT count(*) FROM rule_exception WHERE patient_id = 'P1'") == [(0,)]


def test_a_question_is_answered_from_the_worklist(manager: Page, entry: Served) -> None:
    engine = open_engine(f"sqlite:///{entry.home / 'oligomet.db'}")
    key = QueryKey("P1", MANUAL, "pathology", "1", "ck20")
    actions.raise_query(engine, key, f"Which block? {HOSTILE}", by=Actor("auditor", Role.AUDITOR))
    engine.dispose()
    shown(manager, entry, "/worklist")
    manager.get_by_text("Data queries", exact=False).first.click()
    manager.locator("[class*='st-key-task-']", has_text="Which block?").get_by_role("link", name="Answer").click()
    expect(manager.get_by_text(HOSTILE)).to_be_visible()  # as it was typed
    assert manager.title() != "1"
    manager.get_by_role("textbox", name="Your message").fill("Block 2")
    manager.get_by_role("button", name="Answer", exact=True).click()
    expect(manager.locator(".om .thread")).to_contain_text("Block 2")
    assert stored(entry, "SELECT state FROM data_query WHERE check_id = 'MANUAL'") == [("answered",)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_more_than_on_an_empty_page(
    browser: Browser, entry: Served, unavoidable: set[str], scheme: str
) -> None:
    context = context_of(browser, entry, color_scheme=scheme)
    page = context.new_page()
    for address in ("/patient?enroll=yes", EPISODE, "/patient?patient=P1&form=study&row=new"):
        shown(page, entry, address)
        found = {one for one in violations(page) if not rules({one}) <= unavoidable}
        assert not found, address
    context.close()
