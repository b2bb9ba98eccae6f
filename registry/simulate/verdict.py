"""What a known verdict is, and the words in which the rules of known truth are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from registry.simulate import parameters as P
from registry.simulate.story import Course, Row, Story, day_of

ADHERENT, NON_ADHERENT, EXCEPTION = "adherent", "non_adherent", "exception"
EXCLUDED, PENDING, UNSTATED = "excluded", "pending", "unstated"
UNKNOWN_DENOMINATOR, UNKNOWN_NUMERATOR = "undetermined_denominator", "undetermined_numerator"


class Verdict(NamedTuple):
    """An outcome, what was done or withheld that makes it, and the part of the rule."""

    outcome: str
    what: str
    part: str = ""


Rule = Callable[[Story, Course], Verdict | None]
"""The verdict of an episode as it truly is; None where the rule does not apply to it."""


def met(holds: bool, followed: str, deviation: str) -> Verdict:
    return Verdict(ADHERENT, followed) if holds else Verdict(NON_ADHERENT, deviation)


def unmet(course: Course, rule_id: str, accepted: tuple[str, ...], deviation: str) -> Verdict:
    """Not met: an exception where an accepted reason is recorded."""
    reason = course.exceptions.get(rule_id)
    if reason in accepted:
        return Verdict(EXCEPTION, f"{deviation}; {reason} recorded")
    return Verdict(NON_ADHERENT, deviation)


def route_open(course: Course) -> bool:
    """Whether what was withheld leaves the route open."""
    return bool(course.hidden & {"lymphangitic", "other_sites_assessed", "resectability", "local_recurrence"})


def applies_on(route: str) -> Callable[[Rule], Rule]:
    """A rule that applies to the episodes of one route: open where the route is."""

    def decorate(rule: Rule) -> Rule:
        def on_its_route(story: Story, course: Course) -> Verdict | None:
            if course.route != route:
                return None
            if route_open(course):
                return Verdict(UNKNOWN_DENOMINATOR, "a fact of the route withheld")
            return rule(story, course)

        return on_its_route

    return decorate


def discussed_before(course: Course, day: int) -> bool:
    return any((day_of(meeting, "held_on") or P.END) <= day for meeting in course.meetings)


def topic_of_a_meeting(course: Course, topic: str) -> bool:
    return any(topic in str(meeting["topics"]).split(";") for meeting in course.meetings)


def started(row: Row) -> int:
    return day_of(row, "started_on") or 0
