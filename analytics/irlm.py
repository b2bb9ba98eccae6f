"""The prognostic groups of the International Registry of Lung Metastases, as a further grouping.

Pastorino U et al. J Thorac Cardiovasc Surg 1997;113:37-49: risk factors are a disease-free interval under 36 months and
more than one metastasis; group I: completely resected without a risk factor, II: with one, III: with both; group IV:
not completely resected.
"""

from __future__ import annotations

import pandas as pd

from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import incomplete_resection, multiple_lesions

GROUPS = {
    "I": "I: R0, DFI ≥ 36 months, single",
    "II": "II: R0, one risk factor",
    "III": "III: R0, both risk factors",
    "IV": "IV: R1 or R2",
}


def irlm_group(episodes: Episodes) -> pd.Series:
    """The group of each episode, a category; NA where what decides is not recorded.

    Synchronous metastases have an interval of 0; with R1 or R2 nothing else is asked.
    """
    short = episodes.interval_shorter_than(36)
    short = short.mask(episodes.synchronous.fillna(False).astype(bool), True)
    risks = short.astype("Int8") + multiple_lesions(episodes).astype("Int8")
    incomplete = incomplete_resection(episodes)
    labels = risks.map({0: "I", 1: "II", 2: "III"}).where((~incomplete).fillna(False).astype(bool))
    labels = labels.mask(incomplete.fillna(False).astype(bool), "IV")
    return pd.Series(pd.Categorical(labels, categories=list(GROUPS)), index=short.index)
