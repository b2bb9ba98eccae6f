"""Chapter 3.9: surveillance after NED."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from tests.analytics.naive_rules import base
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    clear_margin,
    code,
    day,
    every,
    months_later,
    not3,
    not_after,
    outcome,
    radical,
    some,
    text,
)
from tests.analytics.naive_rules.episode import Episode


def _without_ned(e: Episode) -> Fact:
    """The denominator where no NED date is known."""
    # Reading: a missing code in ned_on is read like a blank.
    return None if _treated(e) is not False else False


def _treated(e: Episode) -> Fact:
    return some(e.local, lambda i: all3(code(i.row, "target", "lung"), radical(i), clear_margin(i)))


def _recurrences(e: Episode, ned: dt.date) -> list[tuple[Fact, dt.date | None]]:
    """Recurrences from the NED date on, whatever the episode, each with whether it is one."""
    found: list[tuple[Fact, dt.date | None]] = []
    for row in e.rows.get("disease_event", ()):
        on = day(row, "occurred_on")
        fits = all3(code(row, "kind", "recurrence"), None if on is None else ned <= on)
        if fits is not False:
            found.append((fits, on))
    return found


def _death(e: Episode) -> tuple[bool, dt.date | None]:
    """Whether the patient had died, and when."""
    on = day(e.patient, "death_on")
    return on is not None or text(e.patient, "vital_status") == "dead", on


def _not_later(e: Episode, ned: dt.date, limit: dt.date) -> Fact:
    """Whether recurrence and death, if any, came on or after a day."""
    terms = [any3(not3(fits), not_after(limit, on)) for fits, on in _recurrences(e, ned)]
    died, on = _death(e)
    return all3(*terms, not_after(limit, on) if died else True)


def _watched(e: Episode, ned: dt.date) -> list[Treatment]:
    """The episode's studies, with those after NED up to its recurrence that name no other episode."""
    # Reading: the CT that found the recurrence was done in time, though its date assigns it to the next episode.
    recurred = _recurrences(e, ned)
    found = []
    for row in e.rows.get("study", ()):
        on = day(row, "performed_on")
        own = next((s.own for s in e.studies if s.row is row), False)
        if text(row, "episode_no") is None:
            up_to = all3(*(any3(not3(fits), not_after(on, day_of)) for fits, day_of in recurred))
            own = any3(own, all3(before(ned, on), any3(*(fits for fits, _ in recurred)), up_to))
        found.append(Treatment(row, own, on))
    return sorted((s for s in found if s.own is not False), key=lambda s: str(s.on))


def _logged(e: Episode, ned: dt.date, test: Callable[[Treatment], Fact]) -> Fact:
    return any3(some(_watched(e, ned), test), False if text(e.row, "surveillance_log_complete") == "yes" else None)


def _scan(s: Treatment) -> Fact:
    return code(s.row, "modality", *base.CHEST_CT)


def fup1(e: Episode) -> Verdict:
    """Followed for eight months: any chest CT after NED."""
    ned = day(e.row, "ned_on")
    if ned is None:
        return outcome(_without_ned(e), None)
    limit = months_later(ned, base.FIRST_SCAN_MONTHS)
    long = all3(
        _not_later(e, ned, limit),
        not_after(limit, day(e.patient, "last_contact_on")),
        not_after(limit, e.cut),
    )
    met = _logged(e, ned, lambda s: all3(_scan(s), before(ned, s.on)))
    return outcome(long, met)


def _window(e: Episode, ned: dt.date, month: int, used: set[int]) -> str:
    tolerance = base.WINDOWS[month]
    opens, closes = months_later(ned, month - tolerance), months_later(ned, month + tolerance)

    def inside(s: Treatment) -> Fact:
        return all3(_scan(s), not_after(opens, s.on), not_after(s.on, closes))

    studies = _watched(e, ned)
    free = [number for number, s in enumerate(studies) if number not in used and all3(s.own, inside(s))]
    if free:
        used.add(min(free, key=lambda number: str(studies[number].on)))
        return "adherent"
    ended = not3(_not_later(e, ned, closes))
    if ended:
        return "not_applicable"
    if ended is None:
        # Reading: a window that may have ended by then is undetermined in its denominator.
        return "undetermined_denominator"
    if closes > e.cut:
        return "pending"
    contact = day(e.patient, "last_contact_on")
    if contact is None:
        return "undetermined_denominator"
    if closes > contact:
        return "not_applicable"
    left = [s for number, s in enumerate(studies) if number not in used]
    known = some(left, inside) is False and text(e.row, "surveillance_log_complete") == "yes"
    return "non_adherent" if known else "undetermined_numerator"


def _windows(e: Episode, months: list[int]) -> Verdict:
    ned = day(e.row, "ned_on")
    if ned is None:
        return outcome(_without_ned(e), None)
    used: set[int] = set()
    found = {month: _window(e, ned, month, used) for month in base.WINDOWS}
    return {str(month): found[month] for month in months}


def fup2(e: Episode) -> Verdict:
    """Chest CT in each half-yearly window of three years."""
    return _windows(e, [month for month in base.WINDOWS if month <= 36])


def fup3(e: Episode) -> Verdict:
    """Chest CT in each yearly window after that."""
    return _windows(e, [month for month in base.WINDOWS if month > 36])


def fup4(e: Episode) -> Verdict:
    """Every chest study of the surveillance before recurrence is a CT."""
    ned = day(e.row, "ned_on")
    if ned is None:
        return outcome(_without_ned(e), None)

    def surveyed(s: Treatment) -> Fact:
        chest, purpose = code(s.row, "modality", *base.CHEST_STUDIES), code(s.row, "purpose", "surveillance")
        free = [any3(not3(fits), before(s.on, on)) for fits, on in _recurrences(e, ned)]
        return all3(chest, purpose, before(ned, s.on), *free)

    # Reading: without such a study the rule does not apply where the log is complete, else that is unknown.
    applies = _logged(e, ned, surveyed)
    return outcome(applies, every(_watched(e, ned), lambda s: any3(not3(surveyed(s)), _scan(s))))


RULES = {"FUP1": fup1, "FUP2": fup2, "FUP3": fup3, "FUP4": fup4}
