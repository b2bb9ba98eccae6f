"""Figures of the audit: the waterfalls of a few rules, centers in funnels, rates over time; and how they are chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.adherence import Adherence
from analytics.audit.divisions import DIVISIONS, UNKNOWN
from analytics.audit.funnel import Center, Funnel
from analytics.audit.proportions import percent
from analytics.audit.trend import ProcessChart, RunChart, trend
from analytics.consensus.rule import Rule
from analytics.consensus.verdicts import Outcome
from analytics.figures.adherence import rule_figure
from analytics.figures.funnel import SMALL as FEW
from analytics.figures.funnel import funnel_figure
from analytics.figures.trend import trend_figure
from analytics.report.html import Column, Html, Row, join, missing, paragraph, table
from analytics.report.html import figure as framed
from analytics.report.material import Material
from analytics.report.small import SUPPRESSED
from analytics.report.svg import inline
from analytics.wording import counted

_WATERFALLS, _FUNNELS, _TRENDS = 3, 4, 3
_LEAST_CENTERS, _LEAST_CASES, _LEAST_PERIODS = 3, 30, 8
_PERIODS = ("half_year", "year")


def _title(rule: Rule) -> str:
    return f"{rule.id}. {rule.title}"


# Waterfalls.


def waterfalls(material: Material) -> Html:
    """The way of the cases of the rules that are most often not followed."""
    found, small = material.adherence, material.small
    telling = []
    for rule in _scored(found):
        figures = found.of(rule)
        # A waterfall shows every count, so none of them may be small.
        if figures.rate.cases >= _LEAST_CASES and not any(map(small.hides, figures.counts.values())):
            telling.append((-figures.counts[Outcome.NON_ADHERENT], rule.id, rule))
    chosen = [rule for _, _, rule in sorted(telling, key=lambda one: one[:2])[:_WATERFALLS]]
    if not chosen:
        return missing(f"No rule has at least {_LEAST_CASES} cases in its score and counts that may all be shown.")
    parts = [
        paragraph(
            f"From all episodes to the denominator, and from there to the score: {counted(len(chosen), 'rule')} with "
            f"the most cases that were not followed, of those with at least {_LEAST_CASES} cases in the score"
            + (f" and no count from 1 to {small.limit - 1}." if small.limit > 1 else ".")
        )
    ]
    for rule in chosen:
        rate = found.of(rule).rate
        alt = f"Waterfall of {_title(rule)}: {rate}. The counts stand in the table of its chapter."
        parts.append(framed(inline(rule_figure(found, rule), key=f"waterfall-{rule.id}", alt=alt), rule.statement))
    return join(parts)


def _scored(found: Adherence) -> list[Rule]:
    readings = found.judged.readings
    return [rule for rule in found.judged.rules if rule.is_scored(readings) and rule.unauditable is None]


# Funnels.


@dataclass(frozen=True, eq=False)
class _OfCenters:
    """A rule with its centers."""

    rule: Rule
    drawn: Funnel

    @property
    def outside(self) -> list[Center]:
        return [center for center in self.drawn.centers if center.place != "inside"]

    @property
    def differs(self) -> tuple[float, str]:
        """How clearly its centers differ, the clearest first."""
        p = self.drawn.overdispersion.p
        return (1.0 if p is None else p, self.rule.id)


def _of_centers(material: Material) -> list[_OfCenters]:
    """The rules with enough cases at enough centers, those whose centers differ most first."""
    found = []
    for rule in _scored(material.everywhere):
        drawn = material.everywhere.funnel(rule)
        enough = sum(center.cases >= FEW for center in drawn.centers) >= _LEAST_CENTERS
        if enough and drawn.cases >= _LEAST_CASES and drawn.rate not in (None, 0.0, 1.0):
            found.append(_OfCenters(rule, drawn))
    return sorted(found, key=lambda one: one.differs)


def funnels(material: Material) -> Html:
    """The centers in the funnels of the rules in which they differ most."""
    found = _of_centers(material)
    if not found:
        return missing(
            f"No rule has {_LEAST_CASES} cases and {_LEAST_CENTERS} centers with at least {FEW}: too few to compare."
        )
    own, shown = material.settings.center, found[:_FUNNELS]
    parts = [
        paragraph(
            f"{counted(len(found), 'rule')} have at least {_LEAST_CENTERS} centers with {FEW} cases or more. Drawn are "
            f"the {len(shown)} in which centers differ most; as they were chosen for that, some of the difference is "
            "chance. Limits are those of chance about the registry's average, which is no target."
        )
    ]
    for one in shown:
        figure = funnel_figure(
            _open(material, one.drawn), title=_title(one.rule), data_cut=material.cohort.data_cut, own=own
        )
        outside = [center.label for center in one.outside if own is None or center.label == own]
        alt = (
            f"Funnel plot of {_title(one.rule)}: average {percent(one.drawn.rate)} of {one.drawn.cases:,} cases in "
            f"{counted(len(one.drawn.centers), 'center')}; outside the limits: {', '.join(outside) or 'none named'}."
        )
        parts.append(framed(inline(figure, key=f"funnel-{one.rule.id}", alt=alt), one.rule.statement))
    return join(parts)


def _open(material: Material, drawn: Funnel) -> Funnel:
    """Without centers that are too small to be shown; in the report of one center the others have no names."""
    own = material.settings.center
    small = material.small
    centers = [center for center in drawn.centers if small.of(center.met, center.cases) != SUPPRESSED]
    if own is not None:
        centers = [center if center.label == own else replace(center, label="") for center in centers]
    return replace(drawn, centers=tuple(centers))


def center_signals(material: Material) -> Html:
    """Every center outside the limits of a rule, over all rules with enough cases."""
    found, own, small = _of_centers(material), material.settings.center, material.small
    if not found:
        return Html("")
    heads = [
        Column("Rule and center", number=False),
        Column("Score"),
        Column("Rate"),
        Column("Average"),
        Column("95 % limits"),
        Column("Place", number=False),
    ]
    rows, compared = [], 0
    for one in sorted(found, key=lambda one: one.rule.id):
        compared += len(one.drawn.centers)
        outside = [center for center in one.outside if own is None or center.label == own]
        if outside:
            rows.append(Row(_title(one.rule), ["", "", percent(one.drawn.rate), "", ""], kind="group"))
        rows += [Row(center.label, _signal(material, center), kind="under") for center in outside]
    note = (
        f"{len(found)} rules and {compared:,} comparisons with the average; by chance alone up to one in 20 "
        "lies beyond 95 %, and one in 500 beyond 99.8 %. A center outside is a question to its data first."
    )
    if not rows:
        return paragraph(f"No center lies outside the limits. {note}")
    if small.limit > 1:
        note += " Centers whose score is suppressed are not drawn."
    return table("Centers outside the limits", heads, rows, notes=[note])


def _signal(material: Material, center: Center) -> list[str]:
    small, cases, met = material.small, center.cases, center.met
    beyond = "99.8 %" if center.place == "alarm" else "95 %"
    return [
        small.of(met, cases),
        small.share(met, cases),
        "",
        f"{100 * center.low_95:.0f} to {100 * center.high_95:.0f} %",
        f"{center.direction} {beyond} limit",
    ]


# Time.


def trends(material: Material) -> Html:
    """The rates over time of the rules with signals, else of those with most cases."""
    found, small = material.adherence, material.small
    charts: list[tuple[int, int, str, Rule, RunChart | ProcessChart]] = []
    for rule in _scored(found):
        if found.of(rule).rate.cases < _LEAST_CASES:
            continue
        chart = _chart(found, rule, small.limit)
        if chart is not None:
            cases = sum(period.cases for period in chart.periods)
            charts.append((-len(chart.signals), -cases, rule.id, rule, chart))
    chosen = sorted(charts, key=lambda one: one[:3])[:_TRENDS]
    if not chosen:
        return missing(f"No rule has {_LEAST_PERIODS} periods with cases: too few for a chart over time.")
    signals = sum(bool(one[0]) for one in charts)
    parts = [
        paragraph(
            f"By the period in which metastases were detected. {counted(len(charts), 'rule')} have at least "
            f"{_LEAST_PERIODS} periods; {signals} of them have a signal by the rules of the charts. Drawn are the "
            f"{len(chosen)} with the most signals, then the most cases."
            + (f" Periods with fewer than {small.limit} cases are left out." if small.limit > 1 else "")
        )
    ]
    for *_, rule, chart in chosen:
        figure = trend_figure(chart, title=_title(rule), data_cut=material.cohort.data_cut)
        said = counted(len(chart.signals), "signal")
        alt = (
            f"{_title(rule)} over {counted(len(chart.periods), 'period')}, center line {percent(chart.center)}; {said}."
        )
        parts.append(framed(inline(figure, key=f"trend-{rule.id}", alt=alt), rule.statement))
    return join(parts)


def _chart(found: Adherence, rule: Rule, limit: int) -> RunChart | ProcessChart | None:
    """The chart by the shortest periods of which enough have cases."""
    for name in _PERIODS:
        groups = [group for group in found.groups(rule, DIVISIONS[name]) if group.label != UNKNOWN]
        rates = [found.of(rule, group).rate for group in groups]
        shown = [rate.cases >= max(limit, 1) for rate in rates]
        if sum(shown) >= _LEAST_PERIODS:
            cases = [rate.cases if open_ else 0 for rate, open_ in zip(rates, shown, strict=True)]
            met = [rate.met if open_ else 0 for rate, open_ in zip(rates, shown, strict=True)]
            return trend([str(group.label) for group in groups], cases, met)
    return None
