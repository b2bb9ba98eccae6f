"""The main figures look as they were last looked at: python -m tests.analytics.test_figure_images draws them anew.

Their pictures lie in tests/reference/figures, small. Letters are outlines of the fonts that
matplotlib brings, so machines differ by little; a line, a color or a word that moved is far more.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import matplotlib.image
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.figure import Figure

from analytics.consensus.factors import FACTORS
from analytics.cox import cox_analysis
from analytics.figures.forest import forest_of_table1
from analytics.figures.kaplan_meier import kaplan_meier_figure
from analytics.figures.panel import panel_figure
from analytics.figures.schoenfeld import schoenfeld_figure
from analytics.table1 import table1
from tests.analytics.test_km_figure import result
from tests.analytics.test_table1 import drawn_cohort

PICTURES = Path(__file__).resolve().parents[1] / "reference" / "figures"
DPI = 60
MOST = 0.012
"""The root of the mean square of what pixels (0 to 1) may differ by."""


def figures() -> Iterator[tuple[str, Figure]]:
    """The main figures by the name of their picture."""
    survival, incidence = result(240, 4, late=True), result(240, 2, endpoint="recurrence")
    cohort = drawn_cohort()
    # All were found synchronously, so nobody has an interval.
    table = table1(cohort, factors=[name for name in FACTORS if name != "short_dfi"])
    yield "survival", kaplan_meier_figure(survival)
    yield "survival-dark", kaplan_meier_figure(survival, theme="dark")
    yield "incidence", kaplan_meier_figure(incidence)
    yield "panel", panel_figure(table)
    yield "forest", forest_of_table1(table)
    yield "forest-dark", forest_of_table1(table, theme="dark")
    yield "schoenfeld", schoenfeld_figure(cox_analysis(cohort, factors=["high_cea", "age"]))


def pixels(figure: Figure) -> bytes:
    """A figure as a small PNG."""
    written = BytesIO()
    # Letters fitted to such large pixels would be wider than those of a figure in print.
    with mpl.rc_context({"text.hinting": "none"}):
        figure.savefig(written, format="png", dpi=DPI, facecolor=figure.get_facecolor(), metadata={"Software": None})
    return written.getvalue()


def difference(one: bytes, other: bytes) -> float:
    """How far two pictures are apart; infinite where their sizes differ."""
    first, second = (_read(content) for content in (one, other))
    return float(np.sqrt(np.mean((first - second) ** 2))) if first.shape == second.shape else np.inf


def _read(content: bytes) -> npt.NDArray[np.float64]:
    return np.asarray(matplotlib.image.imread(BytesIO(content), format="png"), dtype=np.float64)[..., :3]


def test_the_main_figures_look_as_before(tmp_path: Path) -> None:
    apart = {}
    drawn = {name: pixels(figure) for name, figure in figures()}
    assert set(drawn) == {path.stem for path in PICTURES.glob("*.png")}
    for name, content in drawn.items():
        (tmp_path / f"{name}.png").write_bytes(content)
        apart[name] = difference(content, (PICTURES / f"{name}.png").read_bytes())
    worst = {name: round(found, 4) for name, found in apart.items() if found > MOST}
    assert not worst, f"look at {tmp_path}; python -m tests.analytics.test_figure_images takes them as right"


@pytest.mark.parametrize("change", ["a word", "a color", "a curve"])
def test_a_change_is_seen(change: str) -> None:
    shown = result(240, 2)
    before, figure = pixels(kaplan_meier_figure(shown)), kaplan_meier_figure(shown)
    if change == "a word":
        max(figure.texts, key=lambda text: len(text.get_text())).set_visible(False)
    elif change == "a color":
        figure.axes[0].lines[0].set_color("red")
    else:
        figure.axes[0].lines[0].set_visible(False)
    assert difference(before, pixels(figure)) > MOST
    assert difference(before, pixels(kaplan_meier_figure(shown))) == 0


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, figure in figures():
        (PICTURES / f"{name}.png").write_bytes(pixels(figure))
