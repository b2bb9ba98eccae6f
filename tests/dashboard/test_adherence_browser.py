"""The auditor's way in Chromium: from all rules to one, to its cases, to a patient; and axe on each page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from registry.access import Role
from registry.database import open_engine
from tests.dashboard import signing
from tests.dashboard.serving import Served, settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def auditor(browser: Browser, server: Served) -> Iterator[Page]:
    """An auditor's page; its errors are watched."""
    engine = open_engine(f"sqlite:///{server.home / 'oligomet.db'}")
    session = signing.token(engine, Role.AUDITOR)
    engine.dispose()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": server.cookie.partition("=")[0], "value": session, "url": server.address}])
    page = context.new_page()
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    yield page
    context.close()
    assert not found


def _violations(page: Page) -> set[str]:
    """What axe finds in what the pages write themselves, and in Streamlit's parts between."""
    found = Axe().run(page, context="[data-testid='stMainBlockContainer']").response["violations"]
    return {f"{one['id']}: {node['target']}" for one in found for node in one["nodes"]}


def test_from_all_rules_to_a_patient(auditor: Page, server: Served) -> None:
    auditor.goto(f"{server.address}/adherence")
    settle(auditor)
    assert not _violations(auditor)
    auditor.get_by_role("link", name="IMG1 High-resolution chest CT").click()
    auditor.wait_for_url("**/adherence?rule=IMG1")
    settle(auditor)
    expect(auditor.get_by_role("img", name="Where the cases go: IMG1")).to_be_visible()
    assert not _violations(auditor)
    auditor.get_by_role("link", name="Non-adherent").click()
    auditor.wait_for_url("**/cases?rule=IMG1&outcome=non_adherent")
    settle(auditor)
    expect(auditor.get_by_text("numerator: high-resolution chest CT").first).to_be_visible()
    assert not _violations(auditor)
    case = auditor.locator(".om tbody th a").first
    patient = case.inner_text()
    case.click()
    auditor.wait_for_url(f"**/mdt?patient={patient}")
    settle(auditor)
    expect(auditor.locator(".om .banner")).to_contain_text(patient)
    auditor.go_back()
    settle(auditor)
    auditor.get_by_role("link", name=f"Record of {patient}").click()
    auditor.wait_for_url(f"**/patient?patient={patient}")


def test_from_a_case_to_a_query_thread_and_to_an_accepted_exception(auditor: Page, server: Served) -> None:
    auditor.goto(f"{server.address}/cases?rule=MOL2&outcome=non_adherent")
    settle(auditor)
    patient = auditor.locator(".om tbody th a").first.inner_text()
    auditor.get_by_label("Question to the center").fill("Was HER2 tested elsewhere?")
    auditor.get_by_role("button", name="Raise the data query").click()
    expect(auditor.get_by_text("The data query is raised")).to_be_visible()
    expect(auditor.get_by_label("Question to the center")).to_have_value("")
    auditor.get_by_role("link", name=f"Record of {patient}").click()
    auditor.wait_for_url(f"**/patient?patient={patient}")
    settle(auditor)
    expect(auditor.locator(".om .thread")).to_contain_text("Was HER2 tested elsewhere?")
    auditor.get_by_label("Your message").first.fill("The letter says yes")
    auditor.get_by_role("button", name="Close: the value is right").first.click()
    expect(auditor.get_by_text("Data query: Closed.")).to_be_visible()
    auditor.go_back()
    settle(auditor)
    auditor.get_by_role("button", name="Record the exception").click()
    expect(auditor.get_by_text("Consensus exceptions: recorded for episode")).to_be_visible()
    auditor.goto(f"{server.address}/cases?rule=MOL2&outcome=exception")
    settle(auditor)
    expect(auditor.get_by_role("link", name=patient, exact=True)).to_be_visible()


def test_the_trail_is_verified_with_its_progress(auditor: Page, server: Served) -> None:
    auditor.goto(f"{server.address}/trail")
    settle(auditor)
    auditor.get_by_role("button", name="Verify the trail").click()
    expect(auditor.get_by_text("The trail is whole")).to_be_visible(timeout=30_000)
    with auditor.expect_download() as download:
        auditor.get_by_role("button", name="CSV of all that was found").click()
    assert download.value.suggested_filename.startswith("trail-")
