"""The cohorts of one state of the registry: that of all centers, and that of each center for who is bound to one."""

from __future__ import annotations

import datetime as dt
import threading

from analytics.cohort import Cohort, cohort_at
from analytics.consensus.readings import Readings
from analytics.snapshots import read_snapshot
from dashboard import store
from registry.cut import rows_of
from registry.frames import Frames


class Shelf:
    """What was read of one state of the registry; a center's cohort holds rows of that center only.

    Args:
        cut: the data cut.
        readings: of the consensus.
        snapshot: whose data they are; None for the registry as it stands.
    """

    def __init__(self, cut: dt.date, readings: Readings, snapshot: str | None = None) -> None:
        self._cut, self._readings, self._snapshot = cut, readings, snapshot
        self._cohorts: dict[str | None, Cohort] = {}
        self._reading = threading.Lock()

    def cohort(self, center: str | None) -> Cohort:
        """The patients of a center, or with None of all of them."""
        with self._reading:
            if center not in self._cohorts:
                self._cohorts[center] = cohort_at(self._frames(center), self._cut, self._readings)
            return self._cohorts[center]

    def _frames(self, center: str | None) -> Frames:
        if self._snapshot is None:
            return store.all_frames(center)
        frames = read_snapshot(self._snapshot).frames
        return frames if center is None else of_center(frames, center)


def of_center(frames: Frames, center: str) -> Frames:
    """The rows of a center, as the database gives them where it is asked for one."""
    own = frames["patient"].loc[(frames["patient"]["center_id"] == center).fillna(False), "patient_id"]
    found = {}
    for name, frame in frames.items():
        rows = frame["center_id"] == center if "center_id" in frame else frame["patient_id"].isin(own)
        found[name] = rows_of(frame, rows.fillna(False).to_numpy(dtype=bool))
    return found
