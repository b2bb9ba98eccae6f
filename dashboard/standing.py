"""Which state of the registry counts and outcomes show: this one, or of a large registry the last one that was read.

A large registry takes seconds to read. Nobody waits for that after somebody else has saved a value: what was read last
is shown, and says which revision it is of, while the present state is read beside. A record is always the present one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

LARGE = 10_000
"""From so many patients on the present state is read beside."""

EVERY_SECONDS = 60.0
"""How long after the last reading the next one begins, at the earliest."""

TIMES = 20
"""It begins no sooner than after so many times what the last one took: a twentieth of the time goes into reading."""

State = TypeVar("State")


class Standing(Generic[State]):
    """The last state that somebody was shown the counts of.

    Args:
        read: reads a state, and keeps it where the pages find it.
        every: seconds from the end of a reading to the next at least; 0 for none.
    """

    def __init__(self, read: Callable[[State], None], every: float = EVERY_SECONDS) -> None:
        self._read, self._every = read, every
        self._state: State | None = None
        self._patients, self._read_at, self._took = 0, 0.0, 0.0
        self._reading: threading.Thread | None = None
        self._lock = threading.Lock()

    def of(self, present: State) -> State:
        """The state to show where this one is the present one."""
        with self._lock:
            if self._state is None or self._state == present or self._patients < LARGE:
                return present
            rest = max(self._every, TIMES * self._took if self._every else 0.0)
            if self._reading is None and time.monotonic() - self._read_at >= rest:
                self._reading = threading.Thread(target=self._read_beside, args=(present,), daemon=True)
                self._reading.start()
            return self._state

    def shown(self, state: State, patients: int) -> None:
        """Notes that the counts of a state were shown, and of how many patients."""
        with self._lock:
            if self._state == state:
                self._patients = max(self._patients, patients)
            else:
                self._state, self._patients, self._read_at = state, patients, time.monotonic()

    def wait(self) -> None:
        """Waits until nothing is being read beside."""
        reading = self._reading
        if reading is not None:
            reading.join()

    def _read_beside(self, state: State) -> None:
        read, began = False, time.monotonic()
        try:
            self._read(state)
            read = True
        finally:
            with self._lock:
                self._reading, self._read_at = None, time.monotonic()
                self._took = self._read_at - began
                self._state = state if read else self._state
