"""The extrapulmonary sites of an episode: which were active, how many, and whether the list is complete.

Overview and epidemiology; Management of lung metastases with extrapulmonary metastases; Table 5, note 2, of
J Hematol Oncol 2019;12:16. Thoracic nodes and local recurrence are no sites.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.columns import Column, Listed, Mask
from analytics.consensus.episodes import Episodes, boolean
from analytics.consensus.pairs import Pairs, before

Counts = npt.NDArray[np.int64]


class Sites:
    """The sites of each episode; the readings are those of the episodes."""

    def __init__(self, episodes: Episodes) -> None:
        self.episodes = episodes
        self.pairs = Pairs(episodes, "metastasis")
        self._margin = pd.Timedelta(days=episodes.readings.same_episode_days)

    @cached_property
    def listed(self) -> Mask:
        """Whether the rows of metastasis are the complete list: an empty one then means that there is none."""
        assessed = boolean(self.episodes.rows, "other_sites_assessed")
        complete: Mask = assessed.fillna(False).to_numpy(dtype=bool)
        return complete

    @cached_property
    def _active(self) -> pd.Series:
        """For each pair: found by the end of the staging episode, and with disease on the detection.

        A site without a date of resolution is active; one that was resolved on an unknown day may be.
        """
        found = before(self.pairs["detected_on"], self.pairs.detected_on + self._margin)
        still = before(self.pairs.detected_on, self.pairs["resolved_on"]) | self.pairs.never("resolved_on")
        return found & still

    @cached_property
    def _bounds(self) -> tuple[Counts, Counts]:
        """The fewest and the most distinct sites that the rows allow, for each episode."""
        site = self.pairs["site"].cat.codes.to_numpy(dtype=np.int64)
        if self.episodes.readings.peritoneum_and_pelvis == "one_site":
            names = list(self.pairs.frame["site"].cat.categories)
            site = np.where(site == names.index("pelvic_implant"), names.index("peritoneum"), site)
        yes = self._active.fillna(False).to_numpy(dtype=bool)
        maybe = self._active.fillna(True).to_numpy(dtype=bool)
        fewest = np.maximum(self._distinct(site, yes & (site >= 0)), self._count(yes & (site < 0)) > 0)
        most = self._distinct(site, maybe & (site >= 0)) + self._count(maybe & (site < 0))
        if self.episodes.readings.pleura_is_site:
            pleural = boolean(self.episodes.rows, "pleural_metastases")
            fewest = fewest + pleural.fillna(False).to_numpy(dtype=bool)
            most = most + pleural.fillna(True).to_numpy(dtype=bool)
        return fewest, most

    def _count(self, which: Mask) -> Counts:
        return np.bincount(self.pairs.at[which], minlength=self.pairs.length)

    def _distinct(self, site: npt.NDArray[np.int64], which: Mask) -> Counts:
        kinds = 1000  # more than there are sites
        places = np.unique(self.pairs.at[which] * kinds + site[which])
        return np.bincount(places // kinds, minlength=self.pairs.length)

    @cached_property
    def number(self) -> pd.Series:
        """Number of active sites; NA where the list is not complete or its rows leave it open."""
        fewest, most = self._bounds
        return pd.Series(pd.arrays.IntegerArray(fewest.astype(np.int64), ~self.listed | (fewest != most)))

    def at_least(self, number: int) -> pd.Series:
        """Whether there are so many active sites, three-valued: rows can say yes where the list is not complete."""
        fewest, most = self._bounds
        yes = fewest >= number
        return pd.Series(pd.arrays.BooleanArray(yes, ~yes & ~(self.listed & (most < number))))

    @cached_property
    def _found_earlier(self) -> pd.Series:
        """For each pair: found in an earlier staging episode, resolved or not."""
        return before(self.pairs["detected_on"], self.pairs.detected_on - self._margin, or_same=False)

    @cached_property
    def earlier(self) -> pd.Series:
        """Whether a site was found in an earlier staging episode; without one, no only where the list is complete."""
        no_row_says_no = pd.Series(pd.arrays.BooleanArray(np.zeros(self.pairs.length, dtype=bool), ~self.listed))
        return self.pairs.any(self._found_earlier) | no_row_says_no

    @cached_property
    def active_sites(self) -> Column:
        """The active sites, for showing."""
        which = self._active.fillna(False).to_numpy(dtype=bool)
        return Listed("metastasis.site", self.pairs.at[which], self.pairs["site"][which], self.pairs.length)

    @cached_property
    def earlier_dates(self) -> Column:
        """When the sites of earlier staging episodes were found, for showing."""
        which = self._found_earlier.fillna(False).to_numpy(dtype=bool)
        return Listed(
            "metastasis.detected_on", self.pairs.at[which], self.pairs["detected_on"][which], self.pairs.length
        )

    @cached_property
    def to_fill(self) -> tuple[tuple[str, Mask], ...]:
        """The columns that leave the list of active sites open, and where."""
        unknown = self._active.isna()
        blanks = tuple(
            (f"metastasis.{column}", self.pairs.where(is_blank))
            for column, is_blank in (
                ("detected_on", unknown & self.pairs["detected_on"].isna()),
                ("resolved_on", unknown & self.pairs["resolved_on"].isna() & ~self.pairs.never("resolved_on")),
                ("site", self._active.fillna(True).astype(bool) & self.pairs["site"].isna()),
            )
        )
        no_date = self.episodes.detected_on.isna().to_numpy(dtype=bool) & self.pairs.where(unknown)
        pleura: tuple[tuple[str, Mask], ...] = ()
        if self.episodes.readings.pleura_is_site:
            blank = boolean(self.episodes.rows, "pleural_metastases").isna().to_numpy(dtype=bool)
            pleura = (("episode.pleural_metastases", blank),)
        return (("episode.other_sites_assessed", ~self.listed), ("episode.detected_on", no_date), *blanks, *pleura)

    @cached_property
    def to_fill_earlier(self) -> tuple[tuple[str, Mask], ...]:
        """The columns that leave open whether a site was found earlier, and where."""
        no_date = self.pairs.where(self.pairs["detected_on"].isna())
        undated = self.episodes.detected_on.isna().to_numpy(dtype=bool) & self.pairs.where(self._found_earlier.isna())
        return (
            ("episode.other_sites_assessed", ~self.listed),
            ("episode.detected_on", undated),
            ("metastasis.detected_on", no_date),
        )
