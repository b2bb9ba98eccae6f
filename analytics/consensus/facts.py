"""The facts that the classification rests on, in clinical words: three-valued, with the columns that each is read from.

Missing values: blank, UNK (not known) and NASK (not asked) are unknown, and so is ND (not done) of a fact about the
disease; NAP (not applicable) is no for a yes/no column. Section numbers are those of J Hematol Oncol 2019;12:16.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from analytics.consensus.columns import Cell, Listed
from analytics.consensus.episodes import Episodes, among, boolean
from analytics.consensus.factors import NODE_POSITIVE
from analytics.consensus.logic import Fact
from analytics.consensus.pairs import Pairs, before
from analytics.consensus.readings import DEFAULT, Readings
from analytics.consensus.sites import Sites
from analytics.consensus.treatments import LungOperations, Radiotherapy, Systemic

T3_T4 = ("T3", "T4", "T4a", "T4b")
LOWER_T = ("T0", "Tis", "T1", "T2")

_RESECTED = "resection of the primary, local_treatment.started_on"


class Facts:
    """Facts of each row of ``frames["episode"]``, in its order; each is computed when it is first asked for.

    Args:
        frames: typed frames at a data cut, as :mod:`analytics.cohort` makes them.
        readings: of the definitions.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], readings: Readings = DEFAULT) -> None:
        self.readings = readings
        self.episodes = Episodes(frames, readings=readings)

    # Columns as they stand in the record.

    def _cell(self, table: str, column: str) -> Cell:
        name = f"{table}.{column}"
        if table == "episode":
            rows = self.episodes.rows
            return Cell(name, rows[column], rows.get(f"{column}__absent"))
        absent = self.episodes.of_primary(f"{column}__absent")
        return Cell(name, self.episodes.of_primary(column), absent)

    @cached_property
    def _detected_on(self) -> Cell:
        return self._cell("episode", "detected_on")

    def _yes_no(self, column: str, name: str) -> Fact:
        return Fact(name, boolean(self.episodes.rows, column), (self._cell("episode", column),))

    def _coded(self, table: str, column: str, name: str, yes: tuple[str, ...], no: tuple[str, ...]) -> Fact:
        """Whether a code is one of ``yes``; a code in neither list, such as TX, is to be filled as a blank is."""
        cell = self._cell(table, column)
        values = among(cell.values, yes, no)
        return Fact(name, values, (cell,), ((cell.name, values.isna().to_numpy(dtype=bool)),))

    # The lungs and the time.

    @cached_property
    def lung_involved(self) -> Fact:
        """Lung metastases are present."""
        return self._yes_no("lung_involved", "lung metastases")

    @cached_property
    def found_in_workup(self) -> Fact:
        """Found on or before the end of the work-up of the primary (Overview and epidemiology).

        Where that is blank the first treatment of the primary stands for it.
        """
        if self.readings.synchronous_limit != "workup":
            limits: tuple[Cell, ...] = (self._cell("primary_tumor", "diagnosed_on"),)
            name = "found within the time after the diagnosis of the primary"
        else:
            workup, treated = (self._cell("primary_tumor", c) for c in ("workup_completed_on", "first_treated_on"))
            # The fallback is shown only where it was used.
            limits = (workup, Cell(treated.name, treated.values.where(workup.values.isna()), treated.absent))
            name = "found by the end of the work-up of the primary"
        no_limit = np.logical_and.reduce([limit.missing() for limit in limits])
        fill = (("episode.detected_on", self._detected_on.missing()), (limits[0].name, no_limit))
        return Fact(name, self.episodes.synchronous, (self._detected_on, *limits), fill)

    @cached_property
    def primary_in_situ(self) -> Fact:
        """The primary is in situ when the metastases are found.

        Any resection on or before that day removes it, an emergency one too, except an R2 and a palliative one.
        """
        resected = Cell(_RESECTED, self.episodes.primary_resected_on)
        unknown = self.episodes.primary_in_situ.isna().to_numpy(dtype=bool)
        no_date = self._detected_on.missing()
        fill = (("episode.detected_on", no_date), ("local_treatment.started_on", unknown & ~no_date))
        name = "primary in situ at the detection"
        return Fact(name, self.episodes.primary_in_situ, (self._detected_on, resected), fill)

    @cached_property
    def neoadjuvant_started(self) -> Fact:
        """Systemic therapy that is not palliative, or radiotherapy of the primary, had started by the detection."""
        days = self.episodes.detected_on
        values = self.systemic.not_palliative_started(days) | self.radiotherapy.started(days)
        fill = (
            ("episode.detected_on", self._detected_on.missing()),
            ("systemic_therapy.started_on", self.systemic.blank_start),
            ("systemic_therapy.intent", self.systemic.blank_intent),
            ("local_treatment.started_on", self.radiotherapy.blank_start),
        )
        reads = (self._detected_on, self.systemic.starts, self.radiotherapy.starts)
        return Fact("neoadjuvant treatment of the primary started by the detection", values, reads, fill)

    @cached_property
    def systemic(self) -> Systemic:
        """Systemic therapies beside the episodes."""
        return Systemic(self.episodes)

    @cached_property
    def radiotherapy(self) -> Radiotherapy:
        """Radiotherapy of the primary beside the episodes."""
        return Radiotherapy(self.episodes)

    # Extrapulmonary sites.

    @cached_property
    def sites(self) -> Sites:
        """Extrapulmonary sites beside the episodes."""
        return Sites(self.episodes)

    @cached_property
    def earlier_site(self) -> Fact:
        """An extrapulmonary metastasis was found in an earlier staging episode, resolved or not."""
        reads = (self._detected_on, self.sites.earlier_dates, self._assessed)
        name = "extrapulmonary metastasis in an earlier staging episode"
        return Fact(name, self.sites.earlier, reads, self.sites.to_fill_earlier)

    @cached_property
    def _assessed(self) -> Cell:
        return self._cell("episode", "other_sites_assessed")

    def _of_sites(self, name: str, values: pd.Series) -> Fact:
        return Fact(name, values, (self.sites.active_sites, self._assessed), self.sites.to_fill)

    @cached_property
    def any_site(self) -> Fact:
        """There is an active extrapulmonary site."""
        return self._of_sites("an active extrapulmonary site", self.sites.at_least(1))

    @cached_property
    def two_sites(self) -> Fact:
        """There are two or more active extrapulmonary sites."""
        return self._of_sites("two or more active extrapulmonary sites", self.sites.at_least(2))

    @cached_property
    def sites_counted(self) -> Fact:
        """The number of active extrapulmonary sites is known."""
        known = self.sites.number.notna().astype("boolean")
        return self._of_sites("the active extrapulmonary sites are counted", known.mask(~known))

    # The primary and its recurrence.

    @cached_property
    def _local_recurrence(self) -> tuple[pd.Series, tuple[Cell, ...]]:
        """The code, none where it is blank and the primary is in situ: there is then nothing that could recur."""
        cell = self._cell("episode", "local_recurrence")
        in_situ = self.episodes.primary_in_situ.fillna(False).astype(bool)
        values = cell.values.mask(cell.values.isna() & in_situ, "none")
        return values, (cell, Cell(_RESECTED, self.episodes.primary_resected_on.where(cell.values.isna())))

    def _recurrence(self, name: str, yes: str) -> Fact:
        values, reads = self._local_recurrence
        no = tuple(code for code in ("none", "resectable", "unresectable") if code != yes)
        return Fact(name, among(values, (yes,), no), reads, (("episode.local_recurrence", reads[0].missing()),))

    @cached_property
    def resectable_recurrence(self) -> Fact:
        """A local recurrence that is resectable."""
        return self._recurrence("resectable local recurrence", "resectable")

    @cached_property
    def unresectable_recurrence(self) -> Fact:
        """A local recurrence that is not resectable."""
        return self._recurrence("unresectable local recurrence", "unresectable")

    @cached_property
    def primary_incurable(self) -> Fact:
        """The MDT judged that the primary cannot be treated radically; only a recorded no says so."""
        cell = self._cell("primary_tumor", "curable")
        values = (cell.values == False).fillna(False).astype("boolean")  # noqa: E712
        return Fact("primary recorded as incurable", values, (cell,))

    @cached_property
    def systemic_in_episode(self) -> Fact:
        """Systemic therapy was given in the episode."""
        fill = (
            ("episode.detected_on", self._detected_on.missing()),
            ("systemic_therapy.episode_no", self.systemic.unknown_episode),
        )
        return Fact(
            "systemic therapy in the episode", self.systemic.in_episode, (self.systemic.starts_in_episode,), fill
        )

    @cached_property
    def earlier_neoadjuvant_systemic(self) -> Fact:
        """Systemic therapy that is not palliative and belongs to no other episode had started by the detection."""
        fill = (
            ("episode.detected_on", self._detected_on.missing()),
            ("systemic_therapy.started_on", self.systemic.blank_start),
            ("systemic_therapy.intent", self.systemic.blank_intent),
        )
        values = self.systemic.earlier_of_no_other_episode
        return Fact("neoadjuvant systemic therapy before the detection", values, (self.systemic.starts,), fill)

    @cached_property
    def rectum(self) -> Fact:
        """The primary is in the rectum; the rectosigmoid junction counts as colon."""
        site = self._cell("primary_tumor", "site")
        values = (site.values == "rectum").astype("boolean").where(site.values.notna())
        return Fact("rectal primary", values, (site,))

    @cached_property
    def mid_low_height(self) -> Fact:
        """Not higher above the anal margin than a middle rectal cancer, the limit included."""
        height = self._cell("primary_tumor", "rectal_height_cm")
        values = (height.values <= self.readings.mid_low_height_cm).astype("boolean")
        return Fact(f"at most {self.readings.mid_low_height_cm:g} cm from the anal margin", values, (height,))

    @cached_property
    def t3_t4(self) -> Fact:
        """T3 or T4 before treatment; TX is unknown."""
        return self._stage("t", "T3-4", T3_T4, LOWER_T)

    @cached_property
    def node_positive(self) -> Fact:
        """Positive nodes before treatment; NX is unknown."""
        return self._stage("n", "N+", NODE_POSITIVE, ("N0",))

    def _stage(self, letter: str, name: str, yes: tuple[str, ...], no: tuple[str, ...]) -> Fact:
        clinical = self._coded("primary_tumor", f"c_{letter}", f"c{name}", yes, no)
        if self.readings.stage_of_primary == "clinical":
            return clinical
        pathological = self._coded("primary_tumor", f"p_{letter}", f"p{name}", yes, no)
        resected = self.episodes.primary_resected_on
        treated = self.systemic.not_palliative_started(resected, or_same=False)
        treated = treated | self.radiotherapy.started(resected, or_same=False)
        untreated = (~treated).fillna(False).astype(bool) & pathological.values.notna()
        values = clinical.values.mask(untreated, pathological.values)
        reads = (*clinical.reads, *pathological.reads)
        unknown = values.isna().to_numpy(dtype=bool)
        return Fact(name, values, reads, tuple((column.name, unknown) for column in reads))

    # Resectability of the lung metastases and what came of it.

    @cached_property
    def lymphangitic(self) -> Fact:
        """Lymphangitic carcinomatosis as declared by radiology or the MDT."""
        return self._yes_no("lymphangitic", "lymphangitic carcinomatosis")

    def _declared(self, yes: str) -> Fact:
        codes = ("resectable", "potentially_resectable", "unresectable")
        name = f"lung metastases {yes.replace('_', ' ')}"
        return self._coded("episode", "resectability", name, (yes,), tuple(code for code in codes if code != yes))

    @cached_property
    def resectable(self) -> Fact:
        """The MDT declared the lung metastases resectable at first."""
        return self._declared("resectable")

    @cached_property
    def potentially_resectable(self) -> Fact:
        """The MDT declared the lung metastases potentially resectable at first."""
        return self._declared("potentially_resectable")

    @cached_property
    def unresectable(self) -> Fact:
        """The MDT declared the lung metastases unresectable at first."""
        return self._declared("unresectable")

    @cached_property
    def radical_lung_operation_after_systemic(self) -> Fact:
        """A radical lung resection followed the start of systemic therapy in the episode."""
        operations, systemic = LungOperations(self.episodes), self.systemic
        values = operations.radical_after(systemic.first_start(possible=False), systemic.first_start(possible=True))
        fill = (
            ("local_treatment.started_on", operations.blank_start),
            ("local_treatment.intent", operations.blank_intent),
            ("systemic_therapy.started_on", systemic.open_start),
        )
        reads = (self.systemic.starts_in_episode, operations.starts)
        return Fact("radical lung resection after systemic therapy", values, reads, fill)

    # The course before the episode.

    @cached_property
    def prior_polymetastatic(self) -> Fact:
        """Polymetastatic disease at any time before the episode."""
        return self._yes_no("prior_polymetastatic", "polymetastatic disease before")

    @cached_property
    def progressing_lesion(self) -> Fact:
        """A metastasis was growing or new on the imaging of the episode."""
        return self._yes_no("progressing_lesion", "a progressing lesion")

    @cached_property
    def under_systemic_therapy(self) -> Fact:
        """Systemic therapy was under way on the day of the detection, its first and last days included."""
        fill = (
            ("episode.detected_on", self._detected_on.missing()),
            ("systemic_therapy.started_on", self.systemic.blank_start),
            ("systemic_therapy.ended_on", self.systemic.unknown_end),
        )
        reads = (self._detected_on, self.systemic.starts, self.systemic.ends_under_way)
        return Fact("under systemic therapy at the detection", self.systemic.under_way, reads, fill)

    @cached_property
    def earlier_episode(self) -> Fact:
        """The patient had an earlier episode: an earlier detection, or on the same day a lower number."""
        others = Pairs(self.episodes, "episode")
        number = others.of_episode(self.episodes.rows["record_no"])
        lower = (others["record_no"] < number).astype("boolean")
        same_day = before(others["detected_on"], others.detected_on) & before(others.detected_on, others["detected_on"])
        first = before(others["detected_on"], others.detected_on, or_same=False) | (same_day & lower)
        another = (others["record_no"] != number).astype(bool)
        values = others.any(first & another)
        which = (first & another).fillna(False).to_numpy(dtype=bool)
        dates = Listed("earlier episode.detected_on", others.at[which], others["detected_on"][which], others.length)
        fill = (("episode.detected_on", values.isna().to_numpy(dtype=bool)),)
        return Fact("an earlier episode", values, (dates,), fill)

    @cached_property
    def soon_after_primary(self) -> Fact:
        """Found until so many months after the diagnosis of the primary, that day included."""
        diagnosed, months = self._cell("primary_tumor", "diagnosed_on"), self.readings.omd_synchronous_months
        values = before(self.episodes.detected_on, diagnosed.values + pd.DateOffset(months=months))
        return Fact(f"within {months} months of the diagnosis of the primary", values, (self._detected_on, diagnosed))
