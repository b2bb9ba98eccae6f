"""The funnel of centers: volume on x, rate on y, and the limits within which chance alone would keep them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from analytics.audit.funnel import Center, Funnel, Limits
from analytics.audit.proportions import percent
from analytics.figures.frame import TEXT_PT, Mark, Page, percent_axis, plain
from analytics.figures.names import Name, name_ends, write_names
from analytics.figures.style import THEMES, WIDTH_MM, Theme, ThemeName
from analytics.wording import counted, p_text
from registry.errors import AnalysisRefused

SMALL = 10
"""Cases below which a center is drawn hollow: its rate says little."""

_PLOT_MM, _AXIS_MM, _LEFT_MM, _RIGHT_MM = 84.0, 11.0, 18.0, 29.0

_SHAPES = {"inside": "o", "alert": "D", "alarm": "s"}
_SIZES = {"inside": 4.6, "alert": 4.8, "alarm": 5.4}
_COLORS = {"inside": 0, "alert": 1, "alarm": 7}
_WORDS = {"inside": "inside the limits", "alert": "beyond 95 %", "alarm": "beyond 99.8 %"}


def funnel_figure(
    drawn: Funnel,
    *,
    title: str,
    data_cut: dt.date,
    own: str | None = None,
    note: str = "",
    theme: ThemeName = "light",
    width_mm: float = WIDTH_MM,
) -> Figure:
    """Draw a funnel.

    Args:
        drawn: what :func:`analytics.audit.funnel.funnel` gave.
        title: of the rule.
        data_cut: written into the caption.
        own: the label of the reader's own center, ringed and named; a center with an empty label is never named.
        note: a further sentence of the caption, of the period for example.
        theme: light or dark.
        width_mm: of the whole figure.

    Raises:
        AnalysisRefused: no center has cases.
    """
    curve = drawn.curve()
    if curve is None:
        raise AnalysisRefused("There is no center to draw", remedy="No case is in the score of this rule")
    colors = THEMES[theme]
    page = Page(
        width_mm,
        _PLOT_MM + _AXIS_MM,
        colors,
        title=title,
        lines=[
            f"Average of the registry {percent(drawn.rate)}: {drawn.met:,} of {counted(drawn.cases, 'case')} in "
            f"{counted(len(drawn.centers), 'center')}.",
            note,
        ],
        caption=_caption(drawn, data_cut),
        key=_key(drawn, own, colors),
    )
    width = width_mm - _LEFT_MM - _RIGHT_MM
    axes = page.axes(_LEFT_MM, page.top, width, _PLOT_MM)
    plain(axes, colors)
    axes.set_xlim(0, float(curve.cases[-1]))
    percent_axis(axes, *_range(drawn))
    axes.set_xlabel("Cases in the score", fontsize=TEXT_PT, color=colors.ink, labelpad=3)
    axes.xaxis.set_major_locator(MaxNLocator(8, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    _draw_limits(axes, drawn, curve, colors)
    _name_limits(page, axes, drawn, curve)
    for center in sorted(drawn.centers, key=lambda center: center.place != "inside"):
        _draw_center(axes, center, center.label == own, colors)
    _name_centers(axes, drawn, curve, own, width, colors)
    return page.figure


def _range(drawn: Funnel) -> tuple[float, float]:
    """The fractions that are shown: all centers, and the limits where half of the centers are."""
    middle = sorted(drawn.centers, key=lambda center: center.cases)[len(drawn.centers) // 2]
    rates = [center.rate for center in drawn.centers]
    return min(*rates, middle.low_998, 1.0), max(*rates, middle.high_998, 0.0)


def _draw_limits(axes: Axes, drawn: Funnel, curve: Limits, colors: Theme) -> None:
    def from_zero(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate((values[:1], values))

    cases = from_zero(curve.cases)
    cases[0] = 0
    low, high = from_zero(curve.low_95), from_zero(curve.high_95)
    axes.fill_between(cases, low, high, color=colors.muted, alpha=0.10, linewidth=0, zorder=1)
    for limit in (low, high):
        axes.plot(cases, limit, color=colors.muted, linewidth=0.9, linestyle=(0, (4, 2)), zorder=2)
    for limit in (curve.low_998, curve.high_998):
        axes.plot(cases, from_zero(limit), color=colors.muted, linewidth=0.9, zorder=2)
    axes.axhline(drawn.rate or 0.0, color=colors.ink, linewidth=1.0, zorder=2)


def _name_limits(page: Page, axes: Axes, drawn: Funnel, curve: Limits) -> None:
    """Write what the lines are beside their right ends, pushed apart where they come near each other."""
    low, high = axes.get_ylim()
    ends = [
        (float(curve.low_998[-1]), "99.8 % limit", False),
        (float(curve.low_95[-1]), "95 % limit", False),
        (float(drawn.rate or 0), f"average {percent(drawn.rate)}", True),
        (float(curve.high_95[-1]), "95 % limit", False),
        (float(curve.high_998[-1]), "99.8 % limit", False),
    ]
    name_ends(page, ends, (low, high), size=(_RIGHT_MM, _PLOT_MM))


def _draw_center(axes: Axes, center: Center, own: bool, colors: Theme) -> None:
    color = colors.groups[_COLORS[center.place]]
    if own:
        axes.plot(
            center.cases,
            center.rate,
            linestyle="none",
            marker="o",
            markersize=11,
            markerfacecolor="none",
            markeredgecolor=colors.ink,
            markeredgewidth=1.3,
            clip_on=False,
            zorder=6,
        )
    axes.plot(
        center.cases,
        center.rate,
        linestyle="none",
        marker=_SHAPES[center.place],
        markersize=_SIZES[center.place],
        markerfacecolor=colors.background if center.cases < SMALL else color,
        markeredgecolor=color if center.cases < SMALL else colors.background,
        markeredgewidth=1.1 if center.cases < SMALL else 0.6,
        clip_on=False,
        zorder=5,
    )


def _name_centers(axes: Axes, drawn: Funnel, curve: Limits, own: str | None, width: float, colors: Theme) -> None:
    """Name the reader's own center and those outside."""
    sides = (curve.low_998, curve.low_95, curve.high_95, curve.high_998, np.full(len(curve.cases), drawn.rate))
    telling = [center for center in drawn.centers if center.place != "inside" or center.label == own]
    named = [center for center in telling if center.label]
    named.sort(key=lambda center: (center.label != own, -abs(center.z or 0)))
    write_names(
        axes,
        [Name(center.label, center.cases, center.rate, center.label == own) for center in named],
        points=[(center.cases, center.rate) for center in drawn.centers],
        lines=[(float(x), float(y)) for side in sides for x, y in zip(curve.cases, side, strict=True)],
        size=(width, _PLOT_MM),
        colors=colors,
    )


