"""CSV files as people and their programs write them: each cell is the right value or a problem at its place."""

from __future__ import annotations

import csv
import json
import os
import random
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import InputRefused, UsageError
from registry.exchange import csv_folder
from registry.exchange.csv_folder import CsvFolder, write_folder
from registry.exchange.formats import open_source
from registry.exchange.formulas import guard, unguard
from registry.exchange.tables import TableRows
from registry.intake.rows import Problem, Rows, Text, parse
from registry.tables import TABLES
from tests.registry.samples import Cells, read_back, streams, tables
from tests.registry.strategies import FIELDS, TODAY, anything, canonical

Found = tuple[dict[str, list[Cells]], list[Problem]]
Place = tuple[int | None, str | None]


def read(path: Path) -> Found:
    """The rows by table that a path gives, unreadable ones left out, and its problems."""
    rows: dict[str, list[Cells]] = {}
    problems = []
    for item in CsvFolder(path).read():
        if isinstance(item, Problem):
            problems.append(item)
            continue
        assert {len(cells) for cells in item.columns.values()} == {len(item.lines)}
        for at in range(len(item.lines)):
            if at not in item.unreadable:
                row = {name: cells[at] for name, cells in item.columns.items()}
                rows.setdefault(item.table, []).append(row | {LINE: str(item.lines[at])})
    return rows, problems


def one(folder: Path, content: bytes | str, name: str = "episode.csv") -> Found:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(file)


def places(problems: list[Problem]) -> list[Place]:
    return [(problem.line, problem.column) for problem in problems]


LINE = "@line"  # beside the columns of a row, the line that it came from
HEADER = "patient_id,record_no,biology_note"
ROW = {"patient_id": "P1", "record_no": "1", "biology_note": "x", LINE: "2"}

# --- What is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends(tmp_path: Path, mark: bytes, end: str) -> None:
    text = end.join((HEADER, "P1,1,x", "", "P1,2,ä", ""))
    rows, problems = one(tmp_path, mark + text.encode())
    assert problems == []
    assert rows == {"episode": [ROW, {**ROW, "record_no": "2", "biology_note": "ä", LINE: "4"}]}


def test_a_last_line_without_an_end(tmp_path: Path) -> None:
    assert one(tmp_path, f"{HEADER}\nP1,1,x") == ({"episode": [ROW]}, [])


def test_columns_in_any_order_and_with_spaces_around_their_names(tmp_path: Path) -> None:
    rows, problems = one(
        tmp_path, 'biology_note, "record_no" ,patient_id\nx,1,P1\n'.replace(' "record_no" ', " record_no\t")
    )
    assert (rows, problems) == ({"episode": [ROW]}, [])


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    for text in (HEADER, HEADER + "\n", HEADER + "\r\n\r\n\n", HEADER + "\n,,\n,,,,,\n"):
        assert one(tmp_path, text) == ({}, [])


def test_quoted_cells(tmp_path: Path) -> None:
    rows, problems = one(tmp_path, f'{HEADER}\n"P1",1,"a, ""b""\nc"\r\nP1,2,"""\n\n"""\nP1,3,z\n')
    assert problems == []
    assert [(row["biology_note"], row[LINE]) for row in rows["episode"]] == [
        ('a, "b"\nc', "2"),
        ('"\n\n"', "4"),
        ("z", "7"),
    ]


def test_blank_lines_are_counted_and_skipped(tmp_path: Path) -> None:
    rows, problems = one(tmp_path, f"{HEADER}\n\n\nP1,1,x\n\n,,\nP1,2,y\nP1,3\n\nP1,4,z\n")
    assert [row[LINE] for row in rows["episode"]] == ["4", "7", "10"]
    assert places(problems) == [(8, None)]


