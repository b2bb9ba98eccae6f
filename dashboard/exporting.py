"""An export of a session: made on a thread of its own, taken through a route that asks for the permission each time."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from dashboard import cookies, store, trail, workplace
from dashboard.jobs import Job, Progress
from dashboard.scope import Scope, scope_of
from dashboard.who import IDENTITY, again, session, signed
from registry.access import Actor, Permission
from registry.errors import EnvironmentRefused, OligometError, PermissionRefused
from registry.exchange.archive import pack
from registry.exchange.formats import FORMATS
from registry.export import export

ROUTE = "/export/file"
AT_ONCE_SECONDS = 1.5
KEPT_SECONDS = 15 * 60.0
"""How long a file that is ready waits to be taken."""


@dataclass(frozen=True, slots=True)
class Made:
    """An export that is ready.

    Args:
        path: of its file.
        counts: the rows of each table.
        at: when it was ready, on the monotonic clock.
    """

    path: Path
    counts: Mapping[str, int]
    at: float


class Export:
    """One export of a session.

    Args:
        format: one of ``FORMATS``.
        deidentify: without what points to a person.
        by: who asked for it.
    """

    def __init__(self, format: str, deidentify: bool, by: Actor) -> None:
        self.format, self.deidentify = format, deidentify
        self.scope: Scope = scope_of(by)
        self.id = secrets.token_hex(8)
        self._folder = workplace.new_folder()
        self.job: Job[Made] = Job(lambda progress: self._made(by, progress))

    def _made(self, by: Actor, progress: Progress) -> Made:
        suffix = FORMATS[self.format].suffix
        parts = ["oligomet", by.center_id or "all", self.format, *(["deidentified"] if self.deidentify else [])]
        name = "-".join("".join(c if c.isalnum() or c == "-" else "_" for c in part) for part in parts)
        written = self._folder / f"{name}{suffix}"
        counts = export(
            store.engine(),
            written,
            self.format,
            by=by,
            deidentify=self.deidentify,
            source=trail.SOURCE,
            progress=lambda share, step: progress(min(share, 0.99), step),
        )
        if not suffix:
            progress(0.99, "packing")
            packed = written.with_name(f"{name}.zip")
            try:
                pack(written, packed)
            except OSError as error:
                raise workplace.unwritable(error) from error
            workplace.remove(written)
            written = packed
        return Made(written, counts, time.monotonic())

    def needs(self) -> Permission:
        """What somebody must be allowed to take it."""
        return Permission.EXPORT_DEIDENTIFIED if self.deidentify else Permission.EXPORT

    def address(self) -> str:
        """Where the session that made it takes it."""
        return f"{ROUTE}?{urlencode({'token': cookies.form_token(self._purpose(), session().reference)})}"

    def is_address(self, token: str, reference: str) -> bool:
        """Whether a token is that of its address."""
        return cookies.is_form_token(token, self._purpose(), reference)

    def _purpose(self) -> str:
        return f"export {self.id}"

    def is_over(self) -> bool:
        """Whether it was ready long ago."""
        return self.job.done and not self.job.failed and time.monotonic() - self.job.result().at > KEPT_SECONDS

    def give_up(self) -> None:
        """Ends it, and removes its file."""
        self.job.cancel()
        self.job.after(lambda: workplace.remove(self._folder))


_open: dict[str, Export] = {}
_lock = threading.Lock()


def current() -> Export | None:
    """The export of the viewer's session; None where there is none."""
    found = session()
    found.actor.require(Permission.EXPORT_DEIDENTIFIED)
    with _lock:
        return _open.get(found.reference)


def make(format: str, deidentify: bool) -> None:
    """Begins an export for the viewer, in place of the one before; waits a moment, in which most are done."""
    found = session()
    found.actor.require(Permission.EXPORT_DEIDENTIFIED if deidentify else Permission.EXPORT)
    made = Export(format, deidentify, found.actor)
    with _lock:
        before = _open.get(found.reference)
        _open[found.reference] = made
    if before is not None:
        before.give_up()
    made.job.wait(AT_ONCE_SECONDS)


def end_left() -> None:
    """Removes what was not taken, and the exports of sessions that have ended."""
    with _lock:
        known = dict(_open)
    for reference, found in known.items():
        if found.is_over() or signed(reference) is None:
            _close(reference)


def _close(reference: str) -> None:
    with _lock:
        found = _open.pop(reference, None)
    if found is not None:
        found.give_up()


async def take(request: Request) -> Response:
    """The file of the export of a session."""
    reference = request.headers.get(IDENTITY, "")
    return await run_in_threadpool(_take, reference, request.query_params.get("token", ""))


def _take(reference: str, token: str) -> Response:
    with _lock:
        found = _open.get(reference)
    if found is None or not found.is_address(token, reference) or not found.job.done or found.job.failed:
        said = "There is no such file, or no longer. Make it again on the page Export.\n"
        return PlainTextResponse(said, HTTPStatus.NOT_FOUND)
    made = found.job.result()
    try:
        who = again(reference).actor
        who.require(found.needs())
        if scope_of(who) != found.scope:
            raise PermissionRefused("Your account has changed since the file was made", remedy="Make it again")
        if not made.path.is_file():
            raise EnvironmentRefused("The file is gone", remedy="Make it again")
        trail.exported(who, made.path.name)
    except PermissionRefused as error:
        return PlainTextResponse(f"{error}\n", HTTPStatus.FORBIDDEN)
    except OligometError as error:
        return PlainTextResponse(f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE)
    return FileResponse(made.path, filename=made.path.name)


def routes() -> list[Route]:
    """The route of this file."""
    return [Route(ROUTE, take, methods=["GET"])]
