"""What is found out about an episode: imaging, tissue, molecular tests, and the meetings that discuss it."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.story import Course, Row, Story, day_of
from registry.simulate.treatment import study
from registry.tables import TABLES

_FINDERS = Mix({"chest_ct_plain": 0.55, "chest_ct_contrast": 0.45}, P.ASSUMED)
_POOR_FINDERS = Mix({"chest_xray": 0.9, "chest_mri": 0.1}, P.ASSUMED)
_BASIS = Mix({"imaging_mdt": 0.62, "histology": 0.34, "cytology": 0.04}, P.ASSUMED)
_NO_TISSUE = Mix({"not_obtainable": 0.3, "not_attempted": 0.7}, P.ASSUMED)
_TISSUE = Mix({"well_or_moderate": 0.80, "poor": 0.10, "mucinous": 0.07, "signet_ring": 0.02, "other": 0.01}, P.ASSUMED)
_METHODS = {
    "kras": Mix({"ngs": 0.6, "pcr": 0.4}, P.ASSUMED),
    "nras": Mix({"ngs": 0.6, "pcr": 0.4}, P.ASSUMED),
    "braf": Mix({"ngs": 0.6, "pcr": 0.4}, P.ASSUMED),
    "msi_mmr": Mix({"ihc": 0.75, "pcr": 0.15, "ngs": 0.1}, P.ASSUMED),
    "her2": Mix({"ihc": 0.85, "fish": 0.05, "ngs": 0.1}, P.ASSUMED),
}
_VARIANTS = {
    "kras": Mix({"p.G12D": 0.35, "p.G12V": 0.27, "p.G13D": 0.2, "p.G12C": 0.08, "p.A146T": 0.1}, P.ASSUMED),
    "nras": Mix({"p.Q61K": 0.5, "p.G12D": 0.5}, P.ASSUMED),
    "braf": Mix({"p.V600E": 0.9, "p.D594G": 0.1}, P.ASSUMED),
}
_SPECIALTIES = (
    ("colorectal_surgery", 0.85),
    ("thoracic_surgery", 0.8),
    ("hepatic_surgery", 0.25),
    ("medical_oncology", 0.95),
    ("radiation_oncology", 0.7),
    ("radiology", 0.9),
    ("interventional_radiology", 0.3),
    ("pathology", 0.5),
)
_TOPICS = TABLES["mdt_meeting"].fields["topics"].codes
_MARKERS = ("kras", "nras", "braf", "msi_mmr")


def stage(story: Story, course: Course) -> None:
    """The staging studies, all before the first treatment.

    High-resolution and contrast CTs of the chest stand here only where a rule asks for them and was followed: else
    their absence would not be a known deviation.
    """
    draws, found = story.draws, course.detected
    in_situ = story.primary_resected is None or story.primary_resected > found
    if course.lung:
        _chest(story, course)
    abdomen = story.follows("work-up") or not course.lung
    if abdomen:
        study(story, course, found + draws.days(-4, 6), "abdomen_ct_contrast", "staging")
    sites = {str(row["site"]) for row in course.sites}
    if "liver" in sites and story.follows("work-up"):
        study(story, course, found + draws.days(1, 9), "liver_mri_contrast", "staging")
    if ("pelvic_implant" in sites and story.follows("work-up")) or (in_situ and story.rectum and draws.chance(0.8)):
        study(story, course, found + draws.days(-3, 8), "pelvis_mri_contrast", "staging")
    if in_situ and draws.chance(0.95):
        endoscopy = study(story, course, found + draws.days(-12, 5), "colonoscopy", "staging")
        endoscopy["biopsy_taken"] = draws.chance(0.95)
    if course.row["bone_symptoms"] is True and story.follows("work-up"):
        study(story, course, found + draws.days(2, 9), "bone_scan", "staging")
    if draws.chance(0.16):
        needed = draws.chance(0.7)
        study(story, course, found + draws.days(3, 10), "pet_ct", "undetermined_lesion" if needed else "staging")
    lung_treated = [row for row in course.local if row["target"] == "lung"]
    if lung_treated and story.follows("work-up"):
        first = min(day_of(row, "started_on") or found for row in lung_treated)
        study(story, course, max(found, first - draws.days(3, 12)), "lung_function", "resectability")


def _chest(story: Story, course: Course) -> None:
    draws, found = story.draws, course.detected
    high_resolution, contrast_wanted = story.follows("IMG1"), course.row["thoracic_nodes"] != "none"
    contrast = contrast_wanted and story.follows("IMG3")
    poor = not story.follows("IMG2")
    if poor:
        finder = draws.pick(_POOR_FINDERS)
    elif high_resolution and draws.chance(0.55):
        finder = "chest_ct_high_resolution"
    else:
        finder = "chest_ct_plain" if contrast_wanted and not contrast else draws.pick(_FINDERS)
    purpose = "staging" if course.synchronous else "surveillance" if course.number > 1 else "routine"
    study(story, course, found, finder, purpose, result="new_lesion")["found_metastases"] = True
    if high_resolution and finder != "chest_ct_high_resolution":
        study(story, course, found + draws.days(1, 9), "chest_ct_high_resolution", "staging")
    if contrast and finder != "chest_ct_contrast":
        study(story, course, found + draws.days(0, 9), "chest_ct_contrast", "staging")
    if contrast_wanted and not contrast and draws.chance(P.REASON_RECORDED):
        course.exceptions["IMG3"] = "contraindication"


def diagnose(story: Story, course: Course) -> None:
    """Histology or imaging, the tissue, and the stains of unusual tissue."""
    draws, row = story.draws, course.row
    basis = draws.pick(_BASIS)
    row["basis"] = basis
    course.by_imaging = basis == "imaging_mdt"
    if not course.lung:
        return
    row["differential_documented"] = basis != "imaging_mdt" or story.follows("PAT2")
    operated = [day for op in course.operations("lung") if (day := day_of(op, "started_on")) is not None]
    sampled = min(course.detected + draws.days(2, 9), story.limit) if basis != "imaging_mdt" else None
    day = sampled if sampled is not None else min(operated, default=None)
    if day is None:
        row["tissue"] = draws.pick(_NO_TISSUE)
        return
    row["tissue"] = "obtained"
    histology = draws.pick(_TISSUE)
    row["tissue_histology"] = histology
    if histology != "well_or_moderate" and histology != "other" and story.follows("work-up"):
        stains = story.add("pathology", specimen="lung", sampled_on=day)
        course.stains.append(stains)
        for stain, positive in (("ck20", 0.9), ("cdx2", 0.93), ("satb2", 0.85)):
            stains[stain] = "positive" if draws.chance(positive) else "negative"
        stains["ck7"] = "negative" if draws.chance(0.94) else "positive"
        colorectal = stains["ck20"] == stains["cdx2"] == "positive"
        stains["ttf1"] = "positive" if colorectal and draws.chance(0.04) else "negative"
        stains["napsin_a"] = "not_done" if draws.chance(0.4) else "negative"


def meet(story: Story, course: Course) -> None:
    """The meetings: before the first treatment by default, else late or never."""
    draws, row = story.draws, course.row
    first = course.first_treatment
    if story.follows("GEN1"):
        # A treatment that comes late was seldom discussed in the first weeks alone.
        day = course.detected + draws.days(2, 10)
    elif first is not None and draws.chance(0.5):
        day = first + draws.days(5, 40)
    else:
        day = story.limit + 1
    if day > story.limit:
        row["mdt_discussed"] = False
        return
    row["mdt_discussed"] = True
    if not course.initial and course.lung and not story.follows("NIN1"):
        row["prior_treatment_review" if draws.chance(0.5) else "biology_note"] = "ND"
    before = first is None or day <= first
    goal: str = "ned" if course.aims_at_ned else "palliative"
    if not story.follows("GEN3"):
        goal = "ND"
    _meeting(story, course, day, goal, _topics(story, course, before))
    answers = [answer for given in course.systemic if (answer := day_of(given, "response_assessed_on")) is not None]
    if answers and draws.chance(0.4):
        again = max(answers[0], day) + draws.days(4, 20)
        if again <= story.limit:
            _meeting(story, course, again, goal, ["reassessment"])


def _topics(story: Story, course: Course, before: bool) -> list[str]:
    """What the first meeting is about; the topics that rules ask for only where they were followed."""
    draws = story.draws
    topics = ["initial_strategy"] if draws.chance(0.9) else ["other"]
    pair = course.route == "R-LIV" and course.lung_curable and course.other_curable
    if (before and story.follows("LIV5")) if pair else draws.chance(0.25):
        topics.append("sequence")
    potential = course.resectability == "potentially_resectable"
    if story.follows("POT1") if potential else draws.chance(0.4):
        topics.append("resectability")
    elsewhere = course.route != "R-MET" and course.given("preoperative")
    if course.documented_preoperative or (elsewhere and draws.chance(0.5)):
        topics.append("preoperative_systemic")
    if course.documented_lymphangitic and before:
        topics.append("lymphangitic_local_treatment")
    if draws.chance(0.2):
        topics.append("local_treatment")
    return topics


def _meeting(story: Story, course: Course, day: int, goal: str, topics: list[str]) -> None:
    present = [name for name, share in _SPECIALTIES if story.draws.chance(share)]
    row: Row = story.add(
        "mdt_meeting",
        held_on=day,
        specialties=";".join(present if len(present) > 1 else ("colorectal_surgery", "medical_oncology")),
        curability_assessed=story.draws.chance(0.85),
        goal=goal,
        topics=";".join(topic for topic in _TOPICS if topic in topics),
        recommendation="as the consensus" if story.draws.chance(0.7) else "individual",
    )
    course.meetings.append(row)


def test_genes(story: Story) -> None:
    """The molecular tests of a patient, once; what is not done is written down or simply absent."""
    draws, first = story.draws, story.courses[0]
    all_four, her2 = story.follows("MOL1"), story.follows("MOL2")
    left_out: tuple[str, ...] = () if all_four else (("nras", "braf"), ("msi_mmr",), _MARKERS)[draws.days(0, 2)]
    reported = min(first.detected + draws.days(5, 40), story.limit)
    for marker in (*_MARKERS, "her2"):
        left = marker in left_out or (marker == "her2" and not her2)
        result = "not_done" if left else story.genotype[marker]
        row = story.add("molecular_test", marker=marker, result=result)
        if left:
            continue
        row.update(specimen="primary", reported_on=reported, method=draws.pick(_METHODS[marker]))
        if result == "mutated":
            row["variant"] = draws.pick(_VARIANTS[marker])
    for rule, left in (("MOL1", not all_four), ("MOL2", not her2)):
        if left and draws.chance(0.5):
            for course in story.courses:
                if course.lung and course.row["tissue"] != "obtained":
                    course.exceptions[rule] = "no_tissue"
    _test_lung(story)


def _test_lung(story: Story) -> None:
    """A second test on tissue of the lung; it asks for the genes that the first one had."""
    for course in story.courses:
        operations = course.operations("lung")
        day = day_of(operations[0], "started_on") if operations else None
        if day is None or day + 25 > story.limit or not story.draws.chance(0.3):
            continue
        first = next(row for row in story.rows["molecular_test"] if row["marker"] == "kras")
        if first["result"] != "not_done":
            row = story.add("molecular_test", marker="kras", specimen="lung", reported_on=day + 25, method="ngs")
            row["result"] = story.genotype["kras"]
            if row["result"] == "mutated":
                row["variant"] = first["variant"]
