"""The routes of signing in and out, and of one's own account."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from dashboard import cookies, demo_accounts, logs, sign_in_page, store, who
from dashboard.client import Client, client_of
from dashboard.components.html import Html
from dashboard.settings import read_settings
from dashboard.sign_in_page import message
from registry import accounts, sessions
from registry.errors import OligometError
from registry.sessions import Signed
from registry.sign_in import Attempt, SignedIn, SignInDelayed, SignInRefused, change_password, sign_in

LARGEST_FORM = 20_000
_ASSETS = Path(__file__).parent / "assets"
_FILES = {
    "style.css": _ASSETS / "sign-in.css",
    "logo-light.svg": _ASSETS / "logo-light.svg",
    "logo-dark.svg": _ASSETS / "logo-dark.svg",
    # The font of the pages, which Streamlit brings along.
    "font.woff2": next(Path(streamlit.__file__).parent.glob("static/static/media/SourceSansVF-Upright*.woff2")),
}

OPEN = frozenset({"/signin", "/signin/provider", "/signin/provider/back", *(f"/signin/{name}" for name in _FILES)})
"""What answers whoever asks; every other address wants a session."""

FORMS = frozenset({"/signin", "/signout", "/account"})
"""What takes a form."""

_STALE = "This page was open for too long, or your browser keeps no cookies. Please try again."


def routes() -> list[Route]:
    """The routes of this file."""
    return [
        Route("/signin", show_sign_in, methods=["GET"]),
        Route("/signin", take_sign_in, methods=["POST"]),
        Route("/signout", _to_account, methods=["GET"]),
        Route("/signout", take_sign_out, methods=["POST"]),
        Route("/account", show_account, methods=["GET"]),
        Route("/account", take_password, methods=["POST"]),
        Route("/signin/{name}", _file, methods=["GET"]),
    ]


async def _file(request: Request) -> Response:
    found = _FILES.get(request.path_params["name"])
    return FileResponse(found) if found else PlainTextResponse("Not found.\n", 404)


async def show_sign_in(request: Request) -> Response:
    """The sign-in page; somebody who is signed in goes on."""
    client, goes_to = _client(request), inside(request.query_params.get("next", "/"))
    if await run_in_threadpool(_session, request, client) is not None:
        return RedirectResponse(goes_to, HTTPStatus.SEE_OTHER)
    said = message("You are signed out.", good=True) if "signed-out" in request.query_params else None
    return await run_in_threadpool(_sign_in_page, request, client, goes_to, said)


def _sign_in_page(
    request: Request, client: Client, goes_to: str, said: Html | None, name: str = "", status: int = 200
) -> Response:
    with store.reading() as connection:
        if not accounts.is_there_any(connection):
            return HTMLResponse(sign_in_page.no_accounts())
    secret = cookies.form_secret(request.scope, client)
    provider = read_settings().openid
    shown = demo_accounts.read()
    body = sign_in_page.sign_in(
        cookies.form_token("sign in", secret),
        goes_to,
        said=said,
        name=name,
        provider=provider.title if provider else "",
        extra=sign_in_page.demo_accounts(shown) if shown else None,
    )
    response = HTMLResponse(body, status)
    cookies.set_cookie(response, cookies.FORM, secret, client)
    return response


async def take_sign_in(request: Request) -> Response:
    """A filled sign-in form."""
    client, form = _client(request), await _form(request)
    goes_to = inside(form.get("next", "/"))
    secret = cookies.cookie(request.scope, cookies.FORM, client)
    if not (_from_our_page(request) and cookies.is_form_token(form.get("token", ""), "sign in", secret)):
        return await run_in_threadpool(_sign_in_page, request, client, goes_to, message(_STALE), "", 403)
    return await run_in_threadpool(_sign_in, request, client, form, goes_to)


def _sign_in(request: Request, client: Client, form: Mapping[str, str], goes_to: str) -> Response:
    name = form.get("name", "")
    browser = cookies.cookie(request.scope, cookies.BROWSER, client)
    attempt = Attempt(name, form.get("password", ""), client.address, browser)
    try:
        opened = sign_in(store.engine(), attempt, read_settings().limits)
    except SignInDelayed as error:
        logs.told("sign-in delayed", address=client.address, seconds=error.seconds)
        response = _sign_in_page(request, client, goes_to, message(str(error)), name, 429)
        response.headers["Retry-After"] = str(error.seconds)
        return response
    except SignInRefused as error:
        logs.told("sign-in refused", address=client.address)
        return _sign_in_page(request, client, goes_to, message(str(error)), name, 401)
    except OligometError as error:
        return refused(request, client, goes_to, error, HTTPStatus.SERVICE_UNAVAILABLE)
    return enter(request, client, opened, goes_to)


def refused(request: Request, client: Client, goes_to: str, error: OligometError, status: HTTPStatus) -> Response:
    """The sign-in page with what was wrong."""
    return _sign_in_page(request, client, goes_to, message(str(error)), "", status)


def enter(request: Request, client: Client, opened: SignedIn, goes_to: str) -> Response:
    """Gives the browser its new session, and ends the one that it came with."""
    _end(request, client)
    logs.told("signed in", account=opened.account, address=client.address)
    response = RedirectResponse(goes_to, HTTPStatus.SEE_OTHER)
    cookies.set_cookie(response, cookies.SESSION, opened.token, client, same_site="lax")
    kept = cookies.BROWSER_KEPT_SECONDS
    cookies.set_cookie(response, cookies.BROWSER, opened.browser, client, max_age=kept)
    cookies.drop_cookie(response, cookies.FORM, client)
    return response


async def take_sign_out(request: Request) -> Response:
    """Ends the session, or with ``everywhere`` all of the account."""
    client, form = _client(request), await _form(request)
    signed = await run_in_threadpool(_session, request, client)
    if signed is None:
        return _left(client)
    if not (_from_our_page(request) and cookies.is_form_token(form.get("token", ""), "account", signed.reference)):
        return await run_in_threadpool(_account_page, signed, message(_STALE), 403)
    await run_in_threadpool(_sign_out, request, client, signed, bool(form.get("everywhere")))
    return _left(client)


def _sign_out(request: Request, client: Client, signed: Signed, everywhere: bool) -> None:
    if everywhere:
        source = f"dashboard, from {client.address}"
        accounts.sign_out_everywhere(store.engine(), signed.actor.name, by=signed.actor, source=source)
        who.forget()
    else:
        _end(request, client)
    logs.told("signed out", account=signed.actor.name, everywhere=int(everywhere))


def _left(client: Client) -> Response:
    response = RedirectResponse("/signin?signed-out", HTTPStatus.SEE_OTHER)
    cookies.drop_cookie(response, cookies.SESSION, client)
    return response


async def _to_account(_request: Request) -> Response:
    return RedirectResponse("/account", HTTPStatus.SEE_OTHER)


async def show_account(request: Request) -> Response:
    """One's own account."""
    signed = await run_in_threadpool(_session, request, _client(request))
    if signed is None:
        return RedirectResponse("/signin?next=/account", HTTPStatus.SEE_OTHER)
    return await run_in_threadpool(_account_page, signed, None)


