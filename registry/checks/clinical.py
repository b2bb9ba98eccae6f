"""Clinical words that several checks use: what counts as radical, as the removal of the primary, as active disease."""

from __future__ import annotations

import numpy as np

from registry.checks.arrays import Flags, Rows
from registry.checks.data import Data

MONTH = 30.4375
STAGING = 31.0
"""Days within which findings belong to one staging, and a histology follows the treatment that it came from."""
HALF_YEAR, YEAR = 183.0, 365.0

ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation")
PERIOPERATIVE = ("preoperative", "conversion", "postoperative")
NODE_POSITIVE = ("N1", "N1a", "N1b", "N1c", "N2", "N2a", "N2b")
SITES = ("liver", "peritoneum", "pelvic_implant", "ovary", "distant_lymph_node", "brain", "bone", "adrenal")
"""Sites of metastases that are targets of local treatment under the same code; "other" may be anything."""


def radical(data: Data) -> Flags:
    """Local treatments with radical intent that can remove or destroy a tumor."""
    local = data["local_treatment"]
    return local.one_of("modality", "resection", "sbrt", *ABLATIONS) & local.one_of("intent", "radical")


def radical_resection(data: Data) -> Flags:
    return radical(data) & data["local_treatment"].one_of("modality", "resection")


def removal_of_primary(data: Data) -> Flags:
    """Resections after which the primary is no longer in situ: whatever their intent, R2 and palliative excepted."""
    local = data["local_treatment"]
    certain = local.one_of("target", "primary") & local.one_of("modality", "resection")
    return certain & possible_removal_of_primary(data)


def possible_resection_of_primary(data: Data) -> Flags:
    """Local treatments that are a resection of the primary, or may be one as far as the row is known."""
    local = data["local_treatment"]
    return ~local.other_than("target", "primary") & ~local.other_than("modality", "resection")


def possible_removal_of_primary(data: Data) -> Flags:
    """Local treatments after which the primary may no longer be in situ."""
    local = data["local_treatment"]
    left = local.one_of("intent", "palliative") | local.one_of("residual_tumor", "R2")
    return possible_resection_of_primary(data) & ~left


def treatment_of_primary(data: Data) -> Flags:
    """Treatments directed at the primary tumor itself, not at an emergency that it caused."""
    local = data["local_treatment"]
    relief = local.one_of("intent", "emergency") | local.one_of("modality", "stent", "colostomy", "hemostasis")
    return local.one_of("target", "primary") & ~relief


def without_metastases(data: Data, where: Flags | None = None) -> Flags:
    """Episodes at whose detection certainly no extrapulmonary metastasis was active.

    Active is what was found until a month after and was not resolved before. A row without a known date counts.
    """
    episode, metastasis = data["episode"], data["metastasis"]
    chosen = np.ones(len(metastasis.frame), dtype=np.bool_) if where is None else where
    detected = episode.days("detected_on")
    found = episode.count_until(detected + STAGING, "metastasis", "detected_on", chosen)
    undated = episode.count("metastasis", chosen & ~metastasis.known("detected_on"))
    gone = episode.count_until(detected - 1, "metastasis", "resolved_on", chosen)
    return found + undated - gone < 1


def site_of(data: Data, table: str, column: str) -> Rows:
    """A number for each patient and site of metastases, the same in every table; -1 for any other target."""
    rows = data[table]
    found = np.full(len(rows.frame), -1, dtype=np.int64)
    for number, site in enumerate(SITES):
        here = rows.one_of(column, site)
        found[here] = rows.patients[here] * len(SITES) + number
    return found


def site_numbers(data: Data) -> int:
    """How many numbers site_of can give."""
    return data.patients * len(SITES)
