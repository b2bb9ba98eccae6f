"""The treatments of an episode: which belong to it, which were under way when it was found, which came before."""

from __future__ import annotations

from functools import cached_property

from analytics.consensus.columns import Days
from analytics.consensus.links import Links
from analytics.consensus.logic import Term
from analytics.consensus.record import Record

ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation")
RADICAL_MODALITIES = ("resection", "sbrt", *ABLATIONS)


class Treatments:
    """Systemic therapies and local treatments beside the episodes."""

    def __init__(self, record: Record) -> None:
        self.record = record

    # All of the patient's, whichever episode they belong to.

    @cached_property
    def systemic_pairs(self) -> Links:
        """Every systemic therapy beside every episode of its patient."""
        return self.record.pairs("systemic_therapy")

    @cached_property
    def local_pairs(self) -> Links:
        """Every local treatment beside every episode of its patient."""
        return self.record.pairs("local_treatment")

    @cached_property
    def under_way(self) -> Term:
        """Whether systemic therapy was under way on the day of the detection, its first and last days included.

        A row without an end is under way; one that ended on an unknown day (UNK, ND, NASK) may be.
        """
        pairs = self.systemic_pairs
        detected = pairs.lift(self.record.detected_on)
        return pairs.any((pairs.day("started_on") <= detected) & (detected <= pairs.end("ended_on")))

    def not_palliative_started(self, days: Days, *, or_same: bool = True) -> Term:
        """Whether any systemic therapy that is not palliative had started on or before a day of each episode."""
        pairs = self.systemic_pairs
        started, until = pairs.day("started_on"), pairs.lift(days)
        return pairs.any((started <= until if or_same else started < until) & ~pairs.among("intent", ("palliative",)))

    def radiotherapy_started(self, days: Days, *, or_same: bool = True) -> Term:
        """Whether radiotherapy of the primary, which is neoadjuvant, had started on or before a day."""
        pairs = self.local_pairs
        of_primary = pairs.only(pairs.among("target", ("primary",)) & pairs.among("modality", ("radiotherapy",)))
        started, until = pairs.day("started_on"), pairs.lift(days)
        return of_primary.any(started <= until if or_same else started < until)

    @cached_property
    def neoadjuvant_of_no_other_episode(self) -> Links:
        """Systemic therapies that are not palliative, started by the detection, and name no other episode."""
        pairs = self.systemic_pairs
        number = self.record.episode.number("record_no")[pairs.at]
        named = pairs.number("episode_no")
        elsewhere = (named == named) & (named != number)
        mine = Links(pairs.table, pairs.rows[~elsewhere], pairs.at[~elsewhere], pairs.episodes)
        started = mine.day("started_on") <= mine.lift(self.record.detected_on)
        return mine.only(started & ~mine.among("intent", ("palliative",)))

    # Those of the episode.

    @cached_property
    def systemic(self) -> Links:
        """The systemic therapies of each episode."""
        return self.record.treatments("systemic_therapy")

    @cached_property
    def local(self) -> Links:
        """The local treatments of each episode."""
        return self.record.treatments("local_treatment")

    @cached_property
    def lung_operations(self) -> Links:
        """Resections of the lung."""
        return self.local.only(self.local.among("target", ("lung",)) & self.local.among("modality", ("resection",)))

    @cached_property
    def radical_lung_operations(self) -> Links:
        """Resections of the lung with radical intent."""
        return self.lung_operations.only(self.local.among("intent", ("radical",)))
