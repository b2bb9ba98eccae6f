"""The treatments of an episode: which belong to it, which were under way when it was found, which came before."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from analytics.consensus.columns import Column, Listed, Mask
from analytics.consensus.episodes import Episodes
from analytics.consensus.pairs import Pairs, Positions, any_of, before

_LONG_AGO = pd.Timestamp("1900-01-01")


class Systemic:
    """The rows of systemic_therapy, beside the episodes of their patients.

    A row without an end is under way; one that ended on an unknown day (UNK, ND, NASK) may be.
    """

    def __init__(self, episodes: Episodes) -> None:
        self.episodes = episodes
        self.pairs = Pairs(episodes, "systemic_therapy")

    @cached_property
    def _started(self) -> pd.Series:
        return before(self.pairs["started_on"], self.pairs.detected_on)

    @cached_property
    def _under_way(self) -> pd.Series:
        """For each pair: begun on or before the detection and not ended before it."""
        not_ended = before(self.pairs.detected_on, self.pairs["ended_on"]) | self.pairs.never("ended_on")
        return self._started & not_ended

    @cached_property
    def under_way(self) -> pd.Series:
        """Whether any was under way on the day of the detection."""
        return self.pairs.any(self._under_way)

    @cached_property
    def _not_palliative(self) -> pd.Series:
        intent = self.pairs["intent"]
        return (intent != "palliative").astype("boolean").where(intent.notna())

    def not_palliative_started(self, days: pd.Series, *, or_same: bool = True) -> pd.Series:
        """Whether any that is not palliative had started on or before a day of each episode."""
        started = before(self.pairs["started_on"], self.pairs.of_episode(days), or_same=or_same)
        return self.pairs.any(started & self._not_palliative)

    @cached_property
    def earlier_of_no_other_episode(self) -> pd.Series:
        """Whether any that is not palliative had started by the detection, and names no other episode."""
        return self.pairs.any(self._started & self._not_palliative & (self._unnamed | self._named))

    @cached_property
    def _unnamed(self) -> pd.Series:
        return self.pairs["episode_no"].isna()

    @cached_property
    def _named(self) -> pd.Series:
        number = self.pairs.of_episode(self.episodes.rows["record_no"])
        return (self.pairs["episode_no"] == number).fillna(False).astype(bool)

    @cached_property
    def _belongs(self) -> pd.Series:
        """For each pair, whether the treatment belongs to the episode; unknown where dates that decide it are missing.

        The episode that the row names; else the last one found on or before its start, or on whose detection it was
        under way.
        """
        pairs, detected = self.pairs, self.pairs.detected_on
        begun_after = before(detected, pairs["started_on"])
        candidate = self._unnamed & (begun_after | self._under_way)
        open_rows = np.zeros(len(pairs.frame), dtype=bool)
        open_rows[pairs.row[candidate.isna().to_numpy(dtype=bool)]] = True
        ranked = pd.DataFrame(
            {"row": pairs.row, "found": detected, "number": pairs.of_episode(self.episodes.rows["record_no"])}
        )
        candidates = ranked[candidate.fillna(False).to_numpy(dtype=bool)]
        last = candidates.sort_values(["found", "number"]).drop_duplicates("row", keep="last").index
        assigned = self._named.to_numpy(dtype=bool)
        assigned[last] = True
        return pd.Series(pd.arrays.BooleanArray(assigned, open_rows[pairs.row]))

    @cached_property
    def in_episode(self) -> pd.Series:
        """Whether the episode has any."""
        return self.pairs.any(self._belongs)

    def first_start(self, *, possible: bool) -> pd.Series:
        """When the first of the episode started; NaT where there is none.

        Args:
            possible: take those that may belong to it too; an unknown day then counts as the earliest.
        """
        belongs = self._belongs.fillna(possible).to_numpy(dtype=bool)
        days = self.pairs["started_on"][belongs]
        if possible:
            days = days.fillna(_LONG_AGO)
        return days.groupby(self.pairs.at[belongs]).min().reindex(range(self.pairs.length))

    @cached_property
    def open_start(self) -> Mask:
        """Where one that belongs to the episode or may do so has no day, or does so by a date that is missing."""
        return self.pairs.where(self._belongs.isna() | (self._belongs.fillna(True) & self.pairs["started_on"].isna()))

    @cached_property
    def starts(self) -> Column:
        """When those began that started by the detection, for showing."""
        which = self._started.fillna(False).to_numpy(dtype=bool)
        values = self.pairs["started_on"][which]
        return Listed("systemic_therapy.started_on", self.pairs.at[which], values, self.pairs.length)

    @cached_property
    def ends_under_way(self) -> Column:
        """When those that were under way at the detection ended, for showing."""
        which = self._under_way.fillna(False).to_numpy(dtype=bool)
        values = self.pairs["ended_on"][which]
        return Listed("systemic_therapy.ended_on", self.pairs.at[which], values, self.pairs.length)

    @cached_property
    def starts_in_episode(self) -> Column:
        """When those of the episode began, for showing."""
        which = self._belongs.fillna(False).to_numpy(dtype=bool)
        values = self.pairs["started_on"][which]
        return Listed("systemic_therapy.started_on", self.pairs.at[which], values, self.pairs.length)

    def blank(self, column: str, unless: pd.Series | None = None) -> Mask:
        """Where the patient of an episode has a row in which a column has no value.

        Args:
            column: of systemic_therapy.
            unless: for each pair, whether the blank does not matter.
        """
        blank = self.pairs[column].isna()
        return self.pairs.where(blank if unless is None else blank & ~unless)

    @cached_property
    def blank_start(self) -> Mask:
        """Where a start is missing."""
        return self.blank("started_on")

    @cached_property
    def blank_intent(self) -> Mask:
        """Where the intent is missing of one that may have started by the detection."""
        may_have = self._started.fillna(True).astype(bool)
        return self.blank("intent", unless=~may_have)

    @cached_property
    def unknown_end(self) -> Mask:
        """Where one that may have been under way ended on an unknown day."""
        may_have = self._started.fillna(True).astype(bool)
        return self.blank("ended_on", unless=self.pairs.never("ended_on") | ~may_have)

    @cached_property
    def unknown_episode(self) -> Mask:
        """Where the dates do not say to which episode one belongs."""
        return self.pairs.where(self._belongs.isna() & self._unnamed)


class Radiotherapy:
    """Radiotherapy of the primary, which is neoadjuvant, beside the episodes of its patients."""

    def __init__(self, episodes: Episodes) -> None:
        self.pairs = Pairs(episodes, "local_treatment")
        self._of_primary = (self.pairs["target"] == "primary") & (self.pairs["modality"] == "radiotherapy")

    def started(self, days: pd.Series, *, or_same: bool = True) -> pd.Series:
        """Whether any had started on or before a day of each episode."""
        return self.pairs.any(
            before(self.pairs["started_on"], self.pairs.of_episode(days), or_same=or_same) & self._of_primary
        )

    @cached_property
    def blank_start(self) -> Mask:
        """Where its start is missing."""
        return self.pairs.where(self._of_primary & self.pairs["started_on"].isna())

    @cached_property
    def starts(self) -> Column:
        """When it began by the detection, for showing."""
        which = (self._of_primary & (self.pairs["started_on"] <= self.pairs.detected_on)).to_numpy(dtype=bool)
        values = self.pairs["started_on"][which]
        return Listed("local_treatment.started_on", self.pairs.at[which], values, self.pairs.length)


class LungOperations:
    """The lung operations of an episode."""

    def __init__(self, episodes: Episodes) -> None:
        self.rows = episodes.lung_operations
        self.at: Positions = self.rows["at"].to_numpy(dtype=np.intp)
        self.length = len(episodes.rows)
        intent = self.rows["intent"].reset_index(drop=True)
        self._radical = (intent == "radical").astype("boolean").where(intent.notna())
        self._started_on = self.rows["started_on"].reset_index(drop=True)

    def radical_after(self, known: pd.Series, possible: pd.Series) -> pd.Series:
        """Whether any with radical intent came after a day of each episode.

        Args:
            known: the day for certain; NaT: there is none.
            possible: the earliest day that it can be; NaT: there can be none.
        """
        known, possible = (pd.Series(days.array.take(self.at)) for days in (known, possible))
        yes = self._radical & (self._started_on > known)
        may_follow = (self._started_on > possible) | (self._started_on.isna() & possible.notna())
        may = self._radical.fillna(True) & may_follow
        return any_of(yes.fillna(False).mask(may & ~yes.fillna(False)), self.at, self.length)

    @cached_property
    def starts(self) -> Column:
        """When they were, for showing."""
        return Listed("local_treatment.started_on", self.at, self._started_on, self.length)

    @cached_property
    def blank_start(self) -> Mask:
        """Where a date is missing."""
        return self.starts.missing()

    @cached_property
    def blank_intent(self) -> Mask:
        """Where an intent is missing."""
        return Listed("local_treatment.intent", self.at, self.rows["intent"], self.length).missing()
