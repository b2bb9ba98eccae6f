"""The figure of a cumulative incidence where death competes."""

from __future__ import annotations

from functools import partial

from matplotlib.figure import Figure

from analytics.competing import CumulativeIncidence
from analytics.curve import Curve
from analytics.figures.curve_text import Wording, at_risk, censored, events
from analytics.figures.curves import curve_figure
from analytics.figures.style import WIDTH_MM, ThemeName
from analytics.outcomes import SurvivalResult
from analytics.wording import few, name_of_test, p_text


def cumulative_incidence_figure(
    result: SurvivalResult, *, theme: ThemeName = "light", width_mm: float = WIDTH_MM
) -> Figure:
    """Draw the cumulative incidence of an analysis in which death competes.

    The arguments and errors are those of :func:`analytics.figures.curves.curve_figure`.
    """
    notes = ["Aalen-Johansen; deaths without the event compete."]
    if result.chosen.endpoint.of_treatments:
        notes.append("Limits account for several treatments in a patient.")
        if len(result.curves) > 1 and result.gray:
            notes.append("The test takes each treatment by itself.")
    wording = Wording(
        numbers=partial(_numbers, hide_below=result.hide_below),
        test=f"{name_of_test(result)}: {p_text(result.gray.p) if result.gray else 'not defined with late entries'}",
        rows=(
            ("At risk", at_risk),
            ("Censored (cum.)", censored),
            ("Events (cum.)", events),
            ("Deaths (cum.)", _deaths),
        ),
        notes=tuple(notes),
    )
    return curve_figure(result, wording, theme=theme, width_mm=width_mm)


def _deaths(curve: Curve, days: float) -> int:
    """Deaths without the event up to a time."""
    assert isinstance(curve, CumulativeIncidence)
    return int(curve.competing[: curve.row_at(days) + 1].sum())


def _numbers(curve: Curve, hide_below: int) -> str:
    assert isinstance(curve, CumulativeIncidence)
    deaths = few(curve.competing_count, hide_below, "death")
    five_years = curve.rates((60,))[0].estimate
    incidence = "" if five_years is None else f", {100 * five_years:.1f} % at 5 years"
    return f"n = {curve.n:,}, {few(curve.event_count, hide_below, 'event')}, {deaths} without it{incidence}"
