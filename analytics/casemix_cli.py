"""The command that compares centers with allowance for whom they treat: `casemix`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analytics.regression_cli import write
from analytics.source import Snapshot
from analytics.survival_cli import Landmark, NoDelayedEntry
from registry.errors import UsageError
from registry.terminal import DataCut, Json, print_json

if TYPE_CHECKING:
    from analytics.casemix import CaseMix, CenterOutcome

app = typer.Typer()


@app.command()
def casemix(
    endpoint: Annotated[str, typer.Option(help="os, rfs or pfs.")] = "os",
    origin: Annotated[str, typer.Option(help="The day from which time is counted, as for survival.")] = (
        "lung_resection"
    ),
    factors: Annotated[
        str | None,
        typer.Option(help="Those of the model, joined by commas, as for cox; by default what is there before surgery."),
    ] = None,
    stratify: Annotated[str | None, typer.Option(help="A baseline hazard for each group of this column.")] = None,
    landmark_months: Landmark = None,
    no_delayed_entry: NoDelayedEntry = False,
    figure: Annotated[Path | None, typer.Option(help="Draw the funnel: a .png, .svg or .pdf file.")] = None,
    own: Annotated[str | None, typer.Option(help="The center that is ringed in the figure.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a line for each center as CSV.")] = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Compare observed with expected deaths of each center, by whom it treats (case-mix)."""
    from analytics.casemix import casemix as made_of
    from analytics.casemix_factors import CASE_MIX
    from analytics.endpoints import TABLES_READ
    from analytics.source import read_cohort

    if figure is not None:
        from analytics.figures.style import FORMATS

        if figure.suffix.lstrip(".").lower() not in FORMATS:
            raise UsageError(
                "A figure is not written in this format", got=figure.name, remedy=f"Take {', '.join(FORMATS)}"
            )
    names = CASE_MIX if factors is None else [name.strip() for name in factors.split(",") if name.strip()]
    result = made_of(
        read_cohort(TABLES_READ, data_cut_on, snapshot),
        endpoint=endpoint,
        origin=origin,
        factors=names,
        stratify=stratify,
        landmark_months=landmark_months,
        delayed_entry=not no_delayed_entry,
    )
    if csv is not None:
        write(csv, result.frame().to_csv(index=False, lineterminator="\n").encode())
    if figure is not None:
        write(figure, _drawn(result, own, figure.suffix.lstrip(".")))
    if json:
        print_json(result.to_dict())
    else:
        _show(result)


def _drawn(result: CaseMix, own: str | None, format: str) -> bytes:
    from analytics.figures.casemix import casemix_figure
    from analytics.figures.style import save

    content = BytesIO()
    save(casemix_figure(result, own=own), content, format)
    return content.getvalue()


def _show(result: CaseMix) -> None:
    from analytics.wording import counted, p_text

    console, model = Console(), result.model
    chosen = model.chosen
    console.print(f"[bold]{chosen.endpoint.title}[/] ({chosen.endpoint.words}) from {chosen.start_words}, by center")
    console.print(f"Expected from Cox's model with {escape(', '.join(model.factors))}")
    heads = ("patients", "incomplete", "observed", "expected", "O/E (95 %)", "")
    table = Table("", *(Column(head, justify="right") for head in heads), box=None, pad_edge=False)
    words = {"inside": "", "alert": "beyond 95 %", "alarm": "beyond 99.8 %"}
    for center in result.centers:
        table.add_row(
            escape(center.label),
            f"{center.n:,}",
            f"{center.incomplete:,}",
            f"{center.observed:,}",
            f"{center.expected:.1f}",
            _ratio(center),
            words[center.place],
        )
    console.print(table)
    console.print(f"{counted(model.n, 'complete case')}, {counted(model.events, 'event')}")
    for reason, count in model.excluded.items():
        console.print(f"  {count:,} left out: {escape(reason.replace('_', ' '))}")
    if result.p is not None:
        console.print(f"Test that all centers have the ratio 1: {p_text(result.p)}")
    for caution in result.cautions():
        console.print(caution)
    console.print(f"Data cut {result.data_cut.isoformat()}")


def _ratio(center: CenterOutcome) -> str:
    if center.ratio is None:
        return "–"
    return f"{center.ratio:.2f} ({center.ci_low:.2f}–{center.ci_high:.2f})"
