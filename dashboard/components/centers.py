"""What the centers entered: sums as cards, and a table with a row for each."""

from __future__ import annotations

from dashboard.components.cards import Card, cards
from dashboard.components.html import Column, Content, Html, table, tag
from dashboard.glance import CenterCounts, Glance
from dashboard.words import NOTHING, number, percent
from registry.quality import OVERDUE_DAYS


def center_cards(glance: Glance) -> Html:
    """The numbers of all centers together."""
    patients, alive = glance.total("patients"), glance.total("alive")
    lung, deaths, overdue = glance.total("lung"), glance.total("deaths"), glance.total("overdue")
    entering = sum(bool(center.patients) for center in glance.centers)
    with_patients = "all with patients" if entering == len(glance.centers) else f"{entering} with patients"
    return cards(
        (
            Card("Centers", number(len(glance.centers)), with_patients),
            Card("Patients", number(patients), f"{number(alive)} alive at last contact"),
            Card("Episodes", number(glance.total("episodes")), _per(glance.total("episodes"), patients, "per patient")),
            Card("With lung metastases", number(lung), _share(lung, patients, "of patients")),
            Card("Deaths", number(deaths), _share(deaths, patients, "of patients")),
            Card("Open data queries", number(glance.total("open_queries")), "not closed yet"),
            Card(
                "Overdue follow-up",
                number(overdue),
                _share(overdue, alive, "of those alive"),
                f"alive, and not heard of for more than {OVERDUE_DAYS} days",
            ),
        )
    )


def center_table(glance: Glance) -> Html:
    """A row for each center, and the sums."""
    columns = (
        Column("Center", kind="head"),
        Column("Name", kind="free"),
        Column("Patients", kind="num"),
        Column("Episodes", kind="num"),
        Column("Lung metastases", "patients with lung metastases in any episode", kind="num"),
        Column("Deaths", kind="num"),
        Column("Overdue", f"alive, and not heard of for more than {OVERDUE_DAYS} days", kind="num"),
        Column("Days to entry", "median from enrollment to the first entry in the registry", kind="num"),
        Column("Open queries", kind="num"),
        Column("Answered", "cells with a value or a missing-data code", kind="num"),
    )
    names = ("patients", "episodes", "lung", "deaths", "overdue")
    sums = [number(glance.total(name)) for name in names]
    foot = ("All", "", *sums, "", number(glance.total("open_queries")), percent(glance.answered))
    return table(columns, (_row(center) for center in glance.centers), foot=foot)


def _row(center: CenterCounts) -> tuple[Content, ...]:
    overdue = number(center.overdue)
    return (
        center.center_id,
        center.name,
        number(center.patients),
        number(center.episodes),
        number(center.lung),
        number(center.deaths),
        tag("span", overdue, class_="warn") if center.overdue else overdue,
        NOTHING if center.entry_delay_days is None else number(round(center.entry_delay_days)),
        number(center.open_queries),
        percent(center.answered),
    )


def _share(part: int, whole: int, of: str) -> str:
    return f"{percent(part / whole)} {of}" if whole else NOTHING


def _per(count: int, whole: int, words: str) -> str:
    return f"{count / whole:.2f} {words}" if whole else NOTHING
