"""The cohorts of one state of the registry: that of all centers, and that of each center for who is bound to one."""

from __future__ import annotations

import datetime as dt
import threading

from analytics.cohort import Cohort, cohort_at
from dashboard import store


class Shelf:
    """What was read of one state of the registry; a center's cohort holds rows of that center only."""

    def __init__(self, cut: dt.date) -> None:
        self._cut = cut
        self._cohorts: dict[str | None, Cohort] = {}
        self._reading = threading.Lock()

    def cohort(self, center: str | None) -> Cohort:
        """The patients of a center, or with None of all of them."""
        with self._reading:
            if center not in self._cohorts:
                self._cohorts[center] = cohort_at(store.all_frames(center), self._cut)
            return self._cohorts[center]
