"""The Kaplan-Meier figure: curves with limits over an aligned table of at risk, censored and events.

After the KMunicate recommendations: Morris TP et al. BMJ Open 2019;9:e030215.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analytics.figures.style import LINES, THEMES, WIDTH_MM, Theme, ThemeName, new_figure, text_width_mm
from analytics.kaplan_meier import KaplanMeier
from analytics.outcomes import SurvivalResult
from analytics.survival import DAYS_PER_MONTH
from analytics.wording import counted, months_text, p_text
from registry.errors import AnalysisRefused

Rows = npt.NDArray[np.intp]

PLOT_MM, AXIS_MM, ROW_MM, MARGIN_MM = 78.0, 13.0, 4.1, 5.0
TITLE_PT, TEXT_PT, SMALL_PT = 10.5, 8.0, 7.0
_STEPS = (1, 2, 3, 6, 12, 24, 36, 60, 120, 240)
_FINEST = 400
"""Steps that a curve is drawn with at most: they are narrower than its line, and files stay small."""
_MARKS = 60
"""Censoring marks of a curve at most."""


@dataclass(frozen=True)
class _Layout:
    """Where things stand, in millimeters from the left and from the top."""

    width: float
    height: float
    left: float
    right: float
    plot_top: float
    table_top: float


def kaplan_meier_figure(result: SurvivalResult, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw the Kaplan-Meier figure of an analysis.

    Args:
        result: what :func:`analytics.outcomes.survival_analysis` gave.
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
    caption = _caption(result, width_mm, max(last_month, ticks[-1]) * DAYS_PER_MONTH)
    layout = _layout(result, len(caption), width_mm)
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
        _draw(axes, curve, colors.groups[at], LINES[at], axes.get_xlim()[1])
    _head(figure, result, layout, colors)
    _risk_table(figure, axes, result, ticks, layout, colors)
    for line, text in enumerate(reversed(caption)):
        figure.text(
            MARGIN_MM / layout.width,
            (MARGIN_MM + line * 3.4) / layout.height,
            text,
            fontsize=SMALL_PT,
            color=colors.muted,
            va="bottom",
        )
    return figure


def _layout(result: SurvivalResult, caption_lines: int, width: float) -> _Layout:
    groups = len(result.curves)
    labels = [_short(result, curve) for curve in result.curves] if groups > 1 else ["Censored (cum.)"]
    label_mm = max(text_width_mm(label, SMALL_PT) for label in labels)
    left = MARGIN_MM + max(label_mm + (9 if groups > 1 else 0) + 8, 17)
    head_rows = 1 + (result.chosen.grouping is not None) + groups + (groups > 1)
    plot_top = MARGIN_MM + 9.5 + head_rows * ROW_MM
    table_top = plot_top + PLOT_MM + AXIS_MM
    rows = 3 * (groups + 1) if groups > 1 else 3
    height = table_top + rows * ROW_MM + 3 + caption_lines * 3.4 + MARGIN_MM
    return _Layout(width, height, left, 7.0, plot_top, table_top)


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


def _draw(axes: Axes, curve: KaplanMeier, color: str, line: Any, x_end: float) -> None:
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
        steps(curve.estimate, 1.0),
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


def _drawn_rows(day: npt.NDArray[np.int64], width: float) -> Rows:
    """The rows that are drawn: all, or the last one of each of the finest steps that print can show."""
    if len(day) <= _FINEST:
        return np.arange(len(day))
    bins = (day * (_FINEST / width)).astype(np.int64)
    last_of_bin: Rows = np.flatnonzero(np.append(bins[1:] != bins[:-1], True))
    return last_of_bin


def _marked_rows(curve: KaplanMeier, width: float) -> Rows:
    rows = np.flatnonzero(curve.censored)
    if len(rows) <= _MARKS:
        return rows
    bins = (curve.day[rows] * (_MARKS / width)).astype(np.int64)
    first_of_bin: Rows = rows[np.append(True, bins[1:] != bins[:-1])]
    return first_of_bin


def _head(figure: Figure, result: SurvivalResult, layout: _Layout, colors: Theme) -> None:
    chosen = result.chosen

    def write(text: str, top: float, x: float = MARGIN_MM, size: float = TEXT_PT, **options: Any) -> None:
        options.setdefault("color", colors.ink)
        figure.text(x / layout.width, 1 - top / layout.height, text, fontsize=size, va="center", **options)

    write(chosen.endpoint.title, MARGIN_MM + 1.5, size=TITLE_PT, weight="bold")
    lines = [f"Event: {chosen.endpoint.words}. Time from {result.start_words}."]
    if chosen.grouping is not None:
        lines.append(f"By: {chosen.grouping.sentence}")
    top = MARGIN_MM + 2.4
    for line in lines:
        top += ROW_MM
        write(_fit(line, layout.width - 2 * MARGIN_MM, TEXT_PT), top, color=colors.muted)
    top += 1.0
    words = [_fit(result.words(curve.label), 62, TEXT_PT) for curve in result.curves]
    at_numbers = MARGIN_MM + 13 + max(text_width_mm(text, TEXT_PT) for text in words) + 5
    for at, curve in enumerate(result.curves):
        top += ROW_MM
        _key(figure, layout, MARGIN_MM, top, 10, colors.groups[at], LINES[at])
        write(words[at], top, MARGIN_MM + 13)
        write(
            f"n = {curve.n:,}, {counted(curve.event_count, 'event')}, median {months_text(curve.median)}",
            top,
            at_numbers,
        )
    if len(result.curves) > 1:
        top += ROW_MM
        write(f"Log-rank test: {p_text(result.test.p)}", top, MARGIN_MM + 13)


def _risk_table(
    figure: Figure, axes: Axes, result: SurvivalResult, ticks: list[int], layout: _Layout, colors: Theme
) -> None:
    plot_width = layout.width - layout.left - layout.right
    x_end = axes.get_xlim()[1]
    groups = len(result.curves)
    top = layout.table_top

    def write(text: str, x: float, **options: Any) -> None:
        options.setdefault("color", colors.ink)
        figure.text(x / layout.width, 1 - top / layout.height, text, fontsize=SMALL_PT, va="center", **options)

    for title, count in (
        ("At risk", lambda curve, days: curve.at_risk_at(days)),
        ("Censored (cum.)", lambda curve, days: int(curve.censored[: curve.row_at(days) + 1].sum())),
        ("Events (cum.)", lambda curve, days: int(curve.events[: curve.row_at(days) + 1].sum())),
    ):
        if groups > 1:
            write(title.replace("cum.", "cumulative"), MARGIN_MM, weight="bold")
            top += ROW_MM
        for at, curve in enumerate(result.curves):
            if groups > 1:
                _key(figure, layout, MARGIN_MM, top, 7, colors.groups[at], LINES[at])
                write(_short(result, curve), MARGIN_MM + 9)
            else:
                write(title, MARGIN_MM, weight="bold")
            for month in ticks:
                x = layout.left + plot_width * month / x_end
                write(f"{count(curve, month * DAYS_PER_MONTH):,}", x, ha="center")
            top += ROW_MM


def _key(figure: Figure, layout: _Layout, x: float, top: float, length: float, color: str, line: Any) -> None:
    y = 1 - top / layout.height
    figure.add_artist(
        Line2D(
            [x / layout.width, (x + length) / layout.width],
            [y, y],
            color=color,
            linestyle=line,
            linewidth=1.5,
            dash_capstyle="butt",
            solid_capstyle="butt",
        )
    )


def _caption(result: SurvivalResult, width: float, axis_days: float) -> list[str]:
    chosen = result.chosen
    left_out = sum(chosen.excluded.values())
    thinned = any(len(_marked_rows(curve, axis_days)) < int((curve.censored > 0).sum()) for curve in result.curves)
    parts = [
        f"{counted(result.n, 'patient')}, {counted(result.events, 'event')}.",
        f"{left_out:,} of {chosen.patients:,} left out.",
        f"Data cut {result.data_cut.isoformat()}.",
        f"Median follow-up {months_text(result.follow_up, limits=False)} (reverse Kaplan-Meier).",
        "Shading and limits: 95 %, log-log. NR: not reached.",
        f"Ticks: censoring{' (thinned)' if thinned else ''}.",
    ]
    if chosen.center is not None:
        parts.append(f"Center {chosen.center}.")
    if bool((chosen.times.entry > 0).any()):
        parts.append("Patients enrolled later are at risk from enrollment.")
    text = " ".join(parts)
    characters = int((width - 2 * MARGIN_MM) / text_width_mm("n", SMALL_PT) * 1.12)
    return textwrap.wrap(text, characters, break_on_hyphens=False)


def _ticks(last_month: float) -> list[int]:
    step = next((step for step in _STEPS if last_month / step <= 10), _STEPS[-1])
    return [step * at for at in range(int(last_month // step) + 1)] if last_month >= step else [0, step]


def _short(result: SurvivalResult, curve: KaplanMeier) -> str:
    return _fit(result.words(curve.label), 38, SMALL_PT)


def _fit(text: str, width: float, points: float) -> str:
    """The text, cut with an ellipsis where it is wider than so many millimeters."""
    if text_width_mm(text, points) <= width:
        return text
    while text and text_width_mm(text + "…", points) > width:
        text = text[:-1]
    return text.rstrip() + "…"
