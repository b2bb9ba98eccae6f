"""Rows of a table beside the episodes that they may belong to, and what holds for any, every, the first or the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt

from analytics.consensus.columns import MISSING, NEVER, Column, Dates, Days, TableArrays, View
from analytics.consensus.logic import NO, UNKNOWN, YES, Codes, Fact, Leaf, Rows, Seen, Term

_BEFORE_ALL = np.int32(-(2**30))
"""A day before every other."""


class Links(View):
    """Rows of a table, each beside an episode; a row that may belong to several episodes stands beside each of them.

    Args:
        table: whose rows.
        rows: for each link the row of the table.
        at: for each link the episode.
        episodes: how many episodes there are.
        condition: which links count, three-valued; None: all of them.
    """

    def __init__(self, table: TableArrays, rows: Rows, at: Rows, episodes: int, condition: Term | None = None) -> None:
        super().__init__(table, rows)
        self.rows: Rows = rows
        self.at, self.episodes, self.condition = at, episodes, condition
        self._sorted: list[Rows] = []

    @overload
    def lift(self, of_episodes: Days) -> Days: ...
    @overload
    def lift(self, of_episodes: Term) -> Term: ...
    def lift(self, of_episodes: Days | Term) -> Days | Term:
        """A day or a term of the episodes, for each link."""
        if isinstance(of_episodes, Term):
            return _LiftedTerm(of_episodes, self.at)
        return of_episodes.at(self.at)

    def only(self, term: Term) -> Links:
        """The links of which a term holds besides."""
        narrowed = Links(
            self.table, self.rows, self.at, self.episodes, term if self.condition is None else self.condition & term
        )
        narrowed._sorted, narrowed.answers = self._sorted, self.answers
        return narrowed

    def where(self, term: Term) -> Links:
        """The links of which a term surely holds, as if there were no others; what it read is not shown."""
        kept = np.flatnonzero(term.codes == YES)
        return Links(self.table, self.rows[kept], self.at[kept], self.episodes)

    def any(self, term: Term | None = None) -> Term:
        """Whether there is a row, or one of which a term holds, for each episode; no without a row."""
        return _AnyOf(self if term is None else self.only(term))

    def every(self, term: Term) -> Term:
        """Whether a term holds for all rows, for each episode; yes without a row."""
        return ~self.only(~term).any()

    def of(self, episode: int) -> Rows:
        """The links of an episode."""
        if not self._sorted:
            order = np.argsort(self.at, kind="stable")
            self._sorted.extend((order, self.at[order]))
        order, places = self._sorted
        first, end = np.searchsorted(places, (episode, episode + 1))
        found: Rows = order[first:end]
        return found

    @cached_property
    def codes(self) -> Codes:
        """Whether each link counts."""
        return np.full(len(self.at), YES, dtype=np.int8) if self.condition is None else self.condition.codes

    @cached_property
    def count(self) -> npt.NDArray[np.int64]:
        """How many rows surely count, for each episode."""
        return np.bincount(self.at[self.codes == YES], minlength=self.episodes)

    def at_least(self, number: int) -> Term:
        """Whether so many rows count, for each episode."""
        yes, perhaps = self.count, np.bincount(self.at[self.codes != NO], minlength=self.episodes)
        codes = np.where(yes >= number, np.int8(YES), np.where(perhaps >= number, np.int8(UNKNOWN), np.int8(NO)))
        return _Counted(self, codes)

    def first(self, days: Days) -> Days:
        """The earliest day of the rows that count; where others may count, or have no day, it can be earlier."""
        surely = np.where((self.codes == YES) & (days.days != MISSING), days.days, NEVER)
        possibly = np.where(self.codes == NO, NEVER, np.where(days.days == MISSING, _BEFORE_ALL, days.days))
        high, low = (np.full(self.episodes, NEVER, dtype=np.int32) for _ in range(2))
        np.minimum.at(high, self.at, surely)
        np.minimum.at(low, self.at, possibly)
        return self._picked(days, np.where(high == NEVER, MISSING, high), low, high)

    def last(self, days: Days) -> Days:
        """The latest day of the rows that count; where others may count, or have no day, it can be later."""
        surely = np.where((self.codes == YES) & (days.days != MISSING), days.days, _BEFORE_ALL)
        possibly = np.where(self.codes == NO, _BEFORE_ALL, np.where(days.days == MISSING, NEVER, days.days))
        high, low = (np.full(self.episodes, _BEFORE_ALL, dtype=np.int32) for _ in range(2))
        np.maximum.at(low, self.at, surely)
        np.maximum.at(high, self.at, possibly)
        none = high == _BEFORE_ALL
        return self._picked(
            days, np.where(low == _BEFORE_ALL, MISSING, low), np.where(none, NEVER, low), np.where(none, NEVER, high)
        )

    def _picked(self, days: Days, found: Dates, low: Dates, high: Dates) -> Days:
        return Days(found, tuple(_Picked(self, days, column, found) for column in days.columns[:1]), low, high)

    def earliest(self, days: Days) -> Links:
        """Of each episode the row with the earliest day, of those that surely count; of a day the lowest number."""
        return self._one(days, 1)

    def latest(self, days: Days) -> Links:
        """Of each episode the row with the latest day, of those that surely count; of a day the highest number."""
        return self._one(days, -1)

    def can_be_first(self, days: Days) -> Links:
        """Of each episode the row with the earliest day, with those that may be earlier."""
        return self._can_be(days, 1)

    def can_be_last(self, days: Days) -> Links:
        """Of each episode the row with the latest day, with those that may be later."""
        return self._can_be(days, -1)

    def same(self, column: str, other: Links) -> Term:
        """Whether some row here has the code, or the text, of the one row of others of the same table.

        Args:
            column: of codes or of text; unknown where it is missing in a row that could be the one.
            other: the rows that may be the one; where there are none it is no.
        """
        values = self.table.values(column)
        mine, possible, sure = values[self.rows], other.codes != NO, other.codes == YES
        theirs, of = values[other.rows[possible]], other.at[possible]
        spread = len(values) + 1
        listed = np.isin(self.at * spread + mine, of * spread + theirs)
        low, high = np.full(self.episodes, spread), np.full(self.episodes, -2)
        np.minimum.at(low, of, theirs)
        np.maximum.at(high, of, theirs)
        there, single = np.isin(np.arange(self.episodes), other.at[sure]), low == high
        unknown = (mine == -1) | (low[self.at] == -1) | (listed & ~(single & there)[self.at])
        codes = np.where(unknown, np.int8(UNKNOWN), np.where(listed, np.int8(YES), np.int8(NO)))
        codes[high[self.at] == -2] = NO
        return self.any(Leaf(codes, (self.cell(column), _OfEpisode(other, column, self.at))))

    def _one(self, days: Days, direction: int) -> Links:
        order, best = self._order(days, direction)
        picked = (self.codes == YES) & (days.days != MISSING) & (order == best[self.at])
        return self.only(Silent(np.where(picked, np.int8(YES), np.int8(NO))))

    def _can_be(self, days: Days, direction: int) -> Links:
        order, best = self._order(days, direction)
        picked = (days.days == MISSING) | (order <= best[self.at])
        return self.only(Silent(np.where(picked, np.int8(YES), np.int8(NO))))

    def _order(self, days: Days, direction: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The place of each link by day and number, and the first place of those that surely count, per episode."""
        order = (days.days.astype(np.int64) * 2**20 + self.number("record_no").astype(np.int64)) * direction
        none = np.iinfo(np.int64).max
        best = np.full(self.episodes, none, dtype=np.int64)
        np.minimum.at(best, self.at, np.where((self.codes == YES) & (days.days != MISSING), order, none))
        return order, best

    def any_within(self, days: Days, outer: Links, start: Days, end: Days) -> Term:
        """Whether some row of an episode lies between two days of a row of another table, for each of those rows.

        Args:
            days: of the rows here.
            outer: the links of the other table.
            start, end: of those, both included.
        """
        spread = np.int64(2**32)
        surely = (self.codes == YES) & (days.days != MISSING)
        places = np.sort(self.at[surely] * spread + days.days[surely])
        first = np.searchsorted(places, outer.at * spread + start.days)
        end_place = outer.at * spread + end.days
        there = np.append(places, np.iinfo(np.int64).max)[first] <= end_place
        undated = np.zeros(self.episodes, dtype=bool)
        undated[self.at[(self.codes != NO) & (days.days == MISSING)]] = True
        maybe = (self.codes != NO) & (days.days != MISSING)
        maybe_places = np.append(np.sort(self.at[maybe] * spread + days.days[maybe]), np.iinfo(np.int64).max)
        since = np.where(start.days == MISSING, _BEFORE_ALL, start.days)
        until = np.where(end.days == MISSING, NEVER, end.days)
        nearest = maybe_places[np.searchsorted(maybe_places, outer.at * spread + since)]
        maybe_there = nearest <= outer.at * spread + until
        known = (start.days != MISSING) & (end.days != MISSING)
        no = ~maybe_there & ~undated[outer.at]
        codes = np.where(known & there, np.int8(YES), np.where(no, np.int8(NO), np.int8(UNKNOWN)))
        return Leaf(codes, (*start.columns, *end.columns))


