"""A survival analysis on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analytics.competing import CumulativeIncidence
from analytics.curve import RATE_MONTHS, Curve
from analytics.outcomes import SurvivalResult
from analytics.restricted_mean import MeanDifference
from analytics.wording import counted, months, months_text, name_of_test, p_text


def show(result: SurvivalResult) -> None:
    """Print estimates, tests and the flow."""
    chosen, console = result.chosen, Console()
    console.print(f"[bold]{chosen.endpoint.title}[/] ({chosen.endpoint.words}) from {result.start_words}")
    console.print(f"Data cut {result.data_cut.isoformat()}; limits at 95 % ({result.scale}); months of 30.4375 days")
    if chosen.where:
        console.print(f"Only: {escape(chosen.where_words)}")
    if chosen.grouping is not None:
        console.print(f"By {chosen.grouping.name}: {escape(chosen.grouping.sentence)}")
    # Three groups side by side fit into a terminal of 80 columns.
    for first in range(0, len(result.curves), 3):
        console.print(_estimates(result, first, first + 3))
    if len(result.curves) > 1:
        _show_tests(result, console)
    console.print(f"Median follow-up: {months_text(result.follow_up)} (reverse Kaplan-Meier)")
    _show_flow(result, console)


def _show_tests(result: SurvivalResult, console: Console) -> None:
    name = name_of_test(result)
    if result.death_competes:
        console.print(f"{name}: {p_text(result.gray.p) if result.gray else 'not defined with late entries'}")
        if result.gray and result.chosen.endpoint.of_treatments:
            console.print("  The limits account for several treatments in a patient; the test takes each by itself")
    else:
        console.print(f"{name}: {p_text(result.test.p)}")
    if result.trend is not None:
        console.print(f"Test for trend: {p_text(result.trend.p)}")
    for pair in result.pairs:
        first, second = (escape(result.words(label)) for label in pair.labels)
        console.print(f"  {first} – {second}: {p_text(pair.test.p)}, {p_text(pair.p_holm)} after Holm")
    for difference in result.mean_differences:
        if difference.days is not None:
            console.print(_difference(result, difference))


def _difference(result: SurvivalResult, found: MeanDifference) -> str:
    first, second = escape(result.words(found.label)), escape(result.words(found.against))
    limits = f"95 % CI {_signed(found.ci_low)} to {_signed(found.ci_high)}"
    return (
        f"Mean to {months(found.horizon_days)} months, {first} less {second}: "
        f"{_signed(found.days)} months ({limits}), {p_text(found.p)}"
    )


def _show_flow(result: SurvivalResult, console: Console) -> None:
    chosen = result.chosen
    if chosen.endpoint.of_treatments:
        treatments = counted(result.considered, "radical local treatment")
        console.print(f"Flow: {treatments} of metastases in the registry, {result.n:,} analyzed")
    else:
        console.print(f"Flow: {counted(chosen.patients, 'patient')} in the registry, {result.n:,} analyzed")
    for reason, count in chosen.excluded.items():
        console.print(f"  {count:,} left out: {reason.replace('_', ' ')}")
    if chosen.enrollment_unknown:
        console.print(f"  {chosen.enrollment_unknown:,} without a date of enrollment: at risk from the origin")
    if result.min_cell is not None:
        console.print(f"  Counts below {result.min_cell} were merged over adjacent days before they were shared")


def _estimates(result: SurvivalResult, first: int, end: int) -> Table:
    curves, means = result.curves[first:end], result.restricted_means[first:end]
    table = Table("", *(_right(escape(result.words(curve.label))) for curve in curves), box=None, pad_edge=False)
    table.add_row(f"{result.chosen.endpoint.unit}s", *(f"{curve.n:,}" for curve in curves))
    table.add_row("events", *(f"{curve.event_count:,}" for curve in curves))
    if result.death_competes:
        table.add_row("deaths without it", *(f"{_deaths(curve):,}" for curve in curves))
    else:
        medians = [curve.median for curve in curves]
        table.add_row("median, months", *(_limited(*map(months, (m.days, m.ci_low, m.ci_high))) for m in medians))
    for month, rates in zip(RATE_MONTHS, zip(*(curve.rates() for curve in curves), strict=True), strict=True):
        shown = (_limited(*map(_percent, (rate.estimate, rate.ci_low, rate.ci_high))) for rate in rates)
        table.add_row(f"{counted(month // 12, 'year')}, %", *shown)
    if all(mean.days is not None for mean in means):
        shown = (_limited(*map(months, (mean.days, mean.ci_low, mean.ci_high))) for mean in means)
        table.add_row(f"mean to {months(means[0].horizon_days)} months", *shown)
    return table


def _deaths(curve: Curve) -> int:
    return curve.competing_count if isinstance(curve, CumulativeIncidence) else 0


def _right(name: str) -> Column:
    return Column(name, justify="right")


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _signed(days: float | None) -> str:
    return "NR" if days is None else f"{float(months(days)):+.1f}"


def _limited(estimate: str, low: str, high: str) -> str:
    return estimate if low == "–" or estimate == "–" else f"{estimate} ({low}–{high})"
