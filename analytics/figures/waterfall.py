"""The waterfall of one rule: from all cases to its denominator, and from there to adherent and non-adherent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from analytics.audit.proportions import METHODS, Rate, bounds, percent
from analytics.figures.frame import MARGIN_MM, SMALL_PT, Page
from analytics.figures.style import THEMES, WIDTH_MM, Theme, ThemeName, text_width_mm
from registry.errors import AnalysisRefused

_ROW_MM, _BAR_MM, _HEAD_MM, _ZOOM_MM = 6.2, 3.9, 5.0, 9.0
_LABEL_MM, _COUNT_MM, _SHARE_MM, _RIGHT_MM = 43.0, 13.0, 16.0, 7.0

_BEFORE = {"not_applicable": "Not applicable", "undetermined_denominator": "Denominator undetermined"}
_WITHIN = {
    "excluded": "Excluded",
    "pending": "Pending",
    "exception": "Accepted exception",
    "undetermined_numerator": "Numerator undetermined",
}
_ADHERENCE = {"adherent": "Adherent", "non_adherent": "Non-adherent"}
_USE = {"taken": "Taken", "not_taken": "Not taken"}
"""Outcome -> words. A rule has adherence, or an option that is taken or not."""

_WHOLES = ("all", "denominator", "score")
_COLORS = {"adherent": 0, "non_adherent": 1, "taken": 0, "not_taken": 3}
"""Outcome -> its place among the colors of the theme's groups."""

OUTCOMES = (*_BEFORE, *_WITHIN, *_ADHERENCE, *_USE)


@dataclass(frozen=True)
class _Bar:
    """A bar of the flow: from where to where, in cases."""

    outcome: str
    words: str
    start: int
    count: int


def waterfall_figure(
    counts: Mapping[str, int],
    rate: Rate,
    *,
    title: str,
    data_cut: dt.date,
    unit: str = "episodes",
    note: str = "",
    theme: ThemeName = "light",
    width_mm: float = WIDTH_MM,
) -> Figure:
    """Draw where the cases of a rule go. The lower part is drawn at the scale of the denominator.

    Args:
        counts: cases by outcome; absent ones are 0.
        rate: of the cases in the score, with its limits.
        title: of the rule.
        data_cut: written into the caption.
        unit: what is counted, in the plural.
        note: a further line of the head, of the center for example.
        theme: light or dark.
        width_mm: of the whole figure.

    Raises:
        AnalysisRefused: there are no cases.
        ValueError: an outcome that does not exist, or a rate of other cases.
    """
    if unknown := set(counts) - set(OUTCOMES):
        raise ValueError(f"no outcomes: {sorted(unknown)}")
    everything = sum(counts.values())
    if not everything:
        raise AnalysisRefused("There is no case to draw", remedy="The rule was judged for nobody")
    ends = _USE if any(counts.get(outcome) for outcome in _USE) else _ADHERENCE
    if rate.cases != sum(counts.get(outcome, 0) for outcome in ends):
        raise ValueError(f"a rate of {rate.cases} cases is not that of these counts")
    above = _flow(everything, {"all": f"All {unit}"}, _BEFORE, {"denominator": "In the denominator"}, counts)
    denominator = above[-1].count
    decided = "In the score" if ends is _ADHERENCE else "Decided"  # an option is never scored
    below = _flow(denominator, {}, _WITHIN, {"score": decided}, counts) + _shares(ends, counts)
    rows = len(above) + (len(below) if denominator else 0)
    page = Page(
        width_mm,
        _HEAD_MM + _ROW_MM * rows + (_ZOOM_MM if denominator else 0),
        THEMES[theme],
        title=title,
        lines=[*_summary(counts, rate, ends), note],
        caption=f"{_method(rate)}Hatched: undetermined, counted neither as met nor as missed. "
        f"Data cut {data_cut.isoformat()}.",
    )
    top = page.top + _HEAD_MM
    _draw(page, above, everything, top, "of all")
    if denominator:
        middle = top + _ROW_MM * len(above)
        _draw_zoom(page, denominator / everything, middle)
        _draw(page, below, denominator, middle + _ZOOM_MM, "of the denominator")
    return page.figure


def _flow(
    whole: int, first: Mapping[str, str], removed: Mapping[str, str], rest: Mapping[str, str], counts: Mapping[str, int]
) -> list[_Bar]:
    """The whole, what leaves it from its right end, and what stays."""
    bars = [_Bar(name, words, 0, whole) for name, words in first.items()]
    left = whole
    for outcome, words in removed.items():
        left -= counts.get(outcome, 0)
        bars.append(_Bar(outcome, words, left, counts.get(outcome, 0)))
    return bars + [_Bar(name, words, 0, left) for name, words in rest.items()]


def _shares(ends: Mapping[str, str], counts: Mapping[str, int]) -> list[_Bar]:
    bars: list[_Bar] = []
    for outcome, words in ends.items():
        start = bars[-1].start + bars[-1].count if bars else 0
        bars.append(_Bar(outcome, words, start, counts.get(outcome, 0)))
    return bars


