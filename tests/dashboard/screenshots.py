"""Remakes the pictures of the pages in docs/images: python -m tests.dashboard.screenshots [FOLDER]."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.engine import Engine

from registry import actions, drafts, store
from registry.access import Actor, Role
from registry.database import open_engine, writing
from registry.queries import MANUAL, QueryKey
from tests.dashboard.serving import CHROMIUM, FLAGS, Served, served, settle
from tests.dashboard.signing import account, token

FOLDER = Path(__file__).parent.parent.parent / "docs" / "images"
WIDTH, TALLEST = 1440, 1600
PATIENTS, SEED = 400, 1


def _demo(home: Path) -> Path:
    from dashboard.demo import make_registry

    os.environ["OLIGOMET_HOME"] = str(home)
    return make_registry(patients=PATIENTS, seed=SEED, progress=lambda share, what: None).folder


def _telling_patient(home: Path) -> str:
    """The patient with the most operations, who came back."""
    query = (
        "SELECT patient_id FROM local_treatment WHERE target = 'lung' AND patient_id IN "
        "(SELECT patient_id FROM episode WHERE record_no = 2) GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    with sqlite3.connect(home / "oligomet.db") as connection:
        return str(connection.execute(query).fetchone()[0])


def _watched_patient(home: Path) -> str:
    """The patient who reached no evidence of disease last and is alive."""
    query = (
        "SELECT patient_id FROM episode JOIN patient USING (patient_id) WHERE ned_on IS NOT NULL AND lung_involved "
        "AND vital_status = 'alive' ORDER BY ned_on DESC, 1 LIMIT 1"
    )
    with sqlite3.connect(home / "oligomet.db") as connection:
        return str(connection.execute(query).fetchone()[0])


def _center(home: Path, patient_id: str) -> str:
    with sqlite3.connect(home / "oligomet.db") as connection:
        query = "SELECT center_id FROM patient WHERE patient_id = ?"
        return str(connection.execute(query, (patient_id,)).fetchone()[0])


def _at_work(engine: Engine, patient_id: str, center: str) -> None:
    """A data manager in the middle of a form, with a question of an auditor to answer."""
    name = account(engine, Role.DATA_MANAGER, center=center)
    manager = Actor(name, Role.DATA_MANAGER, center)
    place = drafts.Place(patient_id, "episode", "1")
    typed = {"detected_on": "31/02/2016", "largest_mm": "3,3"}
    with writing(engine) as connection:
        stored = store.load(connection, "episode", [patient_id])
        began = {column: str(cells[0]) for column, cells in stored.columns.items()}
        version = int(stored.versions[0])
        drafts.keep(connection, place, typed, by=manager, began=began, version=version)
    key = QueryKey(patient_id, MANUAL, "episode", "1", "basis")
    question = "The report says cytology. Which is right?"
    actions.raise_query(engine, key, question, by=Actor("auditor", Role.AUDITOR))


def _shoot(browser: Browser, server: Served, address: str, target: Path, session: str) -> None:
    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, color_scheme="light")
    context.add_cookies([{"name": "oligomet", "value": session, "url": server.address}])
    page = context.new_page()
    page.goto(f"{server.address}{address}")
    settle(page)
    page.wait_for_timeout(700)
    height = page.get_by_test_id("stMain").evaluate("main => main.scrollHeight")
    page.set_viewport_size({"width": WIDTH, "height": min(height, TALLEST)})
    page.wait_for_timeout(400)
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(target, optimize=True)
    print(f"{target.name}: {target.stat().st_size // 1000} kB")
    context.close()


def _shoot_sign_in(browser: Browser, server: Served, target: Path) -> None:
    context = browser.new_context(viewport={"width": 900, "height": 760})
    page = context.new_page()
    page.goto(f"{server.address}/signin")
    page.wait_for_timeout(500)
    Image.open(BytesIO(page.screenshot())).convert("RGB").save(target, optimize=True)
    print(f"{target.name}: {target.stat().st_size // 1000} kB")
    context.close()


def main(folder: Path = FOLDER) -> None:
    """Fills a demo, serves it, and takes a picture of each page."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        home = _demo(Path(scratch))
        telling, watched = _telling_patient(home), _watched_patient(home)
        addresses = {
            Role.DATA_MANAGER: {
                "worklist": "/worklist",
                "record": f"/patient?patient={telling}&form=episode&row=1",
                "screening": "/screening",
                "import": "/import",
                "export": "/export",
                "double-entry": "/double_entry",
            },
            Role.CLINICIAN: {"mdt": f"/mdt?patient={watched}"},
            Role.RESEARCHER: {
                "cohort": "/cohort",
                "survival": "/survival?by=high_cea",
                "prognosis": "/prognosis",
                "competing": "/competing?by=sex",
                "benchmarks": "/benchmarks",
                "snapshots": "/snapshots",
            },
            Role.AUDITOR: {
                "adherence": "/adherence?rule=IMG1",
                "cases": "/cases?rule=MOL2&outcome=undetermined_numerator",
                "centers": "/centers?of=MOL1&center=C02",
                "trends": "/trends",
                "quality": "/quality",
                "trail": "/trail",
                "glossary": "/glossary",
            },
            Role.ADMINISTRATOR: {
                "overview": "/",
                "patient": f"/patient?patient={telling}&view=read",
                "accounts": "/accounts",
                "center-table": "/center_table",
                "readings": "/readings",
                "system": "/system",
            },
        }
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        engine = open_engine(f"sqlite:///{home / 'oligomet.db'}")
        center = _center(home, telling)
        centers = {Role.DATA_MANAGER: center, Role.CLINICIAN: _center(home, watched)}
        _at_work(engine, telling, center)
        sessions = {role: token(engine, role, center=centers.get(role)) for role in addresses}
        engine.dispose()
        with served(home) as server:
            _shoot_sign_in(browser, server, folder / "sign-in.png")
            for role, pages in addresses.items():
                for name, address in pages.items():
                    _shoot(browser, server, address, folder / f"{name}.png", sessions[role])
        browser.close()


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:2]))
