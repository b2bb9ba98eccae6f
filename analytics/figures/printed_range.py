"""Survival after lung resection beside the ranges that the consensus prints: a curve, and two bands without a test."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from analytics.consensus.benchmarks import Benchmark
from analytics.curve import Curve, Rate
from analytics.figures.curves import draw_curve
from analytics.figures.frame import MARGIN_MM, SMALL_PT, TEXT_PT, Page, plain
from analytics.figures.style import LINES, THEMES, WIDTH_MM, Theme, ThemeName
from analytics.outcomes import SurvivalResult
from analytics.survival import DAYS_PER_MONTH
from analytics.wording import counted, months_text
from registry.errors import AnalysisRefused

_PLOT_MM, _AXIS_MM, _LEFT_MM, _ROW_MM = 78.0, 13.0, 24.0, 4.1
_STEP = 12
_HALF_WIDTH = 2.2
"""Half of the width of a band in months; it means nothing."""


def printed_range_figure(
    result: SurvivalResult,
    printed: Sequence[tuple[int, Benchmark]],
    *,
    theme: ThemeName = "light",
    width_mm: float = WIDTH_MM,
) -> Figure:
    """Draw a survival curve with printed ranges at their years.

    Args:
        result: overall survival, one group.
        printed: months from the origin, and what is printed of them.
        theme: light or dark.
        width_mm: of the whole figure.

    Raises:
        AnalysisRefused: there is nobody to draw.
    """
    if not result.curves:
        raise AnalysisRefused("There is nobody to draw", remedy="See `excluded` for why all were left out")
    curve, colors, chosen = result.curves[0], THEMES[theme], result.chosen
    end = max(month for month, _ in printed) + _STEP
    page = Page(
        width_mm,
        _PLOT_MM + _AXIS_MM + _ROW_MM,
        colors,
        title=f"{chosen.endpoint.title} beside the printed ranges",
        lines=[
            f"Event: {chosen.endpoint.words}. Time from {result.start_words}.",
            f"Registry: n = {curve.n:,}, {counted(curve.event_count, 'event')}, median {months_text(curve.median)}.",
            "Bars: the ranges that the consensus prints of other patients. They are no target, and nothing is tested.",
        ],
        key=[
            ("registry, with 95 % limits", {"marker": "o", "markersize": 5, "color": colors.groups[0]}),
            ("printed range", {"marker": "s", "markersize": 6, "color": colors.groups[1], "alpha": 0.45}),
        ],
        caption=f"Kaplan-Meier, limits log-log. {sum(chosen.excluded.values()):,} of {result.considered:,} left out. "
        f"Under the axis: patients at risk. Data cut {result.data_cut.isoformat()}.",
    )
    axes = page.axes(_LEFT_MM, page.top, width_mm - _LEFT_MM - MARGIN_MM - 4, _PLOT_MM)
    plain(axes, colors)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1)
    ticks = list(range(0, end + 1, _STEP))
    axes.set_xticks(ticks)
    axes.set_yticks([tick / 5 for tick in range(6)], [f"{20 * tick} %" for tick in range(6)])
    axes.set_xlabel(f"Months from the {result.start_words}", fontsize=TEXT_PT, color=colors.ink, labelpad=4)
    draw_curve(axes, curve, colors.groups[0], LINES[0], end)
    for line in axes.lines:
        line.set_clip_on(True)
    for month, benchmark in printed:
        _band(axes, month, benchmark, colors)
        (rate,) = curve.rates((month,))
        _estimate(axes, rate, colors.groups[0])
        _name(axes, rate, benchmark, colors)
    _at_risk(page, curve, ticks, end, width_mm)
    return page.figure


def _band(axes: Axes, month: int, benchmark: Benchmark, colors: Theme) -> None:
    low, high, color = benchmark.low or 0.0, benchmark.high or 0.0, colors.groups[1]
    corner = (month - _HALF_WIDTH, low)
    axes.add_patch(Rectangle(corner, 2 * _HALF_WIDTH, high - low, facecolor=color, alpha=0.28, linewidth=0, zorder=3))
    axes.add_patch(
        Rectangle(corner, 2 * _HALF_WIDTH, high - low, facecolor="none", edgecolor=color, linewidth=1.0, zorder=3)
    )


def _estimate(axes: Axes, rate: Rate, color: str) -> None:
    if rate.estimate is None:
        return
    if rate.ci_low is not None and rate.ci_high is not None:
        axes.plot([rate.months, rate.months], [rate.ci_low, rate.ci_high], color=color, linewidth=1.6, zorder=6)
    axes.plot(rate.months, rate.estimate, marker="o", markersize=5, color=color, zorder=7)


def _name(axes: Axes, rate: Rate, benchmark: Benchmark, colors: Theme) -> None:
    """What a band is, below it and below the limits of the curve there: beneath a falling curve there is room."""
    axes.text(
        rate.months + _HALF_WIDTH,
        max(min(value for value in (benchmark.low, rate.ci_low, rate.estimate) if value is not None) - 0.02, 0.05),
        f"{rate.months // 12} years: printed {benchmark.printed}",
        fontsize=SMALL_PT,
        color=colors.ink,
        ha="right",
        va="top",
        path_effects=[withStroke(linewidth=2, foreground=colors.background)],
        zorder=8,
    )


def _at_risk(page: Page, curve: Curve, ticks: list[int], end: int, width_mm: float) -> None:
    width, y = width_mm - _LEFT_MM - MARGIN_MM - 4, page.top + _PLOT_MM + _AXIS_MM + 1.0
    page.write("At risk", MARGIN_MM, y, size=SMALL_PT, weight="bold")
    for month in ticks:
        shown = f"{curve.at_risk_at(month * DAYS_PER_MONTH):,}"
        page.write(shown, _LEFT_MM + width * month / end, y, size=SMALL_PT, ha="center")
