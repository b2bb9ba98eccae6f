"""The timeline of one patient: what was found, done and seen, in lanes over a common axis of years.

Times without evidence of disease lie as bands behind all lanes.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.figures.style import THEMES, Theme, ThemeName, new_figure, text_width_mm
from analytics.figures.timeline_marks import LANES, STUDY_SHAPES, VISIT_SHAPES, Mark, Timeline

WIDTH_MM = 260.0
"""Wider than a journal's page: it is read on a screen, at the full width of the record."""

_LABELS_MM, _MARGIN_MM, _RIGHT_MM, _HEAD_MM, _AXIS_MM, _KEY_MM, _CAPTION_MM = 36.0, 3.0, 6.0, 6.5, 8.0, 5.5, 4.0
_ROW_MM, _PADDING_MM, _GAP_MM, _MARK_MM = 4.9, 1.9, 2.0, 2.4
_TEXT_PT, _SMALL_PT = 8.0, 7.0

_COLORS = {"found": 0, "treated": 0, "systemic": 3, "radiation": 4, "worse": 7, "stable": 5, "clear": 2}
"""Meaning -> place among the colors of the theme's groups; what is not here is drawn in the muted color."""

_LINE_SHAPES = ("|", "+")


@dataclass(slots=True)
class _Placed:
    """A mark with its row in its lane and the side on which its text stands."""

    mark: Mark
    row: int
    side: str


class _Scale:
    """Days to millimeters within the plot."""

    def __init__(self, drawn: Timeline, width: float) -> None:
        first = min(mark.start for mark in drawn.marks)
        last = max(drawn.end, *(mark.end or mark.start for mark in drawn.marks))
        padding = max((last - first).days * 0.015, 12)
        self.first, self.last = first.toordinal() - padding, last.toordinal() + padding
        self.width = width

    def mm(self, day: dt.date) -> float:
        return (day.toordinal() - self.first) / (self.last - self.first) * self.width