def test_a_very_long_cell_is_refused_where_it_stands(tmp_path: Path) -> None:
    rows, problems = one(tmp_path, f"{HEADER}\nP1,1,x\nP1,2,{'y' * 200_000}\nP1,3,x\n")
    assert [row["record_no"] for row in rows["episode"]] == ["1", "3"]
    assert places(problems) == [(3, None)]
    assert "longer than" in problems[0].problem
    rows, problems = one(tmp_path, f"{HEADER}\nP1,1,{'y' * 100_000}\n")
    assert problems == []
    told: list[Problem] = []
    parse(
        Text("episode", "f", {name: [cell] for name, cell in rows["episode"][0].items() if name != LINE}, [2]),
        TODAY,
        told.append,
    )
    assert [(problem.column, problem.problem) for problem in told] == [("biology_note", "longer than 10000 characters")]


def test_chunks_are_bounded_and_progress_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_folder, "CHUNK", 3)
    monkeypatch.setattr("registry.exchange.csv_lines.EVERY", 2)
    (tmp_path / "episode.csv").write_text(HEADER + "\n" + "".join(f"P1,{n},{'x' * 5000}\n" for n in range(1, 8)))
    source = CsvFolder(tmp_path)
    shares, lines = [], []
    for item in source.read():
        assert isinstance(item, Text)
        lines.append(item.lines)
        shares.append(source.done)
    assert lines == [[2, 3, 4], [5, 6, 7], [8]]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    assert [len(item.lines) for item in source.read() if isinstance(item, Text)] == [3, 3, 1], "it can be read again"


# --- What cannot be read ----------------------------------------------------------------------------------------------

BROKEN = [
    (b"", None, None, "the file is empty"),
    (b"\xef\xbb\xbf", None, None, "the file is empty"),
    (b"\n\n", 1, None, "the first line is blank"),
    (b"\npatient_id,record_no\nP1,1\n", 1, None, "the first line is blank"),
    (HEADER.encode("utf-16"), None, None, "the file is in UTF-16"),
    (HEADER.encode("utf-16-le"), None, None, "the file is in UTF-16"),
    (HEADER.encode("utf-16-be"), None, None, "the file is in UTF-16"),
    (HEADER.encode("utf-32"), None, None, "the file is in UTF-16"),
    (HEADER.replace(",", ";").encode(), 1, None, "separated by ';'"),
    (b"sep=;\npatient_id;record_no\n", 1, None, "separated by ';'"),
    (b'"patient_id";"record_no"\n"P1";"1"\n', 1, None, "separated by ';'"),
    (b'"patient_id"\t"record_no"\r\n', 1, None, "separated by a tab"),
    (HEADER.replace(",", "\t").encode(), 1, None, "separated by a tab"),
    (HEADER.replace(",", "|").encode(), 1, None, "separated by '|'"),
    (b"patient_id,record_no,ecog,ecog\n", 1, "ecog", "stands twice"),
    (b"patient_id,record_no,patient_id\n", 1, "patient_id", "stands twice"),
    (b"patient_id,record_no,lesion_cuont\n", 1, "lesion_cuont", "no such column"),
    (b"patient_id,record_no,Ecog\n", 1, "Ecog", "no such column"),
    (b"patient_id,record_no,version\n", 1, "version", "no such column"),
    (b"patient_id,record_no,cea_ng_ml__absent\n", 1, "cea_ng_ml__absent", "no such column"),
    (b"patient_id,record_no,\n", 1, None, "column 3 has no name"),
    (b"patient_id,,record_no\n", 1, None, "column 2 has no name"),
    (b"patient_id,ecog\nP1,1\n", 1, "record_no", "the key column is missing"),
    (b"record_no,ecog\n1,1\n", 1, "patient_id", "the key column is missing"),
    (b"\xef\xbb\xbf\xef\xbb\xbfpatient_id,record_no\nP1,1\n", 1, "patient_id", "the key column is missing"),
    (b'patient_id,"record_no\nP1,1\n', 1, None, "never closed"),
    (b'patient_id,"record"_no\nP1,1\n', 1, None, "within a quoted cell"),
    (HEADER.encode() + b"\nP1,1,x\nP1,2,m\xe4nnlich\nP1,3,x\n", 3, None, "the line is not UTF-8"),
    (HEADER.encode() + b"\rP1,1,x\rP1,2,m\xe4nnlich\rP1,3,x\r", 3, None, "the line is not UTF-8"),
    (HEADER.encode() + b"\r\nP1,1,x\r\nP1,2,m\xe4nnlich\r\nP1,3,x\r\n", 3, None, "the line is not UTF-8"),
    (HEADER.encode() + b"\n" * 9000 + b"P1,2,\xed\xa0\x80\n", 9001, None, "the line is not UTF-8"),
    (b"\xe4" + HEADER.encode(), 1, None, "the line is not UTF-8"),
    (HEADER.encode() + b"\nP1,1,x,y\n", 2, None, "the line has 4 cells, the header 3"),
    (HEADER.encode() + b"\nP1,1,x\nP1,2\n", 3, None, "the line has 2 cells, the header 3"),
    (HEADER.encode() + b"\nP1,1,7,4\n", 2, None, "the line has 4 cells, the header 3"),
    (HEADER.encode() + b'\n"P1\n",1,"x"\nP1,1\n', 4, None, "the line has 2 cells, the header 3"),
    (HEADER.encode() + b'\nP1,1,"x\nP1,2,y\n', 2, None, "never closed"),
    (HEADER.encode() + b'\nP1,1,x\n\nP1,2,"a" b\nP1,3,x\n', 4, None, "within a quoted cell"),
    (HEADER.encode() + b'\nP1,1,"x\n' + b"P1,2,y\n" * 20_000, 2, None, "longer than 131072 characters"),
]


