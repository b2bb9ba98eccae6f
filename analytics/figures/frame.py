"""What figures of the audit share: a page laid out in millimeters with a head and a caption, and plain axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from analytics.figures.style import Theme, new_figure, text_width_mm

MARGIN_MM, LINE_MM, SMALL_LINE_MM = 5.0, 4.1, 3.4
TITLE_PT, TEXT_PT, SMALL_PT = 10.5, 8.0, 7.0
_HEAD_MM, _KEY_MM = 2.6, 2.6
_LEAST_STEPS = 4

Mark = dict[str, Any]
"""How a mark is drawn: matplotlib's properties of a line."""


class Page:
    """A figure that is laid out in millimeters from its left and its upper edge.

    A head of a bold title, muted lines and a key stands on top, a caption at the foot; the room between belongs to the
    figure.

    Args:
        width, room: in millimeters; the height follows from the room and from how much there is to read.
        colors: of the theme.
        title: one line, cut where it is too long.
        lines: under the title; None leaves one out.
        key: words and how their mark is drawn, as matplotlib's properties of a line.
        caption: at the foot, wrapped.
    """

    def __init__(
        self,
        width: float,
        room: float,
        colors: Theme,
        *,
        title: str,
        lines: list[str | None],
        caption: str,
        key: Sequence[tuple[str, Mark]] = (),
    ) -> None:
        self.width, self.colors = width, colors
        head = [text for line in lines if line for text in wrapped(line, width - 2 * MARGIN_MM, TEXT_PT)]
        foot = wrapped(caption, width - 2 * MARGIN_MM, SMALL_PT)
        places = _key_places([words for words, _ in key], width)
        key_top = MARGIN_MM + _HEAD_MM + len(head) * LINE_MM + 5.7
        self.top = key_top + (places[-1][1] + 5.0 if places else -1.2)
        self.height = self.top + room + 3.0 + len(foot) * SMALL_LINE_MM + MARGIN_MM - 1.0
        self.figure: Figure = new_figure(width, self.height, colors)
        name = fit(title, width - 2 * MARGIN_MM, TITLE_PT, bold=True)
        self.write(name, MARGIN_MM, MARGIN_MM + 1.5, size=TITLE_PT, weight="bold")
        for row, text in enumerate(head):
            self.write(text, MARGIN_MM, MARGIN_MM + _HEAD_MM + (row + 1) * LINE_MM, color=colors.muted)
        for (words, mark), (x, y) in zip(key, places, strict=True):
            place = ([x / width], [1 - (key_top + y) / self.height])
            self.figure.add_artist(Line2D(*place, linestyle="none", **mark))
            self.write(words, x + _KEY_MM, key_top + y, size=SMALL_PT, color=colors.muted)
        for row, text in enumerate(foot):
            y = self.top + room + 3.0 + (row + 0.5) * SMALL_LINE_MM
            self.write(text, MARGIN_MM, y, size=SMALL_PT, color=colors.muted)

    def write(self, text: str, x: float, top: float, *, size: float = TEXT_PT, **options: Any) -> None:
        """Write a text in the middle of a line at so many millimeters from the top."""
        options.setdefault("color", self.colors.ink)
        options.setdefault("va", "center_baseline")
        self.figure.text(x / self.width, 1 - top / self.height, text, fontsize=size, **options)

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes with their upper left corner at a place of the page."""
        return self.figure.add_axes(
            (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height),
            facecolor=self.colors.background,
        )


def _key_places(words: list[str], width: float) -> list[tuple[float, float]]:
    """Where the marks of a key stand: from the left, and below its first row."""
    places: list[tuple[float, float]] = []
    x, y = MARGIN_MM + 1.2, 0.0
    for text in words:
        length = _KEY_MM + text_width_mm(text, SMALL_PT)
        if places and x + length > width - MARGIN_MM:
            x, y = MARGIN_MM + 1.2, y + LINE_MM
        places.append((x, y))
        x += length + 6
    return places


def plain(axes: Axes, colors: Theme) -> None:
    """Axes with a left and a lower line only, and a quiet grid across."""
    axes.grid(axis="y", color=colors.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(colors.muted)
        axes.spines[side].set_linewidth(0.8)
    axes.tick_params(colors=colors.muted, labelcolor=colors.ink, labelsize=TEXT_PT, width=0.8, length=3)


def percent_axis(axes: Axes, low: float, high: float) -> None:
    """A y axis in percent that holds fractions from low to high, with air about them and ticks from 0 to 100 only."""
    step = next((step for step in (0.05, 0.1) if high - low <= 6 * step), 0.2)
    # Rounding must not add a step below or above a limit that is a tick itself.
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    while last - first < _LEAST_STEPS:
        # Small differences are not blown up to fill the height.
        first, last = max(first - 1, 0), min(last + 1, round(1 / step))
    air = 0.035 * (last - first) * step
    axes.set_ylim(first * step - air, last * step + air)
    axes.set_yticks([tick * step for tick in range(first, last + 1)])
    axes.set_yticklabels([f"{100 * tick * step:.0f} %" for tick in range(first, last + 1)])
    axes.spines["left"].set_bounds(first * step, last * step)


def fit(text: str, width: float, points: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis where it is wider than so many millimeters."""
    if text_width_mm(text, points, bold=bold) <= width:
        return text
    while text and text_width_mm(text + "…", points, bold=bold) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def wrapped(text: str, width: float, points: float) -> list[str]:
    """The text in lines of at most so many millimeters; only a word that is wider alone stands out."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width_mm(longer, points) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def apart(wanted: list[float], least: float) -> list[float]:
    """Places as near to rising wanted ones as a least distance allows; those with room enough stay where they are."""
    groups: list[list[float]] = []
    for place in wanted:
        groups.append([place])
        while len(groups) > 1 and _start(groups[-1], least) < _start(groups[-2], least) + least * len(groups[-2]):
            last = groups.pop()
            groups[-1] += last
    return [_start(group, least) + least * at for group in groups for at in range(len(group))]


def _start(group: list[float], least: float) -> float:
    """Where a row of places begins whose middle is that of the wanted ones."""
    return sum(group) / len(group) - least * (len(group) - 1) / 2
