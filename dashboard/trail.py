"""What the pages put into the audit trail: who looked at whom, what was taken away, and that a session is in use.

A view is written before the record is shown. An import can hold an embedded database for minutes, though, and nobody
waits for that: past a moment the page goes on, and the entry follows as soon as it can. An entry that cannot be written
at all stops the page, and so does a long row of entries that wait.
"""

from __future__ import annotations

import atexit
import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from sqlalchemy.engine import Connection

from dashboard import logs, store
from registry import sessions
from registry.access import Actor
from registry.audit import Event, happened
from registry.errors import EnvironmentRefused
from registry.sessions import Signed

VIEWED_AGAIN_AFTER = 15 * 60.0
"""Seconds in which looking at the same patient again, in the same session, is the same view."""

PATIENCE_SECONDS = 0.25
WAITING_AT_MOST = 500
SOURCE = "dashboard"

_writer = ThreadPoolExecutor(1, "trail")
_waiting = threading.BoundedSemaphore(WAITING_AT_MOST)
_viewed: OrderedDict[tuple[str, str], float] = OrderedDict()
_lock = threading.Lock()
atexit.register(_writer.shutdown)


def viewed(who: Signed, patient_id: str) -> None:
    """Notes that somebody looks at a patient's record; at most once a session, patient and 15 minutes.

    Raises EnvironmentRefused where that cannot be written.
    """
    key, now = (who.reference, patient_id), time.monotonic()
    with _lock:
        if now - _viewed.get(key, -VIEWED_AGAIN_AFTER) < VIEWED_AGAIN_AFTER:
            return
        _viewed[key] = now
        _viewed.move_to_end(key)
        while _viewed and now - next(iter(_viewed.values())) >= VIEWED_AGAIN_AFTER:
            _viewed.popitem(last=False)
    try:
        _note(Event.VIEW, patient_id, who.actor, "record opened")
    except EnvironmentRefused:
        with _lock:
            _viewed.pop(key, None)
        raise


def exported(who: Actor, what: str) -> None:
    """Notes that somebody takes a file; raises EnvironmentRefused where that cannot be written."""
    _note(Event.EXPORT, what, who, "file taken")


def seen(reference: str, moment: dt.datetime) -> None:
    """Notes, when there is time, that a session is in use."""
    _submit(lambda connection: sessions.touch(connection, reference, moment))


def settle() -> None:
    """Waits until everything is written that was noted so far."""
    _writer.submit(int).result()


def _note(event: Event, about: str, who: Actor, reason: str) -> None:
    def write(connection: Connection) -> None:
        happened(connection, event, about, by=who.name, reason=reason, source=SOURCE)

    written = _submit(write)
    wait([written], timeout=PATIENCE_SECONDS)
    if written.done():
        written.result()


def _submit(work: Callable[[Connection], object]) -> Future[None]:
    if not _waiting.acquire(blocking=False):
        raise EnvironmentRefused("The audit trail cannot be written", remedy="Try again when the import has finished")

    def write() -> None:
        with store.writing() as connection:
            work(connection)

    def ended(future: Future[None]) -> None:
        _waiting.release()
        if future.exception() is not None:
            logs.failed("the audit trail could not be written", future.exception())

    future = _writer.submit(write)
    future.add_done_callback(ended)
    return future
