"""A list of any length that stays small in memory: past some megabytes it lies on disk."""

from __future__ import annotations

import json
import tempfile
import weakref
from collections.abc import Iterator
from typing import Any

IN_MEMORY = 4_000_000


class Spool:
    """JSON objects that are appended one by one and read again from the first."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115
        self._count = 0
        weakref.finalize(self, self._file.close)

    def append(self, item: dict[str, Any]) -> None:
        """Adds an object at the end."""
        self._file.write(json.dumps(item, ensure_ascii=False) + "\n")
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)
        self._file.seek(0, 2)
