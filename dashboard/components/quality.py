"""Data quality in tables: how far each form is filled at each center, how soon, and what is asked."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.glance import FormCounts
from dashboard.quality import Quality
from dashboard.words import FORMS, NOTHING, number, percent
from registry.quality import OVERDUE_DAYS, Timeliness

_KEY = (("var(--om-accent)", "value"), ("var(--om-second)", "missing-data code"), ("var(--om-soft)", "blank"))


def completeness_matrix(quality: Quality) -> Html:
    """A form a row, a center a column: the share answered, and a bar of value, missing-data code and blank."""
    columns = [Column("Form", kind="head"), *(Column(center) for center in quality.centers)]
    rows = [
        [FORMS[form], *(_cell(quality.cells.get((form, center))) for center in quality.centers)]
        for form in quality.forms
    ]
    key = join(tag("span", join((Html(f'<i style="background: {color}"></i>'), text))) for color, text in _KEY)
    return join((tag("div", table(columns, rows), class_="matrix"), tag("div", key, class_="key")))


def _cell(form: FormCounts | None) -> Content:
    if form is None or not form.cells:
        return NOTHING
    parts = join(
        tag("div", "", class_=kind, style=f"width: {100 * count / form.cells:.2f}%")
        for kind, count in (("filled", form.filled), ("coded", form.coded))
    )
    shares = ((form.filled, "values"), (form.coded, "missing-data codes"), (form.blank, "blank"))
    words = ", ".join(f"{number(count)} {what}" for count, what in shares)
    bar = tag("div", parts, class_="stack", role="img", aria_label=words, title=words)
    return join((percent(form.answered), bar))


def timeliness_table(lines: Iterable[Timeliness]) -> Html:
    """How soon each center enters and follows its patients."""
    columns = (
        Column("Center", kind="head"),
        Column("Patients", kind="num"),
        Column("Days to entry", "median from enrollment to the first entry", "num"),
        Column("Alive", kind="num"),
        Column("Days since contact", "median of those alive", "num"),
        Column("Overdue", f"alive, and not heard of for more than {OVERDUE_DAYS} days", "num"),
    )
    rows = [
        (
            one.center_id,
            number(one.patients),
            _days(one.entry_delay_days),
            number(one.alive),
            _days(one.contact_age_days),
            tag("span", number(one.overdue), class_="warn") if one.overdue else "0",
        )
        for one in lines
    ]
    return table(columns, rows)


def _days(days: float | None) -> str:
    return NOTHING if days is None else number(round(days))


def query_table(quality: Quality) -> Html:
    """The data queries of each center that are not closed, by state."""
    counts = quality.open_queries()
    states = sorted({state for _, state in counts})
    columns = [Column("Center", kind="head"), *(Column(state.capitalize(), kind="num") for state in states)]
    rows = [
        [center or "unknown", *(number(counts[center, state]) for state in states)]
        for center in sorted({center for center, _ in counts})
    ]
    foot = ("All", *(number(sum(n for (_, of), n in counts.items() if of == state)) for state in states))
    return table(columns, rows, foot=foot, narrow=True)


def check_table(quality: Quality) -> Html:
    """What the edit checks question, by check."""
    found: dict[str, list[int]] = {}
    sentences = {}
    for one in quality.found.questioned:
        counts = found.setdefault(one.check_id, [0, 0])
        counts[0] += 1
        counts[1] += one.state != "closed"
        # A question is the words of a person and may name a patient; a check has a sentence of its own.
        sentences[one.check_id] = one.sentence if one.severity != "question" else "A question that somebody asked."
    columns = (Column("Check", kind="head"), Column("Expected", kind="free"), Column("Findings", kind="num"))
    order = sorted(found, key=lambda id: (-found[id][1], id))
    rows = [(id, sentences[id], number(found[id][0]), number(found[id][1])) for id in order]
    return table((*columns, Column("Open", kind="num")), rows)
