"""Blanks that leave a case in the registry without what makes it one. Completeness itself is reported elsewhere."""

from __future__ import annotations

from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _no_basis(data: Data) -> Flags:
    episode = data["episode"]
    return episode.yes("lung_involved") & episode.blank("basis")


def _no_diagnosis(data: Data) -> Flags:
    return data["primary_tumor"].blank("diagnosed_on")


def _no_histology(data: Data) -> Flags:
    return data["primary_tumor"].blank("histology")


def _no_primary(data: Data) -> Flags:
    patient = data["patient"]
    return patient.has("episode") & ~patient.has("primary_tumor")


CHECKS: tuple[Check, ...] = (
    warning(
        "COM01",
        "It is recorded how the diagnosis of lung metastases was established.",
        "episode",
        "basis",
        _no_basis,
        "Enter basis, with UNK where it is not known.",
    ),
    warning(
        "COM02",
        "The date of the histological diagnosis of the primary is recorded.",
        "primary_tumor",
        "diagnosed_on",
        _no_diagnosis,
        "Enter diagnosed_on, with UNK where it is not known.",
    ),
    warning(
        "COM03",
        "The histology of the primary is recorded.",
        "primary_tumor",
        "histology",
        _no_histology,
        "Enter histology, with UNK where it is not known.",
    ),
    warning(
        "COM04",
        "A patient with an episode has a primary tumor.",
        "patient",
        "patient_id primary_tumor.patient_id",
        _no_primary,
        "Enter the primary tumor.",
    ),
)
