"""Known truth of the rules on operations and what is given around them: SUR, TB2A, PER, MET, NIN."""

from __future__ import annotations

from registry.simulate.story import Course, Row, Story, day_of
from registry.simulate.verdict import (
    ADHERENT,
    EXCEPTION,
    EXCLUDED,
    NON_ADHERENT,
    UNKNOWN_DENOMINATOR,
    UNKNOWN_NUMERATOR,
    UNSTATED,
    Verdict,
    applies_on,
    discussed_before,
    met,
    route_open,
    started,
    unmet,
)

_PERIOPERATIVE = ("preoperative", "conversion", "postoperative")
_MOST_DAYS = 183
_SUBLOBAR = ("wedge", "segmentectomy")


@applies_on("R-SYN")
def sur1(story: Story, course: Course) -> Verdict | None:
    if course.operations("lung"):
        return Verdict(ADHERENT, "lung metastases resected")
    if course.row.get("surgery_unsuitable_reason"):
        return Verdict(EXCEPTION, "not resected; a reason is recorded")
    if any(row.get("best_response") == "PD" for row in course.given("preoperative")):
        return Verdict(EXCEPTION, "not resected; progression on preoperative therapy")
    return Verdict(NON_ADHERENT, "not resected")


def sur3(story: Story, course: Course) -> Verdict | None:
    operations = course.operations("lung")
    if not operations:
        return None
    if "procedure" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "procedure withheld")
    larger = [row for row in operations if row["procedure"] not in _SUBLOBAR]
    if not larger:
        return Verdict(ADHERENT, "sublobar")
    if any(_accepted_lobectomy(row) for row in larger):
        return Verdict(EXCEPTION, "lobectomy for an accepted reason")
    return Verdict(NON_ADHERENT, f"{larger[0]['procedure']} without an accepted reason")


def _accepted_lobectomy(row: Row) -> bool:
    return row["procedure"] == "lobectomy" and row.get("lobectomy_reason") in ("deep", "bleeding")


def sur4(story: Story, course: Course) -> Verdict | None:
    lobectomies = [row for row in course.operations("lung") if row["procedure"] == "lobectomy"]
    if course.lobectomy and "procedure" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "procedure withheld")
    if not lobectomies:
        return None
    if "lobectomy_reason" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "reason withheld")
    return met(_accepted_lobectomy(lobectomies[0]), "deep or bleeding", "another reason")


def tb2a(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-SYN" or not story.rectum or not story.mid_low or story.locally_advanced is False:
        return None
    if course.local_recurrence != "none":
        return Verdict(UNSTATED, "the primary was treated before the episode")
    unknown = route_open(course) or story.hidden & {"site", "rectal_height_cm"} or not _advanced_on_record(story)
    if unknown:
        return Verdict(UNKNOWN_DENOMINATOR, "route, site, height or stage withheld")
    if story.organ_preservation:
        return Verdict(EXCLUDED, "organ preservation")
    missing = [name for name, given in _table_2_row_1(course).items() if not given]
    if not missing:
        return Verdict(ADHERENT, "systemic, radiotherapy, primary, lung, systemic")
    accepted = ("refusal", "toxicity", "performance_status", "contraindication")
    return unmet(course, "TB2A", accepted, "without " + ", ".join(missing))


def _advanced_on_record(story: Story) -> bool:
    """Whether T or N, as far as they were not withheld, is advanced."""
    c_t = "" if "c_t" in story.hidden else str(story.primary["c_t"])
    c_n = "" if "c_n" in story.hidden else str(story.primary["c_n"])
    return c_t[:2] in ("T3", "T4") or c_n[:2] in ("N1", "N2")


def _table_2_row_1(course: Course) -> dict[str, bool]:
    primary = [started(row) for row in course.operations("primary") if row["intent"] != "palliative"]
    lung = [started(row) for row in course.operations("lung")]
    resected = min(primary, default=0)
    radiotherapy = [row for row in course.local if row["target"] == "primary" and row["modality"] == "radiotherapy"]
    return {
        "systemic therapy before": any(started(row) < resected for row in course.systemic),
        "radiotherapy": any(started(row) < resected for row in radiotherapy),
        "resection of the primary": bool(primary),
        "resection of the lung metastases after it": bool(primary and lung) and min(lung) >= resected,
        "systemic therapy after": bool(lung)
        and any(started(row) > max(*lung, resected) for row in course.given("postoperative")),
    }


def per1(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-SYN" or not story.rectum:
        return None
    if course.local_recurrence != "none":
        return Verdict(UNSTATED, "the primary was treated before the episode")
    operations = [started(row) for row in (*course.operations("primary"), *course.operations("lung"))]
    before = [*course.systemic, *(row for row in course.local if row["modality"] == "radiotherapy")]
    if not operations or any(started(row) < min(operations) for row in before):
        return None
    if route_open(course) or "site" in story.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "route or site withheld")
    after = course.given("postoperative")
    accepted = ("performance_status", "refusal", "complication")
    if not after:
        return unmet(course, "PER1", accepted, "no postoperative therapy")
    days, known = _days_on_treatment(course)
    if days > _MOST_DAYS:
        return unmet(course, "PER1", accepted, "more than six months")
    if "backbone" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "backbone withheld")
    if not any(row["backbone"] == "oxaliplatin" for row in after):
        return unmet(course, "PER1", accepted, f"{after[0]['backbone']} instead of oxaliplatin")
    return Verdict(ADHERENT, "oxaliplatin for at most six months") if known else _withheld_end()


