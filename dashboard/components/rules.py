"""All rules at a glance: which of them, and their tables by chapter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import streamlit as st

from analytics.adherence import Selection
from analytics.consensus.rule import STRENGTH_WORDS
from analytics.consensus.rules import CHAPTERS
from dashboard import adherence
from dashboard.components.choice import choice
from dashboard.components.html import show, tag
from dashboard.components.rule_tables import bundle_table, chapter_table
from dashboard.data import Moment

_HOW = (
    "A rate counts the cases that could be decided; the bar shows it with its limits at 95 %, on what the undetermined "
    "leave open. The text prints no target. Choose a rule to see where its cases go, the centers and the course."
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rules are looked at; None for all."""

    chapter: str | None
    strength: str | None


def filters() -> Wanted:
    """The choice of rules; it lives in the address."""
    numbered = {str(at): name for at, name in enumerate(CHAPTERS, start=1)}
    chapter = choice("Chapter", "chapter", {"all": "All chapters"} | numbered)
    named = {str(strength): f"{strength} {words}" for strength, words in STRENGTH_WORDS.items()}
    strength = choice("Class", "strength", {"all": "All classes"} | named)
    return Wanted(numbered.get(chapter), None if strength == "all" else strength)


def at_a_glance(at: Moment, selection: Selection, wanted: Wanted) -> None:
    """The tables, a chapter each."""
    address = {name: st.query_params[name] for name in ("center", "from", "until") if name in st.query_params}
    show(tag("p", _HOW, class_="quiet"))
    shown = [
        line
        for line in adherence.lines(at, selection)
        if wanted.chapter in (None, line.document["chapter"]) and wanted.strength in (None, line.document["strength"])
    ]
    if not shown:
        show(tag("p", "No rule of this chapter has this class. Choose all classes, or another chapter."))
    for chapter, lines in groupby(shown, key=lambda line: str(line.document["chapter"])):
        show(chapter_table(chapter, list(lines), address))
    if wanted == Wanted(None, None):
        show(bundle_table(adherence.bundles(at, selection)))
