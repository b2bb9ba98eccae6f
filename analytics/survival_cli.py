"""The commands that estimate survival and share day tables: `survival`, `daytable`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from analytics.source import Snapshot, Where, read_cohort
from registry.errors import EnvironmentRefused, UsageError
from registry.terminal import DataCut, Json, messages, print_json

if TYPE_CHECKING:
    from analytics.cohort import Cohort
    from analytics.outcomes import SurvivalResult

app = typer.Typer()

Endpoint = Annotated[str, typer.Option(help="os, rfs, pfs, recurrence or local_failure.")]
Origin = Annotated[
    str,
    typer.Option(
        help="lung_resection, lung_local_treatment, metastasis_resection, ned, lung_diagnosis, "
        "metastasis_diagnosis or primary_diagnosis."
    ),
]
By = Annotated[
    str | None,
    typer.Option(
        help="A factor of the consensus, such as high_cea, or a column, such as sex; for local_failure also "
        "modality or bed10."
    ),
]
Landmark = Annotated[
    float | None, typer.Option(help="Compare those event-free so many months after the origin, from there on.")
]
NoDelayedEntry = Annotated[
    bool, typer.Option("--no-delayed-entry", help="Take late enrollments as at risk from the origin (biased).")
]
Center = Annotated[str | None, typer.Option(help="Only the patients of this center.")]


@app.command()
def survival(
    context: typer.Context,
    tables: Annotated[
        list[Path] | None, typer.Argument(metavar="[TABLE]...", help="Day tables, after --from-daytables.")
    ] = None,
    endpoint: Endpoint = "os",
    origin: Origin = "lung_resection",
    by: By = None,
    landmark_months: Landmark = None,
    no_delayed_entry: NoDelayedEntry = False,
    center: Center = None,
    where: Where = None,
    stratify: Annotated[str | None, typer.Option(help="Compare groups within each center: center.")] = None,
    conf_type: Annotated[str, typer.Option(help="Scale of the limits: log-log, log or plain.")] = "log-log",
    rmst_months: Annotated[float | None, typer.Option(help="Horizon of the restricted mean.")] = None,
    from_daytables: Annotated[
        bool, typer.Option("--from-daytables", help="Read the day tables named, and no registry.")
    ] = False,
    figure: Annotated[Path | None, typer.Option(help="Draw the curves: a .png, .svg or .pdf file.")] = None,
    curve_csv: Annotated[Path | None, typer.Option(help="Write the curves as CSV.")] = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Estimate survival, or incidence where death competes; compare groups, and draw the figure."""
    if figure is not None:
        _require_format(figure)
    if from_daytables:
        _require_default(context)
        result = _pooled(tables or [], stratify, conf_type, rmst_months)
    elif tables:
        raise UsageError("Day tables are named without --from-daytables", got=str(tables[0]), remedy="Give the option")
    else:
        # pandas and matplotlib take most of a second to import: only a command that needs them waits for them.
        from analytics.narrowing import where_given
        from analytics.outcomes import survival_analysis

        asked = where_given(where or [])
        result = survival_analysis(
            _cohort(data_cut_on, snapshot, chosen=bool(asked)),
            endpoint=endpoint,
            origin=origin,
            by=by,
            landmark_months=landmark_months,
            delayed_entry=not no_delayed_entry,
            center=center,
            stratify=stratify,
            where=asked,
            scale=conf_type,
            rmst_months=rmst_months,
        )
    if figure is not None:
        _write(figure, _drawn(result, figure.suffix.lstrip(".").lower()))
    if curve_csv is not None:
        _write(curve_csv, result.curve_frame().to_csv(index=False, lineterminator="\n").encode())
    if json:
        print_json(result.to_dict())
    else:
        from analytics.survival_screen import show

        show(result)


@app.command()
def daytable(
    path: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    endpoint: Endpoint = "os",
    origin: Origin = "lung_resection",
    by: By = None,
    landmark_months: Landmark = None,
    no_delayed_entry: NoDelayedEntry = False,
    center: Center = None,
    min_cell: Annotated[int | None, typer.Option(help="Merge counts below this over adjacent days.")] = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Write how many enter, have the event and are censored on each day: what another center needs, without rows."""
    from analytics.daytable_files import share
    from analytics.endpoints import analysis_set

    cohort = _cohort(data_cut_on, snapshot)
    chosen = analysis_set(
        cohort,
        endpoint=endpoint,
        origin=origin,
        by=by,
        landmark_months=landmark_months,
        delayed_entry=not no_delayed_entry,
        center=center,
    )
    shared = share(chosen, cohort.data_cut, min_cell)
    _write(path, shared.to_csv().encode())
    if json:
        print_json(shared.head() | {"n": int(shared.table.sizes.sum()), "events": int(shared.table.events.sum())})


def _cohort(data_cut_on: str | None, snapshot: str | None, *, chosen: bool = False) -> Cohort:
    """The cohort; with the tables of the classification where patients are chosen by what it says."""
    from analytics.baseline import TABLES_READ as WITH_CLASSIFICATION
    from analytics.endpoints import TABLES_READ

    return read_cohort(WITH_CLASSIFICATION if chosen else TABLES_READ, data_cut_on, snapshot)


def _pooled(paths: list[Path], stratify: str | None, conf_type: str, rmst_months: float | None) -> SurvivalResult:
    from analytics.daytable_files import read_table
    from analytics.daytable_pool import pool

    tables = [read_table(path) for path in paths]
    return pool(tables, stratify=stratify, scale=conf_type, rmst_months=rmst_months)


_ASKED = ("endpoint", "origin", "by", "landmark_months", "no_delayed_entry", "center", "where", "data_cut_on")
"""What was asked when a day table was written."""


def _require_default(context: typer.Context) -> None:
    """Refuse options that day tables have answered already."""
    for name in _ASKED:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = "--data-cut" if name == "data_cut_on" else f"--{name.replace('_', '-')}"
            raise UsageError(
                "Day tables hold what was asked when they were written",
                got=option,
                remedy="Leave it out, or write the tables anew with it",
            )


def _require_format(figure: Path) -> None:
    from analytics.figures.style import FORMATS

    if figure.suffix.lstrip(".").lower() not in FORMATS:
        raise UsageError("A figure is not written in this format", got=figure.name, remedy=f"Take {', '.join(FORMATS)}")


def _drawn(result: SurvivalResult, format: str) -> bytes:
    from analytics.figures.kaplan_meier import kaplan_meier_figure
    from analytics.figures.style import save

    drawn = BytesIO()
    save(kaplan_meier_figure(result), drawn, format)
    return drawn.getvalue()


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise EnvironmentRefused(
            f"The file cannot be written ({error.strerror})", got=str(path), remedy="Name a file in a writable folder"
        ) from error
    messages.print(f"Wrote {escape(str(path))}")
