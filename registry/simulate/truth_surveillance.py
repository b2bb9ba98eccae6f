"""Known truth of the surveillance after no evidence of disease."""

from __future__ import annotations

from collections.abc import Iterator

from registry.simulate import parameters as P
from registry.simulate.followup import WINDOWS, window
from registry.simulate.story import Course, Story, add_months, day_of
from registry.simulate.verdict import (
    ADHERENT,
    NON_ADHERENT,
    PENDING,
    UNKNOWN_DENOMINATOR,
    UNKNOWN_NUMERATOR,
    UNSTATED,
    Verdict,
)


def surveillance(story: Story, course: Course) -> Iterator[tuple[str, Verdict]]:
    """FUP1, and a verdict for each window of FUP2 and FUP3."""
    ned = course.ned
    if ned is None or "ned_on" in course.hidden:
        yield from ((rule_id, verdict) for rule_id in ("FUP1", "FUP2", "FUP3") if (verdict := _no_ned(course)))
        return
    taken = sorted(day_of(row, "performed_on") or 0 for row in course.surveillance)
    missed = (NON_ADHERENT, "missed") if course.surveillance_complete else (UNKNOWN_NUMERATOR, "log not complete")
    stop = min(course.recurrence or story.limit, story.limit)
    if add_months(ned, 8) <= stop:
        yield "FUP1", Verdict(ADHERENT, "CT done") if taken else Verdict(*missed)
    for month, tolerance in WINDOWS:
        opens, closes = window(ned, month, tolerance)
        rule_id = "FUP2" if month <= 36 else "FUP3"
        if any(opens <= day <= closes for day in taken):
            yield rule_id, Verdict(ADHERENT, "CT done", str(month))
        elif closes > (course.recurrence or P.END + 10**6) or (story.died and closes > story.death):
            continue
        elif closes > P.END:
            yield rule_id, Verdict(PENDING, "window open at the end", str(month))
        elif closes <= story.limit:
            yield rule_id, Verdict(*missed, str(month))


def _no_ned(course: Course) -> Verdict | None:
    """The date of NED is blank: undetermined where the lung was treated radically."""
    radical = [row for row in course.local if row["target"] == "lung" and row["intent"] == "radical"]
    if not radical:
        return None
    if course.incomplete:
        return Verdict(UNSTATED, "R1 or R2: whether that was radical is read in two ways")
    return Verdict(UNKNOWN_DENOMINATOR, "no date of NED")
