"""The cookies of the sign-in, and the tokens that bind a form to the browser that was given it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Literal

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

from dashboard.client import Client
from registry.sign_in import signing_key

SESSION, FORM, BROWSER = "oligomet", "oligomet-form", "oligomet-browser"
BROWSER_KEPT_SECONDS = 180 * 24 * 3600


def cookie_name(name: str, client: Client) -> str:
    """Under https with the prefix that ties a cookie to this host, this path and https."""
    return f"__Host-{name}" if client.secure else name


def cookie(scope: Scope, name: str, client: Client) -> str:
    """The value that the browser sent, "" where it sent none."""
    wanted = cookie_name(name, client)
    for header in Headers(scope=scope).getlist("cookie"):
        for part in header.split(";"):
            try:
                found = SimpleCookie(part.strip())
            except CookieError:  # another program's cookie of the same host
                continue
            if wanted in found:
                return found[wanted].value
    return ""


def set_cookie(
    response: Response,
    name: str,
    value: str,
    client: Client,
    *,
    same_site: Literal["lax", "strict"] = "strict",
    max_age: int | None = None,
) -> None:
    """A cookie that no script reads and, under https, that travels over nothing else."""
    name = cookie_name(name, client)
    response.set_cookie(name, value, max_age, path="/", secure=client.secure, httponly=True, samesite=same_site)


def drop_cookie(response: Response, name: str, client: Client) -> None:
    """Tells the browser to forget a cookie."""
    response.delete_cookie(cookie_name(name, client), path="/", secure=client.secure, httponly=True)


def form_secret(scope: Scope, client: Client) -> str:
    """What the forms of a browser without a session are bound to: its cookie, or a new one to set."""
    return cookie(scope, FORM, client) or secrets.token_urlsafe(32)


def form_token(purpose: str, secret: str) -> str:
    """The token in a form: nobody has it who does not have the cookie (or session) that it was made for."""
    return hmac.digest(signing_key(), f"form\0{purpose}\0{secret}".encode(), hashlib.sha256).hex()


def is_form_token(token: str, purpose: str, secret: str) -> bool:
    """Whether a form was made for this cookie or session, and for this purpose."""
    return bool(secret) and hmac.compare_digest(token.encode(), form_token(purpose, secret).encode())
