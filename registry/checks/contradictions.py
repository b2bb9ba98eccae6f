"""Findings of an episode and of its metastases that exclude each other."""

from __future__ import annotations

from registry.checks import clinical
from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data


def _one_lesion_in_two_lungs(data: Data) -> Flags:
    episode = data["episode"]
    return episode.one_of("laterality", "bilateral") & episode.exactly("lesion_count", 1)


def _involved_without_lesion(data: Data) -> Flags:
    episode = data["episode"]
    return episode.yes("lung_involved") & episode.exactly("lesion_count", 0)


def _too_many_of_one(data: Data) -> Flags:
    episode = data["episode"]
    return episode.one_of("unresectable_reason", "number") & episode.exactly("lesion_count", 1)


def _too_large_a_small_one(data: Data) -> Flags:
    episode = data["episode"]
    return episode.one_of("unresectable_reason", "size") & (episode.number("largest_mm") < 10)


def _central_in_the_periphery(data: Data) -> Flags:
    episode = data["episode"]
    central = episode.one_of("unresectable_reason", "near_hilum_or_vessel")
    return central & episode.one_of("zone", "outer") & episode.no("near_vessel")


def _lymphangitic_resectable(data: Data) -> Flags:
    episode = data["episode"]
    return episode.yes("lymphangitic") & episode.one_of("resectability", "resectable")


def _pleura_not_weighed(data: Data) -> Flags:
    episode, meeting = data["episode"], data["mdt_meeting"]
    return episode.yes("pleural_metastases") & episode.lacks("mdt_meeting", ~meeting.blank("recommendation"))


def _small_large_burden(data: Data) -> Flags:
    episode = data["episode"]
    small = episode.exactly("lesion_count", 1) & (episode.number("largest_mm") < 30)
    return episode.yes("large_burden") & small


def _bone_without_metastasis(data: Data) -> Flags:
    episode, metastasis = data["episode"], data["metastasis"]
    none = clinical.without_metastases(data, ~metastasis.other_than("site", "bone"))
    return episode.yes("bone_symptoms") & episode.yes("other_sites_assessed") & none


def _harder_than_nothing(data: Data) -> Flags:
    episode = data["episode"]
    alone = episode.yes("other_sites_assessed") & clinical.without_metastases(data)
    return episode.known("resection_difficulty") & alone


def _recurrence_beside_primary(data: Data) -> Flags:
    episode = data["episode"]
    in_situ = episode.none_until(
        episode.days("detected_on"), "local_treatment", "started_on", clinical.possible_removal_of_primary(data)
    )
    return episode.one_of("local_recurrence", "resectable", "unresectable") & in_situ


def _observed_but_treated(data: Data) -> Flags:
    episode, local = data["episode"], data["local_treatment"]
    planned = ~local.one_of("intent", "emergency")
    detected = episode.days("detected_on")
    by_knife = episode.first_after(detected - 1, "local_treatment", "started_on", planned)
    by_drug = episode.first_after(detected - 1, "systemic_therapy", "started_on")
    soon = detected + clinical.STAGING
    return episode.yes("observation_chosen") & ((by_knife <= soon) | (by_drug <= soon))


def _tissue_nobody_took(data: Data) -> Flags:
    episode, pathology = data["episode"], data["pathology"]
    sampled = episode.has("pathology", pathology.one_of("specimen", "lung"), by="episode")
    return episode.one_of("tissue", "not_obtainable", "not_attempted") & sampled


def _histology_of_nothing(data: Data) -> Flags:
    episode = data["episode"]
    proven = episode.one_of("basis", "histology", "cytology")
    without = episode.one_of("tissue", "not_obtainable", "not_attempted")
    # Another metastasis, a node or a pleural effusion may have been sampled in place of the lung lesion.
    elsewhere = episode.one_of("thoracic_nodes", "confirmed") | episode.yes("pleural_metastases")
    return proven & without & ~elsewhere & ~episode.has("metastasis")


def _discussed_after_all(data: Data) -> Flags:
    episode = data["episode"]
    return episode.no("mdt_discussed") & episode.has("mdt_meeting", by="episode")


def _discussed_nowhere(data: Data) -> Flags:
    episode = data["episode"]
    return episode.yes("mdt_discussed") & episode.lacks("mdt_meeting")


def _complete_log_of_nothing(data: Data) -> Flags:
    episode = data["episode"]
    return episode.yes("workup_log_complete") & episode.lacks("study")


def _surveillance_without_ned(data: Data) -> Flags:
    episode = data["episode"]
    return episode.yes("surveillance_log_complete") & episode.blank("ned_on")


def _metastasis_in_a_man(data: Data) -> Flags:
    metastasis = data["metastasis"]
    return metastasis.one_of("site", "ovary") & metastasis.patient_is("sex", "male")


def _treatment_of_a_man(data: Data) -> Flags:
    local = data["local_treatment"]
    return local.one_of("target", "ovary") & local.patient_is("sex", "male")


def _event_in_a_man(data: Data) -> Flags:
    event = data["disease_event"]
    return event.lists("sites", "ovary") & event.patient_is("sex", "male")


def _site_without_lesion(data: Data) -> Flags:
    return data["metastasis"].exactly("lesion_count", 0)


def _site_twice(data: Data) -> Flags:
    metastasis = data["metastasis"]
    return metastasis.repeats("site", "detected_on") & metastasis.other_than("site", "other")


