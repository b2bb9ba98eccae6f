"""The commands that say what the record says: survival."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from registry.errors import EnvironmentRefused, UsageError
from registry.terminal import DataCut, Json, data_cut, messages, open_registry, print_json

if TYPE_CHECKING:
    from analytics.outcomes import SurvivalResult

app = typer.Typer()


@app.command()
def survival(
    endpoint: Annotated[str, typer.Option(help="os, rfs or pfs.")] = "os",
    origin: Annotated[
        str,
        typer.Option(
            help="lung_resection, lung_local_treatment, metastasis_resection, ned, lung_diagnosis, "
            "metastasis_diagnosis or primary_diagnosis."
        ),
    ] = "lung_resection",
    by: Annotated[
        str | None, typer.Option(help="A factor of the consensus, such as high_cea, or a column, such as sex.")
    ] = None,
    landmark_months: Annotated[
        float | None, typer.Option(help="Compare those event-free so many months after the origin, from there on.")
    ] = None,
    no_delayed_entry: Annotated[
        bool, typer.Option("--no-delayed-entry", help="Take late enrollments as at risk from the origin (biased).")
    ] = False,
    center: Annotated[str | None, typer.Option(help="Only the patients of this center.")] = None,
    figure: Annotated[
        Path | None, typer.Option(help="Draw the Kaplan-Meier figure: a .png, .svg or .pdf file.")
    ] = None,
    curve_csv: Annotated[Path | None, typer.Option(help="Write the curves as CSV.")] = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Estimate survival (Kaplan-Meier), compare groups (log-rank), and draw the figure."""
    # pandas and matplotlib take most of a second to import: only a command that needs them waits for them.
    from analytics.cohort import cohort_at
    from analytics.endpoints import TABLES_READ
    from analytics.outcomes import survival_analysis
    from registry.frames import read_frames

    cut = data_cut(data_cut_on)
    if figure is not None:
        from analytics.figures.style import FORMATS

        if figure.suffix.lstrip(".").lower() not in FORMATS:
            raise UsageError(
                "A figure is not written in this format", got=figure.name, remedy=f"Take {', '.join(FORMATS)}"
            )
    cohort = cohort_at(read_frames(open_registry(), TABLES_READ), cut)
    result = survival_analysis(
        cohort,
        endpoint=endpoint,
        origin=origin,
        by=by,
        landmark_months=landmark_months,
        delayed_entry=not no_delayed_entry,
        center=center,
    )
    if figure is not None:
        _write(figure, _drawn(result, figure.suffix.lstrip(".").lower()))
    if curve_csv is not None:
        _write(curve_csv, result.curve_frame().to_csv(index=False, lineterminator="\n").encode())
    if json:
        print_json(result.to_dict())
    else:
        _show(result)


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


def _show(result: SurvivalResult) -> None:
    from analytics.kaplan_meier import RATE_MONTHS
    from analytics.wording import counted, months, months_text, p_text

    chosen, console = result.chosen, Console()
    console.print(f"[bold]{chosen.endpoint.title}[/] ({chosen.endpoint.words}) from {result.start_words}")
    console.print(f"Data cut {result.data_cut.isoformat()}; limits at 95 % (log-log); months of 30.4375 days")
    if chosen.grouping is not None:
        console.print(f"By {chosen.grouping.name}: {escape(chosen.grouping.sentence)}")
    table = Table("group", *(_right(name) for name in ("n", "events", "median, months")), box=None, pad_edge=False)
    for month in RATE_MONTHS:
        table.add_column(counted(month // 12, "year"), justify="right")
    for curve in result.curves:
        median = curve.median
        table.add_row(
            escape(result.words(curve.label)),
            f"{curve.n:,}",
            f"{curve.event_count:,}",
            f"{months(median.days)} ({months(median.ci_low)} to {months(median.ci_high)})",
            *(_rate(rate.estimate, rate.ci_low, rate.ci_high) for rate in curve.rates()),
        )
    console.print(table)
    if len(result.curves) > 1:
        console.print(f"Log-rank test: {p_text(result.test.p)}")
    for curve, mean in zip(result.curves, result.restricted_means, strict=True):
        if mean.days is not None:
            console.print(
                f"Restricted mean to {months(mean.horizon_days)} months, {escape(result.words(curve.label))}: "
                f"{months(mean.days)} months ({months(mean.ci_low)} to {months(mean.ci_high)})"
            )
    console.print(f"Median follow-up: {months_text(result.follow_up)} (reverse Kaplan-Meier)")
    console.print(f"Flow: {counted(chosen.patients, 'patient')} in the registry, {result.n:,} analyzed")
    for reason, count in chosen.excluded.items():
        console.print(f"  {count:,} left out: {reason.replace('_', ' ')}")
    if chosen.enrollment_unknown:
        console.print(f"  {chosen.enrollment_unknown:,} without a date of enrollment: at risk from the origin")


def _right(name: str) -> Column:
    return Column(name, justify="right")


def _rate(estimate: float | None, low: float | None, high: float | None) -> str:
    if estimate is None:
        return "–"
    shown = f"{100 * estimate:.1f} %"
    return shown if low is None or high is None else f"{shown} ({100 * low:.1f} to {100 * high:.1f})"
