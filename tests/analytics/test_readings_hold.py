"""The readings that the administrator chose hold for every analysis, and a snapshot keeps those it was made under."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from analytics.classify import TABLES_READ, classify
from analytics.cohort import Cohort
from analytics.consensus.readings import DEFAULT, Readings
from analytics.endpoints import TABLES_READ as OF_SURVIVAL
from analytics.endpoints import AnalysisSet
from analytics.outcomes import survival_analysis
from analytics.readings_file import FILE, readings_of
from analytics.snapshots import create_snapshot
from analytics.source import provenance, read_cohort
from registry.access import Actor, Role
from registry.database import open_engine
from tests.analytics.conftest import Command

OTHER = Readings.of({"dfi_start": "adjuvant_end", "dfi_of_synchronous": "zero", "synchronous_limit": "six_months"})
CUT = dt.date(2025, 12, 31)


def _choose(home: Path, readings: Readings) -> None:
    home.mkdir(exist_ok=True)
    (home / FILE).write_text(readings.to_toml(), encoding="utf-8")


def _groups(cohort: Cohort, by: str) -> dict[str, int]:
    """How many patients each group has in an analysis from the detection on."""
    times = _analyzed(cohort, by).times
    return {label: int((times.group == at).sum()) for at, label in enumerate(times.labels)}


def _analyzed(cohort: Cohort, by: str) -> AnalysisSet:
    chosen = survival_analysis(cohort, origin="lung_diagnosis", by=by).chosen
    assert isinstance(chosen, AnalysisSet)
    return chosen


def _classified(cohort: Cohort, by: str) -> dict[str, int]:
    """The same, counted over the first episode with lung metastases of each patient by its classification."""
    found, episode = classify(cohort), cohort.frames["episode"]
    lung = found[episode["lung_involved"].fillna(False).astype(bool)]
    first = lung.assign(on=episode["detected_on"]).sort_values(["on", "episode_no"]).drop_duplicates("patient_id")
    wanted = set(_analyzed(cohort, by).patient_id)
    values = first.loc[first["patient_id"].isin(wanted), by]
    return {label: int((values == value).sum()) for label, value in (("no", False), ("yes", True))}


def test_groups_of_a_curve_are_those_of_the_classification(registry: Path, own_home: Path) -> None:
    by, counted = "short_dfi", []
    for readings in (DEFAULT, OTHER):
        _choose(own_home, readings)
        cohort = read_cohort(TABLES_READ, CUT)
        assert cohort.readings == readings
        assert _groups(cohort, by) == _classified(cohort, by)
        assert _groups(read_cohort(OF_SURVIVAL, CUT), by) == _groups(cohort, by)
        counted.append(_groups(cohort, by))
    assert counted[0] != counted[1]


def test_a_snapshot_keeps_its_readings(registry: Path, own_home: Path) -> None:
    _choose(own_home, OTHER)
    engine = open_engine(f"sqlite:///{registry}")
    made = create_snapshot(engine, "paper", CUT, by=Actor("chief", Role.ADMINISTRATOR))
    engine.dispose()
    assert made.read_by == OTHER
    assert made.readings["changed"] == list(OTHER.changed())
    (own_home / FILE).unlink()
    assert readings_of() == DEFAULT
    frozen = read_cohort(TABLES_READ, snapshot="paper")
    assert frozen.readings == OTHER
    assert provenance(frozen, "paper")["readings"] == OTHER.stated()
    assert read_cohort(TABLES_READ, snapshot="paper", readings=DEFAULT).readings == DEFAULT


def test_a_command_reads_a_snapshot_as_it_was_read(registry: Path, own_home: Path, oligomet: Command) -> None:
    _choose(own_home, OTHER)
    assert oligomet("snapshot", "create", "paper", "--data-cut", CUT.isoformat())[0] == 0
    ways = []
    for readings in (OTHER, DEFAULT):
        _choose(own_home, readings)
        status, printed, _ = oligomet("classify", "--json", "--snapshot", "paper")
        assert status == 0
        ways.append(json.loads(printed))
    assert ways[0] == ways[1]
    status, printed, _ = oligomet("classify", "--json", "--data-cut", CUT.isoformat())
    assert status == 0
    assert json.loads(printed) != ways[0]
