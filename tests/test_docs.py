"""The documentation: generated pages are what the code says, links lead somewhere, commands that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main

from analytics.consensus.catalogue import page as rules
from dashboard.cli import app
from registry.checks.page import page as edit_checks

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def test_the_page_of_the_edit_checks_is_up_to_date() -> None:
    assert (ROOT / "docs" / "edit-checks.md").read_text(encoding="utf-8") == edit_checks(), "run make docs"


def test_the_catalogue_of_the_rules_is_up_to_date() -> None:
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rules(), "run make docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if not target.startswith(("http", "mailto:", "doi:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_commands_that_the_pages_name_exist() -> None:
    root = typer.main.get_command(app)
    known = set(root.commands)  # type: ignore[attr-defined]
    named = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named |= set(re.findall(r"(?:^|`|\$ )oligomet ([a-z][a-z0-9-]*)", text, re.MULTILINE))
    assert named
    assert named <= known, f"no such commands: {named - known}"
