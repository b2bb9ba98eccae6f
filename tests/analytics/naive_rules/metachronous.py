"""Chapter 3.9: initial metachronous lung metastases."""

from __future__ import annotations

from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    Verdict,
    all3,
    before,
    code,
    every,
    narrowed,
    not3,
    option,
    outcome,
    some,
    text,
    there_is,
)
from tests.analytics.naive_rules.episode import (
    Episode,
    about,
    agreed,
    not_palliative,
    perioperative,
    possible_ends,
    postoperative,
)


def _resectable(e: Episode) -> Fact:
    return all3(e.on("R-MET"), code(e.row, "resectability", "resectable"))


def met1(e: Episode) -> Verdict:
    """The first treatment is surgery of the lung."""
    documented = any(all3(m.own, about(m, "preoperative_systemic")) for m in e.meetings)
    # Reading: the meeting excepts whether or not the therapy was given, and at any date.
    excepted = documented or text(e.row, "surgery_unsuitable_reason") is not None
    return outcome(_resectable(e), e.first_is(e.lung_operations), excepted=excepted, pending=e.untreated_open)


def _adjuvant(e: Episode) -> list[Treatment]:
    """Postoperative systemic therapy after a lung operation."""
    # Reading: after any of the lung operations, so after the first.
    return narrowed(e.systemic, lambda s: all3(postoperative(s), some(e.lung_operations, lambda o: before(o.on, s.on))))


def _operated(e: Episode) -> Fact:
    return all3(e.on("R-MET"), there_is(e.lung_operations))


def met2(e: Episode) -> Verdict:
    """Systemic therapy after the lung operation."""
    return option(_operated(e), there_is(_adjuvant(e)), pending=e.postoperative_open)


def _effective(e: Episode) -> list[Treatment]:
    """Irinotecan with a response before a lung operation."""
    # Reading: preoperative is any row but a palliative one that starts before the first lung operation.

    def effective(s: Treatment) -> Fact:
        early = all3(there_is(e.lung_operations), every(e.lung_operations, lambda o: before(s.on, o.on)))
        fits = all3(code(s.row, "backbone", "irinotecan"), code(s.row, "best_response", "CR", "PR"))
        return all3(not_palliative(s), fits, early)

    return narrowed(e.systemic, effective)


def met3(e: Episode) -> Verdict:
    """The therapy after the lung operation contains oxaliplatin."""
    applies = all3(_operated(e), there_is(_adjuvant(e)))
    met = some(_adjuvant(e), lambda s: code(s.row, "backbone", "oxaliplatin"))
    effective = there_is(_effective(e)) is True
    return outcome(applies, met, excepted=effective or e.excepted("MET3", "contraindication"))


def met4(e: Episode) -> Verdict:
    """Effective irinotecan goes on after the operation."""

    def same(first: Treatment, second: Treatment) -> Fact:
        for column in ("regimen", "backbone"):
            one, other = text(first.row, column), text(second.row, column)
            if one is not None and other is not None:
                return one == other
        return None

    effective = _effective(e)
    # Reading: of several such therapies the last.
    last = possible_ends(effective, -1)
    taken = some(_adjuvant(e), lambda s: agreed(last, lambda pre: same(pre, s)))
    still = all3(e.postoperative_open, not3(there_is(_adjuvant(e))))
    return option(all3(e.on("R-MET"), there_is(effective)), taken, pending=still)


def met5(e: Episode) -> Verdict:
    """Perioperative systemic therapy of at most six months."""
    met, pending = e.within_six_months()
    return outcome(all3(e.on("R-MET"), some(e.systemic, perioperative)), met, pending=pending)


def met6(e: Episode) -> Verdict:
    """Local recurrence with initial metachronous lung metastases: descriptive."""
    recurrence = None if e.recurrence is None else e.recurrence != "none"
    return option(all3(not3(e.synchronous), not3(e.non_initial), recurrence), True)


RULES = {"MET1": met1, "MET2": met2, "MET3": met3, "MET4": met4, "MET5": met5, "MET6": met6}
