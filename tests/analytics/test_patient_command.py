"""`oligomet patient` and `oligomet calendar` as others call them: documents, files, what is said, exit statuses."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from registry import schema
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source
from registry.simulate import simulate
from tests.analytics.test_schedule import parsed
from tests.analytics.test_survival_command import Command

CUT = ("--data-cut", "2022-06-01")
WIDTH = 100


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a registry with simulated patients, for reading only."""
    folder = tmp_path_factory.mktemp("patients")
    simulate(folder / "data", patients=60, seed=4)
    path = folder / "registry.db"
    engine = open_engine(f"sqlite:///{path}")
    schema.create_or_upgrade(engine)
    by = Actor("somebody", Role.ADMINISTRATOR)
    assert not import_source(engine, open_source(folder / "data"), by=by, reason=None).problems
    engine.dispose()
    return path


def ask(path: Path, query: str) -> list[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return [str(row[0]) for row in connection.execute(query)]


@pytest.fixture
def patient(stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", f"sqlite:///{stored}")
    return Command(monkeypatch, capsys, "patient")


@pytest.fixture
def calendar(stored: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", f"sqlite:///{stored}")
    return Command(monkeypatch, capsys, "calendar")


def _with_ned(stored: Path) -> str:
    return ask(stored, "SELECT patient_id FROM episode WHERE ned_on IS NOT NULL AND lung_involved ORDER BY 1")[0]


def test_the_document_of_a_patient(patient: Command, stored: Path) -> None:
    wanted = _with_ned(stored)
    found = patient.document(wanted)
    assert set(found) == {
        *("patient_id", "center_id", "sex", "age", "vital_status", "last_contact_on", "data_cut", "readings"),
        *("timeline", "episodes"),
    }
    assert found["patient_id"] == wanted
    episode = found["episodes"][0]
    assert {"route", "classification", "situations", "due", "rules", "missing"} <= set(episode)
    assert {rule["rule_id"] for rule in episode["rules"]} >= {"GEN1", "IMG1", "FUP2"}
    (birth,) = ask(stored, f"SELECT birth_date FROM patient WHERE patient_id = '{wanted}'")
    assert birth not in json.dumps(found)


def test_the_rules_are_those_of_the_audit(patient: Command, stored: Path) -> None:
    wanted = _with_ned(stored)
    episodes = {item["episode_no"]: item for item in patient.document(wanted, *CUT)["episodes"]}
    from analytics.cohort import cohort_at
    from analytics.consensus.cases import Cases
    from analytics.consensus.verdicts import Verdicts, documents
    from registry.frames import read_frames

    engine = open_engine(f"sqlite:///{stored}")
    import datetime as dt

    cohort = cohort_at(read_frames(engine), dt.date(2022, 6, 1))
    frame = cohort.frames["episode"]
    rows = [row for row, name in enumerate(frame["patient_id"]) if name == wanted]
    verdicts = Verdicts(Cases(cohort.frames, cohort.data_cut))
    expected = [(d["episode_no"], d["rule_id"], d["part"], d["outcome"]) for d in documents(verdicts, rows)]
    shown = [
        (number, rule["rule_id"], rule["part"], rule["outcome"])
        for number, item in sorted(episodes.items())
        for rule in item["rules"]
    ]
    assert sorted(shown, key=str) == sorted(expected, key=str)
    assert len(shown) > 90


def test_what_is_due_and_not_followed_comes_first_and_fits_a_terminal(patient: Command, stored: Path) -> None:
    seen = set()
    for wanted in ask(stored, "SELECT patient_id FROM episode WHERE lung_involved GROUP BY 1 ORDER BY 1 LIMIT 5"):
        status, out, err = patient(wanted)
        assert status == 0, err
        lines = out.splitlines()
        assert lines[0].startswith(wanted)
        assert all(len(line.rstrip()) <= WIDTH for line in lines)
        first = out.split("\nEpisode ")[1].split("\nTimeline")[0]
        heads = [line.split(" (")[0] for line in first.splitlines()]
        order = [heads.index(head) for head in ("Due", "Not followed", "Open", "Followed") if head in heads]
        assert order == sorted(order)
        seen |= {heads[at] for at in order}
        (birth,) = ask(stored, f"SELECT birth_date FROM patient WHERE patient_id = '{wanted}'")
        assert birth not in out
    assert seen >= {"Due", "Not followed", "Followed"}


def test_all_says_why_of_everything(patient: Command, stored: Path) -> None:
    wanted = _with_ned(stored)
    brief, full = patient(wanted)[1], patient(wanted, "--all")[1]
    assert "rules do not apply." in brief
    assert "Why it is classified so" not in brief
    assert "Why it is classified so" in full
    assert "Does not apply (" in full
    assert len(full) > 2 * len(brief)


def test_a_data_cut_takes_back_what_came_later(patient: Command, stored: Path) -> None:
    wanted = _with_ned(stored)
    (detected,) = ask(stored, f"SELECT min(detected_on) FROM episode WHERE patient_id = '{wanted}'")
    found = patient.document(wanted, "--data-cut", detected)
    assert found["data_cut"] == detected
    assert max(entry["on"] for entry in found["timeline"]) <= detected
    assert {item["kind"] for item in found["episodes"][0]["due"]} & {"mdt", "workup", "molecular", "open"}


def test_readings_of_a_file_hold(patient: Command, stored: Path, tmp_path: Path) -> None:
    readings = tmp_path / "readings.toml"
    readings.write_text("surveillance_half_yearly_tolerance = 1\n", encoding="utf-8")
    found = patient.document(_with_ned(stored), "--readings", str(readings))
    assert found["readings"]["changed"] == ["surveillance_half_yearly_tolerance"]
    status, _, err = patient(_with_ned(stored), "--readings", str(tmp_path / "none.toml"))
    assert status == 2
    assert "cannot be read" in err


def test_the_timeline_is_drawn(patient: Command, stored: Path, tmp_path: Path) -> None:
    figure = tmp_path / "timeline.svg"
    status, _, err = patient(_with_ned(stored), "--figure", str(figure))
    assert status == 0
    assert "Wrote" in err
    assert figure.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    status, _, err = patient(_with_ned(stored), "--figure", str(tmp_path / "timeline.xyz"))
    assert (status, "format" in err) == (2, True)


def test_who_cannot_be_shown_is_a_sentence_and_1(patient: Command, stored: Path) -> None:
    status, out, err = patient("nobody")
    assert (status, out) == (1, "")
    assert "no such patient" in err
    gone = ask(stored, "SELECT patient_id FROM patient WHERE consent_status = 'withdrawn'")
    if not gone:
        with sqlite3.connect(stored) as connection:
            gone = ask(stored, "SELECT max(patient_id) FROM patient")
            connection.execute("UPDATE patient SET consent_status = 'withdrawn' WHERE patient_id = ?", gone)
    status, out, err = patient(gone[0], "--json")
    assert (status, out) == (1, "")
    assert "withdrawn consent" in err
    status, _, err = patient(_with_ned(stored), "--data-cut", "1990-01-01")
    assert status == 1
    assert "no episode by 1990-01-01" in err
    assert patient(_with_ned(stored), "--data-cut", "soon")[0] == 2


# The calendar.


def test_the_calendar_counts_every_window(calendar: Command) -> None:
    status, out, _ = calendar(*CUT)
    assert status == 0
    found = calendar.document(*CUT)
    episodes = {(row["patient_id"], row["episode_no"]) for row in found}
    assert f"{len(episodes)} episodes, data cut 2022-06-01" in out
    done = sum(row["state"] == "done" for row in found)
    (line,) = [line for line in out.splitlines() if line.startswith("done")]
    assert sum(map(int, line.split()[1:])) == done > 0


def test_the_overdue_list_is_by_center_the_longest_first(calendar: Command) -> None:
    found = calendar.document("--overdue")
    keys = [(row["center_id"], -row["days_overdue"]) for row in found]
    assert keys == sorted(keys)
    assert len(keys) > 0
    status, out, _ = calendar("--overdue")
    assert status == 0
    assert all(row["patient_id"] in out for row in found)


def test_one_center_alone(calendar: Command) -> None:
    everyone = calendar.document(*CUT)
    center = everyone[0]["center_id"]
    found = calendar.document("--center", center, *CUT)
    assert found == [row for row in everyone if row["center_id"] == center]
    status, _, err = calendar("--center", "nowhere", *CUT)
    assert status == 1
    assert "No patient is of this center" in err


def test_the_files_hold_what_the_document_does(calendar: Command, tmp_path: Path) -> None:
    ics, table = tmp_path / "surveillance.ics", tmp_path / "windows.csv"
    status, _, err = calendar("--ics", str(ics), "--csv", str(table), *CUT)
    assert (status, err.count("Wrote")) == (0, 2)
    found = calendar.document(*CUT)
    with table.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["patient_id"], row["month"], row["closes"]) for row in rows] == [
        (row["patient_id"], str(row["month"]), row["closes"]) for row in found
    ]
    expected = [
        row
        for row in found
        if row["days_overdue"] is not None or (row["watched"] and row["state"] in ("due", "to come"))
    ]
    events = parsed(ics.read_bytes())
    assert len(events) == len(expected) > 0
    assert {event["SUMMARY"].split(" ")[-1] for event in events} == {row["patient_id"] for row in expected}
    assert calendar("--ics", str(tmp_path / "no" / "folder.ics"), *CUT)[0] == 3
