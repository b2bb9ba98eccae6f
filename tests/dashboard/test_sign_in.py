"""Signing in and out over HTTP, and the attacks on it that fail."""

from __future__ import annotations

import dataclasses
import re
import time

import pytest
import sqlalchemy as sa

from dashboard.cookies import BROWSER, FORM, SESSION
from dashboard.sign_in import inside
from registry import audit, sessions
from registry.access import Role
from registry.account_tables import Session, SignInDelay
from registry.database import open_engine, reading, writing
from tests.dashboard.serving import Served
from tests.dashboard.signing import PASSWORD, Answer, ask, form_of, sign_in, token

GATED = (
    "/",
    "/patient?patient=C01-000001",
    "/survival",
    "/account",
    "/static/index.html",
    "/media/0123456789abcdef.png",
    "/_stcore/health",
    "/_stcore/host-config",
    "/index.html",
    "/signin/",
    "/signin/nothing",
    "/Signin",
    "//signin",
    "/signin/../patient",
    "/signin%2f..%2fpatient",
    "/healthz/",
    "/%68ealthz/x",
)


@pytest.fixture(autouse=True)
def _no_delays(server: Served) -> None:
    """Each test begins without the failures of the one before."""
    engine = _engine(server)
    with writing(engine) as connection:
        connection.execute(sa.delete(SignInDelay))
    engine.dispose()


def _engine(server: Served) -> sa.Engine:
    return open_engine(f"sqlite:///{server.home / 'oligomet.db'}")


def _entered(answer: Answer) -> str:
    """The cookie of the session that was opened."""
    assert answer.status == 303, answer.body
    return f"{SESSION}={answer.cookie(SESSION)}"


def _is_in(server: Served, cookie: str) -> bool:
    return ask(server, "/_stcore/health", cookies=cookie).status == 200


