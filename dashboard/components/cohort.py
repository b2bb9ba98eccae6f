"""The table of patients on a page: who they are, by group, with how far apart the groups are."""

from __future__ import annotations

from typing import Any

from analytics.baseline import Baseline
from analytics.baseline_text import header, lines, notes, texts
from dashboard.components.cards import Card, cards
from dashboard.components.html import Column, Content, Html, join, table, tag
from dashboard.words import number

_DIFFERENCE = "absolute; above 0.1 is usually taken as worth a look"


def headline(made: Baseline) -> Html:
    """How many are described, of how many."""
    items = [Card("Patients", number(made.n), f"of {number(made.chosen.patients)} in the registry")]
    if made.by is not None:
        items += [Card(group.words, number(group.n)) for group in made.groups[:-1][:_GROUPS]]
    return cards(items)


_GROUPS = 5
"""Groups that have a card of their own; the others are in the table."""


def baseline_table(made: Baseline) -> Html:
    """A line for each variable, and one for each of its levels."""
    names = header(made)
    columns = [Column(names[0], kind="free"), *(Column(name, kind="num") for name in names[2:])]
    if len(made.groups) > 1:
        columns[-1] = Column(names[-1], _DIFFERENCE, "num")
    rows: list[list[Content]] = []
    for line in lines(made):
        first = tag("b", line.name) if line.name else tag("span", line.level, class_="level")
        rows.append([first, *texts(made, line)[2:]])
    return tag("div", table(columns, rows), class_="table1 patients")


def notes_under(made: Baseline, data: dict[str, Any]) -> Html:
    """What is to be read under the table."""
    return join(tag("p", note, class_="quiet") for note in notes(made, data))
