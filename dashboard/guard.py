"""What stands before every request: its name, its session, what is closed, and the headers of every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard import cookies, sign_in, who
from dashboard.client import client_of
from dashboard.settings import Settings, read_settings
from registry import sessions
from registry.access import Permission
from registry.errors import EnvironmentRefused

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names by which this computer calls itself. Another name that leads here is somebody's DNS rebinding."""

CLOSED = (
    "/_stcore/metrics",
    "/_stcore/agent",
    "/_stcore/script-health-check",
    "/component",
    "/auth/",
    "/oauth2callback",
)
"""Doors of Streamlit that no page of ours uses."""

UPLOADS = "/_stcore/upload_file/"
"""Where Streamlit's client sends a chosen file to, with Streamlit's token against foreign pages, or takes it back."""

OPEN = frozenset({"/healthz", "/favicon.png"}) | sign_in.OPEN
"""What answers without a session."""

PERMANENT = "/static/"
"""Streamlit's own files, named by their content: the only ones that a browser may keep."""


class Guard:
    """Refuses foreign names, foreign pages, closed doors and whoever is not signed in; adds headers to every answer.

    What it lets through carries the session in a header of its own; one of that name that comes from outside is gone.

    Args:
        app: what stands behind it.
        names: under which browsers may reach it, beside those of the settings.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str] = LOCAL_NAMES) -> None:
        self._app, self._names = app, names
        self._headers = {
            "Content-Security-Policy": content_security_policy(),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: answered here where it is refused, else passed on."""
        if scope["type"] == "websocket":
            settings = read_settings()
            reference = None
            if not self._is_foreign(scope, settings) and _same_origin(Headers(scope=scope)):
                reference = await run_in_threadpool(_session, scope, settings)
            if reference is None:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(_with_identity(scope, reference), receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        settings = read_settings()

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if client_of(scope, settings).secure:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
                if not scope["path"].startswith(PERMANENT):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        app = self._refusal(scope, settings)
        reference: str | None = None
        if app is None and scope["path"] not in OPEN:
            try:
                reference = await run_in_threadpool(_session, scope, settings)
            except EnvironmentRefused as error:
                app = PlainTextResponse(f"{error}\n", 503)
            else:
                app = _not_signed_in(scope) if reference is None else None
                if reference is not None and scope["path"].startswith(UPLOADS):
                    app = await run_in_threadpool(_no_upload, scope, reference)
        await (app or self._app)(_with_identity(scope, reference), receive, with_headers)

    def _refusal(self, scope: Scope, settings: Settings) -> ASGIApp | None:
        if self._is_foreign(scope, settings):
            return PlainTextResponse("This server does not answer to that name.\n", 421)
        if scope["path"].startswith(CLOSED):
            return PlainTextResponse("Not found.\n", 404)
        allowed = ("GET", "HEAD", "POST") if scope["path"] in sign_in.FORMS else ("GET", "HEAD")
        if scope["path"].startswith(UPLOADS):
            allowed = ("PUT", "DELETE")
        if scope["method"] not in allowed:
            return PlainTextResponse("Not allowed.\n", 405, {"Allow": ", ".join(allowed)})
        return None

    def _is_foreign(self, scope: Scope, settings: Settings) -> bool:
        try:
            host = urlsplit(f"//{Headers(scope=scope).get('host', '')}")
            known = host.hostname in self._names or host.hostname in settings.names
            return not known or host.username is not None or bool(host.path)
        except ValueError:
            return True


def _session(scope: Scope, settings: Settings) -> str | None:
    """The reference of the open session that a request comes with."""
    token = cookies.cookie(scope, cookies.SESSION, client_of(scope, settings))
    found = who.signed(sessions.reference(token)) if token else None
    return found.reference if found is not None else None


def _with_identity(scope: Scope, reference: str | None) -> Scope:
    """A request as the pages see it: with our header and without one that was sent under its name."""
    name = who.IDENTITY.encode()
    kept = [(key, value) for key, value in scope["headers"] if key.lower().replace(b"_", b"-") != name]
    return {**scope, "headers": [*kept, (name, reference.encode())] if reference else kept}


def _no_upload(scope: Scope, reference: str) -> ASGIApp | None:
    """Why a session may not send a file, None where it may: who may import, from one of our own pages."""
    headers = Headers(scope=scope)
    if not _same_origin(headers) or headers.get("sec-fetch-site") not in (None, "same-origin"):
        return PlainTextResponse("Not from this page.\n", 403)
    found = who.signed(reference)
    if found is None or not found.actor.may(Permission.IMPORT):
        return PlainTextResponse("You may not import records.\n", 403)
    return None


def _not_signed_in(scope: Scope) -> ASGIApp:
    headers = Headers(scope=scope)
    if scope["method"] != "HEAD" and "text/html" in headers.get("accept", ""):
        if scope["method"] == "POST":
            return RedirectResponse("/signin", 303)
        asked = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        return RedirectResponse(f"/signin?next={quote(asked, safe='')}" if asked != "/" else "/signin", 303)
    return PlainTextResponse("Sign in first.\n", 401)


def _same_origin(headers: Headers) -> bool:
    """Whether a page of ours opens the connection; Streamlit itself also lets in those of other local ports."""
    origin = headers.get("origin")
    return origin is None or origin in {f"{scheme}://{headers['host']}" for scheme in ("http", "https")}


def content_security_policy() -> str:
    """What a page may load: nothing from elsewhere, and of inline scripts the one of Streamlit's own page."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'" for part in inline
    )
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' 'wasm-unsafe-eval' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        )
    )