def _account_token(server: Served, cookie: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', ask(server, "/account", cookies=cookie).body)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", GATED)
def test_nothing_answers_without_a_session(server: Served, path: str) -> None:
    for cookies in ("", f"{SESSION}=", f"{SESSION}={'A' * 43}", "other=1; broken; =; a=b=c"):
        answer = ask(server, path, cookies=cookies)
        assert answer.status in (303, 400, 401), path
        if answer.status == 303:
            assert answer.headers["location"].startswith("/signin")
        assert "streamlit" not in answer.body.lower()
        plain = ask(server, path, cookies=cookies, Accept="*/*")
        assert plain.status in (400, 401)


def test_what_the_header_of_the_guard_says_from_outside_is_not_believed(server: Served) -> None:
    engine = _engine(server)
    reference = sessions.reference(token(engine, Role.ADMINISTRATOR))
    engine.dispose()
    for name in ("x_oligomet_session", "X_Oligomet_Session"):
        assert ask(server, "/_stcore/health", Accept="*/*", **{name: reference}).status == 401
    assert not _is_in(server, f"{SESSION}={reference}")  # nor does the stored hash sign anybody in


def test_the_page_is_plain_and_can_be_used_without_a_mouse(server: Served) -> None:
    page = ask(server, "/signin?next=/survival").body
    assert "<script" not in page
    assert 'lang="en"' in page
    for field in ("name", "password"):
        assert f'<label for="{field}">' in page
        assert f'id="{field}"' in page
    assert 'autocomplete="current-password"' in page
    assert page.count("autofocus") == 1
    assert 'value="/survival"' in page
    for asset in ("style.css", "logo-light.svg", "logo-dark.svg", "font.woff2"):
        assert ask(server, f"/signin/{asset}").status == 200


def test_a_session_is_a_cookie_that_no_script_and_no_other_site_gets(server: Served) -> None:
    answer = sign_in(server, "auditor", PASSWORD, next="/survival?by=sex")
    assert answer.headers["location"] == "/survival?by=sex"
    cookie = next(line for line in answer.set_cookies if line.startswith(f"{SESSION}="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie
    assert "Domain" not in cookie
    browser = next(line for line in answer.set_cookies if line.startswith(f"{BROWSER}="))
    assert "HttpOnly" in browser
    assert "SameSite=strict" in browser
    assert _is_in(server, _entered(answer))
    assert answer.cookie(SESSION) not in str(answer.headers.get("location"))


def test_a_failure_says_the_same_whatever_was_wrong(server: Served) -> None:
    said = set()
    for name, password in (("auditor", "wrong"), ("nobody at all", PASSWORD), ("auditor", ""), ("", "")):
        answer = sign_in(server, name, password)
        assert answer.status == 401
        assert not answer.cookie(SESSION)
        found = re.search(r'<p class="said" role="alert" id="said">([^<]+)', answer.body)
        assert found is not None
        said.add(found[1])
        assert PASSWORD not in answer.body
    assert len(said) == 1
    assert 'aria-describedby="said"' in answer.body


def test_what_was_typed_is_shown_as_it_was_typed(server: Served) -> None:
    hostile = '"><script>alert(1)</script>'
    answer = sign_in(server, hostile, "x", next='/"><script>')
    assert answer.status == 401
    assert "<script" not in answer.body


def test_a_form_of_another_site_is_refused(server: Served) -> None:
    """CSRF: without the cookie, with another one's token, or from another origin nobody is signed in."""
    form_token, cookie = form_of(server)
    fields = {"name": "auditor", "password": PASSWORD, "next": "/"}
    _, other_cookie = form_of(server)
    tries: list[tuple[dict[str, str], str, dict[str, str]]] = [
        (fields, cookie, {}),
        ({**fields, "token": form_token}, "", {}),
        ({**fields, "token": form_token}, other_cookie, {}),
        ({**fields, "token": form_token}, f"{FORM}=", {}),
        ({**fields, "token": "0" * 64}, cookie, {}),
        ({**fields, "token": "ä"}, cookie, {}),
        ({**fields, "token": form_token}, cookie, {"Origin": "http://evil.example"}),
        ({**fields, "token": form_token}, cookie, {"Origin": "null"}),
        ({**fields, "token": form_token}, cookie, {"Sec_Fetch_Site": "cross-site"}),
        ({**fields, "token": form_token}, cookie, {"Content_Type": "text/plain"}),
        ({**fields, "token": form_token}, cookie, {"Content_Type": "application/json"}),
        ({**fields, "token": form_token, "name": "x" * 30_000}, cookie, {}),
    ]
    for form, cookies, headers in tries:
        answer = ask(server, "/signin", form=form, cookies=cookies, **headers)
        assert answer.status == 403, (form, headers)
        assert not answer.cookie(SESSION)
    ours = {"Origin": server.address, "Sec_Fetch_Site": "same-origin"}
    assert ask(server, "/signin", form={**fields, "token": form_token}, cookies=cookie, **ours).status == 303


def test_a_session_that_somebody_planted_is_not_taken_over(server: Served) -> None:
    """Fixation: signing in always gives a new token, and ends the session that the browser came with."""
    engine = _engine(server)
    planted = token(engine, Role.RESEARCHER)
    engine.dispose()
    answer = sign_in(server, "auditor", PASSWORD, cookies=f"{SESSION}={planted}")
    assert answer.cookie(SESSION) not in ("", planted)
    assert _is_in(server, _entered(answer))
    assert not _is_in(server, f"{SESSION}={planted}")
    made_up = "Z" * 43
    answer = sign_in(server, "auditor", PASSWORD, cookies=f"{SESSION}={made_up}")
    assert answer.cookie(SESSION) != made_up
    assert not _is_in(server, f"{SESSION}={made_up}")


def test_a_session_that_was_signed_out_is_worth_nothing(server: Served) -> None:
    """Replay."""
    cookie, other = _entered(sign_in(server, "auditor", PASSWORD)), _entered(sign_in(server, "auditor", PASSWORD))
    assert _is_in(server, cookie)
    answer = ask(server, "/signout", form={"token": _account_token(server, cookie)}, cookies=cookie)
    assert answer.headers["location"] == "/signin?signed-out"
    assert answer.cookie(SESSION) == '""'
    assert not _is_in(server, cookie)
    assert _is_in(server, other)
    for path in ("/signout", "/account"):
        assert ask(server, path, form={"token": "x"}, cookies=cookie).status == 303


def test_signing_out_everywhere_ends_every_session(server: Served) -> None:
    cookies = [_entered(sign_in(server, "clinician", PASSWORD)) for _ in range(3)]
    assert all(_is_in(server, cookie) for cookie in cookies)
    form = {"token": _account_token(server, cookies[0]), "everywhere": "yes"}
    assert ask(server, "/signout", form=form, cookies=cookies[0]).status == 303
    assert not any(_is_in(server, cookie) for cookie in cookies)


def test_nobody_is_signed_out_by_another_site(server: Served) -> None:
    cookie = _entered(sign_in(server, "auditor", PASSWORD))
    another = _entered(sign_in(server, "auditor", PASSWORD))
    for form in ({}, {"token": "0" * 64}, {"token": _account_token(server, another)}):
        assert ask(server, "/signout", form=form, cookies=cookie).status == 403
    assert ask(server, "/signout", cookies=cookie).headers["location"] == "/account"
    assert _is_in(server, cookie)


def test_guessing_is_slowed_down(server: Served) -> None:
    answers = [sign_in(server, "researcher", f"guess number {at}") for at in range(7)]
    assert [answer.status for answer in answers[:5]] == [401] * 5
    assert answers[-1].status == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert sign_in(server, "researcher", PASSWORD).status == 429
    # A forged address of a proxy that nobody trusts changes nothing.
    form_token, cookie = form_of(server)
    form = {"token": form_token, "name": "researcher", "password": PASSWORD}
    assert ask(server, "/signin", form=form, cookies=cookie, X_Forwarded_For="203.0.113.9").status == 429


def test_a_disabled_account_is_out_within_seconds(server: Served) -> None:
    cookie = _entered(sign_in(server, "auditor", PASSWORD))
    engine = _engine(server)
    reference = sessions.reference(cookie.partition("=")[2])
    with writing(engine) as connection:
        connection.execute(sa.delete(Session).where(Session.token_hash == reference))
    engine.dispose()
    until = time.monotonic() + 10
    while _is_in(server, cookie):
        assert time.monotonic() < until
        time.sleep(0.3)


def test_the_password_is_changed_by_who_knows_it(server: Served) -> None:
    cookie = _entered(sign_in(server, "data-manager", PASSWORD))
    form = {"token": _account_token(server, cookie), "old": PASSWORD, "new": "another long sentence"}
    assert ask(server, "/account", form={**form, "again": "not the same one"}, cookies=cookie).status == 422
    assert ask(server, "/account", form={**form, "old": "x", "again": form["new"]}, cookies=cookie).status == 422
    short = {"new": "short", "again": "short"}
    assert "fewer than 12" in ask(server, "/account", form={**form, **short}, cookies=cookie).body
    assert ask(server, "/account", form={**form, "token": "", "again": form["new"]}, cookies=cookie).status == 403
    assert _is_in(server, cookie)
    assert ask(server, "/account", form={**form, "again": form["new"]}, cookies=cookie).status == 303
    assert not _is_in(server, cookie)
    assert sign_in(server, "data-manager", PASSWORD).status == 401
    assert sign_in(server, "data-manager", "another long sentence").status == 303


def test_a_websocket_opens_for_a_session_only(server: Served) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    stream = "/_stcore/stream"
    assert ask(server, stream, **headers).status == 403
    assert ask(server, stream, cookies=f"{SESSION}={'A' * 43}", **headers).status == 403
    assert ask(server, stream, x_oligomet_session="a" * 64, **headers).status == 403
    assert ask(server, stream, cookies=server.cookie, **headers).status == 101


ELSEWHERE = ("//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil", "javascript:alert(1)", "http:/x")
NO_PAGES = ("", "evil", "/a\nb", "/signin?next=/signin", "/signout", "/media/x", "//[", "/%0d%0aSet-Cookie:x\r\n")


@pytest.mark.parametrize("address", [*ELSEWHERE, *NO_PAGES])
def test_signing_in_leads_nowhere_else(address: str) -> None:
    assert inside(address) == "/"


@pytest.mark.parametrize("address", ["/", "/patient?patient=C01-1", "/survival?by=sex&origin=ned"])
def test_signing_in_leads_to_the_page_that_was_asked_for(address: str) -> None:
    assert inside(address) == address


def test_the_trail_and_the_log_say_who_came_and_went_and_nothing_that_was_typed(server: Served) -> None:
    cookie = _entered(sign_in(server, "auditor", PASSWORD))
    sign_in(server, "my secret in the wrong field", "x")
    ask(server, "/signout", form={"token": _account_token(server, cookie)}, cookies=cookie)
    engine = _engine(server)
    with reading(engine) as connection:
        entries = list(audit.log(connection))[-3:]
        assert audit.verify_chain(connection) is None
    engine.dispose()
    assert [(entry.event, entry.owner) for entry in entries] == [
        ("sign-in", "auditor"),
        ("sign-in refused", ""),
        ("sign-out", "auditor"),
    ]
    assert all(entry.source == "dashboard, from 127.0.0.1" for entry in entries)
    said = server.log.read_text(encoding="utf-8")
    assert '"what": "signed in", "account": "auditor"' in said
    assert '"what": "sign-in refused"' in said
    for secret in ("my secret", PASSWORD, cookie.partition("=")[2]):
        assert secret not in said
        assert secret not in str([dataclasses.asdict(entry) for entry in entries])
