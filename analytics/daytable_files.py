"""Day tables as files, which centers can share instead of rows.

A file is CSV under one line of comment that holds, as JSON, what was asked and the flow of patients. Where death does
not compete a row counts by day, each count by itself. Where it does, it counts those with one day of entry and one last
day: the limits need the two together.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from dataclasses import dataclass, fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analytics.daytable import DayTable, day_table
from analytics.daytable_protection import protected, protected_flow
from analytics.endpoints import ENDPOINTS, AnalysisSet, Chosen
from analytics.grouping import grouping
from analytics.origins import ORIGINS
from analytics.survival import SurvivalTimes, survival_times
from registry.errors import AnalysisRefused, OligometError, UsageError

FORMAT = 1
"""Counts the changes of the format; a file of another one is refused."""

_BY_DAY = ["group", "day", "entered", "events", "censored"]
_BY_PAIR = ["group", "entry", "day", "events", "competing", "censored"]


@dataclass(frozen=True, eq=False)
class SharedTable:
    """A day table with what is needed to use it elsewhere.

    Attributes:
        chosen: what was asked, and the flow.
        data_cut: the last day that exists.
        table: the counts.
        times: the subjects that the table counts, without anything else of them; None where death does not compete.
        min_cell: the limit of the small-cell protection; None without it.
    """

    chosen: Chosen
    data_cut: dt.date
    table: DayTable
    times: SurvivalTimes | None
    min_cell: int | None

    def to_csv(self) -> str:
        """The file."""
        rows = _pair_rows(self.times) if self.times is not None else _day_rows(self.table)
        return f"# {json.dumps(self.head())}\n{rows.to_csv(index=False, lineterminator=chr(10))}"

    def head(self) -> dict[str, Any]:
        """What was asked, and the flow."""
        chosen = self.chosen
        return {
            "format": FORMAT,
            "version": version("oligomet"),
            "endpoint": chosen.endpoint.name,
            "origin": chosen.origin.name,
            "by": chosen.grouping.name if chosen.grouping else None,
            "landmark_months": chosen.landmark_months,
            "landmark_day": chosen.landmark_day,
            "delayed_entry": chosen.delayed_entry,
            "data_cut": self.data_cut.isoformat(),
            "center": chosen.center,
            "patients": chosen.patients,
            "excluded": chosen.excluded,
            "enrollment_unknown": chosen.enrollment_unknown,
            "min_cell": self.min_cell,
        }


def share(chosen: AnalysisSet, data_cut: dt.date, min_cell: int | None = None) -> SharedTable:
    """The day table of an analysis set, for others.

    Args:
        min_cell: counts below this are merged over adjacent days (see ``analytics.daytable_protection``).

    Raises:
        AnalysisRefused: treatments, whose patients a table does not tell; late entries with a competing event under
            protection; a group that is too small for it.
    """
    if chosen.endpoint.of_treatments:
        raise AnalysisRefused(
            "A day table does not tell which treatments belong to one patient, and the limits need it",
            got=chosen.endpoint.name,
            remedy="Share a table of another endpoint",
        )
    plain = Chosen(**{field.name: getattr(chosen, field.name) for field in fields(Chosen)})
    table = day_table(chosen.times)
    times = replace(chosen.times, cluster=None) if chosen.endpoint.death_competes else None
    if min_cell is None:
        return SharedTable(plain, data_cut, table, times, None)
    if times is not None and times.entered_late:
        raise AnalysisRefused(
            "With late entries this endpoint is shared by days of entry and end together, which cannot be protected",
            remedy="Give --no-delayed-entry, or share the table without --min-cell",
        )
    table = protected(table, min_cell)
    excluded = protected_flow(chosen.excluded, min_cell)
    unknown = chosen.enrollment_unknown
    plain = replace(
        plain,
        excluded=excluded,
        patients=int(table.sizes.sum()) + sum(excluded.values()),
        enrollment_unknown=unknown if unknown is not None and (unknown == 0 or unknown >= min_cell) else None,
    )
    return SharedTable(plain, data_cut, table, None if times is None else _subjects(table), min_cell)


def read_table(path: Path) -> SharedTable:
    """A shared table from its file; UsageError where it cannot be read or is not one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("The day table cannot be read", got=str(path), remedy="Name a file of daytable") from None
    try:
        return _parsed(text)
    except OligometError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise UsageError(
            "The file is not a day table of this version", got=path.name, remedy="Write it with oligomet daytable"
        ) from None


