"""Exports in somebody's name: whose records, with which permission, in the trail, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy.engine import Engine

from registry import actions, audit
from registry.access import Actor, Role
from registry.database import reading
from registry.errors import InputRefused, PermissionRefused, UsageError
from registry.exchange.formats import FORMATS, open_source, write_export
from registry.export import export
from registry.tables import TABLES
from tests.registry.imports import contents, take
from tests.registry.rows import ENTRY, row
from tests.registry.samples import streams, tables

OF_A = Actor("manager of A", Role.DATA_MANAGER, "A")
OF_B = Actor("manager of B", Role.DATA_MANAGER, "B")


@pytest.fixture
def two(filled: Engine) -> Engine:
    """A registry with a second center, which has a patient, an episode and a screening entry of its own."""
    for table, cells in (
        ("center", row("center", center_id="B", name="Beta")),
        ("patient", row("patient", patient_id="Q1", center_id="B")),
        ("episode", row("episode", patient_id="Q1")),
        ("screening_log", row("screening_log", center_id="B", patient_id="Q1")),
    ):
        actions.save(filled, table, cells, by=ENTRY, reason=None, seen_version=0)
    return filled


def _events(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        return [(e.written_by, e.owner) for e in audit.log(connection) if e.event == audit.Event.EXPORT]


def test_a_data_manager_takes_the_own_center_only(two: Engine, tmp_path: Path) -> None:
    for by, patient, center in ((OF_A, "P1", "A"), (OF_B, "Q1", "B")):
        path = tmp_path / center
        counts = export(two, path, "csv", by=by, deidentify=False, source="test")
        for file in path.glob("*.csv"):
            with file.open(encoding="utf-8", newline="") as text:
                rows = list(csv.DictReader(text))
            assert len(rows) == counts[file.stem]
            for name, own in (("patient_id", patient), ("center_id", center)):
                assert {found[name] for found in rows if name in found} <= {own}
        assert counts["patient"] == counts["center"] == 1
    assert _events(two) == [("manager of A", "records of A, csv"), ("manager of B", "records of B, csv")]


def _words(file: Path) -> set[str]:
    """All words that stand in the cells of a file."""
    if file.suffix == ".parquet":
        text = str(pq.read_table(file).to_pylist())
    elif file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as archive:
            text = re.sub("<[^>]*>", " ", b" ".join(archive.read(name) for name in archive.namelist()).decode())
    else:
        text = file.read_text(encoding="utf-8")
    return set(re.findall(r"[\w.]+", text.replace("/", " ")))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("deidentify", [False, True])
def test_no_word_of_another_center_is_in_any_format(two: Engine, tmp_path: Path, format: str, deidentify: bool) -> None:
    path = tmp_path / f"out{FORMATS[format].suffix}"
    export(two, path, format, by=OF_B, deidentify=deidentify, source="test")
    files = [path] if path.is_file() else list(path.iterdir())
    for file in files:
        cells = _words(file)
        assert not {"Alpha", "P1", "A"} & cells
        assert bool({"Q1", "B"} & cells) <= (not deidentify)


@pytest.mark.parametrize(
    ("role", "whole", "deidentified"),
    [
        (Role.DATA_MANAGER, True, True),
        (Role.ADMINISTRATOR, True, True),
        (Role.RESEARCHER, False, True),
        (Role.CLINICIAN, False, False),
        (Role.AUDITOR, False, False),
    ],
)
def test_each_role_takes_what_it_may(
    sqlite_engine: Engine, tmp_path: Path, role: Role, whole: bool, deidentified: bool
) -> None:
    actions.save(sqlite_engine, "center", row("center"), by=ENTRY, reason=None, seen_version=0)
    by = Actor("x", role, "A" if role is Role.DATA_MANAGER else None)
    for deidentify, may in ((False, whole), (True, deidentified)):
        path = tmp_path / f"out-{deidentify}"
        if may:
            assert export(sqlite_engine, path, "csv", by=by, deidentify=deidentify, source="test")["center"] == 1
        else:
            with pytest.raises(PermissionRefused):
                export(sqlite_engine, path, "csv", by=by, deidentify=deidentify, source="test")
            assert not path.exists()
    assert len(_events(sqlite_engine)) == whole + deidentified


def test_an_export_that_is_ended_leaves_nothing(two: Engine, tmp_path: Path) -> None:
    class Ended(Exception):
        pass

    def progress(share: float, what: str) -> None:
        raise Ended

    with pytest.raises(Ended):
        export(two, tmp_path / "out", "csv", by=ENTRY, deidentify=False, source="test", progress=progress)
    assert list(tmp_path.glob("**/*.csv")) == []


@pytest.mark.parametrize("format", ["csv", "../csv", "exe", ""])
def test_a_target_that_is_taken_or_a_format_that_is_none_is_refused_before_the_trail(
    two: Engine, tmp_path: Path, format: str
) -> None:
    (tmp_path / "taken.csv").write_text("mine")
    with pytest.raises((InputRefused, UsageError)):
        export(two, tmp_path / "taken.csv", format, by=ENTRY, deidentify=False, source="test")
    assert (tmp_path / "taken.csv").read_text() == "mine"
    assert _events(two) == []


def test_the_own_export_comes_in_again_unchanged(two: Engine, tmp_path: Path) -> None:
    export(two, tmp_path / "out", "csv", by=OF_A, deidentify=False, source="test")
    before = contents(two)
    outcome = take(two, tmp_path / "out", by=OF_A)
    assert (outcome.problems, outcome.accepted) == ([], 0)
    assert contents(two) == before


RUNS = ("=", "+", "-", "@", "\t", "\r")
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)", '=HYPERLINK("http://evil.example")', "＝1+1", "\t=1+1")
FREE = {(table, name) for table in TABLES for name, field in TABLES[table].fields.items() if field.is_free}


def test_no_text_field_reaches_a_spreadsheet_as_a_formula(tmp_path: Path) -> None:
    """Each free text column of each table holds a formula; what a person typed runs nowhere."""
    rows = tables()
    for table, name in FREE:
        for at, text in enumerate(FORMULAS):
            rows[table].append(rows[table][0] | {"record_no": str(9000 + at), name: text})
    write_export(tmp_path / "out", streams(rows), "csv")
    for file in (tmp_path / "out").glob("*.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            for found in csv.DictReader(text):
                for name, cell in found.items():
                    assert (file.stem, name) not in FREE or not cell.startswith(RUNS), (file.stem, name, cell)
    write_export(tmp_path / "out.xlsx", streams(rows), "xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        for part in archive.namelist():
            content = archive.read(part).decode()
            assert not re.search(r"<(?:\w+:)?f[ >/]", content), part  # the element of a formula
            assert "externalLink" not in content
    assert open_source(tmp_path / "out.xlsx").bytes > 0
