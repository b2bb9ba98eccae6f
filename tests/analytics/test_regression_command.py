"""`oligomet cox` and `oligomet table1` as others call them: their documents, files and exit statuses."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from analytics.consensus.factors import FACTORS
from analytics.published import published
from dashboard.cli import main
from registry import schema, simulate
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source

KEYS = {"n", "events", "ties", "terms", "concordance", "ph_test", "excluded"}
TERM = {"factor", "coef", "hr", "ci_low", "ci_high", "p"}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a registry with a simulated cohort, for reading only."""
    folder = tmp_path_factory.mktemp("regression")
    simulate.simulate(folder / "data", patients=200, seed=4)
    url = f"sqlite:///{folder / 'registry.db'}"
    engine = open_engine(url)
    schema.create_or_upgrade(engine)
    by = Actor("somebody", Role.ADMINISTRATOR)
    assert not import_source(engine, open_source(folder / "data", None), by=by, reason=None).problems
    engine.dispose()
    return url


class Command:
    """Calls the command in this process, as the console script does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *options: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        self.monkeypatch.setattr(sys, "argv", ["oligomet", *options])
        with pytest.raises(SystemExit) as exit:
            main()
        shown = self.capsys.readouterr()
        return int(exit.value.code or 0), shown.out, shown.err

    def document(self, *options: str) -> dict[str, Any]:
        status, out, err = self(*options, "--json")
        assert status == 0, err

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        found: dict[str, Any] = json.loads(out, parse_constant=refuse)
        return found


@pytest.fixture
def oligomet(cohort: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", cohort)
    return Command(monkeypatch, capsys)


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--stratify", "center"),
        ("--robust", "center"),
        ("--robust", "patient"),
        ("--firth",),
        ("--no-delayed-entry",),
        ("--endpoint", "pfs", "--origin", "lung_diagnosis"),
        ("--endpoint", "recurrence"),
        ("--landmark-months", "6", "--ph-time", "identity"),
    ],
)
def test_the_document_of_a_regression(oligomet: Command, options: tuple[str, ...]) -> None:
    found = oligomet.document("cox", "--factors", "multiple_lesions,high_cea", *options)
    assert set(found) >= KEYS
    assert [term["factor"] for term in found["terms"]] == ["multiple_lesions", "high_cea"]
    assert [test["factor"] for test in found["ph_test"]] == ["multiple_lesions", "high_cea", "GLOBAL"]
    assert found["patients"] == found["n"] + sum(found["excluded"].values())
    assert found["n"] > found["events"] > 10
    assert found["events_per_variable"] == found["events"] / 2
    assert 0 < found["concordance"] < 1
    for term in found["terms"]:
        assert set(term) >= TERM
        assert term["ci_low"] < term["hr"] < term["ci_high"]
        assert 0 < term["events"] < term["n"]
    assert all(0 <= test["p"] <= 1 for test in found["ph_test"])


def test_levels_numbers_and_splines(oligomet: Command) -> None:
    found = oligomet.document("cox", "--factors", "ecog,age,cea", "--splines", "cea", "--knots", "3")
    by_factor = {factor: [term for term in found["terms"] if term["factor"] == factor] for factor in found["factors"]}
    assert {term["reference"] for term in by_factor["ecog"]} == {"0"}
    assert by_factor["age"][0]["unit"] == "year"
    assert [term["bend"] for term in by_factor["cea"]] == [None, 1]
    (bend,) = found["splines"]
    assert (bend["factor"], bend["nonlinearity"]["df"], bend["overall"]["df"]) == ("cea", 1, 2)
    at_reference = min(bend["curve"], key=lambda point: abs(point["value"] - bend["reference"]))
    assert at_reference["hr"] == pytest.approx(1, abs=0.1)
    counted = next(test for test in found["ph_test"] if test["factor"] == "ecog")
    assert counted["df"] == len(by_factor["ecog"])


def test_what_cannot_be_estimated_is_null_with_a_reason(oligomet: Command) -> None:
    # Who is analyzed for recurrence was not left with R1 or R2: everybody has the same value.
    found = oligomet.document("cox", "--endpoint", "rfs", "--factors", "incomplete_resection,high_cea")
    unable, able = found["terms"]
    assert {unable[part] for part in ("coef", "hr", "ci_low", "ci_high", "p")} == {None}
    assert "same value" in unable["reason"]
    assert able["hr"] > 0
    assert able["reason"] is None


def test_missing_factors_are_counted_once(oligomet: Command) -> None:
    def without_interval(found: dict[str, Any]) -> int:
        return found["excluded"]["not_applicable_short_dfi"] + found["excluded"].get("missing_short_dfi", 0)

    found = oligomet.document("cox", "--factors", "high_cea,short_dfi")
    assert found["missing"]["short_dfi"] >= without_interval(found) > 0
    other = oligomet.document("cox", "--factors", "short_dfi,high_cea")
    assert (other["n"], other["missing"]) == (found["n"], found["missing"])
    assert without_interval(other) == found["missing"]["short_dfi"]


def test_covariates_are_the_groups_of_the_curves(oligomet: Command) -> None:
    for factor in ("lobectomy", "sex"):
        curve = oligomet.document("survival", "--by", factor)
        model = oligomet.document("cox", "--factors", factor)
        assert (model["n"], model["events"]) == (curve["n"], curve["events"])
        assert model["terms"][0]["n"] == curve["groups"][1]["n"]
    options = ("--origin", "lung_diagnosis", "--landmark-months", "12")
    curve = oligomet.document("survival", "--by", "lobectomy", *options)
    model = oligomet.document("cox", "--factors", "lobectomy", *options)
    assert (model["n"], model["terms"][0]["n"]) == (curve["n"], curve["groups"][1]["n"])


def test_table1(oligomet: Command, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("table.csv", "forest.png", "panel.svg")}
    options = (
        "--csv",
        str(files["table.csv"]),
        "--forest",
        str(files["forest.png"]),
        "--panel",
        str(files["panel.svg"]),
    )
    found = oligomet.document("table1", *options)
    assert [row["factor"] for row in found["factors"]] == list(FACTORS)
    for row in found["factors"]:
        assert sum(group["n"] for group in row["groups"]) + row["missing"] == found["n"]
        assert sum(group["events"] for group in row["groups"]) <= found["events"]
        assert len(row["published"]) == len(published().get(row["factor"], ()))
        assert row["logrank"]["p_holm"] is None or row["logrank"]["p"] <= row["logrank"]["p_holm"] <= 1
        assert len(row["univariable"]) == len(row["multivariable"]) == 1
    single = oligomet.document("cox", "--factors", "high_cea")["terms"]
    assert found["factors"][4]["univariable"] == single
    assert found["multivariable"]["n"] < found["n"]
    assert [row["factor"] for row in found["further"]] == ["irlm"]
    lines = list(csv.DictReader(files["table.csv"].read_text(encoding="utf-8").splitlines()))
    assert len(lines) == sum(len(row["groups"]) for row in (*found["factors"], *found["further"]))
    assert float(lines[1]["univariable_hr"]) == pytest.approx(found["factors"][0]["univariable"][0]["hr"])
    assert files["forest.png"].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in files["panel.svg"].read_bytes()[:500]


def test_table1_leaves_out_what_is_settled_later(oligomet: Command) -> None:
    found = oligomet.document("table1", "--origin", "lung_diagnosis", "--factors", "multiple_lesions,high_cea")
    assert set(found["left_out"]) == {"incomplete_resection", "lobectomy", "irlm"}
    assert [term["factor"] for term in found["multivariable"]["terms"]] == ["multiple_lesions", "high_cea"]


def test_for_people(oligomet: Command, tmp_path: Path) -> None:
    plot = tmp_path / "over_time.pdf"
    factors = "multiple_lesions,incomplete_resection,cea"
    status, out, err = oligomet(
        "cox", "--factors", factors, "--endpoint", "rfs", "--splines", "cea", "--schoenfeld", str(plot)
    )
    assert status == 0
    assert "Wrote" in err
    for words in ("Recurrence-free survival", "Efron", "> 1 lesion vs 1 lesion", "not estimable", "GLOBAL", "left out"):
        assert words in out
    assert plot.read_bytes().startswith(b"%PDF")
    status, out, _ = oligomet("table1", "--origin", "lung_diagnosis")
    assert status == 0
    for words in ("CEA > 5 ng/ml", "missing", "complete cases", "lobectomy is settled after this origin"):
        assert words in out


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("cox", "--factors", "lobectomy", "--origin", "lung_diagnosis"), 1, "immortal-time"),
        (("cox", "--factors", "short_dfi", "--origin", "primary_diagnosis"), 1, "immortal-time"),
        (("cox", "--factors", "sex", "--stratify", "ecog", "--origin", "primary_diagnosis"), 1, "immortal-time"),
        (("cox", "--factors", "high_cea", "--endpoint", "local_failure"), 1, "of treatments"),
        (("cox", "--factors", "multiple_lesion"), 2, "Did you mean multiple_lesions"),
        (("cox", "--factors", " , "), 2, "needs a factor"),
        (("cox", "--factors", "age", "--splines", "sex"), 2, "continuous"),
        (("cox", "--factors", "age", "--splines", "age", "--knots", "2"), 2, "knots"),
        (("cox", "--factors", "age", "--robust", "nobody"), 2, "errors"),
        (("cox", "--factors", "age", "--robust", "center", "--firth"), 2, "Firth"),
        (("cox", "--factors", "age", "--ph-time", "log"), 2, "km or identity"),
        (("cox", "--factors", "age", "--forest", "a.gif"), 2, "format"),
        (("cox", "--factors", "age", "--schoenfeld", "no/such/a.png"), 3, "cannot be written"),
        (("cox", "--factors", "age", "--endpoint", "dfs"), 2, "no such endpoint"),
        (("cox", "--factors", "age", "--data-cut", "2000-01-01", "--schoenfeld", "a.png"), 1, "residuals"),
        (("table1", "--endpoint", "recurrence"), 1, "Death competes"),
        (("table1", "--factors", "cea"), 2, "no such factor"),
        (("table1", "--factors", "lobectomy", "--origin", "lung_diagnosis"), 1, "immortal-time"),
        (("table1", "--data-cut", "2000-01-01", "--panel", "a.png"), 1, "nobody to draw"),
    ],
)
def test_what_is_refused(oligomet: Command, tmp_path: Path, options: tuple[str, ...], status: int, words: str) -> None:
    oligomet.monkeypatch.chdir(tmp_path)
    got, out, err = oligomet(*options, "--json")
    assert (got, out) == (status, "")
    assert words in err
    assert "Traceback" not in err
    assert list(tmp_path.glob("a.*")) == []


def test_an_empty_registry(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    oligomet = Command(monkeypatch, capsys)
    found = oligomet.document("cox", "--factors", "high_cea,ecog,age")
    assert (found["n"], found["events"], found["concordance"]) == (0, 0, None)
    assert [term["hr"] for term in found["terms"]] == [None, None, None]
    assert oligomet.document("table1")["factors"][0]["groups"] == []
