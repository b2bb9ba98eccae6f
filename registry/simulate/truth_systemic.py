"""Known truth of the rules where systemic therapy leads or another site is involved, and of emergencies."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.story import Course, Story, day_of
from registry.simulate.verdict import (
    ADHERENT,
    EXCEPTION,
    UNKNOWN_DENOMINATOR,
    UNKNOWN_NUMERATOR,
    UNSTATED,
    Verdict,
    applies_on,
    met,
    route_open,
    started,
    topic_of_a_meeting,
    unmet,
)


@applies_on("R-LYM")
def lym1(story: Story, course: Course) -> Verdict | None:
    given = [start for row in course.local if row["target"] == "lung" and (start := course.start(row)) is not None]
    if not given:
        return Verdict(ADHERENT, "no local treatment")
    documented = any(
        "lymphangitic_local_treatment" in str(meeting["topics"]) and (day_of(meeting, "held_on") or P.END) < min(given)
        for meeting in course.meetings
    )
    if documented:
        return Verdict(EXCEPTION, "local treatment that a meeting had discussed")
    return unmet(course, "LYM1", ("mdt_decision",), "local treatment of the lung")


@applies_on("R-LYM")
def lym2(story: Story, course: Course) -> Verdict | None:
    if course.systemic:
        return Verdict(ADHERENT, "systemic therapy")
    return unmet(course, "LYM2", ("performance_status", "refusal", "mdt_decision"), "no systemic therapy")


def emg1(story: Story, course: Course) -> Verdict | None:
    if course.row["emergency"] == "none":
        return None
    if "emergency" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "the day of its management withheld")
    first = course.first_treatment
    managed = min(started(row) for row in course.local if row["intent"] == "emergency")
    return met(first is None or managed <= first, "managed first", "managed after another treatment")


def pot1(story: Story, course: Course) -> Verdict | None:
    if course.resectability != "potentially_resectable":
        return None
    if "resectability" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "resectability withheld")
    if route_open(course):
        return Verdict(UNSTATED, "potentially resectable on an open route")
    if course.hidden & {"meetings", "topics"}:
        return Verdict(UNKNOWN_NUMERATOR, "meetings or topics withheld")
    return met(topic_of_a_meeting(course, "resectability"), "a meeting judged it", "no meeting judged resectability")


@applies_on("R-UNR")
def unr1(story: Story, course: Course) -> Verdict | None:
    if course.systemic:
        return Verdict(ADHERENT, "systemic therapy")
    if course.row["observation_chosen"] is True:
        return Verdict(EXCEPTION, "observation of silent metastases")
    return unmet(course, "UNR1", ("performance_status", "refusal"), "no systemic therapy")


def liv5(story: Story, course: Course) -> Verdict | None:
    both = course.route == "R-LIV" and course.lung_curable and course.other_curable
    if not both or not course.local:
        return None
    if route_open(course) or "curable" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "route or curability withheld")
    if course.hidden & {"meetings", "topics"}:
        return Verdict(UNKNOWN_NUMERATOR, "meetings or topics withheld")
    return met(
        topic_of_a_meeting(course, "sequence"), "a meeting set the sequence", "no meeting set the sequence in time"
    )


def mul1(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-MUL":
        return None
    if "lymphangitic" in course.hidden:
        return Verdict(UNSTATED, "several sites on an open route")
    first = course.first_treatment
    if first is not None and any(started(row) == first for row in course.systemic):
        return Verdict(ADHERENT, "systemic therapy first")
    deviation = "no treatment" if first is None else "local treatment first"
    return unmet(course, "MUL1", ("performance_status", "refusal"), deviation)
