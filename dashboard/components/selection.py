"""Which episodes are looked at: the center and the years of the detection. It lives in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from analytics.adherence import Selection
from dashboard.components.choice import choice
from dashboard.glance import Glance


def center_choice(glance: Glance) -> str | None:
    """One of the centers that the viewer sees, or None for all."""
    centers = {center.center_id: f"{center.center_id} {center.name}".strip() for center in glance.centers}
    center = choice("Center", "center", {"all": "All centers"} | centers)
    return None if center == "all" else center


def selection_choice(glance: Glance, years: Sequence[int]) -> Selection:
    """The center and the first and the last year, in the columns in which it is called."""
    center = center_choice(glance)
    named = {str(year): str(year) for year in years}
    since = choice("Detected from", "from", {"all": "The beginning"} | named)
    until = choice("Detected until", "until", {"all": "The data cut"} | named)
    return Selection(
        center,
        None if since == "all" else dt.date(int(since), 1, 1),
        None if until == "all" else dt.date(int(until), 12, 31),
    )
