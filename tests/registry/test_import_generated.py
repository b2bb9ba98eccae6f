"""Many imports against a slow, simple merge of dictionaries; in one part or in many; and of damaged files."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from registry.database import open_engine
from registry.errors import OligometError
from registry.exchange.formulas import unguard
from registry.fields import CLEAR, MISSING_CODES, CellProblem
from registry.intake import spill
from registry.intake.intake import Outcome
from registry.simulate import simulate
from registry.tables import TABLES
from tests.registry.imports import Contents, base, contents, folder, open_queries, places, take, trail, verified
from tests.registry.rows import row
from tests.registry.strategies import TODAY

# --- A merge of dictionaries ------------------------------------------------------------------------------------------

POOL: dict[str, dict[str, tuple[str, ...]]] = {
    "center": {"center_id": ("A", "B"), "name": ("Alpha", "Beta"), "country": ("DE", "FR")},
    "patient": {
        "patient_id": ("P1", "P2", "=P3", "P 4"),
        "center_id": ("A", "B", "C"),
        "sex": ("female", "male"),
        "birth_date": ("1950-05-01", "1951-01-01"),
        "enrolled_on": ("2020-01-10", "2020-02-10"),
        "consent_status": ("given", "waived"),
        "vital_status": ("alive",),
        "last_contact_on": ("2024-01-01", "2024-02-01"),
        "trial_participation": ("declined", "entered", "?"),
    },
    "screening_log": {
        "center_id": ("A", "A", "B"),
        "record_no": ("1", "02", "3"),
        "listed_on": ("2020-01-09", "2020-02-09"),
        "patient_id": ("P1", "=P3", "P9"),
        "lung_metastases": ("yes", "no"),
    },
    "episode": {
        "patient_id": ("P1", "P2", "=P3", "P 4"),
        "record_no": ("1", "1", "2"),
        "detected_on": ("2020-01-05", "2020-03-05", "2024-07-01"),
        "lung_involved": ("yes",),
        "lesion_count": ("1", "02", "7.0"),
        "largest_mm": ("7.40", "12"),
    },
    "study": {
        "patient_id": ("P1", "P2", "=P3", "P 4"),
        "record_no": ("1", "2"),
        "episode_no": ("1", "2"),
        "performed_on": ("2020-01-05", "2020-02-05"),
        "modality": ("pet_ct", "chest_ct_plain"),
    },
    "mdt_meeting": {
        "patient_id": ("P1", "P2", "=P3", "P 4"),
        "record_no": ("1", "2"),
        "held_on": ("2020-01-08", "2020-02-08"),
        "topics": ("sequence;resectability", "other"),
        "recommendation": ("-", "'=x", "two\nlines", " = "),
    },
}
"""Cells from which imports are drawn: few keys, so that rows meet again. The last one of a column is a rare one."""

Data = dict[str, list[dict[str, str]]]

START: Data = {
    "center": [row("center", center_id=center) for center in POOL["center"]["center_id"]],
    "patient": [row("patient", patient_id=patient) for patient in POOL["patient"]["patient_id"]],
    "episode": [row("episode", patient_id=patient) for patient in POOL["episode"]["patient_id"]],
}
"""The first import: what the later ones refer to."""


def drawn(chance: random.Random) -> Data:
    """Some rows of some tables, their cells often blank, sometimes cleared, missing or wrong."""
    data: Data = {}
    for table, pool in POOL.items():
        if chance.random() < 0.75:
            columns = [name for name in pool if _stays(table, name, chance)]
            rows = [{name: _cell(table, name, chance) for name in columns} for _ in range(chance.choice((1, 2, 3, 5)))]
            data[table] = _without_most_repetitions(table, rows, chance)
    return data


def _stays(table: str, name: str, chance: random.Random) -> bool:
    declared = TABLES[table].fields[name]
    return declared.key or chance.random() < (0.995 if declared.required else 0.8)


def _cell(table: str, name: str, chance: random.Random) -> str:
    declared, values = TABLES[table].fields[name], POOL[table][name]
    if declared.key:
        return chance.choice(values)
    if chance.random() < (0.98 if declared.required else 0.6):
        return values[-1] if chance.random() < 0.02 else chance.choice(values[:2])
    if chance.random() < 0.4:
        return chance.choice(sorted(MISSING_CODES))
    return CLEAR if not declared.required and chance.random() < 0.3 else ""


def _without_most_repetitions(table: str, rows: list[dict[str, str]], chance: random.Random) -> list[dict[str, str]]:
    seen: set[tuple[str, ...]] = set()
    kept = []
    for cells in rows:
        key = tuple(cells[name] for name in TABLES[table].keys)
        if key not in seen or chance.random() < 0.03:
            kept.append(cells)
        seen.add(key)
    return kept


@dataclass
class Expected:
    """What a merge of dictionaries says of an import."""

    stored: Contents
    problems: Counter[tuple[str, int | None, str | None]] = field(default_factory=Counter)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    differences: set[tuple[str, str, int, str, str, str]] = field(default_factory=set)


def naive(stored: Contents, data: Data, reason: str | None) -> Expected:
    """The rows laid over the stored ones, one cell at a time."""
    said = Expected({table: {key: dict(cells) for key, cells in rows.items()} for table, rows in stored.items()})
    accepted: dict[str, dict[tuple[str, ...], tuple[int, dict[str, str]]]] = {table: {} for table in TABLES}
    refused: dict[str, set[tuple[str, ...]]] = {table: set() for table in TABLES}
    changed: list[tuple[str, int]] = []
    for table, rows in data.items():
        said.counts[table] = Counter()
        line = 2
        for texts in rows:
            _parse(said, table, line, texts, stored, accepted, refused)
            line += 1 + sum(text.count("\n") for text in texts.values())
    known = {table: {*stored[table], *accepted[table], *refused[table]} for table in TABLES}
    for table, found in accepted.items():
        for key, (line, cells) in found.items():
            before = stored[table].get(key)
            after = dict(before or {})
            for name, cell in cells.items():
                if cell == CLEAR:
                    after.pop(name, None)
                elif cell:
                    after[name] = cell
            said.problems.update(
                (f"{table}.csv", line, column) for column in _owed(table, key, cells, after, before, known)
            )
            said.stored[table][key] = after
            kind = "new" if before is None else "unchanged" if before == after else "changed"
            said.counts[table][kind] += 1
            if kind == "changed":
                changed.append((f"{table}.csv", line))
                assert before is not None
                for name in TABLES[table].fields:
                    old, new = before.get(name, ""), after.get(name, "")
                    if old != new:
                        said.differences.add((table, "/".join(key), line, name, old, new))
    if changed and not reason:
        said.problems[(*min(changed), None)] += 1
    return said


def _parse(
    said: Expected,
    table: str,
    line: int,
    texts: dict[str, str],
    stored: Contents,
    accepted: dict[str, dict[tuple[str, ...], tuple[int, dict[str, str]]]],
    refused: dict[str, set[tuple[str, ...]]],
) -> None:
    fields = TABLES[table].fields
    cells, wrong = {}, set()
    for name, text in texts.items():
        try:
            text = unguard(text) if fields[name].is_free else text
            cells[name] = fields[name].parse(text, today=TODAY)
        except CellProblem:
            wrong.add(name)
    key = tuple(cells[name] for name in TABLES[table].keys)
    if wrong:
        if key not in stored[table]:
            wrong |= {name for name, each in fields.items() if each.required and cells.get(name, "") == ""}
        refused[table].add(key)
    elif key in accepted[table]:
        wrong = {TABLES[table].keys[-1]}
    else:
        accepted[table][key] = (line, cells)
    said.problems.update((f"{table}.csv", line, name) for name in wrong)
    said.counts[table]["refused"] += bool(wrong)


def _owed(
    table: str,
    key: tuple[str, ...],
    cells: dict[str, str],
    after: dict[str, str],
    before: dict[str, str] | None,
    known: dict[str, set[tuple[str, ...]]],
) -> Iterator[str]:
    for name, each in TABLES[table].fields.items():
        if each.required and before is None and name not in after:
            yield name
        cell = cells.get(name, "")
        if cell in ("", CLEAR, *MISSING_CODES):
            continue
        if each.refers_to and (cell,) not in known[each.refers_to]:
            yield name
        if name == "episode_no" and key[:1] in known["patient"] and (key[0], cell) not in known["episode"]:
            yield name


def _agrees(engine: Engine, outcome: Outcome, said: Expected, before: Contents) -> None:
    assert Counter(places(outcome.problems)) == said.problems
    kinds = ("new", "changed", "unchanged", "refused")
    for table, count in said.counts.items():
        assert [outcome.counts[table][kind] for kind in kinds] == [count[kind] for kind in kinds], table
    assert contents(engine) == (before if said.problems else said.stored)
    assert outcome.accepted == (0 if said.problems else outcome.written)


@pytest.fixture
def fresh(sqlite_engine: Engine, tmp_path: Path) -> Iterator[object]:
    """Makes empty registries, one after the other."""
    sqlite_engine.dispose()
    made: list[Engine] = []

    def new() -> Engine:
        path = tmp_path / f"fresh{len(made)}.db"
        shutil.copy(tmp_path / "registry.db", path)
        made.append(open_engine(f"sqlite:///{path}"))
        return made[-1]

    yield new
    for engine in made:
        engine.dispose()


@pytest.mark.parametrize(("size", "seeds"), [(spill.PARTITION_BYTES, range(5)), (300, range(5, 7))])
def test_imports_do_what_a_merge_of_dictionaries_does(
    fresh: type[Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, seeds: range
) -> None:
    monkeypatch.setattr(spill, "PARTITION_BYTES", size)
    outcomes: Counter[str] = Counter()
    for seed in seeds:
        chance = random.Random(seed)
        engine = fresh()
        for step in range(6):
            data = START if step == 0 else drawn(chance)
            reason = chance.choice((None, "read again", "read again"))
            path, before = folder(tmp_path, data), contents(engine)
            said = naive(before, data, reason)
            if chance.random() < 0.3:
                tried = take(engine, path, reason=reason, dry_run=True)
                found = {tuple(item.values()) for item in tried.differences}
                assert found == said.differences, (seed, step)
                assert contents(engine) == before
            _agrees(engine, take(engine, path, reason=reason), said, before)
            outcomes["refused" if said.problems else "written"] += 1
            if not said.problems and step % 3 == 0:
                again = take(engine, path)
                assert (again.problems, again.accepted) == ([], 0), (seed, step)
        assert verified(engine)
    assert min(outcomes["refused"], outcomes["written"]) >= len(seeds), outcomes


@pytest.mark.postgres
def test_imports_do_it_on_a_server_too(engine: Engine, tmp_path: Path) -> None:
    chance = random.Random(77)
    written = 0
    for data in (START, *(drawn(chance) for _ in range(7))):
        path, before = folder(tmp_path, data), contents(engine)
        said = naive(before, data, "read again")
        _agrees(engine, take(engine, path, reason="read again"), said, before)
        written += not said.problems
    assert written >= 4
    assert verified(engine)


# --- One part or many -------------------------------------------------------------------------------------------------

LATER = dt.date(2027, 1, 1)
"""A day on which all of the simulated cohort has happened."""


def _told(outcome: Outcome) -> tuple[set[object], set[object], dict[str, dict[str, int]]]:
    """All that an import says, whatever the order of its parts."""
    warnings = {tuple(sorted(item.items(), key=str)) for item in outcome.warnings}
    return set(outcome.problems), warnings, {name: dict(count) for name, count in outcome.counts.items()}


def _lines(engine: Engine) -> Counter[object]:
    """The trail without the places of its lines."""
    return Counter(
        (entry.number, entry.reason, entry.table, entry.key, entry.action, str(entry.old), str(entry.new))
        for entry in trail(engine)
    )


def _edited(cohort: Path, made: Path, table: str, change: str, to: str, count: int) -> Path:
    shutil.copytree(cohort, made, dirs_exist_ok=True)
    file = made / f"{table}.csv"
    file.write_text(file.read_text().replace(change, to, count))
    return made


def test_an_import_in_many_parts_is_the_same(
    fresh: type[Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort = tmp_path / "cohort"
    simulate(cohort, patients=9, seed=3)
    whole, parted = fresh(), fresh()
    steps: list[tuple[str, Path, str | None, bool]] = [
        ("a first import", cohort, None, False),
        ("the same again", cohort, None, False),
        ("a change without a reason", _edited(cohort, tmp_path / "a", "patient", "given", "withdrawn", 9), None, False),
        ("what would change", tmp_path / "a", None, True),
        ("a change", tmp_path / "a", "read again", False),
        ("many errors", _edited(cohort, tmp_path / "b", "study", "chest_", "breast_", 30), "x", False),
        ("orphans", _edited(tmp_path / "b", tmp_path / "c", "patient", "\nP", "\nQ", 5), "x", False),
        ("some tables", _some(cohort, tmp_path / "d", ("screening_log", "study")), "x", False),
    ]
    for name, path, reason, dry_run in steps:
        monkeypatch.setattr(spill, "PARTITION_BYTES", 10**9)
        one = take(whole, path, reason=reason, dry_run=dry_run, today=LATER)
        monkeypatch.setattr(spill, "PARTITION_BYTES", 6_000)
        many = take(parted, path, reason=reason, dry_run=dry_run, today=LATER)
        assert _told(many) == _told(one), name
        assert [str(item) for item in sorted(many.differences, key=str)] == [
            str(item) for item in sorted(one.differences, key=str)
        ]
        assert many.problems == sorted(many.problems, key=lambda problem: problem.place())
        assert contents(parted) == contents(whole), name
        assert _lines(parted) == _lines(whole), name
        assert open_queries(parted) == open_queries(whole), name
    assert len(open_queries(whole)) > 5
    assert verified(parted)


def _some(cohort: Path, made: Path, tables: tuple[str, ...]) -> Path:
    made.mkdir()
    for table in tables:
        shutil.copy(cohort / f"{table}.csv", made)
    return made


def test_an_import_is_really_taken_in_parts(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[set[str]] = []
    partitions = spill.Spill.partitions

    def counted(self: spill.Spill) -> Iterator[spill.Partition]:
        for partition in partitions(self):
            parts.append({str(owner) for rows in partition.values() for owner in rows.columns.get("patient_id", ())})
            yield partition

    monkeypatch.setattr(spill.Spill, "partitions", counted)
    monkeypatch.setattr(spill, "PARTITION_BYTES", 500)
    patients = [dict(base("patient")["patient"][0]) | {"patient_id": f"P{number:02}"} for number in range(40)]
    visits = [
        {"patient_id": f"P{number:02}", "record_no": "1", "seen_on": "2021-01-01"} for number in range(39, -1, -1)
    ]
    outcome = take(sqlite_engine, folder(tmp_path, base("center") | {"patient": patients, "follow_up": visits}))
    assert (outcome.problems, outcome.accepted) == ([], 81)
    filled = [part for part in parts if part]
    assert len(filled) >= 8
    assert sum(len(part) for part in filled) == len(set().union(*filled)) == 40, "each patient is in one part"


def test_a_screening_number_that_stands_twice_is_found_in_whatever_part(
    fresh: type[Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries go with their patients: two of the same number can lie in different parts, in either order."""
    patients = [dict(base("patient")["patient"][0]) | {"patient_id": f"P{number}"} for number in range(1, 7)]
    entry = base("screening_log")["screening_log"][0]
    entries = [
        dict(entry) | {"record_no": number, "patient_id": patient}
        for number, patient in (("1", "P6"), ("2", "P1"), ("1", "P1"), ("2", "P6"), ("3", "P3"))
    ]
    path = folder(tmp_path, base("center") | {"patient": patients, "screening_log": entries})
    for size in (10**9, 150):
        monkeypatch.setattr(spill, "PARTITION_BYTES", size)
        for reason in (None, "x"):
            engine = fresh()
            outcome = take(engine, path, reason=reason)
            assert [(problem.line, problem.column, problem.problem) for problem in outcome.problems] == [
                (4, "record_no", "the key stands in line 2 already"),
                (5, "record_no", "the key stands in line 3 already"),
            ]
            assert outcome.counts["screening_log"]["refused"] == 2
            assert contents(engine)["screening_log"] == {}


