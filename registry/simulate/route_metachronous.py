"""R-MET and R-NIN: lung metastases after the primary is out, alone or after metastases elsewhere."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.outcome import palliative, progress_later
from registry.simulate.route_synchronous import UNSUITABLE
from registry.simulate.story import Course, Story, operating_day
from registry.simulate.survival import expect_death
from registry.simulate.treatment import ablate_lung, reach_ned, resect_lung, systemic

_MET1_DEVIATIONS = Mix({"preoperative": 0.42, "ablation": 0.35, "systemic": 0.23}, P.ASSUMED)
_AGAIN = Mix({"operate": 0.62, "preoperative": 0.12, "ablation": 0.14, "systemic": 0.12}, P.ASSUMED)


def metachronous(story: Story, course: Course, start: int) -> None:
    """R-MET: by default the operation first."""
    draws = story.draws
    fate = "operate" if story.follows("MET1") else draws.pick(_MET1_DEVIATIONS)
    if fate in ("ablation", "systemic") and draws.chance(0.55):
        course.row["surgery_unsuitable_reason"] = draws.pick(UNSUITABLE)
    course.documented_preoperative = fate == "preoperative" and draws.chance(0.5)
    _carry_out(story, course, start, fate)


def non_initial(story: Story, course: Course, start: int) -> None:
    """R-NIN: no table of the consensus; treated by what is resectable."""
    resectable = course.resectability == "resectable" and not course.sites
    _carry_out(story, course, start, story.draws.pick(_AGAIN) if resectable else "systemic")


def _carry_out(story: Story, course: Course, start: int, fate: str) -> None:
    draws = story.draws
    course.aims_at_ned = fate != "systemic"
    failed = fate == "preoperative" and draws.chance(0.1)
    if fate in ("ablation", "systemic") or failed:
        expect_death(story, course, start, "ablated" if fate == "ablation" else "systemic")
    if fate == "systemic":
        palliative(story, course, start)
        return
    short = story.follows("MET5")
    before, day, backbone = 0, start, "irinotecan" if draws.chance(0.4) else "oxaliplatin"
    if fate == "preoperative":
        before = draws.days(60, 90)
        response = "PD" if failed else ""
        systemic(story, course, start, before, "preoperative", backbone, response=response)
        day = operating_day(start + before + draws.days(25, 40))
    if failed:
        palliative(story, course, start + before + draws.days(7, 25), line=2)
        return
    last = ablate_lung(story, course, day) if fate == "ablation" else resect_lung(story, course, day)
    if last is not None and fate != "ablation" and draws.chance(P.POSTOPERATIVE):
        after = draws.days(60, 85) if before else draws.days(90, 172)
        if not short:
            after = 195 - before + draws.days(0, 45)
        given = backbone if before else "oxaliplatin" if draws.chance(0.8) else "fluoropyrimidine"
        systemic(story, course, last + draws.days(30, 48), after, "postoperative", given)
    reach_ned(story, course, last)
    if course.ned is None:
        progress_later(story, course, max(day, story.last_systemic) + draws.days(120, 500))
