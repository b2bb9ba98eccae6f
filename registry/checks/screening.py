"""The screening log against the record of the patient that it names."""

from __future__ import annotations

from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _enrolled_and_not(data: Data) -> Flags:
    entry = data["screening_log"]
    return entry.known("patient_id") & entry.known("not_enrolled_reason")


def _lung_that_is_free(data: Data) -> Flags:
    entry, episode = data["screening_log"], data["episode"]
    free = entry.has("episode") & ~entry.has("episode", ~episode.no("lung_involved"))
    return entry.yes("lung_metastases") & free


def _listed_after_death(data: Data) -> Flags:
    entry = data["screening_log"]
    return entry.days("listed_on") > entry.of_patient("death_on")


def _listed_twice(data: Data) -> Flags:
    entry = data["screening_log"]
    return entry.repeats_in(entry.text("center_id"), entry.days("listed_on"))


CHECKS: tuple[Check, ...] = (
    warning(
        "SCR01",
        "An enrolled case has no reason for not being enrolled.",
        "screening_log",
        "not_enrolled_reason patient_id",
        _enrolled_and_not,
        "Empty not_enrolled_reason or patient_id.",
    ),
    warning(
        "SCR02",
        "A case listed with lung metastases has an episode that involves the lung.",
        "screening_log",
        "lung_metastases patient_id episode.lung_involved",
        _lung_that_is_free,
        "Correct lung_metastases, or lung_involved of the episode.",
    ),
    warning(
        "SCR03",
        "A case is not listed after death.",
        "screening_log",
        "listed_on patient.death_on",
        _listed_after_death,
        "Correct listed_on, or death_on of the patient.",
    ),
    warning(
        "SCR04",
        "A center lists a patient once a day.",
        "screening_log",
        "patient_id center_id listed_on",
        _listed_twice,
        "Delete the entry that was made twice.",
    ),
)
