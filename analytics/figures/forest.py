"""The forest plot: hazard ratios with limits on a logarithmic axis, the registry's beside the published ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.cox import CoxResult
from analytics.cox_terms import Term
from analytics.cox_wording import compared, p_cell, ratio_text
from analytics.figures.frame import LINE_MM, MARGIN_MM, SMALL_PT, Mark, Page, fit
from analytics.figures.style import THEMES, WIDTH_MM, Theme, ThemeName
from analytics.published import Published, published
from analytics.table1 import Table1
from analytics.wording import counted, few
from registry.errors import AnalysisRefused

Kind = Literal["alone", "together", "published"]

_COUNTS_MM, _PLOT_MM, _RATIO_MM, _P_MM, _AXIS_MM, _HEAD_MM = 25.0, 42.0, 27.0, 13.5, 10.0, 5.0
_HEADING_PT = 7.4
_SHAPES: dict[Kind, str] = {"alone": "o", "together": "s", "published": "D"}
_WORDS: dict[Kind, str] = {"alone": "this factor alone", "together": "all factors together", "published": "published"}
_KEY: dict[Kind, str] = {
    "alone": "registry, this factor alone",
    "together": "registry, all factors together",
    "published": "published",
}
_COLORS: dict[Kind, int] = {"alone": 0, "together": 0, "published": 1}
_WIDEST = 64.0
"""The axis ends at this ratio and its inverse at most; limits beyond have an arrow."""
_MOST_TICKS = 7
"""Numbers on the axis are at most about so many."""


@dataclass(frozen=True)
class _Line:
    """A hazard ratio of the figure; None where it is not estimable."""

    words: str
    counts: str
    kind: Kind
    hr: float | None
    low: float | None
    high: float | None
    p: str


@dataclass(frozen=True)
class _Block:
    """What is compared, and its lines."""

    words: str
    lines: tuple[_Line, ...]


def forest_of_table1(table: Table1, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw each factor alone, with all others, and as published.

    Raises:
        AnalysisRefused: there is no factor to draw.
    """
    chosen, model = table.chosen, table.multivariable
    blocks = []
    for row in table.rows:
        for term in row.alone:
            lines = [_of_term(term, "alone", table.hide_below)]
            lines += [
                _of_term(one, "together", table.hide_below)
                for one in row.together
                if one.column.level == term.column.level
            ]
            lines += [_of_published(one) for one in row.published]
            blocks.append(_Block(compared(term.column), tuple(lines)))
    caption = [f"{counted(len(chosen.times), 'patient')}, {counted(int(chosen.times.event.sum()), 'event')}."]
    if model is not None:
        caption.append(
            f"All factors together: complete cases, {counted(model.n, 'patient')}, {counted(model.events, 'event')}."
        )
    caption.append(f"Data cut {table.data_cut.isoformat()}.")
    caption += [f"Only: {chosen.where_words}."] if chosen.where else []
    return _drawn(
        blocks,
        title=f"{chosen.endpoint.title}: hazard ratios",
        start=f"Event: {chosen.endpoint.words}. Time from {chosen.start_words}.",
        caption=caption,
        theme=theme,
        width_mm=width_mm,
    )


