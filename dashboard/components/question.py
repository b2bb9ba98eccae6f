"""The choice of an analysis of outcomes: endpoint, origin, factor, landmark, center."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.defined_groups import DEFINED
from analytics.endpoints import COMPETING, ENDPOINTS, Endpoint
from analytics.grouping import GROUPINGS, TREATMENT_GROUPINGS
from analytics.origins import ORIGINS
from dashboard.components.choice import choice
from dashboard.components.filtered import OFFERED, filtered, title
from dashboard.components.html import show, tag
from dashboard.data import Moment, Question
from dashboard.outcome import Asked, Described
from dashboard.words import factor_title

_LANDMARKS = (1, 2, 3, 6, 9, 12, 18, 24, 36, 60)
_ENTRIES = {"late": "At risk from enrollment", "origin": "At risk from the origin (biased)"}
_ENTRY_HELP = (
    "Who was enrolled after the origin has lived until then. Taken as at risk from the origin, survival comes out too "
    "good; Gray's test is defined only so."
)
_FACTORS = TREATMENT_GROUPINGS | GROUPINGS


def names() -> dict[str, str]:
    """The names of the interface -> what they are called on the page."""
    factors = {name: factor_title(name) for name in _FACTORS} | {name: title(name) for name in OFFERED}
    endpoints = {name: found.title for name, found in ENDPOINTS.items()}
    return factors | endpoints | {name: found.words for name, found in ORIGINS.items()}


def ask(at: Moment, endpoints: Mapping[str, Endpoint] = ENDPOINTS) -> Question:
    """What is asked of the registry, of one of some endpoints."""
    compete = all(found.death_competes for found in endpoints.values())
    titles = {name: _event(found) if compete else found.title for name, found in endpoints.items()}
    endpoint = choice("Endpoint", "endpoint", titles)
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
    where = filtered(at)
    entry = choice("Late enrollments", "entry", _ENTRIES, help=_ENTRY_HELP)
    return Question(endpoint, origin, None if by == "none" else by, landmark, where, entry == "late")


def ask_for_factors(at: Moment) -> Asked:
    """What is asked of all factors together: endpoints with which death does not compete."""
    titles = {name: found.title for name, found in ENDPOINTS.items() if name not in COMPETING}
    return Asked(choice("Endpoint", "endpoint", titles), _origin(), _landmark(), filtered(at))


def ask_who(at: Moment) -> Described:
    """Who is described, at which day, divided by what."""
    origin = _origin()
    groups = {name: title(name) for name in (*DEFINED, "period", "center", "sex")}
    groups |= {"period": "Years of the origin", "center": "Center"}
    groups |= {name: factor_title(name) for name in GROUPINGS if name not in (*groups, "center_id")}
    by = choice("Compare by", "by", {"none": "Nothing"} | groups)
    return Described(origin, None if by == "none" else by, filtered(at))


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


def _event(endpoint: Endpoint) -> str:
    """An endpoint by what is waited for: that its incidence is cumulative goes without saying."""
    return endpoint.name.replace("_", " ").capitalize()


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
