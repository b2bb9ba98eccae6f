"""The surveillance calendar: states of windows, who is overdue, and an iCalendar file that a parser can read."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.cohort import Cohort, cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.readings import Readings
from analytics.consensus.rules import RULES
from analytics.consensus.verdicts import Outcome, Verdicts
from analytics.icalendar import LONGEST_LINE, Event, calendar, events
from analytics.schedule import TABLES_READ, State, schedule
from registry import cells
from registry.simulate import simulate
from tests.analytics.hand import Registry

NED = "2020-03-01"


def ned(patient_id: str = "P1", *, log: str = "yes", made: Registry | None = None, **changes: str) -> Registry:
    """A patient with NED on 2020-03-01 and a complete log of studies, heard of until 2026."""
    made = made if made is not None else Registry()
    made.patient(patient_id, **({"last_contact_on": "2026-06-01"} | changes))
    made.episode("2020-01-10", patient_id, ned_on=NED, surveillance_log_complete=log)
    return made.operation(NED, patient_id)


def ct(made: Registry, on: str, modality: str = "chest_ct_plain", patient_id: str = "P1") -> Registry:
    return made.row("study", patient_id, performed_on=on, modality=modality, purpose="surveillance")


def windows(made: Registry, cut: str = "2020-12-01", readings: Readings | None = None) -> pd.DataFrame:
    cohort = cohort_at(made.frames(), dt.date.fromisoformat(cut))
    cases = Cases(cohort.frames, cohort.data_cut, *([readings] if readings else []))
    return schedule(cases)


def states(made: Registry, cut: str) -> dict[int, str]:
    found = windows(made, cut)
    return dict(zip(found["month"], found["state"], strict=True))


def overdue(made: Registry, cut: str) -> list[tuple[str, int, int]]:
    found = windows(made, cut)
    late = found[found["days_overdue"].notna()]
    return [(str(row.patient_id), int(row.month), int(row.days_overdue)) for row in late.itertuples()]


# States.


def test_a_course_of_five_years_has_eight_windows_with_their_days() -> None:
    found = windows(ned())
    assert list(found["month"]) == [6, 12, 18, 24, 30, 36, 48, 60]
    first, last = found.iloc[0], found.iloc[-1]
    assert (str(first["opens"].date()), str(first["due_on"].date()), str(first["closes"].date())) == (
        "2020-07-01",
        "2020-09-01",
        "2020-11-01",
    )
    assert (str(last["opens"].date()), str(last["closes"].date())) == ("2024-12-01", "2025-06-01")


def test_strict_readings_narrow_the_windows() -> None:
    strict = Readings.from_toml("surveillance_half_yearly_tolerance = 1")
    assert str(windows(ned(), readings=strict).iloc[0]["opens"].date()) == "2020-08-01"


@pytest.mark.parametrize(
    ("on", "cut", "expected"),
    [
        ("2020-07-01", "2020-12-01", State.DONE),
        ("2020-11-01", "2020-12-01", State.DONE),
        ("2020-06-30", "2020-12-01", State.MISSED),
        ("2020-11-02", "2020-12-01", State.MISSED),
        ("", "2020-06-30", State.TO_COME),
        ("", "2020-07-01", State.DUE),
        ("", "2020-10-31", State.DUE),
        ("", "2020-11-02", State.MISSED),
    ],
)
def test_the_first_and_the_last_day_of_a_window_are_in_it(on: str, cut: str, expected: State) -> None:
    made = ct(ned(), on) if on else ned()
    assert states(made, cut)[6] == expected


def test_what_is_not_in_an_incomplete_log_is_not_called_missed() -> None:
    assert states(ned(log=""), "2020-12-01")[6] == State.NOT_RECORDED
    assert states(ct(ned(log=""), "2020-09-01"), "2020-12-01")[6] == State.DONE
    assert states(ct(ned(), "2020-09-01", "chest_xray"), "2020-12-01")[6] == State.MISSED


def test_a_recurrence_a_death_and_the_last_contact_end_the_schedule() -> None:
    recurred = ned().row("disease_event", occurred_on="2020-10-01", kind="recurrence")
    assert set(states(recurred, "2021-06-01").values()) == {State.ENDED}
    died = ct(ned(), "2020-09-01").died("2021-01-15")
    assert [states(died, "2022-01-01")[month] for month in (6, 12)] == [State.DONE, State.ENDED]
    lost = ned(last_contact_on="2020-10-01")
    assert states(lost, "2021-06-01")[6] == State.LOST
    assert states(lost, "2021-06-01")[12] == State.LOST
    assert states(lost, "2021-06-01")[18] == State.TO_COME


def test_without_a_day_of_ned_there_is_no_schedule() -> None:
    assert windows(Registry().patient().episode().operation()).empty
    assert windows(Registry()).empty


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, patients=300, seed=5)
    rows = {}
    for table in TABLES_READ:
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
            rows[table] = list(csv.DictReader(lines))
    frames = cells.frames(rows)
    return cohort_at({name: frames[name] for name in TABLES_READ}, dt.date(2025, 6, 1))


OUTCOMES = {
    State.DONE: Outcome.ADHERENT,
    State.MISSED: Outcome.NON_ADHERENT,
    State.NOT_RECORDED: Outcome.UNDETERMINED_NUMERATOR,
    State.DUE: Outcome.PENDING,
    State.TO_COME: Outcome.PENDING,
    State.ENDED: Outcome.NOT_APPLICABLE,
    State.LOST: Outcome.NOT_APPLICABLE,
    State.UNDETERMINED: Outcome.UNDETERMINED_DENOMINATOR,
}


def test_states_are_the_outcomes_of_the_follow_up_rules(simulated: Cohort) -> None:
    cases = Cases(simulated.frames, simulated.data_cut)
    found = schedule(cases)
    verdicts = Verdicts(cases, (RULES["FUP2"], RULES["FUP3"])).judgements
    by_month = {int(item.part): item.outcomes for item in verdicts if item.part is not None}
    episode = simulated.frames["episode"]
    row_of = {key: row for row, key in enumerate(zip(episode["patient_id"], episode["record_no"], strict=True))}
    for window in found.itertuples():
        outcome = by_month[window.month][row_of[window.patient_id, window.episode_no]]
        assert OUTCOMES[State(window.state)] == outcome, window
    lines = sum(int((outcomes != Outcome.NO_LINE).sum()) for outcomes in by_month.values())
    assert lines == len(found) > 300
    assert set(found["state"]) >= {"done", "missed", "due", "to come", "ended"}


# Overdue.


def test_overdue_is_the_last_window_that_closed_without_a_ct_and_the_days_since() -> None:
    assert overdue(ned(), "2020-11-01") == []
    assert overdue(ned(), "2020-11-02") == [("P1", 6, 1)]
    assert overdue(ned(), "2021-06-01") == [("P1", 12, 31)]
    assert overdue(ct(ned(), "2021-03-01"), "2021-06-01") == []
    assert overdue(ct(ned(), "2020-09-01"), "2021-06-01") == [("P1", 12, 31)]


def test_a_ct_after_the_window_has_caught_up() -> None:
    late = ct(ned(), "2020-11-20")
    assert states(late, "2020-12-01")[6] == State.MISSED
    assert overdue(late, "2020-12-01") == []


def test_who_was_not_heard_of_is_overdue_and_who_died_or_came_back_is_not() -> None:
    assert overdue(ned(last_contact_on="2020-06-01"), "2020-11-11") == [("P1", 6, 10)]
    assert overdue(ned().died("2021-01-01"), "2021-06-01") == []
    assert overdue(ned().row("disease_event", occurred_on="2020-10-01", kind="recurrence"), "2021-06-01") == []
    assert overdue(ned().episode("2020-10-01"), "2021-06-01") == []
    dead = ned(vital_status="dead", death_on="UNK")
    assert overdue(dead, "2021-06-01") == []


def test_every_overdue_chest_ct_of_a_cohort_is_one_line_a_patient(simulated: Cohort) -> None:
    found = schedule(Cases(simulated.frames, simulated.data_cut))
    late = found[found["days_overdue"].notna()]
    assert len(late) > 3
    assert late["patient_id"].is_unique
    assert set(late["state"]) <= {"missed", "not recorded", "lost"}
    assert (late["closes"] < np.datetime64(simulated.data_cut)).all()
    assert (late["days_overdue"] == (np.datetime64(simulated.data_cut) - late["closes"]).dt.days).all()
    assert late["watched"].all()


# iCalendar.


def unfolded(content: bytes) -> list[str]:
    """The logical lines of a file (RFC 5545, 3.1): CRLF at each end, no line longer than 75 octets."""
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    lines: list[str] = []
    for octets in content.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(octets) <= LONGEST_LINE
        line = octets.decode("utf-8")  # each line on its own: no character is cut
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    return lines


def unescaped(text: str) -> str:
    found, at = "", 0
    while at < len(text):
        if text[at] == "\\":
            found += {"n": "\n", "N": "\n"}.get(text[at + 1], text[at + 1])
            assert text[at + 1] in "\\;,nN"
            at += 2
        else:
            assert text[at] not in ";,", "unescaped"
            found += text[at]
            at += 1
    return found


def parsed(content: bytes) -> list[dict[str, str]]:
    """The events of a file, each with its properties; names keep their parameters."""
    lines = unfolded(content)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-1] == "END:VCALENDAR"
    assert sum(line.startswith("PRODID:") for line in lines) == 1
    found: list[dict[str, str]] = []
    inside = False
    for line in lines[1:-1]:
        name, colon, value = line.partition(":")
        assert colon
        if name in ("BEGIN", "END"):
            assert value == "VEVENT"
            assert inside == (name == "END")
            inside = name == "BEGIN"
            found += [{}] if inside else []
        elif inside:
            assert name not in found[-1]
            found[-1][name] = unescaped(value) if name in ("SUMMARY", "DESCRIPTION") else value
    assert not inside
    for event in found:
        assert {"UID", "DTSTAMP", "DTSTART;VALUE=DATE", "DTEND;VALUE=DATE", "SUMMARY"} <= set(event)
        assert dt.datetime.strptime(event["DTSTAMP"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    assert len({event["UID"] for event in found}) == len(found)
    return found


def exported(made: Registry, cut: str) -> list[dict[str, str]]:
    return parsed(calendar(events(windows(made, cut)), dt.date.fromisoformat(cut), "1.0"))


def test_a_window_is_an_event_of_whole_days_that_ends_the_day_after() -> None:
    found = exported(ned(), "2020-06-01")
    assert len(found) == 8
    assert found[0]["DTSTART;VALUE=DATE"] == "20200701"
    assert found[0]["DTEND;VALUE=DATE"] == "20201102"
    assert found[0]["DTSTAMP"] == "20200601T000000Z"
    assert found[0]["SUMMARY"] == "Chest CT P1"
    assert found[0]["DESCRIPTION"] == "6 months after NED, due on 2020-09-01"


def test_what_is_done_or_over_has_no_event_and_what_is_overdue_says_so() -> None:
    assert len(exported(ct(ned(), "2020-09-01"), "2020-12-01")) == 7
    late = exported(ned(), "2020-12-01")
    assert late[0]["SUMMARY"] == "Chest CT overdue: P1"
    assert exported(ned().died("2020-12-01"), "2021-01-01") == []
    assert exported(ned().episode("2020-10-01"), "2021-06-01") == []


def test_a_uid_stays_over_exports_and_differs_between_patients_and_windows() -> None:
    made = ned("P2", made=ned())
    first, later = exported(made, "2020-06-01"), exported(made, "2020-12-01")
    assert len({event["UID"] for event in first}) == len(first) == 16
    by_window = {(event["SUMMARY"][-2:], event["DTSTART;VALUE=DATE"]): event["UID"] for event in first}
    for event in later:
        assert event["UID"] == by_window[event["SUMMARY"][-2:], event["DTSTART;VALUE=DATE"]]


def test_an_event_names_the_registry_id_and_nothing_else_of_the_patient() -> None:
    content = calendar(events(windows(ned(), "2020-06-01")), dt.date(2020, 6, 1), "1.0").decode()
    assert "P1" in content
    for secret in ("1950", "female", "Center A", "2020-01-10", "20200110"):
        assert secret not in content


@pytest.mark.parametrize(
    "text",
    [
        "a;b,c\\d",
        "line\nbreak and\r\nanother",
        "x" * 200,
        "肺转移" * 40,
        "\U0001f600" * 30,
        "a" * 66 + "é" * 10,
        "; , \\n",
        "",
    ],
)
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    event = Event("uid", dt.date(2020, 1, 1), dt.date(2020, 1, 1), text, "")
    (found,) = parsed(calendar(iter([event]), dt.date(2020, 1, 1), "1.0"))
    assert found["SUMMARY"] == text.replace("\r\n", "\n")


def test_no_text_can_begin_a_property_of_its_own() -> None:
    event = Event("uid", dt.date(2020, 1, 1), dt.date(2020, 1, 1), "x\r\nEND:VEVENT\x0bBEGIN:VALARM", "")
    (found,) = parsed(calendar(iter([event]), dt.date(2020, 1, 1), "1.0"))
    assert found["SUMMARY"] == "x\nEND:VEVENTBEGIN:VALARM"


def test_the_same_schedule_gives_the_same_bytes(tmp_path: Path) -> None:
    found = windows(ned(), "2020-06-01")
    first, second = (calendar(events(found), dt.date(2020, 6, 1), "1.0") for _ in range(2))
    assert first == second
