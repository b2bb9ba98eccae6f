"""Known truth of the general rules, imaging, pathology and molecular tests."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.story import Course, Row, Story, day_of
from registry.simulate.verdict import (
    ADHERENT,
    EXCLUDED,
    NON_ADHERENT,
    UNKNOWN_DENOMINATOR,
    UNKNOWN_NUMERATOR,
    UNSTATED,
    Verdict,
    discussed_before,
    met,
    unmet,
)


def gen1(story: Story, course: Course) -> Verdict | None:
    first = course.first_treatment
    if first is None:
        return Verdict(EXCLUDED, "no treatment")
    if "meetings" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "meetings withheld")
    if not course.meetings:
        return Verdict(NON_ADHERENT, "never discussed")
    return met(discussed_before(course, first), "discussed before treatment", "discussed after the first treatment")


def gen3(story: Story, course: Course) -> Verdict | None:
    if course.first_treatment is None:
        return Verdict(UNSTATED, "the exclusion of GEN1 is not repeated for GEN3")
    if "meetings" in course.hidden or "goal" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "goal withheld")
    stated = any(meeting["goal"] in ("ned", "palliative") for meeting in course.meetings)
    return met(stated, "goal stated", "no goal was set")


def img1(story: Story, course: Course) -> Verdict | None:
    return _staged(course, "chest_ct_high_resolution")


def _staged(course: Course, modality: str) -> Verdict:
    opens, closes = course.detected - 90, course.first_treatment or P.END
    done = any(row["modality"] == modality and opens <= _day(row) <= closes for row in course.studies)
    if not done and not course.workup_complete:
        return Verdict(UNKNOWN_NUMERATOR, "not in a log that is not complete")
    return met(done, "done", "not done")


def _day(study: Row) -> int:
    return day_of(study, "performed_on") or 0


def img2(story: Story, course: Course) -> Verdict | None:
    if "found_metastases" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "the study that found the metastases is not marked")
    poor = any(
        row.get("found_metastases") is True and row["modality"] in ("chest_xray", "chest_mri") for row in course.studies
    )
    return met(not poor, "found by CT", "found by X-ray or MRI")


def img3(story: Story, course: Course) -> Verdict | None:
    if "thoracic_nodes" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "thoracic_nodes withheld") if course.nodes_suspected else None
    if not course.nodes_suspected:
        return None
    verdict = _staged(course, "chest_ct_contrast")
    if verdict.outcome == NON_ADHERENT:
        return unmet(course, "IMG3", ("contraindication",), verdict.what)
    return verdict


def pat2(story: Story, course: Course) -> Verdict | None:
    if not course.by_imaging:
        return None
    if "basis" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "basis withheld")
    if "differential_documented" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "differential_documented withheld")
    return met(course.row["differential_documented"] is True, "documented", "not documented")


def mol1(story: Story, course: Course) -> Verdict | None:
    return _tested(story, course, "MOL1", ("kras", "nras", "braf", "msi_mmr"))


def mol2(story: Story, course: Course) -> Verdict | None:
    return _tested(story, course, "MOL2", ("her2",))


def _tested(story: Story, course: Course, rule_id: str, markers: tuple[str, ...]) -> Verdict:
    known: dict[str, set[str]] = {marker: set() for marker in markers}
    for row in story.rows["molecular_test"]:
        if row["marker"] in known:
            result = str(row["result"])
            known[str(row["marker"])].add(result if result in ("not_done", "unknown") else "tested")
    left_out = [marker for marker, results in known.items() if "tested" not in results and "not_done" in results]
    if left_out:
        return unmet(course, rule_id, ("no_tissue",), f"{' and '.join(left_out)} not done")
    if all("tested" in results for results in known.values()):
        return Verdict(ADHERENT, "tested")
    return Verdict(UNKNOWN_NUMERATOR, "a result is lost")
