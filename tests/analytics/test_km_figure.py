"""The Kaplan-Meier figure: what stands in it, that its table equals the estimates, and that its bytes do not change."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from analytics.endpoints import ENDPOINTS, AnalysisSet, analysis_set
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.figures.style import FORMATS, THEMES, save
from analytics.grouping import GROUPINGS
from analytics.origins import ORIGINS
from analytics.outcomes import SurvivalResult, estimate
from analytics.survival import DAYS_PER_MONTH, survival_times
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.hand import Registry

CUT = dt.date(2025, 12, 31)
BY = {1: None, 2: "high_cea", 4: "histology", 10: "site"}


def result(
    n: int, groups: int = 1, *, late: bool = False, endpoint: str = "os", center: str | None = None
) -> SurvivalResult:
    """An analysis of n patients in so many groups."""
    random = np.random.default_rng(7)
    day = random.integers(1, 3000, n)
    by = BY[groups]
    labels = list(GROUPINGS[by].words) if by else ["all"]
    ended = random.integers(0, 2, n)
    competes = ENDPOINTS[endpoint].death_competes
    competing = ended * (np.arange(n) % 3 == 1) * competes
    chosen = AnalysisSet(
        endpoint=ENDPOINTS[endpoint],
        origin=ORIGINS["lung_resection"],
        grouping=GROUPINGS[by] if by else None,
        times=survival_times(
            day,
            ended - competing,
            competing=competing if competes else None,
            entry=np.where(np.arange(n) % 3 == 0, day // 2, 0) if late else None,
            group=[labels[at % groups] for at in range(n)],
            labels=labels,
        ),
        patient_id=pd.Series([f"P{at}" for at in range(n)], dtype="object"),
        patients=n + 12,
        excluded={"origin_not_reached": 12},
        enrollment_unknown=0,
        delayed_entry=late,
        landmark_months=None,
        landmark_day=None,
        center=center,
    )
    return estimate(chosen, CUT)


def texts(figure: Figure) -> str:
    """All that is written in a figure, from top to bottom; the labels of the axes last."""
    free = sorted(figure.texts, key=lambda text: (-text.get_position()[1], text.get_position()[0]))
    axes = [text for text in figure.axes[0].findobj(Text) if isinstance(text, Text)]
    return " ".join(text.get_text() for text in (*free, *axes))


def written(figure: Figure, format: str) -> bytes:
    target = BytesIO()
    save(figure, target, format)
    return target.getvalue()


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_words_of_a_figure(groups: int) -> None:
    shown = result(240, groups, endpoint="rfs", center="C7")
    found = texts(kaplan_meier_figure(shown))
    for words in (
        "Recurrence-free survival",
        "recurrence or death from any cause",
        "first radical lung resection",
        "Data cut 2025-12-31",
        f"240 patients, {shown.events} events",
        "12 of 252 left out",
        "Center C7",
        "reverse Kaplan-Meier",
        "log-log",
        *(shown.words(curve.label) for curve in shown.curves),
        *(f"n = {curve.n}, {curve.event_count} events, median" for curve in shown.curves),
    ):
        assert words in found
    assert ("Log-rank test: p" in found) is (groups > 1)
    assert "at risk from enrollment" not in found


def test_late_entries_and_landmarks_are_said() -> None:
    found = texts(kaplan_meier_figure(result(40, late=True)))
    assert "Patients enrolled later are at risk from enrollment." in found
    made = Registry().patient().episode().operation()
    chosen = analysis_set(made.cohort(), landmark_months=6)
    found = texts(kaplan_meier_figure(estimate(chosen, CUT)))
    assert "the landmark 6 months after first radical lung resection" in found


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_table_under_the_curves_is_the_estimates(groups: int, late: bool) -> None:
    shown = result(400, groups, late=late)
    figure = kaplan_meier_figure(shown)
    axes = figure.axes[0]
    ticks = [round(tick) for tick in axes.get_xticks()]
    box, right = axes.get_position(), axes.get_xlim()[1]
    centers = {month: box.x0 + box.width * month / right for month in ticks}
    below = [text for text in figure.texts if text.get_position()[1] < box.y0 and text.get_ha() == "center"]
    rows: dict[float, dict[int, int]] = {}
    for text in below:
        x, y = text.get_position()
        month = min(centers, key=lambda month: abs(centers[month] - x))
        assert centers[month] == pytest.approx(x), "numbers stand under their tick"
        rows.setdefault(round(y, 6), {})[month] = int(text.get_text().replace(",", ""))
    got = [rows[y] for y in sorted(rows, reverse=True)]
    days = {month: month * DAYS_PER_MONTH for month in ticks}
    subjects = shown.chosen.times
    expected = []
    for kind in ("at risk", "censored", "events"):
        for at in range(groups):
            mine = subjects.group == at
            day, event, entry = subjects.day[mine], subjects.event[mine], subjects.entry[mine]
            row = {}
            for month, time in days.items():
                if kind == "at risk":
                    row[month] = int((((entry < time) | (entry == 0)) & (day >= time)).sum())
                else:
                    row[month] = int(((day <= time) & (event if kind == "events" else ~event)).sum())
            expected.append(row)
    assert got == expected


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_bytes_twice(format: str) -> None:
    first, second = (written(kaplan_meier_figure(result(100, 2)), format) for _ in range(2))
    assert first == second
    assert first.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])


@pytest.mark.parametrize("theme", THEMES)
def test_each_theme(theme: str) -> None:
    figure = kaplan_meier_figure(result(50, 4), theme=theme)  # type: ignore[arg-type]
    assert THEMES[theme].background.encode() in written(figure, "svg")  # type: ignore[index]


def test_groups_differ_in_color_and_in_line() -> None:
    curves = [line for line in kaplan_meier_figure(result(80, 4)).axes[0].lines if line.get_marker() == "None"]
    assert len({line.get_color() for line in curves}) == 4
    assert len({str(line._unscaled_dash_pattern) for line in curves}) == 4  # type: ignore[attr-defined]


def test_the_axis_goes_from_0_to_1_and_the_curve_ends_with_follow_up() -> None:
    shown = result(50, 2)
    axes = kaplan_meier_figure(shown).axes[0]
    assert axes.get_ylim() == (0, 1)
    curves = [line for line in axes.lines if line.get_marker() == "None"]
    for line, curve in zip(curves, shown.curves, strict=True):
        x, y = line.get_xdata(), line.get_ydata()
        assert (x[0], y[0]) == (0, 1)
        assert x[-1] == pytest.approx(curve.last_day / DAYS_PER_MONTH)
        assert y[-1] == pytest.approx(curve.estimate[-1])


@pytest.mark.parametrize("rows", [[(0, 1)], [(0, 0)], [(1, 0)], [(5, 1)], [(5, 1), (5, 0)], [(20_000, 1)]])
def test_tiny_cohorts(rows: list[tuple[int, int]]) -> None:
    chosen = result(1).chosen
    times = survival_times([row[0] for row in rows], [row[1] for row in rows])
    shown = estimate(AnalysisSet(**{**vars(chosen), "times": times, "excluded": {}, "patients": len(rows)}), CUT)
    assert written(kaplan_meier_figure(shown), "svg")


def test_nobody_and_too_many_groups() -> None:
    empty = estimate(analysis_set(Registry().cohort()), CUT)
    assert empty.curves == ()
    with pytest.raises(AnalysisRefused, match="nobody"):
        kaplan_meier_figure(empty)
    with pytest.raises(AnalysisRefused, match="groups") as refused:
        kaplan_meier_figure(result(50, 10))
    assert refused.value.got == 10


def test_another_format_is_refused(tmp_path: Path) -> None:
    figure = kaplan_meier_figure(result(5))
    with pytest.raises(UsageError, match="format"):
        save(figure, tmp_path / "figure.gif")
    save(figure, tmp_path / "figure.SVG")
    assert (tmp_path / "figure.SVG").read_bytes() == written(figure, "svg")


def test_a_large_cohort_stays_a_small_file() -> None:
    svg = written(kaplan_meier_figure(result(100_000, 2)), "svg")
    assert len(svg) < 300_000


def test_curves_that_are_thinned_for_print_keep_their_height() -> None:
    shown = result(100_000)
    line = next(line for line in kaplan_meier_figure(shown).axes[0].lines if line.get_marker() == "None")
    x, y = np.asarray(line.get_xdata()) * DAYS_PER_MONTH, np.asarray(line.get_ydata())
    curve = shown.curves[0]
    exact = np.array([curve.estimate[curve.row_at(day + 1e-6)] if day >= curve.day[0] else 1.0 for day in x[::2]])
    assert np.abs(y[::2] - exact).max() == 0
    assert (x[-1], y[-1]) == (pytest.approx(curve.last_day), curve.estimate[-1])
    assert len(x) < 2000


def test_pyplot_is_never_imported() -> None:
    program = (
        "import sys; from tests.analytics import test_km_figure as t; "
        "f = t.kaplan_meier_figure(t.result(30)); [t.written(f, x) for x in t.FORMATS]; "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
