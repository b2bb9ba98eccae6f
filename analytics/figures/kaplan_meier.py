"""The Kaplan-Meier figure."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from analytics.curve import Curve
from analytics.figures.cumulative_incidence import cumulative_incidence_figure
from analytics.figures.curve_text import Wording, at_risk, censored, events
from analytics.figures.curves import curve_figure
from analytics.figures.style import WIDTH_MM, ThemeName
from analytics.outcomes import SurvivalResult
from analytics.wording import few, months_text, name_of_test, p_text


def kaplan_meier_figure(result: SurvivalResult, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM) -> Figure:
    """Draw the Kaplan-Meier figure of an analysis; where death competes, that of the cumulative incidence.

    The arguments and errors are those of :func:`analytics.figures.curves.curve_figure`.
    """
    if result.death_competes:
        return cumulative_incidence_figure(result, theme=theme, width_mm=width_mm)
    wording = Wording(
        numbers=partial(_numbers, hide_below=result.hide_below),
        test=f"{name_of_test(result)}: {p_text(result.test.p)}",
        rows=(("At risk", at_risk), ("Censored (cum.)", censored), ("Events (cum.)", events)),
        notes=("NR: not reached.",),
    )
    return curve_figure(result, wording, theme=theme, width_mm=width_mm)


def _numbers(curve: Curve, hide_below: int) -> str:
    return f"n = {curve.n:,}, {few(curve.event_count, hide_below, 'event')}, median {months_text(curve.median)}"