def _draw(page: Page, bars: list[_Bar], whole: int, top: float, of: str) -> None:
    colors, left = page.colors, _left()
    width = page.width - left - _RIGHT_MM
    page.write(of, left - 3.0, top - 1.6, size=SMALL_PT, color=colors.muted, ha="right")
    axes = page.axes(left, top, width, _ROW_MM * len(bars))
    axes.set_xlim(0, whole)
    axes.set_ylim(len(bars), 0)
    axes.set_axis_off()
    score = next((bar.count for bar in bars if bar.outcome == "score"), 0)
    for row, bar in enumerate(bars):
        strong = bar.outcome in (*_WHOLES, *_ADHERENCE, *_USE)
        y = top + _ROW_MM * (row + 0.5)
        weight = "bold" if strong else "normal"
        page.write(bar.words, MARGIN_MM + (0 if strong else 3.0), y, weight=weight)
        page.write(f"{bar.count:,}", MARGIN_MM + _LABEL_MM + _COUNT_MM, y, ha="right", weight=weight)
        page.write(percent(bar.count / whole), left - 3.0, y, ha="right", color=colors.muted)
        _draw_bar(axes, bar, row, colors)
        if row + 1 < len(bars):
            _draw_step(axes, bar, row, colors)
        if bar.outcome in (*_ADHERENCE, *_USE) and score:
            of_what = "of the score" if bar.outcome in _ADHERENCE else "of the decided"
            _write_share(page, bar, f"{percent(bar.count / score)} {of_what}", y, width / whole)


def _draw_bar(axes: Axes, bar: _Bar, row: int, colors: Theme) -> None:
    height = _BAR_MM / _ROW_MM
    if bar.count == 0:
        ends = [row + 0.5 - height / 2, row + 0.5 + height / 2]
        axes.plot([bar.start, bar.start], ends, color=colors.muted, linewidth=0.7, clip_on=False)
        return
    style: dict[str, Any] = {"facecolor": colors.muted, "alpha": 0.45}
    if bar.outcome.startswith("undetermined"):
        style = {"facecolor": colors.background, "edgecolor": colors.muted, "hatch": "//////", "linewidth": 0.7}
    elif bar.outcome in _COLORS:
        style = {"facecolor": colors.groups[_COLORS[bar.outcome]]}
    elif bar.outcome in _WHOLES:
        style = {"facecolor": colors.muted}
    axes.barh(row + 0.5, bar.count, left=bar.start, height=height, **style)


def _draw_step(axes: Axes, bar: _Bar, row: int, colors: Theme) -> None:
    """A thin line from where a bar ends to where the next one begins; from the score to the end of its last part."""
    part = bar.outcome in _WHOLES or bar.outcome in _COLORS
    x, rows = bar.start + (bar.count if part else 0), 2 if bar.outcome == "score" else 1
    gap = (1 - _BAR_MM / _ROW_MM) / 2
    axes.plot([x, x], [row + 1 - gap, row + rows + gap], color=colors.muted, linewidth=0.7, clip_on=False, zorder=0.5)


def _write_share(page: Page, bar: _Bar, text: str, y: float, mm: float) -> None:
    """Write a share into its bar, or beside it where the bar is too short."""
    length = text_width_mm(text, SMALL_PT)
    start, end = (_left() + mm * place for place in (bar.start, bar.start + bar.count))
    right = page.width - _RIGHT_MM
    if length + 3 <= end - start:
        page.write(text, start + 1.5, y, size=SMALL_PT, color=page.colors.background)
    elif end + 1.5 + length <= right:
        page.write(text, end + 1.5, y, size=SMALL_PT, color=page.colors.muted)
    else:
        page.write(text, start - 1.5, y, size=SMALL_PT, color=page.colors.muted, ha="right")


def _draw_zoom(page: Page, share: float, top: float) -> None:
    """The denominator widens to the scale of the lower part."""
    left, right = _left(), page.width - _RIGHT_MM
    edge, gap = left + share * (right - left), (_ROW_MM - _BAR_MM) / 2
    upper, lower = top - gap, top + _ZOOM_MM - 0.6
    corners = [(left, upper), (edge, upper), (right, lower - 1.2), (right, lower), (left, lower)]
    page.figure.add_artist(
        Polygon(
            [(x / page.width, 1 - y / page.height) for x, y in corners],
            facecolor=page.colors.muted,
            alpha=0.18,
            linewidth=0,
        )
    )


def _left() -> float:
    """Where the bars begin."""
    return MARGIN_MM + _LABEL_MM + _COUNT_MM + _SHARE_MM


def _summary(counts: Mapping[str, int], rate: Rate, ends: Mapping[str, str]) -> list[str | None]:
    met, missed = (counts.get(outcome, 0) for outcome in ends)
    open_numerator, open_denominator = (counts.get(f"undetermined_{part}", 0) for part in ("numerator", "denominator"))
    found = bounds(met, missed, open_numerator, open_denominator)
    lines: list[str | None] = [f"{next(iter(ends.values()))}: {rate}."]
    if found.completeness is None:
        return lines
    if open_numerator + open_denominator and found.low is not None:
        lines.append(
            f"Undetermined cases leave open {percent(found.low)} to {percent(found.high)} (numerator), "
            f"{percent(found.wide_low)} to {percent(found.wide_high)} (denominator too)."
        )
    return [*lines, f"Completeness {percent(found.completeness)}."]


def _method(rate: Rate) -> str:
    return f"Limits: {METHODS[rate.method]}. " if rate.cases else ""
