"""Rows of one table found in another by their patient, in Arrow: pandas compares such texts one by one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def positions(among: pd.Series, wanted: pd.Series) -> npt.NDArray[np.int64]:
    """Where each wanted identifier stands in a column of distinct ones; -1 for one that is missing or not there."""
    return _index_in(_arrow(wanted), _arrow(among))


def is_in(values: pd.Series, among: pd.Series) -> npt.NDArray[np.bool_]:
    """Whether each identifier is one of a column of them; a missing one is not."""
    found: npt.NDArray[np.bool_] = pc.is_in(_arrow(values), _arrow(among), skip_nulls=True).to_numpy(False)
    return found


def numbered(one: pd.Series, other: pd.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The same numbers for the same identifiers of two columns, to join their tables by; -1 for those not in the first.

    A missing identifier has -1 in the second column, and in the first as well, which must have none.
    """
    first = _arrow(one)
    distinct = pc.unique(first)
    return _index_in(first, distinct), _index_in(_arrow(other), distinct)


def _index_in(values: pa.Array, among: pa.Array) -> npt.NDArray[np.int64]:
    found = pc.index_in(values, among, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _arrow(values: pd.Series) -> pa.Array:
    array = pa.array(values.array, type=None if len(values) else pa.large_string(), from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(pa.large_string())
