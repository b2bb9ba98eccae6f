"""`oligomet survival` as others call it: its document, its files, its exit statuses."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from analytics.endpoints import COMPETING
from analytics.figures.style import FORMATS
from dashboard.cli import main
from registry import schema, simulate
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source

KEYS = {"endpoint", "origin", "by", "n", "events", "excluded", "groups", "logrank", "rmst"}
GROUP = {"label", "n", "events", "median_days", "median_ci", "rates", "curve"}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a registry with a simulated cohort, for reading only."""
    folder = tmp_path_factory.mktemp("survival")
    simulate.simulate(folder / "data", patients=150, seed=3)
    url = f"sqlite:///{folder / 'registry.db'}"
    engine = open_engine(url)
    schema.create_or_upgrade(engine)
    by = Actor("somebody", Role.ADMINISTRATOR)
    assert not import_source(engine, open_source(folder / "data", None), by=by, reason=None).problems
    engine.dispose()
    return url


class Command:
    """Calls the command in this process, as the console script does."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str = "survival"
    ) -> None:
        self.monkeypatch, self.capsys, self.name = monkeypatch, capsys, name

    def __call__(self, *options: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        self.monkeypatch.setattr(sys, "argv", ["oligomet", self.name, *options])
        with pytest.raises(SystemExit) as exit:
            main()
        shown = self.capsys.readouterr()
        return int(exit.value.code or 0), shown.out, shown.err

    def document(self, *options: str) -> dict[str, Any]:
        status, out, _ = self(*options, "--json")
        assert status == 0

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is no JSON")

        found: dict[str, Any] = json.loads(out, parse_constant=refuse)
        return found


@pytest.fixture
def survival(cohort: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", cohort)
    return Command(monkeypatch, capsys)


@pytest.mark.parametrize("options", [(), ("--by", "multiple_lesions"), ("--endpoint", "rfs", "--origin", "ned")])
def test_the_document(survival: Command, options: tuple[str, ...]) -> None:
    found = survival.document(*options)
    assert set(found) >= KEYS
    assert found["by"] == (options[1] if "--by" in options else None)
    assert found["patients"] == found["n"] + sum(found["excluded"].values())
    assert found["n"] == sum(group["n"] for group in found["groups"]) > 20
    assert found["events"] == sum(group["events"] for group in found["groups"]) > 5
    assert len(found["groups"]) == len(found["rmst"]) == (2 if "--by" in options else 1)
    assert (found["logrank"]["p"] is not None) is ("--by" in options)
    for group in found["groups"]:
        assert set(group) >= GROUP
        assert [rate["months"] for rate in group["rates"]] == [12, 36, 60, 120]
        assert set(group["curve"][0]) == {"day", "at_risk", "events", "censored", "estimate", "ci_low", "ci_high"}
        assert group["events"] == sum(row["events"] for row in group["curve"])
        estimates = [row["estimate"] for row in group["curve"]]
        assert estimates == sorted(estimates, reverse=True)


def test_the_default_is_overall_survival_from_the_first_lung_resection(survival: Command) -> None:
    found = survival.document()
    assert (found["endpoint"], found["origin"], found["delayed_entry"]) == ("os", "lung_resection", True)
    assert found == survival.document("--endpoint", "os", "--origin", "lung_resection")


def test_late_enrollments_and_centers(survival: Command) -> None:
    late, early = survival.document(), survival.document("--no-delayed-entry")
    assert early["delayed_entry"] is False
    assert early["groups"][0]["curve"][0]["at_risk"] > late["groups"][0]["curve"][0]["at_risk"]
    centers = {group["label"]: group["n"] for group in survival.document("--by", "center_id")["groups"]}
    name = max(centers, key=centers.__getitem__)
    assert survival.document("--center", name)["n"] == centers[name] < late["n"]


def test_an_earlier_data_cut_has_fewer_events(survival: Command) -> None:
    now, then = survival.document(), survival.document("--data-cut", "2020-12-31")
    assert then["data_cut"] == "2020-12-31"
    assert 0 < then["events"] < now["events"]
    assert then["n"] < now["n"]
    nobody = survival.document("--data-cut", "2000-01-01")
    assert (nobody["n"], nobody["events"], nobody["groups"], nobody["rmst"]) == (0, 0, [], [])
    assert nobody["logrank"] == {"statistic": None, "df": None, "p": None}


def test_a_landmark_allows_what_is_refused_without_it(survival: Command) -> None:
    asked = ("--origin", "lung_diagnosis", "--by", "lobectomy")
    status, out, err = survival(*asked, "--json")
    assert (status, out) == (1, "")
    assert "immortal" in err
    assert "--landmark-months" in err
    found = survival.document(*asked, "--landmark-months", "6")
    assert found["landmark_day"] == 183
    assert found["excluded"]["ends_before_landmark"] > 0


@pytest.mark.parametrize("format", FORMATS)
def test_figures(survival: Command, tmp_path: Path, format: str) -> None:
    path = tmp_path / f"os.{format}"
    status, out, err = survival("--by", "high_cea", "--figure", str(path), "--json")
    assert status == 0
    assert json.loads(out)["by"] == "high_cea"
    assert "os." in err
    assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])


def test_the_curves_as_csv(survival: Command, tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    found = survival.document("--by", "sex", "--curve-csv", str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = [(group["label"], row) for group in found["groups"] for row in group["curve"]]
    assert len(rows) == len(expected)
    for row, (label, want) in zip(rows, expected, strict=True):
        assert row["group"] == label
        for column, value in want.items():
            assert (float(row[column]) if row[column] else None) == value


def test_for_people(survival: Command) -> None:
    status, out, err = survival("--by", "short_dfi")
    assert (status, err) == (0, "")
    for words in ("Overall survival", "first radical lung resection", "Data cut", "Log-rank test", "Flow", "left out"):
        assert words in out


@pytest.mark.parametrize("endpoint", COMPETING)
def test_cumulative_incidence(survival: Command, tmp_path: Path, endpoint: str) -> None:
    by = "sex" if endpoint == "recurrence" else "modality"
    path = tmp_path / "curves.csv"
    found = survival.document("--endpoint", endpoint, "--by", by, "--no-delayed-entry", "--curve-csv", str(path))
    assert set(found) >= KEYS | {"gray", "trend", "pairwise", "unit"}
    assert found["unit"] == ("patient" if endpoint == "recurrence" else "treatment")
    assert (found["logrank"], found["trend"], found["rmst"]) == (None, None, [])
    assert 0 <= found["gray"]["p"] <= 1
    assert found["gray"]["df"] == len(found["groups"]) - 1
    for group in found["groups"]:
        assert set(group) >= GROUP | {"competing"}
        estimates = [row["estimate"] for row in group["curve"]]
        assert estimates == sorted(estimates)
        assert group["events"] + group["competing"] + sum(row["censored"] for row in group["curve"]) == group["n"]
        assert group["competing"] == sum(row["competing"] for row in group["curve"])
    assert "competing" in path.read_text(encoding="utf-8").splitlines()[0]
    late = survival.document("--endpoint", endpoint, "--by", by)
    assert late["gray"] is None
    assert late["pairwise"] == []
    status, out, _ = survival("--endpoint", endpoint, "--by", by)
    assert status == 0
    for words in ("Cumulative incidence", "deaths without it", "Gray's test"):
        assert words in out


def test_tests_over_ordered_groups_within_centers(survival: Command) -> None:
    plain, within = survival.document("--by", "ecog"), survival.document("--by", "ecog", "--stratify", "center")
    assert (plain["stratify"], within["stratify"]) == (None, "center")
    for test in ("logrank", "trend"):
        assert plain[test]["statistic"] != within[test]["statistic"]
    assert plain["trend"]["df"] == 1
    assert plain["gray"] is None
    assert [group["curve"] for group in plain["groups"]] == [group["curve"] for group in within["groups"]]
    groups = len(plain["groups"])
    assert len(plain["pairwise"]) == groups * (groups - 1) // 2
    for pair in plain["pairwise"]:
        assert set(pair) == {"labels", "statistic", "df", "p", "p_holm"}
        assert pair["p"] is None or pair["p"] <= pair["p_holm"] <= 1
    assert survival.document("--by", "sex")["pairwise"] == []
    assert survival.document("--by", "sex")["trend"] is None
    status, out, _ = survival("--by", "ecog", "--stratify", "center")
    assert status == 0
    for words in ("stratified by center", "Test for trend", "after Holm", "less"):
        assert words in out


def test_means_to_a_horizon_and_other_limits(survival: Command) -> None:
    found = survival.document("--by", "sex", "--rmst-months", "36", "--conf-type", "plain")
    assert [mean["horizon_days"] for mean in found["rmst"]] == [36 * 30.4375] * 2
    (difference,) = found["rmst_differences"]
    first, second = (mean["estimate_days"] for mean in found["rmst"])
    assert difference["estimate_days"] == pytest.approx(second - first)
    assert difference["ci_low"] < difference["estimate_days"] < difference["ci_high"]
    assert 0 <= difference["p"] <= 1
    usual = survival.document("--by", "sex")
    assert (found["conf_type"], usual["conf_type"]) == ("plain", "log-log")
    assert found["groups"][0]["rates"][0]["estimate"] == usual["groups"][0]["rates"][0]["estimate"]
    assert found["groups"][0]["rates"][0]["ci_low"] != usual["groups"][0]["rates"][0]["ci_low"]
    beyond = survival.document("--by", "sex", "--rmst-months", "900")
    assert beyond["rmst_differences"][0]["estimate_days"] is None


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--endpoint", "local_failure", "--by", "lobectomy"), 1, "immortal"),
        (("--by", "modality"), 2, "local_failure"),
        (("--stratify", "sex"), 2, "no such stratum"),
        (("--conf-type", "logit"), 2, "no such scale"),
        (("--rmst-months", "0"), 2, "horizon"),
        (("--from-daytables",), 1, "no day table"),
        (("--from-daytables", "no.csv"), 2, "cannot be read"),
        (("os.csv",), 2, "--from-daytables"),
        (("--figure", "os.pdf", "--data-cut", "2000-01-01"), 1, "nobody to draw"),
        (("--by", "site", "--figure", "os.pdf", "--origin", "primary_diagnosis"), 1, "groups"),
        (("--endpoint", "dfs"), 2, "no such endpoint"),
        (("--origin", "birth"), 2, "no such origin"),
        (("--by", "multiple_lesion"), 2, "Did you mean multiple_lesions"),
        (("--landmark-months", "-3"), 2, "landmark"),
        (("--center", "ZZ"), 2, "No patient is of this center"),
        (("--data-cut", "31.12.2024"), 2, "YYYY-MM-DD"),
        (("--figure", "os.gif"), 2, "format"),
        (("--nonsense",), 2, "nonsense"),
        (("--curve-csv", "no/such/folder/curve.csv"), 3, "cannot be written"),
    ],
)
def test_what_is_refused(survival: Command, tmp_path: Path, options: tuple[str, ...], status: int, words: str) -> None:
    survival.monkeypatch.chdir(tmp_path)
    got, out, err = survival(*options, "--json")
    assert (got, out) == (status, "")
    assert words in err
    assert "Traceback" not in err
    assert list(tmp_path.glob("os.*")) == []


def test_without_a_registry(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = Command(monkeypatch, capsys)("--json")
    assert (status, out) == (3, "")
    assert "init" in err


def test_an_empty_registry(
    sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = Command(monkeypatch, capsys).document("--by", "high_cea")
    assert (found["n"], found["patients"], found["groups"]) == (0, 0, [])
