"""The figures of the audit: what stands in them, that it equals the numbers, and that their bytes do not change."""

from __future__ import annotations

import datetime as dt
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from analytics.audit.funnel import Funnel, funnel
from analytics.audit.proportions import Rate, rate, rate_of_counts
from analytics.audit.trend import ProcessChart, RunChart, trend
from analytics.figures.frame import apart, fit, wrapped
from analytics.figures.funnel import funnel_figure
from analytics.figures.style import THEMES, text_width_mm
from analytics.figures.trend import trend_figure
from analytics.figures.waterfall import waterfall_figure
from registry.errors import AnalysisRefused
from tests.analytics.test_km_figure import texts, written

CUT = dt.date(2025, 6, 30)
COUNTS = {
    "not_applicable": 612,
    "undetermined_denominator": 48,
    "excluded": 9,
    "pending": 31,
    "exception": 22,
    "undetermined_numerator": 27,
    "adherent": 164,
    "non_adherent": 43,
}
HOLLOW = {theme.background for theme in THEMES.values()}


def centers(**options: Any) -> Funnel:
    return funnel(["North", "South", "Own", "Small", "Nil"], [100, 120, 40, 4, 0], [50, 105, 34, 3, 0], **options)


def months(count: int, *, gap: int | None = None, low: int | None = None) -> RunChart | ProcessChart:
    cases = [0 if at == gap else 20 + at % 3 for at in range(count)]
    met = [n and (2 if at == low else n - 4 - at % 2) for at, n in enumerate(cases)]
    return trend([f"2023-{at + 1:02d}" for at in range(count)], cases, met)


def draw_funnel(**options: Any) -> Figure:
    return funnel_figure(centers(), title="A rule", data_cut=CUT, own="Own", **options)


def draw_trend(**options: Any) -> Figure:
    return trend_figure(months(14, gap=5, low=9), title="A rule", data_cut=CUT, **options)


def draw_waterfall(**options: Any) -> Figure:
    return waterfall_figure(COUNTS, rate_of_counts(207, 164), title="A rule", data_cut=CUT, **options)


DRAWINGS = pytest.mark.parametrize("draw", [draw_funnel, draw_trend, draw_waterfall])


def points(figure: Figure) -> dict[tuple[float, float], Any]:
    """The single points of a figure: place -> line."""
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    return {(float(line.get_xdata()[0]), float(line.get_ydata()[0])): line for line in lines}


@DRAWINGS
def test_the_same_bytes_twice(draw: Callable[..., Figure]) -> None:
    assert written(draw(), "svg") == written(draw(), "svg")


@DRAWINGS
@pytest.mark.parametrize("theme", THEMES)
def test_each_theme(draw: Callable[..., Figure], theme: str) -> None:
    figure = draw(theme=theme, note="Center 7 only.")
    svg = written(figure, "svg")
    other = next(name for name in THEMES if name != theme)
    assert THEMES[theme].background.encode() in svg  # type: ignore[index]
    assert THEMES[other].ink.encode() not in svg  # type: ignore[index]
    for words in ("A rule", "Center 7 only.", "Data cut 2025-06-30."):
        assert words in texts(figure)


@DRAWINGS
@pytest.mark.parametrize("width", [120.0, 170.0])
def test_no_text_leaves_the_page(draw: Callable[..., Figure], width: float) -> None:
    figure = draw(width_mm=width)
    figure.draw_without_rendering()
    page = figure.bbox
    for text in (*figure.texts, *figure.axes[0].texts):
        box = text.get_window_extent()
        assert page.x0 <= box.x0, text.get_text()
        assert box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0, text.get_text()
        assert box.y1 <= page.y1, text.get_text()


def test_the_funnel_shows_each_center_at_its_place() -> None:
    drawn = centers()
    found = points(draw_funnel())
    assert set(found) == {(center.cases, center.rate) for center in drawn.centers}
    shapes = {found[center.cases, center.rate].get_marker(): center.place for center in drawn.centers}
    assert len(shapes) == len({center.place for center in drawn.centers}) == 2
    hollow = [place for place, line in found.items() if line.get_markerfacecolor() in HOLLOW]
    assert hollow == [(4, 0.75)]
    rings = [line for line in draw_funnel().axes[0].lines if line.get_markersize() == 11]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in rings] == [(40, 0.85)]


