"""Centers beside each other and rates over time: the figures of the analysis, and how far who sees them."""

from __future__ import annotations

import datetime as dt
import html as escaping
import re

import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.adherence import Adherence, Selection
from analytics.audit.divisions import DIVISIONS
from analytics.audit.funnel import funnel
from analytics.audit.judged import judge
from analytics.audit.trend import ProcessChart, RunChart, trend
from analytics.audit.trend_words import trend_words
from analytics.casemix import casemix
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.rules import RULES
from dashboard import store
from dashboard.compared import Seen
from dashboard.components.trends import points, signals, small_course
from dashboard.disclosure import SMALLEST
from registry.access import Role
from registry.errors import AnalysisRefused
from tests.dashboard.pages import html, messages, opened

PAGES = ("centers.py", "trends.py")


def _cohort(registry: Engine) -> Cohort:
    registry.dispose()  # see dashboard/store.py
    return cohort_at(store.all_frames(), dt.date.today())


def _text(page: AppTest) -> str:
    return re.sub(r"\s+", " ", escaping.unescape(re.sub(r"<[^>]+>", " ", html(page))))


def _named(page: AppTest) -> set[str]:
    return set(re.findall(r'<th scope="row">(?:<a[^>]*>)?(C\d\d)<', html(page)))


def test_a_funnel_names_all_centers_to_an_auditor_and_shows_none_of_a_few_cases(registry: Engine) -> None:
    drawn = Adherence(judge([_cohort(registry)])).funnel(RULES["MOL1"])
    large = {center.label for center in drawn.centers if center.cases >= SMALLEST}
    few = {center.label for center in drawn.centers} - large
    assert large
    assert few  # else this test says nothing
    page = opened("centers.py", role=Role.AUDITOR, of="MOL1")
    assert not page.exception
    assert not messages(page)
    assert page.get("image")[0].proto.imgs[0].alt
    assert _named(page) == large
    shown = _text(page)
    assert f"with fewer than {SMALLEST} cases count in the average, not shown: {', '.join(sorted(few))}." in shown
    assert f"{drawn.met} of {drawn.cases}" in shown
    assert "check the data first" in shown
    assert len(page.get("download_button")) == 4


def test_a_center_sees_itself_named_among_others_without_names(registry: Engine) -> None:
    frames = _cohort(registry).frames
    own = str(frames["patient"]["center_id"].value_counts().index[0])
    others = set(map(str, frames["patient"]["center_id"].dropna())) - {own}
    for role in (Role.CLINICIAN, Role.DATA_MANAGER):
        for address in ({"of": "MOL1"}, {"of": "outside"}, {"of": "deaths"}):
            page = opened("centers.py", role=role, of_center=own, **address)
            assert not page.exception
            assert _named(page) <= {own}
            assert not [other for other in others if re.search(rf"\b{other}\b", html(page))]
        assert "without their names" in _text(opened("centers.py", role=role, of_center=own, of="MOL1"))


def test_names_and_small_centers_go_before_anything_is_drawn() -> None:
    drawn = funnel(["A", "B", "C"], [40, 30, SMALLEST - 1], [30, 10, 1])
    everything, few = Seen(None, "B").of(drawn.centers, [one.cases for one in drawn.centers])
    assert ([one.label for one in everything], few) == (["A", "B"], ("C",))
    of_b, few = Seen("B", "B").of(drawn.centers, [one.cases for one in drawn.centers])
    assert ([one.label for one in of_b], few) == (["", "B"], ("",))
    assert [(one.cases, one.rate) for one in of_b] == [(one.cases, one.rate) for one in everything]


def test_deaths_stand_with_what_is_expected(registry: Engine) -> None:
    page = opened("centers.py", role=Role.AUDITOR, of="deaths")
    assert not page.exception
    if messages(page):
        with pytest.raises(AnalysisRefused):
            casemix(_cohort(registry))
        return
    found = casemix(_cohort(registry))
    for center in found.centers:
        if center.n >= SMALLEST:
            assert f"{center.observed} of {center.expected:.1f}" in _text(page)


def test_who_lies_outside_is_listed_with_what_chance_does(registry: Engine) -> None:
    found = Adherence(judge([_cohort(registry)]))
    outside = {
        (rule.id, center.label)
        for rule in found.judged.rules
        if rule.is_scored(found.judged.readings) and rule.met is not None
        for center in found.funnel(rule).centers
        if center.cases >= SMALLEST and center.place != "inside"
    }
    page = opened("centers.py", role=Role.AUDITOR)
    listed = set(re.findall(r'href="\?of=(\w+)&amp;center=(\w+)"', html(page)))
    assert listed == outside
    assert "By chance alone" in _text(page)


@pytest.mark.parametrize("by", ["half_year", "year"])
def test_every_rule_stands_with_its_course(registry: Engine, by: str) -> None:
    found = Adherence(judge([_cohort(registry)], by=("year", "half_year", "quarter")))
    page = opened("trends.py", role=Role.AUDITOR, by=by)
    assert not page.exception
    assert not messages(page)
    shown = _text(page)
    for rule in found.judged.rules:
        if rule.unauditable is None:
            chart = found.trend(rule, DIVISIONS[by])
            kind = "XmR" if isinstance(chart, ProcessChart) else "run"
            assert (f"{rule.title} {rule.strength} {kind}, {points(chart)}" in shown) == bool(points(chart))
            if points(chart):
                assert trend_words(chart) in shown


def test_one_rule_is_drawn_with_its_periods_beside(registry: Engine) -> None:
    page = opened("trends.py", role=Role.AUDITOR, rule="MOL1", by="year", center="C01")
    assert not page.exception
    selection = Selection("C01")
    chart = Adherence(judge([_cohort(registry)], by=("year",)), selection).trend(RULES["MOL1"], DIVISIONS["year"])
    assert page.get("image")
    assert isinstance(chart, RunChart)
    for period in chart.periods:
        if period.cases:
            assert f"{period.label} {period.met} of {period.cases}" in _text(page)
            assert f"rule=MOL1&amp;center=C01&amp;from={period.label}" in html(page)


def test_signals_are_told_with_their_periods() -> None:
    labels = [f"20{at:02d}" for at in range(20)]
    chart = trend(labels, [20] * 20, [10] * 10 + [19] * 10)
    assert isinstance(chart, ProcessChart)
    assert "2010 to 2019: 8 or more points in a row on one side of the mean" in signals(chart).text
    assert small_course(chart).text.count('class="point told"') == 20
    assert "No signal" in signals(trend(labels[:5], [4] * 5, [1, 2, 3, 2, 1])).text
    assert small_course(trend(["2001"], [0], [0])).text == ""


@pytest.mark.parametrize("file", PAGES)
def test_a_researcher_is_not_let_in(registry: Engine, file: str) -> None:
    page = opened(file, role=Role.RESEARCHER, of="MOL1", rule="MOL1")
    assert [title.value for title in page.title] == ["The registry at a glance"]


def test_nobody_is_drawn_where_nobody_has_cases(registry: Engine) -> None:
    page = opened("centers.py", role=Role.AUDITOR, of="LYM1", **{"from": "2019", "until": "2018"})
    assert not page.exception
    assert messages(page)
