"""The command of the analysis set: `analysis-set`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from analytics.source import Snapshot
from registry.access import Permission, operator
from registry.terminal import DataCut, Json, messages, print_json

app = typer.Typer()


@app.command("analysis-set")
def analysis_set(
    path: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    format: Annotated[str, typer.Option(help="csv, or parquet or stata beside it.")] = "csv",
    origin: Annotated[str, typer.Option(help="The day from which time is counted, as for survival.")] = (
        "lung_resection"
    ),
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Write a de-identified table for analysts, with its codebook and an R script that makes the main table."""
    from analytics.baseline import TABLES_READ
    from analytics.export.files import write_analysis_set
    from analytics.source import provenance, read_cohort
    from registry.exchange.deidentify import deidentification_key

    operator().require(Permission.EXPORT)
    cohort = read_cohort(TABLES_READ, data_cut_on, snapshot)
    data = provenance(cohort, snapshot)
    made = write_analysis_set(path, cohort, deidentification_key(), data, origin=origin, format=format)
    patients = int(made.frame["study_id"].nunique())
    if json:
        print_json({"data": data, "origin": origin, "rows": len(made.frame), "patients": patients})
    else:
        messages.print(f"Wrote {len(made.frame):,} rows of {patients:,} patients to {escape(str(path))}")
        messages.print("Pseudonymized, not anonymous: pass it on under a contract. codebook.md says what was done.")
