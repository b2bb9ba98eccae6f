"""A figure of curves over time: curves with limits over an aligned table of at risk, censored and events.

After the KMunicate recommendations: Morris TP et al. BMJ Open 2019;9:e030215.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.curve import Curve
from analytics.figures.curve_text import (
    PLOT_MM,
    TEXT_PT,
    Layout,
    Wording,
    write_caption,
    write_head,
    write_risk_table,
)
from analytics.figures.style import LINES, THEMES, Theme, ThemeName, new_figure
from analytics.outcomes import SurvivalResult
from analytics.survival import DAYS_PER_MONTH
from registry.errors import AnalysisRefused

Rows = npt.NDArray[np.intp]

_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240)
_FINEST = 400
"""Steps that a curve is drawn with at most: they are narrower than its line, and files stay small."""
_MARKS = 60
"""Censoring marks of a curve at most."""


def curve_figure(result: SurvivalResult, wording: Wording, *, theme: ThemeName, width_mm: float) -> Figure:
    """Draw the curves of an analysis.

    Args:
        result: what :func:`analytics.outcomes.survival_analysis` gave.
        wording: what stands around the curves.
        theme: light or dark.
        width_mm: 170 for two columns of a journal; its height follows from the number of groups.

    Raises:
        AnalysisRefused: nobody to draw, or more groups than can be told apart.
    """
    colors = THEMES[theme]
    if not result.curves:
        raise AnalysisRefused("There is nobody to draw", remedy="See `excluded` for why all were left out")
    if len(result.curves) > len(colors.groups):
        raise AnalysisRefused(
            f"More than {len(colors.groups)} groups cannot be told apart in one figure",
            got=len(result.curves),
            remedy="Divide by something with fewer groups",
        )
    last_month = max(curve.last_day for curve in result.curves) / DAYS_PER_MONTH
    ticks = _ticks(last_month)
    axis_days = max(last_month, ticks[-1]) * DAYS_PER_MONTH
    thinned = any(len(_marked_rows(curve, axis_days)) < (curve.censored > 0).sum() for curve in result.curves)
    layout = Layout.of(result, wording, thinned, width_mm)
    figure = new_figure(layout.width, layout.height, colors)
    axes = figure.add_axes(
        (
            layout.left / layout.width,
            1 - (layout.plot_top + PLOT_MM) / layout.height,
            (layout.width - layout.left - layout.right) / layout.width,
            PLOT_MM / layout.height,
        )
    )
    _prepare(axes, result, ticks, last_month, colors)
    for at, curve in enumerate(result.curves):
        draw_curve(axes, curve, colors.groups[at], LINES[at], axes.get_xlim()[1])
    write_head(figure, result, wording, layout, colors)
    write_risk_table(figure, axes.get_xlim()[1], result, wording, ticks, layout, colors)
    write_caption(figure, layout, colors)
    return figure


def _prepare(axes: Axes, result: SurvivalResult, ticks: list[int], last_month: float, colors: Theme) -> None:
    axes.set_facecolor(colors.background)
    axes.set_xlim(0, max(last_month, ticks[-1]))
    axes.set_ylim(0, 1)
    axes.set_xticks(ticks)
    axes.set_yticks(np.arange(0, 1.01, 0.2))
    axes.grid(axis="y", color=colors.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(colors.muted)
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(colors=colors.muted, labelcolor=colors.ink, labelsize=TEXT_PT, width=0.8, length=3)
    axes.set_xlabel(f"Months from {result.start_words}", fontsize=TEXT_PT, color=colors.ink, labelpad=4)
    axes.set_ylabel(result.chosen.endpoint.title, fontsize=TEXT_PT, color=colors.ink, labelpad=5)


def draw_curve(axes: Axes, curve: Curve, color: str, line: object, x_end: float) -> None:
    """Draw a curve with its limits and censoring marks on axes in months that end at ``x_end``."""
    rows = _drawn_rows(curve.day, x_end * DAYS_PER_MONTH)
    starts = np.concatenate(([0.0], curve.day[rows])) / DAYS_PER_MONTH
    ends = np.append(starts[1:], curve.last_day / DAYS_PER_MONTH)
    x = np.column_stack((starts, ends)).ravel()

    def steps(values: npt.NDArray[np.float64], first: float) -> npt.NDArray[np.float64]:
        return np.repeat(np.concatenate(([first], values[rows])), 2)

    axes.fill_between(
        x,
        steps(curve.ci_low, np.nan),
        steps(curve.ci_high, np.nan),
        color=color,
        alpha=0.16,
        linewidth=0,
        zorder=2,
    )
    axes.plot(
        x,
        steps(curve.estimate, curve.start),
        color=color,
        linestyle=line,
        linewidth=1.5,
        solid_joinstyle="miter",
        dash_joinstyle="miter",
        solid_capstyle="butt",
        dash_capstyle="butt",
        clip_on=False,
        zorder=4,
    )
    marks = _marked_rows(curve, x_end * DAYS_PER_MONTH)
    axes.plot(
        curve.day[marks] / DAYS_PER_MONTH,
        curve.estimate[marks],
        linestyle="none",
        marker="|",
        markersize=5,
        markeredgewidth=0.8,
        color=color,
        clip_on=False,
        zorder=5,
    )


_draw = draw_curve


def _drawn_rows(day: npt.NDArray[np.int64], width: float) -> Rows:
    """The rows that are drawn: all, or the last one of each of the finest steps that print can show."""
    if len(day) <= _FINEST:
        return np.arange(len(day))
    bins = (day * (_FINEST / width)).astype(np.int64)
    last_of_bin: Rows = np.flatnonzero(np.append(bins[1:] != bins[:-1], True))
    return last_of_bin


def _marked_rows(curve: Curve, width: float) -> Rows:
    rows = np.flatnonzero(curve.censored)
    if len(rows) <= _MARKS:
        return rows
    bins = (curve.day[rows] * (_MARKS / width)).astype(np.int64)
    first_of_bin: Rows = rows[np.append(True, bins[1:] != bins[:-1])]
    return first_of_bin


def _ticks(last_month: float) -> list[int]:
    step = next((step for step in _STEPS if last_month / step <= 10), _STEPS[-1])
    return [step * at for at in range(int(last_month // step) + 1)] if last_month >= step else [0, step]
