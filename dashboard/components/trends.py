"""Rates over time: every rule with its course in a small picture, one rule with its signals and its periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from analytics.audit.proportions import percent
from analytics.audit.trend import RULES as SIGNALS
from analytics.audit.trend import XMR_FROM, ProcessChart, RunChart
from analytics.audit.trend_words import trend_words
from analytics.consensus.rule import STRENGTH_WORDS, Rule
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import NOTHING, number

Chart = RunChart | ProcessChart

READING = (
    f"Below {XMR_FROM} periods with cases a run chart, about the median; from {XMR_FROM} on an XmR chart, about the "
    "mean, with natural process limits. A signal says that the course is more than chance from one period to the next; "
    "it says nothing on its cause. Without a signal a single high or low period is noise."
)
_QUIET = ("no signal", "too few periods")


def points(chart: Chart) -> int:
    """The periods with cases."""
    return sum(period.cases > 0 for period in chart.periods)


def courses_table(courses: Sequence[tuple[Rule, Chart]], address: Mapping[str, str]) -> Html:
    """A row a rule, those with a signal first."""
    columns = (
        Column("Rule", kind="rule"),
        Column("Class"),
        Column("Chart", f"with its periods with cases; XmR from {XMR_FROM} on"),
        Column("Course", "each mark a period; the line is the median, or the mean", "bar"),
        Column("Middle", "the median of a run chart, the mean of an XmR chart", "num"),
        Column("Latest", "the last period with cases", "num"),
        Column("Signal"),
    )
    told = sorted(courses, key=lambda pair: trend_words(pair[1]) in _QUIET)
    return table(columns, [_course(rule, chart, address) for rule, chart in told])


def _course(rule: Rule, chart: Chart, address: Mapping[str, str]) -> tuple[Content, ...]:
    name = join((tag("b", rule.id), f" {rule.title}"))
    link = tag("a", name, href=f"?{urlencode({**address, 'rule': rule.id})}", target="_self", title=rule.statement)
    strength = tag("abbr", rule.strength, title=STRENGTH_WORDS[rule.strength])
    kind = f"{'XmR' if isinstance(chart, ProcessChart) else 'run'}, {points(chart)}"
    last = next((one for one in reversed(chart.periods) if one.cases), None)
    latest = NOTHING if last is None else f"{percent(last.rate)} of {number(last.cases)}"
    words = trend_words(chart)
    said = tag("span", words, class_="quiet" if words in _QUIET else "signal")
    return link, strength, kind, small_course(chart), percent(chart.center), latest, said


def small_course(chart: Chart) -> Html:
    """The course as marks between 0 and 100 %, without axes."""
    if chart.center is None:
        return Html("")
    marked = {at for signal in chart.signals if signal.rule != "few_crossings"
              for at in range(signal.first, signal.last + 1)}  # fmt: skip
    width = max(len(chart.periods) - 1, 1)
    marks = [tag("i", "", class_="middle", style=f"bottom: {100 * chart.center:.1f}%")]
    for at, period in enumerate(chart.periods):
        if period.rate is not None:
            place = f"left: {100 * at / width:.1f}%; bottom: {100 * period.rate:.1f}%"
            marks.append(tag("i", "", class_="point told" if at in marked else "point", style=place))
    words = f"from {chart.periods[0].label} to {chart.periods[-1].label}: {trend_words(chart)}"
    return tag("div", join(marks), class_="small-course", role="img", aria_label=words, title=words)


def signals(chart: Chart) -> Html:
    """What the rules of the chart found, each with its periods."""
    if not chart.signals:
        return tag("p", "No signal by the rules of this chart.")
    items = []
    for signal in chart.signals:
        first, last = chart.periods[signal.first].label, chart.periods[signal.last].label
        items.append(tag("li", f"{first if first == last else f'{first} to {last}'}: {SIGNALS[signal.rule]}"))
    return tag("ul", join(items), class_="signals")


def period_table(chart: Chart, address: Mapping[str, str] | None) -> Html:
    """The periods of a chart, the latest first; a year leads to its cases, where there is an address."""
    columns = (Column("Period", kind="head"), Column("n of N", kind="num"), Column("Rate", kind="num"))
    rows: list[tuple[Content, ...]] = []
    for one in reversed(chart.periods):
        name: Content = one.label
        if address is not None and one.label.isdigit():
            asked = urlencode({**address, "from": one.label, "until": one.label})
            name = tag("a", one.label, href=f"cases?{asked}", target="_self")
        shown = f"{number(one.met)} of {number(one.cases)}" if one.cases else NOTHING
        rows.append((name, shown, percent(one.rate)))
    return table(columns, rows)
