"""Numbers at a glance, each with its word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.components.html import Html, join, tag


@dataclass(frozen=True, slots=True)
class Card:
    """A number.

    Args:
        note: what it is a part of, or what it means.
        help: shown when somebody points at it.
    """

    label: str
    value: str
    note: str = ""
    help: str = ""


def cards(items: Iterable[Card]) -> Html:
    """Numbers side by side, as many in a row as there is room for."""
    return tag("div", join(_card(item) for item in items), class_="cards")


def _card(item: Card) -> Html:
    parts = [tag("div", item.label, class_="label"), tag("div", item.value, class_="value")]
    if item.note:
        parts.append(tag("div", item.note, class_="note"))
    return tag("div", join(parts), class_="card", title=item.help)
