"""R-SYN: resectable lung metastases with the primary, or its local recurrence, still to be treated."""

from __future__ import annotations

from dataclasses import dataclass

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.outcome import palliative, progress_later
from registry.simulate.story import Course, Story, day_of, operating_day
from registry.simulate.survival import expect_death
from registry.simulate.treatment import (
    ablate_lung,
    local,
    radiotherapy_of_primary,
    reach_ned,
    resect_lung,
    resect_primary,
    systemic,
)

UNSUITABLE = Mix({"site": 0.15, "lung_function": 0.35, "tolerance": 0.25, "refusal": 0.25}, P.ASSUMED)
_OPTIONS = Mix({"first": 0.40, "between": 0.25, "neither": 0.35}, P.ASSUMED)
_TB2A_DEVIATIONS = Mix(
    {"no_radiotherapy": 0.30, "no_preoperative": 0.12, "upfront": 0.25, "no_postoperative": 0.23, "lung_first": 0.10},
    P.ASSUMED,
)
_TB2A_REASONS = Mix(
    {"refusal": 0.35, "toxicity": 0.2, "performance_status": 0.15, "contraindication": 0.2, "other": 0.1}, P.ASSUMED
)
_PER1_REASONS = Mix({"performance_status": 0.3, "refusal": 0.3, "complication": 0.3, "other": 0.1}, P.ASSUMED)
_NO_OXALIPLATIN = Mix({"fluoropyrimidine": 0.5, "irinotecan": 0.12, "none": 0.38}, P.ASSUMED)


@dataclass
class _Plan:
    """What is given around the operations, with the days of each part; 0 = not given."""

    before: int = 0
    radiotherapy: bool = False
    between: int = 0
    after: int = 0
    backbone: str = "oxaliplatin"
    lung_first: bool = False


def synchronous(story: Story, course: Course, start: int) -> None:
    draws = story.draws
    fate = "operate" if story.follows("SUR1") else "reason" if draws.chance(0.6) else "none"
    plan = _plan(story, course)
    if plan.before and fate == "operate" and draws.chance(P.PROGRESSED):
        fate = "progressed"
    if fate == "reason":
        course.row["surgery_unsuitable_reason"] = draws.pick(UNSUITABLE)
    ablated = fate in ("reason", "none") and draws.chance(0.6)
    course.aims_at_ned = fate == "operate" or ablated
    if fate != "operate":
        expect_death(story, course, start, "ablated" if ablated else "systemic")
    _carry_out(story, course, start, plan, fate, ablated)


def _plan(story: Story, course: Course) -> _Plan:
    draws = story.draws
    in_situ = story.primary_resected is None
    short = story.follows("PER2")
    if story.organ_preservation:
        plan = _Plan(before=draws.days(60, 90), radiotherapy=True)
    elif in_situ and story.rectum and story.mid_low and story.locally_advanced:
        plan = _table_2_row_1(story, course)
    elif not in_situ and course.subtype == "after_resection":
        plan = _Plan(before=draws.days(60, 90) if draws.chance(0.4) else 0)
        plan.after = 70 if draws.chance(0.5) else 0
    else:
        option = draws.pick(_OPTIONS)
        plan = _Plan(before=draws.days(60, 90) if option == "first" else 0)
        plan.between = draws.days(50, 65) if option == "between" and in_situ else 0
        plan.radiotherapy = bool(
            option == "first" and story.rectum and story.locally_advanced is None and draws.chance(0.5)
        )
        plan.after = 70 if draws.chance(0.85) else 0
    if story.rectum and not plan.before and not plan.radiotherapy and course.subtype != "during_neoadjuvant":
        _oxaliplatin_after(story, course, plan)
    if plan.after:
        given = plan.before + plan.between
        plan.after = draws.days(55, 78) if given else draws.days(100, 172)
        if not short:
            plan.after = max(192 - given, 60) + draws.days(0, 40)
    return plan