def _key(drawn: Funnel, own: str | None, colors: Theme) -> list[tuple[str, Mark]]:
    entries: list[tuple[str, Mark]] = [
        (
            words,
            {
                "marker": _SHAPES[place],
                "markersize": _SIZES[place],
                "markerfacecolor": colors.groups[_COLORS[place]],
                "markeredgecolor": colors.groups[_COLORS[place]],
            },
        )
        for place, words in _WORDS.items()
    ]
    if any(center.cases < SMALL for center in drawn.centers):
        hollow = {"marker": "o", "markersize": 4.6, "markerfacecolor": colors.background, "markeredgewidth": 1.1}
        entries.append((f"fewer than {SMALL} cases", hollow | {"markeredgecolor": colors.groups[0]}))
    if any(center.label == own for center in drawn.centers):
        ring = {"marker": "o", "markersize": 8, "markerfacecolor": "none", "markeredgewidth": 1.2}
        entries.append(("own center", ring | {"markeredgecolor": colors.ink}))
    return entries


def _caption(drawn: Funnel, data_cut: dt.date) -> str:
    found = drawn.overdispersion
    parts = [
        "Limits: exact binomial about the registry's own average, which is no target.",
        "Outside: more than chance explains; check the data first.",
    ]
    if found.phi is not None:
        widened = "widened" if drawn.inflated and found.phi > 1 else "not widened"
        parts.append(
            f"Test that all centers have the same rate: {p_text(found.p)}; overdispersion {found.phi:.2f} (winsorized "
            f"z-scores); limits are {widened} for it."
        )
    if drawn.design_effect > 1:
        parts.append(
            f"Limits are widened because patients give several units (design effect {drawn.design_effect:.2f})."
        )
    if drawn.without_cases:
        parts.append(f"Without cases: {counted(len(drawn.without_cases), 'center')}.")
    parts.append(f"Data cut {data_cut.isoformat()}.")
    return " ".join(parts)
