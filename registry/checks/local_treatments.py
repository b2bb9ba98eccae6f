"""Operations, radiotherapy and ablations: what was treated, how, and whether it was there."""

from __future__ import annotations

import numpy as np

from registry.checks import arrays, clinical
from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data

_BOWEL = ("primary", "local_recurrence", "peritoneum", "pelvic_implant", "other")


def _procedure_without_resection(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.known("procedure") & local.other_than("modality", "resection", "other")


def _dissection_without_resection(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("node_assessment", "dissection") & local.other_than("modality", "resection", "other")


def _neoadjuvant_resection(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("intent", "neoadjuvant") & local.one_of("modality", "resection")


def _radical_relief(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("intent", "radical") & local.one_of("modality", "stent", "colostomy", "hemostasis")


def _colostomy_elsewhere(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("modality", "colostomy") & local.other_than("target", *_BOWEL)


def _ablated_primary(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("target", "primary") & local.one_of("modality", *clinical.ABLATIONS)


def _irradiated_colon(data: Data) -> Flags:
    local, primary = data["local_treatment"], data["primary_tumor"]
    colon = set(primary.fields["site"].codes) - {"rectum", "rectosigmoid_junction"}
    return (
        local.one_of("target", "primary")
        & local.one_of("modality", "radiotherapy")
        & local.primary_is("site", *sorted(colon))
    )


def _site_without_metastasis(data: Data) -> Flags:
    local, metastasis = data["local_treatment"], data["metastasis"]
    treated = clinical.site_of(data, "local_treatment", "target")
    found = clinical.site_of(data, "metastasis", "site")
    unnamed = local.has("metastasis", ~metastasis.known("site"))
    return (treated >= 0) & ~np.isin(treated, found) & ~unnamed


def _lung_without_metastasis(data: Data) -> Flags:
    local, episode = data["local_treatment"], data["episode"]
    none = local.has("episode") & ~local.has("episode", ~episode.no("lung_involved"))
    return local.one_of("target", "lung") & none


def _lung_before_detection(data: Data) -> Flags:
    local, episode = data["local_treatment"], data["episode"]
    found = local.earliest("episode", "detected_on", ~episode.no("lung_involved"))
    return local.one_of("target", "lung") & (local.days("started_on") < found - clinical.STAGING)


def _site_before_detection(data: Data) -> Flags:
    local, metastasis = data["local_treatment"], data["metastasis"]
    found = clinical.site_of(data, "metastasis", "site")
    earliest = arrays.earliest(found, metastasis.days("detected_on"), clinical.site_numbers(data))
    detected = arrays.take(earliest, clinical.site_of(data, "local_treatment", "target"))
    return local.days("started_on") < detected - clinical.STAGING


def _more_than_in_the_lung(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("target", "lung") & (local.number("lesions_treated") > local.of_episode("lesion_count"))


def _more_than_at_the_site(data: Data) -> Flags:
    local, metastasis = data["local_treatment"], data["metastasis"]
    found = clinical.site_of(data, "metastasis", "site")
    # An unknown number makes the sum unknown.
    counts = metastasis.number("lesion_count")[found >= 0]
    listed = np.bincount(found[found >= 0], counts, minlength=clinical.site_numbers(data))
    there = arrays.take(listed.astype(np.float64), clinical.site_of(data, "local_treatment", "target"))
    return (local.number("lesions_treated") > there) & (there > 0)


def _nothing_treated(data: Data) -> Flags:
    return data["local_treatment"].exactly("lesions_treated", 0)


def _complication_of_radiation(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.other_than("clavien_dindo", "0") & local.one_of("modality", "sbrt", "radiotherapy")


def _emergency_that_was_none(data: Data) -> Flags:
    local = data["local_treatment"]
    emergency = local.one_of("intent", "emergency") & local.one_of("target", "primary", "local_recurrence")
    return emergency & local.episode_is("emergency", "none")


def _entered_twice(data: Data) -> Flags:
    local = data["local_treatment"]
    dose = np.where(local.known("dose_gy"), local.number("dose_gy"), 0.0)
    twice = local.repeats_in(local.days("started_on"), local.value("target"), local.value("modality"), dose)
    return twice & local.other_than("target", "other") & local.other_than("modality", "other")


def _removed_twice(data: Data) -> Flags:
    local, removal = data["local_treatment"], clinical.removal_of_primary(data)
    first = local.earliest("local_treatment", "started_on", removal)
    # A completion after local excision follows within weeks.
    return removal & (local.days("started_on") > first + clinical.HALF_YEAR)


CHECKS: tuple[Check, ...] = (
    warning(
        "LOC01",
        "A lung procedure is one of a resection.",
        "local_treatment",
        "procedure modality",
        _procedure_without_resection,
        "Correct modality, or empty procedure.",
    ),
    warning(
        "LOC02",
        "Thoracic nodes are dissected only in a resection.",
        "local_treatment",
        "node_assessment modality",
        _dissection_without_resection,
        "Correct node_assessment or modality.",
    ),
    warning(
        "LOC03",
        "A resection is not neoadjuvant.",
        "local_treatment",
        "intent modality",
        _neoadjuvant_resection,
        "Correct intent or modality.",
    ),
    warning(
        "LOC04",
        "A stent, a colostomy or hemostasis is not radical.",
        "local_treatment",
        "intent modality",
        _radical_relief,
        "Correct intent or modality.",
    ),
    warning(
        "LOC05",
        "A colostomy treats the bowel or what obstructs it.",
        "local_treatment",
        "modality target",
        _colostomy_elsewhere,
        "Correct modality or target.",
    ),
    warning(
        "LOC06",
        "A colorectal primary is not ablated.",
        "local_treatment",
        "modality target",
        _ablated_primary,
        "Correct modality or target.",
    ),
    warning(
        "LOC07",
        "Radiotherapy of the primary is that of a rectal cancer.",
        "local_treatment",
        "modality target primary_tumor.site",
        _irradiated_colon,
        "Correct modality or target, or site of the primary.",
    ),
    warning(
        "LOC08",
        "A treated extrapulmonary site has metastases in the record.",
        "local_treatment",
        "target metastasis.site",
        _site_without_metastasis,
        "Enter the metastases of the site, or correct target.",
    ),
    warning(
        "LOC09",
        "A patient treated in the lung has an episode that involves the lung.",
        "local_treatment",
        "target episode.lung_involved",
        _lung_without_metastasis,
        "Enter the episode or correct its lung_involved, or correct target.",
    ),
    warning(
        "LOC10",
        "Lung metastases are not treated more than a month before they are found.",
        "local_treatment",
        "started_on target episode.detected_on",
        _lung_before_detection,
        "Correct started_on, or enter the earlier episode.",
    ),
    warning(
        "LOC11",
        "Metastases of a site are not treated more than a month before they are found.",
        "local_treatment",
        "started_on target metastasis.detected_on",
        _site_before_detection,
        "Correct started_on, or detected_on of the metastases.",
    ),
    warning(
        "LOC12",
        "No more lung lesions are treated than the episode has.",
        "local_treatment",
        "lesions_treated episode.lesion_count",
        _more_than_in_the_lung,
        "Correct lesions_treated or lesion_count, or confirm that more were found at operation.",
    ),
    warning(
        "LOC13",
        "No more lesions of a site are treated than the site has.",
        "local_treatment",
        "lesions_treated target metastasis.lesion_count",
        _more_than_at_the_site,
        "Correct lesions_treated or lesion_count, or confirm that more were found at operation.",
    ),
    warning(
        "LOC14",
        "A local treatment treats at least one lesion.",
        "local_treatment",
        "lesions_treated",
        _nothing_treated,
        "Correct lesions_treated, with NAP where lesions are not what was treated.",
    ),
    warning(
        "LOC15",
        "A postoperative complication does not follow radiotherapy alone.",
        "local_treatment",
        "clavien_dindo modality",
        _complication_of_radiation,
        "Correct modality, or empty clavien_dindo.",
    ),
    warning(
        "LOC16",
        "An emergency treatment of the primary or its recurrence belongs to an episode with an emergency.",
        "local_treatment",
        "intent episode.emergency",
        _emergency_that_was_none,
        "Enter the emergency in the episode, or correct intent.",
    ),
    warning(
        "LOC17",
        "A local treatment of one target is entered once a day.",
        "local_treatment",
        "started_on target modality dose_gy",
        _entered_twice,
        "Delete the row that was entered twice, or join both.",
    ),
    warning(
        "LOC18",
        "A primary that was removed is not removed again.",
        "local_treatment",
        "target modality started_on residual_tumor",
        _removed_twice,
        "Enter local_recurrence as the target, or correct started_on.",
    ),
)
