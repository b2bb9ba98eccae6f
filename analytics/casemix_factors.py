"""The factors by which centers are made comparable: what a patient brings, not what the center does."""

from __future__ import annotations

import pandas as pd

from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import Fixed, short_dfi
from analytics.grouping import Grouping

INTERVALS = {
    "long": "DFI ≥ 24 months",
    "short": "DFI < 24 months",
    "none": "synchronous, or primary in situ",
}


def _interval(episodes: Episodes) -> pd.Series:
    """The interval before the metastases of each episode, with synchronous ones as a group of their own."""
    short = short_dfi(episodes)
    labels = short.map({False: "long", True: "short"}).astype("object")
    without = episodes.synchronous.fillna(False) | episodes.primary_in_situ.fillna(False)
    labels = labels.mask(without.astype(bool), "none")
    return pd.Series(pd.Categorical(labels, categories=list(INTERVALS)), index=short.index)


INTERVAL = Grouping(
    "interval",
    "Disease-free interval, with synchronous metastases as a group of their own",
    INTERVALS,
    Fixed.AT_DETECTION,
    "episode",
    _interval,
)
"""Synchronous metastases have no interval: as a group of their own they stay in the model."""

CASE_MIX = (
    "multiple_lesions",
    "more_than_four_or_bilateral",
    "thoracic_nodes",
    "high_cea",
    "large_tumor",
    INTERVAL.name,
    "older_than_70",
    "advanced_primary",
    "rectal_primary",
)
"""The factors of Table 1 that are there before an operation. What the operation was, and whether it left a tumor, is
the work of the center: a model with it would explain away what is to be compared."""
