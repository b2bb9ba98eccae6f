"""A walk through the pages in Chromium: what a viewer does, without an error, a violation or a call to elsewhere."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.dashboard.serving import Served, settle
from tests.dashboard.signing import session_cookie

pytestmark = pytest.mark.browser

# Opened at the address of a page, Streamlit's client first asks whether the server lives under that path.
PROBES = ("/_stcore/health", "/_stcore/host-config")


@pytest.fixture(scope="module")
def context(browser: Browser, server: Served) -> Iterator[BrowserContext]:
    """One viewer."""
    opened = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    opened.add_cookies([session_cookie(server)])
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext, server: Served) -> Iterator[Page]:
    """A page whose console, errors and requests are watched."""
    opened = context.new_page()
    found: list[str] = []
    opened.on("pageerror", lambda error: found.append(f"error: {error}"))
    opened.on("console", lambda said: found.append(f"console: {said.text}") if _matters(said) else None)
    opened.on("request", lambda asked: found.append(f"request: {asked.url}") if _foreign(asked.url, server) else None)
    opened.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"
    )
    yield opened
    opened.close()
    assert not found


def _matters(said: object) -> bool:
    kind, url = said.type, said.location.get("url", "")  # type: ignore[attr-defined]
    return kind in ("error", "warning") and not url.endswith(PROBES)


def _foreign(url: str, server: Served) -> bool:
    own = (server.address, server.address.replace("http:", "ws:"), "data:", "blob:")
    return not url.startswith(own)


def _some_patient(server: Served) -> str:
    with sqlite3.connect(f"file:{server.home / 'oligomet.db'}?mode=ro", uri=True) as connection:
        return str(connection.execute("SELECT min(patient_id) FROM patient").fetchone()[0])


def test_from_a_wrong_address_to_a_row_of_the_list(page: Page, server: Served) -> None:
    # The first page of all: nobody opened the table of pages before, and yet the strip is there.
    page.goto(f"{server.address}/patient?patient=nobody")
    settle(page)
    expect(page.get_by_text("There is no patient")).to_be_visible()
    page.get_by_role("button", name="All patients").click()
    grid = page.get_by_test_id("stDataFrame")
    expect(grid).to_be_visible()
    page.wait_for_timeout(500)  # the grid draws itself on a canvas, after its place is there
    box = grid.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + 52)  # the first row, below the header
    expect(page.locator(".om .banner")).to_contain_text(_some_patient(server))


def test_from_the_overview_to_a_record_and_back(page: Page, server: Served) -> None:
    page.goto(server.address)
    settle(page)
    expect(page.get_by_role("heading", name="The registry at a glance")).to_be_visible()
    expect(page.get_by_role("columnheader", name="Lung metastases")).to_be_visible()
    page.get_by_role("link", name="Patients").click()
    expect(page.get_by_label("Find a patient")).to_be_visible()
    wanted = _some_patient(server)
    page.get_by_label("Find a patient").fill(wanted)
    page.get_by_label("Find a patient").press("Enter")
    expect(page.locator(".om .banner")).to_contain_text(wanted)
    page.wait_for_url(f"**/patient?patient={wanted}")
    picture = page.get_by_role("img", name="Timeline.")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth > 0")
    page.get_by_text("Read all", exact=True).click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.get_by_role("button", name="All patients").click()
    expect(page.locator(".om .banner")).to_have_count(0)


def test_survival_by_a_factor_is_seen_shared_and_taken_away(page: Page, server: Served, tmp_path: Path) -> None:
    page.goto(f"{server.address}/survival")
    settle(page)
    figure = page.get_by_role("img", name="Kaplan-Meier curves")
    expect(figure).to_be_visible()
    assert _shade(figure) > 200
    factor = page.get_by_role("combobox", name="Factor")
    factor.click()
    factor.fill("High CEA")
    factor.press("Enter")
    expect(page.get_by_role("img", name="CEA >")).to_be_visible()
    page.wait_for_url("**/survival?by=high_cea")
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of the curves").click()
    assert download.value.suggested_filename.startswith("os-lung_resection-high_cea-")
    path = tmp_path / "curves.csv"
    download.value.save_as(path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {row["words"] for row in rows} == {"CEA ≤ 5 ng/ml", "CEA > 5 ng/ml"}
    assert "patient_id" not in rows[0]
    for name in ("SVG", "PNG", "PDF"):
        with page.expect_download() as download:
            page.get_by_role("button", name=name, exact=True).click()
        assert download.value.suggested_filename.endswith(f".{name.lower()}")
    page.reload()
    settle(page)
    expect(page.get_by_role("img", name="CEA >")).to_be_visible()


def test_patients_chosen_in_the_address_are_analyzed_taken_away_and_go_along(
    page: Page, server: Served, tmp_path: Path
) -> None:
    page.goto(f"{server.address}/survival?origin=lung_diagnosis&sex=male")
    settle(page)
    expect(page.get_by_text("Only: sex male.")).to_be_visible()
    counted = page.locator(".om .card", has_text="Patients").locator(".value").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV of the curves").click()
    assert download.value.suggested_filename.startswith("os-lung_diagnosis-1-filter-")
    path = tmp_path / "curves.csv"
    download.value.save_as(path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert sum(int(row["events"]) + int(row["censored"]) for row in rows) == int(counted)
    page.get_by_role("button", name="Outcomes").click()
    page.get_by_role("menuitem", name="Competing risks").click()  # the navigation names no patients
    page.wait_for_url("**/competing?sex=male")
    expect(page.get_by_text("Only: sex male.")).to_be_visible()
    expect(page.get_by_role("img", name="Cumulative incidence")).to_be_visible()


def test_figures_are_dark_where_the_browser_is(page: Page, server: Served) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{server.address}/survival")
    settle(page)
    page.wait_for_timeout(300)
    assert _shade(page.get_by_role("img", name="Kaplan-Meier curves")) < 60


def _shade(image: Locator) -> int:
    """How light the corner of a picture is, from 0 to 255."""
    expect(image).to_be_visible()
    script = """image => {
      const canvas = document.createElement('canvas'), pen = canvas.getContext('2d');
      pen.drawImage(image, 0, 0);
      return pen.getImageData(0, 0, 1, 1).data[0];
    }"""
    return int(image.evaluate(script))
