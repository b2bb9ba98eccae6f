"""The treatments of one episode: which are first, how long they lasted, and what can still come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import cached_property

from tests.analytics.naive_rules import base
from tests.analytics.naive_rules.base import (
    Fact,
    Treatment,
    all3,
    any3,
    before,
    code,
    day,
    emergency,
    every,
    narrowed,
    no_end,
    not3,
    not_after,
    primary_resection,
    some,
    text,
    there_is,
)
from tests.analytics.naive_rules.record import Record

Order = Callable[[dt.date | None, dt.date | None], Fact]


def perioperative(item: Treatment) -> Fact:
    """Perioperative systemic therapy."""
    return code(item.row, "intent", *base.PERIOPERATIVE)


def postoperative(item: Treatment) -> Fact:
    """Systemic therapy with intent postoperative."""
    return code(item.row, "intent", "postoperative")


class Course(Record):
    """What was done in one episode, at the data cut."""

    @property
    def treatments(self) -> list[Treatment]:
        return [*self.systemic, *self.local]

    @cached_property
    def primary_resections(self) -> list[Treatment]:
        """Every resection of the patient's primary, in whatever episode."""
        # Reading: "any local_treatment" in TB2A, TB2B, REC1, LIV1 and POT2 is one of the patient, not of the episode.
        return narrowed((Treatment(item.row, True, item.on) for item in self.all_local), primary_resection)

    @cached_property
    def lung_operations(self) -> list[Treatment]:
        """The episode's resections of the lung."""
        return narrowed(self.local, base.lung_surgery)

    @cached_property
    def planned_local(self) -> list[Treatment]:
        """The episode's local treatments that are not emergencies."""
        return [item for item in self.local if not emergency(item)]

    @property
    def dated_local(self) -> list[Treatment]:
        """Those that have a date, of which one is the first; where none has, one of unknown date."""
        return [item for item in self.planned_local if item.on is not None] or [Treatment({}, True, None)]

    def by_local(self, on: dt.date | None, order: Order = not_after) -> Fact:
        """Whether a day is on or before the first local treatment."""
        return every(self.dated_local, lambda item: order(on, item.on))

    @cached_property
    def begun(self) -> list[Treatment]:
        """The treatments of which the earliest is the first one; rows without a date are left out."""
        planned = [item for item in self.treatments if item.on is not None and not emergency(item)]
        return narrowed(planned, lambda item: not_after(self.detected, item.on))

    @property
    def treated(self) -> Fact:
        """Whether there is a first treatment."""
        return there_is(self.begun)

    def by_first(self, on: dt.date | None, order: Order = not_after) -> Fact:
        """Whether a day is on or before the first treatment; unknown without one."""
        return every(self.begun, lambda item: order(on, item.on)) if self.begun else None

    def by_staging_end(self, on: dt.date | None) -> Fact:
        """Whether a day is on or before the first treatment, or the data cut without one."""
        return all3(every(self.begun, lambda item: not_after(on, item.on)), not_after(on, self.cut))

    def first_is(self, treatments: Sequence[Treatment]) -> Fact:
        """Whether the first treatment is one of some; two on the same day are both the first."""
        # Reading: where only treatments without a date are left, they may hold the first one.
        planned = [item for item in treatments if not emergency(item)]
        return some(planned, lambda item: all3(not_after(self.detected, item.on), self.by_first(item.on)))

    # P-OPEN, P-POSTOP, P-PERIOP.

    @cached_property
    def open(self) -> Fact:
        """P-OPEN, but for what the single rule adds."""
        if base.DEATH_CLOSES and text(self.patient, "vital_status") == "dead":
            return False
        limit = None if self.detected is None else self.detected + dt.timedelta(days=base.OPEN_DAYS)
        # Reading: the last day, 183 days after the detection, is still open; only a chosen observation is a decision.
        waiting = all3(
            not3(there_is(self.treatments)),
            text(self.row, "observation_chosen") != "yes",
            not_after(self.cut, limit),
        )
        return any3(waiting, some(self.systemic, self._still_preoperative))

    def _still_preoperative(self, item: Treatment) -> Fact:
        recent = self.cut - dt.timedelta(days=base.OPEN_AFTER_THERAPY_DAYS)
        ended = day(item.row, "ended_on")
        return all3(
            code(item.row, "intent", "preoperative", "conversion"),
            any3(self.under_way(item), before(recent, ended)),
        )

    @property
    def untreated_open(self) -> Fact:
        """P-OPEN of the rules about the first treatment."""
        return all3(self.open, not3(self.treated))

    @cached_property
    def postoperative_open(self) -> Fact:
        """P-POSTOP: the last radical operation is recent."""
        since = self.cut - dt.timedelta(days=base.POSTOPERATIVE_DAYS)
        return some(
            self.local,
            lambda item: all3(
                code(item.row, "modality", "resection"),
                code(item.row, "intent", "radical"),
                not_after(since, item.on),
            ),
        )

    def under_way(self, item: Treatment) -> Fact:
        """Whether systemic therapy was under way at the data cut."""
        return True if no_end(item.row, "ended_on") else (None if day(item.row, "ended_on") is None else False)

    def days(self, item: Treatment, until: tuple[dt.date, dt.date] | None = None) -> tuple[float, float]:
        """The least and the most on-treatment days up to a day between two, by default the data cut."""
        earliest, latest = until or (self.cut, self.cut)
        if item.on is None:
            return 0, float("inf")
        if no_end(item.row, "ended_on"):
            ends = earliest, latest
        else:
            end = day(item.row, "ended_on")
            ends = (item.on, latest) if end is None else (min(end, earliest), min(end, latest))
        return max((ends[0] - item.on).days, 0), max((ends[1] - item.on).days, 0)

    def within_six_months(self) -> tuple[Fact, Fact]:
        """P-PERIOP: (met, can still be met)."""
        least = most = 0.0
        for item in self.systemic:
            counts = all3(item.own, perioperative(item))
            if counts is not False:
                low, high = self.days(item)
                least, most = least + (low if counts else 0), most + high
        if least > base.PERIOPERATIVE_DAYS:
            return False, False
        going = some(self.systemic, lambda item: all3(perioperative(item), self.under_way(item)))
        within = True if most <= base.PERIOPERATIVE_DAYS else None
        if going is False:
            return within, False
        return None, all3(going, within)
