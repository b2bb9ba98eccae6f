"""The figure of one rule: a funnel of centers, its course over time, or the waterfall of its cases."""

from __future__ import annotations

from matplotlib.figure import Figure

from analytics.adherence import Adherence, unit_of
from analytics.audit.divisions import Division
from analytics.consensus.rule import Rule
from analytics.figures.funnel import funnel_figure
from analytics.figures.style import ThemeName
from analytics.figures.trend import trend_figure
from analytics.figures.waterfall import waterfall_figure


def rule_figure(
    found: Adherence, rule: Rule, division: Division | None = None, *, theme: ThemeName = "light"
) -> Figure:
    """Draw a rule.

    Args:
        found: its figures.
        rule: which.
        division: centers give a funnel, a calendar period the course over time, None the waterfall.
        theme: light or dark.

    Raises:
        AnalysisRefused: there is nothing to draw.
        ValueError: a division for which there is no figure.
    """
    title, cut, note = f"{rule.id}. {rule.title}", found.judged.data_cut, found.selection.words
    if division is None:
        figures = found.of(rule)
        counts = {outcome.label: count for outcome, count in figures.counts.items()}
        unit = f"{unit_of(rule)}s"
        return waterfall_figure(counts, figures.rate, title=title, data_cut=cut, unit=unit, note=note, theme=theme)
    if division.kind == "center":
        return funnel_figure(found.funnel(rule), title=title, data_cut=cut, note=note, theme=theme)
    if division.kind == "period":
        return trend_figure(found.trend(rule, division), title=title, data_cut=cut, note=note, theme=theme)
    raise ValueError(f"no figure of {division.name}")
