"""Imaging, endoscopy and lung function."""

from __future__ import annotations

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data

_BLIND_TO_THE_LUNG = ("colonoscopy", "lung_function", "bone_scan", "pelvis_mri_contrast")


def _twice_a_day(data: Data) -> Flags:
    study = data["study"]
    # X-rays are repeated within hours, and "other" may be two different studies.
    return study.repeats("modality", "performed_on") & study.other_than("modality", "chest_xray", "other")


def _found_on_another_day(data: Data) -> Flags:
    study = data["study"]
    distance = np.abs(study.days("performed_on") - study.of_episode("detected_on"))
    return study.yes("found_metastases") & (distance > clinical.STAGING)


def _found_by_the_blind(data: Data) -> Flags:
    study = data["study"]
    return study.yes("found_metastases") & study.one_of("modality", *_BLIND_TO_THE_LUNG)


def _found_nothing(data: Data) -> Flags:
    study = data["study"]
    return study.yes("found_metastases") & study.one_of("result", "no_disease")


def _found_in_a_free_lung(data: Data) -> Flags:
    study = data["study"]
    return study.yes("found_metastases") & study.episode_denies("lung_involved")


def _response_to_nothing(data: Data) -> Flags:
    study = data["study"]
    day = study.days("performed_on")
    untreated = study.none_until(day, "systemic_therapy", "started_on")
    untreated &= study.none_until(day, "local_treatment", "started_on")
    return study.one_of("purpose", "response") & untreated & ~(study.of_primary("first_treated_on") <= day)


CHECKS: tuple[Check, ...] = (
    warning(
        "STU01",
        "A study of one modality is entered once a day.",
        "study",
        "modality performed_on",
        _twice_a_day,
        "Delete the row that was entered twice, or correct its modality or date.",
    ),
    warning(
        "STU02",
        "The study that first showed the lung metastases lies within a month of their detection.",
        "study",
        "found_metastases performed_on episode.detected_on",
        _found_on_another_day,
        "Correct found_metastases or performed_on, or detected_on of the episode.",
    ),
    warning(
        "STU03",
        "Lung metastases are first shown by a study that images the lung.",
        "study",
        "found_metastases modality",
        _found_by_the_blind,
        "Correct found_metastases or modality.",
    ),
    warning(
        "STU04",
        "A study that first showed lung metastases did not find the patient free of disease.",
        "study",
        "result found_metastases",
        _found_nothing,
        "Correct result or found_metastases.",
    ),
    warning(
        "STU05",
        "The episode of a study that first showed lung metastases involves the lung.",
        "study",
        "found_metastases episode_no episode.lung_involved",
        _found_in_a_free_lung,
        "Correct found_metastases, or lung_involved of the episode.",
    ),
    warning(
        "STU06",
        "A study of the response follows a treatment.",
        "study",
        "purpose performed_on systemic_therapy.started_on local_treatment.started_on primary_tumor.first_treated_on",
        _response_to_nothing,
        "Enter the treatment, or correct purpose or performed_on.",
    ),
)