@pytest.mark.parametrize(
    ("content", "line", "column", "problem"), BROKEN, ids=[f"{case[3]}-{at}" for at, case in enumerate(BROKEN)]
)
def test_what_cannot_be_read_is_told_at_its_place(
    tmp_path: Path, content: bytes, line: int | None, column: str | None, problem: str
) -> None:
    _, problems = one(tmp_path, content)
    matching = [found for found in problems if problem in found.problem]
    assert places(matching) == [(line, column)], problems
    assert all(found.file == "episode.csv" and found.remedy for found in problems)
    if "key column" not in problem:
        assert problems == matching


def test_every_broken_line_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    text = f'{HEADER}\nP1,1\nP1,2,"a"b\nP1,3,x\nP1,4,x,y\n\nP1,5,"x" \nP1,6,z\nP1,7,"'
    rows, problems = one(tmp_path, text)
    assert [row["record_no"] for row in rows["episode"]] == ["3", "6"]
    assert places(problems) == [(2, None), (3, None), (5, None), (7, None), (9, None)]


def test_a_line_of_a_wrong_length_still_names_its_row(tmp_path: Path) -> None:
    """So that what refers to it is not reported as well; a line whose key cannot be told hides its table."""
    (tmp_path / "episode.csv").write_text(f"{HEADER}\nP1,1,7,4\nP1\nP1,1.5,x,y\n")
    first, second, third, text = list(CsvFolder(tmp_path).read())
    assert isinstance(text, Text)
    assert (text.columns["patient_id"], text.columns["record_no"]) == (["P1"], ["1"])
    assert (text.columns["biology_note"], text.lines, text.unreadable) == ([""], [2], [0])
    hides = [problem.hides for problem in (first, second, third) if isinstance(problem, Problem)]
    assert hides == ["", "episode", "episode"]


def test_an_unknown_column_names_the_near_one(tmp_path: Path) -> None:
    _, problems = one(tmp_path, "patient_id,record_no,Lesion_Count,xyz\n")
    assert [problem.remedy for problem in problems] == [
        "write lesion_count",
        "use the columns of episode in the data dictionary",
    ]
    assert [problem.value for problem in problems] == ["Lesion_Count", "xyz"]


