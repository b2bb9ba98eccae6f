"""What stands in Table 1 beside the estimates: the groups of the IRLM, published ratios, and the figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from analytics.consensus.episodes import Episodes
from analytics.consensus.factors import FACTORS
from analytics.cox import cox_analysis
from analytics.cox_covariates import covariate, values_at
from analytics.endpoints import analysis_set
from analytics.figures.forest import forest_of_cox, forest_of_table1
from analytics.figures.panel import panel_figure
from analytics.figures.schoenfeld import schoenfeld_figure
from analytics.figures.style import save
from analytics.irlm import irlm_group
from analytics.published import published
from analytics.table1 import table1
from registry.errors import AnalysisRefused
from tests.analytics.hand import Registry, operated


def group(**episode: str) -> Any:
    registry = Registry().patient().row("primary_tumor", diagnosed_on="2016-01-01", workup_completed_on="2016-01-20")
    registry.row(
        "local_treatment",
        started_on="2016-02-01",
        target="primary",
        modality="resection",
        intent="radical",
        residual_tumor="R0",
    )
    residual = episode.pop("residual", "R0")
    registry.episode(**({"detected_on": "2020-01-10", "lesion_count": "1"} | episode))
    registry.operation("2020-03-01", residual_tumor=residual)
    return irlm_group(Episodes(registry.frames())).iloc[0]


@pytest.mark.parametrize(
    ("episode", "expected"),
    [
        ({}, "I"),
        ({"detected_on": "2019-02-01"}, "I"),  # 36 months to the day
        ({"detected_on": "2019-01-31"}, "II"),
        ({"lesion_count": "2"}, "II"),
        ({"detected_on": "2018-01-01", "lesion_count": "3"}, "III"),
        ({"detected_on": "2016-01-15"}, "II"),  # synchronous: an interval of 0
        ({"detected_on": "2016-01-15", "lesion_count": "2"}, "III"),
        ({"residual": "R1"}, "IV"),
        ({"residual": "R2", "lesion_count": "UNK"}, "IV"),
        ({"residual": "RX"}, None),
        ({"lesion_count": "UNK"}, None),
    ],
)
def test_groups_of_the_international_registry(episode: dict[str, str], expected: str | None) -> None:
    found = group(**episode)
    assert (None if pd.isna(found) else found) == expected


def test_published_ratios_are_of_known_factors_and_cited() -> None:
    assert set(published()) <= set(FACTORS)
    for one in (one for ones in published().values() for one in ones):
        assert 0 < one.ci_low < one.hr < one.ci_high
        assert "doi:" in one.cite
        # Limits of a ratio are symmetric on the log scale: a slip of the pen would show.
        assert np.log(one.ci_low * one.ci_high) / 2 == pytest.approx(np.log(one.hr), abs=0.02)
    assert [one.hr for one in published()["high_cea"]] == [1.91, 1.5]


def drawn_cohort() -> Any:
    """120 patients made by hand, with every factor."""
    registry = Registry()
    random = np.random.default_rng(2)
    for number in range(120):
        name = f"P{number:03}"
        operated(name, registry, birth_date=f"{random.integers(1935, 1975)}-06-15")
        registry.rows["episode"][-1].update(
            lesion_count=str(random.integers(1, 7)),
            cea_ng_ml=str(random.integers(1, 12)),
            largest_mm=str(random.integers(5, 60)),
            thoracic_nodes=random.choice(["none", "confirmed", "UNK"]),
            ecog=str(random.integers(0, 3)),
            laterality=random.choice(["left", "bilateral"]),
        )
        registry.rows["local_treatment"][-1].update(
            residual_tumor=random.choice(["R0", "R0", "R1"]), procedure=random.choice(["wedge", "lobectomy"])
        )
        registry.row("primary_tumor", name, p_n=random.choice(["N0", "N1"]), site=random.choice(["rectum", "cecum"]))
        if random.random() < 0.7:
            registry.died(str(dt.date(2020, 3, 1) + dt.timedelta(days=int(random.integers(1, 1500)))), name)
    return registry.cohort()


@pytest.fixture(scope="module")
def cohort() -> Any:
    return drawn_cohort()


def test_every_covariate_is_read_as_its_group(cohort: Any) -> None:
    base = analysis_set(cohort)
    for given in values_at(cohort, base, [covariate(name) for name in FACTORS]):
        if given.values.isna().all():
            continue
        of_group = analysis_set(cohort, by=given.covariate.name)
        known = given.values.notna().to_numpy()
        assert base.patient_id[known].tolist() == of_group.patient_id.tolist()
        labels = [of_group.times.labels[at] for at in of_group.times.group]
        assert given.values[known].tolist() == labels


def png(figure: Any) -> bytes:
    written = BytesIO()
    save(figure, written, "png")
    return written.getvalue()


def texts(figure: Any) -> str:
    return "\n".join(text.get_text() for text in figure.texts)


def test_the_figures_say_what_they_show(cohort: Any) -> None:
    table = table1(cohort)
    forest, panel = forest_of_table1(table), panel_figure(table)
    for figure in (forest, panel):
        for words in ("Overall survival", "first radical lung resection", "Data cut 2025-12-31", "120 patients"):
            assert words in texts(figure)
        renderer = FigureCanvasAgg(figure).get_renderer()
        for text in figure.texts:
            box = text.get_window_extent(renderer)
            assert box.x0 >= 0
            assert box.x1 <= figure.bbox.width, text.get_text()
    for words in ("Gonzalez 2013", "1.91 (1.57–2.32)", "not estimable", "Definitions of published ratios differ"):
        assert words in texts(forest)
    assert len(panel.axes) == sum(bool(row.curves) for row in table.rows)
    assert png(forest) == png(forest_of_table1(table))
    assert png(forest_of_table1(table, theme="dark")) != png(forest)


def test_a_forest_of_one_model(cohort: Any) -> None:
    result = cox_analysis(cohort, factors=["high_cea", "ecog", "age", "cea"], splines=["cea"], stratify="center")
    figure = forest_of_cox(result)
    drawn = texts(figure)
    assert "Stratified by center_id" in drawn
    assert "CEA > 5 ng/ml vs CEA ≤ 5 ng/ml" in drawn
    assert "bend" not in drawn, "a bend of a spline is no hazard ratio"
    hazard, low, high = result.terms[0].hazard_ratio
    assert f"{hazard:.2f} ({low:.2f}–{high:.2f})" in drawn


def test_the_schoenfeld_plot(cohort: Any) -> None:
    result = cox_analysis(cohort, factors=["high_cea", "older_than_70"], transform="identity")
    figure = schoenfeld_figure(result)
    assert len(figure.axes) == 2
    points = figure.axes[0].lines[0]
    assert len(points.get_xdata()) == result.events
    # Schoenfeld residuals add up to 0: on the scale of the coefficient they lie around it.
    assert np.mean(points.get_ydata()) == pytest.approx(result.terms[0].coef, abs=1e-9)
    assert "on the scale of the test (time)" in texts(figure)


def test_figures_that_cannot_be_drawn(cohort: Any) -> None:
    nobody = cox_analysis(Registry().cohort(), factors=["high_cea"])
    with pytest.raises(AnalysisRefused, match="residuals"):
        schoenfeld_figure(nobody)
    with pytest.raises(AnalysisRefused, match="nobody"):
        panel_figure(table1(Registry().cohort()))
    bent = cox_analysis(cohort, factors=["cea"], splines=["cea"], knots=3)
    with pytest.raises(AnalysisRefused, match="no hazard ratio"):
        forest_of_cox(bent)
    assert replace(table1(cohort), rows=()).to_dict()["factors"] == []
