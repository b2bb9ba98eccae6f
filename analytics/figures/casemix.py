"""The funnel of observed to expected events: expected events of a center on x, its ratio on y, exact Poisson limits."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analytics.casemix import ALARM, ALERT, SMALL, CaseMix, CenterOutcome
from analytics.figures.frame import TEXT_PT, Mark, Page, plain
from analytics.figures.names import Name, name_ends, write_names
from analytics.figures.style import THEMES, WIDTH_MM, Theme, ThemeName
from analytics.poisson import control_limits
from analytics.wording import counted, p_text
from registry.errors import AnalysisRefused

_PLOT_MM, _AXIS_MM, _LEFT_MM, _RIGHT_MM = 84.0, 11.0, 18.0, 29.0
_CURVE_POINTS = 300
_SHAPES = {"inside": "o", "alert": "D", "alarm": "s"}
_SIZES = {"inside": 4.6, "alert": 4.8, "alarm": 5.4}
_COLORS = {"inside": 0, "alert": 1, "alarm": 7}
_WORDS = {"inside": "inside the limits", "alert": "beyond 95 %", "alarm": "beyond 99.8 %"}

Floats = npt.NDArray[np.float64]


def casemix_figure(
    drawn: CaseMix,
    *,
    own: str | None = None,
    theme: ThemeName = "light",
    width_mm: float = WIDTH_MM,
) -> Figure:
    """Draw the centers beside the registry.

    Args:
        drawn: what :func:`analytics.casemix.casemix` gave.
        own: the label of the reader's own center, ringed and named; a center with an empty label is never named.
        theme: light or dark.
        width_mm: of the whole figure.

    Raises:
        AnalysisRefused: there is no center to draw.
    """
    centers = [one for one in drawn.centers if one.ratio is not None]
    if not centers:
        raise AnalysisRefused("There is no center to draw", remedy="Nothing is expected of any center")
    model, colors = drawn.model, THEMES[theme]
    chosen = model.chosen
    page = Page(
        width_mm,
        _PLOT_MM + _AXIS_MM,
        colors,
        title=f"{chosen.endpoint.title}: observed and expected {_events(drawn)} by center",
        lines=[
            f"Event: {chosen.endpoint.words}. Time from {chosen.start_words}.",
            f"Expected from Cox's model of all centers with {counted(len(model.factors), 'factor')}: "
            f"{counted(model.n, 'complete case')}, {model.events:,} {_events(drawn)}.",
        ],
        caption=_caption(drawn),
        key=_key(centers, own, colors),
    )
    width = width_mm - _LEFT_MM - _RIGHT_MM
    axes = page.axes(_LEFT_MM, page.top, width, _PLOT_MM)
    plain(axes, colors)
    most, top = max(center.expected for center in centers), _top(centers)
    axes.set_xlim(0, 1.06 * most)
    axes.set_ylim(-0.035 * top, top)
    axes.spines["left"].set_bounds(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    axes.set_ylim(-0.035 * top, top)
    axes.set_xlabel(f"Expected {_events(drawn)}", fontsize=TEXT_PT, color=colors.ink, labelpad=3)
    axes.set_ylabel("Observed / expected", fontsize=TEXT_PT, color=colors.ink, labelpad=4)
    grid = np.geomspace(max(most / 400, 0.02), 1.06 * most, _CURVE_POINTS)
    limits = _draw_limits(axes, grid, top, colors)
    _name_limits(page, limits, top)
    for center in sorted(centers, key=lambda center: center.place != "inside"):
        _draw_center(axes, center, center.label == own, colors)
    named = [center for center in centers if center.label and (center.place != "inside" or center.label == own)]
    named.sort(key=lambda center: (center.label != own, -center.expected))
    write_names(
        axes,
        [Name(center.label, center.expected, center.ratio or 0.0, center.label == own) for center in named],
        points=[(center.expected, center.ratio or 0.0) for center in centers],
        lines=[(float(x), float(y)) for side in (*limits, np.ones(len(grid))) for x, y in zip(grid, side, strict=True)],
        size=(width, _PLOT_MM),
        colors=colors,
    )
    return page.figure


def _events(drawn: CaseMix) -> str:
    return "deaths" if drawn.model.chosen.endpoint.name == "os" else "events"


def _top(centers: list[CenterOutcome]) -> float:
    """The highest ratio shown: all centers, and the upper limit where half of the volume is."""
    middle = sorted(centers, key=lambda center: center.expected)[len(centers) // 2]
    highest = max(2.0, middle.high_998 or 0.0, *(center.ratio or 0.0 for center in centers))
    return math.ceil(2 * highest + 0.2) / 2


def _draw_limits(axes: Axes, grid: Floats, top: float, colors: Theme) -> tuple[Floats, ...]:
    (low_95, high_95), (low_998, high_998) = (control_limits(grid, tail) for tail in (ALERT, ALARM))
    axes.fill_between(grid, low_95, np.minimum(high_95, top), color=colors.muted, alpha=0.10, linewidth=0, zorder=1)
    for limit, line in ((low_95, (0, (4, 2))), (high_95, (0, (4, 2))), (low_998, "solid"), (high_998, "solid")):
        axes.plot(grid, limit, color=colors.muted, linewidth=0.9, linestyle=line, zorder=2)
    axes.axhline(1, color=colors.ink, linewidth=1.0, zorder=2)
    return low_998, low_95, high_95, high_998


def _name_limits(page: Page, limits: tuple[Floats, ...], top: float) -> None:
    low_998, low_95, high_95, high_998 = (float(limit[-1]) for limit in limits)
    ends = [
        (low_998, "99.8 % limit", False),
        (low_95, "95 % limit", False),
        (1.0, "as expected", True),
        (high_95, "95 % limit", False),
        (high_998, "99.8 % limit", False),
    ]
    shown = [(min(value, top), text, bold) for value, text, bold in ends]
    name_ends(page, shown, (-0.035 * top, top), size=(_RIGHT_MM, _PLOT_MM))


def _draw_center(axes: Axes, center: CenterOutcome, own: bool, colors: Theme) -> None:
    color, small = colors.groups[_COLORS[center.place]], center.expected < SMALL
    place = (center.expected, center.ratio or 0.0)
    if own:
        axes.plot(*place, linestyle="none", clip_on=False, zorder=6, **_ring(colors, 11))
    axes.plot(
        *place,
        linestyle="none",
        marker=_SHAPES[center.place],
        markersize=_SIZES[center.place],
        markerfacecolor=colors.background if small else color,
        markeredgecolor=color if small else colors.background,
        markeredgewidth=1.1 if small else 0.6,
        clip_on=False,
        zorder=5,
    )


def _ring(colors: Theme, size: float) -> Mark:
    return {
        "marker": "o",
        "markersize": size,
        "markerfacecolor": "none",
        "markeredgecolor": colors.ink,
        "markeredgewidth": 1.3,
    }


def _key(centers: list[CenterOutcome], own: str | None, colors: Theme) -> list[tuple[str, Mark]]:
    entries: list[tuple[str, Mark]] = []
    for place, words in _WORDS.items():
        color = colors.groups[_COLORS[place]]
        mark = {"marker": _SHAPES[place], "markersize": _SIZES[place]}
        entries.append((words, mark | {"markerfacecolor": color, "markeredgecolor": color}))
    if any(center.expected < SMALL for center in centers):
        hollow = {"marker": "o", "markersize": 4.6, "markerfacecolor": colors.background, "markeredgewidth": 1.1}
        entries.append((f"fewer than {SMALL} expected", hollow | {"markeredgecolor": colors.groups[0]}))
    if any(center.label == own for center in centers):
        entries.append(("own center", _ring(colors, 8)))
    return entries


def _caption(drawn: CaseMix) -> str:
    model = drawn.model
    parts = [
        "Expected: the sum of the cumulative hazards of the patients over the time observed; the reference is the "
        "registry itself. Limits: exact Poisson about 1.",
        "Outside: more than chance explains; check the data first. No ranking.",
    ]
    if drawn.p is not None:
        parts.append(f"Test that all centers have the ratio 1: {p_text(drawn.p)}.")
    if drawn.few_events:
        parts.append(f"{model.events_per_variable:.1f} events for each coefficient: the adjustment is unsteady.")
    parts.append(f"{sum(model.excluded.values()):,} of {model.chosen.patients:,} left out.")
    parts.append(f"Data cut {drawn.data_cut.isoformat()}.")
    return " ".join(parts)
