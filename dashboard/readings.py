"""What the page of the readings reads and writes: the readings that hold, and what another one would change."""

from __future__ import annotations

from analytics.consensus.readings import Readings
from analytics.readings_change import change_readings
from analytics.readings_effect import Effect, effect
from analytics.readings_file import readings_of
from dashboard import data, store
from dashboard.data import Moment
from dashboard.scope import scope
from dashboard.who import viewer
from registry.access import Permission
from registry.progress import Progress

SOURCE = "dashboard"


def current() -> Readings:
    """The readings that every page and command uses."""
    viewer().require(Permission.MANAGE_READINGS)
    return readings_of()


def what_changes(at: Moment, before: Readings, after: Readings, progress: Progress) -> Effect:
    """What other readings would change, of the episodes that the viewer sees."""
    return effect(data.cohort(at, scope(Permission.MANAGE_READINGS).center), before, after, progress)


def apply(seen: Readings, chosen: Readings, reason: str) -> int:
    """Makes other readings those of the registry; returns the number of the revision that says so."""
    return change_readings(store.engine(), seen, chosen, by=viewer(), reason=reason, source=SOURCE)
