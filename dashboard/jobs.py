"""Work that takes longer than a page may: on a thread of its own, with its progress, and with a way to end it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Generic, TypeVar
from weakref import WeakSet

from dashboard import logs
from registry.errors import OligometError

T = TypeVar("T")

AT_ONCE = 2
"""Jobs that run beside each other; the others wait. More would take the time of those who look at pages."""

Progress = Callable[[float, str], None]

_workers = ThreadPoolExecutor(AT_ONCE, "job")
_all: WeakSet[Job[object]] = WeakSet()


class Cancelled(OligometError):
    """Somebody ended the work: nothing came of it."""

    def __init__(self) -> None:
        super().__init__("This was cancelled: nothing was written")


class Job(Generic[T]):
    """One piece of work, begun at once.

    Args:
        work: is given what it tells its progress to; that raises Cancelled where somebody ended the job. Once it has
            told that all is done, nobody can.
    """

    def __init__(self, work: Callable[[Progress], T]) -> None:
        self.share, self.step = 0.0, "waiting for other work"
        self._cancelled = threading.Event()
        self._future: Future[T] = _workers.submit(self._run, work)
        _all.add(self)  # type: ignore[arg-type]

    def _run(self, work: Callable[[Progress], T]) -> T:
        try:
            return work(self._told)
        except OligometError:
            raise
        except Exception as error:
            logs.failed("a job failed", error)
            raise

    def _told(self, share: float, step: str) -> None:
        self.share, self.step = share, step
        if share < 1 and self._cancelled.is_set():
            raise Cancelled

    @property
    def done(self) -> bool:
        """Whether it has ended, in whatever way."""
        return self._future.done()

    def cancel(self) -> None:
        """Ends it as soon as it tells of its progress, unless it is done before."""
        self._cancelled.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end, at most so long; returns whether it has come."""
        wait_for([self._future], seconds)
        return self.done

    def result(self) -> T:
        """What came of it, when it has ended; raises what the work raised."""
        return self._future.result()

    @property
    def failed(self) -> bool:
        """Whether it ended without a result."""
        return self.done and self._future.exception() is not None

    def after(self, then: Callable[[], object]) -> None:
        """Does something when it has ended; at once where it has."""
        self._future.add_done_callback(lambda _: then())


def end_all() -> None:
    """Ends all that is under way: the server stops."""
    for job in list(_all):
        job.cancel()
