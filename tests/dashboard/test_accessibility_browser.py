"""Every page of the table in Chromium: axe finds no more than on an empty page, and nothing is cut off on a tablet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from dashboard.app import PAGES
from tests.dashboard.accessibility import rules, violations
from tests.dashboard.serving import Served, settle
from tests.dashboard.signing import session_cookie

pytestmark = pytest.mark.browser

ADDRESSES = [page.file.removesuffix(".py") for page in PAGES[1:]]
MORE = [
    "",
    "survival?endpoint=recurrence&by=sex",
    "adherence?rule=MOL1&view=center",
    "cases?rule=IMG1",
    "centers?of=MOL1",
    "quality?form=episode",
]


@pytest.fixture(scope="module", params=["light", "dark"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Served) -> Iterator[Page]:
    """An administrator's page; its errors are watched."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=request.param)
    context.add_cookies([session_cookie(server)])
    opened = context.new_page()
    found: list[str] = []
    opened.on("pageerror", lambda error: found.append(str(error)))
    yield opened
    context.close()
    assert not found


@pytest.mark.parametrize("address", [*MORE, *ADDRESSES])
def test_a_page_is_for_everyone(page: Page, server: Served, unavoidable: set[str], address: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server.address}/{address}")
    settle(page)
    found = {one for one in violations(page) if not rules({one}) <= unavoidable}
    assert not found
    page.set_viewport_size({"width": 820, "height": 1000})
    page.wait_for_timeout(100)
    inner, outer = page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
    assert inner <= outer
