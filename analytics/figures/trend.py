"""A rate over time: a run chart about its median, or an XmR chart with natural process limits; cases stand beneath."""

from __future__ import annotations

import datetime as dt

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analytics.audit.proportions import percent
from analytics.audit.trend import RULES, USEFUL_FROM, XMR_FROM, ProcessChart, RunChart, Signal
from analytics.figures.frame import MARGIN_MM, SMALL_PT, Mark, Page, apart, percent_axis, plain
from analytics.figures.style import THEMES, WIDTH_MM, Theme, ThemeName, text_width_mm
from analytics.wording import counted
from registry.errors import AnalysisRefused

SMALL = 10
"""Cases below which a period is drawn hollow: its rate says little."""

_MARKS = {"plain": ("o", 4.6, 0), "run": ("D", 4.6, 1), "outside": ("s", 5.4, 7)}
"""Kind of point -> marker, its size, and its place among the colors of the theme's groups."""
_EVERY = (1, 2, 4, 6, 12, 24, 48, 120)
"""Periods from one written label to the next: whole years of quarters and months where there are many."""
_PLOT_MM, _UNDER_MM, _LEFT_MM, _RIGHT_MM = 62.0, 13.0, 18.0, 31.0


def trend_figure(
    chart: RunChart | ProcessChart,
    *,
    title: str,
    data_cut: dt.date,
    note: str = "",
    theme: ThemeName = "light",
    width_mm: float = WIDTH_MM,
) -> Figure:
    """Draw a rate over time.

    Args:
        chart: what :func:`analytics.audit.trend.trend` gave.
        title: of the rule.
        data_cut: written into the caption.
        note: a further line of the head, of the center for example.
        theme: light or dark.
        width_mm: of the whole figure.

    Raises:
        AnalysisRefused: no period has cases.
    """
    if chart.center is None:
        raise AnalysisRefused("There is no period to draw", remedy="No case is in the score of this rule")
    colors = THEMES[theme]
    page = Page(
        width_mm,
        _PLOT_MM + _UNDER_MM,
        colors,
        title=title,
        lines=[*_summary(chart), note],
        caption=_caption(chart, data_cut),
        key=_key(chart, colors),
    )
    width = width_mm - _LEFT_MM - _RIGHT_MM
    axes = page.axes(_LEFT_MM, page.top, width, _PLOT_MM)
    plain(axes, colors)
    axes.set_xlim(-0.5, len(chart.periods) - 0.5)
    axes.set_xticks([])
    rates = [period.rate for period in chart.periods if period.rate is not None]
    limits = [limit for limit in _limits(chart) if limit is not None]
    percent_axis(axes, min(rates + limits), max(rates + limits))
    _draw_lines(page, axes, chart)
    _draw_points(axes, chart, colors)
    _write_periods(page, chart, width)
    return page.figure


def _limits(chart: RunChart | ProcessChart) -> tuple[float | None, float | None]:
    return (chart.low, chart.high) if isinstance(chart, ProcessChart) else (None, None)


def _draw_lines(page: Page, axes: Axes, chart: RunChart | ProcessChart) -> None:
    """The line in the middle and the limits, each named at its right end."""
    colors, (low, high) = page.colors, _limits(chart)
    center = chart.center or 0.0
    name = "median" if isinstance(chart, RunChart) else "mean"
    named = [(center, f"{name} {percent(center)}", True)]
    axes.axhline(center, color=colors.ink, linewidth=1.0, zorder=2)
    if low is not None and high is not None:
        axes.axhspan(low, high, color=colors.muted, alpha=0.10, linewidth=0, zorder=1)
        for limit in (low, high):
            axes.axhline(limit, color=colors.muted, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)
        named = [(low, f"lower limit {percent(low)}", False), *named, (high, f"upper limit {percent(high)}", False)]
    bottom, top = axes.get_ylim()
    wanted = [_PLOT_MM * (value - bottom) / (top - bottom) for value, _, _ in named]
    x, y = page.width - _RIGHT_MM, page.top + _PLOT_MM
    for at, (place, (_, text, bold)) in enumerate(zip(apart(wanted, 3.3), named, strict=True)):
        color = colors.ink if bold else colors.muted
        ends = (
            [(x + 0.3) / page.width, (x + 1.6) / page.width],
            [1 - (y - h) / page.height for h in (wanted[at], place)],
        )
        page.figure.add_artist(Line2D(*ends, color=color, linewidth=0.5))
        page.write(text, x + 2.2, y - place, size=SMALL_PT, color=color, weight="bold" if bold else "normal")


