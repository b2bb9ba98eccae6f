"""A picture made of rectangles, lines, marks and texts in millimeters, drawn at once as SVG or by matplotlib for print.

A page shows a picture of its own for each patient: as SVG it is written in a hundredth of the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analytics.figures.style import MM, THEMES, ThemeName, new_figure

_PT = 72 * MM
"""A millimeter in points."""

_HALF_CAPITAL = 0.365
"""Half the height of a capital letter of the house font, in its size: texts stand with their middle at their place."""

_FONT = "'DejaVu Sans', Verdana, sans-serif"

Shape = Literal["o", "s", "D", "^", "v", ">", "X", "|", "+"]
"""A matplotlib marker."""

_OUTLINES: dict[str, Sequence[tuple[float, float]]] = {
    "s": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "D": ((0, -0.707), (0.707, 0), (0, 0.707), (-0.707, 0)),
    "^": ((0, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "v": ((0, 0.5), (0.5, -0.5), (-0.5, -0.5)),
    ">": ((0.5, 0), (-0.5, 0.5), (-0.5, -0.5)),
    "X": tuple(
        (x / 4, y / 4)
        for x, y in (
            *((-1, -2), (0, -1), (1, -2), (2, -1), (1, 0), (2, 1)),
            *((1, 2), (0, 1), (-1, 2), (-2, 1), (-1, 0), (-2, -1)),
        )
    ),
}
"""Corners of the filled marks, in their size; y goes down."""

_STROKES = {"|": "M0-{0}V{0}", "+": "M0-{0}V{0}M-{0} 0H{0}"}


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle from its upper left corner on."""

    x: float
    y: float
    width: float
    height: float
    color: str
    alpha: float = 1.0

    def svg(self) -> str:
        """The element."""
        place = f'x="{_n(self.x)}" y="{_n(self.y)}" width="{_n(self.width)}" height="{_n(self.height)}"'
        return f'<rect {place} fill="{self.color}" fill-opacity="{self.alpha}"/>'


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line; its width in points."""

    x: float
    y: float
    to_x: float
    to_y: float
    color: str
    width: float
    dotted: bool = False

    def svg(self) -> str:
        """The element."""
        place = f'x1="{_n(self.x)}" y1="{_n(self.y)}" x2="{_n(self.to_x)}" y2="{_n(self.to_y)}"'
        dots = f' stroke-dasharray="{self.width} {1.65 * self.width:.2f}"' if self.dotted else ""
        return f'<line {place} stroke="{self.color}" stroke-width="{self.width}"{dots}/>'


@dataclass(frozen=True, slots=True)
class Point:
    """A mark with its middle at a place; sizes in points."""

    x: float
    y: float
    shape: Shape
    size: float
    fill: str
    edge: str
    edge_width: float = 0.9

    def svg(self) -> str:
        """The element."""
        x, y = self.x * _PT, self.y * _PT
        stroke = f'stroke="{self.edge}" stroke-width="{self.edge_width}"'
        if self.shape == "o":
            return f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{self.size / 2}" fill="{self.fill}" {stroke}/>'
        if self.shape in _STROKES:
            path = _STROKES[self.shape].format(self.size / 2)
            return f'<path transform="translate({x:.2f} {y:.2f})" d="{path}" {stroke}/>'
        corners = " ".join(f"{x + self.size * dx:.2f},{y + self.size * dy:.2f}" for dx, dy in _OUTLINES[self.shape])
        return f'<polygon points="{corners}" fill="{self.fill}" {stroke}/>'


@dataclass(frozen=True, slots=True)
class Text:
    """Words of one line, of which the place is the start, the middle or the end, at half their height."""

    x: float
    y: float
    text: str
    points: float
    color: str
    align: Literal["left", "center", "right"] = "left"
    bold: bool = False

    @property
    def baseline(self) -> float:
        """Where the letters stand, in millimeters."""
        return self.y + _HALF_CAPITAL * self.points / _PT

    def svg(self) -> str:
        """The element."""
        anchor = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}[self.align]
        weight = ' font-weight="bold"' if self.bold else ""
        place = f'x="{_n(self.x)}" y="{_n(self.baseline)}" font-size="{self.points}"'
        return f'<text {place} fill="{self.color}"{anchor}{weight}>{escape(self.text)}</text>'


Item = Rect | Line | Point | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture; what comes later covers what came before.

    Args:
        width, height: in millimeters.
        theme: whose background it has.
        items: in millimeters from the upper left corner.
    """

    width: float
    height: float
    theme: ThemeName
    items: tuple[Item, ...]

    def svg(self) -> str:
        """The picture as an SVG file, its texts as texts."""
        size = f"{_n(self.width)} {_n(self.height)}"
        width, height = size.split()
        return "".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" height="{height}pt" viewBox="0 0 {size}"',
                f' font-family="{_FONT}">',
                f'<rect width="100%" height="100%" fill="{THEMES[self.theme].background}"/>',
                *(item.svg() for item in self.items),
                "</svg>",
            )
        )

    def figure(self) -> Figure:
        """The picture as a figure of matplotlib, to be saved in any format."""
        figure = new_figure(self.width, self.height, THEMES[self.theme])
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        for order, item in enumerate(self.items):
            match item:
                case Rect():
                    made = Rectangle((item.x, item.y), item.width, item.height, linewidth=0, zorder=order)
                    made.set(facecolor=item.color, alpha=item.alpha)
                    axes.add_patch(made)
                case Line():
                    axes.plot(
                        [item.x, item.to_x],
                        [item.y, item.to_y],
                        color=item.color,
                        linewidth=item.width,
                        linestyle=":" if item.dotted else "-",
                        solid_capstyle="butt",
                        zorder=order,
                    )
                case Point():
                    axes.plot(
                        item.x,
                        item.y,
                        marker=item.shape,
                        markersize=item.size,
                        markerfacecolor=item.fill,
                        markeredgecolor=item.edge,
                        markeredgewidth=item.edge_width,
                        linestyle="none",
                        zorder=order,
                    )
                case Text():
                    axes.text(
                        item.x,
                        item.baseline,
                        item.text,
                        fontsize=item.points,
                        color=item.color,
                        weight="bold" if item.bold else "normal",
                        ha=item.align,
                        zorder=order,
                    )
        return figure


def _n(millimeters: float) -> str:
    """A length as SVG has it here: in points."""
    return f"{millimeters * _PT:.2f}"
