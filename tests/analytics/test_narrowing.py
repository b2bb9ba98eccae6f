"""A part of the patients: against choosing them one by one, and that no two analyses give a few of them away."""

from __future__ import annotations

import json
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analytics.baseline import TABLES_READ, baseline
from analytics.classify import to_documents
from analytics.cohort import Cohort
from analytics.differencing import Choice, gives_away, together
from analytics.narrowing import FILTERS, Where, labels_of, where_given, where_of, where_words
from analytics.origins import ORIGINS, origin_days
from analytics.outcomes import survival_analysis
from analytics.source import read_cohort
from analytics.suppression import hidden
from analytics.table1 import choices, table1
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.conftest import Command
from tests.analytics.hand import Registry, operated

LIMIT = 5


@pytest.fixture
def cohort(registry: Path) -> Cohort:
    """The simulated patients."""
    return read_cohort(TABLES_READ)


def _one_by_one(cohort: Cohort, origin: str, where: dict[str, set[str]]) -> set[str]:
    """Those with the origin whose episode has the labels, by the documents of the classification."""
    days = origin_days(cohort.frames, ORIGINS[origin])
    of_episode = {(found["patient_id"], found["episode_no"]): found for found in to_documents(cohort)}
    patients, episodes = cohort.frames["patient"], cohort.frames["episode"]
    kept = set()
    for row in range(len(patients)):
        if pd.isna(days["origin_on"].iloc[row]) or pd.isna(days["at"].iloc[row]):
            continue
        episode = episodes.iloc[int(days["at"].iloc[row])]
        found = of_episode[(episode["patient_id"], int(episode["record_no"]))]
        year = episode["detected_on"].year // 5 * 5
        had = {
            **found,
            **{name: {True: "yes", False: "no", None: ""}[value] for name, value in found["factors"].items()},
            "center": patients["center_id"].iloc[row],
            "sex": patients["sex"].iloc[row],
            "detected": f"{year}-{year + 4}",
        }
        if all(had[name] in labels for name, labels in where.items()):
            kept.add(str(episode["patient_id"]))
    return kept


@pytest.mark.parametrize(
    ("origin", "where"),
    [
        ("lung_diagnosis", {"route": {"R-MET", "R-LIV"}}),
        ("lung_diagnosis", {"high_cea": {"yes"}, "timing": {"metachronous"}}),
        ("lung_diagnosis", {"omd_class": {"de_novo_synchronous"}, "sex": {"female"}}),
        ("lung_diagnosis", {"center": {"C01", "C03"}, "detected": {"2015-2019"}, "older_than_70": {"no"}}),
        ("lung_resection", {"large_tumor": {"yes"}, "extent": {"isolated"}}),
    ],
)
def test_those_are_kept_who_are_chosen_one_by_one(cohort: Cohort, origin: str, where: dict[str, set[str]]) -> None:
    expected = _one_by_one(cohort, origin, where)
    everybody = survival_analysis(cohort, origin=origin)
    result = survival_analysis(cohort, origin=origin, where=where)
    assert set(result.chosen.patient_id) == expected & set(everybody.chosen.patient_id)  # type: ignore[attr-defined]
    assert 0 < result.n < everybody.n
    assert result.n + sum(result.chosen.excluded.values()) == result.chosen.patients == everybody.chosen.patients
    left_out = {reason: count for reason, count in result.chosen.excluded.items() if reason.partition("_")[2] in where}
    assert sum(left_out.values()) == everybody.n - result.n
    assert result.to_dict()["where"] == {name: sorted(where[name]) for name in FILTERS if name in where}
    assert baseline(cohort, origin=origin, where=where).n == result.n


def test_every_name_divides_those_analyzed(cohort: Cohort) -> None:
    everybody = survival_analysis(cohort).n
    found = labels_of(cohort)
    assert set(found) == set(FILTERS)
    for name in ("route", "omd_class", "detected", "center", "high_cea", "site"):
        labels = found[name]
        parts = [survival_analysis(cohort, where={name: [label]}) for label in labels]
        unknown = parts[0].chosen.excluded.get(f"missing_{name}", 0)
        assert sum(part.n for part in parts) + unknown == everybody, name


def test_treatments_are_chosen_by_their_patients(cohort: Cohort) -> None:
    everybody = survival_analysis(cohort, endpoint="local_failure")
    parts = [survival_analysis(cohort, endpoint="local_failure", where={"sex": [sex]}) for sex in ("female", "male")]
    assert everybody.n == parts[0].n + parts[1].n
    assert all(part.n for part in parts)


