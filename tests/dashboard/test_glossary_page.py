"""The glossary: every declared word is in it, for everybody, and it is searched."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import Engine

from analytics.consensus.rule import STRENGTH_WORDS
from analytics.consensus.strategies import ROUTES
from analytics.consensus.verdicts import OUTCOMES
from analytics.endpoints import ENDPOINTS
from analytics.grouping import GROUPINGS
from dashboard.components.rates import outcome_title
from dashboard.glossary import found, glossary
from dashboard.words import factor_title
from registry.access import Role
from registry.fields import MISSING_CODES
from tests.dashboard.pages import html, opened


def test_every_declared_word_is_explained_once() -> None:
    words = [term.word for terms in glossary().values() for term in terms]
    assert len(words) == len(set(words))
    wanted = {*ROUTES, *map(str, STRENGTH_WORDS), *MISSING_CODES, *(outcome_title(one.label) for one in OUTCOMES)}
    wanted |= {one.title for one in ENDPOINTS.values()} | {factor_title(name) for name in GROUPINGS}
    assert wanted <= set(words)
    assert all(term.meaning.endswith(".") for terms in glossary().values() for term in terms)


def test_a_word_is_found_by_a_part_of_it_or_of_its_meaning() -> None:
    assert [term.word for terms in found("xmr").values() for term in terms] == ["XmR chart"]
    assert not found("nothing of the kind")


@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.CLINICIAN])
def test_everybody_reaches_it_from_every_page(small: Engine, role: Role) -> None:
    assert 'href="/glossary"' in html(opened("overview.py", role=role))
    page = opened("glossary.py", role=role)
    assert [title.value for title in page.title] == ["Glossary"]
    page.text_input(key="glossary-text").set_value("funnel").run()
    assert not page.exception
    assert "Case-mix" not in html(page)
    assert "chance alone" in html(page)
