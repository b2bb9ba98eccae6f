"""The data cut: what is dated later does not exist, and what was found on a later date is not known yet."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from registry import cells
from registry.cut import cut_frames
from registry.tables import TABLES
from tests.registry.rows import ROWS, row

CUT = dt.date(2021, 6, 30)
ON, LATER = "2021-06-30", "2021-07-01"
KEPT = {("patient", column) for column in ("enrolled_on", "consent_on", "last_contact_on")}
DATED = [name for name, table in TABLES.items() if table.dated_by]


def cut(table: str, *given: dict[str, str], **others: list[dict[str, str]]) -> pd.DataFrame:
    return cut_frames(cells.frames({table: list(given), **others}), CUT)[table]


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "s")


@pytest.mark.parametrize("table", DATED)
def test_a_row_of_a_later_date_does_not_exist(table: str) -> None:
    dated_by = TABLES[table].dated_by or ""
    later = {**row(table, **{dated_by: LATER}), "record_no": "2"}
    kept = cut(table, row(table, **{dated_by: ON}), later)
    assert kept["record_no"].tolist() == [1]
    assert kept.index.tolist() == [0]


@pytest.mark.parametrize("table", DATED)
@pytest.mark.parametrize("cell", ["", "UNK"])
def test_a_row_without_a_date_stays(table: str, cell: str) -> None:
    assert len(cut(table, row(table, **{TABLES[table].dated_by or "": cell}))) == 1


def test_only_patients_primaries_centers_and_exceptions_have_no_date() -> None:
    assert set(TABLES) - set(DATED) == {"center", "patient", "primary_tumor", "rule_exception"}


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (name, field.name)
        for name, table in TABLES.items()
        for field in table.fields.values()
        if field.type == "date"
        and field.name != table.dated_by
        and (name, field.name)
        not in {("patient", column) for column in ("enrolled_on", "consent_on", "last_contact_on")}
    ],
)
def test_a_later_date_of_a_row_that_stays_is_blank(table: str, column: str) -> None:
    dated_by = TABLES[table].dated_by
    early = {dated_by: "2020-01-05"} if dated_by else {}
    kept = cut(table, row(table, **early, **{column: LATER}))
    assert kept[column].isna().tolist() == [True]
    assert cut(table, row(table, **early, **{column: ON}))[column].tolist() == [pd.Timestamp(ON)]


@pytest.mark.parametrize("kept", ["enrolled_on", "consent_on"])
def test_enrollment_and_consent_keep_their_dates(kept: str) -> None:
    assert cut("patient", row("patient", **{kept: LATER}))[kept].tolist() == [pd.Timestamp(LATER)]


def test_what_was_found_on_a_later_date_is_blank_too() -> None:
    emergency = row("episode", emergency="bleeding", emergency_on=LATER)
    assert cut("episode", emergency)["emergency"].isna().all()
    assert cut("episode", row("episode", emergency="bleeding", emergency_on=ON))["emergency"].tolist() == ["bleeding"]


def systemic(**cells_: str) -> pd.Series:
    given = {"patient_id": "P1", "record_no": "1", "started_on": "2021-01-01", **cells_}
    return cut("systemic_therapy", given).iloc[0]


def test_a_treatment_that_ends_later_is_under_way() -> None:
    found = systemic(ended_on=LATER, stop_reason="progression", best_response="PD", regimen="FOLFOX")
    assert found[["ended_on", "stop_reason", "best_response"]].isna().all()
    assert found["regimen"] == "FOLFOX"
    found = systemic(ended_on=ON, stop_reason="progression", best_response="PD")
    assert found[["stop_reason", "best_response"]].tolist() == ["progression", "PD"]


def test_a_response_counts_from_its_own_date_where_it_has_one() -> None:
    found = systemic(ended_on=LATER, best_response="PR", response_assessed_on=ON)
    assert found["best_response"] == "PR"
    found = systemic(ended_on=ON, best_response="PR", response_assessed_on=LATER)
    assert found[["best_response", "response_assessed_on"]].isna().all()
    assert found["ended_on"] == pd.Timestamp(ON)


def test_who_died_later_is_alive_and_was_last_seen_on_the_cut() -> None:
    dead = {"vital_status": "dead", "death_on": LATER, "last_contact_on": LATER, "cause_of_death": "cancer"}
    found = cut("patient", row("patient", **dead)).iloc[0]
    assert (found["vital_status"], found["last_contact_on"]) == ("alive", pd.Timestamp(ON))
    assert found[["death_on", "cause_of_death"]].isna().all()


@pytest.mark.parametrize("blank", ["", "UNK"])
def test_who_died_later_was_alive_even_where_status_and_contact_are_missing(blank: str) -> None:
    found = cut("patient", row("patient", vital_status=blank, death_on=LATER, last_contact_on=blank)).iloc[0]
    assert (found["vital_status"], found["last_contact_on"]) == ("alive", pd.Timestamp(ON))
    assert found[["vital_status__absent", "last_contact_on__absent"]].isna().all()


def test_who_died_on_the_cut_is_dead() -> None:
    dead = {"vital_status": "dead", "death_on": ON, "last_contact_on": ON, "cause_of_death": "cancer"}
    found = cut("patient", row("patient", **dead)).iloc[0]
    assert found[["vital_status", "death_on", "cause_of_death"]].tolist() == ["dead", pd.Timestamp(ON), "cancer"]


@pytest.mark.parametrize(("seen", "then"), [("2021-06-29", "2021-06-29"), (ON, ON), (LATER, ON)])
def test_last_contact_is_not_after_the_cut(seen: str, then: str) -> None:
    assert cut("patient", row("patient", last_contact_on=seen))["last_contact_on"].tolist() == [pd.Timestamp(then)]


def test_last_contact_that_is_not_known_stays_unknown() -> None:
    found = cut("patient", row("patient", last_contact_on="UNK")).iloc[0]
    assert pd.isna(found["last_contact_on"])
    assert found["last_contact_on__absent"] == "UNK"


def test_an_episode_after_the_cut_takes_its_exceptions_along() -> None:
    exceptions = [row("rule_exception", record_no=str(at), episode_no=no) for at, no in enumerate(("1", "2", ""), 1)]
    of_another = {**row("rule_exception", episode_no="2"), "patient_id": "P2"}
    episodes = [
        row("episode"),
        row("episode", record_no="2", detected_on=LATER),
        {**row("episode", record_no="2"), "patient_id": "P2"},
    ]
    kept = cut("rule_exception", *exceptions, of_another, episode=episodes)
    assert kept[["patient_id", "record_no"]].to_numpy().tolist() == [["P1", 1], ["P1", 3], ["P2", 1]]


def test_a_cut_of_tables_without_the_episodes_keeps_exceptions() -> None:
    frames = cells.frames({"rule_exception": [row("rule_exception", episode_no="2")]})
    assert len(cut_frames({"rule_exception": frames["rule_exception"]}, CUT)["rule_exception"]) == 1


def test_a_cut_today_changes_nothing() -> None:
    frames = cells.frames({table: [dict(ROWS[table])] for table in TABLES})
    for name, frame in cut_frames(frames, dt.date.today()).items():
        pd.testing.assert_frame_equal(frame, frames[name])


def test_the_frames_that_are_cut_stay_as_they_are() -> None:
    given = {table: [dict(ROWS[table])] for table in TABLES}
    frames = cells.frames(given)
    cut_frames(frames, dt.date(2020, 1, 5))
    for name, frame in cells.frames(given).items():
        pd.testing.assert_frame_equal(frames[name], frame)


def test_a_cut_is_the_same_in_one_step_or_two() -> None:
    frames = cells.frames({table: [dict(ROWS[table])] for table in TABLES})
    first, last = dt.date(2020, 1, 20), dt.date(2020, 6, 1)
    stepwise = cut_frames(cut_frames(frames, last), first)
    for name, frame in cut_frames(frames, first).items():
        pd.testing.assert_frame_equal(stepwise[name], frame)