def test_the_words_of_a_funnel() -> None:
    drawn = centers()
    shown = draw_funnel()
    found = texts(shown)
    for words in (
        "Average of the registry 72.7 %: 192 of 264 cases in 4 centers.",
        "average 72.7 %",
        "95 % limit",
        "99.8 % limit",
        "which is no target",
        "check the data first",
        f"overdispersion {drawn.overdispersion.phi:.2f}",
        "limits are not widened for it",
        "Without cases: 1 center.",
        "fewer than 10 cases",
        "own center",
    ):
        assert words in found
    assert {text.get_text() for text in shown.axes[0].texts} == {"North", "South", "Own"}
    assert "design effect" not in found
    widened = texts(funnel_figure(centers(inflate=True, design_effect=1.5), title="", data_cut=CUT))
    assert "limits are widened for it" in widened
    assert "patients give several units (design effect 1.50)" in widened
    assert "own center" not in widened


def test_crowded_names_do_not_cover_each_other() -> None:
    random = np.random.default_rng(2)
    cases = random.integers(80, 130, 60)
    drawn = funnel([f"Center {at}" for at in range(60)], cases, random.binomial(cases, random.uniform(0.4, 0.9, 60)))
    figure = funnel_figure(drawn, title="", data_cut=CUT, own="Center 3")
    figure.draw_without_rendering()
    names = figure.axes[0].texts
    assert 3 <= len(names) <= 12
    assert "Center 3" in {name.get_text() for name in names}
    boxes = [name.get_window_extent() for name in names]
    assert not any(first.overlaps(second) for at, first in enumerate(boxes) for second in boxes[:at])


def test_a_trend_has_its_points_and_a_gap() -> None:
    chart = months(14, gap=5, low=9)
    assert isinstance(chart, ProcessChart)
    figure = draw_trend()
    found = points(figure)
    assert set(found) == {(at, period.rate) for at, period in enumerate(chart.periods) if period.rate is not None}
    line = max(figure.axes[0].lines, key=lambda line: len(line.get_xdata()))
    assert np.isnan(np.asarray(line.get_ydata(), dtype=float)).nonzero()[0].tolist() == [5]
    outside = {signal.first for signal in chart.signals if signal.rule == "outside"}
    assert {at for (at, _), point in found.items() if point.get_marker() == "s"} == outside == {9}
    said = texts(figure)
    for words in (
        "XmR chart.",
        "mean ",
        "upper limit",
        "lower limit",
        "(2023-10)",
        "1 period without cases",
        "outside",
    ):
        assert words in said
    counts = [text for text in figure.texts if text.get_ha() == "center"]
    rows: dict[float, list[str]] = {}
    for text in counts:
        rows.setdefault(round(text.get_position()[1], 6), []).append(text.get_text())
    assert [str(period.cases) for period in chart.periods] in rows.values()


def test_the_words_of_a_run_chart() -> None:
    said = texts(trend_figure(months(9), title="", data_cut=CUT))
    for words in ("Run chart.", "median ", "Longest run", "from 12 periods", "Fewer than 10 points"):
        assert words in said
    assert "limit " not in said
    rising = trend([f"Y{at}" for at in range(11)], [50] * 11, list(range(20, 42, 2)))
    said = texts(trend_figure(rising, title="", data_cut=CUT))
    assert "each higher or each lower than the one before (Y0 to Y10)" in said
    assert "part of a run or trend" in said
    assert "No signal" in texts(trend_figure(trend(["a"], [3], [3]), title="", data_cut=CUT))


def test_long_trends_write_fewer_labels() -> None:
    labels = [f"{2000 + at // 12}-{at % 12 + 1:02d}" for at in range(120)]
    figure = trend_figure(trend(labels, [1000] * 120, [700 + at % 7 for at in range(120)]), title="", data_cut=CUT)
    figure.draw_without_rendering()
    below = [text for text in figure.texts if text.get_ha() == "center"]
    assert 5 <= sum(text.get_text() in labels for text in below) <= 20
    boxes = [text.get_window_extent() for text in below]
    assert not any(first.overlaps(second) for at, first in enumerate(boxes) for second in boxes[:at])


def bars(figure: Figure) -> list[tuple[int, float, float]]:
    """The bars of a waterfall: part of the figure, from, to."""
    return [
        (part, patch.get_x(), patch.get_x() + patch.get_width())  # type: ignore[attr-defined]
        for part, axes in enumerate(figure.axes)
        for patch in axes.patches
    ]


def test_the_bars_of_a_waterfall_follow_each_other() -> None:
    assert bars(draw_waterfall()) == [
        (0, 0, 956),
        (0, 344, 956),
        (0, 296, 344),
        (0, 0, 296),
        (1, 287, 296),
        (1, 256, 287),
        (1, 234, 256),
        (1, 207, 234),
        (1, 0, 207),
        (1, 0, 164),
        (1, 164, 207),
    ]
    assert [axes.get_xlim() for axes in draw_waterfall().axes] == [(0, 956), (0, 296)]


