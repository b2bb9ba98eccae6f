"""The command of the table of patients: `baseline`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analytics.regression_cli import write
from analytics.source import Snapshot, Where
from registry.terminal import DataCut, Json, print_json

if TYPE_CHECKING:
    from analytics.baseline import Baseline

app = typer.Typer()


@app.command()
def baseline(
    by: Annotated[
        str | None,
        typer.Option(help="A factor of the consensus, sex, center, route, timing, period, … as for survival --by."),
    ] = None,
    origin: Annotated[str, typer.Option(help="The day on which patients are described, as for survival.")] = (
        "lung_resection"
    ),
    endpoint: Annotated[str, typer.Option(help="The patients are those analyzed for it: os, rfs, pfs, …")] = "os",
    center: Annotated[str | None, typer.Option(help="Only the patients of this center.")] = None,
    where: Where = None,
    min_cell: Annotated[int | None, typer.Option(help="Hide counts below this, and what would give them away.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table as CSV.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the table as a fragment of a page.")] = None,
    docx: Annotated[Path | None, typer.Option(help="Write the table as a Word document.")] = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Describe the patients: numbers, percentages, quartiles, missing values, standardized differences."""
    from analytics.baseline import TABLES_READ
    from analytics.baseline import baseline as made_of
    from analytics.baseline_text import to_csv, to_docx, to_html
    from analytics.narrowing import where_given
    from analytics.source import provenance, read_cohort

    asked = where_given(where or [])
    cohort = read_cohort(TABLES_READ, data_cut_on, snapshot)
    table = made_of(cohort, by=by, origin=origin, endpoint=endpoint, center=center, where=asked, min_cell=min_cell)
    data = provenance(cohort, snapshot)
    if csv is not None:
        write(csv, to_csv(table).encode())
    if html is not None:
        write(html, to_html(table, data).encode())
    if docx is not None:
        write(docx, to_docx(table, data))
    if json:
        print_json({"data": data, **table.to_dict()})
    else:
        _show(table, data)


def _show(table: Baseline, data: dict[str, Any]) -> None:
    from analytics.baseline_text import header, lines, notes, texts, title

    console = Console()
    console.print(f"[bold]{escape(title(table))}[/]")
    names = header(table)
    shown = Table("", *(Column(escape(name), justify="right") for name in names[2:]), box=None, pad_edge=False)
    for line in lines(table):
        first = f"[bold]{escape(line.name)}[/]" if line.name else f"  {escape(line.level)}"
        shown.add_row(first, *map(escape, texts(table, line)[2:]))
    console.print(shown)
    for note in notes(table, data):
        console.print(escape(note), highlight=False)
