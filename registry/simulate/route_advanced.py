"""R-POT, R-UNR, R-LIV, R-MUL and R-LYM, and episodes without lung metastases: systemic therapy leads or joins."""

from __future__ import annotations

from registry.simulate import parameters as P
from registry.simulate.draws import Mix
from registry.simulate.outcome import palliative, progress_later
from registry.simulate.story import Course, Story, operating_day
from registry.simulate.survival import expect_death
from registry.simulate.treatment import (
    ablate_lung,
    irradiate,
    local,
    reach_ned,
    resect_lung,
    resect_primary,
    systemic,
    treat_site,
)

_NO_THERAPY = Mix({"performance_status": 0.55, "refusal": 0.45}, P.ASSUMED)
_CONVERSIONS = Mix({"CR": 0.01, "PR": 0.49, "SD": 0.30, "PD": 0.20}, P.ASSUMED)
_BACKBONES = Mix({"oxaliplatin": 0.5, "irinotecan": 0.35, "oxaliplatin_irinotecan": 0.15}, P.ASSUMED)
_WITHOUT = Mix({"observation": 0.5, "exception": 0.22, "nothing": 0.16, "ablation": 0.12}, P.ASSUMED)
_PARTLY = Mix({"systemic": 0.55, "other_site": 0.30, "lung": 0.15}, P.ASSUMED)


def potentially_resectable(story: Story, course: Course, start: int) -> None:
    """R-POT: conversion therapy, then both operations where it worked."""
    draws = story.draws
    response = draws.pick(_CONVERSIONS)
    converted = response != "PD" and draws.chance(P.CONVERTED / (1 - _CONVERSIONS.shares["PD"]))
    length, backbone = draws.days(85, 150), draws.pick(_BACKBONES)
    if not converted:
        expect_death(story, course, start, "systemic")
        systemic(story, course, start, length, "conversion", backbone, response=response)
        line_ends = 7 if response == "PD" else draws.days(60, 250)
        palliative(story, course, start, given_until=start + length + line_ends)
        return
    course.aims_at_ned = True
    _convert(story, course, start, length, backbone, response)


def _convert(story: Story, course: Course, start: int, length: int, backbone: str, response: str) -> None:
    draws = story.draws
    systemic(story, course, start, length, "conversion", backbone, response=response)
    day = operating_day(start + length + draws.days(28, 40))
    if story.primary_resected is None and not story.organ_preservation:
        resect_primary(story, course, day)
        if draws.chance(0.8):
            day = operating_day(day + draws.days(33, 60))
    last = resect_lung(story, course, day)
    if last is not None:
        same = draws.chance(0.8)
        systemic(
            story,
            course,
            last + draws.days(30, 48),
            draws.days(40, 85),
            "postoperative",
            backbone if same else "fluoropyrimidine",
        )
    reach_ned(story, course, last)
    if course.ned is None:
        progress_later(story, course, max(day, story.last_systemic) + draws.days(100, 400))


def unresectable(story: Story, course: Course, start: int) -> None:
    """R-UNR: systemic therapy, or observation of few and silent metastases."""
    draws = story.draws
    if story.follows("UNR1"):
        spared = course.local_recurrence != "unresectable" and not story.incurable_primary
        if spared and draws.chance(P.CONVERTED_UNEXPECTEDLY):
            _convert(story, course, start, draws.days(90, 150), draws.pick(_BACKBONES), "PR")
            return
        expect_death(story, course, start, "systemic")
        _still_under_adjuvant(story, course)
        palliative(story, course, start)
        _palliate_primary(story, course, start)
        return
    expect_death(story, course, start, "systemic")
    choice = draws.pick(_WITHOUT)
    silent = course.row["symptomatic"] is False and course.local_recurrence != "unresectable"
    if choice == "observation" and silent:
        course.row["observation_chosen"] = True
        if draws.chance(0.5):
            progress_later(story, course, start + draws.days(110, 400))
    elif choice == "ablation":
        ablate_lung(story, course, start, "palliative")
    elif choice == "exception":
        _decline(story, course, "UNR1")


def _decline(story: Story, course: Course, rule: str) -> None:
    """No systemic therapy, with its reason."""
    reason = story.draws.pick(_NO_THERAPY)
    course.exceptions[rule] = reason
    if reason == "performance_status":
        course.row["ecog"] = story.draws.days(3, 4)


def _still_under_adjuvant(story: Story, course: Course) -> None:
    """Metastases found under adjuvant therapy, which then ends."""
    row = story.adjuvant
    if row is None or course.number > 1 or not course.initial:
        return
    end = row["ended_on"]
    if isinstance(end, int) and end >= course.detected - 30:
        row["ended_on"], row["stop_reason"] = course.detected + 6, "progression"
        story.last_systemic = course.detected + 6
        course.systemic.append(row)


def _palliate_primary(story: Story, course: Course, start: int) -> None:
    """A primary that gives trouble under systemic therapy, or a local recurrence that cannot be resected."""
    draws = story.draws
    day = start + draws.days(70, 250)
    if story.primary_resected is None and draws.chance(0.2):
        local(story, course, day, "primary", "resection", "palliative")
    elif course.local_recurrence == "unresectable" and draws.chance(0.4):
        row = local(story, course, day, "local_recurrence", "radiotherapy", "palliative", days=14)
        if row is not None:
            irradiate(row, 30.0, 10)