def _account_page(signed: Signed, said: Html | None, status: int = 200) -> Response:
    with store.reading() as connection:
        found = accounts.find(connection, signed.actor.name)
    token = cookies.form_token("account", signed.reference)
    has_password = found is not None and found.password_hash is not None
    return HTMLResponse(sign_in_page.account(signed.actor, token, said=said, has_password=has_password), status)


async def take_password(request: Request) -> Response:
    """A new password of one's own; all sessions end."""
    client, form = _client(request), await _form(request)
    signed = await run_in_threadpool(_session, request, client)
    if signed is None:
        return RedirectResponse("/signin?next=/account", HTTPStatus.SEE_OTHER)
    if not (_from_our_page(request) and cookies.is_form_token(form.get("token", ""), "account", signed.reference)):
        return await run_in_threadpool(_account_page, signed, message(_STALE), 403)
    return await run_in_threadpool(_change_password, client, signed, form)


def _change_password(client: Client, signed: Signed, form: Mapping[str, str]) -> Response:
    if form.get("new", "") != form.get("again", ""):
        return _account_page(signed, message("The new password was not typed the same both times."), 422)
    try:
        attempt = Attempt(signed.actor.name, form.get("old", ""), client.address)
        change_password(store.engine(), attempt, form.get("new", ""), by=signed.actor)
    except OligometError as error:
        return _account_page(signed, message(str(error)), 422)
    who.forget()
    return _left(client)


def inside(address: str) -> str:
    """An address of ours, "/" for any other: nobody is led elsewhere by signing in."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "/"
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and "\\" not in address
    if not plain or parts.scheme or parts.netloc or any(ord(sign) < 32 for sign in address):
        return "/"
    return "/" if parts.path.startswith(("/signin", "/signout", "/_stcore", "/media")) else address


def _client(request: Request) -> Client:
    return client_of(request.scope, read_settings())


def _session(request: Request, client: Client) -> Signed | None:
    token = cookies.cookie(request.scope, cookies.SESSION, client)
    return who.signed(sessions.reference(token)) if token else None


def _end(request: Request, client: Client) -> None:
    """Ends the session that the browser came with, if it is one."""
    token = cookies.cookie(request.scope, cookies.SESSION, client)
    if token:
        of = sessions.reference(token)
        with store.writing() as connection:
            sessions.sign_out(connection, of, source=f"dashboard, from {client.address}")
        who.forget(of)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form; nothing of one that is no form or too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return {}
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return {}
    try:
        return dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        return {}


def _from_our_page(request: Request) -> bool:
    """Whether the browser says nothing that speaks against one of our own pages as the sender."""
    origin, host = request.headers.get("origin"), request.headers.get("host", "")
    ours = origin is None or origin in {f"{scheme}://{host}" for scheme in ("http", "https")}
    return ours and request.headers.get("sec-fetch-site") in (None, "same-origin", "none")
