"""Adherence and its cases: the figures of the analysis, the drill-down, and what may be done about a case by whom."""

from __future__ import annotations

import html as escaping
import re

import pandas as pd
import pytest
from sqlalchemy.engine import Engine
from streamlit.testing.v1 import AppTest

from analytics.adherence import Adherence
from analytics.audit.judged import Judged, judge
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcome
from dashboard import store
from registry import audit
from registry.access import Role
from registry.database import reading
from registry.frames import Frames
from tests.dashboard.pages import html, messages, opened

HOSTILE = "<b>x</b>![x](http://evil.example/x.png)"


def _frames(registry: Engine) -> Frames:
    registry.dispose()  # see dashboard/store.py
    return store.all_frames()


def _cohort(registry: Engine) -> Cohort:
    return cohort_at(_frames(registry), pd.Timestamp.now().date())


def _judged(registry: Engine) -> Judged:
    return judge([_cohort(registry)])


def _text(page: AppTest) -> str:
    return re.sub(r"\s+", " ", escaping.unescape(re.sub(r"<[^>]+>", " ", html(page))))


def _patients(page: AppTest) -> list[str]:
    return re.findall(r'href="mdt\?patient=([^"]+)"', html(page))


def test_every_rule_stands_with_the_figures_of_the_analysis(registry: Engine) -> None:
    found = Adherence(_judged(registry))
    page = opened("adherence.py", role=Role.AUDITOR)
    assert not page.exception
    assert not messages(page)
    shown = _text(page)
    for document in found.documents():
        assert document["rule_id"] in shown
        if document["rate"] is not None:
            rate = f"{100 * document['rate']:.1f} % ({100 * document['ci_low']:.0f} to {100 * document['ci_high']:.0f})"
            assert f"{document['title']} {document['strength']}" in shown
            assert rate in shown
    assert "All-or-none bundles" in shown


def test_rules_are_narrowed_by_chapter_class_center_and_years(registry: Engine) -> None:
    center = sorted(_frames(registry)["center"]["center_id"])[0]
    page = opened("adherence.py", role=Role.AUDITOR, chapter="2", strength="X", center=center)
    shown = _text(page)
    assert "IMG2" in shown
    assert "IMG1 " not in shown
    assert f"Center {center}" in shown
    assert "rule=IMG2" in html(page)
    assert f"center={center}" in html(page)
    page.selectbox(key="choice-from").select("2018").run()
    page.selectbox(key="choice-until").select("2019").run()
    assert f"Center {center}, detected from 2018-01-01 until 2019-12-31" in _text(page)
    assert dict(page.query_params) == {
        "chapter": "2",
        "strength": "X",
        "center": center,
        "from": "2018",
        "until": "2019",
    }


@pytest.mark.parametrize("view", ["cases", "center", "year", "half_year", "quarter"])
def test_a_rule_is_drawn_with_its_numbers_beside(registry: Engine, view: str) -> None:
    page = opened("adherence.py", role=Role.AUDITOR, rule="MOL1", view=view)
    assert not page.exception
    assert not messages(page)
    assert page.get("image")[0].proto.imgs[0].alt
    rule, shown = RULES["MOL1"], _text(page)
    assert rule.statement in shown
    assert rule.source in shown
    for part in rule.parts:
        assert part.title in shown
    figures = Adherence(_judged(registry)).of(rule)
    assert f"{figures.rate.met} of {figures.rate.cases}" in shown
    if view == "cases":
        for outcome in figures.possible:
            assert (
                re.search(rf"cases\?rule=MOL1&amp;outcome={outcome.label}", html(page)) or not figures.counts[outcome]
            )
    if view == "center":
        assert "cases?rule=MOL1&amp;center=" in html(page)


def test_what_cannot_be_judged_or_drawn_says_why(registry: Engine) -> None:
    assert str(RULES["FUP5"].unauditable) in _text(opened("adherence.py", role=Role.AUDITOR, rule="FUP5"))
    nobody = opened("adherence.py", role=Role.AUDITOR, rule="LYM1", **{"from": "2019", "until": "2018"})
    assert not nobody.exception
    assert "There is no case to draw" in messages(nobody)


def test_cases_are_those_of_the_analysis_page_by_page_and_in_the_trail(registry: Engine) -> None:
    judged = _judged(registry)
    rows = Adherence(judged).all.rows
    outcomes = judged.of("ASM2")[0][rows]
    wanted = judged.episodes["patient_id"].iloc[rows[outcomes == Outcome.ADHERENT]].tolist()
    page = opened("cases.py", role=Role.AUDITOR, rule="ASM2", outcome="adherent")
    seen = _patients(page)
    with reading(registry) as connection:
        viewed = {entry.owner for entry in audit.log(connection) if entry.event == audit.Event.VIEW}
    assert viewed == set(seen)
    while not (following := page.button(key=_key(page, "-on"))).disabled:
        following.click().run()
        seen += _patients(page)
    assert seen == wanted
    assert "study.modality abdomen_ct_contrast" in _text(page)
    assert dict(page.query_params) == {"rule": "ASM2", "outcome": "adherent"}


