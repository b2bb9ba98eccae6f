"""Chapter 3.9: rectal cancer with synchronous lung metastases."""

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
    code,
    combined,
    day,
    every,
    months_later,
    narrowed,
    no_end,
    not3,
    not_after,
    option,
    outcome,
    primary_radiotherapy,
    radical,
    some,
    text,
    yes_no,
)
from tests.analytics.naive_rules.episode import Episode, not_palliative
from tests.analytics.naive_rules.surgery import before_primary


def _applies(e: Episode) -> Fact:
    """The denominator of REC1."""
    # Reading: "primary in situ, synchronous or type a" holds for both routes; the subtype gap is left out.
    return all3(
        e.on("R-SYN", "R-LIV"),
        e.in_situ,
        any3(e.synchronous, e.during_neoadjuvant),
        e.facts["mid_low_rectum"],
        text(e.primary, "curable") != "no",
        e.locally_advanced,
        e.goal_is("ned"),
    )


def rec1(e: Episode) -> Verdict:
    """Systemic therapy and radiotherapy of the primary before its resection."""
    met, pending = combined(*before_primary(e))
    excluded = text(e.primary, "organ_preservation") == "yes"
    return outcome(_applies(e), met, excluded=excluded, pending=pending)


def rec2(e: Episode) -> Verdict:
    """Two radical local treatments or more: a meeting about their sequence by the first."""
    treated = narrowed(e.local, radical)
    sure = sum(item.own is True for item in treated)
    two = True if sure >= 2 else None if len(treated) >= 2 else False
    return outcome(all3(_applies(e), two), e.discussed_by(treated, "sequence"))


def _preserved(e: Episode) -> Fact:
    return all3(_applies(e), yes_no(e.primary, "organ_preservation") if e.primary else None)


def _watched(e: Episode) -> Fact:
    """Systemic therapy and radiotherapy, then radical lung resection with the primary in situ."""

    def after_therapy(o: Treatment) -> Fact:
        systemic = some(e.systemic, lambda s: all3(not_palliative(s), before(s.on, o.on)))
        radiated = some(e.local, lambda item: all3(primary_radiotherapy(item), before(item.on, o.on)))
        return all3(radical(o), systemic, radiated, not3(e.removed(lambda on: not_after(on, o.on))))

    return some(e.lung_operations, after_therapy)


def rec3(e: Episode) -> Verdict:
    """Organ preservation: the lung is resected after total neoadjuvant therapy, the primary left."""
    return option(_preserved(e), _watched(e))


def rec4(e: Episode) -> Verdict:
    """REC3 taken: a look at the primary in every six months from the end of the therapy."""
    met, pending = _watch(e)
    return outcome(all3(_preserved(e), _watched(e)), met, pending=pending)


LATER = dt.date(9000, 1, 1)


def _watch(e: Episode) -> tuple[Fact, Fact]:
    # Reading: the therapy is what began before the first radical lung operation, its end the last end; while it is
    # under way the rule is pending, and so before the first six months have closed, unless a look came. Only closed
    # months count.
    operations = narrowed(e.lung_operations, radical)

    def earlier(item: Treatment) -> Fact:
        return every(operations, lambda o: before(item.on, o.on))

    systemic = narrowed(e.systemic, lambda s: all3(not_palliative(s), earlier(s)))
    radiated = narrowed(e.local, lambda item: all3(primary_radiotherapy(item), earlier(item)))
    ends = [(s.own, LATER if no_end(s.row, "ended_on") else day(s.row, "ended_on")) for s in systemic]
    ends += [(item.own, day(item.row, "ended_on") or item.on) for item in radiated]
    end = max((on for own, on in ends if own and on), default=dt.date.min)
    if end == LATER:
        return None, True
    # Reading: whoever died or was lost cannot be watched any longer.
    died, contact = day(e.patient, "death_on"), day(e.patient, "last_contact_on")
    until = min(on for on in (e.cut, died, contact) if on is not None)
    lost = contact is None or (died is None and text(e.patient, "vital_status") == "dead")
    if any(on is None or (not own and on > end) for own, on in ends) or not systemic or not radiated:
        return None, True if months_later(end, base.CLOSE_WATCH_MONTHS) > until else None
    facts: list[Fact] = []
    number, over = 0, not lost
    opens = end
    while (closes := months_later(end, (number + 1) * base.CLOSE_WATCH_MONTHS)) <= until:
        facts.append(any3(e.logged("surveillance_log_complete", _look(opens, closes)), None if lost else False))
        number, opens = number + 1, closes
    if not facts:
        return some(e.studies, _look(end, closes)) or None, True
    return all3(*facts), False if over else None


def _look(opens: dt.date, closes: dt.date) -> Callable[[Treatment], Fact]:
    return lambda s: all3(
        code(s.row, "modality", "colonoscopy", "pelvis_mri_contrast"), before(opens, s.on), not_after(s.on, closes)
    )


RULES = {"REC1": rec1, "REC2": rec2, "REC3": rec3, "REC4": rec4}
