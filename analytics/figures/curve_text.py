"""What stands around the curves of a figure: title, groups, the table under the axis, and the caption."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analytics.curve import Curve
from analytics.figures.style import LINES, Theme, text_width_mm
from analytics.outcomes import SurvivalResult
from analytics.survival import DAYS_PER_MONTH
from analytics.wording import counted, few, months_text

PLOT_MM, AXIS_MM, ROW_MM, MARGIN_MM = 78.0, 13.0, 4.1, 5.0
TITLE_PT, TEXT_PT, SMALL_PT = 10.5, 8.0, 7.0
_LINE_MM = 3.4


@dataclass(frozen=True)
class Wording:
    """What differs between kinds of curves.

    Attributes:
        numbers: a group in numbers.
        test: the line on the test of all groups.
        rows: the rows of the table: title, and the number of a group at a time in days.
        notes: sentences for the caption.
    """

    numbers: Callable[[Curve], str]
    test: str
    rows: tuple[tuple[str, Callable[[Curve, float], int]], ...]
    notes: tuple[str, ...]


def at_risk(curve: Curve, days: float) -> int:
    """Subjects at risk just before a time."""
    return curve.at_risk_at(days)


def censored(curve: Curve, days: float) -> int:
    """Subjects censored up to a time."""
    return int(curve.censored[: curve.row_at(days) + 1].sum())


def events(curve: Curve, days: float) -> int:
    """Events up to a time."""
    return int(curve.events[: curve.row_at(days) + 1].sum())


@dataclass(frozen=True)
class Layout:
    """Where things stand, in millimeters from the left and from the top, and the lines of the caption."""

    width: float
    height: float
    left: float
    right: float
    plot_top: float
    table_top: float
    caption: tuple[str, ...]

    @classmethod
    def of(cls, result: SurvivalResult, wording: Wording, thinned: bool, width: float) -> Layout:
        """The layout of a figure of that width; its height follows from what stands in it."""
        caption = _caption(result, wording, thinned, width)
        groups = len(result.curves)
        titles = [title for title, _ in wording.rows]
        labels = [_short(result, curve) for curve in result.curves] if groups > 1 else titles
        label_mm = max(text_width_mm(label, SMALL_PT, bold=groups == 1) for label in labels)
        left = MARGIN_MM + max(label_mm + (9 if groups > 1 else 0) + 8, 17)
        head_rows = len(_sentences(result, width)) + groups + (groups > 1)
        plot_top = MARGIN_MM + 9.5 + head_rows * ROW_MM
        table_top = plot_top + PLOT_MM + AXIS_MM
        rows = len(titles) * (groups + 1) if groups > 1 else len(titles)
        height = table_top + rows * ROW_MM + 3 + len(caption) * _LINE_MM + MARGIN_MM
        return cls(width, height, left, 7.0, plot_top, table_top, caption)


def write_head(figure: Figure, result: SurvivalResult, wording: Wording, layout: Layout, colors: Theme) -> None:
    """The title, what is shown, and each group with its line and numbers."""
    chosen = result.chosen

    def write(text: str, top: float, x: float = MARGIN_MM, size: float = TEXT_PT, **options: Any) -> None:
        options.setdefault("color", colors.ink)
        figure.text(x / layout.width, 1 - top / layout.height, text, fontsize=size, va="center", **options)

    write(chosen.endpoint.title, MARGIN_MM + 1.5, size=TITLE_PT, weight="bold")
    top = MARGIN_MM + 2.4
    for line in _sentences(result, layout.width):
        top += ROW_MM
        write(_fit(line, layout.width - 2 * MARGIN_MM, TEXT_PT), top, color=colors.muted)
    top += 1.0
    words = [_fit(result.words(curve.label), 62, TEXT_PT) for curve in result.curves]
    at_numbers = MARGIN_MM + 13 + max(text_width_mm(text, TEXT_PT) for text in words) + 5
    for at, curve in enumerate(result.curves):
        top += ROW_MM
        _key(figure, layout, MARGIN_MM, top, 10, colors.groups[at], LINES[at])
        write(words[at], top, MARGIN_MM + 13)
        write(wording.numbers(curve), top, at_numbers)
    if len(result.curves) > 1:
        top += ROW_MM
        write(wording.test, top, MARGIN_MM + 13)


def _sentences(result: SurvivalResult, width: float) -> list[str]:
    """What is shown, in lines that fit into the width."""
    chosen = result.chosen
    event, start = f"Event: {chosen.endpoint.words}.", f"Time from {result.start_words}."
    room = width - 2 * MARGIN_MM
    lines = [f"{event} {start}"] if text_width_mm(f"{event} {start}", TEXT_PT) <= room else [event, start]
    return lines if chosen.grouping is None else [*lines, f"By: {chosen.grouping.sentence}"]


def write_risk_table(
    figure: Figure,
    x_end: float,
    result: SurvivalResult,
    wording: Wording,
    ticks: list[int],
    layout: Layout,
    colors: Theme,
) -> None:
    """The table under the axis, each number under its tick; the axis ends at ``x_end`` months."""
    plot_width = layout.width - layout.left - layout.right
    groups = len(result.curves)
    top = layout.table_top

    def write(text: str, x: float, **options: Any) -> None:
        options.setdefault("color", colors.ink)
        figure.text(x / layout.width, 1 - top / layout.height, text, fontsize=SMALL_PT, va="center", **options)

    for title, count in wording.rows:
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
                write(few(count(curve, month * DAYS_PER_MONTH), result.hide_below), x, ha="center")
            top += ROW_MM


def write_caption(figure: Figure, layout: Layout, colors: Theme) -> None:
    """The caption at the foot."""
    for line, text in zip(range(len(layout.caption) - 1, -1, -1), layout.caption, strict=True):
        figure.text(
            MARGIN_MM / layout.width,
            (MARGIN_MM + line * _LINE_MM) / layout.height,
            text,
            fontsize=SMALL_PT,
            color=colors.muted,
            va="bottom",
        )


def _key(figure: Figure, layout: Layout, x: float, top: float, length: float, color: str, line: Any) -> None:
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


def _caption(result: SurvivalResult, wording: Wording, thinned: bool, width: float) -> tuple[str, ...]:
    chosen = result.chosen
    parts = [
        f"{counted(result.n, chosen.endpoint.unit)}, {few(result.events, result.hide_below, 'event')}.",
        f"{sum(chosen.excluded.values()):,} of {result.considered:,} left out.",
        f"Data cut {result.data_cut.isoformat()}.",
        f"Median follow-up {months_text(result.follow_up, limits=False)} (reverse Kaplan-Meier).",
        f"Shading and limits: 95 %, {result.scale}.",
        *wording.notes,
        f"Ticks: censoring{' (thinned)' if thinned else ''}.",
    ]
    if chosen.center is not None:
        parts.append(f"Center {chosen.center}.")
    if chosen.where:
        parts.append(f"Only: {chosen.where_words}.")
    if result.table.entered_late:
        parts.append("Patients enrolled later are at risk from enrollment.")
    text = " ".join(parts)
    characters = int((width - 2 * MARGIN_MM) / text_width_mm("n", SMALL_PT) * 1.12)
    return tuple(textwrap.wrap(text, characters, break_on_hyphens=False))


def _short(result: SurvivalResult, curve: Curve) -> str:
    return _fit(result.words(curve.label), 38, SMALL_PT)


def _fit(text: str, width: float, points: float) -> str:
    """The text, cut with an ellipsis where it is wider than so many millimeters."""
    if text_width_mm(text, points) <= width:
        return text
    while text and text_width_mm(text + "…", points) > width:
        text = text[:-1]
    return text.rstrip() + "…"