def test_what_is_settled_later_chooses_by_the_future(cohort: Cohort) -> None:
    with pytest.raises(AnalysisRefused, match="immortal"):
        survival_analysis(cohort, origin="lung_diagnosis", where={"lobectomy": ["yes"]})
    later = survival_analysis(cohort, origin="lung_diagnosis", where={"lobectomy": ["yes"]}, landmark_months=6)
    assert 0 < later.n < survival_analysis(cohort, origin="lung_diagnosis", landmark_months=6).n


def test_a_choice_is_written_in_one_order() -> None:
    assert where_of({"sex": ["male", "female"], "route": ["R-SYN"]}) == where_given(
        ["route=R-SYN", "sex=female", "sex=male"]
    )
    assert where_of({"sex": []}) == ()
    assert where_words(where_given(["high_cea=yes", "route=R-SYN,R-MET"])) == "route R-MET or R-SYN; CEA > 5 ng/ml"
    for wrong in ("high_cea", "high_cea=", "high_cae=yes", "=yes"):
        with pytest.raises(UsageError):
            where_given([wrong])
    with pytest.raises(UsageError, match="no such group"):
        survival_analysis(operated().cohort(), where={"sex": ["other"]})


# Whom two analyses would give away.

LABELS = st.sampled_from(["a", "b", "c", None])


def _choice(rows: list[tuple[str | None, str | None]], where: Where) -> Choice:
    labels = pd.DataFrame(rows, columns=["x", "y"], dtype="object")
    return Choice(where, pd.Series([f"P{at}" for at in range(len(rows))]), labels[[name for name, _ in where]], None)


@given(
    rows=st.lists(st.tuples(LABELS, LABELS), min_size=20, max_size=60),
    x=st.sets(st.sampled_from("abc"), min_size=1, max_size=2),
    y=st.sets(st.sampled_from("abc"), min_size=1, max_size=2),
)
@settings(max_examples=50)
def test_no_wider_choice_differs_by_a_few(rows: list[tuple[str | None, str | None]], x: set[str], y: set[str]) -> None:
    choice = _choice(rows, (("x", tuple(sorted(x))), ("y", tuple(sorted(y)))))
    if gives_away(choice, LIMIT) is not None:
        return
    by_x, by_y = (sum(row[at] in labels for row in rows) for at, labels in ((0, x), (1, y)))
    both = sum(row[0] in x and row[1] in y for row in rows)
    differences = (len(rows) - by_x, len(rows) - by_y, by_x - both, by_y - both, len(rows) - both)
    neither = len(rows) - by_x - by_y + both
    assert all(count == 0 or count >= LIMIT for count in (*differences, neither))


@given(rows=st.lists(LABELS, min_size=10, max_size=60))
@settings(max_examples=50)
def test_the_labels_that_may_be_asked_for_leave_no_few_beside_them(rows: list[str | None]) -> None:
    counts = {label: rows.count(label) for label in "abc" if label in rows}
    answered: set[str] = set()
    for size in range(1, 4):
        for labels in combinations(sorted(counts), size):
            enough = sum(counts[label] for label in labels) >= LIMIT
            choice = _choice([(row, None) for row in rows], (("x", labels),))
            if enough and gives_away(choice, LIMIT) is None:
                answered |= set(labels) if size == 1 else set()
    left = {label: count for label, count in counts.items() if label not in answered}
    if left:
        assert sum(left.values()) + rows.count(None) >= LIMIT or len(answered) == 0


def test_few_labels_go_together_or_not_at_all() -> None:
    assert together({"a": 20, "b": 9, "c": 3}, 0, LIMIT) == {"b", "c"}
    assert together({"a": 20, "b": 9, "c": 3}, 2, LIMIT) == {"c"}
    assert together({"a": 20, "b": 9}, 1, LIMIT) == set()
    rows: list[tuple[str | None, str | None]] = [("a", None)] * 20 + [("b", None)] * 9 + [("c", None)] * 3
    assert gives_away(_choice(rows, (("x", ("a",)),)), LIMIT) is None
    assert gives_away(_choice(rows, (("x", ("b",)),)), LIMIT) == "x"
    assert gives_away(_choice(rows, (("x", ("a", "b")),)), LIMIT) == "x"
    assert gives_away(_choice(rows, (("x", ("b", "c")),)), LIMIT) is None


