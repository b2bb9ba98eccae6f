"""Running the checks over typed frames, of one patient or of thousands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from registry.checks.catalogue import CHECKS
from registry.checks.check import Check
from registry.checks.data import Data


def run(
    frames: Mapping[str, pd.DataFrame], *, today: dt.date | None = None, checks: Iterable[Check] = CHECKS
) -> pd.DataFrame:
    """The findings of the checks, one a row, in the order of the checks and then of the rows.

    Args:
        frames: table -> typed frame (registry/cells.py). The whole record of each patient belongs in them; a row that
            is absent, such as a refused one, is one that the checks do not know of.
        today: the day until which a treatment without an end is under way: the data cut, by default the present day.

    Returns:
        check_id, severity, table, row (the position in that table's frame, from 0) and column.
    """
    data = Data(frames, today=today or dt.date.today())
    found = [(check, np.flatnonzero(check.test(data))) for check in checks]
    found = [(check, rows) for check, rows in found if len(rows)]
    times = [len(rows) for _, rows in found]

    def repeated(words: list[str]) -> np.ndarray:
        return np.repeat(np.array(words, dtype=object), times)

    return pd.DataFrame(
        {
            "check_id": repeated([check.id for check, _ in found]),
            "severity": repeated([check.severity.value for check, _ in found]),
            "table": repeated([check.table for check, _ in found]),
            "row": np.concatenate([np.array([], dtype=np.int64), *(rows for _, rows in found)]),
            "column": repeated([check.column for check, _ in found]),
        }
    )
