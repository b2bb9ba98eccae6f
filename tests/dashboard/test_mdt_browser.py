"""The MDT view in Chromium: reached from the record, whole on a tablet, on one sheet, and a meeting recorded there."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard import cookies
from registry.access import Role
from registry.database import open_engine
from tests.dashboard import signing
from tests.dashboard.serving import Served, settle

pytestmark = pytest.mark.browser


def _several_episodes(server: Served) -> str:
    query = (
        "SELECT patient_id FROM episode WHERE lung_involved AND patient_id IN (SELECT patient_id FROM patient WHERE "
        "consent_status <> 'withdrawn') GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    with sqlite3.connect(f"file:{server.home / 'oligomet.db'}?mode=ro", uri=True) as connection:
        return str(connection.execute(query).fetchone()[0])


@pytest.fixture
def mdt(browser: Browser, server: Served) -> Iterator[Page]:
    """The MDT view of a patient with several episodes, reached from the record; its console is watched."""
    engine = open_engine(f"sqlite:///{server.home / 'oligomet.db'}")
    session = signing.token(engine, Role.CLINICIAN)
    engine.dispose()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": cookies.SESSION, "value": session, "url": server.address}])
    page = context.new_page()
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.goto(f"{server.address}/patient?patient={_several_episodes(server)}")
    settle(page)
    page.get_by_role("link", name="MDT view of this patient").click()
    page.wait_for_url("**/mdt?patient=*")
    settle(page)
    expect(page.locator(".om .mdt h2")).to_be_visible()
    yield page
    context.close()
    assert not found


def test_from_the_record_to_the_mdt_view_and_what_is_folded_opens(mdt: Page) -> None:
    expect(mdt.get_by_role("heading", name="MDT view", exact=True)).to_be_visible()
    picture = mdt.get_by_role("img", name="Timeline.")
    expect(picture).to_be_visible()
    folded = mdt.get_by_text("Sources and data").first
    folded.click()
    expect(mdt.locator(".om .mdt details[open] .rule").first).to_be_visible()
    mdt.get_by_role("link", name="Record of this patient").click()
    mdt.wait_for_url("**/patient?patient=*")
    expect(mdt.get_by_role("heading", name="History")).to_be_visible()


def test_nothing_is_cut_off_sideways(mdt: Page) -> None:
    for width in (1280, 820, 420):
        mdt.set_viewport_size({"width": width, "height": 900})
        mdt.wait_for_timeout(200)
        inner, outer = mdt.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
        assert inner <= outer, width


def test_it_is_printed_on_one_sheet_of_a4_in_dark_ink(mdt: Page) -> None:
    mdt.emulate_media(media="print", color_scheme="dark")
    assert not mdt.get_by_label("Find a patient").is_visible()
    assert not mdt.get_by_role("link", name="Glossary").is_visible()
    assert not mdt.get_by_role("button", name="Record the meeting").is_visible()
    assert mdt.locator(".om .mdt h2").is_visible()
    color = mdt.locator(".om .mdt h2").evaluate("element => getComputedStyle(element).color")
    assert max(int(part) for part in re.findall(r"\d+", color)[:3]) < 90
    printed = mdt.pdf(format="A4", print_background=True, prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_meeting_is_recorded_at_the_meeting(mdt: Page, server: Served) -> None:
    mdt.get_by_role("button", name="Record the meeting").click()
    expect(mdt.get_by_role("heading", name="Record the meeting")).to_be_visible()
    mdt.get_by_role("combobox", name="Goal").fill("pall")
    mdt.get_by_role("combobox", name="Goal").press("Enter")
    settle(mdt)
    mdt.get_by_role("textbox", name="Recommendation").fill("Best supportive care, at the wish of the patient")
    mdt.get_by_role("textbox", name="Recommendation").press("Tab")
    settle(mdt)
    mdt.get_by_role("button", name="Save", exact=True).click()
    expect(mdt.get_by_text("MDT meetings: saved.")).to_be_visible(timeout=20_000)
    mdt.get_by_role("button", name="Close", exact=True).click()
    expect(mdt.get_by_role("heading", name="Record the meeting")).to_have_count(0)
    with sqlite3.connect(f"file:{server.home / 'oligomet.db'}?mode=ro", uri=True) as connection:
        query = "SELECT goal, patient_id FROM mdt_meeting WHERE recommendation LIKE 'Best supportive care, at%'"
        assert connection.execute(query).fetchall() == [("palliative", _several_episodes(server))]
        last = connection.execute("SELECT written_by, source FROM revision WHERE event IS NULL ORDER BY number DESC")
        assert last.fetchone() == ("clinician", "dashboard")
