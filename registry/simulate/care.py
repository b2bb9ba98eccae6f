"""The care of an episode from detection to its last treatment: emergencies, and the route."""

from __future__ import annotations

from collections.abc import Callable

from registry.simulate.route_advanced import (
    lung_free,
    lymphangitic,
    one_site,
    potentially_resectable,
    several_sites,
    unresectable,
)
from registry.simulate.route_metachronous import metachronous, non_initial
from registry.simulate.route_synchronous import synchronous
from registry.simulate.story import Course, Row, Story, day_of, operating_day
from registry.simulate.treatment import local, resect_primary

_BY_ROUTE: dict[str, Callable[[Story, Course, int], None]] = {
    "": lung_free,
    "R-LYM": lymphangitic,
    "R-NIN": non_initial,
    "R-MUL": several_sites,
    "R-LIV": one_site,
    "R-SYN": synchronous,
    "R-MET": metachronous,
    "R-POT": potentially_resectable,
    "R-UNR": unresectable,
}


def care_for(story: Story, course: Course) -> None:
    """Treats one episode; the story then knows until when the patient lives."""
    _perforation(story, course)
    _BY_ROUTE[course.route](story, course, operating_day(course.detected + story.draws.days(15, 45)))
    _emergency(story, course)
    starts = [day for row in (*course.systemic, *course.local) if (day := day_of(row, "started_on")) is not None]
    if course.synchronous or course.subtype == "gap":
        story.primary["first_treated_on"] = min(starts, default="NAP")
    if story.primary_resected is None:
        story.primary["p_t"] = story.primary["p_n"] = "NAP"


def _perforation(story: Story, course: Course) -> None:
    """A perforated colon is resected at once, and so is the primary."""
    day = day_of(course.row, "emergency_on")
    if course.row["emergency"] == "perforation" and day is not None and not story.rectum:
        resect_primary(story, course, day, "emergency")


def _emergency(story: Story, course: Course) -> None:
    """The management of any other emergency: before the first other treatment, or by deviation after it."""
    day, first, kind = day_of(course.row, "emergency_on"), course.first_treatment, course.row["emergency"]
    if day is None or story.primary_resected == day:
        return
    managed = day + story.draws.days(0, 2)
    if first is not None and first + 12 <= story.limit and not story.follows("EMG1"):
        managed = first + story.draws.days(4, 12)
    modality = "hemostasis" if kind == "bleeding" else "stent" if story.draws.chance(0.5) else "colostomy"
    row: Row | None = local(story, course, managed, "primary", modality, "emergency")
    assert row is not None, "the patient dies or is lost after the first treatment"
