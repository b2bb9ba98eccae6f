"""The figure of a cumulative incidence: what stands in it, and that its curves and its table are the estimates."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.competing import CumulativeIncidence
from analytics.figures.cumulative_incidence import cumulative_incidence_figure
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.figures.style import FORMATS, text_width_mm
from analytics.survival import DAYS_PER_MONTH
from registry.errors import AnalysisRefused
from tests.analytics.test_km_figure import result, texts, written


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_words_of_a_figure(groups: int) -> None:
    shown = result(240, groups, endpoint="recurrence")
    found = texts(cumulative_incidence_figure(shown))
    for words in (
        "Cumulative incidence of recurrence",
        "recurrence; death without it competes",
        "first radical lung resection",
        "Data cut 2025-12-31",
        "Aalen-Johansen",
        "Deaths (cum",
        "log-log",
        f"{sum(shown.chosen.excluded.values())} of 252 left out",
    ):
        assert words in found
    for curve in shown.curves:
        assert isinstance(curve, CumulativeIncidence)
        assert f"n = {curve.n}, {curve.event_count} events, {curve.competing_count} deaths without it" in found
    assert ("Gray's test: p" in found) is (groups > 1)
    assert "Log-rank" not in found
    assert "median" not in found
    assert "not defined with late entries" in texts(
        cumulative_incidence_figure(result(240, 2, endpoint="recurrence", late=True))
    )


def test_treatments_are_called_treatments() -> None:
    found = texts(cumulative_incidence_figure(result(90, 2, endpoint="local_failure")))
    assert "90 treatments" in found
    assert "several treatments in a patient" in found
    assert "takes each treatment by itself" in found


def test_the_curve_rises_from_0_and_ends_with_follow_up() -> None:
    shown = result(60, 2, endpoint="recurrence")
    axes = cumulative_incidence_figure(shown).axes[0]
    assert axes.get_ylim() == (0, 1)
    drawn = [line for line in axes.lines if line.get_marker() == "None"]
    assert len(drawn) == 2
    for line, curve in zip(drawn, shown.curves, strict=True):
        x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
        assert (x[0], y[0]) == (0, 0)
        assert (np.diff(y) >= -1e-15).all()
        assert (x[-1], y[-1]) == (pytest.approx(curve.last_day / DAYS_PER_MONTH), curve.estimate[-1])


def test_the_last_rows_of_the_table_are_the_deaths() -> None:
    shown = result(300, 2, endpoint="recurrence")
    figure = cumulative_incidence_figure(shown)
    axes = figure.axes[0]
    ticks = [round(tick) for tick in axes.get_xticks()]
    below = [text for text in figure.texts if text.get_ha() == "center" and text.get_position()[1] < 0.5]
    heights = sorted({round(text.get_position()[1], 6) for text in below})[:2]
    times = shown.chosen.times  # type: ignore[attr-defined]
    for group, height in zip((1, 0), heights, strict=True):
        row = sorted((text for text in below if round(text.get_position()[1], 6) == height),
                     key=lambda text: float(text.get_position()[0]))  # fmt: skip
        dead = times.competing & (times.group == group)
        expected = [int((dead & (times.day <= month * DAYS_PER_MONTH)).sum()) for month in ticks]
        assert [int(text.get_text().replace(",", "")) for text in row] == expected


def test_a_long_first_line_becomes_two() -> None:
    for width in (120.0, 400.0):
        figure = cumulative_incidence_figure(result(60, endpoint="local_failure"), width_mm=width)
        lines = [text.get_text() for text in figure.texts if text.get_text().startswith(("Event:", "Time from"))]
        assert len(lines) == (2 if width == 120 else 1)
        assert not any(text.endswith("…") and text_width_mm(text, 8) > width for text in lines)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_bytes_twice_and_by_either_name(format: str) -> None:
    shown = result(100, 2, endpoint="recurrence")
    first, second = (written(cumulative_incidence_figure(shown), format) for _ in range(2))
    assert first == second == written(kaplan_meier_figure(shown), format)
    assert first.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])


def test_a_large_cohort_stays_a_small_file_and_nobody_is_refused() -> None:
    assert len(written(cumulative_incidence_figure(result(100_000, 2, endpoint="recurrence")), "svg")) < 300_000
    with pytest.raises(AnalysisRefused, match="nobody"):
        cumulative_incidence_figure(result(0, endpoint="recurrence"))
