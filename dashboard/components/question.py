"""The choice of a survival analysis: endpoint, origin, factor, landmark, center."""

from __future__ import annotations

from analytics.endpoints import ENDPOINTS
from analytics.grouping import GROUPINGS
from analytics.origins import ORIGINS
from dashboard.components.choice import choice
from dashboard.components.html import show, tag
from dashboard.data import Question
from dashboard.glance import Glance
from dashboard.words import factor_title

_LANDMARKS = (1, 2, 3, 6, 9, 12, 18, 24, 36, 60)


def names() -> dict[str, str]:
    """The names of the interface -> what they are called on the page."""
    factors = {name: factor_title(name) for name in GROUPINGS}
    endpoints = {name: found.title for name, found in ENDPOINTS.items()}
    return factors | endpoints | {name: found.words for name, found in ORIGINS.items()}


def ask(glance: Glance) -> Question:
    """What is asked of the registry."""
    endpoint = choice("Endpoint", "endpoint", {name: found.title for name, found in ENDPOINTS.items()})
    _explain(f"Event: {ENDPOINTS[endpoint].words}.")
    origin = choice("Origin of time", "origin", {name: _sentence(found.words) for name, found in ORIGINS.items()})
    by = choice("Factor", "by", {"none": "None"} | {name: factor_title(name) for name in GROUPINGS})
    if by in GROUPINGS:
        _explain(f"{GROUPINGS[by].sentence}.")
    landmark = choice(
        "Landmark",
        "landmark",
        {"none": "None"} | {str(month): f"{month} months" for month in _LANDMARKS},
        help="Only those event-free so long after the origin, divided by what is known then, with time from there.",
    )
    centers = {center.center_id: f"{center.center_id} {center.name}".strip() for center in glance.centers}
    center = choice("Center", "center", {"all": "All centers"} | centers)
    return Question(
        endpoint=endpoint,
        origin=origin,
        by=None if by == "none" else by,
        landmark_months=None if landmark == "none" else float(landmark),
        center=None if center == "all" else center,
    )


def _explain(text: str) -> None:
    show(tag("p", text, class_="quiet"))


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