class _Counted(Term):
    """Whether enough links of an episode count."""

    def __init__(self, links: Links, codes: Codes) -> None:
        self.links, self._codes = links, codes

    def inner(self) -> Iterable[Term]:
        return (self.links.any(),)

    @property
    def codes(self) -> Codes:
        return self._codes

    def facts(self, row: int) -> Iterator[Fact]:
        raise LookupError("unnamed")

    def seen(self, row: int) -> Iterator[Seen]:
        wanted = UNKNOWN if self._codes[row] == UNKNOWN else YES
        yield Seen("rows", str(int(self.links.count[row])), False)
        for link in self.links.of(row):
            if self.links.codes[link] == wanted and self.links.condition is not None:
                yield from self.links.condition.seen(int(link))


class _OfEpisode:
    """A column of the one row of an episode, seen from other links."""

    def __init__(self, links: Links, column: str, at: Rows) -> None:
        self.links, self.column, self.at = links, links.cell(column), at
        self.name = self.column.name

    def _link(self, row: int) -> int | None:
        found = [int(link) for link in self.links.of(int(self.at[row])) if self.links.codes[link] == YES]
        return found[0] if found else None

    def text(self, row: int) -> str:
        link = self._link(row)
        return "" if link is None else self.column.text(link)

    def missing(self, row: int) -> bool:
        link = self._link(row)
        return link is None or self.column.missing(link)


