"""Follow-up: the chest CTs of the surveillance windows, and the visits."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.story import Course, Row, Story, add_months
from registry.simulate.treatment import study

WINDOWS = ((6, 2), (12, 2), (18, 2), (24, 2), (30, 2), (36, 2), (48, 3), (60, 3))
"""Months since NED and how many more or fewer are allowed: P-FUP."""

_LAST_OF_FUP2 = 36
_INSIDE_DAYS = 4
"""A CT keeps this far from the limits of its window, so that no counting of months moves it across."""

_CTS = Mix({"chest_ct_plain": 0.6, "chest_ct_contrast": 0.4}, P.ASSUMED)
_VISITS = (3, 6, 9, 12, 18, 24, 30, 36, 42, 48, 60, 72, 84, 96, 108, 120)
_ECOG = Mix({"0": 0.5, "1": 0.38, "2": 0.1, "3": 0.02}, P.ASSUMED)
_ECOG_WITH_DISEASE = Mix({"0": 0.25, "1": 0.45, "2": 0.2, "3": 0.08, "4": 0.02}, P.ASSUMED)
_GLOBAL_HEALTH = Mix(
    {
        "16.7": 0.02,
        "33.3": 0.05,
        "41.7": 0.07,
        "50": 0.13,
        "58.3": 0.14,
        "66.7": 0.23,
        "75": 0.14,
        "83.3": 0.16,
        "100": 0.06,
    },
    P.ASSUMED,
)


def window(ned: int, month: int, tolerance: int) -> tuple[int, int]:
    """The first and the last day of a window of surveillance."""
    return add_months(ned, month - tolerance), add_months(ned, month + tolerance)


def surveil(story: Story, course: Course) -> None:
    """The chest CTs from NED to the recurrence, or to the end of observation."""
    if course.ned is None or not course.lung:
        return
    draws, stop = story.draws, min(course.recurrence or story.limit + 1, story.limit + 1)
    days: list[int] = []
    # A recurrence in the lung is seen on a CT: then the patient did come. Who comes for none has no such recurrence.
    must = course.recurred_in_lung
    if must or story.follows("FUP1"):
        for month, tolerance in WINDOWS:
            opens, closes = window(course.ned, month, tolerance)
            if opens > stop:
                break
            followed = story.follows("FUP2" if month <= _LAST_OF_FUP2 else "FUP3")
            if followed or (must and month == WINDOWS[0][0]):
                days.append(draws.days(opens + _INSIDE_DAYS, closes - _INSIDE_DAYS))
            elif draws.chance(0.4):
                days.append(closes + draws.days(6, 25))
        days = [day for day in days if day < stop]
        for day in days:
            course.surveillance.append(study(story, course, day, draws.pick(_CTS), "surveillance", result="no_disease"))
    if course.recurrence is not None and not course.continued:
        _find_recurrence(story, course, course.recurrence)


def _find_recurrence(story: Story, course: Course, day: int) -> None:
    """The study that shows a recurrence which is no new episode (else the study belongs to that episode)."""
    if course.recurred_in_lung:
        found = study(story, course, day, story.draws.pick(_CTS), "surveillance", result="new_lesion")
        course.surveillance.append(found)
    else:
        study(story, course, day, "abdomen_ct_contrast", "other", result="new_lesion")


def visit(story: Story) -> None:
    """The visits since the first treatment, or since detection, as far as they were kept."""
    draws, first = story.draws, story.courses[0]
    start = first.first_treatment or first.detected
    quality_of_life = draws.chance(0.5)
    free_times = [(course.ned, course.recurrence or P.END + 1) for course in story.courses if course.ned is not None]
    for months in _VISITS:
        day = start + int(months * 30.4375) + draws.days(-14, 14)
        if day > story.limit:
            return
        if not story.follows("visit"):
            continue
        free = any(ned <= day < recurrence for ned, recurrence in free_times)
        row: Row = story.add("follow_up", seen_on=day, disease_status="ned" if free else "alive_with_disease")
        row["ecog"] = int(draws.pick(_ECOG if free else _ECOG_WITH_DISEASE))
        row["cea_ng_ml"] = round(draws.lognormal(2.2, 0.5) if free else draws.lognormal(11.0, 1.1), 1)
        if quality_of_life and draws.chance(0.7):
            row["global_health_score"] = float(draws.pick(_GLOBAL_HEALTH))
