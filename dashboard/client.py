"""Where a request comes from: its address and whether it came over https, through a proxy of ours or straight."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from dashboard.settings import Settings


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks.

    Args:
        address: the network address.
        secure: whether the browser speaks https.
    """

    address: str
    secure: bool


def client_of(scope: Scope, settings: Settings) -> Client:
    """The client of a request; forwarded headers are believed only where a trusted proxy sends them."""
    peer = scope["client"][0] if scope.get("client") else ""
    secure = scope.get("scheme") in ("https", "wss")
    if not settings.trusts(peer):
        return Client(peer, secure)
    headers = Headers(scope=scope)
    passed = [part.strip() for value in headers.getlist("x-forwarded-for") for part in value.split(",")]
    # The last proxy appends whom it saw: read from the right, the first who is no proxy of ours is the client.
    address = next((found for found in reversed(passed) if not settings.trusts(found)), peer)
    schemes = headers.getlist("x-forwarded-proto")
    return Client(address[:64], schemes[-1].strip() == "https" if schemes else secure)
