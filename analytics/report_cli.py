"""The command that writes the report: `report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from analytics.readings_file import ReadingsFile, readings_in
from analytics.source import Snapshot
from registry.errors import EnvironmentRefused, UsageError
from registry.terminal import DataCut, messages, progress_bar

if TYPE_CHECKING:
    from analytics.report.material import Theme

app = typer.Typer()


@app.command()
def report(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The HTML file to write.")],
    center: Annotated[str | None, typer.Option(help="Only the patients of this center.")] = None,
    origin: Annotated[
        str | None, typer.Option(help="The day from which outcomes count, as for survival; by default lung_resection.")
    ] = None,
    title: Annotated[str, typer.Option(help="The title of the report.")] = "Outcomes and quality of care",
    min_cell: Annotated[int, typer.Option(min=1, help="Hide counts below this; 1 shows all.")] = 5,
    theme: Annotated[str, typer.Option(help="auto (as the reader's screen), light or dark; print is light.")] = "auto",
    readings: ReadingsFile = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
) -> None:
    """Write outcomes and audit as one HTML file that needs no network: for a meeting, a supplement, or to print."""
    from analytics.report.make import make_report
    from analytics.report.material import Settings

    chosen = readings_in(readings)
    settings = Settings(
        title=title,
        center=center,
        origin=origin,
        min_cell=min_cell,
        theme=_theme(theme),
        snapshot=snapshot,
    )
    if not path.parent.is_dir():
        raise EnvironmentRefused("There is no such folder", got=str(path.parent), remedy="Make it first")
    with progress_bar("Report") as tell:
        text = make_report(settings, data_cut_on, tell, chosen)
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise EnvironmentRefused(
            f"The file cannot be written ({error.strerror})", got=str(path), remedy="Name a file in a writable folder"
        ) from error
    messages.print(f"Wrote {escape(str(path))}", highlight=False)


def _theme(name: str) -> Theme:
    from analytics.report.material import THEMES

    found = next((theme for theme in THEMES if theme == name), None)
    if found is None:
        raise UsageError("There is no such theme", got=name, remedy=f"Take {', '.join(THEMES)}")
    return found