def test_a_few_are_not_given_away_in_a_group_either() -> None:
    registry = Registry()
    for at in range(30):
        # Of those with a CEA of 4 two are women.
        cea, sex = ("4", "female" if at < 2 else "male") if at < 12 else ("9", ("female", "male")[at % 2])
        operated(f"P{at:02}", registry, sex=sex)
        registry.rows["episode"][-1]["cea_ng_ml"] = cea
    cohort = registry.cohort()
    where = {"high_cea": ["yes"]}
    alone, by_sex = (survival_analysis(cohort, where=where, by=by).chosen for by in (None, "sex"))
    assert gives_away(alone.choice, LIMIT) is None  # type: ignore[attr-defined]
    assert gives_away(by_sex.choice, LIMIT) == "high_cea"  # type: ignore[attr-defined]
    of_factor, _ = choices(cohort, table1(cohort, where=where))
    assert all(gives_away(choice, LIMIT) is None for choice in of_factor.values())
    with pytest.raises(AnalysisRefused, match="high_cea"):
        baseline(cohort, where=where, by="sex", min_cell=LIMIT)
    sex = next(row for row in baseline(cohort, where=where, min_cell=LIMIT).rows if row.variable.name == "sex")
    assert all(level.counts == (None,) for level in sex.levels), "all less those chosen would be two women"
    open_sex = next(row for row in baseline(cohort, where=where).rows if row.variable.name == "sex")
    assert all(level.counts == (9,) for level in open_sex.levels)


def test_patients_are_counted_and_not_their_treatments() -> None:
    labels = pd.DataFrame({"x": ["a"] * 20 + ["b"] * 8}, dtype="object")
    patients = pd.Series([f"P{at}" for at in range(20)] + ["Q1", "Q2"] * 4)
    assert gives_away(Choice((("x", ("a",)),), patients, labels, None), LIMIT) == "x"


@given(
    counts=st.lists(st.lists(st.integers(0, 12), min_size=2, max_size=3), min_size=2, max_size=4).filter(
        lambda rows: len({len(row) for row in rows}) == 1
    )
)
@settings(max_examples=30)
def test_sums_that_another_table_shows_give_no_small_count_away(counts: list[list[int]]) -> None:
    table = np.array(counts, dtype=np.int64)
    known = ~hidden(table.sum(axis=1, keepdims=True), LIMIT)[:, 0]
    gone = hidden(table, LIMIT, known_sums=known)[:, : table.shape[1]]
    small = (table > 0) & (table < LIMIT)
    assert np.all(gone[small])
    cells = [(int(row), int(column)) for row, column in np.argwhere(gone)]
    equations = [[float(column == at) for _, column in cells] for at in range(table.shape[1])]
    sums = [float(sum(table[cell] for cell in cells if cell[1] == at)) for at in range(table.shape[1])]
    for row in np.flatnonzero(known):
        equations.append([float(at == row) for at, _ in cells])
        sums.append(float(sum(table[cell] for cell in cells if cell[0] == row)))
    if gone.all():
        return  # nothing is shown but the margins
    for goal in (np.array([float(other == cell) for other in cells]) for cell in cells if small[cell]):
        low, high = (
            linprog(sign * goal, A_eq=np.array(equations), b_eq=np.array(sums), bounds=(1, None)) for sign in (1, -1)
        )
        assert high.status == 3 or -high.fun - low.fun > 0.5


@pytest.mark.usefixtures("registry")
def test_the_commands(oligomet: Command) -> None:
    options = ("--where", "high_cea=yes", "--where", "sex=male,female")
    found = {}
    for command in (("survival",), ("table1",), ("baseline",), ("cox", "--factors", "multiple_lesions")):
        status, out, _ = oligomet(*command, *options, "--json")
        assert status == 0
        found[command[0]] = json.loads(out)
    assert {one["n"] for one in found.values()} == {found["survival"]["n"]}
    assert all(one["where"] == {"high_cea": ["yes"], "sex": ["female", "male"]} for one in found.values())
    status, _, said = oligomet("survival", "--where", "route=R-NON")
    assert status == 2
    assert "R-LYM" in said


def test_names_are_those_of_the_groupings() -> None:
    assert list(chain(FILTERS))[:5] == ["route", "timing", "sequence", "extent", "omd_class"]
    assert {"center", "detected", "high_cea", "lobectomy", "sex"} <= set(FILTERS)
