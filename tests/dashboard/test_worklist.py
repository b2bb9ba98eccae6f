"""What there is to do and who is listed: drafts first, then what is overdue, asked and blank; filters of patients."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from analytics.classify import classify
from analytics.cohort import cohort_at
from analytics.consensus.cases import Cases
from analytics.consensus.readings import DEFAULT
from analytics.schedule import schedule
from dashboard import store, worklist
from dashboard.lookup import Narrowed, QueryLine, open_queries, search_patients
from dashboard.record import read_record
from dashboard.worklist import Kind
from registry import actions, drafts
from registry.access import Actor, Role
from registry.cells import frames
from registry.database import reading, writing
from registry.drafts import NEW, Place, Summary
from registry.errors import PermissionRefused
from registry.fields import MISSING_CODES
from registry.quality import OVERDUE_DAYS, blanks, completeness
from registry.queries import MANUAL, QueryKey
from registry.tables import PATIENT_TABLES, TABLES
from tests.dashboard.pages import html, opened
from tests.registry import rows

SOMEBODY = Actor("somebody", Role.ADMINISTRATOR)
TODAY = dt.date(2026, 1, 1)


def tasks_of(rows_of: dict[str, list[dict[str, str]]], asked: list[QueryLine] | None = None) -> pd.DataFrame:
    given = frames(rows_of)
    cohort = cohort_at(given, TODAY)
    return worklist.standing(cohort.frames, Cases(cohort.frames, TODAY, DEFAULT), asked or [], TODAY)


def words(found: pd.DataFrame, kind: Kind) -> list[str]:
    return [f"{row.patient_id}: {row.what}" for row in found.itertuples() if row.kind == str(kind)]


def test_only_the_living_who_were_not_heard_of_are_overdue() -> None:
    late = (TODAY - dt.timedelta(days=OVERDUE_DAYS + 1)).isoformat()
    in_time = (TODAY - dt.timedelta(days=OVERDUE_DAYS)).isoformat()
    patients = [
        rows.row("patient", patient_id="late", last_contact_on=late),
        rows.row("patient", patient_id="in time", last_contact_on=in_time),
        rows.row("patient", patient_id="dead", last_contact_on=late, vital_status="dead", death_on=late),
        rows.row("patient", patient_id="unknown", last_contact_on="UNK"),
        rows.row("patient", patient_id="who knows", last_contact_on=late, vital_status="UNK"),
    ]
    found = words(tasks_of({"patient": patients}), Kind.FOLLOW_UP)
    assert [text.partition(":")[0] for text in found] == ["late"]
    assert f"{OVERDUE_DAYS + 1} days ago" in found[0]


def test_the_chest_cts_are_those_of_the_calendar() -> None:
    given = {name: [rows.ROWS[name]] for name in ("patient", "primary_tumor", "episode", "local_treatment")}
    found = tasks_of(given)
    cohort = cohort_at(frames(given), TODAY)
    windows = schedule(Cases(cohort.frames, TODAY, DEFAULT))
    late = windows[windows["days_overdue"].notna()]
    assert len(late) == 1
    assert words(found, Kind.CT_OVERDUE) == [
        f"P1: Episode 1: chest CT at month {late['month'].iloc[0]} overdue by {late['days_overdue'].iloc[0]} days, "
        f"window closed on {late['closes'].iloc[0].date()}"
    ]
    overdue = found[found["kind"] == str(Kind.CT_OVERDUE)].iloc[0]
    task = worklist.task(overdue, by=Actor("m", Role.DATA_MANAGER, "A"))
    assert (task.action, task.address) == ("Enter the CT", {"patient": "P1", "form": "study", "row": NEW})
    assert worklist.task(overdue, by=Actor("c", Role.CLINICIAN)).action == "Look"  # who may not enter it


def test_urgent_work_comes_first() -> None:
    given = {name: [rows.ROWS[name]] for name in ("patient", "primary_tumor", "episode", "local_treatment")}
    line = QueryLine("P1", MANUAL, "episode", "1", "ned_on", "Why?", "open", "2025-01-01")
    kinds = list(dict.fromkeys(tasks_of(given, [line])["kind"]))
    assert kinds == [str(kind) for kind in Kind if str(kind) in kinds]
    assert str(Kind.QUERY) in kinds
    assert kinds[-1] == str(Kind.INCOMPLETE)


def test_a_question_of_a_check_is_told_in_the_words_of_the_form() -> None:
    found = tasks_of({}, [QueryLine("P1", "X1", "episode", "1", "ned_on", "See ned_on.", "answered", "2025-01-01")])
    assert words(found, Kind.QUERY) == ["P1: Episodes 1, NED on: See “NED on”."]
    for role in (Role.DATA_MANAGER, Role.AUDITOR):
        assert worklist.task(found.iloc[0], by=Actor("x", role)).action == "Look at the answer"


def test_a_question_about_a_whole_row_names_the_row_and_is_answered_by_who_may() -> None:
    found = tasks_of({}, [QueryLine("P1", MANUAL, "episode", "1", "record_no", "Why?", "open", "2025-01-01")])
    assert words(found, Kind.QUERY) == ["P1: Episodes 1: Why?"]
    actions = [worklist.task(found.iloc[0], by=Actor("x", role)).action for role in (Role.DATA_MANAGER, Role.AUDITOR)]
    assert actions == ["Answer", "Look"]


def test_a_draft_leads_to_its_place_and_says_when_it_clashes() -> None:
    def of(place: Place, version: int, stored: int) -> worklist.Task:
        return worklist.of_draft(Summary(place, 2, version, stored, "2026-01-01T10:11:12.000000+00:00"))

    assert of(Place("P1", "study", NEW), 0, 0).address == {"patient": "P1", "form": "study", "row": NEW}
    assert of(Place("P1", "primary_tumor", ""), 3, 3).address == {"patient": "P1", "form": "primary_tumor"}
    assert of(Place("A", "patient", NEW), 0, 0).address == {"enroll": "A"}
    assert of(Place("P1", "study", "4"), 1, 1).action == "Go on"
    assert of(Place("P1", "study", "4"), 1, 2).action == "Settle"
    assert "2 fields typed into Imaging and other studies 4" in of(Place("P1", "study", "4"), 1, 1).what


def test_blank_cells_are_counted_one_by_one(registry: Engine) -> None:
    registry.dispose()
    given = store.all_frames()
    counted = blanks(given)
    patient = str(counted.sum(axis=1).idxmax())
    for table in PATIENT_TABLES:
        frame = given[table][given[table]["patient_id"] == patient]
        expected = 0
        for record in frame.to_dict("records"):
            for name, field in TABLES[table].fields.items():
                if field.key or not (pd.isna(record[name]) and pd.isna(record[field.absent_name])):
                    continue
                if field.only_where:
                    question, answers = field.only_where
                    answer = record[question]
                    answer = {True: "yes", False: "no"}.get(answer, answer) if not pd.isna(answer) else None
                    if answer is not None and answer not in answers:
                        continue
                expected += 1
        assert counted.loc[patient, table] == expected, table
    assert not MISSING_CODES & set(counted.columns)


def test_a_record_is_answered_as_far_as_its_columns_are_complete(registry: Engine) -> None:
    registry.dispose()
    for patient in store.all_frames()["patient"]["patient_id"].iloc[:12]:
        with reading(registry) as connection:
            record = read_record(connection, patient, dt.date.today(), by=SOMEBODY)
        assert record is not None
        lines = list(completeness(record.frames))
        for form in record.forms:
            counted = [(line.rows - line.blank, line.rows) for line in lines if line.table == form.table]
            answered, asked = (sum(column) for column in zip(*counted, strict=True))
            assert form.answered == pytest.approx(answered / asked), form.table


def ids(engine: Engine, narrowed: Narrowed, by: Actor = SOMEBODY, text: str = "") -> list[str]:
    with reading(engine) as connection:
        page = search_patients(connection, text, by=by, first=0, count=100, narrowed=narrowed)
    assert page.total == len(page.rows)
    return [hit.patient_id for hit in page.rows]


def test_the_list_of_patients_is_narrowed_in_the_database(filled: Engine) -> None:
    actions.save(filled, "center", {"center_id": "B", "name": "Beta"}, by=SOMEBODY, reason=None, seen_version=0)
    for patient, center in (("P2", "A"), ("P'3", "B")):
        cells = rows.row("patient", patient_id=patient, center_id=center)
        actions.save(filled, "patient", cells, by=SOMEBODY, reason=None, seen_version=0)
    everybody = ids(filled, Narrowed())
    assert set(everybody) == {"P1", "P2", "P'3"}
    assert ids(filled, Narrowed(center="B")) == ["P'3"]
    assert ids(filled, Narrowed(among=["P'3", "P1", "nobody"])) == [p for p in everybody if p != "P2"]
    assert ids(filled, Narrowed(among=[])) == []
    manager = Actor("m", Role.DATA_MANAGER, "A")
    assert ids(filled, Narrowed(center="B"), by=manager) == []
    assert ids(filled, Narrowed(among=["P'3"]), by=manager) == []
    actions.raise_query(filled, QueryKey("P'3", MANUAL, "patient", "", "sex"), "Why?", by=SOMEBODY)
    assert "P'3" in ids(filled, Narrowed(asked=True))
    with reading(filled) as connection:
        assert "P'3" in {line.owner for line in open_queries(connection, by=SOMEBODY)}
        assert "P'3" not in {line.owner for line in open_queries(connection, by=manager)}
        with pytest.raises(PermissionRefused):
            open_queries(connection, by=Actor("r", Role.RESEARCHER))


def test_a_patient_is_found_by_any_part_of_the_id(filled: Engine) -> None:
    for patient in ("Ab-10", "aB-11", "A_b", "A%b", "Ärz-1", *(f"N{number:02}" for number in range(25))):
        cells = rows.row("patient", patient_id=patient, center_id="A")
        actions.save(filled, "patient", cells, by=SOMEBODY, reason=None, seen_version=0)
    assert set(ids(filled, Narrowed(), text="AB-1")) == {"Ab-10", "aB-11"}
    assert ids(filled, Narrowed(), text="a_b") == ["A_b"]
    assert ids(filled, Narrowed(), text="a%B") == ["A%b"]
    assert ids(filled, Narrowed(), text="ÄRZ") == ["Ärz-1"]
    assert ids(filled, Narrowed(), text="nobody") == []
    with reading(filled) as connection:
        second = search_patients(connection, "n", by=SOMEBODY, first=20, count=10)
        assert (second.total, second.first, second.rows[0].patient_id) == (25, 20, "N20")
        beyond = search_patients(connection, "n", by=SOMEBODY, first=40, count=10)
        assert (beyond.total, beyond.first, beyond.rows[0].patient_id) == (25, 0, "N00")
        last = search_patients(connection, "", by=SOMEBODY, first=1000, count=10)
        assert (last.total, last.first, len(last.rows)) == (31, 30, 1)


def test_the_page_lists_drafts_first_and_goes_on(registry: Engine) -> None:
    registry.dispose()
    patient = store.all_frames()["patient"]
    first, center = str(patient["patient_id"].iloc[0]), str(patient["center_id"].iloc[0])
    manager = Actor(f"data-manager-{center.lower()}", Role.DATA_MANAGER, center)
    with writing(registry) as connection:
        drafts.keep(connection, Place(first, "patient", ""), {"sex": "UNK"}, by=manager, began={}, version=1)
        drafts.keep(connection, Place(center, "patient", NEW), {"sex": "male"}, by=manager, began={}, version=0)
    registry.dispose()
    page = opened("worklist.py", role=Role.DATA_MANAGER, of_center=center)
    assert not page.exception
    lines = [text for text in html(page).split("\n") if 'class="task"' in text]
    assert len(lines) == 12
    assert ["kind draft" in line for line in lines[:3]] == [True, True, False]
    of_center = set(patient.loc[patient["center_id"] == center, "patient_id"])
    others = set(patient["patient_id"]) - of_center
    assert not [one for one in others if any(one in line for line in lines)]
    page.button(key="worklist-on").click().run()
    assert not page.exception
    assert "kind draft" not in html(page)
    page.text_input(key="work-text").set_value(first).run()
    lines = [text for text in html(page).split("\n") if 'class="task"' in text]
    assert lines
    assert all(first in line for line in lines)


def test_somebody_else_sees_no_draft_of_mine(registry: Engine) -> None:
    registry.dispose()
    patient = str(store.all_frames()["patient"]["patient_id"].iloc[0])
    with writing(registry) as connection:
        place = Place(patient, "patient", "")
        drafts.keep(connection, place, {"sex": "UNK"}, by=SOMEBODY, began={}, version=1)
    registry.dispose()
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.CLINICIAN):
        assert "kind draft" not in html(opened("worklist.py", role=role))


def test_the_filters_of_the_list_are_those_of_the_record(registry: Engine) -> None:
    registry.dispose()
    cohort = cohort_at(store.all_frames(), dt.date.today())
    routes = classify(cohort)
    route = routes["route"].astype(str).mode()[0]
    expected = sorted(set(routes.loc[routes["route"] == route, "patient_id"]))
    page = opened("patient.py", role=Role.AUDITOR)
    page.selectbox(key="of-route").set_value(route).run()
    assert not page.exception
    assert f"{len(expected)} patient" in html(page)
    assert list(page.dataframe[0].value["Patient"]) == expected[: len(page.dataframe[0].value)]
    center = str(cohort.frames["patient"]["center_id"].iloc[0])
    page.selectbox(key="of-route").set_value("")
    page.selectbox(key="of-center").set_value(center).run()
    assert set(page.dataframe[0].value["Center"]) == {center}
