"""The panel of Table 1: a small Kaplan-Meier plot for each factor, with the numbers at risk under it."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analytics.figures.curves import draw_curve
from analytics.figures.frame import MARGIN_MM, SMALL_PT, Page, fit, plain
from analytics.figures.style import LINES, THEMES, WIDTH_MM, Theme, ThemeName, text_width_mm
from analytics.survival import DAYS_PER_MONTH
from analytics.table1 import FactorRow, Table1
from analytics.wording import counted, p_text
from registry.errors import AnalysisRefused

_COLUMNS, _PLOT_MM, _LEFT_MM, _GAP_MM, _AXIS_MM, _LINE_MM = 3, 24.0, 8.0, 3.0, 5.0, 3.0
_TINY_PT = 6.0
_LATEST_MONTHS = 120
"""The plots end after ten years, or where follow-up ends."""


def panel_figure(table: Table1, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw the curves of every factor of Table 1.

    Raises:
        AnalysisRefused: there is nobody to draw.
    """
    rows = [row for row in table.rows if row.curves]
    if not rows:
        raise AnalysisRefused("There is nobody to draw", remedy="See `excluded` for why all were left out")
    colors, chosen = THEMES[theme], table.chosen
    ticks = _ticks(max(curve.last_day for row in rows for curve in row.curves) / DAYS_PER_MONTH)
    lines = [rows[start : start + _COLUMNS] for start in range(0, len(rows), _COLUMNS)]
    heights = [_height(line) for line in lines]
    page = Page(
        width_mm,
        sum(heights) + _GAP_MM * (len(lines) - 1),
        colors,
        title=f"{chosen.endpoint.title} by prognostic factor",
        lines=[f"Event: {chosen.endpoint.words}. Time from {chosen.start_words}, in months."],
        caption=" ".join(
            (
                f"{counted(len(chosen.times), 'patient')}, {counted(int(chosen.times.event.sum()), 'event')};",
                "those without a value of a factor are left out of its plot.",
                f"Data cut {table.data_cut.isoformat()}.",
                "Under each plot: at risk; beside a group: patients, events. p: log-rank test, in brackets with Holm's",
                "correction over the factors. Shading: 95 %, log-log. Ticks: censoring (thinned where there are many).",
            )
        ),
    )
    width = (width_mm - 2 * MARGIN_MM - (_COLUMNS - 1) * _GAP_MM) / _COLUMNS
    top = page.top
    for line, height in zip(lines, heights, strict=True):
        for at, row in enumerate(line):
            _one(page, row, MARGIN_MM + at * (width + _GAP_MM), top, width, ticks)
        top += height + _GAP_MM
    return page.figure


def _height(line: list[FactorRow]) -> float:
    groups = max(len(row.curves) for row in line)
    return (groups + 1) * _LINE_MM + 2 + _PLOT_MM + _AXIS_MM + groups * _LINE_MM


def _one(page: Page, row: FactorRow, left: float, top: float, width: float, ticks: list[int]) -> None:
    """One plot: its groups as a key, the curves, and the numbers at risk."""
    colors = page.colors
    for at, curve in enumerate(row.curves):
        y = top + (at + 0.5) * _LINE_MM
        _key(page, left, y, 4.3, at, colors)
        numbers = f"  {curve.n:,}, {curve.event_count:,}"
        words = fit(row.words(curve.label), width - 5.5 - text_width_mm(numbers, SMALL_PT), SMALL_PT)
        page.write(words + numbers, left + 5.5, y, size=SMALL_PT)
    holm = "" if row.p_holm is None else f" ({p_text(row.p_holm).removeprefix('p = ').removeprefix('p ')})"
    y = top + (len(row.curves) + 0.5) * _LINE_MM
    page.write(p_text(row.test.p) + holm, left + 5.5, y, size=SMALL_PT, color=colors.muted)
    plot_top = top + (len(row.curves) + 1) * _LINE_MM + 2
    axes = page.axes(left + _LEFT_MM, plot_top, width - _LEFT_MM - 1.5, _PLOT_MM)
    _prepare(axes, ticks, colors)
    for at, curve in enumerate(row.curves):
        draw_curve(axes, curve, colors.groups[at], LINES[at], ticks[-1])
    _clip(axes)
    for at, curve in enumerate(row.curves):
        y = plot_top + _PLOT_MM + _AXIS_MM + (at + 0.3) * _LINE_MM
        _key(page, left, y, 4.0, at, colors)
        for month in ticks:
            x = left + _LEFT_MM + (width - _LEFT_MM - 1.5) * month / ticks[-1]
            page.write(f"{curve.at_risk_at(month * DAYS_PER_MONTH):,}", x, y, size=_TINY_PT, ha="center")


def _prepare(axes: Axes, ticks: list[int], colors: Theme) -> None:
    plain(axes, colors)
    axes.set_xlim(0, ticks[-1])
    axes.set_ylim(0, 1)
    axes.set_xticks(ticks)
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.tick_params(labelsize=_TINY_PT, length=2, pad=2)


def _clip(axes: Axes) -> None:
    """Curves that go on after the last tick end at the frame."""
    for line in axes.lines:
        line.set_clip_on(True)
        line.set_linewidth(1.1)
        line.set_markersize(3)


def _key(page: Page, x: float, top: float, length: float, at: int, colors: Theme) -> None:
    y = 1 - top / page.height
    line = Line2D([x / page.width, (x + length) / page.width], [y, y], color=colors.groups[at], linestyle=LINES[at])
    line.set_linewidth(1.2)
    page.figure.add_artist(line)


def _ticks(last_month: float) -> list[int]:
    """Six ticks at most, at whole years where follow-up is that long."""
    latest = min(last_month, _LATEST_MONTHS)
    step = next((step for step in (1, 2, 3, 6, 12, 24) if latest / step <= 5), 24)
    return [step * at for at in range(max(2, math.ceil(latest / step) + 1))]