def _key(page: AppTest, end: str) -> str:
    return next(str(button.key) for button in page.button if str(button.key).endswith(end))


def test_a_center_sees_its_own_cases_only(registry: Engine) -> None:
    patients = _frames(registry)["patient"]
    own = str(patients["center_id"].iloc[0])
    page = opened("cases.py", role=Role.DATA_MANAGER, of_center=own, rule="GEN1")
    centers = dict(zip(patients["patient_id"], patients["center_id"], strict=True))
    assert {centers[patient] for patient in _patients(page)} == {own}
    other = next(str(center) for center in patients["center_id"] if center != own)
    assert "there is not" in messages(opened("cases.py", role=Role.DATA_MANAGER, of_center=own, center=other))


def test_an_auditor_asks_about_a_cell_that_was_read(registry: Engine) -> None:
    page = opened("cases.py", role=Role.AUDITOR, rule="IMG1", outcome="adherent")
    patient = _patients(page)[0]
    assert not [button for button in page.button if button.label == "Record the exception"]
    about = next(box for box in page.selectbox if box.label == "About")
    chosen = next(at for at, words in enumerate(about.options) if words.endswith("Detected on"))
    about.select_index(chosen)
    next(area for area in page.text_area if area.label.startswith("Question")).set_value(HOSTILE)
    next(button for button in page.button if button.label.startswith("Raise")).click().run()
    assert not page.exception
    assert "Detected on" in page.success[0].value
    with reading(registry) as connection:
        raised = [entry for entry in audit.log(connection, patient=patient) if entry.table == "data_query"]
    assert [(entry.written_by, entry.record_key) for entry in raised] == [("auditor", "MANUAL/episode/1/detected_on")]
    registry.dispose()
    assert escaping.escape(HOSTILE) in html(opened("patient.py", role=Role.AUDITOR, patient=patient))


def test_an_empty_question_is_refused_in_a_sentence(registry: Engine) -> None:
    page = opened("cases.py", role=Role.AUDITOR, rule="IMG1")
    next(button for button in page.button if button.label.startswith("Raise")).click().run()
    assert "The message is empty" in messages(page)


def test_who_writes_records_records_an_accepted_exception_and_it_counts(registry: Engine) -> None:
    judged = _judged(registry)
    rule = next(rule for rule in RULES.values() if rule.accepted and _failures(judged, rule.id))
    patients = _frames(registry)["patient"].set_index("patient_id")["center_id"]
    patient = judged.episodes["patient_id"].iloc[_failures(judged, rule.id)[0]]
    selection = {"role": Role.DATA_MANAGER, "of_center": str(patients[patient])}
    page = opened("cases.py", rule=rule.id, outcome="non_adherent", **selection)  # type: ignore[arg-type]
    assert not [button for button in page.button if button.label.startswith("Raise")]
    who = _patients(page)[0]
    next(button for button in page.button if button.label == "Record the exception").click().run()
    assert not page.exception
    assert "recorded" in page.success[0].value
    registry.dispose()
    after = opened("cases.py", rule=rule.id, outcome="exception", **selection)  # type: ignore[arg-type]
    assert who in _patients(after)


def _failures(judged: Judged, rule_id: str) -> list[int]:
    return [at for at, outcome in enumerate(judged.of(rule_id)[0]) if outcome == Outcome.NON_ADHERENT]


def test_where_the_text_accepts_no_exception_a_clinician_writes_nothing(registry: Engine) -> None:
    page = opened("cases.py", role=Role.CLINICIAN, rule="IMG1")
    assert _patients(page)
    assert not page.text_area


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CLINICIAN])
def test_an_exception_is_recorded_by_who_may_record_nothing_else(registry: Engine, role: Role) -> None:
    page = opened("cases.py", role=role, rule="MOL2", outcome="non_adherent")
    who = _patients(page)[0]
    next(button for button in page.button if button.label == "Record the exception").click().run()
    assert not page.exception
    assert "recorded" in page.success[0].value
    with reading(registry) as connection:
        last = next(audit.log(connection, patient=who, table="rule_exception", newest=1))
    assert last.written_by == role.value
    assert last.new is not None
    assert (last.new["rule_id"], last.new["reason"]) == ("MOL2", "no_tissue")


def test_a_researcher_is_not_let_in(registry: Engine) -> None:
    for file in ("adherence.py", "cases.py"):
        page = opened(file, role=Role.RESEARCHER, rule="IMG1")
        assert not _patients(page)
        assert [title.value for title in page.title] == ["The registry at a glance"]
