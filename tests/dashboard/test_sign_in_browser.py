"""Signing in and out in Chromium: by keyboard, with the way back to the page that was asked for, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.dashboard.serving import Served, settle
from tests.dashboard.signing import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def stranger(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that was never here."""
    opened = browser.new_context(viewport={"width": 1280, "height": 860})
    yield opened
    opened.close()


def _watched(context: BrowserContext) -> tuple[Page, list[str]]:
    page, found = context.new_page(), list[str]()
    page.on("pageerror", lambda error: found.append(f"error: {error}"))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.blockedURI))"
    )
    page.on("console", lambda said: found.append(said.text) if "CSP" in said.text else None)
    return page, found


def test_signing_in_by_keyboard_leads_to_the_page_that_was_asked_for_and_out_again(
    stranger: BrowserContext, server: Served
) -> None:
    page, found = _watched(stranger)
    page.goto(f"{server.address}/survival?by=sex")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("auditor")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("auditor")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/survival?by=sex")
    settle(page)
    expect(page.locator(".om .who")).to_contain_text("auditor")
    page.get_by_role("link", name="auditor").click()
    expect(page.get_by_role("heading", name="auditor")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("signed out")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{server.address}/survival")
    expect(page.get_by_label("Password")).to_be_visible()
    assert not found


def test_an_open_page_shows_nothing_more_after_signing_out_elsewhere(stranger: BrowserContext, server: Served) -> None:
    page, found = _watched(stranger)
    page.goto(f"{server.address}/patient")
    page.get_by_label("Name").fill("auditor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    settle(page)
    other = stranger.new_page()
    other.goto(f"{server.address}/account")
    other.get_by_role("button", name="Sign out everywhere", exact=True).click()
    expect(other.get_by_role("status")).to_contain_text("signed out")
    page.wait_for_timeout(2500)  # as long as an answer of the database may be old
    page.get_by_label("Find a patient").fill("C0")
    page.get_by_label("Find a patient").press("Enter")
    expect(page.get_by_text("You are not signed in")).to_be_visible()
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_sign_in_page_has_no_barrier(browser: Browser, server: Served, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{server.address}/signin")
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Name").fill("x")
    page.get_by_label("Password").fill("y")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = int(back.removeprefix("rgb(").split(",")[0]) > 127
    assert light == (scheme == "light")
    context.close()
