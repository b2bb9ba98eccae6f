"""`oligomet adherence` as others call it: its documents, lists, files, figures and exit statuses."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from analytics.consensus.rules import CHAPTERS, RULES
from analytics.figures.style import FORMATS
from registry import schema, simulate
from registry.access import Actor, Role
from registry.actions import import_source
from registry.database import open_engine
from registry.exchange.formats import open_source
from tests.analytics.test_survival_command import Command

KEYS = {
    "rule_id",
    "title",
    "source",
    "strength",
    "scored",
    "counts",
    "rate",
    "ci_low",
    "ci_high",
    "bound_low",
    "bound_high",
    "completeness",
}
DRAWN = [("--by", "center"), ("--by", "quarter"), ()]
LINE = {"patient_id", "episode_no", "rule_id", "part", "outcome", "because", "version", "readings"}


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a registry with a simulated cohort, for reading only."""
    folder = tmp_path_factory.mktemp("adherence")
    simulate.simulate(folder / "data", patients=60, seed=3)
    url = f"sqlite:///{folder / 'registry.db'}"
    engine = open_engine(url)
    schema.create_or_upgrade(engine)
    by = Actor("somebody", Role.ADMINISTRATOR)
    assert not import_source(engine, open_source(folder / "data", None), by=by, reason=None).problems
    engine.dispose()
    return url


