"""Follow-up after no evidence of disease."""

from __future__ import annotations

from analytics.consensus.cases import Cases, once
from analytics.consensus.logic import Fact, Term, perhaps
from analytics.consensus.rule import Beside, Rule, Strength
from analytics.consensus.studies import CHEST_CT

_SECTION = "Follow-up"
_STRICT = (Beside("strict", "one month on either side of each month", tolerance="surveillance_strict_tolerance"),)


@once
def _long_enough(cases: Cases) -> Term:
    surveillance, months = cases.surveillance, cases.readings.surveillance_from_months
    due = surveillance.ned_on.plus_months(months) <= surveillance.stopped_on
    return surveillance.reached & Fact(f"{months} months or more of follow-up after it", due)


@once
def _any_ct(cases: Cases) -> Term:
    return Fact("a chest CT after NED", cases.surveillance.any_ct)


@once
def _window_ct(cases: Cases) -> Term:
    return cases.surveillance.reached


@once
def _watched(cases: Cases) -> Term:
    surveillance = cases.surveillance
    watched = surveillance.chest_studies.any() | surveillance.studies.surveillance_log
    since_ned = watched | perhaps(~surveillance.ned_on.known)
    return surveillance.reached & Fact("a chest study for surveillance", since_ned)


@once
def _by_ct(cases: Cases) -> Term:
    rows = cases.surveillance.chest_studies
    return ~Fact("a chest study other than CT", rows.any(~rows.among("modality", CHEST_CT)))


RULES = (
    Rule(
        id="FUP1",
        title="Regular follow-up",
        statement="Regular follow-up is recommended after no evidence of disease.",
        source=_SECTION,
        lines="631-632",
        strength=Strength.STRONG,
        why="A recurrence found early can be treated again.",
        applies=_long_enough,
        met=_any_ct,
        readings=("surveillance_from_months",),
    ),
    Rule(
        id="FUP2",
        title="Chest CT every six months for three years",
        statement="Chest CT once every six months for three years.",
        source=_SECTION,
        lines="633-634",
        strength=Strength.STRONG,
        why="Most recurrences come early.",
        applies=_window_ct,
        met=_window_ct,
        readings=(
            *("surveillance_half_yearly_months", "surveillance_half_yearly_tolerance"),
            "surveillance_strict_tolerance",
        ),
        by_window="surveillance_half_yearly_months",
        beside=_STRICT,
    ),
    Rule(
        id="FUP3",
        title="Chest CT once a year to five years",
        statement="Then chest CT once a year, for five years in all.",
        source=_SECTION,
        lines="634-635",
        strength=Strength.STRONG,
        why="Late recurrences are rarer.",
        applies=_window_ct,
        met=_window_ct,
        readings=("surveillance_yearly_months", "surveillance_yearly_tolerance", "surveillance_strict_tolerance"),
        by_window="surveillance_yearly_months",
        beside=_STRICT,
    ),
    Rule(
        id="FUP4",
        title="Surveillance by CT",
        statement="Surveillance of the chest is by plain or enhanced CT.",
        source=_SECTION,
        lines="633",
        strength=Strength.STRONG,
        why="X-ray misses small nodules.",
        applies=_watched,
        met=_by_ct,
    ),
    Rule(
        id="FUP5",
        title="Other surveillance by another protocol",
        statement="Other surveillance follows a national protocol that the text only refers to.",
        source=_SECTION,
        lines="635-637",
        strength=Strength.DEFINITION,
        why="Tumor markers and abdominal imaging matter too.",
        unauditable="The protocol is not part of the consensus, so no denominator or numerator follows from the text.",
    ),
)
