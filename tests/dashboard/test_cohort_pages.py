"""A choice of patients on the pages of outcomes: in the address, in every number, and never of a few."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from matplotlib.text import Text
from sqlalchemy.engine import Engine

from analytics.baseline import baseline
from analytics.cohort import Cohort, cohort_at
from analytics.figures.forest import forest_of_table1
from analytics.narrowing import labels_of
from analytics.outcomes import survival_analysis
from analytics.table1 import table1
from dashboard import store
from dashboard.disclosure import SMALLEST, protected_curves, protected_frame, protected_survival, protected_table1
from registry.access import Role
from registry.errors import AnalysisRefused
from tests.dashboard.pages import html, messages, opened
from tests.dashboard.test_outcome_pages import text
from tests.dashboard.test_pages import HOSTILE

PAGES = ("cohort.py", "survival.py", "competing.py", "prognosis.py")
CHOICE = {"high_cea": "yes", "timing": "metachronous,synchronous"}
WHERE = {"high_cea": ["yes"], "timing": ["metachronous", "synchronous"]}


@pytest.fixture
def cohort(registry: Engine) -> Cohort:
    """The simulated patients."""
    registry.dispose()  # see dashboard/store.py
    return cohort_at(store.all_frames(), pd.Timestamp.now().date())


@pytest.mark.parametrize("page", PAGES)
def test_a_choice_in_the_address_is_in_every_number(cohort: Cohort, page: str) -> None:
    endpoint = "recurrence" if page == "competing.py" else "os"
    result = survival_analysis(cohort, endpoint=endpoint, origin="lung_diagnosis", where=WHERE)
    shown = opened(page, role=Role.AUDITOR, origin="lung_diagnosis", **CHOICE)
    assert not shown.exception
    assert not messages(shown)
    said = text(shown)
    assert re.search(rf"Patients {result.n} of {result.chosen.patients}", said)
    assert "Only: timing metachronous or synchronous; CEA > 5 ng/ml." in said
    for reason in ("otherwise_high_cea", "missing_high_cea"):
        count = result.chosen.excluded.get(reason)
        words = "other than chosen" if reason.startswith("otherwise") else "not known, or does not apply"
        assert (f"High CEA {words} {count}" in said) == (count is not None)
    for image in shown.get("image"):
        assert image.proto.imgs[0].alt


def test_the_table_of_patients_is_that_of_the_analysis(cohort: Cohort) -> None:
    made = baseline(cohort, origin="lung_diagnosis", by="timing", where={"high_cea": ["yes"]})
    page = opened("cohort.py", role=Role.AUDITOR, origin="lung_diagnosis", by="timing", high_cea="yes")
    said = text(page)
    for row in made.rows:
        assert row.variable.label in said
        assert row.difference is None or f"{row.difference:.2f}" in said
    assert {button.proto.label for button in page.get("download_button")} == {"CSV", "HTML", "Word"}
    assert "Fingerprint" in said or "fingerprint" in said


def test_filters_are_chosen_and_taken_back(registry: Engine) -> None:
    page = opened("survival.py", role=Role.AUDITOR, origin="lung_diagnosis")
    page.multiselect(key="filters").set_value(["route", "sex"]).run()
    assert "sex" not in page.query_params
    page.multiselect(key="choices-sex").set_value(["male"]).run()
    page.multiselect(key="choices-route").set_value(["R-NIN", "R-LIV"]).run()
    assert {name: page.query_params[name] for name in ("sex", "route")} == {"sex": "male", "route": "R-LIV,R-NIN"}
    assert "Only: route R-LIV or R-NIN; sex male." in text(page)
    page.query_params["sex"] = "female"
    page.run()
    assert page.multiselect(key="choices-sex").value == ["female"]
    page.multiselect(key="filters").set_value(["route"]).run()
    assert "sex" not in page.query_params
    assert "Only: route R-LIV or R-NIN." in text(page)
    page.selectbox(key="choice-center").select("C01").run()
    assert page.query_params["center"] == "C01"
    assert "center C01" in text(page)


def test_a_choice_goes_along_from_page_to_page_and_no_further(registry: Engine) -> None:
    page = opened("cohort.py", role=Role.AUDITOR, sex="male")
    for file, along in (("survival.py", True), ("overview.py", False), ("competing.py", True), ("adherence.py", False)):
        page.switch_page(f"../pages/{file}")
        page.query_params.clear()
        page.run()
        assert not page.exception
        assert ("sex" in page.query_params) == along
        assert ("Only: sex male." in text(page)) == along
    page.switch_page("../pages/prognosis.py")
    page.query_params.clear()
    page.query_params["sex"] = "female"  # a link of somebody else
    page.run()
    assert "Only: sex female." in text(page)


@pytest.mark.parametrize(("name", "value"), [("route", HOSTILE), ("center", HOSTILE), ("sex", "male,x"), ("by", "x")])
def test_a_forged_choice_is_answered_and_left_out(registry: Engine, name: str, value: str) -> None:
    page = opened("cohort.py", role=Role.AUDITOR, **{name: value})
    assert not page.exception
    assert "there is not" in messages(page)
    assert "<img" not in html(page)
    assert page.query_params.get(name) in (None, ["male"], "male")
    unknown = opened("cohort.py", role=Role.AUDITOR, patient_id="P1", drop="table")
    assert not unknown.exception
    assert not messages(unknown)


def test_a_choice_by_the_future_is_refused_in_the_words_of_the_page(registry: Engine) -> None:
    page = opened("survival.py", role=Role.AUDITOR, origin="lung_diagnosis", lobectomy="yes")
    assert "immortal" in messages(page)
    assert not page.get("image")


def test_a_choice_never_sets_a_few_apart(cohort: Cohort) -> None:
    """Every name and label: a few chosen, or a few not chosen, are refused to who sees no small group."""
    everybody = survival_analysis(cohort, origin="lung_diagnosis").n
    refused = 0
    for name in ("route", "timing", "extent", "center", "detected", "high_cea", "thoracic_nodes", "rectal_primary"):
        for label in labels_of(cohort)[name]:
            result = survival_analysis(cohort, origin="lung_diagnosis", where={name: [label]})
            few = 0 < result.n < SMALLEST or 0 < everybody - result.n < SMALLEST
            try:
                protected_survival(result)
            except AnalysisRefused:
                refused += 1
            else:
                assert not few, (name, label)
    assert refused


def test_a_researcher_gets_no_few_by_a_filter(cohort: Cohort) -> None:
    few = next(
        label
        for label in labels_of(cohort)["center"]
        if 0 < survival_analysis(cohort, origin="lung_diagnosis", where={"center": [label]}).n < SMALLEST
    )
    for page in PAGES:
        shown = opened(page, role=Role.RESEARCHER, origin="lung_diagnosis", center=few)
        assert not shown.exception
        assert messages(shown)
        assert not shown.get("image")
        assert not shown.get("download_button")
        assert "Who was analyzed" not in html(shown)
        assert opened(page, role=Role.AUDITOR, origin="lung_diagnosis", center=few).get("download_button")


def test_the_files_of_a_researcher_hold_no_small_count(cohort: Cohort) -> None:
    for endpoint in ("os", "recurrence"):
        result = protected_survival(survival_analysis(cohort, origin="lung_diagnosis", endpoint=endpoint))
        frame = protected_curves(result)
        assert list(frame) == ["group", "words", "months", "at_risk", "estimate", "ci_low", "ci_high"]
        assert not {str(count) for count in range(1, SMALLEST)} & set(frame["at_risk"])
        assert frame.loc[frame["at_risk"] == f"< {SMALLEST}", "estimate"].isna().all()
        assert frame["estimate"].notna().any()
    made = protected_table1(table1(cohort, origin="lung_diagnosis"), cohort)
    written = [text.get_text() for text in forest_of_table1(made).findobj(Text)]
    counts = [part for line in written if re.fullmatch(r"[<\d, ]+ / [<\d, ]+", line) for part in line.split(" / ")]
    assert f"< {SMALLEST}" in counts
    assert not {str(count) for count in range(1, SMALLEST)} & set(counts)
    table = protected_frame(made.frame())
    for column in ("n", "events", "missing"):
        assert not {str(count) for count in range(1, SMALLEST)} & set(table[column])


def test_a_researcher_reads_no_small_count_of_the_table_of_patients(cohort: Cohort) -> None:
    shown = text(opened("cohort.py", role=Role.RESEARCHER, origin="lung_diagnosis", by="timing"))
    table = shown[shown.index("Who they are") : shown.index("How they were chosen")]
    assert "suppressed" in table
    open_table = baseline(cohort, origin="lung_diagnosis", by="timing")
    small = [
        level
        for row in open_table.rows
        for level in row.levels
        if any(0 < count < SMALLEST for count in level.counts if count is not None)
    ]
    assert small
    assert not re.search(r"(?<![.\d])[1-4] \(\d", table)


def test_no_point_of_the_plot_is_one_patient_for_a_researcher(cohort: Cohort) -> None:
    from analytics.figures.schoenfeld import schoenfeld_figure

    model = table1(cohort, origin="lung_diagnosis", factors=["multiple_lesions"]).multivariable
    assert model is not None
    drawn = {
        points: sum(line.get_marker() == "o" for line in schoenfeld_figure(model, points=points).axes[0].get_lines())
        for points in (True, False)
    }
    assert drawn == {True: 1, False: 0}
