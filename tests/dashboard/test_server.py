"""The served dashboard over HTTP: its health, its headers, and whom it refuses."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import server as ours
from dashboard.guard import content_security_policy
from registry.errors import EnvironmentRefused
from tests.dashboard.serving import Served, environment, oligomet, served


def _ask(
    server: Served, path: str, method: str = "GET", host: str | None = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host if host is not None else f"127.0.0.1:{server.port}")
    connection.putheader("Cookie", server.cookie)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = b"" if answer.status == 101 else answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


def test_it_says_that_it_is_healthy(server: Served) -> None:
    status, _, body = _ask(server, "/healthz")
    assert status == 200
    assert json.loads(body)["status"] == "ok"


@pytest.mark.parametrize(
    "path", ["/", "/patient?patient=P1", "/healthz", "/favicon.png", "/_stcore/host-config", "/media/x"]
)
def test_every_answer_has_the_headers_and_is_not_kept(server: Served, path: str) -> None:
    _, headers, _ = _ask(server, path)
    assert headers["content-security-policy"] == content_security_policy()
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "uvicorn" not in headers.get("server", "")


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    policy = content_security_policy()
    assert "http:" not in policy
    assert "https:" not in policy
    assert "*" not in policy
    script = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in script
    assert "sha256-" in script


def test_files_named_by_their_content_may_be_kept(server: Served) -> None:
    _, _, page = _ask(server, "/")
    script = page.decode().partition('src=".')[2].partition('"')[0]
    status, headers, _ = _ask(server, script)
    assert status == 200
    assert "immutable" in headers["cache-control"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "", "a@localhost", "["]
)
def test_another_name_is_refused(server: Served, host: str) -> None:
    for path in ("/", "/healthz", "/_stcore/host-config"):
        status, _, body = _ask(server, path, host=host)
        assert status in (400, 421)
        assert b"Streamlit" not in body


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_computer_is_answered_by_each_of_its_names(server: Served, host: str) -> None:
    assert _ask(server, "/healthz", host=f"{host}:{server.port}")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/_stcore/metrics",
        "/_stcore/agent/openapi.json",
        "/_stcore/agent/mcp",
        "/_stcore/script-health-check",
        "/component/x/index.html",
        "/auth/login",
        "/auth/logout",
        "/oauth2callback",
    ],
)
def test_doors_that_no_page_uses_are_closed(server: Served, path: str) -> None:
    assert _ask(server, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_is_sent_to_the_server(server: Served, method: str) -> None:
    assert _ask(server, "/", method)[0] == 405


def _handshake(server: Served, **headers: str) -> int:
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    host = headers.pop("host", None)
    return _ask(server, "/_stcore/stream", host=host, **asked, **headers)[0]


def test_a_session_is_opened_by_our_own_pages_only(server: Served) -> None:
    own = f"127.0.0.1:{server.port}"
    assert _handshake(server, Origin=f"http://{own}") == 101
    assert _handshake(server, Origin="http://evil.example") == 403
    assert _handshake(server, Origin="http://127.0.0.1:1") == 403
    assert _handshake(server, host="evil.example", Origin="http://evil.example") == 403


def test_it_says_that_the_registry_is_gone(server: Served) -> None:
    database, aside = server.home / "oligomet.db", server.home / "aside.db"
    database.rename(aside)
    try:
        status, _, body = _ask(server, "/healthz")
    finally:
        aside.rename(database)
    assert status == 503
    assert json.loads(body)["status"] == "unavailable"
    assert str(server.home) not in body.decode()
    assert _ask(server, "/healthz")[0] == 200


def test_it_says_whom_it_answers(server: Served) -> None:
    assert "this computer only" in server.log.read_text(encoding="utf-8")


def test_only_this_computer_is_listened_to() -> None:
    with ours.listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_a_busy_port_is_passed_over_where_none_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with ours.listen(0) as busy:
        monkeypatch.setattr(ours, "PORT", busy.getsockname()[1])
        with ours.listen(None) as next_one:
            assert next_one.getsockname()[1] != ours.PORT


def test_without_a_registry_it_is_not_served(tmp_path: Path) -> None:
    run = subprocess.run(oligomet("serve"), env=environment(tmp_path), capture_output=True, text=True, timeout=60)
    assert run.returncode == 3
    assert "oligomet init" in run.stderr
    assert not list(tmp_path.iterdir())


def test_without_an_account_the_network_is_not_answered(simulated: Path, tmp_path: Path) -> None:
    shutil.copy(simulated, tmp_path / "oligomet.db")
    command = oligomet("serve", "--host", "0.0.0.0", "--port", "0")
    run = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=60)
    assert run.returncode == 3
    assert "user add NAME --role administrator" in run.stderr


def test_without_an_account_the_page_and_the_terminal_say_how_to_make_one(simulated: Path, tmp_path: Path) -> None:
    shutil.copy(simulated, tmp_path / "oligomet.db")
    with served(tmp_path) as running:
        status, _, body = _ask(running, "/signin")
    assert status == 200
    assert "oligomet user add NAME --role administrator" in body.decode()
    assert "<form" not in body.decode()
    assert "user add NAME --role administrator" in running.log.read_text(encoding="utf-8")


def test_a_taken_port_is_said(server: Served) -> None:
    with pytest.raises(EnvironmentRefused, match="--port"):
        ours.listen(server.port)


def test_options_hold_whatever_a_file_or_the_environment_says(tmp_path: Path) -> None:
    (tmp_path / ".streamlit").mkdir()
    config = "[client]\nshowErrorDetails='full'\n[browser]\ngatherUsageStats=true\n[server]\nenableAgentApi=true\n"
    (tmp_path / ".streamlit" / "config.toml").write_text(config)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from streamlit import config\n"
        "from dashboard import options\n"
        "options.apply()\n"
        "assert not config.get_option('server.enableAgentApi')\n"
        "assert not config.get_option('browser.gatherUsageStats')\n"
        "assert config.get_option('client.showErrorDetails') == 'none'\n"
        "assert not config.get_option('runner.postScriptGC')\n"
    )
    hostile = {"STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full", "STREAMLIT_RUNNER_POST_SCRIPT_GC": "true"}
    root = str(Path(ours.__file__).parent.parent)
    run = subprocess.run(
        [sys.executable, "-c", code, root],
        env={**os.environ, **hostile},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
