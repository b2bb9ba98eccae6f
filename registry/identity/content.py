"""What is kept of a person, and the spellings under which it is found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from registry.errors import InputRefused

FIELDS = {"hospital_number": "Hospital number", "family_name": "Family name", "given_names": "Given names"}
"""The columns of an identity, and their titles."""

LONGEST = 120

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """Who a patient is; it has no representation as text, so that none gets into a log."""

    hospital_number: str = ""
    family_name: str = ""
    given_names: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is known."""
        return not any(self.cells.values())

    @property
    def cells(self) -> dict[str, str]:
        """Column -> text."""
        return asdict(self)

    @property
    def number(self) -> str:
        """The hospital number as it is searched for."""
        return number_of(self.hospital_number)

    @property
    def spellings(self) -> frozenset[str]:
        """Every word of the name in each of its spellings."""
        words = words_of(f"{self.family_name} {self.given_names}")
        return frozenset(spelling for word in words for spelling in spellings_of(word))


def read(cells: Mapping[str, str]) -> Identity:
    """An identity as it was typed; raises InputRefused, without the text, where a column cannot hold it."""
    return Identity(**{field.name: _clean(cells.get(field.name, ""), FIELDS[field.name]) for field in fields(Identity)})


def _clean(text: str, title: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if len(text) > LONGEST:
        raise InputRefused(f"{title}: longer than {LONGEST} characters", remedy="Shorten it")
    if not text.isprintable():
        raise InputRefused(f"{title}: holds invisible or control characters", remedy="Remove them")
    return text


def number_of(text: str) -> str:
    """A number without what is only its spelling: blanks, dashes, dots, capitals. Leading zeros are part of it."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def words_of(text: str) -> list[str]:
    """The words of a name, in small letters."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold())


def spellings_of(word: str) -> frozenset[str]:
    """A word without accents; one with umlauts also as ae, oe, ue: "müller" is found as "muller" and as "mueller"."""
    return frozenset({_plain(word), _plain(word.translate(_UMLAUTS))})


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).translate(_LETTERS)


def tells(words: str, identity: Identity) -> bool:
    """Whether words that others may read, such as a reason, hold a part of an identity."""
    number = identity.number
    if len(number) > 2 and number in number_of(words):
        return True
    said = {spelling for word in words_of(words) for spelling in spellings_of(word)}
    return any(len(spelling) > 2 for spelling in said & identity.spellings)
