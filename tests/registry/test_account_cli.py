"""The commands of accounts, as somebody types them."""

from __future__ import annotations

import json

import argon2
import pytest
from sqlalchemy.engine import Engine
from typer.testing import CliRunner, Result

from dashboard.cli import app
from registry import actions, audit, passwords
from registry.database import reading
from registry.errors import InputRefused, UsageError
from registry.sessions import Limits
from registry.sign_in import Attempt, SignInRefused, sign_in
from tests.registry.rows import ENTRY, row

PASSWORD = "a walk along the river"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def _run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, ["user", *arguments], input=typed)


def _done(*arguments: str, typed: str | None = None) -> Result:
    done = _run(*arguments, typed=typed)
    assert done.exit_code == 0, done.output
    return done


def test_the_first_administrator_and_the_others(sqlite_engine: Engine) -> None:
    assert "user add NAME --role administrator" in _done("list").stderr
    assert json.loads(_done("list", "--json").stdout) == []
    _done("add", "Chief", "--role", "administrator", "--password-stdin", typed=PASSWORD + "\n")
    actions.save(sqlite_engine, "center", row("center"), by=ENTRY, reason=None, seen_version=0)
    _done("add", "mona", "--role", "data_manager", "--center", "A", "--password-stdin", typed=PASSWORD + "\r\n")
    _done("add", "otto", "--role", "clinician", "--subject", "sub-otto")
    found = json.loads(_done("list", "--json").stdout)
    assert [(item["name"], item["role"], item["center_id"], item["subject"]) for item in found] == [
        ("chief", "administrator", None, None),
        ("mona", "data manager", "A", None),
        ("otto", "clinician", None, "sub-otto"),
    ]
    assert PASSWORD not in _done("list").stderr
    assert "argon2" not in _done("list", "--json").stdout


def test_an_account_is_changed_and_signed_out(sqlite_engine: Engine) -> None:
    for name in ("chief", "anna"):
        _done("add", name, "--role", "administrator", "--password-stdin", typed=PASSWORD)

    def enters(password: str) -> bool:
        try:
            return bool(sign_in(sqlite_engine, Attempt("anna", password, "10.0.0.1"), Limits()))
        except SignInRefused:
            return False

    assert enters(PASSWORD)
    assert "1 session of anna ended" in _done("sign-out", "anna").stderr
    _done("password", "anna", "--password-stdin", typed="quite another sentence\n")
    assert not enters(PASSWORD)
    assert enters("quite another sentence")
    _done("disable", "anna")
    assert not enters("quite another sentence")
    _done("enable", "anna")
    _done("role", "anna", "auditor")
    _done("subject", "anna", "sub-1")
    found = json.loads(_done("list", "--json").stdout)[0]
    assert (found["name"], found["role"], found["subject"], found["sessions"]) == ("anna", "auditor", "sub-1", 0)
    with reading(sqlite_engine) as connection:
        assert [entry.reason for entry in audit.log(connection) if entry.written_by.endswith("(command line)")] == [
            "account made",
            "account made",
            "signed out everywhere (1)",
            "password set",
            "account disabled",
            "account enabled",
            "role changed",
            "subject of the provider changed",
        ]


def test_a_password_is_never_an_argument(sqlite_engine: Engine) -> None:
    assert _run("add", "anna", "--role", "auditor", "--password", PASSWORD).exit_code == 2
    asked = _run("add", "anna", "--role", "auditor")
    assert isinstance(asked.exception, InputRefused)
    assert "--password-stdin" in asked.exception.remedy


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("add", "anna", "--role", "king", "--password-stdin"), UsageError),
        (("add", "anna", "--role", "data manager", "--password-stdin"), InputRefused),
        (("add", "anna", "--role", "clinician", "--center", "Z", "--password-stdin"), InputRefused),
        (("disable", "nobody"), InputRefused),
        (("role", "nobody", "auditor"), InputRefused),
        (("sign-out", "nobody"), InputRefused),
    ],
)
def test_what_cannot_be_is_refused(sqlite_engine: Engine, arguments: tuple[str, ...], error: type[Exception]) -> None:
    refused = _run(*arguments, typed=PASSWORD)
    assert isinstance(refused.exception, error)
    assert json.loads(_done("list", "--json").stdout) == []


def test_an_export_is_in_the_trail(sqlite_engine: Engine, tmp_path: object) -> None:
    done = CliRunner().invoke(app, ["export", f"{tmp_path}/out", "--deidentify"])
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(app, ["audit", "log", "--json"])
    (entry,) = json.loads(shown.stdout)
    assert entry["event"] == "export"
    assert entry["owner"] == "all records, csv, de-identified"
    assert entry["written_by"].endswith("(command line)")
