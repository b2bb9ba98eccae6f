"""The command of one patient's decision support: `patient`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.readings_file import ReadingsFile, readings_in, readings_of
from analytics.regression_cli import write
from registry.errors import UsageError
from registry.terminal import DataCut, Json, data_cut, open_registry, print_json

if TYPE_CHECKING:
    from analytics.cohort import Cohort

app = typer.Typer()


@app.command()
def patient(
    patient_id: Annotated[str, typer.Argument(metavar="ID", help="The patient's id in the registry.")],
    readings: ReadingsFile = None,
    figure: Annotated[Path | None, typer.Option(help="Draw the timeline: a .svg, .png or .pdf file.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also the reasons of what is followed, and the rules that do not apply.")
    ] = False,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """One patient at the MDT: what is due, what is not followed, the strategies, and what is not known."""
    from analytics.cohort import cohort_at
    from analytics.decision import decide
    from registry.database import reading
    from registry.frames import patient_frames

    cut, chosen = data_cut(data_cut_on), readings_in(readings) or readings_of()
    if figure is not None:
        require_format(figure)
    with reading(open_registry()) as connection:
        frames = patient_frames(connection, patient_id)
    cohort = cohort_at(frames, cut, chosen)
    decision = decide(cohort, patient_id)
    if figure is not None:
        _draw(figure, cohort)
    if json:
        print_json(decision.to_dict())
    else:
        from analytics.decision_text import show

        show(decision, everything=everything)


def require_format(figure: Path) -> None:
    """Raises UsageError for a figure in a format that is not written."""
    from analytics.figures.style import FORMATS

    if figure.suffix.lstrip(".").lower() not in FORMATS:
        raise UsageError("A figure is not written in this format", got=figure.name, remedy=f"Take {', '.join(FORMATS)}")


def _draw(path: Path, cohort: Cohort) -> None:
    from analytics.figures.style import save
    from analytics.figures.timeline import timeline_drawing
    from analytics.figures.timeline_marks import timeline_of

    content = BytesIO()
    save(timeline_drawing(timeline_of(cohort.frames)).figure(), content, path.suffix.lstrip(".").lower())
    write(path, content.getvalue())
