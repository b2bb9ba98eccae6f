"""The Schoenfeld plot: how the coefficients of a model change with time, which proportional hazards forbid."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.cox import CoxResult
from analytics.cox_risk import Floats
from analytics.cox_splines import KNOT_LEVELS, spline_basis
from analytics.cox_tests import scaled_schoenfeld, time_transform
from analytics.cox_wording import compared
from analytics.figures.frame import LINE_MM, MARGIN_MM, SMALL_PT, TEXT_PT, Page, fit, plain
from analytics.figures.style import LINES, THEMES, WIDTH_MM, Theme, ThemeName
from analytics.kaplan_meier import Z
from analytics.survival import DAYS_PER_MONTH
from analytics.wording import counted, p_text
from registry.errors import AnalysisRefused

_COLUMNS, _PLOT_MM, _TITLE_MM, _AXIS_MM, _LEFT_MM, _GAP_MM = 2, 42.0, 10.0, 12.0, 12.0, 6.0
_POINTS = 600
"""Residuals that are drawn at most in a plot; the curve is fitted to all of them."""
_MOST = 12
_MONTHS = (3, 6, 12, 24, 36, 60, 96, 120, 180, 240)


def schoenfeld_figure(
    result: CoxResult, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM, points: bool = True
) -> Figure:
    """Draw the scaled Schoenfeld residuals of each coefficient over time, with a smooth curve and its limits.

    The curve is a natural cubic spline with four degrees of freedom, as in ``plot(cox.zph)`` of R's survival.

    Args:
        result: the model.
        theme, width_mm: how it looks.
        points: whether the residuals are drawn; each is of one patient, and stands at the same time in every plot.

    Raises:
        AnalysisRefused: no coefficient is estimable, there are fewer than five events, or too many coefficients.
    """
    columns = result.columns.columns
    shown: list[int] = np.flatnonzero(result.fit.estimable).tolist()
    if not shown or result.events < 5:
        raise AnalysisRefused("There are no residuals to draw", remedy="A plot needs an estimate and five events")
    if len(shown) > _MOST:
        raise AnalysisRefused(f"More than {_MOST} plots do not fit", got=len(shown), remedy="Take fewer factors")
    colors = THEMES[theme]
    rows = math.ceil(len(shown) / _COLUMNS)
    each = _TITLE_MM + _PLOT_MM + _AXIS_MM
    chosen = result.chosen
    scale = {"km": "1 less Kaplan-Meier", "identity": "time"}[result.transform]
    page = Page(
        width_mm,
        rows * each,
        colors,
        title="Proportional hazards: coefficients over time",
        lines=[
            f"{chosen.endpoint.title}. Time from {chosen.start_words}, on the scale of the test ({scale}).",
            f"All together: {p_text(result.proportional_hazards[-1].p)} (Grambsch-Therneau)",
        ],
        caption=" ".join(
            (
                f"{counted(result.n, 'patient')}, {counted(result.events, 'event')}.",
                f"Data cut {result.data_cut.isoformat()}.",
                *([f"Only: {chosen.where_words}."] if chosen.where else []),
                "Points: scaled Schoenfeld residuals, those far out left out of the frame;"
                if points
                else "Of scaled Schoenfeld residuals, which are not drawn,",
                "curve: natural cubic spline with its 95 % band; dashed: the estimate of the model.",
                "A level curve speaks for proportional hazards.",
            )
        ),
    )
    days, residuals = scaled_schoenfeld(result.fit)
    where = _place(result, days)
    tests = {test.factor: test for test in result.proportional_hazards}
    width = (width_mm - 2 * MARGIN_MM - _COLUMNS * _LEFT_MM - (_COLUMNS - 1) * _GAP_MM) / _COLUMNS
    for number, at in enumerate(shown):
        left = MARGIN_MM + _LEFT_MM + (number % _COLUMNS) * (width + _LEFT_MM + _GAP_MM)
        top = page.top + (number // _COLUMNS) * each
        page.write(fit(compared(columns[at]), width, TEXT_PT, bold=True), left, top + 2, weight="bold")
        test = tests[columns[at].factor]
        groups = f" ({test.df} coefficients)" if test.df > 1 else ""
        page.write(
            f"{columns[at].factor}{groups}: {p_text(test.p)}",
            left,
            top + 2 + LINE_MM,
            size=SMALL_PT,
            color=colors.muted,
        )
        axes = page.axes(left, top + _TITLE_MM, width, _PLOT_MM)
        _draw(axes, where, residuals[:, at], float(result.fit.coefficients[at]), colors, points)
        _time_axis(axes, days, where, result)
    return page.figure


def _place(result: CoxResult, days: np.ndarray) -> Floats:
    """Where each event stands on the time axis."""
    g = time_transform(result.fit, result.transform)
    of_day = dict(zip(result.fit.sets.day.tolist(), g.tolist(), strict=True))
    return np.array([of_day[day] for day in days.tolist()])


def _draw(axes: Axes, where: Floats, residuals: Floats, coefficient: float, colors: Theme, points: bool) -> None:
    plain(axes, colors)
    step = max(1, len(where) // _POINTS)
    drawn = np.argsort(where, kind="stable")[::step]
    if points:
        axes.plot(
            where[drawn],
            residuals[drawn],
            linestyle="none",
            marker="o",
            markersize=2,
            color=colors.muted,
            alpha=0.35,
            zorder=2,
        )
    axes.axhline(coefficient, color=colors.groups[1], linestyle=LINES[1], linewidth=1.2, zorder=3)
    smooth = _smooth(where, residuals)
    if smooth is not None:
        grid, middle, half = smooth
        axes.fill_between(grid, middle - half, middle + half, color=colors.groups[0], alpha=0.16, linewidth=0, zorder=2)
        axes.plot(grid, middle, color=colors.groups[0], linewidth=1.5, zorder=4)
    low, high = (float(one) for one in np.quantile(residuals, (0.02, 0.98)))
    if smooth is not None:
        # The curve is what is looked at: far residuals of a rare group would press it flat.
        bottom, top = min(float(np.min(middle - half)), coefficient), max(float(np.max(middle + half)), coefficient)
        reach = top - bottom
        low, high = min(max(low, bottom - reach), bottom), max(min(high, top + reach), top)
    air = 0.05 * (high - low) or 1.0
    axes.set_ylim(low - air, high + air)
    axes.set_ylabel("coefficient", fontsize=SMALL_PT, color=colors.ink, labelpad=2)
    axes.tick_params(labelsize=SMALL_PT)


def _smooth(where: Floats, residuals: Floats) -> tuple[Floats, Floats, Floats] | None:
    """The spline of the residuals and half the width of its band; None where there are too few event days."""
    knots = np.quantile(where, KNOT_LEVELS[5])
    if len(np.unique(knots)) < 5 or len(where) < 10:
        return None
    basis = np.column_stack((np.ones(len(where)), spline_basis(where, knots)))
    inverse = np.linalg.pinv(basis.T @ basis)
    coefficients = inverse @ basis.T @ residuals
    variance = float(np.sum((residuals - basis @ coefficients) ** 2)) / (len(where) - basis.shape[1])
    grid = np.linspace(where.min(), where.max(), 80)
    at = np.column_stack((np.ones(len(grid)), spline_basis(grid, knots)))
    return grid, at @ coefficients, Z * np.sqrt(variance * np.einsum("ij,jk,ik->i", at, inverse, at))


def _time_axis(axes: Axes, days: np.ndarray, where: Floats, result: CoxResult) -> None:
    """Ticks at months, where they stand on the scale of the test."""
    order = np.argsort(days, kind="stable")
    lowest, highest = float(where.min()), float(where.max())
    ticks: list[tuple[float, int]] = []
    for month in _MONTHS:
        if days.min() <= month * DAYS_PER_MONTH <= days.max():
            place = float(np.interp(month * DAYS_PER_MONTH, days[order], where[order]))
            if not ticks or place - ticks[-1][0] > 0.08 * (highest - lowest):
                ticks.append((place, month))
    axes.set_xticks([place for place, _ in ticks], [str(month) for _, month in ticks])
    axes.set_xlim(lowest - 0.02 * (highest - lowest), highest + 0.02 * (highest - lowest))
    axes.set_xlabel("Months", fontsize=SMALL_PT, labelpad=2)