def _day_rows(table: DayTable) -> pd.DataFrame:
    at, day = np.nonzero(table.entered + table.left)
    counts = {name: getattr(table, name)[at, day] for name in ("entered", "events", "censored")}
    return pd.DataFrame({"group": np.array(table.labels, dtype=object)[at], "day": day, **counts})


def _pair_rows(times: SurvivalTimes) -> pd.DataFrame:
    assert times.competing is not None
    rows = pd.DataFrame(
        {
            "group": times.group,
            "entry": times.entry,
            "day": times.day,
            "events": times.event.astype(np.int64),
            "competing": times.competing.astype(np.int64),
            "censored": (~times.event & ~times.competing).astype(np.int64),
        }
    )
    rows = rows.groupby(["group", "entry", "day"], sort=True, as_index=False).sum()
    return rows.assign(group=np.array(times.labels, dtype=object)[rows["group"]])


def _parsed(text: str) -> SharedTable:
    first, _, body = text.partition("\n")
    head = json.loads(first.removeprefix("# "))
    if head["format"] != FORMAT:
        raise ValueError("another format")
    endpoint = ENDPOINTS[head["endpoint"]]
    rows = pd.read_csv(io.StringIO(body), dtype={"group": str}, keep_default_na=False)
    names = _BY_PAIR if endpoint.death_competes else _BY_DAY
    if list(rows) != names:
        raise ValueError("other columns")
    rows = rows.astype(dict.fromkeys(names[1:], np.int64))
    if (rows[names[1:]] < 0).any(axis=None):
        raise ValueError("negative counts")
    division = None if head["by"] is None else grouping(head["by"])
    if division is not None and division.words and not set(rows["group"]) <= set(division.words):
        raise ValueError("other groups")
    times = _times_of(rows) if endpoint.death_competes else None
    table = day_table(times) if times is not None else _table_of(rows)
    if (table.entered.sum(axis=1) != table.left.sum(axis=1)).any() or (table.left > table.at_risk).any():
        raise ValueError("more leave than are at risk")
    chosen = Chosen(
        endpoint=endpoint,
        origin=ORIGINS[head["origin"]],
        grouping=division,
        patients=int(head["patients"]),
        excluded={str(reason): int(count) for reason, count in head["excluded"].items()},
        enrollment_unknown=head["enrollment_unknown"],
        delayed_entry=bool(head["delayed_entry"]),
        landmark_months=head["landmark_months"],
        landmark_day=head["landmark_day"],
        center=head["center"],
    )
    return SharedTable(chosen, dt.date.fromisoformat(head["data_cut"]), table, times, head["min_cell"])


def _table_of(rows: pd.DataFrame) -> DayTable:
    labels = tuple(sorted(rows["group"].unique())) or ("all",)
    width = int(rows["day"].max()) + 1 if len(rows) else 1
    cells = pd.Index(labels).get_indexer(pd.Index(rows["group"])) * width + rows["day"].to_numpy()
    counts = (
        np.bincount(cells, weights=rows[name], minlength=len(labels) * width)
        for name in ("entered", "events", "censored")
    )
    return DayTable(labels, *(part.astype(np.int64).reshape(len(labels), width) for part in counts))


def _times_of(rows: pd.DataFrame) -> SurvivalTimes:
    """One subject for each that the rows count."""
    states = ("events", "competing", "censored")
    parts = [
        rows.loc[rows.index.repeat(rows[state]), ["group", "entry", "day"]].assign(state=state) for state in states
    ]
    subjects = pd.concat(parts, ignore_index=True)
    return survival_times(
        subjects["day"],
        subjects["state"] == "events",
        entry=subjects["entry"],
        competing=subjects["state"] == "competing",
        group=subjects["group"] if len(subjects) else None,
    )


def _subjects(table: DayTable) -> SurvivalTimes:
    """One subject for each that a table without late entries counts."""
    at, day = np.nonzero(table.left)
    counts = {name: getattr(table, name)[at, day] for name in ("events", "competing", "censored")}
    group = np.array(table.labels, dtype=object)[at]
    return _times_of(pd.DataFrame({"group": group, "entry": 0, "day": day, **counts}))
