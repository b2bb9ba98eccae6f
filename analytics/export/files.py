"""The files of the analysis set: the data as CSV, Parquet or Stata, codebook and script, in one new folder."""

from __future__ import annotations

import datetime as dt
import io
import json
import secrets
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.cohort import Cohort
from analytics.export import codebook
from analytics.export.columns import Rows, rows
from analytics.export.disclosure import deidentified
from analytics.folders import write_folder
from analytics.origins import ORIGINS
from registry.errors import EnvironmentRefused, InputRefused, UsageError

FORMATS = ("csv", "parquet", "stata")
NAME, SCRIPT = "analysis_set", "analysis.R"
_STATA_LABEL, _STATA_VERSION = 80, 118


def write_analysis_set(
    path: Path, cohort: Cohort, key: bytes, data: dict[str, Any], *, origin: str = "lung_resection", format: str = "csv"
) -> Rows:
    """Write the analysis set of a cohort into a new folder: all files or none.

    Args:
        path: the folder; there must be nothing.
        cohort: the registry at a data cut; the tables of ``analytics.baseline.TABLES_READ``.
        key: the secret of the pseudonyms.
        data: the provenance of the cohort.
        origin: the day from which time is counted.
        format: one of :data:`FORMATS`, beside the CSV file, which the script reads.

    Raises:
        UsageError: an unknown format or origin.
        InputRefused: there is something at the path.
        EnvironmentRefused: the folder cannot be written.
    """
    if format not in FORMATS:
        raise UsageError("There is no such format", got=format, remedy=f"Take one of {', '.join(FORMATS)}")
    if path.exists():
        raise InputRefused("The target exists already", got=path.name, remedy="Name a new one: nothing is overwritten")
    made = deidentified(rows(cohort, origin), key)
    contents = {
        f"{NAME}.csv": made.frame.to_csv(index=False, lineterminator="\n").encode(),
        "codebook.csv": codebook.as_csv(made).encode(),
        "codebook.md": codebook.as_markdown(made, ORIGINS[origin], data).encode(),
        SCRIPT: files("analytics.export").joinpath(SCRIPT).read_bytes(),
    }
    if format == "parquet":
        contents[f"{NAME}.parquet"] = to_parquet(made)
    if format == "stata":
        contents[f"{NAME}.dta"] = to_stata(made, int(data["data_cut"][:4]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_folder(path, path.with_name(f".{path.name}.{secrets.token_hex(8)}"), contents)
    except OSError as error:
        raise EnvironmentRefused(
            "The analysis set cannot be written", got=error.strerror, remedy="Check the space and rights of the folder"
        ) from error
    return made


def to_parquet(made: Rows) -> bytes:
    """The rows with the labels of columns and codes as metadata."""
    table = pa.Table.from_pandas(made.frame, preserve_index=False)
    for at, column in enumerate(made.columns):
        said = {
            "description": column.label,
            "unit": column.unit,
            "codes": json.dumps(column.words) if column.words else "",
        }
        metadata = {name: text for name, text in said.items() if text}
        table = table.set_column(at, table.schema.field(at).with_metadata(metadata), table.column(at))
    content = io.BytesIO()
    pq.write_table(table, content, compression="zstd")
    return content.getvalue()


def to_stata(made: Rows, year: int) -> bytes:
    """The rows as a Stata file (format 118) with labels of columns and codes; codes are numbers from 0."""
    frame, labels = {}, {}
    for column in made.columns:
        values = made.frame[column.name]
        if column.kind == "id":
            frame[column.name] = values.astype("object").fillna("")
        elif isinstance(values.dtype, pd.CategoricalDtype):
            numbers = values.cat.codes.astype("float64")
            frame[column.name] = numbers.where(numbers >= 0, np.nan)
            labels[column.name] = {at: column.words.get(code, code) for at, code in enumerate(values.cat.categories)}
        else:
            frame[column.name] = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
            if column.words:
                labels[column.name] = {int(code): word for code, word in column.words.items()}
    content = io.BytesIO()
    pd.DataFrame(frame).to_stata(
        content,
        write_index=False,
        version=_STATA_VERSION,
        variable_labels={column.name: column.label[:_STATA_LABEL] for column in made.columns},
        value_labels={name: words for name, words in labels.items() if words},
        # The file would hold the time at which it was written.
        time_stamp=dt.datetime(year, 1, 1),  # noqa: DTZ001
    )
    return content.getvalue()
