"""The cases of a rule a page at a time are those of the whole list, in its order."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.adherence import EVERYTHING, Adherence, selected_cases
from analytics.audit.judged import judge
from analytics.case_pages import CasePage, case_page
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import OUTCOMES, Outcome
from registry import schema
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source
from registry.frames import read_frames
from registry.simulate import simulate

WANTED = frozenset(OUTCOMES) - {Outcome.NOT_APPLICABLE}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder = tmp_path_factory.mktemp("cases")
    simulate(folder / "data", patients=40, seed=3)
    engine = open_engine(f"sqlite:///{folder / 'oligomet.db'}")
    schema.create_or_upgrade(engine)
    import_source(engine, open_source(folder / "data"), by=Actor("test", Role.ADMINISTRATOR), reason=None)
    found = cohort_at(read_frames(engine), dt.date(2025, 12, 31))
    engine.dispose()
    return found


@pytest.mark.parametrize("rule_id", ["IMG1", "MOL1", "FUP2"])
def test_pages_add_up_to_the_list(cohort: Cohort, rule_id: str) -> None:
    rule, found = RULES[rule_id], Adherence(judge([cohort], rules=(RULES[rule_id],)))
    lines = [
        (line["patient_id"], line["episode_no"], line["outcome"], tuple(line["because"]))
        for line in selected_cases(cohort, [rule], WANTED, EVERYTHING)
        if line["part"] is None or rule.by_window is not None
    ]
    pages: list[CasePage] = [case_page(cohort, found, rule, WANTED, first=0, count=7)]
    while pages[-1].first + 7 < pages[-1].total:
        pages.append(case_page(cohort, found, rule, WANTED, first=pages[-1].first + 7, count=7))
    cases = [case for page in pages for case in page.cases]
    assert lines
    assert [(case.patient_id, case.episode_no, case.outcome.label, case.because) for case in cases] == lines
    behind = case_page(cohort, found, rule, WANTED, first=10_000, count=7)
    assert (behind.first, behind.cases) == (pages[-1].first, pages[-1].cases)


def test_nothing_is_an_empty_page(cohort: Cohort) -> None:
    found = Adherence(judge([cohort], rules=(RULES["IMG1"],)))
    assert case_page(cohort, found, RULES["IMG1"], frozenset(), first=0, count=7) == CasePage((), 0, 0)
