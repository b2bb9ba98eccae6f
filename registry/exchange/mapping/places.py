"""Where each key and element of a TOML document stands: tomllib gives values without their lines."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

Path = tuple[str | int, ...]
"""The keys (and positions in arrays) that lead to a value: ("disease_event", 0, "occurred_on", "from")."""

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")


def places(text: str) -> dict[Path, int]:
    """The line, from 1, of every key and array element of a valid TOML document."""
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    """Walks over a document that tomllib has accepted, so that it need not ask what is valid."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._found: dict[Path, int] = {}
        self._last_of: dict[Path, int] = {}
        """The position of the last element of each array of tables."""

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_GAP) < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _header(self) -> Path:
        array = self._text.startswith("[[", self._at)
        line = self._line()
        self._at += 2 if array else 1
        keys = self._key()
        self._at += 2 if array else 1
        path: Path = ()
        for at, key in enumerate(keys):
            path = (*path, key)
            self._found.setdefault(path, line)
            if array and at == len(keys) - 1:
                self._last_of[path] = self._last_of.get(path, -1) + 1
            if path in self._last_of:
                path = (*path, self._last_of[path])
                self._found.setdefault(path, line)
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._key():
            path = (*path, key)
            self._found.setdefault(path, line)
        self._at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        if self._text[self._at] == "[":
            self._at += 1
            number = 0
            while self._more("]"):
                self._found[(*path, number)] = self._line()
                self._value((*path, number))
                number += 1
        elif self._text[self._at] == "{":
            self._at += 1
            while self._more("}"):
                self._pair(path)
        elif not self._matched(_STRING):
            self._matched(_SCALAR)

    def _more(self, end: str) -> bool:
        """Steps to the next member of an array or inline table; False behind its end."""
        self._skip(_GAP)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_GAP)
        if self._text[self._at] != end:
            return True
        self._at += 1
        return False

    def _key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            part = self._matched(_STRING)
            keys.append(str(tomllib.loads(f"key = {part}")["key"]) if part else self._matched(_BARE_KEY))
            self._skip(_SPACE)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _line(self) -> int:
        return bisect_right(self._starts, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        self._matched(pattern)
        return self._at

    def _matched(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if not found:
            return ""
        self._at = found.end()
        return found[0]
