"""What is wrong with a mapping, and the line where it stands; and its sections, read key by key."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable
from typing import Any

from registry.exchange.mapping.places import Path
from registry.fields import MISSING_CODES
from registry.intake.rows import Problem

OPEN = "?"
"""What a draft writes where a person has to decide."""


class Report:
    """The problems of one mapping file."""

    def __init__(self, file: str, places: dict[Path, int]) -> None:
        self._file, self._places = file, places
        self.problems: list[Problem] = []

    def add(self, path: Path, value: object, problem: str, remedy: str) -> None:
        """Adds a problem at the line of a path, or of the nearest one that encloses it."""
        if value == OPEN:
            return  # said once, by find_open
        line = next((self._places[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self._places), None)
        self._append(line, path, None if value is None else str(value), problem, remedy)

    def find_open(self, value: object, path: Path = ()) -> None:
        """Reports every place that a draft left open."""
        if isinstance(value, dict):
            for key, member in value.items():
                self.find_open(member, (*path, key))
        elif isinstance(value, list):
            for at, member in enumerate(value):
                self.find_open(member, (*path, at))
        elif value == OPEN:
            self._append(self._places.get(path), path, OPEN, "not filled in yet", "write what it is in place of the ?")

    def _append(self, line: int | None, path: Path, value: str | None, problem: str, remedy: str) -> None:
        column = ".".join(str(part) for part in path) or None
        self.problems.append(Problem(self._file, line, column, value, problem, remedy))


class Section:
    """A table of the mapping (a section, or what stands in braces), whose values are asked for by key.

    What has the wrong type is reported and counts as absent.
    """

    def __init__(self, values: dict[str, Any], path: Path, reporter: Report) -> None:
        self.values, self.path, self.reporter = values, path, reporter

    def report(self, key: str | None, problem: str, remedy: str) -> None:
        """Reports what is wrong with the value of a key, or (None) with the section."""
        value = None if key is None else self.values.get(key)
        shown = value if isinstance(value, str | int | float | dt.date) else None
        self.reporter.add(self.path if key is None else (*self.path, key), shown, problem, remedy)

    def refuse(self, key: str, problem: str, allowed: Iterable[str], otherwise: str) -> None:
        """Reports a key that is none of the allowed ones, with the one that may have been meant."""
        self.reporter.add((*self.path, key), key, problem, did_you_mean(key, allowed) or otherwise)

    def only(self, allowed: Iterable[str]) -> None:
        """Reports every key that is not among the allowed ones."""
        names = list(allowed)
        for key in self.values:
            if key not in names:
                self.refuse(key, "there is no such key here", names, f"use {', '.join(names)}")

    def text(self, key: str) -> str | None:
        """A text that is not blank."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip():
            return value
        self.report(key, "not a text", "write it between quotation marks")
        return None

    def integer(self, key: str, low: int, high: int) -> int | None:
        """A whole number within a range."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.report(key, "not such a number", f"write a whole number from {low} to {high}, without quotation marks")
        return None

    def flag(self, key: str) -> bool | None:
        """true or false."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.report(key, "neither true nor false", "write true or false, without quotation marks")
        return None

    def cell(self, key: str) -> str | None:
        """A value of the registry as text: a text, a number or a date."""
        return None if key not in self.values else self._cell((*self.path, key), self.values[key])

    def cells(self, key: str) -> dict[str, str] | None:
        """A table from texts of the file to cells."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.report(key, "not a list of texts and their meaning", 'write { "text of the file" = "meaning", … }')
            return None
        read: dict[str, str] = {}
        for text, cell in value.items():
            found = self._cell((*self.path, key, text), cell)
            if text.strip() in read:
                self.reporter.add((*self.path, key, text), text, "stands here twice", "keep one of them")
            elif found is not None:
                read[text.strip()] = found
        return read

    def missing(self, key: str = "missing") -> dict[str, str]:
        """A table from texts of the file to missing-data codes or blank."""
        found = self.cells(key) or {}
        for text, cell in found.items():
            if cell and cell not in MISSING_CODES:
                remedy = f'write {", ".join(sorted(MISSING_CODES))} or "" for blank'
                self.reporter.add((*self.path, key, text), cell, "not a missing-data code", remedy)
        return found

    def members(self, key: str, remedy: str) -> list[Section]:
        """The tables of a key that holds one table or a list of them."""
        value = self.values.get(key)
        path = (*self.path, key)
        if isinstance(value, dict):
            return [Section(value, path, self.reporter)]
        if isinstance(value, list) and value and all(isinstance(member, dict) for member in value):
            return [Section(member, (*path, at), self.reporter) for at, member in enumerate(value)]
        self.report(key, "not written as a mapping", remedy)
        return []

    def _cell(self, path: Path, value: object) -> str | None:
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, int | float | dt.date) and not isinstance(value, bool | dt.datetime):
            return value.isoformat() if isinstance(value, dt.date) else repr(value)
        if isinstance(value, bool):
            self.reporter.add(path, str(value).lower(), "not a text", 'write "yes" or "no", with quotation marks')
        else:
            self.reporter.add(path, None, "not a text", "write one text, number or date, texts and keys in quotes")
        return None


def did_you_mean(text: str, names: Iterable[str]) -> str:
    """A remedy that names the nearest of several names, "" where none is near."""
    near = difflib.get_close_matches(text.lower(), list(names), n=1, cutoff=0.6)
    return f"write {near[0]}" if near else ""
