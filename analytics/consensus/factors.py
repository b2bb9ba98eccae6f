"""The prognostic factors that the consensus prints, as three-valued columns of episodes.

Table 1 (Prognostic factors after resection of colorectal cancer lung metastases) and note 1 of Table 6 of
J Hematol Oncol 2019;12:16. Every limit is strict as printed: 4 lesions, a CEA of 5.0 ng/ml, 24 months to the day and
70 years are not adverse. A factor is NA where what it needs is not recorded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import pandas as pd

from analytics.consensus.episodes import Episodes, among

NODE_POSITIVE = ("N1", "N1a", "N1b", "N1c", "N2", "N2a", "N2b")


class Fixed(IntEnum):
    """When a property of a patient is settled; groups formed before that are formed by the future."""

    AT_PRIMARY = 0
    AT_DETECTION = 1
    AT_OPERATION = 2


@dataclass(frozen=True)
class Factor:
    """A factor of the consensus.

    Attributes:
        name: as in the interface.
        no, yes: its two groups in words.
        source: where the consensus says so.
        fixed: when it is settled.
        of: its column, a nullable boolean for each episode.
    """

    name: str
    no: str
    yes: str
    source: str
    fixed: Fixed
    of: Callable[[Episodes], pd.Series]


def multiple_lesions(episodes: Episodes) -> pd.Series:
    """More than one lesion (Table 1)."""
    return _above(episodes.lesion_count, 1)


def more_than_four_or_bilateral(episodes: Episodes) -> pd.Series:
    """More than four lesions, or metastases in both lungs (Table 1). Without lung metastases only the number counts."""
    bilateral = among(episodes.rows["laterality"], ("bilateral",), ("left", "right"))
    bilateral = bilateral.mask((~episodes.lung_involved).fillna(False).astype(bool), False)
    return _above(episodes.lesion_count, 4) | bilateral


def more_than_three_lesions(episodes: Episodes) -> pd.Series:
    """More than three lesions (note 1 of Table 6)."""
    return _above(episodes.lesion_count, 3)


def thoracic_nodes(episodes: Episodes) -> pd.Series:
    """Hilar or mediastinal lymph-node metastases (Table 1): confirmed; where only suspected, unknown."""
    return among(episodes.rows["thoracic_nodes"], ("confirmed",), ("none",))


def high_cea(episodes: Episodes) -> pd.Series:
    """CEA before treatment of the metastases above 5 ng/ml (Table 1)."""
    return _above(episodes.rows["cea_ng_ml"], 5.0)


def large_tumor(episodes: Episodes) -> pd.Series:
    """Largest diameter above the median of all lung episodes of the cohort.

    Table 1 prints no limit ("the larger the tumor, the poorer the survival"), so the registry divides at its median.
    """
    of_lung = episodes.rows.loc[episodes.lung_involved.fillna(False).astype(bool), "largest_mm"].dropna()
    return _above(episodes.largest_mm, float(of_lung.median()) if len(of_lung) else pd.NA)


def short_dfi(episodes: Episodes) -> pd.Series:
    """Disease-free interval shorter than 24 calendar months (Table 1).

    From the resection of the primary to the detection; unknown where synchronous or the primary is in situ.
    """
    return episodes.interval_shorter_than(24)


def older_than_70(episodes: Episodes) -> pd.Series:
    """More than 70 completed years (Table 1) at the first lung operation, else at the detection."""
    on, reading = episodes.first_lung_operation_on.fillna(episodes.detected_on), episodes.readings.age_of_factor
    if reading == "exact":
        birthday = episodes.of_patient("birth_date") + pd.DateOffset(years=70)
        return (on > birthday).astype("boolean").where(on.notna() & birthday.notna())
    return _above(episodes.completed_years(episodes.detected_on if reading == "at_detection" else on), 70)


def advanced_primary(episodes: Episodes) -> pd.Series:
    """Advanced stage of the primary (Table 1), read as node-positive: pathological, else clinical."""
    stages = [among(episodes.of_primary(column), NODE_POSITIVE, ("N0",)) for column in ("p_n", "c_n")]
    return stages[0].fillna(stages[1])


def rectal_primary(episodes: Episodes) -> pd.Series:
    """Primary in the rectum (Table 1); the rectosigmoid junction counts as colon."""
    site = episodes.of_primary("site")
    return (site == "rectum").astype("boolean").where(site.notna())


def incomplete_resection(episodes: Episodes) -> pd.Series:
    """R1 or R2 at any lung operation of the episode (Table 1); unknown without one, and where one is RX or blank."""
    return episodes.any_lung_operation(among(episodes.lung_operations["residual_tumor"], ("R1", "R2"), ("R0",)))


def lobectomy(episodes: Episodes) -> pd.Series:
    """Lobectomy or pneumonectomy against wedge or segmentectomy (Table 1); unknown without a lung operation."""
    procedure = episodes.lung_operations["procedure"]
    return episodes.any_lung_operation(among(procedure, ("lobectomy", "pneumonectomy"), ("wedge", "segmentectomy")))


def _above(values: pd.Series, limit: Any) -> pd.Series:
    return (values > limit).astype("boolean")


_TABLE_1 = "Table 1"
_DETECTION, _OPERATION, _PRIMARY = Fixed.AT_DETECTION, Fixed.AT_OPERATION, Fixed.AT_PRIMARY

FACTORS: dict[str, Factor] = {
    factor.name: factor
    for factor in (
        Factor("multiple_lesions", "1 lesion", "> 1 lesion", _TABLE_1, _DETECTION, multiple_lesions),
        Factor(
            "more_than_four_or_bilateral",
            "≤ 4 lesions, one lung",
            "> 4 lesions or bilateral",
            _TABLE_1,
            _DETECTION,
            more_than_four_or_bilateral,
        ),
        Factor(
            "more_than_three_lesions",
            "≤ 3 lesions",
            "> 3 lesions",
            "Table 6, note 1",
            _DETECTION,
            more_than_three_lesions,
        ),
        Factor("thoracic_nodes", "no thoracic nodes", "thoracic node metastases", _TABLE_1, _DETECTION, thoracic_nodes),
        Factor("high_cea", "CEA ≤ 5 ng/ml", "CEA > 5 ng/ml", _TABLE_1, _DETECTION, high_cea),
        Factor("large_tumor", "diameter ≤ median", "diameter > median", _TABLE_1, _DETECTION, large_tumor),
        Factor("short_dfi", "DFI ≥ 24 months", "DFI < 24 months", _TABLE_1, _DETECTION, short_dfi),
        Factor("older_than_70", "≤ 70 years", "> 70 years", _TABLE_1, _DETECTION, older_than_70),
        Factor("advanced_primary", "primary N0", "primary N+", _TABLE_1, _PRIMARY, advanced_primary),
        Factor("rectal_primary", "colon", "rectum", _TABLE_1, _PRIMARY, rectal_primary),
        Factor("incomplete_resection", "R0", "R1 or R2", _TABLE_1, _OPERATION, incomplete_resection),
        Factor("lobectomy", "wedge or segmentectomy", "lobectomy or more", _TABLE_1, _OPERATION, lobectomy),
    )
}
"""The factors by name, in the order of Table 1 and the notes."""
