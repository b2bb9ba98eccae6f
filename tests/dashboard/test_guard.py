"""The guard behind a proxy and without one: names, https, addresses, cookies; and the settings that say which."""

from __future__ import annotations

import asyncio
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from dashboard import cookies
from dashboard.client import Client, client_of
from dashboard.guard import Guard
from dashboard.settings import FILE, Settings, read_settings
from dashboard.who import IDENTITY
from registry import sessions
from registry.access import Role
from registry.errors import EnvironmentRefused
from tests.dashboard.signing import token

NAME = "registry.hospital.example"
PROXIED = f'[server]\nnames = ["{NAME}"]\ntrusted_proxies = ["10.0.0.0/24", "::1"]\n'


def _settings(home: Path, text: str) -> Settings:
    home.mkdir(exist_ok=True)
    (home / FILE).write_text(text, encoding="utf-8")
    return read_settings()


def _scope(path: str = "/", *, peer: str = "10.0.0.7", host: str = NAME, **headers: str) -> dict[str, Any]:
    sent = {"host": host, **{name.replace("_", "-").lower(): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    basic = {"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": b"", "root_path": ""}
    return {**basic, "headers": raw, "client": (peer, 1234)}


def _ask(scope: dict[str, Any]) -> tuple[int, dict[str, str], str]:
    """What the guard answers in front of an app that says which session it was told."""

    async def behind(scope: Any, receive: Any, send: Any) -> None:
        told = Request(scope).headers.getlist(IDENTITY)
        await PlainTextResponse(f"told: {told}")(scope, receive, send)

    said: list[dict[str, Any]] = []

    async def run() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await Guard(behind)(scope, receive, send)

    with ThreadPoolExecutor(1) as elsewhere:  # a browser of other tests may have a loop in this thread
        elsewhere.submit(lambda: asyncio.run(run())).result()
    headers = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], headers, b"".join(message.get("body", b"") for message in said[1:]).decode()


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("203.0.113.5", {}, Client("203.0.113.5", False)),
        ("203.0.113.5", {"X_Forwarded_For": "1.2.3.4", "X_Forwarded_Proto": "https"}, Client("203.0.113.5", False)),
        ("10.0.0.7", {"X_Forwarded_For": "1.2.3.4", "X_Forwarded_Proto": "https"}, Client("1.2.3.4", True)),
        ("10.0.0.7", {"X_Forwarded_For": "6.6.6.6, 1.2.3.4, 10.0.0.9"}, Client("1.2.3.4", False)),
        ("10.0.0.7", {"X_Forwarded_Proto": "http"}, Client("10.0.0.7", False)),
        ("10.0.0.7", {}, Client("10.0.0.7", False)),
        ("::1", {"X_Forwarded_For": "2001:db8::5", "X_Forwarded_Proto": "https"}, Client("2001:db8::5", True)),
        ("unix", {"X_Forwarded_For": "1.2.3.4"}, Client("unix", False)),
    ],
)
def test_forwarded_headers_are_believed_of_a_trusted_proxy_only(
    own_home: Path, peer: str, headers: dict[str, str], expected: Client
) -> None:
    assert client_of(_scope(peer=peer, **headers), _settings(own_home, PROXIED)) == expected


def test_under_https_cookies_are_bound_to_host_and_https(registry: Engine, own_home: Path) -> None:
    settings = _settings(own_home, PROXIED)
    value = token(registry, Role.AUDITOR)
    registry.dispose()
    https = {"X_Forwarded_Proto": "https", "Accept": "*/*"}
    name = f"__Host-{cookies.SESSION}"
    status, headers, body = _ask(_scope(cookie=f"{name}={value}", **https))
    assert (status, body) == (200, f"told: ['{sessions.reference(value)}']")
    assert headers["strict-transport-security"].startswith("max-age=")
    assert _ask(_scope(cookie=f"{cookies.SESSION}={value}", **https))[0] == 401  # a cookie that http could have set
    answer = PlainTextResponse("")
    cookies.set_cookie(answer, cookies.SESSION, "x", client_of(_scope(**https), settings), same_site="lax")
    assert answer.headers["set-cookie"] == f"{name}=x; HttpOnly; Path=/; SameSite=lax; Secure"
    status, headers, _ = _ask(_scope(peer="203.0.113.5", cookie=f"{cookies.SESSION}={value}", Accept="*/*"))
    assert status == 200
    assert "strict-transport-security" not in headers


def test_a_session_that_was_sent_by_name_is_dropped(registry: Engine, own_home: Path) -> None:
    _settings(own_home, PROXIED)
    chief, auditor = (token(registry, role) for role in (Role.ADMINISTRATOR, Role.AUDITOR))
    registry.dispose()
    scope = _scope(cookie=f"{cookies.SESSION}={auditor}", Accept="*/*")
    for name in (IDENTITY, IDENTITY.upper(), IDENTITY.replace("-", "_"), IDENTITY.title()):
        scope["headers"].append((name.encode(), sessions.reference(chief).encode()))
    status, _, body = _ask(scope)
    assert (status, body) == (200, f"told: ['{sessions.reference(auditor)}']")
    open_to_all = {**scope, "path": "/healthz", "headers": [*scope["headers"][3:], (b"host", NAME.encode())]}
    assert _ask(open_to_all)[2] == "told: []"


@pytest.mark.parametrize(
    ("host", "status"), [(NAME, 303), (f"{NAME}:443", 303), ("evil.example", 421), ("localhost", 303)]
)
def test_only_known_names_are_answered(own_home: Path, registry: Engine, host: str, status: int) -> None:
    _settings(own_home, PROXIED)
    assert _ask(_scope(host=host, accept="text/html"))[0] == status


def test_a_database_that_is_gone_lets_nobody_in(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", f"sqlite:///{own_home}/nowhere/at/all.db")
    _settings(own_home, PROXIED)
    status, _, body = _ask(_scope(cookie=f"{cookies.SESSION}={'A' * 43}", accept="*/*"))
    assert status == 503
    assert "sqlite" not in body.lower()


def test_settings_have_defaults_and_are_read(own_home: Path) -> None:
    assert read_settings() == Settings()
    said = _settings(own_home, PROXIED + "[sign_in]\nidle_minutes = 15\nsession_hours = 8.5\n")
    assert said.names == {NAME}
    assert said.limits.idle == dt.timedelta(minutes=15)
    assert said.limits.absolute == dt.timedelta(hours=8.5)
    assert said.trusts("10.0.0.255")
    assert not said.trusts("10.0.1.1")
    assert not said.trusts("nonsense")


OPENID = '[openid]\nclient_id = "x"\nclient_secret_file = "s"\n'


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        "[servers]\nnames = []",
        "[server]\nname = 'x'",
        "server = 3",
        "[server]\nnames = 'x'",
        "[server]\ntrusted_proxies = ['everybody']",
        "[sign_in]\nidle_minutes = 0",
        "[sign_in]\nidle_minutes = true",
        "[sign_in]\nsession_hours = 'long'",
        "[sign_in]\nsession_hours = nan",
        OPENID,
        OPENID + 'metadata = "http://provider.example"',
        OPENID + 'metadata = "file:///etc/passwd"',
    ],
)
def test_settings_that_cannot_be_are_refused(own_home: Path, text: str) -> None:
    with pytest.raises(EnvironmentRefused, match=r"settings\.toml") as refused:
        _settings(own_home, text)
    assert refused.value.remedy
