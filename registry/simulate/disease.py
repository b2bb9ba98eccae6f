"""The primary, the metastases of an episode, and the route that follows from them by construction."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.primary import characteristics, timing
from registry.simulate.story import Course, Story

_SIDES = Mix({"left": 0.45, "right": 0.55}, P.ASSUMED)
_ZONES = Mix({"outer": 0.56, "middle": 0.25, "inner": 0.19}, P.ASSUMED)
_UNRESECTABLE_FEW = Mix({"location": 0.35, "lung_function": 0.3, "tolerance": 0.25, "refusal": 0.1}, P.ASSUMED)
_UNRESECTABLE_DEEP = Mix({"near_hilum_or_vessel": 0.7, "location": 0.3}, P.ASSUMED)
_UNRESECTABLE_MANY = Mix({"number": 0.6, "extent": 0.3, "lung_function": 0.1}, P.ASSUMED)
_ECOG = Mix({"0": 0.46, "1": 0.42, "2": 0.10, "3": 0.02}, P.ASSUMED)
_DIFFICULTY = Mix({"lung_harder": 0.2, "other_harder": 0.5, "equal": 0.3}, P.ASSUMED)


def first_course(story: Story, detected: int) -> Course:
    """The first episode with the primary and what went before it."""
    draws = story.draws
    course = Course(1, detected)
    course.lung = not draws.chance(P.LUNG_FREE)
    # The published share of initial metastases is of all patients with lung metastases; the synchronous are initial.
    course.synchronous = draws.chance(P.SYNCHRONOUS)
    if not course.synchronous and course.lung:
        course.initial = not draws.chance((1 - P.INITIAL - P.LATER_IN_THE_LUNG) / (1 - P.SYNCHRONOUS))
    characteristics(story)
    if course.lung:
        _extent(story, course)
    else:
        _add_site(story, course, "liver" if draws.chance(0.8) else draws.pick(P.OTHER_SITES))
    timing(story, course)
    if course.lung:
        _lung(story, course)
        course.route = _route(course)
    _common(story, course)
    return course


def next_course(story: Story, previous: Course, detected: int, lung: bool) -> Course:
    """An episode that is the recurrence of an earlier one."""
    draws = story.draws
    course = Course(previous.number + 1, detected)
    course.lung, course.subtype = lung, "after_resection"
    course.earlier_sites = bool(story.rows["metastasis"])
    course.initial = not course.earlier_sites
    if not lung:
        _add_site(story, course, "liver" if draws.chance(0.7) else draws.pick(P.OTHER_SITES))
    elif draws.chance(0.15):
        _add_site(story, course, "liver" if draws.chance(0.6) else draws.pick(P.OTHER_SITES))
    if lung:
        _lung(story, course)
        course.route = _route(course)
    _common(story, course)
    return course


def _extent(story: Story, course: Course) -> None:
    """Lymphangitic carcinomatosis and the active sites outside the lung.

    Lymphangitic and non-initial disease, and non-initial disease with two sites, are kept apart: the text does not
    say which rules of several routes then hold.
    """
    draws = story.draws
    course.lymphangitic = course.initial and draws.chance(P.LYMPHANGITIC / P.INITIAL)
    if not course.initial:
        if draws.chance(0.25):
            _add_site(story, course, "liver" if draws.chance(0.5) else draws.pick(P.OTHER_SITES))
    elif not draws.chance(P.ISOLATED):
        alone = course.lymphangitic or draws.chance(P.ONE_SITE)
        share = P.LIVER_ALONE if alone else (P.LIVER - P.ONE_SITE * P.LIVER_ALONE) / (1 - P.ONE_SITE)
        liver = draws.chance(share)
        if liver:
            _add_site(story, course, "liver")
        wanted = 1 if alone else 3 if draws.chance(0.25) else 2
        while len(course.sites) < wanted:
            site = draws.pick(P.OTHER_SITES)
            if site not in [row["site"] for row in course.sites]:
                _add_site(story, course, site)


def _add_site(story: Story, course: Course, site: str) -> None:
    draws = story.draws
    if site == "ovary" and story.male:
        site = "adrenal"
    if site in [row["site"] for row in course.sites]:
        return
    # Sites that are found within 31 days of each other belong to one staging.
    day = course.detected + draws.days(-10, 7)
    row = story.add(
        "metastasis",
        site=site,
        detected_on=day if course.lung else course.detected,
        lesion_count=min(1 + int(draws.lognormal(1.0, 0.9)), 40),
        largest_mm=float(min(max(round(draws.lognormal(22.0, 0.5)), 3), 150)),
        curable=False,
    )
    course.sites.append(row)


def _lung(story: Story, course: Course) -> None:
    """The lung metastases: number, place, size, nodes, and what a meeting would declare them to be."""
    draws, row = story.draws, course.row
    count = 1 if draws.chance(P.SOLITARY) else int(draws.pick(P.FURTHER_LESIONS))
    if course.lymphangitic:
        count = max(count, int(draws.pick(P.FURTHER_LESIONS)))
    row["lesion_count"] = count
    both = count > 1 and draws.chance(0.35 + min(count, 8) * 0.07)
    row["laterality"] = "bilateral" if both else draws.pick(_SIDES)
    row["largest_mm"] = float(min(max(round(draws.lognormal(P.SIZE_MEDIAN_MM, P.SIZE_SIGMA)), 3), 110))
    row["zone"] = draws.pick(_ZONES) if count == 1 else "NAP"
    row["near_vessel"] = draws.chance(0.12)
    row["lymphangitic"] = course.lymphangitic
    nodes = draws.pick(P.THORACIC_NODES)
    row["thoracic_nodes"] = nodes
    course.nodes_suspected = nodes != "none"
    course.nodes_involved = nodes == "confirmed" or (nodes == "suspected" and draws.chance(P.SUSPECTED_TRUE))
    pleural = draws.chance(0.3 if course.lymphangitic else P.PLEURAL)
    row["pleural_metastases"] = pleural
    row["symptomatic"] = draws.chance(0.6 if course.lymphangitic or pleural else 0.05)
    row["large_burden"] = count > 8 or course.lymphangitic or (count > 1 and draws.chance(0.05))
    if course.number == 1 and not course.synchronous and course.subtype == "after_resection":
        course.local_recurrence = draws.pick(P.LOCAL_RECURRENCE)
    row["local_recurrence"] = course.local_recurrence
    _declaration(story, course, count, pleural)


def _declaration(story: Story, course: Course, count: int, pleural: bool) -> None:
    """Resectable, potentially or not, and curable or not, of the lung and of its companion."""
    draws, row = story.draws, course.row
    in_situ_special = course.subtype in ("during_neoadjuvant", "gap")
    if course.lymphangitic or pleural or story.incurable_primary:
        state = "unresectable"
    elif not course.initial:
        state = "resectable" if not course.sites and draws.chance(P.RESECTABLE_AGAIN) else "unresectable"
    elif len(course.sites) == 1:
        pair = draws.pick(P.BOTH_CURABLE)
        course.other_curable = pair in ("both", "other")
        course.sites[0]["curable"] = course.other_curable
        state = "resectable" if pair in ("both", "lung") else "unresectable"
    elif course.sites:
        state = "unresectable"
    else:
        chance = next(figure for most, figure in P.RESECTABLE_BY_COUNT if count <= most)
        uniform = draws.uniform()
        if uniform < chance or in_situ_special:
            state = "resectable"
        else:
            state = "potentially_resectable" if uniform < chance + P.POTENTIALLY_RESECTABLE else "unresectable"
    course.resectability = state
    row["resectability"] = state
    if state != "resectable":
        deep = row["zone"] == "inner" or row["near_vessel"] is True
        few = _UNRESECTABLE_DEEP if deep else _UNRESECTABLE_FEW
        row["unresectable_reason"] = draws.pick(_UNRESECTABLE_MANY if count > 2 else few)
    course.lung_curable = state == "resectable"
    row["curable"] = course.lung_curable


def _route(course: Course) -> str:
    """Section 2 of the rules over what is so."""
    if course.lymphangitic:
        return "R-LYM"
    if not course.initial:
        return "R-NIN"
    if course.sites:
        return "R-MUL" if len(course.sites) > 1 else "R-LIV"
    if course.local_recurrence == "unresectable":
        return "R-UNR"
    if course.resectability != "resectable":
        return "R-POT" if course.resectability == "potentially_resectable" else "R-UNR"
    if course.subtype == "after_resection" and course.local_recurrence == "none":
        return "R-MET"
    return "R-SYN"


def _common(story: Story, course: Course) -> None:
    """What every episode has, with or without lung metastases."""
    draws, row = story.draws, course.row
    row["lung_involved"] = course.lung
    row["prior_polymetastatic"] = not course.synchronous and draws.chance(P.PRIOR_POLYMETASTATIC)
    row["progressing_lesion"] = not course.synchronous
    row["other_sites_assessed"] = True
    row["bone_symptoms"] = any(site["site"] == "bone" for site in course.sites) and draws.chance(0.6)
    row["cea_ng_ml"] = round(draws.lognormal(P.CEA_MEDIAN, P.CEA_SIGMA), 1)
    row["ecog"] = int(draws.pick(_ECOG))
    row["observation_chosen"] = False
    emergency = row.setdefault("emergency", "none")
    if emergency != "none":
        row["emergency_on"] = course.detected + draws.days(0, 4)
    if course.lung and course.sites:
        row["resection_difficulty"] = draws.pick(_DIFFICULTY)
    if not course.initial and course.lung:
        row["prior_treatment_review"] = "earlier therapy effective, tolerated"
        row["biology_note"] = "slow growth over the last year"
        ends = [end for given in story.rows["systemic_therapy"] if isinstance(end := given["ended_on"], int)]
        row["drug_free_months"] = round((course.detected - max(ends)) / 30.4375, 1) if ends else "NAP"
        if not ends:
            course.hidden.add("drug_free_months")
