"""Prognosis, benchmarks and competing endpoints: the numbers of the analysis, by role, without small cells."""

from __future__ import annotations

import html as escaping
import re

import pandas as pd
import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.benchmarks import benchmarks
from analytics.cohort import Cohort, cohort_at
from analytics.competing import CumulativeIncidence
from analytics.consensus.benchmarks import BENCHMARKS
from analytics.cox_wording import ratio_text
from analytics.outcomes import survival_analysis
from analytics.table1 import table1
from dashboard import store
from dashboard.disclosure import SMALLEST, TOO_SMALL, protected_table1
from registry.access import Role
from registry.errors import AnalysisRefused
from tests.dashboard.pages import html, messages, opened

SEEING = (Role.RESEARCHER, Role.AUDITOR)


def _cohort(registry: Engine) -> Cohort:
    registry.dispose()  # see dashboard/store.py
    return cohort_at(store.all_frames(), pd.Timestamp.now().date())


def text(page: AppTest) -> str:
    return re.sub(r"\s+", " ", escaping.unescape(re.sub(r"<[^>]+>", " ", html(page))))


def test_table_1_stands_with_its_models_its_figure_and_the_test(registry: Engine) -> None:
    made = table1(_cohort(registry), origin="lung_diagnosis")
    page = opened("prognosis.py", role=Role.AUDITOR, origin="lung_diagnosis")
    assert not page.exception
    assert not messages(page)
    shown = text(page)
    for row in made.rows:
        assert row.covariate.sentence in shown
        for term in (*row.alone, *row.together):
            assert ratio_text(term.hazard_ratio) in shown
        for one in row.published:
            assert f"{one.short} {one.hr:.2f}" in shown
    assert made.multivariable is not None
    for test in made.multivariable.proportional_hazards:
        assert test.statistic is None or f"{test.statistic:.2f} {test.df}" in shown
    assert page.get("image")[0].proto.imgs[0].alt.startswith("Forest plot")
    assert {button.proto.label for button in page.get("download_button")} == {"SVG", "PNG", "PDF", "CSV of the table"}


def test_a_researcher_sees_table_1_without_small_groups(registry: Engine) -> None:
    made = table1(_cohort(registry))
    page = opened("prognosis.py", role=Role.RESEARCHER)
    assert not page.exception
    shown = html(page)
    small = [row for row in made.rows if any(curve.n < SMALLEST for curve in row.curves)]
    for row in made.rows:
        assert (f"<b>{escaping.escape(row.covariate.sentence)}</b>" in shown) == (row not in small)
    assert small
    kept = protected_table1(made, _cohort(registry))
    assert {name for name, why in kept.left_out.items() if why == TOO_SMALL} >= {row.covariate.name for row in small}
    assert "Prognosis" in [title.value for title in page.title]


def test_nobody_is_analyzed_who_could_be_recognized(registry: Engine) -> None:
    cohort = _cohort(registry)
    few = table1(cohort).chosen.patient_id.iloc[: SMALLEST - 1]
    with pytest.raises(AnalysisRefused, match="Fewer than 5"):
        protected_table1(table1(cohort.of(few)), cohort.of(few))


@pytest.mark.parametrize("role", SEEING)
def test_every_printed_figure_has_the_registrys_own_and_its_caution(registry: Engine, role: Role) -> None:
    page = opened("benchmarks.py", role=role)
    assert not page.exception
    shown = text(page)
    for document in benchmarks(_cohort(registry)):
        printed = BENCHMARKS[document["id"]]
        assert f"{printed.title} printed: {printed.printed}" in shown
        assert printed.caution in shown
        for figure in document["registry"]:
            assert figure["reading"] in shown
            n, met = figure["denominator"], figure.get("numerator")
            if role is Role.AUDITOR and n and "undetermined" in figure:
                assert f"{met:,} of {n:,}" in shown
    if role is Role.RESEARCHER:
        assert not re.search(r"\b[1-4] of \d", shown)
        assert "suppressed" in shown


@pytest.mark.parametrize(
    ("endpoint", "by"), [("recurrence", None), ("recurrence", "sex"), ("local_failure", "modality")]
)
def test_where_death_competes_the_incidence_is_shown(registry: Engine, endpoint: str, by: str | None) -> None:
    result = survival_analysis(_cohort(registry), endpoint=endpoint, by=by)
    page = opened("survival.py", role=Role.AUDITOR, endpoint=endpoint, **({"by": by} if by else {}))
    assert not page.exception
    assert not messages(page)
    shown = text(page)
    alt = page.get("image")[0].proto.imgs[0].alt
    assert alt.startswith("Cumulative incidence of")
    assert ("Gray's test" in shown) == (len(result.curves) > 1) == (by is not None)
    assert "Log-rank" not in shown
    assert "Mean to" not in shown
    for curve in result.curves:
        assert isinstance(curve, CumulativeIncidence)
        assert f"{result.words(curve.label)} {curve.n} {curve.event_count} {curve.competing_count}" in shown
    origins = [box for box in page.selectbox if box.label == "Origin of time"]
    assert bool(origins) == (endpoint == "recurrence")


def test_modality_is_a_factor_of_treatments_only(registry: Engine) -> None:
    assert "there is not" in messages(opened("survival.py", role=Role.AUDITOR, by="modality"))
    page = opened("survival.py", role=Role.AUDITOR, endpoint="local_failure", by="modality")
    assert "resection" in page.get("image")[0].proto.imgs[0].alt
