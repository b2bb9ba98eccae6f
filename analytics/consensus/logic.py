"""Three-valued logic that remembers what it looked at: terms, named facts, decisions, and why each came out so.

A term has one of NO, UNKNOWN and YES in each row, numbered so that Kleene's "and" is the minimum and "or" the maximum.
What decided a term in a row is found from the values alone: of an all-of that is false its first false member, of one
that is true all members, of one that is unknown its unknown members; any-of is the mirror image. Nothing is said about
a decision in a second place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int8]
Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
NO, UNKNOWN, YES = 0, 1, 2
_WORDS = {NO: "no", YES: "yes", UNKNOWN: "unknown"}
_SHOWN = 4
"""Of a column that is read in many rows so many different values are shown."""


class Seen(NamedTuple):
    """What a term looked at in a row: a column, its text (empty where there is none), and whether to fill it."""

    column: str
    text: str
    fill: bool


class Term(ABC):
    """A three-valued statement about each row."""

    @property
    @abstractmethod
    def codes(self) -> Codes:
        """NO, UNKNOWN or YES for each row."""

    @abstractmethod
    def facts(self, row: int) -> Iterator[Fact]:
        """The named facts that made it what it is in a row; where it is unknown, those that leave it so."""

    @abstractmethod
    def seen(self, row: int) -> Iterator[Seen]:
        """What was read to make it what it is in a row."""

    def inner(self) -> Iterable[Term]:
        """The terms that it is made of."""
        return ()

    def reads(self) -> Iterator[str]:
        """The columns that it is made of, as table.column; one that it reads twice comes twice."""
        for term in self.inner():
            yield from term.reads()

    def named(self) -> Iterator[Fact]:
        """The named facts that it is made of; one that it uses twice comes twice."""
        for term in self.inner():
            yield from term.named()

    def formula(self) -> str:
        """What it says, in the names of its facts."""
        return " and ".join(term.formula() for term in self.inner())

    @property
    def values(self) -> pd.Series:
        """As nullable booleans."""
        return pd.Series(pd.arrays.BooleanArray(self.codes == YES, self.codes == UNKNOWN))

    @property
    def yes(self) -> Mask:
        """Where it holds."""
        holds: Mask = self.codes == YES
        return holds

    def __and__(self, other: Term) -> Term:
        return _Joined((*_members(self, YES), *_members(other, YES)), YES)

    def __or__(self, other: Term) -> Term:
        return _Joined((*_members(self, NO), *_members(other, NO)), NO)

    def __invert__(self) -> Term:
        return _Not(self)


def all_of(terms: Iterable[Term]) -> Term:
    """All of several terms."""
    return _Joined(tuple(member for term in terms for member in _members(term, YES)), YES)


def any_of(terms: Iterable[Term]) -> Term:
    """Any of several terms."""
    return _Joined(tuple(member for term in terms for member in _members(term, NO)), NO)


class Leaf(Term):
    """A statement read from columns.

    Args:
        codes: for each row.
        columns: what it was read from. Where it is unknown, those without a value are to be filled, else all of them.
    """

    def __init__(self, codes: Codes, columns: tuple[Any, ...]) -> None:
        self._codes, self.columns = codes, columns

    @property
    def codes(self) -> Codes:
        return self._codes

    def facts(self, row: int) -> Iterator[Fact]:
        raise LookupError(f"unnamed: {', '.join(column.name for column in self.columns)}")

    def reads(self) -> Iterator[str]:
        yield from (column.name for column in self.columns)

    def seen(self, row: int) -> Iterator[Seen]:
        to_fill: set[int] = set()
        if self.codes[row] == UNKNOWN:
            missing = {at for at, column in enumerate(self.columns) if column.missing(row)}
            to_fill = missing or set(range(len(self.columns)))
        for at, column in enumerate(self.columns):
            yield Seen(column.name, column.text(row), at in to_fill)


@dataclass(frozen=True, eq=False)
class Fact(Term):
    """A named clinical fact of each row.

    Attributes:
        name: what it says, in clinical words.
        term: what it is made of.
    """

    name: str
    term: Term
    _texts: dict[int, str] = field(default_factory=dict, repr=False)

    @property
    def codes(self) -> Codes:
        return self.term.codes

    def inner(self) -> Iterable[Term]:
        return (self.term,)

    def named(self) -> Iterator[Fact]:
        yield self

    def formula(self) -> str:
        return self.name

    def facts(self, row: int) -> Iterator[Fact]:
        yield self

    def seen(self, row: int) -> Iterator[Seen]:
        return self.term.seen(row)

    def text(self, row: int) -> str:
        """The fact with its value and with what was read, or with the columns to fill, in a row."""
        if row not in self._texts:
            self._texts[row] = self._text(row)
        return self._texts[row]

    def _text(self, row: int) -> str:
        shown: dict[str, dict[str, None]] = {}
        to_fill: dict[str, None] = {}
        blank: dict[str, None] = {}
        for column, text, fill in self.seen(row):
            if text:
                shown.setdefault(column, {})[text] = None
            else:
                blank[column] = None
            if fill:
                to_fill[column] = None
        code = int(self.codes[row])
        found = ", ".join(f"{column} {_listed(list(texts))}" for column, texts in shown.items())
        if not found and not to_fill:
            found = ", ".join(f"{column} blank" for column in blank)
        said = f"{self.name}: {_WORDS[code]}" + (f" ({found})" if found else "")
        return said + (f", fill {', '.join(to_fill)}" if code == UNKNOWN and to_fill else "")


def _listed(texts: list[str]) -> str:
    more = len(texts) - _SHOWN
    return " and ".join(texts) if more <= 0 else f"{' and '.join(texts[:_SHOWN])} and {more} more"


class _Joined(Term):
    """All of several terms (``neutral`` is YES) or any of them (NO)."""

    def __init__(self, members: tuple[Term, ...], neutral: int) -> None:
        self.members, self.neutral = members, neutral

    @cached_property
    def codes(self) -> Codes:
        join = np.minimum if self.neutral == YES else np.maximum
        joined: Codes = self.members[0].codes
        for member in self.members[1:]:
            joined = join(joined, member.codes)
        return joined

    def inner(self) -> Iterable[Term]:
        return self.members

    def formula(self) -> str:
        members = [
            f"({member.formula()})" if isinstance(member, _Joined) else member.formula() for member in self.members
        ]
        return (" and " if self.neutral == YES else " or ").join(members)

    def _deciders(self, row: int) -> Sequence[Term]:
        code = self.codes[row]
        decisive = [member for member in self.members if member.codes[row] == code]
        return decisive if code in (self.neutral, UNKNOWN) else decisive[:1]

    def facts(self, row: int) -> Iterator[Fact]:
        for member in self._deciders(row):
            yield from member.facts(row)

    def seen(self, row: int) -> Iterator[Seen]:
        for member in self._deciders(row):
            yield from member.seen(row)


def _members(term: Term, neutral: int) -> tuple[Term, ...]:
    return term.members if isinstance(term, _Joined) and term.neutral == neutral else (term,)


class _Not(Term):
    def __init__(self, term: Term) -> None:
        self.term = term

    def inner(self) -> Iterable[Term]:
        return (self.term,)

    def formula(self) -> str:
        negated = self.term.formula()
        return f"not ({negated})" if isinstance(self.term, _Joined) else f"not {negated}"

    @cached_property
    def codes(self) -> Codes:
        opposite: Codes = np.int8(YES) - self.term.codes
        return opposite

    def facts(self, row: int) -> Iterator[Fact]:
        return self.term.facts(row)

    def seen(self, row: int) -> Iterator[Seen]:
        return self.term.seen(row)


class Recoded(Term):
    """A term of which one value stands for another: what is recorded for sure, or what is left open at best.

    Args:
        term: the statement.
        given, becomes: one of NO, UNKNOWN, YES each.
    """

    def __init__(self, term: Term, given: int, becomes: int) -> None:
        self.term, self.given, self.becomes = term, given, becomes

    def inner(self) -> Iterable[Term]:
        return (self.term,)

    @cached_property
    def codes(self) -> Codes:
        return np.where(self.term.codes == self.given, np.int8(self.becomes), self.term.codes)

    def facts(self, row: int) -> Iterator[Fact]:
        return self.term.facts(row)

    def seen(self, row: int) -> Iterator[Seen]:
        for seen in self.term.seen(row):
            left_open = self.codes[row] == UNKNOWN and self.term.codes[row] != UNKNOWN
            yield Seen(seen.column, seen.text, seen.fill or left_open)


def surely(term: Term) -> Term:
    """Whether it is recorded that a term holds: unknown counts as no."""
    return Recoded(term, UNKNOWN, NO)


def perhaps(term: Term) -> Term:
    """Unknown where a term holds or is unknown: what it leaves open."""
    return Recoded(term, YES, UNKNOWN)


class Decision(ABC):
    """What is decided for each row, with what decided it.

    Attributes:
        name: what is decided.
        terms: what it looks at, in this order, until one is not false.
    """

    name: str
    terms: tuple[Term, ...]

    @property
    @abstractmethod
    def values(self) -> pd.Series:
        """What was decided, for each row."""

    def because(self, rows: Rows) -> list[str]:
        """A sentence for each of some rows: what was decided, and the facts that decided it."""
        decided = [_value_text(value) for value in self.values.array.take(rows).astype(object)]
        return [
            f"{self.name} {text}: {'; '.join(fact_texts(self.facts(int(row)), int(row)))}"
            for row, text in zip(rows, decided, strict=True)
        ]

    def facts(self, row: int) -> Iterator[Fact]:
        """The facts that decided it in a row."""
        for term in self.terms:
            yield from term.facts(row)
            if term.codes[row] != NO:
                return


def fact_texts(facts: Iterable[Fact], row: int) -> list[str]:
    """What facts say of a row, each once."""
    return [fact.text(row) for fact in {id(fact): fact for fact in facts}.values()]


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
    def labels(self) -> list[str]:
        """The names that it can have."""
        given = (*self.names, self.otherwise, self.unknown)
        return list(dict.fromkeys(name for name in given if name is not None))

    @cached_property
    def numbers(self) -> Codes:
        """The position of the name among :attr:`labels`, -1 without one, for each row."""
        number = {None: -1} | {name: at for at, name in enumerate(self.labels)}
        found = np.full(len(self.terms[0].codes), number[self.otherwise], dtype=np.int8)
        for name, term in zip(reversed(self.names), reversed(self.terms), strict=True):
            found[term.codes == YES] = number[name]
            found[term.codes == UNKNOWN] = number[self.unknown]
        return found

    @property
    def values(self) -> pd.Series:
        return pd.Series(pd.Categorical.from_codes(self.numbers, categories=self.labels))

    def label(self, row: int) -> str | None:
        """The name in a row."""
        number = int(self.numbers[row])
        return None if number < 0 else self.labels[number]

    def chosen(self, *names: str) -> Term:
        """Whether one of some names is the one: what is ruled out is no, whatever else is open."""
        return _Chosen(self, names)


class _Chosen(Term):
    """That a choice came out in a certain way: one word where it is decided, its open facts where it is not."""

    def __init__(self, choice: Choice, names: tuple[str, ...]) -> None:
        self.choice, self.names = choice, names
        self._facts: dict[str, Fact] = {}

    def inner(self) -> Iterable[Term]:
        return self.choice.terms

    def named(self) -> Iterator[Fact]:
        yield Fact(self.formula(), self)

    def formula(self) -> str:
        return f"{self.choice.name} {' or '.join(self.names)}"

    @cached_property
    def term(self) -> Term:
        """The same in terms of the cases, for what decided it."""
        cases = [
            all_of([*(~term for term in self.choice.terms[:at]), self.choice.terms[at]])
            for at, name in enumerate(self.choice.names)
            if name in self.names
        ]
        return any_of(cases)

    @cached_property
    def codes(self) -> Codes:
        # Yes where only these names are possible, even if which of them is open.
        length = len(self.choice.terms[0].codes)
        among, other, reached = np.zeros(length, dtype=bool), np.zeros(length, dtype=bool), np.ones(length, dtype=bool)
        for name, term in zip(self.choice.names, self.choice.terms, strict=True):
            possible = reached & (term.codes != NO)
            (among if name in self.names else other)[possible] = True
            reached &= term.codes != YES
        codes: Codes = np.where(among, np.where(other, np.int8(UNKNOWN), np.int8(YES)), np.int8(NO))
        return codes

    def facts(self, row: int) -> Iterator[Fact]:
        label = self.choice.label(row)
        if label is None or label == self.choice.unknown:
            yield from self.term.facts(row)
        else:
            yield self._facts.setdefault(label, Fact(f"{self.choice.name} {label}", _Silent(self)))

    def seen(self, row: int) -> Iterator[Seen]:
        return self.term.seen(row)


class _Silent(Term):
    """A term whose reading is not shown."""

    def __init__(self, term: Term) -> None:
        self.term = term

    @property
    def codes(self) -> Codes:
        return np.full(len(self.term.codes), YES, dtype=np.int8)

    def facts(self, row: int) -> Iterator[Fact]:
        return self.term.facts(row)

    def seen(self, row: int) -> Iterator[Seen]:
        yield from ()


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
