"""Incoming rows laid over the stored ones: what is new, what changes from what to what, what stays."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from json.encoder import encode_basestring

import numpy as np
import numpy.typing as npt

from registry.audit import Change
from registry.cells import Cells, by_distinct
from registry.fields import CLEAR
from registry.intake.rows import Rows
from registry.store import Stored
from registry.tables import TABLES


@dataclass(frozen=True, slots=True)
class Merged:
    """The rows of one table for some patients, as they will be.

    The incoming rows come first, in their order; behind them the stored rows that nothing came in for.

    Args:
        columns: the cells of every field that any of the rows fills.
        lines: the line of the input for each row, 0 for a row that only is stored.
        stored: for each row its position in the stored rows, -1 for a new one.
        changed: which incoming rows change a stored one.
    """

    rows: Rows
    columns: dict[str, Cells]
    lines: npt.NDArray[np.int64]
    stored_rows: Stored
    stored: npt.NDArray[np.intp]
    changed: npt.NDArray[np.bool_]

    @property
    def table(self) -> str:
        return self.rows.table

    @property
    def new(self) -> npt.NDArray[np.bool_]:
        """Which of the incoming rows are new."""
        return self.stored[: len(self.rows)] < 0

    def cell(self, name: str, at: int) -> str:
        """One cell as it will be."""
        cells = self.columns.get(name)
        return str(cells[at]) if cells is not None else ""

    def before(self, name: str, at: int) -> str:
        """One cell as it is stored; "" for a new row."""
        position = self.stored[at]
        return str(self.stored_rows.columns[name][position]) if position >= 0 else ""

    def key(self, at: int) -> tuple[str, ...]:
        """The key of a row."""
        return tuple(str(self.columns[name][at]) for name in TABLES[self.table].keys)


def merge(rows: Rows, stored: Stored) -> Merged:
    """Lays incoming rows, no key twice, over the stored rows of the same owners.

    A blank cell leaves a stored value as it is; ``<clear>`` empties it.
    """
    fields, count = TABLES[rows.table].fields, len(rows)
    keys = list(zip(*(stored.columns[name] for name in TABLES[rows.table].keys), strict=True))
    position = {key: at for at, key in enumerate(keys)}
    found = np.array([position.get(key, -1) for key in rows.row_keys()], dtype=np.intp)
    exists = found >= 0
    others = np.setdiff1d(np.arange(len(stored), dtype=np.intp), found)
    changed = np.zeros(count, dtype=bool)
    columns: dict[str, Cells] = {}
    for name in fields:
        incoming = rows.columns.get(name)
        if incoming is None and len(stored) == 0:
            continue
        cells = np.full(count, "", dtype=object) if incoming is None else incoming
        cleared = cells == CLEAR
        if len(stored):
            before = np.where(exists, stored.columns[name][found], "")
            cells = np.where(cells == "", before, cells)
            cells = np.where(cleared, "", cells)
            changed |= exists & (cells != before)
            cells = np.concatenate([cells, stored.columns[name][others]])
        elif cleared.any():
            cells = np.where(cleared, "", cells)
        columns[name] = cells
    lines = np.concatenate([rows.lines, np.zeros(len(others), dtype=np.int64)])
    return Merged(rows, columns, lines, stored, np.concatenate([found, others]), changed)


def insertions(merged: Merged, chosen: npt.NDArray[np.intp]) -> list[Change]:
    """The new rows among the chosen ones, as the trail keeps them: all cells that are not blank."""
    parts = []
    for name, cells in merged.columns.items():
        parts.append(by_distinct(cells[chosen], functools.partial(_member, name)))
    rows = ["{" + ",".join(filter(None, texts)) + "}" for texts in zip(*parts, strict=True)]
    owners, rest = _owner_and_rest(merged, chosen)
    return [
        Change(merged.table, owner, key, "insert", None, row)
        for owner, key, row in zip(owners, rest, rows, strict=True)
    ]


def _member(name: str, cell: str) -> str:
    return f'"{name}":{encode_basestring(cell)}' if cell else ""


def updates(merged: Merged, chosen: npt.NDArray[np.intp]) -> list[Change]:
    """The changed rows among the chosen ones: their changed cells before and after."""
    owners, rest = _owner_and_rest(merged, chosen)
    found = []
    for at, owner, key in zip(chosen, owners, rest, strict=True):
        differing = {
            name: (before, after)
            for name in merged.columns
            if (before := merged.before(name, at)) != (after := merged.cell(name, at))
        }
        old = {name: before for name, (before, _) in differing.items()}
        new = {name: after for name, (_, after) in differing.items()}
        found.append(Change(merged.table, owner, key, "update", _json(old), _json(new)))
    return found


def _owner_and_rest(merged: Merged, chosen: npt.NDArray[np.intp]) -> tuple[list[str], list[str]]:
    keys = TABLES[merged.table].keys
    owners = list(merged.columns[keys[0]][chosen])
    return owners, list(merged.columns[keys[1]][chosen]) if len(keys) > 1 else [""] * len(owners)


def _json(cells: dict[str, str]) -> str:
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
