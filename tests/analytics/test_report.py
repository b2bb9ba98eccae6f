"""The report: one file that needs nothing else, escapes everything, says what the commands say, and names nobody."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from analytics.audit.proportions import percent
from analytics.cohort import Cohort, cohort_at
from analytics.consensus.readings import Readings
from analytics.report.material import Material, Settings
from analytics.report.page import page
from analytics.report.quality_data import quality_of_tables
from analytics.report.sections import SECTIONS
from analytics.report.small import OTHER, SUPPRESSED, Small
from analytics.source import provenance
from dashboard.cli import main
from registry import cells
from registry.tables import TABLES
from tests.analytics.hand import Registry, operated
from tests.analytics.parsed import Parsed
from tests.analytics.simulated import simulated
from tests.registry import rows


def material(cohort: Cohort, **settings: Any) -> Material:
    chosen = Settings(**settings)
    return Material(cohort, chosen, provenance(cohort), quality_of_tables(cohort).of(chosen.center))


def sections(made: Material, *names: str) -> Parsed:
    """Some sections; drawing them all takes seconds."""
    return Parsed("".join(SECTIONS[name][1](made).text for name in names))


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    return simulated(tmp_path_factory.mktemp("report"), patients=180, seed=5).cohort


@pytest.fixture(scope="module")
def made(cohort: Cohort) -> Material:
    return material(cohort)


@pytest.fixture(scope="module")
def text(made: Material) -> str:
    return page(made)


@pytest.fixture(scope="module")
def parsed(text: str) -> Parsed:
    return Parsed(text)


@pytest.fixture(scope="module")
def all_shown(cohort: Cohort) -> tuple[Material, Parsed]:
    """The sections with counts in their tables, with all small numbers shown."""
    made = material(cohort, min_cell=1)
    return made, sections(made, "flow", "patients", "consensus", "quality")


# The file.


def test_it_needs_nothing_else(text: str, parsed: Parsed) -> None:
    assert not re.search(r"https?://|@import|<script|<link|<iframe|<img|src=", text)
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert {attributes["href"][0] for _, attributes in parsed.elements if "href" in attributes} == {"#"}
    assert len(text) < 6_000_000


def test_sections_stand_in_their_order_and_are_linked(parsed: Parsed) -> None:
    assert [attributes["id"] for attributes in parsed.of("section")] == list(SECTIONS)
    links = [attributes["href"] for attributes in parsed.of("a")]
    assert links == [f"#{anchor}" for anchor in SECTIONS]
    assert not parsed.open


def test_ids_are_unique_and_every_reference_has_one(text: str, parsed: Parsed) -> None:
    ids = [attributes["id"] for _, attributes in parsed.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', text))
    assert used <= set(ids)


def test_tables_have_captions_and_heads_and_figures_have_words(parsed: Parsed) -> None:
    assert len(parsed.tables) > 20
    assert "" not in parsed.tables
    assert {attributes.get("scope") for attributes in parsed.of("th")} <= {"col", "row", "colgroup"}
    drawings = parsed.of("svg")
    assert len(drawings) > 12
    assert all(attributes["role"] == "img" and len(attributes["aria-label"]) > 40 for attributes in drawings)
    assert len(parsed.of("figcaption")) == len(drawings)


def test_figures_take_the_colors_of_the_page(text: str) -> None:
    drawings = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert "var(--g0)" in drawings
    assert not re.search(r"#[0-9a-fA-F]{6}", drawings)


# Numbers.


def test_survival_is_that_of_the_command(made: Material, parsed: Parsed) -> None:
    rows = {row[0]: row[1:] for row in parsed.tables["Survival in numbers"]}
    for at, result in enumerate((made.overall, made.recurrence_free, made.from_diagnosis)):
        said = result.to_dict()
        group = said["groups"][0]
        assert rows["Patients"][at] == f"{said['n']:,}"
        assert rows["Events"][at] == f"{said['events']:,}"
        for rate in group["rates"]:
            words = "1 year, %" if rate["months"] == 12 else f"{rate['months'] // 12} years, %"
            shown = "–" if rate["estimate"] is None else percent(rate["estimate"])
            assert rows[words][at].startswith(shown)
            left = f"{rate['at_risk']:,}" if (rate["at_risk"] or 0) >= 5 else "< 5"
            assert rate["estimate"] is None or rows[words][at].endswith(f") {left} at risk")


def test_rules_are_those_of_the_command(made: Material, parsed: Parsed) -> None:
    documents = {document["rule_id"]: document for document in made.adherence.documents()}
    rows = {row[0].split()[0]: row for table in parsed.tables.values() for row in table if table[0][:3] == _RULE_HEADS}
    del rows["Rule"]
    shown = 0
    for id, row in rows.items():
        said = documents[id]
        assert row[1] == said["strength"]
        matched = re.fullmatch(r"([\d,]+) of ([\d,]+)", row[2])
        if matched is None or said["rate"] is None:
            continue
        shown += 1
        met, cases = (int(part.replace(",", "")) for part in matched.groups())
        assert met / cases == pytest.approx(said["rate"])
        assert row[3] == f"{percent(said['rate'])} ({100 * said['ci_low']:.1f} to {100 * said['ci_high']:.1f})"
    assert shown > 20
    silent = {id for id, said in documents.items() if set(rows).isdisjoint({id})}
    assert all(sum(n for name, n in documents[id]["counts"].items() if name != "not_applicable") == 0 for id in silent)


_RULE_HEADS = ["Rule", "Class", "Score"]


def test_centers_are_those_of_the_command(all_shown: tuple[Material, Parsed]) -> None:
    made, parsed = all_shown
    said = {center["label"]: center for center in made.casemix_of_all.to_dict()["centers"]}
    lines = parsed.tables["Observed and expected deaths by center, from the diagnosis of lung metastases"][1:]
    assert [line[0] for line in lines] == list(said)
    for label, n, _, observed, expected, ratio, _ in lines:
        center = said[label]
        assert (n, observed) == (f"{center['n']:,}", f"{center['observed']:,}")
        assert expected == f"{center['expected']:.1f}"
        assert ratio == "–" or ratio.startswith(f"{center['ratio']:.2f} ")


def test_hazard_ratios_are_those_of_the_command(made: Material, parsed: Parsed) -> None:
    said = made.table1.to_dict()
    rows = {row[0]: row for row in parsed.tables["Hazard ratios of death"][1:]}
    found = 0
    for factor in said["factors"]:
        for term in factor["univariable"]:
            row = rows.get(f"{term['words']} vs {term['against']}")
            if row is not None and term["hr"] is not None:
                found += 1
                assert row[1].startswith(f"{term['hr']:.2f} (")
                assert all(f"{one['hr']:.2f}" in row[5] for one in factor["published"])
    assert found > 5


def test_the_summary_has_ten_lines_that_agree_with_the_rest(made: Material, text: str, parsed: Parsed) -> None:
    summary = Parsed(text[text.index('<ol class="summary">') : text.index("</ol>", text.index('<ol class="summary">'))])
    assert len(summary.of("li")) == 10
    assert f"{made.overall.n:,} are analyzed" in summary.text
    (rate,) = made.after_resection.curves[0].rates((60,))
    assert percent(rate.estimate) in summary.text
    assert "it is no target" in summary.text


# Small numbers, and nobody named.


def test_no_patient_is_named(cohort: Cohort, text: str) -> None:
    found = set(re.findall(r"[\w-]+", text))
    assert found.isdisjoint(cohort.frames["patient"]["patient_id"])


def _small_counts(parsed: Parsed) -> list[tuple[str, str]]:
    """The counts from 1 to 4 in the tables, those that follow from a part and its whole too."""
    found = []
    for caption, (heads, *lines) in parsed.tables.items():
        for row in lines:
            for head, cell in zip(heads[1:], row[1:], strict=False):
                counts = [int(cell.replace(",", ""))] if re.fullmatch(r"[\d,]+", cell) else []
                if parts := re.fullmatch(r"([\d,]+) of ([\d,]+)", cell):
                    met, cases = (int(part.replace(",", "")) for part in parts.groups())
                    counts = [met, cases - met, cases]
                if head not in ("Centers", "Setting") and any(0 < count < 5 for count in counts):
                    found.append((caption, cell))
    return found


def test_small_numbers_are_hidden_unless_asked_for(parsed: Parsed, all_shown: tuple[Material, Parsed]) -> None:
    assert _small_counts(parsed) == []
    assert "< 5" in parsed.text
    _, shown = all_shown
    assert len(_small_counts(shown)) > 20
    assert SUPPRESSED not in shown.text


def test_the_rule_for_small_numbers() -> None:
    small = Small(5)
    assert [small.count(n) for n in (0, 1, 4, 5, 1200)] == ["0", "< 5", "< 5", "5", "1,200"]
    assert small.of(2, 120) == "< 5 of 120"
    assert small.of(118, 120) == "> 115 of 120"
    assert small.of(3, 6) == small.of(1, 3) == SUPPRESSED
    assert small.of(0, 9) == "0 of 9"
    assert small.share(2, 120) == "< 4.2 %"
    assert small.share(118, 120) == "> 95.8 %"
    assert small.share(60, 120, 0.41, 0.59) == "50.0 % (41.0 to 59.0)"
    assert small.share(0, 0) == "–"
    assert small.column([30, 2, 9, 0]) == ["30", "< 5", SUPPRESSED, "0"]
    assert small.column([30, 2, 1, 0]) == ["30", "< 5", "< 5", "0"]
    assert small.flow({"a": 9, "b": 2}) == {"a": "9", "b": "< 5"}
    assert small.flow({"a": 9, "b": 2, "c": 4}) == {"a": "9", OTHER: "6"}
    assert Small(1).of(2, 3) == "2 of 3"


# Settings.


def test_the_report_of_a_center_names_no_other(cohort: Cohort) -> None:
    centers = sorted(cohort.frames["patient"]["center_id"].unique())
    own = cohort.frames["patient"]["center_id"].value_counts().index[0]
    found = sections(material(cohort, center=own), "flow", "consensus", "adherence", "quality")
    words = set(re.findall(r"\w+", found.text + " ".join(one["aria-label"] for one in found.of("svg"))))
    assert words & set(centers) == {own}
    assert "own center" in found.text


def test_what_somebody_wrote_is_escaped_and_settings_are_said() -> None:
    bad = "<script>alert('x')</script>"
    registry = Registry()
    for at in range(6):
        operated(f"P{at}", registry, center_id=bad).died("2021-05-05", f"P{at}")
    for at in range(6, 12):
        operated(f"P{at}", registry, center_id="B&B")
    registry.rows["center"] = [{"center_id": bad, "name": bad}]
    readings = Readings.from_toml("same_episode_days = 0")
    text = page(material(_cohort(registry).read_by(readings), title=f"{bad} & more", min_cell=1, theme="dark"))
    assert "<script" not in text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; more" in text
    assert "B&amp;B" in text
    parsed = Parsed(text)
    assert bad in parsed.text
    assert '<html lang="en" data-theme="dark">' in text
    assert "changed: same_episode_days" in parsed.text
    rows = {row[0]: row[1] for row in parsed.tables["Readings"]}
    assert rows["same episode days"] == "0 (changed; by default 31)"


# Small cohorts.


def _cohort(registry: Registry) -> Cohort:
    return cohort_at(registry.frames(), dt.date(2025, 12, 31))


def _some(patients: int) -> Registry:
    registry = Registry()
    for at in range(patients):
        operated(f"P{at}", registry, center_id="AB"[at % 2])
        if at % 2:
            registry.died(f"202{at % 4}-11-05", f"P{at}")
    return registry


@pytest.mark.parametrize(("patients", "min_cell"), [(0, 5), (1, 1), (5, 5)])
def test_small_cohorts_have_a_report(patients: int, min_cell: int) -> None:
    made = material(_cohort(_some(patients)), min_cell=min_cell)
    parsed = Parsed(page(made))
    assert [attributes["id"] for attributes in parsed.of("section")] == list(SECTIONS)
    if not patients:
        assert "There is no patient in the registry yet" in parsed.text
        assert "Nobody can be analyzed" in parsed.text
    if min_cell > 1:
        assert _small_counts(parsed) == []


def test_without_lung_operations_sections_say_why() -> None:
    registry = Registry()
    for at in range(8):
        registry.patient(f"P{at}").row("episode", f"P{at}", detected_on="2020-01-10", lung_involved="no")
        registry.operation(patient_id=f"P{at}", target="liver")
    found = Parsed(page(material(_cohort(registry))))
    for words in (
        "No patient has a radical lung resection from which to count",
        "from the first radical resection of a metastasis instead",
        "so there is nothing to lay beside",
        "There is a single center",
        "No episode has lung metastases",
        "Nobody can be analyzed from the diagnosis of lung metastases",
    ):
        assert words in found.text
    drawn = [one["aria-label"] for one in found.of("svg")]
    assert len(drawn) >= 3
    assert not any("lung resection" in words for words in drawn)


# The command.


Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Calls the command in this process, as the console script does."""

    def call(*options: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["oligomet", *options])
        with pytest.raises(SystemExit) as exit:
            main()
        shown = capsys.readouterr()
        return int(exit.value.code or 0), shown.out, shown.err

    return call