@settings(max_examples=15)
@given(st.fixed_dictionaries({outcome: st.integers(0, 300) for outcome in COUNTS}))
def test_every_case_of_a_waterfall_is_drawn_once(counts: dict[str, int]) -> None:
    cases = counts["adherent"] + counts["non_adherent"]
    if sum(counts.values()) == 0:
        counts["pending"] = 1
    figure = waterfall_figure(counts, rate_of_counts(cases, counts["adherent"]), title="", data_cut=CUT)
    drawn = bars(figure)
    widths = {outcome: count for outcome, count in counts.items() if count}
    everything = sum(counts.values())
    denominator = everything - counts["not_applicable"] - counts["undetermined_denominator"]
    wholes = [count for count in (everything, denominator, cases) if count]
    assert sorted(end - start for _, start, end in drawn) == sorted([*widths.values(), *wholes])
    assert all(0 <= start < end <= (everything, denominator)[part] for part, start, end in drawn)


def test_the_words_of_a_waterfall() -> None:
    said = texts(draw_waterfall(unit="windows"))
    for words in (
        "Adherent: 164 of 207, 79.2 % (95 % CI 73.2 to 84.2).",
        "70.1 % to 81.6 % (numerator), 58.2 % to 84.8 % (denominator too)",
        "Completeness 73.4 %.",
        "All windows",
        "Limits: Wilson.",
        "79.2 % of the score",
        *("612", "48", "9", "31", "22", "27", "164", "43", "956", "296", "207"),
    ):
        assert words in said
    met, patients = np.array([True, False, True, True]), np.array([0, 0, 1, 1])
    shown = texts(waterfall_figure({"adherent": 3, "non_adherent": 1}, rate(met, patients), title="", data_cut=CUT))
    assert "clusters are patients" in shown
    assert "leave open" not in shown


def test_options_have_no_score() -> None:
    said = texts(waterfall_figure({"taken": 3, "not_taken": 9}, rate_of_counts(12, 3), title="", data_cut=CUT))
    assert "Taken: 3 of 12" in said
    assert "25.0 % of the decided" in said
    assert "score" not in said
    assert "dherent" not in said


def test_a_denominator_that_is_empty_or_open() -> None:
    counts = {"not_applicable": 40, "undetermined_denominator": 3}
    figure = waterfall_figure(counts, rate_of_counts(0, 0), title="", data_cut=CUT)
    assert len(figure.axes) == 1
    said = texts(figure)
    assert "Adherent: no cases." in said
    assert "Completeness 0.0 %." in said
    nobody = waterfall_figure({"not_applicable": 4}, rate_of_counts(0, 0), title="", data_cut=CUT)
    assert "Completeness" not in texts(nobody)


@pytest.mark.parametrize(
    ("counts", "shown", "error"),
    [
        ({}, rate_of_counts(0, 0), AnalysisRefused),
        ({"adhrent": 3}, rate_of_counts(0, 0), ValueError),
        ({"adherent": 3}, rate_of_counts(4, 3), ValueError),
    ],
)
def test_a_waterfall_that_cannot_be(counts: dict[str, int], shown: Rate, error: type[Exception]) -> None:
    with pytest.raises(error):
        waterfall_figure(counts, shown, title="", data_cut=CUT)


def test_nothing_to_draw() -> None:
    with pytest.raises(AnalysisRefused, match="no center"):
        funnel_figure(funnel(["a"], [0], [0]), title="", data_cut=CUT)
    with pytest.raises(AnalysisRefused, match="no period"):
        trend_figure(trend(["a"], [0], [0]), title="", data_cut=CUT)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12).map(sorted), st.floats(0.5, 8))
def test_places_are_pushed_apart_no_more_than_needed(wanted: list[float], least: float) -> None:
    placed = apart(wanted, least)
    assert all(second - first >= least - 1e-9 for first, second in itertools.pairwise(placed))
    assert sum(placed) == pytest.approx(sum(wanted), abs=1e-6)
    if all(second - first >= least for first, second in itertools.pairwise(wanted)):
        assert placed == pytest.approx(wanted)


def test_texts_fit_their_width() -> None:
    text = "a sentence that is written over several lines of a caption because it is long"
    lines = wrapped(text, 30, 7)
    assert " ".join(lines) == text
    assert all(text_width_mm(line, 7) <= 30 for line in lines)
    assert (fit("short", 30, 7), wrapped("", 30, 7)) == ("short", [])
    cut = fit("w" * 200, 30, 10, bold=True)
    assert cut.endswith("…")
    assert text_width_mm(cut, 10, bold=True) <= 30
    page = draw_funnel(note="word " * 80)
    assert page.get_figheight() > draw_funnel().get_figheight()


def test_pyplot_is_never_imported() -> None:
    program = (
        "import sys; from tests.analytics import test_audit_figures as t; "
        "[t.written(draw(), 'svg') for draw in (t.draw_funnel, t.draw_trend, t.draw_waterfall)]; "
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
