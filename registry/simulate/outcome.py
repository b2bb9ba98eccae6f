"""What follows a treatment: recurrence or the next episode, progression and further lines."""

from __future__ import annotations

import math

from registry.simulate import disease, treatment
from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.story import Course, Story, day_of
from registry.simulate.survival import DAYS_A_YEAR, NORMAL, log_hazard
from registry.tables import TABLES

_SITES = Mix(
    {
        "lung": 0.52,
        "liver": 0.18,
        "distant_lymph_node": 0.07,
        "thoracic_lymph_node": 0.06,
        "local": 0.06,
        "peritoneum": 0.05,
        "bone": 0.04,
        "brain": 0.02,
    },
    P.ASSUMED,
)


def after_ned(story: Story, course: Course) -> Course | None:
    """Recurrence after no evidence of disease, and the next episode where it is again oligometastatic."""
    if course.ned is None:
        return None
    draws = story.draws
    mixed = P.CORRELATION * story.death_score + math.sqrt(1 - P.CORRELATION**2) * draws.score()
    survived = max(1 - NORMAL.cdf(mixed), 1e-12)
    relative = math.exp(-P.RECURRENCE_POWER * log_hazard(story, course, course.ned, incomplete=False))
    years = P.RECURRENCE_SCALE_YEARS * (-math.log(survived) * relative) ** (1 / P.RECURRENCE_SHAPE)
    recurrence = course.ned + P.EARLIEST_RECURRENCE_DAYS + int(years * DAYS_A_YEAR)
    if recurrence > story.limit - 10:
        return None
    course.recurrence = recurrence
    treatment.stop_before(story, course, recurrence)
    again = (
        course.number < 3
        and recurrence + P.CARE_DAYS <= story.horizon
        and recurrence + 150 <= story.death
        and draws.chance(P.OLIGOMETASTATIC_AGAIN)
    )
    if again:
        lung = draws.chance(P.LUNG_AGAIN)
        following = disease.next_course(story, course, recurrence, lung)
        sites = ["lung"] if lung else []
        sites += [str(row["site"]) for row in following.sites]
    else:
        following = None
        sites = [story.draws.pick(_SITES)]
        if draws.chance(0.3):
            sites.append(story.draws.pick(_SITES))
    course.continued = again
    course.recurred_in_lung = "lung" in sites
    _record(story, course, recurrence, "recurrence", sites)
    if not again and draws.chance(0.8):
        palliative(story, course, recurrence + draws.days(18, 45), line=2)
    return following


def _record(story: Story, course: Course, day: int, kind: str, sites: list[str]) -> None:
    """The event, and the failure of a local treatment that it shows."""
    listed = ";".join(site for site in TABLES["disease_event"].fields["sites"].codes if site in sites)
    story.add("disease_event", occurred_on=day, kind=kind, sites=listed)
    for row in course.local:
        rate = P.FAILED_LOCALLY.get(str(row["modality"])) if row["target"] in sites else None
        started = day_of(row, "started_on")
        radical = row["intent"] == "radical" and "local_failure_on" not in row
        if rate and radical and started is not None and started < day and story.draws.chance(rate):
            row["local_failure_on"] = day


def palliative(story: Story, course: Course, start: int, *, line: int = 1, given_until: int | None = None) -> None:
    """Lines of systemic therapy, each until progression, as long as there is time.

    Args:
        start: of the first line.
        given_until: the end of the first line, where it has been given already (as a conversion that failed).
    """
    draws, site = story.draws, "lung" if course.lung else str(course.sites[0]["site"])
    for number, median in enumerate(P.PROGRESSION_YEARS):
        lasts = 25 + int(DAYS_A_YEAR * median * (-math.log(1 - draws.uniform())) ** 0.8)
        if number == 0 and given_until is not None:
            lasts = max(lasts, given_until - start + 7)
        else:
            length = min(lasts, draws.days(120, 260))
            stopped = "progression" if length == lasts else "toxicity" if draws.chance(0.12) else "completed"
            backbone = ("oxaliplatin", "irinotecan", "fluoropyrimidine")[min(line - 1, 2)]
            counted = line + course.number - 1
            given = treatment.systemic(
                story, course, start, length, "palliative", backbone, line=counted, stop=stopped, first_line=number == 0
            )
            if given is None:
                return
        progression = start + lasts
        if progression > story.limit:
            return
        _record(story, course, progression, "progression", [site] if draws.chance(0.7) else [site, "liver"])
        line += 1
        start = progression + draws.days(10, 35)
        if draws.chance(0.15):
            return


def progress_later(story: Story, course: Course, day: int) -> None:
    """Growth of disease that was never gone, and the therapy that answers it."""
    if day <= story.limit:
        _record(story, course, day, "progression", ["lung" if course.lung else str(course.sites[0]["site"])])
        palliative(story, course, day + story.draws.days(12, 35), line=2)
