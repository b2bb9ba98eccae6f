"""REDCap's format: what is written comes back exactly, and no file makes a traceback."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from registry.access import Actor
from registry.actions import import_source
from registry.database import reading
from registry.errors import InputRefused
from registry.exchange import redcap_project
from registry.exchange.formats import open_source, write_export
from registry.exchange.redcap import RECORDS, RedcapExport, write_redcap
from registry.exchange.tables import stored_tables
from registry.intake.rows import Problem, Text, parse
from registry.tables import PATIENT_TABLES, TABLES
from tests.registry.samples import PATIENTS, Cells, read_back, samples, streams, tables

TODAY = dt.date(2025, 1, 1)


def _read(path: Path) -> tuple[dict[str, list[Cells]], list[Problem]]:
    """The rows and problems of a REDCap export, parsed as the intake does."""
    rows: dict[str, list[Cells]] = {}
    problems: list[Problem] = []
    for item in RedcapExport(path).read():
        if isinstance(item, Problem):
            problems.append(item)
            continue
        parsed = parse(item, TODAY, problems.append)
        parsed = parsed.take(~parsed.refused)
        lines = zip(*parsed.columns.values(), strict=True)
        rows.setdefault(item.table, []).extend(dict(zip(parsed.columns, line, strict=True)) for line in lines)
    return rows, problems


def _write(folder: Path, rows: dict[str, list[Cells]]) -> dict[str, int]:
    folder.mkdir(exist_ok=True)
    return write_redcap(folder, streams(rows))


def _records(folder: Path, *lines: dict[str, str]) -> Path:
    """An export with these lines and no more columns than they have."""
    names = list(dict.fromkeys(name for line in lines for name in line))
    with (folder / "export.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, restval="")
        writer.writeheader()
        writer.writerows(lines)
    return folder / "export.csv"


def test_every_kind_of_cell_comes_back(tmp_path: Path) -> None:
    rows = tables()
    counts = _write(tmp_path / "out", rows)
    back, problems = _read(tmp_path / "out")
    assert problems == []
    assert counts == {name: len(rows[name]) for name in TABLES}
    assert {name: sorted(map(sorted, map(dict.items, found))) for name, found in back.items()} == {
        name: sorted(map(sorted, map(dict.items, found))) for name, found in read_back(streams(rows)).items()
    }


def test_the_samples_hold_every_kind_of_cell() -> None:
    rows = tables()
    for name, table in TABLES.items():
        held = {column: {row.get(column, "") for row in rows[name]} for column in table.fields}
        for column, field in table.fields.items():
            if not field.key and name not in ("center", "patient", "primary_tumor"):
                assert held[column] == set(samples(field))


def test_a_registry_goes_through_redcap_into_an_empty_one(
    sqlite_engine: Engine, somebody: Actor, tmp_path: Path
) -> None:
    _write(tmp_path / "out", {name: _possible(found) for name, found in tables().items()})
    outcome = import_source(sqlite_engine, open_source(tmp_path / "out", "redcap"), by=somebody, reason=None)
    assert outcome.problems == []
    with reading(sqlite_engine) as connection:
        stored = read_back(stored_tables(connection))
        counts = write_export(tmp_path / "again", stored_tables(connection), "redcap")
    assert counts == {name: len(found) for name, found in stored.items()}
    assert (tmp_path / "again" / RECORDS).read_bytes() == (tmp_path / "out" / RECORDS).read_bytes()
    again = import_source(sqlite_engine, open_source(tmp_path / "again", "redcap"), by=somebody, reason=None)
    assert (again.problems, again.accepted) == ([], 0)
    assert again.total("unchanged") == sum(counts.values())


def _possible(rows: list[Cells]) -> list[Cells]:
    """The rows without what no registry takes: references to no episode, and a center that is not one."""
    return [row | {"episode_no": "1"} if row.get("episode_no", "").isdigit() else row for row in rows]


def test_the_file_is_laid_out_as_redcap_exports_it(tmp_path: Path) -> None:
    _write(tmp_path / "out", tables())
    with (tmp_path / "out" / RECORDS).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        lines = list(reader)
    assert list(reader.fieldnames or [])[:3] == ["record_id", "redcap_repeat_instrument", "redcap_repeat_instance"]
    once = [line for line in lines if not line["redcap_repeat_instrument"]]
    assert len(once) == len(PATIENTS)
    assert {line["redcap_repeat_instrument"] for line in lines} == {
        "",
        *(form for form in PATIENT_TABLES if redcap_project.repeats(form)),
    }
    for line in lines:
        form = line["redcap_repeat_instrument"]
        filled = {name for name in redcap_project.PREFIXES if line[f"{name}_complete"]}
        assert filled <= ({form} if form else {"patient", "primary_tumor"})
    meeting = next(line for line in lines if line["mdt_specialties___radiology"] == "1")
    assert meeting["redcap_repeat_instrument"] == "mdt_meeting"
    assert meeting["mdt_specialties___unk"] == "0"


def test_a_cell_that_a_spreadsheet_would_run_is_harmless(tmp_path: Path) -> None:
    _write(tmp_path / "out", tables())
    for path in (tmp_path / "out").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert not [cell for line in csv.reader(file) for cell in line if cell[:1] in ("=", "+", "-", "@")]


def test_what_redcap_adds_by_itself_is_no_problem(tmp_path: Path) -> None:
    added = {"redcap_data_access_group": "a", "redcap_survey_identifier": "", "patient_timestamp": "[not completed]"}
    path = _records(tmp_path, {"record_id": "P1", **added, "PAT_SEX": "female", "patient_complete": "0"})
    assert _read(path) == ({"patient": [{"patient_id": "P1", "sex": "female"}]}, [])


def test_a_form_that_nobody_filed_is_no_row(tmp_path: Path) -> None:
    line = {"record_id": "P1", "pat_sex": "male", "pri_site": "", "primary_tumor_complete": "0"}
    assert list(_read(_records(tmp_path, line))[0]) == ["patient"]
    rows, _ = _read(_records(tmp_path, {**line, "primary_tumor_complete": "1"}))
    assert rows["primary_tumor"] == [{"patient_id": "P1", "site": ""}]


def test_unticked_boxes_are_a_blank_and_those_of_missing_codes_may_be_absent(tmp_path: Path) -> None:
    line = {"record_id": "P1", "redcap_repeat_instrument": "mdt_meeting", "redcap_repeat_instance": "1"}
    boxes = {"mdt_topics___resectability": "0", "mdt_topics___sequence": "0", "pat_sex": ""}
    rows, problems = _read(_records(tmp_path, {**line, **boxes}))
    assert (rows["mdt_meeting"][0]["topics"], problems) == ("", [])


REPEATING = {"record_id": "P1", "redcap_repeat_instrument": "mdt_meeting", "redcap_repeat_instance": "1"}


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ({**REPEATING, "mdt_topics___unk": "1", "mdt_topics___other": "1"}, "topics", "contradict"),
        ({**REPEATING, "mdt_topics___unk": "1", "mdt_topics___nd": "1"}, "topics", "contradict"),
        ({**REPEATING, "mdt_topics___other": "yes"}, "topics", "else than 0 and 1"),
        ({**REPEATING, "redcap_repeat_instrument": "meeting"}, "redcap_repeat_instrument", "no such repeating"),
        ({**REPEATING, "redcap_repeat_instrument": "patient"}, "redcap_repeat_instrument", "no such repeating"),
        ({**REPEATING, "redcap_repeat_instrument": "episode", "mdt_goal": "ned"}, None, "form mdt_meeting"),
        ({**REPEATING, "pat_sex": "male"}, None, "form patient"),
        ({**REPEATING, "redcap_repeat_instrument": "", "mdt_goal": "ned"}, None, "form mdt_meeting"),
        ({**REPEATING, "redcap_repeat_instance": "", "mdt_goal": "ned"}, "record_no", "key is blank"),
        ({"record_id": "P1", "mdt_goal": "ned"}, "redcap_repeat_instrument", "missing"),
        ({"redcap_repeat_instrument": "study"}, "record_id", "missing"),
        ({"record_id": "P1", "redcap_event_name": "baseline_arm_1"}, "redcap_event_name", "longitudinal"),
        ({"record_id": "P1", "pat_sexx": "male"}, "pat_sexx", "no such field"),
        ({"record_id": "P1", "nonsense": "1"}, "nonsense", "no such field"),
        ({"record_id": "P1", "pat_sex": "male", " PAT_SEX": "male"}, " PAT_SEX", "twice"),
        ({"record_id": "P1", "pri_curable": "2"}, "curable", "neither yes nor no"),
        ({"record_id": "P1", "pat_birth_date": "31.12.1950"}, "birth_date", "not a date"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, line: dict[str, str], column: str | None, words: str) -> None:
    _, problems = _read(_records(tmp_path, line))
    assert problems
    assert words in problems[0].problem
    assert column in (None, problems[0].column)
    assert problems[0].remedy
    assert problems[0].line in (1, 2)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        ("record_id,pat_sex\nP1,male\n".encode("utf-16"), "UTF-16"),
        (b"record_id;pat_sex\nP1;male\n", "separated by ';'"),
        (b"record_id\tpat_sex\n", "separated by a tab"),
        (b"record_id,pat_sex\nP1,m\xe4le\n", "not UTF-8"),
        (b'record_id,pat_sex\nP1,"male\n', "not CSV"),
        (b"record_id,pat_sex\nP1\n", "1 cells, the header 2"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "export.csv").write_bytes(content)
    _, problems = _read(tmp_path / "export.csv")
    assert len(problems) == 1
    assert words in problems[0].problem


def test_files_that_do_not_belong_into_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="no CSV file"):
        RedcapExport(tmp_path)
    (tmp_path / "patient.csv").write_text("patient_id\nP1\n")
    assert [problem.problem for problem in _read(tmp_path)[1]] == ["there is no such table"]


def test_rows_come_in_chunks_with_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.exchange.redcap.CHUNK", 3)
    visit = {"redcap_repeat_instrument": "follow_up", "fup_disease_status": "ned"}
    lines = [{"record_id": "P1", **visit, "redcap_repeat_instance": str(number)} for number in range(1, 8)]
    source = RedcapExport(_records(tmp_path, *lines))
    chunks = [item for item in source.read() if isinstance(item, Text)]
    assert [chunk.lines for chunk in chunks] == [[2, 3, 4], [5, 6, 7], [8]]
    assert 0 <= source.done <= 1


_CELLS = st.one_of(
    st.sampled_from(["", "0", "1", "UNK", "episode", "mdt_meeting", "P1", "2020-01-01", "<clear>", "=1"]),
    st.text(max_size=5),
)
_NAMES = st.one_of(
    st.sampled_from(
        (
            *("record_id", "redcap_repeat_instrument", "redcap_repeat_instance", "pat_sex", "epi_detected_on"),
            *("mdt_topics___unk", "mdt_topics___other", "patient_complete", "primary_tumor_complete", "pri_cea_ng_ml"),
        )
    ),
    st.text(max_size=5),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.lists(_NAMES, max_size=7), lines=st.lists(st.lists(_CELLS, max_size=7), max_size=5))
def test_no_table_of_cells_makes_a_traceback(tmp_path: Path, header: list[str], lines: list[list[str]]) -> None:
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([header, *lines])
    _read(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60), start=st.sampled_from([b"", b"record_id,pat_sex\n", b"\xef\xbb\xbfrecord_id\n"]))
def test_no_bytes_make_a_traceback(tmp_path: Path, content: bytes, start: bytes) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(start + content)
    _read(path)
