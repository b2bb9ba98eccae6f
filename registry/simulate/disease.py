"""The primary, the metastases of an episode, and the route that follows from them by construction."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.story import Course, Story

_PRIOR_THERAPY = Mix({"oxaliplatin": 0.8, "fluoropyrimidine": 0.2}, P.ASSUMED)
_EMERGENCIES = Mix({"obstruction": 0.62, "bleeding": 0.25, "perforation": 0.13}, P.ASSUMED)
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
    _characteristics(story)
    if course.lung:
        _extent(story, course)
    else:
        _add_site(story, course, "liver" if draws.chance(0.8) else draws.pick(P.OTHER_SITES))
    _time(story, course)
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


def _characteristics(story: Story) -> None:
    """Site and clinical stage of the primary; D-LA needs both T and N to be known where neither is advanced."""
    draws = story.draws
    site, c_t, c_n = draws.pick(P.SITES), draws.pick(P.C_T), draws.pick(P.C_N)
    histology = draws.pick(P.HISTOLOGY)
    story.primary = story.add(
        "primary_tumor",
        site=site,
        c_t=c_t,
        c_n=c_n,
        histology=histology,
        grade="poor" if histology == "signet_ring" else draws.pick(P.GRADE),
        extramural_vascular_invasion=c_t[:2] in ("T3", "T4") and draws.chance(0.35),
        lymphovascular_invasion=draws.chance(0.35),
        cea_ng_ml=round(draws.lognormal(6.0, 1.3), 1),
    )
    story.rectum = site == "rectum"
    if site == "rectum":
        height = round(draws.between(2.0, 15.0) * 2) / 2
        story.primary["rectal_height_cm"] = height
        story.mid_low = height <= 10
    elif site == "rectosigmoid_junction":
        story.primary["rectal_height_cm"] = round(draws.between(13.0, 18.0) * 2) / 2
    else:
        story.primary["rectal_height_cm"] = story.primary["organ_preservation"] = "NAP"
    advanced = c_t[:2] in ("T3", "T4") or c_n[:2] in ("N1", "N2")
    story.locally_advanced = True if advanced else None if "X" in c_t + c_n else False


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
        lesion_count=1 + int(draws.lognormal(1.0, 0.9)),
        largest_mm=float(round(draws.lognormal(22.0, 0.5))),
        curable=False,
    )
    course.sites.append(row)


def _time(story: Story, course: Course) -> None:
    """When the primary was found, staged and treated, before the first episode."""
    draws, detected, primary = story.draws, course.detected, story.primary
    if course.synchronous:
        # Now and then the metastases are found first.
        diagnosed = detected + (draws.days(1, 9) if draws.chance(0.03) else -draws.days(0, 25))
        primary["diagnosed_on"] = diagnosed
        primary["workup_completed_on"] = max(detected, diagnosed) + draws.days(0, 2)
        story.incurable_primary = course.lung and not course.lymphangitic and draws.chance(P.PRIMARY_INCURABLE)
        primary["curable"] = not story.incurable_primary
        if story.rectum and story.mid_low and course.lung:
            story.organ_preservation = draws.chance(P.ORGAN_PRESERVATION) and not story.incurable_primary
        if "organ_preservation" not in primary:
            primary["organ_preservation"] = story.organ_preservation
        curable_pair = len(course.sites) == 1 and not course.lymphangitic
        if course.lung and not curable_pair and not story.organ_preservation and draws.chance(P.EMERGENCY):
            course.row["emergency"] = draws.pick(_EMERGENCIES)
            primary["workup_completed_on"] = max(detected, diagnosed)
        return
    primary["curable"] = True
    if story.rectum:
        primary["organ_preservation"] = False
    isolated = course.lung and course.initial and not course.sites and not course.lymphangitic
    kind = draws.uniform() if isolated else 1.0
    if kind < P.WHILE_NEOADJUVANT and story.rectum:
        course.subtype = "during_neoadjuvant"
        primary["diagnosed_on"] = detected - draws.days(75, 100)
        primary["workup_completed_on"] = detected - draws.days(58, 70)
    elif P.WHILE_NEOADJUVANT <= kind < P.WHILE_NEOADJUVANT + P.BEFORE_TREATMENT:
        course.subtype = "gap"
        primary["diagnosed_on"] = detected - draws.days(20, 35)
        primary["workup_completed_on"] = detected - draws.days(3, 10)
    else:
        course.subtype = "after_resection"
        _earlier_care(story, course)


def _earlier_care(story: Story, course: Course) -> None:
    """The treatment of the primary, and of metastases older than the episode, before the episode."""
    draws, detected, primary = story.draws, course.detected, story.primary
    interval = int(draws.lognormal(P.DFI_MEDIAN_DAYS, P.DFI_SIGMA))
    interval = min(max(interval, 100 if course.initial else 330), 4500)
    resected = detected - interval
    story.primary_resected = resected
    neoadjuvant = story.rectum and story.locally_advanced is True and draws.chance(0.7)
    first = resected - (draws.days(85, 110) if neoadjuvant else 0)
    primary["workup_completed_on"] = first - draws.days(3, 12)
    primary["diagnosed_on"] = first - draws.days(15, 40)
    primary["first_treated_on"] = first
    if neoadjuvant:
        story.add(
            "local_treatment",
            started_on=first,
            ended_on=first + 35,
            target="primary",
            modality="radiotherapy",
            intent="neoadjuvant",
            dose_gy=50.4,
            fractions=28,
        )
    story.add(
        "local_treatment",
        started_on=resected,
        ended_on=resected,
        target="primary",
        modality="resection",
        intent="radical",
        residual_tumor="R0",
    )
    resected_stage(story, neoadjuvant)
    earlier_metastases = not course.initial
    found = resected + int(interval * draws.between(0.15, 0.45)) if earlier_metastases else detected
    if earlier_metastases or draws.chance(0.6):
        start = resected + draws.days(28, 50)
        end = min(start + draws.days(80, 170), found - draws.days(10, 30))
        if end - start >= 21:
            backbone = draws.pick(_PRIOR_THERAPY)
            story.adjuvant = story.add(
                "systemic_therapy",
                started_on=start,
                ended_on=end,
                intent="postoperative",
                backbone=backbone,
                regimen="CAPOX" if backbone == "oxaliplatin" else "capecitabine",
                targeted_agent="none",
                cycles=max(1, (end - start) // 21),
                worst_toxicity_grade=draws.days(0, 3),
                stop_reason="completed",
            )
            story.last_systemic = end
    if earlier_metastases:
        _earlier_metastases(story, course, found)


def _earlier_metastases(story: Story, course: Course, found: int) -> None:
    """Metastases outside the lung that were found, treated and gone before the episode."""
    draws = story.draws
    course.earlier_sites = True
    site = "liver" if draws.chance(0.8) else draws.pick(P.OTHER_SITES)
    if site == "ovary" and story.male:
        site = "adrenal"
    treated = found + draws.days(30, 70)
    story.add(
        "metastasis",
        site=site,
        detected_on=found,
        resolved_on=treated,
        lesion_count=1 + int(draws.lognormal(1.0, 0.7)),
        largest_mm=float(round(draws.lognormal(24.0, 0.5))),
        curable=True,
    )
    radiated = site in ("bone", "brain", "distant_lymph_node")
    story.add(
        "local_treatment",
        started_on=treated,
        ended_on=treated + (8 if radiated else 0),
        target=site,
        modality="sbrt" if radiated else "resection",
        intent="radical",
    ).update({"dose_gy": 40.0, "fractions": 5} if radiated else {"residual_tumor": "R0"})
    end = min(treated + draws.days(130, 190), course.detected - 35)
    start = treated + 30
    if end - start >= 21:
        story.add(
            "systemic_therapy",
            started_on=start,
            ended_on=end,
            intent="postoperative",
            backbone="irinotecan",
            regimen="FOLFIRI",
            targeted_agent="bevacizumab" if draws.chance(0.4) else "none",
            cycles=max(1, (end - start) // 14),
            worst_toxicity_grade=draws.days(0, 3),
            stop_reason="completed",
        )
        story.last_systemic = end


def resected_stage(story: Story, after_neoadjuvant: bool) -> None:
    """Pathological stage: near the clinical one, lower after neoadjuvant treatment."""
    draws, primary = story.draws, story.primary
    c_t, c_n = str(primary["c_t"]), str(primary["c_n"])
    p_t = "T3" if c_t == "TX" else c_t
    p_n = "N0" if c_n == "NX" else c_n
    if after_neoadjuvant:
        if draws.chance(0.15):
            p_t = "T0"
        if draws.chance(0.55):
            p_n = "N0"
    elif draws.chance(0.15) and p_n[:2] != "N2":
        p_n = "N1a" if p_n == "N0" else "N0"
    primary["p_t"], primary["p_n"] = p_t, p_n


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
