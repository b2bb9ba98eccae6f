"""An import takes all or nothing, says everything that is wrong at its place, and changes only what it says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from registry import actions, audit, schema
from registry.access import Actor, Role
from registry.database import open_engine, reading
from registry.errors import EnvironmentRefused, PermissionRefused
from registry.exchange.formats import open_source, write_export
from registry.exchange.tables import stored_tables
from registry.fields import CLEAR, MISSING_CODES
from registry.intake import spill
from registry.tables import TABLES
from tests.registry.imports import MANAGER, base, contents, folder, open_queries, places, take, trail, verified
from tests.registry.rows import ENTRY, ROWS, row
from tests.registry.strategies import TODAY

# --- New, changed, unchanged ------------------------------------------------------------------------------------------


def test_an_import_writes_every_table(engine: Engine, tmp_path: Path) -> None:
    outcome = take(engine, folder(tmp_path, base()))
    assert outcome.problems == []
    assert (outcome.accepted, outcome.total("unchanged"), outcome.total("changed")) == (len(ROWS), 0, 0)
    keys = {table: tuple(cells[key] for key in TABLES[table].keys) for table, cells in ROWS.items()}
    assert contents(engine) == {table: {keys[table]: cells} for table, cells in ROWS.items()}
    assert {(entry.reason, entry.written_by) for entry in trail(engine)} == {(actions.FIRST_ENTRY, "manager")}
    assert {entry.source for entry in trail(engine)} == {f"import {next(tmp_path.glob('in*')).name} (csv)"}
    assert verified(engine)


def test_the_same_import_again_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    data = folder(tmp_path, base())
    take(engine, data)
    before, lines = contents(engine), len(trail(engine))
    for reason in (None, "again"):
        outcome = take(engine, data, reason=reason)
        assert outcome.problems == []
        assert (outcome.accepted, outcome.total("unchanged")) == (0, len(ROWS))
    assert contents(engine) == before
    assert len(trail(engine)) == lines
    with reading(engine) as connection:
        assert audit.head(connection).number == 1


def test_another_spelling_of_the_same_is_no_change(sqlite_engine: Engine, tmp_path: Path) -> None:
    take(sqlite_engine, folder(tmp_path, base()))
    other = row("episode", record_no="01", lesion_count=" 1.0", largest_mm="12.50", detected_on="2020-01-05 00:00:00")
    outcome = take(sqlite_engine, folder(tmp_path, {"episode": [other]}))
    assert (outcome.problems, outcome.accepted, outcome.total("unchanged")) == ([], 0, 1)


def test_a_blank_leaves_and_clear_empties(engine: Engine, tmp_path: Path) -> None:
    take(engine, folder(tmp_path, base()))
    key = {"patient_id": "P1", "record_no": "1"}
    change = {**key, "lesion_count": "", "largest_mm": CLEAR, "cea_ng_ml": CLEAR, "ecog": "NASK", "laterality": CLEAR}
    outcome = take(engine, folder(tmp_path, {"episode": [change]}), reason="read again")
    assert (outcome.problems, outcome.accepted) == ([], 1)
    expected = {name: cell for name, cell in ROWS["episode"].items() if name not in ("largest_mm", "cea_ng_ml")}
    assert contents(engine)["episode"][("P1", "1")] == expected | {"ecog": "NASK"}
    last = trail(engine)[-1]
    assert (last.action, last.reason) == ("update", "read again")
    assert last.old == {"largest_mm": "12.5", "cea_ng_ml": "UNK", "ecog": "0"}
    assert last.new == {"largest_mm": "", "cea_ng_ml": "", "ecog": "NASK"}
    assert verified(engine)


def test_clear_in_a_new_row_is_a_blank(sqlite_engine: Engine, tmp_path: Path) -> None:
    new = row("episode", lesion_count=CLEAR, biology_note=CLEAR)
    outcome = take(sqlite_engine, folder(tmp_path, base("center", "patient") | {"episode": [new]}))
    assert outcome.problems == []
    assert not {"lesion_count", "biology_note"} & set(contents(sqlite_engine)["episode"][("P1", "1")])


def test_rows_columns_and_tables_that_are_absent_are_left_alone(engine: Engine, tmp_path: Path) -> None:
    studies = [row("study", record_no=str(number)) for number in (1, 2, 3)]
    take(engine, folder(tmp_path, base() | {"study": studies}))
    before = contents(engine)
    only = {"patient_id": "P1", "record_no": "2", "result": "stable"}
    outcome = take(engine, folder(tmp_path, {"study": [only]}), reason="the report came")
    assert (outcome.problems, outcome.accepted) == ([], 1)
    before["study"][("P1", "2")]["result"] = "stable"
    assert contents(engine) == before


def test_a_change_needs_a_reason(engine: Engine, tmp_path: Path) -> None:
    take(engine, folder(tmp_path, base()))
    before = contents(engine)
    change = folder(tmp_path, {"patient": base("patient")["patient"], "episode": [row("episode", ecog="1")]})
    for reason in (None, ""):
        outcome = take(engine, change, reason=reason)
        assert places(outcome.problems) == [("episode.csv", 2, None)]
        assert "no reason" in outcome.problems[0].problem
        assert outcome.accepted == 0
        assert contents(engine) == before
    assert take(engine, change, reason="seen again").accepted == 1
    new = folder(tmp_path, {"study": [row("study", record_no="2")]})
    assert take(engine, new).accepted == 1, "a new row of a known patient needs none"
    assert verified(engine)


def test_missing_codes_are_stored_as_such_and_satisfy_what_is_required(engine: Engine, tmp_path: Path) -> None:
    rows = {}
    for table, declared in TABLES.items():
        absent = iter(sorted(MISSING_CODES) * 50)
        cells = {field.name: next(absent) for field in declared.fields.values() if not field.key}
        rows[table] = [{**cells, **{key: ROWS[table][key] for key in declared.keys}}]
    outcome = take(engine, folder(tmp_path, rows))
    assert outcome.problems == []
    assert contents(engine) == {
        table: {tuple(cells[key] for key in TABLES[table].keys): cells} for table, [cells] in rows.items()
    }
    assert take(engine, folder(tmp_path, rows)).accepted == 0
    assert verified(engine)


def test_the_order_of_rows_and_columns_does_not_matter(engine: Engine, tmp_path: Path) -> None:
    patients = [row("patient", patient_id=f"P{number}") for number in range(1, 6)]
    studies = [row("study", patient_id=f"P{number}", record_no=str(at)) for number in range(1, 6) for at in (1, 2, 3)]
    data = base("center") | {"patient": patients, "study": studies}
    assert take(engine, folder(tmp_path, data)).problems == []
    turned = {table: [dict(reversed(cells.items())) for cells in reversed(rows)] for table, rows in data.items()}
    outcome = take(engine, folder(tmp_path, turned))
    assert (outcome.problems, outcome.accepted, outcome.total("unchanged")) == ([], 0, 21)


def test_a_blank_reference_keeps_the_stored_one(engine: Engine, tmp_path: Path) -> None:
    """A blank names no row, so there is nothing to be missed, whatever else the import holds."""
    take(engine, folder(tmp_path, base()))
    entry = {"center_id": "A", "record_no": "1", "patient_id": "", "lung_metastases": "yes"}
    outcome = take(engine, folder(tmp_path, {"screening_log": [entry]}), reason="completed")
    assert (outcome.problems, outcome.accepted) == ([], 1)
    assert contents(engine)["screening_log"][("A", "1")]["patient_id"] == "P1"
    entry["patient_id"] = CLEAR
    outcome = take(engine, folder(tmp_path, {"screening_log": [entry]}), reason="was another")
    assert (outcome.problems, outcome.accepted) == ([], 1)
    assert "patient_id" not in contents(engine)["screening_log"][("A", "1")]


# --- All or nothing ---------------------------------------------------------------------------------------------------


def test_one_bad_cell_in_the_last_table_and_nothing_is_written(engine: Engine, tmp_path: Path) -> None:
    data = base() | {"rule_exception": [dict(ROWS["rule_exception"]), row("rule_exception", record_no="2", reason="?")]}
    outcome = take(engine, folder(tmp_path, data), reason="x")
    assert places(outcome.problems) == [("rule_exception.csv", 3, "reason")]
    assert (outcome.accepted, outcome.total("refused")) == (0, 1)
    assert contents(engine) == {table: {} for table in TABLES}
    assert trail(engine) == []
    assert open_queries(engine) == set()
    take(engine, folder(tmp_path, base()))
    before, lines = contents(engine), len(trail(engine))
    changed = {table: [row(table, record_no="7")] for table in ("study", "follow_up")}
    outcome = take(engine, folder(tmp_path, changed | {"disease_event": [row("disease_event", kind="worse")]}))
    assert len(outcome.problems) == 1
    assert contents(engine) == before
    assert len(trail(engine)) == lines


def test_nothing_is_written_where_the_trail_cannot_be(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: object, **arguments: object) -> int:
        raise RuntimeError("no trail")

    monkeypatch.setattr(audit.Writer, "close", broken)
    with pytest.raises(RuntimeError):
        take(engine, folder(tmp_path, base()))
    assert contents(engine) == {table: {} for table in TABLES}


def test_a_center_imports_its_own_patients_only(sqlite_engine: Engine, tmp_path: Path) -> None:
    take(sqlite_engine, folder(tmp_path, base() | {"center": [ROWS["center"], row("center", center_id="B")]}))
    theirs = Actor("manager of B", Role.DATA_MANAGER, "B")
    for data in (
        {"patient": [row("patient", sex="male")]},
        {"study": [row("study", record_no="2")]},
        {"screening_log": [row("screening_log", record_no="2", patient_id="")]},
        {"center": [row("center", name="x")]},
    ):
        with pytest.raises(PermissionRefused):
            take(sqlite_engine, folder(tmp_path, data), reason="x", by=theirs)
    own = {"patient": [row("patient", patient_id="P2", center_id="B")], "study": [row("study", patient_id="P2")]}
    assert take(sqlite_engine, folder(tmp_path, own), by=theirs).accepted == 2
    with pytest.raises(PermissionRefused):
        take(sqlite_engine, folder(tmp_path, own), by=Actor("r", Role.RESEARCHER))
    with pytest.raises(PermissionRefused):
        take(sqlite_engine, folder(tmp_path, own), by=Actor("a", Role.AUDITOR), dry_run=True)


def test_a_row_of_another_center_is_named_by_its_place(sqlite_engine: Engine, tmp_path: Path) -> None:
    take(sqlite_engine, folder(tmp_path, base() | {"center": [ROWS["center"], row("center", center_id="B")]}))
    theirs = Actor("manager of B", Role.DATA_MANAGER, "B")
    own = row("patient", patient_id="P2", center_id="B")
    for data, place in (
        ({"patient": [own, row("patient", patient_id="P3")]}, "patient.csv, line 3"),
        ({"patient": [own], "study": [row("study", patient_id="P2"), row("study")]}, "study.csv, line 3"),
        ({"patient": [row("patient", center_id="B")]}, "patient.csv, line 2"),  # somebody else's patient taken over
        ({"screening_log": [row("screening_log", center_id="A", record_no="9")]}, "screening_log.csv, line 2"),
        ({"center": [row("center")]}, "center.csv, line 2"),
    ):
        before = contents(sqlite_engine)
        for dry_run in (True, False):
            with pytest.raises(PermissionRefused) as refused:
                take(sqlite_engine, folder(tmp_path, data), reason="x", by=theirs, dry_run=dry_run)
            assert refused.value.got == place
            assert "Alpha" not in str(refused.value)
        assert contents(sqlite_engine) == before


def test_the_own_center_may_stand_in_the_file_as_it_is(sqlite_engine: Engine, tmp_path: Path) -> None:
    take(sqlite_engine, folder(tmp_path, base("center")))
    own = Actor("manager of A", Role.DATA_MANAGER, "A")
    assert take(sqlite_engine, folder(tmp_path, base("center", "patient")), by=own).accepted == 1
    for center in (row("center", name="x"), row("center", center_id="C")):
        with pytest.raises(PermissionRefused):
            take(sqlite_engine, folder(tmp_path, {"center": [center]}), by=own, reason="x")


def test_only_what_was_agreed_to_is_written(engine: Engine, tmp_path: Path) -> None:
    take(engine, folder(tmp_path, base()))
    new, changed = row("patient", patient_id="P2"), row("patient", sex="male")
    path = folder(tmp_path, {"patient": [changed, new]})
    agreed = take(engine, path, dry_run=True).changes()
    take(engine, folder(tmp_path, {"study": [row("study", record_no="7")]}))  # others may write elsewhere
    assert take(engine, path, dry_run=True).changes() == agreed
    take(engine, folder(tmp_path, {"patient": [row("patient", sex="UNK")]}), reason="read again")
    before = contents(engine)
    with pytest.raises(actions.PreviewOutdated):
        actions.import_source(engine, open_source(path), by=MANAGER, reason="x", agreed=agreed, today=TODAY)
    assert contents(engine) == before
    agreed = take(engine, path, dry_run=True).changes()
    actions.import_source(engine, open_source(path), by=MANAGER, reason="x", agreed=agreed, today=TODAY)
    assert contents(engine)["patient"][("P1",)]["sex"] == "male"
    with pytest.raises(actions.PreviewOutdated):  # a second time it would change nothing, which nobody agreed to
        actions.import_source(engine, open_source(path), by=MANAGER, reason="x", agreed=agreed, today=TODAY)


def test_an_import_that_is_ended_writes_nothing(engine: Engine, tmp_path: Path) -> None:
    class Ended(Exception):
        pass

    steps: list[str] = []

    def progress(share: float, what: str) -> None:
        steps.append(what)
        if what == "writing":
            raise Ended

    with pytest.raises(Ended):
        actions.import_source(engine, open_source(folder(tmp_path, base())), by=MANAGER, reason=None, progress=progress)
    assert "reading" in steps
    assert contents(engine) == {table: {} for table in TABLES}


def test_a_full_disk_for_temporary_files_is_told(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.intake.spill.PARTITION_BYTES", 100)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("registry.intake.spill._File.add", full)
    patients = [row("patient", patient_id=f"P{number}") for number in range(9)]
    with pytest.raises(EnvironmentRefused, match="No space left") as refused:
        take(sqlite_engine, folder(tmp_path, base("center") | {"patient": patients}))
    assert refused.value.exit_status == 3
    assert contents(sqlite_engine)["patient"] == {}


# --- What is an error -------------------------------------------------------------------------------------------------

DEAD = {"vital_status": "dead", "death_on": "2021-01-01", "last_contact_on": "2021-01-01"}
KEY = {"patient_id": "P1", "record_no": "1"}


def of(table: str, **cells: str) -> dict[str, list[Mapping[str, str]]]:
    """One row of a table beside the center and the patient."""
    return base("center", "patient") | {table: [row(table, **cells)]}


def after_death(table: str, **cells: str) -> dict[str, list[Mapping[str, str]]]:
    return base("center") | {"patient": [row("patient", **DEAD)], table: [row(table, **cells)]}


ERRORS = {
    "a death before birth": (
        base("center") | {"patient": [row("patient", **DEAD | {"death_on": "1950-04-30"})]},
        ("patient.csv", 2, "death_on"),
    ),
    "a death without its date": (
        base("center") | {"patient": [row("patient", vital_status="dead")]},
        ("patient.csv", 2, "death_on"),
    ),
    "a contact before birth": (of("patient", last_contact_on="1950-04-30"), ("patient.csv", 2, "last_contact_on")),
    "systemic therapy after death": (
        after_death("systemic_therapy", started_on="2021-01-02", ended_on=""),
        ("systemic_therapy.csv", 2, "started_on"),
    ),
    "local treatment after death": (
        after_death("local_treatment", started_on="2021-01-02"),
        ("local_treatment.csv", 2, "started_on"),
    ),
    "a study after death": (after_death("study", performed_on="2021-01-02"), ("study.csv", 2, "performed_on")),
    "an event after death": (
        after_death("disease_event", occurred_on="2021-01-02"),
        ("disease_event.csv", 2, "occurred_on"),
    ),
    "a follow-up after death": (after_death("follow_up", seen_on="2021-01-02"), ("follow_up.csv", 2, "seen_on")),
    "a date after today": (of("study", performed_on="2024-07-01"), ("study.csv", 2, "performed_on")),
    "therapy that ends before its start": (
        of("systemic_therapy", ended_on="2020-03-31"),
        ("systemic_therapy.csv", 2, "ended_on"),
    ),
    "treatment that ends before its start": (
        of("local_treatment", ended_on="2020-02-29"),
        ("local_treatment.csv", 2, "ended_on"),
    ),
    "metastases that end before their start": (
        of("metastasis", resolved_on="2020-01-04"),
        ("metastasis.csv", 2, "resolved_on"),
    ),
    "a number outside its range": (of("episode", largest_mm="501"), ("episode.csv", 2, "largest_mm")),
    "a negative number": (of("episode", lesion_count="-1"), ("episode.csv", 2, "lesion_count")),
    "a broken date": (of("episode", detected_on="2020-02-30"), ("episode.csv", 2, "detected_on")),
    "an unknown code": (of("episode", laterality="both"), ("episode.csv", 2, "laterality")),
    "an unknown column": (of("episode", lesions="1"), ("episode.csv", 1, "lesions")),
    "an unknown table": (base("center") | {"pictures": [{"a": "1"}]}, ("pictures.csv", None, None)),
    "a missing center": (
        base("center") | {"patient": [row("patient", center_id="B")]},
        ("patient.csv", 2, "center_id"),
    ),
    "a missing patient": (base("center") | {"study": [ROWS["study"]]}, ("study.csv", 2, "patient_id")),
    "a missing patient of a screening entry": (
        base("center", "screening_log"),
        ("screening_log.csv", 2, "patient_id"),
    ),
    "a missing center of a screening entry": (
        {"screening_log": [row("screening_log", patient_id="")]},
        ("screening_log.csv", 2, "center_id"),
    ),
    "a missing episode": (of("mdt_meeting"), ("mdt_meeting.csv", 2, "episode_no")),
    "a missing patient, told once": (
        base("center") | {"mdt_meeting": [ROWS["mdt_meeting"]]},
        ("mdt_meeting.csv", 2, "patient_id"),
    ),
    "a blank where a cell is required": (of("study", modality=""), ("study.csv", 2, "modality")),
    "a column that is required and absent": (
        base("center", "patient") | {"study": [{**KEY, "performed_on": "2020-01-05"}]},
        ("study.csv", 2, "modality"),
    ),
    "a required cell that is cleared": (of("study", modality=CLEAR), ("study.csv", 2, "modality")),
    "a blank key": (of("study", record_no=""), ("study.csv", 2, "record_no")),
    "a missing code as a key": (of("study", record_no="UNK"), ("study.csv", 2, "record_no")),
    "a key that stands twice": (
        base("center", "patient")
        | {"study": [ROWS["study"], row("study", record_no="2"), row("study", record_no="01")]},
        ("study.csv", 4, "record_no"),
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_told_once_at_its_place(sqlite_engine: Engine, tmp_path: Path, name: str) -> None:
    data, place = ERRORS[name]
    outcome = take(sqlite_engine, folder(tmp_path, data))
    assert places(outcome.problems) == [place], outcome.problems
    assert outcome.problems[0].problem
    assert outcome.problems[0].remedy
    assert contents(sqlite_engine) == {table: {} for table in TABLES}


def test_a_doubled_key_names_its_first_line(sqlite_engine: Engine, tmp_path: Path) -> None:
    doubled = [ROWS["study"], row("study", record_no="2"), row("study", result="stable"), row("study", record_no="1.0")]
    outcome = take(sqlite_engine, folder(tmp_path, base("center", "patient") | {"study": doubled}))
    assert [(problem.line, problem.problem) for problem in outcome.problems] == [
        (4, "the key stands in line 2 already"),
        (5, "the key stands in line 2 already"),
    ]


def test_everything_is_told_at_once_in_the_order_of_the_files(sqlite_engine: Engine, tmp_path: Path) -> None:
    data = {
        "center": [ROWS["center"], {"center_id": "B"}],
        "patient": [
            row("patient", sex="F", birth_date="1.5.1950", odd="x"),
            row("patient", patient_id="P2", enrolled_on=""),
            row("patient", patient_id="P3", center_id="C"),
            row("patient", patient_id="P3"),
        ],
        "study": [row("study", patient_id="P4", modality="CT"), row("study", patient_id="P4")],
        "follow_up": [row("follow_up", patient_id="P2", seen_on="2023-02-29", ecog="5", record_no="one")],
    }
    path = folder(tmp_path, data)
    with (path / "study.csv").open("a") as file:
        file.write("P1,2\n")
    (path / "biopsy.csv").write_text("x")
    outcome = take(sqlite_engine, path)
    assert places(outcome.problems) == [
        ("biopsy.csv", None, None),
        ("center.csv", 3, "name"),
        ("follow_up.csv", 2, "ecog"),
        ("follow_up.csv", 2, "record_no"),
        ("follow_up.csv", 2, "seen_on"),
        ("patient.csv", 1, "odd"),
        ("patient.csv", 2, "birth_date"),
        ("patient.csv", 2, "sex"),
        ("patient.csv", 3, "enrolled_on"),
        ("patient.csv", 4, "center_id"),
        ("patient.csv", 5, "patient_id"),
        ("study.csv", 2, "modality"),
        ("study.csv", 2, "patient_id"),
        ("study.csv", 3, "record_no"),
        ("study.csv", 4, None),
    ]
    assert all(problem.problem and problem.remedy for problem in outcome.problems)


def test_a_refused_row_is_told_of_its_blanks_as_well(sqlite_engine: Engine, tmp_path: Path) -> None:
    bad = row("patient", birth_date="1.5.1950", sex="", enrolled_on="")
    outcome = take(sqlite_engine, folder(tmp_path, base("center") | {"patient": [bad]}))
    assert places(outcome.problems) == [("patient.csv", 2, column) for column in ("birth_date", "enrolled_on", "sex")]
    assert [problem.value for problem in outcome.problems] == ["1.5.1950", "", ""]
    # In a stored row the blank leaves what is there.
    take(sqlite_engine, folder(tmp_path, base()))
    outcome = take(sqlite_engine, folder(tmp_path, {"patient": [bad]}), reason="x")
    assert places(outcome.problems) == [("patient.csv", 2, "birth_date")]


def test_a_refused_row_is_told_of_all_else_that_is_wrong_with_it(engine: Engine, tmp_path: Path) -> None:
    """Its references, its key and its dates, as far as they could be read; in a small import and in many parts."""
    tables = base() | {
        "patient": [
            row("patient", sex="f", center_id="Z", last_contact_on="1940-01-01"),
            row("patient", patient_id="P2", sex="f"),
            row("patient", patient_id="P2"),
        ],
        "study": [
            row("study", modality="CT", patient_id="P9"),
            row("study", modality="CT", episode_no="4"),
            row("study", modality="CT", performed_on="tomorrow", record_no="2"),
        ],
    }
    wrong = [
        ("patient.csv", 2, "center_id"),
        ("patient.csv", 2, "last_contact_on"),
        ("patient.csv", 2, "sex"),
        ("patient.csv", 3, "sex"),
        ("patient.csv", 4, "patient_id"),
        ("study.csv", 2, "modality"),
        ("study.csv", 2, "patient_id"),
        ("study.csv", 3, "episode_no"),
        ("study.csv", 3, "modality"),
        ("study.csv", 4, "modality"),
        ("study.csv", 4, "performed_on"),
    ]
    outcome = take(engine, folder(tmp_path, tables))
    assert places(outcome.problems) == wrong
    counted = {name: (count["new"], count["refused"]) for name, count in outcome.counts.items()}
    assert (counted["patient"], counted["study"], counted["follow_up"]) == ((0, 3), (0, 3), (1, 0))
    assert contents(engine) == {table: {} for table in TABLES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spill, "PARTITION_BYTES", 1)
        assert places(take(engine, folder(tmp_path, tables)).problems) == wrong


def test_nothing_is_concluded_from_a_cell_that_could_not_be_read(sqlite_engine: Engine, tmp_path: Path) -> None:
    """Neither from what is stored in its place: the person meant to change that."""
    take(sqlite_engine, folder(tmp_path, base()))
    late = {"follow_up": [row("follow_up", record_no="2", seen_on="2024-01-01")]}
    died = row("patient", **DEAD | {"death_on": "2023-01-01", "last_contact_on": "2023-01-01"})
    assert take(sqlite_engine, folder(tmp_path, {"patient": [died]}), reason="died").problems == []
    assert places(take(sqlite_engine, folder(tmp_path, late)).problems) == [("follow_up.csv", 2, "seen_on")]
    corrected = late | {"patient": [died | {"death_on": "1.5.2024"}]}
    outcome = take(sqlite_engine, folder(tmp_path, corrected), reason="died later")
    assert places(outcome.problems) == [("patient.csv", 2, "death_on")]
    outcome = take(
        sqlite_engine, folder(tmp_path, {"patient": [row("patient", patient_id="P2", **DEAD | {"death_on": "?"})]})
    )
    assert places(outcome.problems) == [("patient.csv", 2, "death_on")]


def test_what_refers_to_a_refused_row_is_not_reported(sqlite_engine: Engine, tmp_path: Path) -> None:
    bad = {
        "a cell": {"patient": [row("patient", sex="f")]},
        "a blank": {"patient": [row("patient", sex="")]},
        "an episode": {"episode": [row("episode", lung_involved="maybe")]},
        "a center": {"center": [row("center", name="")]},
        "a key that stands twice": {"patient": [ROWS["patient"], ROWS["patient"]]},
    }
    for change in bad.values():
        outcome = take(sqlite_engine, folder(tmp_path, base() | change))
        assert len(outcome.problems) == 1, outcome.problems


def test_what_refers_to_rows_that_nobody_could_read_is_not_reported(sqlite_engine: Engine, tmp_path: Path) -> None:
    header = ",".join(ROWS["patient"]).encode()
    line = ",".join(ROWS["patient"].values()).encode()
    whole = header + b"\n" + line + b"\n"
    broken = {
        "separators": (whole.replace(b",", b";"), 1),
        "encoding": (whole + b"\xff", 3),
        "UTF-16": (whole.decode().encode("utf-16"), None),
        "quotation marks": (header + b'\n"' + line, 2),
        "length": (header + b"\n" + line + b",x\n", 2),
        "no key to be seen": (header + b"\n,A\n", 2),
        "no key column": (whole.replace(b"patient_id", b"patient_no"), 1),
        "nothing": (b"", None),
    }
    for content, number in broken.values():
        path = folder(tmp_path, base())
        (path / "patient.csv").write_bytes(content)
        outcome = take(sqlite_engine, path)
        assert {(problem.file, problem.line) for problem in outcome.problems} == {("patient.csv", number)}
    path = folder(tmp_path, base())
    (path / "patient.csv").rename(path / "patients.csv")
    assert places(take(sqlite_engine, path).problems) == [("patients.csv", None, None)]
    # Other references are still judged.
    path = folder(tmp_path, base() | {"study": [row("study", patient_id="P9")]})
    (path / "patient.csv").write_bytes(whole + b"P2,A\n")
    assert places(take(sqlite_engine, path).problems) == [("patient.csv", 3, None), ("study.csv", 2, "patient_id")]


def test_a_stored_row_made_wrong_is_told_at_the_line_that_did_it(engine: Engine, tmp_path: Path) -> None:
    take(engine, folder(tmp_path, base()))
    before = contents(engine)
    other = row("patient", patient_id="P2")
    died = row("patient", **DEAD | {"death_on": "2020-08-15", "last_contact_on": "2020-08-15"})
    outcome = take(engine, folder(tmp_path, {"patient": [other, died]}), reason="died")
    assert places(outcome.problems) == [("patient.csv", 3, "occurred_on"), ("patient.csv", 3, "seen_on")]
    assert [problem.value for problem in outcome.problems] == ["2022-01-01", "2020-09-01"]
    assert "(the stored disease_event 1)" in outcome.problems[0].problem
    assert "(the stored follow_up 1)" in outcome.problems[1].problem
    assert contents(engine) == before
    # Together with the corrected rows it is accepted.
    moved = {
        "follow_up": [row("follow_up", seen_on="2020-08-01")],
        "disease_event": [row("disease_event", occurred_on="2020-08-15")],
    }
    assert take(engine, folder(tmp_path, {"patient": [other, died]} | moved), reason="died").accepted == 4


# --- What is never an error -------------------------------------------------------------------------------------------

POSSIBLE = {
    "rows dated before their episode": base()
    | {
        "study": [row("study", performed_on="2019-01-01", episode_no="1")],
        "systemic_therapy": [row("systemic_therapy", started_on="2018-01-01", ended_on="2018-02-01", episode_no="1")],
        "local_treatment": [row("local_treatment", started_on="2018-03-01", episode_no="1")],
        "pathology": [row("pathology", sampled_on="2016-01-01", episode_no="1")],
        "mdt_meeting": [row("mdt_meeting", held_on="2016-01-01")],
    },
    "work-up completed after the first treatment": base("center", "patient")
    | {"primary_tumor": [row("primary_tumor", first_treated_on="2017-01-02", workup_completed_on="2017-06-01")]},
    "a metastasis older than the first episode": base("center", "patient", "episode")
    | {"metastasis": [row("metastasis", detected_on="2010-01-01")]},
    "NED without a treatment": base("center", "patient", "episode"),
    "any blank that is not required": {
        table: [{name: cell for name, cell in cells.items() if TABLES[table].fields[name].required}]
        for table, cells in ROWS.items()
    },
    "a treatment on the day of death": base("center")
    | {
        "patient": [row("patient", **DEAD)],
        "systemic_therapy": [row("systemic_therapy", started_on="2021-01-01", ended_on="2021-02-01")],
        "local_treatment": [row("local_treatment", started_on="2021-01-01")],
        "study": [row("study", performed_on="2021-01-01")],
        "disease_event": [row("disease_event", occurred_on="2021-01-01")],
        "follow_up": [row("follow_up", seen_on="2021-01-01")],
    },
    "a report and a meeting after death": base("center")
    | {
        "patient": [row("patient", **DEAD)],
        "molecular_test": [row("molecular_test", reported_on="2021-06-01")],
        "mdt_meeting": [row("mdt_meeting", held_on="2021-06-01", episode_no="")],
        "pathology": [row("pathology", sampled_on="2021-01-02")],
    },
    "everything on one day": base("center")
    | {
        "patient": [row("patient", birth_date="2020-01-10", last_contact_on="2020-01-10")],
        "systemic_therapy": [row("systemic_therapy", started_on="2020-01-10", ended_on="2020-01-10")],
        "local_treatment": [row("local_treatment", started_on="2020-01-10", ended_on="2020-01-10")],
        "metastasis": [row("metastasis", detected_on="2020-01-10", resolved_on="2020-01-10")],
    },
    "rows dated before birth": of("study", performed_on="1949-01-01"),
    "a primary diagnosed after the metastases": base("center", "patient", "episode")
    | {"primary_tumor": [row("primary_tumor", diagnosed_on="2023-01-01")]},
    "a second episode without NED between": base("center", "patient")
    | {"episode": [row("episode", ned_on=""), row("episode", record_no="2", detected_on="2020-02-01")]},
    "episodes numbered against their dates": base("center", "patient")
    | {"episode": [ROWS["episode"], row("episode", record_no="2", detected_on="2019-01-01")]},
    "lung columns without the lung": of("episode", lung_involved="no", lesion_count="3", laterality="left"),
    "a lobectomy reason without a lobectomy": of("local_treatment", lobectomy_reason="deep"),
    "a height of a colon tumor": of("primary_tumor", site="cecum"),
    "last contact before enrollment": base("center") | {"patient": [row("patient", last_contact_on="2019-01-01")]},
    "today": of("study", performed_on=TODAY.isoformat()),
    "a missing code wherever it may stand": base("center")
    | {"patient": [row("patient", **dict.fromkeys(("birth_date", "death_on", "center_id", "vital_status"), "UNK"))]},
}


@pytest.mark.parametrize("name", POSSIBLE)
def test_what_is_possible_is_accepted(sqlite_engine: Engine, tmp_path: Path, name: str) -> None:
    data = POSSIBLE[name]
    outcome = take(sqlite_engine, folder(tmp_path, data))
    assert outcome.problems == []
    assert outcome.accepted == sum(len(rows) for rows in data.values())
    assert len(outcome.warnings) == len(open_queries(sqlite_engine))


def test_warnings_become_open_queries_until_they_are_corrected(engine: Engine, tmp_path: Path) -> None:
    odd = row("local_treatment", lobectomy_reason="deep")
    outcome = take(engine, folder(tmp_path, base() | {"local_treatment": [odd]}))
    [warning] = [item for item in outcome.warnings if item["column"] == "lobectomy_reason"]
    assert set(warning) >= {"file", "line", "column", "value", "problem", "remedy"}
    assert (warning["file"], warning["line"], warning["value"]) == ("local_treatment.csv", 2, "deep")
    found = open_queries(engine)
    assert ("P1", warning["check_id"], "1", "lobectomy_reason") in found
    # The same import again leaves them open and asks nothing twice.
    assert take(engine, folder(tmp_path, base() | {"local_treatment": [odd]})).accepted == 0
    assert open_queries(engine) == found
    cleared = {**KEY, "lobectomy_reason": CLEAR}
    take(engine, folder(tmp_path, {"local_treatment": [cleared]}), reason="was a wedge")
    assert open_queries(engine) == found - {("P1", warning["check_id"], "1", "lobectomy_reason")}
    assert verified(engine)


def test_an_import_of_some_screening_entries_leaves_the_queries_of_others(engine: Engine, tmp_path: Path) -> None:
    """Entries belong to a center, and an import rarely holds all that a center has listed."""
    odd = {"not_enrolled_reason": "missed"}
    entries = [row("screening_log", record_no=str(number), listed_on=f"2020-01-0{number}", **odd) for number in (1, 2)]
    center = {"center": [ROWS["center"], row("center", center_id="P1")]}  # a center named as a patient
    take(engine, folder(tmp_path, base() | center | {"screening_log": entries}))
    both = {("A", "SCR01", "1", "not_enrolled_reason"), ("A", "SCR01", "2", "not_enrolled_reason")}
    before = open_queries(engine)
    assert both <= before
    changed = row("screening_log", record_no="2", not_enrolled_reason=CLEAR)
    take(engine, folder(tmp_path, {"screening_log": [changed]}), reason="was enrolled")
    assert open_queries(engine) == before - {("A", "SCR01", "2", "not_enrolled_reason")}
    new = [row("screening_log", record_no="3", patient_id="", center_id=center_id) for center_id in ("A", "P1")]
    take(engine, folder(tmp_path, {"screening_log": new}))
    assert open_queries(engine) == before - {("A", "SCR01", "2", "not_enrolled_reason")}


# --- Dry runs ---------------------------------------------------------------------------------------------------------


def test_a_dry_run_writes_nothing_and_says_what_would_change(engine: Engine, tmp_path: Path) -> None:
    take(engine, folder(tmp_path, base()))
    before, lines, asked = contents(engine), len(trail(engine)), open_queries(engine)
    data = folder(
        tmp_path,
        {
            "patient": [row("patient", trial_participation="declined"), row("patient", patient_id="P2")],
            "episode": [row("episode", lesion_count="2", largest_mm="", cea_ng_ml="7.40", biology_note=CLEAR)],
            "study": [ROWS["study"], row("study", patient_id="P2")],
        },
    )
    outcome = take(engine, data, dry_run=True)
    assert outcome.problems == []
    assert {name: dict(count) for name, count in outcome.counts.items() if count["new"] or count["changed"]} == {
        "patient": {"new": 1, "changed": 1, "unchanged": 0, "refused": 0},
        "episode": {"new": 0, "changed": 1, "unchanged": 0, "refused": 0},
        "study": {"new": 1, "changed": 0, "unchanged": 1, "refused": 0},
    }
    assert list(outcome.new_rows) == [
        {"table": "patient", "key": "P2", "line": 3},
        {"table": "study", "key": "P2/1", "line": 3},
    ]
    assert outcome.accepted == 4
    assert list(outcome.differences) == [
        {"table": "patient", "key": "P1", "line": 2, "column": "trial_participation", "from": "", "to": "declined"},
        {"table": "episode", "key": "P1/1", "line": 2, "column": "lesion_count", "from": "1", "to": "2"},
        {"table": "episode", "key": "P1/1", "line": 2, "column": "cea_ng_ml", "from": "UNK", "to": "7.4"},
        {"table": "episode", "key": "P1/1", "line": 2, "column": "biology_note", "from": "slow; =1+1", "to": ""},
    ]
    assert (contents(engine), len(trail(engine)), open_queries(engine)) == (before, lines, asked)
    assert take(engine, data, reason="as told").accepted == 4
    assert list(take(engine, data, dry_run=True).differences) == []


def test_a_dry_run_tells_the_same_errors(sqlite_engine: Engine, tmp_path: Path) -> None:
    for name in list(ERRORS)[::5]:
        data, place = ERRORS[name]
        outcome = take(sqlite_engine, folder(tmp_path, data), dry_run=True)
        assert places(outcome.problems) == [place]
        assert outcome.accepted == 0


# --- Out and in again -------------------------------------------------------------------------------------------------


def _all_kinds() -> dict[str, list[Mapping[str, str]]]:
    from tests.registry.samples import tables

    rows = tables()
    for table, declared in TABLES.items():
        for cells in rows[table]:
            for earlier, later in declared.ordered:
                if cells[earlier] > cells[later] and cells[later] not in MISSING_CODES:
                    cells[later] = cells[earlier]
    # Nothing happens after death: this registry knows of nobody's.
    for cells in rows["patient"]:
        cells |= {
            "vital_status": "alive",
            "death_on": "NAP",
            "birth_date": "1950-02-28",
            "last_contact_on": "2021-06-01",
        }
    return {table: list(found) for table, found in rows.items()}


def test_an_export_is_the_registry(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.exchange.tables.BLOCK", 7)  # rows that are fetched at a time
    outcome = take(engine, folder(tmp_path, _all_kinds()))
    assert outcome.problems == []
    stored = contents(engine)
    with reading(engine) as connection:
        counts = write_export(tmp_path / "out", stored_tables(connection), "csv")
    with engine.connect() as connection:
        for table, count in counts.items():
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() == count
            assert (tmp_path / "out" / f"{table}.csv").exists() == (count > 0)
    again = take(engine, tmp_path / "out")
    assert (again.problems, again.accepted, again.total("unchanged")) == ([], 0, sum(counts.values()))
    other = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    schema.create_or_upgrade(other)
    outcome = take(other, tmp_path / "out")
    assert (outcome.problems, outcome.accepted) == ([], sum(counts.values()))
    assert contents(other) == stored
    assert open_queries(other) == open_queries(engine)
    assert verified(other)
    assert verified(engine)
    with reading(other) as connection:
        write_export(tmp_path / "again", stored_tables(connection), "csv")
    for file in (tmp_path / "out").iterdir():
        assert sorted((tmp_path / "again" / file.name).read_bytes().splitlines()) == sorted(
            file.read_bytes().splitlines()
        )
    other.dispose()


def test_an_import_of_today_takes_the_day_that_it_is(sqlite_engine: Engine, tmp_path: Path) -> None:
    from registry.actions import import_source
    from registry.exchange.formats import open_source

    today = dt.date.today()
    path = folder(tmp_path, of("study", performed_on=today.isoformat()))
    assert import_source(sqlite_engine, open_source(path), by=MANAGER, reason=None).problems == []
    path = folder(tmp_path, {"study": [row("study", performed_on=(today + dt.timedelta(2)).isoformat())]})
    assert len(import_source(sqlite_engine, open_source(path), by=ENTRY, reason="x").problems) == 1
