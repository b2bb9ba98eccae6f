"""The export page and its route: each role takes what it may, asked again each time, with an entry in the trail."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from dashboard import exporting, trail, who, workplace
from dashboard.cookies import SESSION
from dashboard.guard import Guard
from registry import actions, audit, sessions
from registry.access import Role
from registry.account_tables import Account
from registry.database import reading, writing
from registry.errors import EnvironmentRefused, PermissionRefused
from tests.dashboard.asking import Told, asked
from tests.dashboard.pages import SCRIPT, html, messages
from tests.dashboard.signing import token
from tests.registry.rows import ENTRY, row

APP = Guard(Starlette(routes=exporting.routes()))


@pytest.fixture
def two(small: Engine) -> Engine:
    """A registry with a patient of A and one of B."""
    for name, cells in (
        ("center", row("center", center_id="B", name="Beta")),
        ("patient", row("patient", patient_id="Q1", center_id="B")),
    ):
        actions.save(small, name, cells, by=ENTRY, reason=None, seen_version=0)
    return small


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No export of one test is that of another."""
    yield
    for found in list(exporting._open.values()):
        found.give_up()
    exporting._open.clear()


class Somebody:
    """Somebody who has signed in, with the page and the browser's cookie.

    Args:
        engine: the registry.
        role: of the account.
        center: of the account; None for all.
    """

    def __init__(self, engine: Engine, role: Role, center: str | None = None) -> None:
        value = token(engine, role, center=center)
        engine.dispose()
        self.cookie, self.reference = f"{SESSION}={value}", sessions.reference(value)
        self.page = AppTest.from_file(str(SCRIPT), default_timeout=30)
        self.page.user = {who.USER_KEY: self.reference}
        self.page.switch_page("../pages/export.py")
        self.page.run()

    def make(self, format: str = "csv", what: str = "whole") -> str:
        """Makes a file; returns its address."""
        if self.page.segmented_control(key="export-what").options != ["De-identified records"]:
            self.page.segmented_control(key="export-what").set_value(what)
        self.page.segmented_control(key="export-format").set_value(format).run()
        self.page.button(key="export-make").click().run()
        assert not self.page.exception
        return self.address()

    def address(self) -> str:
        found = re.search(r'href="(/export/file[^"]+)"', html(self.page))
        assert found is not None, messages(self.page)
        return unescape(found[1])

    def take(self, address: str, **headers: str) -> Told:
        return asked(APP, address, cookie=self.cookie, **headers)


def exports(engine: Engine) -> list[tuple[str, str, str]]:
    """Who took what and how, as the trail says."""
    trail.settle()
    with reading(engine) as connection:
        found = [entry for entry in audit.log(connection) if entry.event == audit.Event.EXPORT]
    return [(entry.written_by, entry.owner, entry.reason) for entry in found]