def _withheld_end() -> Verdict:
    return Verdict(UNKNOWN_NUMERATOR, "the end of a therapy withheld")


def _days_on_treatment(course: Course) -> tuple[int, bool]:
    """Days on perioperative systemic therapy as far as they are known, and whether all are."""
    rows = course.given(*_PERIOPERATIVE)
    ends = [day_of(row, "ended_on") for row in rows]
    days = sum(end - started(row) for row, end in zip(rows, ends, strict=True) if end is not None)
    return days, None not in ends


def _six_months(course: Course) -> Verdict:
    days, known = _days_on_treatment(course)
    if days > _MOST_DAYS:
        return Verdict(NON_ADHERENT, f"{days} days of perioperative therapy")
    return Verdict(ADHERENT, "at most six months") if known else _withheld_end()


def per2(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-SYN" or not story.rectum or not course.given(*_PERIOPERATIVE):
        return None
    if route_open(course) or "site" in story.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "route or site withheld")
    return _six_months(course)


@applies_on("R-MET")
def met1(story: Story, course: Course) -> Verdict | None:
    first = course.first_treatment
    if any(started(row) == first for row in course.operations("lung")):
        return Verdict(ADHERENT, "operated first")
    if course.row.get("surgery_unsuitable_reason"):
        return Verdict(EXCEPTION, "not operated first; a reason is recorded")
    if any("preoperative_systemic" in str(meeting["topics"]) for meeting in course.meetings):
        return Verdict(EXCEPTION, "preoperative therapy that a meeting had discussed")
    return Verdict(NON_ADHERENT, "not operated first")


def met5(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-MET" or not course.given(*_PERIOPERATIVE):
        return None
    if route_open(course):
        return Verdict(UNKNOWN_DENOMINATOR, "a fact of the route withheld")
    return _six_months(course)


def nin1(story: Story, course: Course) -> Verdict | None:
    first = course.first_treatment
    if course.initial or first is None:
        return None
    if "lymphangitic" in course.hidden:
        return Verdict(UNSTATED, "non-initial on an open route")
    recorded = ("prior_treatment_review", "biology_note")
    if any(course.row[column] == "ND" for column in recorded):
        return Verdict(NON_ADHERENT, "earlier treatment or biology not examined")
    if "meetings" not in course.hidden and not discussed_before(course, first):
        return Verdict(NON_ADHERENT, "not discussed before treatment")
    withheld = course.hidden & {"meetings", "ecog", "drug_free_months", *recorded}
    return Verdict(UNKNOWN_NUMERATOR, "withheld: " + ", ".join(sorted(withheld))) if withheld else _recorded()


def _recorded() -> Verdict:
    return Verdict(ADHERENT, "discussed before treatment with all that is asked")
