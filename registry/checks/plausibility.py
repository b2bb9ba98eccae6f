"""Numbers and durations that are possible but hardly believable."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _outside(table: str, column: str, low: float, high: float) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        number = data[table].number(column)
        return (number < low) | (number > high)

    return test


def _unlikely_age(data: Data) -> Flags:
    patient = data["patient"]
    years = (patient.days("enrolled_on") - patient.days("birth_date")) / 365.25
    # An enrollment before the birth is told with everything else that is dated before it.
    return ((years >= 0) & (years < 18)) | (years > 100)


def _enrolled_before_disease(data: Data) -> Flags:
    patient = data["patient"]
    found = np.fmin(patient.earliest("episode", "detected_on"), patient.earliest("metastasis", "detected_on"))
    return patient.days("enrolled_on") < found - clinical.STAGING


def _workup_long_before(data: Data) -> Flags:
    primary = data["primary_tumor"]
    return primary.days("workup_completed_on") < primary.days("diagnosed_on") - clinical.HALF_YEAR


def _treated_before_diagnosis(data: Data) -> Flags:
    primary = data["primary_tumor"]
    return primary.days("first_treated_on") < primary.days("diagnosed_on") - clinical.STAGING


def _drug_free(data: Data) -> Flags:
    episode = data["episode"]
    detected = episode.days("detected_on")
    started = episode.count_until(detected, "systemic_therapy", "started_on")
    ended = episode.count_until(detected, "systemic_therapy", "ended_on")
    computed = (detected - episode.last_until(detected, "systemic_therapy", "ended_on")) / clinical.MONTH
    # With a course that is under way, or whose end is not known, there is nothing to compare with.
    return (np.abs(started - ended) < 1) & (np.abs(computed - episode.number("drug_free_months")) > 3)


def _cycle_length(data: Data) -> Flags:
    systemic = data["systemic_therapy"]
    cycles = systemic.number("cycles")
    intervals = np.where(cycles >= 2, cycles - 1, np.nan)
    lasted = systemic.days("ended_on") - systemic.days("started_on")
    return (lasted >= 0) & ((lasted < 7 * intervals) | (lasted > 63 * (intervals + 1)))


def _dose_each(data: Data) -> Flags:
    local = data["local_treatment"]
    each = local.number("dose_gy") / local.number("fractions")
    return (each < 1) | (each > 34)


def _biological_dose(data: Data) -> Flags:
    local = data["local_treatment"]
    dose = local.number("dose_gy")
    each = dose / local.number("fractions")
    effective = dose * (1 + each / 10)
    # What has an impossible fraction is told as such.
    unlikely = ((effective < 40) | (effective > 280)) & (each >= 1) & (each <= 34)
    return local.one_of("modality", "sbrt") & unlikely


def _many_stereotactic_fractions(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("modality", "sbrt") & (local.number("fractions") > 15)


def _fractions_in_time(data: Data) -> Flags:
    local = data["local_treatment"]
    lasted = local.days("ended_on") - local.days("started_on")
    return (lasted >= 0) & (local.number("fractions") > 2 * (lasted + 1))


def _long_local_treatment(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.days("ended_on") - local.days("started_on") > 3 * clinical.STAGING


CHECKS: tuple[Check, ...] = (
    warning(
        "PLA01",
        "A patient is 18 to 100 years old at enrollment.",
        "patient",
        "birth_date enrolled_on",
        _unlikely_age,
        "Correct birth_date or enrolled_on.",
    ),
    warning(
        "PLA02",
        "A patient is not enrolled more than a month before any metastasis is found.",
        "patient",
        "enrolled_on episode.detected_on metastasis.detected_on",
        _enrolled_before_disease,
        "Correct enrolled_on, or detected_on of the first metastases.",
    ),
    warning(
        "PLA03",
        "The work-up is not completed more than half a year before the diagnosis.",
        "primary_tumor",
        "workup_completed_on diagnosed_on",
        _workup_long_before,
        "Correct workup_completed_on or diagnosed_on.",
    ),
    warning(
        "PLA04",
        "The primary is not treated more than a month before its diagnosis.",
        "primary_tumor",
        "first_treated_on diagnosed_on",
        _treated_before_diagnosis,
        "Correct first_treated_on or diagnosed_on.",
    ),
    warning(
        "PLA05",
        "CEA before treatment of the primary is at most 5000 ng/ml.",
        "primary_tumor",
        "cea_ng_ml",
        _outside("primary_tumor", "cea_ng_ml", 0, 5000),
        "Correct the value or its unit (ng/ml), or confirm it.",
    ),
    warning(
        "PLA06",
        "CEA before treatment of the metastases is at most 5000 ng/ml.",
        "episode",
        "cea_ng_ml",
        _outside("episode", "cea_ng_ml", 0, 5000),
        "Correct the value or its unit (ng/ml), or confirm it.",
    ),
    warning(
        "PLA07",
        "CEA at a visit is at most 5000 ng/ml.",
        "follow_up",
        "cea_ng_ml",
        _outside("follow_up", "cea_ng_ml", 0, 5000),
        "Correct the value or its unit (ng/ml), or confirm it.",
    ),
    warning(
        "PLA08",
        "The largest lung lesion measures 2 to 200 mm.",
        "episode",
        "largest_mm",
        _outside("episode", "largest_mm", 2, 200),
        "Correct the value or its unit (millimeters), or confirm it.",
    ),
    warning(
        "PLA09",
        "The largest lesion of a site measures 2 to 200 mm.",
        "metastasis",
        "largest_mm",
        _outside("metastasis", "largest_mm", 2, 200),
        "Correct the value or its unit (millimeters), or confirm it.",
    ),
    warning(
        "PLA10",
        "An oligometastatic episode has at most 50 lung lesions.",
        "episode",
        "lesion_count",
        _outside("episode", "lesion_count", 0, 50),
        "Correct the number, or confirm it.",
    ),
    warning(
        "PLA11",
        "A site of metastases has at most 50 lesions.",
        "metastasis",
        "lesion_count",
        _outside("metastasis", "lesion_count", 0, 50),
        "Correct the number, or confirm it.",
    ),
    warning(
        "PLA12",
        "The months without drugs agree within three months with the end of the last therapy before detection.",
        "episode",
        "drug_free_months detected_on systemic_therapy.ended_on",
        _drug_free,
        "Correct drug_free_months, or ended_on of the therapy.",
    ),
    warning(
        "PLA13",
        "A cycle lasts one to nine weeks.",
        "systemic_therapy",
        "cycles started_on ended_on",
        _cycle_length,
        "Correct cycles or the dates of the therapy.",
    ),
    warning(
        "PLA14",
        "At least one cycle is given.",
        "systemic_therapy",
        "cycles",
        _outside("systemic_therapy", "cycles", 1, np.inf),
        "Correct cycles, or delete a therapy that was never given.",
    ),
    warning(
        "PLA15",
        "A fraction is 1 to 34 Gy.",
        "local_treatment",
        "dose_gy fractions",
        _dose_each,
        "Correct dose_gy, the total dose, or fractions.",
    ),
    warning(
        "PLA16",
        "Stereotactic radiotherapy has a biologically effective dose (alpha/beta 10) of 40 to 280 Gy.",
        "local_treatment",
        "dose_gy fractions modality",
        _biological_dose,
        "Correct dose_gy, the total dose, or fractions, or enter conventional radiotherapy.",
    ),
    warning(
        "PLA17",
        "Stereotactic radiotherapy has at most 15 fractions.",
        "local_treatment",
        "fractions modality",
        _many_stereotactic_fractions,
        "Correct fractions, or enter conventional radiotherapy.",
    ),
    warning(
        "PLA18",
        "At most two fractions are given a day.",
        "local_treatment",
        "fractions started_on ended_on",
        _fractions_in_time,
        "Correct fractions or the dates of the treatment.",
    ),
    warning(
        "PLA19",
        "A local treatment lasts at most three months.",
        "local_treatment",
        "ended_on started_on",
        _long_local_treatment,
        "Correct ended_on or started_on.",
    ),
)
