"""The primary tumor: site and stage, and when it was found, staged and treated before the first episode."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.story import Course, Story

_PRIOR_THERAPY = Mix({"oxaliplatin": 0.8, "fluoropyrimidine": 0.2}, P.ASSUMED)
_EMERGENCIES = Mix({"obstruction": 0.62, "bleeding": 0.25, "perforation": 0.13}, P.ASSUMED)


def characteristics(story: Story) -> None:
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


def timing(story: Story, course: Course) -> None:
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
        lesion_count=min(1 + int(draws.lognormal(1.0, 0.7)), 40),
        largest_mm=float(min(max(round(draws.lognormal(24.0, 0.5)), 3), 150)),
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
