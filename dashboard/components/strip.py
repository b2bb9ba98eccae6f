"""The strip on top of every page: which centers, period and cases are shown, at which data cut, and how complete."""

from __future__ import annotations

from dashboard.components.account import account_link
from dashboard.components.html import Fact, Html, facts, join, show, tag
from dashboard.data import Moment
from dashboard.glance import Glance
from dashboard.words import NOTHING, counted, number, percent
from registry.access import Actor


def strip(at: Moment, glance: Glance, who: Actor) -> None:
    """What all numbers of the page are about, and who looks at them."""
    show(tag("div", join((facts(_facts(at, glance)), account_link(who))), class_="strip"))


def _facts(at: Moment, glance: Glance) -> list[Fact]:
    names = [center.center_id for center in glance.centers]
    centers: str | Html = "all " + number(len(names)) if len(names) > 1 else "".join(names) or NOTHING
    period = NOTHING
    if glance.first_enrolled is not None and glance.last_enrolled is not None:
        period = f"{glance.first_enrolled.isoformat()[:7]} to {glance.last_enrolled.isoformat()[:7]}"
    patients, episodes = glance.total("patients"), glance.total("episodes")
    withdrawn = counted(glance.withdrawn, "patient") + " withdrew consent and are in no number"
    return [
        Fact("Centers", centers, ", ".join(names)),
        Fact("Enrolled", period, "months of the first and the last enrollment"),
        Fact("Cases", f"{counted(patients, 'patient')}, {counted(episodes, 'episode')}", withdrawn),
        Fact("Data cut", at.cut.isoformat(), "what is dated later does not exist"),
        Fact("Cells answered", percent(glance.answered), "cells with a value or a missing-data code"),
        Fact("Revision", number(at.revision), "the last entry of the audit trail: it names this state of the data"),
    ]
