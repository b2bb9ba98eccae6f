"""Single treatments as rows: given only while the patient lives and is followed."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.primary import resected_stage
from registry.simulate.story import Course, Row, Story, day_of, operating_day
from registry.simulate.survival import death_from

_REGIMENS = {
    "oxaliplatin": ("FOLFOX", "CAPOX"),
    "irinotecan": ("FOLFIRI", "FOLFIRI"),
    "oxaliplatin_irinotecan": ("FOLFOXIRI", "FOLFOXIRI"),
    "fluoropyrimidine": ("capecitabine", "5-FU/LV"),
}
_TARGETED = Mix({"none": 0.5, "bevacizumab": 0.33, "cetuximab": 0.14, "panitumumab": 0.03}, P.ASSUMED)
_AGAINST_EGFR = ("cetuximab", "panitumumab")
_LATE_TARGETED = Mix({"none": 0.5, "regorafenib": 0.35, "other": 0.15}, P.ASSUMED)
_RESPONSES = Mix({"CR": 0.02, "PR": 0.40, "SD": 0.40, "PD": 0.16, "NE": 0.02}, P.ASSUMED)
_GOOD_RESPONSES = Mix({"CR": 0.03, "PR": 0.52, "SD": 0.45}, P.ASSUMED)
_RESULTS = {"CR": "no_disease", "PR": "response", "SD": "stable", "PD": "progression", "NE": "indeterminate"}
_RESIDUAL = Mix({"R0": 0.935, "R1": 0.04, "R2": 0.01, "RX": 0.015}, P.ASSUMED)
_SUBLOBAR = Mix({"wedge": 0.75, "segmentectomy": 0.25}, P.ASSUMED)
_ACCEPTED = Mix({"deep": 0.85, "bleeding": 0.15}, P.ASSUMED)
_NODES = Mix({"none": 0.45, "sampling": 0.30, "dissection": 0.25}, P.ASSUMED)
_COMPLICATIONS = Mix({"0": 0.78, "I": 0.08, "II": 0.07, "IIIa": 0.04, "IIIb": 0.02, "IVa": 0.01}, P.ASSUMED)
_ABLATIONS = Mix({"radiofrequency_ablation": 0.5, "microwave_ablation": 0.4, "cryoablation": 0.1}, P.ASSUMED)


def systemic(
    story: Story,
    course: Course,
    start: int,
    length: int,
    intent: str,
    backbone: str,
    *,
    line: int = 0,
    response: str = "",
    stop: str = "completed",
    first_line: bool = True,
) -> Row | None:
    """A course of systemic therapy as far as it was given; None where the patient did not live to its start.

    Args:
        length: planned days from the first day to the last.
        line: of treatment for metastatic disease; by default one an episode.
        response: the best response, where the plan hangs on it.
        first_line: of this sequence of lines; later ones have other targeted agents.
    """
    if start > story.limit:
        return None
    draws = story.draws
    row = story.add("systemic_therapy", started_on=start, intent=intent, line=line or course.number, backbone=backbone)
    course.systemic.append(row)
    row["regimen"] = _REGIMENS[backbone][draws.days(0, 1)]
    targeted = "none" if intent == "postoperative" else draws.pick(_TARGETED if first_line else _LATE_TARGETED)
    mutated = "mutated" in (story.genotype["kras"], story.genotype["nras"])
    row["targeted_agent"] = "bevacizumab" if mutated and targeted in _AGAINST_EGFR else targeted
    end = start + length
    if end <= story.limit:
        row["ended_on"], row["stop_reason"] = end, stop
    elif story.died:
        row["ended_on"], row["stop_reason"] = story.death, "death"
    elif story.horizon < P.END - 150:
        row["ended_on"] = "UNK"
    last = min(end, story.limit)
    story.last_systemic = max(story.last_systemic, last)
    row["cycles"] = 1 + (last - start) // 14
    row["worst_toxicity_grade"] = draws.days(3 if row.get("stop_reason") == "toxicity" else 0, 3)
    if intent != "postoperative":
        _assess(story, course, row, last, response, stop)
    return row


def _assess(story: Story, course: Course, row: Row, last: int, response: str, stop: str) -> None:
    """Response and its date, with the study that showed it.

    A chest CT before the first treatment or after NED would be a staging or a surveillance study to the rules: the
    response is then taken from the abdomen.
    """
    draws, start = story.draws, day_of(row, "started_on") or 0
    assessed = start + draws.days(52, 75)
    if assessed > last:
        if not response:
            return
        assessed = last
    best = response or draws.pick(_RESPONSES if stop == "progression" else _GOOD_RESPONSES)
    row["best_response"], row["response_assessed_on"] = best, assessed
    if best == "PD" and row.get("stop_reason") == "completed":
        row["stop_reason"] = "progression"
    chest = course.lung and course.ned is None and start >= course.detected
    study(
        story,
        course,
        assessed,
        "chest_ct_contrast" if chest else "abdomen_ct_contrast",
        "response",
        result=_RESULTS[best],
    )


def study(story: Story, course: Course, day: int, modality: str, purpose: str, *, result: str = "") -> Row:
    row = story.add("study", performed_on=day, modality=modality, purpose=purpose)
    if result:
        row["result"] = result
    course.studies.append(row)
    return row


def stop_before(story: Story, course: Course, day: int) -> None:
    """Postoperative therapy ends with a recurrence, or is not begun any more."""
    for row in course.given("postoperative"):
        start, end = day_of(row, "started_on"), day_of(row, "ended_on")
        if start is not None and start >= day:
            course.systemic.remove(row)
            story.rows["systemic_therapy"].remove(row)
        elif start is not None and (end is None or end >= day):
            row["ended_on"], row["stop_reason"] = day - 1, "progression"
            row["cycles"] = 1 + (day - 1 - start) // 14


def local(
    story: Story, course: Course, start: int, target: str, modality: str, intent: str, *, days: int = 0
) -> Row | None:
    """A local treatment; None where the patient did not live to it."""
    if start > story.limit:
        return None
    row = story.add(
        "local_treatment",
        started_on=start,
        ended_on=min(start + days, story.limit),
        target=target,
        modality=modality,
        intent=intent,
    )
    course.local.append(row)
    if modality == "resection":
        row["residual_tumor"] = "R0" if intent != "palliative" else "RX"
        row["clavien_dindo"] = story.draws.pick(_COMPLICATIONS)
    return row


def irradiate(row: Row, dose: float, fractions: int) -> None:
    """Dose and fractions, as many of those planned as there was a day for."""
    days = 1 + (day_of(row, "ended_on") or 0) - (day_of(row, "started_on") or 0)
    given = min(fractions, days)
    row["dose_gy"], row["fractions"] = round(dose * given / fractions, 1), given


def radiotherapy_of_primary(story: Story, course: Course, start: int) -> int:
    """Neoadjuvant radiotherapy, long or short; its last day."""
    short = story.draws.chance(0.25)
    row = local(story, course, start, "primary", "radiotherapy", "neoadjuvant", days=5 if short else 36)
    if row is not None:
        irradiate(row, *((25.0, 5) if short else (50.4, 28)))
    return start + (5 if short else 36)


def resect_primary(story: Story, course: Course, day: int, intent: str = "radical") -> None:
    """Takes the primary out, and with that gives the pathological stage."""
    row = local(story, course, day, "primary", "resection", intent)
    if row is not None and intent != "palliative":
        story.primary_resected = day
        resected_stage(story, any(other["modality"] == "radiotherapy" for other in course.local))


def resect_lung(story: Story, course: Course, day: int) -> int | None:
    """Radical resection of the lung metastases, in two operations for some on both sides.

    Returns the day after which no lung metastasis is left; None where some may be, or where it was not done.
    """
    if day > story.limit:
        return None
    draws = story.draws
    residual = draws.pick(_RESIDUAL)
    incomplete = residual in ("R1", "R2")
    course.incomplete = incomplete
    if not story.resected_lung:
        story.resected_lung = True
        death_from(story, course, day, "resected", incomplete=incomplete)
    count = int(course.row["lesion_count"])
    two = course.row["laterality"] == "bilateral" and draws.chance(0.5)
    _lung_operation(story, course, day, residual, max(1, count // 2) if two else count)
    last = day + draws.days(28, 45) if two else day
    if two:
        if last > story.limit:
            return None
        _lung_operation(story, course, last, "R0", count - max(1, count // 2), sublobar=True)
    return None if incomplete else last


def _lung_operation(
    story: Story, course: Course, day: int, residual: str, lesions: int, *, sublobar: bool = False
) -> None:
    draws = story.draws
    row = local(story, course, day, "lung", "resection", "radical")
    if row is None:
        return
    row["residual_tumor"], row["lesions_treated"] = residual, lesions
    if sublobar or story.follows("SUR3"):
        row["procedure"] = draws.pick(_SUBLOBAR)
    elif draws.chance(0.03):
        row["procedure"] = "pneumonectomy"
    else:
        row["procedure"] = "lobectomy"
        course.lobectomy = True
        if story.follows("SUR4"):
            row["lobectomy_reason"] = draws.pick(_ACCEPTED)
        elif draws.chance(0.5):
            row["lobectomy_reason"] = "other"
        else:
            course.hidden.add("lobectomy_reason")
    suspected = course.row["thoracic_nodes"] != "none"
    row["node_assessment"] = "sampling" if suspected and draws.chance(0.7) else draws.pick(_NODES)


def ablate_lung(story: Story, course: Course, day: int, intent: str = "radical") -> int | None:
    """Stereotactic radiotherapy or thermal ablation, mostly by the place of the lesion; the day it is done with."""
    draws, row = story.draws, course.row
    if row["lesion_count"] == 1:
        deep = row["zone"] == "inner" or row["near_vessel"] is True
        stereotactic = draws.chance(0.85 if deep else 0.2 if row["zone"] == "outer" else 0.5)
    else:
        stereotactic = draws.chance(0.5)
    modality = "sbrt" if stereotactic else draws.pick(_ABLATIONS)
    end = operating_day(day + draws.days(4, 12)) if stereotactic else day
    given = local(story, course, day, "lung", modality, intent, days=end - day)
    if given is None:
        return None
    given["lesions_treated"] = row["lesion_count"]
    if stereotactic:
        irradiate(given, *((54.0, 3) if draws.chance(0.5) else (50.0, 5)))
    return end if end <= story.limit else None


def treat_site(story: Story, course: Course, site: Row, day: int) -> int | None:
    """Radical treatment of an extrapulmonary site, which is gone from that day; None where it was not done."""
    target = str(site["site"])
    radiated = target in ("bone", "brain", "distant_lymph_node")
    ablated = target == "liver" and story.draws.chance(0.2)
    modality = "sbrt" if radiated else "microwave_ablation" if ablated else "resection"
    end = operating_day(day + 9) if radiated else day
    row = local(story, course, day, target, modality, "radical", days=end - day)
    if row is None or end > story.limit:
        return None
    row["lesions_treated"] = site["lesion_count"]
    if radiated:
        irradiate(row, 40.0, 5)
    site["resolved_on"] = end
    return end


def reach_ned(story: Story, course: Course, *ends: int | None) -> None:
    """No evidence of disease from the last of the radical treatments, if every one of them was done.

    Now and then a center writes a day before it: an implausible entry on purpose.
    """
    primary, recurrence = story.primary_resected, course.local_recurrence
    treated = recurrence == "none" or any(row["target"] == "local_recurrence" for row in course.local)
    if primary is None or not treated or any(end is None for end in ends):
        return
    course.ned = max(primary, *(end for end in ends if end is not None))
    if story.draws.chance(story.center.mistakes * P.MISTAKEN_NED):
        course.ned = operating_day(course.ned - story.draws.days(4, 8))
        story.mistakes.append("episode.ned_on before the last radical treatment")
    course.row["ned_on"] = course.ned
