"""The commands that say what the record says: survival, classify."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from registry.errors import EnvironmentRefused, UsageError
from registry.terminal import DataCut, Json, data_cut, messages, open_registry, print_json, print_json_list

if TYPE_CHECKING:
    import pandas as pd

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


@app.command()
def classify(
    readings: Annotated[
        Path | None, typer.Option(help="A TOML file with other readings of the text than the registry's.")
    ] = None,
    data_cut_on: DataCut = None,
    json: Json = False,
) -> None:
    """Classify every episode by the consensus: timing, sequence, extent, route and prognostic factors."""
    from analytics.classify import TABLES_READ, to_documents
    from analytics.classify import classify as classified
    from analytics.cohort import cohort_at
    from analytics.consensus.readings import DEFAULT, Readings
    from registry.frames import read_frames

    cut = data_cut(data_cut_on)
    chosen = DEFAULT if readings is None else Readings.from_toml(_read(readings))
    cohort = cohort_at(read_frames(open_registry(), TABLES_READ), cut)
    if json:
        print_json_list(to_documents(cohort, chosen))
    else:
        _show_routes(classified(cohort, chosen), cut.isoformat())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError("The file cannot be read", got=str(path), remedy="Name a text file in UTF-8") from None


def _show_routes(classified: pd.DataFrame, data_cut: str) -> None:
    from analytics.wording import counted

    console, readings = Console(), classified.attrs["readings"]
    console.print(f"[bold]{counted(len(classified), 'episode')}[/] at the data cut {data_cut}, by route and timing")
    timings = list(classified["timing"].cat.categories)
    table = Table("route", *(_right(name) for name in (*timings, "all")), box=None, pad_edge=False)
    for route in classified["route"].cat.categories:
        found = classified.loc[classified["route"] == route, "timing"]
        if len(found):
            table.add_row(route, *(f"{(found == name).sum():,}" for name in timings), f"{len(found):,}")
    console.print(table)
    changed = f"; changed: {', '.join(readings['changed'])}" if readings["changed"] else ""
    console.print(f"Readings {readings['version']} of {readings['date']}{changed}")
    console.print("--json lists every episode with the facts that decided it")


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
    from analytics.wording import counted, months_text, p_text

    chosen, console = result.chosen, Console()
    console.print(f"[bold]{chosen.endpoint.title}[/] ({chosen.endpoint.words}) from {result.start_words}")
    console.print(f"Data cut {result.data_cut.isoformat()}; limits at 95 % (log-log); months of 30.4375 days")
    if chosen.grouping is not None:
        console.print(f"By {chosen.grouping.name}: {escape(chosen.grouping.sentence)}")
    # Three groups side by side fit into a terminal of 80 columns.
    for first in range(0, len(result.curves), 3):
        console.print(_estimates(result, first, first + 3))
    if len(result.curves) > 1:
        console.print(f"Log-rank test: {p_text(result.test.p)}")
    console.print(f"Median follow-up: {months_text(result.follow_up)} (reverse Kaplan-Meier)")
    console.print(f"Flow: {counted(chosen.patients, 'patient')} in the registry, {result.n:,} analyzed")
    for reason, count in chosen.excluded.items():
        console.print(f"  {count:,} left out: {reason.replace('_', ' ')}")
    if chosen.enrollment_unknown:
        console.print(f"  {chosen.enrollment_unknown:,} without a date of enrollment: at risk from the origin")


def _estimates(result: SurvivalResult, first: int, end: int) -> Table:
    from analytics.kaplan_meier import RATE_MONTHS
    from analytics.wording import counted, months

    curves, means = result.curves[first:end], result.restricted_means[first:end]
    table = Table("", *(_right(escape(result.words(curve.label))) for curve in curves), box=None, pad_edge=False)
    table.add_row("patients", *(f"{curve.n:,}" for curve in curves))
    table.add_row("events", *(f"{curve.event_count:,}" for curve in curves))
    medians = [curve.median for curve in curves]
    table.add_row("median, months", *(_limited(*map(months, (m.days, m.ci_low, m.ci_high))) for m in medians))
    for month, rates in zip(RATE_MONTHS, zip(*(curve.rates() for curve in curves), strict=True), strict=True):
        shown = (_limited(*map(_percent, (rate.estimate, rate.ci_low, rate.ci_high))) for rate in rates)
        table.add_row(f"{counted(month // 12, 'year')}, %", *shown)
    if all(mean.days is not None for mean in means):
        shown = (_limited(*map(months, (mean.days, mean.ci_low, mean.ci_high))) for mean in means)
        table.add_row(f"mean to {months(means[0].horizon_days)} months", *shown)
    return table


def _right(name: str) -> Column:
    return Column(name, justify="right")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _limited(estimate: str, low: str, high: str) -> str:
    return estimate if low == "–" or estimate == "–" else f"{estimate} ({low}–{high})"
