"""The extrapulmonary sites of an episode: which were active, how many, and whether the list is complete.

Overview and epidemiology; Management of lung metastases with extrapulmonary metastases; Table 5, note 2, of
J Hematol Oncol 2019;12:16. Thoracic nodes and local recurrence are no sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.links import Links
from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Fact, Leaf, Mask, Seen, Term
from analytics.consensus.record import Record
from registry.tables import TABLES

Counts = npt.NDArray[np.int64]
_CODES = list(TABLES["metastasis"].fields["site"].codes)


class Sites:
    """The sites of each episode."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.pairs = record.pairs("metastasis")

    @cached_property
    def _assessed(self) -> Term:
        return self.record.episode.flag("other_sites_assessed")

    @cached_property
    def listed(self) -> Mask:
        """Whether the rows of metastasis are the complete list: an empty one then means that there is none."""
        return self._assessed.yes

    @cached_property
    def not_listed(self) -> Term:
        """Unknown where the list is not complete, else no: what an empty list leaves open."""
        codes = np.where(self.listed, np.int8(NO), np.int8(UNKNOWN))
        return Leaf(codes, (self.record.episode.cell("other_sites_assessed"),))

    @cached_property
    def active(self) -> Links:
        """The rows that were found by the end of the staging episode, with disease on the detection.

        A site without a date of resolution is active; one that was resolved on an unknown day may be.
        """
        detected, margin = self.pairs.lift(self.record.detected_on), self.record.readings.same_episode_days
        found = self.pairs.day("detected_on") <= detected + margin
        return self.pairs.only(found & (detected <= self.pairs.end("resolved_on")))

    @cached_property
    def earlier(self) -> Term:
        """Whether a site was found in an earlier staging episode; without one, no only where the list is complete."""
        detected, margin = self.pairs.lift(self.record.detected_on), self.record.readings.same_episode_days
        return self.pairs.any(self.pairs.day("detected_on") < detected - margin) | self.not_listed

    @cached_property
    def _bounds(self) -> tuple[Counts, Counts]:
        """The fewest and the most distinct sites that the rows allow, for each episode."""
        site = self.pairs.table.codes("site")[self.pairs.rows].astype(np.int64)
        if self.record.readings.peritoneum_and_pelvis == "one_site":
            site = np.where(site == _CODES.index("pelvic_implant"), _CODES.index("peritoneum"), site)
        yes, maybe = self.active.codes == YES, self.active.codes != NO
        fewest = np.maximum(self._distinct(site, yes & (site >= 0)), self._count(yes & (site < 0)) > 0)
        most = self._distinct(site, maybe & (site >= 0)) + self._count(maybe & (site < 0))
        if self.record.readings.pleura_is_site:
            pleural = self.record.episode.flag("pleural_metastases").codes
            fewest, most = fewest + (pleural == YES), most + (pleural != NO)
        return fewest, most

    def _count(self, which: Mask) -> Counts:
        return np.bincount(self.pairs.at[which], minlength=self.record.length)

    def _distinct(self, site: npt.NDArray[np.int64], which: Mask) -> Counts:
        kinds = len(_CODES)
        places = np.unique(self.pairs.at[which] * kinds + site[which])
        return np.bincount(places // kinds, minlength=self.record.length)

    @cached_property
    def number(self) -> pd.Series:
        """Number of active sites; NA where the list is not complete or its rows leave it open."""
        fewest, most = self._bounds
        return pd.Series(pd.arrays.IntegerArray(fewest.astype(np.int64), ~self.listed | (fewest != most)))

    @cached_property
    def counted(self) -> Term:
        """That the number of sites is known."""
        fewest, most = self._bounds
        return _OfSites(self, np.where(self.listed & (fewest == most), np.int8(YES), np.int8(UNKNOWN)))

    def at_least(self, number: int) -> Term:
        """Whether there are so many active sites; rows can say yes where the list is not complete."""
        fewest, most = self._bounds
        no = self.listed & (most < number)
        return _OfSites(self, np.where(fewest >= number, np.int8(YES), np.where(no, np.int8(NO), np.int8(UNKNOWN))))

    def has(self, site: str) -> Term:
        """Whether a site is among the active ones."""
        return self.active.any(self.active.among("site", (site,))) | self.not_listed

    def other_than(self, site: str) -> Term:
        """Whether another site than a certain one is among the active ones."""
        return self.active.any(~self.active.among("site", (site,))) | self.not_listed

    def every(self, term: Term) -> Term:
        """Whether a term holds for every active row; the list has to be complete."""
        return ~(self.active.any(~term) | self.not_listed)


class _OfSites(Term):
    """A statement about the number of sites."""

    def __init__(self, sites: Sites, codes: Codes) -> None:
        self.sites, self._codes = sites, codes

    def inner(self) -> Iterable[Term]:
        return (self.sites.active.any(self.sites.pairs.filled("site")), self.sites.not_listed)

    @property
    def codes(self) -> Codes:
        return self._codes

    def facts(self, row: int) -> Iterator[Fact]:
        raise LookupError("unnamed")

    def seen(self, row: int) -> Iterator[Seen]:
        sites, unknown = self.sites, self._codes[row] == UNKNOWN
        for link in sites.pairs.of(row):
            code = sites.active.codes[link]
            if code == YES or (code == UNKNOWN and unknown):
                cell = sites.pairs.cell("site")
                yield Seen(cell.name, cell.text(int(link)), unknown and cell.missing(int(link)))
            if code == UNKNOWN and unknown and sites.active.condition is not None:
                yield from (seen for seen in sites.active.condition.seen(int(link)) if seen.fill)
        assessed = sites.record.episode.cell("other_sites_assessed")
        yield Seen(assessed.name, assessed.text(row), unknown and not sites.listed[row])
        if unknown and sites.record.readings.pleura_is_site:
            yield from (seen for seen in sites.record.episode.flag("pleural_metastases").seen(row) if seen.fill)