def _draw_points(axes: Axes, chart: RunChart | ProcessChart, colors: Theme) -> None:
    """The points, joined where periods with cases follow each other."""
    rates = [float("nan") if period.rate is None else period.rate for period in chart.periods]
    axes.plot(range(len(rates)), rates, color=colors.groups[0], linewidth=1.2, zorder=3)
    kinds = _kinds(chart)
    for at, period in enumerate(chart.periods):
        if period.rate is not None:
            style = _style(colors, kinds.get(at, "plain"), hollow=period.cases < SMALL)
            axes.plot(at, period.rate, linestyle="none", clip_on=False, zorder=4, **style)


def _kinds(chart: RunChart | ProcessChart) -> dict[int, str]:
    """The periods that a signal names, and of which kind; few crossings are of the whole chart and mark none."""
    runs = [signal for signal in chart.signals if signal.rule not in ("few_crossings", "outside")]
    kinds = {at: "run" for signal in runs for at in range(signal.first, signal.last + 1)}
    return kinds | {signal.first: "outside" for signal in chart.signals if signal.rule == "outside"}


def _style(colors: Theme, kind: str, *, hollow: bool) -> Mark:
    shape, size, group = _MARKS[kind]
    color = colors.groups[group]
    return {
        "marker": shape,
        "markersize": size,
        "markerfacecolor": colors.background if hollow else color,
        "markeredgecolor": color if hollow else colors.background,
        "markeredgewidth": 1.1 if hollow else 0.6,
    }


def _write_periods(page: Page, chart: RunChart | ProcessChart, width: float) -> None:
    """Under the axis the periods, as many as have room, and under each its cases."""
    names, counts = [period.label for period in chart.periods], [f"{period.cases:,}" for period in chart.periods]
    step = width / len(names)
    top = page.top + _PLOT_MM
    for row, texts, color in ((4.0, names, page.colors.ink), (8.4, counts, page.colors.muted)):
        needed = (max(text_width_mm(text, SMALL_PT) for text in texts) + 1.4) / step
        for at in range(0, len(texts), next((every for every in _EVERY if every >= needed), _EVERY[-1])):
            page.write(texts[at], _LEFT_MM + step * (at + 0.5), top + row, size=SMALL_PT, color=color, ha="center")
    page.write("Cases", MARGIN_MM, top + 8.4, size=SMALL_PT, color=page.colors.muted, weight="bold")


def _key(chart: RunChart | ProcessChart, colors: Theme) -> list[tuple[str, Mark]]:
    kinds = set(_kinds(chart).values())
    entries = [("rate of a period", _style(colors, "plain", hollow=False))]
    if any(0 < period.cases < SMALL for period in chart.periods):
        entries.append((f"fewer than {SMALL} cases", _style(colors, "plain", hollow=True)))
    for kind, words in (("run", "part of a run or trend"), ("outside", "outside the limits")):
        if kind in kinds:
            entries.append((words, _style(colors, kind, hollow=False)))
    return entries


def _summary(chart: RunChart | ProcessChart) -> list[str | None]:
    cases, met = sum(period.cases for period in chart.periods), sum(period.met for period in chart.periods)
    overall = f"{percent(met / cases)} of {counted(cases, 'case')} in {counted(len(chart.periods), 'period')}."
    if isinstance(chart, ProcessChart):
        return [f"XmR chart. {overall}"]
    runs = (
        f"Longest run {chart.longest_run} (by chance at most {chart.longest_run_limit}), "
        f"crossings of the median {chart.crossings} (by chance at least {chart.crossings_limit})."
    )
    return [f"Run chart. {overall}", runs if chart.useful > 1 else None]


def _caption(chart: RunChart | ProcessChart, data_cut: dt.date) -> str:
    found = [_words(chart, [signal for signal in chart.signals if signal.rule == rule]) for rule in RULES]
    shown = "; ".join(words for words in found if words)
    parts = [f"Signals: {shown}." if shown else "No signal by the rules."]
    if isinstance(chart, ProcessChart):
        parts.append("Limits: mean ± 2.66 mean moving ranges, within 0 and 100 %.")
    else:
        parts.append(f"Process limits are drawn from {XMR_FROM} periods with cases on.")
        if chart.useful < USEFUL_FROM:
            parts.append(f"Fewer than {USEFUL_FROM} points off the median: the rules find little.")
    gaps = sum(period.cases == 0 for period in chart.periods)
    if gaps:
        parts.append(f"A gap, not a zero: {counted(gaps, 'period')} without cases.")
    parts.append(f"Data cut {data_cut.isoformat()}.")
    return " ".join(parts)


def _words(chart: RunChart | ProcessChart, signals: list[Signal]) -> str:
    """What the signals of one rule are, and of which periods."""
    if not signals:
        return ""
    ends = [(chart.periods[signal.first].label, chart.periods[signal.last].label) for signal in signals]
    where = ", ".join(first if first == last else f"{first} to {last}" for first, last in ends)
    return f"{RULES[signals[0].rule]} ({where})"
