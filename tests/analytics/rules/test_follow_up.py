"""Hand-made cases of the follow-up after NED: FUP1 to FUP5.

NED is on 31 August 2020, so that months end on the last day of shorter ones: 6 months are 28 February 2021, and its
window lasts from 31 December 2020 to 30 April 2021.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from analytics.consensus.readings import Readings
from analytics.consensus.rules import RULES
from tests.analytics.hand import Registry
from tests.analytics.rules.cases import (
    Expected,
    Row,
    case,
    each,
    event,
    exception,
    gives,
    judged,
    local,
    outcome,
    study,
)

NED = "2020-08-31"
END = "2026-12-31"
"""The data cut, on which the patient was alive, where no other is given."""
SURGERY = local("2020-08-01")
DEAD = {"vital_status": "dead"}


def free(*rows: Row, who: dict[str, str] | None = None, **changes: Any) -> Registry:
    """A patient without evidence of disease from 2020-08-31 on."""
    alive = {"last_contact_on": END}
    return case(SURGERY, *rows, who=alive | (who or {}), **({"ned_on": NED} | changes))


def ct(*on: str, modality: str = "chest_ct_plain", purpose: str = "surveillance") -> tuple[Row, ...]:
    """Chest CTs on some days."""
    return tuple(study(day, modality, purpose=purpose) for day in on)


def died(on: str) -> dict[str, str]:
    """A death."""
    return DEAD | {"death_on": on, "last_contact_on": on}


def ends(outcome: str, made: Registry, *named: str, **how: Any) -> Expected:
    """What a case gives, at the end of 2026 where no other data cut is named."""
    return gives(outcome, made, *named, **({"cut": END} | how))


OPEN_LOG: dict[str, Any] = {"surveillance_log_complete": ""}

# FUP1: regular follow-up.


@each(
    {
        "a CT": ends("adherent", free(*ct("2023-01-01")), "study.performed_on 2023-01-01", "episode.ned_on 2020-08-31"),
        "the day after NED": ends("adherent", free(*ct("2020-09-01"))),
        "on the day of NED": ends("non_adherent", free(*ct("2020-08-31"))),
        "with contrast": ends("adherent", free(*ct("2021-01-01", modality="chest_ct_contrast"))),
        "high resolution": ends("adherent", free(*ct("2021-01-01", modality="chest_ct_high_resolution"))),
        "whatever its purpose": ends("adherent", free(*ct("2021-01-01", purpose="routine"))),
        "X-ray": ends("non_adherent", free(*ct("2021-01-01", modality="chest_xray"))),
        "PET-CT is no chest CT": ends("non_adherent", free(*ct("2021-01-01", modality="pet_ct"))),
        "none": ends("non_adherent", free(), "episode.surveillance_log_complete yes"),
        "none recorded": ends("undetermined_numerator", free(**OPEN_LOG), fill="episode.surveillance_log_complete"),
        "log UNK": ends("undetermined_numerator", free(surveillance_log_complete="UNK")),
        "log recorded as not complete": ends("undetermined_numerator", free(surveillance_log_complete="no")),
        "8 months to the cut": ends("non_adherent", free(), cut="2021-04-30"),
        "a day less": ends("not_applicable", free(*ct("2021-01-01")), cut="2021-04-29"),
        "8 months to the recurrence": ends("non_adherent", free(event("2021-04-30"))),
        "a day less to the recurrence": ends("not_applicable", free(event("2021-04-29")), "occurred_on 2021-04-29"),
        "a progression is none": ends("non_adherent", free(event("2021-04-29", "progression"))),
        "8 months to the death": ends("non_adherent", free(who=died("2021-04-30"))),
        "a day less to the death": ends("not_applicable", free(who=died("2021-04-29")), "death_on 2021-04-29"),
        "8 months to the last contact": ends("non_adherent", free(who={"last_contact_on": "2021-04-30"})),
        "a day less to the last contact": ends("not_applicable", free(who={"last_contact_on": "2021-04-29"})),
        "NED blank after radical treatment": ends("undetermined_denominator", free(ned_on=""), fill="episode.ned_on"),
        "NED UNK": ends("undetermined_denominator", free(ned_on="UNK"), "episode.ned_on UNK"),
        "NED blank without any": ends("not_applicable", case(ned_on="")),
        "NED blank after palliative treatment": ends(
            "not_applicable", case(local("2020-08-01", intent="palliative"), ned_on="")
        ),
        "NED blank after R1": ends("not_applicable", case(local("2020-08-01", residual_tumor="R1"), ned_on="")),
        "NED blank after RX": ends(
            "undetermined_denominator", case(local("2020-08-01", residual_tumor="RX"), ned_on=""), fill="episode.ned_on"
        ),
        "NED blank after radical treatment of the liver": ends(
            "not_applicable", case(local("2020-08-01", "liver"), ned_on="")
        ),
        "NED after the cut": ends("undetermined_denominator", free(), fill="episode.ned_on", cut="2020-08-30"),
        "no reason is listed": ends("non_adherent", free(exception("FUP1", "refusal"))),
    }
)
def test_fup1(one: Expected) -> None:
    assert one.differences("FUP1") == []


# FUP2 and FUP3: a chest CT in each window.

WINDOWS = {
    ("FUP2", "6"): ("2020-12-31", "2021-04-30"),
    ("FUP2", "12"): ("2021-06-30", "2021-10-31"),
    ("FUP2", "18"): ("2021-12-31", "2022-04-30"),
    ("FUP2", "24"): ("2022-06-30", "2022-10-31"),
    ("FUP2", "30"): ("2022-12-31", "2023-04-30"),
    ("FUP2", "36"): ("2023-06-30", "2023-10-31"),
    ("FUP3", "48"): ("2024-05-31", "2024-11-30"),
    ("FUP3", "60"): ("2025-05-31", "2025-11-30"),
}
"""The first and the last day of each window after 2020-08-31."""


def beside(day: str, days: int) -> str:
    """A day so many days later."""
    return str(dt.date.fromisoformat(day) + dt.timedelta(days=days))


@pytest.mark.parametrize(("rule_id", "month"), WINDOWS)
def test_edges_of_each_window(rule_id: str, month: str) -> None:
    opens, closes = WINDOWS[rule_id, month]
    found = {
        day: outcome(free(*ct(day)), rule_id, month, cut=END)
        for day in (beside(opens, -1), opens, closes, beside(closes, 1))
    }
    assert list(found.values()) == ["non_adherent", "adherent", "adherent", "non_adherent"]
    assert "performed_on" in judged(free(*ct(opens)), rule_id, month, cut=END).text


@pytest.mark.parametrize(("rule_id", "month"), WINDOWS)
def test_what_ends_each_window(rule_id: str, month: str) -> None:
    opens, closes = WINDOWS[rule_id, month]
    before = beside(closes, -1)

    def found(made: Registry, cut: str = END) -> str:
        return outcome(made, rule_id, month, cut=cut)

    assert [found(free(event(day))) for day in (before, closes)] == ["not_applicable", "non_adherent"]
    assert [found(free(who=died(day))) for day in (before, closes)] == ["not_applicable", "non_adherent"]
    assert [found(free(), cut) for cut in (before, closes)] == ["pending", "non_adherent"]
    lost = [free(who={"last_contact_on": day}) for day in (before, closes)]
    assert [found(made) for made in lost] == ["not_applicable", "non_adherent"]
    assert found(free(**OPEN_LOG)) == "undetermined_numerator"
    assert found(free(*ct(opens), event(beside(opens, 1)))) == "adherent"
    assert found(free(*ct(opens)), opens) == "adherent"


@each(
    {
        "the recurrence comes before the cut": ends(
            "not_applicable", free(event("2021-02-01")), "occurred_on 2021-02-01", cut="2021-03-01"
        ),
        "the cut comes before the last contact": ends(
            "pending", free(who={"last_contact_on": "2021-02-01"}), "closes after the data cut: yes", cut="2021-03-01"
        ),
        "the open window with an incomplete log": ends("pending", free(**OPEN_LOG), cut="2021-03-01"),
        "lost, whatever the log": ends("not_applicable", free(who={"last_contact_on": "2021-02-01"}, **OPEN_LOG)),
        "met before the patient was lost": ends(
            "adherent", free(*ct("2021-01-15"), who={"last_contact_on": "2021-02-01"})
        ),
        "the CT that found the recurrence": ends(
            "adherent",
            free(
                *ct("2021-04-10", purpose="other"),
                event("2021-04-10"),
                ("episode", {"detected_on": "2021-04-10", "lung_involved": "yes"}),
            ),
        ),
        "not recorded": ends("undetermined_numerator", free(**OPEN_LOG), fill="episode.surveillance_log_complete"),
        "not done": ends("non_adherent", free(), "surveillance_log_complete yes", "chest CT 6 months after NED: no"),
        "an X-ray": ends("non_adherent", free(*ct("2021-02-28", modality="chest_xray"))),
        "no reason is listed": ends("non_adherent", free(exception("FUP2", "refusal"))),
        "strict, a month and a day early": ends(
            "non_adherent", free(*ct("2021-01-30")), readings=Readings(surveillance_half_yearly_tolerance=1)
        ),
        "strict, a month early": ends(
            "adherent", free(*ct("2021-01-31")), readings=Readings(surveillance_half_yearly_tolerance=1)
        ),
        "strict, a month late": ends(
            "adherent", free(*ct("2021-03-31")), readings=Readings(surveillance_half_yearly_tolerance=1)
        ),
        "strict, a month and a day late": ends(
            "non_adherent", free(*ct("2021-04-01")), readings=Readings(surveillance_half_yearly_tolerance=1)
        ),
    }
)
def test_first_window(one: Expected) -> None:
    assert one.differences("FUP2", "6") == []


@pytest.mark.parametrize(
    ("days", "first", "second"),
    [
        (("2021-05-31",), "adherent", "non_adherent"),
        (("2021-02-28", "2021-05-31"), "adherent", "adherent"),
        (("2021-05-31", "2021-06-01"), "adherent", "adherent"),
        (("2021-06-01",), "non_adherent", "adherent"),
    ],
)
def test_one_ct_serves_the_earliest_window_that_is_free(days: tuple[str, ...], first: str, second: str) -> None:
    wide = Readings(surveillance_half_yearly_tolerance=3)
    made = free(*ct(*days))
    assert outcome(made, "FUP2", "6", cut=END, readings=wide) == first
    assert outcome(made, "FUP2", "12", cut=END, readings=wide) == second


@pytest.mark.parametrize("rule_id", ["FUP2", "FUP3"])
def test_without_ned_there_are_no_windows(rule_id: str) -> None:
    month = {"FUP2": "6", "FUP3": "48"}[rule_id]
    blank, none = free(ned_on=""), case(ned_on="")
    assert gives("undetermined_denominator", blank, fill="episode.ned_on").differences(rule_id) == []
    assert gives("not_applicable", none).differences(rule_id) == []
    assert [outcome(made, rule_id, month) for made in (blank, none)] == ["no_line", "no_line"]
    assert outcome(free(), rule_id, cut=END) == "no_line"


def test_a_complete_course_of_five_years_has_eight_cts() -> None:
    made = free(*ct(*(opens for opens, _ in WINDOWS.values())))
    found = [outcome(made, rule_id, month, cut=END) for rule_id, month in WINDOWS]
    assert found == ["adherent"] * 8


# FUP4: surveillance by CT.


@each(
    {
        "by CT": gives("adherent", free(*ct("2021-01-01", "2021-07-01")), "study.modality chest_ct_plain"),
        "one by X-ray": gives(
            "non_adherent", free(*ct("2021-01-01"), *ct("2021-07-01", modality="chest_xray")), "modality chest_xray"
        ),
        "one by MRI": gives("non_adherent", free(*ct("2021-01-01"), *ct("2021-07-01", modality="chest_mri"))),
        "one by PET-CT": gives("non_adherent", free(*ct("2021-01-01"), *ct("2021-07-01", modality="pet_ct"))),
        "an X-ray for another purpose": gives(
            "adherent", free(*ct("2021-01-01"), *ct("2021-07-01", modality="chest_xray", purpose="routine"))
        ),
        "an X-ray whose purpose is blank": gives(
            "undetermined_numerator",
            free(*ct("2021-01-01"), *ct("2021-07-01", modality="chest_xray", purpose="")),
            fill="study.purpose",
        ),
        "an X-ray on the day of NED": gives(
            "adherent", free(*ct("2021-01-01"), *ct("2020-08-31", modality="chest_xray"))
        ),
        "an X-ray the day before the recurrence": gives(
            "non_adherent", free(*ct("2021-01-01"), *ct("2021-06-30", modality="chest_xray"), event("2021-07-01"))
        ),
        "an X-ray on the day of the recurrence": gives(
            "adherent", free(*ct("2021-01-01"), *ct("2021-07-01", modality="chest_xray"), event("2021-07-01"))
        ),
        "CT of the abdomen is no chest study": gives(
            "adherent", free(*ct("2021-01-01"), *ct("2021-07-01", modality="abdomen_ct_contrast"))
        ),
        "no study": gives("not_applicable", free(), "surveillance_log_complete yes"),
        "no study recorded": gives(
            "undetermined_denominator", free(**OPEN_LOG), fill="episode.surveillance_log_complete"
        ),
        "none for surveillance": gives("not_applicable", free(*ct("2021-01-01", purpose="staging"))),
        "purpose blank": gives("undetermined_denominator", free(*ct("2021-01-01", purpose="")), fill="study.purpose"),
        "NED blank": gives("undetermined_denominator", free(*ct("2021-01-01"), ned_on=""), fill="episode.ned_on"),
        "no NED": gives("not_applicable", case(*ct("2021-01-01"), ned_on="")),
        "no reason is listed": gives(
            "non_adherent", free(*ct("2021-01-01", modality="chest_xray"), exception("FUP4", "refusal"))
        ),
    }
)
def test_fup4(one: Expected) -> None:
    assert one.differences("FUP4") == []


def test_fup5_stands_in_the_catalogue_and_says_why_it_is_not_judged() -> None:
    rule = RULES["FUP5"]
    assert rule.met is None
    assert not rule.scored
    assert rule.unauditable is not None
    assert "protocol" in rule.unauditable