def test_nul_is_a_problem_of_its_cell(tmp_path: Path) -> None:
    rows, problems = one(tmp_path, HEADER.encode() + b"\nP1,1,a\x00b\nP\x001,2,x\n")
    assert problems == []
    told: list[Problem] = []
    columns = {name: [row[name] for row in rows["episode"]] for name in HEADER.split(",")}
    rows = parse(Text("episode", "episode.csv", columns, [2, 3]), TODAY, told.append)
    accepted, refused = rows.take(~rows.refused), rows.take(rows.refused)
    assert (len(accepted), len(refused)) == (0, 2)
    assert sorted((problem.line, problem.column) for problem in told) == [(2, "biology_note"), (3, "patient_id")]
    assert all("control characters" in problem.problem for problem in told)


# --- Files and folders ------------------------------------------------------------------------------------------------


def test_a_folder_is_read_in_the_order_of_the_tables(tmp_path: Path) -> None:
    for name in ("study", "center", "patient", "screening_log", "episode"):
        keys = ",".join(TABLES[name].keys)
        (tmp_path / f"{name}.csv").write_text(f"{keys}\n{keys.replace('record_no', '1')}\n")
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / ".hidden.csv").write_text("x")
    (tmp_path / "notes.txt").write_text("x")
    rows, problems = read(tmp_path)
    assert list(rows) == ["center", "patient", "screening_log", "episode", "study"]
    assert problems == []


def test_a_single_file_and_an_uppercase_suffix(tmp_path: Path) -> None:
    (tmp_path / "episode.CSV").write_text(f"{HEADER}\nP1,1,x\n")
    assert read(tmp_path) == ({"episode": [ROW]}, [])
    assert read(tmp_path / "episode.CSV") == ({"episode": [ROW]}, [])
    source = open_source(tmp_path / "episode.CSV")
    assert (source.name, source.bytes) == ("episode.CSV (csv)", len(HEADER) + 8)


def test_a_file_that_is_named_after_no_table(tmp_path: Path) -> None:
    for name in ("patients.csv", "Patient.csv", "qqq.csv"):
        (tmp_path / name).write_text("patient_id\nP1\n")
    rows, problems = read(tmp_path)
    assert rows == {}
    found = {problem.file: problem for problem in problems}
    assert {(problem.problem, problem.line) for problem in problems} == {("there is no such table", None)}
    assert found["patients.csv"].remedy == found["Patient.csv"].remedy == "name it patient"
    assert found["qqq.csv"].remedy.startswith("name it after one of center, patient,")
    assert [found[name].hides for name in ("patients.csv", "qqq.csv")] == ["patient", ""]


def test_a_table_in_two_files_is_refused(tmp_path: Path) -> None:
    """Rows of the second one would take the columns of the first."""
    (tmp_path / "episode.CSV").write_text(f"{HEADER}\nP1,1,x\n")
    (tmp_path / "episode.csv").write_text("patient_id,record_no,ecog\nP1,2,0\n")
    rows, [problem] = read(tmp_path)
    assert rows == {"episode": [ROW]}
    assert (problem.file, problem.line) == ("episode.csv", None)
    assert problem.problem == "the table stands in episode.CSV already"


def test_what_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "center.csv").mkdir()
    (tmp_path / "patient.csv").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "study.csv")
    (tmp_path / "target").write_text(f"{HEADER}\nP1,1,x\n")
    (tmp_path / "episode.csv").symlink_to(tmp_path / "target")
    rows, problems = read(tmp_path)
    assert rows == {"episode": [ROW]}
    assert [(problem.file, problem.problem) for problem in problems] == [
        (name, "this is not a file") for name in ("center.csv", "patient.csv", "study.csv")
    ]


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "center.csv").write_text("center_id\nA\n")
    (tmp_path / "episode.csv").write_text(f"{HEADER}\nP1,1,x\n")
    opened = Path.open

    def refuse(self: Path, *arguments: object, **named: object) -> object:
        if self.name == "center.csv":
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    rows, [problem] = read(tmp_path)
    assert rows == {"episode": [ROW]}
    assert (problem.file, problem.problem) == ("center.csv", "the file cannot be read (Permission denied)")