class Silent(Term):
    """A condition that is not shown."""

    def __init__(self, codes: Codes) -> None:
        self._codes = codes

    @property
    def codes(self) -> Codes:
        return self._codes

    def facts(self, row: int) -> Iterator[Fact]:
        yield from ()

    def seen(self, row: int) -> Iterator[Seen]:
        yield from ()


class Belongs(Term):
    """Whether a row belongs to an episode; only where that is open it says what to fill."""

    def __init__(self, codes: Codes, columns: tuple[Column, ...]) -> None:
        self._codes, self.columns = codes, columns

    @property
    def codes(self) -> Codes:
        return self._codes

    def facts(self, row: int) -> Iterator[Fact]:
        raise LookupError("unnamed")

    def seen(self, row: int) -> Iterator[Seen]:
        if self._codes[row] == UNKNOWN:
            for column in self.columns:
                if column.missing(row):
                    yield Seen(column.name, column.text(row), True)


class _LiftedTerm(Term):
    """A term of episodes, seen from links."""

    def __init__(self, term: Term, at: Rows) -> None:
        self.term, self.at = term, at

    def inner(self) -> Iterable[Term]:
        return (self.term,)

    @cached_property
    def codes(self) -> Codes:
        return self.term.codes[self.at]

    def facts(self, row: int) -> Iterator[Fact]:
        return self.term.facts(int(self.at[row]))

    def seen(self, row: int) -> Iterator[Seen]:
        return self.term.seen(int(self.at[row]))