# --- Damaged files ----------------------------------------------------------------------------------------------------


def test_a_damaged_folder_is_refused_or_taken_whole(fresh: type[Engine], tmp_path: Path) -> None:
    chance = random.Random(20_190_107)
    engine = fresh()
    words = base("episode")["episode"][0] | {"biology_note": "slow, they say; " * 20}
    source = folder(tmp_path, base() | {"episode": [words]})
    assert take(engine, source).accepted == len(TABLES)
    whole = {file: file.read_bytes() for file in sorted(source.iterdir())}
    outcomes: Counter[str] = Counter()
    for _ in range(30):
        damaged = chance.sample([*sorted(whole), *[source / "episode.csv"] * 9], 1)
        for file in damaged:
            content = bytearray(whole[file])
            # Behind the header as well as in it; one bit, or a byte that means something to a reader of CSV.
            at = chance.randrange(chance.choice((0, content.index(b"\n") + 1)), len(content))
            content[at] = chance.choice((content[at] ^ 1 << chance.randrange(8), *b'",\n\r;\x00\xff=1'))
            file.write_bytes(bytes(content))
        before = contents(engine)
        try:
            outcome = take(engine, source, reason="damaged")
        except OligometError:
            outcomes["refused as a whole"] += 1
        else:
            outcomes["refused" if outcome.problems else "taken"] += 1
            if outcome.problems:
                assert contents(engine) == before
                assert all(problem.problem and problem.remedy for problem in outcome.problems)
        for file in damaged:
            file.write_bytes(whole[file])
    assert min(outcomes["refused"], outcomes["taken"]) >= 5, outcomes
    assert verified(engine)
