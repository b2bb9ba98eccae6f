"""The choice of an analysis of outcomes: endpoint, origin, factor, landmark, center."""

from __future__ import annotations

from analytics.endpoints import COMPETING, ENDPOINTS
from analytics.grouping import GROUPINGS, TREATMENT_GROUPINGS
from analytics.origins import ORIGINS
from dashboard.components.choice import choice
from dashboard.components.html import show, tag
from dashboard.components.selection import center_choice
from dashboard.data import Question
from dashboard.glance import Glance
from dashboard.outcome import Asked
from dashboard.words import factor_title

_LANDMARKS = (1, 2, 3, 6, 9, 12, 18, 24, 36, 60)
_FACTORS = TREATMENT_GROUPINGS | GROUPINGS


def names() -> dict[str, str]:
    """The names of the interface -> what they are called on the page."""
    factors = {name: factor_title(name) for name in _FACTORS}
    endpoints = {name: found.title for name, found in ENDPOINTS.items()}
    return factors | endpoints | {name: found.words for name, found in ORIGINS.items()}


def ask(glance: Glance) -> Question:
    """What is asked of the registry."""
    endpoint = choice("Endpoint", "endpoint", {name: found.title for name, found in ENDPOINTS.items()})
    _explain(f"Event: {ENDPOINTS[endpoint].words}.")
    of_treatments = ENDPOINTS[endpoint].of_treatments
    if of_treatments:
        _explain("Each radical local treatment of a metastasis counts by itself, from its own start.")
    origin = next(iter(ORIGINS)) if of_treatments else _origin()
    factors = _FACTORS if of_treatments else GROUPINGS
    by = choice("Factor", "by", {"none": "None"} | {name: factor_title(name) for name in factors})
    if by in factors:
        _explain(f"{factors[by].sentence}.")
    landmark = _landmark()
    return Question(endpoint, origin, None if by == "none" else by, landmark, center_choice(glance))


def ask_for_factors(glance: Glance) -> Asked:
    """What is asked of all factors together: endpoints with which death does not compete."""
    titles = {name: found.title for name, found in ENDPOINTS.items() if name not in COMPETING}
    return Asked(choice("Endpoint", "endpoint", titles), _origin(), _landmark(), center_choice(glance))


def _origin() -> str:
    return choice("Origin of time", "origin", {name: _sentence(found.words) for name, found in ORIGINS.items()})


def _landmark() -> float | None:
    months = choice(
        "Landmark",
        "landmark",
        {"none": "None"} | {str(month): f"{month} months" for month in _LANDMARKS},
        help="Only those event-free so long after the origin, divided by what is known then, with time from there.",
    )
    return None if months == "none" else float(months)


def _explain(text: str) -> None:
    show(tag("p", text, class_="quiet"))


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
