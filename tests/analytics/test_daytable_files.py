"""Shared day tables: files that are read as they were written, pooling, protection, and what is refused."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.daytable import DayTable, day_table
from analytics.daytable_files import read_table, share
from analytics.daytable_pool import pool
from analytics.daytable_protection import protected, protected_flow
from analytics.endpoints import ENDPOINTS, AnalysisSet, analysis_set
from analytics.grouping import GROUPINGS
from analytics.origins import ORIGINS
from analytics.outcomes import estimate
from analytics.survival import survival_times
from registry.errors import AnalysisRefused, UsageError
from tests.analytics.hand import Registry, operated

CUT = dt.date(2025, 12, 31)

property_test = settings(derandomize=True, max_examples=40, deadline=None)

one = st.tuples(st.integers(0, 9), st.integers(0, 30), st.integers(0, 2), st.sampled_from(["no", "yes"]))
"""Entry, day, state, group."""
cohorts = st.lists(one, min_size=0, max_size=60).map(
    lambda rows: [(entry if entry < day else 0, day, state, group) for entry, day, state, group in rows]
)


def chosen_of(rows: list[tuple[int, int, int, str]], *, endpoint: str = "os", center: str | None = None) -> AnalysisSet:
    entry, day, state, group = ([row[at] for row in rows] for at in range(4))
    competes = ENDPOINTS[endpoint].death_competes
    return AnalysisSet(
        endpoint=ENDPOINTS[endpoint],
        origin=ORIGINS["lung_resection"],
        grouping=GROUPINGS["high_cea"],
        times=survival_times(
            day,
            [value == 1 for value in state],
            entry=entry,
            group=group,
            labels=["no", "yes"],
            competing=[value == 2 for value in state] if competes else None,
        ),
        patient_id=None,  # type: ignore[arg-type]
        patients=len(rows) + 3,
        excluded={"origin_not_reached": 3},
        enrollment_unknown=1,
        delayed_entry=True,
        landmark_months=None,
        landmark_day=None,
        center=center,
    )


@property_test
@given(cohorts, st.integers(0, 60), st.sampled_from(["os", "recurrence"]))
def test_pooled_files_are_pooled_rows(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], cut: int, endpoint: str
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    tables = []
    for name, part in (("A", rows[:cut]), ("B", rows[cut:])):
        path = folder / f"{name}.csv"
        path.write_text(share(chosen_of(part, endpoint=endpoint, center=name), CUT).to_csv(), encoding="utf-8")
        tables.append(read_table(path))
    alone = estimate(chosen_of(rows, endpoint=endpoint), CUT).to_dict()
    together = pool(tables).to_dict()
    sums = {"patients": len(rows) + 6, "excluded": {"origin_not_reached": 6}, "enrollment_unknown": 2}
    assert {key: together[key] for key in sums} == sums
    assert {**together, **{key: alone[key] for key in sums}} == alone
    assert pool(tables[::-1]).to_dict() == together


@property_test
@given(cohorts, st.integers(2, 6))
def test_protection_leaves_no_small_cell_and_every_total(rows: list[Any], limit: int) -> None:
    table = day_table(chosen_of(rows).times)
    totals = [counts.sum(axis=1) for counts in (table.events, table.censored)]
    if any(((total > 0) & (total < limit)).any() for total in totals):
        with pytest.raises(AnalysisRefused, match="fewer than"):
            protected(table, limit)
        return
    safe = protected(table, limit)
    for counts, mine in ((table.entered, safe.entered), (table.events, safe.events), (table.censored, safe.censored)):
        assert not ((mine > 0) & (mine < limit)).any()
        np.testing.assert_array_equal(mine.sum(axis=1), counts.sum(axis=1))
    # Who leaves does so later, who enters does so earlier: nobody leaves who was not there.
    assert (np.cumsum(safe.left, axis=1) <= np.cumsum(table.left, axis=1)).all()
    assert (np.cumsum(safe.entered, axis=1) >= np.cumsum(table.entered, axis=1)).all()
    assert (safe.left <= safe.at_risk).all()


def test_how_days_are_merged() -> None:
    events = np.array([[0, 2, 0, 3, 1, 4, 0, 1]])
    entered = np.array([[6, 0, 1, 0, 4, 0, 0, 0]])
    safe = protected(DayTable(("a",), entered, events, np.zeros_like(events)), 5)
    assert safe.events.tolist() == [[0, 0, 0, 5, 0, 0, 0, 6]]
    assert safe.entered.tolist() == [[6, 0, 5, 0, 0, 0, 0, 0]]


def test_the_flow_under_protection() -> None:
    assert protected_flow({"a": 9, "b": 2, "c": 3}, 5) == {"a": 9, "other": 5}
    assert protected_flow({"a": 9, "b": 2}, 5) == {"a": 9}
    rows = [(0, day, day % 2, "no") for day in range(1, 41)]
    shared = share(chosen_of(rows), CUT, 5)
    assert (shared.chosen.excluded, shared.chosen.patients, shared.chosen.enrollment_unknown) == ({}, 40, None)
    for limit in (1, 0, -5):
        with pytest.raises(UsageError, match="small cells"):
            share(chosen_of(rows), CUT, limit)


def test_what_cannot_be_protected() -> None:
    late = [(1, 5, 1, "no"), (0, 6, 0, "no")] * 5
    with pytest.raises(AnalysisRefused, match="cannot be protected") as refused:
        share(chosen_of(late, endpoint="recurrence"), CUT, 5)
    assert "--no-delayed-entry" in refused.value.remedy
    early = [(0, day, day % 3, "yes") for day in range(1, 31)]
    shared = share(chosen_of(early, endpoint="recurrence"), CUT, 5)
    assert shared.times is not None
    np.testing.assert_array_equal(day_table(shared.times).events, shared.table.events)
    with pytest.raises(AnalysisRefused, match="one patient"):
        share(analysis_set(operated().cohort(), endpoint="local_failure"), CUT)


def written(folder: Path, name: str, **changes: Any) -> Path:
    """A table of a small cohort, with changes in its head or, as ``body``, its rows."""
    chosen = chosen_of([(0, day, day % 2, "no") for day in range(1, 9)], center=name)
    head, body = share(chosen, CUT).to_csv().split("\n", 1)
    body = changes.pop("body", body)
    path = folder / f"{name}.csv"
    path.write_text(f"# {json.dumps(json.loads(head[2:]) | changes)}\n{body}", encoding="utf-8")
    return path


COLUMNS = "group,day,entered,events,censored\n"


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 2},
        {"endpoint": "dfs"},
        {"data_cut": "soon"},
        {"excluded": []},
        {"body": ""},
        {"body": "group,day\nno,1\n"},
        {"body": f"{COLUMNS}no,1,1,-1,2\n"},
        {"body": f"{COLUMNS}no,1,1,x,0\n"},
        {"body": f"{COLUMNS}no,1,0,1,0\n"},
        {"body": f"{COLUMNS}no,0,0,1,0\nno,3,1,0,0\n"},
        {"body": f"{COLUMNS}maybe,0,1,1,0\n"},
        {"endpoint": "recurrence"},
    ],
)
def test_files_that_are_no_day_tables(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="not a day table") as refused:
        read_table(written(tmp_path, "A", **changes))
    assert "daytable" in refused.value.remedy


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("patient_id\nP1\n", encoding="utf-8")
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe")
    for name, problem in (("other.csv", "not a day table"), ("binary.csv", "cannot be read"), ("no", "cannot be read")):
        with pytest.raises(UsageError, match=problem):
            read_table(tmp_path / name)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"data_cut": "2024-12-31"}, "data_cut"),
        ({"by": "short_dfi"}, "by"),
        ({"origin": "ned"}, "origin"),
        ({"endpoint": "rfs"}, "endpoint"),
        ({"landmark_months": 6, "landmark_day": 183}, "landmark"),
        ({"delayed_entry": False}, "delayed_entry"),
        ({"center": "A"}, "twice"),
    ],
)
def test_tables_that_do_not_go_together(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    tables = [read_table(written(tmp_path, "A")), read_table(written(tmp_path, "B", **changes))]
    with pytest.raises(AnalysisRefused, match=problem):
        pool(tables)


def test_strata_are_centers_and_nothing_is_pooled_from_nothing(tmp_path: Path) -> None:
    tables = [read_table(written(tmp_path, "A")), read_table(written(tmp_path, "B", center=None))]
    assert pool(tables).n == 16
    with pytest.raises(AnalysisRefused, match="stratum"):
        pool(tables, stratify="center")
    with pytest.raises(AnalysisRefused, match="no day table"):
        pool([])
    nobody = analysis_set(Registry().cohort(), by="high_cea")
    empty = share(nobody, CUT)
    path = tmp_path / "empty.csv"
    path.write_text(empty.to_csv(), encoding="utf-8")
    assert pool([read_table(path)]).to_dict() == estimate(nobody, CUT).to_dict()