@pytest.fixture
def adherence(cohort: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", cohort)
    monkeypatch.setenv("COLUMNS", "160")
    return Command(monkeypatch, capsys, "adherence")


def test_the_document(adherence: Command) -> None:
    found: list[dict[str, Any]] = adherence.document()  # type: ignore[assignment]
    assert [document["rule_id"] for document in found] == list(RULES)
    for document in found:
        assert document.keys() >= KEYS
        assert document["rate"] is None or 0 <= document["rate"] <= 1
    some = {document["rule_id"]: document for document in adherence.document("--rule", "IMG1", "--rule", "FUP2")}
    assert list(some) == ["IMG1", "FUP2"]
    assert some["IMG1"] == next(document for document in found if document["rule_id"] == "IMG1")


def test_the_cases_are_those_of_the_document(adherence: Command) -> None:
    lines: list[dict[str, Any]] = adherence.document("--cases")  # type: ignore[assignment]
    assert all(line.keys() == LINE for line in lines)
    windowed = [rule.id for rule in RULES.values() if rule.by_window]
    counts = Counter(
        (line["rule_id"], line["outcome"]) for line in lines if line["part"] is None or line["rule_id"] in windowed
    )
    for document in adherence.document():
        rule_id = document["rule_id"]
        if rule_id not in ("GEN7", "FUP5"):
            assert document["counts"] == {name: counts[rule_id, name] for name in document["counts"]}
    assert not {line["rule_id"] for line in lines} & {"GEN7", "FUP5"}
    explained = [line for line in lines if line["outcome"] not in ("not_applicable", "adherent", "excluded")]
    assert all(line["because"] for line in explained)


def test_a_list_of_cases_for_people(adherence: Command) -> None:
    options = ("--cases", "--rule", "MOL2", "--outcome", "non_adherent", "--center", "C01")
    lines: list[dict[str, Any]] = adherence.document(*options)  # type: ignore[assignment]
    assert lines
    assert {(line["rule_id"], line["outcome"]) for line in lines} == {("MOL2", "non_adherent")}
    status, out, _ = adherence(*options)
    assert status == 0
    for line in lines:
        assert f"{line['patient_id']}, episode {line['episode_no']}  MOL2  non adherent" in out
        assert all(because in out for because in line["because"])
    assert out.endswith(f"{len(lines)} lines\n")
    _, everything, _ = adherence("--cases", "--rule", "MOL2", "--rule", "POT2")
    assert "not applicable" not in everything
    assert adherence("--cases", "--rule", "REC4", "--outcome", "taken")[1] == "No such case.\n"


def test_tables_for_people(adherence: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, err = adherence()
    assert (status, err) == (0, "")
    for chapter in ("General, MDT and registry", "Follow-up", "Metachronous"):
        assert chapter in out
    for word in ("undet.", "pend.", "compl., %", "The text prints no target"):
        assert word in out
    (document,) = adherence.document("--rule", "IMG1")
    assert f"{100 * document['rate']:.1f} (" in out
    monkeypatch.setenv("COLUMNS", "80")
    narrow = adherence("--chapter", "imaging")[1]
    assert "undet." in narrow
    assert "pend." not in narrow
    assert "…" not in narrow


@pytest.mark.parametrize("by", ["center", "quarter", "route", "large_tumor"])
def test_divided(adherence: Command, by: str) -> None:
    (document,) = adherence.document("--rule", "GEN1", "--by", by)
    assert document["by"] == by
    assert sum(group["population"] for group in document["groups"]) == document["population"]
    out = adherence("--rule", "GEN1", "--by", by)[1]
    assert all(f"  {group['group']}" in out for group in document["groups"])


def test_chapters_strengths_and_bundles(adherence: Command) -> None:
    imaging = adherence.document("--chapter", "imaging", "--strength", "X")
    assert [document["rule_id"] for document in imaging] == ["IMG2", "ASM7"]
    assert len(adherence.document("--chapter", "follow-up")) == len(CHAPTERS["Follow-up"])
    bundles = adherence.document("--bundles", "--by", "year")
    assert [document["bundle_id"] for document in bundles] == ["WORKUP", "MOLECULAR", "MDT", "SURVEILLANCE"]
    assert "SURVEILLANCE" in adherence("--bundles")[1]


def test_readings_and_the_data_cut_change_what_is_found(adherence: Command, tmp_path: Path) -> None:
    strict = tmp_path / "strict.toml"
    strict.write_text("surveillance_half_yearly_tolerance = 1\n", encoding="utf-8")
    (usual,), (narrow,) = (
        adherence.document("--rule", "FUP2"),
        adherence.document("--rule", "FUP2", "--readings", str(strict)),
    )
    assert narrow["counts"]["adherent"] < usual["counts"]["adherent"]
    assert "surveillance_half_yearly_tolerance" in adherence("--rule", "FUP2", "--readings", str(strict))[1]
    (earlier,) = adherence.document("--rule", "GEN1", "--data-cut", "2018-12-31")
    (now,) = adherence.document("--rule", "GEN1")
    assert 0 < earlier["population"] < now["population"]


@pytest.mark.parametrize(("format", "by"), list(zip(FORMATS, DRAWN, strict=True)))
def test_figures(adherence: Command, tmp_path: Path, format: str, by: tuple[str, ...]) -> None:
    path = tmp_path / f"img1.{format}"
    status, _, err = adherence("--rule", "IMG1", *by, "--figure", str(path), "--json")
    assert status == 0
    assert "img1." in err
    assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[format])


def test_the_figures_as_csv(adherence: Command, tmp_path: Path) -> None:
    path = tmp_path / "adherence.csv"
    found = adherence.document("--by", "center", "--csv", str(path))
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    whole = [row for row in rows if not (row["group"] or row["part"] or row["beside"])]
    assert [row["rule_id"] for row in whole] == list(RULES)
    for row, document in zip(whole, found, strict=True):
        assert (float(row["rate"]) if row["rate"] else None) == document["rate"]
    assert sum(row["rule_id"] == "GEN1" for row in rows) == 1 + len(found[0]["groups"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--rule", "IMG99"), "no such rule"),
        (("--chapter", "nothing"), "no such chapter"),
        (("--strength", "Z"), "no such strength"),
        (("--rule", "IMG1", "--strength", "W"), "No rule is left"),
        (("--center", "nowhere"), "no such center"),
        (("--by", "weather"), "no such division"),
        (("--from", "yesterday"), "--from is not a date"),
        (("--outcome", "adherent"), "goes with --cases only"),
        (("--cases", "--outcome", "good"), "no such outcome"),
        (("--cases", "--center", "nowhere"), "no such center"),
        (("--cases", "--by", "center"), "does not go with --cases"),
        (("--readings", "/nowhere.toml"), "cannot be read"),
        (("--figure", "x.png"), "of one rule"),
        (("--rule", "IMG1", "--figure", "x.txt"), "not written in this format"),
        (("--rule", "IMG1", "--by", "route", "--figure", "x.png"), "no figure of this division"),
    ],
)
def test_wrong_usage(adherence: Command, options: tuple[str, ...], said: str) -> None:
    status, out, err = adherence(*options, "--json")
    assert (status, out) == (2, "")
    assert said in err.replace("\n", " ")


def test_a_figure_that_cannot_be_written(adherence: Command, tmp_path: Path) -> None:
    status, _, err = adherence("--rule", "IMG1", "--figure", str(tmp_path / "no" / "x.png"))
    assert status == 3
    assert "cannot be written" in err


def test_nothing_to_draw_is_refused(adherence: Command, tmp_path: Path) -> None:
    status, out, err = adherence("--rule", "FUP5", "--by", "center", "--figure", str(tmp_path / "x.png"), "--json")
    assert (status, out) == (1, "")
    assert "no center to draw" in err


@pytest.mark.parametrize("command", ["adherence", "benchmarks"])
def test_without_a_registry(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    status, out, err = Command(monkeypatch, capsys, command)("--json")
    assert (status, out) == (3, "")
    assert "oligomet init" in err


def test_the_measure_report(cohort: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OLIGOMET_DATABASE_URL", cohort)
    command = Command(monkeypatch, capsys, "measure-report")
    report = command.document("IMG1", "--center", "C01", "--from", "2018-01-01", "--until", "2020-12-31")
    assert report["resourceType"] == "MeasureReport"
    assert report["period"] == {"start": "2018-01-01", "end": "2020-12-31"}
    assert json.loads(command("IMG1")[1])["group"][0]["population"][0]["count"] > 0
    assert command("NONE")[0] == 2
