"""Another reading of the text: what it would change, and that it changes with its entry in the trail or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from analytics.adherence import Adherence
from analytics.audit.judged import judge
from analytics.classify import classify
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.readings import DEFAULT, READINGS, Readings, setting_of, setting_text
from analytics.consensus.rules import RULES
from analytics.readings_change import change_readings
from analytics.readings_effect import effect
from analytics.readings_file import FILE, readings_of
from registry import actions, audit, schema
from registry.access import Actor, Role
from registry.database import open_engine, reading
from registry.errors import EnvironmentRefused, InputRefused, PermissionRefused, UsageError
from registry.exchange.formats import open_source
from registry.frames import read_frames
from registry.simulate import simulate

BY = Actor("chief", Role.ADMINISTRATOR)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Simulated patients."""
    folder = tmp_path_factory.mktemp("cohort")
    simulate(folder / "data", patients=60, seed=11)
    engine = open_engine(f"sqlite:///{folder / 'oligomet.db'}")
    schema.create_or_upgrade(engine)
    assert not actions.import_source(engine, open_source(folder / "data"), by=BY, reason=None).problems
    engine.dispose()
    found = cohort_at(read_frames(engine), dt.date(2026, 6, 1))
    engine.dispose()
    return found


OTHERS = {
    "synchronous_limit": "six_months",
    "surveillance_half_yearly_months": (6, 12),
    "mid_low_height_cm": 5.0,
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_changes_is_what_both_readings_give(cohort: Cohort, name: str) -> None:
    other = Readings.of({name: OTHERS[name]})
    told: list[float] = []
    found = effect(cohort, DEFAULT, other, lambda share, what: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0
    old, new = (classify(cohort.read_by(readings)) for readings in (DEFAULT, other))
    for column in old.columns:
        pairs = zip(old[column].astype(object), new[column].astype(object), strict=True)
        differ = sum(not (a is b or str(a) == str(b)) for a, b in pairs)
        assert differ == next((moved.episodes for moved in found.moved if moved.name == column), 0), column
    for moved in found.moved:
        assert sum(moved.ways.values()) in (0, moved.episodes)
    before, after = (Adherence(judge([cohort.read_by(readings)])) for readings in (DEFAULT, other))
    rules = {rule.rule_id: rule for rule in found.rules}
    for rule in RULES.values():
        one, two = before.of(rule).counts, after.of(rule).counts
        changed = {outcome.label: (one[outcome], two[outcome]) for outcome in one if one[outcome] != two[outcome]}
        said = rules.get(rule.id)
        assert changed == ({} if said is None else {k: (said.before[k], said.after[k]) for k in said.before}), rule.id
    assert found.touched <= found.episodes == len(old)
    assert found.is_nothing == (found.touched == 0 and not found.rules)


def test_the_same_reading_changes_nothing(cohort: Cohort) -> None:
    found = effect(cohort, DEFAULT, DEFAULT)
    assert found.is_nothing
    assert found.touched == 0


@pytest.mark.parametrize("name", READINGS)
def test_a_setting_is_read_from_the_text_that_shows_it(name: str) -> None:
    value = getattr(DEFAULT, name)
    text = value if isinstance(value, str) else setting_text(value)
    assert setting_of(name, text) == value
    for hostile in ("", "x\ny = 1", '"', "-1", "nan", "1e999", "[[", "six months"):
        with pytest.raises(UsageError):
            setting_of(name, hostile)


def test_readings_are_written_as_they_are_read() -> None:
    chosen = Readings.of(OTHERS)
    assert Readings.from_toml(chosen.to_toml()) == chosen
    assert DEFAULT.to_toml() == ""


def _events(engine: Engine) -> list[audit.Entry]:
    with reading(engine) as connection:
        assert audit.verify_chain(connection) is None
        return [entry for entry in audit.log(connection) if entry.event == audit.Event.READINGS]


def test_a_change_holds_for_every_command_and_stands_in_the_trail(engine: Engine, own_home: Path) -> None:
    chosen = dataclasses.replace(DEFAULT, same_episode_days=0, synchronous_limit="six_months")
    number = change_readings(engine, DEFAULT, chosen, by=BY, reason="as the steering group decided", source="test")
    assert readings_of() == chosen
    assert (own_home / FILE).stat().st_mode & 0o077 == 0
    entries = _events(engine)
    assert {entry.number for entry in entries} == {number}
    assert [(entry.written_by, entry.reason, entry.table) for entry in entries] == [
        ("chief", "as the steering group decided", "readings")
    ] * 2
    assert {entry.owner: (entry.old, entry.new) for entry in entries} == {
        "synchronous_limit": ({"setting": '"workup"'}, {"setting": '"six_months"'}),
        "same_episode_days": ({"setting": "31"}, {"setting": "0"}),
    }
    change_readings(engine, chosen, DEFAULT, by=BY, reason="back")
    assert readings_of() == DEFAULT
    assert not [path for path in own_home.iterdir() if path.name.startswith(".")]


def test_who_saw_other_readings_changes_nothing(sqlite_engine: Engine, own_home: Path) -> None:
    one = dataclasses.replace(DEFAULT, same_episode_days=0)
    change_readings(sqlite_engine, DEFAULT, one, by=BY, reason="x")
    two = dataclasses.replace(DEFAULT, early_phase_months=6)
    for seen, chosen, reason in ((DEFAULT, two, "x"), (one, one, "x"), (one, two, " ")):
        with pytest.raises(InputRefused):
            change_readings(sqlite_engine, seen, chosen, by=BY, reason=reason)
    assert readings_of() == one
    assert len(_events(sqlite_engine)) == 1


def test_only_an_administrator_changes_readings(sqlite_engine: Engine, own_home: Path) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        with pytest.raises(PermissionRefused):
            change_readings(
                sqlite_engine, DEFAULT, Readings.of({"same_episode_days": 0}), by=Actor("x", role, "A"), reason="x"
            )
    assert not (own_home / FILE).exists()
    assert not _events(sqlite_engine)


def test_without_the_trail_no_change_and_without_the_change_no_entry(
    sqlite_engine: Engine, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = (Readings.of({"same_episode_days": days}) for days in (0, 7))
    change_readings(sqlite_engine, DEFAULT, one, by=BY, reason="x")

    def no_commit(_connection: object) -> None:
        raise RuntimeError("the commit fails")

    sa.event.listen(sqlite_engine, "commit", no_commit)
    with pytest.raises(RuntimeError):
        change_readings(sqlite_engine, one, two, by=BY, reason="x")
    sa.event.remove(sqlite_engine, "commit", no_commit)
    assert readings_of() == one
    assert len(_events(sqlite_engine)) == 1
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(EnvironmentRefused, match="cannot be written"):
            change_readings(sqlite_engine, one, two, by=BY, reason="x")
    assert readings_of() == one
    assert len(_events(sqlite_engine)) == 1
