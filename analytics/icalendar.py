"""The surveillance windows as an iCalendar file (RFC 5545), to be subscribed to or imported by a calendar.

An entry names the registry id and nothing else of the patient. Its UID stays the same over exports, so that a later
export changes an entry and makes no second one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analytics.schedule import State

LONGEST_LINE = 75
"""Octets of a line without its end; a longer one is folded."""


@dataclass(frozen=True, slots=True)
class Event:
    """An entry of several whole days.

    Args:
        uid: the same in every export.
        first, last: days, both included.
        summary, description: what it is.
    """

    uid: str
    first: dt.date
    last: dt.date
    summary: str
    description: str


def events(schedule: pd.DataFrame) -> Iterator[Event]:
    """The windows that are open or to come, and those whose chest CT is overdue.

    Args:
        schedule: of :func:`analytics.schedule.schedule`.
    """
    wanted = schedule["state"].isin([str(State.DUE), str(State.TO_COME)]) & schedule["watched"]
    for row in schedule[wanted | schedule["days_overdue"].notna()].itertuples():
        name = hashlib.sha256(f"{row.patient_id}\0{row.episode_no}\0{row.month}".encode()).hexdigest()[:32]
        late = "overdue: " if pd.notna(row.days_overdue) else ""
        yield Event(
            uid=f"chest-ct-{name}@oligomet",
            first=row.opens.date(),
            last=row.closes.date(),
            summary=f"Chest CT {late}{row.patient_id}",
            description=f"{row.month} months after NED, due on {row.due_on.date().isoformat()}",
        )


def calendar(found: Iterator[Event], data_cut: dt.date, version: str) -> bytes:
    """The entries as a file.

    Args:
        found: entries.
        data_cut: when they were as they are: the stamp of each.
        version: of the program that wrote it.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//oligomet//{_escaped(version)}//EN", "CALSCALE:GREGORIAN"]
    for event in found:
        lines += _lines(event, data_cut)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _lines(event: Event, data_cut: dt.date) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{data_cut:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{event.first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.last + dt.timedelta(days=1):%Y%m%d}",  # the end is the first day after it
        f"SUMMARY:{_escaped(event.summary)}",
        f"DESCRIPTION:{_escaped(event.description)}",
        "TRANSP:TRANSPARENT",  # months of a window do not make anybody busy
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    """A text value (RFC 5545, 3.3.11); of control characters only the line feed can be written."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(character for character in escaped if character == "\t" or " " <= character != "\x7f")


def _folded(line: str) -> bytes:
    """A line in octets, folded so that none is longer than it may be and no character is cut (RFC 5545, 3.1)."""
    parts, part = [], b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > LONGEST_LINE:
            parts.append(part)
            part = b" "
        part += octets
    return b"\r\n".join([*parts, part]) + b"\r\n"
