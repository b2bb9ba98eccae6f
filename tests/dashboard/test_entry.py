"""A form while it is filled in, without a page: what is read, opens, conflicts, is asked, and is sent."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.engine import Engine

from dashboard.entry import Entry, Row, conflicts, fields_of, is_behind, known, questioned, row_of, submitted
from dashboard.words import in_words
from registry import store
from registry.checks import Severity
from registry.database import reading
from registry.drafts import NEW, REASON, Place, Typed
from registry.frames import patient_frames
from registry.tables import PATIENT_TABLES, TABLES
from tests.registry.rows import ROWS

TODAY = dt.date(2025, 1, 1)
EPISODE = Place("P1", "episode", "1")


def entry(table: str = "episode", version: int = 1, **texts: str) -> Entry:
    place = Place("P1", table, "1" if "record_no" in TABLES[table].fields else "")
    return Entry(Row(place, ROWS[table] if version else {}, version), fields_of(table), texts, TODAY)


def shown(found: Entry) -> set[str]:
    return {field.name for field in found.fields if found.shows(field)}


@pytest.mark.parametrize("table", PATIENT_TABLES)
def test_every_form_has_all_its_columns_and_reads_what_is_stored(table: str) -> None:
    found = entry(table)
    names = {field.name for field in found.fields}
    assert names | set(TABLES[table].keys) == set(TABLES[table].fields)
    assert not found.problems
    assert not found.changed
    assert not found.blanks


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("lesion_count", "7,4", "whole number"),
        ("lesion_count", "7.4", "whole number"),
        ("largest_mm", "7,4", "not a number"),
        ("largest_mm", "501", "outside its range"),
        ("ned_on", "31/02/2020", "not a date"),
        ("ned_on", "2020-02-31", "no such day"),
        ("ned_on", "2025-01-02", "after today"),
        ("ned_on", "unk", "not a date"),
    ],
)
def test_what_cannot_be_held_is_refused_and_never_rounded(column: str, text: str, words: str) -> None:
    found = entry(**{column: text})
    assert words in found.problems[column].problem
    assert column in found.changed
    assert column not in found.cells


def test_other_spellings_of_the_same_change_nothing() -> None:
    assert entry(largest_mm="12.50", detected_on=" 2020-01-05 ").changed == []
    assert entry(largest_mm="UNK").cells["largest_mm"] == "UNK"


def test_a_missing_data_code_stands_alone() -> None:
    meeting = entry("mdt_meeting", specialties="radiology;UNK")
    assert "stands alone" in meeting.problems["specialties"].problem
    assert entry("mdt_meeting", specialties="UNK").cells["specialties"] == "UNK"
    assert entry("mdt_meeting", specialties="radiology;thoracic_surgery").changed == []


def test_branches_open_where_they_apply() -> None:
    new = entry(version=0)
    assert "laterality" not in shown(new)
    assert "laterality" in shown(entry(version=0, lung_involved="yes"))
    assert "laterality" not in shown(entry(version=0, lung_involved="UNK"))
    deep = {"lung_involved": "yes", "resectability": "unresectable"}
    assert "unresectable_reason" in shown(entry(version=0, **deep))
    assert "unresectable_reason" not in shown(entry(version=0, **{**deep, "lung_involved": "no"}))


def test_what_is_stored_in_a_closed_branch_stays_in_sight() -> None:
    closed = entry(lung_involved="no")
    assert "lesion_count" in shown(closed)  # it holds a value, which now contradicts the row
    assert "laterality" not in shown(closed)
    assert closed.answered[1] < entry().answered[1]


def test_only_what_was_changed_is_sent() -> None:
    assert submitted(entry(ecog="2")) == {"patient_id": "P1", "record_no": "1", "ecog": "2"}
    new = Entry(Row(Place("P1", "study", NEW), {}, 0), fields_of("study"), {"modality": "pet_ct"}, TODAY)
    assert submitted(new, "7") == {"patient_id": "P1", "record_no": "7", "modality": "pet_ct"}
    assert new.blanks == ["performed_on"]
    enrolled = Entry(
        Row(Place("A", "patient", NEW), {}, 0),
        (TABLES["patient"].fields["patient_id"], *fields_of("patient")),
        {"patient_id": "P2", "center_id": "A"},
        TODAY,
    )
    assert submitted(enrolled) == {"patient_id": "P2", "center_id": "A"}


def test_a_conflict_is_where_both_changed_the_same_field_to_something_else() -> None:
    stored = Row(EPISODE, {**ROWS["episode"], "ecog": "2", "ned_on": "2020-04-01", "lesion_count": "3"}, 2)
    drafted = {
        "ecog": Typed("1", "0", 1),
        "ned_on": Typed("2020-04-01", "2020-03-01", 1),  # both typed the same
        "cea_ng_ml": Typed("7,4", "UNK", 1),  # only mine
        REASON: Typed("second reading", "", 1),
    }
    found = conflicts(stored, drafted, TODAY)
    assert [(c.field.name, c.began, c.now, c.mine) for c in found] == [("ecog", "0", "2", "1")]
    assert is_behind(stored, drafted)
    assert not is_behind(Row(EPISODE, stored.cells, 1), drafted)
    gone = conflicts(Row(EPISODE, {}, 0), drafted, TODAY)
    assert {c.field.name for c in gone} == {"ecog", "ned_on", "cea_ng_ml"}


def test_the_checks_see_the_row_as_it_is_typed(filled: Engine) -> None:
    with reading(filled) as connection:
        frames = patient_frames(connection, "P1")
        stored = store.load(connection, "episode", ["P1"])
    already = known(frames, TODAY)
    row = row_of(stored, EPISODE)
    assert row.cells == {**dict.fromkeys(TABLES["episode"].fields, ""), **ROWS["episode"]}

    def found(**texts: str) -> list[tuple[str, str, str]]:
        typed = Entry(row, fields_of("episode"), texts, TODAY)
        return [(q.column, q.check.severity, q.where) for q in questioned(typed, stored, frames, already)]

    assert ("ned_on", Severity.WARNING, "") not in found()
    assert "ned_on" in {column for column, _, _ in found(ned_on="2019-06-01")}
    new = Entry(Row(Place("P1", "episode", NEW), {}, 0), fields_of("episode"), {"detected_on": "2019-01-01"}, TODAY)
    asked = questioned(new, stored, frames, already)
    assert any(q.column == "detected_on" for q in asked)  # numbered behind an episode that was found later
    assert all(not q.is_stored for q in asked if q.where)


def test_the_error_of_a_check_is_one(filled: Engine) -> None:
    with reading(filled) as connection:
        frames = patient_frames(connection, "P1")
        stored = store.load(connection, "patient", ["P1"])
    row = row_of(stored, Place("P1", "patient", ""))
    typed = Entry(row, fields_of("patient"), {"vital_status": "dead", "death_on": "1949-01-01"}, TODAY)
    found = questioned(typed, stored, frames, known(frames, TODAY))
    assert Severity.ERROR in {q.check.severity for q in found}


def test_a_sentence_names_columns_as_the_form_does() -> None:
    assert in_words("Correct episode_no or performed_on.") == "Correct “Episode” or “Performed on”."
    assert in_words("see primary_tumor.first_treated_on, not ned_only") == "see “First treated on”, not ned_only"