class _AnyOf(Term):
    """Whether any link of an episode counts."""

    def __init__(self, links: Links) -> None:
        self.links = links

    def inner(self) -> Iterable[Term]:
        return () if self.links.condition is None else (self.links.condition,)

    def reads(self) -> Iterator[str]:
        yield self.links.table.name
        yield from super().reads()

    @cached_property
    def codes(self) -> Codes:
        found = np.zeros(self.links.episodes, dtype=np.int8)
        np.maximum.at(found, self.links.at, self.links.codes)
        return found

    def facts(self, row: int) -> Iterator[Fact]:
        raise LookupError(f"unnamed: {self.links.table.name}")

    def seen(self, row: int) -> Iterator[Seen]:
        links, code = self.links.of(row), self.codes[row]
        if not len(links):
            yield Seen(self.links.table.name, "no row", False)
        deciding = links[self.links.codes[links] == code]
        if self.links.condition is not None:
            for link in deciding[:1] if code == YES else deciding:
                yield from self.links.condition.seen(int(link))


class _Picked:
    """The column that a picked day was read from."""

    def __init__(self, links: Links, days: Days, column: Column, found: Dates) -> None:
        self.links, self.days, self.column, self.found = links, days, column, found

    @property
    def name(self) -> str:
        return self.column.name

    def text(self, row: int) -> str:
        for link in self.links.of(row):
            if self.days.days[link] == self.found[row] != MISSING:
                return self.column.text(int(link))
        return ""

    def missing(self, row: int) -> bool:
        return bool(self.found[row] == MISSING)


class Precedes(Term):
    """Whether some row of a table was before some row of another, for each episode.

    Args:
        first, second: the rows, with the day of each; a row without a day may have been at any time.
        or_same: whether the same day counts.
    """

    def __init__(self, first: tuple[Links, Days], second: tuple[Links, Days], *, or_same: bool = False) -> None:
        self.first, self.second, self.or_same = first, second, or_same

    def inner(self) -> Iterable[Term]:
        return (term for links, days in (self.first, self.second) for term in (links.any(), days.shown))

    def _before(self, earlier: Dates, later: Dates) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = earlier <= later if self.or_same else earlier < later
        return found

    @cached_property
    def codes(self) -> Codes:
        (a, a_days), (b, b_days) = self.first, self.second
        surely = self._before(_least(a, a_days, YES, NEVER), _most(b, b_days, YES, _BEFORE_ALL))
        perhaps = self._before(_least(a, a_days, UNKNOWN, _BEFORE_ALL), _most(b, b_days, UNKNOWN, NEVER))
        none = (a.any().codes == NO) | (b.any().codes == NO)
        return np.where(surely, np.int8(YES), np.where(perhaps & ~none, np.int8(UNKNOWN), np.int8(NO)))

    def facts(self, row: int) -> Iterator[Fact]:
        raise LookupError("unnamed")

    def seen(self, row: int) -> Iterator[Seen]:
        for links, days in (self.first, self.second):
            member = links.any(days.dated)
            if self.codes[row] == UNKNOWN and member.codes[row] != UNKNOWN:
                member = links.any(~days.dated)  # shows the rows without a day
            yield from member.seen(row)


def _least(links: Links, days: Days, at_least: int, undated: np.int32) -> Dates:
    taken = np.where(links.codes >= at_least, np.where(days.days == MISSING, undated, days.days), NEVER)
    found = np.full(links.episodes, NEVER, dtype=np.int32)
    np.minimum.at(found, links.at, taken.astype(np.int32))
    return found


def _most(links: Links, days: Days, at_least: int, undated: np.int32) -> Dates:
    taken = np.where(links.codes >= at_least, np.where(days.days == MISSING, undated, days.days), _BEFORE_ALL)
    found = np.full(links.episodes, _BEFORE_ALL, dtype=np.int32)
    np.maximum.at(found, links.at, taken.astype(np.int32))
    return found
