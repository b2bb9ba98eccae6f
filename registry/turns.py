"""Two SQLite libraries in one process take turns: never both of them hold the same file.

Python brings one SQLite, the Arrow driver that reads whole tables another. On POSIX systems a process that closes a
file loses all its locks on it, also those of the other library, and the one that believes to be the last user of a
database removes its log: a registry that is written meanwhile is destroyed (sqlite.org/howtocorrupt.html, "Multiple
copies of SQLite linked into the same application"). So transactions of Python's SQLite run beside each other, the
Arrow driver runs alone; between its turns no connection of either stays open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_changed = threading.Condition()
_transactions = 0
_arrow_reads = False
_here = threading.local()


@contextmanager
def transaction() -> Iterator[None]:
    """Held while a connection of Python's SQLite is open; several threads may, and one thread several times."""
    global _transactions
    depth = getattr(_here, "depth", 0)
    with _changed:
        # Who is in already goes on: waiting here for a turn that waits for us would be for ever.
        _changed.wait_for(lambda: depth > 0 or not _arrow_reads)
        _transactions += 1
    _here.depth = depth + 1
    try:
        yield
    finally:
        _here.depth = depth
        with _changed:
            _transactions -= 1
            _changed.notify_all()


@contextmanager
def arrow() -> Iterator[None]:
    """Held while the Arrow driver has a database open; nobody else holds anything then.

    Raises RuntimeError within a transaction of the same thread, which would wait for itself.
    """
    global _arrow_reads
    if getattr(_here, "depth", 0):
        raise RuntimeError("frames are read outside of a transaction: end it before")
    with _changed:
        _changed.wait_for(lambda: not _arrow_reads and _transactions == 0)
        _arrow_reads = True
    try:
        yield
    finally:
        with _changed:
            _arrow_reads = False
            _changed.notify_all()