def timeline_figure(drawn: Timeline, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw a timeline; its height follows from how much there is to say at a time.

    Args:
        drawn: what :func:`analytics.figures.timeline_marks.timeline` gave.
        theme: light or dark.
        width_mm: of the whole figure.
    """
    colors = THEMES[theme]
    scale = _Scale(drawn, width_mm - _LABELS_MM - _MARGIN_MM - _RIGHT_MM)
    lanes = {lane: _place([mark for mark in drawn.marks if mark.lane == lane], scale, drawn.end) for lane in LANES}
    heights = {
        lane: 2 * _PADDING_MM + _ROW_MM * (1 + max((placed.row for placed in marks), default=0))
        for lane, marks in lanes.items()
    }
    plot = _HEAD_MM + sum(heights.values())
    caption = _caption(drawn, width_mm)
    height = 2 * _MARGIN_MM + plot + _AXIS_MM + _KEY_MM + _CAPTION_MM * len(caption)
    figure = new_figure(width_mm, height, colors)
    axes = figure.add_axes(
        (
            (_MARGIN_MM + _LABELS_MM) / width_mm,
            1 - (_MARGIN_MM + plot) / height,
            scale.width / width_mm,
            plot / height,
        )
    )
    axes.set_xlim(0, scale.width)
    axes.set_ylim(plot, 0)
    _prepare(axes, scale, colors)
    _draw_background(axes, drawn, scale, plot, colors)
    top = _HEAD_MM
    for lane, marks in lanes.items():
        axes.axhline(top, color=colors.grid, linewidth=0.8, zorder=1)
        axes.text(
            -_LABELS_MM,
            top + heights[lane] / 2,
            lane,
            fontsize=_TEXT_PT,
            color=colors.ink if marks else colors.muted,
            weight="bold" if marks else "normal",
            va="center",
        )
        for placed in marks:
            y = top + _PADDING_MM + _ROW_MM * (placed.row + 0.5)
            _draw_mark(axes, placed, y, scale, drawn.end, colors)
        top += heights[lane]
    _draw_key(axes, plot + _AXIS_MM + _KEY_MM / 2, colors)
    for line, text in enumerate(caption):
        y = plot + _AXIS_MM + _KEY_MM + _CAPTION_MM * (line + 0.5)
        axes.text(-_LABELS_MM, y, text, fontsize=_SMALL_PT, color=colors.muted, va="center")
    return figure


def _place(marks: list[Mark], scale: _Scale, end: dt.date) -> list[_Placed]:
    """Each mark into the first row of its lane in which it covers nothing; those without words above the others."""
    found: list[_Placed] = []
    rows_before = 0
    for group in ([mark for mark in marks if not mark.text], [mark for mark in marks if mark.text]):
        reach: list[float] = []
        extents = sorted(((_extent(mark, scale, end), mark) for mark in group), key=lambda pair: pair[0])
        for (left, right, side), mark in extents:
            row = next((at for at, taken in enumerate(reach) if taken <= left), len(reach))
            if row == len(reach):
                reach.append(0.0)
            reach[row] = right + _GAP_MM
            found.append(_Placed(mark, rows_before + row, side))
        rows_before += len(reach)
    return found


def _extent(mark: Mark, scale: _Scale, end: dt.date) -> tuple[float, float, str]:
    """From where to where a mark and its text reach, in millimeters, and where the text stands."""
    left, right = _ink(mark, scale, end)
    text = text_width_mm(mark.text, _TEXT_PT) if mark.text else 0.0
    if not text or text + 2.5 <= right - left:
        return left, right, "inside"
    if right + 1.2 + text <= scale.width or left - 1.2 - text < 0:
        return left, right + 1.2 + text, "right"
    return left - 1.2 - text, right, "left"


def _ink(mark: Mark, scale: _Scale, end: dt.date) -> tuple[float, float]:
    start = scale.mm(mark.start)
    until = mark.end or (max(end, mark.start) if mark.under_way else None)
    if until is None:
        return start - _MARK_MM / 2, start + _MARK_MM / 2
    return start, max(scale.mm(until), start + _MARK_MM)


def _color(meaning: str, colors: Theme) -> str:
    if meaning == "dead":
        return colors.ink
    return colors.groups[_COLORS[meaning]] if meaning in _COLORS else colors.muted


def _draw_mark(axes: Axes, placed: _Placed, y: float, scale: _Scale, end: dt.date, colors: Theme) -> None:
    mark, color = placed.mark, _color(placed.mark.meaning, colors)
    left, right = _ink(mark, scale, end)
    if mark.end is not None or mark.under_way:
        axes.barh(y, right - left, left=left, height=3.5, color=color, alpha=0.22, linewidth=0, zorder=3)
        axes.plot([left, left], [y - 1.75, y + 1.75], color=color, linewidth=1.4, solid_capstyle="butt", zorder=4)
        if mark.under_way:
            axes.plot(right, y, marker=">", markersize=4, color=color, clip_on=False, zorder=4)
    else:
        _draw_shape(axes, (left + right) / 2, y, mark.shape, mark.meaning, colors)
    if mark.text:
        x, align = {"inside": (left + 1.3, "left"), "right": (right + 1.2, "left"), "left": (left - 1.2, "right")}[
            placed.side
        ]
        axes.text(x, y, mark.text, fontsize=_TEXT_PT, color=colors.ink, va="center_baseline", ha=align, zorder=5)


def _draw_shape(axes: Axes, x: float, y: float, shape: str, meaning: str, colors: Theme) -> None:
    color, lines = _color(meaning, colors), shape in _LINE_SHAPES
    axes.plot(
        x,
        y,
        marker=shape,
        markersize=7 if lines else 5.2,
        markerfacecolor=color if meaning or lines else colors.background,
        markeredgecolor=color,
        markeredgewidth=1.3 if lines else 0.9,
        linestyle="none",
        clip_on=False,
        zorder=4,
    )


def _prepare(axes: Axes, scale: _Scale, colors: Theme) -> None:
    axes.set_facecolor(colors.background)
    for spine in axes.spines.values():
        spine.set_visible(False)
    ticks = _ticks(scale)
    axes.set_xticks([scale.mm(day) for day, _ in ticks], [text for _, text in ticks])
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=colors.muted, labelcolor=colors.ink, labelsize=_TEXT_PT, width=0.8, length=2.5)
    axes.grid(axis="x", color=colors.grid, linewidth=0.6)
    axes.set_axisbelow(True)


def _ticks(scale: _Scale) -> list[tuple[dt.date, str]]:
    """The first days of years, or of quarters where the whole is short."""
    first, last = (dt.date.fromordinal(int(day)) for day in (scale.first, scale.last))
    years = last.year - first.year + 1
    step = 1 if years <= 16 else 2 if years <= 32 else 5
    days = [dt.date(year, 1, 1) for year in range(first.year, last.year + 1) if year % step == 0]
    texts = [str(day.year) for day in days]
    if (last - first).days < 900:
        days = [dt.date(year, month, 1) for year in range(first.year, last.year + 1) for month in (1, 4, 7, 10)]
        texts = [day.isoformat()[:7] for day in days]
    shown = zip(days, texts, strict=True)
    return [(day, text) for day, text in shown if scale.first <= day.toordinal() <= scale.last]


def _draw_background(axes: Axes, drawn: Timeline, scale: _Scale, plot: float, colors: Theme) -> None:
    green = colors.groups[_COLORS["clear"]]
    for start, end in drawn.clear:
        left, right = scale.mm(start), scale.mm(end)
        axes.axvspan(left, right, color=green, alpha=0.10, linewidth=0, zorder=0)
        axes.plot([left, right], [1, 1], color=green, linewidth=2, solid_capstyle="butt", zorder=2)
        if right - left > 9:
            axes.text((left + right) / 2, 3.9, "NED", fontsize=_SMALL_PT, color=green, ha="center", va="center")
    at = scale.mm(drawn.end)
    axes.axvline(
        at, color=colors.ink if drawn.died else colors.muted, linewidth=0.9, linestyle="-" if drawn.died else ":"
    )
    axes.axhline(plot, color=colors.muted, linewidth=0.8)


_KEY = (
    (STUDY_SHAPES, "clear", "no disease"),
    (STUDY_SHAPES, "stable", "stable or response"),
    (STUDY_SHAPES, "worse", "progression or new lesion"),
    (STUDY_SHAPES, "", "study without a result"),
    (VISIT_SHAPES, "clear", "visit, NED"),
    (VISIT_SHAPES, "worse", "visit, with disease"),
    (VISIT_SHAPES, "", "visit, status not recorded"),
)


def _draw_key(axes: Axes, y: float, colors: Theme) -> None:
    x = 1.2
    for shapes, meaning, text in _KEY:
        _draw_shape(axes, x, y, shapes[meaning], meaning, colors)
        axes.text(x + 2.2, y, text, fontsize=_SMALL_PT, color=colors.muted, va="center_baseline")
        x += 2.2 + text_width_mm(text, _SMALL_PT) + 5


def _caption(drawn: Timeline, width: float) -> list[str]:
    if not drawn.undated:
        return []
    parts = ", ".join(f"{count} of {table.replace('_', ' ')}" for table, count in drawn.undated.items())
    text = f"Without a date, so not drawn: {parts}."
    return textwrap.wrap(text, int((width - 2 * _MARGIN_MM) / text_width_mm("n", _SMALL_PT) * 1.1))
