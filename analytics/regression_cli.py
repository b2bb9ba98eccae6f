"""The commands of the regressions: `cox`, `table1`."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from analytics.source import Snapshot, Where, read_cohort
from registry.errors import EnvironmentRefused, UsageError
from registry.terminal import DataCut, Json, messages, print_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analytics.cohort import Cohort
    from analytics.cox_tests import Transform

app = typer.Typer()

Endpoint = Annotated[str, typer.Option(help="os, rfs, pfs, recurrence or local_failure.")]
Origin = Annotated[str, typer.Option(help="The day from which time is counted, as for survival.")]
Landmark = Annotated[
    float | None, typer.Option(help="Analyze those event-free so many months after the origin, from there on.")
]
NoDelayedEntry = Annotated[
    bool, typer.Option("--no-delayed-entry", help="Take late enrollments as at risk from the origin (biased).")
]
Center = Annotated[str | None, typer.Option(help="Only the patients of this center.")]


@app.command()
def cox(
    factors: Annotated[
        str, typer.Option(help="Factors, coded columns and continuous forms (age, cea, …), joined by commas.")
    ],
    endpoint: Endpoint = "os",
    origin: Origin = "lung_resection",
    landmark_months: Landmark = None,
    no_delayed_entry: NoDelayedEntry = False,
    center: Center = None,
    where: Where = None,
    stratify: Annotated[
        str | None, typer.Option(help="A baseline hazard for each group of this: center, or a coded column.")
    ] = None,
    robust: Annotated[
        str | None, typer.Option(help="Robust errors, with patient or center as what is independent.")
    ] = None,
    firth: Annotated[bool, typer.Option("--firth", help="Firth's penalty: finite estimates under separation.")] = False,
    splines: Annotated[
        str | None, typer.Option(help="The continuous factors that may bend (restricted cubic splines).")
    ] = None,
    knots: Annotated[int, typer.Option(help="Knots of each spline: 3, 4 or 5.")] = 4,
    ph_time: Annotated[str, typer.Option(help="Time in the test of proportional hazards: km or identity.")] = "km",
    impute: Annotated[
        int | None, typer.Option(help="So many imputations of missing factors beside the complete cases.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the random numbers of the imputation.")] = 1,
    forest: Annotated[Path | None, typer.Option(help="Draw the forest plot: a .png, .svg or .pdf file.")] = None,
    schoenfeld: Annotated[
        Path | None, typer.Option(help="Draw the coefficients over time: a .png, .svg or .pdf file.")
    ] = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Fit a proportional-hazards regression (Cox, Efron's ties) to the complete cases."""
    from analytics.cox import cox_analysis
    from analytics.narrowing import where_given

    _require_formats(forest, schoenfeld)
    transform = _transform(ph_time)
    asked = where_given(where or [])
    result = cox_analysis(
        _cohort(data_cut_on, snapshot, chosen=bool(asked)),
        factors=_names(factors),
        endpoint=endpoint,
        origin=origin,
        landmark_months=landmark_months,
        delayed_entry=not no_delayed_entry,
        center=center,
        where=asked,
        stratify=stratify,
        robust=robust,
        firth=firth,
        splines=_names(splines or ""),
        knots=knots,
        transform=transform,
    )
    imputed = None
    if impute is not None:
        from analytics.imputation import imputed_analysis

        imputed = imputed_analysis(result, number=impute, seed=seed)
    if forest is not None:
        from analytics.figures.forest import forest_of_cox

        _draw(forest, lambda: forest_of_cox(result))
    if schoenfeld is not None:
        from analytics.figures.schoenfeld import schoenfeld_figure

        _draw(schoenfeld, lambda: schoenfeld_figure(result))
    if json:
        print_json(result.to_dict() | {"imputation": imputed.to_dict() if imputed else None})
    else:
        from analytics.regression_text import show_cox

        show_cox(result, imputed)


@app.command()
def table1(
    endpoint: Annotated[str, typer.Option(help="os, rfs or pfs.")] = "os",
    origin: Origin = "lung_resection",
    factors: Annotated[
        str | None, typer.Option(help="The factors of the multivariable model, joined by commas; all where absent.")
    ] = None,
    landmark_months: Landmark = None,
    no_delayed_entry: NoDelayedEntry = False,
    center: Center = None,
    where: Where = None,
    csv: Annotated[Path | None, typer.Option(help="Write the table as CSV.")] = None,
    forest: Annotated[Path | None, typer.Option(help="Draw the forest plot: a .png, .svg or .pdf file.")] = None,
    panel: Annotated[
        Path | None, typer.Option(help="Draw the curves of all factors: a .png, .svg or .pdf file.")
    ] = None,
    snapshot: Snapshot = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Make Table 1: every prognostic factor alone and all together, with published hazard ratios beside."""
    from analytics.narrowing import where_given
    from analytics.table1 import table1 as made_of

    _require_formats(forest, panel)
    asked = where_given(where or [])
    result = made_of(
        _cohort(data_cut_on, snapshot, chosen=bool(asked)),
        endpoint=endpoint,
        origin=origin,
        landmark_months=landmark_months,
        delayed_entry=not no_delayed_entry,
        center=center,
        where=asked,
        factors=_names(factors) if factors else None,
    )
    if csv is not None:
        write(csv, result.frame().to_csv(index=False, lineterminator="\n").encode())
    if forest is not None:
        from analytics.figures.forest import forest_of_table1

        _draw(forest, lambda: forest_of_table1(result))
    if panel is not None:
        from analytics.figures.panel import panel_figure

        _draw(panel, lambda: panel_figure(result))
    if json:
        print_json(result.to_dict())
    else:
        from analytics.regression_text import show_table1

        show_table1(result)


def _require_formats(*figures: Path | None) -> None:
    from analytics.figures.style import FORMATS

    for figure in figures:
        if figure is not None and figure.suffix.lstrip(".").lower() not in FORMATS:
            raise UsageError(
                "A figure is not written in this format", got=figure.name, remedy=f"Take {', '.join(FORMATS)}"
            )


def _draw(path: Path, drawn: Callable[[], Figure]) -> None:
    from analytics.figures.style import save

    content = BytesIO()
    save(drawn(), content, path.suffix.lstrip("."))
    write(path, content.getvalue())


def _cohort(data_cut_on: str | None, snapshot: str | None, *, chosen: bool) -> Cohort:
    """The cohort; with the tables of the classification where patients are chosen by what it says."""
    from analytics.baseline import TABLES_READ as WITH_CLASSIFICATION
    from analytics.endpoints import TABLES_READ

    return read_cohort(WITH_CLASSIFICATION if chosen else TABLES_READ, data_cut_on, snapshot)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _transform(name: str) -> Transform:
    if name == "km":
        return "km"
    if name == "identity":
        return "identity"
    raise UsageError("There is no such function of time", got=name, remedy="Take km or identity")


def write(path: Path, content: bytes) -> None:
    """Write a file and say so."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise EnvironmentRefused(
            f"The file cannot be written ({error.strerror})", got=str(path), remedy="Name a file in a writable folder"
        ) from error
    messages.print(f"Wrote {escape(str(path))}")
