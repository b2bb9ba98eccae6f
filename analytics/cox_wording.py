"""How hazard ratios are written for people, in figures and on the terminal."""

from __future__ import annotations

from analytics.cox_design import Column
from analytics.wording import p_text

Ratio = tuple[float | None, float | None, float | None]


def compared(column: Column) -> str:
    """What a coefficient compares."""
    return f"{column.words} vs {column.against}" if column.against else column.words


def ratio_text(ratio: Ratio) -> str:
    """A hazard ratio with its limits; a dash where it is not estimable."""
    hr, low, high = ratio
    return "–" if hr is None else f"{_number(hr)} ({_number(low)}–{_number(high)})"


def p_cell(p: float | None) -> str:
    """A p value for a column headed p; a dash where there is none."""
    return "–" if p is None else p_text(p).removeprefix("p = ").removeprefix("p ")


def _number(value: float | None) -> str:
    """Two decimals, or a power of ten where they show nothing; ∞ where a limit is beyond all numbers."""
    if value is None:
        return "∞"
    return f"{value:.2f}" if 0.005 <= value < 1000 else f"{value:.0e}"
