"""Courses of treatment for the random records: one function a situation of the consensus, each mostly consistent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.analytics.random_draft import CUT, Draft


def synchronous(draft: Draft) -> None:
    """Synchronous, isolated, resectable: Table 2 in its order, with steps left out or exchanged."""
    rng = draft.rng
    rectum = {"site": "rectum", "rectal_height_cm": rng.choice(("9.9", "10", "10.1")), "organ_preservation": "no"}
    draft.primary(True, **(rectum | {"c_t": "T3"} if draft.chance(0.5) else {}))
    draft.episode(curable="yes", **({"surgery_unsuitable_reason": ""} if draft.chance(0.7) else {}))
    draft.wait()
    upfront = draft.chance(0.3)
    if not upfront:
        draft.systemic("preoperative", 0.8)
        draft.local("primary", "radiotherapy", 0.7)
        draft.wait()
    steps: list[Callable[[], None]] = [lambda: draft.local("primary"), lambda: draft.local("lung")]
    if draft.chance(0.15):
        steps.reverse()
    steps[0]()
    draft.wait(rng.choice((0, 0, 1, 30, 60)))
    if draft.chance(0.25):
        draft.systemic("postoperative", days=rng.choice((60, 91)))
    steps[1]()
    draft.wait()
    draft.systemic("postoperative", 0.6)
    draft.ned()


def preserved(draft: Draft) -> None:
    """Locally advanced rectum with organ preservation, watched after total neoadjuvant therapy."""
    rng = draft.rng
    draft.primary(True, site="rectum", rectal_height_cm="4", c_t="T3", curable="yes", organ_preservation="yes")
    draft.episode(curable="yes", local_recurrence="", surveillance_log_complete=rng.choice(("yes", "yes", "")))
    held = draft.day(rng.choice((0, -3)))
    draft.add("mdt_meeting", episode_no="1", held_on=held, goal="ned", topics="initial_strategy")
    draft.wait()
    draft.systemic("preoperative", 0.95)
    draft.local("primary", "radiotherapy", 0.95)
    draft.wait(40)
    draft.local("lung", share=0.9, intent="radical")
    draft.ned()
    looked, end = rng.choice((0.6, 1.0)), draft.now
    while (end := end + dt.timedelta(days=rng.choice((120, 150, 182)))) <= CUT:
        if draft.chance(looked):
            look = rng.choice(("colonoscopy", "pelvis_mri_contrast"))
            draft.add("study", episode_no="1", performed_on=str(end), modality=look, purpose="surveillance")


def neoadjuvant(draft: Draft) -> None:
    """Found during neoadjuvant therapy, or between work-up and treatment."""
    draft.primary(False, site="rectum")
    draft.now = draft.start - dt.timedelta(days=draft.rng.choice((60, 91, 30, 0)))
    draft.systemic("preoperative", 0.8)
    draft.local("primary", "radiotherapy", 0.6)
    draft.now = max(draft.now, draft.start)
    draft.episode(curable="yes")
    draft.wait()
    draft.local("primary")
    draft.local("lung")
    draft.wait()
    draft.systemic("postoperative", 0.6)
    draft.ned()


def metachronous(draft: Draft) -> None:
    """After resection of the primary: surgery first, then systemic therapy."""
    rng = draft.rng
    draft.primary(False)
    draft.primary_gone()
    draft.episode()
    draft.wait()
    if draft.chance(0.45):
        before: dict[str, Any] = {"backbone": rng.choice(("irinotecan", "irinotecan", "oxaliplatin"))}
        before |= {"regimen": rng.choice(("", "FOLFIRI")), "best_response": rng.choice(("CR", "PR", "SD", ""))}
        draft.systemic("preoperative", **before)
        draft.wait()
        again: dict[str, Any] = before if draft.chance(0.5) else {}
    else:
        again = {}
    draft.local("lung")
    draft.wait()
    draft.systemic("postoperative", 0.7, **again)
    draft.ned()


def potential(draft: Draft) -> None:
    """Potentially resectable: conversion, operations, the same regimen after."""
    rng = draft.rng
    draft.primary(draft.chance(0.7), curable=rng.choice(("yes", "yes", "", "no")))
    if draft.chance(0.3):
        draft.primary_gone()
    draft.episode(resectability="potentially_resectable", local_recurrence="none")
    draft.wait()
    backbone = rng.choice(("oxaliplatin", "irinotecan", ""))
    draft.systemic("conversion", 0.95, backbone=backbone)
    draft.wait()
    draft.local("primary", share=0.6)
    draft.wait(rng.choice((0, 0, 30)))
    draft.local("lung", intent="radical", share=0.9, residual_tumor=rng.choice(("R0", "R0", "R0", "R1", "RX", "")))
    draft.wait()
    draft.systemic("postoperative", 0.6, backbone=backbone if draft.chance(0.6) else "fluoropyrimidine")
    draft.ned()


def unresectable(draft: Draft) -> None:
    """Unresectable: lines of systemic therapy, or observation."""
    rng = draft.rng
    draft.primary(draft.chance(0.5), curable=rng.choice(("yes", "no", "")))
    if draft.chance(0.5):
        draft.primary_gone()
    draft.episode(resectability="unresectable", observation_chosen=rng.choice(("yes", "no", "", "UNK")))
    draft.wait()
    if draft.chance(0.3):
        return
    draft.systemic("palliative", 0.95, line="1", stop_reason=rng.choice(("progression", "progression", "completed")))
    draft.systemic("palliative", 0.85, line="2", stop_reason=rng.choice(("progression", "progression", "")))
    draft.systemic("palliative", 0.8, line="3", targeted_agent=rng.choice(("regorafenib", "none", "")))
    draft.local("primary", rng.choice(("resection", "radiotherapy")), 0.4, intent="palliative")
    draft.lung_sbrt_or_ablation(0.2)


def liver(draft: Draft) -> None:
    """One other site, mostly the liver: Table 4."""
    rng = draft.rng
    draft.primary(draft.chance(0.6))
    if draft.chance(0.4):
        draft.primary_gone()
    lung, other = rng.choice((("yes", "yes"), ("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no")))
    name = rng.choice(("liver", "liver", "liver", "liver", "ovary", "pelvic_implant"))
    draft.episode(curable=lung, other_sites_assessed="yes", local_recurrence=rng.choice(("none", "")))
    draft.site(name, rng.choice((0, 0, 10, 31, 32, -20)), curable=other)
    draft.wait()
    draft.systemic(rng.choice(("preoperative", "preoperative", "conversion", "palliative")), 0.8)
    draft.wait()
    draft.local("primary", share=0.6)
    steps: list[Callable[[], None]] = [
        lambda: draft.local(name, share=0.85, intent="radical"),
        lambda: draft.local("lung", share=0.75, intent="radical"),
        lambda: draft.lung_sbrt_or_ablation(0.3),
    ]
    rng.shuffle(steps)
    for step in steps:
        step()
        draft.wait(rng.choice((0, 30, 30)))
    if draft.chance(0.15):
        draft.local("lung", "sbrt", started_on="", episode_no="")
    draft.systemic("postoperative", 0.5)
    draft.ned()


def several_sites(draft: Draft) -> None:
    """Two other sites or more: Table 5."""
    rng = draft.rng
    draft.primary(draft.chance(0.5))
    if draft.chance(0.4):
        draft.primary_gone()
    draft.episode(curable=rng.choice(("yes", "yes", "no")), other_sites_assessed="yes")
    answers = rng.choice((("yes",), ("yes",), ("yes", "yes", "no", "")))
    for name in rng.sample(("liver", "peritoneum", "pelvic_implant", "ovary", "bone", "brain"), rng.choice((2, 2, 3))):
        draft.site(name, rng.choice((0, 0, 5, -10)), curable=rng.choice(answers))
    draft.wait()
    if draft.chance(0.15):
        return
    draft.systemic("palliative", 0.8)
    draft.wait()
    undated = {"started_on": ""} if draft.chance(0.1) else {}
    draft.local(rng.choice(("liver", "ovary", "primary", "lung")), share=0.7, **undated)
    draft.systemic("palliative", 0.4)


def lymphangitic(draft: Draft) -> None:
    """Lymphangitic carcinomatosis."""
    rng = draft.rng
    draft.primary(draft.chance(0.5))
    if draft.chance(0.5):
        draft.primary_gone()
    draft.now -= dt.timedelta(days=rng.choice((0, 0, 30)))
    draft.episode(lymphangitic="yes", resectability="unresectable")
    draft.systemic("palliative", 0.6)
    draft.local("lung", share=0.25)
    draft.lung_sbrt_or_ablation(0.2)


def non_initial(draft: Draft) -> None:
    """Another metastasis came earlier."""
    rng = draft.rng
    draft.primary(False)
    draft.primary_gone()
    resolved = draft.day(-100) if draft.chance(0.7) else ""
    draft.site("liver", -rng.choice((31, 32, 33, 200, 500)), resolved_on=resolved)
    draft.episode()
    draft.wait()
    draft.systemic("palliative", 0.7)
    draft.local("lung", share=0.4)
    draft.ned()


def ablated(draft: Draft) -> None:
    """The lung treated without surgery."""
    rng = draft.rng
    draft.primary(draft.chance(0.5))
    if draft.chance(0.7):
        draft.primary_gone()
    draft.episode(
        lesion_count=rng.choice(("1", "1", "1", "1", "3", "")),
        zone=rng.choice(("outer", "outer", "middle", "inner", "")),
        near_vessel=rng.choice(("no", "no", "no", "yes", "")),
        other_sites_assessed="yes",
        local_recurrence=rng.choice(("none", "none", "")),
        surgery_unsuitable_reason=rng.choice(("lung_function", "refusal", "tolerance", "", "UNK")),
    )
    draft.wait()
    draft.systemic("preoperative", 0.4)
    draft.wait()
    draft.lung_sbrt_or_ablation(0.95)
    if draft.chance(0.4):
        draft.local("lung", rng.choice(("sbrt", "cryoablation")), started_on="", episode_no="")
    draft.ned()
    draft.wait()
    draft.systemic("postoperative", 0.3)


def twice(draft: Draft) -> None:
    """Two or three episodes, one after the other."""
    rng = draft.rng
    metachronous(draft)
    for number in range(2, rng.choice((2, 3)) + 1):
        draft.wait(rng.choice((0, 30, 90, 120, 400, 800)))
        if draft.now > CUT and draft.chance(0.8):
            return
        draft.start, draft.episode_no = draft.now, str(number)
        draft.episode(lung_involved="yes" if draft.chance(0.8) else "no")
        if draft.chance(0.3):
            draft.site("liver", rng.choice((0, -31, -32)))
        draft.wait()
        draft.systemic(rng.choice(("preoperative", "palliative", "postoperative")), 0.5)
        rng.choice((draft.lung_sbrt_or_ablation, lambda: draft.local("lung")))()
        draft.ned()


COURSES: tuple[Callable[[Draft], None], ...] = (
    synchronous,
    synchronous,
    preserved,
    neoadjuvant,
    metachronous,
    potential,
    unresectable,
    liver,
    liver,
    several_sites,
    lymphangitic,
    non_initial,
    ablated,
    twice,
)
"""The courses, as often as each is drawn."""
