"""Regressions as text for the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from analytics.cox import ENOUGH_EVENTS, CoxResult
from analytics.cox_wording import compared, p_cell, ratio_text
from analytics.imputation import Imputed
from analytics.table1 import Table1
from analytics.wording import counted, p_text


def show_cox(result: CoxResult, imputed: Imputed | None = None) -> None:
    """A model for people, with its sensitivity analysis."""
    console, chosen = Console(), result.chosen
    console.print(f"[bold]{chosen.endpoint.title}[/] ({chosen.endpoint.words}) from {chosen.start_words}")
    if chosen.where:
        console.print(f"Only: {escape(chosen.where_words)}")
    if chosen.endpoint.death_competes:
        console.print("Hazard ratios are of the cause-specific hazard: death without the event ends follow-up")
    errors = {"patient": "robust errors", "center": "robust errors by center", None: "errors of the model"}
    method = "Firth's penalty, profile limits" if result.fit.firth else errors[result.robust]
    strata = f"; strata of {result.strata.name}" if result.strata else ""
    console.print(f"Cox's model, Efron's ties, {method}{strata}. Data cut {result.data_cut.isoformat()}")
    table = Table(
        "",
        *(Column(name, justify="right") for name in ("n", "events", "hazard ratio (95 %)", "p")),
        box=None,
        pad_edge=False,
    )
    for term in result.terms:
        if term.column.factor not in result.columns.knots:
            counts = (f"{term.column.n:,}", f"{term.events:,}")
            table.add_row(escape(compared(term.column)), *counts, ratio_text(term.hazard_ratio), p_cell(term.p))
    for bend in result.bends:
        low, high = bend.quartiles
        words = f"{bend.factor}, {high:g} against {low:g} {bend.unit} (spline)"
        table.add_row(words, f"{result.n:,}", f"{result.events:,}", ratio_text(bend.between), p_cell(bend.overall.p))
    console.print(table)
    for term in result.terms:
        if term.reason is not None:
            console.print(f"{escape(compared(term.column))}: not estimable, {term.reason}")
    for bend in result.bends:
        console.print(
            f"{bend.factor} as a spline: {p_text(bend.overall.p)}, nonlinearity {p_text(bend.nonlinearity.p)}"
        )
    console.print(f"Likelihood ratio test: {p_text(result.fit.likelihood_ratio.p)}")
    if result.concordance is not None:
        console.print(f"Concordance {result.concordance:.3f}")
    per_variable = result.events_per_variable
    if per_variable is not None:
        few = f", fewer than {ENOUGH_EVENTS}: unsteady" if per_variable < ENOUGH_EVENTS else ""
        console.print(f"{per_variable:.1f} events for each coefficient{few}")
    console.print("Proportional hazards (Grambsch-Therneau):")
    for test in result.proportional_hazards:
        console.print(f"  {test.factor}: {p_text(test.p)}")
    console.print(
        f"Flow: {counted(chosen.patients, 'patient')} in the registry, {result.n:,} analyzed, {result.events:,} events"
    )
    for reason, count in result.excluded.items():
        console.print(f"  {count:,} left out: {reason.replace('_', ' ')}")
    if imputed is not None:
        _show_imputed(console, imputed)


def _show_imputed(console: Console, imputed: Imputed) -> None:
    filled = ", ".join(f"{count:,} of {name}" for name, count in imputed.imputed.items() if count) or "nothing"
    console.print(
        f"Sensitivity analysis: {imputed.number} imputations (seed {imputed.seed}) of {filled}; "
        f"{counted(imputed.result.n, 'patient')}, {counted(imputed.result.events, 'event')}"
    )
    table = Table(
        "", *(Column(name, justify="right") for name in ("hazard ratio (95 %)", "p")), box=None, pad_edge=False
    )
    for term in imputed.terms:
        table.add_row(escape(compared(term.column)), ratio_text(term.hazard_ratio), p_cell(term.p))
    console.print(table)


def show_table1(result: Table1) -> None:
    """Table 1 for people."""
    console, chosen = Console(), result.chosen
    console.print(f"[bold]{chosen.endpoint.title}[/] ({chosen.endpoint.words}) from {chosen.start_words}")
    if chosen.where:
        console.print(f"Only: {escape(chosen.where_words)}")
    console.print(
        f"Data cut {result.data_cut.isoformat()}; limits at 95 %; log-rank test with and without Holm's correction"
    )
    console.print(_groups_table(result))
    console.print(_ratios_table(result))
    model = result.multivariable
    if model is not None:
        console.print(
            f"All together: {counted(model.n, 'complete case')}, {counted(model.events, 'event')}, "
            f"{model.events_per_variable or 0:.1f} events for each coefficient"
        )
    console.print(f"Flow: {counted(chosen.patients, 'patient')} in the registry, {len(chosen.times):,} analyzed")
    for reason, count in chosen.excluded.items():
        console.print(f"  {count:,} left out: {reason.replace('_', ' ')}")
    for name in result.left_out:
        console.print(f"  {name} is settled after this origin and not in the table")


def _groups_table(result: Table1) -> Table:
    heads = ("n", "events", "5 years, %", "log-rank", "Holm")
    table = Table("", *(Column(name, justify="right") for name in heads), box=None, pad_edge=False)
    for row in (*result.rows, *result.further):
        for at, curve in enumerate(row.curves):
            (rate,) = curve.rates((60,))
            share = "–" if rate.estimate is None else f"{100 * rate.estimate:.0f}"
            tests = (p_cell(row.test.p), p_cell(row.p_holm)) if at == 0 else ()
            table.add_row(escape(row.words(curve.label)), f"{curve.n:,}", f"{curve.event_count:,}", share, *tests)
        if row.missing:
            table.add_row("  missing", f"{row.missing:,}")
    return table


def _ratios_table(result: Table1) -> Table:
    heads = ("alone", "all together", "published")
    table = Table("hazard ratio (95 %)", *(Column(name, justify="right") for name in heads), box=None, pad_edge=False)
    for row in (*result.rows, *result.further):
        others = {term.column.level: ratio_text(term.hazard_ratio) for term in row.together}
        for term in row.alone:
            published = ", ".join(f"{one.hr:.2f}" for one in row.published)
            words, alone = escape(term.column.words), ratio_text(term.hazard_ratio)
            table.add_row(words, alone, others.get(term.column.level, ""), published)
    return table
