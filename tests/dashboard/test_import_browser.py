"""An import in Chromium: an error, the mended file, the patient's page; an export taken, and axe on both pages."""

from __future__ import annotations

import csv
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.access import Role
from registry.database import open_engine
from tests.dashboard import signing
from tests.dashboard.accessibility import rules, violations
from tests.dashboard.serving import IDLE, Served, served, settle
from tests.registry.rows import row

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def running(_sqlite_template: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The dashboard of a registry with one row of each table."""
    home = tmp_path_factory.mktemp("import")
    shutil.copy(_sqlite_template("filled"), home / "oligomet.db")
    with served(home) as server:
        yield server


@pytest.fixture
def manager(browser: Browser, running: Served) -> Iterator[Page]:
    """A data manager's page, whose errors are watched."""
    engine = open_engine(f"sqlite:///{running.home / 'oligomet.db'}")
    session = signing.token(engine, Role.DATA_MANAGER)
    engine.dispose()
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
    context.add_cookies([{"name": "oligomet", "value": session, "url": running.address}])
    page = context.new_page()
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective))"
    )
    page.on("console", lambda said: found.append(said.text) if "CSP" in said.text else None)
    yield page
    context.close()
    assert not found


def _file(rows: list[dict[str, str]]) -> dict[str, object]:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return {"name": "patient.csv", "mimeType": "text/csv", "buffer": text.getvalue().encode()}


def _check(page: Page, rows: list[dict[str, str]]) -> None:
    page.locator("input[type=file]").set_input_files(_file(rows))  # type: ignore[arg-type]
    button = page.get_by_role("button", name="Check the files")
    expect(button).to_be_enabled()
    button.click()


def _broken(page: Page, unavoidable: set[str]) -> set[str]:
    page.wait_for_selector(IDLE)
    return {one for one in violations(page) if not rules({one}) <= unavoidable}


def test_a_file_is_mended_written_and_seen_and_taken_out_again(
    manager: Page, running: Served, unavoidable: set[str], tmp_path: Path
) -> None:
    new = row("patient", patient_id="P2")
    manager.goto(f"{running.address}/import")
    settle(manager)
    _check(manager, [new | {"birth_date": "31/02/1950"}])
    expect(manager.get_by_role("row").filter(has_text="31/02/1950")).to_contain_text("Not a date.")
    assert not _broken(manager, unavoidable)
    with manager.expect_download() as download:
        manager.get_by_role("button", name="All errors as CSV").click()
    download.value.save_as(tmp_path / "errors.csv")
    (error,) = csv.DictReader((tmp_path / "errors.csv").read_text(encoding="utf-8").splitlines())
    assert (error["file"], error["line"], error["column"]) == ("patient.csv", "2", "birth_date")
    manager.get_by_role("button", name="Choose the mended file").click()
    expect(manager.get_by_role("button", name="Check the files")).to_be_visible()
    _check(manager, [new])
    expect(manager.get_by_role("button", name="Write 1 row")).to_be_visible()
    manager.reload()  # and the import is where it was
    settle(manager)
    assert not _broken(manager, unavoidable)
    manager.get_by_role("button", name="Write 1 row").dblclick()
    expect(manager.get_by_text("1 row written, 0 unchanged.")).to_be_visible()
    assert [path for path in (running.home / "work").rglob("*") if path.is_file()] == []
    manager.goto(f"{running.address}/patient?patient=P2")
    settle(manager)
    expect(manager.locator(".om .banner")).to_contain_text("P2")

    manager.goto(f"{running.address}/export")
    settle(manager)
    manager.get_by_role("button", name="Make the file").click()
    link = manager.get_by_role("link", name="Download")
    expect(link).to_be_visible()
    assert not _broken(manager, unavoidable)
    with manager.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "oligomet-A-csv.zip"
    download.value.save_as(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        patients = list(csv.DictReader(archive.read("patient.csv").decode().splitlines()))
    assert [patient["patient_id"] for patient in patients] == ["P1", "P2"]
