"""Death as proportional hazards with known multipliers."""

from __future__ import annotations

import math
from statistics import NormalDist

from registry.simulate import parameters as P
from registry.simulate.story import Course, Story, add_months

NORMAL = NormalDist()
DAYS_A_YEAR = 365.25


def factors(story: Story, course: Course, day: int, *, incomplete: bool) -> dict[str, bool]:
    """The true prognostic factors of an episode on the day from which survival counts."""
    primary, resected = story.primary, story.primary_resected
    nodes = str(primary.get("p_n") or primary["c_n"])
    before = resected is not None and resected <= course.detected
    cea = course.row["cea_ng_ml"]
    return {
        "multiple_lesions": course.lung and int(course.row["lesion_count"]) > 1,
        "thoracic_nodes": course.nodes_involved,
        "high_cea": isinstance(cea, float) and cea > 5,
        "short_dfi": before and resected is not None and course.detected < add_months(resected, 24),
        "liver_metastases": any(row["site"] == "liver" for row in story.rows["metastasis"]),
        "incomplete_resection": incomplete,
        "advanced_primary": nodes[:2] in ("N1", "N2"),
        "older_than_70": story.age(day) > 70,
        "synchronous": course.synchronous,
    }


def log_hazard(story: Story, course: Course, day: int, *, incomplete: bool) -> float:
    present = factors(story, course, day, incomplete=incomplete)
    return math.fsum(math.log(P.HAZARD_RATIOS[name]) for name, holds in present.items() if holds)


def death_from(story: Story, course: Course, day: int, group: str, *, incomplete: bool = False) -> None:
    """Draws the death of the patient, counted from a day.

    The first resection of lung metastases draws it anew: from then on the hazards are those of the resected.
    """
    uniform = max(story.draws.uniform(), 1e-12)
    relative = math.exp(-log_hazard(story, course, day, incomplete=incomplete))
    years = P.DEATH_SCALE_YEARS[group] * (-math.log(1 - uniform) * relative) ** (1 / P.DEATH_SHAPE)
    story.death = day + 1 + int(years * DAYS_A_YEAR)
    story.death_score = NORMAL.inv_cdf(uniform)


def expect_death(story: Story, course: Course, day: int, group: str) -> None:
    """Draws the death where no earlier episode has."""
    if course.number == 1:
        death_from(story, course, day, group)
