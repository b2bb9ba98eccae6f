"""Everything that the rules ask of the episodes: definitions, treatments, meetings, studies, tests, surveillance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.columns import Days, View
from analytics.consensus.definitions import Definitions
from analytics.consensus.facts import Facts
from analytics.consensus.links import Links
from analytics.consensus.logic import NO, YES, Fact, Leaf, Term, surely
from analytics.consensus.markers import Markers
from analytics.consensus.meetings import Meetings
from analytics.consensus.readings import DEFAULT, Readings
from analytics.consensus.record import Record
from analytics.consensus.sites import Sites
from analytics.consensus.studies import Studies
from analytics.consensus.surveillance import Surveillance
from analytics.consensus.therapy import Therapy

_Answer = TypeVar("_Answer")


def once(ask: Callable[[Cases], _Answer]) -> Callable[[Cases], _Answer]:
    """What several rules ask of the cases is answered once."""

    @wraps(ask)
    def answered(cases: Cases) -> _Answer:
        if ask not in cases.answers:
            cases.answers[ask] = ask(cases)
        found: _Answer = cases.answers[ask]
        return found

    return answered


class Cases:
    """The episodes of a cohort, as the rules see them; each fact is computed when it is first asked for.

    Args:
        frames: typed frames at a data cut, as :mod:`analytics.cohort` makes them.
        data_cut: the last day that exists.
        readings: of the text.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame], data_cut: dt.date, readings: Readings = DEFAULT) -> None:
        self.readings = readings
        self.answers: dict[Any, Any] = {}
        self.facts = Facts(frames, readings, data_cut)
        self.definitions = Definitions(self.facts)
        self.record: Record = self.facts.record
        self.episode: View = self.record.episode
        self.primary: View = self.record.primary
        self.therapy = Therapy(self.definitions)

    @property
    def sites(self) -> Sites:
        """Extrapulmonary sites."""
        return self.facts.sites

    @cached_property
    def meetings(self) -> Meetings:
        """MDT meetings."""
        return Meetings(self.record, self.therapy.first)

    @cached_property
    def studies(self) -> Studies:
        """Imaging and other studies."""
        return Studies(self.record, self.therapy.first)

    @cached_property
    def markers(self) -> Markers:
        """Molecular tests and pathology."""
        return Markers(self.record)

    @cached_property
    def surveillance(self) -> Surveillance:
        """Surveillance after NED."""
        return Surveillance(self.therapy, self.studies)

    @property
    def first(self) -> Days:
        """First treatment of the episode, emergencies left out."""
        return self.therapy.first

    # The population.

    @cached_property
    def population(self) -> Term:
        """The episodes with lung metastases: of these every rule has a verdict."""
        return surely(self.facts.lung_involved)

    @cached_property
    def everyone(self) -> Fact:
        """Every episode with lung metastases."""
        return Fact("lung metastases", Leaf(np.full(self.record.length, YES, dtype=np.int8), ()))

    def route(self, *routes: str) -> Term:
        """Whether the episode is on one of some routes."""
        return self._routes.setdefault(routes, self.definitions.route.chosen(*routes))

    @cached_property
    def _routes(self) -> dict[tuple[str, ...], Term]:
        return {}

    # Facts that several chapters ask for.

    @cached_property
    def goal_ned(self) -> Fact:
        """The goal of treatment is no evidence of disease."""
        return Fact("goal of treatment NED", self.meetings.goal("ned"))

    @cached_property
    def goal_palliative(self) -> Fact:
        """The goal of treatment is palliative."""
        return Fact("goal of treatment palliative", self.meetings.goal("palliative"))

    @cached_property
    def suspected_nodes(self) -> Fact:
        """Hilar or mediastinal nodes are suspected or confirmed."""
        return Fact("thoracic nodes suspected", self.episode.among("thoracic_nodes", ("suspected", "confirmed")))

    @cached_property
    def tissue_obtained(self) -> Fact:
        """Tissue of the lung lesion was obtained."""
        return Fact("tissue of the lung lesion", self.episode.among("tissue", ("obtained",)))

    @cached_property
    def resectability_assessed(self) -> Fact:
        """The resectability or the curability of the lung metastases is recorded."""
        recorded = self.episode.filled("resectability") | self.episode.filled("curable")
        return Fact("resectability assessed", recorded)

    @cached_property
    def organ_preservation(self) -> Fact:
        """The patient wants to keep the organ and refuses surgery of the primary."""
        return Fact("organ preservation wanted", self.primary.flag("organ_preservation"))

    @cached_property
    def single_lesion(self) -> Fact:
        """One lung lesion."""
        return Fact("one lung lesion", self.episode.equals("lesion_count", 1))

    @cached_property
    def recurrence(self) -> Fact:
        """A local recurrence, resectable or not."""
        facts = self.facts
        return Fact("local recurrence", facts.resectable_recurrence.term | facts.unresectable_recurrence.term)

    @cached_property
    def mid_low_rectum(self) -> Term:
        """Middle or lower rectum."""
        return self.facts.rectum & self.facts.mid_low_height

    @cached_property
    def locally_advanced(self) -> Term:
        """T3-4 or N+."""
        return self.facts.t3_t4 | self.facts.node_positive

    @cached_property
    def exceptions(self) -> Links:
        """Recorded exceptions; one that names no episode holds for every episode of the patient."""
        pairs = self.record.pairs("rule_exception")
        mine = self.record.names_the_episode(pairs) | np.isnan(pairs.number("episode_no"))
        return Links(pairs.table, pairs.rows[mine], pairs.at[mine], pairs.episodes)

    @cached_property
    def _excepted_rules(self) -> npt.NDArray[np.object_]:
        """The rule of each exception. Compared as plain texts: every rule asks, and pandas takes a millisecond each."""
        rows = self.exceptions
        named: npt.NDArray[np.object_] = rows.table.frame["rule_id"].to_numpy(dtype=object, na_value="")
        return named[rows.rows]

    def excepted(self, rule_id: str, reasons: tuple[str, ...]) -> Fact:
        """Whether an accepted reason is recorded for a rule."""
        rows = self.exceptions
        codes = np.where(self._excepted_rules == rule_id, np.int8(YES), np.int8(NO))
        term = Leaf(codes, (rows.cell("rule_id"),))
        return Fact("an accepted reason", rows.any(term & surely(rows.among("reason", reasons))))
