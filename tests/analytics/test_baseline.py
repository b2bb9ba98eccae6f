"""The table of patients: against R, against counting by hand, and what is hidden stays hidden."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linprog

from analytics import standardized
from analytics.baseline import Baseline, baseline
from analytics.baseline_rows import Row
from analytics.baseline_text import frame, lines, to_docx, to_html
from analytics.outcomes import survival_analysis
from analytics.suppression import hidden
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.conftest import Command
from tests.analytics.hand import CUT, Registry, operated

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "reference" / "baseline.json").read_text(encoding="utf-8")
)
DATA = {"data_cut": CUT, "fingerprint": "0" * 64, "snapshot": None}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def near(expected: float | None) -> Any:
    return pytest.approx(expected, rel=1e-9, abs=1e-12)


# Standardized differences.


@pytest.mark.parametrize("name", REFERENCE["numbers"])
def test_the_difference_of_numbers_is_that_of_r(name: str) -> None:
    case = REFERENCE["numbers"][name]
    first, second = np.array(case["first"], dtype=float), np.array(case["second"], dtype=float)
    assert standardized.of_numbers(first, second) == near(case["difference"])
    assert standardized.of_numbers(second, first) == near(case["difference"])


@pytest.mark.parametrize("name", REFERENCE["levels"])
def test_the_difference_of_levels_is_that_of_r(name: str) -> None:
    case = REFERENCE["levels"][name]
    first, second = np.array(case["first"]), np.array(case["second"])
    assert standardized.of_counts(first, second) == near(case["difference"])
    assert standardized.of_counts(second[::-1], first[::-1]) == near(case["difference"])


def test_there_is_no_difference_where_it_has_no_bound() -> None:
    assert standardized.of_counts(np.array([5, 0]), np.array([0, 7])) is None
    assert standardized.of_counts(np.array([5, 5, 0, 0]), np.array([0, 0, 3, 3])) is None
    assert standardized.of_counts(np.array([0, 0]), np.array([3, 3])) is None
    assert standardized.of_counts(np.array([5, 0]), np.array([9, 0])) == 0
    assert standardized.of_numbers(np.array([1.0]), np.array([1.0, 2.0])) is None
    assert standardized.of_numbers(np.array([1.0, 1.0]), np.array([2.0, 2.0])) is None
    assert standardized.of_numbers(np.array([1.0, 1.0]), np.array([1.0, 1.0])) == 0


def test_of_several_groups_the_largest_difference_is_shown() -> None:
    groups = [np.array([1.0, 2.0]), np.array([4.0, 9.0]), np.array([2.0, 3.0])]
    found = standardized.pairs(groups, standardized.of_numbers)
    assert set(found) == {(0, 1), (0, 2), (1, 2)}
    assert standardized.largest(found) == max(value for value in found.values() if value is not None)
    assert standardized.largest({**found, (0, 3): None}) is None
    assert standardized.largest({}) is None


# The table.


def _cohort() -> Registry:
    """Six operated patients: CEA 2, 4, 4, 9, UNK, blank; five sites known; the fourth is female."""
    registry = Registry()
    for at, cea in enumerate(("2", "4", "4", "9", "UNK", "")):
        name = f"P{at}"
        registry.patient(name, sex="female" if at == 3 else "male", center_id="AB"[at % 2])
        registry.row("primary_tumor", name, site="" if at == 5 else "rectum" if at < 3 else "cecum")
        registry.episode(patient_id=name, cea_ng_ml=cea, lesion_count="NAP" if at == 0 else "2")
        registry.operation(patient_id=name)
    return registry


def _row(table: Baseline, name: str) -> Row:
    return next(row for row in table.rows if row.variable.name == name)


def _levels(row: Row, *, missing: bool) -> dict[str, tuple[int | None, ...]]:
    return {level.words: level.counts for level in row.levels if level.missing is missing}


def test_counts_missing_values_and_quartiles_of_a_table_made_by_hand() -> None:
    table = baseline(_cohort().cohort())
    assert [(group.label, group.n) for group in table.groups] == [("all", 6)]
    assert _levels(_row(table, "sex"), missing=False) == {"female": (1,), "male": (5,)}
    cea = _row(table, "cea")
    assert cea.known == (4,)
    assert _levels(cea, missing=True) == {"unknown": (1,), "not recorded": (1,)}
    assert (cea.summaries[0].q1, cea.summaries[0].median, cea.summaries[0].q3) == (3.5, 4.0, 5.25)
    assert cea.summaries[0].mean == 4.75
    assert _levels(_row(table, "lesion_count"), missing=True) == {"not applicable": (1,)}
    site = _row(table, "site")
    assert _levels(site, missing=False) == {"right colon": (2,), "rectum": (3,)}
    assert _levels(site, missing=True) == {"not recorded": (1,)}
    assert cea.difference is None
    assert not cea.pairs
    shown = frame(table)
    assert shown.loc[shown["level"] == "right colon", "all patients (n = 6)"].item() == "2 (40.0 %)"
    assert shown.loc[shown["level"] == "missing: unknown", "all patients (n = 6)"].item() == "1"


def test_an_interval_that_does_not_apply_is_kept_apart_from_one_that_is_not_known() -> None:
    registry = Registry()
    for name, workup in (("P1", "2020-02-01"), ("P2", "2018-01-01"), ("P3", "")):
        registry.patient(name).row("primary_tumor", name, workup_completed_on=workup, diagnosed_on="2018-01-01")
        registry.row("local_treatment", name, started_on="2018-02-01", target="primary", modality="resection")
        registry.episode(patient_id=name).operation(patient_id=name)
    row = _row(baseline(registry.cohort()), "dfi_months")
    assert row.known == (1,)
    assert _levels(row, missing=True) == {"not applicable": (1,), "undetermined": (1,)}


def test_groups_their_difference_and_who_has_none() -> None:
    cohort = _cohort().cohort()
    table = baseline(cohort, by="high_cea")
    assert [(group.label, group.words, group.n) for group in table.groups] == [
        ("no", "CEA ≤ 5 ng/ml", 3),
        ("yes", "CEA > 5 ng/ml", 1),
        ("all", "all patients", 4),
    ]
    assert table.excluded == {"factor_missing": 2}
    assert table.chosen.patients == table.n + sum(table.excluded.values())
    assert _levels(_row(table, "sex"), missing=False) == {"female": (0, 1, 1), "male": (3, 0, 3)}
    assert _row(table, "sex").difference is None, "the groups share no sex"
    by_center = baseline(cohort, by="center")
    expected = standardized.of_counts(np.array([0, 3]), np.array([1, 2]))
    assert _row(by_center, "sex").difference == near(expected)
    assert expected is not None
    with pytest.raises(StopIteration):
        _row(baseline(cohort, by="sex"), "sex")


@pytest.mark.parametrize("by", ["route", "timing", "period", "center", "sex", "short_dfi", "site"])
def test_every_group_is_of_the_patients_of_the_survival_analysis(by: str, registry: Path) -> None:
    from analytics.baseline import TABLES_READ
    from analytics.source import read_cohort

    cohort = read_cohort(TABLES_READ)
    table = baseline(cohort, by=by)
    assert len(table.groups) > 2
    assert table.n == sum(group.n for group in table.groups[:-1])
    assert table.n + sum(table.excluded.values()) == table.chosen.patients
    assert baseline(cohort).n == survival_analysis(cohort).n
    for row in table.rows:
        for at, group in enumerate(table.groups):
            missing = sum(level.counts[at] or 0 for level in row.levels if level.missing)
            assert (row.known[at] or 0) + missing == group.n
    if by == "site":
        assert table.n == survival_analysis(cohort, by=by).n


def test_the_period_is_that_of_the_origin() -> None:
    registry = operated("P1")
    operated("P2", registry).rows["local_treatment"][-1]["started_on"] = "2021-06-01"
    registry.rows["episode"][-1]["detected_on"] = "2019-12-31"
    operated("P3", registry).rows["local_treatment"][-1]["started_on"] = "2019-12-31"
    registry.rows["episode"][-1]["detected_on"] = "2019-11-30"
    table = baseline(registry.cohort(), by="period")
    assert [(group.label, group.n) for group in table.groups[:-1]] == [("2015-2019", 1), ("2020-2024", 2)]


def test_what_is_settled_after_the_origin_is_left_out_or_refused() -> None:
    cohort = _cohort().cohort()
    table = baseline(cohort, origin="lung_diagnosis")
    assert set(table.left_out) == {"incomplete_resection", "lobectomy"}
    assert baseline(cohort).left_out == ()
    with pytest.raises(AnalysisRefused, match="immortal"):
        baseline(cohort, by="lobectomy", origin="lung_diagnosis")
    with pytest.raises(UsageError, match=r"high_cea"):
        baseline(cohort, by="high_cae")


def test_a_registry_without_patients_gives_a_table_of_nobody() -> None:
    table = baseline(Registry().patient(consent_status="withdrawn").cohort(), by="sex")
    assert table.n == 0
    assert all(row.known == (0,) and not row.levels for row in table.rows)
    assert len(list(lines(table))) >= len(table.rows)


# Small cells.

TABLES = arrays(np.int64, st.tuples(st.integers(1, 5), st.integers(1, 4)), elements=st.integers(0, 12))


@given(counts=TABLES, min_cell=st.integers(2, 6))
@settings(max_examples=60)
def test_no_small_count_can_be_computed_back(counts: np.ndarray, min_cell: int) -> None:
    """The judge knows the rule: shown counts, both margins, and that what is hidden is at least one."""
    gone = hidden(counts, min_cell)
    everything = np.column_stack([counts, counts.sum(axis=1)])
    small = (everything > 0) & (everything < min_cell)
    assert np.all(gone[small])
    assert not np.any(gone & (everything == 0))
    groups = counts.shape[1]
    cells = [(int(row), int(column)) for row, column in np.argwhere(gone[:, :groups])]
    if np.all(gone[:, :groups] == (counts > 0)):
        return  # everything is hidden: nothing is shown that could give a count away
    equations = [[float(column == at) for _, column in cells] for at in range(groups)]
    sums = [float(sum(counts[cell] for cell in cells if cell[1] == at)) for at in range(groups)]
    for row in range(len(counts)):
        if groups > 1 and not gone[row, -1]:
            equations.append([float(at == row) for at, _ in cells])
            sums.append(float(sum(counts[cell] for cell in cells if cell[0] == row)))
    goals = [[float(other == cell) for other in cells] for cell in cells if small[cell]]
    goals += [[float(at == row) for at, _ in cells] for row in range(len(counts)) if groups > 1 and small[row, -1]]
    for goal in map(np.array, goals):
        ends = [
            linprog(sign * goal, A_eq=np.array(equations), b_eq=np.array(sums), bounds=(1, None)) for sign in (1, -1)
        ]
        assert ends[0].status == 0
        assert ends[1].status == 3 or -ends[1].fun - ends[0].fun > 0.5, (counts, gone, goal)


def test_the_cheapest_further_counts_are_hidden() -> None:
    counts = np.array([[2, 50, 60], [20, 40, 9], [30, 30, 30]])
    gone = hidden(counts, 5)
    assert gone.tolist() == [[True, False, True, False], [True, False, True, False], [False] * 4]
    assert not hidden(np.array([[20, 30], [40, 50]]), 5).any()
    assert hidden(np.array([[3], [40], [9]]), 5)[:, 0].tolist() == [True, False, True]


def test_a_limit_hides_counts_percentages_and_differences(registry: Path) -> None:
    from analytics.baseline import TABLES_READ
    from analytics.source import read_cohort

    cohort = read_cohort(TABLES_READ)
    table, whole = (baseline(cohort, by="short_dfi", min_cell=limit) for limit in (5, None))
    assert any(row.is_hidden for row in table.rows)
    assert not any(row.is_hidden for row in whole.rows)
    for row, open_row in zip(table.rows, whole.rows, strict=True):
        of_words = {level.words: level.counts for level in open_row.levels}
        missing = [sum(counts) for counts in zip(*(one.counts for one in open_row.levels if one.missing), strict=True)]  # type: ignore[arg-type]
        for level in row.levels:
            counts = missing if level.words == "for any reason" else of_words[level.words]
            for shown, count in zip(level.counts, counts, strict=True):
                assert shown is None or (shown == count and not 0 < shown < 5)
        if row.is_hidden:
            assert row.difference is None
            assert not row.pairs
        for at in range(len(table.groups)):
            if any(level.counts[at] is None for level in row.levels if level.missing):
                assert row.known[at] is None
    hidden_row = next(row for row in table.rows if row.is_hidden and not row.summaries)
    text = [line for line in lines(table) if line.name == hidden_row.variable.label]
    assert text[0].difference == "suppressed"
    assert table.to_dict()["patients"] is None
    assert all(count >= 5 for count in table.excluded.values())


def test_groups_below_the_limit_are_joined() -> None:
    registry = Registry()
    for at, center in enumerate("AAAAAAAABBBCCD"):
        operated(f"P{at:02}", registry, center_id=center)
    table = baseline(registry.cohort(), by="center", min_cell=5)
    assert [(group.label, group.n) for group in table.groups] == [("A", 8), ("other", 6), ("all", 14)]
    with pytest.raises(AnalysisRefused, match="fewer patients"):
        baseline(operated().cohort(), min_cell=5)
    with pytest.raises(UsageError, match="at least 2"):
        baseline(operated().cohort(), min_cell=1)


# Files and the command.


def test_the_fragment_is_well_formed_and_says_what_it_is_of() -> None:
    table = baseline(_cohort().cohort(), by="high_cea")
    root = ElementTree.fromstring(f"<div>{to_html(table, DATA)}</div>")
    rows = root.findall("table/tbody/tr")
    assert len(rows) == len(list(lines(table)))
    text = " ".join(root.itertext())
    assert "CEA > 5 ng/ml (n = 1)" in text
    assert CUT in text
    assert "no p values" in text


def test_the_word_document_holds_the_table() -> None:
    table = baseline(_cohort().cohort(), by="high_cea")
    content = to_docx(table, DATA)
    assert content == to_docx(table, DATA)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
        body = ElementTree.fromstring(archive.read("word/document.xml"))
        assert all(ElementTree.fromstring(archive.read(name)) is not None for name in archive.namelist())
    rows = body.findall(f".//{WORD}tr")
    assert len(rows) == 1 + len(list(lines(table)))
    texts = [["".join(cell.itertext()) for cell in row.findall(f"{WORD}tc")] for row in rows]
    assert {len(row) for row in texts} == {5}
    assert texts[0][1] == "CEA ≤ 5 ng/ml (n = 3)"
    assert ["cea" in row[0].lower() for row in texts].count(True) == 1


@pytest.mark.usefixtures("registry")
def test_the_command(oligomet: Command, tmp_path: Path) -> None:
    targets = {name: tmp_path / f"table.{name}" for name in ("csv", "html", "docx")}
    options = [text for name, path in targets.items() for text in (f"--{name}", str(path))]
    status, out, _ = oligomet("baseline", "--by", "sex", "--json", *options)
    assert status == 0
    found = json.loads(out)
    assert [group["label"] for group in found["groups"]] == ["female", "male", "all"]
    assert len(found["data"]["fingerprint"]) == 64
    assert len(found["variables"]) > 15
    with targets["csv"].open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header[-1] == "Standardized difference"
    assert {len(row) for row in rows} == {len(header)}
    assert rows[0][0] == "Age, years"
    assert targets["html"].read_text(encoding="utf-8").startswith('<table class="baseline">')
    assert targets["docx"].read_bytes()[:2] == b"PK"
    status, out, _ = oligomet("baseline")
    assert status == 0
    assert "Data cut" in out
    assert found["data"]["fingerprint"][:12] in " ".join(out.split())
    assert oligomet("baseline", "--by", "sexx")[0] == 2
    assert oligomet("baseline", "--by", "lobectomy", "--origin", "lung_diagnosis")[0] == 1
    assert oligomet("baseline", "--csv", str(tmp_path / "no" / "table.csv"))[0] == 3