def test_a_name_that_is_not_text(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xff"))
    folder.mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/\xe4.csv")).write_text("x")
    source = CsvFolder(folder)
    [problem] = list(source.read())
    assert isinstance(problem, Problem)
    assert (source.name, problem.file, problem.value) == ("f\ufffd (csv)", "\ufffd.csv", "\ufffd")


def test_paths_that_give_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.doc").write_text("x")
    cases: list[tuple[Path, str | None, type[Exception], str]] = [
        (tmp_path / "absent", None, InputRefused, "no such file or folder"),
        (tmp_path / "empty", None, InputRefused, "holds no CSV file"),
        (tmp_path / "letter.doc", None, InputRefused, "kind of file is not known"),
        (tmp_path / "x" / ("n" * 5000), None, InputRefused, "cannot be read|no such file"),
        (tmp_path / "letter.doc" / "patient.csv", None, InputRefused, "no such file"),
        (tmp_path / "empty", "json", UsageError, "cannot be imported"),
        (tmp_path / "empty", "parquet", UsageError, "cannot be imported"),
        (tmp_path / "empty", "", UsageError, "cannot be imported"),
    ]
    for path, format, error, words in cases:
        with pytest.raises(error, match=words) as refused:
            open_source(path, format)
        assert refused.value.remedy  # type: ignore[attr-defined]


# --- Out and in again -------------------------------------------------------------------------------------------------


def test_every_kind_of_cell_comes_back(tmp_path: Path) -> None:
    rows = tables()
    counts = write_folder(tmp_path, streams(rows))
    assert counts == {name: len(found) for name, found in rows.items()}
    assert json.loads((tmp_path / "manifest.json").read_text()) == {"rows": counts}
    found, problems = read(tmp_path)
    assert problems == []
    for row in (row for each in found.values() for row in each):
        del row[LINE]
    assert found == {name: expected for name, expected in read_back(streams(rows)).items() if expected}


def test_a_table_without_rows_has_no_file(tmp_path: Path) -> None:
    counts = write_folder(tmp_path, streams({"center": [{"center_id": "A", "name": "Alpha", "country": ""}]}))
    assert {file.name for file in tmp_path.iterdir()} == {"center.csv", "manifest.json"}
    assert counts["center"] == 1
    assert sum(counts.values()) == 1


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+49 170", "'+49 170"),
        ("-", "'-"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("'=1", "''=1"),
        ("''-x", "'''-x"),
        ("'quoted'", "'quoted'"),
        ("'", "'"),
        ("''", "''"),
        ("a=1", "a=1"),
        ("", ""),
        ("UNK", "UNK"),
    ],
)
def test_what_a_spreadsheet_would_run_is_guarded(text: str, guarded: str) -> None:
    assert guard(text) == guarded
    assert unguard(guarded) == text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("'=+-@ \t\nab"), max_size=6) | st.text(max_size=6))
def test_guarding_is_undone_exactly_and_leaves_no_formula(text: str) -> None:
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in tuple("=+-@")


