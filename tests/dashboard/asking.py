"""One request to an ASGI application within the process of the test, without a server."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp


@dataclass(frozen=True)
class Told:
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def asked(app: ASGIApp, address: str, *, method: str = "GET", cookie: str = "", **headers: str) -> Told:
    """What an application answers to a request from this computer."""
    path, _, query = address.partition("?")
    sent = {"host": "127.0.0.1", "accept": "*/*", "cookie": cookie}
    sent |= {name.replace("_", "-").lower(): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in sent.items() if value],
        "client": ("127.0.0.1", 1234),
        "server": ("127.0.0.1", 80),
    }
    said: list[dict[str, Any]] = []

    async def run() -> None:
        bodies = iter([{"type": "http.request", "body": b"", "more_body": False}])

        async def receive() -> dict[str, Any]:
            while (body := next(bodies, None)) is None:
                await asyncio.sleep(60)  # who asked stays until the answer is whole
            return body

        async def send(message: dict[str, Any]) -> None:
            said.append(message)

        await app(scope, receive, send)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as elsewhere:  # a browser of other tests may have a loop in this thread
        elsewhere.submit(lambda: asyncio.run(run())).result()
    answered = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return Told(said[0]["status"], answered, b"".join(message.get("body", b"") for message in said[1:]))
