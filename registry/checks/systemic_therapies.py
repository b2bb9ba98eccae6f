"""Courses of systemic therapy: their dates, lines, drugs and responses."""

from __future__ import annotations

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Days, Flags, take
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _last_day(data: Data) -> Days:
    """The end of each course; infinite while it is under way, NaN where the end is not known."""
    systemic = data["systemic_therapy"]
    return np.where(systemic.blank("ended_on"), np.inf, systemic.days("ended_on"))


def _assessed_too_early(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.days("response_assessed_on") < systemic.days("started_on")


def _assessed_too_late(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.days("response_assessed_on") > systemic.days("ended_on") + 3 * clinical.STAGING


def _lines_overlap(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    before, line = systemic.previous("started_on"), systemic.number("line")
    running = take(_last_day(data), before) > systemic.days("started_on")
    return running & (np.abs(take(line, before) - line) > 0)


def _line_goes_back(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    before, line = systemic.previous("started_on"), systemic.number("line")
    episodes = systemic.episodes()
    same: Flags = (np.append(episodes, -1)[before] == episodes) & (before >= 0) & (episodes >= 0)
    started = systemic.days("started_on")
    return same & (line < take(line, before)) & (started > take(started, before))


def _entered_twice(data: Data) -> Flags:
    return data["systemic_therapy"].repeats("started_on", "backbone", "targeted_agent")


def _stopped_without_end(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.known("stop_reason") & systemic.blank("ended_on")


def _toxic_without_toxicity(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.one_of("stop_reason", "toxicity") & systemic.exactly("worst_toxicity_grade", 0)


def _no_drug(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.one_of("backbone", "none") & systemic.one_of("targeted_agent", "none")


def _after_no_operation(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    started = systemic.days("started_on")
    return systemic.one_of("intent", "postoperative") & systemic.none_until(started, "local_treatment", "started_on")


def _through_an_operation(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    started, resections = systemic.days("started_on"), clinical.radical_resection(data)
    operated = systemic.first_after(started, "local_treatment", "started_on", resections)
    return systemic.one_of("intent", *clinical.PERIOPERATIVE) & (operated < systemic.days("ended_on"))


def _antibody_despite_ras(data: Data) -> Flags:
    systemic, test = data["systemic_therapy"], data["molecular_test"]
    mutated = test.one_of("marker", "kras", "nras") & test.one_of("result", "mutated")
    known = systemic.last_until(systemic.days("started_on"), "molecular_test", "reported_on", mutated)
    return systemic.one_of("targeted_agent", "cetuximab", "panitumumab") & ~np.isnan(known)


def _under_way_after_death(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.blank("ended_on") & (systemic.days("started_on") <= systemic.of_patient("death_on"))


def _endless_perioperative(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    # A course that death left open is told by its own check.
    open_until = np.where(np.isnan(systemic.of_patient("death_on")), data.today, np.nan)
    last: Days = np.where(systemic.blank("ended_on"), open_until, systemic.days("ended_on"))
    too_long = last - systemic.days("started_on") > clinical.YEAR
    return systemic.one_of("intent", *clinical.PERIOPERATIVE) & too_long


CHECKS: tuple[Check, ...] = (
    warning(
        "SYS01",
        "The response to a therapy is not assessed before it starts.",
        "systemic_therapy",
        "response_assessed_on started_on",
        _assessed_too_early,
        "Correct response_assessed_on or started_on.",
    ),
    warning(
        "SYS02",
        "The response to a therapy is assessed within three months of its end.",
        "systemic_therapy",
        "response_assessed_on ended_on",
        _assessed_too_late,
        "Correct response_assessed_on or ended_on.",
    ),
    warning(
        "SYS03",
        "A line of therapy starts after the line before it has ended.",
        "systemic_therapy",
        "started_on ended_on line",
        _lines_overlap,
        "Enter or correct ended_on of the line before, or correct started_on or line.",
    ),
    warning(
        "SYS04",
        "Within an episode a later therapy has no lower line.",
        "systemic_therapy",
        "line started_on",
        _line_goes_back,
        "Correct line or started_on.",
    ),
    warning(
        "SYS05",
        "A course of therapy is entered once.",
        "systemic_therapy",
        "started_on backbone targeted_agent",
        _entered_twice,
        "Delete the row that was entered twice, or correct its start.",
    ),
    warning(
        "SYS06",
        "A therapy with a reason for its end has an end.",
        "systemic_therapy",
        "ended_on stop_reason",
        _stopped_without_end,
        "Enter ended_on, with UNK where it is not known: a blank means under way.",
    ),
    warning(
        "SYS07",
        "A therapy that was stopped for toxicity has toxicity.",
        "systemic_therapy",
        "worst_toxicity_grade stop_reason",
        _toxic_without_toxicity,
        "Correct worst_toxicity_grade or stop_reason.",
    ),
    warning(
        "SYS08",
        "A therapy has a cytotoxic backbone or a targeted agent.",
        "systemic_therapy",
        "backbone targeted_agent",
        _no_drug,
        "Enter the drugs; immunotherapy is an other targeted agent.",
    ),
    warning(
        "SYS09",
        "A postoperative therapy follows a local treatment.",
        "systemic_therapy",
        "intent started_on local_treatment.started_on",
        _after_no_operation,
        "Enter the operation in local_treatment, or correct intent or started_on.",
    ),
    warning(
        "SYS10",
        "A perioperative therapy does not run through a radical resection.",
        "systemic_therapy",
        "ended_on started_on intent local_treatment.started_on",
        _through_an_operation,
        "Enter the courses before and after the operation as two rows, or correct the dates.",
    ),
    warning(
        "SYS11",
        "Cetuximab or panitumumab is not started with a known RAS mutation.",
        "systemic_therapy",
        "targeted_agent started_on molecular_test.result molecular_test.reported_on",
        _antibody_despite_ras,
        "Correct targeted_agent, the test or its date, or confirm both.",
    ),
    warning(
        "SYS12",
        "No therapy is under way after death.",
        "systemic_therapy",
        "ended_on patient.death_on",
        _under_way_after_death,
        "Enter ended_on, the day of death at the latest, with UNK where it is not known.",
    ),
    warning(
        "SYS13",
        "A perioperative therapy lasts at most a year.",
        "systemic_therapy",
        "ended_on started_on intent",
        _endless_perioperative,
        "Enter or correct ended_on, or correct intent: a blank end means under way.",
    ),
)
