"""What the edit checks find in the whole record, with the state of the data query of each finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.engine import Connection

from registry import checks, queries
from registry.frames import Frames
from registry.queries import QueryKey
from registry.tables import TABLES


@dataclass(frozen=True, slots=True)
class Finding:
    """A cell that a check questions.

    Args:
        center_id: the center of the patient; None where it is not known.
        state: open, answered or closed (its value was confirmed); "new" where the record was checked by other rules
            when it was entered.
    """

    check_id: str
    severity: str
    sentence: str
    remedy: str
    center_id: str | None
    owner: str
    table: str
    record_key: str
    column: str
    value: str
    state: str


def findings(connection: Connection, frames: Frames, data_cut: dt.date) -> Iterator[Finding]:
    """Every finding at a data cut, in the order of the checks, then of the rows; and the questions people asked.

    Args:
        frames: typed frames of all tables at the cut.
    """
    known = queries.stored(connection)
    by_id = {check.id: check for check in checks.CHECKS}
    patients = frames["patient"]
    centers = dict(zip(patients["patient_id"], patients["center_id"], strict=True))
    for row in checks.run(frames, today=data_cut).itertuples():
        check, frame = by_id[row.check_id], frames[row.table]
        owner, *rest = (str(frame[name].iloc[row.row]) for name in TABLES[row.table].keys)
        key = QueryKey(owner, check.id, row.table, "".join(rest), row.column)
        stored = known.pop(key, None)
        yield Finding(
            check.id,
            check.severity.value,
            check.sentence,
            check.remedy,
            _center(centers, row.table, owner),
            owner,
            row.table,
            key.record_key,
            row.column,
            _cell(frame, row.table, row.row, row.column),
            str(stored.state) if stored is not None else "new",
        )
    for key, stored in known.items():
        if key.check_id == queries.MANUAL and stored.state != "closed":
            center = _center(centers, key.table, key.owner)
            question = (str(stored.question), "Answer the question.", center)
            place = (key.owner, key.table, key.record_key, key.column)
            yield Finding(key.check_id, "question", *question, *place, str(stored.value), str(stored.state))


def _center(centers: dict[str, object], table: str, owner: str) -> str | None:
    found = owner if TABLES[table].keys[0] == "center_id" else centers.get(owner)
    return found if isinstance(found, str) else None


def _cell(frame: pd.DataFrame, table: str, row: int, column: str) -> str:
    field = TABLES[table].fields[column]
    value = frame[column].iloc[row]
    if not pd.isna(value):
        return field.cell(value.date() if field.type == "date" else value)
    absent = None if field.key else frame[field.absent_name].iloc[row]
    return "" if absent is None or pd.isna(absent) else str(absent)
