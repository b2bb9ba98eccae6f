"""Signing in through an identity provider, against a small one that can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import threading
import time
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from dashboard.cookies import SESSION
from dashboard.openid import COOKIE
from registry import accounts
from registry.access import Actor, Role
from registry.database import open_engine
from tests.dashboard.serving import Served, served
from tests.dashboard.signing import Answer, ask

CHIEF = Actor("chief", Role.ADMINISTRATOR)
SECRET = "the secret between us"


class Provider:
    """An identity provider.

    Attributes:
        lies: claims that it makes instead of the true ones; None leaves one away.
        subject: who signs in.
        key: with which it signs.
        asked: the forms that its token endpoint was sent.
    """

    def __init__(self) -> None:
        self.true_key = self.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
        self.subject, self.nonce, self.challenge = "sub-anna", "", ""
        self.lies: dict[str, Any] = {}
        self.asked: list[dict[str, str]] = []
        self.server = HTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._say(provider.metadata() if "openid-configuration" in self.path else provider.keys())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = dict(urllib.parse.parse_qsl(body)) | {"auth": self.headers.get("Authorization", "")}
                provider.asked.append(form)
                self._say({"access_token": "a", "token_type": "Bearer", "id_token": provider.token()})

            def _say(self, document: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None:
                return

        return Handler

    def metadata(self) -> dict[str, str]:
        found = {"issuer": self.address, "authorization_endpoint": f"{self.address}/authorize"}
        return found | {"token_endpoint": f"{self.address}/token", "jwks_uri": f"{self.address}/keys"}

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self.true_key]).as_dict(private=False))

    def token(self) -> str:
        claims = {"iss": self.address, "aud": "oligomet", "sub": self.subject, "nonce": self.nonce}
        claims |= {"exp": int(time.time()) + 60, "iat": int(time.time())} | self.lies
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": "one"}, kept, self.key)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(autouse=True)
def _honest(provider: Provider) -> None:
    provider.lies, provider.subject, provider.key = {}, "sub-anna", provider.true_key
    provider.asked.clear()


@pytest.fixture(scope="module")
def joined(simulated: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard that knows the provider."""
    home = tmp_path_factory.mktemp("joined")
    shutil.copy(simulated, home / "oligomet.db")
    (home / "provider-secret").write_text(SECRET + "\n")
    (home / "settings.toml").write_text(
        f'[openid]\ntitle = "St. Mary\'s"\nmetadata = "{provider.address}/.well-known/openid-configuration"\n'
        'client_id = "oligomet"\nclient_secret_file = "provider-secret"\n'
    )
    engine = open_engine(f"sqlite:///{home / 'oligomet.db'}")
    accounts.add(engine, "anna", role=Role.AUDITOR, subject="sub-anna", by=CHIEF)
    accounts.add(engine, "closed", role=Role.AUDITOR, subject="sub-closed", by=CHIEF)
    accounts.disable(engine, "closed", by=CHIEF)
    engine.dispose()
    with served(home) as running:
        yield running


def _begin(joined: Served, provider: Provider) -> tuple[str, str]:
    """Goes to the provider: the state of the attempt, and the cookie that keeps it."""
    answer = ask(joined, "/signin/provider?next=/survival")
    assert answer.status == 303
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["location"]).query))
    assert answer.headers["location"].startswith(f"{provider.address}/authorize?")
    assert asked["redirect_uri"] == f"{joined.address}/signin/provider/back"
    assert asked["scope"] == "openid"
    assert asked["code_challenge_method"] == "S256"
    provider.nonce, provider.challenge = asked["nonce"], asked["code_challenge"]
    return asked["state"], f"{COOKIE}={answer.cookie(COOKIE)}"


def _end(joined: Served, state: str, cookie: str) -> Answer:
    return ask(joined, f"/signin/provider/back?code=the-code&state={urllib.parse.quote(state)}", cookies=cookie)


def test_who_the_provider_vouches_for_gets_a_session_of_ours(joined: Served, provider: Provider) -> None:
    assert "With St. Mary&#x27;s" in ask(joined, "/signin").body
    answer = _end(joined, *_begin(joined, provider))
    assert answer.status == 303, answer.body
    assert answer.headers["location"] == "/survival"
    assert ask(joined, "/_stcore/health", cookies=f"{SESSION}={answer.cookie(SESSION)}").status == 200
    (form,) = provider.asked
    challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
    assert challenge == provider.challenge
    assert base64.b64decode(form["auth"].removeprefix("Basic ")).decode() == f"oligomet:{SECRET}"
    assert "Change the password" not in ask(joined, "/account", cookies=f"{SESSION}={answer.cookie(SESSION)}").body


@pytest.mark.parametrize("subject", ["sub-nobody", "sub-closed", "anna"])
def test_only_an_open_account_that_an_administrator_made_is_let_in(
    joined: Served, provider: Provider, subject: str
) -> None:
    provider.subject = subject
    answer = _end(joined, *_begin(joined, provider))
    assert answer.status == 403
    assert "no open account" in answer.body
    assert not answer.cookie(SESSION)
    assert subject not in answer.body


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "replayed"},
    "no nonce": {"nonce": None},
    "another program's": {"aud": "another"},
    "for several, made for another": {"aud": ["oligomet", "another"], "azp": "another"},
    "another issuer": {"iss": "https://evil.example"},
    "too old": {"exp": 1_000_000_000},
    "for ever": {"exp": None},
    "nobody's": {"sub": None},
    "a blank subject": {"sub": ""},
}


@pytest.mark.parametrize("what", LIES)
def test_a_token_that_is_not_right_lets_nobody_in(joined: Served, provider: Provider, what: str) -> None:
    provider.lies = LIES[what]
    answer = _end(joined, *_begin(joined, provider))
    assert answer.status == 502
    assert not answer.cookie(SESSION)


def test_a_token_that_somebody_else_signed_lets_nobody_in(joined: Served, provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, parameters={"kid": "one"})
    assert _end(joined, *_begin(joined, provider)).status == 502


def test_what_was_not_begun_in_this_browser_is_refused(joined: Served, provider: Provider) -> None:
    state, cookie = _begin(joined, provider)
    _, other = _begin(joined, provider)
    for tried in ("", f"{COOKIE}=", f"{COOKIE}=e30.{'0' * 64}", other, cookie[:-1] + "x"):
        answer = _end(joined, state, tried)
        assert answer.status == 502
        assert "not begun here" in answer.body
        assert not answer.cookie(SESSION)
    assert _end(joined, "", cookie).status == 502
    assert not provider.asked  # no code was spent on any of it


def test_a_provider_that_refuses_is_said(joined: Served, provider: Provider) -> None:
    state, cookie = _begin(joined, provider)
    answer = ask(joined, f"/signin/provider/back?error=access_denied&state={state}", cookies=cookie)
    assert answer.status == 502
    assert "did not let you in" in answer.body


def test_a_provider_that_is_gone_is_said_and_tells_nothing(joined: Served, provider: Provider) -> None:
    path = joined.home / "settings.toml"
    before = path.read_text()
    try:
        path.write_text(before.replace(provider.address, "http://127.0.0.1:1"))
        answer = ask(joined, "/signin/provider")
    finally:
        path.write_text(before)
    assert answer.status == 502
    assert "cannot be reached" in answer.body
    assert "Traceback" not in joined.log.read_text()
    assert SECRET not in joined.log.read_text()


def test_without_a_provider_the_way_leads_to_the_sign_in_page(server: Served) -> None:
    assert ask(server, "/signin/provider").headers["location"] == "/signin"
    assert ask(server, "/signin/provider/back?code=x&state=y").status == 502
