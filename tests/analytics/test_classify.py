"""The classification as a whole: its keys, a slow second evaluator, monotony, one patient alone, and the data cut."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy.engine import Engine
from typer.testing import CliRunner

from analytics.classify import TABLES_READ, classify, to_documents
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.factors import FACTORS
from analytics.consensus.readings import DEFAULT
from dashboard.cli import app
from registry import cells
from registry.access import Actor
from registry.actions import import_source
from registry.errors import UsageError
from registry.exchange.formats import open_source
from registry.simulate import simulate
from registry.tables import TABLES
from tests.analytics.hand import Registry, operated
from tests.analytics.naive_classification import classified as naively
from tests.analytics.random_episodes import FILLED, patients, value

KEYS = [
    "patient_id",
    "episode_no",
    "timing",
    "subtype",
    "sequence",
    "extent",
    "extrapulmonary_sites",
    "oligometastatic",
    "mid_low_rectum",
    "locally_advanced",
    "lung_involved",
    "route",
    "dfi_days",
    "omd_class",
    "factors",
    "because",
]
DEFINITIONS = KEYS[2:-2]
CUT = dt.date(2025, 12, 31)
Documents = dict[tuple[str, int], dict[str, Any]]


def cohort_of(rows: Mapping[str, Sequence[Mapping[str, str]]], cut: dt.date = CUT) -> Cohort:
    return cohort_at(cells.frames({table: list(some) for table, some in rows.items()}), cut)


def all_of(made: Registry) -> Cohort:
    return cohort_at(made.frames(), CUT)


def documents_of(rows: Mapping[str, Sequence[Mapping[str, str]]]) -> Documents:
    return {(found["patient_id"], found["episode_no"]): found for found in to_documents(cohort_of(rows))}


@pytest.fixture(scope="module")
def random_rows() -> dict[str, list[dict[str, str]]]:
    return patients(seed=20190212, count=1100)


@pytest.fixture(scope="module")
def random_documents(random_rows: dict[str, list[dict[str, str]]]) -> Documents:
    return documents_of(random_rows)


@pytest.fixture(scope="module")
def simulated_rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, str]]]:
    folder = tmp_path_factory.mktemp("simulated")
    simulate(folder, patients=300, seed=11)
    rows = {}
    for table in TABLES_READ:
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as lines:
            rows[table] = list(csv.DictReader(lines))
    return rows


def test_a_document_has_the_keys_of_the_interface_and_plain_values() -> None:
    found = list(to_documents(all_of(operated())))
    assert [list(document) for document in found] == [[*KEYS, "readings"]]
    assert list(found[0]["factors"]) == list(FACTORS)
    assert json.loads(json.dumps(found)) == found
    assert all(isinstance(reason, str) for reason in found[0]["because"])


def test_an_empty_registry_has_no_documents() -> None:
    assert list(to_documents(all_of(Registry()))) == []
    assert classify(all_of(Registry())).empty


def test_the_frame_says_how_the_text_was_read() -> None:
    assert classify(all_of(operated())).attrs["readings"] == DEFAULT.to_dict()


def _agree(rows: dict[str, list[dict[str, str]]], documents: Documents) -> None:
    slow = naively(rows)
    assert set(documents) == set(slow)
    for key, expected in slow.items():
        assert {name: documents[key][name] for name in DEFINITIONS} == expected, key


def test_a_slow_second_evaluator_agrees_on_random_episodes(
    random_rows: dict[str, list[dict[str, str]]], random_documents: Documents
) -> None:
    assert len(random_documents) >= 1500
    _agree(random_rows, random_documents)
    frame = pd.DataFrame(random_documents.values())
    for name in ("timing", "subtype", "sequence", "extent", "route", "omd_class"):
        counts = frame[name].value_counts(dropna=False)
        assert counts.min() >= 3, f"the random episodes say too little of {name}: {counts}"
    assert frame["route"].nunique() == 10
    assert frame["omd_class"].nunique() == 11


def test_a_slow_second_evaluator_agrees_on_simulated_patients(simulated_rows: dict[str, list[dict[str, str]]]) -> None:
    _agree(simulated_rows, documents_of(simulated_rows))


def test_every_definition_says_what_decided_it_and_what_is_missing(random_documents: Documents) -> None:
    for document in random_documents.values():
        reasons = {reason.split(" ")[0]: reason for reason in document["because"]}
        assert set(reasons) == {*DEFINITIONS, "converted"}
        for name in ("timing", "sequence", "extent", "route"):
            assert reasons[name].startswith(f"{name} {document[name]}: ")
            undetermined = document[name] == "undetermined"
            assert (": unknown" in reasons[name]) == undetermined, reasons[name]
        for reason in document["because"]:
            for part in reason.split("; "):
                if ": unknown" in part:
                    assert ", fill " in part
                    assert part.split(", fill ")[1], part


DETERMINES_BY_ITS_BLANK = {
    ("systemic_therapy", "ended_on"): "a treatment without an end is under way",
    ("systemic_therapy", "episode_no"): "a treatment that names no episode is assigned by its dates",
    ("metastasis", "resolved_on"): "a site without a resolution is active",
    ("primary_tumor", "curable"): "only a recorded no makes the primary incurable",
    ("primary_tumor", "workup_completed_on"): "the first treatment stands for a blank end of the work-up",
    ("local_treatment", "intent"): "only a recorded palliative intent leaves the primary in situ",
    ("local_treatment", "residual_tumor"): "only a recorded R2 leaves the primary in situ",
    ("episode", "local_recurrence"): "with the primary in situ a blank means none",
    ("local_treatment", "started_on"): "of two resections of the primary the first that is dated counts",
}
"""Where a blank has a meaning of its own, filling it may change what was determined."""


def test_filling_a_blank_never_changes_what_was_determined(
    random_rows: dict[str, list[dict[str, str]]], random_documents: Documents
) -> None:
    draw = random.Random(7)
    changed = 0
    for _ in range(3):
        filled = {table: [dict(row) for row in some] for table, some in random_rows.items()}
        for table, columns in FILLED.items():
            for row in filled[table]:
                # Of one row in two, all that is missing: what is known stays as it is.
                if draw.random() < 0.5:
                    continue
                for column in columns:
                    if (
                        row.get(column, "") in ("", "UNK", "ND", "NASK")
                        and (table, column) not in DETERMINES_BY_ITS_BLANK
                    ):
                        row[column] = value(draw, TABLES[table].fields[column], 3)
                        changed += 1
        for key, after in documents_of(filled).items():
            for name in DEFINITIONS:
                before = random_documents[key][name]
                if before is not None and before != "undetermined":
                    assert after[name] == before, (key, name)
    assert changed > 1000


def test_one_patient_alone_is_what_the_patient_is_among_all(
    random_rows: dict[str, list[dict[str, str]]], random_documents: Documents
) -> None:
    for number in range(0, 1100, 90):
        alone = {t: [r for r in some if r["patient_id"] == f"P{number:04d}"] for t, some in random_rows.items()}
        for key, document in documents_of(alone).items():
            among_all = dict(random_documents[key])
            # Large is larger than the median of the cohort.
            factors = document.pop("factors") | {"large_tumor": None}
            assert factors == among_all.pop("factors") | {"large_tumor": None}
            assert document == among_all


def test_what_is_dated_after_the_data_cut_does_not_exist() -> None:
    made = operated().row("primary_tumor", diagnosed_on="2019-12-01", workup_completed_on="2020-01-31")
    made.rows["episode"][0] |= {"other_sites_assessed": "yes"}
    made.episode("2021-05-01").row("metastasis", site="liver", detected_on="2020-02-05")
    made.row("systemic_therapy", started_on="2020-04-01", ended_on="2021-01-01")

    def at(cut: str) -> list[dict[str, Any]]:
        return list(to_documents(cohort_at(made.frames(), dt.date.fromisoformat(cut))))

    assert at("2020-01-09") == []
    first, early, late = at("2020-01-30"), at("2020-02-04"), at("2021-05-01")
    assert [(found["episode_no"], found["extrapulmonary_sites"]) for found in early] == [(1, 0)]
    assert [found["episode_no"] for found in late] == [1, 2]
    assert late[0]["extrapulmonary_sites"] == 1
    assert first[0]["timing"] == "undetermined", "the work-up ends after the cut: when is not known yet"
    assert [found["timing"] for found in (early[0], *late)] == ["synchronous", "synchronous", "metachronous"]


def test_withdrawn_consent_is_left_out() -> None:
    made = operated("P1")
    operated("P2", made, consent_status="withdrawn")
    assert [found["patient_id"] for found in to_documents(all_of(made))] == ["P1"]


@pytest.fixture
def imported(sqlite_engine: Engine, somebody: Actor, tmp_path: Path) -> None:
    """A registry with a few simulated patients, for the command."""
    simulate(tmp_path / "data", patients=40, seed=5)
    source = open_source(tmp_path / "data", None)
    assert not import_source(sqlite_engine, source, by=somebody, reason=None).problems


@pytest.mark.usefixtures("imported")
def test_the_command_lists_episodes_or_counts_routes(tmp_path: Path) -> None:
    run = CliRunner().invoke
    listed = run(app, ["classify", "--json", "--data-cut", "2025-12-31"])
    assert listed.exit_code == 0, listed.stderr
    documents = json.loads(listed.stdout)
    assert documents
    assert all(list(document) == [*KEYS, "readings"] for document in documents)
    counted = run(app, ["classify", "--data-cut", "2025-12-31"])
    assert counted.exit_code == 0, counted.stderr
    assert "route" in counted.stdout
    assert "--json lists every episode" in counted.stdout
    assert run(app, ["classify", "--json", "--data-cut", "1990-01-01"]).stdout.strip().replace("\n", "") == "[]"
    other = tmp_path / "readings.toml"
    other.write_text('gap_timing = "synchronous"\n', encoding="utf-8")
    assert "changed: gap_timing" in run(app, ["classify", "--readings", str(other)]).stdout


def test_readings_that_cannot_be_read_are_wrong_usage(tmp_path: Path) -> None:
    refused = CliRunner().invoke(app, ["classify", "--readings", str(tmp_path / "absent.toml")])
    assert isinstance(refused.exception, UsageError)
