"""Snapshots: whole or not there, refused where changed, and the same bytes from the same one."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.engine import Engine

from analytics.classify import to_documents
from analytics.cohort import cohort_at
from analytics.fingerprint import fingerprint, table_fingerprint
from analytics.snapshot_manifest import MANIFEST, folder, list_snapshots, read_manifest, seal_of, sha256
from analytics.snapshots import DRAFTS, REMOVED, create_snapshot, read_snapshot, remove_snapshot
from analytics.source import provenance, read_cohort
from registry import actions, audit, cells
from registry.access import Actor, Role
from registry.cells import dtype
from registry.database import open_engine, reading
from registry.errors import AnalysisRefused, InputRefused, PermissionRefused, UsageError
from registry.frames import read_frames
from registry.tables import TABLES
from tests.analytics.conftest import Command
from tests.analytics.hand import operated
from tests.registry import rows

CUT = dt.date(2024, 6, 30)
BY = Actor("somebody", Role.ADMINISTRATOR)
NAME = "paper"


@pytest.fixture
def small(_sqlite_template: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The small registry on SQLite alone."""
    path = tmp_path / "small.db"
    shutil.copy(_sqlite_template("filled"), path)
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", f"sqlite:///{path}")
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def _made_once(_sqlite_template: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a snapshot of the small registry, to be copied."""
    home = tmp_path_factory.mktemp("snapshot")
    engine = open_engine(f"sqlite:///{_sqlite_template('filled')}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLIGOMET_HOME", str(home))
        create_snapshot(engine, NAME, CUT, by=BY, note="for a paper")
        return folder() / NAME


@pytest.fixture
def snapshot(small: Engine, _made_once: Path) -> Path:
    """The folder of a snapshot of the small registry, in the home of the test."""
    folder().mkdir(parents=True)
    return Path(shutil.copytree(_made_once, folder() / NAME))


# What is in it.


def test_a_snapshot_holds_the_typed_frames_of_all_tables(filled: Engine) -> None:
    create_snapshot(filled, NAME, CUT, by=BY)
    frozen, cohort = read_snapshot(NAME), cohort_at(read_frames(filled), CUT)
    assert set(frozen.frames) == set(TABLES)
    for name, frame in frozen.frames.items():
        pd.testing.assert_frame_equal(frame, cohort.frames[name], check_like=False)
    assert len(frozen.frames["episode"]) == 1


def test_the_manifest_says_where_it_comes_from(small: Engine, snapshot: Path) -> None:
    made = read_manifest(NAME)
    with reading(small) as connection:
        assert made.trail == dataclasses.asdict(audit.head(connection))
    assert made.trail["number"] == len(TABLES)
    assert (made.data_cut, made.note, made.created_by) == (CUT, "for a paper", "somebody")
    assert made.readings["version"]
    for name, said in made.tables.items():
        content = (snapshot / f"{name}.parquet").read_bytes()
        assert said["sha256"] == sha256(content)
        assert said["rows"] == len(pd.read_parquet(io.BytesIO(content))) == 1


def test_its_files_are_private(small: Engine) -> None:
    create_snapshot(small, NAME, CUT, by=BY)
    snapshot = folder() / NAME
    assert stat.S_IMODE(snapshot.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder().stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in snapshot.iterdir()} == {0o600}
    assert len(list(snapshot.iterdir())) == len(TABLES) + 1


def test_a_patient_who_withdrew_leaves_no_more_than_that(small: Engine) -> None:
    _change(small, "patient", {"consent_status": "withdrawn"})
    create_snapshot(small, NAME, CUT, by=BY)
    frames = read_snapshot(NAME).frames
    (left,) = frames["patient"].dropna(axis=1).to_dict("records")
    assert left == {"patient_id": "P1", "center_id": "A", "consent_status": "withdrawn"}
    assert all(
        frames[name].empty for name, table in TABLES.items() if "patient_id" in table.fields and name != "patient"
    )
    cohort = read_cohort(["patient", "episode"], snapshot=NAME)
    assert (len(cohort.frames["patient"]), len(cohort.withdrawn)) == (0, 1)
    assert fingerprint(cohort) == fingerprint(read_cohort(["patient", "episode"], CUT))


# Written whole, never over another.


def test_nothing_is_overwritten(small: Engine, snapshot: Path) -> None:
    before = (snapshot / MANIFEST).read_bytes()
    with pytest.raises(InputRefused, match="of this name"):
        create_snapshot(small, NAME, CUT, by=BY)
    assert (snapshot / MANIFEST).read_bytes() == before
    empty = folder() / "empty"
    empty.mkdir()
    with pytest.raises(InputRefused, match="of this name"):
        create_snapshot(small, "empty", CUT, by=BY)
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", ".hidden", "a b", "x" * 65, "ü"])
def test_names_that_no_folder_can_have_are_refused(sqlite_engine: Engine, name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        create_snapshot(sqlite_engine, name, CUT, by=BY)
    assert not folder().exists()


def test_a_killed_process_leaves_no_snapshot(small: Engine) -> None:
    """Killed before the first file, after a file, and before the folder is moved."""
    script = (
        "import datetime as dt, os, pathlib\n"
        "from analytics.snapshots import create_snapshot\n"
        "from registry.access import operator\n"
        "from registry.database import open_engine\n"
        "for owner, name in ((pathlib.Path, 'mkdir'), (os, 'fsync'), (pathlib.Path, 'rename')):\n"
        "    if not (child := os.fork()):\n"
        "        setattr(owner, name, lambda *a, **k: os._exit(9))\n"
        "        create_snapshot(open_engine(), 'killed', dt.date(2024, 6, 30), by=operator())\n"
        "        os._exit(0)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    place = Path(__file__).parents[2]
    killed = subprocess.run([sys.executable, "-c", script], env=os.environ, cwd=place, capture_output=True, check=True)
    assert killed.stdout.split() == [b"9"] * 3
    assert list_snapshots() == {}
    create_snapshot(small, "killed", CUT, by=BY)
    assert list(list_snapshots()) == ["killed"]


def test_what_a_killed_process_left_is_cleared(small: Engine) -> None:
    drafts = folder() / DRAFTS
    for name, age in (("old.1", 48 * 3600), ("young.1", 60)):
        (drafts / name).mkdir(parents=True)
        then = dt.datetime.now(dt.UTC).timestamp() - age
        os.utime(drafts / name, (then, then))
    create_snapshot(small, NAME, CUT, by=BY)
    assert [path.name for path in drafts.iterdir()] == ["young.1"]


def test_a_registry_that_is_written_meanwhile_is_read_again(filled: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []

    def read(engine: Engine) -> dict[str, pd.DataFrame]:
        found = read_frames(engine)
        if not reads:
            _change(engine, "patient", {"sex": "male"})
        reads.append(len(found))
        return found

    monkeypatch.setattr("analytics.snapshots.read_frames", read)
    made = create_snapshot(filled, NAME, CUT, by=BY)
    assert len(reads) == 2
    assert made.trail["number"] == len(TABLES) + 1
    assert read_snapshot(NAME).frames["patient"]["sex"].tolist() == ["male"]


# Refused where changed.


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def _edit_manifest(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2024-06-30", "2024-07-30"), encoding="utf-8")


def _no_json(path: Path) -> None:
    path.write_text("[]", encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("episode.parquet", _append),
        ("episode.parquet", Path.unlink),
        (MANIFEST, _append),
        (MANIFEST, _edit_manifest),
        (MANIFEST, _no_json),
        (MANIFEST, Path.unlink),
    ],
)
def test_a_changed_file_is_refused(snapshot: Path, file: str, change: Callable[[Path], None]) -> None:
    assert read_snapshot(NAME, ["episode"]).frames
    change(snapshot / file)
    with pytest.raises(AnalysisRefused, match="not what was written"):
        read_snapshot(NAME, ["episode"])
    with pytest.raises(AnalysisRefused, match="not what was written"):
        read_cohort(["patient", "episode"], snapshot=NAME)
    assert list_snapshots()[NAME] is None or file != MANIFEST


def _rewrite(snapshot: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Another content, with a manifest that fits: as another version of the program would have written it."""
    path = snapshot / f"{table}.parquet"
    change(pd.read_parquet(path)).to_parquet(path)
    document = json.loads((snapshot / MANIFEST).read_text(encoding="utf-8"))
    document.pop("seal")
    document["tables"][table]["sha256"] = sha256(path.read_bytes())
    (snapshot / MANIFEST).write_text(json.dumps({**document, "seal": seal_of(document)}), encoding="utf-8")


def test_a_snapshot_of_another_dictionary(snapshot: Path) -> None:
    kept = {"zone", "zone__absent"}
    _rewrite(snapshot, "episode", lambda frame: frame.drop(columns=list(kept)))
    frame = read_snapshot(NAME).frames["episode"]
    assert list(frame) == list(cells.frame("episode", {}, 0))
    assert frame["zone"].dtype == dtype(TABLES["episode"].fields["zone"])
    assert frame["zone"].isna().all()
    _rewrite(snapshot, "episode", lambda frame: frame.assign(mood="good"))
    with pytest.raises(AnalysisRefused, match=r"no longer.*mood"):
        read_snapshot(NAME)


def test_a_snapshot_with_codes_that_are_gone(snapshot: Path) -> None:
    _rewrite(snapshot, "patient", lambda frame: frame.assign(sex=pd.Categorical(["other"])))
    with pytest.raises(AnalysisRefused, match=r"no longer.*sex"):
        read_snapshot(NAME)


# Removed with a reason.


def test_a_removal_keeps_who_when_and_why(snapshot: Path) -> None:
    with pytest.raises(UsageError, match="reason"):
        remove_snapshot(NAME, by=BY, reason="  ")
    with pytest.raises(PermissionRefused):
        remove_snapshot(NAME, by=Actor("x", Role.RESEARCHER), reason="why not")
    seal = sha256((snapshot / MANIFEST).read_bytes())
    remove_snapshot(NAME, by=BY, reason="superseded")
    assert not snapshot.exists()
    assert list((folder() / DRAFTS).iterdir()) == []
    (line,) = (folder() / REMOVED).read_text(encoding="utf-8").splitlines()
    kept = json.loads(line)
    assert (kept["name"], kept["reason"], kept["removed_by"]) == (NAME, "superseded", "somebody")
    assert kept["manifest_sha256"] == seal
    with pytest.raises(UsageError, match="no such snapshot"):
        remove_snapshot(NAME, by=BY, reason="again")


# The same results.


def test_results_stay_when_the_registry_changes(small: Engine, snapshot: Path) -> None:
    tables = ["patient", "primary_tumor", "episode", "metastasis", "systemic_therapy", "local_treatment"]
    before = list(to_documents(read_cohort(tables, snapshot=NAME)))
    assert before == list(to_documents(read_cohort(tables, CUT)))
    _change(small, "episode", {"lesion_count": "7"})
    assert list(to_documents(read_cohort(tables, snapshot=NAME))) == before
    assert list(to_documents(read_cohort(tables, CUT))) != before
    live, frozen = provenance(read_cohort(tables, CUT)), provenance(read_cohort(tables, snapshot=NAME), NAME)
    assert live["fingerprint"] != frozen["fingerprint"]
    assert frozen["data_cut"] == CUT.isoformat()


@pytest.mark.parametrize("cut", [dt.date(2020, 4, 15), dt.date(2019, 12, 31), CUT])
def test_an_earlier_cut_of_a_snapshot_is_that_of_the_registry(snapshot: Path, cut: dt.date) -> None:
    tables = ("patient", "episode", "systemic_therapy", "local_treatment", "disease_event")
    frozen, live = read_cohort(tables, cut, NAME), read_cohort(tables, cut)
    for name in tables:
        pd.testing.assert_frame_equal(frozen.frames[name], live.frames[name])
    assert fingerprint(frozen) == fingerprint(live)
    with pytest.raises(UsageError, match="ends on 2024-06-30"):
        read_cohort(tables, "2024-07-01", NAME)


@pytest.mark.usefixtures("registry")
def test_the_same_snapshot_gives_the_same_bytes(oligomet: Command, tmp_path: Path) -> None:
    """Whatever the day, the time zone, the language, the seed of hashes and the place of the program."""
    assert oligomet("snapshot", "create", NAME, "--data-cut", "2024-06-30")[0] == 0
    commands = [[*command, "--snapshot", NAME, "--json"] for command in (("classify",), ("baseline", "--by", "sex"))]
    here = [oligomet(*command) for command in commands]
    script = (
        "import contextlib, datetime as dt, json, sys\n"
        "from dashboard.cli import main\n"
        "class Day(dt.date):\n"
        "    @classmethod\n"
        "    def today(cls): return cls(2031, 2, 3)\n"
        "dt.date = Day\n"
        "for command in json.loads(sys.argv[1]):\n"
        "    sys.argv = ['oligomet', *command]\n"
        "    with contextlib.suppress(SystemExit): main()\n"
    )
    other = {"TZ": "Pacific/Apia", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parents[2])}
    there = subprocess.run(
        [sys.executable, "-c", script, json.dumps(commands)],
        env=os.environ | other,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert [status for status, _, _ in here] == [0, 0]
    assert there.stdout.decode() == "".join(out for _, out, _ in here)


# The fingerprint.


def test_the_fingerprint_is_of_the_data_and_not_of_the_engine(filled: Engine) -> None:
    typed = cells.frames({name: [row] for name, row in rows.ROWS.items()})
    assert fingerprint(cohort_at(read_frames(filled), CUT)) == fingerprint(cohort_at(typed, CUT))


def test_the_fingerprint_does_not_know_the_order_of_rows() -> None:
    registry = operated("P2")
    for name in ("p1", "P10", "Ä"):
        operated(name, registry, sex="male")
    cohort = registry.cohort()
    turned = {name: frame[::-1].reset_index(drop=True) for name, frame in cohort.frames.items()}
    assert fingerprint(dataclasses.replace(cohort, frames=turned)) == fingerprint(cohort)


CHANGES = [
    ("patient", {"sex": "male"}),
    ("patient", {"birth_date": "1950-05-02"}),
    ("patient", {"consent_status": "waived"}),
    ("patient", {"cause_of_death": "NAP"}),
    ("episode", {"lesion_count": "0"}),
    ("episode", {"lesion_count": "UNK"}),
    ("episode", {"largest_mm": "0"}),
    ("episode", {"largest_mm": "12.500000000000002"}),
    ("episode", {"symptomatic": "no"}),
    ("episode", {"biology_note": "x"}),
    ("local_treatment", {"episode_no": "1"}),
]


def test_every_change_of_a_cell_changes_the_fingerprint() -> None:
    def of(table: str, changes: dict[str, str]) -> str:
        row = rows.row(table, **changes)
        columns = {name: np.array([cell], dtype=object) for name, cell in row.items()}
        return table_fingerprint(table, cells.frame(table, columns, 1))

    found = [of(table, changes) for table, changes in CHANGES]
    found += [of(table, {}) for table in ("patient", "episode", "local_treatment")]
    assert len(set(found)) == len(CHANGES) + 3
    cohort = operated().cohort()
    earlier = dataclasses.replace(cohort, data_cut=CUT)
    assert fingerprint(earlier) != fingerprint(cohort)


def test_texts_are_told_apart_however_they_are_cut() -> None:
    def of(*notes: str) -> str:
        columns = {"patient_id": ["P1", "P2"], "record_no": ["1", "1"], "biology_note": list(notes)}
        typed = {name: np.array(texts, dtype=object) for name, texts in columns.items()}
        return table_fingerprint("episode", cells.frame("episode", typed, 2))

    assert len({of("ab", "c"), of("a", "bc"), of("abc", ""), of("", "abc"), of("UNK", "abc")}) == 5


# The commands.


def test_the_commands(small: Engine, oligomet: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, _ = oligomet("snapshot", "create", NAME, "--data-cut", "2024-06-30", "--note", "=first", "--json")
    assert (status, json.loads(out)["name"]) == (0, NAME)
    assert oligomet("snapshot", "create", NAME)[0] == 1
    assert oligomet("snapshot", "create", "../x")[0] == 2
    status, out, _ = oligomet("snapshot", "list", "--json")
    assert [made["data_cut"] for made in json.loads(out)] == ["2024-06-30"]
    assert "=first" in oligomet("snapshot", "list")[1]
    status, out, _ = oligomet("snapshot", "show", NAME)
    assert status == 0
    assert read_manifest(NAME).fingerprint in out
    assert oligomet("snapshot", "show", "other")[0] == 2
    status, out, _ = oligomet("classify", "--snapshot", NAME, "--json")
    assert (status, len(json.loads(out))) == (0, 1)
    assert oligomet("classify", "--snapshot", NAME, "--data-cut", "2025-01-01")[0] == 2
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert oligomet("snapshot", "remove", NAME, "--reason", "no use")[0] == 1
    assert list(list_snapshots()) == [NAME]
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert oligomet("snapshot", "remove", NAME, "--reason", "no use")[0] == 0
    assert list_snapshots() == {}
    assert oligomet("snapshot", "remove", NAME, "--reason", "again", "--yes")[0] == 2
    assert "no snapshot" in oligomet("snapshot", "list")[1]


def test_a_changed_snapshot_does_not_hide_the_others(small: Engine, snapshot: Path, oligomet: Command) -> None:
    create_snapshot(small, "second", CUT, by=BY)
    _append(snapshot / MANIFEST)
    assert "not what was written" in " ".join(oligomet("snapshot", "list")[1].split())
    found = {made["name"]: made for made in json.loads(oligomet("snapshot", "list", "--json")[1])}
    assert found[NAME] == {"name": NAME, "changed": True}
    assert found["second"]["data_cut"] == "2024-06-30"
    assert oligomet("snapshot", "show", NAME)[0] == 1


def _change(engine: Engine, table: str, changes: dict[str, str]) -> None:
    row = {key: rows.ROWS[table][key] for key in TABLES[table].keys}
    actions.save(engine, table, row | changes, by=BY, reason="corrected", seen_version=1)
