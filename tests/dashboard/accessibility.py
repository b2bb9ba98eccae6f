"""What axe finds on a page, and on an empty page of Streamlit: that much no page of ours can help."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.dashboard.serving import IDLE, PATIENCE_SECONDS

OF_STREAMLIT = {"presentation-role-conflict": "stFileUploaderDropzone"}
"""What a part of Streamlit breaks wherever it stands (rule -> its part): a best practice, no criterion of WCAG."""


def violations(page: Page) -> set[str]:
    """Each rule that a page breaks, with the first places."""
    found = [(one, _ours(one)) for one in Axe().run(page).response["violations"]]
    return {f"{one['id']}: {one['help']} {[place[:160] for place in places[:3]]}" for one, places in found if places}


def _ours(broken: dict[str, Any]) -> list[str]:
    """Where a rule is broken by what a page of ours chose."""
    places = [str(node["html"]) for node in broken["nodes"]]
    part = OF_STREAMLIT.get(broken["id"])
    return [place for place in places if part is None or part not in place]


def rules(found: set[str]) -> set[str]:
    """The names of the rules that are broken."""
    return {one.partition(":")[0] for one in found}


def of_an_empty_page(browser: Browser, folder: Path) -> set[str]:
    """The rules that a page of Streamlit breaks which holds a title and nothing else."""
    (folder / "nothing.py").write_text("import streamlit as st\nst.title('Nothing')\n", encoding="utf-8")
    options = ["--server.headless=true", "--server.port=0", "--browser.gatherUsageStats=false"]
    command = [sys.executable, "-m", "streamlit", "run", "nothing.py", *options]
    log = folder / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(command, cwd=folder, stdout=written, stderr=written)
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{_port(log)}")
        page.wait_for_selector(f"{IDLE} h1")
        found = rules(violations(page))
        page.close()
    finally:
        process.terminate()
        process.wait(timeout=20)
    return found


def _port(log: Path) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = re.search(r"Local URL: http://localhost:(\d+)", log.read_text(encoding="utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"Streamlit does not answer: {log.read_text(encoding='utf-8')}")
