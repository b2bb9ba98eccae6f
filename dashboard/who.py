"""Who looks at the pages: the account of the session that the guard found, read anew on every run."""

from __future__ import annotations

import datetime as dt
import threading
import time

import streamlit as st

from dashboard import store, trail
from dashboard.settings import read_settings
from registry import sessions, times
from registry.access import Actor
from registry.errors import PermissionRefused
from registry.sessions import Signed

IDENTITY = "x-oligomet-session"
"""The header in which the guard names the session to the pages; one that comes from outside is dropped."""

USER_KEY = "session"
"""Under which Streamlit keeps that header; it binds Streamlit's own session to it (see options.py)."""

CHECKED_FOR_SECONDS = 2.0
"""How long an answer of the database about a session is taken for true."""

_NOTED_EVERY = dt.timedelta(minutes=1)
_answers: dict[str, tuple[float, Signed | None]] = {}
_seen: dict[str, dt.datetime] = {}
_noted: dict[str, dt.datetime] = {}
_lock = threading.Lock()


class SignedOut(PermissionRefused):
    """There is no session, or no longer."""

    def __init__(self) -> None:
        super().__init__("You are not signed in, or your session has ended", remedy="Sign in again")


def viewer() -> Actor:
    """The actor in whose name a page reads and writes; asked on every run, never remembered. Raises SignedOut."""
    return session().actor


def session() -> Signed:
    """The session of this run, which is in use from now on. Raises SignedOut."""
    reference = st.user.get(USER_KEY)
    found = signed(str(reference)) if reference else None
    if found is None:
        raise SignedOut
    _use(found)
    return found


def again(reference: str) -> Signed:
    """The session of a reference where no run is under way: for what is fetched later. Raises SignedOut."""
    found = signed(reference)
    if found is None:
        raise SignedOut
    return found


def signed(reference: str) -> Signed | None:
    """The open session of a reference, as the database said at most some seconds ago."""
    now = time.monotonic()
    with _lock:
        asked_at, answer = _answers.get(reference, (-CHECKED_FOR_SECONDS, None))
        if now - asked_at < CHECKED_FOR_SECONDS:
            return answer
        seen_here = _seen.get(reference)
    with store.reading() as connection:
        answer = sessions.signed(connection, reference, read_settings().limits, seen_here)
    with _lock:
        if answer is None:  # what is not a session takes no room
            for known in (_answers, _seen, _noted):
                known.pop(reference, None)
        else:
            _answers[reference] = (now, answer)
    return answer


def forget(reference: str | None = None) -> None:
    """Asks the database anew about a session, or about all: after a sign-out."""
    with _lock:
        for known in [reference] if reference is not None else list(_answers):
            _answers.pop(known, None)


def _use(found: Signed) -> None:
    now = times.now()
    with _lock:
        _seen[found.reference] = now
        noted = _noted.get(found.reference, found.seen_at)
        if now - noted < _NOTED_EVERY:
            return
        _noted[found.reference] = now
    trail.seen(found.reference, now)
