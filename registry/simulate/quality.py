"""What the records do not tell, or tell wrongly: incomplete logs, missing cells, implausible entries.

A fact that a rule with known truth looks at is withheld by name (`hidden`), so that the truth knows it; every other
cell is taken at random.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.simulate.draws import Draws
from registry.simulate.story import Cell, Course, Row, Story, day_of

_MAY_BE_MISSING: dict[str, tuple[str, ...]] = {
    "patient": ("consent_on", "trial_participation"),
    "metastasis": ("lesion_count", "largest_mm"),
    "study": ("purpose", "result"),
    "pathology": ("satb2", "napsin_a"),
    "molecular_test": ("method", "specimen"),
    "mdt_meeting": ("specialties", "curability_assessed", "recommendation"),
    "systemic_therapy": (
        "regimen",
        "targeted_agent",
        "cycles",
        "worst_toxicity_grade",
        "line",
        "response_assessed_on",
        "best_response",
    ),
    "local_treatment": (
        "dose_gy",
        "fractions",
        "lesions_treated",
        "clavien_dindo",
        "node_assessment",
        "residual_tumor",
    ),
    "follow_up": ("cea_ng_ml", "ecog", "global_health_score"),
    "disease_event": ("sites",),
}
"""Columns that no rule with known truth depends on, and that are missing now and then."""

_OF_THE_PRIMARY = (
    "grade",
    "histology",
    "cea_ng_ml",
    "extramural_vascular_invasion",
    "lymphovascular_invasion",
    "diagnosed_on",
    "p_t",
    "p_n",
)
_OF_THE_EPISODE = (
    "cea_ng_ml",
    "largest_mm",
    "near_vessel",
    "zone",
    "pleural_metastases",
    "bone_symptoms",
    "large_burden",
    "laterality",
    "prior_polymetastatic",
    "progressing_lesion",
    "unresectable_reason",
    "resection_difficulty",
    "tissue_histology",
)
_CODES: dict[str, tuple[str, ...]] = {
    "trial_participation": ("NASK", ""),
    "global_health_score": ("NASK", "NASK", ""),
    "cea_ng_ml": ("ND", "UNK", ""),
    "diagnosed_on": ("UNK",),
    "histology": ("UNK",),
    "largest_mm": ("UNK", ""),
    "node_assessment": ("UNK", "ND"),
    "best_response": ("ND", ""),
}
_BLANK_OR_UNKNOWN = ("", "UNK")


def degrade(story: Story) -> None:
    """Takes away and spoils what this center would; to be called once, when all that is so has been made."""
    draws, missing = story.draws, story.center.missing
    for course in story.courses:
        if course.lung:
            _logs(story, course)
            _withhold(story, course)
    _withhold_primary(story)
    _lose_tests(story)
    left = draws.gap(missing)
    for rows, columns in _cells_that_may_be_missing(story):
        cells = len(rows) * len(columns)
        while left < cells:
            row, column = divmod(left, len(columns))
            _blank(draws, rows[row], columns[column])
            left += 1 + draws.gap(missing)
        left -= cells
    for course in story.courses:
        recommended = any(meeting["recommendation"] for meeting in course.meetings)
        if course.row.get("pleural_metastases") is True and not recommended:
            story.mistakes.append("episode.pleural_metastases without a recommendation of a meeting")
    if draws.chance(story.center.mistakes):
        _mistake(story)


def _cells_that_may_be_missing(story: Story) -> Iterator[tuple[list[Row], tuple[str, ...]]]:
    for table, columns in _MAY_BE_MISSING.items():
        yield story.rows[table], columns
    yield [story.primary], _OF_THE_PRIMARY
    yield [course.row for course in story.courses], _OF_THE_EPISODE


def _blank(draws: Draws, row: Row, column: str) -> None:
    """Leaves a cell out. Progression under therapy is an accepted reason of a rule, and stays."""
    value = row.get(column, "")
    if isinstance(value, str) and value in ("", "NAP", "PD", "UNK", "ND"):
        return
    codes = _CODES.get(column, _BLANK_OR_UNKNOWN)
    row[column] = codes[draws.days(0, len(codes) - 1)]


def _missing(story: Story) -> str:
    return _BLANK_OR_UNKNOWN[story.draws.days(0, 1)]


def _logs(story: Story, course: Course) -> None:
    """Whether the logs are complete; where one is not, some of its studies are not in it."""
    draws = story.draws
    course.workup_complete = draws.chance(story.center.logs)
    states: tuple[Cell, ...] = (False, "", "UNK")
    course.row["workup_log_complete"] = course.workup_complete or states[draws.days(0, 2)]
    if not course.workup_complete:
        for row in list(course.studies):
            staging = row.get("found_metastases") is not True and row["purpose"] == "staging"
            if staging and draws.chance(0.2):
                _drop_study(story, course, row)
    if course.ned is None:
        return
    course.surveillance_complete = draws.chance(story.center.logs)
    course.row["surveillance_log_complete"] = course.surveillance_complete or states[draws.days(0, 2)]
    if not course.surveillance_complete:
        # The first CT stays: without it a recurrence in the lung would have been the first sight of it after NED.
        for row in course.surveillance[1:]:
            if row["result"] == "no_disease" and draws.chance(0.2):
                course.surveillance.remove(row)
                _drop_study(story, course, row)


def _drop_study(story: Story, course: Course, row: Row) -> None:
    for rows in (course.studies, story.rows["study"]):
        rows[:] = [other for other in rows if other is not row]


def _withhold(story: Story, course: Course) -> None:
    """Facts of an episode, each with a chance of its own."""
    draws, row, missing = story.draws, course.row, story.center.missing

    def lost(weight: float) -> bool:
        return draws.chance(missing * weight)

    def hide(fact: str, *columns: str) -> None:
        course.hidden.add(fact)
        for column in columns or (fact,):
            row[column] = _missing(story)

    _withhold_route(story, course)
    if lost(1.0):
        hide("thoracic_nodes")
    if lost(0.6):
        course.hidden.add("basis")
        row["basis"] = "UNK"
    elif row["basis"] == "imaging_mdt" and lost(1.5):
        hide("differential_documented")
    if row["observation_chosen"] is not True and lost(1.0):
        row["symptomatic"] = _missing(story)
    if course.initial:
        if lost(1.0):
            row["ecog"] = _missing(story)
    else:
        for column in ("ecog", "prior_treatment_review", "biology_note"):
            if row[column] != "ND" and lost(1.2):
                hide(column)
    if course.route == "R-LIV" and course.lung_curable and course.other_curable and lost(1.5):
        course.hidden.add("curable")
        if draws.chance(0.5):
            row["curable"] = _missing(story)
        else:
            course.sites[0]["curable"] = _missing(story)
    if course.ned is not None and course.recurrence is None and lost(1.0):
        hide("ned_on")
        row["surveillance_log_complete"] = ""
        free = any(visit["disease_status"] == "ned" for visit in story.rows["follow_up"])
        if row["ned_on"] == "" and free:
            story.mistakes.append("episode.ned_on missing though visits found no disease")
    for study in course.studies:
        if study.get("found_metastases") is True and lost(1.0):
            course.hidden.add("found_metastases")
            study["found_metastases"] = ""
    _withhold_meetings(story, course)
    _withhold_treatments(story, course)


def _withhold_route(story: Story, course: Course) -> None:
    """What the route hangs on, where withholding it leaves the route open for every reading."""
    draws, row, missing = story.draws, course.row, story.center.missing
    if draws.chance(missing * 0.4):
        course.hidden.add("lymphangitic")
        row["lymphangitic"] = _missing(story)
    if course.route not in ("R-LYM", "R-NIN", "R-MUL") and draws.chance(missing * 0.8):
        course.hidden.add("other_sites_assessed")
        row["other_sites_assessed"] = False if draws.chance(0.4) else _missing(story)
    open_route = course.route in ("R-SYN", "R-MET", "R-POT", "R-UNR") and course.local_recurrence != "unresectable"
    if open_route and not story.incurable_primary and draws.chance(missing * 0.8):
        course.hidden.add("resectability")
        row["resectability"] = _missing(story)
        for reason in ("unresectable_reason", "surgery_unsuitable_reason"):
            row[reason] = ""
    if course.route == "R-MET" and draws.chance(missing * 0.6):
        course.hidden.add("local_recurrence")
        row["local_recurrence"] = _missing(story)


def _withhold_meetings(story: Story, course: Course) -> None:
    """Meetings that were not entered, and what was left out of those that were; recorded reasons stay."""
    draws, missing = story.draws, story.center.missing
    if course.documented_preoperative or course.documented_lymphangitic:
        return
    first = course.first_treatment
    if draws.chance(missing):
        course.hidden.add("meetings")
        course.row["mdt_discussed"] = ""
        gone = {id(meeting) for meeting in course.meetings}
        story.rows["mdt_meeting"] = [row for row in story.rows["mdt_meeting"] if id(row) not in gone]
        course.meetings.clear()
        return
    if not course.meetings:
        return
    if course.meetings[0]["goal"] != "ND" and draws.chance(missing):
        course.hidden.add("goal")
        for meeting in course.meetings:
            meeting["goal"] = _missing(story)
    if first is not None and (day_of(course.meetings[0], "held_on") or 0) <= first and draws.chance(missing):
        course.hidden.add("topics")
        for meeting in course.meetings:
            meeting["topics"] = _missing(story)


def _withhold_treatments(story: Story, course: Course) -> None:
    draws, missing = story.draws, story.center.missing
    operations = course.operations("lung")
    if len(operations) == 1 and draws.chance(missing * 1.5):
        course.hidden.add("procedure")
        operations[0]["procedure"] = _missing(story)
        operations[0]["lobectomy_reason"] = ""
    for row in course.given("postoperative"):
        if draws.chance(missing):
            course.hidden.add("backbone")
            row["backbone"] = _missing(story)
            row["regimen"] = ""
    around = course.given("preoperative", "conversion", "postoperative")
    ends = [day_of(row, "ended_on") for row in around]
    last_after = bool(around) and around[-1]["intent"] == "postoperative"
    if operations and last_after and None not in ends and draws.chance(missing * 1.5):
        course.hidden.add("ended_on")
        around[-1]["ended_on"] = "UNK"
    for row in course.local:
        dated = row["intent"] == "emergency" and row["modality"] != "resection" and course.first_treatment is not None
        if dated and draws.chance(missing * 2):
            course.hidden.add("emergency")
            row["started_on"] = row["ended_on"] = "UNK"
            row["episode_no"] = course.number


def _withhold_primary(story: Story) -> None:
    """Site, height and stage of the primary, and the end of its work-up where its first treatment is known."""
    draws, primary, missing = story.draws, story.primary, story.center.missing
    if draws.chance(missing * 0.4):
        story.hidden.add("site")
        primary["site"] = _missing(story)
        primary["rectal_height_cm"] = primary["organ_preservation"] = ""
    elif story.rectum and draws.chance(missing * 1.5):
        story.hidden.add("rectal_height_cm")
        primary["rectal_height_cm"] = _missing(story)
    for column in ("c_t", "c_n"):
        if draws.chance(missing):
            story.hidden.add(column)
            primary[column] = _missing(story)
    known = day_of(primary, "first_treated_on") is not None and story.courses[0].subtype != "gap"
    if known and draws.chance(missing):
        primary["workup_completed_on"] = _missing(story)


def _lose_tests(story: Story) -> None:
    """Molecular results that never reached the record, as unknown or without a row."""
    draws, rows = story.draws, story.rows["molecular_test"]
    if not draws.chance(story.center.missing * 2):
        return
    lost = ("kras", "nras", "braf", "msi_mmr", "her2")[draws.days(0, 4)]
    if draws.chance(0.5):
        rows[:] = [row for row in rows if row["marker"] != lost]
        return
    for row in rows:
        if row["marker"] == lost:
            row["result"] = "unknown"
            row.pop("variant", None)


def _mistake(story: Story) -> None:
    """One implausible entry, of those that the patient's rows have room for; none of them changes a verdict."""
    draws = story.draws
    possible: dict[str, tuple[Row, str, Cell]] = {}
    sublobar = not any(course.lobectomy for course in story.courses)
    for row in story.rows["local_treatment"]:
        if sublobar and row.get("procedure") in ("wedge", "segmentectomy"):
            possible["local_treatment.lobectomy_reason without a lobectomy"] = row, "lobectomy_reason", "deep"
        if row["modality"] == "sbrt":
            possible["local_treatment.residual_tumor without a resection"] = row, "residual_tumor", "R0"
    if story.primary.get("rectal_height_cm") == "NAP":
        height = round(draws.between(4, 30), 1)
        possible["primary_tumor.rectal_height_cm of a colon tumor"] = story.primary, "rectal_height_cm", height
    for row in story.rows["study"]:
        if row["modality"] == "abdomen_ct_contrast":
            possible["study.biopsy_taken without a colonoscopy"] = row, "biopsy_taken", True
    if possible:
        what = tuple(possible)[draws.days(0, len(possible) - 1)]
        row, column, value = possible[what]
        row[column] = value
        story.mistakes.append(what)
