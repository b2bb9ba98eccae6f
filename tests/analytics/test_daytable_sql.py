"""Day tables that the database counts are those from rows, on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
import itertools
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy.engine import Engine

from analytics.cohort import cohort_at
from analytics.daytable import day_table
from analytics.daytable_sql import GROUPS, day_table_in_database
from analytics.endpoints import TABLES_READ, analysis_set
from analytics.origins import ORIGINS
from registry import simulate
from registry.access import Actor
from registry.actions import import_source
from registry.errors import UsageError
from registry.exchange.formats import open_source
from registry.frames import read_frames

CUTS = (dt.date(2026, 11, 1), dt.date(2020, 6, 30))


ASKED = [
    *((origin, None, True) for origin in ORIGINS),
    *itertools.product(("lung_resection", "ned"), (None, *GROUPS), (True, False)),
]
"""Origin, grouping, delayed entry."""


def test_the_counts_of_the_database_are_those_of_the_rows(engine: Engine, tmp_path: Path, somebody: Actor) -> None:
    simulate.simulate(tmp_path / "data", patients=120, seed=8)
    spoiled(tmp_path / "data")
    report = import_source(engine, open_source(tmp_path / "data", None), by=somebody, reason=None)
    assert not report.problems
    events = dict.fromkeys(CUTS, 0)
    for cut in CUTS:
        cohort = cohort_at(read_frames(engine, TABLES_READ), cut)
        for origin, by, late in ASKED:
            expected = day_table(analysis_set(cohort, origin=origin, by=by, delayed_entry=late).times)
            found = day_table_in_database(engine, cut, origin=origin, by=by, delayed_entry=late)
            assert found.labels == expected.labels
            for column in ("entered", "events", "censored"):
                same = np.array_equal(getattr(found, column), getattr(expected, column))
                assert same, f"{column} from {origin} by {by} at {cut}"
            events[cut] += int(found.events.sum())
        center = sorted(cohort.frames["patient"]["center_id"].unique())[0]
        mine = day_table_in_database(engine, cut, center=center)
        assert mine.sizes.sum() == len(analysis_set(cohort, center=center).times) > 0
    assert 50 < events[CUTS[1]] < events[CUTS[0]]


def spoiled(folder: Path) -> None:
    """Missing codes and withdrawals where the simulated cohort has none."""
    path = folder / "patient.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    columns = head.split(",")
    changes = (
        ("last_contact_on", "UNK"),
        ("vital_status", "NASK"),
        ("enrolled_on", "UNK"),
        ("consent_status", "withdrawn"),
    )
    for at, (column, value) in zip(range(0, len(rows), 7), itertools.cycle(changes), strict=False):
        cells = rows[at].split(",")
        cells[columns.index(column)] = value
        rows[at] = ",".join(cells)
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def test_an_empty_registry_and_names_that_do_not_exist(sqlite_engine: Engine) -> None:
    table = day_table_in_database(sqlite_engine, CUTS[0])
    assert (table.labels, table.sizes.tolist()) == (("all",), [0])
    with pytest.raises(UsageError, match="no such origin"):
        day_table_in_database(sqlite_engine, CUTS[0], origin="birth")
    with pytest.raises(UsageError, match="grouping") as refused:
        day_table_in_database(sqlite_engine, CUTS[0], by="high_cea")
    assert "sex" in refused.value.remedy