def forest_of_cox(result: CoxResult, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw the terms of one model, splines left out, with published ratios of the same factors.

    Raises:
        AnalysisRefused: there is no term to draw.
    """
    kind: Kind = "together" if len(result.factors) > 1 else "alone"
    blocks = []
    for term in result.terms:
        if term.column.factor not in result.columns.knots:
            of_others = published().get(term.column.factor, ())
            blocks.append(
                _Block(compared(term.column), (_of_term(term, kind), *(_of_published(one) for one in of_others)))
            )
    chosen = result.chosen
    left_out = sum(result.excluded.values())
    caption = [
        f"{counted(result.n, 'patient')}, {counted(result.events, 'event')}.",
        f"{left_out:,} of {chosen.patients:,} left out.",
        f"Data cut {result.data_cut.isoformat()}.",
    ]
    caption += [f"Only: {chosen.where_words}."] if chosen.where else []
    if result.strata is not None:
        caption.append(f"Stratified by {result.strata.name}.")
    if result.robust is not None:
        caption.append(f"Robust errors ({result.robust}).")
    if result.fit.firth:
        caption.append("Firth's penalty, limits of the profile likelihood.")
    return _drawn(
        blocks,
        title=f"{chosen.endpoint.title}: hazard ratios",
        start=f"Event: {chosen.endpoint.words}. Time from {chosen.start_words}.",
        caption=caption,
        theme=theme,
        width_mm=width_mm,
    )


def _of_term(term: Term, kind: Kind, hide_below: int = 0) -> _Line:
    hr, low, high = term.hazard_ratio
    counts = " / ".join(few(count, hide_below) for count in (term.column.n, term.events))
    return _Line(f"Registry, {_WORDS[kind]}", counts, kind, hr, low, high, p_cell(term.p))


def _of_published(one: Published) -> _Line:
    return _Line(one.short, f"{one.n:,}", "published", one.hr, one.ci_low, one.ci_high, "")


def _drawn(
    blocks: Sequence[_Block], *, title: str, start: str, caption: list[str], theme: ThemeName, width_mm: float
) -> Figure:
    if not blocks:
        raise AnalysisRefused("There is no hazard ratio to draw", remedy="Name a factor that has two groups")
    colors = THEMES[theme]
    kinds = list(dict.fromkeys(line.kind for block in blocks for line in block.lines))
    caption = [*caption, "Lines: 95 % limits, with an arrow where they go beyond the axis."]
    if "published" in kinds:
        caption += _sources(blocks)
    heights = [1.35 + len(block.lines) for block in blocks]
    room = _HEAD_MM + sum(heights) * LINE_MM + _AXIS_MM
    key = [(_KEY[kind], _mark(kind, colors)) for kind in kinds]
    page = Page(width_mm, room, colors, title=title, lines=[start], caption=" ".join(caption), key=key)
    plot_left = width_mm - MARGIN_MM - _P_MM - _RATIO_MM - _PLOT_MM
    top = page.top + _HEAD_MM
    low, high = _range(blocks)
    axes = page.axes(plot_left, top, _PLOT_MM, sum(heights) * LINE_MM)
    _prepare(axes, low, high, sum(heights), colors)
    _head(page, plot_left, width_mm)
    row = 0.0
    for block, height in zip(blocks, heights, strict=True):
        y = top + (row + 0.75) * LINE_MM
        words = fit(block.words, plot_left - MARGIN_MM - 2, _HEADING_PT, bold=True)
        page.write(words, MARGIN_MM, y, size=_HEADING_PT, weight="bold")
        for at, line in enumerate(block.lines):
            y = row + 1.6 + at
            _draw(axes, line, y, low, high, colors)
            _write(page, line, top + y * LINE_MM, plot_left, width_mm)
        row += height
    return page.figure


def _head(page: Page, plot_left: float, width: float) -> None:
    y = page.top + _HEAD_MM / 2 - 1
    options: dict[str, Any] = {"size": SMALL_PT, "color": page.colors.muted}
    page.write("n / events", plot_left - 4, y, ha="right", **options)
    page.write("hazard ratio (95 %)", plot_left + _PLOT_MM + _RATIO_MM, y, ha="right", **options)
    page.write("p", width - MARGIN_MM, y, ha="right", **options)


def _prepare(axes: Axes, low: float, high: float, rows: float, colors: Theme) -> None:
    axes.set_xscale("log", base=2)
    axes.set_xlim(low, high)
    axes.set_ylim(rows, 0)
    axes.set_yticks([])
    first, last = round(math.log2(low)), round(math.log2(high))
    step = math.ceil((last - first) / _MOST_TICKS)
    # Counted from 1, which always has a tick.
    ticks = [2.0**power for power in range(first, last + 1) if power % step == 0]
    axes.set_xticks(ticks, [f"{tick:g}" if tick >= 1 else f"1/{1 / tick:g}" for tick in ticks])
    axes.minorticks_off()
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colors.muted)
    axes.spines["bottom"].set_linewidth(0.8)
    axes.tick_params(colors=colors.muted, labelcolor=colors.ink, labelsize=SMALL_PT, width=0.8, length=3)
    axes.grid(axis="x", color=colors.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.axvline(1, color=colors.muted, linewidth=0.9, zorder=1)
    axes.set_xlabel("lower hazard  ←  hazard ratio  →  higher hazard", fontsize=SMALL_PT, color=colors.ink, labelpad=3)


def _range(blocks: Sequence[_Block]) -> tuple[float, float]:
    """Powers of 2 around all limits, as far as they may go."""
    seen = [
        value
        for block in blocks
        for line in block.lines
        for value in (line.hr, line.low, line.high)
        if value is not None
    ]
    inside = [min(max(value, 1 / _WIDEST), _WIDEST) for value in (*seen, 0.55, 1.9)]
    return 2.0 ** math.floor(math.log2(min(inside)) - 0.02), 2.0 ** math.ceil(math.log2(max(inside)) + 0.02)


def _draw(axes: Axes, line: _Line, y: float, low: float, high: float, colors: Theme) -> None:
    if line.hr is None or line.low is None:
        return
    color = colors.groups[_COLORS[line.kind]]
    upper = line.high if line.high is not None else math.inf
    ends = max(line.low, low), min(upper, high)
    axes.plot(ends, (y, y), color=color, linewidth=1.2, solid_capstyle="butt", zorder=3)
    for beyond, end, marker in ((line.low < low, low, "<"), (upper > high, high, ">")):
        if beyond:
            axes.plot(end, y, marker=marker, markersize=4, color=color, clip_on=False, zorder=4)
    if low <= line.hr <= high:
        axes.plot(line.hr, y, linestyle="none", zorder=5, **_mark(line.kind, colors))


def _mark(kind: Kind, colors: Theme) -> Mark:
    color = colors.groups[_COLORS[kind]]
    return {
        "marker": _SHAPES[kind],
        "markersize": 4.6 if kind != "published" else 4.2,
        "color": color,
        "markerfacecolor": colors.background if kind == "alone" else color,
        "markeredgewidth": 1.1,
    }


def _write(page: Page, line: _Line, y: float, plot_left: float, width: float) -> None:
    colors = page.colors
    ink: dict[str, Any] = {"color": colors.ink if line.kind != "published" else colors.muted, "size": SMALL_PT}
    page.write(fit(line.words, plot_left - MARGIN_MM - _COUNTS_MM, SMALL_PT), MARGIN_MM + 3, y, **ink)
    page.write(line.counts, plot_left - 4, y, ha="right", **ink)
    shown = ratio_text((line.hr, line.low, line.high)) if line.hr is not None else "not estimable"
    page.write(shown, plot_left + _PLOT_MM + _RATIO_MM, y, ha="right", **ink)
    page.write(line.p, width - MARGIN_MM, y, ha="right", **ink)


def _sources(blocks: Sequence[_Block]) -> list[str]:
    """What the published ratios compare and where they stand, once each."""
    shown = {line.words for block in blocks for line in block.lines if line.kind == "published"}
    every = [one for ones in published().values() for one in ones if one.short in shown]
    by_source = {one.short: one for one in every}
    parts = []
    for short, source in by_source.items():
        model = "adjusted" if source.adjusted else "pooled"
        words = sorted({one.definition for one in every if one.short == short})
        parts.append(f"{short} ({source.design}, {source.endpoint}, {model}): {'; '.join(words)}. {source.cite}.")
    return ["Definitions of published ratios differ from the registry's.", *parts]
