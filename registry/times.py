"""The time of what is not a date of the record: UTC, as the text in which the database keeps it."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """This moment."""
    return dt.datetime.now(dt.UTC)


def text(moment: dt.datetime) -> str:
    """A moment as it is stored; texts are in the order of their moments."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def read(stored: str) -> dt.datetime:
    """A stored moment."""
    return dt.datetime.fromisoformat(stored)