def _table_2_row_1(story: Story, course: Course) -> _Plan:
    """Systemic therapy and radiotherapy, the primary, the lung, and systemic therapy again; or a known deviation."""
    draws = story.draws
    plan = _Plan(before=draws.days(60, 90), radiotherapy=True, after=70)
    if story.follows("TB2A"):
        return plan
    deviation = draws.pick(_TB2A_DEVIATIONS)
    if deviation in ("no_radiotherapy", "upfront"):
        plan.radiotherapy = False
    if deviation in ("no_preoperative", "upfront"):
        plan.before = 0
    if deviation == "no_postoperative":
        plan.after = 0
    plan.lung_first = deviation == "lung_first"
    if draws.chance(P.REASON_RECORDED):
        course.exceptions["TB2A"] = draws.pick(_TB2A_REASONS)
    return plan


def _oxaliplatin_after(story: Story, course: Course, plan: _Plan) -> None:
    """PER1: what follows an operation that came first."""
    draws = story.draws
    plan.after = 70
    if not story.follows("PER1"):
        backbone = draws.pick(_NO_OXALIPLATIN)
        if backbone == "none":
            plan.after = 0
        else:
            plan.backbone = backbone
        if draws.chance(P.REASON_RECORDED):
            course.exceptions["PER1"] = draws.pick(_PER1_REASONS)


def _carry_out(story: Story, course: Course, start: int, plan: _Plan, fate: str, ablated: bool) -> None:
    draws = story.draws
    ready = _before(story, course, start, plan, progressed=fate == "progressed")
    if fate == "progressed":
        palliative(story, course, ready + draws.days(5, 20), line=2)
        return
    lung_day = ready
    last: int | None = ready
    if plan.lung_first and fate == "operate":
        last = resect_lung(story, course, ready)
        ready = operating_day(ready + draws.days(38, 60))
    if story.primary_resected is None and not story.organ_preservation:
        resect_primary(story, course, ready)
        lung_day = ready if draws.chance(0.1) and not plan.between else operating_day(ready + draws.days(33, 75))
    elif course.local_recurrence == "resectable":
        local(story, course, ready, "local_recurrence", "resection", "radical")
        lung_day = operating_day(ready + draws.days(33, 60))
    if plan.between:
        begun = ready + draws.days(25, 38)
        systemic(story, course, begun, plan.between, "preoperative", plan.backbone)
        lung_day = operating_day(begun + plan.between + draws.days(22, 32))
    if fate == "operate":
        if not plan.lung_first:
            last = resect_lung(story, course, lung_day)
    elif ablated:
        last = ablate_lung(story, course, lung_day)
    else:
        palliative(story, course, lung_day)
        return
    if fate == "operate" or draws.chance(0.4):
        _after(story, course, plan)
    reach_ned(story, course, last)
    if course.ned is None:
        progress_later(story, course, max(lung_day, story.last_systemic) + draws.days(120, 500))


def _before(story: Story, course: Course, start: int, plan: _Plan, *, progressed: bool) -> int:
    """Systemic therapy and radiotherapy before the first operation; the day on which it can be."""
    draws = story.draws
    if course.subtype == "during_neoadjuvant":
        return _found_meanwhile(story, course, plan, progressed=progressed)
    if not plan.before and not plan.radiotherapy:
        return start
    ready = start
    if plan.before:
        response = "PD" if progressed else ""
        systemic(story, course, start, plan.before, "preoperative", plan.backbone, response=response)
        ready = start + plan.before
    if plan.radiotherapy and not progressed:
        ready = radiotherapy_of_primary(story, course, ready + 8 if plan.before else start) + 14
    return ready if progressed else operating_day(ready + draws.days(25, 35))


def _found_meanwhile(story: Story, course: Course, plan: _Plan, *, progressed: bool) -> int:
    """The neoadjuvant treatment, begun before the lung metastases were found, goes on to its end."""
    draws = story.draws
    begun = course.detected - draws.days(35, 45)
    story.primary["first_treated_on"] = begun
    length = draws.days(70, 90)
    systemic(story, course, begun, length, "preoperative", plan.backbone, response="PD" if progressed else "PR")
    if plan.radiotherapy:
        radiotherapy_of_primary(story, course, begun + 3)
    return operating_day(begun + length + draws.days(28, 40))


def _after(story: Story, course: Course, plan: _Plan) -> None:
    """Postoperative therapy after the last operation."""
    done = [day for row in course.local if (day := day_of(row, "started_on")) is not None]
    if plan.after and done:
        systemic(story, course, max(done) + story.draws.days(30, 48), plan.after, "postoperative", plan.backbone)
