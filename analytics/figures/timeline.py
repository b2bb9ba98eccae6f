"""The timeline of one patient: what was found, done and seen, in lanes over a common axis of years.

Times without evidence of disease lie as bands behind all lanes.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from analytics.figures.drawing import Drawing, Item, Line, Point, Rect, Shape, Text
from analytics.figures.style import THEMES, Theme, ThemeName, text_width_mm
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
    """Days to millimeters, between two edges."""

    def __init__(self, drawn: Timeline, left: float, right: float) -> None:
        first = min(mark.start for mark in drawn.marks)
        last = max(drawn.end, *(mark.end or mark.start for mark in drawn.marks))
        padding = max((last - first).days * 0.015, 12)
        self.first, self.last = first.toordinal() - padding, last.toordinal() + padding
        self.left, self.right = left, right

    def mm(self, day: dt.date) -> float:
        share = (day.toordinal() - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)


def timeline_drawing(drawn: Timeline, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Drawing:
    """Draw a timeline; its height follows from how much there is to say at a time.

    Args:
        drawn: what :func:`analytics.figures.timeline_marks.timeline` gave.
        theme: light or dark.
        width_mm: of the whole picture.
    """
    colors = THEMES[theme]
    scale = _Scale(drawn, _MARGIN_MM + _LABELS_MM, width_mm - _RIGHT_MM)
    lanes = {lane: _place([mark for mark in drawn.marks if mark.lane == lane], scale, drawn.end) for lane in LANES}
    heights = {
        lane: 2 * _PADDING_MM + _ROW_MM * (1 + max((placed.row for placed in marks), default=0))
        for lane, marks in lanes.items()
    }
    axis = _MARGIN_MM + _HEAD_MM + sum(heights.values())
    items = [*_background(drawn, scale, axis, colors), *_years(scale, axis, colors)]
    marked: list[Item] = []
    top = _MARGIN_MM + _HEAD_MM
    for lane, marks in lanes.items():
        items.append(Line(scale.left, top, scale.right, top, colors.grid, 0.8))
        ink = colors.ink if marks else colors.muted
        items.append(Text(_MARGIN_MM, top + heights[lane] / 2, lane, _TEXT_PT, ink, bold=bool(marks)))
        for placed in marks:
            y = top + _PADDING_MM + _ROW_MM * (placed.row + 0.5)
            marked += _mark(placed, y, scale, drawn.end, colors)
        top += heights[lane]
    items += marked
    items += _key(scale.left + 1.2, axis + _AXIS_MM + _KEY_MM / 2, colors)
    caption = _caption(drawn, width_mm)
    below = axis + _AXIS_MM + _KEY_MM
    for line, text in enumerate(caption):
        items.append(Text(_MARGIN_MM, below + _CAPTION_MM * (line + 0.5), text, _SMALL_PT, colors.muted))
    height = below + _MARGIN_MM + _CAPTION_MM * len(caption)
    return Drawing(width_mm, height, theme, tuple(items))


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
    if right + 1.2 + text <= scale.right or left - 1.2 - text < scale.left:
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


def _mark(placed: _Placed, y: float, scale: _Scale, end: dt.date, colors: Theme) -> Iterator[Item]:
    mark, color = placed.mark, _color(placed.mark.meaning, colors)
    left, right = _ink(mark, scale, end)
    if mark.end is not None or mark.under_way:
        yield Rect(left, y - 1.75, right - left, 3.5, color, 0.22)
        yield Line(left, y - 1.75, left, y + 1.75, color, 1.4)
        if mark.under_way:
            yield Point(right, y, ">", 4, color, color)
    else:
        yield _point((left + right) / 2, y, mark.shape, mark.meaning, colors)
    if mark.text:
        x = {"inside": left + 1.3, "right": right + 1.2, "left": left - 1.2}[placed.side]
        yield Text(x, y, mark.text, _TEXT_PT, colors.ink, "right" if placed.side == "left" else "left")


def _point(x: float, y: float, shape: Shape, meaning: str, colors: Theme) -> Point:
    color = _color(meaning, colors)
    if shape in _LINE_SHAPES:
        return Point(x, y, shape, 7, color, color, 1.3)
    return Point(x, y, shape, 5.2, color if meaning else colors.background, color)


def _years(scale: _Scale, axis: float, colors: Theme) -> Iterator[Item]:
    for day, text in _ticks(scale):
        x = scale.mm(day)
        yield Line(x, _MARGIN_MM, x, axis, colors.grid, 0.6)
        yield Line(x, axis, x, axis + 0.9, colors.muted, 0.8)
        yield Text(x, axis + 3.4, text, _TEXT_PT, colors.ink, "center")


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


def _background(drawn: Timeline, scale: _Scale, axis: float, colors: Theme) -> Iterator[Item]:
    green = colors.groups[_COLORS["clear"]]
    for start, end in drawn.clear:
        left, right = scale.mm(start), scale.mm(end)
        yield Rect(left, _MARGIN_MM, right - left, axis - _MARGIN_MM, green, 0.10)
        yield Line(left, _MARGIN_MM + 1, right, _MARGIN_MM + 1, green, 2)
        if right - left > 9:
            yield Text((left + right) / 2, _MARGIN_MM + 3.9, "NED", _SMALL_PT, green, "center")
    at = scale.mm(drawn.end)
    yield Line(at, _MARGIN_MM, at, axis, colors.ink if drawn.died else colors.muted, 0.9, dotted=not drawn.died)
    yield Line(scale.left, axis, scale.right, axis, colors.muted, 0.8)


_KEY = (
    (STUDY_SHAPES, "clear", "no disease"),
    (STUDY_SHAPES, "stable", "stable or response"),
    (STUDY_SHAPES, "worse", "progression or new lesion"),
    (STUDY_SHAPES, "", "study without a result"),
    (VISIT_SHAPES, "clear", "visit, NED"),
    (VISIT_SHAPES, "worse", "visit, with disease"),
    (VISIT_SHAPES, "", "visit, status not recorded"),
)


def _key(x: float, y: float, colors: Theme) -> Iterator[Item]:
    for shapes, meaning, text in _KEY:
        yield _point(x, y, shapes[meaning], meaning, colors)
        yield Text(x + 2.2, y, text, _SMALL_PT, colors.muted)
        x += 2.2 + text_width_mm(text, _SMALL_PT) + 5


def _caption(drawn: Timeline, width: float) -> list[str]:
    if not drawn.undated:
        return []
    parts = ", ".join(f"{count} of {table.replace('_', ' ')}" for table, count in drawn.undated.items())
    text = f"Without a date, so not drawn: {parts}."
    return textwrap.wrap(text, int((width - 2 * _MARGIN_MM) / text_width_mm("n", _SMALL_PT) * 1.1))
