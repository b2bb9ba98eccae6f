"""The facts that the classification rests on, in clinical words: three-valued, with the columns that each is read from.

Missing values: blank, UNK (not known) and NASK (not asked) are unknown, and so is ND (not done) of a fact about the
disease; NAP (not applicable) is no for a yes/no column. Section numbers are those of J Hematol Oncol 2019;12:16.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from analytics.consensus.columns import Cell, Column, Days
from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import NODE_POSITIVE
from analytics.consensus.links import Links, Precedes
from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Fact, Leaf, Term, surely
from analytics.consensus.readings import DEFAULT, Readings
from analytics.consensus.record import Record
from analytics.consensus.sites import Sites
from analytics.consensus.treatments import Treatments

T3_T4 = ("T3", "T4", "T4a", "T4b")
LOWER_T = ("T0", "Tis", "T1", "T2")


class Facts:
    """Facts of each row of ``frames["episode"]``, in its order; each is computed when it is first asked for.

    Args:
        frames: typed frames at a data cut, as :mod:`analytics.cohort` makes them.
        readings: of the definitions.
        data_cut: the last day that exists; only the rules need it.
    """

    def __init__(
        self, frames: Mapping[str, pd.DataFrame], readings: Readings = DEFAULT, data_cut: dt.date | None = None
    ) -> None:
        self.readings = readings
        self.record = Record(frames, readings, data_cut)
        self.episodes = Episodes(frames, readings=readings)
        self.treatments = Treatments(self.record)
        self.sites = Sites(self.record)

    def _yes_no(self, column: str, name: str) -> Fact:
        return Fact(name, self.record.episode.flag(column))

    @property
    def _detected_on(self) -> Days:
        return self.record.detected_on

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
        primary = self.record.primary
        limits: tuple[Column, ...]
        if self.readings.synchronous_limit != "workup":
            limits, name = (primary.cell("diagnosed_on"),), "found within the time after the diagnosis of the primary"
        else:
            limits = (primary.cell("workup_completed_on"), _Fallback(primary.cell("first_treated_on")))
            name = "found by the end of the work-up of the primary"
        columns = (*self._detected_on.columns, *limits)
        return Fact(name, Leaf(_codes(self.episodes.synchronous), columns))

    @cached_property
    def primary_resected_on(self) -> Days:
        """Day of the first resection after which the primary is no longer in situ; an emergency one counts."""
        pairs = self.record.pairs("local_treatment")
        return self._primary_resections.first(pairs.day("started_on"))

    @cached_property
    def _primary_resections(self) -> Links:
        pairs = self.record.pairs("local_treatment")
        resected = pairs.among("target", ("primary",)) & pairs.among("modality", ("resection",))
        leaves_it = surely(pairs.among("residual_tumor", ("R2",))) | surely(pairs.among("intent", ("palliative",)))
        return pairs.only(resected & ~leaves_it)

    def primary_removed_by(self, days: Days, *, or_same: bool = True) -> Term:
        """Whether the primary was removed on or before a day; unknown where its only resections have no day.

        Any resection of it removes it, an emergency one too, except an R2 and a palliative one.
        """
        resections = self._primary_resections
        started, until = resections.day("started_on"), resections.lift(days)
        return resections.any(started <= until if or_same else started < until)

    @cached_property
    def primary_in_situ(self) -> Fact:
        """The primary is in situ when the metastases are found."""
        without = Leaf(np.where(self._detected_on.known.yes, np.int8(NO), np.int8(UNKNOWN)), self._detected_on.columns)
        removed = self.primary_removed_by(self._detected_on)
        return Fact("primary in situ at the detection", ~removed & ~without)

    @cached_property
    def neoadjuvant_started(self) -> Fact:
        """Systemic therapy that is not palliative, or radiotherapy of the primary, had started by the detection."""
        started = self.treatments.not_palliative_started(self._detected_on)
        started = started | self.treatments.radiotherapy_started(self._detected_on)
        return Fact("neoadjuvant treatment of the primary started by the detection", started)

    # Extrapulmonary sites.

    @cached_property
    def earlier_site(self) -> Fact:
        """An extrapulmonary metastasis was found in an earlier staging episode, resolved or not."""
        return Fact("extrapulmonary metastasis in an earlier staging episode", self.sites.earlier)

    @cached_property
    def any_site(self) -> Fact:
        """There is an active extrapulmonary site."""
        return Fact("an active extrapulmonary site", self.sites.at_least(1))

    @cached_property
    def two_sites(self) -> Fact:
        """There are two or more active extrapulmonary sites."""
        return Fact("two or more active extrapulmonary sites", self.sites.at_least(2))

    @cached_property
    def sites_counted(self) -> Fact:
        """The number of active extrapulmonary sites is known."""
        return Fact("the active extrapulmonary sites are counted", self.sites.counted)

    # The primary and its recurrence.

    def _recurrence(self, name: str, yes: str) -> Fact:
        no = tuple(code for code in ("none", "resectable", "unresectable") if code != yes)
        term = self.record.episode.among("local_recurrence", (yes,), no)
        # While the primary is in situ there is nothing that could recur: a blank then means none.
        blank = ~self.record.episode.filled("local_recurrence") & surely(self.primary_in_situ)
        return Fact(name, term & ~blank)

    @cached_property
    def resectable_recurrence(self) -> Fact:
        """A local recurrence that is resectable."""
        return self._recurrence("resectable local recurrence", "resectable")

    @cached_property
    def unresectable_recurrence(self) -> Fact:
        """A local recurrence that is not resectable."""
        return self._recurrence("unresectable local recurrence", "unresectable")

    @cached_property
    def no_recurrence(self) -> Fact:
        """No local recurrence."""
        return Fact("no local recurrence", ~self.resectable_recurrence.term & ~self.unresectable_recurrence.term)

    @cached_property
    def primary_incurable(self) -> Fact:
        """The MDT judged that the primary cannot be treated radically; only a recorded no says so."""
        return Fact("primary recorded as incurable", self.record.primary.says_no("curable"))

    @cached_property
    def systemic_in_episode(self) -> Fact:
        """Systemic therapy was given in the episode."""
        rows = self.treatments.systemic
        return Fact("systemic therapy in the episode", rows.any(rows.day("started_on").shown))

    @cached_property
    def earlier_neoadjuvant_systemic(self) -> Fact:
        """Systemic therapy that is not palliative and belongs to no other episode had started by the detection."""
        rows = self.treatments.neoadjuvant_of_no_other_episode
        return Fact("neoadjuvant systemic therapy before the detection", rows.any())

    @cached_property
    def rectum(self) -> Fact:
        """The primary is in the rectum; the rectosigmoid junction counts as colon."""
        return Fact("rectal primary", self.record.primary.among("site", ("rectum",)))

    @cached_property
    def mid_low_height(self) -> Fact:
        """Not higher above the anal margin than a middle rectal cancer, the limit included."""
        limit = self.readings.mid_low_height_cm
        return Fact(f"at most {limit:g} cm from the anal margin", ~self.record.primary.above("rectal_height_cm", limit))

    @cached_property
    def t3_t4(self) -> Fact:
        """T3 or T4 before treatment; TX is unknown."""
        return self._stage("t", "T3-4", T3_T4, LOWER_T)

    @cached_property
    def node_positive(self) -> Fact:
        """Positive nodes before treatment; NX is unknown."""
        return self._stage("n", "N+", NODE_POSITIVE, ("N0",))

    def _stage(self, letter: str, name: str, yes: tuple[str, ...], no: tuple[str, ...]) -> Fact:
        clinical = self.record.primary.among(f"c_{letter}", yes, no)
        if self.readings.stage_of_primary == "clinical":
            return Fact(f"c{name}", clinical)
        pathological = self.record.primary.among(f"p_{letter}", yes, no)
        resected = self.primary_resected_on
        treated = self.treatments.not_palliative_started(resected, or_same=False)
        treated = treated | self.treatments.radiotherapy_started(resected, or_same=False)
        untreated = (treated.codes == NO) & (pathological.codes != UNKNOWN)
        columns = (self.record.primary.cell(f"c_{letter}"), self.record.primary.cell(f"p_{letter}"))
        return Fact(name, Leaf(np.where(untreated, pathological.codes, clinical.codes), columns))

    # Resectability of the lung metastases and what came of it.

    @cached_property
    def lymphangitic(self) -> Fact:
        """Lymphangitic carcinomatosis as declared by radiology or the MDT."""
        return self._yes_no("lymphangitic", "lymphangitic carcinomatosis")

    def _declared(self, yes: str) -> Fact:
        return Fact(f"lung metastases {yes.replace('_', ' ')}", self.record.episode.among("resectability", (yes,)))

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
        systemic, operations = self.treatments.systemic, self.treatments.radical_lung_operations
        term = Precedes((systemic, systemic.day("started_on")), (operations, operations.day("started_on")))
        return Fact("radical lung resection after systemic therapy", term)

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
        return Fact("under systemic therapy at the detection", self.treatments.under_way)

    @cached_property
    def earlier_episode(self) -> Fact:
        """The patient had an earlier episode: an earlier detection, or on the same day a lower number."""
        pairs = self.record.pairs("episode")
        number = self.record.episode.number("record_no")[pairs.at]
        others = pairs.number("record_no") != number
        others_pairs = Links(pairs.table, pairs.rows[others], pairs.at[others], pairs.episodes)
        found, mine = others_pairs.day("detected_on"), others_pairs.lift(self._detected_on)
        lower = others_pairs.number("record_no") < number[others]
        earlier = np.where(lower, (found <= mine).codes, (found < mine).codes)
        return Fact("an earlier episode", others_pairs.any(Leaf(earlier, found.columns)))

    @cached_property
    def soon_after_primary(self) -> Fact:
        """Found until so many months after the diagnosis of the primary, that day included."""
        months = self.readings.omd_synchronous_months
        limit = self.record.primary.day("diagnosed_on").plus_months(months)
        return Fact(f"within {months} months of the diagnosis of the primary", self._detected_on <= limit)


class _Fallback:
    """A column that is shown, and to be filled, only where the first choice is blank."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell

    @property
    def name(self) -> str:
        return self.cell.name

    def text(self, row: int) -> str:
        first = Cell(self.cell.table, "workup_completed_on", self.cell.rows)
        return self.cell.text(row) if first.missing(row) else ""

    def missing(self, row: int) -> bool:
        return False


def _codes(values: pd.Series) -> Codes:
    array = values.array
    codes: Codes = np.where(array.isna(), np.int8(UNKNOWN), array.to_numpy(dtype=bool, na_value=False) * np.int8(YES))
    return codes.astype(np.int8)