def test_the_command_writes_a_file_and_a_snapshot_gives_the_same_bytes(
    sqlite_engine: Engine, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLIGOMET_HOME", str(tmp_path))
    rows.fill(sqlite_engine)
    assert command("snapshot", "create", "paper", "--data-cut", "2024-12-31")[0] == 0
    paths = [tmp_path / name for name in ("a.html", "b.html", "c.html")]
    for path, source in zip(paths, (("--data-cut", "2024-12-31"), *[("--snapshot", "paper")] * 2), strict=True):
        status, out, err = command("report", str(path), "--min-cell", "1", *source)
        assert (status, out) == (0, ""), err
        assert "Wrote" in err
    assert paths[1].read_bytes() == paths[2].read_bytes()
    of_registry, of_snapshot = (Parsed(path.read_text(encoding="utf-8")) for path in paths[:2])
    assert len(of_snapshot.of("svg")) > 3
    assert "Made from the snapshot paper" in of_snapshot.text
    assert "A snapshot holds no trail of entries" in of_snapshot.text
    assert "Timeliness by center" in of_registry.tables
    assert of_registry.tables["Survival in numbers"] == of_snapshot.tables["Survival in numbers"]
    assert "P1" not in set(re.findall(r"\w+", of_registry.text))


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (("--theme", "pink"), 2, "no such theme"),
        (("--center", "Z"), 2, "No patient is of this center"),
        (("--origin", "birth"), 2, "no such origin"),
        (("--min-cell", "0"), 2, "min-cell"),
        (("--snapshot", "none"), 2, "snapshot"),
    ],
)
def test_wrong_usage(
    sqlite_engine: Engine, command: Command, tmp_path: Path, options: tuple[str, ...], status: int, words: str
) -> None:
    got, out, err = command("report", str(tmp_path / "a.html"), *options)
    assert (got, out) == (status, "")
    assert words in " ".join(err.split())
    assert not (tmp_path / "a.html").exists()


def test_a_place_that_cannot_be_written(sqlite_engine: Engine, command: Command, tmp_path: Path) -> None:
    status, _, err = command("report", str(tmp_path / "no" / "such.html"))
    assert status == 3
    assert "no such folder" in err


def test_every_table_of_the_registry_is_read() -> None:
    assert set(cells.frames({})) >= set(TABLES)
