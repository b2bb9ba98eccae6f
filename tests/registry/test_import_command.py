"""The command `import`: one JSON document and nothing else on standard output, and the right exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from registry.tables import TABLES
from tests.registry.conftest import Command, Result
from tests.registry.imports import base, contents, folder, trail
from tests.registry.rows import ROWS, row


def document(result: Result) -> dict[str, Any]:
    """The JSON document on standard output, which is all there is."""
    _, out, err = result
    assert out.endswith("}\n"), err
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_an_import_as_json(oligomet: Command, sqlite_engine: Engine, tmp_path: Path) -> None:
    result = oligomet("import", folder(tmp_path, base()), "--json")
    found = document(result)
    assert result[0] == 0
    assert (found["accepted"], found["unchanged"], found["errors"]) == (len(ROWS), 0, [])
    assert found["tables"]["patient"] == {"new": 1, "changed": 0, "unchanged": 0, "refused": 0}
    for warning in found["warnings"]:
        assert {"file", "line", "column", "value", "problem", "remedy"} <= set(warning)
    assert found["warnings"], "the small registry has implausible values"
    assert trail(sqlite_engine)[0].written_by.endswith("(command line)")
    again = document(oligomet("import", folder(tmp_path, base()), "--json", "--reason", "again"))
    assert (again["accepted"], again["unchanged"]) == (0, len(ROWS))


def test_errors_as_json(oligomet: Command, sqlite_engine: Engine, tmp_path: Path) -> None:
    wrong = [row("study", modality="CT"), row("study", patient_id="P9"), row("study", record_no="2", odd="ü\n\x1b[31m")]
    path = folder(tmp_path, base() | {"study": wrong})
    (path / "patients.csv").write_text("x")
    result = oligomet("import", path, "--json")
    found = document(result)
    assert result[0] == 1
    assert found["accepted"] == 0
    places = [(error["file"], error["line"], error["column"], error["value"]) for error in found["errors"]]
    assert places == [
        ("patients.csv", None, None, "patients"),
        ("study.csv", 1, "odd", "odd"),
        ("study.csv", 2, "modality", "CT"),
        ("study.csv", 3, "patient_id", "P9"),
    ]
    for error in found["errors"]:
        assert list(error) == ["file", "line", "column", "value", "problem", "remedy"]
        assert error["problem"]
        assert error["remedy"]
    assert contents(sqlite_engine) == {table: {} for table in TABLES}


def test_a_missing_reason_is_an_error_with_its_remedy(oligomet: Command, sqlite_engine: Engine, tmp_path: Path) -> None:
    oligomet("import", folder(tmp_path, base()))
    path = folder(tmp_path, {"episode": [row("episode", ecog="2")]})
    status, out, err = oligomet("import", path)
    assert (status, out) == (1, "")
    assert "--reason" in err
    [error] = document(oligomet("import", path, "--json"))["errors"]
    assert (error["file"], error["line"], error["column"], error["value"]) == ("episode.csv", 2, None, None)
    assert "--reason" in error["remedy"]
    assert oligomet("import", path, "--reason", "seen again")[0] == 0
    assert trail(sqlite_engine)[-1].reason == "seen again"


def test_a_dry_run_as_json(oligomet: Command, sqlite_engine: Engine, tmp_path: Path) -> None:
    oligomet("import", folder(tmp_path, base()))
    lines = len(trail(sqlite_engine))
    path = folder(tmp_path, {"episode": [row("episode", ecog="2", largest_mm="<clear>")], "study": [ROWS["study"]]})
    result = oligomet("import", path, "--dry-run", "--json")
    found = document(result)
    assert (result[0], found["dry_run"], found["accepted"], found["unchanged"]) == (0, True, 1, 1)
    assert found["differences"] == [
        {"table": "episode", "key": "P1/1", "line": 2, "column": "largest_mm", "from": "12.5", "to": ""},
        {"table": "episode", "key": "P1/1", "line": 2, "column": "ecog", "from": "0", "to": "2"},
    ]
    assert len(trail(sqlite_engine)) == lines
    status, out, err = oligomet("import", path, "--dry-run")
    assert (status, out) == (0, "")
    assert "ecog: 0 → 2" in err
    assert "largest_mm: 12.5 → blank" in err
    assert "--reason" in err
    assert len(trail(sqlite_engine)) == lines


def test_a_person_is_shown_what_fits_a_screen(oligomet: Command, sqlite_engine: Engine, tmp_path: Path) -> None:
    """Many errors are cut, long values are cut, and no cell or column name can write on the terminal."""
    wrong = [row("study", record_no=str(number), modality="x" * 5000) for number in range(1, 60)]
    path = folder(tmp_path, base() | {"study": wrong, "pathology": [row("pathology", **{"\x1b[2Jck21": "1"})]})
    status, out, err = oligomet("import", path)
    assert (status, out) == (1, "")
    assert "Refused: 60 errors. Nothing was written." in err
    assert "and 40 more errors" in err
    assert "\x1b" not in err
    assert len(err) < 30_000


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["absent"], 1, "no such file or folder"),
        (["n" * 5000], 1, "cannot be read"),
        (["letter.doc"], 1, "kind of file is not known"),
        (["empty"], 1, "holds no CSV file"),
        (["empty", "--format", "json"], 2, "cannot be imported"),
        (["empty", "--format", "parquet"], 2, "cannot be imported"),
        (["empty", "--format", "csv", "--mapping", "m.toml"], 2, "Leave --format away"),
        (["empty", "--nonsense"], 2, "No such option"),
        ([], 2, "Missing argument"),
        (["empty", "--reason"], 2, "requires an argument"),
    ],
    ids=lambda item: " ".join(item)[:30] if isinstance(item, list) else "",
)
def test_what_cannot_be_imported_ends_with_a_sentence(
    oligomet: Command, sqlite_engine: Engine, tmp_path: Path, arguments: list[str], status: int, words: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.doc").write_text("x")
    for json_too in ([], ["--json"]):
        given = [*arguments[:1], *arguments[1:]]
        found, out, err = oligomet("import", *[tmp_path / path for path in given[:1]], *json_too, *given[1:])
        assert (found, out) == (status, ""), err
        assert words in " ".join(err.split())
        assert "Traceback" not in err
        assert "the program failed" not in err


def test_without_a_registry_nothing_is_imported(
    oligomet: Command, tmp_path: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = folder(tmp_path, base())
    for address in (None, f"sqlite:///{tmp_path / 'absent.db'}", "nonsense"):
        if address:
            monkeypatch.setenv("OLIGOMET_DATABASE_URL", address)
        status, out, err = oligomet("import", data, "--json")
        assert (status, out) == (3, "")
        assert "oligomet init" in err or "address of a database" in err
    assert not (tmp_path / "absent.db").exists()
    assert not own_home.exists()


def test_a_folder_whose_name_is_not_text(sqlite_engine: Engine, tmp_path: Path) -> None:
    """In a process of its own, whose standard output is a pipe."""
    source = folder(tmp_path, base() | {"patient": [row("patient", cause_of_death="größer 🫁")]})
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xff"))
    source.rename(path)
    Path(os.fsdecode(os.fsencode(path) + b"/\xe4.csv")).write_text("x")
    command = [sys.executable, "-c", "from dashboard.cli import main; main()", "import", str(path), "--json"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    found = json.loads(done.stdout.decode("utf-8"))
    assert [(error["file"], error["value"]) for error in found["errors"]] == [
        ("patient.csv", "größer 🫁"),
        ("\ufffd.csv", "\ufffd"),
    ]


def test_an_import_from_a_folder_whose_name_is_not_text_is_in_the_trail(
    oligomet: Command, sqlite_engine: Engine, tmp_path: Path
) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xff"))
    folder(tmp_path, base()).rename(path)
    assert oligomet("import", path)[0] == 0
    assert trail(sqlite_engine)[0].source == "import f\ufffd (csv)"
