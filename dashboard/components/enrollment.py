"""Enrollment over time: a row a center, a column a year, the darker the more patients."""

from __future__ import annotations

from dashboard.components.html import Html, join, tag
from dashboard.glance import Glance
from dashboard.words import NOTHING, counted, number

YEARS_SHOWN = 12
"""The last years that have a column of their own; earlier ones share the first."""


def enrollment_table(glance: Glance) -> Html:
    """Patients enrolled by center and year."""
    undated = f"{counted(glance.undated, 'patient')} without a date of enrollment." if glance.undated else ""
    if glance.first_enrolled is None or glance.last_enrolled is None:
        return tag("p", undated or "No patient is enrolled.", class_="quiet")
    last = glance.last_enrolled.year
    first = max(glance.first_enrolled.year, last - YEARS_SHOWN + 1)
    years = range(first, last + 1)
    counts: dict[tuple[str, int], int] = {}
    for (center, year), count in glance.enrolled.items():
        place = (center, max(year, first))
        counts[place] = counts.get(place, 0) + count
    centers = [center.center_id for center in glance.centers]
    most = max(*counts.values(), 1)
    titles = [f"≤ {year}" if year == first > glance.first_enrolled.year else str(year) for year in years]
    head = join(
        (
            tag("th", "Center", scope="col"),
            *(tag("th", title, scope="col") for title in titles),
            tag("th", "All", scope="col", class_="sum"),
        )
    )
    rows = [_row(center, [counts.get((center, year), 0) for year in years], most) for center in centers]
    sums = [sum(counts.get((center, year), 0) for center in centers) for year in years]
    foot = join(
        (
            tag("th", "All", scope="row"),
            *(tag("td", number(total)) for total in sums),
            tag("td", number(sum(sums)), class_="sum"),
        )
    )
    parts = (tag("thead", tag("tr", head)), tag("tbody", join(rows)), tag("tfoot", tag("tr", foot)))
    table = tag("div", tag("table", join(parts), class_="heat"), class_="wide")
    return join((table, tag("p", undated, class_="quiet"))) if undated else table


def _row(center: str, counts: list[int], most: int) -> Html:
    cells = (
        tag("th", center, scope="row"),
        *(tag("td", tag("span", number(count) if count else NOTHING, style=_shade(count, most))) for count in counts),
        tag("td", number(sum(counts)), class_="sum"),
    )
    return tag("tr", join(cells))


def _shade(count: int, most: int) -> str:
    if not count:
        return "color: var(--om-quiet)"
    # At most half of the accent color: the number on it stays readable in both themes.
    strength = 6 + round(44 * count / most)
    return f"background: color-mix(in srgb, var(--om-accent) {strength}%, transparent)"
