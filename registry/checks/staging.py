"""Stage and pathology of the primary, and of the thoracic nodes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from registry.checks import clinical
from registry.checks.arrays import Flags
from registry.checks.check import Check, warning
from registry.checks.data import Data

_INVASION_TO_T2 = ("T0", "Tis", "T1", "T2")


def _resected_untreated(data: Data) -> Flags:
    """The primary was resected on a known day, and certainly nothing that could shrink it came before.

    A stage after preoperative treatment may be anything up to no tumor at all, so that only an untreated specimen
    can contradict other findings.
    """
    primary, local = data["primary_tumor"], data["local_treatment"]
    resection = local.one_of("target", "primary") & local.one_of("modality", "resection")
    resected = primary.earliest("local_treatment", "started_on", resection)
    radiation = ~local.other_than("target", "primary") & ~local.other_than("modality", "radiotherapy", "sbrt")
    untreated = primary.none_until(resected, "systemic_therapy", "started_on")
    return untreated & primary.none_until(resected, "local_treatment", "started_on", radiation)


def _noninvasive_with_nodes(data: Data) -> Flags:
    primary = data["primary_tumor"]
    nodes = primary.one_of("p_n", *clinical.NODE_POSITIVE)
    return primary.one_of("p_t", "Tis") & nodes & _resected_untreated(data)


def _nothing_left_untreated(data: Data) -> Flags:
    return data["primary_tumor"].one_of("p_t", "T0") & _resected_untreated(data)


def _clinically_noninvasive_with_nodes(data: Data) -> Flags:
    primary = data["primary_tumor"]
    return primary.one_of("c_t", "Tis") & primary.one_of("c_n", *clinical.NODE_POSITIVE)


def _nodes_gone_untreated(data: Data) -> Flags:
    primary = data["primary_tumor"]
    many = primary.one_of("c_n", "N2", "N2a", "N2b")
    return primary.one_of("p_n", "N0") & many & _resected_untreated(data)


def _never_resected(data: Data) -> Flags:
    primary = data["primary_tumor"]
    resection = clinical.possible_resection_of_primary(data)
    return ~primary.has("local_treatment", resection)


def _t_without_resection(data: Data) -> Flags:
    return data["primary_tumor"].other_than("p_t", "TX") & _never_resected(data)


def _n_without_resection(data: Data) -> Flags:
    primary = data["primary_tumor"]
    return primary.other_than("p_n", "NX") & ~primary.other_than("p_t", "TX") & _never_resected(data)


def _vein_beyond_the_wall(data: Data) -> Flags:
    primary = data["primary_tumor"]
    shallow = primary.one_of("p_t", *_INVASION_TO_T2) & _resected_untreated(data)
    shallow |= primary.one_of("c_t", *_INVASION_TO_T2)
    deep = primary.other_than("c_t", "TX", *_INVASION_TO_T2) | primary.other_than("p_t", "TX", *_INVASION_TO_T2)
    return primary.yes("extramural_vascular_invasion") & shallow & ~deep


def _well_differentiated_signet_ring(data: Data) -> Flags:
    primary = data["primary_tumor"]
    return primary.one_of("histology", "signet_ring") & primary.one_of("grade", "well", "moderate")


def _height(site: str, low: float, high: float) -> Callable[[Data], Flags]:
    def test(data: Data) -> Flags:
        primary = data["primary_tumor"]
        height = primary.number("rectal_height_cm")
        return primary.one_of("site", site) & ((height < low) | (height > high))

    return test


def _thoracic_event_at_detection(data: Data) -> Flags:
    episode, event = data["episode"], data["disease_event"]
    detected = episode.days("detected_on")
    thoracic = event.lists("sites", "thoracic_lymph_node")
    found = episode.last_until(detected + clinical.STAGING, "disease_event", "occurred_on", thoracic)
    return episode.one_of("thoracic_nodes", "none") & (np.abs(found - detected) <= clinical.STAGING)


CHECKS: tuple[Check, ...] = (
    warning(
        "STA01",
        "A primary resected as pTis without treatment before has no positive nodes.",
        "primary_tumor",
        "p_n p_t local_treatment.started_on",
        _noninvasive_with_nodes,
        "Correct p_n or p_t, or enter the preoperative treatment.",
    ),
    warning(
        "STA02",
        "A primary is pT0 only after preoperative treatment.",
        "primary_tumor",
        "p_t local_treatment.started_on systemic_therapy.started_on",
        _nothing_left_untreated,
        "Correct p_t, or enter the preoperative treatment.",
    ),
    warning(
        "STA03",
        "A primary staged cTis has no positive nodes.",
        "primary_tumor",
        "c_n c_t",
        _clinically_noninvasive_with_nodes,
        "Correct c_n or c_t.",
    ),
    warning(
        "STA04",
        "A primary staged cN2 is not pN0 unless it was treated before the resection.",
        "primary_tumor",
        "p_n c_n local_treatment.started_on systemic_therapy.started_on",
        _nodes_gone_untreated,
        "Correct p_n or c_n, enter the preoperative treatment, or confirm that the nodes were overstaged.",
    ),
    warning(
        "STA05",
        "A pathological T comes from a resection of the primary.",
        "primary_tumor",
        "p_t local_treatment.target local_treatment.modality",
        _t_without_resection,
        "Enter the resection in local_treatment: without it the primary counts as in situ.",
    ),
    warning(
        "STA06",
        "A pathological N comes from a resection of the primary.",
        "primary_tumor",
        "p_n p_t local_treatment.target local_treatment.modality",
        _n_without_resection,
        "Enter the resection in local_treatment: without it the primary counts as in situ.",
    ),
    warning(
        "STA07",
        "A primary with extramural vascular invasion has grown beyond T2.",
        "primary_tumor",
        "extramural_vascular_invasion c_t p_t local_treatment.started_on systemic_therapy.started_on",
        _vein_beyond_the_wall,
        "Correct extramural_vascular_invasion or the T category.",
    ),
    warning(
        "STA08",
        "A signet-ring carcinoma is not well or moderately differentiated.",
        "primary_tumor",
        "grade histology",
        _well_differentiated_signet_ring,
        "Correct grade or histology.",
    ),
    warning(
        "STA09",
        "A rectal cancer lies at most 15 cm above the anal verge.",
        "primary_tumor",
        "rectal_height_cm site",
        _height("rectum", 0, 15),
        "Correct rectal_height_cm (centimeters) or site.",
    ),
    warning(
        "STA10",
        "A cancer of the rectosigmoid junction lies 10 to 25 cm above the anal verge.",
        "primary_tumor",
        "rectal_height_cm site",
        _height("rectosigmoid_junction", 10, 25),
        "Correct rectal_height_cm (centimeters) or site.",
    ),
    warning(
        "STA11",
        "Thoracic nodes are not none when an event within a month names thoracic lymph nodes.",
        "episode",
        "thoracic_nodes detected_on disease_event.sites disease_event.occurred_on",
        _thoracic_event_at_detection,
        "Correct thoracic_nodes, or the sites of the event.",
    ),
)
