"""Records without what points to a person, for researchers: what an export with --deidentify holds.

For each patient, and the same in every export with the same key:

- the identifier becomes a pseudonym that nobody can compute without the key, wherever it stands;
- every date moves by the same secret number of days, 1 to 364 to the past, so that all intervals and orders stay;
- the date of birth becomes the age in completed years at enrollment, 90 and more as 90;
- columns declared as identifying are left out, and of other free text only what is a word of the field is kept
  (``WITHHELD`` stands for the rest): what a person typed can hold a name.

Centers keep a pseudonym, because an analysis needs them as a factor and their codes often spell the hospital; their
name and country are left out. Rows come in the order of their pseudonyms, and screening entries are numbered anew in
it: the order of entry would give back the dates. Missing-data codes stay as they are.

This is pseudonymized data: whoever has the key and the registry can tell who is who, and rare histories can be
recognized by those who know them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import itertools
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from registry import keys
from registry.exchange.tables import TableRows
from registry.fields import MISSING_CODES, Field
from registry.tables import TABLES

WITHHELD = "withheld"
_KEY = "deidentify"

AGE = Field(
    table="patient",
    name="age_at_enrollment_years",
    type="integer",
    sentence="Age in completed years at enrollment; 90 stands for 90 and more",
    unit="years",
    low=0,
    high=90,
    required=True,
)

LEFT_OUT = {("center", "name"), ("center", "country")}
"""What is left out beside the fields that are declared as identifying: with few centers a country is a center."""

_DRUG = (
    r"m?FOLFOX-?[0-9]?|m?FOLFIRI|m?FOLFOXIRI|FOLFIRINOX|CAPOX|CAPEOX|m?XELOX|CAPIRI|m?XELIRI|SOX|IRIS|S-?1|5-?FU|FU|LV"
    r"|leucovorin|fluorouracil|capecitabine|oxaliplatin|irinotecan|raltitrexed|tegafur|TAS-?102|trifluridine|tipiracil"
    r"|bev|bevacizumab|cet|cetuximab|pan|panitumumab|aflibercept|ramucirumab|regorafenib|fruquintinib|pembrolizumab"
    r"|nivolumab|ipilimumab|dostarlimab|encorafenib|binimetinib|trastuzumab|pertuzumab|tucatinib|lapatinib|deruxtecan"
)
_AMINO = r"(?:[A-Z][a-z]{2}|[A-Z])"

KEPT_WORDS = {
    ("systemic_therapy", "regimen"): re.compile(rf"(?:{_DRUG})(?:(?: ?[-+/,] ?| )(?:{_DRUG}))*", re.IGNORECASE),
    ("molecular_test", "variant"): re.compile(rf"(?:p\.)?\(?{_AMINO}\d{{1,4}}(?:{_AMINO}|\*|=|fs|del|dup)?\)?"),
    ("rule_exception", "rule_id"): re.compile(r"[A-Z]{2,4}\d{1,2}[A-Z]?[a-z]?"),
}
"""The free text that is kept, where all of it is of this form: a regimen, a protein variant, a rule."""

Change = Callable[[str, str], str]
"""What becomes of a cell, given its owner (for its dates)."""


def key_file() -> Path:
    """Where the key of this registry lies. Who loses it gets other pseudonyms from then on."""
    return keys.key_file(_KEY)


def deidentification_key() -> bytes:
    """The secret key of this registry, made on first use; raises EnvironmentRefused where it cannot be kept or read."""
    remedy = "Restore keys/deidentify.key from a backup: another key would give other pseudonyms"
    return keys.secret_key(_KEY, purpose="de-identification", when_damaged=remedy)


def deidentified(tables: Iterator[TableRows], key: bytes) -> Iterator[TableRows]:
    """The tables without what identifies, each read when its rows are; more rows than memory holds wait on disk.

    Args:
        key: of ``deidentification_key()``; the same key gives the same pseudonyms and dates.
    """
    secret = _Secret(key)
    for table in tables:
        kept = [at for at, field in enumerate(table.fields) if not _is_left_out(field)]
        fields = [table.fields[at] for at in kept]
        if table.name == "patient":
            fields.append(AGE)
        yield TableRows(table.name, fields, _sorted(table, kept, secret))


def _is_left_out(field: Field) -> bool:
    return field.identifying or (field.table, field.name) in LEFT_OUT


class _Secret:
    """What only the holder of the key can compute."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.patient = lru_cache(100_000)(lambda cell: self._name("P", cell))
        self.center = lru_cache(1_000)(lambda cell: self._name("C", cell))
        self.days = lru_cache(100_000)(lambda owner: 1 + int.from_bytes(self.digest("days", owner)[:8]) % 364)

    def digest(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{purpose}\0{text}".encode(), hashlib.sha256)

    def _name(self, mark: str, cell: str) -> str:
        if cell == "" or cell in MISSING_CODES:
            return cell
        return f"{mark}-{self.digest(mark, cell).hex()[:20]}"

    def shifted(self, cell: str, owner: str) -> str:
        if cell == "" or cell in MISSING_CODES:
            return cell
        return (dt.date.fromisoformat(cell) - dt.timedelta(self.days(owner))).isoformat()


def _change(field: Field, secret: _Secret) -> Change:
    """What becomes of the cells of a field."""
    if field.name == "patient_id":
        return lambda cell, owner: secret.patient(cell)
    if field.name == "center_id":
        return lambda cell, owner: secret.center(cell)
    if field.type == "date":
        return secret.shifted
    if field.type in ("text", "ref"):
        words = KEPT_WORDS.get((field.table, field.name))
        return lambda cell, owner: _kept(cell, words)
    return lambda cell, owner: cell


def _kept(cell: str, words: re.Pattern[str] | None) -> str:
    if cell == "" or cell in MISSING_CODES or (words and words.fullmatch(cell)):
        return cell
    return WITHHELD


def _sorted(table: TableRows, kept: list[int], secret: _Secret) -> Iterator[tuple[str, ...]]:
    """The rows in the order of their pseudonyms; SQLite sorts them, in a private file that vanishes with it."""
    with contextlib.closing(sqlite3.connect("")) as scratch:
        scratch.execute("CREATE TABLE cells (owner TEXT, place TEXT, cells TEXT)")
        scratch.executemany("INSERT INTO cells VALUES (?, ?, ?)", _changed(table, kept, secret))
        ordered = scratch.execute("SELECT cells FROM cells ORDER BY owner, place")
        rows = (tuple(json.loads(text)) for (text,) in ordered)
        yield from _numbered(rows) if table.name == "screening_log" else rows


def _changed(table: TableRows, kept: list[int], secret: _Secret) -> Iterator[tuple[str, str, str]]:
    """Each row with what it is sorted by: the pseudonym of its owner, and its place among the owner's rows."""
    changes = [(at, _change(table.fields[at], secret)) for at in kept]
    names = [field.name for field in table.fields]
    keys = [names.index(name) for name in TABLES[table.name].keys]
    for row in table.rows:
        entry = "\0".join(row[at] for at in keys)
        owner = row[keys[0]]
        if table.name == "screening_log":
            patient = row[names.index("patient_id")]
            owner = entry if patient == "" or patient in MISSING_CODES else patient
        cells = [change(row[at], owner) for at, change in changes]
        if table.name == "patient":
            cells.append(_age(row[names.index("birth_date")], row[names.index("enrolled_on")]))
        place = secret.digest("place", entry).hex() if table.name == "screening_log" else row[keys[-1]].rjust(64)
        yield cells[kept.index(keys[0])], place, json.dumps(cells)


def _numbered(rows: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    """Screening entries with new numbers within their center."""
    for _, entries in itertools.groupby(rows, key=lambda row: row[0]):
        for number, (center, _, *rest) in enumerate(entries, 1):
            yield (center, str(number), *rest)


def _age(born: str, enrolled: str) -> str:
    """The age in completed years; where one of the dates is missing, why it is."""
    for cell in (born, enrolled):
        if cell == "" or cell in MISSING_CODES:
            return cell
    first, last = dt.date.fromisoformat(born), dt.date.fromisoformat(enrolled)
    years = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
    return str(min(years, int(AGE.high or 0)))
