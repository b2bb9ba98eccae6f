"""Vital status, last contact, consent and cause of death against the rest of the record."""

from __future__ import annotations

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Flags
from registry.checks.check import Check, error, warning
from registry.checks.data import Data

_CONTACTS = (
    ("follow_up", "seen_on"),
    ("study", "performed_on"),
    ("systemic_therapy", "started_on"),
    ("local_treatment", "started_on"),
    ("disease_event", "occurred_on"),
    ("episode", "detected_on"),
)
"""What shows that the patient was alive on that day."""


def _dead_without_date(data: Data) -> Flags:
    patient = data["patient"]
    return patient.one_of("vital_status", "dead") & patient.blank("death_on")


def _seen_after_last_contact(data: Data) -> Flags:
    patient = data["patient"]
    seen = np.full(len(patient.frame), np.nan)
    for table, column in _CONTACTS:
        seen = np.fmax(seen, patient.latest(table, column))
    # With a date of death the last contact decides nothing more.
    return (seen > patient.days("last_contact_on")) & ~patient.known("death_on")


def _enrolled_after_contact(data: Data) -> Flags:
    patient = data["patient"]
    return (patient.days("enrolled_on") > patient.days("last_contact_on")) & ~patient.known("death_on")


def _consent_after_enrollment(data: Data) -> Flags:
    patient = data["patient"]
    return patient.one_of("consent_status", "given") & (patient.days("consent_on") > patient.days("enrolled_on"))


def _seen_after_withdrawal(data: Data) -> Flags:
    visit = data["follow_up"]
    return visit.patient_is("consent_status", "withdrawn") & (visit.days("seen_on") > visit.of_patient("consent_on"))


def _killed_by_no_treatment(data: Data) -> Flags:
    patient = data["patient"]
    treated = patient.has("systemic_therapy") | patient.has("local_treatment")
    treated |= ~np.isnan(patient.of_primary("first_treated_on"))
    return patient.one_of("cause_of_death", "treatment") & ~treated


def _survived_complication(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("clavien_dindo", "V") & local.patient_is("vital_status", "alive")


def _survived_toxicity(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.exactly("worst_toxicity_grade", 5) & systemic.patient_is("vital_status", "alive")


def _survived_stop(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    return systemic.one_of("stop_reason", "death") & systemic.patient_is("vital_status", "alive")


def _stopped_long_before_death(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    gap = systemic.of_patient("death_on") - systemic.days("ended_on")
    return systemic.one_of("stop_reason", "death") & (gap > 3 * clinical.STAGING)


def _complication_but_other_cause(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("clavien_dindo", "V") & local.patient_is("cause_of_death", "cancer", "other")


def _toxicity_but_other_cause(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    fatal = systemic.exactly("worst_toxicity_grade", 5)
    return fatal & systemic.patient_is("cause_of_death", "cancer", "other")


CHECKS: tuple[Check, ...] = (
    error(
        "VIT01",
        "The date of death of a dead patient is not blank.",
        "patient",
        "death_on vital_status",
        _dead_without_date,
        "Enter the date of death, with UNK where it is not known, or correct vital_status.",
    ),
    warning(
        "VIT02",
        "No visit, study, treatment or event of a living patient is later than the last contact.",
        "patient",
        "last_contact_on follow_up.seen_on study.performed_on systemic_therapy.started_on "
        "local_treatment.started_on disease_event.occurred_on episode.detected_on",
        _seen_after_last_contact,
        "Move last_contact_on to the last date on which the patient was known to live, or correct the later row.",
    ),
    warning(
        "VIT03",
        "A living patient is not enrolled after the last contact.",
        "patient",
        "last_contact_on enrolled_on",
        _enrolled_after_contact,
        "Move last_contact_on to the enrollment or later, or correct enrolled_on.",
    ),
    warning(
        "VIT04",
        "Consent is given before or at enrollment.",
        "patient",
        "consent_on enrolled_on consent_status",
        _consent_after_enrollment,
        "Correct consent_on or enrolled_on, or enter the consent as waived where it was.",
    ),
    warning(
        "VIT05",
        "No follow-up is recorded after consent was withdrawn.",
        "follow_up",
        "seen_on patient.consent_on patient.consent_status",
        _seen_after_withdrawal,
        "Correct seen_on or the date of withdrawal, or delete what may no longer be kept.",
    ),
    warning(
        "VIT06",
        "A patient who died of treatment has a treatment in the record.",
        "patient",
        "cause_of_death systemic_therapy.started_on local_treatment.started_on",
        _killed_by_no_treatment,
        "Enter the treatment, or correct the cause of death.",
    ),
    warning(
        "VIT07",
        "A patient with a fatal complication (Clavien-Dindo V) is not alive.",
        "local_treatment",
        "clavien_dindo patient.vital_status",
        _survived_complication,
        "Correct clavien_dindo, or enter the death.",
    ),
    warning(
        "VIT08",
        "A patient with fatal toxicity (CTCAE 5) is not alive.",
        "systemic_therapy",
        "worst_toxicity_grade patient.vital_status",
        _survived_toxicity,
        "Correct worst_toxicity_grade, or enter the death.",
    ),
    warning(
        "VIT09",
        "A patient whose therapy was stopped by death is not alive.",
        "systemic_therapy",
        "stop_reason patient.vital_status",
        _survived_stop,
        "Correct stop_reason, or enter the death.",
    ),
    warning(
        "VIT10",
        "Therapy that was stopped by death ended within three months of it.",
        "systemic_therapy",
        "stop_reason ended_on patient.death_on",
        _stopped_long_before_death,
        "Correct stop_reason or ended_on.",
    ),
    warning(
        "VIT11",
        "A patient with a fatal complication (Clavien-Dindo V) died of treatment.",
        "local_treatment",
        "clavien_dindo patient.cause_of_death",
        _complication_but_other_cause,
        "Correct clavien_dindo or the cause of death.",
    ),
    warning(
        "VIT12",
        "A patient with fatal toxicity (CTCAE 5) died of treatment.",
        "systemic_therapy",
        "worst_toxicity_grade patient.cause_of_death",
        _toxicity_but_other_cause,
        "Correct worst_toxicity_grade or the cause of death.",
    ),
)