FREE = [field for field in FIELDS if field.is_free]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_each_free_text_comes_back_whatever_it_is(tmp_path: Path, data: st.DataObject) -> None:
    for table in {field.table: None for field in FREE}:
        fields = [field for field in TABLES[table].fields.values() if field.is_free or field.key]
        row = tuple(data.draw(canonical(field)) for field in fields)
        for file in tmp_path.glob("*"):
            file.unlink()
        write_folder(tmp_path, iter([TableRows(table, fields, iter([row]))]))
        with (tmp_path / f"{table}.csv").open(encoding="utf-8", newline="") as written:
            shown = list(csv.reader(written))[1]
        [item] = list(CsvFolder(tmp_path).read())
        assert isinstance(item, Text)
        back = parse(item, TODAY, pytest.fail)
        assert tuple(back.columns[field.name][0] for field in fields) == row
        assert not any(cell.startswith(tuple("=+-@")) for cell in shown)


# --- Anything at all --------------------------------------------------------------------------------------------------


def _take(path: Path) -> tuple[list[Rows], list[Problem]]:
    """Reads and parses all of a path as an import does; whatever is there becomes rows or problems."""
    problems: list[Problem] = []
    accepted = []
    for item in CsvFolder(path).read():
        if isinstance(item, Problem):
            problems.append(item)
        else:
            rows = parse(item, TODAY, problems.append)
            rows = rows.take(~rows.refused)
            accepted.append(rows)
    for problem in problems:
        assert problem.problem
        assert problem.remedy
        json.dumps(problem.file).encode()
    return accepted, problems


@settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    table=st.sampled_from(list(TABLES)),
    head=st.sampled_from(["keys", "all", "none"]),
    content=st.binary(max_size=120) | st.text(st.sampled_from(string.printable), max_size=120).map(str.encode),
)
def test_any_bytes_are_rows_or_problems(tmp_path: Path, table: str, head: str, content: bytes) -> None:
    names = {"keys": TABLES[table].keys, "all": tuple(TABLES[table].fields), "none": ()}[head]
    file = tmp_path / f"{table}.csv"
    file.write_bytes(",".join(names).encode() + b"\n" * bool(names) + content)
    accepted, problems = _take(file)
    if not names and not content.strip():
        assert problems
    for rows in accepted:
        assert all("" not in key for key in rows.row_keys())
    file.unlink()


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=st.sampled_from(list(TABLES)), data=st.data())
def test_any_cells_are_rows_or_problems(tmp_path: Path, table: str, data: st.DataObject) -> None:
    """Cells of any text, written as CSV: each row is taken as a whole or has a problem at its own line."""
    fields = list(TABLES[table].fields.values())
    lines = data.draw(st.lists(st.lists(anything(), min_size=len(fields), max_size=len(fields)), max_size=2))
    lines = [[cell.encode("utf-8", "ignore").decode()[:300] for cell in line] for line in lines]
    file = tmp_path / f"{table}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([[field.name for field in fields], *lines])
    accepted, problems = _take(file)
    told = {problem.line for problem in problems}
    taken = [int(line) for rows in accepted for line in rows.lines]
    assert not told & set(taken)
    assert len(taken) + len(told) == sum(any(line) for line in lines)


def test_random_changes_of_valid_files_are_rows_or_problems(tmp_path: Path) -> None:
    chance = random.Random(20_190_107)
    write_folder(tmp_path, streams(tables()))
    files = sorted(tmp_path.glob("*.csv"))
    whole = {file: file.read_bytes() for file in files}
    total = len(_take(tmp_path)[0])
    assert total == len(files)
    for _ in range(40):
        file = chance.choice(files)
        content = bytearray(whole[file])
        for _ in range(chance.choice((1, 1, 3, 20))):
            at = chance.randrange(len(content) or 1)
            change = chance.choice(("flip", "drop", "double", "cut"))
            if change == "flip" and content:
                content[at] ^= 1 << chance.randrange(8)
            elif change == "drop":
                del content[at : at + 1]
            elif change == "double":
                content[at:at] = content[at : at + chance.randrange(1, 50)]
            else:
                del content[at : at + chance.randrange(200)]
        file.write_bytes(bytes(content))
        accepted, problems = _take(file)
        assert accepted or problems
        file.write_bytes(whole[file])
