"""The known truth: what each rule's verdict must be, from how the episode was made and what was withheld.

No table is read here. A line exists where the rule applies to the episode as it truly is; where what was withheld
leaves open whether it applies, the line says undetermined_denominator. Where there is no line, the rule does not
apply, or no record could show that it does. `unstated` marks the few cases that the text can be read in two ways.
Verdicts are those of the day of the end (parameters.END) as the data cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from registry.simulate import parameters as P
from registry.simulate.followup import WINDOWS, window
from registry.simulate.story import Course, Row, Story, add_months, day_of

ADHERENT, NON_ADHERENT, EXCEPTION = "adherent", "non_adherent", "exception"
EXCLUDED, PENDING, UNSTATED = "excluded", "pending", "unstated"
UNKNOWN_DENOMINATOR, UNKNOWN_NUMERATOR = "undetermined_denominator", "undetermined_numerator"

_PERIOPERATIVE = ("preoperative", "conversion", "postoperative")
_MOST_DAYS = 183
_SUBLOBAR = ("wedge", "segmentectomy")


class Verdict(NamedTuple):
    """An outcome, what was done or withheld that makes it, and the part of the rule."""

    outcome: str
    what: str
    part: str = ""


_Rule = Callable[[Story, Course], Verdict | None]


def truth(story: Story) -> Iterator[tuple[Course, str, Verdict]]:
    """Course, rule and verdict of every rule with known truth, for each episode with lung metastases."""
    if story.patient["consent_status"] == "withdrawn":
        return
    for course in story.courses:
        if not course.lung:
            continue
        for rule_id, rule in RULES.items():
            verdict = rule(story, course)
            if verdict is not None:
                yield course, rule_id, verdict
        yield from ((course, rule_id, verdict) for rule_id, verdict in _surveillance(course, story))


def _met(holds: bool, followed: str, deviation: str) -> Verdict:
    return Verdict(ADHERENT, followed) if holds else Verdict(NON_ADHERENT, deviation)


def _unmet(course: Course, rule_id: str, accepted: tuple[str, ...], deviation: str) -> Verdict:
    """Not met: an exception where an accepted reason is recorded."""
    reason = course.exceptions.get(rule_id)
    if reason in accepted:
        return Verdict(EXCEPTION, f"{deviation}; {reason} recorded")
    return Verdict(NON_ADHERENT, deviation)


# What is known of the route.


def _route_open(course: Course) -> bool:
    """Whether what was withheld leaves the route open."""
    return bool(course.hidden & {"lymphangitic", "other_sites_assessed", "resectability", "local_recurrence"})


def _on_route(course: Course, *routes: str) -> Verdict | bool:
    """False where the route is another, the verdict where it is open, else True."""
    if course.route not in routes:
        return False
    return Verdict(UNKNOWN_DENOMINATOR, "a fact of the route withheld") if _route_open(course) else True


# General, imaging, pathology.


def _gen1(story: Story, course: Course) -> Verdict | None:
    first = course.first_treatment
    if first is None:
        return Verdict(EXCLUDED, "no treatment")
    if "meetings" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "meetings withheld")
    if not course.meetings:
        return Verdict(NON_ADHERENT, "never discussed")
    return _met(_discussed_before(course, first), "discussed before treatment", "discussed after the first treatment")


def _discussed_before(course: Course, day: int) -> bool:
    return any((day_of(meeting, "held_on") or P.END) <= day for meeting in course.meetings)


def _gen3(story: Story, course: Course) -> Verdict | None:
    if course.first_treatment is None:
        return Verdict(UNSTATED, "the exclusion of GEN1 is not repeated for GEN3")
    if "meetings" in course.hidden or "goal" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "goal withheld")
    stated = any(meeting["goal"] in ("ned", "palliative") for meeting in course.meetings)
    return _met(stated, "goal stated", "no goal was set")


def _img1(story: Story, course: Course) -> Verdict | None:
    return _staged(course, "chest_ct_high_resolution")


def _staged(course: Course, modality: str) -> Verdict:
    opens, closes = course.detected - 90, course.first_treatment or P.END
    done = any(row["modality"] == modality and opens <= _day(row) <= closes for row in course.studies)
    if not done and not course.workup_complete:
        return Verdict(UNKNOWN_NUMERATOR, "not in a log that is not complete")
    return _met(done, "done", "not done")


def _day(study: Row) -> int:
    return day_of(study, "performed_on") or 0


def _img2(story: Story, course: Course) -> Verdict | None:
    if "found_metastases" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "the study that found the metastases is not marked")
    poor = any(
        row.get("found_metastases") is True and row["modality"] in ("chest_xray", "chest_mri") for row in course.studies
    )
    return _met(not poor, "found by CT", "found by X-ray or MRI")


def _img3(story: Story, course: Course) -> Verdict | None:
    if "thoracic_nodes" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "thoracic_nodes withheld") if course.nodes_suspected else None
    if not course.nodes_suspected:
        return None
    verdict = _staged(course, "chest_ct_contrast")
    if verdict.outcome == NON_ADHERENT:
        return _unmet(course, "IMG3", ("contraindication",), verdict.what)
    return verdict


def _pat2(story: Story, course: Course) -> Verdict | None:
    if not course.by_imaging:
        return None
    if "basis" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "basis withheld")
    if "differential_documented" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "differential_documented withheld")
    return _met(course.row["differential_documented"] is True, "documented", "not documented")


def _mol1(story: Story, course: Course) -> Verdict | None:
    return _tested(story, course, "MOL1", ("kras", "nras", "braf", "msi_mmr"))


def _mol2(story: Story, course: Course) -> Verdict | None:
    return _tested(story, course, "MOL2", ("her2",))


def _tested(story: Story, course: Course, rule_id: str, markers: tuple[str, ...]) -> Verdict:
    known: dict[str, set[str]] = {marker: set() for marker in markers}
    for row in story.rows["molecular_test"]:
        if row["marker"] in known:
            result = str(row["result"])
            known[str(row["marker"])].add(result if result in ("not_done", "unknown") else "tested")
    left_out = [marker for marker, results in known.items() if "tested" not in results and "not_done" in results]
    if left_out:
        return _unmet(course, rule_id, ("no_tissue",), f"{' and '.join(left_out)} not done")
    if all("tested" in results for results in known.values()):
        return Verdict(ADHERENT, "tested")
    return Verdict(UNKNOWN_NUMERATOR, "a result is lost")


# Lymphangitic carcinomatosis, emergencies.


def _lym1(story: Story, course: Course) -> Verdict | None:
    on_route = _on_route(course, "R-LYM")
    if isinstance(on_route, Verdict) or not on_route:
        return on_route or None
    given = [start for row in course.local if row["target"] == "lung" and (start := course.start(row)) is not None]
    if not given:
        return Verdict(ADHERENT, "no local treatment")
    documented = any(
        "lymphangitic_local_treatment" in str(meeting["topics"]) and (day_of(meeting, "held_on") or P.END) < min(given)
        for meeting in course.meetings
    )
    if documented:
        return Verdict(EXCEPTION, "local treatment that a meeting had discussed")
    return _unmet(course, "LYM1", ("mdt_decision",), "local treatment of the lung")


def _lym2(story: Story, course: Course) -> Verdict | None:
    on_route = _on_route(course, "R-LYM")
    if isinstance(on_route, Verdict) or not on_route:
        return on_route or None
    if course.systemic:
        return Verdict(ADHERENT, "systemic therapy")
    return _unmet(course, "LYM2", ("performance_status", "refusal", "mdt_decision"), "no systemic therapy")


def _emg1(story: Story, course: Course) -> Verdict | None:
    if course.row["emergency"] == "none":
        return None
    if "emergency" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "the day of its management withheld")
    first = course.first_treatment
    managed = min(_started(row) for row in course.local if row["intent"] == "emergency")
    return _met(first is None or managed <= first, "managed first", "managed after another treatment")


def _started(row: Row) -> int:
    return day_of(row, "started_on") or 0


# Resectable lung metastases with the primary or its recurrence.


def _sur1(story: Story, course: Course) -> Verdict | None:
    on_route = _on_route(course, "R-SYN")
    if isinstance(on_route, Verdict) or not on_route:
        return on_route or None
    if course.operations("lung"):
        return Verdict(ADHERENT, "lung metastases resected")
    if course.row.get("surgery_unsuitable_reason"):
        return Verdict(EXCEPTION, "not resected; a reason is recorded")
    if any(row.get("best_response") == "PD" for row in course.given("preoperative")):
        return Verdict(EXCEPTION, "not resected; progression on preoperative therapy")
    return Verdict(NON_ADHERENT, "not resected")


def _sur3(story: Story, course: Course) -> Verdict | None:
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


def _sur4(story: Story, course: Course) -> Verdict | None:
    lobectomies = [row for row in course.operations("lung") if row["procedure"] == "lobectomy"]
    if course.lobectomy and "procedure" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "procedure withheld")
    if not lobectomies:
        return None
    if "lobectomy_reason" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "reason withheld")
    return _met(_accepted_lobectomy(lobectomies[0]), "deep or bleeding", "another reason")


def _tb2a(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-SYN" or not story.rectum or not story.mid_low or story.locally_advanced is False:
        return None
    if course.local_recurrence != "none":
        return Verdict(UNSTATED, "the primary was treated before the episode")
    unknown = _route_open(course) or story.hidden & {"site", "rectal_height_cm"} or not _advanced_on_record(story)
    if unknown:
        return Verdict(UNKNOWN_DENOMINATOR, "route, site, height or stage withheld")
    if story.organ_preservation:
        return Verdict(EXCLUDED, "organ preservation")
    missing = [name for name, given in _table_2_row_1(course).items() if not given]
    if not missing:
        return Verdict(ADHERENT, "systemic, radiotherapy, primary, lung, systemic")
    accepted = ("refusal", "toxicity", "performance_status", "contraindication")
    return _unmet(course, "TB2A", accepted, "without " + ", ".join(missing))


def _advanced_on_record(story: Story) -> bool:
    """Whether T or N, as far as they were not withheld, is advanced."""
    c_t = "" if "c_t" in story.hidden else str(story.primary["c_t"])
    c_n = "" if "c_n" in story.hidden else str(story.primary["c_n"])
    return c_t[:2] in ("T3", "T4") or c_n[:2] in ("N1", "N2")


def _table_2_row_1(course: Course) -> dict[str, bool]:
    primary = [_started(row) for row in course.operations("primary") if row["intent"] != "palliative"]
    lung = [_started(row) for row in course.operations("lung")]
    resected = min(primary, default=0)
    radiotherapy = [row for row in course.local if row["target"] == "primary" and row["modality"] == "radiotherapy"]
    return {
        "systemic therapy before": any(_started(row) < resected for row in course.systemic),
        "radiotherapy": any(_started(row) < resected for row in radiotherapy),
        "resection of the primary": bool(primary),
        "resection of the lung metastases after it": bool(primary and lung) and min(lung) >= resected,
        "systemic therapy after": bool(lung)
        and any(_started(row) > max(*lung, resected) for row in course.given("postoperative")),
    }


def _per1(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-SYN" or not story.rectum:
        return None
    if course.local_recurrence != "none":
        return Verdict(UNSTATED, "the primary was treated before the episode")
    operations = [_started(row) for row in (*course.operations("primary"), *course.operations("lung"))]
    before = [*course.systemic, *(row for row in course.local if row["modality"] == "radiotherapy")]
    if not operations or any(_started(row) < min(operations) for row in before):
        return None
    if _route_open(course) or "site" in story.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "route or site withheld")
    after = course.given("postoperative")
    accepted = ("performance_status", "refusal", "complication")
    if not after:
        return _unmet(course, "PER1", accepted, "no postoperative therapy")
    days, known = _days_on_treatment(course)
    if days > _MOST_DAYS:
        return _unmet(course, "PER1", accepted, "more than six months")
    if "backbone" in course.hidden:
        return Verdict(UNKNOWN_NUMERATOR, "backbone withheld")
    if not any(row["backbone"] == "oxaliplatin" for row in after):
        return _unmet(course, "PER1", accepted, f"{after[0]['backbone']} instead of oxaliplatin")
    return Verdict(ADHERENT, "oxaliplatin for at most six months") if known else _withheld_end()


def _withheld_end() -> Verdict:
    return Verdict(UNKNOWN_NUMERATOR, "the end of a therapy withheld")


def _days_on_treatment(course: Course) -> tuple[int, bool]:
    """Days on perioperative systemic therapy as far as they are known, and whether all are."""
    rows = course.given(*_PERIOPERATIVE)
    ends = [day_of(row, "ended_on") for row in rows]
    days = sum(end - _started(row) for row, end in zip(rows, ends, strict=True) if end is not None)
    return days, None not in ends


def _six_months(course: Course) -> Verdict:
    days, known = _days_on_treatment(course)
    if days > _MOST_DAYS:
        return Verdict(NON_ADHERENT, f"{days} days of perioperative therapy")
    return Verdict(ADHERENT, "at most six months") if known else _withheld_end()


def _per2(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-SYN" or not story.rectum or not course.given(*_PERIOPERATIVE):
        return None
    if _route_open(course) or "site" in story.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "route or site withheld")
    return _six_months(course)


# Metachronous, non-initial.


def _met1(story: Story, course: Course) -> Verdict | None:
    on_route = _on_route(course, "R-MET")
    if isinstance(on_route, Verdict) or not on_route:
        return on_route or None
    first = course.first_treatment
    if any(_started(row) == first for row in course.operations("lung")):
        return Verdict(ADHERENT, "operated first")
    if course.row.get("surgery_unsuitable_reason"):
        return Verdict(EXCEPTION, "not operated first; a reason is recorded")
    if any("preoperative_systemic" in str(meeting["topics"]) for meeting in course.meetings):
        return Verdict(EXCEPTION, "preoperative therapy that a meeting had discussed")
    return Verdict(NON_ADHERENT, "not operated first")


def _met5(story: Story, course: Course) -> Verdict | None:
    if not course.given(*_PERIOPERATIVE):
        return None
    on_route = _on_route(course, "R-MET")
    if isinstance(on_route, Verdict) or not on_route:
        return on_route or None
    return _six_months(course)


def _nin1(story: Story, course: Course) -> Verdict | None:
    first = course.first_treatment
    if course.initial or first is None:
        return None
    if "lymphangitic" in course.hidden:
        return Verdict(UNSTATED, "non-initial on an open route")
    recorded = ("prior_treatment_review", "biology_note")
    if any(course.row[column] == "ND" for column in recorded):
        return Verdict(NON_ADHERENT, "earlier treatment or biology not examined")
    if "meetings" not in course.hidden and not _discussed_before(course, first):
        return Verdict(NON_ADHERENT, "not discussed before treatment")
    withheld = course.hidden & {"meetings", "ecog", "drug_free_months", *recorded}
    return Verdict(UNKNOWN_NUMERATOR, "withheld: " + ", ".join(sorted(withheld))) if withheld else _recorded()


def _recorded() -> Verdict:
    return Verdict(ADHERENT, "discussed before treatment with all that is asked")


# Potentially and not resectable, other sites.


def _pot1(story: Story, course: Course) -> Verdict | None:
    if course.resectability != "potentially_resectable":
        return None
    if "resectability" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "resectability withheld")
    if _route_open(course):
        return Verdict(UNSTATED, "potentially resectable on an open route")
    if course.hidden & {"meetings", "topics"}:
        return Verdict(UNKNOWN_NUMERATOR, "meetings or topics withheld")
    return _met(_topic(course, "resectability"), "a meeting judged it", "no meeting judged resectability")


def _topic(course: Course, topic: str) -> bool:
    return any(topic in str(meeting["topics"]).split(";") for meeting in course.meetings)


def _unr1(story: Story, course: Course) -> Verdict | None:
    on_route = _on_route(course, "R-UNR")
    if isinstance(on_route, Verdict) or not on_route:
        return on_route or None
    if course.systemic:
        return Verdict(ADHERENT, "systemic therapy")
    if course.row["observation_chosen"] is True:
        return Verdict(EXCEPTION, "observation of silent metastases")
    return _unmet(course, "UNR1", ("performance_status", "refusal"), "no systemic therapy")


def _liv5(story: Story, course: Course) -> Verdict | None:
    both = course.route == "R-LIV" and course.lung_curable and course.other_curable
    if not both or not course.local:
        return None
    if _route_open(course) or "curable" in course.hidden:
        return Verdict(UNKNOWN_DENOMINATOR, "route or curability withheld")
    if course.hidden & {"meetings", "topics"}:
        return Verdict(UNKNOWN_NUMERATOR, "meetings or topics withheld")
    return _met(_topic(course, "sequence"), "a meeting set the sequence", "no meeting set the sequence in time")


def _mul1(story: Story, course: Course) -> Verdict | None:
    if course.route != "R-MUL":
        return None
    if "lymphangitic" in course.hidden:
        return Verdict(UNSTATED, "several sites on an open route")
    first = course.first_treatment
    if first is not None and any(_started(row) == first for row in course.systemic):
        return Verdict(ADHERENT, "systemic therapy first")
    deviation = "no treatment" if first is None else "local treatment first"
    return _unmet(course, "MUL1", ("performance_status", "refusal"), deviation)


# Surveillance.


def _surveillance(course: Course, story: Story) -> Iterator[tuple[str, Verdict]]:
    """FUP1, and a verdict for each window of FUP2 and FUP3."""
    ned = course.ned
    if ned is None or "ned_on" in course.hidden:
        yield from ((rule_id, verdict) for rule_id in ("FUP1", "FUP2", "FUP3") if (verdict := _no_ned(course)))
        return
    taken = sorted(_day(row) for row in course.surveillance)
    missed = (NON_ADHERENT, "missed") if course.surveillance_complete else (UNKNOWN_NUMERATOR, "log not complete")
    stop = min(course.recurrence or story.limit, story.limit)
    if add_months(ned, 8) <= stop:
        yield "FUP1", Verdict(ADHERENT, "CT done") if taken else Verdict(*missed)
    for month, tolerance in WINDOWS:
        opens, closes = window(ned, month, tolerance)
        rule_id = "FUP2" if month <= 36 else "FUP3"
        if any(opens <= day <= closes for day in taken):
            yield rule_id, Verdict(ADHERENT, "CT done", str(month))
        elif closes > (course.recurrence or P.END + 10**6) or (story.died and closes > story.death):
            continue
        elif closes > P.END:
            yield rule_id, Verdict(PENDING, "window open at the end", str(month))
        elif closes <= story.limit:
            yield rule_id, Verdict(*missed, str(month))


def _no_ned(course: Course) -> Verdict | None:
    """The date of NED is blank: undetermined where the lung was treated radically."""
    radical = [row for row in course.local if row["target"] == "lung" and row["intent"] == "radical"]
    if not radical:
        return None
    if course.incomplete:
        return Verdict(UNSTATED, "R1 or R2: whether that was radical is read in two ways")
    return Verdict(UNKNOWN_DENOMINATOR, "no date of NED")


RULES: dict[str, _Rule] = {
    "GEN1": _gen1,
    "GEN3": _gen3,
    "IMG1": _img1,
    "IMG2": _img2,
    "IMG3": _img3,
    "PAT2": _pat2,
    "MOL1": _mol1,
    "MOL2": _mol2,
    "LYM1": _lym1,
    "LYM2": _lym2,
    "EMG1": _emg1,
    "SUR1": _sur1,
    "SUR3": _sur3,
    "SUR4": _sur4,
    "TB2A": _tb2a,
    "PER1": _per1,
    "PER2": _per2,
    "POT1": _pot1,
    "UNR1": _unr1,
    "LIV5": _liv5,
    "MUL1": _mul1,
    "MET1": _met1,
    "MET5": _met5,
    "NIN1": _nin1,
}

TRACKED = (*RULES, "FUP1", "FUP2", "FUP3")
"""Every rule with known truth."""
