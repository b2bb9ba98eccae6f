"""What the MDT discussed, when, and with which goal, of each episode."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from analytics.consensus.columns import Days
from analytics.consensus.logic import NO, UNKNOWN, YES, Leaf, Recoded, Term, surely
from analytics.consensus.record import Record


class Meetings:
    """The MDT meetings of each episode.

    Without a meeting a recorded "never discussed" says that there was none; else it is unknown. Where there are
    meetings they are taken as all of them.

    Args:
        record: the cohort's.
        first_treatment: of each episode, for the goal of treatment.
    """

    def __init__(self, record: Record, first_treatment: Days) -> None:
        self.record, self.first_treatment = record, first_treatment
        self.rows = record.dated("mdt_meeting", "held_on")

    @cached_property
    def held_on(self) -> Days:
        """Day of each meeting."""
        return self.rows.day("held_on")

    @cached_property
    def _not_recorded(self) -> Term:
        """Unknown where no meeting is recorded, and not that there was none."""
        never = self.record.episode.flag("mdt_discussed", not_done=NO)
        recorded = self.rows.any().codes == YES
        codes = np.where(recorded | (never.codes == NO), np.int8(NO), np.int8(UNKNOWN))
        return Leaf(codes, (self.record.episode.cell("mdt_discussed"),))

    def any(self, term: Term) -> Term:
        """Whether there was a meeting of which a term holds."""
        return self.rows.any(term) | self._not_recorded

    def in_time(self, days: Days) -> Term:
        """Of each meeting: held on or before a day of its episode (P-MDT)."""
        until = self.rows.lift(days)
        same_day = self.record.readings.mdt_on_day_of_treatment == "in_time"
        return self.held_on <= until if same_day else self.held_on < until

    def before(self, days: Days, term: Term | None = None) -> Term:
        """Whether there was a meeting on or before a day, of which a term holds."""
        return self.any(self.in_time(days) if term is None else self.in_time(days) & term)

    def topic(self, *topics: str) -> Term:
        """Of each meeting: whether it was about one of some topics."""
        return self.rows.holds("topics", *topics)

    @cached_property
    def goal_recorded(self) -> Term:
        """Of each meeting: whether a goal is recorded."""
        return self.rows.recorded("goal")

    def goal(self, goal: str) -> Term:
        """Whether the goal of treatment is a certain one.

        That of the last meeting with a goal on or before the first treatment, else of the first with a goal. Not
        known where no meeting has one; none where every one is recorded as not set.
        """
        with_goal = self.rows.only(surely(self.goal_recorded))
        first_treatment = with_goal.lift(self.first_treatment)
        in_time = with_goal.lift(self.first_treatment.known) & (self.held_on <= first_treatment)
        last = with_goal.only(in_time).can_be_last(self.held_on)
        first = with_goal.can_be_first(self.held_on)
        none_in_time = with_goal.lift(~surely(last.any())).codes == YES
        picked = (last.codes != NO) | ((first.codes != NO) & none_in_time)
        chosen = self.rows.only(Leaf(np.where(picked, np.int8(YES), np.int8(NO)), ()))
        is_goal = self.rows.among("goal", (goal,))
        agreed = chosen.any(is_goal) & Recoded(chosen.every(is_goal), NO, UNKNOWN)
        recorded = self.rows.any(self.goal_recorded) | self._not_recorded
        return agreed | Recoded(recorded, YES, NO)
