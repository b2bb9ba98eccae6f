"""Surveillance after no evidence of disease: the windows of chest CT, met or not, and what ends them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analytics.consensus.columns import MISSING, NEVER, Days, earliest
from analytics.consensus.links import Links
from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Fact, Leaf, Seen, Term, surely
from analytics.consensus.studies import CHEST, CHEST_CT, Studies
from analytics.consensus.therapy import Therapy


@dataclass(frozen=True, eq=False)
class Window:
    """A time in which a chest CT is due, of every episode with NED.

    Attributes:
        month: after NED.
        opens, closes: its first and last day.
        ended: it closes after the recurrence or the death.
        lost: it closes after the last contact.
        pending: it closes after the data cut.
        met: a chest CT was done in it, which serves no earlier window.
    """

    month: int
    opens: Days
    closes: Days
    ended: Term
    lost: Term
    pending: Term
    met: Term


class Surveillance:
    """The surveillance of each episode, from ``episode.ned_on`` on.

    The surveillance ends with a recurrence, the death, the last contact or the data cut.
    """

    def __init__(self, therapy: Therapy, studies: Studies) -> None:
        self.therapy, self.studies = therapy, studies
        self.record, self.readings = therapy.record, therapy.readings

    @cached_property
    def ned_on(self) -> Days:
        """Day of no evidence of disease."""
        return self.record.episode.day("ned_on")

    @cached_property
    def reached(self) -> Fact:
        """NED was reached; where its day is blank, no without a radical local treatment of the lung, else unknown."""
        treated = self.therapy.complete.any(self.therapy.target("lung"))
        codes = np.where(self.ned_on.known.yes, np.int8(YES), np.minimum(treated.codes, np.int8(UNKNOWN)))
        return Fact("no evidence of disease", _Ned(codes, self.ned_on, treated))

    @cached_property
    def recurred_on(self) -> Days:
        """First recurrence on or after NED."""
        rows = self.record.pairs("disease_event")
        on = rows.day("occurred_on")
        return rows.only(rows.among("kind", ("recurrence",)) & (on >= rows.lift(self.ned_on))).first(on)

    @cached_property
    def died_on(self) -> Days:
        """Death; of a dead patient whose day of death is not known it may have been any day."""
        died = _any_day_where_missing(self.record.patient.day("death_on"))
        dead = self.record.patient.among("vital_status", ("dead",)).codes == YES
        assert died.low is not None
        return Days(died.days, died.columns, np.where(dead | (died.days != MISSING), died.low, NEVER), died.high)

    @cached_property
    def last_contact_on(self) -> Days:
        """Last contact; where it is not known it may have been any day."""
        return _any_day_where_missing(self.record.patient.day("last_contact_on"))

    @cached_property
    def stopped_on(self) -> Days:
        """The first of recurrence, death, last contact and data cut."""
        return earliest((self.recurred_on, self.died_on, self.last_contact_on, self.record.cut))

    @cached_property
    def chest_ct(self) -> Links:
        """Chest CTs after NED."""
        rows = self._studies
        return rows.only(rows.among("modality", CHEST_CT) & (rows.day("performed_on") > rows.lift(self.ned_on)))

    @cached_property
    def _studies(self) -> Links:
        """Studies of the episode, with those up to its recurrence that name no other one.

        The CT that found the recurrence was done in the surveillance, though by its date it belongs to the next one.
        """
        pairs = self.record.pairs("study")
        unnamed = Leaf(np.where(np.isnan(pairs.number("episode_no")), np.int8(YES), np.int8(NO)), ())
        until = pairs.lift(self.recurred_on.known) & (pairs.day("performed_on") <= pairs.lift(self.recurred_on))
        after = pairs.day("performed_on") > pairs.lift(self.ned_on)
        return self.record.dated("study", "performed_on", unnamed & until & after)

    @cached_property
    def any_ct(self) -> Term:
        """Whether there was a chest CT after NED."""
        return self.chest_ct.any() | self.studies.surveillance_log

    @cached_property
    def chest_studies(self) -> Links:
        """Chest studies of the surveillance, after NED and before a recurrence."""
        rows = self._studies
        on, recurred = rows.day("performed_on"), rows.lift(self.recurred_on)
        before = rows.lift(~self.recurred_on.known) | (on < recurred)
        after = on > rows.lift(self.ned_on)
        return rows.only(rows.among("purpose", ("surveillance",)) & rows.among("modality", CHEST) & after & before)

    def schedule(self) -> Iterator[tuple[int, int]]:
        """Month and tolerance of each window, in order."""
        for month in self.readings.surveillance_half_yearly_months:
            yield month, self.readings.surveillance_half_yearly_tolerance
        for month in self.readings.surveillance_yearly_months:
            yield month, self.readings.surveillance_yearly_tolerance

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """Every window; a CT serves the earliest that is free, its limits included."""
        return self._open_for(tuple(self.schedule()))

    def windows_within(self, tolerance: int) -> tuple[Window, ...]:
        """Every window, open so many months on either side of its month."""
        return self._open_for(tuple((month, tolerance) for month, _ in self.schedule()))

    def _open_for(self, schedule: Sequence[tuple[int, int]]) -> tuple[Window, ...]:
        rows = self.chest_ct
        on = rows.day("performed_on")
        used = np.full(self.record.length, MISSING, dtype=np.int32)
        found = []
        for month, tolerance in schedule:
            opens, closes = self.ned_on.plus_months(month - tolerance), self.ned_on.plus_months(month + tolerance)
            served = Days(used, ())
            free = rows.only((on >= rows.lift(opens)) & (on <= rows.lift(closes)) & ~surely(on <= rows.lift(served)))
            used = np.maximum(used, free.first(on).days)
            found.append(self._window(month, opens, closes, free))
        return tuple(found)

    def _window(self, month: int, opens: Days, closes: Days, free: Links) -> Window:
        ended = (self.recurred_on.known & (closes > self.recurred_on)) | (self.died_on.known & (closes > self.died_on))
        return Window(
            month,
            opens,
            closes,
            Fact("closes after the recurrence or the death", ended),
            Fact("closes after the last contact", closes > self.last_contact_on),
            Fact("closes after the data cut", surely(closes > self.record.cut)),
            Fact(f"chest CT {month} months after NED", free.any() | self.studies.surveillance_log),
        )


def _any_day_where_missing(days: Days) -> Days:
    missing = days.days == MISSING
    low = np.where(missing, np.int32(0), days.days)
    return Days(days.days, days.columns, low, np.where(missing, NEVER, days.days))


class _Ned(Leaf):
    """Whether NED was reached: its day, or where that is blank what was done to the lung."""

    def __init__(self, codes: Codes, ned_on: Days, treated: Term) -> None:
        super().__init__(codes, ned_on.columns)
        self.treated = treated

    def seen(self, row: int) -> Iterator[Seen]:
        yield from super().seen(row)
        if self.codes[row] != YES:
            yield from (seen._replace(fill=False) for seen in self.treated.seen(row))
