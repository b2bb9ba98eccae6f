"""What the page of the audit trail reads: a search paged by the database, the result as a file, and the proof."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import store
from dashboard.files import to_take
from dashboard.trail import settle, viewed
from dashboard.who import session, viewer
from registry import audit, trail_lines
from registry.access import Permission
from registry.audit import Entry, Event
from registry.verification import Verified, verify

SHOWN = 25
"""Entries on a page of the list."""

TABLES_ONLY, EVENTS_ALL = "changes", "all"
"""Beside the events by name: changes of the record alone, and everything."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for; empty texts narrow nothing.

    Args:
        patient: the whole id.
        by: a part of the name.
        since, until: days or UTC times in ISO form.
        table: changes of this form; None for all.
        what: an event's name, TABLES_ONLY or EVENTS_ALL.
    """

    patient: str = ""
    by: str = ""
    since: str = ""
    until: str = ""
    table: str | None = None
    what: str = EVENTS_ALL

    def narrowed(self) -> dict[str, Any]:
        """As the log of the trail takes it."""
        of_event = self.what not in (TABLES_ONLY, EVENTS_ALL)
        return {
            "patient": self.patient or None,
            "by": self.by or None,
            "since": self.since or None,
            "until": self.until or None,
            "table": self.table,
            "events": self.table is None and self.what != TABLES_ONLY,
            "event": Event(self.what) if of_event else None,
        }

    @property
    def words(self) -> str:
        """What was searched for, for the trail."""
        named = {"patient": self.patient, "by": self.by, "from": self.since, "until": self.until}
        named |= {"form": self.table or "", "what": "" if self.what == EVENTS_ALL else self.what}
        return ", ".join(f"{name} {text}" for name, text in named.items() if text)


@dataclass(frozen=True, slots=True)
class Found:
    """Some entries of a search, the newest first.

    Args:
        versions: that each changed row had then; None for events.
        more: whether older ones follow.
    """

    entries: Sequence[Entry]
    versions: Sequence[int | None]
    more: bool


def search(wanted: Search, first: int) -> Found:
    """A page of the entries that a search finds. That a named patient was looked at stands in the trail too."""
    viewer().require(Permission.READ_TRAIL)
    with store.reading() as connection:
        entries = list(audit.log(connection, **wanted.narrowed(), newest=SHOWN + 1, skipped=first))
        found = Found(entries[:SHOWN], audit.versions(connection, entries[:SHOWN]), len(entries) > SHOWN)
    if wanted.patient and entries:
        viewed(session(), wanted.patient)
    return found


def of_revision(number: int) -> Found:
    """The first entries of one revision."""
    viewer().require(Permission.READ_TRAIL)
    with store.reading() as connection:
        entries = list(audit.log(connection, revision_number=number, newest=SHOWN + 1))
        return Found(entries[:SHOWN], audit.versions(connection, entries[:SHOWN]), len(entries) > SHOWN)


def trail_file(wanted: Search, name: str) -> Callable[[], bytes]:
    """What makes a CSV of all that a search finds, the oldest first; that it was taken stands in the trail."""

    def make() -> bytes:
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(trail_lines.COLUMNS)
        with store.reading() as connection:
            writer.writerows(trail_lines.lines(audit.log(connection, **wanted.narrowed())))
        return written.getvalue().encode()

    described = f"{name} ({wanted.words})" if wanted.words else name
    return to_take(described, Permission.READ_TRAIL, make)


def verified(progress: Callable[[float, str], None]) -> Verified:
    """Reads the whole trail and compares the record with it, as ``oligomet audit verify`` does."""
    viewer().require(Permission.READ_TRAIL)
    settle()
    return verify(store.engine(), progress=progress)
