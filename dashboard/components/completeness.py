"""Completeness of each form: cells with a value, with a missing-data code, and blank ones, as bars."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.components.html import Html, join, tag
from dashboard.glance import FormCounts
from dashboard.words import FORMS, number, percent

_KEY = (("var(--om-accent)", "value"), ("var(--om-second)", "missing-data code"), ("var(--om-soft)", "blank"))


def completeness_bars(forms: Iterable[FormCounts]) -> Html:
    """A bar for each form, of the cells that have a meaning in their row."""
    rows = join(_row(form) for form in forms)
    key = join(tag("span", join((Html(f'<i style="background: {color}"></i>'), text))) for color, text in _KEY)
    head = join(
        (
            tag("th", "Form", scope="col"),
            tag("td", ""),
            tag("th", "Answered", scope="col", class_="num", title="cells with a value or a missing-data code"),
        )
    )
    body = join((tag("thead", tag("tr", head)), tag("tbody", rows)))
    return join((tag("div", tag("table", body, class_="bars"), class_="wide"), tag("div", key, class_="key")))


def _row(form: FormCounts) -> Html:
    parts = join(
        tag("div", "", class_=kind, style=f"width: {100 * count / form.cells:.2f}%")
        for kind, count in (("filled", form.filled), ("coded", form.coded))
    )
    words = f"{number(form.filled)} values, {number(form.coded)} missing-data codes, {number(form.blank)} blank"
    cells = (
        tag("th", FORMS[form.table], scope="row"),
        tag("td", tag("div", parts, class_="stack", title=words, role="img", aria_label=words), class_="bar"),
        tag("td", percent(form.answered), class_="num"),
    )
    return tag("tr", join(cells))
