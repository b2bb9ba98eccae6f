"""The dashboard served by its command, and the browser that looks at it: for tests and for screenshots."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Served:
    """A running dashboard.

    Attributes:
        address: where it listens.
        home: the home of its registry.
        log: what the command printed.
        cookie: of an administrator's session; "" where nobody is signed in.
    """

    address: str
    home: Path
    log: Path
    cookie: str = ""

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


def oligomet(*arguments: str) -> list[str]:
    """The command with arguments, run by the Python of the tests."""
    return [sys.executable, "-c", "from dashboard.cli import main; main()", *arguments]


def environment(home: Path) -> dict[str, str]:
    """The environment of a command: no other registry than that of a home."""
    kept = {name: value for name, value in os.environ.items() if name != "OLIGOMET_DATABASE_URL"}
    return {**kept, "OLIGOMET_HOME": str(home)}


@contextlib.contextmanager
def served(home: Path, cookie: str = "", port: int = 0) -> Iterator[Served]:
    """Serves the registry of a home on a port (0: a free one) for as long as the block runs."""
    log = home / "serve.log"
    with log.open("wb") as written:
        command = oligomet("serve", "--port", str(port))
        process = subprocess.Popen(command, env=environment(home), stdout=written, stderr=written)
    try:
        address = _address(process, log)
        yield Served(address, home, log, cookie)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8"))
        if found:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{found[0]}/healthz", timeout=5):
                return found[0]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the dashboard does not answer: {log.read_text(encoding='utf-8')}")


def settle(page: Page) -> None:
    """Waits until the page was drawn and no run of it is under way."""
    page.wait_for_selector(f"{IDLE} .om .strip")
    page.wait_for_timeout(150)
    page.wait_for_selector(IDLE)