def one_site(story: Story, course: Course, start: int) -> None:
    """R-LIV: both radically where both are curable, else by which of them is."""
    draws, site = story.draws, course.sites[0]
    if course.lung_curable and course.other_curable:
        if story.follows("LIV1"):
            _both(story, course, start)
            return
        choice = draws.pick(_PARTLY)
    else:
        choice = "other_site" if course.other_curable and draws.chance(0.4) else "systemic"
        if course.lung_curable and draws.chance(0.1):
            choice = "lung"
    expect_death(story, course, start, "ablated" if choice == "lung" else "systemic")
    if choice == "systemic":
        palliative(story, course, start)
        return
    length = draws.days(60, 85)
    systemic(story, course, start, length, "palliative", "oxaliplatin", response="PR")
    day = operating_day(start + length + draws.days(28, 45))
    if choice == "lung":
        ablate_lung(story, course, day)
    else:
        treat_site(story, course, site, day)
    progress_later(story, course, day + draws.days(100, 500))


def _both(story: Story, course: Course, start: int) -> None:
    """Systemic therapy, the primary and the site, the lung, and systemic therapy: the harder operation first."""
    draws, site = story.draws, course.sites[0]
    course.aims_at_ned = True
    before = draws.days(62, 88) if draws.chance(0.8) else draws.days(95, 110)
    operate = draws.chance(0.75)
    if not operate:
        expect_death(story, course, start, "ablated")
    systemic(story, course, start, before, "preoperative", "oxaliplatin")
    first = operating_day(start + before + draws.days(26, 40))
    if story.primary_resected is None and not story.organ_preservation:
        resect_primary(story, course, first)
    second = operating_day(first + draws.days(35, 60))
    lung_first = (course.row["resection_difficulty"] == "lung_harder") == draws.chance(0.85)
    lung_day, site_day = (first, second) if lung_first else (second, first)
    if draws.chance(0.15):
        lung_day = site_day = first
    gone = treat_site(story, course, site, site_day) if site_day <= lung_day else None
    lung = resect_lung(story, course, lung_day) if operate else ablate_lung(story, course, lung_day)
    if site_day > lung_day:
        gone = treat_site(story, course, site, site_day)
    if lung is not None and gone is not None and draws.chance(0.8):
        start_again = max(lung, gone) + draws.days(30, 45)
        systemic(story, course, start_again, draws.days(55, 85), "postoperative", "oxaliplatin")
    reach_ned(story, course, lung, gone)
    if course.ned is None:
        progress_later(story, course, max(lung_day, site_day, story.last_systemic) + draws.days(100, 450))


def several_sites(story: Story, course: Course, start: int) -> None:
    """R-MUL: systemic therapy first; by deviation a local treatment first, or none at all."""
    draws = story.draws
    expect_death(story, course, start, "systemic")
    if story.follows("MUL1"):
        _still_under_adjuvant(story, course)
        palliative(story, course, start)
    elif draws.chance(0.6):
        _local_first(story, course, start)
        if draws.chance(0.8):
            palliative(story, course, start + draws.days(35, 60))
    elif draws.chance(0.55):
        _decline(story, course, "MUL1")


def _local_first(story: Story, course: Course, start: int) -> None:
    if story.primary_resected is None and story.draws.chance(0.7):
        local(story, course, start, "primary", "resection", "palliative")
        return
    target = str(course.sites[0]["site"])
    if target in ("bone", "brain", "distant_lymph_node"):
        row = local(story, course, start, target, "radiotherapy", "palliative", days=10)
        if row is not None:
            irradiate(row, 30.0, 10)
    else:
        local(story, course, start, target, "resection", "palliative")


def lymphangitic(story: Story, course: Course, start: int) -> None:
    """R-LYM: systemic therapy and no local treatment."""
    draws = story.draws
    expect_death(story, course, start, "lymphangitic")
    treated = story.follows("LYM2")
    if treated:
        palliative(story, course, start)
    elif draws.chance(P.REASON_RECORDED):
        _decline(story, course, "LYM2")
    if not story.follows("LYM1"):
        day = start + draws.days(25, 60) if treated else start
        reason = draws.uniform()
        given = ablate_lung(story, course, day, "palliative")
        if given is not None and reason < 0.25:
            course.exceptions["LYM1"] = "mdt_decision"
        course.documented_lymphangitic = 0.25 <= reason < 0.5


def lung_free(story: Story, course: Course, start: int) -> None:
    """An oligometastatic episode elsewhere: removed with perioperative therapy, or treated systemically."""
    draws, site = story.draws, course.sites[0]
    curable = draws.chance(0.75)
    site["curable"] = curable
    expect_death(story, course, start, "lung_free" if curable else "systemic")
    if not curable:
        palliative(story, course, start)
        return
    course.aims_at_ned = True
    before = draws.days(55, 90) if draws.chance(0.6) else 0
    day = start
    if before:
        systemic(story, course, start, before, "preoperative", "oxaliplatin")
        day = operating_day(start + before + draws.days(26, 40))
    if story.primary_resected is None:
        resect_primary(story, course, day)
        day = operating_day(day + draws.days(35, 60))
    gone = treat_site(story, course, site, day)
    if gone is not None and draws.chance(0.6):
        after = draws.days(60, 85) if before else draws.days(90, 175)
        systemic(story, course, gone + draws.days(30, 45), after, "postoperative", "oxaliplatin")
    reach_ned(story, course, gone)
    if course.ned is None:
        progress_later(story, course, max(day, story.last_systemic) + draws.days(100, 400))
