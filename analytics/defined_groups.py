"""The definitions of the consensus and the period of detection as groupings: they divide, describe and narrow alike."""

from __future__ import annotations

import pandas as pd

from analytics.consensus.definitions import UNDETERMINED, Definitions
from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import Fixed
from analytics.consensus.facts import Facts
from analytics.grouping import Grouping

PERIOD_YEARS = 5

_SENTENCES = {
    "route": "Route of the consensus",
    "timing": "Timing of the metastases against the primary",
    "sequence": "Whether the lungs were among the first distant sites",
    "extent": "Lung metastases alone, or with others",
    "omd_class": "ESTRO/EORTC class of the oligometastatic state",
}


def periods(days: pd.Series) -> pd.Series:
    """The years in which days lie, in steps of :data:`PERIOD_YEARS`, as ordered labels."""
    first = (days.dt.year // PERIOD_YEARS * PERIOD_YEARS).astype("Int64")
    labels = first.astype("string") + "-" + (first + PERIOD_YEARS - 1).astype("string")
    return pd.Series(pd.Categorical(labels, categories=sorted(labels.dropna().unique())), index=days.index)


def _definition(name: str) -> Grouping:
    """A definition; an undetermined one is missing."""

    def of(episodes: Episodes) -> pd.Series:
        values = getattr(Definitions(Facts(episodes.frames, episodes.readings)), name).values
        return values.cat.remove_categories([UNDETERMINED] if UNDETERMINED in values.cat.categories else [])

    return Grouping(name, _SENTENCES[name], {}, Fixed.AT_DETECTION, "episode", of)


DEFINED: dict[str, Grouping] = {name: _definition(name) for name in _SENTENCES}
"""The definitions by name."""

DETECTED = Grouping(
    "detected",
    "Years of the detection",
    {},
    Fixed.AT_DETECTION,
    "episode",
    lambda episodes: periods(episodes.rows["detected_on"]),
)
"""When the metastases of the origin were found."""
