"""What stands before every request: who may ask by which name, what is closed, and the headers of every answer."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from urllib.parse import urlsplit

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names by which this computer calls itself. Another name that leads here is somebody's DNS rebinding."""

CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/upload_file", "/_stcore/script-health-check", "/component")
"""Doors of Streamlit that answer anyone and that no page of ours uses."""

PERMANENT = "/static/"
"""Streamlit's own files, named by their content: the only ones that a browser may keep."""


class Guard:
    """Refuses foreign names, foreign pages and closed doors; adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, names: frozenset[str] = LOCAL_NAMES) -> None:
        self._app, self._names = app, names
        self._headers = {
            "Content-Security-Policy": content_security_policy(),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request: answered here where it is refused, else passed on."""
        if scope["type"] == "websocket":
            if self._is_foreign(scope) or not _same_origin(Headers(scope=scope)):
                await receive()
                await send({"type": "websocket.close", "code": 1008})
                return
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if not scope["path"].startswith(PERMANENT):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        app = self._refusal(scope) or self._app
        await app(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        if self._is_foreign(scope):
            return PlainTextResponse("This server does not answer to that name.\n", 421)
        if scope["path"].startswith(CLOSED):
            return PlainTextResponse("Not found.\n", 404)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("Not allowed.\n", 405, {"Allow": "GET, HEAD"})
        return None

    def _is_foreign(self, scope: Scope) -> bool:
        try:
            host = urlsplit(f"//{Headers(scope=scope).get('host', '')}")
            return host.hostname not in self._names or host.username is not None or bool(host.path)
        except ValueError:
            return True


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