def words(content: bytes) -> str:
    """All that stands in the files of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("format", ["csv", "xlsx", "parquet", "redcap", "fhir"])
def test_a_data_manager_takes_the_own_center_and_the_trail_says_so(two: Engine, format: str) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    told = manager.take(manager.make(format))
    assert told.status == 200
    name = f"oligomet-A-{format}.{'xlsx' if format == 'xlsx' else 'zip'}"
    assert told.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert told.headers["cache-control"] == "no-store"
    assert told.headers["x-content-type-options"] == "nosniff"
    assert zipfile.is_zipfile(io.BytesIO(told.body))
    if format in ("csv", "redcap", "fhir"):
        assert "P1" in words(told.body)
        assert "Q1" not in words(told.body)
    assert exports(two) == [
        ("data-manager-a", f"records of A, {format}", "export"),
        ("data-manager-a", name, "file taken"),
    ]
    manager.take(manager.address())
    assert len(exports(two)) == 3


def test_a_researcher_takes_de_identified_records_only(two: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    researcher = Somebody(two, Role.RESEARCHER)
    assert researcher.page.segmented_control(key="export-what").options == ["De-identified records"]
    text = words(researcher.take(researcher.make()).body)
    for identifying in ("P1", "Q1", "1950-05-01", "Alpha", "slow; =1+1"):
        assert identifying not in text
    assert "age_at_enrollment_years" in text
    # As one who forged the state of the page would have it done:
    monkeypatch.setattr(exporting, "session", lambda: who.again(researcher.reference))
    with pytest.raises(PermissionRefused):
        exporting.make("csv", False)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.AUDITOR])
def test_who_may_not_export_has_no_page_and_no_route(two: Engine, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    address = manager.make()
    other = Somebody(two, role)
    assert "export-make" not in [button.key for button in other.page.button]
    monkeypatch.setattr(exporting, "session", lambda: who.again(other.reference))
    for deidentify in (True, False):
        with pytest.raises(PermissionRefused):
            exporting.make("csv", deidentify)
    assert other.take(address).status == 404
    assert len(exports(two)) == 1


def test_the_route_answers_its_own_session_only(two: Engine) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    address = manager.make()
    assert asked(APP, address).status == 401
    assert asked(APP, address, cookie=f"{SESSION}={'A' * 43}").status == 401
    assert asked(APP, address, cookie=manager.cookie, **{who.IDENTITY: "x"}).status == 200
    assert asked(APP, address, **{who.IDENTITY: manager.reference}).status == 401
    for other in (
        Somebody(two, Role.DATA_MANAGER, "B"),
        Somebody(two, Role.ADMINISTRATOR),
        Somebody(two, Role.DATA_MANAGER, "A"),  # the same account, another session
    ):
        assert other.take(address).status == 404
        other.make()
        assert other.take(address).status == 404
    assert ("data-manager-b", "oligomet-A-csv.zip", "file taken") not in exports(two)


@pytest.mark.parametrize(
    "address",
    [
        "/export/file",
        "/export/file?token=",
        "/export/file?token=" + "0" * 64,
        "/export/file?token=%00",
        "/export/file/../file?token=x",
        "/export/../../etc/passwd",
        "/export/file?token=../../oligomet.db",
        "/export/file?name=../../oligomet.db",
    ],
)
def test_without_the_token_of_the_page_nothing_is_taken(two: Engine, address: str) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    manager.make()
    told = manager.take(address)  # as a foreign page would have it, with the session's cookie
    assert told.status == 404
    assert b"SQLite" not in told.body
    assert len(exports(two)) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_sent_to_the_route(two: Engine, method: str) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    assert asked(APP, manager.make(), method=method, cookie=manager.cookie).status == 405


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"disabled": True}, 401),
        ({"role": "auditor", "center_id": None}, 403),
        ({"center_id": "B"}, 403),
        ({"role": "researcher", "center_id": None}, 403),
    ],
)
def test_the_permission_is_asked_for_again_each_time(two: Engine, change: dict[str, object], status: int) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    address = manager.make()
    assert manager.take(address).status == 200
    with writing(two) as connection:
        connection.execute(sa.update(Account).where(Account.name == "data-manager-a").values(**change))
    who.forget()
    told = manager.take(address)
    assert told.status == status
    assert b"PK" not in told.body
    assert len(exports(two)) == 2


def test_nobody_takes_a_file_that_the_trail_cannot_hold(two: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Somebody(two, Role.DATA_MANAGER, "A")
    address = manager.make()

    def full(*_: object) -> None:
        raise EnvironmentRefused("The audit trail cannot be written")

    monkeypatch.setattr(trail, "_note", full)
    told = manager.take(address)
    assert told.status == 503
    assert b"PK" not in told.body


def test_a_file_is_gone_after_a_while_and_with_its_session(
    two: Engine, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def files() -> list[Path]:
        return [path for path in (own_home / "work").rglob("*") if path.is_file()]

    manager = Somebody(two, Role.DATA_MANAGER, "A")
    first = manager.make()
    second = manager.make("xlsx")
    assert [path.name for path in files()] == ["oligomet-A-xlsx.xlsx"]
    assert manager.take(first).status == 404
    exporting.end_left()
    assert manager.take(second).status == 200
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "KEPT_SECONDS", -1)
        exporting.end_left()
    assert files() == []
    assert manager.take(second).status == 404
    manager.make()
    with writing(two) as connection:
        sessions.sign_out(connection, manager.reference, source="test")
    who.forget()
    exporting.end_left()
    assert files() == []


def test_what_a_server_left_behind_is_removed_at_the_next_start(own_home: Path) -> None:
    old, new = workplace.new_folder(), workplace.new_folder()
    (old / "patient.csv").write_text("x")
    os.utime(old, (0, 0))
    workplace.remove_old()
    assert (old.exists(), new.exists()) == (False, True)
