"""Chapter 3.4: lymphangitic carcinomatosis and emergencies."""

from __future__ import annotations

from tests.analytics.naive_rules.base import (
    ABLATIONS,
    Fact,
    Treatment,
    Verdict,
    all3,
    any3,
    code,
    day,
    emergency,
    every,
    in_time,
    narrowed,
    not3,
    not_after,
    outcome,
    radical,
    some,
    there_is,
    yes_no,
)
from tests.analytics.naive_rules.episode import Episode, about


def lym1(e: Episode) -> Verdict:
    """No planned local treatment of the lung, nor another radical one, from the detection on."""
    lung = ("resection", "sbrt", *ABLATIONS)

    def against(item: Treatment) -> Fact:
        on_lung = all3(code(item.row, "target", "lung"), code(item.row, "modality", *lung), not emergency(item))
        return all3(any3(on_lung, radical(item)), not_after(e.detected, item.on))

    # Reading: "a meeting before it" may be on the same day (P-MDT), and is before the first such treatment; one
    # without a date may have been on the day of the detection.
    treated = narrowed(e.local, against)
    documented = any(
        all3(
            m.own,
            about(m, "lymphangitic_local_treatment"),
            every(treated, lambda item, m=m: in_time(m.on, item.on) or in_time(m.on, e.detected) or None),  # type: ignore[misc]
        )
        for m in e.meetings
    )
    excepted = documented or e.excepted("LYM1", "mdt_decision")
    return outcome(yes_no(e.row, "lymphangitic"), not3(some(e.local, against)), excepted=excepted)


def lym2(e: Episode) -> Verdict:
    """Systemic therapy started from the detection on, or under way then."""

    def given(s: Treatment) -> Fact:
        lasted = True if e.under_way(s) else not_after(e.detected, day(s.row, "ended_on"))
        return any3(not_after(e.detected, s.on), lasted)

    excepted = e.excepted("LYM2", "performance_status", "refusal", "mdt_decision")
    return outcome(yes_no(e.row, "lymphangitic"), some(e.systemic, given), excepted=excepted, pending=e.open)


def emg1(e: Episode) -> Verdict:
    """The emergency was managed before, or on the day of, the first other treatment after it."""
    since = day(e.row, "emergency_on")
    # Reading: other treatments, as emergency treatments, are those of the patient: it can come before the detection.
    # Reading: an other treatment without a date is left out, as in the first treatment of an episode.
    every_one = [Treatment(item.row, True, item.on) for item in (*e.all_systemic, *e.all_local) if item.on]
    others = narrowed(every_one, lambda item: not emergency(item) and not_after(since, item.on))
    managing = [item for item in e.all_local if emergency(item)]
    in_time = any3(
        *(
            all3(not_after(since, item.on), every(others, lambda other, on=item.on: not_after(on, other.on)))  # type: ignore[misc]
            for item in managing
        )
    )
    # Reading: an emergency row without a date decides nothing where a dated one was in time.
    met = any3(not3(there_is(others)), in_time)
    # Reading: EMG1 is never pending: it is met until another treatment comes first, and then it is lost.
    return outcome(code(e.row, "emergency", "bleeding", "perforation", "obstruction"), met)


RULES = {"LYM1": lym1, "LYM2": lym2, "EMG1": emg1}
