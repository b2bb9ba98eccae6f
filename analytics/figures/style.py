"""The house style: colors and line styles that tell groups apart for every eye, fonts, sizes, and saving."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Literal

import matplotlib
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from registry.errors import UsageError

ThemeName = Literal["light", "dark"]

MM = 1 / 25.4
"""A millimeter in inches."""

WIDTH_MM = 170.0
"""Two columns of a journal."""

DPI = 300

FORMATS = ("png", "svg", "pdf")


@dataclass(frozen=True)
class Theme:
    """The colors of a figure; those of groups keep a contrast of at least 3:1 with the background."""

    background: str
    ink: str
    muted: str
    grid: str
    groups: tuple[str, ...]


THEMES: dict[ThemeName, Theme] = {
    "light": Theme(
        background="#ffffff",
        ink="#1a1a1a",
        muted="#555555",
        grid="#e4e4e4",
        # After Okabe M, Ito K, "Color universal design" (2008), darkened until thin lines can be seen on white.
        groups=("#005f9e", "#c44e00", "#00795a", "#a1478f", "#8a6a00", "#2f8fc4", "#4d4d4d", "#8c1c13"),
    ),
    "dark": Theme(
        background="#14171c",
        ink="#f2f2f2",
        muted="#b4b8bf",
        grid="#2c3139",
        groups=("#56b4e9", "#ff9a4d", "#2fd1a2", "#e59bd6", "#f0d04a", "#9cc9ff", "#c8c8c8", "#ff8a80"),
    ),
}

LINES: tuple[Any, ...] = (
    "solid",
    (0, (5, 1.6)),
    (0, (1.2, 1.4)),
    (0, (6, 1.5, 1.2, 1.5)),
    (0, (9, 2.5)),
    (0, (6, 1.5, 1.2, 1.5, 1.2, 1.5)),
    (0, (3, 1.2)),
    (0, (1.2, 3)),
)
"""Line styles of the groups: they are told apart without color too."""

# Set once for the process and not around each drawing: figures are drawn in several threads.
matplotlib.rcParams.update(
    {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so a figure is the same everywhere
        "text.parse_math": False,
        "pdf.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "oligomet",
        "path.simplify": True,
    }
)


def new_figure(width_mm: float, height_mm: float, theme: Theme) -> Figure:
    """An empty figure of a size in millimeters."""
    return Figure(figsize=(width_mm * MM, height_mm * MM), dpi=DPI, facecolor=theme.background)


@lru_cache(maxsize=20_000)
def text_width_mm(text: str, points: float, *, bold: bool = False) -> float:
    """How wide a text is when set in the house font."""
    font = FontProperties(size=points, weight="bold" if bold else "normal")
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, ismath=False)
    return float(width) / 72 / MM


def save(figure: Figure, target: Path | str | IO[bytes], format: str | None = None) -> None:
    """Write a figure as PNG (300 dpi), SVG or PDF; the same figure gives the same bytes.

    Args:
        figure: what to write.
        target: a file, or something to write to.
        format: png, svg or pdf; absent: the suffix of the file.

    Raises:
        UsageError: another format.
    """
    target = Path(target) if isinstance(target, str) else target
    chosen = (format or (target.suffix.lstrip(".") if isinstance(target, Path) else "")).lower()
    if chosen not in FORMATS:
        raise UsageError("A figure is not written in this format", got=chosen, remedy=f"Take {', '.join(FORMATS)}")
    # Dates, and names of programs with their version, would change the bytes.
    metadata: dict[str, dict[str, Any]] = {
        "png": {"Software": None},
        "svg": {"Date": None, "Creator": None},
        "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    }
    figure.savefig(target, format=chosen, dpi=DPI, facecolor=figure.get_facecolor(), metadata=metadata[chosen])
