"""The commands of the analyses, joined; `classify`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Column, Table

from analytics.adherence_cli import app as adherence_commands
from analytics.baseline_cli import app as baseline_commands
from analytics.casemix_cli import app as casemix_commands
from analytics.export.cli import app as export_commands
from analytics.patient_cli import app as patient_commands
from analytics.readings_file import ReadingsFile, readings_in
from analytics.regression_cli import app as regression_commands
from analytics.report_cli import app as report_commands
from analytics.schedule_cli import app as schedule_commands
from analytics.snapshot_cli import app as snapshot_commands
from analytics.source import Snapshot
from analytics.survival_cli import app as survival_commands
from registry.terminal import DataCut, Json, print_json_list

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer()
app.add_typer(survival_commands)
app.add_typer(regression_commands)
app.add_typer(casemix_commands)
app.add_typer(report_commands)
app.add_typer(adherence_commands)
app.add_typer(baseline_commands)
app.add_typer(export_commands)
app.add_typer(patient_commands)
app.add_typer(schedule_commands)
app.add_typer(snapshot_commands, name="snapshot")


@app.command()
def classify(
    readings: ReadingsFile = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Classify every episode by the consensus: timing, sequence, extent, route and prognostic factors."""
    from analytics.classify import TABLES_READ, to_documents
    from analytics.classify import classify as classified
    from analytics.source import provenance, provenance_text, read_cohort

    cohort = read_cohort(TABLES_READ, data_cut_on, snapshot, readings_in(readings))
    if json:
        print_json_list(to_documents(cohort))
    else:
        _show_routes(classified(cohort), provenance_text(provenance(cohort, snapshot)))


def _show_routes(classified: pd.DataFrame, data: str) -> None:
    from analytics.wording import counted

    console, readings = Console(), classified.attrs["readings"]
    console.print(f"[bold]{counted(len(classified), 'episode')}[/] by route and timing")
    timings = list(classified["timing"].cat.categories)
    table = Table("route", *(_right(name) for name in (*timings, "all")), box=None, pad_edge=False)
    for route in classified["route"].cat.categories:
        found = classified.loc[classified["route"] == route, "timing"]
        if len(found):
            table.add_row(route, *(f"{(found == name).sum():,}" for name in timings), f"{len(found):,}")
    console.print(table)
    console.print(data)
    changed = f"; changed: {', '.join(readings['changed'])}" if readings["changed"] else ""
    console.print(f"Readings {readings['version']} of {readings['date']}{changed}")
    console.print("--json lists every episode with the facts that decided it")


def _right(name: str) -> Column:
    return Column(name, justify="right")
