"""Centers and patients: who is treated where, when they enter the registry, and whom the centers only listed."""

from __future__ import annotations

import math

from registry.simulate import parameters as P
from registry.simulate.draws import Draws, Mix
from registry.simulate.story import Row, Story

_CENTERS = {center.center_id: center for center in P.CENTERS}
_ADHERENCE = {center.center_id: center.follows() for center in P.CENTERS}
_TRIALS = Mix({"not_offered": 0.62, "declined": 0.18, "entered": 0.20}, P.ASSUMED)
_CAUSES = Mix({"cancer": 0.94, "treatment": 0.01, "other": 0.02, "unknown": 0.03}, P.ASSUMED)
_CAUSES_WITHOUT_DISEASE = Mix({"other": 0.78, "treatment": 0.07, "unknown": 0.15}, P.ASSUMED)


def begin(story: Story, detected: int) -> None:
    """The patient, and the last day on which the center knows one who lives."""
    draws = story.draws
    story.center = _CENTERS[draws.pick(P.CENTER_OF)]
    story.adherence = _ADHERENCE[story.center.center_id]
    story.patient_id = f"{story.center.center_id}-{story.number:06d}"
    story.male = draws.chance(P.MALE)
    age = min(max(P.AGE_MEAN + P.AGE_SD * draws.score(), P.YOUNGEST), P.OLDEST)
    story.birth = detected - int(age * 365.25)
    story.genotype = _genotype(draws)
    lost = detected + P.CARE_DAYS + int(-365.25 * math.log(1 - draws.uniform()) / story.center.loss)
    story.horizon = min(P.END - draws.days(0, story.center.delay), lost)


def _genotype(draws: Draws) -> dict[str, str]:
    """The markers of the tumor; of KRAS, NRAS and BRAF at most one is mutated."""
    found: dict[str, str] = {}
    for marker, mix in P.MUTATIONS.items():
        result = draws.pick(mix)
        found[marker] = "wild_type" if result == "mutated" and "mutated" in found.values() else result
    return found


def enroll(story: Story) -> bool:
    """The row of the patient; False for one who died or was lost before the day of the enrollment.

    Such a patient is not in a registry: that is what delayed entry corrects for.
    """
    draws, center = story.draws, story.center
    late = draws.chance(center.retrospective)
    enrolled = story.courses[0].detected + (draws.days(120, 1200) if late else draws.days(0, 35))
    if enrolled > story.limit:
        return False
    status = "waived" if draws.chance(P.WAIVED_LATE if late else P.WAIVED) else "given"
    if draws.chance(P.WITHDRAWN) and not story.died:
        status = "withdrawn"
    story.patient = story.add(
        "patient",
        center_id=center.center_id,
        sex="male" if story.male else "female",
        birth_date=story.birth,
        enrolled_on=enrolled,
        consent_status=status,
        consent_on=story.limit if status == "withdrawn" else enrolled,
        trial_participation=draws.pick(_TRIALS),
        vital_status="dead" if story.died else "alive",
        last_contact_on=story.limit,
    )
    if story.died:
        course = story.courses[-1]
        free = course.ned is not None and course.recurrence is None
        story.patient["death_on"] = story.death
        cause = draws.pick(_CAUSES_WITHOUT_DISEASE if free else _CAUSES)
        untreated = cause == "treatment" and course.first_treatment is None
        story.patient["cause_of_death"] = "unknown" if untreated else cause
    return True


def listing(story: Story, enrolled: bool) -> list[Row]:
    """What the screening log of the center holds because of this patient, and of others who never came in."""
    draws, first = story.draws, story.courses[0]
    if not enrolled:
        return [_entry(first.detected + 7, first.lung, draws, "missed")]
    entries: list[Row] = []
    if draws.chance(P.LISTED):
        met = [meeting["held_on"] for meeting in first.meetings]
        day = min((day for day in met if isinstance(day, int)), default=min(first.detected + 14, story.limit))
        entries.append({"listed_on": day, "lung_metastases": first.lung, "patient_id": story.patient_id})
    if draws.chance(P.LISTED_ONLY):
        day = first.detected + draws.days(-60, 60)
        entries.append(_entry(day, not draws.chance(P.LUNG_FREE), draws, draws.pick(P.NOT_ENROLLED)))
    return entries


def _entry(day: int, lung: bool, draws: Draws, reason: str) -> Row:
    return {"listed_on": day, "lung_metastases": lung, "not_enrolled_reason": reason}
