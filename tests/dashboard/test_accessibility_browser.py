"""Every page of the table in Chromium: axe finds no more than on an empty page, and nothing is cut off on a tablet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Error, Page

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


SEEN = [*(("light", address) for address in (*MORE, *ADDRESSES)), *(("dark", address) for address in MORE)]


@pytest.fixture(scope="module")
def pages(browser: Browser, server: Served) -> Iterator[dict[str, Page]]:
    """The administrator's page in each scheme: one for all tests, since a new one reads Streamlit's client anew."""
    opened = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
        context.add_cookies([session_cookie(server)])
        opened[scheme] = context.new_page()
    yield opened
    for page in opened.values():
        page.context.close()


@pytest.mark.parametrize(("scheme", "address"), SEEN)
def test_a_page_is_for_everyone(
    pages: dict[str, Page], server: Served, unavoidable: set[str], scheme: str, address: str
) -> None:
    page, errors = pages[scheme], list[str]()

    def watch(error: Error) -> None:
        errors.append(str(error))

    page.on("pageerror", watch)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{server.address}/{address}")
    settle(page)
    found = {one for one in violations(page) if not rules({one}) <= unavoidable}
    page.set_viewport_size({"width": 820, "height": 1000})
    page.wait_for_timeout(100)
    inner, outer = page.get_by_test_id("stMain").evaluate("main => [main.scrollWidth, main.clientWidth]")
    page.remove_listener("pageerror", watch)
    assert not found
    assert inner <= outer
    assert not errors
