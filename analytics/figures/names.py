"""Names in a figure: of points, where they cover nothing, and of lines, beside their ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from analytics.figures.frame import SMALL_PT, Page, apart, fit
from analytics.figures.style import Theme, text_width_mm

_LABELS = 12
"""Points that are named at most, in the order given."""
_LABEL_MM = 2.9


@dataclass(frozen=True)
class Name:
    """A name that is wanted at a point of the data; the reader's own is bold, and its point has a ring."""

    text: str
    x: float
    y: float
    own: bool = False


@dataclass(frozen=True)
class _Box:
    """A rectangle in millimeters of the plot, from its lower left corner."""

    left: float
    low: float
    right: float
    high: float

    def meets(self, other: _Box) -> bool:
        return self.left < other.right and other.left < self.right and self.low < other.high and other.low < self.high


def write_names(
    axes: Axes,
    names: Sequence[Name],
    *,
    points: Sequence[tuple[float, float]],
    lines: Sequence[tuple[float, float]],
    size: tuple[float, float],
    colors: Theme,
) -> None:
    """Write names beside their points; those that have no free place stay away.

    Args:
        axes: with its limits set.
        names: the most important first.
        points: all points, which no name may cover.
        lines: points along the lines, which a name covers only where there is no other place for it.
        size: width and height of the plot in millimeters.
        colors: of the theme.
    """
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    width, height = size

    def mm(x: float, y: float) -> tuple[float, float]:
        return width * (x - left) / (right - left), height * (y - low) / (high - low)

    taken = [_around(*mm(x, y), 1.1) for x, y in points]
    along = [_around(*mm(x, y), 0.3) for x, y in lines]
    for name in names[:_LABELS]:
        text = fit(name.text, 40, SMALL_PT)
        length = text_width_mm(text, SMALL_PT, bold=name.own)
        boxes = [
            box
            for box in _places(*mm(name.x, name.y), length, 2.9 if name.own else 2.0)
            if box.left >= 0.5 and box.right <= width and box.low >= 0.5 and box.high <= height + 2.5
        ]
        free = (box for others in (taken + along, taken) for box in boxes if not any(box.meets(one) for one in others))
        box = next(free, None)
        if box is None:
            continue
        taken.append(box)
        axes.text(
            left + (box.left + box.right) / 2 / width * (right - left),
            low + (box.low + box.high) / 2 / height * (high - low),
            text,
            fontsize=SMALL_PT,
            color=colors.ink,
            weight="bold" if name.own else "normal",
            ha="center",
            va="center_baseline",
            path_effects=[withStroke(linewidth=1.8, foreground=colors.background)],
            zorder=7,
        )


def name_ends(
    page: Page, ends: Sequence[tuple[float, str, bool]], axis: tuple[float, float], *, size: tuple[float, float]
) -> None:
    """Write what lines are beside their right ends, pushed apart where they come near each other.

    Args:
        page: whose plot begins at its top.
        ends: where each line ends on the y axis, rising; its name; whether it is the main one.
        axis: the lower and the upper limit of the y axis.
        size: the room right of the plot, and the height of the plot, in millimeters.
    """
    (low, high), (right, height) = axis, size
    wanted = [height * (value - low) / (high - low) for value, _, _ in ends]
    x, y = page.width - right, page.top + height
    for at, (place, (_, text, bold)) in enumerate(zip(apart(wanted, 3.3), ends, strict=True)):
        color = page.colors.ink if bold else page.colors.muted
        page.figure.add_artist(
            Line2D(
                [(x + 0.3) / page.width, (x + 2.6) / page.width],
                [1 - (y - wanted[at]) / page.height, 1 - (y - place) / page.height],
                color=color,
                linewidth=0.5,
            )
        )
        page.write(text, x + 3.2, y - place, size=SMALL_PT, color=color, weight="bold" if bold else "normal")


def _around(x: float, y: float, reach: float) -> _Box:
    return _Box(x - reach, y - reach, x + reach, y + reach)


def _places(x: float, y: float, length: float, away: float) -> tuple[_Box, ...]:
    """Where a name of a length can stand beside a point: right, left, above, below."""
    half = _LABEL_MM / 2
    above, below = y + away - 0.4, y - away + 0.4
    return (
        _Box(x + away, y - half, x + away + length, y + half),
        _Box(x - away - length, y - half, x - away, y + half),
        _Box(x - length / 2, above, x + length / 2, above + _LABEL_MM),
        _Box(x - length / 2, below - _LABEL_MM, x + length / 2, below),
    )
