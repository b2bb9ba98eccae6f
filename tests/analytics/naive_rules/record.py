"""What belongs to an episode: its studies, meetings, specimens, treatments and events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from tests.analytics import naive_classification as definitions
from tests.analytics.naive_rules import base
from tests.analytics.naive_rules.base import (
    Fact,
    Row,
    Rows,
    Treatment,
    all3,
    any3,
    code,
    day,
    every,
    no_end,
    not3,
    not_after,
    primary_radiotherapy,
    primary_resection,
    text,
)


def not_palliative(item: Treatment) -> Fact:
    """Systemic therapy of another intent than palliative."""
    # Reading: systemic therapy of blank intent may be palliative, as in the subtype during_neoadjuvant.
    return not3(code(item.row, "intent", "palliative"))


def _kept(items: Iterable[Treatment]) -> list[Treatment]:
    """Those that belong to the episode, or may."""
    return [item for item in items if item.own is not False]


class Record:
    """The rows of one patient, each with whether it belongs to one of the episodes."""

    def __init__(self, own: Rows, row: Row, facts: dict[str, Any], cut: dt.date) -> None:
        self.rows, self.row, self.facts, self.cut = own, row, facts, cut
        self.patient = own["patient"][0]
        self.primary: Row | None = next(iter(own.get("primary_tumor", ())), None)
        self.detected = day(row, "detected_on")
        self.studies = self._dated("study", "performed_on")
        self.meetings = self._dated("mdt_meeting", "held_on")
        self.specimens = self._dated("pathology", "sampled_on")
        self.all_systemic = [self._systemic(other) for other in own.get("systemic_therapy", ())]
        self.systemic = _kept(self.all_systemic)
        self.all_local = [self._local(other) for other in own.get("local_treatment", ())]
        self.local = _kept(self.all_local)
        self.tests = own.get("molecular_test", ())

    # What belongs to the episode.

    def _dated(self, table: str, column: str) -> list[Treatment]:
        return _kept(
            Treatment(row, self._belongs(row, day(row, column)), day(row, column)) for row in self.rows.get(table, ())
        )

    def _belongs(self, row: Row, on: dt.date | None) -> Fact:
        if (number := text(row, "episode_no")) is not None:
            return number == self.row["record_no"]
        return self._last(lambda begun: not_after(begun - dt.timedelta(days=base.WORKUP_DAYS), on))

    def _last(self, candidate: Callable[[dt.date], Fact]) -> Fact:
        """Whether this is the last of the patient's episodes that qualify by their date of detection."""
        found, mine, left_open = {}, False, False
        for other in self.rows["episode"]:
            begun = day(other, "detected_on")
            fits = None if begun is None else candidate(begun)
            left_open |= fits is None
            mine |= other is self.row and fits is not False
            if fits and begun:
                found[begun, int(other["record_no"])] = other
        if not mine:
            return False
        return None if left_open else found[max(found)] is self.row

    def _treated(self, row: Row, *, under_way: Callable[[dt.date], Fact], earlier: Fact) -> Fact:
        if (number := text(row, "episode_no")) is not None:
            return number == self.row["record_no"]
        start = day(row, "started_on")
        by_date = self._last(lambda begun: any3(not_after(begun, start), under_way(begun)))
        neoadjuvant = all3(self.during_neoadjuvant, earlier, not_after(start, self.detected))
        return any3(by_date, neoadjuvant)

    def _systemic(self, row: Row) -> Treatment:
        item = Treatment(row, True, day(row, "started_on"))

        def under_way(begun: dt.date) -> Fact:
            lasts = True if no_end(row, "ended_on") else not_after(begun, day(row, "ended_on"))
            return all3(not_after(item.on, begun), lasts)

        return Treatment(row, self._treated(row, under_way=under_way, earlier=not_palliative(item)), item.on)

    def _local(self, row: Row) -> Treatment:
        item = Treatment(row, True, day(row, "started_on"))

        def under_way(begun: dt.date) -> Fact:
            # Reading: a local treatment without a date of its end ends on its first day.
            end = day(row, "ended_on")
            lasts = end is not None and begun <= end
            return all3(not_after(item.on, begun), lasts, not3(primary_resection(item)))

        return Treatment(row, self._treated(row, under_way=under_way, earlier=primary_radiotherapy(item)), item.on)

    def removed(self, when: Callable[[dt.date | None], Fact]) -> Fact:
        """Whether a resection on some days left no primary in situ."""
        return any3(*(all3(counts, when(on)) for counts, on in definitions._removals(self.rows)))

    def removed_by(self, items: Sequence[Treatment]) -> Fact:
        """Whether the primary was no longer in situ at the first of some treatments."""
        return self.removed(lambda on: every(items, lambda item: not_after(on, item.on)))

    @property
    def in_situ(self) -> Fact:
        """The primary was in situ when the metastases were found."""
        return definitions._in_situ(self.rows, self.detected)[0]

    def events(self, kind: str) -> list[Treatment]:
        """The events of a kind."""
        # Reading: a progression belongs to the last episode found on or before it.
        found = []
        for row in self.rows.get("disease_event", ()):
            on = day(row, "occurred_on")
            own = all3(code(row, "kind", kind), self._last(self._begun_by(on)))
            found.append(Treatment(row, own, on))
        return found

    @staticmethod
    def _begun_by(on: dt.date | None) -> Callable[[dt.date], Fact]:
        return lambda begun: not_after(begun, on)

    # The definitions that decide it.

    @cached_property
    def during_neoadjuvant(self) -> Fact:
        """Subtype during_neoadjuvant, three-valued."""
        return all3(
            not3(self.synchronous),
            not3(self.non_initial),
            self.in_situ,
            definitions._neoadjuvant(self.rows, self.detected),
        )

    @property
    def synchronous(self) -> Fact:
        """Whether the metastases were found during the work-up of the primary."""
        return {"synchronous": True, "metachronous": False}.get(self.facts["timing"])

    @property
    def non_initial(self) -> Fact:
        """Whether another distant metastasis came in an earlier staging episode."""
        return {"non_initial": True, "initial": False}.get(self.facts["sequence"])
