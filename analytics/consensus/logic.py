"""Three-valued logic that remembers what it looked at: facts, terms made of them, decisions, and why each came out so.

Values are pandas' nullable booleans, whose ``&``, ``|`` and ``~`` are Kleene's. What decided a term in a row is found
from the values alone: of an all-of that is false its first false member, of one that is true all members, of one that
is unknown its unknown members; any-of is the mirror image. Nothing is said about a decision in a second place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.consensus.columns import Column, Rows

Codes = npt.NDArray[np.int8]
NO, YES, UNKNOWN = 0, 1, 2
_WORDS = {NO: "no", YES: "yes", UNKNOWN: "unknown"}


class Term(ABC):
    """A three-valued statement about each episode."""

    @property
    @abstractmethod
    def values(self) -> pd.Series:
        """Nullable booleans, one for each episode."""

    @abstractmethod
    def facts(self) -> Iterator[Fact]:
        """The facts that it is made of; one that it uses twice comes twice."""

    @abstractmethod
    def decided_by(self, row: int) -> Iterator[Fact]:
        """The facts that made it what it is in a row; where it is unknown, those that leave it so."""

    @cached_property
    def codes(self) -> Codes:
        """NO, YES or UNKNOWN for each episode."""
        codes: Codes = self.values.astype("Int8").to_numpy(dtype=np.int8, na_value=UNKNOWN)
        return codes

    def __and__(self, other: Term) -> Term:
        return _Joined((*_members(self, YES), *_members(other, YES)), YES)

    def __or__(self, other: Term) -> Term:
        return _Joined((*_members(self, NO), *_members(other, NO)), NO)

    def __invert__(self) -> Term:
        return _Not(self)


@dataclass(frozen=True, eq=False)
class Fact(Term):
    """A clinical fact of each episode.

    Attributes:
        name: what it says, in clinical words.
        known: its values.
        reads: the columns that it is read from, shown with it.
        fill: column name -> where a value in that column is what is missing, for each episode; the columns of
            ``reads`` that are blank where it is not given.
    """

    name: str
    known: pd.Series
    reads: tuple[Column, ...]
    fill: tuple[tuple[str, npt.NDArray[np.bool_]], ...] | None = None

    @property
    def values(self) -> pd.Series:
        return self.known

    def facts(self) -> Iterator[Fact]:
        yield self

    def decided_by(self, row: int) -> Iterator[Fact]:
        yield self

    def texts(self, rows: Rows) -> list[str]:
        """The fact with its value and with what was read, or with the columns to fill, for some episodes."""
        shown = [(column.name, column.texts(rows)) for column in self.reads]
        to_fill = self.fill
        if to_fill is None:
            to_fill = tuple((column.name, column.missing()) for column in self.reads)
        missing = [(name, where[rows]) for name, where in to_fill]
        said = []
        for at, code in enumerate(self.codes[rows]):
            found = ", ".join(f"{name} {texts[at]}" for name, texts in shown if texts[at])
            text = f"{self.name}: {_WORDS[int(code)]}" + (f" ({found})" if found else "")
            if code == UNKNOWN:
                text += f", fill {', '.join(name for name, where in missing if where[at])}"
            said.append(text)
        return said


class _Joined(Term):
    """All of several terms (``neutral`` is YES) or any of them (NO)."""

    def __init__(self, members: tuple[Term, ...], neutral: int) -> None:
        self.members, self.neutral = members, neutral

    @cached_property
    def values(self) -> pd.Series:
        joined = self.members[0].values
        for member in self.members[1:]:
            joined = joined & member.values if self.neutral == YES else joined | member.values
        return joined

    def facts(self) -> Iterator[Fact]:
        for member in self.members:
            yield from member.facts()

    def decided_by(self, row: int) -> Iterator[Fact]:
        code = self.codes[row]
        decisive = [member for member in self.members if member.codes[row] == code]
        for member in decisive if code in (self.neutral, UNKNOWN) else decisive[:1]:
            yield from member.decided_by(row)


def _members(term: Term, neutral: int) -> tuple[Term, ...]:
    return term.members if isinstance(term, _Joined) and term.neutral == neutral else (term,)


class _Not(Term):
    def __init__(self, term: Term) -> None:
        self.term = term

    @cached_property
    def values(self) -> pd.Series:
        return ~self.term.values

    def facts(self) -> Iterator[Fact]:
        return self.term.facts()

    def decided_by(self, row: int) -> Iterator[Fact]:
        return self.term.decided_by(row)


class Decision(ABC):
    """What is decided for each episode, with what decided it.

    Attributes:
        name: what is decided.
        terms: what it looks at, in this order, until one is not false.
    """

    name: str
    terms: tuple[Term, ...]

    @property
    @abstractmethod
    def values(self) -> pd.Series:
        """What was decided, for each episode."""

    def because(self, rows: Rows) -> list[str]:
        """A sentence for each of some episodes: what was decided, and the facts that decided it."""
        said = np.empty(len(rows), dtype=object)
        values = self.values.array.take(rows).astype(object)
        decided = [_value_text(value) for value in values]
        texts: dict[int, list[str]] = {}
        facts = list({id(fact): fact for term in self.terms for fact in term.facts()}.values())
        # Which facts decide depends on their values alone: one episode of each pattern stands for the others.
        _, first, pattern = np.unique(
            np.stack([fact.codes[rows] for fact in facts]), axis=1, return_index=True, return_inverse=True
        )
        deciders = [list({id(fact): fact for fact in self._decided_by(int(rows[at]))}.values()) for at in first]
        for at, number in enumerate(np.ravel(pattern)):
            parts = []
            for fact in deciders[number]:
                if id(fact) not in texts:
                    texts[id(fact)] = fact.texts(rows)
                parts.append(texts[id(fact)][at])
            said[at] = f"{self.name} {decided[at]}: {'; '.join(parts)}"
        return list(said)

    def _decided_by(self, row: int) -> Iterator[Fact]:
        for term in self.terms:
            yield from term.decided_by(row)
            if term.codes[row] != NO:
                return


class Choice(Decision):
    """One of several names: that of the first term that holds.

    Args:
        name: what is decided.
        cases: name and term, in order; an unknown term leaves all that follow undecided.
        otherwise: where none holds; None where there is then no name.
        unknown: the name of an undecided one; None where it has none.
    """

    def __init__(
        self, name: str, cases: Sequence[tuple[str, Term]], otherwise: str | None = None, unknown: str | None = None
    ) -> None:
        self.name = name
        self.terms = tuple(term for _, term in cases)
        self.names = tuple(case for case, _ in cases)
        self.otherwise, self.unknown = otherwise, unknown

    @cached_property
    def values(self) -> pd.Series:
        labels = list(dict.fromkeys(name for name in (*self.names, self.otherwise, self.unknown) if name is not None))
        number = {None: -1} | {name: at for at, name in enumerate(labels)}
        found = np.full(len(self.terms[0].codes), number[self.otherwise], dtype=np.int8)
        for name, term in zip(reversed(self.names), reversed(self.terms), strict=True):
            found[term.codes == YES] = number[name]
            found[term.codes == UNKNOWN] = number[self.unknown]
        return pd.Series(pd.Categorical.from_codes(found, categories=labels))


class YesNo(Decision):
    """Whether a term holds."""

    def __init__(self, name: str, term: Term) -> None:
        self.name, self.terms = name, (term,)

    @property
    def values(self) -> pd.Series:
        return self.terms[0].values


class Number(Decision):
    """A number that there is where a term holds."""

    def __init__(self, name: str, numbers: pd.Series, term: Term) -> None:
        self.name, self.numbers, self.terms = name, numbers, (term,)

    @property
    def values(self) -> pd.Series:
        return self.numbers


def _value_text(value: Any) -> str:
    if value is None or value is pd.NA or value != value:
        return "null"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return str(value)