CHECKS: tuple[Check, ...] = (
    warning(
        "EXC01",
        "A single lesion is not bilateral.",
        "episode",
        "laterality lesion_count",
        _one_lesion_in_two_lungs,
        "Correct laterality or lesion_count.",
    ),
    warning(
        "EXC02",
        "Lungs that are involved have at least one lesion.",
        "episode",
        "lesion_count lung_involved",
        _involved_without_lesion,
        "Correct lesion_count or lung_involved.",
    ),
    warning(
        "EXC03",
        "A single lesion is not unresectable by number.",
        "episode",
        "unresectable_reason lesion_count",
        _too_many_of_one,
        "Correct unresectable_reason or lesion_count.",
    ),
    warning(
        "EXC04",
        "Lesions below 10 mm are not unresectable by size.",
        "episode",
        "unresectable_reason largest_mm",
        _too_large_a_small_one,
        "Correct unresectable_reason, or largest_mm (millimeters).",
    ),
    warning(
        "EXC05",
        "A lesion of the outer zone away from large vessels is not unresectable by its nearness to hilum or vessel.",
        "episode",
        "unresectable_reason zone near_vessel",
        _central_in_the_periphery,
        "Correct unresectable_reason, zone or near_vessel.",
    ),
    warning(
        "EXC06",
        "Lymphangitic carcinomatosis is not resectable.",
        "episode",
        "resectability lymphangitic",
        _lymphangitic_resectable,
        "Correct resectability or lymphangitic.",
    ),
    warning(
        "EXC07",
        "The MDT has said how pleural metastases were weighed, as they change no route of the consensus.",
        "episode",
        "pleural_metastases mdt_meeting.recommendation",
        _pleura_not_weighed,
        "Enter the recommendation of the meeting, or correct pleural_metastases.",
    ),
    warning(
        "EXC08",
        "A single lesion below 30 mm is not a large burden.",
        "episode",
        "large_burden lesion_count largest_mm",
        _small_large_burden,
        "Correct large_burden, lesion_count, or largest_mm (millimeters).",
    ),
    warning(
        "EXC09",
        "Symptoms of bone metastases come with bone metastases, where the list of sites is complete.",
        "episode",
        "bone_symptoms other_sites_assessed metastasis.site",
        _bone_without_metastasis,
        "Enter the bone metastases, or correct bone_symptoms or other_sites_assessed.",
    ),
    warning(
        "EXC10",
        "Lung and other metastases are compared only where there are others.",
        "episode",
        "resection_difficulty other_sites_assessed metastasis.site",
        _harder_than_nothing,
        "Enter the other metastases, or empty resection_difficulty.",
    ),
    warning(
        "EXC11",
        "A local recurrence follows the resection of the primary.",
        "episode",
        "local_recurrence local_treatment.started_on local_treatment.target",
        _recurrence_beside_primary,
        "Enter the resection of the primary in local_treatment, or correct local_recurrence.",
    ),
    warning(
        "EXC12",
        "Where observation was chosen, no treatment starts within a month of detection.",
        "episode",
        "observation_chosen detected_on local_treatment.started_on systemic_therapy.started_on",
        _observed_but_treated,
        "Correct observation_chosen, or the date of the treatment.",
    ),
    warning(
        "EXC13",
        "Where no tissue of the lung lesion was obtained, there is no pathology of it.",
        "episode",
        "tissue pathology.specimen",
        _tissue_nobody_took,
        "Correct tissue, or the specimen of the pathology.",
    ),
    warning(
        "EXC14",
        "A diagnosis of lung metastases by histology or cytology rests on tissue.",
        "episode",
        "basis tissue thoracic_nodes pleural_metastases metastasis.site",
        _histology_of_nothing,
        "Correct basis or tissue.",
    ),
    warning(
        "EXC15",
        "An episode that was never discussed by an MDT has no meeting.",
        "episode",
        "mdt_discussed mdt_meeting.held_on",
        _discussed_after_all,
        "Correct mdt_discussed, or the episode of the meeting.",
    ),
    warning(
        "EXC16",
        "An episode that was discussed by an MDT has its meetings in the record.",
        "episode",
        "mdt_discussed mdt_meeting.held_on",
        _discussed_nowhere,
        "Enter the meeting, or correct mdt_discussed.",
    ),
    warning(
        "EXC17",
        "A complete log of the work-up holds at least one study.",
        "episode",
        "workup_log_complete study.performed_on",
        _complete_log_of_nothing,
        "Enter the staging studies, or correct workup_log_complete: absent studies count as not done.",
    ),
    warning(
        "EXC18",
        "A surveillance log is complete only after no evidence of disease was reached.",
        "episode",
        "surveillance_log_complete ned_on",
        _surveillance_without_ned,
        "Enter ned_on, or correct surveillance_log_complete.",
    ),
    warning(
        "EXC19",
        "A man has no ovarian metastases.",
        "metastasis",
        "site patient.sex",
        _metastasis_in_a_man,
        "Correct site, or sex of the patient.",
    ),
    warning(
        "EXC20",
        "A man has no treatment of the ovaries.",
        "local_treatment",
        "target patient.sex",
        _treatment_of_a_man,
        "Correct target, or sex of the patient.",
    ),
    warning(
        "EXC21",
        "A man has no progression or recurrence in the ovaries.",
        "disease_event",
        "sites patient.sex",
        _event_in_a_man,
        "Correct sites, or sex of the patient.",
    ),
    warning(
        "EXC22",
        "A site with metastases has at least one lesion.",
        "metastasis",
        "lesion_count",
        _site_without_lesion,
        "Correct lesion_count, or delete the row where there is no metastasis.",
    ),
    warning(
        "EXC23",
        "Metastases of one site found on one day are one row.",
        "metastasis",
        "site detected_on",
        _site_twice,
        "Delete the row that was entered twice, or join both.",
    ),
)
