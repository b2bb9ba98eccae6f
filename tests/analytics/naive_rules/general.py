"""Chapter 3.1: discussion by a multidisciplinary team, goals, monitoring."""

from __future__ import annotations

import datetime as dt

from tests.analytics.naive_rules import base, molecular, surgery
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    before,
    code,
    day,
    done,
    every,
    in_time,
    months_later,
    narrowed,
    not3,
    not_after,
    outcome,
    radical,
    recorded,
    some,
    there_is,
)
from tests.analytics.naive_rules.episode import Episode


def gen1(e: Episode) -> Verdict:
    """Any meeting on or before the first treatment."""
    # Reading: an episode whose only treatments have no date, or began before it, has no first treatment: excluded.
    return outcome(True, e.meeting(lambda m: e.by_first(m.on, in_time)), excluded=e.treated is False)


def gen2(e: Episode) -> Verdict:
    """Curability assessed by a meeting early: by the first radical local treatment and three months of treatment."""

    def in_months(m: Treatment) -> Fact:
        limits = ((item, months_later(item.on, base.EARLY_MONTHS)) for item in e.begun if item.on)
        return all3(*(any3(not3(item.own), in_time(m.on, limit)) for item, limit in limits))

    def early(m: Treatment) -> Fact:
        by_local = every(e.local, lambda item: any3(not3(radical(item)), in_time(m.on, item.on)))
        return all3(done(m.row, "curability_assessed"), in_months(m), by_local)

    return outcome(True, e.meeting(early), excluded=e.treated is False)


def gen3(e: Episode) -> Verdict:
    """A goal recorded by a meeting, whenever."""
    return outcome(True, e.meeting(lambda m: recorded(m.row, "goal")), excluded=e.treated is False)


def gen4(e: Episode) -> Verdict:
    """Goal NED and a radical local treatment: systemic therapy began before the first of these."""
    local = some(e.local, radical)
    applies = all3(e.goal_is("ned"), local, not3(e.on("R-MET")), not3(surgery.without_preoperative(e)))
    met = some(e.systemic, lambda s: every(e.local, lambda item: any3(not3(radical(item)), before(s.on, item.on))))
    # Reading: GEN4 is of class Q, so an MDT reason excepts it although it is not scored.
    return outcome(applies, met, excepted=e.excepted("GEN4", "mdt_decision"))


def gen5(e: Episode) -> Verdict:
    """Palliative goal and a local treatment: systemic therapy and its response before it, and a meeting by then."""
    # Reading: "it" is the first local treatment that has a date.
    # Reading: where all local treatments are emergencies the denominator is not met: NA, never EXCL.
    met = all3(
        some(e.systemic, lambda s: e.by_local(s.on, before)),
        e.last_response(e.dated_local, "CR", "PR", "SD"),
        e.meeting(lambda m: e.by_local(m.on, in_time)),
    )
    return outcome(all3(e.goal_is("palliative"), there_is(e.planned_local)), met)


def gen6(e: Episode) -> Verdict:
    """Systemic therapy of three months or more: a response assessed within its dates."""

    def long(s: Treatment) -> Fact:
        mark = months_later(s.on, base.MONITORED_MONTHS) if s.on else None
        if mark and mark > e.cut:
            return False
        return not_after(mark, e.cut if e.under_way(s) else day(s.row, "ended_on"))

    def within(s: Treatment, on: dt.date | None) -> Fact:
        last = e.cut if e.under_way(s) else day(s.row, "ended_on")
        return all3(not_after(s.on, on), not_after(on, last))

    def assessed(s: Treatment) -> Fact:
        # Reading: a response study that is absent decides nothing: the date of the response is what may be missing.
        by_row = False if s.row.get("response_assessed_on") == "ND" else within(s, day(s.row, "response_assessed_on"))
        return any3(by_row, some(e.studies, lambda i: all3(code(i.row, "purpose", "response"), within(s, i.on))))

    # Reading: one such therapy with an assessment is enough where there are several.
    return outcome(some(e.systemic, long), some(e.systemic, lambda s: all3(long(s), assessed(s))))


def gen8(e: Episode) -> Verdict:
    """A multicenter trial was offered."""
    return outcome(True, code(e.patient, "trial_participation", "declined", "entered"))


def gen9(e: Episode) -> Verdict:
    """Performance status, site and four markers known when systemic therapy began, in three routes."""
    # Reading: the first systemic treatment is the earliest from the detection on; without one the rule does not apply.
    from_here = narrowed(e.systemic, lambda s: s.on is not None and not_after(e.detected, s.on))
    applies = all3(e.on("R-LIV", "R-MUL", "R-LYM"), there_is(from_here))
    met = all3(
        recorded(e.row, "ecog"),
        recorded(e.primary, "site"),
        *(molecular.reported_by(e, marker, from_here) for marker in molecular.ROUTINE),
    )
    return outcome(applies, met)


RULES = {
    "GEN1": gen1,
    "GEN2": gen2,
    "GEN3": gen3,
    "GEN4": gen4,
    "GEN5": gen5,
    "GEN6": gen6,
    "GEN8": gen8,
    "GEN9": gen9,
}
